"""The insurer's invoice on its way: mailed to the claim address, or marked as submitted by other means."""

from datetime import date

from sqlmodel import Session, func, select

from trova_app.domain.invoices import PaymentType
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.models import Invoice, Practice, Scheme
from trova_app.services import mailing, timeline
from trova_app.services.billing.addresses import must_be_address
from trova_app.services.billing.find import document_of, find_issued
from trova_app.services.billing.finish import Finished
from trova_app.services.documents import first_content
from trova_app.services.ports import Desk


def claim_address(db: Session, invoice: Invoice) -> str:
    """The scheme's claim address as the practice knows it, "" when it does not."""
    content = first_content(db, invoice)
    if content is None or content.scheme is None:
        return ""
    query = select(Scheme.claim_email).where(
        Scheme.practice_id == invoice.practice_id, func.lower(Scheme.name) == content.scheme.name.lower()
    )
    return db.exec(query).first() or ""


def mail_to_insurer(db: Session, desk: Desk, who: Principal, *, invoice_id: int, recipient: object) -> Finished:
    """Mails the insurer's invoice to the claim address; from then on it is Sent."""
    who.must(Permission.BILL)
    invoice = _claim(db, who, invoice_id)
    email = must_be_address(recipient, field="recipient")
    document = document_of(db, invoice, "insurer_invoice")
    time = mailing.letters_wanted(db, document, email) + 1
    mailing.enqueue_letter(db, desk, invoice=invoice, payload=mailing.letter_payload(document, "insurer", email, time))
    _submitted(db, desk, who, invoice, None, f"Claim mailed to {email}")
    return Finished(invoice_id, invoice.number_text, f"{invoice.number_text} is on its way to {email}.")


def mark_submitted(db: Session, desk: Desk, who: Principal, *, invoice_id: int, on: object) -> Finished:
    """Submitted by other means (a portal, a switch) on an ISO day, not in the future."""
    who.must(Permission.BILL)
    invoice = _claim(db, who, invoice_id)
    today = desk.today(db.get_one(Practice, invoice.practice_id).time_zone)
    try:
        day = date.fromisoformat(on) if isinstance(on, str) and len(on) == 10 else None
    except ValueError:
        day = None
    if day is None or day > today or (invoice.issue_date and day < invoice.issue_date):
        raise FieldFaults([("submitted_on", "Enter the day it was submitted: from the issue date until today.")])
    _submitted(db, desk, who, invoice, day, "Marked as submitted")
    return Finished(invoice_id, invoice.number_text, f"{invoice.number_text} is marked as submitted.")


def _claim(db: Session, who: Principal, invoice_id: object) -> Invoice:
    invoice = find_issued(db, who, invoice_id)
    if invoice.payment_type != PaymentType.INSURANCE:
        raise Refusal("This invoice goes to the client, not to an insurer.")
    return invoice


def _submitted(db: Session, desk: Desk, who: Principal, invoice: Invoice, day: date | None, what: str) -> None:
    if invoice.submitted_on is None or day is not None:
        invoice.submitted_on = day or desk.today(db.get_one(Practice, invoice.practice_id).time_zone)
        invoice.version += 1
        db.add(invoice)
    timeline.note(db, desk, practice_id=who.practice_id, who=who.name, what=what, invoice_id=invoice.id)
    desk.tell(who.practice_id)
