"""What a session's page shows of the session itself: its lines, what they come to, its note and what happened."""

from typing import Any

import reflex as rx

from trova_app.components.fields import status_badge
from trova_app.components.page_parts import section, timeline
from trova_app.domain.appointments import Tab
from trova_app.state.appointment import AppointmentPage as S

A = S.shown


def service_lines() -> rx.Component:
    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th("Code"),
                rx.el.th("Description"),
                rx.el.th("Qty", class_name="money"),
                rx.el.th("Unit price", class_name="money"),
                rx.el.th("Total", class_name="money"),
            )
        ),
        rx.el.tbody(rx.foreach(A.service_lines, _line)),
        class_name="table cards line-cards sheet-lines",
        custom_attrs={"aria-label": "Line items of the service"},
    )
    return section(
        "Line items",
        rx.cond(
            A.service_lines.length() > 0,
            table,
            rx.el.p("This service has no line items yet.", class_name="muted"),
        ),
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(line.code, class_name="figures", custom_attrs={"data-label": "Code"}),
        rx.el.td(line.description, class_name="wrap cards-title"),
        rx.el.td(line.quantity, class_name="money", custom_attrs={"data-label": "Qty"}),
        rx.el.td(line.unit_price, class_name="money", custom_attrs={"data-label": "Unit price"}),
        rx.el.td(line.total, class_name="money", custom_attrs={"data-label": "Total"}),
    )


def money() -> rx.Component:
    document = rx.el.div(
        rx.el.div(
            rx.el.span(rx.cond(A.invoice.number != "", A.invoice.number, "Not numbered yet"), class_name="muted"),
            status_badge(A.invoice.label),
            class_name="spread mb-1",
        ),
        rx.el.div(A.invoice.total, class_name="big"),
    )
    price = rx.el.div(
        rx.el.div(rx.el.span("Price of the service", class_name="muted"), _tab_badge(), class_name="spread mb-1"),
        rx.el.div(A.service_total, class_name="big"),
        rx.el.p(A.price_words, class_name="muted small mt-1 empty:hidden"),
    )
    later = rx.el.p("It can be completed once its time has passed.", class_name="muted small mt-1")
    return rx.el.div(
        rx.cond(A.invoice, document, price),
        rx.cond(A.tab == Tab.UPCOMING.value, later),
        rx.cond(A.fee != "", rx.el.p("Fee for the missed session: ", rx.el.strong(A.fee), class_name="mt-3")),
        rx.cond(A.series != "", rx.el.p("Repeats ", A.series, ".", class_name="muted small mt-3")),
        rx.cond(A.reason != "", rx.el.p("Cancelled: ", A.reason, class_name="wrap mt-3")),
        rx.cond(
            A.unpaid_balance != "",
            rx.el.p("Unpaid from before: ", rx.el.strong(A.unpaid_balance), class_name="callout callout-warn mt-3"),
        ),
        rx.cond(
            A.last_session != "",
            rx.el.p("Last session: ", A.last_session, class_name="muted small mt-3"),
        ),
        class_name="card early",
    )


def _tab_badge() -> rx.Component:
    words = rx.match(A.tab, *((tab.value, tab.value.capitalize()) for tab in Tab), "")
    return rx.el.span(words, class_name="badge")


def note() -> rx.Component:
    return rx.cond(
        A.note != "",
        rx.el.section(
            rx.el.h2("Note", class_name="mb-1"),
            rx.el.p(A.note, class_name="wrap whitespace-pre-line"),
            class_name="early",
        ),
    )


def history() -> rx.Component:
    return rx.cond(
        A.timeline.length() > 0,
        rx.el.section(rx.el.h2("What happened", class_name="mb-2"), timeline(A.timeline)),
    )
