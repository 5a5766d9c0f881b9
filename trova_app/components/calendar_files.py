"""Other programs' calendars, in one question in front of the calendar."""

from typing import Any

import reflex as rx

from trova_app.components.browser import Whenever
from trova_app.components.dialog import dialog
from trova_app.components.fields import described, field, text_field
from trova_app.components.page_parts import said
from trova_app.state.calendar_files import CalendarFiles as S
from trova_app.state.live import Live


def calendar_files_dialog() -> rx.Component:
    return dialog(
        S.is_open,
        S.close,
        "Other calendars",
        "Your sessions in another program, and another program's sessions here.",
        Whenever.create(changes=Live.version.to_string(), then=S.refresh),
        rx.cond(S.feed.may_have, _own()),
        rx.cond(S.may_subscribe, _others()),
        rx.el.div(
            rx.el.button("Close", type="button", class_name="btn", on_click=S.close(False)), class_name="dialog-buttons"
        ),
        wide=True,
    )


def _own() -> rx.Component:
    fresh = rx.el.div(
        rx.el.p("This is the address. It is shown this once: whoever has it can read when you are busy."),
        rx.el.code(S.address, class_name="wrap figures", custom_attrs={"data-testid": "feed-address"}),
        rx.el.button("Copy", type="button", class_name="btn justify-self-start", on_click=rx.set_clipboard(S.address)),
        class_name="callout stacked",
    )
    make = rx.el.form(
        rx.el.label(rx.el.input(type="checkbox", name="initials"), "With the clients' initials", class_name="check"),
        rx.el.div(
            rx.el.button(
                rx.cond(S.feed.since != "", "New address", "Make an address"), type="submit", class_name="btn"
            ),
            rx.cond(
                S.feed.since != "",
                rx.el.button("End it", type="button", class_name="btn", on_click=S.revoke),
            ),
            class_name="form-end",
        ),
        on_submit=S.make,
    )
    return rx.el.section(
        rx.el.h3("Your sessions elsewhere"),
        rx.el.p(
            rx.cond(
                S.feed.since != "",
                rx.fragment("An address has been in use since ", S.feed.since, ". A new one ends it."),
                "A secret address shows another program when you have sessions, and nothing else about them.",
            ),
            class_name="muted",
        ),
        rx.cond(S.address != "", fresh),
        make,
        class_name="section stacked",
    )


def _others() -> rx.Component:
    practitioner = rx.el.select(
        rx.foreach(S.practitioners, lambda one: rx.el.option(one.name, value=one.id.to_string())),
        id="calendar-of",
        name="practitioner_id",
        class_name="input",
        custom_attrs=described("practitioner", _fault("practitioner")),
    )
    form = rx.el.form(
        text_field(
            "Address of the other calendar",
            "address",
            error=_fault("address"),
            auto_complete="off",
            class_name="all",
            hint="It begins with https:// or webcal:// and ends in .ics most of the time.",
        ),
        field("Sessions of", "calendar-of", practitioner, error=_fault("practitioner")),
        rx.el.label(
            rx.el.input(type="checkbox", name="adds_clients"),
            "Add clients who are not known here",
            class_name="check self-end",
        ),
        said(_fault("")),
        rx.el.div(rx.el.button("Read it from now on", type="submit", class_name="btn"), class_name="form-end"),
        on_submit=S.subscribe,
        no_validate=True,
        class_name="form-grid",
        key=S.face.to_string(),
    )
    return rx.el.section(
        rx.el.h3("Other programs' sessions here"),
        rx.cond(
            S.subscribed.length() > 0,
            rx.el.ul(rx.foreach(S.subscribed, _one), class_name="plain-list"),
        ),
        form,
        class_name="section stacked",
    )


def _fault(name: str) -> rx.Var[str]:
    return S.faults.get(name, "")


def _one(one: Any) -> rx.Component:
    read = rx.cond(
        one.is_waiting, "It is being read.", rx.cond(one.read != "", f"Read {one.read}, and every half hour.", "")
    )
    check = rx.el.button(
        "Check now",
        type="button",
        class_name="btn",
        disabled=one.is_waiting,
        on_click=S.check_now(one.id),
        custom_attrs={"aria-label": f"Check {one.host} now"},
    )
    stop = rx.el.button(
        "Stop",
        type="button",
        class_name="btn",
        on_click=S.unsubscribe(one.id),
        custom_attrs={"aria-label": f"Stop reading {one.host}"},
    )
    return rx.el.li(
        rx.el.div(
            rx.el.strong(one.host),
            rx.el.span(f" for {one.practitioner}", class_name="muted"),
            rx.el.p(read, class_name="muted small"),
            rx.cond(one.problem != "", rx.el.p(one.problem, class_name="small")),
            class_name="min-w-0 wrap grow basis-56",
        ),
        rx.el.div(check, stop, class_name="acts"),
        class_name="spread",
        key=one.id.to_string(),
    )
