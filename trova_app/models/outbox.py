"""What must leave the building, and the mail that did."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from trova_app.models.base import SQLModel, at, key, of, words


class OutboxRow(SQLModel, table=True):
    """One act on the world outside, committed with the act that wants it. `key` makes it happen once; a worker leases
    the row until `leased_until`, and either sets `done_at` or moves `due_at`; `dead_at` waits for a person."""

    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_done_at_dead_at_due_at", "done_at", "dead_at", "due_at"),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    invoice_id: int | None = of("invoice.id", nullable=True)
    kind: str
    key: str = Field(unique=True)
    payload: str = words("{}")
    due_at: datetime = at(nullable=False)
    attempts: int = 0
    leased_until: datetime | None = at()
    lease_token: str = ""
    last_error: str = words()
    done_at: datetime | None = at()
    dead_at: datetime | None = at()
    created_at: datetime = at(nullable=False)


class Mail(SQLModel, table=True):
    """A letter as it went out, or as it was captured where no mail server is set. `message_id` is stored before the
    first try, so that a retry carries the same one."""

    __tablename__ = "mail"
    __table_args__ = (sa.CheckConstraint("state IN ('waiting', 'captured', 'sent', 'refused')", name="state"),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    invoice_id: int | None = of("invoice.id", nullable=True)
    document_id: int | None = of("document.id", index=False, nullable=True)
    key: str = Field(unique=True)
    message_id: str
    kind: str
    recipient: str
    subject: str
    text: str = words()
    html: str = words()
    state: str = "waiting"
    error: str = words()
    created_at: datetime = at(nullable=False)
    sent_at: datetime | None = at()
