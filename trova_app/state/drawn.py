"""What the completion form draws: shapes without behaviour."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line as drawn: texts are first values only, the page's boxes keep what is typed."""

    id: str
    n: int
    date: str
    code: str
    text: str
    qty: str
    price: str
    off: str
    tax: str
    dx: str
    total: str = ""  # the server's
    stamp: int = 0  # goes up when somebody else's edit is drawn over this row
    date_fault: str = ""
    code_fault: str = ""
    text_fault: str = ""
    dx_fault: str = ""
    tax_fault: str = ""


@dataclass(frozen=True)
class Code:
    code: str
    words: str


@dataclass(frozen=True)
class Typed:
    """What was typed into one field, for reading. `name`: of the box."""

    name: str
    field: str
    text: str


@dataclass(frozen=True)
class Difference:
    field: str
    theirs: str
    mine: str
