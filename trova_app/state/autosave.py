"""The form is saved by itself: when the typing pauses, and now and then while it does not. Mixed into `Completion`,
which has the form itself."""

import asyncio
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import reflex as rx
import structlog
from reflex_base.event.context import EventContext

from trova_app.domain.refusals import ChangedElsewhere, Refusal, SignedOut
from trova_app.group_commit import act_together
from trova_app.logs import frames
from trova_app.services import billing
from trova_app.services.forms import Form
from trova_app.services.working_copy import WorkingCopy
from trova_app.state import presence
from trova_app.state.acts import OpenAct
from trova_app.state.live import has_saved, run
from trova_app.state.marks import handler
from trova_app.wiring import SIGN_IN

log = structlog.get_logger()

PAUSE = 0.6  # seconds without a key, and what was typed is saved,
SAVE_BY = 2.4  # at the latest these seconds after the first key that is not saved yet
TOGETHER = 0.1  # seconds; saves wait for the next whole step of these, and so go into one transaction with others'
RETRY_AFTER = 2.0

_typed_at: dict[str, float] = {}
"""By tab: when its last key came. Only for telling a pause in the typing."""

_flushed: set[str] = set()
"""The tabs whose form is being saved as they type: one save in hand for each, however often it is asked for."""


@dataclass(frozen=True, slots=True)
class Writing:
    """A save under way: what the database is writing, and the page's edits it has in it."""

    act: asyncio.Task[WorkingCopy]
    appointment_id: int
    version: int
    form: Form
    rev: int


_writing: dict[str, Writing] = {}
"""By tab: its save under way, which is heard of before anything is made of the form's version."""


class Autosave(rx.State, mixin=True):
    _is_refused: bool = False

    if TYPE_CHECKING:  # what `Completion` has
        _id: int
        _form: Form | None
        _base: Form | None
        _version: int
        _rev: int
        _open_acts: tuple[OpenAct, ...]
        _is_dirty: bool
        conflict: list[Any]
        saved: str
        saved_rev: int
        problem: str
        is_previewing: bool
        preview_version: int

        async def _catch_up(self) -> bool: ...
        async def _keep_question(self) -> None: ...
        def _look_over(self) -> None: ...

    def _save_soon(self):
        """Marks the form unsaved; one background save at a time waits for the typing to pause."""
        if not self._is_dirty or self._is_refused:
            self._is_dirty, self._is_refused = True, False
        tab = tab_in_hand()
        _typed_at[tab] = time.monotonic()
        return None if tab in _flushed else type(self).flush

    @handler(background=True, quiet=True, typing=True)
    async def flush(self) -> None:
        """Saves until the typing pauses; the check-list follows each save, and no key waits for it."""
        tab, is_saved = tab_in_hand(), True
        if tab in _flushed:
            return
        _flushed.add(tab)
        try:
            while True:
                has_paused = await _pause_in_typing(tab) if is_saved else await asyncio.sleep(RETRY_AFTER, True)
                async with self:
                    self._begin_saving()
                if tab in _writing:  # keys go on meanwhile
                    await asyncio.wait([_writing[tab].act])
                async with self:
                    is_saved = await self._save(once=True)
                    is_over = self._form is None or (has_paused and not self._is_dirty)
                    is_over = is_over or bool(self.conflict) or self._is_refused
                    self._look_over()
                    if is_over:
                        await self._keep_question()
                        _forget(tab)  # before the next edit is heard, which then begins another
                        return
        except BaseException:
            _forget(tab)
            if tab in _writing:
                run(self._take_up())
            raise

    async def _take_up(self) -> None:
        """A save whose waiting was cut off: the page hears of it all the same, and nothing of it stays behind."""
        tab = tab_in_hand()
        under_way = _writing[tab]
        try:
            await asyncio.wait([under_way.act])
            async with self:
                await self._hear_of_saving()
        finally:
            if _writing.get(tab) is under_way:
                del _writing[tab]

    def _begin_saving(self) -> None:
        tab = tab_in_hand()
        if tab not in _writing and self._form is not None and self._is_dirty and not self.conflict:
            given = {"appointment_id": self._id, "version": self._version, "form": self._form}
            keys = tuple(act.key for act in self._open_acts)
            act = asyncio.create_task(act_together(billing.save_form, **given, done_keys=keys))
            _writing[tab] = Writing(act, rev=self._rev, **given)

    async def _hear_of_saving(self) -> None:
        """Before anything is made of the form's version: a save under way may have made it another one."""
        if tab_in_hand() in _writing:
            await self._save(once=True)

    async def _save(self, *, once: bool = False) -> bool:
        """True when the database has what the form says; `once`: what it said when the save under way began. The tab
        waits for it: a few milliseconds."""
        for _ in range(4):  # an edit of somebody else's that does not touch ours is taken in, then ours is saved
            self._begin_saving()
            under_way = _writing.pop(tab_in_hand(), None)
            if under_way is None:
                return not self.conflict
            try:
                copy = await under_way.act
            except ChangedElsewhere:
                if not await self._catch_up():
                    return False
                continue
            except SignedOut:
                raise
            except Refusal as refused:
                self.saved, self.problem, self._is_refused = "Not saved", refused.sentence, True
                return False
            except Exception as failure:
                log.error("a form could not be saved", at=frames(failure))
                self.saved = "Not saved"
                self.problem = "This could not be saved just now. It stays on this page and is tried again."
                return False
            has_saved(SIGN_IN.get())
            if (under_way.appointment_id, under_way.version) == (self._id, self._version):
                self._agree(copy, under_way)
            if once or not self._is_dirty:
                return True
        return False

    def _agree(self, copy: WorkingCopy, saved: Writing) -> None:
        self._version, self._base, self.saved_rev = copy.version, copy.form, saved.rev
        self._open_acts = tuple(act for act in self._open_acts if act.key not in copy.done_keys)
        self._is_dirty = self._form is not saved.form  # what was typed meanwhile is saved next
        if self.saved != "Saved":  # what is set is sent, also where it says the same
            self.saved = "Saved"
        if self.is_previewing:
            self.preview_version = copy.version
        if self.problem.startswith("This could not be saved"):
            self.problem = ""
        presence.saved(self._id, tab_in_hand())


def _forget(tab: str) -> None:
    _flushed.discard(tab)
    _typed_at.pop(tab, None)


async def _pause_in_typing(tab: str) -> bool:
    """Who types on is saved now and then, not at each key; a save costs a transaction. False: the typing goes on."""
    latest = time.monotonic() + SAVE_BY
    while True:
        pause = _typed_at.get(tab, 0.0) + PAUSE
        due = math.ceil(min(pause, latest) / TOGETHER) * TOGETHER
        rest = due - time.monotonic()
        if rest <= 0:
            return pause <= latest
        await asyncio.sleep(rest)


def tab_in_hand() -> str:
    """The address of this page's state, as open pages are known by; "" where no page has sent anything."""
    try:
        return EventContext.get().token
    except LookupError:
        return ""
