"""The Billing section: what waits for a decision, then every invoice, payment and refund, the newest first."""

from typing import Any

import reflex as rx

from trova_app import help_topics, routes
from trova_app.components.browser import Whenever
from trova_app.components.fields import status_badge
from trova_app.components.frame import framed
from trova_app.components.links import how, to
from trova_app.components.page_parts import empty, head, more_button, search_box, waiting_rows
from trova_app.components.tabs import Choice, tab_panel, tabs
from trova_app.domain.invoices import Label
from trova_app.pages.billing_review import to_decide
from trova_app.state.billing import TABS
from trova_app.state.billing import Billing as S
from trova_app.state.live import Live

PANEL = "list"
NO_FIT = "Nothing fits this search. Try fewer letters, or another status."


def billing() -> rx.Component:
    choices = [Choice(tab.capitalize(), tab, f"{routes.BILLING}?tab={tab}", S.counts[tab]) for tab in TABS]
    return framed(
        "Billing",
        Whenever.create(changes=Live.version.to_string(), then=S.refresh),
        head("Billing", _status(), search_box(S.search, S.look_for.debounce(150), "Number, client or service")),
        to_decide(),
        tabs("Billing", S.tab, choices, PANEL),
        tab_panel(PANEL, S.tab, rx.cond(S.is_ready, _panel(), waiting_rows())),
    )


def _status() -> rx.Component:
    chosen = rx.el.select(
        rx.el.option("Every status", value=""),
        *(rx.el.option(label.value, value=label.value) for label in Label),
        id="status",
        default_value=S.status,
        on_change=S.choose_status,
        class_name="input",
    )
    return rx.cond(
        S.tab == "invoices",
        rx.el.div(rx.el.label("Status", html_for="status", class_name="label"), chosen, class_name="search status"),
    )


def _panel() -> rx.Component:
    return rx.fragment(
        rx.match(S.tab, ("invoices", _invoices()), ("payments", _payments()), _refunds()),
        more_button(S.has_more, S.show_more),
    )


def _heads(*titles: str) -> rx.Component:
    money = {"Total", "Paid", "Refunded", "Amount", "Fee"}
    return rx.el.thead(
        rx.el.tr(*(rx.el.th(title, scope="col", class_name="money" if title in money else "") for title in titles))
    )


def _invoices() -> rx.Component:
    nothing = rx.cond(
        (S.search != "") | (S.status != ""), NO_FIT, "No invoices yet. Finishing a session makes the first one."
    )
    table = rx.el.table(
        _heads("Number", "Client", "Service", "Date", "Total", "Paid", "Refunded", "Status"),
        rx.el.tbody(rx.foreach(S.invoices, _invoice)),
        class_name="table cards rows-table grid-rows",
        custom_attrs={"aria-label": "Invoices"},
    )
    return rx.cond(
        S.invoices.length() > 0, rx.el.div(table, class_name="scroll-x"), empty(nothing, how(help_topics.COMPLETE))
    )


def _invoice(row: Any) -> rx.Component:
    number = rx.cond(row.number != "", row.number, "Draft")
    name = rx.cond(row.number != "", row.number, f"Draft, {row.client_name}")
    return rx.el.tr(
        rx.el.td(
            to(f"{routes.BILLING}/{row.id}", number, label=name, class_name="cell-link"),
            class_name="whitespace-nowrap",
        ),
        rx.el.td(row.client_name, class_name="wrap cards-title"),
        rx.el.td(row.service_name, class_name="wrap muted"),
        rx.el.td(row.date, class_name="figures whitespace-nowrap muted"),
        rx.el.td(row.total, class_name="money", custom_attrs={"data-label": "Total"}),
        rx.el.td(row.paid, class_name="money", custom_attrs={"data-label": "Paid"}),
        rx.el.td(row.refunded, class_name="money", custom_attrs={"data-label": "Refunded"}),
        rx.el.td(
            rx.el.span(
                status_badge(row.label),
                rx.cond(row.is_disputed, rx.el.span("Disputed", class_name="mark mark-danger")),
                class_name="inline-flex flex-wrap items-center gap-x-2 gap-y-1",
            ),
            class_name="cards-badge",
        ),
        key=row.id.to_string(),
    )


def _payments() -> rx.Component:
    nothing = rx.cond(S.search != "", NO_FIT, "No payments yet. Money that comes in is listed here.")
    table = rx.el.table(
        _heads("Date", "Client", "Invoice", "How", "Reference", "State", "Amount", "Fee"),
        rx.el.tbody(rx.foreach(S.payments, _payment)),
        class_name="table cards rows-table grid-rows",
        custom_attrs={"aria-label": "Payments"},
    )
    return rx.cond(
        S.payments.length() > 0, rx.el.div(table, class_name="scroll-x"), empty(nothing, how(help_topics.MARK_PAID))
    )


def _payment(row: Any) -> rx.Component:
    invoice = to(f"{routes.BILLING}/{row.invoice_id}", row.invoice_number, class_name="cell-link")
    return rx.el.tr(
        rx.el.td(row.date, class_name="figures whitespace-nowrap muted"),
        rx.el.td(row.client_name, class_name="wrap cards-title"),
        rx.el.td(rx.cond(row.invoice_id, invoice, "\u2013"), class_name="whitespace-nowrap"),
        rx.el.td(row.method, class_name="muted"),
        rx.el.td(row.reference, class_name="wrap muted", custom_attrs={"data-label": "Reference"}),
        rx.el.td(row.state, class_name="muted"),
        rx.el.td(row.amount, class_name="money", custom_attrs={"data-label": "Amount"}),
        rx.el.td(row.fee, class_name="money muted", custom_attrs={"data-label": "Fee"}),
        key=row.id.to_string(),
    )


def _refunds() -> rx.Component:
    nothing = rx.cond(S.search != "", NO_FIT, "No refunds. Money that went back to a client is listed here.")
    table = rx.el.table(
        _heads("Date", "Number", "Client", "How", "State", "Amount"),
        rx.el.tbody(rx.foreach(S.refunds, _refund)),
        class_name="table cards rows-table",
        custom_attrs={"aria-label": "Refunds"},
    )
    return rx.cond(
        S.refunds.length() > 0, rx.el.div(table, class_name="scroll-x"), empty(nothing, how(help_topics.CORRECT))
    )


def _refund(row: Any) -> rx.Component:
    invoice = to(f"{routes.BILLING}/{row.invoice_id}", row.number, class_name="cell-link")
    return rx.el.tr(
        rx.el.td(row.date, class_name="figures whitespace-nowrap muted"),
        rx.el.td(rx.cond(row.invoice_id, invoice, "\u2013"), class_name="whitespace-nowrap"),
        rx.el.td(row.client_name, class_name="wrap cards-title"),
        rx.el.td(row.how, class_name="muted"),
        rx.el.td(
            row.state,
            rx.cond(row.problem != "", rx.el.span(row.problem, class_name="error small block")),
            class_name="muted wrap",
        ),
        rx.el.td(row.amount, class_name="money", custom_attrs={"data-label": "Amount"}),
        key=row.id.to_string(),
    )
