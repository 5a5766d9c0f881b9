"""The diagnoses of a completion form, and the search that adds to them (a WAI-ARIA combobox)."""

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex.vars import VarData

from trova_app.components.choices import Choices
from trova_app.components.fields import problem
from trova_app.state.completion import Completion


def diagnoses() -> rx.Component:
    return rx.el.div(
        rx.el.span("Diagnosis", class_name="label", id="diagnoses-words"),
        rx.el.ul(
            rx.foreach(
                Completion.diagnoses,
                lambda d: rx.el.li(
                    rx.el.strong(d.code),
                    rx.el.span(d.words),
                    rx.el.button(
                        rx.icon("x", size=14, aria_hidden="true"),
                        type="button",
                        class_name="chip-x",
                        custom_attrs={
                            "aria-label": "Remove diagnosis " + d.code,
                            "data-act": "remove_code",
                            "data-to": d.code,
                        },
                    ),
                    class_name="chip",
                    key=d.code,
                ),
            ),
            class_name="chips",
            custom_attrs={"aria-labelledby": "diagnoses-words"},
        ),
        code_search(
            Completion,
            Completion.problems["diagnosis"],
            lambda code: {"custom_attrs": {"data-act": "add_code", "data-to": code}},
            name="diagnosis",
            default_value=Completion.texts["diagnosis"],
            key="codes" + Completion.code_face.to_string(),
        ),
        class_name="diagnoses",
    )


class TakesOut(rx.Fragment):
    """Takes the words of an added code out of a box that is not drawn anew, each time `changes` has another value; what
    was typed behind them stays and is looked for. Draws nothing."""

    changes: rx.Var[int]
    words: rx.Var[str]

    def _exclude_props(self) -> list[str]:
        return ["changes", "words"]

    def add_imports(self) -> dict[str, Any]:
        return {"react": "useEffect"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        data = VarData.merge(self.changes._get_all_var_data(), self.words._get_all_var_data())
        effect = f"""useEffect(() => {{
          const box = document.querySelector("[aria-controls=codes-found]"), words = {self.words!s};
          if (!words || !box?.value.startsWith(words)) return;
          const {{ set }} = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
          set.call(box, box.value.slice(words.length));  // past React, or it would not take the event for news
          box.dispatchEvent(new Event(document.activeElement === box ? "input" : "focusout", {{ bubbles: true }}));
        }}, [{self.changes!s}])"""
        return [rx.Var(effect, _var_data=data)]


def code_search(
    state: Any, error: rx.Var[str], taken: Callable[[rx.Var[str]], dict[str, Any]], **given: Any
) -> rx.Component:
    """`state` mixes in `CodeBox` and has `leave_codes`; `error` stands beside the box; `taken` is what a choice of a
    code does; `given` is for the box."""
    return rx.el.div(
        rx.el.input(
            placeholder="Add ICD-10 code or words",
            auto_complete="off",
            spell_check=False,
            on_change=state.find_codes,
            on_focus=state.find_codes,
            on_blur=state.leave_codes,
            role="combobox",
            class_name="input",
            custom_attrs={
                "aria-label": "Add diagnosis",
                "aria-expanded": "false",
                "aria-controls": "codes-found",
                "aria-autocomplete": "list",
                "aria-describedby": "diagnosis-error",
                "aria-invalid": rx.cond(error != "", "true", "false"),
            },
            **given,
        ),
        problem("diagnosis", error),
        rx.el.ul(
            rx.foreach(
                state.found,
                lambda d, i: rx.el.li(
                    rx.el.strong(d.code),
                    rx.el.span(d.words),
                    id="found-" + i.to_string(),
                    role="option",
                    key=d.code,
                    **taken(d.code),
                ),
            ),
            id="codes-found",
            role="listbox",
            class_name="found empty:hidden",
            on_mouse_down=rx.prevent_default,  # the cursor stays in the box
            custom_attrs={"aria-label": "ICD-10 codes", "data-for": state.found_for, "data-first": ""},
        ),
        Choices.create(of="codes-found", found=state.found, words=state.found_for),
        class_name="code-search",
    )
