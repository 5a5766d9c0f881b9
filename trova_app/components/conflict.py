"""Two people wrote in the same field of a form: both texts, and the choice."""

import reflex as rx

from trova_app.state.completion import Completion


def conflict() -> rx.Component:
    return rx.cond(
        Completion.conflict.length() > 0,
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
            class_name="callout callout-warn mb-4",
        ),
    )
