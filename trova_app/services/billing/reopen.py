"""Reopen: a completed session whose document is still a Draft turns back into an open one with its working copy."""

import sqlalchemy as sa
from sqlmodel import Session

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import TimelineEntry
from trova_app.services import timeline
from trova_app.services.billing.draft import remove_parts
from trova_app.services.ports import Desk
from trova_app.services.working_copy import find_case


def reopen(db: Session, desk: Desk, who: Principal, *, appointment_id: int) -> None:
    """The Draft goes, what was typed stays. An issued document is never taken back this way."""
    who.must(Permission.COMPLETE)
    case = find_case(db, who, appointment_id, lock=True)
    invoice = case.invoice
    is_missed = case.appointment.state == AppointmentState.MISSED
    if invoice is None or not (is_missed or case.appointment.state == AppointmentState.COMPLETED):
        raise Refusal("This session is not completed, so there is nothing to reopen.")
    if invoice.status != DocumentStatus.DRAFT:
        raise Refusal(f"{invoice.number_text} is issued and cannot be taken back. It can be corrected in Billing.")
    assert invoice.id is not None
    remove_parts(db, invoice.id)
    _unlink_timeline(db, invoice.id)
    db.delete(invoice)
    if not is_missed:  # a missed session stays missed, its fee to be billed anew
        case.appointment.state, case.appointment.completed_at = AppointmentState.SCHEDULED, None
    case.appointment.version += 1
    db.add(case.appointment)
    timeline.note(db, desk, practice_id=who.practice_id, who=who.name, what="Reopened", appointment_id=appointment_id)
    desk.tell(who.practice_id)


def _unlink_timeline(db: Session, invoice_id: int) -> None:
    """Entries of the Draft stay with the appointment. The table only lets this one column go."""
    db.execute(sa.update(TimelineEntry).where(sa.column("invoice_id") == invoice_id).values(invoice_id=None))
