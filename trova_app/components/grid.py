"""The line items: uncontrolled boxes keyed by row. `figures.js` adds up with each key and writes what has changed."""

from typing import Any

import reflex as rx

from trova_app.components.figures import Answers, figure, is_apart, local, their_figure, typed
from trova_app.components.grid_tools import (
    code_cell,
    drop_line,
    duplicate_button,
    form_of_line,
    grip,
    line_tools,
    price_was,
)
from trova_app.state.completion import Completion
from trova_app.state.drawn import Row


class LinesForm(rx.el.Form):
    """One listener for every box of the form."""

    on_input: rx.EventHandler[typed]


@rx.memo
def line_total(line_id: rx.Var[str], n: rx.Var[str], first: rx.Var[str]) -> rx.Component:
    """Where the server's stays another one it is marked."""
    return rx.el.output(
        class_name="money block font-medium",
        custom_attrs={"ref": figure("line." + line_id, first), "aria-label": "Total, line " + n, "aria-live": "off"},
    )


@rx.memo
def line_apart(line_id: rx.Var[str], first: rx.Var[str]) -> rx.Component:
    """The server's total of the line, where it stays another one than the page's."""
    key = "line." + line_id
    return rx.el.span(rx.cond(is_apart(key), their_figure(name=key, first=first)), class_name="apart small")


@rx.memo
def number_fault(column: rx.Var[str], line_id: rx.Var[str]) -> rx.Component:
    """Of the page's own arithmetic, with the key that causes it."""
    name = column + "." + line_id
    return rx.el.span(
        local("fault." + name, "ours"),
        id="fault-" + name,
        class_name="error fault empty:hidden fault-" + column,
        role="alert",
    )


def _fault(column: str, row: rx.Var[Row], words: rx.Var[str]) -> rx.Component:
    return rx.el.span(words, id=f"fault-{column}." + row.id, class_name="error fault empty:hidden", role="alert")


def _notes(row: rx.Var[Row]) -> rx.Component:
    """What is to be put right in the line and what the server has otherwise, below all of its boxes: beside each other
    the sentences have no room."""
    return rx.el.td(
        _fault("date", row, row.date_fault),
        _fault("code", row, row.code_fault),
        _fault("text", row, row.text_fault),
        _fault("dx", row, row.dx_fault),
        *[number_fault(column=column, line_id=row.id) for column in ("qty", "price", "off")],
        rx.cond(Completion.charges_tax, _fault("tax", row, row.tax_fault)),
        line_apart(line_id=row.id, first=row.total),
        role="cell",
        class_name="line-notes",
    )


@rx.memo
def number_cell(
    column: rx.Var[str], line_id: rx.Var[str], label: rx.Var[str], first: rx.Var[str], words: rx.Var[str]
) -> rx.Component:
    """A box for a figure; it is marked by the page's own arithmetic."""
    name = column + "." + line_id
    return rx.el.input(
        name=name,
        form=form_of_line(line_id),
        default_value=first,
        placeholder=words,
        input_mode="decimal",
        auto_complete="off",
        class_name="input input-money",
        custom_attrs={
            "aria-label": label,
            "aria-invalid": rx.cond(local("fault." + name, "ours") != "", "true", "false"),
            "aria-describedby": "fault-" + name,
        },
    )


def _text_cell(
    column: str, line_id: rx.Var[str], label: rx.Var[str], first: Any, fault: rx.Var[str], **given: Any
) -> rx.Component:
    name = f"{column}." + line_id
    return rx.el.input(
        name=name,
        form=form_of_line(line_id),
        default_value=first,
        auto_complete="off",
        class_name="input",
        custom_attrs={
            "aria-label": label,
            "aria-invalid": rx.cond(fault != "", "true", "false"),
            "aria-describedby": "fault-" + name,
        },
        **given,
    )


def _cell(column: str, *children: rx.Component, words: str = "") -> rx.Component:
    """On a phone the row is a card and each cell carries its column's name."""
    return rx.el.td(
        rx.el.span(words, class_name="cell-words", aria_hidden="true") if words else rx.fragment(),
        *children,
        role="cell",
        class_name=f"cell cell-{column}",
    )


def _move(row: rx.Var[Row], by: int, icon: str, words: str) -> rx.Component:
    return rx.el.button(
        rx.icon(icon, size=16, aria_hidden="true"),
        type="button",
        class_name="icon-btn",
        custom_attrs={
            "aria-label": f"Move line {row.n} {words}",
            "data-act": "move",
            "data-to": row.id,
            "data-by": str(by),
        },
    )


