"""The list of clients."""

from typing import Any

import reflex as rx

from trova_app import help_topics, routes
from trova_app.components.browser import Whenever
from trova_app.components.frame import framed, import_link
from trova_app.components.links import how, to
from trova_app.components.page_parts import empty, head, more_button, search_box, waiting_rows
from trova_app.components.tabs import Choice, tab_panel, tabs
from trova_app.state.clients import ClientList as S
from trova_app.state.live import Live

PANEL = "list"
WORDS = (("Clients", "active"), ("Archived", "archived"), ("Might be the same", "alike"))
NOTHING = {
    "archived": "Nobody is archived. Who is put away on their own page stands here and is kept whole.",
    "active": "No clients yet. Add one, or bring them along from another system.",
}


def clients() -> rx.Component:
    choices = [Choice(words, tab, f"{routes.CLIENTS}?tab={tab}") for words, tab in WORDS]
    return framed(
        "Clients",
        Whenever.create(changes=Live.version.to_string(), then=S.refresh),
        head(
            "Clients",
            rx.cond(
                S.tab != "alike",
                search_box(S.search, S.look_for.debounce(150), "Name, mail, phone, member no."),
            ),
            import_link("clients"),
            to(routes.NEW_CLIENT, "New client", class_name="btn btn-primary"),
        ),
        tabs("Clients", S.tab, choices, PANEL),
        tab_panel(PANEL, S.tab, rx.cond(S.is_ready, rx.cond(S.tab == "alike", _pairs(), _list()), waiting_rows())),
    )


def _list() -> rx.Component:
    nothing = rx.cond(
        S.search != "",
        "Nobody fits this search. Try fewer letters.",
        rx.match(S.tab, *NOTHING.items(), NOTHING["active"]),
    )
    return rx.fragment(
        rx.cond(S.rows.length() > 0, _table(), empty(nothing, how(help_topics.CLIENTS))),
        more_button(S.has_more, S.show_more),
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


# -- who might be one


def _pairs() -> rx.Component:
    nothing = empty(rx.cond(S.problem != "", S.problem, "Nobody looks like somebody else."), how(help_topics.MERGE))
    return rx.cond(
        S.pairs.length() > 0,
        rx.el.ul(rx.foreach(S.pairs, _pair), class_name="plain-list lines-list", aria_label="Might be the same"),
        nothing,
    )


def _pair(pair: Any) -> rx.Component:
    look = to(
        f"{routes.CLIENTS}/{pair.first.id}",
        "Look at both",
        class_name="btn",
        label="Look at both: " + pair.first.name + ", " + pair.second.name,
    )
    two = rx.el.button(
        "Two people",
        type="button",
        class_name="btn",
        on_click=S.tell_apart(pair.first.id, pair.second.id),
        custom_attrs={"aria-label": "Two people: " + pair.first.name + ", " + pair.second.name},
    )
    return rx.el.li(
        rx.el.span(
            rx.el.span(rx.el.strong(pair.first.name), " ", pair.first.words, class_name="wrap block"),
            rx.el.span(rx.el.strong(pair.second.name), " ", pair.second.words, class_name="wrap block"),
            rx.el.span(pair.why, class_name="muted small"),
            class_name="grid min-w-0 flex-1",
        ),
        rx.el.span(look, two, class_name="flex flex-wrap gap-2"),
        class_name="spread flex-wrap",
    )
