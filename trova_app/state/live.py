"""Open pages hear at once that something of their practice changed, and that a sign-in has ended.

Only a version number travels; each page then asks again through its own guarded handler.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import reflex as rx
import structlog
from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.permissions import Principal
from trova_app.models import Appointment
from trova_app.neighbours import on_return
from trova_app.services import sign_in
from trova_app.services.ports import Desk
from trova_app.settings import settings
from trova_app.state.marks import handler
from trova_app.state.strangers import forget_strangers
from trova_app.wiring import clock, end_writing, on_commit, unit_of_work

log = structlog.get_logger()


class Live(rx.State):
    """`version` goes up when anything of the practice changed; `ended`: the sign-in of the page, `member`'s, is over
    (`components/signed_out.js`)."""

    version: int = 0
    ended: bool = False
    member: int = 0
    _is_known: bool = False  # False in a state that was just made, so that the guard restores what the page shows

    @handler(public=True)
    def leave(self) -> None:
        self.ended = True


@dataclass(frozen=True, slots=True)
class Tab:
    practice_id: int
    secret: str


TABS: dict[str, Tab] = {}
"""Open pages by the address of their state; filled by the guard, pruned when somebody is told."""

MOMENT = 3.0
"""Seconds for which a sign-in that was seen to hold lets its person type on without another look. Longer than from one
save to the next in the middle of typing (`autosave.SAVE_BY`), as each of them is a look."""
LOOK_BY = 30.0
"""Seconds after which the guard looks itself, however often saves looked meanwhile: its look notes that somebody is
there, which keeps the sign-in from going idle."""


@dataclass(slots=True)
class Sighting:
    who: Principal
    until: float
    look_by: float


SEEN: dict[str, Sighting] = {}
"""Who was seen to be signed in a moment ago, by the cookie's value; filled by the guard."""


def has_saved(secret: str) -> None:
    """A save looked at the sign-in in its own transaction, and it held: as good as the guard's own look."""
    sighting = SEEN.get(secret)
    if sighting is not None:
        sighting.until = min(time.monotonic() + MOMENT, sighting.look_by)


_app: rx.App | None = None
_loop: asyncio.AbstractEventLoop | None = None
_waiting: set[int] = set()
_tasks: set[asyncio.Task[None]] = set()


def app() -> rx.App | None:
    """The running app; None before it has started."""
    return _app


def open_tabs() -> dict[str, Tab]:
    """The tabs whose socket is open; forgets the others."""
    sockets = _app.event_namespace.token_to_sid if _app and _app.event_namespace else {}
    for token in [token for token in TABS if token not in sockets]:
        SEEN.pop(TABS.pop(token).secret, None)
    return dict(TABS)


async def _bump(token: str) -> None:
    assert _app is not None
    async with _app.modify_state(rx.BaseStateToken(ident=token, cls=Live)) as root:
        (await root.get_state(Live)).version += 1


async def tell_practice(practice_id: int) -> None:
    """Raises the version on every open page of the practice; a page in the middle of a handler hears it afterwards."""
    await on_every_page(practice_id, _bump)


async def on_every_page(practice_id: int, do: Callable[[str], Awaitable[None]]) -> None:
    told = [token for token, tab in open_tabs().items() if tab.practice_id == practice_id]
    await asyncio.gather(*(do(token) for token in told), return_exceptions=True)


async def _end(token: str) -> None:
    """Says it to the page, then closes its socket, whether the page obeys or not."""
    assert _app is not None and _app.event_namespace is not None and _app.sio is not None
    async with _app.modify_state(rx.BaseStateToken(ident=token, cls=Live)) as root:
        (await root.get_state(Live)).ended = True
    socket = _app.event_namespace.token_to_sid.get(token)
    TABS.pop(token, None)
    if socket:
        await _app.sio.disconnect(socket, namespace=_app.event_namespace.namespace)


async def end_tabs_of(secret: str) -> None:
    """A sign-in has ended: its pages leave."""
    SEEN.pop(secret, None)
    ended = [token for token, tab in open_tabs().items() if tab.secret == secret]
    await asyncio.gather(*(_end(token) for token in ended), return_exceptions=True)


# -- commits, from whatever thread


def _start(practice_id: int) -> None:
    """Several commits before anybody was told count as one."""
    if practice_id in _waiting:
        return
    _waiting.add(practice_id)

    async def tell() -> None:
        await asyncio.sleep(0)
        _waiting.discard(practice_id)
        await tell_practice(practice_id)

    run(tell())


def run(work: Coroutine[Any, Any, None]) -> None:
    """On the app's loop, by itself."""
    task = asyncio.create_task(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def soon(begin: Callable[[], object]) -> None:
    """Begins it on the app's loop, from whatever thread; nothing where no app runs."""
    if _loop is not None and not _loop.is_closed():
        _loop.call_soon_threadsafe(begin)


def _committed(desk: Desk) -> None:
    for practice_id in desk.changed_practices:
        soon(partial(_start, practice_id))


def _unheard() -> None:
    """Anything may have changed in another process."""
    if _loop is not None and not _loop.is_closed():
        for practice_id in {tab.practice_id for tab in list(TABS.values())}:
            _loop.call_soon_threadsafe(_start, practice_id)


on_commit(_committed)
on_return(_unheard)


# -- time passing


def passed_between(db: Session, last: datetime, now: datetime) -> list[int]:
    """The practices with an appointment whose end lies in (last, now]: it has become Open without anybody's doing."""
    query = select(Appointment.practice_id).where(
        Appointment.state == AppointmentState.SCHEDULED,
        col(Appointment.ends_at) > last,
        col(Appointment.ends_at) <= now,
    )
    return list(db.exec(query.distinct()))


def ended_among(db: Session, desk: Desk, secrets: set[str]) -> set[str]:
    """Those of the sign-ins that no longer hold: ended, idle, expired, or the person was disabled."""
    return secrets - sign_in.principals_of(db, desk, secrets).keys()


def _look(last: datetime, now: datetime, secrets: set[str]) -> tuple[list[int], set[str]]:
    with unit_of_work(writes=False) as (db, desk):
        return passed_between(db, last, now), ended_among(db, desk, secrets)


async def _watch() -> None:
    last = clock().now()
    while True:
        await asyncio.sleep(settings().open_check_seconds)
        if _app is not None:
            forget_strangers(_app)
        now = clock().now()
        try:
            secrets = {tab.secret for tab in open_tabs().values()}
            practices, ended = await asyncio.to_thread(_look, last, now, secrets)
        except Exception:
            log.exception("the look for passed appointments failed")  # the next one covers the same span again
            continue
        last = now
        for practice_id in practices:
            _start(practice_id)
        for secret in ended:
            await end_tabs_of(secret)


@asynccontextmanager
async def live(app: rx.App) -> AsyncIterator[None]:
    """For the app's whole life: hears commits and watches the time."""
    global _app, _loop
    _app, _loop = app, asyncio.get_running_loop()
    watch = asyncio.create_task(_watch())
    yield
    watch.cancel()
    end_writing()
    _loop = None