def _tax(row: rx.Var[Row], line: rx.Var[str]) -> rx.Component:
    return rx.cond(
        Completion.charges_tax,
        _cell(
            "tax",
            rx.el.select(
                rx.foreach(Completion.tax_choices, lambda choice: rx.el.option(choice.words, value=choice.code)),
                name="tax." + row.id,
                form=form_of_line(row.id),
                default_value=row.tax,
                class_name="input",
                custom_attrs={
                    "aria-label": "Tax, " + line,
                    "aria-invalid": rx.cond(row.tax_fault != "", "true", "false"),
                    "aria-describedby": "fault-tax." + row.id,
                },
            ),
            words="Tax",
        ),
    )


def line_row(row: rx.Var[Row]) -> rx.Component:
    number = row.n.to_string()
    line = "line " + number
    return rx.el.tr(
        _cell(
            "date",
            _text_cell("date", row.id, "Date, " + line, row.date, row.date_fault, type="date", max=Completion.today),
            words="Date",
        ),
        _cell(
            "code",
            code_cell(line_id=row.id, label="Code, " + line, first=row.code, is_faulty=row.code_fault != ""),
            words="Code",
        ),
        _cell(
            "text", _text_cell("text", row.id, "Description, " + line, row.text, row.text_fault), words="Description"
        ),
        _cell(
            "dx", _text_cell("dx", row.id, "ICD-10, " + line, row.dx, row.dx_fault, placeholder="all"), words="ICD-10"
        ),
        _cell(
            "qty",
            number_cell(column="qty", line_id=row.id, label="Quantity, " + line, first=row.qty, words="1"),
            words="Qty",
        ),
        _cell(
            "price",
            number_cell(column="price", line_id=row.id, label="Unit price, " + line, first=row.price, words="0"),
            price_was(row),
            words="Unit price",
        ),
        _cell(
            "off",
            number_cell(column="off", line_id=row.id, label="Discount, " + line, first=row.off, words="–"),
            words="Discount",
        ),
        _tax(row, line),
        _notes(row),
        _cell("total", line_total(line_id=row.id, n=number, first=row.total), words="Total"),
        _cell(
            "acts",
            grip(),
            rx.el.div(
                _move(row, -1, "chevron-up", "up"),
                _move(row, 1, "chevron-down", "down"),
                duplicate_button(row),
                rx.el.button(
                    rx.icon("x", size=16, aria_hidden="true"),
                    type="button",
                    class_name="icon-btn",
                    custom_attrs={"aria-label": "Remove line " + number, "data-act": "remove", "data-to": row.id},
                ),
                class_name="line-acts",
            ),
        ),
        key=f"{row.id}.{Completion.form_of}.{row.stamp}",
        role="row",
        class_name="line",
    )


def _head(*words: rx.Component | str, class_name: str = "") -> rx.Component:
    return rx.el.th(*words, scope="col", role="columnheader", class_name=class_name)


def line_forms() -> rx.Component:
    """Outside of the form, for forms do not stand in each other."""
    return rx.fragment(
        rx.foreach(
            Completion.rows, lambda row: rx.el.form(id=form_of_line(row.id), key=row.id, custom_attrs={"hidden": True})
        )
    )


def line_items() -> rx.Component:
    """Rows are laid out as grids, so those out of sight need no drawing; the roles say that it is still a table."""
    heads = (
        ("Date", ""),
        ("Code", ""),
        ("Description", ""),
        ("ICD-10", ""),
        ("Qty", "money"),
        ("Unit price", "money"),
        ("Discount", "money"),
    )
    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    *[_head(words, class_name=look) for words, look in heads],
                    rx.cond(Completion.charges_tax, _head("Tax")),
                    _head("Total", class_name="money"),
                    _head(rx.el.span("Move or remove", class_name="sr-only")),
                    role="row",
                ),
                role="rowgroup",
            ),
            rx.el.tbody(rx.foreach(Completion.rows, line_row), role="rowgroup"),
            role="table",
            class_name="lines",
            custom_attrs={
                "aria-label": "Line items",
                "data-taxed": Completion.charges_tax.to_string(),
                "data-tried": (Completion.marks > 0).to_string(),
            },
        ),
        rx.cond(
            Completion.problems["lines"] != "",
            rx.el.p(Completion.problems["lines"], class_name="error", role="alert"),
        ),
        drop_line(),
        Answers.create(),
        line_tools(),
        class_name="lines-frame",
    )
