"""Mark as paid: money that came by hand, with amount, day and reference, and a receipt where it is wanted."""

from datetime import date

from sqlmodel import Session

from trova_app.domain.invoices import METHOD_WORDS, PaymentMethod
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.models import Invoice, Practice
from trova_app.services import mailing, payments, timeline
from trova_app.services.billing.addresses import must_be_address
from trova_app.services.billing.find import find_issued
from trova_app.services.billing.finish import Finished
from trova_app.services.documents import first_content, give_out
from trova_app.services.payment_requests import due_minor
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for
from trova_app.services.typed_amounts import typed_amount


def mark_paid(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    invoice_id: int,
    amount: object,
    method: object,
    received_on: object,
    reference: object = "",
    mail_receipt: object = False,
    recipient: object = "",
    seen: object = None,
) -> Finished:
    """Records a payment of up to the balance; what was taken while the client paid by the link is kept as a credit.
    `amount` as typed, "" for all that is due; `received_on` an ISO day, not in the future. `seen`: what
    the person saw as due, None where nobody looked; where less or more is due by now nothing is recorded. Raises
    `FieldFaults`."""
    who.must(Permission.RECORD_PAYMENT)
    invoice = find_issued(db, who, invoice_id)
    practice = db.get_one(Practice, invoice.practice_id)
    due = due_minor(db, invoice)
    is_credit = due <= 0 and payments.was_paid_by_link(db, invoice_id)
    if due <= 0 and not is_credit:
        raise Refusal("This invoice is already paid in full.")
    style = style_for(db, desk, who.practice_id).in_currency(invoice.currency)
    if seen is not None and seen != style.amount(due) and not is_credit:
        raise Refusal(f"{style.amount(due)} is due by now. Nothing was recorded; look at the amount and try again.")
    due = invoice.total_minor if is_credit else due
    minor = typed_amount(amount, due, style, "what is still due")
    day = _day(received_on, desk.today(practice.time_zone))
    address = _address(db, invoice, recipient) if mail_receipt is True else ""
    payments.record_manual(
        db,
        desk,
        invoice=invoice,
        amount_minor=minor,
        method=_method(method),
        received_on=day,
        reference=_reference(reference),
        member_id=who.member_id,
    )
    what = f"{METHOD_WORDS[_method(method)]} of {style.amount(minor)} recorded"
    timeline.note(db, desk, practice_id=who.practice_id, who=who.name, what=what, invoice_id=invoice_id)
    sentence = f"{style.amount(minor)} recorded."
    if address:
        receipt = give_out(db, desk, invoice, "receipt")
        letter = mailing.letter_payload(receipt, "receipt", address)
        mailing.enqueue_letter(db, desk, invoice=invoice, payload=letter)
        sentence = f"{style.amount(minor)} recorded. The receipt is on its way to {address}."
    desk.tell(who.practice_id)
    return Finished(invoice_id, invoice.number_text, sentence)


def _day(typed: object, today: date) -> date:
    try:
        day = date.fromisoformat(typed) if isinstance(typed, str) and len(typed) == 10 else None
    except ValueError:
        day = None
    if day is None or day > today or day.year < today.year - 5:
        raise FieldFaults([("received_on", "Enter the day the money came, today or earlier.")])
    return day


def _method(typed: object) -> PaymentMethod:
    if not isinstance(typed, str) or typed not in {m.value for m in PaymentMethod}:
        raise FieldFaults([("method", "Choose how the money came.")])
    return PaymentMethod(typed)


def _reference(typed: object) -> str:
    text = typed.strip() if isinstance(typed, str) else ""
    if len(text) > 200:
        raise FieldFaults([("reference", "Shorten this to 200 characters.")])
    return text


def _address(db: Session, invoice: Invoice, typed: object) -> str:
    content = first_content(db, invoice)
    return must_be_address(typed or (content.client.email if content else ""), field="recipient")
