"""Sums and closing buttons of a completion form, always in reach."""

import reflex as rx

from trova_app.components.figures import FIELDS, SEEN
from trova_app.components.readiness import WHY_NOT
from trova_app.components.steps import step_buttons
from trova_app.components.sums import amount_in_button, sums, sums_apart
from trova_app.components.unsaved import PRESS, on_the_way
from trova_app.state.completion import Completion


def closing_bar() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            Completion.problem, class_name="error empty:hidden", role="alert", custom_attrs={"data-testid": "problem"}
        ),
        on_the_way(saved_rev=Completion.saved_rev),
        *sums_apart(),
        rx.el.div(sums(), rx.el.div(_buttons(), class_name="closing-buttons"), class_name="closing-row"),
        step_buttons(),
        class_name="closing",
    )


def _buttons() -> rx.Component:
    return rx.match(
        Completion.payment_type,
        ("online", rx.fragment(_close("Save and Review", "save_draft"), _request())),
        (
            "other",
            rx.fragment(
                _close("Save and Review", "save_draft"),
                _close("Send", "send_invoice"),
                _close("Send Receipt", "send_receipt", primary=True),
            ),
        ),
        ("insurance", _close("Generate invoice", "bill_insurer", primary=True)),
        rx.fragment(),
    )


def _close(words: str, act: str, *, primary: bool = False, disabled: rx.Var[bool] | bool = False) -> rx.Component:
    return rx.el.button(
        words,
        type="button",
        class_name="btn btn-primary" if primary else "btn",
        disabled=disabled,
        on_click=Completion.finish(act, FIELDS, SEEN, PRESS),
    )


def _request() -> rx.Component:
    is_off = (Completion.online_problem != "") | Completion.no_link
    return rx.el.button(
        "Request payment",
        amount_in_button(name="due"),
        type="button",
        class_name="btn btn-primary",
        disabled=is_off,
        aria_describedby=rx.cond(is_off, WHY_NOT, ""),
        on_click=Completion.finish("request_payment", FIELDS, SEEN, PRESS),
    )
