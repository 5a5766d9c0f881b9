"""What was typed into a form that somebody else finished meanwhile, or into a line that is gone: shown until it is
dismissed. `kept`: what the database keeps for this person; `lost`: what only this page has, as it could not be kept.
Mixed into `Completion`, which has the form itself."""

from typing import TYPE_CHECKING, Any

import reflex as rx
import structlog

from trova_app.domain.refusals import Refusal
from trova_app.logs import frames
from trova_app.services.form_words import choice_words, field_words, unsaved_texts
from trova_app.services.forms import Form
from trova_app.services.kept_texts import Cell, Kept, dismiss_texts, kept_texts
from trova_app.services.unsaved import keep_lost
from trova_app.state.drawn import Typed
from trova_app.state.marks import handler
from trova_app.state.unsaved import MOST
from trova_app.wiring import act, ask

log = structlog.get_logger()


class Lost(rx.State, mixin=True):
    refused_of: int = 0  # the appointment whose form cannot be shown
    lost: list[Typed] = []
    lost_of: int = 0
    kept: list[Typed] = []
    kept_of: int = 0
    kept_rows: list[int] = []  # that what is drawn of it stands in
    _order: list[str] = []  # the ids of the form's lines, as they stood last

    if TYPE_CHECKING:  # what `Completion` has
        _form: Form | None
        _id: int
        _is_dirty: bool
        conflict: list[Any]
        refusal: str

    async def _is_gone(self, sentence: str, mine: Form | None, base: Form | None) -> None:
        """The form cannot be shown any more; `mine`: as it was typed here, upon `base`."""
        self.refusal, self.refused_of, self._is_dirty = sentence, self._id, False
        self._form, self.conflict = None, []
        if mine is not None and base is not None:
            self._order = [line.id for line in mine.lines]
            await self._lose(self._id, unsaved_texts(mine, base))
        await self._find_kept(self._id)

    async def _lose(self, appointment_id: int, cells: list[Cell]) -> None:
        """What the database can keep of it outlives this page. Where that fails, the page still has it."""
        known = {one.name: one for one in self.lost} if self.lost_of == appointment_id else {}
        known |= {cell[0]: drawn(cell) for cell in cells}
        self.lost, self.lost_of = list(known.values()), appointment_id
        told: list[list[object]] = [[name, text, [], 0] for name, _, text in cells]
        try:
            kept = await act(keep_lost, appointment_id=appointment_id, cells=told, order=list(self._order))
        except Refusal:
            return
        except Exception as failure:
            log.error("what was typed could not be kept", at=frames(failure))
            return
        self.lost = [one for one in self.lost if one.name not in kept]
        await self._find_kept(appointment_id)

    async def _find_kept(self, appointment_id: int) -> None:
        """What the database keeps of it for this person."""
        self._show_kept(appointment_id, await ask(kept_texts, appointment_id=appointment_id))

    def _show_kept(self, appointment_id: int, found: Kept) -> None:
        self.kept, self.kept_rows = [drawn(cell) for cell in found.cells], list(found.ids)
        self.kept_of = appointment_id if found.ids else 0
        self._show_once()

    def _show_once(self) -> None:
        """What is kept is not told to be on this page only."""
        there = {(one.name, one.text) for one in self.kept} if self.kept_of == self.lost_of else set()
        if there:
            self.lost = [one for one in self.lost if (one.name, one.text) not in there]

    @handler(quiet=True)
    async def tell_lost(self, appointment_id: int, cells: list[list[str]]) -> None:
        """The page's own memory of it: [name, text, the box's words]."""
        listed = cells[:MOST] if isinstance(cells, list) else []
        told = [tuple(c) for c in listed if isinstance(c, list) and len(c) == 3 and all(isinstance(t, str) for t in c)]
        if type(appointment_id) is int and told:
            await self._lose(appointment_id, [(n, words or field_words(n), text) for n, text, words in told])

    @handler
    async def dismiss(self, _is_forgotten: bool, rows: list[int]) -> None:
        """The page has forgotten it by then, too. `rows`: of what was drawn there; what was kept since is shown."""
        self.lost, self.lost_of = [], 0
        seen = tuple(row for row in rows if type(row) is int and 0 < row < 2**53) if isinstance(rows, list) else ()
        if seen:
            await act(dismiss_texts, ids=seen[:MOST])
        if self.kept_of:
            await self._find_kept(self.kept_of)

    @handler(quiet=True)
    def put_away(self) -> None:
        """Nothing of it stays in a page that is no longer shown."""
        self._show_kept(0, Kept())


def drawn(cell: Cell) -> Typed:
    name, words, text = cell
    return Typed(name, words, choice_words(name, text))
