"""What a document prints: everything on the paper as plain values, fixed when the document is issued.

Money is integer minor units, dates are ISO text ("2025-11-21"), nothing is computed here: the rounded parts come from
the issued document. The same content always gives the same JSON, fingerprint and printed bytes.
"""

import hashlib
import json
import types
import typing
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from datetime import date
from typing import Any, Literal, get_args, get_origin, get_type_hints

from trova_app.domain.money import MoneyStyle

DocumentKind = Literal["invoice", "receipt", "insurer_invoice"]
DocumentMode = Literal["demo", "test", "live"]

NO_BREAK_SPACE = "\u00a0"
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True)
class BankDetail:
    label: str
    value: str


@dataclass(frozen=True)
class Reference:
    """A further number the reader needs, such as "Authorisation no." or "Referred by"."""

    label: str
    value: str


@dataclass(frozen=True)
class Logo:
    """A PNG or JPEG picture: `base64` holds its bytes, `mime` is image/png or image/jpeg."""

    base64: str
    mime: str


@dataclass(frozen=True)
class PracticeDetails:
    """The supplier. `practice_number` is the practice code number (BHF/PCNS), of the group where there is one."""

    name: str
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    practice_number: str = ""
    tax_number: str = ""
    logo: Logo | None = None
    bank_details: tuple[BankDetail, ...] = ()


@dataclass(frozen=True)
class PractitionerDetails:
    """Who treated: council number is the registration, practice number their own code number."""

    name: str
    qualification: str = ""
    council_number: str = ""
    practice_number: str = ""


@dataclass(frozen=True)
class ClientDetails:
    """The person treated; `birth_date` is an ISO date or None."""

    name: str
    birth_date: str | None = None
    address: tuple[str, ...] = ()
    email: str = ""


@dataclass(frozen=True)
class SchemeDetails:
    """The medical aid; `member_name` is the principal member's surname and initials."""

    name: str
    option: str = ""
    member_name: str = ""
    member_number: str = ""
    dependant_code: str = ""


@dataclass(frozen=True)
class DocumentLine:
    """One service given on one date. `discount` and `total` in minor units; the other figures are ready text."""

    service_date: str
    code: str
    description: str
    quantity: str
    unit_price: str
    total: int
    discount: int = 0
    tax_rate: str = ""
    icd: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentDiagnosis:
    """An ICD-10 code with its words; the first of a document is the primary one."""

    code: str
    description: str


@dataclass(frozen=True)
class TaxRow:
    """One tax rate: `rate` is text such as "15%", `base` and `tax` in minor units."""

    rate: str
    base: int
    tax: int


@dataclass(frozen=True)
class DocumentPayment:
    """Money received: `method` in words ("Cash"), `amount` in minor units."""

    date: str
    method: str
    amount: int
    reference: str = ""


@dataclass(frozen=True)
class DocumentContent:
    """Everything one document prints. `number` is None only for the preview of a draft.

    Raises ValueError when an insurer invoice carries a pay url: a medical aid is never sent to an online checkout.
    """

    kind: DocumentKind
    title: str
    number: str | None
    issue_date: str
    mode: DocumentMode
    currency: str
    practice: PracticeDetails
    practitioner: PractitionerDetails
    client: ClientDetails
    lines: tuple[DocumentLine, ...]
    subtotal: int
    total: int
    due: int
    discount: int = 0
    paid: int = 0
    due_date: str | None = None
    submit_by: str | None = None
    is_tax_invoice: bool = False
    prices_include_tax: bool = False
    tax_name: str = "VAT"
    taxes: tuple[TaxRow, ...] = ()
    money: MoneyStyle = MoneyStyle()
    scheme: SchemeDetails | None = None
    diagnoses: tuple[DocumentDiagnosis, ...] = ()
    references: tuple[Reference, ...] = ()
    payments: tuple[DocumentPayment, ...] = ()
    pay_url: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.kind == "insurer_invoice" and self.pay_url:
            raise ValueError("An insurer invoice carries no pay url")

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces, ASCII, no floats. Values at their default are left out, so that a
        field added later changes no fingerprint of a document issued before; so a default, once used, never changes.
        Raises TypeError on a float."""
        return json.dumps(_plain(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "DocumentContent":
        """Read what `to_json` wrote. Raises ValueError when a field is missing, unknown or of the wrong type."""
        content = _read(cls, json.loads(text))
        assert isinstance(content, cls)
        return content

    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON, in hex."""
        return hashlib.sha256(self.to_json().encode("ascii")).hexdigest()

    @property
    def tax(self) -> int:
        return sum(row.tax for row in self.taxes)

    @property
    def is_real(self) -> bool:
        """False for demo and test documents, which are marked on every page and in every subject."""
        return self.mode == "live"


def money_text(minor: int, style: MoneyStyle) -> str:
    """R 1 250,00 as the form on the screen writes it; never breaks over two lines."""
    return style.show(minor).replace(" ", NO_BREAK_SPACE)


def amount_text(minor: int, style: MoneyStyle) -> str:
    """1 250,00: the figure without its symbol, for columns whose currency is stated once."""
    return money_text(minor, replace(style, symbol=""))


def long_date(iso: str) -> str:
    """21 November 2025. Raises ValueError when `iso` is no date."""
    day = date.fromisoformat(iso)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(iso: str) -> str:
    """21 Nov 2025, for the narrow column of a table."""
    day = date.fromisoformat(iso)
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if not _is_default(value, f)}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"A document holds text and whole numbers, not {type(value).__name__}")


def _is_default(value: Any, field: Field[Any]) -> bool:
    held = getattr(value, field.name)
    return field.default is not MISSING and type(held) is type(field.default) and held == field.default


def _read(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin is types.UnionType or origin is typing.Union:
        return None if value is None else _read(next(h for h in get_args(hint) if h is not type(None)), value)
    if origin is Literal:
        return _required(value in get_args(hint), hint, value)
    if origin is tuple:
        return tuple(_read(get_args(hint)[0], part) for part in _required(isinstance(value, list), hint, value))
    if is_dataclass(hint) and isinstance(hint, type):
        return _read_fields(hint, _required(isinstance(value, dict), hint, value))
    return _required(type(value) is hint, hint, value)


def _read_fields(kind: type, values: dict[str, Any]) -> Any:
    hints = get_type_hints(kind)
    unknown = values.keys() - hints.keys()
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    try:
        return kind(**{name: _read(hints[name], value) for name, value in values.items()})
    except TypeError as missing:
        raise ValueError(str(missing)) from missing


def _required(is_right: bool, hint: Any, value: Any) -> Any:
    if not is_right:
        raise ValueError(f"Expected {hint}, found {type(value).__name__}")
    return value
