"""Refunds and disputes as they are shown with the invoice they are about."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.domain.invoices import METHOD_WORDS, PaymentMethod
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Dispute, Payment, Refund
from trova_app.services import taken_back
from trova_app.services.practice_style import PracticeStyle, short
from trova_app.services.refunds import REASON_WORDS

REFUND_WORDS = {"wanted": "Being asked for", "pending": "On its way", "succeeded": "Given back", "failed": "Failed"}
NOT_COUNTED, TAKEN_BACK = "Not counted", "Taken back"
DISPUTE_WORDS = {"open": "Open", "won": "Won", "lost": "Lost"}


@dataclass(frozen=True, slots=True)
class RefundText:
    """`may_take_back`: this person may, as it was only written down."""

    id: int
    may_take_back: bool
    date: str
    how: str
    amount: str
    state: str
    why: str
    problem: str


@dataclass(frozen=True, slots=True)
class DisputeText:
    """`until`: the day by which evidence must be in, "" where there is none or it is decided."""

    date: str
    amount: str
    is_open: bool
    state: str
    until: str


def day_of(style: PracticeStyle, row: Refund) -> str:
    return short(row.given_on or style.day(row.created_at))


def state_of(row: Refund) -> str:
    if row.taken_back_at is not None:
        return TAKEN_BACK
    return REFUND_WORDS[row.state] if row.is_counted else NOT_COUNTED


def refunds_of(db: Session, style: PracticeStyle, who: Principal, invoice_id: int) -> tuple[RefundText, ...]:
    """An invoice's refunds in their order; `style` in its currency."""
    may = who.may(Permission.BILL) and who.may(Permission.RECORD_PAYMENT)
    query = sa.select(Refund).where(col(Refund.invoice_id) == invoice_id).order_by(col(Refund.id))
    return tuple(_text(style, row, may and taken_back.may_be(row)) for row in db.execute(query).scalars())


def _text(style: PracticeStyle, row: Refund, may_take_back: bool) -> RefundText:
    is_taken_back = row.taken_back_at is not None
    why = [REASON_WORDS.get(row.reason, ""), row.reference, row.note, row.last_error if is_taken_back else ""]
    return RefundText(
        id=int(row.id or 0),
        may_take_back=may_take_back,
        date=day_of(style, row),
        how=METHOD_WORDS[PaymentMethod(row.method)],
        amount=style.amount(row.amount_minor),
        state=state_of(row),
        why=" \u00b7 ".join(part for part in why if part),
        problem="" if is_taken_back else row.last_error,
    )


def disputes_of(db: Session, style: PracticeStyle, invoice_id: int) -> tuple[DisputeText, ...]:
    query: Any = sa.select(Dispute).join(Payment, col(Payment.id) == Dispute.payment_id)
    found = db.execute(query.where(col(Payment.invoice_id) == invoice_id).order_by(col(Dispute.id))).scalars()
    return tuple(
        DisputeText(
            date=short(style.day(row.created_at)),
            amount=style.amount(row.amount_minor),
            is_open=row.state == "open",
            state=DISPUTE_WORDS[row.state],
            until=short(style.day(row.evidence_due_at)) if row.state == "open" and row.evidence_due_at else "",
        )
        for row in found
    )


def has_open_dispute(db: Session, payment_id: int) -> bool:
    query = sa.select(Dispute.id).where(col(Dispute.payment_id) == payment_id, col(Dispute.state) == "open")  # type: ignore[call-overload]
    return db.execute(query.limit(1)).first() is not None
