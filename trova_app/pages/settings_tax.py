"""Settings, Practice: the tax rates by name, with the day each begins; adding the next one."""

from typing import Any

import reflex as rx

from trova_app.components.browser import Whenever
from trova_app.components.fields import text_field
from trova_app.components.page_parts import said
from trova_app.state.live import Live
from trova_app.state.tax_rates import TaxRates as S


def tax_rates() -> rx.Component:
    return rx.fragment(
        Whenever.create(changes=Live.version.to_string(), then=S.refresh),
        rx.el.ul(rx.foreach(S.rates, _rate), class_name="plain-list lines-list all", aria_label="Tax rates"),
        rx.el.div(said(_fault("")), class_name="all empty:hidden"),
        _form(),
    )


def _fault(name: str) -> rx.Var[str]:
    return S.faults.get(name, "")


def _rate(one: Any) -> rx.Component:
    days = rx.cond(one.until != "", "from " + one.since + " until " + one.until, "from " + one.since)
    mark = rx.match(one.when, ("later", "not yet"), ("over", "over"), rx.cond(one.is_standard, "standard", ""))
    remove = rx.el.button(
        "Remove",
        type="button",
        class_name="btn btn-quiet px-0",
        on_click=S.remove(one.id),
        custom_attrs={"aria-label": "Remove " + one.name + " " + one.percent + " from " + one.since},
    )
    return rx.el.li(
        rx.el.span(
            rx.el.span(
                rx.el.span(one.name, " ", one.percent, class_name="font-medium figures wrap"),
                rx.cond(mark != "", rx.el.span(mark, class_name="mark")),
                class_name="flex flex-wrap items-center gap-2",
            ),
            rx.el.span(days, class_name="muted small"),
            class_name="grid min-w-0 flex-1",
        ),
        rx.cond(one.is_used, rx.el.span("in use", class_name="muted small"), remove),
        class_name="spread",
        key=one.id.to_string(),
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.datalist(rx.foreach(S.names, lambda name: rx.el.option(value=name)), id="tax-names"),
        text_field(
            "Tax",
            "rate_name",
            value=S.usual,
            error=_fault("rate_name"),
            hint="A new name is a tax of its own.",
            list="tax-names",
            auto_complete="off",
            max_length=200,
        ),
        text_field(
            "Percent",
            "rate_percent",
            error=_fault("rate_percent"),
            input_mode="decimal",
            auto_complete="off",
            placeholder="15",
            max_length=200,
        ),
        text_field("From day", "rate_since", error=_fault("rate_since"), type="date"),
        rx.el.div(rx.el.button("Add a rate", type="submit", class_name="btn"), class_name="form-end"),
        on_submit=S.add,
        no_validate=True,
        class_name="form-grid form-three all",
    )
