"""One client: how to reach them, who pays, and what there was."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.browser import Whenever
from trova_app.components.fields import status_badge
from trova_app.components.frame import framed
from trova_app.components.leaving import AskBeforeLeaving
from trova_app.components.links import back, to
from trova_app.components.page_parts import fact, facts, head, problem_page, section, waiting_rows
from trova_app.pages.client_forms import box, paragraph, part
from trova_app.state.client import ClientPage as S
from trova_app.state.live import Live

A = S.shown


def client() -> rx.Component:
    way_back = back(routes.CLIENTS, "Clients")
    return framed(
        "Clients",
        rx.el.div(
            Whenever.create(changes=Live.version.to_string(), then=S.refresh),
            AskBeforeLeaving.create(),
            rx.cond(A, _profile(), rx.cond(S.problem != "", problem_page(S.problem, way_back), waiting_rows())),
            on_unmount=S.leave,
        ),
    )


def _profile() -> rx.Component:
    return rx.fragment(
        back(routes.CLIENTS, "Clients"),
        head(f"{A.first_name} {A.last_name}", under=_owes()),
        rx.el.div(
            rx.el.div(_contact(), _scheme(), _diagnoses()),
            rx.el.aside(_appointments(), _invoices()),
            class_name="split",
        ),
    )


def _owes() -> rx.Component:
    return rx.cond(
        A.balance != "",
        rx.el.p("Unpaid: ", rx.el.strong(A.balance, class_name="figures"), class_name="mt-1"),
        rx.el.p("Nothing unpaid.", class_name="muted mt-1"),
    )


def _contact() -> rx.Component:
    shown = facts(
        fact("Mail address", A.email),
        fact("Phone", A.phone),
        fact("Date of birth", A.birth_date),
        fact("Address", A.address),
    )
    return part(
        "contact",
        "Contact",
        shown,
        box("First name", "first_name"),
        box("Last name", "last_name"),
        box("Date of birth", "birth_date", type="date"),
        box("Mail address", "email", type="email", hint="Invoices go here."),
        box("Phone", "phone", type="tel"),
        paragraph("Address", "address"),
        label="contact",
    )


def _scheme() -> rx.Component:
    scheme = facts(
        fact("Scheme", A.scheme),
        fact("Option", A.scheme_option),
        fact("Member number", A.member_number),
        fact("Dependant code", A.dependant_code),
        fact("Main member", A.main_member),
    )
    private = rx.el.p("Private. No medical aid is noted.", class_name="muted")
    return part(
        "scheme",
        "Medical aid",
        rx.cond(A.scheme != "", scheme, private),
        box("Scheme", "scheme", hint="Empty where the client pays."),
        box("Option", "scheme_option"),
        box("Member number", "member_number"),
        box("Dependant code", "dependant_code", input_mode="numeric"),
        box("Main member", "main_member", hint="Surname and initials, if somebody else."),
        label="medical aid",
    )


def _diagnoses() -> rx.Component:
    listed = rx.el.ul(
        rx.foreach(
            A.diagnoses,
            lambda one: rx.el.li(rx.el.strong(one[0], class_name="figures"), " ", one[1], class_name="wrap"),
        ),
        class_name="plain-list",
    )
    return rx.cond(A.diagnoses.length() > 0, section("Diagnosis", listed))


def _appointments() -> rx.Component:
    nothing = rx.el.p("No appointments yet.", class_name="muted")
    listed = rx.el.ul(rx.foreach(S.appointments, _appointment), class_name="plain-list lines-list")
    return section("Appointments", rx.cond(S.appointments.length() > 0, listed, nothing))


def _appointment(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            to(f"{routes.APPOINTMENTS}/{row.id}", row.when, class_name="cell-link"),
            rx.el.span(row.service_name, class_name="muted small wrap"),
            class_name="grid min-w-0",
        ),
        rx.el.span(row.state, class_name="mark"),
        class_name="spread",
    )


def _invoices() -> rx.Component:
    nothing = rx.el.p("No invoices yet.", class_name="muted")
    listed = rx.el.ul(rx.foreach(S.invoices, _invoice), class_name="plain-list lines-list")
    return section("Invoices", rx.cond(S.invoices.length() > 0, listed, nothing))


def _invoice(row: Any) -> rx.Component:
    name = rx.cond(row.number != "", row.number, "Draft")
    return rx.el.li(
        rx.el.span(
            to(f"{routes.BILLING}/{row.id}", name, class_name="cell-link"),
            rx.el.span(row.date, class_name="muted small"),
            class_name="grid min-w-0 flex-1",
        ),
        status_badge(row.label),
        rx.el.span(row.total, class_name="money list-money"),
        class_name="spread",
    )
