"""A refund that a person wrote down and that was never made, taken back. Its row stays, as one that did not happen, and
whatever followed from it is counted and asked anew. Nobody gets a letter about it."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, NotFound, Refusal
from trova_app.models import Invoice, Payment, Refund, RefundState, ReviewItem
from trova_app.services import unclear_refunds
from trova_app.services.arguments import Fields, an_id
from trova_app.services.counted_again import ask_where_it_belongs
from trova_app.services.payment_requests import FRESH, due_minor
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short, style_for
from trova_app.services.refund_facts import after_change, locked_payment, note
from trova_app.services.review_items import open_again

ALREADY = "Somebody has taken this back already."
NOT_BY_HAND = "The gateway tells of this refund, so it cannot be taken back here."
COUNTS_AGAIN = "{amount} written down as given back was taken back"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was done, in a sentence."""

    invoice_id: int | None
    sentence: str


def may_be(row: Refund) -> bool:
    """Written down by a person and counted since, and no gateway has told of it."""
    return row.provider_refund_id == row.refund_uuid and row.state == RefundState.SUCCEEDED


def take_back(db: Session, desk: Desk, who: Principal, *, refund_id: object, reason: object) -> TakenBack:
    """`reason`: in up to 200 characters, for the invoice's timeline. Each once: of two people the second is told so.
    Raises `Refusal`s."""
    who.must(Permission.BILL)
    who.must(Permission.RECORD_PAYMENT)
    row, payment = _locked(db, who, refund_id)
    fields = Fields()
    why = fields.line("reason", reason, most=200, needed="Say why in a few words.")
    fields.done()
    if row.taken_back_at is not None:
        raise ChangedElsewhere(ALREADY)
    if not may_be(row):
        raise Refusal(NOT_BY_HAND)
    invoice = db.get(Invoice, payment.invoice_id) if payment.invoice_id else None
    was_due = due_minor(db, invoice) if invoice else 0
    row.state, row.last_error = RefundState.FAILED, f"Taken back: {why}"
    row.taken_back_at = row.changed_at = desk.now()
    row.taken_back_by = who.member_id
    db.flush()
    style = style_for(db, desk, row.practice_id).in_currency(row.currency)
    amount, day = style.amount(row.amount_minor), short(row.given_on or style.day(row.created_at))
    note(db, desk, row, f"{amount} written down as given back on {day} was taken back: {why}", who.name)
    _ask_what_it_answered(db, desk, row)
    unclear_refunds.settle_anew(db, desk, payment)
    if invoice is not None:
        what = COUNTS_AGAIN.format(amount=amount)
        ask_where_it_belongs(db, desk, payment, row.amount_minor, was_due, what=what)
    after_change(db, desk, payment)
    return TakenBack(row.invoice_id, f"{amount} is counted as received again.")


def _locked(db: Session, who: Principal, refund_id: object) -> tuple[Refund, Payment]:
    """Locked with their invoice. `NotFound` for another practice's, and for one whose place a gateway's has taken."""
    known = Refund.id == an_id(refund_id, "refund"), Refund.practice_id == who.practice_id
    payment_id = db.exec(select(Refund.payment_id).where(*known)).first()
    if payment_id is None:
        raise NotFound("refund")
    payment = locked_payment(db, db.get_one(Payment, payment_id))
    row = db.exec(select(Refund).where(*known).with_for_update(), execution_options=FRESH).first()
    if row is None:
        raise NotFound("refund")
    return row, payment


def _ask_what_it_answered(db: Session, desk: Desk, row: Refund) -> None:
    """The refund that was asked for in vain is still to be made, unless another one has answered for it since."""
    if not row.answered:
        return
    stands = col(Refund.state) != RefundState.FAILED
    others = (Refund.answered == row.answered, Refund.id != row.id, stands)
    lost = db.exec(select(Refund).where(Refund.refund_uuid == row.answered)).first()
    if lost is None or lost.state != RefundState.FAILED or lost.amount_minor != row.amount_minor:
        return
    if db.exec(select(Refund.id).where(*others).limit(1)).first() is None:
        settled_itself = col(ReviewItem.resolved_by).is_(None)
        open_again(db, desk, row.practice_id, col(ReviewItem.key) == f"refund_failed/{row.answered}", settled_itself)
