"""One import: what would become of each row, how far it is, what was done, and taking it back."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.browser import Download, Meanwhile, Whenever
from trova_app.components.dialog import dialog, dialog_buttons
from trova_app.components.frame import framed
from trova_app.components.links import back, to
from trova_app.components.page_parts import head, problem_page, section, waiting_rows
from trova_app.pages.import_reading import how_it_is_read
from trova_app.state.imports import ImportPage as S
from trova_app.state.live import Live

A = S.shown
IS_CLIENTS = A.kind == "clients"  # gaps of a known client are filled, a known appointment is changed
UPDATED = rx.cond(IS_CLIENTS, "Filled in", "Changed")
OUTCOMES = (("imported", "New"), ("updated", UPDATED), ("unchanged", "Known"), ("refused", "Left out"))
WOULD = (
    ("imported", "new"),
    ("updated", rx.cond(IS_CLIENTS, "known, with gaps to fill", "known, to be changed")),
    ("unchanged", "known already"),
    ("refused", "left out"),
)
DID = (
    ("imported", "imported"),
    ("updated", rx.cond(IS_CLIENTS, "filled in", "changed")),
    ("unchanged", "known already"),
    ("refused", "left out"),
    ("client", "client{s} added"),
    ("care_service", "service{s} added without a price"),
    ("scheme", "scheme{s} added"),
)
MOVING = (
    ("reading", "Looking through the list. Nothing is kept yet."),
    ("running", "Importing. You can leave this page; it goes on by itself."),
    ("undoing", "Taking it back. You can leave this page; it goes on by itself."),
)


def file_import() -> rx.Component:
    way_back = back(routes.IMPORTS, "Import")
    here = rx.cond(S.problem != "", problem_page(S.problem, way_back), waiting_rows())
    return framed(
        "Settings",
        rx.el.div(
            Whenever.create(changes=Live.version.to_string(), then=S.refresh),
            rx.cond(A, _page(), here),
            on_unmount=S.leave,
        ),
    )


def _page() -> rx.Component:
    of = rx.cond(A.kind == "clients", "A list of clients", "A list of appointments")
    return rx.fragment(
        Meanwhile.create(when=A.is_moving, then=S.look),
        back(f"{routes.IMPORTS}?kind={A.kind}", "Import"),
        head(A.name, under=rx.el.p(of, class_name="muted mt-1")),
        rx.cond(A.is_moving, _way()),
        rx.cond(A.problem != "", rx.el.p(A.problem, class_name="callout callout-danger")),
        rx.cond((A.state == "reading") | (A.state == "ready"), how_it_is_read()),
        rx.match(
            A.state,
            ("ready", _would()),
            ("done", _done()),
            ("stopped", _done()),
            ("undone", _undone()),
            rx.fragment(),
        ),
        _question(),
    )


def _way() -> rx.Component:
    rows = rx.cond(A.total > 0, f"Row {A.done} of {A.total}", "")
    bar = rx.el.progress(
        value=rx.cond(A.total > 0, A.done, 0),
        max=rx.cond(A.total > 0, A.total, 1),
        custom_attrs={"aria-label": "How far it is"},
    )
    return rx.el.div(
        rx.el.p(rx.match(A.state, *MOVING, ""), role="status", class_name="m-0"),
        bar,
        rx.el.span(rows, class_name="muted small figures"),
        class_name="way",
    )


def _would() -> rx.Component:
    left_out = rx.el.p(
        "Rows that cannot be read are left out. Correct them in the list and import it again later: what is known "
        "already is not added twice.",
        class_name="callout",
    )
    return section(
        "What would happen", _counted(WOULD), rx.cond(A.counts["refused"] > 0, left_out), _decide(), _lines()
    )


def _counted(words: tuple[tuple[str, Any], ...]) -> rx.Component:
    return rx.el.p(
        *(rx.cond(A.counts[name] > 0, rx.el.span(A.counts[name], " ", _many(name, said))) for name, said in words),
        class_name="outcomes figures",
        role="status",
        custom_attrs={"data-testid": "outcomes"},
    )


def _many(name: str, said: Any) -> Any:
    if not isinstance(said, str) or "{s}" not in said:
        return said
    return rx.cond(A.counts[name] == 1, said.format(s=""), said.format(s="s"))


def _lines() -> rx.Component:
    heads = ("Row", "What it is", "What becomes of it", "Look at")
    table = rx.el.table(
        rx.el.thead(rx.el.tr(*(rx.el.th(words, scope="col") for words in heads))),
        rx.el.tbody(rx.foreach(A.lines, _line)),
        class_name="table cards rows-table",
        custom_attrs={"aria-label": "Rows of the list"},
    )
    file = Download.create(
        "Download these rows", href=f"/documents/imports/{A.id}.csv", download=True, class_name="link text-button"
    )
    return rx.fragment(
        rx.cond(A.lines.length() > 0, table),
        rx.cond(A.more > 0, rx.el.p(f"And {A.more} more rows to look at.", class_name="muted small")),
        rx.cond(A.has_lines, rx.el.p(file)),
    )


def _line(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.row, class_name="figures muted", custom_attrs={"data-label": "Row"}),
        rx.el.td(row.words, class_name="wrap cards-title"),
        rx.el.td(
            rx.match(row.outcome, *OUTCOMES, ""), class_name="mark-cell", custom_attrs={"data-outcome": row.outcome}
        ),
        rx.el.td(row.sentence, class_name="wrap"),
    )


def _decide() -> rx.Component:
    some = A.counts["imported"] + A.counts["updated"]
    thing = rx.cond(
        A.kind == "clients",
        rx.cond(some == 1, "client", "clients"),
        rx.cond(some == 1, "appointment", "appointments"),
    )
    return rx.el.div(
        rx.el.button("Cancel", type="button", class_name="btn", on_click=S.cancel),
        rx.el.button(
            "Import ",
            rx.cond(A.may_keep, some.to_string() + " ", ""),
            thing,
            type="button",
            class_name="btn btn-primary",
            on_click=S.keep,
            disabled=~A.may_keep,
        ),
        class_name="dialog-buttons",
    )


# -- afterwards


def _done() -> rx.Component:
    where = rx.cond(
        A.kind == "clients",
        to(routes.CLIENTS, "See the clients", class_name="btn btn-primary"),
        to(f"{routes.APPOINTMENTS}?tab=open", "See the appointments", class_name="btn btn-primary"),
    )
    undo = rx.el.button("Undo this import", type="button", class_name="btn", on_click=S.ask_to_undo)
    return rx.fragment(
        section(
            "What was done",
            _counted(DID),
            rx.cond(A.why_not != "", rx.el.p(A.why_not, class_name="callout")),
            rx.el.div(where, rx.cond(A.may_undo, undo), class_name="flex flex-wrap gap-2 mt-4"),
        ),
        rx.cond(A.has_lines, section("Rows to look at", _lines())),
    )


def _undone() -> rx.Component:
    kept = rx.cond(A.stayed_count == 1, "One record stays:", f"{A.stayed_count} records stay:")
    return section(
        "Undone",
        rx.cond(
            A.stayed_count > 0,
            rx.fragment(
                rx.el.p("What this import made and changed is taken back. ", kept),
                rx.el.ul(rx.foreach(A.stayed, lambda words: rx.el.li(words)), class_name="plain-list lines-list"),
            ),
            rx.el.p("Everything this import made and changed is taken back."),
        ),
        rx.el.div(to(f"{routes.IMPORTS}?kind={A.kind}", "Import another list", class_name="btn"), class_name="mt-4"),
    )


def _question() -> rx.Component:
    return dialog(
        S.is_asking,
        S.answered,
        "Undo this import",
        "Everything it made goes, and what it changed is as it was. What somebody changed or used since stays.",
        dialog_buttons(
            rx.el.button("Undo the import", type="button", class_name="btn btn-danger", on_click=S.undo),
            cancel=S.answered(False),
        ),
    )
