"""Services: what the practice offers, and the schemes with their price lists."""

from typing import Any

import reflex as rx

from trova_app import help_topics, routes
from trova_app.components.browser import Whenever
from trova_app.components.frame import framed
from trova_app.components.links import how, to
from trova_app.components.page_parts import empty, head, search_box, waiting_rows
from trova_app.components.tabs import Choice, tab_panel, tabs
from trova_app.state.catalogue import Catalogue as S
from trova_app.state.live import Live

PANEL = "catalogue"
CHOICES = (
    Choice("Services", "services", f"{routes.SERVICES}?tab=services"),
    Choice("Schemes", "schemes", f"{routes.SERVICES}?tab=schemes"),
)


def services() -> rx.Component:
    return framed(
        "Services",
        Whenever.create(changes=Live.version.to_string(), then=S.refresh),
        head("Services", rx.cond(S.may_change, _new())),
        tabs("Services", S.tab, CHOICES, PANEL),
        tab_panel(
            PANEL,
            S.tab,
            _tools(),
            rx.cond(S.is_ready, rx.cond(S.tab == "schemes", _schemes(), _services()), waiting_rows()),
        ),
    )


def _new() -> rx.Component:
    return rx.cond(
        S.tab == "schemes",
        to(f"{routes.SCHEMES}/new", "New scheme", class_name="btn btn-primary"),
        to(f"{routes.SERVICES}/new", "New service", class_name="btn btn-primary"),
    )


def _tools() -> rx.Component:
    archived = rx.el.label(
        rx.el.input(type="checkbox", checked=S.archived, on_change=S.show_archived),
        "Archived",
        class_name="check",
    )
    return rx.el.div(
        search_box(S.search, S.look_for.debounce(150), "Name"),
        archived,
        class_name="list-tools",
        key=S.tab,
    )


def _nothing(words: str, topic: help_topics.Topic) -> rx.Component:
    found = rx.cond(S.archived, "Nothing is archived.", words)
    return empty(rx.cond(S.search != "", "Nothing fits this search. Try fewer letters.", found), how(topic))


def _services() -> rx.Component:
    titles = ("Name", "Length", "Where", "Booked")
    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(*(rx.el.th(title, scope="col") for title in titles), rx.el.th("Price", class_name="money"))
        ),
        rx.el.tbody(rx.foreach(S.services, _service)),
        class_name="table cards rows-table offer-rows",
        custom_attrs={"aria-label": "Services"},
    )
    words = "No services yet. Add what you offer, with its price; sessions are booked for it."
    return rx.cond(S.services.length() > 0, table, _nothing(words, help_topics.SERVICES))


def _service(row: Any) -> rx.Component:
    dot = rx.el.span(class_name="tone-dot", aria_hidden="true", custom_attrs={"data-tone": row.tone})
    price = rx.cond(row.price != "", row.price, rx.el.span("no price yet", class_name="muted"))
    return rx.el.tr(
        rx.el.td(
            dot, to(f"{routes.SERVICES}/{row.id}", row.name, class_name="cell-link"), class_name="cards-title wrap"
        ),
        rx.el.td(
            f"{row.minutes} min", class_name="figures muted whitespace-nowrap", custom_attrs={"data-label": "Length"}
        ),
        rx.el.td(
            rx.cond(row.is_virtual, "Virtual", "In person"),
            rx.cond(row.is_paid_in_advance, rx.el.span("paid in advance", class_name="mark"), rx.fragment()),
            class_name="muted",
            custom_attrs={"data-label": "Where"},
        ),
        rx.el.td(row.booked, class_name="figures muted", custom_attrs={"data-label": "Booked"}),
        rx.el.td(
            price,
            rx.cond(row.by_length, rx.el.span(" by length", class_name="muted small"), rx.fragment()),
            class_name="money",
            custom_attrs={"data-label": "Price"},
        ),
        key=row.id.to_string(),
    )


def _schemes() -> rx.Component:
    titles = ("Name", "Claim address", "Clients", "Price list")
    table = rx.el.table(
        rx.el.thead(rx.el.tr(*(rx.el.th(title, scope="col") for title in titles))),
        rx.el.tbody(rx.foreach(S.schemes, _scheme)),
        class_name="table cards rows-table offer-rows",
        custom_attrs={"aria-label": "Schemes"},
    )
    words = "No schemes yet. Add one here, or fill it in for a client."
    return rx.cond(S.schemes.length() > 0, table, _nothing(words, help_topics.SCHEMES))


def _scheme(row: Any) -> rx.Component:
    codes = rx.cond(row.codes == 1, "1 code", f"{row.codes} codes")
    listed = rx.fragment(codes, rx.el.span(" ", row.list_words, class_name="muted"))
    return rx.el.tr(
        rx.el.td(to(f"{routes.SCHEMES}/{row.id}", row.name, class_name="cell-link"), class_name="cards-title wrap"),
        rx.el.td(row.claim_email, class_name="wrap muted"),
        rx.el.td(row.clients, class_name="figures", custom_attrs={"data-label": "Clients"}),
        rx.el.td(
            rx.cond(row.codes > 0, listed, rx.el.span("None", class_name="muted")),
            class_name="figures",
            custom_attrs={"data-label": "Price list"},
        ),
        key=row.id.to_string(),
    )
