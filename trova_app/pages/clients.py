"""The list of clients."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.browser import Whenever
from trova_app.components.frame import framed
from trova_app.components.links import to
from trova_app.components.page_parts import empty, head, more_button, search_box, waiting_rows
from trova_app.state.clients import ClientList as S
from trova_app.state.live import Live


def clients() -> rx.Component:
    nothing = rx.cond(
        S.search != "",
        "Nobody fits this search. Try fewer letters.",
        "No clients yet. They appear here once they are booked or imported.",
    )
    listed = rx.fragment(
        rx.cond(S.rows.length() > 0, _table(), empty(nothing)),
        more_button(S.has_more, S.show_more),
    )
    return framed(
        "Clients",
        Whenever.create(changes=Live.version.to_string(), then=S.refresh),
        head(
            "Clients",
            to(routes.NEW_CLIENT, "New client", class_name="btn btn-primary"),
            search_box(S.search, S.look_for.debounce(150), "Name or mail address"),
        ),
        rx.cond(S.is_ready, listed, waiting_rows()),
    )


def _table() -> rx.Component:
    titles = ("Name", "Mail address", "Phone", "Payer")
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(*(rx.el.th(title, scope="col") for title in titles), rx.el.th("Unpaid", class_name="money"))
        ),
        rx.el.tbody(rx.foreach(S.rows, _row)),
        class_name="table cards rows-table grid-rows",
        custom_attrs={"aria-label": "Clients"},
    )


def _row(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(to(f"{routes.CLIENTS}/{row.id}", row.name, class_name="cell-link"), class_name="cards-title wrap"),
        rx.el.td(row.email, class_name="wrap muted"),
        rx.el.td(row.phone, class_name="figures muted whitespace-nowrap"),
        rx.el.td(row.payer, class_name="wrap muted capital"),
        rx.el.td(row.balance, class_name="money", custom_attrs={"data-label": "Unpaid"}),
        key=row.id.to_string(),
    )
