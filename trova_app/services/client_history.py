"""What a client's page shows beside the profile: the latest appointments and documents."""

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from trova_app.domain.appointments import AppointmentState, tab_of
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Appointment, CareService, Document, Invoice
from trova_app.services.arguments import an_id
from trova_app.services.balances import given_back, invoice_label, paid_minor
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short, style_for

PAGE = 20
MOST = 500


@dataclass(frozen=True, slots=True)
class PastAppointment:
    id: int
    when: str
    service_name: str
    state: str


@dataclass(frozen=True, slots=True)
class PastInvoice:
    """`number` is "" while it is a Draft. `document_id`: its latest document that this person may open, 0 for none."""

    id: int
    number: str
    date: str
    total: str
    label: str
    document_id: int = 0


def appointments_of(
    db: Session, desk: Desk, who: Principal, *, client_id: object, limit: object = PAGE
) -> tuple[PastAppointment, ...]:
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
        for row, service_name in db.exec(query.limit(_size(limit)))
    )


def invoices_of(
    db: Session, desk: Desk, who: Principal, *, client_id: object, limit: object = PAGE
) -> tuple[PastInvoice, ...]:
    """The newest first; none for a role without billing."""
    if not who.may(Permission.SEE_BILLING):
        return ()
    style = style_for(db, desk, who.practice_id)
    query = (
        select(Invoice, paid_minor(), given_back())
        .where(Invoice.client_id == an_id(client_id, "client"), Invoice.practice_id == who.practice_id)
        .order_by(col(Invoice.id).desc())
    )
    found = db.exec(query.limit(_size(limit))).all()
    documents = _documents(db, who, [int(row.id or 0) for row, _, _ in found])
    return tuple(
        PastInvoice(
            id=int(row.id or 0),
            number=row.number_text,
            date=short(row.issue_date or row.service_date),
            total=style.in_currency(row.currency).amount(row.total_minor),
            label=invoice_label(row, int(paid), style.today, given_back=went_back).value,
            document_id=documents.get(int(row.id or 0), 0),
        )
        for row, paid, went_back in found
    )


def _size(limit: object) -> int:
    return max(1, min(limit, MOST)) if type(limit) is int else PAGE


def _documents(db: Session, who: Principal, invoice_ids: list[int]) -> dict[int, int]:
    """The latest document of each invoice, by invoice; receipts alone for those who may not see diagnoses, for nothing
    else surely shows none."""
    query = select(Document.invoice_id, func.max(col(Document.id))).where(col(Document.invoice_id).in_(invoice_ids))
    if not who.may(Permission.SEE_DIAGNOSES):
        query = query.where(Document.kind == "receipt")
    rows = db.exec(query.group_by(col(Document.invoice_id)))
    return {invoice_id: int(document_id or 0) for invoice_id, document_id in rows}
