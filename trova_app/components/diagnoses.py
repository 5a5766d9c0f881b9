"""The diagnoses of a completion form, and the search that adds to them (a WAI-ARIA combobox)."""

from typing import Any

import reflex as rx

from trova_app.components.fields import problem
from trova_app.state.code_box import CodeBox
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
            name="diagnosis",
            default_value=Completion.texts["diagnosis"],
            on_focus=Completion.find_codes,
            on_blur=Completion.leave_codes,
        ),
        class_name="diagnoses",
    )


def code_search(state: type[CodeBox], error: rx.Var[str], **given: Any) -> rx.Component:
    """`state` mixes in `CodeBox`; `error` stands beside the box; `given` is for the box itself."""
    return rx.el.div(
        rx.el.input(
            placeholder="Add ICD-10 code or words",
            auto_complete="off",
            spell_check=False,
            on_change=state.find_codes,
            on_key_down=state.code_key,
            auto_focus=state.code_goes_on,
            role="combobox",
            class_name="input",
            key="codes" + state.code_face.to_string(),
            custom_attrs={
                "aria-label": "Add diagnosis",
                "aria-expanded": rx.cond(state.found.length() > 0, "true", "false"),
                "aria-controls": "codes-found",
                "aria-autocomplete": "list",
                "aria-activedescendant": rx.cond(state.active >= 0, "found-" + state.active.to_string(), ""),
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
                    on_click=state.add_code(d.code),
                    custom_attrs={"aria-selected": rx.cond(state.active == i, "true", "false")},
                    key=d.code,
                ),
            ),
            id="codes-found",
            role="listbox",
            class_name="found empty:hidden",
            on_mouse_down=rx.prevent_default,  # the cursor stays in the box
            custom_attrs={"aria-label": "ICD-10 codes"},
        ),
        class_name="code-search",
    )
