"""What gateways tell of refunds, and what follows whenever more or less of a payment stands.

Facts may come in any order and any number of times; a refund goes up from wanted over pending to succeeded, and a
failure is the end of it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import cast, get_args

from sqlmodel import Session, col, select

from trova_app.domain.gateways import DisputeFact, RefundFact, RefundReason
from trova_app.domain.refusals import ChangedElsewhere
from trova_app.models import Invoice, Mode, Payment, PaymentRequest, Practice, Refund, RefundState, ReviewItem
from trova_app.services import timeline, unclear_refunds, written_refunds
from trova_app.services.balances import left_of
from trova_app.services.outcomes import Outcome, Result
from trova_app.services.payment_requests import FRESH, GATEWAY, bring_in_line, due_minor, locked_invoice
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for
from trova_app.services.review_items import ask_a_person, settled_itself

RANK = {RefundState.WANTED: 0, RefundState.PENDING: 1, RefundState.SUCCEEDED: 2, RefundState.FAILED: 3}
"""A refund that failed stays so: the money came back to the practice, even where it had been called a success."""
REASONS = get_args(RefundReason)
NO_PAYMENT = "The payment it is about is not known here."
WAITS = "refund_waits"
"""The question whether to go on asking for a refund that nobody answers for."""
NOT_DONE = "The refund of {amount}{of} did not go through. The money is still with you."
MOVED = "The payment was counted for another invoice at this moment. Nothing was changed; look and try again."
UNCLEAR_NOT_DONE = (
    "The refund of {amount}{of} did not go through. It was not counted, but what was written down here as given back"
    " may be about it. Compare them with the gateway's own pages."
)


def locked_payment(db: Session, payment: Payment) -> Payment:
    """The payment with its invoice, both locked in the order everybody keeps: invoice first. Raises `ChangedElsewhere`
    where it became another invoice's while the lock was waited for: that one could only be locked out of turn."""
    invoice_id = payment.invoice_id
    if invoice_id is not None:
        locked_invoice(db, invoice_id)
    query = select(Payment).where(Payment.id == payment.id).with_for_update()
    found = db.exec(query, execution_options=FRESH).one()
    if found.invoice_id != invoice_id:
        raise ChangedElsewhere(MOVED)
    return found


def find_locked(db: Session, refund_id: int) -> tuple[Refund, Payment]:
    """A refund with its payment and invoice, all locked."""
    payment = locked_payment(db, db.get_one(Payment, db.get_one(Refund, refund_id).payment_id))
    query = select(Refund).where(Refund.id == refund_id).with_for_update()
    return db.exec(query, execution_options=FRESH).one(), payment


def ingest(db: Session, desk: Desk, fact: RefundFact) -> Outcome:
    """Takes what a gateway says of one refund into the books: wanted here or made there, in any order, any number of
    times. `Result.EARLY` while its payment is not known."""
    payment = payment_of(db, fact)
    if payment is None:
        return Outcome(Result.EARLY, NO_PAYMENT)
    if why := mismatch(db, payment, fact):
        return Outcome(Result.QUARANTINED, why)
    rows = _of_payment(db, payment)
    is_unclear = written_refunds.may_be_told(rows, fact)
    row = _known(rows, fact, is_unclear)
    if row is None and is_unclear and fact.state == "failed":  # what failed may have been written down
        ingest(db, desk, replace(fact, state="pending"))
        return ingest(db, desk, fact)
    row = row or _from_elsewhere(desk, payment, rows, fact, is_counted=not is_unclear)
    if is_unclear and fact.refund_uuid:  # it was made after all; what it is, is asked apart
        settled_itself(db, desk, kind="refund_failed", about=fact.refund_uuid)
    is_first_word = not row.provider_refund_id  # what we made of its silence gives way to what it says
    row.provider_refund_id = fact.provider_refund_id
    if is_first_word and fact.state != "failed" and not unclear_refunds.fits(db, payment, row):
        row.is_counted = False
    if not is_first_word and RANK[RefundState(fact.state)] <= RANK[RefundState(row.state)]:
        return Outcome(Result.UNCHANGED)
    _raise(db, desk, payment, row, RefundState(fact.state), is_first_word=is_first_word)
    return Outcome(Result.APPLIED)


def payment_of(db: Session, fact: RefundFact | DisputeFact) -> Payment | None:
    """The payment a fact names, locked with its invoice."""
    known = (Payment.provider == fact.provider, Payment.provider_payment_id == fact.provider_payment_id)
    payment = db.exec(select(Payment).where(*known)).first()
    return locked_payment(db, payment) if payment else None


def mismatch(db: Session, payment: Payment, fact: RefundFact | DisputeFact) -> str:
    """Why a fact cannot be about this payment, "" where it can."""
    request = db.get(PaymentRequest, payment.request_id) if payment.request_id else None
    if request is not None and fact.account_ref != request.account_ref:
        return "It comes from another account than the payment."
    invoice = db.get(Invoice, payment.invoice_id) if payment.invoice_id else None
    if invoice is not None and fact.is_live != (invoice.mode == Mode.LIVE):
        return "A test gateway cannot move real money, nor a real one test money."
    if fact.currency != payment.currency or fact.amount_minor <= 0:
        return "It is not an amount in the payment's currency."
    return ""


def refund_key(row: Refund) -> str:
    """Of the job that asks the gateway for it."""
    return f"refund/{row.refund_uuid}"


