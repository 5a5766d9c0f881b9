"""Refunds and disputes as they are shown with the invoice they are about."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.domain.invoices import METHOD_WORDS, PaymentMethod
from trova_app.models import Dispute, Payment, Refund
from trova_app.services.practice_style import PracticeStyle, short
from trova_app.services.refunds import REASON_WORDS

REFUND_WORDS = {"wanted": "Being asked for", "pending": "On its way", "succeeded": "Given back", "failed": "Failed"}
NOT_COUNTED = "Not counted"
DISPUTE_WORDS = {"open": "Open", "won": "Won", "lost": "Lost"}


@dataclass(frozen=True, slots=True)
class RefundText:
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
    return REFUND_WORDS[row.state] if row.is_counted else NOT_COUNTED


def refunds_of(db: Session, style: PracticeStyle, invoice_id: int) -> tuple[RefundText, ...]:
    """An invoice's refunds in their order; `style` in its currency."""
    query = sa.select(Refund).where(col(Refund.invoice_id) == invoice_id).order_by(col(Refund.id))
    return tuple(_text(style, row) for row in db.execute(query).scalars())


def _text(style: PracticeStyle, row: Refund) -> RefundText:
    why = [REASON_WORDS.get(row.reason, ""), row.reference, row.note]
    return RefundText(
        date=day_of(style, row),
        how=METHOD_WORDS[PaymentMethod(row.method)],
        amount=style.amount(row.amount_minor),
        state=state_of(row),
        why=" \u00b7 ".join(part for part in why if part),
        problem=row.last_error,
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
