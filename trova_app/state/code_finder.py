"""Codes that complete as they are typed into the grid. A state of its own: a key in a code box redraws no figures."""

from dataclasses import dataclass

import reflex as rx

from trova_app.services.form_helps import Helps
from trova_app.services.rates import MOST_SHOWN, Rate, find_rates, matching
from trova_app.state.completion import Completion
from trova_app.state.grid_acts import Saving
from trova_app.state.marks import handler
from trova_app.wiring import ask


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

    _rates: tuple[Rate, ...] = ()  # what is found, as it was found

    @handler
    async def look(self, line_id: str, typed: str):
        """While a code is typed. Nothing is marked at first, so that Enter keeps what was typed."""
        completion = await self.get_state(Completion)
        form = completion._plain()
        line = next((line for line in form.lines if line.id == line_id), None) if form else None
        if not completion._known or line is None:
            self._shut()
            return
        helps, listed = completion._known[0], ()
        if helps.has_price_list:
            listed = await ask(find_rates, appointment_id=completion._id, typed=typed, day=line.date)
            helps = helps.knowing(listed)
            completion._known = (helps,)
        self._offer(line_id, listed, helps, typed)

    def _offer(self, line_id: str, listed: tuple[Rate, ...], helps: Helps, typed: object) -> None:
        """The scheme's prices first, then the practice's own."""
        symbol = helps.facts.rules.style.symbol
        self._rates = (*listed, *matching(helps.rates, typed))[:MOST_SHOWN]
        self.found = [
            FoundRate(rate.code, rate.text, f"{symbol} {helps.typed(rate.price)}".strip(), rate.words)
            for rate in self._rates
        ]
        self.line, self.active = (line_id if self.found else ""), -1

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
        if not completion._known or not 0 <= n < len(self._rates):
            return None
        rate, line = self._rates[n], self.line
        self._shut()
        return await completion._fill(line, rate)

    @handler(quiet=True)
    def close(self):
        """The box was left."""
        if self.line:
            self._shut()

    def _shut(self) -> None:
        self.line, self.found, self.active, self._rates = "", [], -1, ()


def _next(active: int, by: int, count: int) -> int:
    """The choice after or before this one, round and round."""
    return (active + by) % count if active >= 0 else (0 if by > 0 else count - 1)
