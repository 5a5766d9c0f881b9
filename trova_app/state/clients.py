"""The list of clients: those of today, those put away, and those who might be one."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import NotAllowed
from trova_app.services import clients
from trova_app.services.clients import ClientRow, Pair
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.wiring import act, ask

PAGE = 50
MOST = 200
TABS = ("active", "archived", "alike")


class ClientList(rx.State):
    tab: str = TABS[0]
    rows: list[ClientRow] = []
    pairs: list[Pair] = []
    search: str = ""
    problem: str = ""
    has_more: bool = False
    is_ready: bool = False
    _after: str = ""
    _version: int = -1

    @handler
    async def load(self) -> None:
        await self._open(self.router.url.query_parameters.get("tab"))

    @handler
    async def look_for(self, words: str) -> None:
        self.search = str(words)[:200]
        await self._read(PAGE)

    @handler
    async def show_more(self) -> None:
        if not self._after:  # pressed twice at the end
            return
        page = await ask(clients.list_clients, **self._wanted(), after=self._after, limit=PAGE)
        self.rows = [*self.rows, *page.rows]
        self._after, self.has_more = page.next_after, bool(page.next_after)

    @handler(quiet=True)
    async def refresh(self) -> None:
        live = await self.get_state(Live)
        if self.is_ready and live.version != self._version:
            await self._read(max(PAGE, min(len(self.rows), MOST)))

    @handler
    async def tell_apart(self, client_id: int, other_id: int) -> None:
        await act(clients.tell_apart, client_id=client_id, other_id=other_id)
        await self._read(PAGE)

    async def _open(self, tab: object) -> None:
        chosen = tab if isinstance(tab, str) and tab in TABS else TABS[0]
        if chosen != self.tab:
            self.tab, self.rows, self.pairs = chosen, [], []
        await self._read(PAGE)

    async def _read(self, limit: int) -> None:
        self._version = (await self.get_state(Live)).version
        self.problem = ""
        if self.tab == "alike":
            try:
                self.pairs = list(await ask(clients.likely_pairs))
            except NotAllowed as refusal:
                self.pairs, self.problem = [], refusal.sentence
        else:
            page = await ask(clients.list_clients, **self._wanted(), limit=limit)
            self.rows = list(page.rows)
            self._after, self.has_more = page.next_after, bool(page.next_after)
        self.is_ready = True

    def _wanted(self) -> dict[str, Any]:
        return {"search": self.search, "archived": self.tab == "archived"}


@restores(routes.CLIENTS)
async def restore(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(ClientList)
    await state._open(params.get("tab"))
