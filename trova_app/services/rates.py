"""What this practice charges: its schemes' price lists, its services' lines and what it invoiced before. For completing
codes as they are typed, for saying what a changed price was, and for noticing an amount that is out of the ordinary."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median_low
from typing import TypeVar

from sqlmodel import Session, col, select

from trova_app.domain.documents import MONTHS
from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import CareService, Client, Invoice, InvoiceLine, Scheme, ServiceLine
from trova_app.services.arguments import folded
from trova_app.services.forms import FormLine
from trova_app.services.ports import Desk
from trova_app.services.scheme_rates import ListedRate, in_force, paying_scheme, rates_of_codes, search_rates
from trova_app.services.working_copy import Case, find_case

MOST_READ = 1_000  # earlier lines; the newest ones
MOST_SHOWN = 8

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Rate:
    """One price of one service. `price` in ten-thousandths; `day` None: it stands in the list of services. `scheme`:
    the medical aid of the client it was billed for, "" for none. `is_listed`: it is from the scheme's own price list,
    in force since `day`."""

    code: str
    text: str
    price: int
    quantity: int = 1000  # thousandths
    day: date | None = None
    scheme: str = ""
    is_of_same_scheme: bool = False
    is_listed: bool = False

    @property
    def words(self) -> str:
        """Where the price comes from."""
        if self.day is None:
            return "your services"
        day = f"{self.day.day} {MONTHS[self.day.month - 1][:3]} {self.day.year}"
        if self.is_listed:
            return f"{self.scheme}'s price since {day}"
        return f"{self.scheme}, {day}" if self.scheme else f"billed {day}"


@dataclass(frozen=True, slots=True)
class SchemeBook:
    """The prices of one scheme by code, each code's latest first; `scheme` "" where nobody's scheme pays."""

    scheme: str = ""
    by_code: dict[str, tuple[ListedRate, ...]] = field(default_factory=dict)

    def of(self, line: FormLine, day: date) -> ListedRate | None:
        """The scheme's price for this line's code on the line's day (`day`: where the line says none)."""
        listed = self.by_code.get(line.code.strip()) if self.by_code else None
        return in_force(listed, day_of(line.date) or day) if listed else None

    def knowing(self, found: Iterable[Rate]) -> "SchemeBook":
        """The book with what was found in the scheme's list besides."""
        new = {r.code: (ListedRate(r.code, r.text, r.price, r.day),) for r in found if r.is_listed and r.day}
        name = next((rate.scheme for rate in found if rate.is_listed), self.scheme)
        return SchemeBook(name, new | self.by_code)


def rates_of(db: Session, case: Case) -> tuple[Rate, ...]:
    """Every price once, the best first: of the client's scheme, then of the list of services, then the newest."""
    found = [*_of_services(db, case), *_of_invoices(db, case)]
    found.sort(key=_newest_first)
    found.sort(key=lambda rate: not (rate.is_of_same_scheme or rate.day is None))
    found.sort(key=lambda rate: not rate.is_of_same_scheme)
    return tuple({(rate.code, folded(rate.text), rate.price): rate for rate in reversed(found)}.values())[::-1]


def _newest_first(rate: Rate) -> int:
    return -rate.day.toordinal() if rate.day else -date.max.toordinal()


def _of_services(db: Session, case: Case) -> Iterable[Rate]:
    query = (
        select(ServiceLine, CareService.name)
        .join(CareService, col(CareService.id) == ServiceLine.service_id)
        .where(
            ServiceLine.practice_id == case.practice.id,
            ServiceLine.edition == CareService.edition,
            col(CareService.is_active),
        )
    )
    for line, service in db.exec(query):
        yield Rate(line.code, line.description or service, line.unit_price, line.quantity)


