"""What the page's own arithmetic says (`domain/lines.py`, translated; see `rxconfig.py`), and what the server says of
the same: the hooks of `figures.js` as vars, each redrawing only what it stands in."""

import json
from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.utils.imports import ImportVar

from trova_app.state.figures import Figures

FIGURES_JS = "$/utils/figures.js"


def _from_figures(*names: str) -> VarData:
    return VarData(imports={FIGURES_JS: [ImportVar(name) for name in names]})


EDITS = rx.Var("edits()", _var_data=_from_figures("edits")).to(int)
"""How many edits were made on this page."""

FIELDS = rx.Var("Array.from(new FormData(document.forms.lines))").to(list[list[str]])
"""The whole form as the page shows it, read when a closing button is pressed."""


SEEN = rx.Var("get('total')", _var_data=_from_figures("get")).to(str)
"""The total on the screen at the moment a closing button is pressed."""


def _hook(name: str, call: str, of: rx.Var[Any], var_type: Any) -> rx.Var[Any]:
    """`name` is what the hook of `figures.js` answers; one name each in a memo."""
    hook = VarData(hooks={f"const {name} = {call}": None})
    data = VarData.merge(of._get_all_var_data(), _from_figures(call.partition("(")[0]), hook)
    return rx.Var(name, _var_type=var_type, _var_data=data)


def local(key: rx.Var[str] | str, name: str = "text") -> rx.Var[str]:
    """What the page's own arithmetic says for `key`, such as "fault.price.1"."""
    key = rx.Var.create(key)
    return _hook(name, f"useText({key!s})", key, str)


def is_unread(key: rx.Var[str] | str) -> rx.Var[bool]:
    """Whether the page's own arithmetic has no figure for `key`."""
    key = rx.Var.create(key)
    return _hook("is_unread", f"useUnread({key!s})", key, bool)


def behind(saved_rev: rx.Var[int]) -> rx.Var[bool]:
    """Whether edits were made on this page that the database has not; it has those up to `saved_rev`."""
    return _hook("is_behind", f"useBehind({saved_rev!s})", saved_rev, bool)


def figure(key: rx.Var[str] | str, first: rx.Var[str] | str | None = None) -> rx.Var[Any]:
    """The `ref` of an element without children that shows what the page's own arithmetic says for `key`; `data-state`
    says whether the server's text is the same, `data-late` that it has been another one for longer than a moment.
    `first` is the server's text until an answer tells another; without it nothing is compared."""
    given = [rx.Var.create(one) for one in (key, first)]
    of = rx.Var("", _var_data=VarData.merge(*[one._get_all_var_data() for one in given]))
    return _hook("figure", f"useFigure({', '.join(str(one) for one in given)})", of, Any)


@rx.memo
def their_figure(name: rx.Var[str], first: rx.Var[str]) -> rx.Component:
    """The server's text for `name` (not `key`, which React keeps for itself); `first` until an answer tells it."""
    said = _hook("said", f"useTheirs({name!s}, {first!s})", name, str)
    return rx.cond(said != "", rx.fragment("The server has ", said), "The server has no figure")


def typed(e: rx.vars.ObjectVar) -> tuple[rx.Var[str], rx.Var[str], rx.Var[int]]:
    """Name and text of the box an input event comes from, and the page's count of edits."""
    target = e.target.to(dict[str, str])
    return target["name"], target["value"], EDITS


def is_apart(key: rx.Var[str] | str) -> rx.Var[bool]:
    """Whether the server's text for `key` has been another one than the page's for longer than a moment."""
    key = rx.Var.create(key)
    return _hook("is_apart", f"useApart({key!s})", key, bool)


class Answers(rx.Fragment):
    """Hears the server's figures from Reflex's store itself: through React they would be written a millisecond later.
    Draws nothing."""

    def add_imports(self) -> dict[str, Any]:
        return {FIGURES_JS: "useAnswers", "react": "useContext", "$/utils/context-registry": "StateStoreContext"}

    def add_hooks(self) -> list[str]:
        names = (Figures.get_full_name(), *(name + FIELD_MARKER for name in ("confirmed", "line")))
        return [f"useAnswers(useContext(StateStoreContext), {', '.join(map(json.dumps, names))})"]
