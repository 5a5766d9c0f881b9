"""What waits for a person's decision, above the lists of Billing; nothing at all where nothing waits."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.browser import Whenever
from trova_app.components.dialog import dialog, dialog_buttons
from trova_app.components.fields import described, field, problem, text_field
from trova_app.components.links import to
from trova_app.components.page_parts import said
from trova_app.state.live import Live
from trova_app.state.review import Review as S

C = S.chosen
ACTS = ("apply", "count", "refund", "ignore")


def to_decide() -> rx.Component:
    return rx.fragment(
        Whenever.create(changes=Live.version.to_string(), then=S.refresh),
        rx.el.p(S.done, role="status", class_name="callout mb-4 empty:hidden wrap"),
        rx.cond(S.items.length() > 0, _items()),
        rx.cond(C, rx.fragment(_apply(), _count(), _refund(), _ignore())),
    )


def _items() -> rx.Component:
    count = rx.el.span(S.count, class_name="muted figures")
    first = rx.el.p(
        f"The first {S.items.length()} are shown: what is about money stands before links.",
        class_name="muted small mb-2",
    )
    return rx.el.section(
        rx.el.h2("To decide ", count, id="to-decide", class_name="mb-2"),
        rx.cond(S.count > S.items.length(), first),
        rx.el.ul(rx.foreach(S.items, _item), class_name="plain-list decide-list"),
        class_name="card mb-6",
        custom_attrs={"aria-labelledby": "to-decide"},
    )


def _item(item: Any) -> rx.Component:
    about = to(f"{routes.BILLING}/{item.invoice_id}", item.number)
    return rx.el.li(
        rx.el.div(
            rx.el.p(item.sentence, class_name="wrap"),
            rx.el.p(
                item.when,
                rx.cond(item.client_name != "", f" \u00b7 {item.client_name}", ""),
                rx.cond(item.number != "", rx.fragment(" \u00b7 ", about)),
                class_name="muted small wrap",
            ),
            class_name="min-w-0",
        ),
        rx.el.div(*(_button(item, act) for act in ACTS), class_name="decide-acts"),
        class_name="decide",
    )


def _words(item: Any, act: str) -> Any:
    """Where no money waits here, leaving it means that it was dealt with."""
    if act == "ignore":
        return rx.cond(item.amount == "", "Mark as done", "Leave as it is")
    return {"apply": "Count for an invoice", "count": "Count it", "refund": "Refund"}[act]


def _button(item: Any, act: str) -> rx.Component:
    words = _words(item, act)
    looks: Any = rx.cond(item.amount == "", "btn", "btn btn-quiet") if act == "ignore" else "btn"
    button = rx.el.button(
        words,
        type="button",
        on_click=S.question(item.id, act),
        class_name=looks,
        custom_attrs={"aria-label": f"{words}, {item.sentence}"},
    )
    return rx.cond(item.decisions.contains(act), button)


# -- the questions


def _fault(name: str) -> rx.Var[str]:
    return S.faults.get(name, "")


def _question(decision: str, title: Any, words: Any, submit: Any, *fields: rx.Component) -> rx.Component:
    form = rx.el.form(
        *fields,
        rx.el.div(
            said(_fault("")),
            dialog_buttons(rx.el.button(submit, type="submit", class_name="btn btn-primary"), cancel=S.question(0, "")),
            class_name="all",
        ),
        on_submit=S.decide,
        no_validate=True,
        class_name="form-grid",
    )
    return dialog(S.asking == decision, S.close_question, title, words, form)


def _apply() -> rx.Component:
    chosen = rx.el.select(
        rx.foreach(C.targets, lambda one: rx.el.option(one.words, value=one.id.to_string())),
        id="invoice_id",
        name="invoice_id",
        class_name="input",
        custom_attrs=described("invoice_id", _fault("invoice_id")),
    )
    return _question(
        "apply",
        f"Count {C.amount} for an invoice",
        "The credit then pays that invoice. A payment link over another amount is closed.",
        "Count for it",
        field("Invoice", "invoice_id", chosen, error=_fault("invoice_id"), class_name="all"),
    )


def _count() -> rx.Component:
    def choice(way: Any) -> rx.Component:
        box = rx.el.input(type="radio", name="way", value=way.key, custom_attrs=described("way", _fault("way")))
        return rx.el.label(box, rx.el.span(way.words, class_name="wrap"), class_name="check")

    ways = rx.el.fieldset(
        rx.el.legend("This refund is", class_name="label"),
        rx.foreach(C.ways, choice),
        problem("way", _fault("way")),
        class_name="choose all",
    )
    return _question("count", "Count it", C.sentence, "Count it", ways)


def _refund() -> rx.Component:
    words = (
        "Money paid by link goes back the way it came; gateways usually keep the fees of the payment. "
        "Money taken by hand is recorded as given back today."
    )
    return _question("refund", f"Refund {C.amount}?", words, "Refund")


def _ignore() -> rx.Component:
    return _question(
        "ignore",
        _words(C, "ignore"),
        C.sentence,
        _words(C, "ignore"),
        text_field(
            rx.cond(C.amount == "", "What was done", "Why"),
            "reason",
            error=_fault("reason"),
            hint="Stands on the invoice's timeline.",
            max_length=200,
            auto_complete="off",
            class_name="all",
        ),
    )
