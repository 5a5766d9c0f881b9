"""What an invoice's acts ask before they are done."""

from typing import Any

import reflex as rx

from trova_app.components.dialog import dialog, dialog_buttons
from trova_app.components.fields import described, field, text_field
from trova_app.components.page_parts import said
from trova_app.domain.invoices import METHOD_WORDS, PaymentMethod
from trova_app.state.invoice import InvoicePage as S

A = S.shown
BY_HAND = [method for method in PaymentMethod if method is not PaymentMethod.ONLINE]


def questions() -> rx.Component:
    return rx.fragment(
        _mark_paid(), _mail_to_insurer(), _mark_submitted(), _mail_again(), _reopen(), _correct(), _void()
    )


def _fault(name: str) -> rx.Var[str]:
    return S.faults.get(name, "")


def _question(
    name: str, title: str, words: Any, submit: Any, act: Any, *fields: rx.Component, look: str = "btn btn-primary"
) -> rx.Component:
    form = rx.el.form(
        *fields,
        rx.el.div(
            said(_fault("")),
            dialog_buttons(rx.el.button(submit, type="submit", class_name=look), cancel=S.question("")),
            class_name="all",
        ),
        on_submit=act,
        no_validate=True,
        class_name="form-grid",
    )
    return dialog(S.asking == name, S.close_question, title, words, form)


def _mark_paid() -> rx.Component:
    return _question(
        "mark_paid",
        "Mark as paid",
        rx.fragment(A.due, " is due on ", A.number, "."),
        "Mark as paid",
        S.mark_paid,
        rx.el.input(type="hidden", name="seen", default_value=A.due, key=A.due),
        text_field("Amount", "amount", value=A.due, error=_fault("amount"), input_mode="decimal", auto_complete="off"),
        text_field(
            "Date received",
            "received_on",
            value=S.today,
            error=_fault("received_on"),
            type="date",
            max=S.today,
        ),
        _method(),
        text_field("Reference", "reference", error=_fault("reference"), max_length=100, auto_complete="off"),
        rx.el.label(
            rx.el.input(type="checkbox", name="mail_receipt", id="mail_receipt"),
            rx.el.span("Mail a receipt"),
            html_for="mail_receipt",
            class_name="check all",
        ),
        text_field(
            "Receipt to",
            "recipient",
            value=A.letter_email,
            error=_fault("recipient"),
            type="email",
            auto_complete="off",
            class_name="all",
        ),
    )


def _method() -> rx.Component:
    first = rx.cond(A.payment_type == "insurance", PaymentMethod.MEDICAL_AID.value, PaymentMethod.BANK_TRANSFER.value)
    chosen = rx.el.select(
        *(rx.el.option(METHOD_WORDS[method], value=method.value) for method in BY_HAND),
        id="method",
        name="method",
        default_value=first,
        class_name="input",
        custom_attrs=described("method", _fault("method")),
    )
    return field("Method", "method", chosen, error=_fault("method"))


def _recipient(value: Any, hint: str = "") -> rx.Component:
    return text_field(
        "Mail address",
        "recipient",
        value=value,
        error=_fault("recipient"),
        hint=hint,
        type="email",
        auto_complete="off",
        class_name="all",
    )


def _mail_to_insurer() -> rx.Component:
    return _question(
        "mail_to_insurer",
        "Mail to insurer",
        rx.fragment(A.number, " goes as a PDF to the scheme's claim address. Nothing is sent to the client."),
        "Mail to insurer",
        S.mail_to_insurer,
        _recipient(A.claim_email, hint="The claim address of the invoice's scheme; change it where it differs."),
    )


def _mark_submitted() -> rx.Component:
    return _question(
        "mark_submitted",
        "Mark as submitted",
        "Where the claim went by a portal or a switch. Nothing is mailed.",
        "Mark as submitted",
        S.mark_submitted,
        text_field(
            "Date submitted",
            "submitted_on",
            value=S.today,
            error=_fault("submitted_on"),
            type="date",
            max=S.today,
            class_name="all",
        ),
    )


def _mail_again() -> rx.Component:
    chosen = rx.el.select(
        rx.foreach(A.documents, lambda one: rx.el.option(f"{one.words} {one.number}", value=one.id.to_string())),
        id="document",
        name="document",
        default_value=S.mailing.id.to_string(),
        on_change=S.choose_document,
        class_name="input",
        custom_attrs=described("document", _fault("document")),
    )
    return _question(
        "mail_again",
        "Mail again",
        "The same document once more. A payment link in it stays the same one.",
        "Mail again",
        S.mail_again,
        field("Document", "document", chosen, error=_fault("document"), class_name="all"),
        rx.fragment(_recipient(S.mailing.recipient), key=S.mailing.recipient),  # another reader, another address
    )


def _correct() -> rx.Component:
    return _question(
        "correct",
        "Correct this invoice",
        rx.fragment(A.number, " becomes void and keeps its number. A Draft with the same lines takes its place."),
        "Make the Draft",
        S.correct,
        _reason(),
    )


def _void() -> rx.Component:
    return _question(
        "void",
        "Void this invoice",
        rx.fragment(A.number, " is withdrawn for good, its payment link closes, and the session opens again."),
        "Void invoice",
        S.void,
        _reason(),
        look="btn btn-danger",
    )


def _reason() -> rx.Component:
    return text_field("Reason", "reason", error=_fault("reason"), max_length=200, auto_complete="off", class_name="all")


def _reopen() -> rx.Component:
    yes = rx.el.button("Reopen session", type="button", class_name="btn btn-primary", on_click=S.reopen)
    return dialog(
        S.asking == "reopen",
        S.close_question,
        "Reopen this session?",
        "Its Draft goes away and the session stands under Open again. What was typed is kept in the form.",
        said(_fault("")),
        dialog_buttons(yes, cancel=S.question("")),
    )
