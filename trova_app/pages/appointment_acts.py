"""What can be done with a session from its page, and what is asked before it is done."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.dialog import dialog, dialog_buttons
from trova_app.components.fields import text_field
from trova_app.components.links import to
from trova_app.components.moving import reschedule_dialog, told, which_sessions
from trova_app.components.page_parts import said
from trova_app.domain.appointments import Tab
from trova_app.services.standing import REASONS
from trova_app.state.appointment import AppointmentPage as S
from trova_app.state.moving import Moving

A = S.shown
DOT = " \u00b7 "


def acts() -> tuple[rx.Component, ...]:
    missed = rx.el.button("Mark Session Missed", type="button", class_name="btn", on_click=S.question("missed"))
    complete = rx.el.button(
        rx.cond(A.tab == Tab.MISSED.value, "Bill the fee", "Mark Session Complete"),
        type="button",
        class_name="btn btn-primary",
        on_click=rx.redirect(f"{routes.APPOINTMENTS}/{A.id}/complete"),
    )
    reopen = rx.el.button("Reopen session", type="button", class_name="btn", on_click=S.question("reopen"))
    document = to(
        f"{routes.BILLING}/{A.invoice.id}",
        rx.cond(A.invoice.number != "", f"Open {A.invoice.number}", "Open the Draft"),
        class_name="btn btn-primary",
    )
    reschedule = rx.el.button("Reschedule", type="button", class_name="btn", on_click=Moving.ask_when(A.id))
    cancel = rx.el.button("Cancel session", type="button", class_name="btn", on_click=S.question("cancel"))
    again = rx.el.button("Put on again", type="button", class_name="btn", on_click=S.question("again"))
    return (
        rx.cond(A.may_reschedule, reschedule),
        rx.cond(A.may_reschedule, cancel),
        rx.cond(A.may_put_on_again, again),
        rx.cond(A.may_mark_missed, missed),
        rx.cond(A.may_complete, complete),
        rx.cond(A.invoice.label == "Draft", reopen),
        rx.cond(A.invoice, document),
    )


def questions() -> rx.Component:
    return rx.fragment(
        _missed_question(), _cancel_question(), _again_question(), reschedule_dialog(), told(), _reopen_question()
    )


def _missed_question() -> rx.Component:
    fee = text_field(
        "Fee",
        "fee",
        error=S.faults.get("fee", ""),
        hint="Empty: nothing is billed. With a fee, the form it is billed with comes next.",
        input_mode="decimal",
        auto_complete="off",
        placeholder=A.service_total,
    )
    return dialog(
        S.asking == "missed",
        S.close_question,
        "Mark this session as missed?",
        rx.fragment(A.client.name, DOT, A.day_words, ", ", A.time, ". Nobody is written to."),
        _asked(S.mark_missed, "Mark as missed", fee),
    )


def _asked(on_submit: Any, words: str, *fields: rx.Component, no: str = "Cancel") -> rx.Component:
    return rx.el.form(
        *fields,
        said(S.faults.get("", "")),
        dialog_buttons(rx.el.button(words, type="submit", class_name="btn btn-primary"), cancel=S.question(""), no=no),
        on_submit=on_submit,
        no_validate=True,
        class_name="stacked",
    )


def _cancel_question() -> rx.Component:
    reason = text_field(
        "Reason", "reason", error=S.faults.get("reason", ""), list="reasons", auto_complete="off", max_length=200
    )
    return dialog(
        S.asking == "cancel",
        S.close_question,
        "Cancel this session?",
        rx.fragment(A.client.name, DOT, A.day_words, ", ", A.time, ". Nobody is written to."),
        rx.el.datalist(*(rx.el.option(value=words) for words in REASONS), id="reasons"),
        _asked(S.cancel, "Cancel session", reason, rx.cond(A.series != "", which_sessions(A.series)), no="Back"),
    )


def _again_question() -> rx.Component:
    yes = rx.el.button("Put on again", type="button", class_name="btn btn-primary", on_click=S.put_on_again)
    return dialog(
        S.asking == "again",
        S.close_question,
        "Put this session on again?",
        rx.fragment(A.client.name, DOT, A.day_words, ", ", A.time, ". It stands in the calendar again."),
        said(S.faults.get("", "")),
        dialog_buttons(yes, cancel=S.question("")),
    )


def _reopen_question() -> rx.Component:
    yes = rx.el.button("Reopen", type="button", class_name="btn btn-primary", on_click=S.reopen)
    return dialog(
        S.asking == "reopen",
        S.close_question,
        "Reopen this session?",
        "Its Draft goes away and the session stands under Open again. What was typed is kept in the form.",
        said(S.faults.get("", "")),
        dialog_buttons(yes, cancel=S.question("")),
    )
