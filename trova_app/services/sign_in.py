"""Signing in and out, and who a cookie is. Time-outs: idle (the practice's setting) and absolute (12 hours)."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from trova_app.domain.permissions import Principal, Role
from trova_app.domain.refusals import SignedOut
from trova_app.models import Member, Practice, SignIn, SignInAttempt
from trova_app.services.ports import Desk

ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(seconds=60)  # how stale `last_seen_at` may get, to spare a write on each event
TRY_WINDOW = timedelta(minutes=15)
TRIES_FOR_ACCOUNT = 8
TRIES_FOR_NETWORK = 40


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def is_throttled(db: Session, now: datetime, account_hash: str, network_hash: str) -> bool:
    """True after 8 failures for one address or 40 from one network address within 15 minutes (OWASP ASVS 6.3.1); it
    ends by itself, so nobody is locked out for ever."""
    since = now - TRY_WINDOW

    def tries(column: object, value: str) -> int:
        query = select(func.count()).select_from(SignInAttempt).where(column == value, SignInAttempt.tried_at > since)
        return db.exec(query).one()

    return (
        tries(SignInAttempt.account_hash, account_hash) >= TRIES_FOR_ACCOUNT
        or tries(SignInAttempt.network_hash, network_hash) >= TRIES_FOR_NETWORK
    )


def take_a_try(db: Session, now: datetime, account_hash: str, network_hash: str) -> int | None:
    """Counts and writes down a try before its password is looked at, so that of many at once no more than allowed get
    that far; None for one too many. Tries for the same address or network wait for each other's commit. `give_back`
    after a success."""
    _in_turn(db, account_hash, network_hash)
    if is_throttled(db, now, account_hash, network_hash):
        return None
    row = SignInAttempt(account_hash=account_hash, network_hash=network_hash, tried_at=now)
    db.add(row)
    db.flush()
    return row.id


def _in_turn(db: Session, *hashes: str) -> None:
    """SQLite's one writer is turn enough."""
    if db.get_bind().dialect.name == "postgresql":
        for number in sorted({int(text[:15], 16) for text in hashes}):  # in one order, so that nobody waits in a ring
            db.connection().execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def give_back(db: Session, attempt_id: int) -> None:
    """The try was none after all: the password was right, or nobody looked at it."""
    db.connection().execute(sa.delete(SignInAttempt).where(col(SignInAttempt.id) == attempt_id))


def member_by_email(db: Session, email: str) -> Member | None:
    """Only a member who may sign in."""
    wanted = email.strip().lower()
    return db.exec(select(Member).where(Member.email == wanted, col(Member.disabled_at).is_(None))).first()


def open_sign_in(db: Session, now: datetime, member: Member, secret: str) -> None:
    """Keeps the hash of the cookie's value; the value itself is only in the browser."""
    assert member.id is not None
    db.add(
        SignIn(
            id_hash=hash_of(secret),
            member_id=member.id,
            practice_id=member.practice_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + ABSOLUTE,
        )
    )


def end_sign_in(db: Session, now: datetime, secret: str) -> None:
    row = db.get(SignIn, hash_of(secret))
    if row and row.ended_at is None:
        row.ended_at = now
        db.add(row)


_STANDING: Any = (
    sa.select(
        col(SignIn.id_hash),
        col(SignIn.ended_at),
        col(SignIn.expires_at),
        col(SignIn.last_seen_at),
        col(Member.disabled_at),
        col(Member.id).label("member_id"),
        col(Member.practice_id),
        col(Member.role),
        col(Member.name),
        col(Practice.idle_minutes),
    )
    .select_from(SignIn)
    .join(Member, col(Member.id) == SignIn.member_id)
    .join(Practice, col(Practice.id) == SignIn.practice_id)
    .where(col(SignIn.id_hash).in_(sa.bindparam("id_hashes", expanding=True)))
)
"""Asked at every event of every page, so it is built once and brings columns, no rows to keep track of."""


def seen(db: Session, desk: Desk, secret: str) -> tuple[Principal, datetime]:
    """Who this cookie is, now, and when the person was last seen. Raises `SignedOut` for an unknown, ended, idle or
    expired one."""
    found = db.connection().execute(_STANDING, {"id_hashes": [hash_of(secret)]}).first()
    if found is None or not _is_alive(found, desk.now()):
        raise SignedOut
    return _principal(found), found.last_seen_at


def _principal(found: sa.Row[Any]) -> Principal:
    return Principal(found.member_id, found.practice_id, Role(found.role), found.name)


def principal_of(db: Session, desk: Desk, secret: str) -> Principal:
    return seen(db, desk, secret)[0]


def principals_of(db: Session, desk: Desk, secrets: Iterable[str]) -> dict[str, Principal]:
    """Who these cookies are, by the cookie; one that holds no longer is left out."""
    asked = {hash_of(secret): secret for secret in secrets}
    rows = db.connection().execute(_STANDING, {"id_hashes": list(asked)})
    return {asked[row.id_hash]: _principal(row) for row in rows if _is_alive(row, desk.now())}


def _is_alive(found: sa.Row[Any], now: datetime) -> bool:
    return (
        found.ended_at is None
        and found.disabled_at is None
        and now < found.expires_at
        and now < found.last_seen_at + timedelta(minutes=found.idle_minutes)
    )


def touch(db: Session, desk: Desk, secret: str) -> None:
    """Notes that the person is there; written at most once a minute."""
    row = db.get(SignIn, hash_of(secret))
    if row is not None:
        row.last_seen_at = desk.now()
        db.add(row)
