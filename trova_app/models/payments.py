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
    """Money received. `provider` is "manual" for cash, bank transfer, card machine and medical aid. `is_credit`: real
    money that settles nothing yet, because the invoice is void or was already paid; a person decides. `created_at`:
    when the payer set out to pay, where the gateway says it, else when it became known here."""

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
    is_credit: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    fee_minor: int | None = minor(None)
    recorded_by: int | None = of("member.id", index=False, nullable=True)
    created_at: datetime = at(nullable=False)


class RefundState(StrEnum):
    WANTED = "wanted"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Refund(SQLModel, table=True):
    """Money given back, from the app or found at the gateway. `refund_uuid` is stored before the gateway is asked;
    `provider_refund_id` is "" until it has answered. `unknown_to`: the mark of the key under which it did not know the
    payment, "none" where there was no key, "" where it was not so. Manual ones have their own uuid for both, with the
    method, day and reference a person gave. `note` stays here; the gateway learns the reason's word only. `is_counted`:
    false for one the gateway tells of that may be what a person wrote down, until somebody says that it is another, or
    nothing written down is left that it could be; and for one with which more went back than came. `answered`: the
    `refund_uuid` of the one asked for in vain whose question it answered, "" for none. One that was written down and
    never made is failed, with `taken_back_at`. `created_at` of one made there is when it was made."""

    __tablename__ = "refund"
    __table_args__ = (
        one_of("state", RefundState),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.Index(
            "uq_refund_provider_provider_refund_id",
            "provider",
            "provider_refund_id",
            unique=True,
            sqlite_where=sa.text("provider_refund_id <> ''"),
            postgresql_where=sa.text("provider_refund_id <> ''"),
        ),
    )

    id: int | None = key()
    practice_id: int = of("practice.id")
    payment_id: int = of("payment.id")
    invoice_id: int | None = of("invoice.id", nullable=True)
    refund_uuid: str = Field(unique=True)
    provider: str
    provider_refund_id: str = ""
    amount_minor: int = minor(None)
    currency: str = Field(max_length=3)
    reason: str = ""
    method: str = Field(default=PaymentMethod.ONLINE, sa_column_kwargs={"server_default": "online"})
    given_on: date | None = None
    reference: str = Field(default="", sa_column_kwargs={"server_default": ""})
    note: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    state: str = RefundState.WANTED
    last_error: str = words()
    unknown_to: str = Field(default="", sa_column_kwargs={"server_default": ""})
    is_counted: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    answered: str = Field(default="", sa_column_kwargs={"server_default": ""})
    requested_by: int | None = of("member.id", index=False, nullable=True)
    taken_back_by: int | None = of("member.id", index=False, nullable=True)
    taken_back_at: datetime | None = at()
    created_at: datetime = at(nullable=False)
    changed_at: datetime = at(nullable=False)


