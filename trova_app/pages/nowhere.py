"""Where an address leads to no page."""

import reflex as rx

from trova_app import routes
from trova_app.components.frame import framed
from trova_app.components.links import to
from trova_app.components.page_parts import problem_page


def nowhere() -> rx.Component:
    way = to(routes.APPOINTMENTS, "To the appointments", class_name="btn mt-4")
    return framed("", problem_page("There is no page at this address. It may be mistyped, or the link is old.", way))
