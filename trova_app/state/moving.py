"""A session is moved: by hand, by keys or by fields. What was done is said, and can be undone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import reflex as rx

from trova_app.domain.refusals import ChangedElsewhere, Refusal
from trova_app.services import bookings, moving, series_changes, series_undo
from trova_app.services.booking_rules import Booked, Place, SeriesBefore
from trova_app.services.moving import Times
from trova_app.state.calendar import CalendarPage
from trova_app.state.faults import faults_of
from trova_app.state.marks import handler
from trova_app.wiring import act, ask


class Moving(rx.State):
    """`told` and `warnings`: what was done last, or why not. `answers` goes up with each answer to the page."""

    told: str = ""
    warnings: list[str] = []
    is_refused: bool = False
    can_undo: bool = False
    answers: int = 0
    asked: Times | None = None  # the session whose times are in front of the page
    choosing: Times | None = None  # the session of a series that was laid down somewhere else
    practitioners: list[dict[str, Any]] = []
    places: list[str] = []
    faults: dict[str, str] = {}
    _wish: dict[str, Any] = {}
    _undo: tuple[int, int, Place | SeriesBefore] | None = None

    @handler
    async def move(self, appointment_id: int, version: int, column: str, minute: int, minutes: int) -> None:
        """Laid down on the board: `column` is the day, a point, and a practitioner or 0."""
        day, _, practitioner = str(column)[:40].partition(".")
        at = minute if type(minute) is int and 0 <= minute < 24 * 60 else -1
        self._wish = {
            "appointment_id": appointment_id,
            "version": version,
            "starts": f"{day}T{at // 60:02d}:{at % 60:02d}",
            "minutes": minutes,
            "practitioner_id": "" if practitioner == "0" else practitioner,
        }
        self.choosing = await self._if_it_repeats(appointment_id)
        if self.choosing is None:
            await self._do(moving.move, **self._wish)

    async def _if_it_repeats(self, appointment_id: object) -> Times | None:
        try:
            times = await ask(moving.times_of, appointment_id=appointment_id)
        except Refusal:
            return None  # the act itself says why
        return times if times.series else None

    @handler
    async def choose(self, scope: str) -> None:
        """Which sessions of the series were meant by what was laid down on the board."""
        if self.choosing is not None:
            seen, self.choosing = self.choosing.series, None
            await self._do(series_changes.move, scope=scope, seen=seen, **self._wish)

    @handler
    def leave_it(self, is_open: bool) -> None:
        """It stays where it was."""
        if is_open is not True and self.choosing is not None:
            self.choosing = None
            self.answers += 1

    @handler
    async def undo(self) -> None:
        if self._undo is not None:
            appointment_id, version, before = self._undo
            service = series_undo.put_back if isinstance(before, SeriesBefore) else moving.put_back
            await self._do(service, appointment_id=appointment_id, version=version, before=before)

    @handler
    def dismiss(self) -> None:
        self._forget()

    # -- by fields

    @handler
    async def ask_when(self, appointment_id: int) -> None:
        desired = await ask(bookings.choices)
        self.practitioners = [{"id": key, "name": name} for key, name in desired.practitioners]
        self.places, self.faults = list(desired.places), {}
        self.asked = await ask(moving.times_of, appointment_id=appointment_id)

    @handler
    def close(self, is_open: bool) -> None:
        if is_open is not True:
            self.asked = None

    @handler
    async def reschedule(self, form: dict[str, Any]) -> None:
        """A refusal stands beside its field, and nothing typed is lost."""
        if self.asked is None or not isinstance(form, Mapping):
            return
        given = {name: form.get(name, "") for name in ("starts", "minutes", "practitioner_id", "place")}
        given |= {"scope": form.get("scope", "this"), "seen": self.asked.series}
        try:
            done = await act(series_changes.move, appointment_id=self.asked.id, version=self.asked.version, **given)
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            if isinstance(refusal, ChangedElsewhere):
                found = await ask(moving.times_of, appointment_id=self.asked.id)
                self.asked = _as_typed(found, given)
            return
        self.asked = None
        await self._say(done)

    async def _do(self, service: Any, **kw: object) -> None:
        try:
            await self._say(await act(service, **kw))
        except Refusal as refusal:
            self._forget()
            self.told, self.is_refused = next(iter(faults_of(refusal).values())), True
        finally:
            self.answers += 1
            await self._redraw()

    async def _say(self, done: Booked) -> None:
        self.told, self.warnings, self.is_refused = done.sentence, list(done.warnings), False
        self._undo = (done.id, done.version, done.before) if done.before else None
        self.can_undo = self._undo is not None

    def _forget(self) -> None:
        self.told, self.warnings, self.is_refused = "", [], False
        self._undo, self.can_undo = None, False

    async def _redraw(self) -> None:
        """Together with the answer, so that a session does not go back to where it was for a moment."""
        page = await self.get_state(CalendarPage)
        if page.shown:
            await page._read()


def _as_typed(found: Times, given: Mapping[str, object]) -> Times:
    """The session as it is now, with what the person had typed."""
    minutes, practitioner = (str(given[name])[:9] for name in ("minutes", "practitioner_id"))
    return replace(
        found,
        starts=str(given["starts"])[:16],
        minutes=int(minutes) if minutes.isascii() and minutes.isdigit() else found.minutes,
        practitioner_id=int(practitioner)
        if practitioner.isascii() and practitioner.isdigit()
        else found.practitioner_id,
        place=str(given["place"])[:200],
    )
