"""The Outbox: what has not left yet and why, and every letter as its recipient reads it."""

from typing import Any

import reflex as rx

from trova_app import help_topics, routes
from trova_app.components.browser import Whenever
from trova_app.components.dialog import dialog
from trova_app.components.frame import framed
from trova_app.components.links import how, pdf, to
from trova_app.components.page_parts import empty, fact, facts, head, more_button, section, waiting_rows
from trova_app.state.live import Live
from trova_app.state.outbox import Outbox as S

OPENED = S.opened.row


def outbox() -> rx.Component:
    return framed(
        "Outbox",
        rx.el.div(
            Whenever.create(changes=Live.version.to_string(), then=S.refresh),
            head("Outbox", under=_where_it_goes()),
            rx.cond(
                S.problem != "",
                empty(S.problem, how(help_topics.OUTBOX)),
                rx.cond(S.is_ready, rx.fragment(_waiting(), _letters(), _letter()), waiting_rows()),
            ),
            on_unmount=S.leave,
        ),
    )


def _where_it_goes() -> rx.Component:
    stays = "No mail leaves this installation. Letters are kept here, as their recipients would read them."
    return rx.el.p(
        rx.cond(S.stays_here, stays, "Letters on their way, and those that were sent."), class_name="muted mt-1"
    )


def _waiting() -> rx.Component:
    return rx.cond(
        S.waiting.length() > 0,
        section("Not gone yet", rx.el.ul(rx.foreach(S.waiting, _waiting_row), class_name="plain-list lines-list")),
    )


def _waiting_row(row: Any) -> rx.Component:
    state = rx.match(row.state, ("stopped", "Stopped"), ("trying", "Being sent"), "Waiting")
    tries = rx.cond(row.tries > 1, f"Tried {row.tries} times.", "")
    retry = rx.el.button(
        "Retry",
        type="button",
        class_name="btn",
        on_click=S.retry(row.id),
        custom_attrs={"aria-label": f"Retry, {row.what}"},
    )
    return rx.el.li(
        rx.el.span(
            rx.el.span(
                rx.cond(row.invoice_id, to(f"{routes.BILLING}/{row.invoice_id}", row.what), row.what),
                rx.cond(row.to_whom != "", f" to {row.to_whom}", ""),
                class_name="wrap",
            ),
            rx.el.span(row.problem, " ", tries, class_name="muted small wrap"),
            class_name="grid min-w-0 flex-1",
        ),
        rx.el.span(state, class_name=rx.cond(row.state == "stopped", "mark mark-danger", "mark")),
        rx.cond(row.state != "trying", retry),
        class_name="spread",
        key=row.id.to_string(),
    )


def _no_letters() -> rx.Component:
    return empty("No letters yet. Invoices and receipts you mail appear here.", how(help_topics.OUTBOX))


def _letters() -> rx.Component:
    listed = rx.el.ul(rx.foreach(S.letters, _letter_row), class_name="plain-list lines-list")
    return section(
        "Letters",
        rx.cond(S.letters.length() > 0, listed, _no_letters()),
        more_button(S.has_more, S.show_more),
    )


def _letter_row(row: Any) -> rx.Component:
    opening = rx.el.button(
        row.subject,
        type="button",
        class_name="cell-link text-button wrap",
        on_click=S.open_letter(row.id),
        custom_attrs={"aria-label": f"{row.subject}, to {row.recipient}"},
    )
    return rx.el.li(
        rx.el.span(
            opening,
            rx.el.span(row.what, " to ", row.recipient, class_name="muted small wrap"),
            rx.cond(row.problem != "", rx.el.span(row.problem, class_name="error wrap")),
            class_name="grid min-w-0 flex-1 justify-items-start",
        ),
        rx.el.span(row.when, class_name="muted small figures only-wide whitespace-nowrap"),
        rx.el.span(row.state, class_name=rx.cond(row.state == "Refused", "mark mark-danger", "mark")),
        class_name="spread",
        key=row.id.to_string(),
    )


def _letter() -> rx.Component:
    attached = rx.el.div(
        rx.el.dt("Attached"),
        rx.el.dd(
            rx.cond(
                OPENED.document_id > 0,
                pdf(OPENED.document_id, f"{OPENED.document_number}.pdf"),
                rx.el.span(f"{OPENED.document_number}.pdf"),
            )
        ),
    )
    return dialog(
        S.opened.is_not_none(),
        S.close_letter,
        OPENED.subject,
        rx.fragment(OPENED.state, ", ", OPENED.when),
        facts(
            fact("To", OPENED.recipient),
            rx.cond(OPENED.document_number != "", attached),
            rx.cond(
                OPENED.invoice_id > 0,
                rx.el.div(rx.el.dt("Belongs to"), rx.el.dd(to(f"{routes.BILLING}/{OPENED.invoice_id}", "Document"))),
            ),
        ),
        rx.el.p(S.opened.text, class_name="letter wrap", tab_index=0),
        rx.el.div(
            rx.el.button("Close", type="button", class_name="btn", on_click=S.close_letter(False)),
            class_name="dialog-buttons",
        ),
        wide=True,
    )
