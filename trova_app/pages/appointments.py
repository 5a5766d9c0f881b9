"""The lists of appointments: the work that waits stands first."""

from typing import Any

import reflex as rx

from trova_app import help_topics, routes
from trova_app.components.browser import Whenever
from trova_app.components.fields import status_badge
from trova_app.components.frame import framed, import_link
from trova_app.components.links import how, to
from trova_app.components.page_parts import empty, head, more_button, search_box, waiting_rows
from trova_app.components.tabs import Choice, tab_panel, tabs
from trova_app.domain.appointments import Tab
from trova_app.state.appointments import AppointmentList as S
from trova_app.state.live import Live

PANEL = "list"
NOTHING = {
    Tab.UPCOMING: "Nothing planned. Appointments appear here once they are booked or imported.",
    Tab.OPEN: "Nothing open. Sessions appear here when their time has passed.",
    Tab.COMPLETED: "Nothing completed yet. Sessions appear here once they are finished.",
    Tab.MISSED: "No missed sessions.",
    Tab.CANCELLED: "No cancelled sessions.",
}


def appointments() -> rx.Component:
    choices = [
        Choice(tab.value.capitalize(), tab.value, f"{routes.APPOINTMENTS}?tab={tab.value}", S.counts[tab.value])
        for tab in Tab
    ]
    return framed(
        "Appointments",
        Whenever.create(changes=Live.version.to_string(), then=S.refresh),
        head(
            "Appointments",
            search_box(S.search, S.look_for.debounce(150), "Client, mail address or service"),
            import_link("appointments"),
        ),
        tabs("Appointments", S.tab, choices, PANEL),
        tab_panel(PANEL, S.tab, rx.cond(S.is_ready, _list(), waiting_rows())),
    )


def _list() -> rx.Component:
    return rx.fragment(
        rx.cond(S.days.length() > 0, rx.foreach(S.days, _day), _nothing()),
        more_button(S.has_more, S.show_more),
    )


def _nothing() -> rx.Component:
    sentence = rx.match(S.tab, *((tab.value, words) for tab, words in NOTHING.items()), "Nothing here.")
    helps = {Tab.UPCOMING: help_topics.CALENDAR, Tab.MISSED: help_topics.MISSED, Tab.CANCELLED: help_topics.MISSED}
    steps = [(tab.value, how(topic)) for tab, topic in helps.items()]
    words = rx.cond(S.search != "", "Nothing fits this search. Try fewer letters, or another tab.", sentence)
    return empty(words, rx.match(S.tab, *steps, how(help_topics.APPOINTMENTS)))


def _day(day: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(day.words, class_name="day"),
        rx.el.ul(rx.foreach(day.rows, _row), class_name="rows"),
    )


def _row(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(row.time, class_name="row-time figures"),
        rx.el.span(rx.el.span(row.client_name, class_name="row-name"), _marks(row), class_name="row-who"),
        rx.el.span(row.service_name, class_name="row-service"),
        rx.el.span(row.payer, class_name="row-payer"),
        rx.el.span(row.amount_text, class_name="row-amount money"),
        to(
            f"{routes.APPOINTMENTS}/{row.id}",
            "View Details",
            rx.icon("chevron-right", size=16, aria_hidden="true"),
            label=f"View Details, {row.client_name}",
            class_name="row-link",
        ),
        key=row.id.to_string(),
        class_name="row",
    )


def _marks(row: Any) -> rx.Component:
    """A completed session says what became of its document; another one the one thing worth knowing."""
    return rx.cond(
        row.label != "",
        status_badge(row.label),
        rx.cond(row.mark != "", rx.el.span(row.mark, class_name="mark")),
    )
