"""What follows a payment through a link: its link is closed, what is due is asked for anew, the client gets a receipt,
and money that settles nothing is a question for a person."""

from typing import cast

from sqlmodel import Session

from trova_app.domain.invoices import DocumentStatus
from trova_app.models import Invoice, Payment, PaymentRequest, RequestState
from trova_app.services import documents, mailing, payment_requests, timeline
from trova_app.services.payment_requests import GATEWAY, LIVE_STATES, bring_in_line
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for
from trova_app.services.review_items import ask_a_person, settled_itself


def follow(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, payment: Payment, was_due: int) -> None:
    """Invoice and request are locked. `was_due`: what was still due before this payment, in minor units."""
    if payment.state == "succeeded":
        _settled(db, desk, request, invoice, payment, was_due)
    elif payment.state == "pending":
        note(db, desk, invoice, "A bank payment is on its way. It counts once it has arrived.")
    else:
        _not_arrived(db, desk, request, invoice, payment)


def _not_arrived(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, payment: Payment) -> None:
    """The link may be used up by it: it is closed, and what is due gets a new one. Where none is open any more, only as
    much is asked for by itself as was on its way."""
    note(db, desk, invoice, "A bank payment did not arrive.")
    if request.state in LIVE_STATES:
        payment_requests.close_request(db, desk, invoice, payment_requests.Reason.NOT_ARRIVED)
    elif payment_requests.live_request(db, cast(int, invoice.id)) is None:
        payment_requests.renew(db, desk, invoice, {}, most=payment.amount_minor)


def _settled(
    db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, payment: Payment, was_due: int
) -> None:
    """The link is then closed at the gateway too: somebody else may have its page open."""
    is_open_there = request.state in (RequestState.CREATING, RequestState.ACTIVE, RequestState.FAILED)
    request.state, request.changed_at, request.last_error = RequestState.PAID, desk.now(), ""
    payment.is_credit = invoice.status != DocumentStatus.ISSUED or was_due <= 0
    db.flush()
    settled_itself(db, desk, kind="link_changed", about=request.request_uuid)
    _ask_about_surplus(db, desk, invoice, payment, was_due)
    if is_open_there:
        payment_requests.enqueue_about(db, desk, request, "close_link", payment_requests.close_key(request))
    if payment.is_credit:
        return
    bring_in_line(db, desk, invoice)
    amount = style_of(db, desk, invoice).amount(payment.amount_minor)
    note(db, desk, invoice, f"{amount} paid online{', more than was due' if payment.amount_minor > was_due else ''}")
    desk.announce(invoice.practice_id, f"{amount} was paid online for {invoice.number_text}.")
    _send_receipt(db, desk, invoice, payment)


def _ask_about_surplus(db: Session, desk: Desk, invoice: Invoice, payment: Payment, was_due: int) -> None:
    """Money that settles nothing is never lost from sight: it stands on the timeline and waits for a decision."""
    style = style_of(db, desk, invoice)
    amount = style.amount(payment.amount_minor)
    if payment.is_credit:
        why = "is void" if invoice.status != DocumentStatus.ISSUED else "was paid already"
        kind = "credit"
        sentence = f"{amount} was paid online although {invoice.number_text} {why}. It is kept as a credit."
        note(db, desk, invoice, sentence)
    elif payment.amount_minor > was_due:
        kind, surplus = "overpaid", style.amount(payment.amount_minor - was_due)
        sentence = f"{amount} was paid online for {invoice.number_text}, {surplus} more than was still due."
    else:
        return
    ask_a_person(
        db, desk, practice_id=invoice.practice_id, kind=kind, about=str(payment.id), sentence=sentence,
        invoice_id=invoice.id, payment_id=payment.id,
    )  # fmt: skip


def _send_receipt(db: Session, desk: Desk, invoice: Invoice, payment: Payment) -> None:
    receipt = documents.give_out(db, desk, invoice, "receipt")
    recipient = mailing.client_address(db, invoice)
    if not recipient:
        note(db, desk, invoice, "The receipt was not mailed: the client has no e-mail address.")
        return
    letter = {"document_id": receipt.id, "kind": "receipt", "recipient": recipient, "key": f"receipt/{payment.id}"}
    mailing.enqueue_letter(db, desk, invoice=invoice, payload=letter)


def style_of(db: Session, desk: Desk, invoice: Invoice) -> PracticeStyle:
    return style_for(db, desk, invoice.practice_id).in_currency(invoice.currency)


def note(db: Session, desk: Desk, invoice: Invoice, what: str) -> None:
    timeline.note(db, desk, practice_id=invoice.practice_id, who=GATEWAY, what=what, invoice_id=invoice.id)
