"""The outbox: what must leave the building, committed with the act that wants it and done afterwards by a worker.

At least once, under a key of its own: a key already there is not added again, and what a job does outside must bear
being done twice under that key. A worker holds a row by a lease; a lease that ran out is another worker's to take.
"""

import json
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from trova_app.models import OutboxRow
from trova_app.services.ports import Desk

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
MAX_ATTEMPTS = 20  # some 12 hours: less than a gateway remembers a key (24 h)
GAVE_UP = "We tried many times without success."


class LeaseLost(Exception):
    """Another worker has taken the job over; this one's result must not be kept."""


@dataclass(frozen=True, slots=True)
class Job:
    """A row as a worker holds it. `attempts` counts this one."""

    id: int
    kind: str
    key: str
    payload: dict[str, Any]
    practice_id: int
    invoice_id: int | None
    attempts: int
    lease_token: str


def enqueue(
    db: Session,
    desk: Desk,
    *,
    practice_id: int,
    kind: str,
    key: str,
    payload: dict[str, Any],
    invoice_id: int | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Adds a row in the act's own transaction. False when the key is there already, also where two acts add at once."""
    db.flush()
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = OutboxRow(
        practice_id=practice_id,
        invoice_id=invoice_id,
        kind=kind,
        key=key,
        payload=json.dumps(payload, sort_keys=True),
        due_at=due_at or desk.now(),
        created_at=desk.now(),
    )
    added = db.exec(
        insert(OutboxRow)
        .values(row.model_dump(exclude={"id"}))
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(col(OutboxRow.id))
    )
    is_new = added.first() is not None
    if is_new:
        desk.wake()
    return is_new


def has_due(db: Session, desk: Desk, without: Sequence[str] = ()) -> bool:
    """Whether there is anything to claim but of the kinds `without`; needs no write lock."""
    return db.exec(select(OutboxRow.id).where(*_claimable(desk, without)).limit(1)).first() is not None


def claim(db: Session, desk: Desk, *, limit: int, lease_seconds: int, without: Sequence[str] = ()) -> list[Job]:
    """Leases up to `limit` due rows, oldest first, none of the kinds `without`. Two workers never get the same row:
    SQLite has one writer at a time, PostgreSQL skips rows another one is just taking. A row tried too often is stopped
    instead of handed out."""
    due = select(OutboxRow).where(*_claimable(desk, without))
    query = due.order_by(col(OutboxRow.due_at), col(OutboxRow.id)).limit(limit)
    rows = db.exec(query.with_for_update(skip_locked=True)).all()
    until = desk.now() + timedelta(seconds=lease_seconds)
    return [_leased(row, until) for row in rows if not _is_worn_out(row, desk)]


def _claimable(desk: Desk, without: Sequence[str]) -> tuple[Any, ...]:
    now = desk.now()
    return (
        col(OutboxRow.kind).not_in(without),
        col(OutboxRow.done_at).is_(None),
        col(OutboxRow.dead_at).is_(None),
        col(OutboxRow.due_at) <= now,
        sa.or_(col(OutboxRow.leased_until).is_(None), col(OutboxRow.leased_until) <= now),
    )


def _is_worn_out(row: OutboxRow, desk: Desk) -> bool:
    """A job that takes its worker down each time would otherwise be tried for ever."""
    if row.attempts < MAX_ATTEMPTS:
        return False
    row.dead_at, row.leased_until, row.lease_token = desk.now(), None, ""
    row.last_error = row.last_error or GAVE_UP
    desk.tell(row.practice_id)
    return True


def _leased(row: OutboxRow, until: datetime) -> Job:
    row.lease_token, row.leased_until = uuid.uuid4().hex, until
    row.attempts += 1
    return Job(
        id=cast(int, row.id),
        kind=row.kind,
        key=row.key,
        payload=json.loads(row.payload),
        practice_id=row.practice_id,
        invoice_id=row.invoice_id,
        attempts=row.attempts,
        lease_token=row.lease_token,
    )


def hold(db: Session, desk: Desk, job: Job, lease_seconds: int) -> None:
    """The lease begins anew, before an act outside that cannot be taken back. Raises `LeaseLost` where the worker stood
    still for so long that another one has the job."""
    held = sa.update(OutboxRow).where(*_in_hand(job)).values(leased_until=desk.now() + timedelta(seconds=lease_seconds))
    if db.exec(held.returning(col(OutboxRow.id))).first() is None:
        raise LeaseLost


def finish(db: Session, desk: Desk, job: Job) -> None:
    """Done. Raises `LeaseLost`, which takes the whole result's transaction back."""
    _close(db, job, done_at=desk.now(), last_error="")


def remember(db: Session, job: Job, **more: Any) -> None:
    """Adds to what the job is about, for its next try and for who looks back at it (`payload_of`). Raises
    `LeaseLost`."""
    told = sa.update(OutboxRow).where(*_in_hand(job)).values(payload=json.dumps(job.payload | more, sort_keys=True))
    if db.exec(told.returning(col(OutboxRow.id))).first() is None:
        raise LeaseLost


def payload_of(db: Session, key: str) -> dict[str, Any]:
    """Also of a job that is done; {} for none."""
    found = db.exec(select(OutboxRow.payload).where(OutboxRow.key == key)).first()
    return cast(dict[str, Any], json.loads(found)) if found else {}


def drop(db: Session, job: Job) -> None:
    """As if it had never been: it could not be done now, and who wants it later adds it anew. Raises `LeaseLost`."""
    dropped = db.exec(sa.delete(OutboxRow).where(*_in_hand(job)).returning(col(OutboxRow.id)))
    if dropped.first() is None:
        raise LeaseLost


def retry_later(db: Session, desk: Desk, job: Job, problem: str) -> None:
    """Due again after a pause that doubles each time, up to an hour, with up to a half of it left to chance so that
    many jobs do not come back together. After the last attempt it stops. Raises `LeaseLost`."""
    if job.attempts >= MAX_ATTEMPTS:
        bury(db, desk, job, problem)
        return
    _close(db, job, due_at=desk.now() + pause_after(job.attempts), last_error=problem)
    desk.tell(job.practice_id)


def bury(db: Session, desk: Desk, job: Job, problem: str) -> None:
    """Stopped: trying again by itself cannot help, a person sees it on the Outbox page. Raises `LeaseLost`."""
    _close(db, job, dead_at=desk.now(), last_error=problem)
    desk.tell(job.practice_id)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A job taken back. `attempts` 0: no worker had it in hand since a person or the sweep asked for it anew."""

    attempts: int
    payload: dict[str, Any]


def withdraw(db: Session, desk: Desk, key: str) -> Withdrawn | None:
    """Takes a job back, also out of a worker's hands, whose result is not kept then. None if done or absent."""
    row = db.exec(select(OutboxRow).where(OutboxRow.key == key).with_for_update()).first()
    if row is None or row.done_at is not None:
        return None
    row.done_at, row.dead_at, row.leased_until, row.lease_token = desk.now(), None, None, ""
    db.flush()
    return Withdrawn(row.attempts, json.loads(row.payload))


def is_in_hand(db: Session, desk: Desk, key: str) -> bool:
    """Whether a worker is doing it at this moment."""
    held = select(OutboxRow.id).where(OutboxRow.key == key, col(OutboxRow.leased_until) > desk.now())
    return db.exec(held).first() is not None


def newest(db: Session, practice_id: int, kind: str, key_begins: str) -> OutboxRow | None:
    """The last job of this kind, with such a key, that is not done."""
    begins = col(OutboxRow.key).startswith(key_begins, autoescape=True)
    of = (OutboxRow.practice_id == practice_id, OutboxRow.kind == kind, begins, col(OutboxRow.done_at).is_(None))
    return db.exec(select(OutboxRow).where(*of).order_by(col(OutboxRow.id).desc()).limit(1)).first()


def hurry(db: Session, desk: Desk, key: str) -> None:
    """A job that waits is due now. One that is done, stopped or in a worker's hands is left alone."""
    now = desk.now()
    is_free = sa.or_(col(OutboxRow.leased_until).is_(None), col(OutboxRow.leased_until) <= now)
    waits = (col(OutboxRow.key) == key, col(OutboxRow.done_at).is_(None), col(OutboxRow.dead_at).is_(None), is_free)
    db.exec(sa.update(OutboxRow).where(*waits).values(due_at=now))
    desk.wake()


def revive(db: Session, desk: Desk, key: str) -> None:
    """A job that stopped for good is due again, with a full count of attempts."""
    row = db.exec(select(OutboxRow).where(OutboxRow.key == key, col(OutboxRow.dead_at).is_not(None))).first()
    if row is not None:
        row.dead_at, row.attempts, row.due_at = None, 0, desk.now()
        desk.wake()


def revive_worn_out(db: Session, desk: Desk, key: str) -> bool:
    """The same for a job that stopped because nobody answered for so long, not because of an answer; whether it did."""
    worn_out = select(OutboxRow.id).where(OutboxRow.key == key, col(OutboxRow.attempts) >= MAX_ATTEMPTS)
    is_dead = db.exec(worn_out.where(col(OutboxRow.dead_at).is_not(None))).first() is not None
    if is_dead:
        revive(db, desk, key)
    return is_dead


def pause_after(attempts: int) -> timedelta:
    whole = min(LONGEST_WAIT, FIRST_WAIT * int(2 ** (attempts - 1)))
    return whole * random.uniform(0.5, 1)  # noqa: S311 - chance to spread load, not to keep a secret


def _close(db: Session, job: Job, **given: Any) -> None:
    held = sa.update(OutboxRow).where(*_in_hand(job))
    closed = db.exec(held.values(lease_token="", leased_until=None, **given).returning(col(OutboxRow.id)))
    if closed.first() is None:
        raise LeaseLost


def _in_hand(job: Job) -> tuple[Any, ...]:
    return (
        col(OutboxRow.id) == job.id,
        col(OutboxRow.lease_token) == job.lease_token,
        col(OutboxRow.done_at).is_(None),
    )
