"""What a session comes to before anybody has typed: its service's lines, at the scheme's prices where it has some."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from trova_app.models import Appointment, CareService, Client, ServiceLine
from trova_app.services.scheme_rates import paying_scheme, rates_on


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


def default_lines(
    db: Session, appointment: Appointment, client: Client, service: CareService, zone: ZoneInfo
) -> list[DefaultLine]:
    """The lines a form of this session begins with."""
    own = [
        DefaultLine(line.code, line.description or service.name, line.quantity, line.unit_price, line.tax_rate)
        for line in service_lines(db, {int(service.id or 0)})
    ]
    day = appointment.starts_at.astimezone(zone).date()
    rates = rates_on(db, service.practice_id, paying_scheme(client), day, {line.code for line in own})
    return [
        replace(line, unit_price=rates[line.code].price, is_scheme_price=True) if line.code in rates else line
        for line in own
    ]


def service_lines(db: Session, service_ids: Collection[int]) -> list[ServiceLine]:
    """The lines of these services in order."""
    query = select(ServiceLine).where(col(ServiceLine.service_id).in_(service_ids))
    return list(db.exec(query.order_by(col(ServiceLine.position), col(ServiceLine.id))))