class DisputeState(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Dispute(SQLModel, table=True):
    """A payer's objection at their bank. Only a lost one takes the money away. `created_at`: when the payer objected,
    where the gateway says it, else when it became known here."""

    __tablename__ = "dispute"
    __table_args__ = (one_of("state", DisputeState), sa.UniqueConstraint("provider", "provider_dispute_id"))

    id: int | None = key()
    practice_id: int = of("practice.id")
    payment_id: int = of("payment.id")
    provider: str
    provider_dispute_id: str
    amount_minor: int = minor(None)
    currency: str = Field(max_length=3)
    status: str = ""  # the gateway's own word
    state: str = DisputeState.OPEN
    evidence_due_at: datetime | None = at()
    created_at: datetime = at(nullable=False)
    changed_at: datetime = at(nullable=False)


class ReviewItem(SQLModel, table=True):
    """Something only a person can decide. `reason`: the person's own words for leaving it. Nobody in `resolved_by`: it
    settled itself.

    `kind`: credit (money for an invoice that is void or was paid already), overpaid (more came than was due),
    wrong_amount (another amount than the link asked for; kept as a credit where it is in the invoice's currency),
    wrong_mode, wrong_account (neither is kept as a payment), unknown_request (it names a request that is not here),
    link_changed (somebody switched the link off at the gateway), link_lost (the gateway does not know the link under
    the present key; leaving the question gives the link up), refund_failed (it did not go through), refund_waits
    (nobody answers for it; leaving the question ends the refund), refund_unclear (it may be what a person wrote down,
    or is more than came; leaving the question leaves it uncounted), dispute (the payer objected at their bank),
    set_aside (what was told of a refund or dispute does not fit its payment), webhook_left (a gateway that was left
    does not let us take our webhook away).
    `key`: the kind and what it is about, so that hearing of it again adds nothing.
    """

    __tablename__ = "review_item"
    __table_args__ = (
        sa.CheckConstraint("state IN ('open', 'resolved')", name="state"),
        sa.CheckConstraint("decision IN ('', 'refund', 'apply', 'ignore')", name="decision"),
    )

    id: int | None = key()
    practice_id: int = of("practice.id")
    key: str = Field(unique=True)
    kind: str
    sentence: str = words()
    invoice_id: int | None = of("invoice.id", nullable=True)
    payment_id: int | None = of("payment.id", nullable=True)
    event_id: int | None = of("provider_event.id", index=False, nullable=True)
    state: str = "open"
    decision: str = ""
    reason: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    resolved_by: int | None = of("member.id", index=False, nullable=True)
    resolved_at: datetime | None = at()
    created_at: datetime = at(nullable=False)


class GatewayAccount(SQLModel, table=True):
    """A practice's own account at a gateway. Secrets are encrypted with the installation's key and never shown again;
    `key_hint` is the key's end. At most one connected account for a practice."""

    __tablename__ = "gateway_account"
    __table_args__ = (
        sa.CheckConstraint("mode IN ('test', 'live')", name="mode"),
        sa.Index(
            "uq_gateway_account_practice_id_connected",
            "practice_id",
            unique=True,
            sqlite_where=sa.text("disconnected_at IS NULL"),
            postgresql_where=sa.text("disconnected_at IS NULL"),
        ),
    )

    id: int | None = key()
    practice_id: int = of("practice.id", index=False)
    provider: str
    mode: str
    account_ref: str = ""
    key_encrypted: str = words()
    key_hint: str = ""
    endpoint_ref: str = ""  # the gateway's id of our webhook endpoint, "" where webhooks are not connected
    endpoint_public_id: str = ""
    test_url: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})  # to try it with
    events_cursor: datetime | None = at()
    last_event_at: datetime | None = at()
    last_sweep_at: datetime | None = at()
    last_sweep_error: str = words()
    connected_at: datetime = at(nullable=False)
    connected_by: int | None = of("member.id", index=False, nullable=True)
    disconnected_at: datetime | None = at()


class SweepTurn(SQLModel, table=True):
    """Whose turn it is to look a gateway account through, so that of many workers one does. `key` is "account/3" for a
    practice's own account, whose cursor stands in its own row, or the provider's name for the installation's. A look
    that was more than one turn could read goes on after `page`, the gateway's name for where it stopped ("": none is
    under way): it reads what happened since `page_since`, and has seen things as new as `page_newest`. While a process
    looks it holds the row by a lease; one that ran out is another's to take. `key_mark`: which key of the
    installation's cursor and page are about, "" for practices' own; those of its former keys stand in rows of their
    own, "stripe/<mark>"."""

    __tablename__ = "sweep_turn"

    key: str = Field(primary_key=True)
    taken_at: datetime | None = at()  # None: look everything through at once
    lease_token: str = Field(default="", sa_column_kwargs={"server_default": ""})
    leased_until: datetime | None = at()
    key_mark: str = Field(default="", sa_column_kwargs={"server_default": ""})
    events_cursor: datetime | None = at()
    last_event_at: datetime | None = at()
    last_sweep_at: datetime | None = at()
    last_sweep_error: str = words()
    page: str = Field(default="", sa_column_kwargs={"server_default": ""})
    page_since: datetime | None = at()
    page_newest: datetime | None = at()


class WebhookEndpoint(SQLModel, table=True):
    """Where a gateway's events arrive: `/hooks/stripe/{public_id}`; `secret` signs them, and until `earlier_until` the
    one it replaced does too. To the minute: `heard_at`, of the installation's own, when something last arrived;
    `refused_at`, when something last came that was not signed as it should be."""

    __tablename__ = "webhook_endpoint"

    public_id: str = Field(primary_key=True)
    practice_id: int | None = of("practice.id", nullable=True)
    provider: str
    secret: str
    earlier_secret: str = Field(default="", sa_column_kwargs={"server_default": ""})
    earlier_until: datetime | None = at()
    heard_at: datetime | None = at()
    refused_at: datetime | None = at()


class ProviderEvent(SQLModel, table=True):
    """A gateway's event as received: whitelisted fields only, one row for each event id. `through`: the practice whose
    own account told it, None for the installation's; `account_ref` is then "practice 3", so that no practice's events
    take another's names where two share an account."""

    __tablename__ = "provider_event"
    __table_args__ = (
        sa.UniqueConstraint("provider", "account_ref", "event_id"),
        sa.CheckConstraint("state IN ('received', 'done', 'ignored', 'quarantined', 'failed')", name="state"),
    )

    id: int | None = key()
    practice_id: int | None = of("practice.id", nullable=True)
    through: int | None = None
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
