"""Money received, links to pay, and the provider's facts they follow from."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from trova_app.domain.invoices import PaymentMethod
from trova_app.models.base import SQLModel, at, key, minor, of, one_of, words


class RequestState(StrEnum):
    CREATING = "creating"
    ACTIVE = "active"
    CLOSING = "closing"
    CLOSED = "closed"
    PAID = "paid"
    FAILED = "failed"


class PaymentRequest(SQLModel, table=True):
    """One live link for an invoice. Key and parameters are stored before the gateway is called."""

    __tablename__ = "payment_request"
    __table_args__ = (
        one_of("state", RequestState),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.UniqueConstraint("provider", "account_ref", "provider_ref"),
        sa.Index(
            "uq_payment_request_invoice_id_live",
            "invoice_id",
            unique=True,
            sqlite_where=sa.text("state IN ('creating', 'active', 'closing')"),
            postgresql_where=sa.text("state IN ('creating', 'active', 'closing')"),
        ),
    )

    id: int | None = key()
    practice_id: int = of("practice.id")
    invoice_id: int = of("invoice.id")
    request_uuid: str = Field(unique=True)
    provider: str
    account_ref: str = ""
    amount_minor: int = minor(None)
    currency: str = Field(max_length=3)
    state: str = RequestState.CREATING
    attempt: int = 1
    provider_ref: str | None = None
    url: str = words()
    last_error: str = words()
    closed_reason: str = ""
    created_at: datetime = at(nullable=False)
    changed_at: datetime = at(nullable=False)


class Payment(SQLModel, table=True):
    """Money received. `provider` is "manual" for cash, bank transfer, card machine and medical aid."""

    __tablename__ = "payment"
    __table_args__ = (
        one_of("method", PaymentMethod),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.CheckConstraint("state IN ('pending', 'succeeded', 'failed')", name="state"),
        sa.UniqueConstraint("provider", "provider_payment_id"),
    )

    id: int | None = key()
    practice_id: int = of("practice.id")
    invoice_id: int | None = of("invoice.id", nullable=True)
    request_id: int | None = of("payment_request.id", nullable=True)
    provider: str = "manual"
    provider_payment_id: str
    amount_minor: int = minor(None)
    currency: str = Field(max_length=3)
    method: str
    state: str = "succeeded"
    received_on: date
    reference: str = ""
    recorded_by: int | None = of("member.id", index=False, nullable=True)
    created_at: datetime = at(nullable=False)


class WebhookEndpoint(SQLModel, table=True):
    """Where a gateway's events arrive: `/hooks/stripe/{public_id}`; `secret` signs them."""

    __tablename__ = "webhook_endpoint"

    public_id: str = Field(primary_key=True)
    practice_id: int | None = of("practice.id", nullable=True)
    provider: str
    secret: str


class ProviderEvent(SQLModel, table=True):
    """A gateway's event as received: whitelisted fields only, one row for each event id."""

    __tablename__ = "provider_event"
    __table_args__ = (
        sa.UniqueConstraint("provider", "account_ref", "event_id"),
        sa.CheckConstraint("state IN ('received', 'done', 'ignored', 'quarantined', 'failed')", name="state"),
    )

    id: int | None = key()
    practice_id: int | None = of("practice.id", nullable=True)
    provider: str
    account_ref: str = ""
    event_id: str
    type: str
    is_live: bool = False
    body: str = words()
    state: str = "received"
    error: str = words()
    attempts: int = 0
    received_at: datetime = at(nullable=False)
