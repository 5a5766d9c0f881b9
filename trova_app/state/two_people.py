"""Somebody else with the same form: their edits are taken in, and where two touch, the person is asked. Mixed into
`Completion`, which has the form itself."""

from typing import TYPE_CHECKING, Any

import reflex as rx

from trova_app.domain.refusals import Refusal
from trova_app.services import completion
from trova_app.services.forms import Form
from trova_app.services.merging import Merged, merge, with_theirs
from trova_app.services.working_copy import WorkingCopy
from trova_app.state.drawn import Difference
from trova_app.state.marks import handler
from trova_app.wiring import ask


class TwoPeople(rx.State, mixin=True):
    conflict: list[Difference] = []
    conflict_with: str = ""

    _saved_by: str = ""
    _base: Form | None = None  # what the database had when this page last agreed with it
    _theirs: Form | None = None
    _merged: Merged | None = None

    if TYPE_CHECKING:  # what `Completion` has
        _id: int
        _form: Form | None
        _version: int
        _rev: int
        _done: int
        _is_dirty: bool
        _stamps: dict[str, int]
        refusal: str
        saved: str
        saved_rev: int
        fields_face: int

        async def _save(self) -> bool: ...
        async def _hear_of_saving(self) -> None: ...
        def _save_soon(self) -> Any: ...
        def _draw(self) -> None: ...
        def _forget_steps(self) -> None: ...

    @handler(quiet=True)
    async def look_again(self):
        """Somebody else with this form open has saved it."""
        if self._form is None or self.conflict or self._done:
            return None
        await self._catch_up()
        return self._save_soon() if self._is_dirty else None

    async def _catch_up(self) -> bool:
        """Takes in what the database has by now. True when that leaves nothing to be asked."""
        await self._hear_of_saving()
        try:
            page = await ask(completion.form_page, appointment_id=self._id)
        except Refusal as gone:
            self.refusal, self._is_dirty = gone.sentence, False
            return False
        if page.copy.version != self._version or page.copy.form != self._base:
            self._join(page.copy)
        return not self.conflict

    def _join(self, copy: WorkingCopy) -> None:
        """Their edits and ours, field by field; rows that were not ours are drawn anew, the others stay untouched."""
        mine, base = self._form, self._base
        assert mine is not None and base is not None
        merged = merge(base, mine, copy.form)
        self._version, self._base = copy.version, copy.form
        self._take(merged.form, mine)
        if merged.touching:
            self._ask_which(merged, mine, copy.form, copy.saved_by)
        elif self._form == copy.form:
            self._is_dirty, self.saved, self.saved_rev = False, "Saved", self._rev

    def _ask_which(self, merged: Merged, mine: Form, theirs: Form, saved_by: str) -> None:
        self._theirs, self._merged = theirs, merged
        self.conflict_with = f"{saved_by} saved this form in the meantime. Nothing was overwritten."
        self.conflict = [Difference(*d) for d in completion.differences(mine, theirs, merged.touching)]
        self.saved = "Not saved"

    def _take(self, form: Form, shown: Form) -> None:
        """Draws `form` where the page shows `shown`: boxes keep their text unless the form has another one."""
        was = {line.id: line for line in shown.lines}
        for line in form.lines:
            if was.get(line.id, line) != line:
                self._stamps[line.id] = self._stamps.get(line.id, 0) + 1
        if form.texts != shown.texts:
            self.fields_face += 1
        if form != shown:
            self._forget_steps()
        self._form = form
        self._draw()

    @handler
    async def take_theirs(self):
        if self._merged is not None and self._theirs is not None and self._form is not None:
            self._take(with_theirs(self._merged, self._theirs), self._form)
        await self._settle()

    @handler
    async def keep_mine(self):
        await self._settle()

    async def _settle(self) -> None:
        if self._form is None:
            return
        self.conflict, self._merged, self._theirs = [], None, None
        self._is_dirty = True
        await self._save()
