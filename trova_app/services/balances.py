"""What has been paid and what is still owed, always added up from the payments."""

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.invoices import DocumentStatus, Label, PaymentType, label_of
from trova_app.models import Invoice, Payment


def paid_minor() -> Any:
    """SQL: the succeeded payments of the invoice in the surrounding query, in minor units."""
    return (
        select(sa.cast(sa.func.coalesce(sa.func.sum(Payment.amount_minor), 0), sa.BigInteger))
        .where(Payment.invoice_id == col(Invoice.id), Payment.state == "succeeded")
        .correlate(Invoice)
        .scalar_subquery()
    )


def owed_by(db: Session, practice_id: int, client_ids: Collection[int]) -> dict[int, int]:
    """What each of these clients still owes on issued documents, in minor units; those who owe nothing are left out.
    What a scheme owes is not the client's."""
    owed = col(Invoice.total_minor) - paid_minor()
    due = (
        select(col(Invoice.client_id).label("client_id"), owed.label("owed"))
        .where(
            Invoice.practice_id == practice_id,
            col(Invoice.client_id).in_(client_ids),
            Invoice.status == DocumentStatus.ISSUED,
            Invoice.payment_type != PaymentType.INSURANCE,
        )
        .subquery()
    )
    rows = db.execute(sa.select(due.c.client_id, sa.func.sum(due.c.owed)).where(due.c.owed > 0).group_by("client_id"))
    return {client_id: int(total) for client_id, total in rows}


def invoice_label(invoice: Invoice, paid: int, today: date) -> Label:
    """What the screen says of this invoice; `paid` in minor units."""
    return label_of(
        DocumentStatus(invoice.status),
        PaymentType(invoice.payment_type),
        invoice.total_minor,
        paid,
        invoice.submitted_on is not None,
        invoice.due_date,
        today,
    )
