"""What services need from outside, by shape. `wiring` chooses who stands behind each."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        ...


class CodeBook(Protocol):
    """A diagnosis code system (adapters/icd_codes.py)."""

    def search(self, words: str, limit: int = 12, recent: tuple[str, ...] = ()) -> list[Any]: ...

    def find(self, code: str) -> Any | None: ...


class Vault(Protocol):
    """Keeps secrets at rest (adapters/secrets.py). `about` says what a secret belongs to."""

    def seal(self, secret: str, about: str) -> str: ...

    def open(self, sealed: str, about: str) -> str:
        """Raises `Refusal` where the installation's key is another one than at the time of sealing."""
        ...


def _nothing(point: str) -> None:
    """In production a fault point does nothing; tests put a crash here."""


@dataclass
class Desk:
    """What one act has at hand: the clock, the installation's facts and what it leaves to be done after the commit.

    `mode` and `origin` come from settings; `gateway` names the provider that makes payment links ("simulated", "stripe"
    or "" when there is none) and `gateway_problem` says in a sentence why there is none. `believes_webhooks`: whether
    the settings have a secret for the webhooks of the installation's own gateway.
    """

    clock: Clock
    mode: str
    origin: str
    gateway: str = "simulated"
    gateway_account: str = ""
    gateway_problem: str = ""
    believes_webhooks: bool = False
    codes: CodeBook | None = None
    vault: Vault | None = None
    point: Callable[[str], None] = _nothing
    new_token: Callable[[], str] = field(default=lambda: uuid.uuid4().hex + uuid.uuid4().hex[:8])
    changed_practices: set[int] = field(default_factory=set)
    news: list[tuple[int, str]] = field(default_factory=list)
    woke_worker: bool = False

    def now(self) -> datetime:
        return self.clock.now()

    def today(self, time_zone: str) -> date:
        """The date on the practice's wall."""
        return self.now().astimezone(ZoneInfo(time_zone)).date()

    def tell(self, practice_id: int) -> None:
        """After the commit every open page of this practice asks again."""
        self.changed_practices.add(practice_id)

    def announce(self, practice_id: int, sentence: str) -> None:
        """Of a payment that came in: after the commit every open page of this practice says it, once; in another
        process without the sentence's particulars. No client's name: others may see the screen."""
        self.news.append((practice_id, sentence))

    def wake(self) -> None:
        """After the commit the worker looks at the outbox at once."""
        self.woke_worker = True
