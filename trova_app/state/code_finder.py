"""Codes that complete as they are typed into the grid. A state of its own: a key in a code box redraws no figures.
Which choice is marked, taken or passed over is the page's matter (`choices.js`)."""

import json
from dataclasses import dataclass

import reflex as rx

from trova_app.services.form_helps import Helps
from trova_app.services.forms import FormLine
from trova_app.services.rates import MOST_SHOWN, Rate, find_rates, matching
from trova_app.state.completion import Completion
from trova_app.state.marks import handler
from trova_app.wiring import ask


@dataclass(frozen=True)
class FoundRate:
    """`given`: to the act that fills the line, as JSON: code, words and price as typed here. `is_for_client`: it is no
    price of a scheme that is not this client's."""

    code: str
    text: str
    price: str
    words: str
    given: str
    is_for_client: bool


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
        if completion._known and line is not None:
            self.found = [
                _shown(rate, completion._known[0]) for rate in (await _rates(completion, line, typed))[:MOST_SHOWN]
            ]


async def _rates(completion: Completion, line: FormLine, typed: str) -> tuple[Rate, ...]:
    """The scheme's prices first, then the practice's own."""
    helps, listed = completion._known[0], tuple[Rate, ...]()
    if helps.has_price_list:
        listed = await ask(find_rates, appointment_id=completion._id, typed=typed, day=line.date)
        completion._known = (helps.knowing(listed),)
    return (*listed, *matching(helps.rates, typed))


def _shown(rate: Rate, helps: Helps) -> FoundRate:
    price = helps.typed(rate.price)
    is_for_client = not rate.scheme or rate.is_listed or rate.is_of_same_scheme
    shown = f"{helps.facts.rules.style.symbol} {price}".strip()
    return FoundRate(rate.code, rate.text, shown, rate.words, json.dumps([rate.code, rate.text, price]), is_for_client)
