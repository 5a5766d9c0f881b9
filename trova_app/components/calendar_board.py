"""The calendar's board: a column for each day, or for each practitioner of one day, with the sessions in it.

Lists of links by day for whoever listens; placed by the hour for whoever looks.
"""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.links import to
from trova_app.state.calendar import CalendarPage as S

C = S.shown


def board() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.ul(rx.foreach(C.hours, _hour), class_name="cal-hours", aria_hidden="true"),
            rx.foreach(C.columns, _column),
            class_name="cal-board",
            custom_attrs={
                "data-view": C.view,
                "data-from": C.from_hour,
                "data-now": S.now,
                "style": rx.Var.create(
                    {"--columns": C.columns.length(), "--from": C.from_hour, "--hours": C.hours.length()}
                ),
            },
        ),
        class_name="cal-frame",
    )


def _hour(hour: Any) -> rx.Component:
    return rx.el.li(hour, class_name="figures")


def _column(column: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(
            _weekday(column),
            rx.cond(column.number != "", rx.el.span(column.number, class_name="cal-number figures")),
            class_name="cal-day-name",
            custom_attrs={"aria-label": column.label},
        ),
        rx.el.ul(rx.foreach(column.blocks, _block), class_name="cal-sessions"),
        class_name="cal-day",
        key=column.key,
        custom_attrs={
            "data-key": column.key,
            "data-today": column.is_today,
            "data-chosen": column.is_chosen,
            "aria-label": column.label,
        },
    )


def _weekday(column: Any) -> rx.Component:
    """Short where columns are narrow; a practitioner's name is never cut by hand."""
    short = rx.fragment(column.title.to(str)[:3], rx.el.span(column.title.to(str)[3:], class_name="cal-rest"))
    return rx.el.span(rx.cond(column.number != "", short, column.title), class_name="cal-weekday")


def _block(block: Any) -> rx.Component:
    label = (
        f"{block.time}, {block.client_name}, {block.service_name}, {block.practitioner}"
        + rx.cond(block.place != "", f", {block.place}", "")
        + rx.cond(block.tab == "upcoming", "", f", {block.tab}")
        + rx.cond(block.clash != "", f". {block.clash}", "")
    )
    return rx.el.li(
        to(
            f"{routes.APPOINTMENTS}/{block.id}",
            rx.el.span(
                block.time.to(str)[:5],
                rx.el.span(block.time.to(str)[5:], class_name="cal-end"),
                class_name="cal-time figures",
            ),
            " ",
            rx.cond(block.clash != "", rx.icon("triangle-alert", size=14, aria_hidden="true", class_name="cal-clash")),
            rx.el.span(block.client_name, class_name="cal-name"),
            rx.el.span(block.service_name, class_name="cal-what"),
            label=label,
            class_name="cal-link",
            title=block.clash,
        ),
        class_name="cal-block",
        key=block.key,
        custom_attrs={
            "data-id": block.id,
            "data-version": block.version,
            "data-tone": block.tone,
            "data-tab": block.tab,
            "data-fixed": ~block.may_move,
            "style": rx.Var.create(
                {"--at": block.at, "--len": block.minutes, "--lane": block.lane, "--lanes": block.lanes}
            ),
        },
    )
