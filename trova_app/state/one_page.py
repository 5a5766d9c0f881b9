"""What every page about one thing does: it follows changes while it stands open, and keeps nothing once it is left."""

from collections.abc import Callable
from typing import Any, TypeVar

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


P = TypeVar("P", bound=type[Any])
STANDS_AT: dict[str, type[Any]] = {}


def stands_at(route: str) -> Callable[[P], P]:
    """Marks the state of the page at `route` (as registered, such as "/appointments/[aid]")."""

    def keep(page: P) -> P:
        STANDS_AT[route] = page
        return page

    return keep


async def forget_others(root: Any, route: str) -> None:
    """A page loaded anew was left without a word: what it was about must not be shown, nor asked about, when another
    one of its kind is opened next. What stands at `route` stays: its line may only have been cut."""
    for at, page in STANDS_AT.items():
        state = await root.get_state(page)
        if at != route and state.shown:
            state._clear()