def _of_invoices(db: Session, case: Case) -> Iterable[Rate]:
    """The newest lines of other sessions' documents."""
    query = (
        select(InvoiceLine, Client.scheme_id, Scheme.name)
        .join(Invoice, col(Invoice.id) == InvoiceLine.invoice_id)
        .join(Client, col(Client.id) == Invoice.client_id)
        .outerjoin(Scheme, col(Scheme.id) == Client.scheme_id)
        .where(
            Invoice.practice_id == case.practice.id,
            Invoice.status == DocumentStatus.ISSUED,
            Invoice.currency == case.practice.currency,
            Invoice.appointment_id != case.appointment.id,
        )
        .order_by(col(Invoice.id).desc(), col(InvoiceLine.position))
        .limit(MOST_READ)
    )
    for line, scheme_id, scheme in db.exec(query):
        yield Rate(
            line.code,
            line.description,
            line.unit_price,
            line.quantity,
            line.service_date,
            scheme or "",
            scheme_id is not None and scheme_id == case.client.scheme_id,
        )


# -- the scheme's list


def find_rates(
    db: Session, desk: Desk, who: Principal, *, appointment_id: object, typed: object, day: object = ""
) -> tuple[Rate, ...]:
    """What the client's scheme pays on that day (as in a line's date; else the session's) for what was typed of a code
    or its words. Lists are long, so they are asked, not carried along."""
    who.must(Permission.COMPLETE)
    case = find_case(db, who, appointment_id)
    listed = search_rates(db, who.practice_id, paying_scheme(case.client), day_of(day) or case.service_day, typed)
    return tuple(_of_list(rate, case) for rate in listed)


def _of_list(rate: ListedRate, case: Case) -> Rate:
    scheme = case.scheme.name if case.scheme else ""
    return Rate(rate.code, rate.text, rate.price, 1000, rate.valid_from, scheme, True, True)


def scheme_book(db: Session, case: Case, codes: Collection[str]) -> SchemeBook:
    """What the client's scheme pays for these codes, today and on other days."""
    listed = rates_of_codes(db, int(case.practice.id or 0), paying_scheme(case.client), codes)
    return SchemeBook(case.scheme.name if case.scheme and listed else "", listed)


def day_of(text: object) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else None
    except ValueError:
        return None


# -- pure


def matching(rates: Sequence[Rate], typed: object, limit: int = MOST_SHOWN) -> list[Rate]:
    """Prices whose code begins with what was typed, then those whose code and words hold all of its words."""
    words = folded(typed[:100]).split() if isinstance(typed, str) else []
    if not words:
        return []
    start = "".join(words)
    first = [rate for rate in rates if folded(rate.code).startswith(start)]
    other = [rate for rate in rates if rate not in first and _holds(rate, words)]
    return (first + other)[:limit]


def _holds(rate: Rate, words: list[str]) -> bool:
    hay = folded(f"{rate.code} {rate.text}")
    return all(word in hay for word in words)


@dataclass(frozen=True, slots=True)
class Price:
    """One service, in ten-thousandths. `was`: what it costs in the list of services, else what it last cost. `usual`:
    what a line of it usually comes to, the listed one, else the middle of the earlier ones."""

    was: int
    usual: int


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Prices by code and by words, for asking many lines about them."""

    by_both: dict[tuple[str, str], Price]
    by_code: dict[str, Price]
    by_text: dict[str, Price]

    def of(self, line: FormLine) -> Price | None:
        """The price of this very service, else of its code; without a code, of its words."""
        code, text = line.code.strip(), folded(line.text[:500])
        if not code:
            return self.by_text.get(text) if text else None
        return self.by_both.get((code, text)) or self.by_code.get(code)


def price_book(rates: Sequence[Rate]) -> PriceBook:
    both: dict[tuple[str, str], list[Rate]] = {}
    codes: dict[str, list[Rate]] = {}
    texts: dict[str, list[Rate]] = {}
    for rate in rates:
        text = folded(rate.text)
        texts.setdefault(text, []).append(rate)
        if rate.code:
            codes.setdefault(rate.code, []).append(rate)
            both.setdefault((rate.code, text), []).append(rate)
    return PriceBook(_priced(both), _priced(codes), _priced(texts))


def _priced(known: dict[K, list[Rate]]) -> dict[K, Price]:
    return {key: _price(rates) for key, rates in known.items()}


def _price(rates: list[Rate]) -> Price:
    listed = [rate for rate in rates if rate.day is None]
    usual = median_low([rate.price * rate.quantity // 1000 for rate in listed or rates])
    return Price((listed or rates)[0].price, usual)
