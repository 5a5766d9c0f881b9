"""Settings: what stands on the practice's documents and how it works."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

import reflex as rx

from trova_app import help_topics
from trova_app.components.browser import PostForm, asked
from trova_app.components.fields import described, field, text_field
from trova_app.components.frame import framed
from trova_app.components.links import how
from trova_app.components.page_parts import empty, head, said, waiting_rows
from trova_app.domain.money import CURRENCIES
from trova_app.pages.country_names import COUNTRY_NAMES
from trova_app.pages.settings_payments import settings_tabs
from trova_app.pages.settings_tax import tax_rates
from trova_app.state.settings import SettingsPage as S
from trova_app.web import logo

A = S.shown
PAYMENT_TYPES = (("online", "Online Payment"), ("other", "Other Payment"), ("insurance", "Insurance Payment"))
LOGO_WORDS = {
    logo.SAVED: "The logo is saved. Documents from now on carry it.",
    logo.TOO_LARGE: "Choose a picture of at most 512 kB.",
    logo.WRONG: "Choose a PNG or JPEG picture of at most 3000 by 3000 pixels.",
    logo.CHANGED: "Somebody changed these settings in the meantime. Please choose the picture again.",
}


def settings() -> rx.Component:
    form = rx.fragment(_form(), _rates(), _logo())
    return framed(
        "Settings",
        head("Settings", under=rx.el.p("The practice and its documents.", class_name="muted mt-1")),
        settings_tabs("practice", "page"),
        rx.cond(A, form, rx.cond(S.problem != "", empty(S.problem, how(help_topics.PRACTICE)), waiting_rows())),
        narrow=True,
    )


def _fault(name: str) -> rx.Var[str]:
    return S.faults.get(name, "")


def _text(label: str, name: str, **given: Any) -> rx.Component:
    return text_field(label, name, value=getattr(A, name), error=_fault(name), auto_complete="off", **given)


def _number(label: str, name: str, hint: str) -> rx.Component:
    return text_field(
        label,
        name,
        value=getattr(A, name).to_string(),
        error=_fault(name),
        hint=hint,
        input_mode="numeric",
        auto_complete="off",
    )


def _choice(label: str, name: str, choices: Sequence[tuple[str, str]], hint: str = "") -> rx.Component:
    control = rx.el.select(
        *(rx.el.option(words, value=value) for value, words in choices),
        id=name,
        name=name,
        default_value=getattr(A, name),
        class_name="input",
        custom_attrs=described(name, _fault(name)),
    )
    return field(label, name, control, error=_fault(name), hint=hint)


def _tick(label: str, name: str, hint: str) -> rx.Component:
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                id=name,
                name=name,
                default_checked=getattr(A, name),
                custom_attrs=described(name, _fault(name)),
            ),
            rx.el.span(label),
            html_for=name,
            class_name="check",
        ),
        rx.el.span(hint, class_name="hint"),
        rx.el.span(_fault(name), id=f"{name}-error", class_name="error empty:hidden", role="alert"),
        class_name="field",
    )


def _group(title: str, words: str, *fields: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2(title), rx.el.p(words, class_name="muted small mt-1"), class_name="group-words"),
        rx.el.div(*fields, class_name="form-grid"),
        class_name="section group",
    )


def _address() -> rx.Component:
    control = rx.el.textarea(
        id="address",
        name="address",
        default_value=A.address,
        rows="5",
        class_name="input",
        custom_attrs=described("address", _fault("address")),
    )
    return field("Address", "address", control, error=_fault("address"), class_name="all")


def _time_zone() -> rx.Component:
    places = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return _choice("Time zone", "time_zone", [(zone, zone.replace("_", " ")) for zone in ("UTC", *places)])


def _form() -> rx.Component:
    return rx.el.form(
        _group(
            "Practice",
            "As it stands on invoices, receipts and claims.",
            _text("Name", "name", class_name="all"),
            _address(),
            _text("Phone", "phone", type="tel"),
            _text("Mail address", "email", type="email", hint="Answers to letters go here."),
            _text("Practice number", "practice_number", hint="The practice code number (BHF), needed on claims."),
            _text("Council number", "council_number"),
        ),
        _group(
            "Place and money",
            "How dates and amounts are written.",
            _choice("Country", "country", sorted(COUNTRY_NAMES.items(), key=lambda one: one[1])),
            _choice("Currency", "currency", [(code, code) for code in CURRENCIES]),
            _time_zone(),
        ),
        _group(
            "Tax",
            "Only a registered practice charges tax. Issued documents stay as they are.",
            _tick("Charge tax", "charges_tax", "Documents become tax invoices."),
            _tick("Prices include tax", "prices_include_tax", "Off: tax is added on top of each price."),
            _text("Tax number", "tax_number"),
        ),
        _group(
            "Bank account",
            "Printed on invoices that are not paid online.",
            _text("Bank", "bank_name"),
            _text("Account name", "bank_account_name"),
            _text("Account number", "bank_account_number"),
            _text("Branch code", "bank_branch_code"),
        ),
        _group(
            "Documents",
            "Numbering, letters and what is proposed when a session is completed.",
            _text("Number prefix", "number_prefix", hint="DEMO makes DEMO-0042. Numbers go on without a gap."),
            _text("Sender's name", "sender_name", hint="In letters; empty for the practice's name."),
            _choice("Payment type proposed", "default_payment_type", PAYMENT_TYPES),
            _number("Payment terms, in days", "payment_terms_days", "From the issue date until an invoice is overdue."),
        ),
        _group(
            "Help",
            "Where your team asks when they are stuck. Stands on the Help page and in the menu.",
            _text(
                "Support address",
                "support",
                hint="A mail address, or a page (https://...).",
                class_name="all",
            ),
        ),
        _group(
            "Safety",
            "For a computer that was left open.",
            _number("Sign out after, in minutes", "idle_minutes", "Without any use: from 15 to 720 minutes."),
        ),
        rx.el.div(
            rx.el.button("Save settings", type="submit", class_name="btn btn-primary"),
            rx.el.span(S.saved, role="status", class_name="muted empty:hidden"),
            said(_fault("")),
            rx.cond(
                S.faults.length() > 0,
                rx.el.span("Please look at the marked fields.", class_name="error"),
            ),
            class_name="save-bar",
        ),
        on_submit=S.save,
        no_validate=True,
    )


def _rates() -> rx.Component:
    words = "A line is taxed at the rate of its day. A change that is announced is added ahead. Saved by itself."
    return _group("Tax rates", words, tax_rates())


def _logo() -> rx.Component:
    words = rx.match(asked("logo"), *LOGO_WORDS.items(), "")
    version = rx.el.input(type="hidden", name="version", value=A.version.to_string(), read_only=True)
    picture = rx.el.img(src=f"{logo.PATH}?v={A.version}", alt="The present logo", class_name="logo")
    chooser = PostForm.create(
        version,
        rx.el.div(
            rx.el.label("Picture", html_for="logo", class_name="label"),
            rx.el.input(
                id="logo",
                name="logo",
                type="file",
                accept="image/png,image/jpeg",
                required=True,
                class_name="input",
                custom_attrs={"aria-describedby": "logo-error"},
            ),
            rx.el.span("PNG or JPEG, at most 512 kB.", class_name="hint"),
            rx.el.span(words, id="logo-error", role="status", class_name="small empty:hidden"),
            class_name="field",
        ),
        rx.el.button("Save logo", type="submit", class_name="btn"),
        action=logo.PATH,
        method="post",
        enc_type="multipart/form-data",
        class_name="stack justify-items-start all",
    )
    remove = PostForm.create(
        version,
        rx.el.input(type="hidden", name="remove", value="yes", read_only=True),
        rx.el.button("Remove logo", type="submit", class_name="btn btn-quiet"),
        action=logo.PATH,
        method="post",
        enc_type="multipart/form-data",
    )
    present = rx.cond(A.logo != "", rx.el.div(picture, remove, class_name="flex flex-wrap items-center gap-4 all"))
    return _group("Logo", "On the top of every document. Saved by itself.", present, chooser)
