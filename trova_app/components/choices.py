"""Lists of choices under a box, marked and taken in the page: see `choices.js`."""

from typing import Any

import reflex as rx
from reflex.vars import VarData

CHOICES_JS = "$/utils/choices.js"


class Choices(rx.Fragment):
    """Tells the page that the list with the id `of` was drawn, with what was `found` for these `words`. Draws
    nothing."""

    of: rx.Var[str]
    found: rx.Var[list[Any]]
    words: rx.Var[str]

    def _exclude_props(self) -> list[str]:
        return ["of", "found", "words"]

    def add_imports(self) -> dict[str, Any]:
        return {"react": "useEffect", CHOICES_JS: ["drawn", "watch"]}

    def add_hooks(self) -> list[rx.Var[Any]]:
        data = VarData.merge(*(var._get_all_var_data() for var in (self.of, self.found, self.words)))
        effect = f"useEffect(() => {{ watch(); drawn({self.of!s}) }}, [{self.of!s}, {self.found!s}, {self.words!s}])"
        return [rx.Var(effect, _var_data=data)]
