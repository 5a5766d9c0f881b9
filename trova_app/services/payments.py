"""Money received. A payment is a row; what an invoice has been paid is always the sum of its rows, never a mark.

Gateways bring facts (`ingest`), people record what they took in hand (`money_by_hand`). The order and number of times a
fact arrives make no difference: its row goes from pending over failed to succeeded and never back.
"""

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any, cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from trova_app.domain.gateways import DisputeFact, Fact, PaymentFact, RefundFact, RequestFact
from trova_app.domain.invoices import DocumentStatus, PaymentMethod
from trova_app.models import Invoice, Mode, Payment, PaymentRequest, Practice, RequestState
from trova_app.services import documents, early_events, mailing, payment_requests, timeline
from trova_app.services.balances import paid_minor as _paid_of_invoice
from trova_app.services.money_by_hand import record_manual, was_paid_by_link
from trova_app.services.payment_requests import (
    GATEWAY,
    LIVE_STATES,
    bring_in_line,
    due_minor,
    locked_request,
    open_request,
)
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for
from trova_app.services.review_items import ask_a_person, settled_itself

__all__ = [
    "LIVE_STATES",
    "Outcome",
    "Result",
    "ingest",
    "open_request",
    "paid_minor",
    "record_manual",
    "was_paid_by_link",
]

RANK = {"pending": 0, "failed": 1, "succeeded": 2}
NO_REQUEST = "There is no payment request of that name here."
WRONG = {
    "wrong_account": "It comes from another account than the one the payment was requested through.",
    "wrong_mode": "A test payment cannot settle a real invoice, nor a real one a test invoice.",
    "wrong_amount": "Its amount is not the amount that was requested.",
}


class Result(StrEnum):
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"
    EARLY = "early"  # what it is about is not known here yet


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fact; `why` for people who look into a quarantined one."""

    result: Result
    why: str = ""


def paid_minor(db: Session, invoice_id: int) -> int:
    """What has been paid on the invoice, in minor units; `services.balances` says what counts."""
    return int(db.exec(select(_paid_of_invoice()).select_from(Invoice).where(Invoice.id == invoice_id)).first() or 0)


def paid_expression() -> Any:
    """SQL for lists: the same sum for the invoice of the surrounding query."""
    return _paid_of_invoice()


def ingest(db: Session, desk: Desk, fact: Fact, event_id: int | None = None) -> Outcome:
    """Takes one fact of any kind into the books; the same fact again changes nothing. Refunds and disputes have modules
    of their own, with the same rules: `services.refunds.ingest` and `services.disputes.ingest`."""
    if isinstance(fact, RefundFact | DisputeFact):
        name = "refunds" if isinstance(fact, RefundFact) else "disputes"
        taken: Outcome = import_module(f"trova_app.services.{name}").ingest(db, desk, fact)
        return taken
    known = db.exec(select(PaymentRequest.id).where(PaymentRequest.request_uuid == fact.request_uuid)).first()
    if known is None:
        return Outcome(Result.QUARANTINED, NO_REQUEST)
    request, invoice = locked_request(db, known)
    if isinstance(fact, RequestFact):
        return _link_told(db, desk, request, invoice, fact)
    return _payment(db, desk, request, invoice, fact, event_id)


def _payment(
    db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, fact: PaymentFact, event_id: int | None
) -> Outcome:
    """Invoice and request are locked, so facts about one invoice come one after the other."""
    if kind := _mismatch(request, invoice, fact):
        return _set_aside(db, desk, request, invoice, fact, kind, event_id)
    if fact.state == "declined":
        return _declined(db, desk, request, invoice, fact)
    was_due = due_minor(db, invoice)
    payment = _raised(db, desk, request, fact)
    if payment is None:
        return Outcome(Result.UNCHANGED)
    _follow(db, desk, request, invoice, payment, was_due)
    early_events.release(db, desk, payment)
    desk.tell(invoice.practice_id)
    desk.point("ingest: taken in")
    return Outcome(Result.APPLIED)


def _mismatch(request: PaymentRequest, invoice: Invoice, fact: PaymentFact) -> str:
    """Compared with what was asked for, not with today's invoice. The kind of the question it leaves, "" for none."""
    if (fact.provider, fact.account_ref) != (request.provider, request.account_ref):
        return "wrong_account"
    if fact.is_live != (invoice.mode == Mode.LIVE):
        return "wrong_mode"
    if (fact.amount_minor, fact.currency) != (request.amount_minor, request.currency):
        return "wrong_amount"
    return ""


def _set_aside(
    db: Session,
    desk: Desk,
    request: PaymentRequest,
    invoice: Invoice,
    fact: PaymentFact,
    kind: str,
    event_id: int | None,
) -> Outcome:
    """Never counts by itself: a person is asked. Money in the invoice's own currency is kept, as a credit."""
    payment_id = None
    if kind == "wrong_amount" and fact.state == "succeeded" and fact.amount_minor and fact.currency == invoice.currency:
        payment = _raised(db, desk, request, fact)
        if payment is not None:
            payment.is_credit = True
            payment_id = payment.id
    sentence = f"A payment for {invoice.number_text} was not counted. {WRONG[kind]}"
    if payment_id is not None:
        sentence = _not_as_asked(db, desk, request, invoice, fact)
    is_new = ask_a_person(
        db,
        desk,
        practice_id=request.practice_id,
        kind=kind,
        about=f"{fact.provider}/{fact.provider_payment_id}",
        sentence=sentence,
        invoice_id=invoice.id,
        payment_id=payment_id,
        event_id=event_id,
    )
    if is_new:
        _note(db, desk, invoice, sentence)
    return Outcome(Result.QUARANTINED, WRONG[kind])


