"""A scheme's new price list: chosen, looked through and kept; and the sessions its prices are for."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.fields import text_field
from trova_app.components.file_box import file_box
from trova_app.components.links import to
from trova_app.components.page_parts import section
from trova_app.state.scheme import SchemePage as S

P = S.preview

HINT = "CSV or Excel (.xlsx), up to 10 MB. Columns: Code, Description, Price; or each price's own Valid from."
OUTCOMES = (("fault", "Look at"), ("changed", "Changed"), ("new", "New"), ("same", "Unchanged"))
COUNTED = (("fault", "cannot be read"), ("changed", "changed"), ("new", "new"), ("same", "unchanged"))


def new_list() -> rx.Component:
    box = file_box(S.sending, S.sent, S.is_reading, S.file_fault, HINT)
    day = text_field(
        "Valid from",
        "valid_from",
        value=S.valid_from,
        error=S.faults.get("valid_from", ""),
        type="date",
        hint="From this day on; earlier sessions keep the earlier price.",
        on_change=S.choose_day,
    )
    return section(
        "Import a price list",
        rx.el.div(day, box, class_name="import-in"),
        rx.cond(P, _preview()),
    )


def _preview() -> rx.Component:
    return rx.el.div(
        rx.el.h3(S.file_name, class_name="wrap"),
        rx.el.p(
            *(rx.cond(P.counts[name] > 0, rx.el.span(P.counts[name], f" {words}")) for name, words in COUNTED),
            class_name="outcomes figures",
            role="status",
        ),
        rx.cond(
            P.counts["fault"] > 0,
            rx.el.p(
                "Nothing is kept while a row cannot be read. Correct the list and choose it again.",
                class_name="callout callout-danger",
            ),
        ),
        rx.cond(
            P.left > 0,
            rx.el.p(
                f"{P.left} codes of the present list are not in this one. They keep their price.",
                class_name="callout",
            ),
        ),
        _affected(),
        _preview_table(),
        rx.cond(P.more > 0, rx.el.p(f"And {P.more} more rows.", class_name="muted small")),
        rx.el.div(
            rx.el.button("Cancel", type="button", class_name="btn", on_click=S.cancel),
            rx.el.button(
                "Keep this price list",
                type="button",
                class_name="btn btn-primary",
                on_click=S.keep,
                disabled=~P.may_keep,
            ),
            class_name="dialog-buttons",
        ),
        class_name="preview-list",
        custom_attrs={"data-testid": "preview"},
    )


def _preview_table() -> rx.Component:
    heads = (("Row", ""), ("Code", ""), ("Description", ""), ("So far", "money"), ("Price", "money"), ("Change", ""))
    return rx.el.table(
        rx.el.thead(rx.el.tr(*(rx.el.th(words, scope="col", class_name=look) for words, look in heads))),
        rx.el.tbody(rx.foreach(P.lines, _preview_row)),
        class_name="table cards rows-table",
        custom_attrs={"aria-label": "What the list says"},
    )


def _preview_row(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.row, class_name="figures muted", custom_attrs={"data-label": "Row"}),
        rx.el.td(row.code, class_name="figures cards-title"),
        rx.el.td(
            rx.cond(row.sentence != "", rx.el.span(row.sentence, class_name="error"), row.text), class_name="wrap"
        ),
        rx.el.td(row.was, class_name="money muted", custom_attrs={"data-label": "So far"}),
        rx.el.td(row.price, class_name="money", custom_attrs={"data-label": "Price"}),
        rx.el.td(
            rx.match(row.outcome, *OUTCOMES, ""),
            class_name="mark-cell",
            custom_attrs={"data-outcome": row.outcome},
        ),
        key=f"{row.row}.{row.outcome}.{row.code}",
    )


def _affected() -> rx.Component:
    return rx.cond(
        P.affected.clients > 0,
        rx.el.details(
            rx.el.summary(_affected_words(P.affected), f" from {P.first_day} on."),
            _named(P.affected),
        ),
        rx.el.p(f"No session to be billed from {P.first_day} on is touched by it.", class_name="muted"),
    )


def _affected_words(affected: Any) -> rx.Component:
    clients = rx.cond(affected.clients == 1, "1 client", f"{affected.clients} clients")
    sessions = rx.cond(affected.sessions == 1, "1 session", f"{affected.sessions} sessions")
    return rx.fragment(clients, " with ", sessions, " to be billed")


def _named(affected: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(
            affected.begun > 0,
            rx.el.p(
                rx.cond(
                    affected.begun == 1, "1 form was begun and keeps", f"{affected.begun} forms were begun and keep"
                ),
                " the prices it has; the form says where the scheme's differ.",
                class_name="muted small",
            ),
        ),
        rx.el.ul(rx.foreach(affected.named, _client), class_name="plain-list lines-list"),
    )


def _client(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            to(f"{routes.CLIENTS}/{row.id}", row.name, class_name="cell-link"),
            rx.el.span("next ", row.next, class_name="muted small figures"),
            class_name="grid min-w-0 flex-1",
        ),
        rx.el.span(rx.cond(row.sessions == 1, "1 session", f"{row.sessions} sessions"), class_name="mark"),
        class_name="spread",
        key=row.id.to_string(),
    )


def sessions_to_come() -> rx.Component:
    some = rx.fragment(rx.el.p(_affected_words(S.affected), ".", class_name="muted small"), _named(S.affected))
    nobody = rx.el.p("Nobody on this scheme has a session from today on.", class_name="muted")
    return section("Sessions to come", rx.cond(S.affected, rx.cond(S.affected.clients > 0, some, nobody)))
