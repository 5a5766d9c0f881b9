"""The real server, as `trova serve` starts it, on a free port with its own data; and a page that speaks to it raw."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import select
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.contract import every_request
from trova_app.domain.permissions import Role
from trova_app.migrate import migrate
from trova_app.models import Member
from trova_app.services import sign_in
from trova_app.services.ports import Desk
from trova_app.settings import ROOT
from trova_app.web.passwords import hash_password
from trova_app.wiring import SystemClock, make_engine, unit_of_work

PASSWORD = "a sentence of my own"
STATE = "reflex___state____state"
HYDRATE = f"{STATE}.hydrate_and_load"
START_LIMIT = 180  # seconds; a first start builds the pages


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServedApp:
    """One server. `env` is added to its environment; the port and the data stay the same from start to start.

    `inside` names a module that is imported into the server first, to add states of the tests' own.
    """

    def __init__(self, data: Path, inside: str = "", **env: str) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.data = data
        self.log = data / "server.log"
        self._inside = "import tests.into_the_server; " + (f"import {inside}; " if inside else "")
        self._process: subprocess.Popen[bytes] | None = None
        self._env = {
            "TROVA_MODE": "test",
            "TROVA_DATA_DIR": str(data),
            "TROVA_DATABASE_URL": "",
            "TROVA_BASE_URL": "",
            "TROVA_PORT": str(self.port),
            "TROVA_SECRET_KEY": "tests-only",
            "TROVA_CHEAP_PASSWORDS": "1",
            "TROVA_OPEN_CHECK_SECONDS": "1",
            "REFLEX_WEB_WORKDIR": os.environ.get("REFLEX_WEB_WORKDIR", ".web-tests"),
            **env,
        }
        data.mkdir(parents=True, exist_ok=True)
        self.engine = make_engine(self._env["TROVA_DATABASE_URL"] or f"sqlite:///{data / 'trova.sqlite3'}")
        migrate(self.engine)

    def act(self, writes: bool = True) -> Any:
        """`with served.act() as (db, desk): ...` on the server's own database."""
        desk = Desk(clock=SystemClock(), mode="test", origin=self.url)
        return unit_of_work(desk, writes=writes, on=self.engine)

    def start(self) -> "ServedApp":
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"{self._inside}from trova_app.cli import main; main()", "serve"],
                cwd=ROOT,
                env={**os.environ, **self._env},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()  # whoever asked for it will not stop it
            raise
        return self

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        until = time.monotonic() + START_LIMIT
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise RuntimeError(f"The server ended by itself:\n{self.said()[-3000:]}")
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health/ready").status_code == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"The server did not become ready:\n{self.said()[-3000:]}")

    @property
    def process_id(self) -> int:
        assert self._process is not None
        return self._process.pid

    def said(self) -> str:
        """Everything it has logged."""
        return self.log.read_text(errors="replace")

    def _signal(self, number: int) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)  # the session we started: the server and its worker
        self._process.wait(timeout=30)
        self._process = None

    def kill(self) -> None:
        """As a power cut would: nothing gets to clean up."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        try:
            self._signal(signal.SIGTERM)
        except subprocess.TimeoutExpired:
            self.kill()
        every_request.must_name_nobody(self.engine, self.asked_of_gateways())

    def asked_of_gateways(self) -> list[str]:
        """What the simulated gateway inside was asked, start to start."""
        file = self.data / every_request.FILE
        return file.read_text().splitlines() if file.exists() else []

    # -- people

    def a_practice_with(self, *roles: Role) -> list[str]:
        """A new practice with a member of each role; their e-mail addresses. All have `PASSWORD`."""
        from tests.builders import a_member, a_practice

        with self.act() as (db, _):
            practice = a_practice(db, number_prefix=uuid.uuid4().hex[:6].upper())
            known = hash_password(PASSWORD)
            names = [(role, f"{role.value}.{uuid.uuid4().hex[:8]}@example.test") for role in roles]
            for role, email in names:
                a_member(db, practice, role, email=email, password_hash=known)
        return [email for _, email in names]

    def sign_in(self, email: str, password: str = PASSWORD, **given: str) -> httpx.Response:
        form = {"email": email, "password": password, **given}
        return httpx.post(f"{self.url}/auth/sign-in", data=form, headers={"origin": self.url})

    def cookie_of(self, email: str) -> str:
        """A new sign-in's cookie value."""
        answer = self.sign_in(email)
        assert answer.status_code == 303, answer.text
        return answer.cookies["trova"]

    def let_in(self, email: str) -> str:
        """The same, written beside the server: for those whose sign-in is not the story."""
        secret = uuid.uuid4().hex
        with self.act() as (db, desk):
            sign_in.open_sign_in(db, desk.now(), db.exec(select(Member).where(Member.email == email)).one(), secret)
        return secret

    def sign_out(self, cookie: str) -> httpx.Response:
        return httpx.post(f"{self.url}/auth/sign-out", headers={"origin": self.url, "cookie": f"trova={cookie}"})

    def tab(self, cookie: str = "", path: str = "/appointments", **given: Any) -> "Tab":
        return Tab(self, cookie, path, **given)


