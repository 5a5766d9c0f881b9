"""A file of clients or appointments: looked through, kept, or taken back. Each step is a short transaction, and between
two of them everybody else has as long as it took."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from trova_app.domain.imports import ParsedFile
from trova_app.domain.refusals import Refusal
from trova_app.jobs.means import Means
from trova_app.models import ImportState
from trova_app.services import outbox, statistics
from trova_app.services.file_imports import undoing, work
from trova_app.services.file_imports.look import begin_look, go_on, looked
from trova_app.services.file_imports.task import Task, in_order, task_of
from trova_app.services.file_imports.work import AT_ONCE
from trova_app.services.outbox import Job

TOLD_EVERY = 0.5  # seconds between two notes of how far the look is
LONGEST_REST = 0.1
HELD_FOR = 20  # seconds; once a step is done the next takes far less, and after a power cut nobody waits long
MOST_TRIES = 5
GAVE_UP = "This did not come to an end after several tries. What was kept so far stands, and can be undone."


def import_file(means: Means, job: Job) -> None:
    with means.act(writes=False) as (db, desk):
        task = task_of(db, desk, job.payload["import_id"], job.payload["version"])
    if task is not None:
        try:
            if job.attempts > MOST_TRIES:
                raise Refusal(GAVE_UP)
            STEPS.get(task.state, _nothing)(means, job, task)
        except Refusal as refusal:
            with means.act() as (db, desk):
                work.stopped(db, desk, task, refusal.sentence)
    with means.act() as (db, desk):
        outbox.finish(db, desk, job)


def _nothing(_means: Means, _job: Job, _task: Task) -> None:
    """It has ended already."""


def _read(means: Means, task: Task) -> ParsedFile[Any]:
    how, window = task.how, task.window
    return means.outside.read_list(task.kind, task.data, task.name, task.zone, window, how.day_first, how.fields)


def _look(means: Means, job: Job, task: Task) -> None:
    parsed = _read(means, task)
    rows, look, told = in_order(parsed), begin_look(task, parsed), time.monotonic()
    for at in range(0, len(rows), AT_ONCE):
        begun = time.monotonic()
        with means.act(writes=False) as (db, desk):
            look.at(db, desk, rows[at : at + AT_ONCE])
        _rest(begun)
        if time.monotonic() - told > TOLD_EVERY:
            told = time.monotonic()
            with means.act() as (db, desk):
                outbox.hold(db, desk, job, HELD_FOR)
                if not go_on(db, task, at, len(rows)):
                    return
    with means.act() as (db, desk):
        looked(db, desk, task, look.done(), len(rows))


def _keep(means: Means, job: Job, task: Task) -> None:
    rows: Sequence[Any] = in_order(_read(means, task))
    at: int | None = task.done
    while at is not None and at < len(rows):
        work.read_ahead(rows, at)
        begun = time.monotonic()
        with means.act() as (db, desk):
            outbox.hold(db, desk, job, HELD_FOR)
            at = work.keep_some(db, desk, task, rows, at)
            desk.point("import: some rows kept")
        _rest(begun)
    with means.act() as (db, desk):
        work.all_kept(db, desk, task)
    with means.act() as (db, desk):
        statistics.renew(db, desk)


def _undo(means: Means, job: Job, task: Task) -> None:
    is_left = True
    while is_left:
        begun = time.monotonic()
        with means.act() as (db, desk):
            outbox.hold(db, desk, job, HELD_FOR)
            is_left = undoing.undo_some(db, desk, task)
        _rest(begun)


def _rest(begun: float) -> None:
    time.sleep(min(time.monotonic() - begun, LONGEST_REST))


STEPS: dict[str, Callable[[Means, Job, Task], None]] = {
    ImportState.READING: _look,
    ImportState.RUNNING: _keep,
    ImportState.UNDOING: _undo,
}
"""By the state an import is in; any other has ended."""
