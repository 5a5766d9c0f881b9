"""Mark Session Complete: how it is paid, the line items, and the closing buttons, all on one page."""

import reflex as rx

from trova_app import routes
from trova_app.components.browser import Whenever, is_here
from trova_app.components.fields import problem
from trova_app.components.frame import framed
from trova_app.components.grid import (
    EDITS,
    FIELDS,
    SEEN,
    FocusFault,
    LinesForm,
    amount_in_button,
    figure_box,
    form_fault,
    line_items,
    sums,
)
from trova_app.components.grid_tools import OpenField, grid_keys
from trova_app.components.readiness import readiness
from trova_app.components.unsaved import SHOWN, after_draw, saved_word, touched
from trova_app.state.completion import Completion
from trova_app.state.live import Live
from trova_app.state.presence import Presence

ROUTE = f"{routes.APPOINTMENTS}/[aid]/complete"
TYPES = (
    ("online", "Online Payment", "Sends an invoice with a link to pay."),
    ("other", "Other Payment", "Cash, bank transfer or card machine."),
    ("insurance", "Insurance Payment", "The medical aid pays."),
)
METHODS = (("cash", "Cash"), ("bank_transfer", "Bank transfer"), ("card_machine", "Card machine"))
STEPS = ((1, "Payment type", "payment-type"), (2, "Line items", "line-items"), (3, "Finalize", "finalize"))


def complete() -> rx.Component:
    return framed("Appointments", completion_form())


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
        class_name="form-heading",
    )


def _stepper() -> rx.Component:
    return rx.el.nav(
        rx.el.ol(
            *[
                rx.el.li(
                    rx.el.a(
                        rx.el.span(str(n), class_name="step-number", aria_hidden="true"),
                        words,
                        href=f"#{anchor}",
                        on_click=[Completion.go(n).prevent_default, rx.scroll_to(anchor)],
                        custom_attrs={"aria-current": rx.cond(Completion.step == n, "step", "false")},
                    )
                )
                for n, words, anchor in STEPS
            ],
            class_name="stepper",
        ),
        custom_attrs={"aria-label": "Steps"},
    )


def _step(n: int, words: str, anchor: str, *children: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h2(words, id=f"{anchor}-words", class_name="step-words"),
        *children,
        id=anchor,
        class_name="step",
        custom_attrs={"data-step": str(n), "aria-labelledby": f"{anchor}-words"},
    )


def _form() -> rx.Component:
    return rx.el.div(
        _heading(),
        rx.cond(Presence.others != "", rx.el.p(Presence.others, class_name="muted small", role="status")),
        _stepper(),
        _conflict(),
        LinesForm.create(
            *_hidden(),
            _step(1, *STEPS[0][1:], _payment_type()),
            _step(2, *STEPS[1][1:], line_items(), _diagnoses(), _figures()),
            _step(3, *STEPS[2][1:], _payer(), readiness(), _preview()),
            _closing(),
            after_draw(structure=Completion.structure, known=Completion.known_rev),
            name="lines",
            on_input=lambda name, value, rev: [touched, Completion.edit(name, value, rev)],
            class_name="form",
            custom_attrs={"data-step": Completion.step.to_string(), "noValidate": True},
            key=Completion.form_of.to_string(),
        ),
        FocusFault.create(changes=Completion.marks),
        OpenField.create(changes=Completion.opening, name=Completion.opened),
        grid_keys(),
        Whenever.create(changes=Completion.asked, then=Completion.say_again(SHOWN, EDITS)),
        Whenever.create(changes=Presence.changed.to_string(), then=Completion.look_again),
        Whenever.create(changes=Live.version.to_string(), then=Completion.look_again),
        class_name="completion",
    )


def _hidden() -> list[rx.Component]:
    names = ("places", "inclusive", "symbol", "group", "point", "earlier")
    return [
        rx.el.input(type="hidden", name=name, value=Completion.style[i], read_only=True) for i, name in enumerate(names)
    ]


# -- 1


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


# -- 2


def _diagnoses() -> rx.Component:
    return rx.el.div(
        rx.el.span("Diagnosis", class_name="label", id="diagnoses-words"),
        rx.el.ul(
            rx.foreach(
                Completion.diagnoses,
                lambda d: rx.el.li(
                    rx.el.strong(d.code),
                    rx.el.span(d.words, class_name="truncate"),
                    rx.el.button(
                        rx.icon("x", size=14, aria_hidden="true"),
                        type="button",
                        class_name="chip-x",
                        on_click=Completion.remove_code(d.code),
                        custom_attrs={"aria-label": "Remove diagnosis " + d.code},
                    ),
                    class_name="chip",
                    key=d.code,
                ),
            ),
            class_name="chips",
            custom_attrs={"aria-labelledby": "diagnoses-words"},
        ),
        _code_search(),
        class_name="diagnoses",
    )


