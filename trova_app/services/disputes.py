"""A payer's objection at their bank. It takes nothing until it is lost, and a person has to answer it in time."""

from typing import cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.gateways import DisputeFact
from trova_app.models import Dispute, DisputeState, Invoice, Payment, ReviewItem
from trova_app.services import timeline
from trova_app.services.balances import stands_of
from trova_app.services.counted_again import ask_where_it_belongs
from trova_app.services.outcomes import Outcome, Result
from trova_app.services.payment_requests import FRESH, GATEWAY, due_minor
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for
from trova_app.services.refund_facts import NO_PAYMENT, after_change, mismatch, payment_of
from trova_app.services.review_items import ask_a_person, settled_itself

RANK = {DisputeState.OPEN: 0, DisputeState.LOST: 1, DisputeState.WON: 2}
"""Banks have been known to give lost money back later; what was won is not taken again."""
KIND = "dispute"
OUTCOMES = {
    DisputeState.LOST: "The bank decided for the payer: {amount} was taken back.",
    DisputeState.WON: "The bank decided for you: {amount} stays paid.",
}
CAME_BACK = "The bank decided for you after all: {amount} came back."
COUNTS_AGAIN = "{amount} came back from the bank, which decided for you after all"


def ingest(db: Session, desk: Desk, fact: DisputeFact) -> Outcome:
    """Takes what a gateway says of one dispute into the books, in any order, any number of times. `Result.EARLY` while
    its payment is not known."""
    payment = payment_of(db, fact)
    if payment is None:
        return Outcome(Result.EARLY, NO_PAYMENT)
    if why := mismatch(db, payment, fact):
        return Outcome(Result.QUARANTINED, why)
    stood = _standing(db, payment)
    known = (Dispute.provider == fact.provider, Dispute.provider_dispute_id == fact.provider_dispute_id)
    row = db.exec(select(Dispute).where(*known).with_for_update(), execution_options=FRESH).first()
    if row is None:
        row = _opened(db, desk, payment, fact)
        _tell(db, desk, payment, row, stood)
    elif not _followed(db, desk, payment, row, fact, stood):
        return Outcome(Result.UNCHANGED)
    after_change(db, desk, payment)
    return Outcome(Result.APPLIED)


def _opened(db: Session, desk: Desk, payment: Payment, fact: DisputeFact) -> Dispute:
    row = Dispute(
        practice_id=payment.practice_id,
        payment_id=cast(int, payment.id),
        provider=fact.provider,
        provider_dispute_id=fact.provider_dispute_id,
        amount_minor=fact.amount_minor,
        currency=fact.currency,
        status=fact.status,
        state=fact.state,
        evidence_due_at=fact.evidence_due_at,
        created_at=fact.when or desk.now(),
        changed_at=desk.now(),
    )
    db.add(row)
    db.flush()
    return row


def _followed(
    db: Session, desk: Desk, payment: Payment, row: Dispute, fact: DisputeFact, stood: tuple[int, int]
) -> bool:
    """Whether the fact brought news. What is furthest along stands, whatever came first: the decision, the later
    deadline; of two words of the gateway's for the same state always the same one."""
    before = (row.state, row.evidence_due_at)
    if _place(fact.state, fact.status) > _place(row.state, row.status):
        row.state, row.status = fact.state, fact.status
    row.evidence_due_at = max(filter(None, (row.evidence_due_at, fact.evidence_due_at)), default=None)
    row.created_at = min(row.created_at, fact.when or row.created_at)  # not every event knows it
    if (row.state, row.evidence_due_at) == before:
        return False
    row.changed_at = desk.now()
    db.flush()
    if row.state != before[0] or row.state == DisputeState.OPEN:
        _tell(db, desk, payment, row, stood)
    return True


def _place(state: str, status: str) -> tuple[int, str]:
    return RANK[DisputeState(state)], status


def _standing(db: Session, payment: Payment) -> tuple[int, int]:
    """In minor units what counts of the payment, and what is due on its invoice."""
    invoice = db.get(Invoice, payment.invoice_id) if payment.invoice_id else None
    return stands_of(db, cast(int, payment.id)), due_minor(db, invoice) if invoice else 0


def _tell(db: Session, desk: Desk, payment: Payment, row: Dispute, stood: tuple[int, int]) -> None:
    """An open one is a question with its deadline; a decided one needs no answer any more, but money that comes back
    after it was lost may. `stood`: as `_standing` was before."""
    style = style_for(db, desk, row.practice_id).in_currency(row.currency)
    about = f"{row.provider}/{row.provider_dispute_id}"
    if row.state != DisputeState.OPEN:
        settled_itself(db, desk, kind=KIND, about=about)
        _tell_outcome(db, desk, payment, row, style, stood)
        return
    sentence = _question(db, style, payment, row)
    is_new = ask_a_person(
        db, desk, practice_id=row.practice_id, kind=KIND, about=about, sentence=sentence,
        invoice_id=payment.invoice_id, payment_id=payment.id,
    )  # fmt: skip
    if is_new:
        _note(db, desk, payment, f"The payer objected to {style.amount(row.amount_minor)} at their bank")
    else:
        _reword(db, about, sentence)


def _tell_outcome(
    db: Session, desk: Desk, payment: Payment, row: Dispute, style: PracticeStyle, stood: tuple[int, int]
) -> None:
    stood_minor, was_due = stood
    more = stands_of(db, cast(int, payment.id)) - stood_minor
    if more > 0:
        amount = style.amount(more)
        _note(db, desk, payment, CAME_BACK.format(amount=amount))
        ask_where_it_belongs(db, desk, payment, more, was_due, what=COUNTS_AGAIN.format(amount=amount))
        return
    is_taken = row.state == DisputeState.LOST and payment.state == "succeeded"
    amount = style.amount(-more if is_taken else row.amount_minor)
    _note(db, desk, payment, OUTCOMES[DisputeState(row.state)].format(amount=amount))


def _reword(db: Session, about: str, sentence: str) -> None:
    """The deadline moved."""
    found = sa.update(ReviewItem).where(col(ReviewItem.key) == f"{KIND}/{about}", col(ReviewItem.state) == "open")
    db.exec(found.values(sentence=sentence))


def _question(db: Session, style: PracticeStyle, payment: Payment, row: Dispute) -> str:
    invoice = db.get(Invoice, payment.invoice_id) if payment.invoice_id else None
    of = f" for {invoice.number_text}" if invoice else ""
    until = f" by {short(style.day(row.evidence_due_at))}" if row.evidence_due_at else ""
    amount = style.amount(row.amount_minor)
    return f"The payer objected to {amount}{of} at their bank. Answer with your evidence at the gateway{until}."


def _note(db: Session, desk: Desk, payment: Payment, what: str) -> None:
    timeline.note(db, desk, practice_id=payment.practice_id, who=GATEWAY, what=what, invoice_id=payment.invoice_id)
