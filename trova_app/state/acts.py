"""What is done to lines and diagnoses as a whole, with a key of its own each: after a break the page says again what it
does not know to be saved, and none is done twice (docs/decisions/0019). Mixed into `Completion`, which has the form."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from trova_app.domain.refusals import Refusal, SignedOut
from trova_app.logs import frames
from trova_app.services.form_acts import FILLS, NOT_AGAIN, Around, Said, done, done_later, puts, said_in
from trova_app.services.forms import Form
from trova_app.services.last_time import last_time
from trova_app.services.merging import merge
from trova_app.services.working_copy import MOST_KEYS
from trova_app.state.code_box import described
from trova_app.state.grid_acts import GridActs
from trova_app.state.marks import handler
from trova_app.wiring import ask

log = structlog.get_logger()

CUT = "The connection was cut"
MOST_IDLE = 20
AGAIN_PLEASE = f"{CUT} before the button got through. Please look the form over and press it again."


class OpenAct(NamedTuple):
    """Done here and not known to be in the database: the form before it and after it."""

    key: str
    before: Form
    after: Form


class Acts(GridActs, mixin=True):
    heard_press: str = ""  # the last press of a closing button that came here
    idle_acts: str = ""  # the keys of acts that changed nothing, of late: nothing of them is to be saved, or posted

    _done_keys: tuple[str, ...] = ()
    _open_acts: tuple[OpenAct, ...] = ()

    if TYPE_CHECKING:  # what `Completion` has
        _is_asking: bool
        _is_dirty: bool
        structure: int
        known_rev: int
        _rev: int
        saved_rev: int
        problem: str

        async def _hear(self, told: list[Any], put: set[tuple[str, str]]) -> None: ...
        def _draw(self) -> None: ...
        def _is_news(self, rev: object) -> bool: ...
        def _count(self, rev: int) -> None: ...
        def _say_of_diagnosis(self, sentence: str) -> None: ...

    @handler
    async def do(self, name: str, args: list[Any], key: str, rev: int):
        """`key`: of this very act. `rev`: the page's count of its edits, among which this is one."""
        if self._form is None or self._is_asking or not said_in([[name, args, key, rev]]) or not self._is_news(rev):
            return None
        self._count(rev)
        saving = None
        try:
            saving = await self._do(name, args, key)
        except SignedOut:
            raise
        except Refusal as refused:
            if name == "add_code":
                self._say_of_diagnosis(refused.sentence)
            else:
                self.told = refused.sentence
        if not self._is_dirty:  # not where it failed: then the page says it again
            self.saved_rev = self._rev
        elif self.known_rev < self._rev:  # it changed nothing, and waits for nothing
            self.structure, self.known_rev = self.structure + 1, self._rev
            if all(act.key != key for act in self._open_acts):
                self.idle_acts = " ".join([*self.idle_acts.split(), key][-MOST_IDLE:])
        return saving

    async def _do(self, name: str, args: list[Any], key: str) -> Any:
        """Raises `Refusal` where it cannot be done."""
        form = self._plain()
        if form is None or key in self._done_keys:
            return None
        around = await self._around(name, args, key)
        self._done_keys = (*self._done_keys, key)[-MOST_KEYS:]
        if name in NOT_AGAIN:
            self._open_acts = (*self._open_acts, OpenAct(key, form, form))[-MOST_KEYS:]
            return await self._travel(back=name == "undo")
        made = done(form, name, args, around)
        if made.form != form:
            self._open_acts = (*self._open_acts, OpenAct(key, form, made.form))[-MOST_KEYS:]
        if made.faults:
            self._faults = self._faults | made.faults
        return await self._become(made.form, made.told)

    async def _around(self, name: str, args: list[Any], key: str) -> Around:
        if not self._known:
            await self._fetch_helps()
        last = await ask(last_time, appointment_id=self._id) if name == "last_time" else None
        diagnosis = await asyncio.to_thread(described, args[0]) if name == "add_code" else None
        return Around(self._known[0], self._standard_tax, self.charges_tax, key, last, diagnosis)

    async def _put_before(self, act: Said) -> set[tuple[str, str]]:
        """(field, text) of what an act that is said again and was done has put there: nobody else's text."""
        form = self._plain()
        if form is None or act.name in NOT_AGAIN or act.key not in self._done_keys:
            return set()
        try:
            return puts(form, act.name, act.args, await self._around(act.name, act.args, act.key))
        except Refusal:
            return set()

    async def _do_again(self, act: Said, put: set[tuple[str, str]]) -> str:
        """Said again after a break; the sentence about what could not be done. `put`: (field, text) of what this page's
        acts have put there, to which this one adds its own."""
        if act.name in NOT_AGAIN:
            is_done = act.key in self._done_keys
            return "" if is_done else f"{CUT} before {NOT_AGAIN[act.name]} got through. It was left out."
        try:
            if act.name in FILLS:
                await self._fill_again(act, put)
            else:
                await self._do(act.name, act.args, act.key)
        except Refusal as refused:
            return refused.sentence
        except Exception as failure:
            log.error("an act could not be done again", at=frames(failure))
            return f"{CUT}, and not all that was done to the lines meanwhile could be done again."
        return ""

    async def _fill_again(self, act: Said, put: set[tuple[str, str]]) -> None:
        """Its texts are what was typed into those boxes then: somebody else's are not covered but asked about."""
        before = self._plain()
        if before is None or act.key in self._done_keys:
            return
        later = done_later(before, act, await self._around(act.name, act.args, act.key))
        self._done_keys = (*self._done_keys, act.key)[-MOST_KEYS:]
        await self._hear([(*cell, 0) for cell in later.cells], put)
        put |= {(name, text) for name, text, _ in later.cells}
        now = self._plain() or before
        stays = {line.id: line for line in now.lines}
        lines = tuple(stays.get(line.id, line) for line in later.form.lines)
        after = replace(now, lines=lines, diagnoses=later.form.diagnoses)
        self._open_acts = (*self._open_acts, OpenAct(act.key, before, after))[-MOST_KEYS:]
        self._faults = self._faults | later.faults
        self._draw_anew(before, after)
        if after == now:
            self._draw()
        await self._become(after, later.told)
        self.told = later.told

    def _leave_out(self, done_there: Collection[str]) -> None:
        """Acts of this page that somebody's saved form has in it already, as the page posted them too, are taken out of
        this one: the saved one is about to be taken in."""
        form = self._plain()
        for act in reversed(self._open_acts):
            if form is not None and act.key in done_there:
                form = merge(act.after, form, act.before).form
        self._form = form
        self._open_acts = tuple(act for act in self._open_acts if act.key not in done_there)
        new = [key for key in done_there if key not in self._done_keys]
        self._done_keys = (*self._done_keys, *new)[-MOST_KEYS:]

    def _hear_press(self, pressed: object) -> None:
        """Of the last closing button, where the page has heard nothing of it."""
        if isinstance(pressed, str) and pressed and pressed != self.heard_press:
            self.problem, self.heard_press = self.problem or AGAIN_PLEASE, pressed