def _code_search() -> rx.Component:
    return rx.el.div(
        rx.el.input(
            placeholder="Add ICD-10 code or words",
            auto_complete="off",
            spell_check=False,
            on_change=Completion.find_codes,
            on_key_down=Completion.code_key,
            auto_focus=Completion.code_face > 0,
            role="combobox",
            class_name="input",
            key="codes" + Completion.code_face.to_string(),
            custom_attrs={
                "aria-label": "Add diagnosis",
                "aria-expanded": rx.cond(Completion.found.length() > 0, "true", "false"),
                "aria-controls": "codes-found",
                "aria-autocomplete": "list",
                "aria-activedescendant": rx.cond(Completion.active >= 0, "found-" + Completion.active.to_string(), ""),
                "aria-describedby": "diagnosis-error",
            },
        ),
        rx.el.ul(
            rx.foreach(
                Completion.found,
                lambda d, i: rx.el.li(
                    rx.el.strong(d.code),
                    rx.el.span(d.words),
                    id="found-" + i.to_string(),
                    role="option",
                    on_click=Completion.add_code(d.code),
                    custom_attrs={"aria-selected": rx.cond(Completion.active == i, "true", "false")},
                    key=d.code,
                ),
            ),
            id="codes-found",
            role="listbox",
            class_name="found empty:hidden",
            custom_attrs={"aria-label": "ICD-10 codes"},
        ),
        problem("diagnosis", Completion.problems["diagnosis"]),
        class_name="code-search",
    )


def _figures() -> rx.Component:
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


# -- 3


def _payer() -> rx.Component:
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


def _preview() -> rx.Component:
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


# -- the closing bar


def _closing() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            Completion.problem, class_name="error empty:hidden", role="alert", custom_attrs={"data-testid": "problem"}
        ),
        rx.el.div(sums(), rx.el.div(_buttons(), class_name="closing-buttons"), class_name="closing-row"),
        rx.el.div(
            rx.el.button(
                "Back",
                type="button",
                class_name="btn",
                on_click=Completion.go(Completion.step - 1),
                disabled=Completion.step == 1,
            ),
            rx.cond(
                Completion.step < 3,
                rx.el.button(
                    "Continue", type="button", class_name="btn btn-primary", on_click=Completion.go(Completion.step + 1)
                ),
            ),
            class_name="step-buttons",
        ),
        class_name="closing",
    )


def _buttons() -> rx.Component:
    return rx.match(
        Completion.payment_type,
        ("online", rx.fragment(_close("Save and Review", "save_draft"), _request())),
        (
            "other",
            rx.fragment(
                _close("Save and Review", "save_draft"),
                _close("Send", "send_invoice"),
                _close("Send Receipt", "send_receipt", primary=True),
            ),
        ),
        ("insurance", _close("Generate invoice", "bill_insurer", primary=True)),
        rx.fragment(),
    )


def _close(words: str, act: str, *, primary: bool = False, disabled: rx.Var[bool] | bool = False) -> rx.Component:
    return rx.el.button(
        words,
        type="button",
        class_name="btn btn-primary" if primary else "btn",
        disabled=disabled,
        on_click=Completion.finish(act, FIELDS, SEEN),
    )


def _request() -> rx.Component:
    return rx.el.button(
        "Request payment",
        amount_in_button(name="due"),
        type="button",
        class_name="btn btn-primary",
        disabled=Completion.online_problem != "",
        on_click=Completion.finish("request_payment", FIELDS, SEEN),
    )


# -- two people


def _conflict() -> rx.Component:
    return rx.cond(
        Completion.conflict.length() > 0,
        rx.el.section(
            rx.el.p(Completion.conflict_with, " Which should stay?", class_name="font-medium"),
            rx.el.table(
                rx.el.thead(rx.el.tr(*[rx.el.th(words, scope="col") for words in ("Field", "Theirs", "Yours")])),
                rx.el.tbody(
                    rx.foreach(
                        Completion.conflict,
                        lambda d: rx.el.tr(rx.el.td(d.field), rx.el.td(d.theirs), rx.el.td(d.mine), key=d.field),
                    )
                ),
                class_name="table small my-3",
                custom_attrs={"aria-label": "What differs"},
            ),
            rx.el.div(
                rx.el.button("Keep mine", type="button", class_name="btn", on_click=Completion.keep_mine),
                rx.el.button("Take theirs", type="button", class_name="btn", on_click=Completion.take_theirs),
                class_name="flex gap-3",
            ),
            role="alert",
            class_name="callout callout-warn mb-4",
        ),
    )
