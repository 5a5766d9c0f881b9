"""The calendar's week or day. What is drawn changes only when something drawn changed, so that an open calendar of
hundreds of sessions stands still while others work."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.services import calendar
from trova_app.services.calendar import Calendar
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.wiring import ask


class CalendarPage(rx.State):
    shown: Calendar | None = None
    now: str = ""  # "2026-03-18 600": the day and the minute on the practice's wall when this was read
    _asked: dict[str, str] = {}
    _version: int = -1

    @handler
    async def load(self) -> None:
        """Arriving, or turning to another week, view or filter: the address says which."""
        await self._open(self.router.url.query_parameters)

    @handler(quiet=True)
    async def refresh(self) -> None:
        live = await self.get_state(Live)
        if self.shown and live.version != self._version:
            await self._read()

    @handler(quiet=True)
    def leave(self) -> None:
        """Nobody's name stays in a page that is no longer shown."""
        self.shown = None

    @handler
    def choose_practitioner(self, practitioner_id: str) -> Any:
        return self._turned(practitioner_id=practitioner_id)

    @handler
    def choose_place(self, place: str) -> Any:
        return self._turned(place=place)

    @handler
    def go_to(self, day: str) -> Any:
        return self._turned(day=day)

    def _turned(self, **other: object) -> Any:
        """To the same page with another part of its address."""
        if not self.shown:
            return None
        here: dict[str, Any] = {name: getattr(self.shown, name) for name in ("day", "practitioner_id", "place")}
        wanted = here | {name: str(given)[:200] for name, given in other.items()}
        return rx.redirect(address(self.shown.view, wanted["day"], wanted["practitioner_id"], wanted["place"]))

    async def _open(self, asked: Mapping[str, Any]) -> None:
        self._asked = {name: str(asked.get(name, "")) for name in ("view", "date", "with", "place")}
        await self._read()

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        asked = self._asked
        found = await ask(
            calendar.calendar,
            view=asked.get("view", ""),
            day=asked.get("date", ""),
            practitioner_id=asked.get("with", ""),
            place=asked.get("place", ""),
        )
        if found != self.shown:
            self.shown = found
        day, minute = await ask(calendar.minute_now)
        self.now = f"{day} {minute}"


def address(view: str, day: str, practitioner_id: object, place: str) -> str:
    key = str(practitioner_id)
    filters = calendar.filters_of(int(key) if key.isascii() and key.isdigit() else 0, place)
    return f"{routes.CALENDAR}?view={view}&date={day}{filters}"


@restores(routes.CALENDAR)
async def restore(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(CalendarPage)
    await state._open(params)
