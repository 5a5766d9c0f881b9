"""Imports: a list on its way in, and one import from its preview to its undoing."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.services import file_imports
from trova_app.services.file_imports import FIELDS, ImportRow, ImportView
from trova_app.state.faults import faults_of
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.state.notices import say
from trova_app.state.one_list import OneList
from trova_app.state.one_page import OnePage, stands_at
from trova_app.wiring import act, ask

KINDS = tuple(FIELDS)
LONGEST_TOKEN = 100


class ImportList(OneList, rx.State):
    """Where a list comes in, and the imports so far. `kind`: what the list is of."""

    kind: str = KINDS[0]
    rows: list[ImportRow] = []
    fault: str = ""
    is_reading: bool = False

    @handler
    async def load(self) -> None:
        await self._open(self.router.url.query_parameters.get("kind"))

    @handler
    def sending(self) -> None:
        self.is_reading, self.fault = True, ""

    @handler
    async def sent(self, token: str, words: str) -> Any:
        """A file is there, or `words` say why not."""
        self.is_reading = False
        if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN:
            self.fault = str(words)[:300]
            return None
        try:
            begun = await act(file_imports.begin_import, kind=self.kind, token=token)
        except Refusal as refusal:
            self.fault = refusal.sentence
            return None
        return rx.redirect(routes.file_import(begun))

    async def _open(self, kind: object) -> None:
        self.kind = kind if isinstance(kind, str) and kind in KINDS else KINDS[0]
        self.fault, self.is_reading = "", False
        await self._read()

    async def _fetch(self) -> None:
        self.rows = list(await ask(file_imports.recent_imports))

    def _empty(self) -> None:
        self.rows = []


@stands_at(f"{routes.IMPORTS}/[nid]")
class ImportPage(OnePage, rx.State):
    """`is_asking`: whether somebody is about to undo it."""

    shown: ImportView | None = None
    problem: str = ""
    is_asking: bool = False
    faults: dict[str, str] = {}

    @handler
    async def load(self) -> None:
        await self._open(getattr(self, "nid", ""))

    @handler(quiet=True)
    async def look(self) -> None:
        """How far it is by now."""
        if self.shown and self.shown.is_moving:
            await self._read()

    @handler
    async def choose_column(self, number: int, field: str) -> None:
        """What one column of the file holds."""
        if not self.shown or type(number) is not int or not 0 <= number < len(self.shown.columns):
            return
        fields = [field if one.number == number else one.field for one in self.shown.columns]
        await self._do(file_imports.choose_how, fields=fields)

    @handler
    async def choose_order(self, order: str) -> None:
        """Which comes first in 03/04/2026: "day" or "month"."""
        if order in ("day", "month"):
            await self._do(file_imports.choose_how, day_first=order == "day")

    @handler
    async def choose_missing(self, is_to_add: bool) -> None:
        """Whether clients and services that nobody knows are added."""
        await self._do(file_imports.choose_how, create_missing=is_to_add is True)

    @handler
    async def choose_since(self, day: str) -> None:
        """The first day of the appointments that are read."""
        await self._do(file_imports.choose_how, since=day)

    @handler
    async def choose_until(self, day: str) -> None:
        """The day before which they end."""
        await self._do(file_imports.choose_how, until=day)

    @handler
    async def keep(self) -> None:
        if self.shown:
            await self._do(file_imports.keep_import, version=self.shown.version)

    @handler
    async def cancel(self) -> Any:
        if self.shown and await self._do(file_imports.cancel_import):
            return rx.redirect(f"{routes.IMPORTS}?kind={self.shown.kind}")
        return None

    @handler
    def ask_to_undo(self) -> None:
        self.is_asking = bool(self.shown and self.shown.may_undo)

    @handler
    def answered(self, is_open: bool) -> None:
        if is_open is not True:
            self.is_asking = False

    @handler
    async def undo(self) -> None:
        self.is_asking = False
        await self._do(file_imports.undo_import)

    async def _do(self, service: Any, **given: object) -> bool:
        """An act upon the import as it is shown; what stands in its way is said."""
        if not self.shown:
            return False
        shown = self.shown
        try:
            await act(service, import_id=shown.id, **given)
            self.faults = {}
        except FieldFaults as refusal:
            self.faults = faults_of(refusal)
            return False
        except Refusal as refusal:
            await say(self, refusal.sentence, is_problem=True)
            await self._read()
            return False
        if service is not file_imports.cancel_import:
            await self._read()
        return True

    async def _open(self, given: object) -> None:
        if given != self._id:
            self._clear()
        self._id = given
        await self._read()

    def _clear(self) -> None:
        self.shown, self.problem, self.is_asking, self.faults, self._id = None, "", False, {}, 0

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        try:
            self.shown, self.problem = await ask(file_imports.import_view, import_id=self._id), ""
        except (NotFound, NotAllowed) as refusal:
            self.shown, self.problem = None, refusal.sentence


@restores(routes.IMPORTS)
async def restore_list(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(ImportList)
    await state._open(params.get("kind"))


@restores(f"{routes.IMPORTS}/[nid]")
async def restore(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(ImportPage)
    await state._open(params.get("nid", ""))
