"""Somebody else with the same form: their edits are taken in, and where two touch, the person is asked, for as long as
there is no answer. Mixed into `Completion`, which has the form itself."""

import asyncio
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import reflex as rx
import structlog

from trova_app.domain.refusals import Refusal
from trova_app.logs import frames
from trova_app.services import completion
from trova_app.services.form_words import differences
from trova_app.services.forms import Form
from trova_app.services.history import History
from trova_app.services.merging import merge, with_theirs
from trova_app.services.open_question import Question, keep_question
from trova_app.services.working_copy import WorkingCopy
from trova_app.state.acts import OpenAct
from trova_app.state.drawn import Difference
from trova_app.state.grid_acts import EMPTY
from trova_app.state.marks import handler
from trova_app.wiring import act, ask

log = structlog.get_logger()


class TwoPeople(rx.State, mixin=True):
    conflict: list[Difference] = []
    conflict_with: str = ""

    _saved_by: str = ""
    _base: Form | None = None  # what this page and the database agree upon; questions are about what both changed
    _theirs: Form | None = None  # while there is a question: what the database has,
    _touching: tuple[str, ...] = ()  # and the fields it is about
    _kept: tuple[Question, ...] = ()  # the question as the database has it, for a page that never comes back

    if TYPE_CHECKING:  # what `Completion` has
        _id: int
        _form: Form | None
        _version: int
        _rev: int
        _open_acts: tuple[OpenAct, ...]
        _done: int
        _is_dirty: bool
        saved: str
        saved_rev: int
        fields_face: int
        code_face: int
        _steps: tuple[History, ...]

        async def _save(self) -> bool: ...
        async def _hear_of_saving(self) -> None: ...
        def _save_soon(self) -> Any: ...
        def _draw(self) -> None: ...
        def _leave_out(self, done_there: Collection[str]) -> None: ...
        def _keep_steps(self, history: History, present: Form) -> None: ...
        def _draw_anew(self, before: Form, after: Form) -> None: ...
        async def _is_gone(self, sentence: str, mine: Form | None, base: Form | None) -> None: ...
        async def _find_kept(self, appointment_id: int) -> None: ...

    @handler(quiet=True)
    async def look_again(self):
        """Somebody else with this form open has saved it."""
        if self._form is None or self._done:
            return None
        await self._catch_up()
        return self._save_soon() if self._is_dirty else None

    async def _catch_up(self) -> bool:
        """Takes in what the database has by now. True when that leaves nothing to be asked."""
        await self._hear_of_saving()
        try:
            page = await ask(completion.form_page, appointment_id=self._id)
        except Refusal as gone:
            await self._is_gone(gone.sentence, plain(self._form), plain(self._base))
            return False
        known = self._theirs if self.conflict else self._base
        if page.copy.version != self._version or page.copy.form != known:
            await self._join(page.copy)
        return not self.conflict

    async def _join(self, copy: WorkingCopy) -> None:
        """Their edits and ours, field by field; rows that were not ours are drawn anew, the others stay untouched."""
        before, self._version, self._saved_by = plain(self._form), copy.version, copy.saved_by
        self._leave_out(copy.done_keys)
        self._put_together(copy.form)
        await self._steps_with_theirs(before)
        if not self.conflict and self._form == copy.form:
            self._is_dirty, self.saved, self.saved_rev = False, "Saved", self._rev

    def _put_together(self, theirs: Form) -> None:
        """What both have changed since they agreed upon it is asked about, until it is answered."""
        mine, base = plain(self._form), plain(self._base)
        assert mine is not None and base is not None
        merged = merge(base, mine, theirs)
        self._base, self._touching = merged.agreed, merged.touching
        self._take(merged.form, mine)
        self._theirs = theirs if merged.touching else None
        if merged.touching:
            self.conflict_with = f"{self._saved_by} saved this form in the meantime. Nothing was overwritten."
            self.saved = "Not saved"
        self._show_question()

    async def _steps_with_theirs(self, before: Form | None) -> None:
        """What can be undone here are this person's own acts, also where somebody else's edits have come in since."""
        after = plain(self._form)
        if before is not None and after is not None:
            await self._renew_steps(lambda history: history.with_theirs(before, after), after)

    async def _renew_steps(self, renewed: Callable[[History], History], present: Form) -> None:
        """Beside the event loop. There are no steps until then: where this is cut short, none takes theirs back."""
        history, self._steps = self._steps[0], (EMPTY,)
        self._keep_steps(await asyncio.to_thread(renewed, history), present)

    def _show_question(self) -> None:
        """Both texts of each field, mine as typed by now."""
        mine, theirs = plain(self._form), plain(self._theirs)
        if mine is not None and theirs is not None:
            self.conflict = [Difference(*d) for d in differences(mine, theirs, self._touching)]
        elif self.conflict:
            self.conflict = []

    async def _keep_question(self) -> None:
        """An open question is kept with the form as it stands, an answered one goes. Where that fails, this page still
        has it."""
        base, mine = plain(self._base), plain(self._form)
        asks = ((base, mine),) if self.conflict and base is not None and mine is not None else ()
        if asks == self._kept:
            return
        try:
            there = await act(
                keep_question,
                appointment_id=self._id,
                question=asks[0] if asks else None,
                done_keys=tuple(act.key for act in self._open_acts) if asks else (),
            )
        except Refusal:
            return
        except Exception as failure:
            log.error("an open question could not be kept", at=frames(failure))
            return
        self._kept = asks
        if asks:
            self._open_acts = tuple(act for act in self._open_acts if act.key in there)

    def _take(self, form: Form, shown: Form) -> None:
        """Draws `form` where the page shows `shown`: boxes keep their text unless the form has another one."""
        self._draw_anew(shown, form)
        if form.texts != shown.texts:
            self.fields_face += 1
        if form.texts.diagnosis != shown.texts.diagnosis:
            self.code_face += 1
        self._form = form
        self._draw()

    @handler
    async def take_theirs(self):
        mine, theirs = plain(self._form), plain(self._theirs)
        if mine is not None and theirs is not None:
            self._take(with_theirs(mine, theirs, self._touching), mine)
            await self._steps_with_theirs(mine)
        await self._settle()

    @handler
    async def keep_mine(self):
        mine, base, theirs = plain(self._form), plain(self._base), plain(self._theirs)
        if mine is not None and base is not None and theirs is not None:
            await self._renew_steps(lambda history: history.with_mine_kept(base, theirs), mine)
        await self._settle()

    async def _settle(self) -> None:
        """The answer is about what was seen: what they have changed since is asked about again."""
        if self._form is None:
            return
        if self._theirs is not None:
            self._base = self._theirs
        self.conflict, self._theirs = [], None
        self._is_dirty = True
        await self._save()
        await self._keep_question()


def plain(form: Form | None) -> Form | None:
    """The form itself, not the state's watching copy of it."""
    return getattr(form, "__wrapped__", form)
