"""Mark Session Complete: how it is paid, the line items, and the closing buttons, all on one page."""

import reflex as rx

from trova_app import routes
from trova_app.components.browser import Whenever, is_here
from trova_app.components.closing_bar import closing_bar
from trova_app.components.conflict import conflict, to_question
from trova_app.components.diagnoses import diagnoses
from trova_app.components.fields import FocusFault, problem
from trova_app.components.form_fields import figures, payer, preview
from trova_app.components.frame import framed
from trova_app.components.grid import LinesForm, line_forms, line_items
from trova_app.components.grid_tools import OpenField, grid_keys
from trova_app.components.lost import lost_texts
from trova_app.components.readiness import readiness
from trova_app.components.steps import StepAt, step, stepper
from trova_app.components.unsaved import DONE_HERE, SHOWN, UNHEARD, UP_TO, after_draw, no_answer, saved_word
from trova_app.state.completion import Completion
from trova_app.state.live import Live
from trova_app.state.presence import Presence

ROUTE = f"{routes.APPOINTMENTS}/[aid]/complete"
TYPES = (
    ("online", "Online Payment", "Sends an invoice with a link to pay."),
    ("other", "Other Payment", "Cash, bank transfer or card machine."),
    ("insurance", "Insurance Payment", "The medical aid pays."),
)


def complete() -> rx.Component:
    return framed("Appointments", rx.el.div(completion_form(), on_unmount=Completion.put_away, class_name="contents"))


def completion_form() -> rx.Component:
    """The form by itself; the page of a Draft in Billing shows it too."""
    shown = rx.cond(is_here(Completion.form_at) & (Completion.client_name != ""), _form(), _waiting())
    return rx.el.div(
        rx.cond(Completion.refusal != "", _refused(), shown), on_unmount=Completion.leave, class_name="contents"
    )


def _refused() -> rx.Component:
    return rx.el.div(
        rx.el.h1("Mark Session Complete"),
        rx.el.p(Completion.refusal, class_name="my-4", role="alert"),
        lost_texts(Completion.refused_of),
        rx.el.a("Back to the session", href=Completion.back, class_name="btn"),
        class_name="py-8",
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        rx.el.h1("Mark Session Complete", class_name="sr-only"),
        *[rx.el.div(class_name=f"skeleton {size} mb-4") for size in ("h-8 w-80", "h-16 w-full", "h-48 w-full")],
        custom_attrs={"aria-busy": "true"},
    )


def _heading() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h1(Completion.client_name),
            rx.el.p(Completion.heading, " · with ", Completion.practitioner, class_name="muted"),
            class_name="min-w-0",
        ),
        rx.el.span(
            rx.cond(Completion.is_draft, rx.el.span("Draft", class_name="badge mr-3"), rx.fragment()),
            saved_word(form=Completion.form_of, saved=Completion.saved, saved_rev=Completion.saved_rev),
            class_name="saved",
        ),
        rx.el.p(Presence.others, class_name="presence muted small", role="status"),
        class_name="form-heading",
    )


def _form() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            no_answer(saved=Completion.saved, saved_rev=Completion.saved_rev), role="status", class_name="line-cut"
        ),
        rx.el.div(to_question(), class_name="line-cut"),
        _heading(),
        stepper(),
        conflict(),
        lost_texts(Completion.form_of),
        LinesForm.create(
            *_hidden(),
            step(1, _payment_type()),
            step(2, line_items(), diagnoses(), figures()),
            step(3, payer(), readiness(), preview()),
            closing_bar(),
            after_draw(structure=Completion.structure, known=Completion.known_rev),
            name="lines",
            on_input=Completion.edit,
            class_name="form",
            custom_attrs={"data-step": "1", "noValidate": True},
            key=Completion.form_of.to_string(),
        ),
        line_forms(),
        StepAt.create(form=Completion.form_of, asks=Completion.marks + Completion.opening, step=Completion.step),
        FocusFault.create(changes=Completion.marks, form="lines"),
        OpenField.create(changes=Completion.opening, name=Completion.opened),
        grid_keys(),
        Whenever.create(changes=Completion.asked, then=Completion.say_again(SHOWN, UP_TO, DONE_HERE, UNHEARD)),
        Whenever.create(changes=Presence.changed.to_string(), then=Completion.look_again),
        Whenever.create(changes=Live.version.to_string(), then=Completion.look_again),
        class_name="completion",
    )


def _hidden() -> list[rx.Component]:
    names = ("places", "inclusive", "symbol", "group", "point", "earlier")
    return [
        rx.el.input(type="hidden", name=name, value=Completion.style[i], read_only=True) for i, name in enumerate(names)
    ]


def _payment_type() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Payment type", class_name="sr-only"),
        rx.el.div(*[_choice(*choice) for choice in TYPES], class_name="choices"),
        problem("payment_type", Completion.problems["payment_type"]),
        rx.cond(
            (Completion.payment_type == "online") & (Completion.online_problem != ""),
            rx.el.p(Completion.online_problem, class_name="callout callout-warn mt-3"),
        ),
        class_name="border-0 p-0 m-0",
        key="type" + Completion.fields_face.to_string(),
    )


def _choice(value: str, words: str, meaning: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="payment_type",
            value=value,
            default_checked=Completion.payment_type == value,
            custom_attrs={"aria-describedby": f"means-{value}"},
        ),
        rx.el.span(words, class_name="choice-words"),
        rx.el.span(meaning, id=f"means-{value}", class_name="choice-means", aria_hidden="true"),
        class_name="choice",
    )
