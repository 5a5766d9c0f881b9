"""The forms a client's profile is filled in with, part by part."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.fields import described, field, problem, text_field
from trova_app.components.links import to
from trova_app.components.page_parts import said, section
from trova_app.components.part_form import open_part
from trova_app.domain.consents import CONSENT_WORDS
from trova_app.state.client import ClientPage as S
from trova_app.state.client_parts import SLOTS

A = S.shown
PLURALS = {"mail": "Mail addresses", "phone": "Phones"}
WHOSE = ("Work", "Home", "Mother", "Father", "Guardian", "Partner", "Main member")


def part(name: str, title: str, shown: rx.Component, *fields: rx.Component, label: str, hint: str = "") -> rx.Component:
    """A part of the profile: as facts, or as the form that fills them in. `label` names it in "Edit ..."."""
    is_editing = (S.editing == name) & (open_part == name)
    edit = to(
        f"{routes.CLIENTS}/{A.id}?edit={name}&v={A.version}",
        "Edit",
        id=f"edit-{name}",
        label=f"Edit {label}",
        class_name="link text-button",
    )
    form = rx.el.form(
        *fields,
        _what_differs(),
        rx.el.div(
            rx.el.button("Save", type="submit", class_name="btn btn-primary"),
            to(f"{routes.CLIENTS}/{A.id}", "Cancel", class_name="btn"),
            said(fault("")),
            class_name="form-end",
        ),
        on_submit=S.save,
        name=name,
        key=A.id.to_string(),  # nothing typed goes along to another client
        no_validate=True,
        class_name="form-grid",
        custom_attrs={"data-kept": "yes", "aria-label": title},
    )
    words = rx.el.p(hint, class_name="muted small mb-3") if hint else rx.fragment()
    drawn = rx.cond(is_editing, rx.fragment(words, form), shown)
    return section(title, drawn, beside=rx.cond(A.may_edit & ~is_editing, edit), id=name)


def fault(name: str) -> rx.Var[str]:
    return S.faults.get(name, "")


def warned(name: str) -> rx.Component:
    """What looks wrong, beside what is kept."""
    return rx.el.span(A.warnings.get(name, ""), class_name="block small look-again empty:hidden")


def _first(name: str) -> rx.Var[str]:
    return S.boxes.get(name, "")


# -- boxes


def box(label: str, name: str, **given: Any) -> rx.Component:
    given = {"auto_complete": "off"} | given
    return text_field(label, name, value=_first(name), error=fault(name), **given)


def paragraph(label: str, name: str) -> rx.Component:
    control = rx.el.textarea(
        id=name,
        name=name,
        default_value=_first(name),
        rows="3",
        class_name="input",
        custom_attrs=described(name, fault(name)),
    )
    return field(label, name, control, error=fault(name), class_name="all")


def choice(label: str, name: str, choices: Sequence[tuple[str, str]], hint: str = "") -> rx.Component:
    control = rx.el.select(
        *(rx.el.option(words, value=value) for value, words in choices),
        id=name,
        name=name,
        default_value=_first(name),
        auto_focus=True,
        class_name="input",
        custom_attrs=described(name, fault(name)),
    )
    return field(label, name, control, error=fault(name), hint=hint)


def _tick(label: Any, name: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", id=name, name=name, default_checked=_first(name) == "on"),
        rx.el.span(label),
        html_for=name,
        class_name="check",
    )


def tick(label: str, name: str) -> rx.Component:
    return rx.el.div(_tick(label, name), problem(name, fault(name)), class_name="all")


def consents() -> tuple[rx.Component, ...]:
    """A tick and the day for each."""
    return tuple(_consent(f"consent_{kind.value}", words) for kind, words in CONSENT_WORDS.items())


def _consent(name: str, words: str) -> rx.Component:
    day = f"{name}_on"
    return rx.el.div(
        _tick(words, name),
        rx.el.input(
            type="date",
            id=day,
            name=day,
            default_value=_first(day),
            class_name="input",
            custom_attrs=described(day, fault(day)) | {"aria-label": f"{words}: since"},
        ),
        problem(day, fault(day)),
        class_name="consent-row all",
    )


def custom() -> rx.Component:
    return rx.fragment(rx.foreach(A.custom, _custom))


def _custom(one: Any, n: Any) -> rx.Component:
    name = "custom_" + one.id.to(str)
    error = S.faults.get(name, "")
    return rx.el.div(
        rx.el.label(one.name, html_for=name, class_name="label wrap"),
        rx.el.input(
            id=name,
            name=name,
            default_value=S.boxes.get(name, ""),
            auto_focus=n == 0,
            auto_complete="off",
            class_name="input",
            custom_attrs={"aria-describedby": name + "-error", "aria-invalid": rx.cond(error != "", "true", "false")},
        ),
        rx.cond(one.shows_on_invoice, rx.el.span("Printed on invoices.", class_name="hint")),
        rx.el.span(error, id=name + "-error", class_name="error empty:hidden", role="alert"),
        class_name="field",
        key=name,
    )


def reaches(kind: str, words: str, *, invoices: bool = False, **given: Any) -> rx.Component:
    """Five lines at most; the next empty one is drawn when the last is filled. An emptied one is removed on saving."""
    return rx.el.fieldset(
        rx.el.legend(PLURALS[kind], class_name="label"),
        *(_reach(kind, words, n, invoices, given) for n in SLOTS),
        rx.el.datalist(*(rx.el.option(value=one) for one in WHOSE), id=f"{kind}-whose"),
        class_name="reaches all",
    )


def _reach(kind: str, words: str, n: int, invoices: bool, given: dict[str, Any]) -> rx.Component:
    name, whose = f"{kind}_{n}", f"{kind}_{n}_whose"
    goes = rx.el.label(
        rx.el.input(
            type="radio",
            name="invoices_to",
            value=str(n),
            default_checked=_first("invoices_to") == str(n),
            custom_attrs={"aria-label": f"Invoices go to {words} {n}"},
        ),
        "Invoices",
        class_name="check small",
    )
    return rx.el.div(
        rx.el.input(
            id=name,
            name=name,
            default_value=_first(name),
            placeholder=" ",
            auto_complete="off",
            class_name="input reach",
            custom_attrs=described(name, fault(name)) | {"aria-label": f"{words[0].upper()}{words[1:]} {n}"},
            **given,
        ),
        rx.el.input(
            id=whose,
            name=whose,
            default_value=_first(whose),
            list=f"{kind}-whose",
            placeholder="Own",
            auto_complete="off",
            class_name="input",
            custom_attrs=described(name, fault(whose)) | {"aria-label": f"Whose is {words} {n}"},
        ),
        goes if invoices else rx.fragment(),
        problem(name, rx.cond(fault(name) != "", fault(name), fault(whose))),
        class_name="reach-row",
    )


def _what_differs() -> rx.Component:
    """Two people wrote in the same field: both texts, and the choice."""
    return rx.cond(
        S.differences.length() > 0,
        rx.el.div(
            rx.el.p("Somebody else changed this meanwhile. Which should stay?", class_name="font-medium"),
            rx.el.table(
                rx.el.thead(rx.el.tr(*[rx.el.th(words, scope="col") for words in ("Field", "Theirs", "Yours")])),
                rx.el.tbody(
                    rx.foreach(
                        S.differences,
                        lambda d: rx.el.tr(
                            *(rx.el.td(text, class_name="wrap") for text in (d.field, d.theirs, d.mine))
                        ),
                    )
                ),
                class_name="table small my-3",
                custom_attrs={"aria-label": "What differs"},
            ),
            rx.el.div(
                rx.el.button("Keep mine", type="submit", class_name="btn"),
                rx.el.button("Take theirs", type="button", class_name="btn", on_click=S.take_theirs),
                class_name="flex gap-3",
            ),
            role="alert",
            class_name="callout callout-warn all",
        ),
    )
