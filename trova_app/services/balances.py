"""What has been paid and what is still owed, always added up from the payments and from what went back.

Paid: the succeeded payments that are no credit, less what was given back of them, less what a lost dispute took: at
most what was left of its payment, as gateways tell of the whole charge also where a part had gone back before.

Asked for again: of an invoice that was paid in full once, what a bank took and nobody has paid since, and not what was
given up: what was given back beyond the surplus there was. Where a bank took nothing, or as much came again, nothing is
asked for; what is missing may still be paid.

Surplus is only what had come, and gone back, before the payer objected; where they objected more than once, before they
first did. By the sums alone money paid too much and given back looks like money given back and paid again since. What
came or went after that counts as since, also before the bank decided: rather too little is asked for than too much.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from trova_app.domain.invoices import DocumentStatus, GivenBack, Label, PaymentType, label_of
from trova_app.models import Dispute, DisputeState, Invoice, Payment, Refund, RefundState

ON_THEIR_WAY = (RefundState.WANTED, RefundState.PENDING, RefundState.SUCCEEDED)


def paid_minor() -> Any:
    """SQL: what has been paid on the invoice of the surrounding query, in minor units."""
    return _of_invoice(_sum(_stands()), *_counts())


def refunded_minor() -> Any:
    """SQL: what went back of all the invoice's payments, credits too, in minor units."""
    return _of_invoice(_sum(_refunded()), Payment.state == "succeeded")


def due_minor() -> Any:
    """SQL: what is due on the invoice of the surrounding query, in minor units; below 0 where more came than was due.
    Beside money that a bank took, what was given up is not due."""
    beside = sa.case((_sum(Payment.amount_minor) >= col(Invoice.total_minor), _given_up()), else_=0)
    return col(Invoice.total_minor) - paid_minor() - sa.case((_is_taken(), _of_invoice(beside, *_counts())), else_=0)


def given_back() -> Any:
    """SQL: a `GivenBack`, as text, of the invoice of the surrounding query."""
    came, went = _sum(Payment.amount_minor), _sum(_refunded())
    said = sa.case(
        (sa.or_(came < col(Invoice.total_minor), went <= 0), GivenBack.NOTHING.value),
        (went >= came, GivenBack.ALL.value),
        else_=GivenBack.PART.value,
    )
    said = sa.case((_is_taken(), GivenBack.NOTHING.value), else_=_of_invoice(said, *_counts()))
    return sa.func.coalesce(said, GivenBack.NOTHING.value)


def _is_taken() -> Any:
    """SQL: whether more is missing on the surrounding query's invoice than was given up, as a bank took it. Most have
    no dispute, and nothing is added up for them."""
    is_more = _sum(_stands()) + _given_up() < col(Invoice.total_minor)
    return sa.case((_has_dispute(DisputeState.LOST), _of_invoice(is_more, *_counts())), else_=sa.false())


def _given_up() -> Any:
    """SQL, of an invoice's payments: what was given back of what the invoice needed."""
    is_before = _is_before_loss(col(Payment.created_at))
    surplus = _sum(sa.case((is_before, Payment.amount_minor), else_=0)) - col(Invoice.total_minor)
    went_before = _sum(_refunded(where=_is_before_loss(col(Refund.created_at))))
    of_it = sa.case((surplus <= 0, 0), (went_before < surplus, went_before), else_=surplus)
    return _sum(_refunded()) - of_it


def _is_before_loss(moment: Any) -> Any:
    """SQL: whether it was before any objection to a payment of the same invoice that the payer has won."""
    other = aliased(Payment)
    lost = select(Dispute.id).join(other, col(Dispute.payment_id) == other.id)
    lost = lost.where(other.invoice_id == Payment.invoice_id, *_counts(other), Dispute.state == DisputeState.LOST)
    return sa.not_(lost.where(col(Dispute.created_at) <= moment).correlate(Payment, Refund).exists())


def is_settled() -> Any:
    """SQL: whether nothing is asked for any more, because it was paid in full once and given back, in part or whole."""
    return given_back() != GivenBack.NOTHING.value


