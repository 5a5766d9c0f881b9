"""The calendar: a week or a day of the practice."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.booking import booking_dialog
from trova_app.components.browser import Whenever
from trova_app.components.calendar_board import board
from trova_app.components.calendar_files import calendar_files_dialog
from trova_app.components.frame import framed, import_link
from trova_app.components.links import to
from trova_app.components.moving import reschedule_dialog, scope_dialog, told
from trova_app.components.page_parts import head, waiting_rows
from trova_app.state.booking import Booking
from trova_app.state.calendar import CalendarPage as S
from trova_app.state.calendar_files import CalendarFiles
from trova_app.state.live import Live

C = S.shown


def calendar() -> rx.Component:
    return framed(
        "Calendar",
        rx.el.div(
            Whenever.create(changes=Live.version.to_string(), then=S.refresh),
            rx.cond(C, _calendar(), waiting_rows()),
            booking_dialog(),
            reschedule_dialog(),
            scope_dialog(),
            calendar_files_dialog(),
            told(),
            on_unmount=S.leave,
            class_name="cal",
        ),
    )


def _calendar() -> rx.Component:
    new = rx.el.button(
        rx.icon("plus", size=16, aria_hidden="true"),
        "New appointment",
        type="button",
        class_name="btn btn-primary",
        on_click=Booking.open("", C.practitioner_id),
        custom_attrs={"data-act": "new", "aria-keyshortcuts": "N"},
    )
    others = rx.el.button("Other calendars", type="button", class_name="btn btn-quiet", on_click=CalendarFiles.open)
    return rx.fragment(
        head(C.title, rx.cond(C.may_share, others), import_link("appointments"), rx.cond(C.may_book, new)),
        rx.el.div(_turning(), _views(), _filters(), class_name="cal-tools"),
        _strip(),
        board(),
    )


def _address(view: Any, day: Any) -> Any:
    return f"{routes.CALENDAR}?view={view}&date={day}{C.filters}"


def _turning() -> rx.Component:
    def step(day: Any, words: str, icon: str, act: str) -> rx.Component:
        named = rx.cond(C.view == "week", f"{words} week", f"{words} day")
        return to(
            _address(C.view, day),
            rx.icon(icon, size=18, aria_hidden="true"),
            label=named,
            class_name="icon-btn",
            data_act=act,
        )

    return rx.el.div(
        step(C.before, "Previous", "chevron-left", "before"),
        to(_address(C.view, C.today), "Today", class_name="btn", data_act="today"),
        step(C.after, "Next", "chevron-right", "after"),
        class_name="cal-turning",
    )


def _views() -> rx.Component:
    def view(name: str, words: str) -> rx.Component:
        return to(
            _address(name, C.day),
            words,
            class_name="cal-view",
            aria_current=rx.cond(C.view == name, "true", "false"),
        )

    return rx.el.div(view("week", "Week"), view("day", "Day"), class_name="cal-views")


def _filters() -> rx.Component:
    def chooser(name: str, label: str, chosen: Any, on_change: Any, *options: rx.Component) -> rx.Component:
        return rx.el.div(
            rx.el.label(label, html_for=name, class_name="unseen"),
            rx.el.select(*options, id=name, value=chosen, on_change=on_change, class_name="input"),
        )

    team = chooser(
        "with",
        "With",
        C.practitioner_id.to_string(),
        S.choose_practitioner,
        rx.el.option("Everybody", value="0"),
        rx.foreach(C.practitioners, lambda one: rx.el.option(one.name, value=one.id.to_string())),
    )
    places = chooser(
        "where",
        "Place",
        C.place,
        S.choose_place,
        rx.el.option("Every place", value=""),
        rx.foreach(C.places, lambda place: rx.el.option(place, value=place)),
    )
    day = rx.el.div(
        rx.el.label("Go to date", html_for="date", class_name="unseen"),
        rx.el.input(id="date", type="date", default_value=C.day, key=C.day, on_change=S.go_to, class_name="input"),
    )
    return rx.el.div(
        rx.cond(C.practitioners.length() > 1, team),
        rx.cond((C.places.length() > 1) | (C.place != ""), places),
        day,
        class_name="cal-filters",
    )


def _strip() -> rx.Component:
    """On a phone one day of the week is shown, and chosen here."""

    def day(column: Any) -> rx.Component:
        return to(
            _address("week", column.day),
            rx.el.span(column.title.to(str)[:2], aria_hidden="true"),
            rx.el.strong(column.number, aria_hidden="true", class_name="figures"),
            rx.el.span(rx.cond(column.count > 0, "\u2022", ""), aria_hidden="true", class_name="cal-dot"),
            label=f"{column.label}, {column.count} sessions",
            class_name="cal-strip-day",
            key=column.key,
            aria_current=rx.cond(column.is_chosen, "date", "false"),
        )

    return rx.cond(
        C.view == "week",
        rx.el.div(rx.foreach(C.columns, day), class_name="cal-strip only-phone"),
    )
