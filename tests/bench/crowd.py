"""Many people typing at once in one server process: raw pages with a form open each, two keys a second.

Run as a process of its own (`python -m tests.bench.crowd`), so that the typists do not take the server's time: it reads
its task as JSON on standard input and prints what it saw as JSON.
"""

import asyncio
import json
import random
import secrets
import subprocess
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session
from websockets.asyncio.client import ClientConnection, connect

from tests.bench.report import Report
from tests.served import STATE, ServedApp
from trova_app.models import Member
from trova_app.services.ports import Desk
from trova_app.services.sign_in import open_sign_in
from trova_app.settings import ROOT

FORM = f"{STATE}.figures.saving.completion"
KEYS_A_SECOND = 2
PAGE = "/appointments/[aid]/complete"
TICKS = 100  # of a processor's second, as /proc counts them


@dataclass(frozen=True)
class Seat:
    """Who types into which form: a sign-in's cookie value and an appointment's id; both "" and 0 at the raw socket."""

    cookie: str = ""
    appointment: int = 0


@dataclass(frozen=True)
class Task:
    """`seconds` of typing once everybody has a form open. `floor`: the raw websocket in Trova's place."""

    origin: str
    seats: list[Seat]
    seconds: float
    floor: str = ""


@dataclass
class Seen:
    """ms from key to answer, keys without an answer in 10 s, and forms that did not open."""

    answers: list[float] = field(default_factory=list)
    silent: int = 0
    shut: int = 0


