"""One appointment: everything to know before it is billed, and what is still missing filled in on the spot."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.browser import Whenever
from trova_app.components.dialog import dialog, dialog_buttons
from trova_app.components.fields import described, field, status_badge, text_field
from trova_app.components.frame import framed
from trova_app.components.links import back, to
from trova_app.components.moving import reschedule_dialog, told, which_sessions
from trova_app.components.page_parts import (
    fact,
    facts,
    head,
    problem_page,
    said,
    section,
    timeline,
    waiting_rows,
)
from trova_app.domain.appointments import Tab
from trova_app.services.standing import REASONS
from trova_app.state.appointment import AppointmentPage as S
from trova_app.state.live import Live
from trova_app.state.moving import Moving

A = S.shown
DOT = " \u00b7 "


def appointment() -> rx.Component:
    way_back = back(routes.APPOINTMENTS, "Appointments")
    return framed(
        "Appointments",
        rx.el.div(
            Whenever.create(changes=Live.version.to_string(), then=S.refresh),
            rx.cond(
                A,
                _details(),
                rx.cond(S.problem != "", problem_page(S.problem, way_back), waiting_rows()),
            ),
            on_unmount=S.leave,
        ),
    )


def _details() -> rx.Component:
    return rx.fragment(
        back(f"{routes.APPOINTMENTS}?tab={A.tab}", "Appointments"),
        head(A.client.name, *_acts(), under=_when()),
        _missing(),
        rx.el.div(
            rx.el.div(_client(), _payer(), _diagnoses(), _service()),
            rx.el.aside(_money(), _note(), _history()),
            class_name="split aside-first",
        ),
        _missed_question(),
        _cancel_question(),
        _again_question(),
        reschedule_dialog(),
        told(),
        _reopen_question(),
    )


def _when() -> rx.Component:
    return rx.el.p(
        A.service_name,
        DOT,
        rx.el.span(A.day_words, ", ", A.time, class_name="figures"),
        DOT,
        "with ",
        A.practitioner,
        rx.cond(A.place != "", DOT + A.place, ""),
        class_name="muted wrap mt-1",
    )


def _acts() -> tuple[rx.Component, ...]:
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


def _missing() -> rx.Component:
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


# -- the client


def _client() -> rx.Component:
    shown = facts(
        fact("Mail address", A.client.email),
        fact("Phone", A.client.phone),
        fact("Date of birth", A.client.birth_date),
        fact("Address", A.client.address),
    )
    form = (
        _input("Mail address", "email", A.client.email, type="email"),
        _input("Phone", "phone", A.client.phone, type="tel"),
        _input("Date of birth", "birth_date", A.client.birth_date, type="date"),
        field(
            "Address",
            "address",
            rx.el.textarea(
                id="address",
                name="address",
                default_value=A.client.address,
                rows="3",
                class_name="input",
                custom_attrs=described("address", _fault("address")),
            ),
            error=_fault("address"),
            class_name="all",
        ),
    )
    return _part("contact", "Client", shown, form, beside=to(f"{routes.CLIENTS}/{A.client.id}", "Profile"))


def _payer() -> rx.Component:
    payer = A.payer
    private = rx.el.p("Private. No medical scheme is noted.", class_name="muted")
    shown = facts(
        fact("Scheme", payer.name),
        fact("Option", payer.scheme_option),
        fact("Member number", payer.member_number),
        fact("Dependant code", payer.dependant_code),
        fact("Main member", payer.main_member),
        fact("Claims go to", payer.claim_email),
    )
    form = (
        _input("Scheme", "scheme", rx.cond(payer.scheme_id, payer.name, ""), hint="Empty where the client pays."),
        _input("Option", "scheme_option", payer.scheme_option),
        _input("Member number", "member_number", payer.member_number),
        _input("Dependant code", "dependant_code", payer.dependant_code),
        _input("Main member", "main_member", payer.main_member, hint="Surname and initials, if somebody else."),
    )
    return _part("payer", "Payer", rx.cond(payer.scheme_id, shown, private), form)


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
        rx.el.div(
            rx.el.button("Save in the profile", type="submit", class_name="btn btn-primary"),
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
        class_name="flex items-center gap-4 small",
    )
    return section(title, rx.cond(is_editing, form, shown), beside=ways)


# -- diagnoses


def _diagnoses() -> rx.Component:
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
        rx.el.span(rx.el.strong(diagnosis.code, class_name="figures"), " ", diagnosis.description),
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
        on_submit=S.add_diagnosis,
    )


# -- the session


def _service() -> rx.Component:
    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th("Code"),
                rx.el.th("Description"),
                rx.el.th("Qty", class_name="money"),
                rx.el.th("Unit price", class_name="money"),
                rx.el.th("Total", class_name="money"),
            )
        ),
        rx.el.tbody(rx.foreach(A.service_lines, _line)),
        class_name="table cards line-cards sheet-lines",
        custom_attrs={"aria-label": "Line items of the service"},
    )
    return section(
        "Line items",
        rx.cond(
            A.service_lines.length() > 0,
            table,
            rx.el.p("This service has no line items yet.", class_name="muted"),
        ),
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(line.code, class_name="figures", custom_attrs={"data-label": "Code"}),
        rx.el.td(line.description, class_name="wrap cards-title"),
        rx.el.td(line.quantity, class_name="money", custom_attrs={"data-label": "Qty"}),
        rx.el.td(line.unit_price, class_name="money", custom_attrs={"data-label": "Unit price"}),
        rx.el.td(line.total, class_name="money", custom_attrs={"data-label": "Total"}),
    )


def _money() -> rx.Component:
    document = rx.el.div(
        rx.el.div(
            rx.el.span(rx.cond(A.invoice.number != "", A.invoice.number, "Not numbered yet"), class_name="muted"),
            status_badge(A.invoice.label),
            class_name="spread mb-1",
        ),
        rx.el.div(A.invoice.total, class_name="big"),
    )
    price = rx.el.div(
        rx.el.div(rx.el.span("Price of the service", class_name="muted"), _tab_badge(), class_name="spread mb-1"),
        rx.el.div(A.service_total, class_name="big"),
        rx.el.p(A.price_words, class_name="muted small mt-1 empty:hidden"),
    )
    later = rx.el.p("It can be completed once its time has passed.", class_name="muted small mt-1")
    return rx.el.div(
        rx.cond(A.invoice, document, price),
        rx.cond(A.tab == Tab.UPCOMING.value, later),
        rx.cond(A.fee != "", rx.el.p("Fee for the missed session: ", rx.el.strong(A.fee), class_name="mt-3")),
        rx.cond(A.series != "", rx.el.p("Repeats ", A.series, ".", class_name="muted small mt-3")),
        rx.cond(A.reason != "", rx.el.p("Cancelled: ", A.reason, class_name="wrap mt-3")),
        rx.cond(
            A.unpaid_balance != "",
            rx.el.p("Unpaid from before: ", rx.el.strong(A.unpaid_balance), class_name="callout callout-warn mt-3"),
        ),
        rx.cond(
            A.last_session != "",
            rx.el.p("Last session: ", A.last_session, class_name="muted small mt-3"),
        ),
        class_name="card early",
    )


def _tab_badge() -> rx.Component:
    words = rx.match(A.tab, *((tab.value, tab.value.capitalize()) for tab in Tab), "")
    return rx.el.span(words, class_name="badge")


def _note() -> rx.Component:
    return rx.cond(
        A.note != "",
        rx.el.section(
            rx.el.h2("Note", class_name="mb-1"),
            rx.el.p(A.note, class_name="wrap whitespace-pre-line"),
            class_name="early",
        ),
    )


def _history() -> rx.Component:
    return rx.cond(
        A.timeline.length() > 0,
        rx.el.section(rx.el.h2("What happened", class_name="mb-2"), timeline(A.timeline)),
    )


# -- questions


def _missed_question() -> rx.Component:
    fee = text_field(
        "Fee",
        "fee",
        error=_fault("fee"),
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
        said(_fault("")),
        dialog_buttons(rx.el.button(words, type="submit", class_name="btn btn-primary"), cancel=S.question(""), no=no),
        on_submit=on_submit,
        no_validate=True,
        class_name="stacked",
    )


def _cancel_question() -> rx.Component:
    reason = text_field("Reason", "reason", error=_fault("reason"), list="reasons", auto_complete="off", max_length=200)
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
        said(_fault("")),
        dialog_buttons(yes, cancel=S.question("")),
    )


def _reopen_question() -> rx.Component:
    yes = rx.el.button("Reopen", type="button", class_name="btn btn-primary", on_click=S.reopen)
    return dialog(
        S.asking == "reopen",
        S.close_question,
        "Reopen this session?",
        "Its Draft goes away and the session stands under Open again. What was typed is kept in the form.",
        said(_fault("")),
        dialog_buttons(yes, cancel=S.question("")),
    )
