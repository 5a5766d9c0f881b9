"""Services: the list, and one service with its lines and the sessions booked for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound
from trova_app.models import Appointment, CareService, CompletionDraft, Practice, ServiceLine, TaxRate
from trova_app.services.arguments import an_id, folded, search_words
from trova_app.services.default_lines import comes_to, for_length
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, percent_text, quantity_text, style_for, thousandths_text
from trova_app.services.tax_rates import rate_on, tax_rates_of, tax_rates_on
from trova_app.services.typed_amounts import price_text

MOST_SERVICES = 500


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """`booked`: sessions that are not completed yet. `by_length`: it has lines for sessions of some length only. `tone`
    is -1 where none was chosen."""

    id: int
    name: str
    tone: int
    minutes: int
    price: str
    by_length: bool
    is_virtual: bool
    is_paid_in_advance: bool
    booked: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class LineTexts:
    """A line as somebody here would type it. `tax` "" is the standard rate; `since` is the length it begins at."""

    id: str
    since: str = ""
    code: str = ""
    text: str = ""
    qty: str = "1"
    price: str = ""
    tax: str = ""


@dataclass(frozen=True, slots=True)
class LengthPrice:
    """What a session of some length comes to: "21 to 30 min"."""

    words: str
    price: str


@dataclass(frozen=True, slots=True)
class BookedCounts:
    """Sessions that are not completed: at the service's present price; at an earlier one they keep; and with a form
    that somebody has begun, which keeps what it says."""

    present: int = 0
    earlier: int = 0
    begun: int = 0


@dataclass(frozen=True, slots=True)
class ServiceDetails:
    """Everything about a service, ready to draw. `price`: at its usual length; `lengths`: at every length, where that
    makes a difference."""

    id: int
    version: int
    name: str
    minutes: int
    tone: int
    is_virtual: bool
    is_paid_in_advance: bool
    is_active: bool
    lines: tuple[LineTexts, ...]
    price: str
    lengths: tuple[LengthPrice, ...]
    booked: BookedCounts
    charges_tax: bool
    tax_choices: tuple[tuple[str, str], ...]
    may_change: bool


def list_services(
    db: Session, desk: Desk, who: Principal, *, search: object = "", archived: object = False
) -> tuple[ServiceRow, ...]:
    """Services by name; a practice has dozens of them, so there are no pages. `search`: words of name or codes."""
    who.must(Permission.SEE_APPOINTMENTS)
    style, words = style_for(db, desk, who.practice_id), search_words(search)
    lines = _present_lines(db, who)
    query = select(CareService).where(
        CareService.practice_id == who.practice_id, CareService.is_active == (archived is not True)
    )
    found = [one for one in db.exec(query) if _holds(one, lines.get(int(one.id or 0), []), words)]
    found.sort(key=lambda one: (folded(one.name), one.id))
    booked = _booked(db, who)
    return tuple(_row(one, lines.get(int(one.id or 0), []), booked, style) for one in found[:MOST_SERVICES])


def _holds(service: CareService, lines: Sequence[ServiceLine], words: list[str]) -> bool:
    hay = folded(" ".join([service.name, *(line.code for line in lines)]))
    return all(word in hay for word in words)


def _row(
    service: CareService, lines: Sequence[ServiceLine], booked: dict[int, int], style: PracticeStyle
) -> ServiceRow:
    return ServiceRow(
        id=int(service.id or 0),
        name=service.name,
        tone=-1 if service.tone is None else service.tone,
        minutes=service.duration_minutes,
        price=_price(lines, service.duration_minutes, style),
        by_length=any(line.from_minutes is not None for line in lines),
        is_virtual=service.is_virtual,
        is_paid_in_advance=service.is_paid_in_advance,
        booked=booked.get(int(service.id or 0), 0),
        is_active=service.is_active,
    )


def _price(lines: Sequence[ServiceLine], minutes: int, style: PracticeStyle) -> str:
    """At that length; "" for a service without lines."""
    return style.amount(comes_to(for_length(lines, minutes), style.money.places)) if lines else ""


def _present_lines(db: Session, who: Principal) -> dict[int, list[ServiceLine]]:
    query = (
        select(ServiceLine)
        .join(CareService, col(CareService.id) == ServiceLine.service_id)
        .where(ServiceLine.practice_id == who.practice_id, ServiceLine.edition == CareService.edition)
        .order_by(col(ServiceLine.position), col(ServiceLine.id))
    )
    held: dict[int, list[ServiceLine]] = {}
    for line in db.exec(query):
        held.setdefault(line.service_id, []).append(line)
    return held


def _booked(db: Session, who: Principal) -> dict[int, int]:
    query = (
        sa.select(col(Appointment.service_id), sa.func.count())
        .where(
            col(Appointment.practice_id) == who.practice_id, col(Appointment.state) == AppointmentState.SCHEDULED.value
        )
        .group_by(col(Appointment.service_id))
    )
    return dict(db.execute(query).all())


# -- one service


def find_service(db: Session, who: Principal, service_id: object, *, lock: bool = False) -> CareService:
    """`NotFound` for another practice's service as for none."""
    query = select(CareService).where(
        CareService.id == an_id(service_id, "service"), CareService.practice_id == who.practice_id
    )
    found = db.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).first()
    if found is None:
        raise NotFound("service")
    return found


