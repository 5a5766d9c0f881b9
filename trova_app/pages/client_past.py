"""What there was with a client: appointments and documents."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.fields import status_badge
from trova_app.components.links import pdf, to
from trova_app.components.page_parts import section
from trova_app.state.client import ClientPage as S


def appointments() -> rx.Component:
    nothing = rx.el.p("No appointments yet.", class_name="muted")
    listed = rx.el.ul(rx.foreach(S.appointments, _appointment), class_name="plain-list lines-list")
    return section("Appointments", rx.cond(S.appointments.length() > 0, listed, nothing), _more("appointments"))


def _appointment(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            to(f"{routes.APPOINTMENTS}/{row.id}", row.when, class_name="cell-link"),
            rx.el.span(row.service_name, class_name="muted small wrap"),
            class_name="grid min-w-0",
        ),
        rx.el.span(row.state, class_name="mark"),
        class_name="spread",
    )


def invoices() -> rx.Component:
    nothing = rx.el.p("No invoices yet.", class_name="muted")
    listed = rx.el.ul(rx.foreach(S.invoices, _invoice), class_name="plain-list lines-list")
    return section("Documents", rx.cond(S.invoices.length() > 0, listed, nothing), _more("invoices"))


def _invoice(row: Any) -> rx.Component:
    name = rx.cond(row.number != "", row.number, "Draft")
    paper = pdf(row.document_id, "PDF", label="PDF of " + row.number, class_name="link small above")
    return rx.el.li(
        rx.el.span(
            to(f"{routes.BILLING}/{row.id}", name, class_name="cell-link"),
            rx.el.span(
                row.date, rx.cond(row.document_id > 0, rx.fragment(" \u00b7 ", paper)), class_name="muted small"
            ),
            class_name="grid min-w-0 flex-1",
        ),
        status_badge(row.label),
        rx.el.span(row.total, class_name="money list-money"),
        class_name="spread",
    )


def _more(what: str) -> rx.Component:
    button = rx.el.button("Show more", type="button", class_name="btn btn-quiet", on_click=S.show_more(what))
    return rx.cond(S.has_more.get(what, False), button)
