"""The list of clients."""

import reflex as rx

from trova_app.services import clients
from trova_app.services.clients import ClientRow
from trova_app.state.live import Live
from trova_app.state.marks import handler
from trova_app.wiring import ask

PAGE = 50
MOST = 200


class ClientList(rx.State):
    rows: list[ClientRow] = []
    search: str = ""
    has_more: bool = False
    is_ready: bool = False
    _after: str = ""
    _version: int = -1

    @handler
    async def load(self) -> None:
        await self._read(PAGE)

    @handler
    async def look_for(self, words: str) -> None:
        self.search = str(words)[:200]
        await self._read(PAGE)

    @handler
    async def show_more(self) -> None:
        page = await ask(clients.list_clients, search=self.search, after=self._after, limit=PAGE)
        self.rows = [*self.rows, *page.rows]
        self._after, self.has_more = page.next_after, bool(page.next_after)

    @handler(quiet=True)
    async def refresh(self) -> None:
        live = await self.get_state(Live)
        if self.is_ready and live.version != self._version:
            await self._read(max(PAGE, min(len(self.rows), MOST)))

    async def _read(self, limit: int) -> None:
        self._version = (await self.get_state(Live)).version
        page = await ask(clients.list_clients, search=self.search, limit=limit)
        self.rows = list(page.rows)
        self._after, self.has_more = page.next_after, bool(page.next_after)
        self.is_ready = True
