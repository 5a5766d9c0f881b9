"""One appointment's details, and what is filled in about its client before billing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import ChangedElsewhere, NotFound, Refusal
from trova_app.services import appointments, billing, completion, series_changes, session_fill_in, standing
from trova_app.services.appointment_details import AppointmentDetails
from trova_app.services.session_client import TEXTS
from trova_app.state import presence
from trova_app.state.completion import Completion
from trova_app.state.faults import faults_of
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.state.moving import Moving
from trova_app.state.one_page import OnePage, stands_at
from trova_app.wiring import act, ask

PARTS = {
    "contact": ("email", "phone", "birth_date", "address"),
    "payer": ("scheme", "scheme_option", "member_number", "dependant_code", "main_member"),
}
QUESTIONS = frozenset({"missed", "reopen", "cancel", "again"})


@dataclass(frozen=True, slots=True)
class FoundCode:
    code: str
    words: str


@stands_at(f"{routes.APPOINTMENTS}/[aid]")
class AppointmentPage(OnePage, rx.State):
    shown: AppointmentDetails | None = None
    problem: str = ""
    asking: str = ""  # the question in front of the page: one of QUESTIONS or ""
    editing: str = ""  # the part of the profile that is being filled in: contact, payer or ""
    faults: dict[str, str] = {}
    keeps: bool = True  # the tick "Keep in the profile"; unticked, what is filled in is for this session only
    codes: list[FoundCode] = []
    face: int = 0  # goes up when the box for a diagnosis is to be empty again
    _client_version: int = 0
    _form_version: int = 0

    @handler
    async def load(self) -> None:
        await self._open(getattr(self, "aid", ""))

    # -- the client

    @handler
    def edit(self, part: str) -> None:
        if part in PARTS and self.shown:
            self.editing, self.faults = part, {}
            self._keep_without_tick()
            self._client_version, self._form_version = self.shown.client.version, self.shown.form_version

    @handler
    def tick_keep(self, is_ticked: bool) -> None:
        self.keeps = is_ticked is not False or not (self.shown and self.shown.may_fill_in_here)
        self.faults = {}

    def _keep_without_tick(self) -> None:
        """Where there is no tick (any more), as the session was billed meanwhile, only the profile can be changed. What
        somebody is just filling in for this session is refused instead."""
        if self.shown and not self.shown.may_fill_in_here:
            self.keeps = True

    @handler
    def stop_editing(self) -> None:
        self.editing, self.faults = "", {}

    @handler
    async def save(self, form: dict[str, Any]) -> None:
        """Keeps the part that is being filled in. A refusal stands beside its field, and nothing typed is lost."""
        if not self.shown or self.editing not in PARTS or not isinstance(form, Mapping):
            return
        wanted = [name for name in PARTS[self.editing] if self.keeps or name in TEXTS]  # the rest stands dimmed
        given = {name: form[name] for name in wanted if name in form}
        versions = {"version": self._client_version, "form_version": self._form_version}
        if await self._fill(session_fill_in.fill_in, **versions, **given):
            self.editing = ""

    @handler
    async def look_up(self, words: str) -> None:
        if self.shown and self.shown.may_see_diagnoses:
            found = await ask(completion.find_codes, appointment_id=self.shown.id, words=words)
            self.codes = [FoundCode(one.code, one.description) for one in found]

    @handler
    async def add_diagnosis(self, form: dict[str, Any]) -> None:
        if self.shown and isinstance(form, Mapping):
            await self._diagnose(session_fill_in.add_diagnosis, str(form.get("diagnosis", "")).split(" ")[0])

    @handler
    async def remove_diagnosis(self, code: str) -> None:
        if self.shown:
            await self._diagnose(session_fill_in.remove_diagnosis, code)

    async def _diagnose(self, service: Any, code: object) -> None:
        if await self._fill(service, code=code):
            self.codes = []
            self.face += 1

    async def _fill(self, service: Any, **given: object) -> bool:
        """Kept in the profile, or for this session only, as ticked. False where it was refused."""
        assert self.shown
        try:
            await act(service, appointment_id=self.shown.id, keep=self.keeps, **given)
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            if isinstance(refusal, ChangedElsewhere):
                await self._read()
                if self.shown:
                    self._client_version, self._form_version = self.shown.client.version, self.shown.form_version
            return False
        self.faults = {}
        presence.saved(self.shown.id, "")
        await self._read()
        return True

    # -- the session itself

    @handler
    def question(self, what: str) -> None:
        self.asking = what if what in QUESTIONS else ""
        self.faults = {}

    @handler
    def close_question(self, is_open: bool) -> None:
        if is_open is not True:
            self.asking = ""

    @handler
    async def mark_missed(self, form: dict[str, Any]) -> Any:
        """With a fee, on to the form it is billed with."""
        fee = form.get("fee", "") if isinstance(form, Mapping) else ""
        charged = await self._do(standing.mark_missed, fee=fee)
        return rx.redirect(routes.complete(self.shown.id)) if charged and self.shown else None

    @handler
    async def cancel(self, form: dict[str, Any]) -> None:
        if self.shown and isinstance(form, Mapping):
            given = {"reason": form.get("reason", ""), "scope": form.get("scope", "this"), "seen": self.shown.series}
            done = await self._do(series_changes.cancel, version=self.shown.version, **given)
            if done and done.before:  # of several: said, with Undo
                await (await self.get_state(Moving))._say(done)

    @handler
    async def put_on_again(self) -> None:
        await self._do(standing.put_on_again)

    @handler
    async def reopen(self) -> None:
        await self._do(billing.reopen)

    async def _do(self, service: Any, **kw: object) -> Any:
        if not self.shown:
            return None
        try:
            done = await act(service, appointment_id=self.shown.id, **kw)
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            return None
        finally:
            await self._read()
        self.asking = ""
        return done

    async def _open(self, given: object) -> None:
        if given != self._id:
            self._clear()
        self._id = given
        await self._read()
        if self.shown:
            self.keeps = self.shown.keeps

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        try:
            self.shown, self.problem = await ask(appointments.details, appointment_id=self._id), ""
            await (await self.get_state(Completion))._find_kept(self.shown.id)
        except NotFound as refusal:
            self._clear()
            self.problem = refusal.sentence
        if not self.editing:
            self._keep_without_tick()

    def _clear(self) -> None:
        self.shown, self.codes, self.faults = None, [], {}
        self.asking, self.editing, self.problem, self._id = "", "", "", 0
        self.keeps = True


@restores(f"{routes.APPOINTMENTS}/[aid]")
async def restore(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(AppointmentPage)
    await state._open(params.get("aid", ""))
