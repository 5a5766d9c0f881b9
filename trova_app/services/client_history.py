"""What a client's page shows beside the profile: the latest appointments and documents."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState, tab_of
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Appointment, CareService, Invoice
from trova_app.services.arguments import an_id
from trova_app.services.balances import given_back, invoice_label, paid_minor
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short, style_for

MOST = 20


@dataclass(frozen=True, slots=True)
class PastAppointment:
    id: int
    when: str
    service_name: str
    state: str


@dataclass(frozen=True, slots=True)
class PastInvoice:
    """`number` is "" while it is a Draft."""

    id: int
    number: str
    date: str
    total: str
    label: str


def appointments_of(db: Session, desk: Desk, who: Principal, *, client_id: object) -> tuple[PastAppointment, ...]:
    """The latest first; what is to come stands on top."""
    who.must(Permission.SEE_APPOINTMENTS)
    style, now = style_for(db, desk, who.practice_id), desk.now()
    query = (
        select(Appointment, CareService.name)
        .join(CareService, col(CareService.id) == Appointment.service_id)
        .where(Appointment.client_id == an_id(client_id, "client"), Appointment.practice_id == who.practice_id)
        .order_by(col(Appointment.starts_at).desc(), col(Appointment.id).desc())
    )
    return tuple(
        PastAppointment(
            id=int(row.id or 0),
            when=style.moment_words(row.starts_at),
            service_name=service_name,
            state=tab_of(AppointmentState(row.state), row.ends_at, now).value.capitalize(),
        )
        for row, service_name in db.exec(query.limit(MOST))
    )


def invoices_of(db: Session, desk: Desk, who: Principal, *, client_id: object) -> tuple[PastInvoice, ...]:
    """The newest first; none for a role without billing."""
    if not who.may(Permission.SEE_BILLING):
        return ()
    style = style_for(db, desk, who.practice_id)
    query = (
        select(Invoice, paid_minor(), given_back())
        .where(Invoice.client_id == an_id(client_id, "client"), Invoice.practice_id == who.practice_id)
        .order_by(col(Invoice.id).desc())
    )
    return tuple(
        PastInvoice(
            id=int(row.id or 0),
            number=row.number_text,
            date=short(row.issue_date or row.service_date),
            total=style.in_currency(row.currency).amount(row.total_minor),
            label=invoice_label(row, int(paid), style.today, given_back=went_back).value,
        )
        for row, paid, went_back in db.exec(query.limit(MOST))
    )
