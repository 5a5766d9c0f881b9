"""One scheme: where claims go, and what it pays for each code from which day on."""

from typing import Any

import reflex as rx

from trova_app import help_topics, routes
from trova_app.components.browser import Whenever
from trova_app.components.dialog import dialog, dialog_buttons
from trova_app.components.fields import text_field
from trova_app.components.frame import framed
from trova_app.components.links import back, how
from trova_app.components.page_parts import (
    empty,
    fact,
    facts,
    head,
    more_button,
    problem_page,
    said,
    search_box,
    section,
    waiting_rows,
)
from trova_app.pages.price_list import new_list, sessions_to_come
from trova_app.state.live import Live
from trova_app.state.scheme import SchemePage as S

A = S.shown


def scheme() -> rx.Component:
    way_back = back(f"{routes.SERVICES}?tab=schemes", "Schemes")
    here = rx.cond(A, _page(), rx.cond(S.problem != "", problem_page(S.problem, way_back), waiting_rows()))
    return framed(
        "Services",
        rx.el.div(
            Whenever.create(changes=Live.version.to_string(), then=S.refresh),
            rx.cond(S.is_new, _new(way_back), here),
            on_unmount=S.leave,
        ),
    )


def _new(way_back: rx.Component) -> rx.Component:
    words = rx.el.p("Its price list is imported on its own page, next.", class_name="muted mt-1")
    return rx.el.div(way_back, head("New scheme", under=words), _form("", "", "Add scheme"), class_name="narrow")


def _fault(name: str) -> rx.Var[str]:
    return S.faults.get(name, "")


def _form(name: Any, address: Any, words: str) -> rx.Component:
    return rx.el.form(
        text_field("Name", "name", value=name, error=_fault("name"), auto_complete="off"),
        text_field(
            "Claim address",
            "claim_email",
            value=address,
            error=_fault("claim_email"),
            hint="Invoices to this scheme are mailed here.",
            type="email",
            auto_complete="off",
        ),
        rx.el.div(
            rx.el.button(words, type="submit", class_name="btn btn-primary"), said(_fault("")), class_name="form-end"
        ),
        on_submit=S.save,
        no_validate=True,
        class_name="form-grid",
    )


def _page() -> rx.Component:
    particulars = rx.cond(
        A.may_change,
        _form(A.name, A.claim_email, "Save"),
        facts(fact("Claim address", A.claim_email)),
    )
    return rx.fragment(
        back(f"{routes.SERVICES}?tab=schemes", "Schemes"),
        head(A.name, rx.cond(A.may_change, _archive()), under=_about()),
        rx.el.div(
            rx.el.div(_lists(), rx.cond(A.may_change, new_list()), _rates()),
            rx.el.aside(section("Scheme", particulars), sessions_to_come()),
            class_name="split",
        ),
        _question(),
    )


def _about() -> rx.Component:
    clients = rx.cond(A.clients == 1, "1 client", f"{A.clients} clients")
    return rx.el.p(clients, rx.cond(A.is_active, "", " · archived"), class_name="muted mt-1")


def _archive() -> rx.Component:
    return rx.cond(
        A.is_active,
        rx.el.button("Archive", type="button", class_name="btn", on_click=S.archive(True)),
        rx.el.button("Bring back", type="button", class_name="btn", on_click=S.archive(False)),
    )


# -- price lists


def _lists() -> rx.Component:
    listed = rx.el.ul(rx.foreach(A.lists, _list), class_name="plain-list lines-list")
    nothing = rx.el.p("No price list yet. Until there is one, sessions begin with your own prices.", class_name="muted")
    nothing = rx.fragment(nothing, how(help_topics.SCHEMES))
    return section("Price lists", rx.cond(A.lists.length() > 0, listed, nothing))


def _list(row: Any) -> rx.Component:
    remove = rx.el.button(
        "Remove",
        type="button",
        class_name="btn btn-quiet",
        on_click=S.ask_to_remove(row.day),
        custom_attrs={"aria-label": f"Remove the list from {row.words}"},
    )
    return rx.el.li(
        rx.el.span(
            rx.el.span("From ", row.words, class_name="figures"),
            rx.el.span(rx.cond(row.codes == 1, "1 code", f"{row.codes} codes"), class_name="muted small"),
            class_name="grid min-w-0 flex-1",
        ),
        rx.el.span(row.standing, class_name="mark"),
        rx.cond(A.may_change, remove),
        class_name="spread",
    )


def _question() -> rx.Component:
    return dialog(
        S.asks != "",
        S.answered,
        "Remove this price list",
        "Its prices are taken away; the list before it holds again. Documents that were made, and forms that somebody "
        "has begun, stay as they are.",
        dialog_buttons(
            rx.el.button("Remove the list", type="button", class_name="btn btn-danger", on_click=S.remove_list),
            cancel=S.answered(False),
        ),
    )


def _rates() -> rx.Component:
    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th("Code", scope="col"),
                rx.el.th("Description", scope="col"),
                rx.el.th("Since", scope="col"),
                rx.el.th("Price", scope="col", class_name="money"),
            )
        ),
        rx.el.tbody(rx.foreach(S.rates, _rate)),
        class_name="table cards rows-table rate-rows",
        custom_attrs={"aria-label": "Prices today"},
    )
    nothing = rx.cond(S.search != "", "No code fits this search.", "No price holds today.")
    return rx.cond(
        A.lists.length() > 0,
        section(
            "Prices today",
            search_box(S.search, S.look_for.debounce(150), "Code or words"),
            rx.cond(S.rates.length() > 0, table, empty(nothing, how(help_topics.SCHEMES))),
            more_button(S.has_more, S.show_more),
        ),
    )


def _rate(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.code, class_name="figures cards-title"),
        rx.el.td(row.text, class_name="wrap"),
        rx.el.td(row.since, class_name="figures muted whitespace-nowrap", custom_attrs={"data-label": "Since"}),
        rx.el.td(row.price, class_name="money", custom_attrs={"data-label": "Price"}),
        key=row.id.to_string(),
    )
