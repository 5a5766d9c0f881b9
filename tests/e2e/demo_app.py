"""The demo practice, served as `trova demo` serves it, and practices of a test's own beside it."""

import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from tests import builders as a
from tests.served import PASSWORD, ServedApp
from trova_app.demo import PASSWORD as DEMO_PASSWORD
from trova_app.demo_people import OWNER, RECEPTION
from trova_app.domain.permissions import Principal, Role
from trova_app.settings import ROOT
from trova_app.web.passwords import hash_password

CLINICIAN = str(OWNER["email"])
AT_RECEPTION = str(RECEPTION["email"])
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
DATA = (
    ROOT / "build" / f"e2e{WORKER and '-'}{WORKER}"
)  # stays after a run, so that one can look into what the tests left


@dataclass(frozen=True)
class OwnPractice:
    """A practice nobody else touches. `owner` and `reception` are the addresses they sign in with."""

    id: int
    owner: str
    reception: str
    who: Principal
    clients: tuple[int, ...]
    appointments: tuple[int, ...]
    """All over and not completed yet, the latest first: they stand on Open."""


class DemoApp(ServedApp):
    """`start()` serves it; `trova()` runs a command beside it on the same data."""

    def __init__(self, data: Path = DATA, **env: str) -> None:
        web = os.environ.get("REFLEX_WEB_WORKDIR", ".web")
        super().__init__(data, TROVA_MODE="demo", REFLEX_WEB_WORKDIR=web, **env)

    def _ran(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, **self._env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def trova(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`trova ...` in a process of its own; the caller looks at `returncode`."""
        return self._ran("-m", "trova_app.cli", *arguments)

    def seed(self) -> None:
        """The demo practice, made by the server's own settings."""
        done = self._ran("-c", "from trova_app.demo import seed; seed()")
        if done.returncode:
            raise RuntimeError(f"The demo practice could not be made:\n{done.stdout}{done.stderr}")

    def restart(self) -> None:
        """A power cut, and the power is back: open pages reconnect by themselves."""
        self.kill()
        self.start()

    @cached_property
    def _known_password(self) -> str:
        return hash_password(PASSWORD)

    def password_of(self, email: str) -> str:
        return DEMO_PASSWORD if email in (CLINICIAN, AT_RECEPTION) else PASSWORD

    def own_practice(self, clients: int = 2, appointments: int = 2, **given: Any) -> OwnPractice:
        """A fresh practice with an owner, somebody at reception, and open appointments shared out over its clients.

        `given` goes to the practice's row (country, currency, vat_registered ...).
        """
        name = uuid.uuid4().hex[:6]
        with self.act() as (db, _desk):
            practice = a.a_practice(db, **{"number_prefix": name.upper()} | given)
            owner, reception = (
                a.a_member(
                    db, practice, role, email=f"{role.value}.{name}@example.test", password_hash=self._known_password
                )
                for role in (Role.OWNER, Role.RECEPTION)
            )
            service = a.a_service(db, practice)
            known = [
                a.a_client(db, practice, last_name=f"Mokoena {count}", email=f"client{count}.{name}@example.test")
                for count in range(1, clients + 1)
            ]
            now = datetime.now(UTC)
            over = [
                a.an_appointment(db, known[count % clients], service, owner, ends=now - timedelta(hours=count + 1))
                for count in range(appointments)
            ]
            return OwnPractice(
                id=int(practice.id),
                owner=owner.email,
                reception=reception.email,
                who=a.principal(owner),
                clients=tuple(int(client.id) for client in known),
                appointments=tuple(int(appointment.id) for appointment in over),
            )
