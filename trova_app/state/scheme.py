"""One scheme: its particulars, its price lists, and a new list on its way in."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.adapters.import_tables import Unreadable
from trova_app.adapters.sheets import read_sheet
from trova_app.domain.imports import Sheet
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotFound, Refusal
from trova_app.services import rate_imports, scheme_clients, schemes, waiting_files
from trova_app.services.rate_imports import RatePreview
from trova_app.services.scheme_clients import Affected
from trova_app.services.schemes import RateRow, SchemeDetails
from trova_app.state.faults import faults_of
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.state.notices import say
from trova_app.state.one_page import OnePage, stands_at
from trova_app.wiring import act, ask

NEW = "new"
PAGE = 20
LONGEST_TOKEN = 100


@stands_at(f"{routes.SCHEMES}/[kid]")
class SchemePage(OnePage, rx.State):
    """`asks` is the day of the price list somebody is about to remove, "" while nobody is."""

    shown: SchemeDetails | None = None
    is_new: bool = False
    problem: str = ""
    faults: dict[str, str] = {}
    affected: Affected | None = None
    rates: list[RateRow] = []
    search: str = ""
    has_more: bool = False
    asks: str = ""
    valid_from: str = ""
    file_name: str = ""
    file_fault: str = ""
    is_reading: bool = False
    preview: RatePreview | None = None
    _after: str = ""
    _file: str = ""

    # -- coming, going

    @handler
    async def load(self) -> None:
        await self._open(getattr(self, "kid", ""))

    async def _open(self, given: object) -> None:
        if given != self._id:
            self._clear()
        self._id, self.is_new = given, given == NEW
        if not self.is_new:
            await self._read()

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        try:
            shown = await ask(schemes.scheme_details, scheme_id=self._id)
        except NotFound as refusal:
            self._clear()
            self.problem = refusal.sentence
            return
        self.shown, self.problem = shown, ""
        self.valid_from = self.valid_from or shown.today
        today = date.fromisoformat(shown.today)
        self.affected = await ask(scheme_clients.affected_clients, scheme_id=self._id, since=today)
        await self._read_rates(max(PAGE, min(len(self.rates), 200)))

    async def _read_rates(self, limit: int, after: str = "") -> None:
        page = await ask(schemes.rates_page, scheme_id=self._id, search=self.search, after=after, limit=limit)
        self.rates = [*(self.rates if after else []), *page.rows]
        self._after, self.has_more = page.next_after, bool(page.next_after)

    def _clear(self) -> None:
        self.shown, self.affected, self.problem, self.faults = None, None, "", {}
        self.rates, self.search, self.has_more, self._after = [], "", False, ""
        self.asks, self.valid_from, self._id, self.is_new = "", "", 0, False
        self._forget()

    def _forget(self) -> None:
        """The list on its way in."""
        self.preview, self._file, self.file_name, self.file_fault, self.is_reading = None, "", "", "", False

    # -- particulars

    @handler
    async def save(self, form: dict[str, Any]) -> Any:
        if not isinstance(form, Mapping) or not (self.is_new or self.shown):
            return None
        given = {"name": form.get("name", ""), "claim_email": form.get("claim_email", "")}
        if self.shown:
            given |= {"scheme_id": self.shown.id, "version": self.shown.version}
        try:
            kept = await act(schemes.save_scheme, **given)
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            first = next((name for name in self.faults if name), "")
            return rx.set_focus(first) if first else None
        self.faults = {}
        await say(self, "Saved.")
        if self.is_new:
            return rx.redirect(routes.scheme(kept))
        await self._read()
        return None

    @handler
    async def archive(self, is_archived: bool) -> None:
        if self.shown:
            await self._do(schemes.archive_scheme, archived=is_archived)

    # -- price lists

    @handler
    async def look_for(self, words: str) -> None:
        self.search = str(words)[:200]
        if self.shown:
            await self._read_rates(PAGE)

    @handler
    async def show_more(self) -> None:
        if self.shown and self._after:
            await self._read_rates(PAGE, self._after)

    @handler
    def ask_to_remove(self, day: str) -> None:
        self.asks = str(day)[:10]

    @handler
    def answered(self, is_open: bool) -> None:
        if not is_open:
            self.asks = ""

    @handler
    async def remove_list(self) -> None:
        day, self.asks = self.asks, ""
        if self.shown and day:
            done = await self._do(schemes.remove_list, day=day)
            if done:
                await say(self, done)

    async def _do(self, service: Any, **given: object) -> Any:
        """An act upon the scheme as it is shown; what stands in its way is said."""
        assert self.shown is not None
        try:
            done = await act(service, scheme_id=self.shown.id, version=self.shown.version, **given)
        except Refusal as refusal:
            await say(self, refusal.sentence, is_problem=True)
            done = None
        await self._read()
        return done

    # -- a new list

    @handler
    def sending(self) -> None:
        self.is_reading, self.file_fault = True, ""

    @handler
    async def sent(self, token: str, words: str) -> None:
        """A file is there, or `words` say why not."""
        if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN:
            self.is_reading, self.file_fault = False, str(words)[:300]
            return
        await self._drop()
        self._file, self.file_name = token, str(words)[:120]
        await self._look()

    @handler
    async def choose_day(self, day: str) -> None:
        """The day from which the list holds."""
        self.valid_from = str(day)[:10]
        if self._file:
            await self._look()

    @handler
    async def keep(self) -> None:
        """What was looked at; where prices changed since, the list is looked at once more instead."""
        if not self._file or self.preview is None:
            return
        try:
            sheet, seen = await self._sheet(), self.preview.version
            done = await act(rate_imports.keep_rates, sheet=sheet, version=seen, **self._list())
            await act(waiting_files.forget_file, token=self._file)
        except ChangedElsewhere as changed:
            await self._look()
            await say(self, changed.sentence, is_problem=True)
            return
        except (Refusal, Unreadable) as refusal:
            self._say(refusal)
            return
        self._forget()
        await say(self, done)
        await self._read()

    @handler
    async def cancel(self) -> None:
        await self._drop()

    async def _drop(self) -> None:
        """The list that was looked at goes, with its file."""
        token = self._file
        self._forget()
        if token:
            await act(waiting_files.forget_file, token=token)

    async def _look(self) -> None:
        self.is_reading, self.file_fault = True, ""
        try:
            self.preview = await ask(rate_imports.preview_rates, sheet=await self._sheet(), **self._list())
            self.faults = {name: text for name, text in self.faults.items() if name != "valid_from"}
        except (Refusal, Unreadable) as refusal:
            self._say(refusal)
        self.is_reading = False

    def _list(self) -> dict[str, object]:
        return {"scheme_id": self._id, "valid_from": self.valid_from}

    async def _sheet(self) -> Sheet:
        given = await ask(waiting_files.waiting_file, token=self._file)
        return await asyncio.to_thread(read_sheet, given.data)

    def _say(self, refusal: Exception) -> None:
        self.preview = None
        if isinstance(refusal, FieldFaults):
            self.faults = self.faults | faults_of(refusal)
        else:
            self.file_fault = refusal.sentence if isinstance(refusal, Refusal) else str(refusal)


@restores(f"{routes.SCHEMES}/[kid]")
async def restore(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(SchemePage)
    await state._open(params.get("kid", ""))
