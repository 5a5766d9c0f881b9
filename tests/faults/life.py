"""One run of the product: from the start of its process to its end, with everything it says to the world outside
passing a point where it can be cut off. Knows nothing of the test's process, so that it can be lived in its own."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import sqlalchemy as sa
import stripe
from sqlmodel import Session

from tests.faults.points import Points
from trova_app.adapters.secrets import Vault
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.domain.mail import OutgoingMail
from trova_app.domain.permissions import Principal
from trova_app.outside import Outside
from trova_app.services.ports import Clock, Desk
from trova_app.sweeper import Sweeper
from trova_app.wiring import make_engine, unit_of_work
from trova_app.worker import Worker

T = TypeVar("T")

ORIGIN = "https://practice.example"
TIME_LIMITS = (5.0, 5.0)
VAULT = Vault(b"tests-only")


class Watched(stripe.RequestsClient):
    """Stripe's own client, with a point before and after each call, and no pause between its tries."""

    def __init__(self, points: Points, time_limits: tuple[float, float]) -> None:
        super().__init__(timeout=time_limits)
        self._points = points

    def request(self, method: str, url: str, *given: Any, **named: Any) -> Any:
        call = f"{method.upper()} {urlsplit(url).path}"
        self._points.reach(f"before {call}")
        said = super().request(method, url, *given, **named)
        self._points.reach(f"after {call}")
        return said

    def _sleep_time_seconds(self, num_retries: int) -> float:
        return 0.0


@dataclass(frozen=True)
class PostOffice:
    """A mail server whose book outlives any process of ours: a line for each mail it took."""

    book: Path

    def sender(self, points: Points) -> Callable[[OutgoingMail], Any]:
        async def send(mail: OutgoingMail) -> None:
            points.reach("before the mail")
            line = json.dumps([mail.message_id, mail.to, mail.subject]) + "\n"
            with self.book.open("a") as book:
                book.write(line)
            points.reach("after the mail")

        return send

    def mails(self) -> list[tuple[str, str, str]]:
        """(Message-ID, to whom, subject) of each."""
        return [tuple(json.loads(line)) for line in self.book.read_text().splitlines()] if self.book.exists() else []


@dataclass
class Standing:
    """A clock that stands."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass
class Life:
    """`url` of the database, `stripe_url` of the server that stands for Stripe, `book` of the post office. `engine`:
    one that knows the database already, None for a process of its own."""

    url: str
    stripe_url: str
    book: Path
    clock: Clock
    points: Points = field(default_factory=Points)
    time_limits: tuple[float, float] = TIME_LIMITS
    engine: sa.Engine | None = None

    def __post_init__(self) -> None:
        self.engine = self.engine or make_engine(self.url)
        gateway = self.stripe("rk_test_1")
        self.outside = Outside(
            gateways={"stripe": gateway},
            print_pdf=lambda content: b"%PDF-" + content.fingerprint().encode(),
            print_png=lambda content: b"\x89PNG" + content.fingerprint().encode(),
            send=PostOffice(self.book).sender(self.points),
            mail_from="letters@khanya.example",
            endpoint_key=b"tests-only",
            connect=lambda held: self.stripe(held.key, held.account_ref),
        )

    def stripe(self, key: str, account_ref: str = "") -> StripeLinks:
        return StripeLinks(key, self.stripe_url, account_ref, http=Watched(self.points, self.time_limits))

    @contextmanager
    def act(self, writes: bool = True) -> Iterator[tuple[Session, Desk]]:
        """The real unit of work, with a point on both sides of its commit."""
        desk = Desk(
            clock=self.clock, mode="test", origin=ORIGIN, gateway="stripe", point=self.points.reach, vault=VAULT
        )
        name = _whose() if writes else ""
        self.points.open_acts += 1
        try:
            with unit_of_work(desk, writes=writes, on=self.engine) as (db, used):
                yield db, used
                if writes:
                    self.points.reach(f"before the commit of {name}")
        finally:
            self.points.open_acts -= 1
        if writes:
            self.points.reach(f"after the commit of {name}")

    def press(self, service: Callable[..., T], who: Principal, **given: Any) -> T:
        with self.act() as (db, desk):
            return service(db, desk, who, **given)

    def work(self) -> None:
        Worker(self.outside, self.act).run_once()

    def sweep(self) -> None:
        Sweeper(self.outside, self.act).sweep(at_once=True)

    def end(self) -> None:
        assert self.engine
        self.engine.dispose()


def _whose() -> str:
    """The function whose act it is."""
    frame = sys._getframe(2)
    while os.path.basename(frame.f_code.co_filename) in ("contextlib.py", "life.py"):
        assert frame.f_back
        frame = frame.f_back
    return frame.f_code.co_name
