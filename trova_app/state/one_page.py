"""What every page about one thing does: it follows changes while it stands open, and keeps nothing once it is left."""

from typing import Any

import reflex as rx

from trova_app.state.live import Live
from trova_app.state.marks import handler


class OnePage(rx.State, mixin=True):
    """`shown`: the thing. A class of its own says how it is read (`_read`) and forgotten (`_clear`)."""

    shown: Any = None
    _id: object = 0
    _version: int = -1

    @handler(quiet=True)
    async def refresh(self) -> None:
        live = await self.get_state(Live)
        if self.shown and live.version != self._version:
            await self._read()

    @handler(quiet=True)
    def leave(self) -> None:
        """Nothing about a client stays in a page that is no longer shown."""
        self._clear()

    async def _read(self) -> None:
        raise NotImplementedError

    def _clear(self) -> None:
        raise NotImplementedError
