"""The document as its reader sees it."""

from typing import Any

import reflex as rx

from trova_app.components.page_parts import fact, facts
from trova_app.state.invoice import InvoicePage as S

A = S.shown


def sheet() -> rx.Component:
    kind = rx.cond(A.payment_type == "insurance", "Invoice for the insurer", "Invoice")
    return rx.el.article(
        rx.el.div(
            rx.el.h2(kind, " ", rx.el.span(A.number, class_name="whitespace-nowrap"), class_name="sheet-title"),
            rx.el.span(A.issue_date, class_name="muted figures whitespace-nowrap"),
            class_name="spread",
        ),
        facts(
            fact("For", A.client_name),
            fact("Session", f"{A.service_name}, {A.service_date}"),
            rx.cond(A.diagnoses.length() > 0, rx.el.div(rx.el.dt("Diagnosis"), rx.el.dd(_diagnoses()))),
        ),
        _lines(),
        rx.el.dl(
            _sum("Subtotal", A.subtotal, "subtotal"),
            rx.cond(A.discount != "", _sum("Discount", A.discount, "discount")),
            rx.foreach(A.taxes, lambda tax: _sum(f"VAT {tax.rate}", tax.tax, "tax")),
            rx.el.div(rx.el.dt("Total"), rx.el.dd(A.total, data_testid="total"), class_name="sheet-total"),
            _sum("Paid", A.paid, "paid"),
            rx.cond(A.refunded != "", _sum("Refunded", A.refunded, "refunded")),
            rx.cond((A.status == "void") | A.is_given_back, rx.fragment(), _sum("Amount due", A.due, "amount-due")),
            class_name="facts facts-sums sheet-sums",
        ),
        class_name="sheet",
        custom_attrs={"aria-label": "The document"},
    )


def _diagnoses() -> rx.Component:
    return rx.el.ul(
        rx.foreach(
            A.diagnoses,
            lambda one: rx.el.li(rx.el.strong(one[0], class_name="figures"), " ", one[1]),
        ),
        class_name="plain-list gap-0!",
    )


def _lines() -> rx.Component:
    heads = (("Date", ""), ("Code", ""), ("Description", ""), ("Qty", "money"), ("Price", "money"), ("Total", "money"))
    table = rx.el.table(
        rx.el.thead(rx.el.tr(*(rx.el.th(words, scope="col", class_name=looks) for words, looks in heads))),
        rx.el.tbody(rx.foreach(A.lines, _line)),
        class_name="table cards line-cards sheet-lines",
        custom_attrs={"aria-label": "Line items"},
    )
    return rx.el.div(table, class_name="scroll-x")


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(line.date, class_name="figures whitespace-nowrap muted", custom_attrs={"data-label": "Date"}),
        rx.el.td(line.code, class_name="figures muted", custom_attrs={"data-label": "Code"}),
        rx.el.td(
            line.description,
            rx.cond(line.icd != "", rx.el.span(line.icd, class_name="muted small figures block")),
            rx.cond(line.discount != "", rx.el.span("Discount ", line.discount, class_name="muted small block")),
            class_name="wrap cards-title",
        ),
        rx.el.td(line.quantity, class_name="money", custom_attrs={"data-label": "Qty"}),
        rx.el.td(line.unit_price, class_name="money", custom_attrs={"data-label": "Price"}),
        rx.el.td(line.total, class_name="money", custom_attrs={"data-label": "Total"}),
    )


def _sum(words: Any, amount: Any, name: str) -> rx.Component:
    return rx.el.div(rx.el.dt(words), rx.el.dd(amount, data_testid=name))