class Typist:
    def __init__(self, task: Task, seat: Seat) -> None:
        self._task, self._seat = task, seat
        self._token = str(uuid.uuid4())
        self._rev = 0

    async def open(self) -> ClientConnection:
        if self._task.floor:
            return await connect(self._task.floor, proxy=None)
        address = self._task.origin.replace("http", "ws", 1)
        socket = await connect(
            f"{address}/_event/?EIO=4&transport=websocket&token={self._token}",
            origin=self._task.origin,  # type: ignore[arg-type]
            additional_headers={"cookie": f"trova={self._seat.cookie}"},
            proxy=None,
            max_size=None,
            ping_interval=None,
        )
        await socket.recv()
        hydrate = self._event(f"{STATE}.hydrate_and_load", {})
        await socket.send("40/_event," + json.dumps({"event": hydrate}))
        await self._until(socket, lambda frame: FORM in frame and '"rows_rx_state_":[{' in frame)
        nothing_typed = {"cells": [], "rev": 0, "acts": [], "pressed": ""}  # as a page says after each connect
        await socket.send("42/_event," + json.dumps(["event", self._event(f"{FORM}.say_again", nothing_typed)]))
        return socket

    def _event(self, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        aid = str(self._seat.appointment)
        where = {"pathname": PAGE, "query": {"aid": aid}, "asPath": PAGE.replace("[aid]", aid)}
        return {"name": name, "payload": payload, "router_data": where, "token": self._token}

    async def _until(self, socket: ClientConnection, arrived: Callable[[str], bool]) -> None:
        async with asyncio.timeout(10 if self._rev else 120):
            while True:
                frame = str(await socket.recv())
                if frame == "2":
                    await socket.send("3")
                elif arrived(frame):
                    return

    async def key(self, socket: ClientConnection) -> None:
        """Another price, sent; back when the server's sums for it are there."""
        self._rev += 1
        price = str(1000 + self._rev)
        if self._task.floor:
            await socket.send(json.dumps(["price.1", price]))
            await socket.recv()
            return
        typed = {"name": "price.1", "value": price, "rev": self._rev}
        await socket.send("42/_event," + json.dumps(["event", self._event(f"{FORM}.edit", typed)]))
        await self._until(socket, lambda frame: '"confirmed_rx_state_"' in frame)

    async def type(self, socket: ClientConnection, seen: Seen, until: float) -> None:
        await asyncio.sleep(random.random() / KEYS_A_SECOND)
        while (began := time.perf_counter()) < until:
            try:
                await self.key(socket)
                seen.answers.append((time.perf_counter() - began) * 1000)
            except TimeoutError:
                seen.silent += 1
            await asyncio.sleep(max(0.0, 1 / KEYS_A_SECOND - (time.perf_counter() - began)))


async def _type_all(task: Task, opened: Callable[[], Awaitable[None]], typed: Callable[[], Awaitable[None]]) -> Seen:
    seen = Seen()
    typists = [Typist(task, seat) for seat in task.seats]
    door = asyncio.Semaphore(8)

    async def come(typist: Typist) -> ClientConnection | None:
        async with door:
            with suppress(TimeoutError, OSError):
                return await typist.open()
        return None

    sockets = await asyncio.gather(*[come(typist) for typist in typists])
    seen.shut = sockets.count(None)
    await opened()
    until = time.perf_counter() + task.seconds
    pairs = [(typist, socket) for typist, socket in zip(typists, sockets, strict=True) if socket]
    await asyncio.gather(*[typist.type(socket, seen, until) for typist, socket in pairs])
    await typed()
    await asyncio.gather(*[socket.close() for _, socket in pairs], return_exceptions=True)
    return seen


def main() -> None:
    given = json.loads(sys.stdin.readline())
    task = Task(**{**given, "seats": [Seat(**seat) for seat in given["seats"]]})

    async def agree(word: str) -> None:
        print(word, flush=True)
        await asyncio.to_thread(sys.stdin.readline)

    seen = asyncio.run(_type_all(task, lambda: agree("open"), lambda: agree("typed")))
    print(json.dumps(asdict(seen)), flush=True)


# -- from outside


@dataclass(frozen=True)
class Crowd:
    """What a crowd saw, the server's seconds of processor an edit, and its bytes of memory a form."""

    seen: Seen
    cpu_ms: float
    kb_a_form: float


def crowd(task: Task, server: int) -> Crowd:
    """`server`: the program that answers, with its children."""
    before = _memory_kb(server)
    program = [sys.executable, "-m", "tests.bench.crowd"]
    with subprocess.Popen(program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(asdict(task)) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "open\n"
        grown, began = _memory_kb(server) - before, _cpu_ms(server)
        process.stdin.write("go\n")
        process.stdin.flush()
        assert process.stdout.readline() == "typed\n"
        spent = _cpu_ms(server) - began  # before the sockets close, which is no edit
        process.stdin.write("close\n")
        process.stdin.flush()
        seen = Seen(**json.loads(process.stdout.readline()))
    edits = len(seen.answers) + seen.silent
    return Crowd(seen, spent / max(edits, 1), grown / max(len(task.seats), 1))


def _family(process: int) -> list[int]:
    """A server program and the processes it started."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *[one for child in children for one in _family(int(child))]]


def _cpu_ms(process: int) -> float:
    """Processor time of all threads so far (fields 14 and 15 of proc_pid_stat(5))."""
    stats = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in _family(process)]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) * 1000 / TICKS


def _memory_kb(process: int) -> int:
    """Resident memory."""
    lines = [line for one in _family(process) for line in Path(f"/proc/{one}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def seats(served: ServedApp, count: int, rows: int) -> list[Seat]:
    """Everybody has a session of their own to finish; ten people to a practice."""
    from tests import builders as a

    with served.act() as (db, desk):
        found = []
        for n in range(count):
            if n % 10 == 0:
                practice = a.a_practice(db, number_prefix=f"C{count}-{n}", default_payment_type="other")
                service = a.a_service(db, practice, lines=rows)
                client = a.a_client(db, practice)
            member = a.a_member(db, practice, email=f"{uuid.uuid4().hex}@example.test")
            over = datetime.now(UTC) - timedelta(hours=1)
            appointment = a.an_appointment(db, client, service, member, ends=over)
            found.append(Seat(_signed_in(db, desk, member), int(appointment.id or 0)))
    return found


def _signed_in(db: Session, desk: Desk, member: Member) -> str:
    secret = secrets.token_urlsafe(32)
    open_sign_in(db, desk.now(), member, secret)
    return secret


@dataclass(frozen=True)
class Floors:
    """Where the hand-written pages are served, and by which process."""

    origin: str
    process: int

    @property
    def socket(self) -> str:
        return self.origin.replace("http", "ws", 1)


def crowds(report: Report, served: ServedApp, floor: Floors, counts: list[int], seconds: float) -> None:
    """Rows of 50, as in the other measurements; the raw websocket with as many people in the same run."""
    rows = 50
    for count in counts:
        bare = crowd(Task(served.url, [Seat()] * count, seconds, f"{floor.socket}/rows?rows={rows}"), floor.process)
        ours = crowd(Task(served.url, seats(served, count, rows), seconds), served.process_id)
        where = f"{count} people typing, {rows} rows"
        report.spread(f"Key to answer: raw websocket, {where}", bare.seen.answers)
        report.spread(f"Key to answer: Trova, {where}", ours.seen.answers,
                      compared=f"unanswered {ours.seen.silent}, not opened {ours.seen.shut}")  # fmt: skip
        report.say(f"Processor time an edit: raw websocket, {where}", bare.cpu_ms, "ms")
        report.say(f"Processor time an edit, saves included: Trova, {where}", ours.cpu_ms, "ms",
                   compared=f"{ours.cpu_ms / bare.cpu_ms:.1f} x raw websocket")  # fmt: skip
        report.say(f"Memory of an open form: {where}", ours.kb_a_form, "kB")


if __name__ == "__main__":
    main()
