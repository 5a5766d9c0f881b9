"""The check-list before finishing: every item leads to the field it is about."""

import reflex as rx

from trova_app.components.figures import is_unread
from trova_app.state.completion import Completion
from trova_app.state.grid_acts import ReadyItem

WHY_NOT = "ready-payment"
"""The name on the page of the item that says why nothing can be asked for online."""


def readiness() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            head_here(words=_head(), is_ready=Completion.ready.length() == 0),
            id="ready-words",
            class_name="ready-words",
            role="status",
        ),
        rx.cond(
            Completion.ready.length() > 0,
            rx.el.ul(rx.foreach(Completion.ready, _item), class_name="ready-items", aria_labelledby="ready-words"),
        ),
        class_name="ready",
        custom_attrs={
            "data-ready": rx.cond(
                Completion.ready_errors > 0, "error", rx.cond(Completion.ready.length() > 0, "warning", "ready")
            )
        },
    )


@rx.memo
def head_here(words: rx.Var[str], is_ready: rx.Var[bool]) -> rx.Component:
    """The server looks the form over when somebody pauses; what the page itself cannot read is said with its key."""
    return rx.fragment(rx.cond(is_ready & is_unread("total"), "A marked figure cannot be read yet.", words))


def _head() -> rx.Component:
    return rx.cond(
        Completion.ready_errors > 0,
        "Before you finish, please put right what is marked:",
        rx.cond(
            Completion.ready.length() > 0,
            "Before you finish (none of this holds you up):",
            "Ready to finish: nothing is missing.",
        ),
    )


def _item(item: rx.Var[ReadyItem]) -> rx.Component:
    words = rx.fragment(
        rx.el.span(rx.cond(item.is_error, "Needed", "Check"), class_name="ready-mark"),
        rx.el.span(
            item.sentence, id=rx.cond(item.is_error & (item.field == "payment_type"), WHY_NOT, rx.Var("undefined"))
        ),
    )
    return rx.el.li(
        rx.cond(
            item.href != "",
            rx.el.a(words, href=item.href, class_name="ready-item"),
            rx.cond(
                item.field != "",
                rx.el.button(words, type="button", class_name="ready-item", on_click=Completion.open_field(item.field)),
                rx.el.span(words, class_name="ready-item"),
            ),
        ),
        key=item.sentence,
        custom_attrs={"data-error": item.is_error.to_string()},
    )
