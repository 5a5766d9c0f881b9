"""A refund that a person wrote down and that was never made, taken back. Its row stays, as one that did not happen, and
whatever followed from it is counted and asked anew. Nobody gets a letter about it."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, NotFound, Refusal
from trova_app.models import Invoice, Payment, Refund, RefundState, ReviewItem
from trova_app.services import unclear_refunds
from trova_app.services.arguments import Fields, an_id
from trova_app.services.balances import left_of
from trova_app.services.payment_requests import FRESH, due_minor
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short, style_for
from trova_app.services.refund_facts import after_change, locked_payment, note
from trova_app.services.review_items import ask_anew, open_again

ALREADY = "Somebody has taken this back already."
NOT_BY_HAND = "The gateway tells of this refund, so it cannot be taken back here."
CREDIT = "{amount} written down as given back was taken back. It is kept as a credit, as {number} {why}."
SURPLUS = "{amount} written down as given back was taken back, so {surplus} more than was due has come for {number}."


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
        _ask_where_it_belongs(db, desk, invoice, payment, row, was_due)
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


def _ask_where_it_belongs(
    db: Session, desk: Desk, invoice: Invoice, payment: Payment, row: Refund, was_due: int
) -> None:
    """Money beyond what is due is a question for a person, as it is when it arrives: a credit where it settles nothing,
    else a surplus. `was_due`: while it counted as given back."""
    style = style_for(db, desk, row.practice_id).in_currency(row.currency)
    amount, is_issued = style.amount(row.amount_minor), invoice.status == DocumentStatus.ISSUED
    surplus = row.amount_minor - max(0, was_due)
    settles_nothing = was_due <= 0 and left_of(db, row.payment_id) == row.amount_minor
    if payment.is_credit or not is_issued or settles_nothing:
        payment.is_credit = True
        db.flush()
        about_it = col(ReviewItem.payment_id) == payment.id, col(ReviewItem.kind).in_(("credit", "wrong_amount"))
        if open_again(db, desk, row.practice_id, *about_it):
            return
        why = "was paid since" if is_issued else "is void"
        kind, sentence = "credit", CREDIT.format(amount=amount, number=invoice.number_text, why=why)
    elif surplus > 0:
        more = style.amount(surplus)
        kind, sentence = "overpaid", SURPLUS.format(amount=amount, surplus=more, number=invoice.number_text)
    else:
        return
    ask_anew(
        db, desk, practice_id=row.practice_id, kind=kind, about=str(payment.id), sentence=sentence,
        invoice_id=invoice.id, payment_id=payment.id,
    )  # fmt: skip
