"""What the page has and the database has not: after a break the page says again what it shows. Mixed into
`Completion`, which has the form itself."""

import secrets
from typing import TYPE_CHECKING, Any

import reflex as rx

from trova_app.services.form_acts import Said, said_in
from trova_app.services.form_words import field_words
from trova_app.services.forms import Form
from trova_app.services.merging import merge, with_theirs
from trova_app.state.marks import handler
from trova_app.state.two_people import plain

MOST = 5000  # fields on the largest form
Told = tuple[str, Any, Any, int]
"""Name, text, the text it came from (the same where nobody typed; None for what the server has now), and its place
among the page's edits."""


class Unsaved(rx.State, mixin=True):
    _is_asking: bool = False  # until it has: edits that waited in the page for the line are in what it will say
    _put: tuple[tuple[str, str], ...] = ()  # (field, text) of what acts said again have put there: nobody else's
    _rev: int = 0  # the page's edits have arrived up to this one, none is missing

    if TYPE_CHECKING:  # what `Completion` has
        _id: int
        _form: Form | None
        _base: Form | None
        _theirs: Form | None
        _is_dirty: bool
        conflict: list[Any]
        saved_rev: int
        confirmed: list[str]
        asked: str
        _is_refused: bool
        told: str

        async def _save(self) -> bool: ...
        async def _put_before(self, act: Said) -> set[tuple[str, str]]: ...
        async def _do_again(self, act: Said, put: set[tuple[str, str]]) -> str: ...
        def _hear_press(self, pressed: object) -> None: ...
        async def _lose(self, appointment_id: int, cells: list[tuple[str, str, str]]) -> None: ...
        def _remember(self, name: str = "") -> None: ...
        async def _hear_of_saving(self) -> None: ...
        async def _keep_question(self) -> None: ...
        def _take(self, form: Form, shown: Form) -> None: ...
        def _put_together(self, theirs: Form) -> None: ...
        def _save_soon(self) -> Any: ...

    def _is_news(self, rev: object) -> bool:
        """An edit that was under way when the page went comes after what the page posted, and is older."""
        return type(rev) is int and self._rev < rev < 2**31

    def _ask(self) -> None:
        """The form was read anew. An edit typed upon an older one must not pass for one upon this."""
        self.asked, self._is_asking = secrets.token_hex(4), True

    def _count(self, rev: int) -> None:
        """An edit has arrived. Where one before it is missing, the page has to say again what it shows."""
        if rev == self._rev + 1:
            self._rev = rev

    @handler(quiet=True)
    async def say_again(self, cells: list[list[str]], rev: int, acts: list[list[Any]], pressed: str):
        """After every (re)connect: the boxes that show something else than was drawn, the page's count of edits, the
        acts it does not know to be saved, and the closing button it has had no answer to."""
        await self._hear_of_saving()
        self._is_asking = False
        if self._form is None:
            return None
        before = self._form
        told, left_out, put = told_in(cells), [], set(self._put)
        for act in said_in(acts):
            await self._hear([cell for cell in told if cell[3] < act.rev], put)
            put |= await self._put_before(act)
            told = [cell for cell in told if cell[3] >= act.rev]
            self._rev = max(self._rev, act.rev)
            left_out.append(await self._do_again(act, put))
        await self._hear(told, put)
        self._put = tuple(put)[:MOST]
        if type(rev) is int and 0 <= rev < 2**31:
            self._rev = rev
        if any(left_out):
            self.told = " ".join(dict.fromkeys(words for words in (self.told, *left_out) if words))
        self._hear_press(pressed)
        if not self._is_dirty:
            self.saved_rev = self._rev
        elif not self._is_refused or self._form != before:  # what was refused is not tried again by itself
            return self._save_soon()
        return None

    async def _hear(self, told: list[Told], put: set[tuple[str, str]]) -> None:
        """What nobody typed here stands as the server has it; what was typed here stands as typed; a box that somebody
        else has changed as well is asked about. `put`: (field, text) of what this page's acts have put there."""
        form = self._form
        assert form is not None
        known = dict(form.pairs())
        gone = [(name, field_words(name), text) for name, text, was, _ in told if name not in known and text != was]
        if gone:
            await self._lose(self._id, gone)
        said = [(name, text, was) for name, text, was, _ in told if name in known]
        shown = form.with_texts((name, text) for name, text, _ in said)
        if shown == form:
            return
        was_there = form.with_texts((n, known[n] if was is None or (n, known[n]) in put else was) for n, _, was in said)
        merged = merge(was_there, shown, form)
        if merged.form != form:
            self._remember()
            self._is_dirty = True
        self._take(merged.form, shown)
        base, theirs = plain(self._base), plain(self._theirs)
        assert base is not None
        if merged.touching:
            theirs, have = theirs or base, dict(base.pairs())
            self._base = with_theirs(base, was_there, [name for name in merged.touching if name in have])
        if theirs is not None:
            self._put_together(theirs)

    @handler(quiet=True)
    def ask_again(self) -> None:
        """The page has waited for its save, or its figures and the server's stay apart."""
        if self._form is not None and not self.conflict:
            self.confirmed = [*self.confirmed]  # said again, too
            self.asked = secrets.token_hex(4)

    @handler(quiet=True)
    async def save_now(self) -> None:
        """Somebody is about to leave."""
        await self._save()
        await self._keep_question()


def pairs_in(given: object) -> list[tuple[str, Any]]:
    """(name, text) pairs from the page, whatever was sent."""
    listed = given[:MOST] if isinstance(given, list) else []
    return [(p[0], p[1]) for p in listed if isinstance(p, list | tuple) and len(p) == 2 and isinstance(p[0], str)]


def told_in(given: object) -> list[Told]:
    """The cells the page tells of, whatever was sent."""
    listed = given[:MOST] if isinstance(given, list) else []
    cells = [c for c in listed if isinstance(c, list | tuple) and len(c) == 4 and isinstance(c[0], str)]
    return [
        (name, text, was, at)
        for name, text, was, at in cells
        if isinstance(text, str) and isinstance(was, str | None) and type(at) is int
    ]
