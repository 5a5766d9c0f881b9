"""Imports: where a list comes in, and those so far."""

from typing import Any

import reflex as rx

from trova_app import help_topics, routes
from trova_app.components.browser import Whenever
from trova_app.components.file_box import ACCEPTED, file_box
from trova_app.components.frame import framed
from trova_app.components.links import how, to
from trova_app.components.page_parts import empty, head, section, waiting_rows
from trova_app.components.tabs import Choice, tab_panel, tabs
from trova_app.state.imports import ImportList as L
from trova_app.state.live import Live

PANEL = "list"
KINDS = (("clients", "Clients"), ("appointments", "Appointments"))
HINTS = {
    "clients": "CSV or Excel (.xlsx), up to 10 MB and 50,000 rows. The first row names the columns.",
    "appointments": "CSV, Excel (.xlsx) or a calendar (.ics), up to 10 MB and 50,000 appointments.",
}
ACCEPTS = {"clients": ACCEPTED, "appointments": f"{ACCEPTED},.ics,text/calendar"}
STATES = (
    ("reading", "Looked through"),
    ("ready", "Waits for you"),
    ("running", "Under way"),
    ("done", "Imported"),
    ("undoing", "Being undone"),
    ("undone", "Undone"),
    ("stopped", "Stopped"),
)


def imports() -> rx.Component:
    choices = [Choice(words, kind, f"{routes.IMPORTS}?kind={kind}") for kind, words in KINDS]
    hint = rx.match(L.kind, *HINTS.items(), "")
    box = file_box(L.sending, L.sent, L.is_reading, L.fault, hint, rx.match(L.kind, *ACCEPTS.items(), ACCEPTED))
    words = rx.el.p("From another system or a spreadsheet. Nothing is kept before you say so.", class_name="muted mt-1")
    return framed(
        "Settings",
        Whenever.create(changes=Live.version.to_string(), then=L.refresh),
        head("Import", under=words),
        tabs("What the list is of", L.kind, choices, PANEL),
        tab_panel(
            PANEL,
            L.kind,
            rx.cond(
                L.is_ready, rx.cond(L.problem != "", empty(L.problem, how(help_topics.IMPORT)), box), waiting_rows(2)
            ),
        ),
        rx.cond(L.rows.length() > 0, _earlier()),
        narrow=True,
    )


def _earlier() -> rx.Component:
    return section("Imports so far", rx.el.ul(rx.foreach(L.rows, _import), class_name="plain-list lines-list"))


def _import(row: Any) -> rx.Component:
    of = rx.cond(row.kind == "clients", "Clients", "Appointments")
    return rx.el.li(
        rx.el.span(
            to(routes.IMPORTS + "/" + row.id.to_string(), row.name, class_name="cell-link wrap"),
            rx.el.span(of, " · ", row.when, " · ", row.who, class_name="muted small"),
            class_name="grid min-w-0 flex-1",
        ),
        rx.el.span(rx.match(row.state, *STATES, ""), class_name="mark"),
        class_name="spread",
        key=row.id.to_string(),
    )
