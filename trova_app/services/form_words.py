"""What stands in a completion form, in words: its fields, what two people have there, what somebody typed."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from trova_app.services.forms import Form

FIELD_WORDS = {
    "date": "Date",
    "code": "Code",
    "text": "Description",
    "qty": "Quantity",
    "price": "Unit price",
    "off": "Discount",
    "tax": "Tax",
    "dx": "ICD-10",
    "payment_type": "Payment type",
    "invoice_off": "Invoice discount",
    "cash": "Cash received",
    "client_email": "Mail address",
}


PAYMENT_TYPES = {"online": "Online Payment", "other": "Other Payment", "insurance": "Insurance Payment"}


def differences(mine: Form, theirs: Form, touching: Sequence[str]) -> list[tuple[str, str, str]]:
    """(field in words, theirs, mine) for the fields both changed, for the person who saved later."""
    left, right = dict(mine.pairs()), dict(theirs.pairs())
    order = {line.id: n for n, line in enumerate(mine.lines, start=1)}
    removed = "(line removed)"
    return [(field_words(n, order), right.get(n, removed), left.get(n, removed)) for n in touching]


def field_words(name: str, order: Mapping[str, int] = MappingProxyType({})) -> str:
    """ "Unit price, line 2". `order`: line id -> its place."""
    cell, _, line_id = name.partition(".")
    words = FIELD_WORDS.get(cell, cell.replace("_", " ").capitalize())
    place = f"line {order[line_id]}" if line_id in order else "new line"
    return f"{words}, {place}" if line_id else words


def unsaved_texts(mine: Form, base: Form) -> list[tuple[str, str, str]]:
    """(name, field in words, text) of what was typed upon `base`; of a new line the cells that say something."""
    known = dict(base.pairs()) | {"keep": mine.texts.keep}
    order = {line.id: n for n, line in enumerate(mine.lines, start=1)}
    said = {line.id for line in mine.lines if line.code or line.text or line.price}
    cells = [
        (name, field_words(name, order), text)
        for name, text in mine.pairs()
        if text != known.get(name, "") and (name in known or name.partition(".")[2] in said)
    ]
    codes = [(f"{code} {words}".strip()) for code, words in mine.diagnoses if (code, words) not in base.diagnoses]
    return cells + ([("diagnoses", "Diagnoses added", ", ".join(codes))] if codes else [])


def choice_words(name: str, text: str) -> str:
    """A text as the page says it."""
    return PAYMENT_TYPES.get(text, text) if name == "payment_type" else text
