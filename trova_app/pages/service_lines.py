"""The lines of a service's form."""

from typing import Any

import reflex as rx

from trova_app.components.page_parts import said
from trova_app.state.service import ServicePage as S

HEADS = ("From min", "Code", "Description", "Qty", "Unit price")


def lines() -> rx.Component:
    heads = rx.el.thead(
        rx.el.tr(
            *(rx.el.th(words, scope="col", class_name="money" if n > 2 else "") for n, words in enumerate(HEADS)),
            rx.cond(S.charges_tax, rx.el.th("Tax", scope="col")),
            rx.el.th(rx.el.span("Remove", class_name="sr-only")),
        )
    )
    return rx.el.div(
        rx.el.table(
            heads,
            rx.el.tbody(rx.foreach(S.lines, _line)),
            class_name="table service-lines",
            custom_attrs={"aria-label": "Lines of this service"},
        ),
        rx.el.button(
            rx.icon("plus", size=16, aria_hidden="true"),
            "Add line",
            type="button",
            class_name="btn btn-quiet",
            on_click=S.add_line,
        ),
        rx.el.p(
            "From min: for sessions of that length and longer, up to the next such line; empty for every session.",
            class_name="hint",
        ),
        said(_fault("lines")),
    )


def _line(line: Any, n: rx.Var[int]) -> rx.Component:
    number = (n + 1).to_string()
    remove = rx.el.button(
        rx.icon("x", size=16, aria_hidden="true"),
        type="button",
        class_name="icon-btn",
        on_click=S.remove_line(line.id),
        custom_attrs={"aria-label": "Remove line " + number},
    )
    return rx.el.tr(
        _box(
            line,
            number,
            "since",
            "From minutes",
            "From min",
            "input-money",
            input_mode="numeric",
            placeholder="all",
            auto_focus=line.id.to(str).startswith("n"),
        ),
        _box(line, number, "code", "Code", "Code"),
        _box(line, number, "text", "Description", "Description"),
        _box(line, number, "qty", "Quantity", "Qty", "input-money", input_mode="decimal"),
        _box(line, number, "price", "Unit price", "Unit price", "input-money", input_mode="decimal"),
        rx.cond(S.charges_tax, _tax(line, number)),
        rx.el.td(rx.cond(S.lines.length() > 1, remove), class_name="line-end"),
        key=line.id,
    )


def _cell(name: rx.Var[str], column: str, words: str, control: rx.Component) -> rx.Component:
    return rx.el.td(
        rx.el.span(words, class_name="cell-words", aria_hidden="true"),
        control,
        rx.el.span(_fault(name), id=name + "-error", class_name="error empty:hidden", role="alert"),
        class_name=f"line-{column}",
    )


def _attrs(name: rx.Var[str], label: rx.Var[str]) -> dict[str, Any]:
    invalid = rx.cond(_fault(name) != "", "true", "false")
    return {"aria-label": label, "aria-describedby": name + "-error", "aria-invalid": invalid}


def _box(
    line: Any, number: rx.Var[str], column: str, label: str, words: str, look: str = "", **given: Any
) -> rx.Component:
    name = f"{column}." + line.id.to(str)
    control = rx.el.input(
        id=name,
        name=name,
        default_value=getattr(line, column),
        auto_complete="off",
        class_name=f"input {look}",
        custom_attrs=_attrs(name, f"{label}, line " + number),
        **given,
    )
    return _cell(name, column, words, control)


def _tax(line: Any, number: rx.Var[str]) -> rx.Component:
    name = "tax." + line.id.to(str)
    control = rx.el.select(
        rx.foreach(S.tax_choices, lambda choice: rx.el.option(choice[1], value=choice[0])),
        id=name,
        name=name,
        default_value=line.tax,
        class_name="input",
        custom_attrs=_attrs(name, "Tax, line " + number),
    )
    return _cell(name, "tax", "Tax", control)


def _fault(name: Any) -> rx.Var[str]:
    return S.faults.get(name, "")
