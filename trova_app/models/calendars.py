"""Calendars of other systems: who reads ours, and which we read."""

from datetime import datetime

from sqlmodel import Field

from trova_app.models.base import SQLModel, at, key, of, words


class CalendarFeed(SQLModel, table=True):
    """The secret address under which one practitioner's sessions are read. Only the SHA-256 of its token is kept."""

    __tablename__ = "calendar_feed"

    id: int | None = key()
    practice_id: int = of("practice.id")
    member_id: int = of("member.id")
    token_hash: str = Field(unique=True, max_length=64)
    shows_initials: bool = False
    created_at: datetime = at(nullable=False)
    revoked_at: datetime | None = at()


class CalendarSubscription(SQLModel, table=True):
    """Another calendar whose events become sessions of one practitioner. Its address is a secret and lies sealed;
    `host` is what people see of it. `etag` and `modified`: what the other server said last; `asked_at`: when somebody
    asked for it to be read now, until it was; `problem`: a sentence, "" for none."""

    __tablename__ = "calendar_subscription"

    id: int | None = key()
    practice_id: int = of("practice.id")
    member_id: int = of("member.id", index=False)
    created_by: int = of("member.id", index=False)
    host: str
    address_sealed: str = words()
    adds_clients: bool = False
    etag: str = ""
    modified: str = ""
    read_at: datetime | None = at()
    asked_at: datetime | None = at()
    problem: str = words()
    created_at: datetime = at(nullable=False)
    ended_at: datetime | None = at()
