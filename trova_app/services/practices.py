"""The practice: its settings, its tax rates, how one begins and who belongs to it."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from sqlmodel import Session, col, select

from trova_app.domain.invoices import PaymentType
from trova_app.domain.money import CURRENCIES, style_of
from trova_app.domain.permissions import Permission, Principal, Role
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotFound, Refusal
from trova_app.models import Member, Practice, TaxRate
from trova_app.services.arguments import Fields, a_version
from trova_app.services.countries import COUNTRIES
from trova_app.services.logos import mime_of
from trova_app.services.ports import Desk
from trova_app.services.practice_style import percent_text

SUPPORT = "Enter a mail address, or the address of a page that begins with https://."
PREFIX = re.compile(r"[A-Z0-9-]{1,12}", re.ASCII)
PRACTITIONERS = frozenset({Role.OWNER, Role.CLINICIAN})
PAYMENT_TYPES = tuple(kind.value for kind in PaymentType)


@dataclass(frozen=True, slots=True)
class PracticeSettings:
    """`logo` is a data URL, "" without one. `version` guards against two people saving at once."""

    version: int
    mode: str
    name: str
    country: str
    currency: str
    time_zone: str
    address: str
    phone: str
    email: str
    practice_number: str
    council_number: str
    charges_tax: bool
    tax_number: str
    prices_include_tax: bool
    bank_name: str
    bank_account_name: str
    bank_account_number: str
    bank_branch_code: str
    number_prefix: str
    sender_name: str
    support: str
    default_payment_type: str
    payment_terms_days: int
    idle_minutes: int
    logo: str


@dataclass(frozen=True, slots=True)
class TaxRateChoice:
    """`rate` in thousandths of a percent."""

    rate: int
    name: str
    is_standard: bool


def settings_of(db: Session, desk: Desk, who: Principal) -> PracticeSettings:
    who.must(Permission.SETTINGS)
    return _shown(_own(db, who))


def _own(db: Session, who: Principal, *, lock: bool = False) -> Practice:
    query = select(Practice).where(Practice.id == who.practice_id)
    return db.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).one()


def _shown(practice: Practice) -> PracticeSettings:
    logo = base64.b64encode(practice.logo).decode() if practice.logo else ""
    texts = {name: getattr(practice, name) for name in PracticeSettings.__slots__ if name != "logo"}
    return PracticeSettings(**texts, logo=f"data:{practice.logo_mime};base64,{logo}" if logo else "")


# -- saving


def _line(most: int, needed: str = "") -> Callable[[Fields, str, object], str]:
    return lambda form, name, given: form.line(name, given, most=most, needed=needed)


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _prefix(form: Fields, name: str, given: object) -> str:
    text = form.line(name, given, most=12).upper()
    if not PREFIX.fullmatch(text) and not any(field == name for field, _ in form.faults):
        form.fault(name, "Use 1 to 12 capital letters, digits or hyphens, such as INV.")
    return text


def _support(form: Fields, name: str, given: object) -> str:
    """A mail address, or the https address of a page; "" for none."""
    text = form.line(name, given, most=300)
    if "://" not in text:
        apart = Fields()
        address = apart.mailbox(name, text)
        if apart.faults:
            form.fault(name, SUPPORT)
        return address
    try:
        parts = urlsplit(text)
        is_page = bool(parts.scheme == "https" and parts.hostname and not parts.username and " " not in text)
    except ValueError:
        is_page = False
    if not is_page:
        form.fault(name, SUPPORT)
    return text if is_page else ""


READERS: dict[str, Callable[[Fields, str, object], Any]] = {
    "name": _line(200, "Enter the practice's name."),
    "country": lambda form, name, given: form.choice(name, given, COUNTRIES, "Choose a country from the list."),
    "currency": lambda form, name, given: form.choice(name, given, CURRENCIES, "Choose a currency from the list."),
    "time_zone": lambda form, name, given: form.choice(
        name, given, _time_zones(), "Choose a time zone from the list, such as Africa/Johannesburg."
    ),
    "address": lambda form, name, given: form.paragraph(name, given, most=500),
    "phone": _line(40),
    "email": lambda form, name, given: form.mailbox(name, given),
    "practice_number": _line(40),
    "council_number": _line(40),
    "charges_tax": lambda form, name, given: form.truth(name, given),
    "tax_number": _line(40),
    "prices_include_tax": lambda form, name, given: form.truth(name, given),
    "bank_name": _line(100),
    "bank_account_name": _line(100),
    "bank_account_number": _line(40),
    "bank_branch_code": _line(40),
    "number_prefix": _prefix,
    "sender_name": _line(100),
    "support": lambda form, name, given: _support(form, name, given),
    "default_payment_type": lambda form, name, given: form.choice(name, given, PAYMENT_TYPES, "Choose a payment type."),
    "payment_terms_days": lambda form, name, given: form.whole(name, given, 0, 180),
    "idle_minutes": lambda form, name, given: form.whole(name, given, 15, 720),
}
"""How each setting is read; every one of them may be left out. `logo` beside them: bytes, or b"" for none."""


def save_settings(db: Session, desk: Desk, who: Principal, *, version: object, **given: object) -> PracticeSettings:
    """Changes the given settings only. Documents already issued stay as they are. Raises `FieldFaults`, or
    `ChangedElsewhere` where `version` is no longer the newest."""
    who.must(Permission.SETTINGS)
    practice = _own(db, who, lock=True)
    if practice.version != a_version(version):
        raise ChangedElsewhere("Somebody changed these settings in the meantime. Nothing was overwritten.")
    values = _read(db, desk, practice, given)
    for name, value in values.items():
        setattr(practice, name, value)
    practice.version += 1
    db.add(practice)
    db.flush()
    desk.tell(who.practice_id)
    return _shown(practice)


def _read(db: Session, desk: Desk, practice: Practice, given: dict[str, object]) -> dict[str, Any]:
    form = Fields()
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name == "logo":
            values |= _logo(form, value)
        elif name in READERS:
            values[name] = READERS[name](form, name, value)
        else:
            raise Refusal("That field is not one of the practice's settings.")
    if not form.faults:
        _check_tax(db, desk, form, practice, values)
    form.done()
    return values


def _logo(form: Fields, data: object) -> dict[str, Any]:
    if data in (b"", None):
        return {"logo": None, "logo_mime": ""}
    try:
        return {"logo": data, "logo_mime": mime_of(data)}
    except Refusal as refused:
        form.fault(refused.field, refused.sentence)
        return {}


def _check_tax(db: Session, desk: Desk, form: Fields, practice: Practice, values: dict[str, Any]) -> None:
    """Only somebody registered may charge tax, and only at a rate that is in force."""
    if not values.get("charges_tax", practice.charges_tax):
        return
    if not values.get("tax_number", practice.tax_number):
        form.fault("tax_number", "Enter the tax number: only a registered practice may charge tax.")
    today = desk.today(values.get("time_zone", practice.time_zone))
    if not any(choice.is_standard for choice in tax_rates_on(db, int(practice.id or 0), today)):
        form.fault("charges_tax", "No standard tax rate is in force today, so no tax can be charged.")


def tax_rates_on(db: Session, practice_id: int, day: date) -> list[TaxRateChoice]:
    """The rates in force on a day, the standard one first. A rate is data with its days, never a constant."""
    kept = db.exec(
        select(TaxRate)
        .where(TaxRate.practice_id == practice_id, col(TaxRate.valid_from) <= day)
        .order_by(col(TaxRate.is_standard).desc(), col(TaxRate.rate).desc(), col(TaxRate.id))
    )
    in_force = (row for row in kept if row.valid_to is None or day <= row.valid_to)
    return [TaxRateChoice(row.rate, row.name, row.is_standard) for row in in_force]


# -- beginning


def new_practice(db: Session, desk: Desk, name: object, country: object) -> int:
    """A practice with its country's currency, time zone and tax rates; it charges no tax until somebody says so. Its
    documents are real only where the installation is live. Raises `FieldFaults`."""
    form = Fields()
    text = form.line("name", name, most=200, needed="Enter the practice's name.")
    code = form.choice("country", country, COUNTRIES, f"Choose one of these countries: {', '.join(COUNTRIES)}.")
    form.done()
    start = COUNTRIES[code]
    practice = Practice(
        name=text,
        mode=desk.mode,
        country=code,
        currency=start.currency,
        time_zone=start.time_zone,
        created_at=desk.now(),
    )
    db.add(practice)
    db.flush()
    key = int(practice.id or 0)
    if start.rate:
        words = f"{start.tax_name} {percent_text(start.rate, style_of(start.currency, code).point)}"
        db.add(TaxRate(practice_id=key, name=words, rate=start.rate, is_standard=True, valid_from=start.since))
    db.add(TaxRate(practice_id=key, name=f"No {start.tax_name}", rate=0, valid_from=start.since))
    db.flush()
    return key


def add_member(
    db: Session, desk: Desk, practice_id: object, email: object, name: object, role: object, password_hash: str
) -> int:
    """Somebody who signs in with a mail address nobody else uses. Owners and clinicians also stand on documents. Raises
    `FieldFaults`, or `NotFound` for an absent practice."""
    practice = db.get(Practice, practice_id) if type(practice_id) is int else None
    if practice is None:
        raise NotFound("practice")
    form = Fields()
    address = form.mailbox("email", email)
    if not address and not form.faults:
        form.fault("email", "Enter the mail address to sign in with.")
    person = form.line("name", name, most=120, needed="Enter the person's name.")
    chosen = form.choice("role", role, [known.value for known in Role], f"Choose a role: {', '.join(Role)}.")
    form.done()
    if db.exec(select(Member.id).where(Member.email == address)).first():
        raise FieldFaults([("email", "Somebody already signs in with this address. Choose another one.")])
    member = Member(
        practice_id=int(practice.id or 0),
        email=address,
        name=person,
        role=chosen,
        password_hash=password_hash,
        is_practitioner=Role(chosen) in PRACTITIONERS,
        created_at=desk.now(),
    )
    db.add(member)
    db.flush()
    return int(member.id or 0)
