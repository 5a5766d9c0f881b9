"""Chooses real or pretend adapters, opens the unit of work, and is the only place that commits."""

import asyncio
import contextvars
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
import structlog
from sqlmodel import Session

from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import SignedOut
from trova_app.logs import frames
from trova_app.services import sign_in
from trova_app.services.ports import Desk
from trova_app.settings import Settings, settings

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

SIGN_IN: contextvars.ContextVar[str] = contextvars.ContextVar("sign_in", default="")
"""The cookie's value for the running request or event; set by the guard, never a parameter from the page."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ShiftedClock:
    """For tests: runs on from a given moment."""

    def __init__(self, start: datetime) -> None:
        self._shift = start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def advance(self, by: timedelta) -> None:
        self._shift += by


@cache
def clock() -> SystemClock | ShiftedClock:
    chosen = settings()
    if chosen.mode != "live" and chosen.test_clock:
        return ShiftedClock(datetime.fromisoformat(chosen.test_clock))
    return SystemClock()


def make_engine(url: str) -> sa.Engine:
    """One engine. SQLite: WAL, full sync, foreign keys, and writers that queue (BEGIN IMMEDIATE) for up to 20 s."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), pool_size=20, max_overflow=20)
    engine = sa.create_engine(
        url, connect_args={"timeout": 20, "check_same_thread": False}, pool_size=20, max_overflow=20
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=20000"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@cache
def engine() -> sa.Engine:
    chosen = settings()
    chosen.data_dir.mkdir(parents=True, exist_ok=True)
    return make_engine(chosen.database)


def _gateway(chosen: Settings) -> tuple[str, str]:
    """(provider, why there is none) for practices without an account of their own. Real money only in live mode, and
    there no pretended money."""
    key = chosen.stripe_api_key.get_secret_value()
    is_live = "_live_" in key
    if is_live and chosen.mode != "live":
        return "", f"STRIPE_API_KEY is a live key, and this installation is in {chosen.mode} mode. Put in a test key."
    if key and not is_live and chosen.mode == "live":
        return "", "STRIPE_API_KEY is a test key, so nobody could really pay. Put in a live key."
    if key:
        return "stripe", ""
    if chosen.mode == "live":
        return "", "No payment gateway is connected, so clients cannot pay by link yet. See Settings, Payments."
    return "simulated", ""


@cache
def codes() -> Any:
    from trova_app.adapters.icd_codes import IcdCodes

    return IcdCodes(settings().data_dir / "codes-who.sqlite3")


@cache
def vault() -> Any:
    from trova_app.adapters.secrets import Vault

    return Vault(settings().key())


def new_desk() -> Desk:
    chosen = settings()
    gateway, problem = _gateway(chosen)
    return Desk(
        clock=clock(),
        mode=chosen.mode,
        origin=chosen.origin,
        gateway=gateway,
        gateway_problem=problem,
        believes_webhooks=chosen.stripe_webhook_secret.get_secret_value() != "",
        codes=codes(),
        vault=vault(),
        new_token=lambda: uuid.uuid4().hex,
    )


_TURNS: WeakKeyDictionary[sa.Engine, Any] = WeakKeyDictionary()


LAST_WRITES = 5.0  # seconds
_gives_up_at = float("inf")


def end_writing() -> None:
    """This process ends. What still waits for its turn to write has some seconds to get it and is given up then: nobody
    was told that it is done. Each by itself may wait 20 s for the file, and all of them for one another."""
    global _gives_up_at
    _gives_up_at = time.monotonic() + LAST_WRITES


@contextmanager
def _turn(engine: sa.Engine, writes: bool) -> Iterator[None]:
    """SQLite has one writer at a time: ours queue here, in order, instead of asking the file again and again. Other
    processes still meet at the file's own lock."""
    if not writes or engine.dialect.name != "sqlite":
        yield
        return
    with _TURNS.setdefault(engine, threading.RLock()):
        if time.monotonic() > _gives_up_at:
            raise TimeoutError("The server ends before it was this act's turn.")
        yield


@contextmanager
def unit_of_work(
    desk: Desk | None = None, *, writes: bool = True, on: sa.Engine | None = None
) -> Iterator[tuple[Session, Desk]]:
    """One transaction: commits at the end, rolls back on any exception, then passes on what the desk noted."""
    desk, used = desk or new_desk(), on or engine()
    with _turn(used, writes), used.connect().execution_options(writes=writes) as connection:
        with Session(bind=connection, expire_on_commit=False) as db:
            yield db, desk
            if writes:
                db.commit()
            else:
                db.rollback()
    after_commit(desk)


_AFTER: list[Callable[[Desk], None]] = []


def on_commit(do: Callable[[Desk], None]) -> None:
    """Registers what follows each commit (telling open pages, waking the worker). Called from any thread."""
    _AFTER.append(do)


def after_commit(desk: Desk) -> None:
    for do in _AFTER:
        do(desk)


def run_act(secret: str, service: Callable[..., T], writes: bool, kw: dict[str, Any]) -> T:
    """Runs one service as the person behind `secret`; the Principal is read in the act's own transaction."""
    if not secret:
        raise SignedOut
    with unit_of_work(writes=writes) as (db, desk):
        who = sign_in.principal_of(db, desk, secret)
        return service(db, desk, who, **kw)


async def act(service: Callable[Concatenate[Session, Desk, Principal, P], T], **kw: Any) -> T:
    """A changing act, in a worker thread and one transaction."""
    return await writing(run_act, SIGN_IN.get(), service, True, kw)


async def ask(service: Callable[Concatenate[Session, Desk, Principal, P], T], **kw: Any) -> T:
    """A reading act: the same without a write lock."""
    return await asyncio.to_thread(run_act, SIGN_IN.get(), service, False, kw)


_WRITERS = ThreadPoolExecutor(8, thread_name_prefix="writers")
_NOTES = ThreadPoolExecutor(1, thread_name_prefix="notes")


async def writing(do: Callable[..., T], *given: Any) -> T:
    """`asyncio.to_thread` for what writes: while another program has the database to itself (an import at the command
    line), such acts wait in threads of their own, and whoever only reads is served."""
    within = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(_WRITERS, partial(within.run, do, *given))


def who_is(secret: str) -> Principal | None:
    """The guard's question: one indexed read, and once a minute a note that nobody waits for."""
    if not secret:
        return None
    try:
        with unit_of_work(writes=False) as (db, desk):
            who, last_seen = sign_in.seen(db, desk, secret)
            is_stale = desk.now() - last_seen >= sign_in.SEEN_EVERY
    except SignedOut:
        return None
    if is_stale and secret not in _noting:
        _noting.add(secret)
        _NOTES.submit(_note_seen, secret)
    return who


_noting: set[str] = set()


def _note_seen(secret: str) -> None:
    try:
        with unit_of_work() as (db, desk):
            sign_in.touch(db, desk, secret)
    except Exception as failure:
        log.error("it could not be noted that somebody is there", at=frames(failure))
    finally:
        _noting.discard(secret)
