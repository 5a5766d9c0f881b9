"""What a page with one list does that not everybody may see: it follows changes while it stands open."""

import reflex as rx

from trova_app.domain.refusals import NotAllowed
from trova_app.state.live import Live
from trova_app.state.marks import handler


class OneList(rx.State, mixin=True):
    """`problem`: why it is not shown. A class of its own says how it is fetched (`_fetch`) and emptied (`_empty`)."""

    is_ready: bool = False
    problem: str = ""
    _version: int = -1

    @handler(quiet=True)
    async def refresh(self) -> None:
        live = await self.get_state(Live)
        if self.is_ready and live.version != self._version:
            await self._read()

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        try:
            await self._fetch()
            self.problem = ""
        except NotAllowed as refusal:
            self._empty()
            self.problem = refusal.sentence
        self.is_ready = True

    async def _fetch(self) -> None:
        raise NotImplementedError

    def _empty(self) -> None:
        raise NotImplementedError
