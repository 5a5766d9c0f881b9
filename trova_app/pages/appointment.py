"""One appointment: everything to know before it is billed, and what is still missing filled in on the spot."""

import reflex as rx

from trova_app import routes
from trova_app.components.browser import Whenever
from trova_app.components.frame import framed
from trova_app.components.links import back
from trova_app.components.lost import lost_texts
from trova_app.components.page_parts import head, problem_page, waiting_rows
from trova_app.pages.appointment_acts import DOT, acts, questions
from trova_app.pages.appointment_client import contact, diagnoses, missing, payer
from trova_app.pages.appointment_session import history, money, note, service_lines
from trova_app.state.appointment import AppointmentPage as S
from trova_app.state.completion import Completion
from trova_app.state.live import Live

A = S.shown


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
            on_unmount=[S.leave, Completion.put_away],
        ),
    )


def _details() -> rx.Component:
    return rx.fragment(
        back(f"{routes.APPOINTMENTS}?tab={A.tab}", "Appointments"),
        head(A.client.name, *acts(), under=_when()),
        lost_texts(A.id),
        missing(),
        rx.el.div(
            rx.el.div(contact(), payer(), diagnoses(), service_lines()),
            rx.el.aside(money(), note(), history()),
            class_name="split aside-first",
        ),
        questions(),
    )


def _when() -> rx.Component:
    return rx.el.p(
        A.service_name,
        DOT,
        rx.el.span(A.day_words, ", ", rx.el.span(A.time, class_name="whitespace-nowrap"), class_name="figures"),
        DOT,
        "with ",
        A.practitioner,
        rx.cond(A.place != "", DOT + A.place, ""),
        class_name="muted wrap mt-1",
    )
