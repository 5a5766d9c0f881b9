"""Settings, Client fields: what the practice keeps about each client in words of its own."""

from typing import Any

import reflex as rx

from trova_app import help_topics
from trova_app.components.browser import Whenever
from trova_app.components.fields import text_field
from trova_app.components.frame import framed
from trova_app.components.links import how
from trova_app.components.page_parts import empty, head, waiting_rows
from trova_app.components.tabs import tab_panel
from trova_app.pages.settings_payments import settings_tabs
from trova_app.state.client_fields import ClientFields as S
from trova_app.state.live import Live

PANEL = "page"


def settings_fields() -> rx.Component:
    page = rx.cond(S.problem != "", empty(S.problem, how(help_topics.CLIENTS)), rx.fragment(_listed(), _form()))
    return framed(
        "Settings",
        Whenever.create(changes=Live.version.to_string(), then=S.refresh),
        head("Settings", under=rx.el.p("What is kept about each client besides the usual.", class_name="muted mt-1")),
        settings_tabs("fields", PANEL),
        tab_panel(PANEL, rx.Var.create("fields"), rx.cond(S.is_ready, page, waiting_rows())),
        narrow=True,
    )


def _listed() -> rx.Component:
    nothing = empty(
        "No fields of your own yet. An authorisation number or who referred the client are usual ones.",
        how(help_topics.CLIENTS),
    )
    listed = rx.el.ul(rx.foreach(S.fields, _field), class_name="plain-list lines-list", aria_label="Client fields")
    return rx.cond(S.fields.length() > 0, listed, nothing)


def _field(one: Any) -> rx.Component:
    on_invoice = rx.el.label(
        rx.el.input(
            type="checkbox",
            checked=one.shows_on_invoice,
            on_change=lambda ticked: S.print_it(one.id, ticked),
            custom_attrs={"aria-label": "Show on invoice: " + one.name},
        ),
        "Show on invoice",
        class_name="check small",
    )
    put_away = _button("Put away", "Put away ", one, S.put_away(one.id))
    bring_back = _button("Bring back", "Bring back ", one, S.bring_back(one.id))
    in_use = rx.cond(one.count == 1, "1 client", one.count.to(str) + " clients")
    return rx.el.li(
        rx.el.span(
            rx.el.span(one.name, class_name="font-medium wrap"),
            rx.el.span(in_use, rx.cond(one.is_active, "", ", put away"), class_name="muted small"),
            class_name="grid min-w-0 flex-1",
        ),
        rx.cond(one.is_active, on_invoice),
        rx.cond(one.is_active, put_away, bring_back),
        class_name="spread flex-wrap",
        key=one.id.to_string(),
    )


def _button(words: str, before: str, one: Any, act: Any) -> rx.Component:
    return rx.el.button(
        words, type="button", class_name="btn", on_click=act, custom_attrs={"aria-label": before + one.name}
    )


def _form() -> rx.Component:
    error = S.faults.get("name", "")
    return rx.el.form(
        text_field("New field", "name", error=error, max_length=200, auto_complete="off"),
        rx.el.label(
            rx.el.input(type="checkbox", id="shows_on_invoice", name="shows_on_invoice"),
            rx.el.span("Show on invoice"),
            html_for="shows_on_invoice",
            class_name="check",
        ),
        rx.el.div(rx.el.button("Add field", type="submit", class_name="btn btn-primary"), class_name="form-end"),
        on_submit=S.add,
        no_validate=True,
        class_name="form-grid items-end mt-6",
        key="new-" + S.face.to(str),
    )
