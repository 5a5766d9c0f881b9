"""The three steps of the completion form. A wide screen shows them all, a small one the step it is at (see
`steps.js`)."""

from typing import Any

import reflex as rx
from reflex.vars import VarData

STEPS = (
    (1, "Payment type", "payment-type"),
    (2, "Line items", "line-items"),
    (3, "Finalize", "finalize"),
)


class StepAt(rx.Fragment):
    """Shows `step` each time `asks` has grown; another form begins with the first. Draws nothing."""

    form: rx.Var[int]
    asks: rx.Var[int]
    step: rx.Var[int]

    def _exclude_props(self) -> list[str]:
        return ["form", "asks", "step"]

    def add_imports(self) -> dict[str, Any]:
        return {"$/utils/steps.js": "useStep"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        given = (self.form, self.asks, self.step)
        data = VarData.merge(*[one._get_all_var_data() for one in given])
        return [rx.Var(f"useStep({', '.join(str(one) for one in given)})", _var_data=data)]


def stepper() -> rx.Component:
    return rx.el.nav(
        rx.el.ol(
            *[
                rx.el.li(
                    rx.el.a(
                        rx.el.span(str(n), class_name="step-number", aria_hidden="true"),
                        words,
                        href=f"#{anchor}",
                        custom_attrs={"data-go": str(n)},
                    )
                )
                for n, words, anchor in STEPS
            ],
            class_name="stepper",
        ),
        custom_attrs={"aria-label": "Steps"},
    )


def step(n: int, *children: rx.Component) -> rx.Component:
    _, words, anchor = STEPS[n - 1]
    return rx.el.section(
        rx.el.h2(words, id=f"{anchor}-words", class_name="step-words"),
        *children,
        id=anchor,
        class_name="step",
        tab_index=-1,
        custom_attrs={"data-step": str(n), "aria-labelledby": f"{anchor}-words"},
    )


def step_buttons() -> rx.Component:
    return rx.el.div(
        rx.el.button("Back", type="button", class_name="btn", custom_attrs={"data-go": "back"}),
        rx.el.button("Continue", type="button", class_name="btn btn-primary", custom_attrs={"data-go": "on"}),
        class_name="step-buttons",
    )
