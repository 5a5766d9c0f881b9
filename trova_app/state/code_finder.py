"""Codes that complete as they are typed into the grid. A state of its own: a key in a code box redraws no figures.
Which choice is marked, taken or passed over is the page's matter (`choices.js`)."""

import json
from dataclasses import dataclass

import reflex as rx

from trova_app.services.form_helps import Helps
from trova_app.services.rates import MOST_SHOWN, Rate, find_rates, matching
from trova_app.state.completion import Completion
from trova_app.state.marks import handler
from trova_app.wiring import ask


@dataclass(frozen=True)
class FoundRate:
    """`given`: to the act that fills the line, as JSON: code, words and price as typed here."""

    code: str
    text: str
    price: str
    words: str
    given: str


class CodeFinder(rx.State):
    """`line`: for whose box `found` is, and `typed` what stood in it."""

    line: str = ""
    typed: str = ""
    found: list[FoundRate] = []

    @handler
    async def look(self, line_id: str, typed: str):
        """While a code is typed."""
        completion = await self.get_state(Completion)
        form = completion._plain()
        line = next((line for line in form.lines if line.id == line_id), None) if form else None
        self.line, self.typed, self.found = line_id, typed, []
        if not completion._known or line is None:
            return
        helps, listed = completion._known[0], ()
        if helps.has_price_list:
            listed = await ask(find_rates, appointment_id=completion._id, typed=typed, day=line.date)
            helps = helps.knowing(listed)
            completion._known = (helps,)
        self.found = [_shown(rate, helps) for rate in (*listed, *matching(helps.rates, typed))[:MOST_SHOWN]]


def _shown(rate: Rate, helps: Helps) -> FoundRate:
    """The scheme's prices come first, then the practice's own."""
    price = helps.typed(rate.price)
    shown = f"{helps.facts.rules.style.symbol} {price}".strip()
    return FoundRate(rate.code, rate.text, shown, rate.words, json.dumps([rate.code, rate.text, price]))
