"""Codes that complete as they are typed into the grid. A state of its own: a key in a code box redraws no figures."""

from dataclasses import dataclass

import reflex as rx

from trova_app.services.rates import matching
from trova_app.state.completion import Completion
from trova_app.state.grid_acts import Saving
from trova_app.state.marks import handler


@dataclass(frozen=True)
class FoundRate:
    code: str
    text: str
    price: str
    words: str


class CodeFinder(rx.State):
    """`line`: whose list is open, "" while none is. `active`: the marked choice, -1 for none."""

    line: str = ""
    found: list[FoundRate] = []
    active: int = -1

    _typed: str = ""

    @handler
    async def look(self, line_id: str, typed: str):
        """While a code is typed. Nothing is marked at first, so that Enter keeps what was typed."""
        completion = await self.get_state(Completion)
        form = completion._plain()
        if not completion._known or form is None or all(line.id != line_id for line in form.lines):
            self._shut()
            return
        helps = completion._known[0]
        style = helps.facts.rules.style
        self.found = [
            FoundRate(rate.code, rate.text, f"{style.symbol} {helps.typed(rate.price)}".strip(), rate.words)
            for rate in matching(helps.rates, typed)
        ]
        self.line, self.active = (line_id if self.found else ""), -1
        self._typed = typed

    @handler
    async def press(self, key: str):
        """A key while the list is open."""
        if not self.found:
            return None
        if key == "Escape":
            self._shut()
        elif key in ("ArrowDown", "ArrowUp"):
            self.active = _next(self.active, 1 if key == "ArrowDown" else -1, len(self.found))
        elif key == "Enter" and self.active >= 0:
            return await self._choose(self.active)
        return None

    @handler
    async def choose(self, n: int):
        return await self._choose(n) if type(n) is int else None

    async def _choose(self, n: int) -> Saving:
        completion = await self.get_state(Completion)
        if not completion._known or not 0 <= n < len(self.found):
            return None
        rates, line = matching(completion._known[0].rates, self._typed), self.line
        self._shut()
        return await completion._fill(line, rates[n]) if n < len(rates) else None

    @handler(quiet=True)
    def close(self):
        """The box was left."""
        if self.line:
            self._shut()

    def _shut(self) -> None:
        self.line, self.found, self.active = "", [], -1


def _next(active: int, by: int, count: int) -> int:
    """The choice after or before this one, round and round."""
    return (active + by) % count if active >= 0 else (0 if by > 0 else count - 1)
