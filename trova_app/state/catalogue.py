"""What the practice offers: its services, and the schemes with their price lists."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.services import catalogue, schemes
from trova_app.services.catalogue import ServiceRow
from trova_app.services.schemes import SchemeRow
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.wiring import ask

TABS = ("services", "schemes")


class Catalogue(rx.State):
    tab: str = ""
    services: list[ServiceRow] = []
    schemes: list[SchemeRow] = []
    search: str = ""
    archived: bool = False
    is_ready: bool = False
    may_change: bool = False
    _version: int = -1

    @handler
    async def load(self) -> None:
        """Arriving, or choosing another tab."""
        await self._open(self.router.url.query_parameters.get("tab"))

    @handler
    async def look_for(self, words: str) -> None:
        self.search = str(words)[:200]
        await self._read()

    @handler
    async def show_archived(self, is_ticked: bool) -> None:
        self.archived = is_ticked is True
        await self._read()

    @handler(quiet=True)
    async def refresh(self) -> None:
        live = await self.get_state(Live)
        if self.is_ready and live.version != self._version:
            await self._read()

    async def _open(self, tab: object) -> None:
        chosen = str(tab) if tab in TABS else TABS[0]
        if chosen != self.tab:
            self.search, self.archived, self.is_ready = "", False, False
        self.tab = chosen
        await self._read()

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        listed = {"search": self.search, "archived": self.archived}
        if self.tab == "schemes":
            self.schemes = list(await ask(schemes.list_schemes, **listed))
        else:
            self.services = list(await ask(catalogue.list_services, **listed))
        self.may_change = await ask(schemes.may_change)
        self.is_ready = True


@restores(routes.SERVICES)
async def restore(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(Catalogue)
    await state._open(params.get("tab"))
