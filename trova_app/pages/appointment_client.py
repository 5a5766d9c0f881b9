"""What a session's page shows of its client: contact, payer and diagnoses, and what billing still lacks of them,
filled in on the spot."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.fields import described, field, text_field
from trova_app.components.links import to
from trova_app.components.page_parts import fact, facts, said, section
from trova_app.domain.appointments import Tab
from trova_app.state.appointment import AppointmentPage as S

A = S.shown


def missing() -> rx.Component:
    return rx.cond(
        (A.missing.length() > 0) & ((A.tab == Tab.OPEN.value) | (A.tab == Tab.UPCOMING.value)),
        rx.el.div(
            rx.el.h2("Still needed for billing"),
            rx.el.ul(rx.foreach(A.missing, _missing_part), class_name="needs"),
            class_name="callout callout-warn mb-5",
        ),
    )


def _missing_part(part: Any) -> rx.Component:
    edit_contact = _edit_button("contact", "Fill in")
    here = rx.match(
        part.field,
        ("email", edit_contact),
        ("diagnosis_codes", rx.el.a("Add below", href="#diagnosis", class_name="link")),
        ("lines", rx.fragment()),
        ("practice_number", to(routes.SETTINGS, "Settings")),
        ("practitioner_number", rx.fragment()),
        ("practitioner_name", rx.fragment()),
        _edit_button("payer", "Fill in"),
    )
    return rx.el.li(rx.el.span(part.sentence), rx.cond(A.may_edit_client, here))


def _edit_button(part: str, words: str) -> rx.Component:
    name = {"contact": "the client's contact", "payer": "who pays"}[part]
    return rx.el.button(
        words,
        type="button",
        class_name="link text-button",
        on_click=S.edit(part),
        custom_attrs={"aria-label": f"{words} {name}"},
    )


def contact() -> rx.Component:
    shown = facts(
        _billed("Mail address", A.client.email, "email"),
        fact("Phone", A.client.phone),
        fact("Date of birth", A.client.born),
        fact("Address", A.client.address),
    )
    form = (
        _input("Mail address", "email", A.client.email, type="email"),
        _input("Phone", "phone", A.client.phone, type="tel", disabled=~S.keeps),
        _input("Date of birth", "birth_date", A.client.birth_date, type="date", disabled=~S.keeps),
        field(
            "Address",
            "address",
            rx.el.textarea(
                id="address",
                name="address",
                default_value=A.client.address,
                rows="3",
                disabled=~S.keeps,
                class_name="input",
                custom_attrs=described("address", _fault("address")),
            ),
            error=_fault("address"),
            class_name="all",
        ),
    )
    return _part("contact", "Client", shown, form, beside=to(f"{routes.CLIENTS}/{A.client.id}", "Profile"))


def payer() -> rx.Component:
    payer = A.payer
    private = rx.el.p("Private. No medical scheme is noted.", _mark(A.marks["scheme"]), class_name="muted")
    shown = facts(
        _billed("Scheme", payer.name, "scheme"),
        _billed("Option", payer.scheme_option, "scheme_option"),
        _billed("Member number", payer.member_number, "member_number"),
        _billed("Dependant code", payer.dependant_code, "dependant_code"),
        _billed("Main member", payer.main_member, "main_member"),
        fact("Claims go to", payer.claim_email),
    )
    form = (
        _input("Scheme", "scheme", rx.cond(payer.is_private, "", payer.name), hint="Empty where the client pays."),
        _input("Option", "scheme_option", payer.scheme_option),
        _input("Member number", "member_number", payer.member_number),
        _input("Dependant code", "dependant_code", payer.dependant_code),
        _input("Main member", "main_member", payer.main_member, hint="Surname and initials, if somebody else."),
    )
    return _part("payer", "Payer", rx.cond(payer.is_private, private, shown), form)


def _billed(name: str, value: Any, field: str) -> rx.Component:
    """A fact the session's form has too, with a word where that says otherwise than the profile."""
    return fact(name, value, _mark(A.marks[field]))


def _mark(words: Any) -> rx.Component:
    return rx.cond(words != "", rx.el.span(words, class_name="mark"))


