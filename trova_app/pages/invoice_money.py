"""The money of one invoice: what came, what went back, what a payer's bank is asked about; and giving back."""

from typing import Any

import reflex as rx

from trova_app.components.dialog import dialog, dialog_buttons
from trova_app.components.fields import described, field, problem, text_field
from trova_app.components.page_parts import said, section
from trova_app.domain.invoices import METHOD_WORDS, PaymentMethod
from trova_app.services.refunds import REASON_WORDS
from trova_app.state.invoice import InvoicePage as S

A = S.shown
R = S.refunding
T = S.taking_back
BY_HAND = [method for method in PaymentMethod if method is not PaymentMethod.ONLINE]
WAS_ONLINE = R.method_key == PaymentMethod.ONLINE.value
LEFT = (
    "Trova has no key of the gateway account it came through. Give it back in the gateway's own pages or by hand, then"
    " record it: one entry for each refund there, over the same amount."
)
FEES = "Gateways usually keep the fees of the payment, also when all of it goes back."


def money() -> rx.Component:
    return rx.fragment(
        _list("Payments", A.payments, _payment),
        _list("Refunds", A.refunds, _refund),
        _list("Disputes", A.disputes, _dispute),
    )


def _list(title: str, rows: Any, draw: Any) -> rx.Component:
    return rx.cond(rows.length() > 0, section(title, rx.el.ul(rx.foreach(rows, draw), class_name="plain-list")))


def _line(title: Any, under: Any, amount: Any, *more: rx.Component, act: rx.Component | None = None) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.el.span(title), under, *more, class_name="grid min-w-0 flex-1"),
        act or rx.fragment(),
        rx.el.span(amount, class_name="money"),
        class_name="spread",
    )


def _mark(state: Any, plain: str) -> rx.Component:
    return rx.cond(state != plain, rx.el.span(state, class_name="mark ml-2"))


def _under(first: Any, then: Any) -> rx.Component:
    return rx.el.span(first, rx.cond(then != "", f" \u00b7 {then}", ""), class_name="muted small figures wrap")


def _button(words: str, which: str, asks: Any) -> rx.Component:
    """Several stand below each other: its name says what it is about."""
    label = {"aria-label": f"{words}, {which}"}
    return rx.el.button(words, type="button", on_click=asks, class_name="btn btn-quiet", custom_attrs=label)


def _payment(payment: Any) -> rx.Component:
    which = f"{payment.method} of {payment.amount}, {payment.date}"
    give_back = _button("Refund", which, S.ask_refund(payment.id))
    title = rx.fragment(payment.method, _mark(payment.state, "Received"))
    act = rx.cond(payment.left != "", give_back)
    return _line(title, _under(payment.date, payment.reference), payment.amount, act=act)


def _refund(refund: Any) -> rx.Component:
    which = f"{refund.how} of {refund.amount}, {refund.date}"
    take_back = _button("Take back", which, S.ask_take_back(refund.id))
    title = rx.fragment(refund.how, _mark(refund.state, "Given back"))
    why = rx.cond(refund.problem != "", rx.el.span(refund.problem, class_name="error wrap"))
    act = rx.cond(refund.may_take_back, take_back)
    return _line(title, _under(refund.date, refund.why), f"\u2212{refund.amount}", why, act=act)


def _dispute(dispute: Any) -> rx.Component:
    title = rx.fragment("Objection at the payer's bank", _dispute_state(dispute))
    until = rx.cond(dispute.until != "", f"Evidence by {dispute.until}", "")
    return _line(title, _under(dispute.date, until), dispute.amount)


def _dispute_state(dispute: Any) -> rx.Component:
    return rx.el.span(dispute.state, class_name=rx.cond(dispute.is_open, "mark mark-danger ml-2", "mark ml-2"))


# -- giving back


