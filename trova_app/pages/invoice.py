"""One document: on the left as it was given out, on the right what stands and what to do next."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.browser import Whenever, is_here
from trova_app.components.fields import status_badge
from trova_app.components.frame import framed
from trova_app.components.links import back, pdf, to
from trova_app.components.lost import lost_texts
from trova_app.components.page_parts import facts, head, problem_page, section, timeline, waiting_rows
from trova_app.pages.complete import completion_form
from trova_app.pages.invoice_money import money, refund_question, take_back_question
from trova_app.pages.invoice_questions import questions
from trova_app.pages.invoice_sheet import sheet
from trova_app.state.completion import Completion
from trova_app.state.invoice import InvoicePage as S
from trova_app.state.live import Live

A = S.shown
TO_DECIDE = "Billing, To decide"  # as sentences say it


def invoice() -> rx.Component:
    way_back = back(routes.BILLING, "Billing")
    return framed(
        "Billing",
        rx.el.div(
            Whenever.create(changes=Live.version.to_string(), then=S.refresh),
            rx.cond(
                A,
                rx.cond(A.acts.contains("finish") & _has_form(), _draft(), _document()),
                rx.cond(S.problem != "", problem_page(S.problem, way_back), waiting_rows()),
            ),
            on_unmount=[S.leave, Completion.put_away],
            class_name="contents",
        ),
    )


def _has_form() -> rx.Var[bool]:
    return is_here(Completion.form_at) & (Completion.client_name != "")


def _draft() -> rx.Component:
    """A Draft is still the form it came from, with the same closing buttons."""
    reopen = rx.el.button("Reopen session", type="button", on_click=S.question("reopen"), class_name="btn btn-quiet")
    return rx.fragment(
        rx.el.div(back(routes.BILLING, "Billing"), _act("reopen", reopen), class_name="spread"),
        completion_form(),
        questions(),
    )


def _document() -> rx.Component:
    title = rx.cond(A.number != "", A.number, "Draft")
    under = rx.el.p(A.client_name, " \u00b7 ", A.service_name, class_name="muted wrap mt-1")
    return rx.fragment(
        back(routes.BILLING, "Billing"),
        head(title, _next_open(), under=under),
        lost_texts(A.appointment_id.to(int)),
        rx.el.div(
            rx.el.div(sheet(), money(), _letters()),
            rx.el.aside(_standing(), _papers(), _history()),
            class_name="split aside-first",
        ),
        questions(),
        refund_question(),
        take_back_question(),
    )


def _next_open() -> rx.Component:
    link = to(
        f"{routes.APPOINTMENTS}/{S.next_open}",
        "Next open session",
        rx.icon("chevron-right", size=16, aria_hidden="true"),
        class_name="btn btn-quiet",
    )
    return rx.cond(S.next_open > 0, link)


# -- what stands, and what to do next


def _standing() -> rx.Component:
    is_due = (A.status == "issued") & ~A.is_paid & ~A.is_given_back
    figure = rx.el.div(
        rx.el.span(rx.cond(is_due, "Amount due", "Total"), class_name="muted small"),
        rx.el.div(rx.cond(is_due, A.due, A.total), class_name="big"),
        class_name="mt-3",
    )
    return rx.el.div(
        rx.el.div(
            status_badge(A.label), rx.el.span(A.payment_type_words, class_name="muted small"), class_name="spread"
        ),
        figure,
        rx.foreach(A.disputes, _objection),
        rx.el.p(S.done, role="status", class_name="callout mt-3 empty:hidden wrap"),
        rx.cond(A.void_reason != "", rx.el.p("Void: ", A.void_reason, class_name="callout mt-3 wrap")),
        _acts(),
        _link(),
        rx.el.hr(class_name="rule"),
        facts(
            rx.el.div(rx.el.dt("Client"), rx.el.dd(to(f"{routes.CLIENTS}/{A.client_id}", A.client_name))),
            rx.cond(
                A.appointment_id,
                rx.el.div(
                    rx.el.dt("Session"), rx.el.dd(to(f"{routes.APPOINTMENTS}/{A.appointment_id}", A.service_date))
                ),
            ),
            _fact_if("Issued", A.issue_date),
            _fact_if("Due by", rx.cond(is_due, A.due_date, "")),
            _fact_if("Submitted", A.submitted_on),
            _fact_if("Submit by", rx.cond(A.submitted_on == "", A.submit_by, "")),
        ),
        class_name="card early",
    )


def _objection(dispute: Any) -> rx.Component:
    """It has a day by which it must be answered, so it stands at the top while it is open."""
    until = rx.cond(dispute.until != "", f" by {dispute.until}", "")
    return rx.cond(
        dispute.is_open,
        rx.el.p(
            f"The payer objected to {dispute.amount} at their bank. Answer with your evidence at the gateway",
            until,
            ".",
            class_name="callout callout-danger mt-3 wrap",
        ),
    )


def _fact_if(name: str, value: Any) -> rx.Component:
    return rx.cond(value != "", rx.el.div(rx.el.dt(name), rx.el.dd(value, class_name="figures")))


def _acts() -> rx.Component:
    """The first act a person may do is the one thing to do next."""
    form = f"{routes.APPOINTMENTS}/{A.appointment_id}/complete"
    words = {
        "mail_to_insurer": rx.cond(A.submitted_on == "", "Mail to insurer", "Mail to insurer again"),
        "mark_paid": "Mark as paid",
        "mark_submitted": "Mark as submitted",
        "reopen": "Reopen session",
        "mail_again": "Mail again",
        "correct": "Correct",
        "void": "Void",
    }
    return rx.el.div(
        _act("finish", rx.el.button("Continue", type="button", on_click=rx.redirect(form), class_name=_look("finish"))),
        *(
            _act(name, rx.el.button(label, type="button", on_click=S.question(name), class_name=_look(name)))
            for name, label in words.items()
        ),
        class_name="doc-acts mt-4",
    )


def _act(name: str, button: rx.Component) -> rx.Component:
    return rx.cond(A.acts.contains(name), button)


def _look(name: str) -> Any:
    """A claim that went out waits for its money, so from then on that comes first."""
    is_next = A.acts[0] == name
    if name == "mail_to_insurer":
        is_next = A.submitted_on == ""
    elif name == "mark_paid":
        is_next = is_next | (A.submitted_on != "")
    elif name == "mail_again":
        return "btn"
    return rx.cond(is_next, "btn btn-primary", "btn")


def _link() -> rx.Component:
    """Where the client pays, as the gateway has it."""
    words = rx.match(
        A.link.state,
        ("creating", "The payment link is on its way."),
        ("active", "Waiting for payment."),
        ("closing", "The payment link is being closed; it may still be payable."),
        ("failed", "The payment link could not be made."),
        ("paid", "Paid by the link."),
        "The payment link is closed.",
    )
    copy = rx.el.div(
        rx.el.input(
            value=A.pay_url, read_only=True, id="pay-address", class_name="input small", custom_attrs={"dir": "ltr"}
        ),
        rx.el.button(
            "Copy",
            type="button",
            on_click=[rx.set_clipboard(A.pay_url), S.copied],
            class_name="btn",
            custom_attrs={"aria-label": "Copy the pay address"},
        ),
        class_name="flex gap-2 mt-1",
    )
    return rx.cond(
        A.link,
        rx.el.div(
            rx.el.p(words, class_name="small"),
            rx.cond(A.link.problem != "", _link_problem()),
            rx.cond(
                A.pay_url != "",
                rx.el.div(rx.el.label("Pay address", html_for="pay-address", class_name="label"), copy),
            ),
            class_name="mt-4 grid gap-2",
        ),
    )


def _link_problem() -> rx.Component:
    """Where its sentence sends somebody to Billing, that is the way there."""
    words = A.link.problem.split(TO_DECIDE)
    way = rx.fragment(to(f"{routes.BILLING}#to-decide", TO_DECIDE), words[1])
    return rx.el.p(words[0], rx.cond(words.length() > 1, way), class_name="callout callout-warn small wrap")


def _papers() -> rx.Component:
    return rx.cond(
        A.documents.length() > 0,
        rx.el.section(
            rx.el.h2("Documents", class_name="mb-1"), rx.el.ul(rx.foreach(A.documents, _paper), class_name="plain-list")
        ),
    )


def _paper(document: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(document.words, " ", rx.el.span(document.number, class_name="muted"), class_name="wrap"),
        pdf(document.id, "Open PDF", label=f"Open PDF, {document.words} {document.number}"),
        class_name="spread",
    )


def _history() -> rx.Component:
    return rx.el.section(rx.el.h2("What happened", class_name="mb-2"), timeline(A.timeline))


# -- letters that went


def _letters() -> rx.Component:
    return rx.cond(
        A.mails.length() > 0,
        section("Letters", rx.el.ul(rx.foreach(A.mails, _letter), class_name="plain-list")),
    )


def _letter(mail: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.el.span(mail.words, rx.cond(mail.recipient != "", f" to {mail.recipient}", ""), class_name="wrap"),
            rx.el.span(mail.when, class_name="muted small figures"),
            rx.cond(mail.problem != "", rx.el.span(mail.problem, class_name="error wrap")),
            class_name="grid min-w-0",
        ),
        rx.el.span(mail.state, class_name="mark"),
        class_name="spread items-start!",
    )
