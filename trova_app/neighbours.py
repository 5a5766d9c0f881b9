"""Other processes of this installation hear at once what was committed here, and this one hears them: over Redis.

Without TROVA_REDIS_URL each process tells only its own pages. What travels is the numbers of practices, where something
changed and where a payment came in, and whether there is work; whoever hears it asks the database itself, so a forged
message changes nothing. What could not be said is made good as soon as a message gets through, and what could not be
heard when the line is back: everybody asks again.
"""

import asyncio
import hashlib
import hmac
import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
import redis.asyncio
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from trova_app.services.ports import Desk
from trova_app.settings import settings
from trova_app.wiring import after_commit, new_desk, on_commit

SPEAK_SECONDS = 0.5  # a commit waits no longer than this for Redis
SILENT_SECONDS = 5.0  # and after a failure not at all for this long, unless Redis is found to be back sooner
FIRST_PAUSE = 0.25  # seconds until it is looked for
LISTEN_SECONDS = 10.0
LARGEST = 4096  # characters
MOST = 200  # practices in one message
MOST_NEWS = 50  # and of those with news
PAID = "A payment has come in."  # how it is said in another process than the one that took it in

log = structlog.get_logger()


@dataclass
class Heard(Desk):
    """What another process committed: told here like an act of our own, but not passed on."""


@cache
def _me() -> str:
    return f"{os.getpid()}-{secrets.token_hex(8)}"


@cache
def _channel() -> str:
    """Installations that share a Redis do not hear each other."""
    return "trova-" + hmac.new(settings().key(), b"neighbours", hashlib.sha256).hexdigest()[:32]


def _in_a_moment(seconds: float, do: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, do)
    timer.daemon = True
    timer.start()


class Speaker:
    """Speaks from whatever thread commits. While Redis is away it says nothing and holds nobody up; that something was
    not said is made good by the next message that gets through, which it tries to send by itself `later`."""

    def __init__(self, url: str, later: Callable[[float, Callable[[], None]], None] = _in_a_moment) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=SPEAK_SECONDS, socket_connect_timeout=SPEAK_SECONDS, retry=Retry(NoBackoff(), 1)
        )
        self._later = later
        self._silent_until = 0.0
        self._lock = threading.Lock()
        self._unsaid = 0  # messages so far; what is made good must not hide one that fails meanwhile
        self._made_good = 0
        self._pause = 0.0  # until the next try by itself; 0 where none is under way

    def say(self, **what: Any) -> None:
        if time.monotonic() < self._silent_until:
            self._missed()
        elif not self._is_said(what):
            self._silent_until = time.monotonic() + SILENT_SECONDS
            self._missed()

    def _is_said(self, what: dict[str, Any]) -> bool:
        unsaid = self._unsaid
        if unsaid > self._made_good:
            what |= {"work": True, "all": True}
        try:
            self._client.publish(_channel(), json.dumps({"from": _me(), **what}))
        except (redis.RedisError, OSError) as failure:
            log.warning("other processes not told", error=type(failure).__name__)
            return False
        with self._lock:
            self._made_good = max(self._made_good, unsaid)
        self._silent_until = 0.0
        return True

    def _missed(self) -> None:
        with self._lock:
            self._unsaid += 1
            is_first = self._pause == 0.0
            self._pause = self._pause or FIRST_PAUSE
        if is_first:
            self._later(FIRST_PAUSE, self._try_again)

    def _try_again(self) -> None:
        """Nobody waits for this one. Sooner after a hiccup, seldom while Redis is away."""
        if self._unsaid > self._made_good:
            self._is_said({"practices": [], "paid": []})
        with self._lock:
            is_good = self._unsaid == self._made_good
            self._pause = pause = 0.0 if is_good else min(2 * self._pause, SILENT_SECONDS)
        if not is_good:
            self._later(pause, self._try_again)


@cache
def _speaker() -> Speaker | None:
    url = settings().redis_url
    return Speaker(url) if url else None


def _committed(desk: Desk) -> None:
    if isinstance(desk, Heard) or not (desk.changed_practices or desk.woke_worker or desk.news):
        return
    if speaker := _speaker():
        changed = sorted(desk.changed_practices)
        paid = sorted({practice_id for practice_id, _sentence in desk.news})
        speaker.say(practices=changed[:MOST], paid=paid[:MOST_NEWS], work=desk.woke_worker, all=len(changed) > MOST)


on_commit(_committed)

_RETURNED: list[Callable[[], None]] = []


def on_return(do: Callable[[], None]) -> None:
    """Registers what is done when anything may have changed unheard."""
    _RETURNED.append(do)


def take(raw: Any) -> None:
    """What arrived, passed on to this process's own pages and worker; what is no message of ours is left."""
    try:
        said = json.loads(raw) if len(raw) <= LARGEST else None
        practices, paid = _numbers(said["practices"]), _numbers(said.get("paid", []))
        sender, has_work, is_all = said["from"], said["work"] is True, said["all"] is True
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if sender == _me():
        return
    own = new_desk()
    news = [(practice_id, PAID) for practice_id in sorted(paid)]
    after_commit(Heard(own.clock, own.mode, own.origin, changed_practices=practices, news=news, woke_worker=has_work))
    if is_all:
        _everybody_asks_again()


def _numbers(said: Any) -> set[int]:
    return {number for number in said if type(number) is int}


def _everybody_asks_again() -> None:
    for do in _RETURNED:
        do()


async def run() -> None:
    """Listens until it is cancelled; ends at once where there is no Redis."""
    url = settings().redis_url
    was_gone = False
    while url:
        try:
            await _listen(url, was_gone)
        except (redis.RedisError, OSError) as failure:
            log.warning("other processes not heard", error=type(failure).__name__)
        was_gone = True
        await asyncio.sleep(1)


async def _listen(url: str, was_gone: bool) -> None:
    """Raises when the line is gone; a line that says nothing is asked, and has to answer."""
    limits = {"socket_connect_timeout": LISTEN_SECONDS, "retry": Retry(NoBackoff(), 0)}
    async with redis.asyncio.Redis.from_url(url, **limits) as client, client.pubsub() as line:
        await line.subscribe(_channel())
        is_asked = False
        while True:
            message = await line.get_message(timeout=LISTEN_SECONDS)
            if message is None:
                if is_asked:
                    raise redis.ConnectionError
                await line.ping()
            is_asked = message is None
            if message and message["type"] == "subscribe":
                await asyncio.to_thread(_is_there, was_gone)
            elif message and message["type"] == "message":
                await asyncio.to_thread(take, message["data"])


def _is_there(was_gone: bool) -> None:
    """Makes good what was said while we did not hear, and what we could not say."""
    _everybody_asks_again()
    if was_gone and (speaker := _speaker()):
        speaker.say(practices=[], paid=[], work=True, all=True)
