"""Acts that many people do all the time share transactions: who asks while one is under way is in the next.

A commit waits for the disk and a transaction costs more than the few rows a saved form writes, so with hundreds of
people typing this is what lets one process keep up. An act alone waits for nobody. Only acts that carry a version may
come here: what fails together is done again one by one, and a version says what was done already.
"""

import asyncio
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlmodel import Session

from trova_app.domain.permissions import Principal
from trova_app.services import sign_in
from trova_app.services.ports import Desk
from trova_app.wiring import SIGN_IN, run_act, unit_of_work, writing

P = ParamSpec("P")
T = TypeVar("T")
Act = tuple[str, dict[str, Any]]
"""The cookie's value of the person who acts, and what the service is given."""

MOST_TOGETHER = 100


async def act_together(service: Callable[Concatenate[Session, Desk, Principal, P], T], **kw: Any) -> T:
    """`wiring.act` in a transaction shared with others. Each act is its own person's, read in that transaction."""
    outcome: Future[T] = asyncio.get_running_loop().create_future()
    queue = _QUEUES.setdefault(asyncio.get_running_loop(), {}).setdefault(service, _Queue())
    queue.waiting.append(((SIGN_IN.get(), kw), outcome))
    if queue.work is None:
        queue.work = asyncio.create_task(_empty(service, queue))
    return await outcome


@dataclass(slots=True)
class _Queue:
    waiting: list[tuple[Act, Future[Any]]] = field(default_factory=list)
    work: asyncio.Task[None] | None = None


_QUEUES: WeakKeyDictionary[AbstractEventLoop, dict[Any, _Queue]] = WeakKeyDictionary()


async def _empty(service: Callable[..., Any], queue: _Queue) -> None:
    try:
        while queue.waiting:
            now, queue.waiting = queue.waiting[:MOST_TOGETHER], queue.waiting[MOST_TOGETHER:]
            outcomes = await writing(run_together, service, [act for act, _ in now])
            for (_, awaited), outcome in zip(now, outcomes, strict=True):
                if awaited.cancelled():
                    continue
                if isinstance(outcome, Exception):
                    awaited.set_exception(outcome)
                else:
                    awaited.set_result(outcome)
    finally:
        queue.work = None


def run_together(service: Callable[..., T], acts: list[Act]) -> list[T | Exception]:
    """Each act's outcome in order: what it returned, once all are committed, or what it raised. If one is refused or
    fails, nothing of the shared transaction stays and each is done by itself."""
    if len(acts) > 1:
        with suppress(Exception), unit_of_work() as (db, desk):  # whose it was shows when each stands alone
            people = sign_in.principals_of(db, desk, [secret for secret, _ in acts])
            return [service(db, desk, people[secret], **kw) for secret, kw in acts]
    return [_by_itself(service, secret, kw) for secret, kw in acts]


def _by_itself(service: Callable[..., T], secret: str, kw: dict[str, Any]) -> T | Exception:
    try:
        return cast("T", run_act(secret, service, True, kw))
    except Exception as failure:
        return failure
