"""Two people wrote in the same field of a form: both texts, and the choice."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar

from trova_app.state.completion import Completion

QUESTION_JS = "$/utils/question.js"
ASKED = Completion.conflict.length() > 0


class Question(rx.Fragment):
    """Keeps the box in hand where it is as the question comes, and knows whether that is in sight. Draws nothing."""

    is_open: rx.Var[bool]

    def _exclude_props(self) -> list[str]:
        return ["is_open"]

    def add_imports(self) -> dict[str, Any]:
        return {QUESTION_JS: "useQuestion"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        return [rx.Var(f"useQuestion({self.is_open!s})", _var_data=self.is_open._get_all_var_data())]


def to_question() -> rx.Component:
    """From anywhere in the form; the style sheet shows it where the question is out of sight (`.which-stays`)."""
    go = rx.Var("toQuestion", _var_data=VarData(imports={QUESTION_JS: [ImportVar("toQuestion")]}))
    return rx.cond(
        ASKED,
        rx.el.button(
            rx.icon("arrow-up", size=16, aria_hidden="true"),
            "Two texts differ. Which should stay?",
            type="button",
            class_name="btn which-stays",
            custom_attrs={"onClick": go},
        ),
    )


def conflict() -> rx.Component:
    return rx.fragment(
        Question.create(is_open=ASKED),
        rx.cond(
            ASKED,
            rx.el.section(
                rx.el.p(Completion.conflict_with, " Which should stay?", class_name="font-medium"),
                rx.el.table(
                    rx.el.thead(rx.el.tr(*[rx.el.th(words, scope="col") for words in ("Field", "Theirs", "Yours")])),
                    rx.el.tbody(
                        rx.foreach(
                            Completion.conflict,
                            lambda d: rx.el.tr(rx.el.td(d.field), rx.el.td(d.theirs), rx.el.td(d.mine), key=d.field),
                        )
                    ),
                    class_name="table small my-3",
                    custom_attrs={"aria-label": "What differs"},
                ),
                rx.el.div(
                    rx.el.button("Keep mine", type="button", class_name="btn", on_click=Completion.keep_mine),
                    rx.el.button("Take theirs", type="button", class_name="btn", on_click=Completion.take_theirs),
                    class_name="flex gap-3",
                ),
                role="alert",
                tab_index=-1,
                class_name="asks callout callout-warn mb-4",
            ),
        ),
    )