def _keep() -> rx.Component:
    """The same tick as in the form; only where the session has one."""
    tick = rx.el.label(
        rx.el.input(type="checkbox", name="keep", checked=S.keeps, on_change=S.tick_keep),
        "Keep in the profile",
        class_name="check",
    )
    words = "For this session only. Its form then keeps nothing in the profile."
    return rx.cond(
        A.may_fill_in_here,
        rx.el.div(tick, rx.cond(S.keeps, "", rx.el.span(words, class_name="hint block")), class_name="all"),
    )


def _fault(name: str) -> rx.Var[str]:
    return S.faults.get(name, "")


def _input(label: str, name: str, value: Any, **given: Any) -> rx.Component:
    return text_field(label, name, value=value, error=_fault(name), auto_complete="off", **given)


def _part(
    part: str, title: str, shown: rx.Component, fields: tuple[rx.Component, ...], beside: rx.Component | None = None
) -> rx.Component:
    """A part of the client's profile: as facts, or as the form that fills them in."""
    is_editing = S.editing == part
    form = rx.el.form(
        *fields,
        _keep(),
        rx.el.div(
            rx.el.button(
                rx.cond(S.keeps, "Save in the profile", "Save for this session"),
                type="submit",
                class_name="btn btn-primary",
            ),
            rx.el.button("Cancel", type="button", class_name="btn", on_click=S.stop_editing),
            said(_fault("")),
            class_name="form-end",
        ),
        on_submit=S.save,
        no_validate=True,
        class_name="form-grid",
    )
    ways = rx.el.div(
        beside or rx.fragment(),
        rx.cond(A.may_edit_client & ~is_editing, _edit_button(part, "Edit")),
        class_name="flex items-center gap-6 small",
    )
    return section(title, rx.cond(is_editing, form, shown), beside=ways)


def diagnoses() -> rx.Component:
    listed = rx.cond(
        A.diagnoses.length() > 0,
        rx.el.ul(rx.foreach(A.diagnoses, _diagnosis), class_name="chips mb-3"),
        rx.el.p("None noted.", class_name="muted mb-3"),
    )
    warnings = rx.foreach(A.diagnosis_warnings, lambda words: rx.el.p(words, class_name="hint mb-2"))
    return rx.cond(
        A.may_see_diagnoses,
        section("Diagnosis", listed, warnings, rx.cond(A.may_edit_client, _add_diagnosis())),
    )


def _diagnosis(diagnosis: Any) -> rx.Component:
    remove = rx.el.button(
        rx.icon("x", size=16, aria_hidden="true"),
        type="button",
        class_name="icon-btn",
        on_click=S.remove_diagnosis(diagnosis.code),
        custom_attrs={"aria-label": f"Remove diagnosis {diagnosis.code}"},
    )
    return rx.el.li(
        rx.el.span(
            rx.el.strong(diagnosis.code, class_name="figures"), " ", diagnosis.description, _mark(diagnosis.mark)
        ),
        rx.cond(A.may_edit_client, remove, rx.el.span(class_name="pr-2")),
        class_name="chip",
    )


def _add_diagnosis() -> rx.Component:
    error = _fault("diagnosis")
    box = rx.el.input(
        id="diagnosis",
        name="diagnosis",
        list="codes",
        placeholder="ICD-10 code or words",
        on_change=S.look_up.debounce(120),
        auto_complete="off",
        max_length=200,
        class_name="input",
        custom_attrs=described("diagnosis", error),
        key=f"diagnosis-{S.face}",
    )
    return rx.el.form(
        rx.el.div(
            field("Add diagnosis", "diagnosis", box, error=error, class_name="flex-1"),
            rx.el.button("Add", type="submit", class_name="btn add-button"),
            class_name="flex gap-2 max-w-md items-start",
        ),
        rx.el.datalist(
            rx.foreach(S.codes, lambda code: rx.el.option(code.words, value=f"{code.code} {code.words}")), id="codes"
        ),
        _keep(),
        on_submit=S.add_diagnosis,
    )
