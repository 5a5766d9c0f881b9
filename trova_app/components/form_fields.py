"""The fields of a completion form beside its lines: discount and money received, and what the payer is billed under."""

import reflex as rx

from trova_app.components.fields import problem
from trova_app.components.sums import figure_box, form_fault
from trova_app.state.completion import Completion

METHODS = (("cash", "Cash"), ("bank_transfer", "Bank transfer"), ("card_machine", "Card machine"))


def figures() -> rx.Component:
    return rx.el.div(
        _figure("Invoice discount", "invoice_off", "100 or 10%"),
        _figure("Cash received", "cash", rx.cond(Completion.payment_type == "other", "all of it", "0").to(str)),
        _received(),
        class_name="figure-fields",
        key="figures" + Completion.fields_face.to_string(),
    )


def _figure(words: str, name: str, hint: str | rx.Var[str]) -> rx.Component:
    return rx.el.div(
        rx.el.label(words, html_for=name, class_name="label"),
        figure_box(name=name, first=Completion.texts[name].to(str), words=hint),
        form_fault(name),
        class_name="field",
    )


def _received() -> rx.Component:
    """How and when the money came; only where it comes by hand."""
    return rx.el.div(
        rx.el.div(
            rx.el.label("How it was paid", html_for="method", class_name="label"),
            rx.el.select(
                *[rx.el.option(words, value=value) for value, words in METHODS],
                id="method",
                name="method",
                default_value=Completion.texts["method"],
                class_name="input",
            ),
            problem("method", Completion.problems["method"]),
            class_name="field",
        ),
        _text("Date received", "received_on", type="date", max=Completion.today),
        _text("Reference", "reference"),
        class_name="received",
        custom_attrs={"hidden": Completion.payment_type != "other"},
    )


def _text(words: str, name: str, **given) -> rx.Component:
    return rx.el.div(
        rx.el.label(words, html_for=name, class_name="label"),
        rx.el.input(
            id=name,
            name=name,
            default_value=Completion.texts[name],
            auto_complete="off",
            class_name="input",
            custom_attrs={
                "aria-describedby": f"{name}-error",
                "aria-invalid": rx.cond(Completion.problems[name] != "", "true", "false"),
            },
            **given,
        ),
        problem(name, Completion.problems[name]),
        class_name="field",
    )


def payer() -> rx.Component:
    """What the chosen payment type needs to know about the client, filled in here and kept where ticked."""
    return rx.el.div(
        rx.el.div(
            rx.el.div(_text("Client's mail address", "client_email", type="email"), class_name="payer-mail"),
            rx.el.div(
                _text("Medical scheme", "scheme", list="schemes"),
                _text("Option", "scheme_option"),
                _text("Member number", "member_number"),
                _text("Dependant code", "dependant_code", input_mode="numeric"),
                _text("Main member", "main_member", placeholder=Completion.client_name),
                class_name="payer-scheme",
                custom_attrs={"hidden": Completion.payment_type != "insurance"},
            ),
            rx.el.datalist(rx.foreach(Completion.schemes, lambda name: rx.el.option(value=name)), id="schemes"),
            class_name="payer",
            key="payer" + Completion.fields_face.to_string(),
        ),
        rx.el.label(
            rx.el.input(
                type="checkbox",
                name="keep",
                default_checked=Completion.texts["keep"] == "on",
                on_change=Completion.tick_keep,
            ),
            "Keep in the profile",
            class_name="check",
        ),
    )


def preview() -> rx.Component:
    return rx.el.div(
        rx.el.button(
            rx.cond(
                Completion.payment_type == "insurance",
                "Preview of what the medical aid receives",
                "Preview of what the client receives",
            ),
            type="button",
            class_name="btn btn-quiet px-0",
            on_click=Completion.toggle_preview,
            custom_attrs={"aria-expanded": rx.cond(Completion.is_previewing, "true", "false")},
        ),
        rx.cond(
            Completion.is_previewing,
            rx.el.img(
                src=f"/documents/preview/{Completion.form_of}.png?v={Completion.preview_version}",
                alt="The document as it will look",
                class_name="preview",
            ),
        ),
    )
