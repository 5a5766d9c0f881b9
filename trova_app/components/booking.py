"""The form for a new appointment: three fields, and what is seldom needed behind them."""

from typing import Any

import reflex as rx

from trova_app.components.dialog import dialog, dialog_buttons
from trova_app.components.fields import described, field, text_field
from trova_app.components.page_parts import said
from trova_app.state.booking import Booking as B

REPEATS = (
    ("", "Does not repeat"),
    ("week", "Every week"),
    ("week2", "Every 2 weeks"),
    ("week3", "Every 3 weeks"),
    ("week4", "Every 4 weeks"),
    ("date", "Every month on this date"),
    ("weekday", "Every month on this weekday"),
)


def booking_dialog() -> rx.Component:
    return dialog(
        B.is_open,
        B.close,
        "New appointment",
        "Past days may be entered too.",
        rx.el.form(
            _client(),
            _service(),
            text_field("Start", "starts", value=B.starts, error=_fault("starts"), type="datetime-local", step="300"),
            _more(),
            said(_fault("")),
            dialog_buttons(rx.el.button("Book", type="submit", class_name="btn btn-primary"), cancel=B.close(False)),
            on_submit=B.book,
            no_validate=True,
            class_name="stacked",
        ),
    )


def _fault(name: str) -> rx.Var[str]:
    return B.faults.get(name, "")


def _client() -> rx.Component:
    is_listed = B.found.length() > 0
    box = rx.el.input(
        id="client",
        name="client",
        default_value=B.client_name,
        placeholder="Name or mail address",
        auto_complete="off",
        spell_check=False,
        max_length=200,
        on_change=B.look_for_client,
        on_key_down=B.client_key,
        role="combobox",
        class_name="input",
        key="client" + B.face.to_string(),
        custom_attrs=described("client", _fault("client"))
        | {
            "aria-expanded": rx.cond(is_listed, "true", "false"),
            "aria-controls": "clients-found",
            "aria-autocomplete": "list",
            "aria-activedescendant": rx.cond(B.active >= 0, "client-found-" + B.active.to_string(), ""),
        },
    )
    found = rx.el.ul(
        rx.foreach(B.found, _found),
        id="clients-found",
        role="listbox",
        class_name="found found-clients empty:hidden",
        custom_attrs={"aria-label": "Clients"},
    )
    return field("Client", "client", rx.el.div(box, found, class_name="relative"), error=_fault("client"))


def _found(client: Any, n: Any) -> rx.Component:
    return rx.el.li(
        rx.el.strong(client.name),
        rx.el.span(client.words, class_name="muted small truncate"),
        id="client-found-" + n.to_string(),
        role="option",
        on_click=B.choose_client(n),
        custom_attrs={"aria-selected": rx.cond(B.active == n, "true", "false")},
        key=client.id.to_string(),
    )


def _service() -> rx.Component:
    box = rx.el.select(
        rx.el.option("Choose a service", value=""),
        rx.foreach(B.services, lambda one: rx.el.option(one.name, value=one.id.to_string())),
        id="service",
        name="service",
        default_value="",
        class_name="input",
        custom_attrs=described("service", _fault("service")),
    )
    return field("Service", "service", box, error=_fault("service"))


def _repeats() -> rx.Component:
    return rx.el.select(
        *(rx.el.option(words, value=value) for value, words in REPEATS),
        id="repeats",
        name="repeats",
        default_value="",
        class_name="input",
        custom_attrs=described("repeats", _fault("repeats")),
    )


def _more() -> rx.Component:
    with_whom = rx.el.select(
        rx.foreach(B.practitioners, lambda one: rx.el.option(one.name, value=one.id.to_string())),
        id="practitioner_id",
        name="practitioner_id",
        default_value=B.practitioner_id.to_string(),
        class_name="input",
        custom_attrs=described("practitioner", _fault("practitioner")),
    )
    return rx.el.details(
        rx.el.summary("With whom, where, how long, how often", class_name="link"),
        rx.el.div(
            field("With", "practitioner_id", with_whom, error=_fault("practitioner")),
            text_field(
                "Place", "place", error=_fault("place"), list="places", hint="Empty: where the client was last time."
            ),
            rx.el.datalist(rx.foreach(B.places, lambda place: rx.el.option(value=place)), id="places"),
            text_field(
                "Minutes",
                "minutes",
                error=_fault("minutes"),
                input_mode="numeric",
                hint="Empty: as long as the service.",
            ),
            field("Repeats", "repeats", _repeats(), error=_fault("repeats")),
            text_field("Until", "until", type="date", error=_fault("until"), hint="Empty: it goes on."),
            text_field("Note", "note", error=_fault("note"), class_name="all"),
            class_name="form-grid mt-3",
        ),
    )
