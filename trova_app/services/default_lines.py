"""What a session comes to before anybody has typed: its service's lines for its length, at the price it was booked at,
or at the scheme's where that has one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from trova_app.domain.lines import Line, gross_of
from trova_app.models import Appointment, CareService, Client, ServiceLine
from trova_app.services.scheme_rates import ListedRate, in_force, paying_scheme, rates_of_codes


class BookedSession(NamedTuple):
    """An appointment with what its lines depend on; rows of one practice."""

    appointment: Appointment
    client: Client
    service: CareService

    @property
    def minutes(self) -> int:
        return max(1, (self.appointment.ends_at - self.appointment.starts_at) // timedelta(minutes=1))

    def day(self, zone: ZoneInfo) -> date:
        return self.appointment.starts_at.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class DefaultLine:
    """Quantity in thousandths, unit price in ten-thousandths, tax rate in thousandths of a percent (None: the
    practice's standard one). `is_scheme_price`: the price is the scheme's, not the practice's own."""

    code: str
    text: str
    quantity: int
    unit_price: int
    tax_rate: int | None
    is_scheme_price: bool = False


def default_lines(db: Session, session: BookedSession, zone: ZoneInfo) -> list[DefaultLine]:
    """The lines a form of this session begins with."""
    return lines_of(db, [session], zone)[0]


def lines_of(db: Session, sessions: Sequence[BookedSession], zone: ZoneInfo) -> list[list[DefaultLine]]:
    """The same for many, in their order, with a handful of queries."""
    held = _by_service(db, {int(session.service.id or 0) for session in sessions})
    own = [_own_lines(held.get(int(session.service.id or 0), []), session) for session in sessions]
    codes: dict[int, set[str]] = {}
    for session, lines in zip(sessions, own, strict=True):
        if (scheme := paying_scheme(session.client)) is not None:
            codes.setdefault(scheme, set()).update(line.code for line in lines)
    practice_id = sessions[0].service.practice_id if sessions else 0
    rates = {scheme: rates_of_codes(db, practice_id, scheme, wanted) for scheme, wanted in codes.items()}
    return [
        _at_scheme_prices(lines, rates.get(paying_scheme(session.client) or 0, {}), session.day(zone))
        for session, lines in zip(sessions, own, strict=True)
    ]


def _at_scheme_prices(
    lines: list[DefaultLine], rates: dict[str, tuple[ListedRate, ...]], day: date
) -> list[DefaultLine]:
    found = [in_force(rates.get(line.code, ()), day) for line in lines]
    return [
        replace(line, unit_price=rate.price, is_scheme_price=True) if rate else line
        for line, rate in zip(lines, found, strict=True)
    ]


def _by_service(db: Session, service_ids: Collection[int]) -> dict[int, list[ServiceLine]]:
    """The lines of these services, of every edition, in order."""
    query = select(ServiceLine).where(col(ServiceLine.service_id).in_(service_ids))
    held: dict[int, list[ServiceLine]] = {}
    for line in db.exec(query.order_by(col(ServiceLine.position), col(ServiceLine.id))):
        held.setdefault(line.service_id, []).append(line)
    return held


def _own_lines(held: Iterable[ServiceLine], session: BookedSession) -> list[DefaultLine]:
    """At the practice's own price: of the edition it was booked at, as long as that is there."""
    booked_at, service = session.appointment.service_edition, session.service
    held = list(held)
    chosen = [line for line in held if line.edition == booked_at] if booked_at is not None else []
    lines = for_length(chosen or [line for line in held if line.edition == service.edition], session.minutes)
    return [
        DefaultLine(line.code, line.description or service.name, line.quantity, line.unit_price, line.tax_rate)
        for line in lines
    ]


def for_length(lines: Sequence[ServiceLine], minutes: int) -> list[ServiceLine]:
    """The lines for a session of this length: those for every session, and of those that begin at a length the last
    ones that had begun; for a shorter session than any of them says, the first."""
    starts = sorted({line.from_minutes for line in lines if line.from_minutes is not None})
    chosen = max((start for start in starts if start <= minutes), default=starts[0] if starts else None)
    return [line for line in lines if line.from_minutes is None or line.from_minutes == chosen]


def comes_to(lines: Iterable[DefaultLine | ServiceLine], places: int) -> int:
    """In minor units, before discounts and tax on top."""
    return sum(gross_of(Line(line.quantity, line.unit_price, 0, 0, 0), places) for line in lines)
