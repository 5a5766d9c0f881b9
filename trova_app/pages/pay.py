"""What the client sees behind the link in their letter: the invoice, and one button at the bottom."""

from typing import Any

import reflex as rx

from trova_app.components.again import Every
from trova_app.components.browser import connection_notice
from trova_app.components.page_parts import waiting_rows
from trova_app.services.pay_page import PayState
from trova_app.state.pay import Payer as S

P = S.page
TITLES = {
    PayState.DRAFT: "Not ready yet",
    PayState.VOID: "Withdrawn",
    PayState.REPLACED: "Replaced",
    PayState.UNKNOWN: "No invoice here",
}


def pay() -> rx.Component:
    return rx.fragment(
        connection_notice(),
        rx.el.main(
            Every.create(when=S.may_change, seconds=3, then=S.look_again),
            rx.cond(P.banner != "", rx.el.p(P.banner, class_name="banner pay-banner")),
            rx.cond(P, rx.cond(P.number != "", _invoice(), _nothing()), waiting_rows(5)),
            class_name="pay",
        ),
    )


def _nothing() -> rx.Component:
    """A token that leads to no invoice one could pay, or could see."""
    title = rx.match(P.state, *((state.value, words) for state, words in TITLES.items()), "Nothing to pay here")
    return rx.el.article(
        rx.el.h1(title),
        rx.el.p(P.sentence, class_name="mt-2"),
        rx.cond(P.practice_name != "", _practice()),
        class_name="paper",
    )


def _invoice() -> rx.Component:
    return rx.fragment(
        rx.el.article(
            rx.el.p(P.practice_name, class_name="pay-practice wrap"),
            rx.el.div(
                rx.el.h1("Invoice ", rx.el.span(P.number, class_name="whitespace-nowrap")),
                rx.cond(P.badge != "", rx.el.span(P.badge, class_name="badge", data_status=P.badge)),
                class_name="spread",
            ),
            rx.el.p(
                "Issued ",
                P.issue_date,
                rx.cond(P.due_date != "", f", due {P.due_date}", ""),
                class_name="muted small figures",
            ),
            _amount(),
            rx.cond(P.sentence != "", rx.el.p(P.sentence, class_name="callout mt-4", role="status")),
            rx.el.ul(rx.foreach(P.lines, _line), class_name="pay-lines"),
            rx.el.dl(
                _sum("Subtotal", P.subtotal),
                _sum("Discount", P.discount),
                _sum("VAT", P.tax),
                _sum("Total", P.total, "pay-total"),
                _sum("Paid", P.paid),
                _sum("Given back", P.refunded),
                class_name="facts facts-sums",
            ),
            _papers(),
            _practice(),
            class_name="paper",
        ),
        rx.cond(P.url != "", _button()),
    )


def _amount() -> rx.Component:
    return rx.el.div(
        rx.el.span(P.figure_name, class_name="muted small"),
        rx.el.div(P.figure, class_name="big", data_testid="amount-due"),
        class_name="mt-5",
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(line.description, class_name="wrap"),
            rx.el.span(
                line.service_date,
                rx.cond(line.quantity != "1", f" \u00d7 {line.quantity}", ""),
                class_name="muted small",
            ),
            class_name="grid min-w-0",
        ),
        rx.el.span(line.total, class_name="money"),
        class_name="spread",
    )


def _sum(words: str, amount: Any, look: str = "") -> rx.Component:
    return rx.cond(amount != "", rx.el.div(rx.el.dt(words), rx.el.dd(amount), class_name=look))


def _papers() -> rx.Component:
    return rx.el.div(
        _paper(P.receipt_document_id, "Receipt (PDF)"),
        _paper(P.invoice_document_id, "Invoice (PDF)"),
        class_name="flex flex-wrap gap-4 mt-5 no-print",
    )


def _paper(document_id: Any, words: str) -> rx.Component:
    link = rx.el.a(
        words, href=f"/documents/{document_id}.pdf?token={S.key}", target="_blank", rel="noopener", class_name="link"
    )
    return rx.cond(document_id, link)


def _practice() -> rx.Component:
    return rx.el.div(
        rx.el.p("Questions? Ask ", rx.el.strong(P.practice_name), ".", class_name="wrap"),
        rx.el.p(
            rx.cond(
                P.practice_email != "",
                rx.el.a(P.practice_email, href=f"mailto:{P.practice_email}", class_name="link wrap"),
            ),
            rx.cond(
                P.practice_phone != "",
                rx.el.a(P.practice_phone, href=f"tel:{P.practice_phone}", class_name="link figures"),
            ),
            class_name="flex flex-wrap gap-x-4",
        ),
        class_name="muted small pay-foot",
    )


def _button() -> rx.Component:
    return rx.el.div(
        rx.el.a(
            f"Pay {P.due}",
            href=P.url,
            reload_document=True,  # where to pay is no page of this app, even where it has the same origin
            class_name="btn btn-primary figures pay-button",
        ),
        class_name="pay-bar no-print",
    )
