"""The lists of appointments."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.appointments import Tab
from trova_app.services import appointments
from trova_app.services.appointments import AppointmentRow
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.wiring import ask

PAGE = 50


@dataclass(frozen=True, slots=True)
class Day:
    """A day's heading and its appointments."""

    words: str
    rows: list[AppointmentRow]


class AppointmentList(rx.State):
    tab: str = ""
    counts: dict[str, int] = {}
    days: list[Day] = []
    search: str = ""
    has_more: bool = False
    is_ready: bool = False
    _rows: list[AppointmentRow] = []
    _after: str = ""
    _version: int = -1

    @handler
    async def load(self) -> None:
        """Arriving, or choosing another tab."""
        await self._open(self.router.url.query_parameters.get("tab"))

    @handler
    async def look_for(self, words: str) -> None:
        self.search = str(words)[:200]
        await self._read(PAGE)

    @handler
    async def show_more(self) -> None:
        if not self._after:  # pressed twice at the end
            return
        page = await ask(appointments.page_of, tab=self.tab, search=self.search, after=self._after, limit=PAGE)
        self._show([*self._rows, *page.rows], page.next_after)

    @handler(quiet=True)
    async def refresh(self) -> None:
        """Something of the practice changed, or time passed: the same rows again, as many as are shown."""
        live = await self.get_state(Live)
        if self.is_ready and live.version != self._version:
            await self._read(max(PAGE, len(self._rows)))

    async def _open(self, tab: object) -> None:
        chosen = str(tab) if tab in set(Tab) else Tab.OPEN.value
        if chosen != self.tab:
            self._show([], "")
        self.tab = chosen
        await self._read(PAGE)

    async def _read(self, least: int) -> None:
        self._version = (await self.get_state(Live)).version
        counted = await ask(appointments.counts)
        rows, after = await _rows(self.tab, self.search, least)
        self.counts = {tab.value: number for tab, number in counted.items()}
        self._show(rows, after)
        self.is_ready = True

    def _show(self, rows: list[AppointmentRow], after: str) -> None:
        self._rows, self._after, self.has_more = rows, after, bool(after)
        self.days = [Day(words, list(of_day)) for words, of_day in groupby(rows, key=lambda row: row.day_words)]


async def _rows(tab: str, search: str, least: int) -> tuple[list[AppointmentRow], str]:
    """At least so many rows where there are so many, and the cursor behind them."""
    rows: list[AppointmentRow] = []
    after = ""
    while len(rows) < least:
        page = await ask(appointments.page_of, tab=tab, search=search, after=after, limit=min(200, least - len(rows)))
        rows += page.rows
        after = page.next_after
        if not after:
            break
    return rows, after


@restores(routes.APPOINTMENTS)
async def restore(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(AppointmentList)
    await state._open(params.get("tab"))