class Tab:
    """An open page, played by hand: any origin, any token, any event, any frame."""

    def __init__(
        self,
        served: ServedApp,
        cookie: str = "",
        path: str = "/appointments",
        *,
        token: str = "",
        origin: str | None = "",
    ) -> None:
        self.token = token or str(uuid.uuid4())
        self.path = path
        headers = {"cookie": f"trova={cookie}"} if cookie else {}
        self._opening = connect(
            f"ws://localhost:{served.port}/_event/?EIO=4&transport=websocket&token={self.token}",
            origin=served.url if origin == "" else origin,  # type: ignore[arg-type]
            additional_headers=headers,
            proxy=None,
            max_size=None,
        )
        self._socket = self._opening.__enter__()
        assert self._socket.recv(timeout=20)[0] == "0"

    def __enter__(self) -> "Tab":
        return self

    def __exit__(self, *_: object) -> None:
        self._opening.__exit__(None, None, None)

    def raw(self, frame: str) -> None:
        self._socket.send(frame)

    def event(self, name: str, /, **payload: Any) -> dict[str, Any]:
        where = {"pathname": self.path, "query": {}, "asPath": self.path}
        return {"name": name, "payload": payload, "router_data": where, "token": self.token}

    def hydrate(self) -> dict[str, Any]:
        """Opens the page; the whole state the server sends for it, or the word that it is for nobody."""
        self.raw("40/_event," + json.dumps({"event": self.event(HYDRATE)}))
        known = ("is_hydrated_rx_state_", "ended_rx_state_")
        return self.until(lambda seen: any(key in known for part in seen.values() for key in part))

    def send(self, name: str, /, **payload: Any) -> None:
        self.raw("42/_event," + json.dumps(["event", self.event(name, **payload)]))

    def next(self, timeout: float = 20) -> Any:
        """The next message of the server that is not a ping; None when it has closed the socket."""
        end = time.monotonic() + timeout
        while True:
            try:
                frame = self._socket.recv(timeout=max(0.0, end - time.monotonic()))
            except ConnectionClosed:
                return None
            assert isinstance(frame, str)
            if frame == "2":
                self.raw("3")
            elif frame.startswith("41"):
                return None
            elif frame.startswith("42"):
                return json.loads(frame[frame.index("[") :])

    def until(self, arrived: Any, timeout: float = 60) -> dict[str, Any]:
        """Everything received, by state, until `arrived(seen)`. Raises TimeoutError."""
        seen: dict[str, Any] = {}
        end = time.monotonic() + timeout
        while not arrived(seen):
            message = self.next(end - time.monotonic())
            if message is None:
                raise AssertionError(f"The server closed the socket; seen: {seen}")
            if message[0] == "event":
                update = message[1] if isinstance(message[1], dict) else json.loads(message[1])
                for state, values in (update.get("delta") or {}).items():
                    seen.setdefault(state, {}).update(values)
        return seen

    def is_open(self) -> bool:
        """Whether the server still answers a socket.io ping."""
        try:
            self.raw("42/_event," + json.dumps(["ping"]))
        except ConnectionClosed:
            return False
        while (message := self.next()) is not None:
            if message[0] == "ping":
                return True
        return False
