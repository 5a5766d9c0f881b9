"""What is done to lines and diagnoses as a whole, with a key of its own each: after a break the page says again what it
does not know to be saved, and none is done twice (docs/decisions/0019). Mixed into `Completion`, which has the form."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import structlog

from trova_app.domain.refusals import Refusal
from trova_app.logs import frames
from trova_app.services.working_copy import MOST_KEYS
from trova_app.state.grid_acts import GridActs
from trova_app.state.marks import handler

log = structlog.get_logger()

MOST_AGAIN = 100  # acts said again at once, as many as `acts.js` has
KEY_LENGTH = 10
CUT = "The connection was cut"
NOT_AGAIN = {"undo": "Undo", "redo": "Redo"}
"""What was to be taken back is what was seen then; said later it would take back what was typed since."""
AGAIN_PLEASE = f"{CUT} before the button got through. Please look the form over and press it again."

Said = tuple[str, list[Any], str, int]
"""Name, arguments, key, and its place among the page's edits."""


class Acts(GridActs, mixin=True):
    heard_press: str = ""  # the last press of a closing button that came here

    _done_keys: tuple[str, ...] = ()

    if TYPE_CHECKING:  # what `Completion` has
        _is_asking: bool
        _is_dirty: bool
        _rev: int
        saved_rev: int
        problem: str

        def _is_news(self, rev: object) -> bool: ...
        def _count(self, rev: int) -> None: ...

    @handler
    async def do(self, name: str, args: list[Any], key: str, rev: int):
        """`key`: of this very act. `rev`: the page's count of its edits, among which this is one."""
        if self._form is None or self._is_asking or not said_in([[name, args, key, rev]]) or not self._is_news(rev):
            return None
        self._count(rev)
        try:
            return await self._do(name, args, key)
        finally:
            if not self._is_dirty:
                self.saved_rev = self._rev

    async def _do(self, name: str, args: list[Any], key: str) -> Any:
        if key in self._done_keys:
            return None
        self._done_keys = (*self._done_keys, key)[-MOST_KEYS:]
        if name in OF_A_LINE:
            cell, dot, line_id = args[0].rpartition(".")
            line_id = self._line_now(line_id)
            if name != "remove" and not self._has_line(line_id):
                self.told = "That line is not on this form any more. Nothing was done to it."
                return None
            args = [f"{cell}{dot}{line_id}", *args[1:]]
        return await ACTS[name][0](self, *args)

    async def _do_again(self, name: str, args: list[Any], key: str) -> str:
        """Said again after a break; the sentence about what could not be done."""
        if name in NOT_AGAIN:
            is_done = key in self._done_keys
            return "" if is_done else f"{CUT} before {NOT_AGAIN[name]} got through. It was left out."
        try:
            await self._do(name, args, key)
        except Refusal as refused:
            return refused.sentence
        except Exception as failure:
            log.error("an act could not be done again", at=frames(failure))
            return f"{CUT}, and not all that was done to the lines meanwhile could be done again."
        return ""

    def _hear_press(self, pressed: object) -> None:
        """Of the last closing button, where the page has heard nothing of it."""
        if isinstance(pressed, str) and pressed and pressed != self.heard_press:
            self.problem, self.heard_press = self.problem or AGAIN_PLEASE, pressed

    # -- lines

    async def _add_line(self, line_id: str) -> Any:
        """`line_id`: by which the page will know it, so that asking twice adds one."""
        form = self._form
        if form is None or not form.takes_line(line_id):
            return None
        self._remember()
        self._form = form.with_new_line(self._standard_tax, line_id)
        return await self._restructured()

    async def _remove_line(self, line_id: str) -> Any:
        if self._form is None:
            return None
        self._remember()
        self._form = self._form.without_line(line_id)
        return await self._restructured()

    async def _move_line(self, line_id: str, by: int) -> Any:
        if self._form is None or by not in (-1, 1):
            return None
        self._remember()
        self._form = self._form.moved(line_id, by)
        return await self._restructured()

    async def _remove_code(self, code: str) -> Any:
        if self._form is None:
            return None
        self._remember()
        self._form = self._form.without_diagnosis(code)
        return await self._restructured()


ACTS: dict[str, tuple[Callable[..., Awaitable[Any]], tuple[type, ...]]] = {
    "add": (Acts._add_line, (str,)),
    "remove": (Acts._remove_line, (str,)),
    "move": (Acts._move_line, (str, int)),
    "put": (Acts._put_line, (str, int)),
    "duplicate": (Acts._duplicate_line, (str,)),
    "paste": (Acts._paste_block, (str, str)),
    "undo": (Acts._undo, ()),
    "redo": (Acts._redo, ()),
    "last_time": (Acts._same_as_last_time, ()),
    "scheme_prices": (Acts._use_scheme_prices, ()),
    "remove_code": (Acts._remove_code, (str,)),
}
"""What the page may say, what does it, and the kinds of its arguments."""

OF_A_LINE = frozenset({"remove", "move", "put", "duplicate", "paste"})
"""Their first argument names a line, or a cell of one, which may have been drawn anew as another meanwhile."""


def said_in(given: object) -> list[Said]:
    """The acts the page tells of, whatever was sent."""
    listed = given[:MOST_AGAIN] if isinstance(given, list) else []
    return [(a[0], a[1], a[2], a[3]) for a in listed if isinstance(a, list | tuple) and len(a) == 4 and _is_act(*a)]


def _is_act(name: object, args: object, key: object, rev: object) -> bool:
    if type(rev) is not int or not isinstance(name, str) or name not in ACTS or not isinstance(args, list | tuple):
        return False
    is_key = isinstance(key, str) and len(key) == KEY_LENGTH and key.isascii() and key.isalnum()
    return is_key and [type(arg) for arg in args] == list(ACTS[name][1])