def refund_question() -> rx.Component:
    by_hand = R.is_by_hand
    came = f"{R.method} of {R.amount}, received {R.date}."
    words = rx.cond(
        by_hand,
        rx.cond(WAS_ONLINE, f"{came} {LEFT}", f"{came} Give it back by hand, then record it here."),
        f"{came} It goes back the way it came. {FEES}",
    )
    form = rx.el.form(
        rx.el.input(type="hidden", name="seen", default_value=R.left, key=R.left),
        text_field("Amount", "amount", value=R.left, error=_fault("amount"), input_mode="decimal", auto_complete="off"),
        _choice("Reason", "reason", REASON_WORDS),
        rx.cond(by_hand, _how_it_went()),
        text_field(
            "Note",
            "note",
            error=_fault("note"),
            hint="Stays in your practice.",
            max_length=500,
            auto_complete="off",
            class_name="all",
        ),
        rx.cond(S.told != "", _already_told()),
        rx.el.div(
            said(_fault("")),
            dialog_buttons(
                rx.el.button(rx.cond(by_hand, "Record refund", "Refund"), type="submit", class_name="btn btn-primary"),
                cancel=S.question(""),
            ),
            class_name="all",
        ),
        on_submit=S.refund,
        no_validate=True,
        class_name="form-grid",
    )
    return rx.cond(R, dialog(S.asking == "refund", S.close_question, "Refund payment", words, form))


def take_back_question() -> rx.Component:
    words = (
        f"{T.how} of {T.amount}, {T.date}. For a refund that was written down and never made: the money counts as"
        " received again. The entry stays, marked as taken back."
    )
    form = rx.el.form(
        text_field(
            "Why",
            "reason",
            error=_fault("reason"),
            hint="Stands on the invoice's timeline.",
            max_length=200,
            auto_complete="off",
            class_name="all",
        ),
        rx.el.div(
            said(_fault("")),
            dialog_buttons(
                rx.el.button("Take back", type="submit", class_name="btn btn-primary"), cancel=S.question("")
            ),
            class_name="all",
        ),
        on_submit=S.take_back,
        no_validate=True,
        class_name="form-grid",
    )
    return rx.cond(T, dialog(S.asking == "take_back", S.close_question, "Take back refund?", words, form))


def _how_it_went() -> rx.Component:
    ways = {method.value: METHOD_WORDS[method] for method in BY_HAND}
    there = {PaymentMethod.ONLINE.value: "In the gateway's own pages"} | ways
    return rx.fragment(
        rx.cond(WAS_ONLINE, _choice("Method", "method", there), _choice("Method", "method", ways, R.method_key)),
        text_field("Date given back", "given_on", value=S.today, error=_fault("given_on"), type="date", max=S.today),
        text_field(
            "Reference",
            "reference",
            error=_fault("reference"),
            max_length=100,
            auto_complete="off",
            class_name="all",
        ),
    )


def _already_told() -> rx.Component:
    """Asked beside what was typed, which stays. The first answer takes the focus: on a phone it comes into view."""

    def answer(one: Any, place: Any) -> rx.Component:
        box = rx.el.input(
            type="radio",
            name="told",
            value=one.key,
            auto_focus=place == 0,
            custom_attrs=described("told", _fault("told")),
        )
        return rx.el.label(box, rx.el.span(one.words, class_name="wrap"), class_name="check", key=one.key)

    return rx.el.fieldset(
        rx.el.legend(rx.el.span(S.told, role="alert"), class_name="wrap"),
        rx.foreach(S.answers, answer),
        problem("told", _fault("told")),
        class_name="choose all",
    )


def _choice(label: str, name: str, choices: dict[str, str], first: Any = None) -> rx.Component:
    chosen = rx.el.select(
        *(rx.el.option(words, value=value) for value, words in choices.items()),
        id=name,
        name=name,
        default_value=next(iter(choices)) if first is None else first,
        class_name="input",
        custom_attrs=described(name, _fault(name)),
    )
    return field(label, name, chosen, error=_fault(name))


def _fault(name: str) -> rx.Var[str]:
    return S.faults.get(name, "")
