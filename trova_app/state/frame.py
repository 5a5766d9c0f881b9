"""What stands round every page: who is here, and finding something from anywhere."""

from dataclasses import dataclass
from urllib.parse import quote

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import SignedOut
from trova_app.services import finding
from trova_app.services.at_work import at_work
from trova_app.services.finding import Finds
from trova_app.state.marks import handler
from trova_app.wiring import ask


@dataclass(frozen=True)
class Way:
    """One thing found. `heading` stands above the first of its kind, "" at the others."""

    heading: str
    title: str
    under: str
    href: str


class Frame(rx.State):
    person: str = ""
    role: str = ""
    practice: str = ""
    may_import: bool = False
    is_nobody: bool = False
    """On a page for all: without a sign-in."""
    support: str = ""
    """Where to ask for help, as a link; "" for nowhere."""
    ways: list[Way] = []
    looked_for: str = ""
    """The words that `ways` belong to."""

    @handler(public=True, quiet=True)
    async def arrive(self) -> None:
        if not self.person:
            await self._look_again()

    @handler
    async def look_for(self, words: str) -> None:
        found = await ask(finding.find, search=words)
        self.ways = _ways(found)
        self.looked_for = str(words)[:200].strip()

    async def _look_again(self) -> None:
        try:
            await self._read()
        except SignedOut:
            self.is_nobody = True
        except Exception:
            self.is_nobody = True  # a page for all keeps a way on, whoever reads it
            raise

    async def _read(self) -> None:
        here = await ask(at_work)
        self.person, self.role, self.practice = here.person, here.role, here.practice
        self.may_import = here.may_import
        self.support = here.support if "://" in here.support else here.support and f"mailto:{quote(here.support, '@')}"


def _ways(found: Finds) -> list[Way]:
    kinds = (
        ("Open sessions", found.sessions, routes.appointment),
        ("Clients", found.clients, routes.client),
        ("Billing", found.documents, routes.invoice),
    )
    return [
        Way("" if n else heading, one.title, one.under, address(one.id))
        for heading, some, address in kinds
        for n, one in enumerate(some)
    ]
