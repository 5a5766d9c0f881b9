"""Issue: the Draft gets its number and date, and nobody can change it any more."""

from datetime import timedelta

from sqlmodel import Session

from trova_app.domain.invoices import DocumentStatus, PaymentType, Series, number_text
from trova_app.domain.permissions import Principal
from trova_app.models import Invoice, Practice
from trova_app.services import timeline
from trova_app.services.numbers import take_number
from trova_app.services.ports import Desk


def issue(db: Session, desk: Desk, who: Principal, practice: Practice, invoice: Invoice) -> None:
    """Numbered without gaps (the number is taken in this very transaction), dated today, due after the practice's
    terms; an insurer's invoice has the law's clocks instead of a due date."""
    today = desk.today(practice.time_zone)
    invoice.number = take_number(db, invoice.practice_id, Series.INVOICE)
    invoice.number_text = number_text(practice.number_prefix, Series.INVOICE, invoice.number)
    invoice.issue_date = today
    if invoice.payment_type != PaymentType.INSURANCE:
        invoice.due_date = today + timedelta(days=practice.payment_terms_days)
    invoice.status = DocumentStatus.ISSUED
    invoice.version += 1
    db.add(invoice)
    db.flush()
    what = issued_words(invoice)
    timeline.note(
        db,
        desk,
        practice_id=invoice.practice_id,
        who=who.name,
        what=what,
        invoice_id=invoice.id,
        appointment_id=invoice.appointment_id,
    )


def issued_words(invoice: Invoice) -> str:
    """What the timeline says of the issue."""
    return f"Invoice {invoice.number_text} issued"