def _not_as_asked(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, fact: PaymentFact) -> str:
    style = _style(db, desk, invoice)
    came, asked = style.amount(fact.amount_minor), style.amount(request.amount_minor)
    return f"{came} was paid online for {invoice.number_text}, where {asked} was asked for. It is kept as a credit."


def _link_told(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, fact: RequestFact) -> Outcome:
    """A link we hold open and the gateway has switched off, though nobody paid: somebody did that there."""
    is_odd = fact.state == "inactive" and request.state == RequestState.ACTIVE
    if not is_odd or fact.is_live != (invoice.mode == Mode.LIVE):
        return Outcome(Result.UNCHANGED)
    about = select(Payment.id).where(Payment.request_id == request.id, Payment.state != "failed")
    if db.exec(about).first() is not None:
        return Outcome(Result.UNCHANGED)
    sentence = (
        f"The payment link of {invoice.number_text} was switched off at the gateway, so nobody can pay through it. "
        "Switch it on again there, or correct the invoice here to send a new link."
    )
    is_new = ask_a_person(
        db, desk, practice_id=invoice.practice_id, kind="link_changed", about=request.request_uuid, sentence=sentence,
        invoice_id=invoice.id,
    )  # fmt: skip
    return Outcome(Result.APPLIED if is_new else Result.UNCHANGED)


def _declined(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, fact: PaymentFact) -> Outcome:
    """A note and nothing else; not once it was paid, and once for each payment attempted at the gateway."""
    if request.state == RequestState.PAID:
        return Outcome(Result.UNCHANGED)
    _note(db, desk, invoice, "A card payment was declined. The link stays open.")
    desk.tell(invoice.practice_id)
    return Outcome(Result.APPLIED)


def _raised(db: Session, desk: Desk, request: PaymentRequest, fact: PaymentFact) -> Payment | None:
    """The fact's payment row, made or moved up to the fact's state; None where it stands there or higher already."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = _row_of(db, desk, request, fact)
    made = db.exec(
        insert(Payment)
        .values(row.model_dump(exclude={"id"}))
        .on_conflict_do_nothing(index_elements=["provider", "provider_payment_id"])
        .returning(col(Payment.id))
    ).first()
    known = (Payment.provider == fact.provider, Payment.provider_payment_id == fact.provider_payment_id)
    payment = db.exec(select(Payment).where(*known).with_for_update()).one()
    if made is None and RANK[fact.state] <= RANK[payment.state]:
        return None
    payment.state, payment.received_on = fact.state, row.received_on
    db.flush()
    return payment


def _row_of(db: Session, desk: Desk, request: PaymentRequest, fact: PaymentFact) -> Payment:
    practice = db.get_one(Practice, request.practice_id)
    return Payment(
        practice_id=request.practice_id,
        invoice_id=request.invoice_id,
        request_id=request.id,
        provider=fact.provider,
        provider_payment_id=fact.provider_payment_id,
        amount_minor=fact.amount_minor,
        currency=fact.currency,
        method=PaymentMethod.ONLINE,
        state=fact.state,
        received_on=desk.today(practice.time_zone),
        created_at=desk.now(),
    )


def _follow(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, payment: Payment, was_due: int) -> None:
    if payment.state == "succeeded":
        _settled(db, desk, request, invoice, payment, was_due)
    elif payment.state == "pending":
        _note(db, desk, invoice, "A bank payment is on its way. It counts once it has arrived.")
    else:
        _not_arrived(db, desk, request, invoice)


def _not_arrived(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice) -> None:
    """The link may be used up by it: it is closed, and what is due gets a new one."""
    _note(db, desk, invoice, "A bank payment did not arrive.")
    if request.state in LIVE_STATES:
        payment_requests.close_request(db, desk, invoice, payment_requests.Reason.NOT_ARRIVED)
    elif payment_requests.live_request(db, cast(int, invoice.id)) is None:
        payment_requests.renew(db, desk, invoice, {})


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
    amount = _style(db, desk, invoice).amount(payment.amount_minor)
    _note(db, desk, invoice, f"{amount} paid online{', more than was due' if payment.amount_minor > was_due else ''}")
    desk.announce(invoice.practice_id, f"{amount} was paid online for {invoice.number_text}.")
    _send_receipt(db, desk, invoice, payment)


def _ask_about_surplus(db: Session, desk: Desk, invoice: Invoice, payment: Payment, was_due: int) -> None:
    """Money that settles nothing is never lost from sight: it stands on the timeline and waits for a decision."""
    style = _style(db, desk, invoice)
    amount = style.amount(payment.amount_minor)
    if payment.is_credit:
        why = "is void" if invoice.status != DocumentStatus.ISSUED else "was paid already"
        kind = "credit"
        sentence = f"{amount} was paid online although {invoice.number_text} {why}. It is kept as a credit."
        _note(db, desk, invoice, sentence)
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
        _note(db, desk, invoice, "The receipt was not mailed: the client has no e-mail address.")
        return
    letter = {"document_id": receipt.id, "kind": "receipt", "recipient": recipient, "key": f"receipt/{payment.id}"}
    mailing.enqueue_letter(db, desk, invoice=invoice, payload=letter)


def _style(db: Session, desk: Desk, invoice: Invoice) -> PracticeStyle:
    return style_for(db, desk, invoice.practice_id).in_currency(invoice.currency)


def _note(db: Session, desk: Desk, invoice: Invoice, what: str) -> None:
    timeline.note(db, desk, practice_id=invoice.practice_id, who=GATEWAY, what=what, invoice_id=invoice.id)