def _of_payment(db: Session, payment: Payment) -> Sequence[Refund]:
    query = select(Refund).where(Refund.payment_id == payment.id).with_for_update()
    return db.exec(query.order_by(col(Refund.id)), execution_options=FRESH).all()


def _known(rows: Sequence[Refund], fact: RefundFact, is_unclear: bool) -> Refund | None:
    """By the gateway's name for it; one wanted here by ours, until the gateway has told its own, but for one that may
    be what a person found at the gateway and wrote down."""
    named = [row for row in rows if row.provider_refund_id == fact.provider_refund_id]
    wanted = [row for row in rows if not row.provider_refund_id and row.refund_uuid == fact.refund_uuid]
    return next(iter(named or ([] if is_unclear else wanted)), None)


def _from_elsewhere(
    desk: Desk, payment: Payment, rows: Sequence[Refund], fact: RefundFact, *, is_counted: bool
) -> Refund:
    """It carries when it was made, to tell what was asked for or written down around then, and which of ours it is."""
    ours = next((row for row in rows if row.refund_uuid == fact.refund_uuid), None)
    return Refund(
        practice_id=payment.practice_id,
        payment_id=cast(int, payment.id),
        invoice_id=payment.invoice_id,
        refund_uuid=str(uuid.uuid4()),
        provider=fact.provider,
        amount_minor=fact.amount_minor,
        currency=fact.currency,
        reason=fact.reason if fact.reason in REASONS else "",
        is_counted=is_counted,
        answered=ours.refund_uuid if ours else "",
        requested_by=ours.requested_by if ours else None,
        created_at=fact.when or desk.now(),
        changed_at=desk.now(),
    )


def _raise(db: Session, desk: Desk, payment: Payment, row: Refund, state: RefundState, *, is_first_word: bool) -> None:
    row.state, row.changed_at = state, desk.now()
    if state == RefundState.SUCCEEDED:
        row.given_on, row.last_error = desk.today(db.get_one(Practice, row.practice_id).time_zone), ""
    db.add(row)
    db.flush()
    settled_itself(db, desk, kind=WAITS, about=row.refund_uuid)
    style = style_for(db, desk, row.practice_id).in_currency(row.currency)
    amount = style.amount(row.amount_minor)
    if state == RefundState.FAILED:
        tell_of_failure(db, desk, row, amount, NOT_DONE if row.is_counted else UNCLEAR_NOT_DONE)
        unclear_refunds.has_failed(db, desk, row)
    else:
        settled_itself(db, desk, kind="refund_failed", about=row.refund_uuid)
    if row.is_counted and (state == RefundState.SUCCEEDED or (state == RefundState.PENDING and is_first_word)):
        done = "was given back" if state == RefundState.SUCCEEDED else "is on its way back"
        where = " from the gateway's own pages" if row.requested_by is None else ""
        note(db, desk, row, f"{amount} {done}{where}")
        if is_first_word and row.requested_by is None:
            written_refunds.settle_unknown(db, desk, row)
    unclear_refunds.settle(db, desk, payment)
    after_change(db, desk, payment)


def tell_of_failure(db: Session, desk: Desk, row: Refund, amount: str, question: str = NOT_DONE) -> None:
    """A refund that did not happen is somebody's to look at: the client is waiting for it. `question` has places for
    {amount} and {of}, the invoice."""
    invoice = db.get(Invoice, row.invoice_id) if row.invoice_id else None
    of = f" on {invoice.number_text}" if invoice else ""
    sentence = question.format(amount=amount, of=of)
    note(db, desk, row, sentence)
    ask_a_person(
        db, desk, practice_id=row.practice_id, kind="refund_failed", about=row.refund_uuid, sentence=sentence,
        invoice_id=row.invoice_id, payment_id=row.payment_id,
    )  # fmt: skip


def after_change(db: Session, desk: Desk, payment: Payment) -> None:
    """What follows when more or less of a payment stands: a link over another sum is closed, a credit or surplus that
    went back needs no decision any more. The invoice is locked."""
    db.flush()
    invoice = db.get(Invoice, payment.invoice_id) if payment.invoice_id else None
    if invoice is not None:
        bring_in_line(db, desk, invoice)
        _settle_surplus(db, desk, invoice)
    settle_credit(db, desk, payment)
    desk.tell(payment.practice_id)


def settle_credit(db: Session, desk: Desk, payment: Payment) -> None:
    """Closes the question about a credit of which nothing is left."""
    if not payment.is_credit or left_of(db, cast(int, payment.id)) > 0:
        return
    query = select(Refund.id).where(Refund.payment_id == payment.id, col(Refund.state).in_(("wanted", "pending")))
    if db.exec(query).first() is None:
        settled_itself(db, desk, kind="credit", about=str(payment.id))


def _settle_surplus(db: Session, desk: Desk, invoice: Invoice) -> None:
    """Closes the questions about a surplus that is gone."""
    if due_minor(db, invoice) < 0:
        return
    asked = (ReviewItem.invoice_id == invoice.id, ReviewItem.kind == "overpaid", ReviewItem.state == "open")
    for key in db.exec(select(ReviewItem.key).where(*asked)).all():
        settled_itself(db, desk, kind="overpaid", about=key.partition("/")[2])


def note(db: Session, desk: Desk, row: Refund, what: str, who: str = GATEWAY) -> None:
    timeline.note(db, desk, practice_id=row.practice_id, who=who, what=what, invoice_id=row.invoice_id)