def service_details(db: Session, desk: Desk, who: Principal, *, service_id: object) -> ServiceDetails:
    who.must(Permission.SEE_APPOINTMENTS)
    service = find_service(db, who, service_id)
    style = style_for(db, desk, who.practice_id)
    practice = db.get_one(Practice, who.practice_id)
    lines, rates = lines_of_edition(db, service, service.edition), tax_rates_of(db, practice)
    return ServiceDetails(
        id=int(service.id or 0),
        version=service.version,
        name=service.name,
        minutes=service.duration_minutes,
        tone=-1 if service.tone is None else service.tone,
        is_virtual=service.is_virtual,
        is_paid_in_advance=service.is_paid_in_advance,
        is_active=service.is_active,
        lines=tuple(_texts(line, style, rates) for line in lines),
        price=_price(lines, service.duration_minutes, style),
        lengths=tuple(_lengths(lines, style)),
        booked=booked_counts(db, service),
        charges_tax=practice.charges_tax,
        tax_choices=_tax_choices(db, practice, style),
        may_change=who.may(Permission.CATALOGUE),
    )


def tax_choices(db: Session, desk: Desk, who: Principal) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """Whether the practice charges tax, and (value, words) of what a line of a new service may be taxed at."""
    who.must(Permission.SEE_APPOINTMENTS)
    practice = db.get_one(Practice, who.practice_id)
    return practice.charges_tax, _tax_choices(db, practice, style_for(db, desk, who.practice_id))


def _tax_choices(db: Session, practice: Practice, style: PracticeStyle) -> tuple[tuple[str, str], ...]:
    rates = {rate.rate: rate.name for rate in tax_rates_on(db, practice, style.today)}
    listed = tuple((thousandths_text(rate, "."), percent_text(rate, style.money.point)) for rate in rates)
    return (("", "Standard"), *listed)


def lines_of_edition(db: Session, service: CareService, edition: int) -> list[ServiceLine]:
    query = select(ServiceLine).where(ServiceLine.service_id == service.id, ServiceLine.edition == edition)
    return list(db.exec(query.order_by(col(ServiceLine.position), col(ServiceLine.id))))


def _texts(line: ServiceLine, style: PracticeStyle, rates: list[TaxRate]) -> LineTexts:
    """`tax`: what the line's tax is today."""
    money, own = style.money, line.tax_rate
    found = rate_on(rates, style.today, own) if own is not None else None
    tax = own if found is None else found
    return LineTexts(
        id=str(line.id),
        since="" if line.from_minutes is None else str(line.from_minutes),
        code=line.code,
        text=line.description,
        qty=quantity_text(line.quantity, money.point),
        price=price_text(line.unit_price, money.places, money.group, money.point),
        tax="" if tax is None else thousandths_text(tax, "."),
    )


def _lengths(lines: Sequence[ServiceLine], style: PracticeStyle) -> list[LengthPrice]:
    starts = sorted({line.from_minutes for line in lines if line.from_minutes is not None})
    found = []
    for n, start in enumerate(starts):
        end = starts[n + 1] - 1 if n + 1 < len(starts) else None
        words = f"{start} min and longer" if end is None else f"{start} to {end} min"
        if n == 0 and end is not None:
            words = f"up to {end} min"
        found.append(LengthPrice(words, _price(lines, start, style)))
    return found if len(found) > 1 else []


def booked_counts(db: Session, service: CareService) -> BookedCounts:
    has_form = col(CompletionDraft.appointment_id).is_not(None)
    keeps = sa.and_(col(Appointment.service_edition).is_not(None), col(Appointment.service_edition) != service.edition)
    query = (
        sa.select(has_form, keeps, sa.func.count())
        .select_from(Appointment)
        .outerjoin(CompletionDraft, col(CompletionDraft.appointment_id) == Appointment.id)
        .where(
            col(Appointment.practice_id) == service.practice_id,
            col(Appointment.service_id) == service.id,
            col(Appointment.state) == AppointmentState.SCHEDULED.value,
        )
        .group_by(has_form, keeps)
    )
    present = earlier = begun = 0
    for is_begun, is_earlier, number in db.execute(query):
        if is_begun:
            begun += number
        elif is_earlier:
            earlier += number
        else:
            present += number
    return BookedCounts(present, earlier, begun)
