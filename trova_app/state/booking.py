"""The question in front of the calendar: a new appointment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from trova_app.domain.refusals import Refusal
from trova_app.services import bookings, calendar
from trova_app.services.bookings import FoundClient, Offered
from trova_app.state.calendar import CalendarPage
from trova_app.state.faults import faults_of
from trova_app.state.marks import handler
from trova_app.state.moving import Moving
from trova_app.wiring import act, ask


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str


class Booking(rx.State):
    """`face` goes up when the client's box is to be drawn anew."""

    is_open: bool = False
    starts: str = ""
    services: list[Offered] = []
    practitioners: list[Person] = []
    places: list[str] = []
    practitioner_id: int = 0
    client_id: int = 0
    client_name: str = ""
    found: list[FoundClient] = []
    active: int = -1
    face: int = 0
    faults: dict[str, str] = {}

    @handler
    async def open(self, starts: str, practitioner_id: int) -> None:
        """`starts`: as a date and time box has it, "" for none yet."""
        desired = await ask(bookings.choices)
        self.services = list(desired.services)
        self.practitioners = [Person(key, name) for key, name in desired.practitioners]
        self.places = list(desired.places)
        known = practitioner_id in [person.id for person in self.practitioners]
        self.practitioner_id = practitioner_id if known else desired.practitioner_id
        self.starts = str(starts)[:16] if starts else await self._next_hour()
        self._begin_anew()
        self.is_open = True

    async def _next_hour(self) -> str:
        """Of today where today is shown, else nine o'clock on the day that is."""
        page = await self.get_state(CalendarPage)
        today, minute = await ask(calendar.minute_now)
        day = page.shown.day if page.shown else today
        hour = min(minute // 60 + 1, 23) if day == today else 9
        return f"{day}T{hour:02d}:00"

    @handler
    def close(self, is_open: bool) -> None:
        if is_open is not True:
            self.is_open = False
            self._begin_anew()

    @handler
    async def look_for_client(self, words: str) -> None:
        self.client_id = 0
        self.found = list(await ask(bookings.find_clients, words=words))
        self.active = 0 if self.found else -1

    @handler
    def client_key(self, key: str) -> Any:
        if key == "Escape":
            self.found, self.active = [], -1
        elif key in ("ArrowDown", "ArrowUp") and self.found:
            self.active = (self.active + (1 if key == "ArrowDown" else -1)) % len(self.found)
        elif key == "Enter" and 0 <= self.active < len(self.found):
            return self._take(self.active)
        return None

    @handler
    def choose_client(self, n: int) -> Any:
        return self._take(n) if type(n) is int and 0 <= n < len(self.found) else None

    @handler
    async def book(self, form: dict[str, Any]) -> None:
        """A refusal stands beside its field, and nothing typed is lost."""
        if not self.is_open or not isinstance(form, Mapping):
            return
        names = ("starts", "practitioner_id", "place", "minutes", "note", "repeats", "until")
        given = {name: form.get(name, "") for name in names}
        try:
            done = await act(bookings.book, client_id=self.client_id, service_id=form.get("service", ""), **given)
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            return
        self.is_open = False
        self._begin_anew()
        await (await self.get_state(Moving))._say(done)

    def _take(self, n: int) -> Any:
        chosen = self.found[n]
        self.client_id, self.client_name = chosen.id, chosen.name
        self.found, self.active = [], -1
        self.faults = {name: words for name, words in self.faults.items() if name != "client"}
        self.face += 1
        return rx.set_focus("service")

    def _begin_anew(self) -> None:
        self.client_id, self.client_name, self.found, self.active, self.faults = 0, "", [], -1, {}
        self.face += 1
