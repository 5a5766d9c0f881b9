"""What every job is done with."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlmodel import Session

from trova_app.outside import Outside
from trova_app.services import outbox
from trova_app.services.outbox import Job
from trova_app.services.ports import Desk

UNEXPECTED = "Something unexpected happened here. We will try again."

UnitOfWork = Callable[..., AbstractContextManager[tuple[Session, Desk]]]


@dataclass(frozen=True)
class Means:
    """`act` opens a unit of work; `lease_seconds`: how long a job is this worker's alone."""

    outside: Outside
    act: UnitOfWork
    lease_seconds: int


def set_aside(db: Session, desk: Desk, job: Job, problem: str, *, is_permanent: bool) -> None:
    """Stopped for good where trying again cannot help, otherwise later."""
    if is_permanent:
        outbox.bury(db, desk, job, problem)
    else:
        outbox.retry_later(db, desk, job, problem)
