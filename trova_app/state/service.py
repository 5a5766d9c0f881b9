"""One service: what it is called, how long it takes and what it comes to."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import NotFound, Refusal
from trova_app.services import catalogue, service_changes
from trova_app.services.catalogue import LineTexts, ServiceDetails
from trova_app.services.service_changes import AskAboutBooked, Booked
from trova_app.state.faults import faults_of
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.state.notices import say
from trova_app.wiring import act, ask

NEW = "new"
MOST_LINES = service_changes.MOST_LINES
CELLS = ("since", "code", "text", "qty", "price", "tax")
BLANK = LineTexts(id="1")


class ServicePage(rx.State):
    """Boxes keep what is typed in the page; `face` makes them anew when the service was read anew. `question` is the
    sentence that asks what becomes of booked sessions, "" while nothing is asked."""

    shown: ServiceDetails | None = None
    is_new: bool = False
    lines: list[LineTexts] = []
    charges_tax: bool = False
    tax_choices: list[tuple[str, str]] = []
    problem: str = ""
    faults: dict[str, str] = {}
    face: int = 0
    marks: int = 0  # goes up with every save that was refused
    question: str = ""
    question_was: str = ""
    question_now: str = ""
    question_begun: int = 0
    _id: object = 0
    _typed: dict[str, Any] = {}
    _version: int = 0  # of the service as it is drawn
    _seen: int = -1

    @handler
    async def load(self) -> None:
        await self._open(getattr(self, "sid", ""))

    @handler(quiet=True)
    async def refresh(self) -> None:
        """Counts follow; what stands in the boxes stays, and saving it over somebody else's change is refused."""
        live = await self.get_state(Live)
        if self.shown and live.version != self._seen:
            self._seen = live.version
            self.shown = await ask(catalogue.service_details, service_id=self._id)

    @handler(quiet=True)
    def leave(self) -> None:
        self._clear()

    async def _open(self, given: object) -> None:
        if given != self._id:
            self._clear()
        self._id, self.is_new = given, given == NEW
        await (self._begin() if self.is_new else self._read())

    async def _begin(self) -> None:
        self.charges_tax, choices = await ask(catalogue.tax_choices)
        self.tax_choices = list(choices)
        self.lines = self.lines or [BLANK]

    async def _read(self) -> None:
        self._seen = (await self.get_state(Live)).version
        try:
            shown = await ask(catalogue.service_details, service_id=self._id)
        except NotFound as refusal:
            self._clear()
            self.problem = refusal.sentence
            return
        self.shown, self.problem = shown, ""
        self.charges_tax, self.tax_choices = shown.charges_tax, list(shown.tax_choices)
        if shown.version != self._version:
            self.lines, self._version = list(shown.lines) or [BLANK], shown.version
            self.face += 1

    def _clear(self) -> None:
        self.shown, self.problem, self.faults, self.lines = None, "", {}, []
        self._id, self.is_new, self._version = 0, False, 0
        self._forget_question()

    def _forget_question(self) -> None:
        self.question, self._typed = "", {}

    # -- lines

    @handler
    def add_line(self) -> None:
        if not 0 < len(self.lines) < MOST_LINES:
            return
        key = f"n{max([int(line.id[1:]) for line in self.lines if line.id[:1] == 'n'], default=0) + 1}"
        self.lines = [*self.lines, LineTexts(id=key)]

    @handler
    def remove_line(self, line_id: str) -> None:
        if len(self.lines) > 1:
            self.lines = [line for line in self.lines if line.id != line_id]

    # -- saving

    @handler
    async def save(self, form: dict[str, Any]) -> Any:
        if not isinstance(form, Mapping) or not (self.is_new or self.shown):
            return None
        return await self._save(self._read_form(form), "")

    def _read_form(self, form: Mapping[str, Any]) -> dict[str, Any]:
        lines = [{"id": line.id} | {cell: form.get(f"{cell}.{line.id}", "") for cell in CELLS} for line in self.lines]
        return {
            "name": form.get("name", ""),
            "minutes": form.get("minutes", ""),
            "tone": form.get("tone", ""),
            "is_virtual": form.get("where") == "virtual",
            "is_paid_in_advance": form.get("paid") == "advance",
            "lines": lines,
        }

    async def _save(self, typed: dict[str, Any], booked: str) -> Any:
        key = {"service_id": self.shown.id, "version": self._version} if self.shown else {}
        try:
            kept = await act(service_changes.save_service, booked=booked, **key, **typed)
        except AskAboutBooked as asked:
            self.faults, self._typed = {}, typed
            self.question, self.question_was, self.question_now = asked.sentence, asked.was, asked.will_be
            self.question_begun = asked.counts.begun
            return None
        except Refusal as refusal:
            self.faults, self.marks = faults_of(refusal), self.marks + 1
            return None
        self.faults = {}
        self._forget_question()
        await say(self, "Saved.")
        if self.is_new:
            return rx.redirect(routes.service(kept))
        await self._read()
        return None

    @handler
    async def keep_price(self) -> Any:
        return await self._answer(Booked.KEEP)

    @handler
    async def change_price(self) -> Any:
        return await self._answer(Booked.CHANGE)

    async def _answer(self, booked: Booked) -> Any:
        typed = dict(self._typed)
        self._forget_question()
        return await self._save(typed, booked.value) if typed else None

    @handler
    def asked(self, is_open: bool) -> None:
        if not is_open:
            self._forget_question()

    @handler
    async def archive(self, is_archived: bool) -> None:
        await self._do(service_changes.archive_service, archived=is_archived)

    @handler
    async def use_present_price(self) -> None:
        done = await self._do(service_changes.use_present_price)
        if done:
            await say(self, done)

    async def _do(self, service: Any, **given: object) -> Any:
        if not self.shown:
            return None
        try:
            done = await act(service, service_id=self.shown.id, version=self._version, **given)
        except Refusal as refusal:
            await say(self, refusal.sentence, is_problem=True)
            done = None
        await self._read()
        return done


@restores(f"{routes.SERVICES}/[sid]")
async def restore(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(ServicePage)
    await state._open(params.get("sid", ""))
