"""Whose turn it is to look a gateway account through. One process at a time does: a turn is held by a lease, as an
outbox row is, and the lease begins anew with every step of the look."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from trova_app.models import GatewayAccount, PaymentRequest, RequestState, SweepTurn
from trova_app.services import bookmarks
from trova_app.services.bookmarks import Bookmark
from trova_app.services.ports import Desk

BUSY, QUIET = timedelta(minutes=1), timedelta(minutes=10)
OVERLAP = timedelta(hours=1)  # events may show up late in a list
FARTHEST = timedelta(days=29)  # a gateway lists events of the last 30 days
LEASE = timedelta(minutes=3)  # more than the slowest step: a page of a list, or one link, each asked for three times
BETWEEN = (RequestState.CREATING, RequestState.CLOSING)


@dataclass(frozen=True, slots=True)
class Account:
    """An account to look through. `practice_id` and `account_id` are None for the installation's own gateway; only that
    has a `key_mark`, as its key may be replaced by another account's."""

    key: str
    provider: str
    practice_id: int | None = None
    account_id: int | None = None
    key_mark: str = ""


class TurnLost(Exception):
    """Another process looks the account through by now; this one's look is over."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One look: where to read what happened, and whether every open link is asked or this time's share of them. It is
    this process's alone while it holds `lease_token`. `cursor`: up to where the account had been read before."""

    account: Account
    mark: Bookmark
    is_full: bool
    lease_token: str
    cursor: datetime | None


def is_due(db: Session, desk: Desk, account: Account) -> bool:
    """Looked at without a write lock first: most looks find nothing."""
    turn = db.get(SweepTurn, account.key)
    return turn is None or not _is_held(turn, desk) and _is_time(db, desk, account, turn)


def _is_held(turn: SweepTurn, desk: Desk) -> bool:
    return turn.leased_until is not None and turn.leased_until > desk.now()


def _is_time(db: Session, desk: Desk, account: Account, turn: SweepTurn) -> bool:
    return turn.taken_at is None or desk.now() - turn.taken_at >= _pause(db, account)


def take_turn(db: Session, desk: Desk, account: Account, *, at_once: bool = False) -> Turn | None:
    """This worker's turn to look the account through; None while it is too early or another one is just looking. Who
    wanted everything looked through `at_once` gets that as soon as the other's look is over."""
    turn, now = turn_of(db, account.key), desk.now()
    if _is_held(turn, desk):
        turn.taken_at = None if at_once else turn.taken_at
        return None
    if not at_once and not _is_time(db, desk, account, turn):
        return None
    is_other = _with_its_key(db, account, turn)
    cursor = _cursor(db, account, turn)
    since = cursor or now - FARTHEST
    is_full = turn.taken_at is None or at_once or is_other
    turn.taken_at = now
    turn.lease_token, turn.leased_until = uuid.uuid4().hex, now + LEASE
    db.flush()
    mark = bookmarks.opened(turn, max(since - OVERLAP, now - FARTHEST))
    return Turn(account, mark, is_full, turn.lease_token, cursor)


def _with_its_key(db: Session, account: Account, turn: SweepTurn) -> bool:
    """Whether the key is another one than last time, so maybe another account's. How far was read with the former one,
    and where a long read stopped, is put away for its return; the present one goes on where it had come to, or begins
    as far back as it tells."""
    if account.account_id is not None or turn.key_mark == account.key_mark:
        return False
    if turn.key_mark:
        _read_as(turn_of(db, f"{account.key}/{turn.key_mark}"), turn)
    back = f"{account.key}/{account.key_mark}"
    _read_as(turn, db.get(SweepTurn, back) or SweepTurn(key=back))
    turn.key_mark = account.key_mark
    return True


def _read_as(turn: SweepTurn, other: SweepTurn) -> None:
    turn.events_cursor = other.events_cursor
    turn.page, turn.page_since, turn.page_newest = other.page, other.page_since, other.page_newest


def hold(db: Session, desk: Desk, turn: Turn) -> None:
    """The lease begins anew, in one transaction with what the step found. Raises `TurnLost`, which takes it back."""
    _held(db, turn).leased_until = desk.now() + LEASE


def _held(db: Session, turn: Turn) -> SweepTurn:
    row = turn_of(db, turn.account.key)
    if row.lease_token != turn.lease_token:
        raise TurnLost
    return row


def turn_of(db: Session, key: str) -> SweepTurn:
    """The row of this turn, made where it is missing; nobody else takes it until we are done."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.exec(insert(SweepTurn).values(key=key, last_sweep_error="").on_conflict_do_nothing())
    return db.exec(select(SweepTurn).where(SweepTurn.key == key).with_for_update()).one()


def _pause(db: Session, account: Account) -> timedelta:
    """Once a minute while somebody may pay, else every ten."""
    query = select(PaymentRequest.id).where(
        PaymentRequest.provider == account.provider,
        col(PaymentRequest.state).in_((*BETWEEN, RequestState.ACTIVE)),
    )
    if account.practice_id is not None:
        query = query.where(PaymentRequest.practice_id == account.practice_id)
    return BUSY if db.exec(query.limit(1)).first() is not None else QUIET


def _cursor(db: Session, account: Account, turn: SweepTurn) -> datetime | None:
    return db.get_one(GatewayAccount, account.account_id).events_cursor if account.account_id else turn.events_cursor


def ended(db: Session, turn: Turn) -> tuple[SweepTurn, GatewayAccount | None]:
    """Nobody's turn any more; the turn's row, and the account's where it is a practice's own."""
    row, account_id = _held(db, turn), turn.account.account_id
    row.lease_token, row.leased_until = "", None
    return row, db.get(GatewayAccount, account_id) if account_id else None
