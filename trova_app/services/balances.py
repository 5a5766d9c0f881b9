"""What has been paid and what is still owed, always added up from the payments and from what went back.

Paid: the succeeded payments that are no credit, less what was given back of them, less what a lost dispute took: at
most what was left of its payment, as gateways tell of the whole charge also where a part had gone back before.

Asked for again: of an invoice that was paid in full once, what a bank took and nobody has paid since, and not what was
given back. Where a bank took nothing, or as much came again, nothing is asked for; what is missing may still be paid.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa
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
    Beside money that a bank took, what was given back is not due."""
    came, went, is_taken = _came_and_went()
    forgone = sa.case((sa.and_(came >= col(Invoice.total_minor), is_taken), went), else_=0)
    return col(Invoice.total_minor) - paid_minor() - _of_invoice(forgone, *_counts())


def given_back() -> Any:
    """SQL: a `GivenBack`, as text, of the invoice of the surrounding query."""
    came, went, is_taken = _came_and_went()
    said = sa.case(
        (sa.or_(came < col(Invoice.total_minor), went <= 0, is_taken), GivenBack.NOTHING.value),
        (went >= came, GivenBack.ALL.value),
        else_=GivenBack.PART.value,
    )
    return sa.func.coalesce(_of_invoice(said, *_counts()), GivenBack.NOTHING.value)


def _came_and_went() -> tuple[Any, Any, Any]:
    """SQL, of an invoice's payments: all that came, all that was given back, and whether more is missing than that."""
    went = _sum(_refunded())
    return _sum(Payment.amount_minor), went, _sum(_stands()) + went < col(Invoice.total_minor)


def is_settled() -> Any:
    """SQL: whether nothing is asked for any more, because it was paid in full once and given back, in part or whole."""
    return given_back() != GivenBack.NOTHING.value


def is_disputed() -> Any:
    """SQL: whether a payer's bank is deciding about one of the payments of the surrounding query's invoice."""
    of_invoice = (Dispute.payment_id == Payment.id, Payment.invoice_id == col(Invoice.id))
    return select(Dispute.id).where(*of_invoice, Dispute.state == DisputeState.OPEN).correlate(Invoice).exists()


def _counts() -> tuple[Any, ...]:
    return (Payment.state == "succeeded", col(Payment.is_credit).is_(False))


def _of_invoice(what: Any, *which: Any) -> Any:
    return select(what).where(Payment.invoice_id == col(Invoice.id), *which).correlate(Invoice).scalar_subquery()


def _stands() -> Any:
    """SQL: what counts of the surrounding query's payment."""
    lost, left = _lost(), col(Payment.amount_minor) - _refunded()
    return sa.case((lost <= 0, left), (left > lost, left - lost), else_=0)


def _sum(amount: Any) -> Any:
    return sa.cast(sa.func.coalesce(sa.func.sum(amount), 0), sa.BigInteger)


def _refunded(*states: RefundState) -> Any:
    """SQL: what of the surrounding query's payment went back, or counts so by these states."""
    wanted = col(Refund.state).in_(states or (RefundState.SUCCEEDED,))
    return _of_payment(Refund, wanted & col(Refund.is_counted))


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
