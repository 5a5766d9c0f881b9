"""The worker: takes from the outbox what is due and has `jobs` do it. In the server by default, or by itself as
`trova worker`.

A job is claimed with a lease; one cut short by a crash is done again once its lease has run out, under the same key.
"""

import asyncio
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog

from trova_app import neighbours, wiring
from trova_app.jobs import JOBS, Means
from trova_app.jobs.means import UNEXPECTED, UnitOfWork
from trova_app.outside import outside
from trova_app.services import outbox
from trova_app.services.outbox import Job, LeaseLost
from trova_app.services.ports import Desk
from trova_app.sweeper import Sweeper

LANES = 4
IMPORTS = ("import_file",)
SAME_SERVER = (
    ("open_link", "close_link", "check_link", "refund", "ingest_event")
    + ("connect_webhooks", "remove_webhooks", "test_payment", "close_test_payment"),
    ("letter",),
    IMPORTS,
    ("read_calendar",),
)
LEASE_SECONDS = 180  # more than the slowest job: three tries of a gateway and a look through its links
POLL_SECONDS = 2.0
SWEEP_LOOK_SECONDS = 5.0  # one small question: is it anybody's turn
UNKNOWN = "This version of Trova does not know what to do with it."

log = structlog.get_logger()


@dataclass(frozen=True)
class Worker(Means):
    """Claims jobs and does them by its own means. Safe to run many at once, in many processes."""

    act: UnitOfWork = wiring.unit_of_work
    lease_seconds: int = LEASE_SECONDS

    def run_once(self) -> int:
        """Does everything that is due, one job after the other; how many."""
        done = 0
        while jobs := self.claim(1):
            self.do(jobs[0])
            done += 1
        return done

    def claim(self, limit: int, without: Sequence[str] = ()) -> list[Job]:
        """Looks without a write lock first: most looks find nothing."""
        with self.act(writes=False) as (db, desk):
            if limit < 1 or not outbox.has_due(db, desk, without):
                return []
        with self.act() as (db, desk):
            return outbox.claim(db, desk, limit=limit, lease_seconds=self.lease_seconds, without=without)

    def do(self, job: Job) -> None:
        """Never raises: a job's trouble is written to its row, and to the log without anybody's words."""
        try:
            self._do_kind(job)
        except LeaseLost:
            log.warning("job taken over", kind=job.kind, job=job.id)
        except Exception as failure:
            log.error("job failed", kind=job.kind, job=job.id, error=_where(failure))
            self._later(job, UNEXPECTED)

    def _do_kind(self, job: Job) -> None:
        if job.kind in JOBS:
            JOBS[job.kind](self, job)
            return
        with self.act() as (db, desk):
            outbox.bury(db, desk, job, UNKNOWN)

    def _later(self, job: Job, problem: str) -> None:
        """Where even this cannot be written (the database is away), the lease runs out by itself."""
        try:
            with self.act() as (db, desk):
                outbox.retry_later(db, desk, job, problem)
        except Exception as failure:
            log.error("job left to its lease", job=job.id, error=_where(failure))


def _where(failure: Exception) -> str:
    """The kind of failure and the line it came from, without its text: that may quote a letter or a row."""
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    return f"{type(failure).__name__} {place}".strip()


@dataclass
class Bell:
    """Rung from any thread after a commit that left work; the loop that waits for it looks at once."""

    loop: asyncio.AbstractEventLoop
    rung: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        try:
            self.loop.call_soon_threadsafe(self.rung.set)
        except RuntimeError:
            _BELLS.discard(self)  # its loop has ended

    def __hash__(self) -> int:
        return id(self)


_BELLS: set[Bell] = set()


def _after_commit(desk: Desk) -> None:
    if desk.woke_worker:
        for bell in list(_BELLS):
            bell.ring()


wiring.on_commit(_after_commit)


async def run(worker: Worker | None = None) -> None:
    """The loop, until it is cancelled. Its jobs have threads of their own, so a slow mail server holds nobody up. A job
    cut off by the end of the process is another's once its lease has run out."""
    chosen = worker if worker is not None else Worker(await asyncio.to_thread(outside))
    bell = Bell(asyncio.get_running_loop())
    _BELLS.add(bell)
    lanes = ThreadPoolExecutor(LANES + 2, thread_name_prefix="worker")
    sweeping = asyncio.ensure_future(_sweep(Sweeper(chosen.outside, chosen.act), lanes))
    try:
        await _work(chosen, bell, lanes)
    finally:
        sweeping.cancel()
        _BELLS.discard(bell)
        lanes.shutdown(wait=False, cancel_futures=True)


async def _sweep(sweeper: Sweeper, lanes: ThreadPoolExecutor) -> None:
    """Everything once at the start, then whatever is due, until it is cancelled."""
    loop = asyncio.get_running_loop()
    is_start = True
    while True:
        await loop.run_in_executor(lanes, partial(sweeper.sweep, at_once=is_start))
        is_start = False
        await asyncio.sleep(SWEEP_LOOK_SECONDS)


async def _work(worker: Worker, bell: Bell, lanes: ThreadPoolExecutor) -> None:
    loop = asyncio.get_running_loop()
    busy: dict[asyncio.Future[None], str] = {}
    while True:
        bell.rung.clear()
        while len(busy) < LANES and (
            jobs := await loop.run_in_executor(lanes, _claimed, worker, crowded(busy.values()))
        ):
            busy |= {loop.run_in_executor(lanes, worker.do, job): job.kind for job in jobs}
        ringing = asyncio.ensure_future(bell.rung.wait())
        watched: list[asyncio.Future[Any]] = [ringing, *busy]
        await asyncio.wait(watched, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        ringing.cancel()
        busy = {doing: kind for doing, kind in busy.items() if not doing.done()}


def crowded(busy: Iterable[str]) -> tuple[str, ...]:
    """The kinds of job that must wait, so that none waits for another's slow server or long list: imports have one
    lane, and the last lane is for kinds of which none is under way."""
    doing = list(busy)
    full: list[str] = []
    for group in SAME_SERVER:
        under_way = sum(kind in group for kind in doing)
        if under_way and (group == IMPORTS or len(doing) >= LANES - 1):
            full += group
    return tuple(full)


def _claimed(worker: Worker, without: tuple[str, ...]) -> list[Job]:
    """The next job. A database that is away for a moment must not end the loop."""
    try:
        return worker.claim(1, without)
    except Exception as failure:
        log.error("outbox not read", error=_where(failure))
        return []


async def _by_itself() -> None:
    await asyncio.gather(run(), neighbours.run())


def main() -> None:
    """`trova worker`: drains the outbox in a process of its own."""
    try:
        asyncio.run(_by_itself())
    except KeyboardInterrupt:
        log.info("worker ended")
