"""How an imported list is read: what each column holds, the order of its dates, and which rows are wanted."""

from typing import Any

import reflex as rx

from trova_app.components.fields import field, text_field
from trova_app.components.page_parts import section
from trova_app.services.file_imports import FIELDS
from trova_app.state.imports import ImportPage as S

A = S.shown


def how_it_is_read() -> rx.Component:
    """Stands still while the list is looked through again."""
    return rx.fragment(
        _mapping(),
        rx.cond(A.asks_day_first, _order()),
        rx.cond(A.kind == "appointments", section("Which appointments", _days(), _missing())),
    )


def _days() -> rx.Component:
    return rx.el.div(
        _day("First day", "since", A.since, S.choose_since),
        _day("Up to, not including", "until", A.until, S.choose_until),
        class_name="columns-read",
    )


def _day(label: str, name: str, day: rx.Var[str], choose: Any) -> rx.Component:
    return text_field(label, name, value=day, error=S.faults.get(name, ""), type="date", on_change=choose)


def _mapping() -> rx.Component:
    """What each column is read as; a calendar has none."""
    return rx.cond(
        A.columns.length() > 0,
        section(
            "Columns",
            rx.el.ul(rx.foreach(A.columns, _column), class_name="columns-read"),
        ),
    )


def _column(one: Any) -> rx.Component:
    name = "column-" + one.number.to_string()
    options = rx.match(
        A.kind,
        *(
            (
                kind,
                rx.fragment(
                    rx.el.option("Leave out", value=""),
                    *(rx.el.option(words, value=value) for value, words in fields.items()),
                ),
            )
            for kind, fields in FIELDS.items()
        ),
        rx.fragment(),
    )
    return rx.el.li(
        rx.el.label(one.heading, html_for=name, class_name="label wrap"),
        rx.el.select(
            options,
            id=name,
            default_value=one.field,
            on_change=lambda field: S.choose_column(one.number, field),
            class_name="input",
            custom_attrs={"aria-describedby": name + "-samples"},
        ),
        rx.el.span(one.samples, id=name + "-samples", class_name="hint figures"),
        key=one.number.to_string(),
    )


def _order() -> rx.Component:
    choice = rx.el.select(
        rx.cond(A.day_first == "", rx.el.option("Choose", value="")),
        rx.el.option("Day first: 3 April", value="day"),
        rx.el.option("Month first: 4 March", value="month"),
        id="order",
        default_value=A.day_first,
        on_change=S.choose_order,
        class_name="input",
    )
    return section("Dates", field("What 03/04/2026 is in this list", "order", choice))


def _missing() -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", id="missing", default_checked=A.create_missing, on_change=S.choose_missing),
        "Add clients and services that nobody knows here yet",
        class_name="check",
        html_for="missing",
    )