def is_disputed() -> Any:
    """SQL: whether a payer's bank is deciding about one of the payments of the surrounding query's invoice."""
    return _has_dispute(DisputeState.OPEN)


def _has_dispute(state: DisputeState) -> Any:
    of_invoice = (Dispute.payment_id == Payment.id, Payment.invoice_id == col(Invoice.id))
    return select(Dispute.id).where(*of_invoice, Dispute.state == state).correlate(Invoice).exists()


def _counts(payment: Any = Payment) -> tuple[Any, ...]:
    return (payment.state == "succeeded", payment.is_credit.is_(False))


def _of_invoice(what: Any, *which: Any) -> Any:
    return select(what).where(Payment.invoice_id == col(Invoice.id), *which).correlate(Invoice).scalar_subquery()


def _stands() -> Any:
    """SQL: what counts of the surrounding query's payment."""
    lost, left = _lost(), col(Payment.amount_minor) - _refunded()
    return sa.case((lost <= 0, left), (left > lost, left - lost), else_=0)


def _sum(amount: Any) -> Any:
    return sa.cast(sa.func.coalesce(sa.func.sum(amount), 0), sa.BigInteger)


def _refunded(*states: RefundState, where: Any = True) -> Any:
    """SQL: what of the surrounding query's payment went back, or counts so by these states."""
    wanted = col(Refund.state).in_(states or (RefundState.SUCCEEDED,))
    return _of_payment(Refund, sa.and_(wanted, col(Refund.is_counted), where))


def _lost() -> Any:
    return _of_payment(Dispute, col(Dispute.state) == DisputeState.LOST)


def _of_payment(table: Any, which: Any) -> Any:
    total = select(_sum(table.amount_minor)).where(table.payment_id == col(Payment.id), which)
    return total.correlate(Payment).scalar_subquery()


def paid_of(db: Session, invoice_id: int) -> int:
    """The same for one invoice; 0 for none."""
    return int(db.exec(select(paid_minor()).select_from(Invoice).where(Invoice.id == invoice_id)).first() or 0)


def stands_of(db: Session, payment_id: int) -> int:
    """What counts of a payment, credits too: what came less what went back and what the bank took."""
    return int(db.exec(select(_stands()).where(Payment.id == payment_id, Payment.state == "succeeded")).first() or 0)


def left_of(db: Session, payment_id: int) -> int:
    """What of a payment can still be given back: refunds that are wanted or under way count as gone."""
    left = col(Payment.amount_minor) - _refunded(*ON_THEIR_WAY) - _lost()
    return max(0, int(db.exec(select(left).where(Payment.id == payment_id, Payment.state == "succeeded")).first() or 0))


def owed_by(db: Session, practice_id: int, client_ids: Collection[int]) -> dict[int, int]:
    """What each of these clients still owes on issued documents, in minor units; those who owe nothing are left out.
    What a scheme owes is not the client's, and what was paid in full and given back since, in part or whole, is not
    asked for again."""
    due = (
        select(col(Invoice.client_id).label("client_id"), due_minor().label("owed"))
        .where(
            Invoice.practice_id == practice_id,
            col(Invoice.client_id).in_(client_ids),
            Invoice.status == DocumentStatus.ISSUED,
            Invoice.payment_type != PaymentType.INSURANCE,
            sa.not_(is_settled()),
        )
        .subquery()
    )
    rows = db.execute(sa.select(due.c.client_id, sa.func.sum(due.c.owed)).where(due.c.owed > 0).group_by("client_id"))
    return {client_id: int(total) for client_id, total in rows}


def invoice_label(invoice: Invoice, paid: int, today: date, *, given_back: str) -> Label:
    """What the screen says of this invoice; `paid` in minor units, `given_back` as the expression of that name."""
    return label_of(
        DocumentStatus(invoice.status),
        PaymentType(invoice.payment_type),
        invoice.total_minor,
        paid,
        GivenBack(given_back),
        invoice.submitted_on is not None,
        invoice.due_date,
        today,
    )
