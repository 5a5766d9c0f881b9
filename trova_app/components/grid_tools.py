"""The grid's tools: keys and paste (see `grid_keys.js`), the handle and its line, the buttons under the lines, codes
that complete as they are typed."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.event import passthrough_event_spec
from reflex_base.utils.imports import ImportVar

from trova_app.components.choices import Choices
from trova_app.state.code_finder import CodeFinder
from trova_app.state.completion import Completion
from trova_app.state.drawn import Row

KEYS_JS = "$/utils/grid_keys.js"


def form_of_line(line_id: rx.Var[str]) -> rx.Var[str]:
    """The id of the form that the boxes of a line belong to (docs/decisions/0016)."""
    return "line-" + line_id


def _from_keys(*names: str) -> VarData:
    return VarData(imports={KEYS_JS: [ImportVar(name) for name in names], "react": [ImportVar("useSyncExternalStore")]})


class GridKeys(rx.Fragment):
    """Hands the page's keys, pastes and drags to handlers. Draws nothing."""

    on_do: rx.EventHandler[passthrough_event_spec(str, list[Any], str, int)]
    on_edit: rx.EventHandler[passthrough_event_spec(str, str, int)]

    ACTS = ("edit", "do")

    def _exclude_props(self) -> list[str]:
        return [f"on_{act}" for act in self.ACTS]

    def add_imports(self) -> dict[str, Any]:
        return {"react": "useEffect", KEYS_JS: "gridKeys"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        calls = {act: rx.Var.create(self.event_triggers[f"on_{act}"]) for act in self.ACTS}
        listed = ", ".join(f"{act}: {call!s}" for act, call in calls.items())
        data = VarData.merge(*[call._get_all_var_data() for call in calls.values()])
        return [rx.Var(f"useEffect(() => {{ gridKeys({{ {listed} }}) }})", _var_data=data)]


def grid_keys() -> rx.Component:
    """Keys wait in no queue of the framework's for a line that is down: after each (re)connect the page says all that
    is not saved (`unsaved.SHOWN`). And none of them waits while the framework reads a cookie: 0.2 ms a key."""
    return GridKeys.create(on_do=Completion.do, on_edit=Completion.edit.temporal)


class OpenField(rx.Fragment):
    """Puts the cursor into the field `name` each time `changes` has another value. Draws nothing."""

    changes: rx.Var[int]
    name: rx.Var[str]

    def _exclude_props(self) -> list[str]:
        return ["changes", "name"]

    def add_imports(self) -> dict[str, Any]:
        return {"react": "useEffect", KEYS_JS: "openField"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        effect = f"useEffect(() => {{ if ({self.changes!s} > 0) openField({self.name!s}) }}, [{self.changes!s}])"
        data = VarData.merge(self.changes._get_all_var_data(), self.name._get_all_var_data())
        return [rx.Var(effect, _var_data=data)]


# -- the handle


@rx.memo
def drop_line() -> rx.Component:
    """Where a dragged line would go."""
    hook = "const drop_at = useSyncExternalStore(subscribe, dropLine, () => -1)"
    data = VarData.merge(_from_keys("subscribe", "dropLine"), VarData(hooks={hook: None}))
    at = rx.Var("drop_at", _var_data=data).to(int)
    return rx.cond(
        at >= 0,
        rx.el.div(
            class_name="drop-line",
            custom_attrs={"style": rx.Var("({ top: drop_at })", _var_data=data), "aria-hidden": "true"},
        ),
    )


def grip() -> rx.Component:
    """For the pointer; keys have Move and Alt with the arrows."""
    return rx.el.span(rx.icon("grip-vertical", size=16, aria_hidden="true"), class_name="line-grip", aria_hidden="true")


def duplicate_button(row: rx.Var[Row]) -> rx.Component:
    return rx.el.button(
        rx.icon("copy", size=16, aria_hidden="true"),
        type="button",
        class_name="icon-btn",
        custom_attrs={"aria-label": "Duplicate line " + row.n.to_string(), "data-act": "duplicate", "data-to": row.id},
    )


# -- under the lines


def line_tools() -> rx.Component:
    return rx.el.div(
        rx.el.button(
            rx.icon("plus", size=16, aria_hidden="true"),
            "Add line item",
            type="button",
            class_name="btn btn-quiet",
            custom_attrs={"data-act": "add"},
        ),
        rx.cond(
            Completion.last_time != "",
            rx.el.button(
                rx.icon("history", size=16, aria_hidden="true"),
                "Same as last time",
                type="button",
                class_name="btn btn-quiet",
                title="As billed on " + Completion.last_time,
                custom_attrs={"data-act": "last_time"},
            ),
        ),
        rx.cond(
            Completion.scheme_offer != "",
            rx.el.button(
                rx.icon("tags", size=16, aria_hidden="true"),
                f"Use {Completion.scheme_offer}'s prices",
                type="button",
                class_name="btn btn-quiet scheme-offer",
                custom_attrs={"data-act": "scheme_prices"},
            ),
        ),
        Choices.create(of="rates-" + CodeFinder.line, found=CodeFinder.found, words=CodeFinder.typed),
        rx.el.p(Completion.told, class_name="told muted small", role="status", custom_attrs={"data-testid": "told"}),
        rx.el.div(
            _travel("Undo", "undo", "undo-2", Completion.can_undo, "Control+Z"),
            _travel("Redo", "redo", "redo-2", Completion.can_redo, "Control+Shift+Z"),
            class_name="travel",
        ),
        class_name="line-tools",
    )


def _travel(words: str, act: str, icon: str, can: rx.Var[bool], keys: str) -> rx.Component:
    """Stays focusable where there is nothing to do, so that the cursor is not lost with the last step."""
    return rx.el.button(
        rx.icon(icon, size=16, aria_hidden="true"),
        type="button",
        class_name="icon-btn",
        title=words,
        custom_attrs={
            "aria-label": words,
            "aria-disabled": rx.cond(can, "false", "true"),
            "aria-keyshortcuts": keys,
            "data-act": act,
        },
    )


# -- codes


@rx.memo
def code_cell(line_id: rx.Var[str], label: rx.Var[str], first: rx.Var[str], is_faulty: rx.Var[bool]) -> rx.Component:
    """A box for a code; what the practice charges for it is offered as it is typed."""
    is_here = CodeFinder.line == line_id
    return rx.fragment(
        rx.el.input(
            name="code." + line_id,
            form=form_of_line(line_id),
            default_value=first,
            auto_complete="off",
            spell_check=False,
            on_change=lambda typed: CodeFinder.look(line_id, typed),
            role="combobox",
            class_name="input",
            custom_attrs={
                "aria-label": label,
                "aria-invalid": rx.cond(is_faulty, "true", "false"),
                "aria-describedby": "fault-code." + line_id,
                "aria-autocomplete": "list",
                "aria-expanded": "false",
                "aria-controls": "rates-" + line_id,
            },
        ),
        rx.el.ul(
            rx.cond(is_here, rx.foreach(CodeFinder.found, _rate)),
            id="rates-" + line_id,
            role="listbox",
            class_name="found rates empty:hidden",
            custom_attrs={"aria-label": "What you charge", "data-for": rx.cond(is_here, CodeFinder.typed, "")},
        ),
    )


def _rate(rate: rx.Var[Any], n: rx.Var[int]) -> rx.Component:
    return rx.el.li(
        rx.el.strong(rate.code),
        rx.el.span(rate.text, rx.el.small(rate.words), class_name="rate-words"),
        rx.el.span(rate.price, class_name="money"),
        id="rate-" + n.to_string(),
        role="option",
        on_mouse_down=rx.prevent_default,
        custom_attrs={"data-act": "fill", "data-with": rate.given}
        | {"data-full": rx.cond(rate.is_for_client, "", rx.Var("undefined"))},
        key=n.to_string(),
    )


def price_was(row: rx.Var[Row]) -> rx.Component:
    """Whose the price is, or what it was before it was changed."""
    was = Completion.was.get(row.id, "")
    return rx.cond(was != "", rx.el.span(was, class_name="was", title=was))
