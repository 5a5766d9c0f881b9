"""A new client: the little that is needed to begin; the rest is filled in on the profile."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.fields import text_field
from trova_app.components.frame import framed
from trova_app.components.links import back, to
from trova_app.components.page_parts import head, said
from trova_app.state.new_client import NewClient as S


def new_client() -> rx.Component:
    return framed(
        "Clients",
        back(routes.CLIENTS, "Clients"),
        head("New client", under=rx.el.p("The rest can be filled in on the profile.", class_name="muted mt-1")),
        rx.el.form(
            _box("First name", "first_name", auto_focus=True),
            _box("Last name", "last_name"),
            _box("Mail address", "email", type="email", hint="Invoices go here."),
            _box("Phone", "phone", type="tel"),
            _box("Date of birth", "birth_date", type="date"),
            _alike(),
            rx.el.div(
                rx.el.button(
                    rx.cond(S.alike.length() > 0, "Add as another person", "Add client"),
                    type="submit",
                    class_name="btn btn-primary",
                    disabled=~rx.State.is_hydrated,  # before that nothing hears a press
                ),
                to(routes.CLIENTS, "Cancel", class_name="btn"),
                said(_fault("")),
                class_name="form-end",
            ),
            on_submit=S.save,
            no_validate=True,
            class_name="form-grid",
            on_unmount=S.leave,
        ),
        narrow=True,
    )


def _alike() -> rx.Component:
    return rx.cond(
        S.alike.length() > 0,
        rx.el.div(
            rx.el.p("Somebody like this is there already. Is it the same person?", class_name="font-medium"),
            rx.el.ul(
                rx.foreach(
                    S.alike,
                    lambda one: rx.el.li(
                        to(f"{routes.CLIENTS}/{one.id}", one.name), ", ", one.words, class_name="wrap"
                    ),
                ),
                class_name="plain-list mt-2",
            ),
            role="alert",
            class_name="callout callout-warn all",
        ),
    )


def _fault(name: str) -> rx.Var[str]:
    return S.faults.get(name, "")


def _box(label: str, name: str, **given: Any) -> rx.Component:
    return text_field(label, name, error=_fault(name), auto_complete="off", **given)
