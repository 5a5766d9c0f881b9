"""The forms a client's profile is filled in with, part by part."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.fields import described, field, text_field
from trova_app.components.links import to
from trova_app.components.page_parts import said, section
from trova_app.state.client import ClientPage as S

A = S.shown


def fault(name: str) -> rx.Var[str]:
    return S.faults.get(name, "")


def _face(name: str) -> rx.Var[str]:
    return name + "." + S.faces.get(name, 0).to(str)


def box(label: Any, name: str, value: Any = None, **given: Any) -> rx.Component:
    """One line of a form, drawn anew when the others' text is taken."""
    shown = getattr(A, name) if value is None else value
    return rx.fragment(
        text_field(label, name, value=shown, error=fault(name), auto_complete="off", **given), key=_face(name)
    )


def paragraph(label: str, name: str) -> rx.Component:
    control = rx.el.textarea(
        id=name,
        name=name,
        default_value=getattr(A, name),
        rows="3",
        class_name="input",
        custom_attrs=described(name, fault(name)),
    )
    return rx.fragment(field(label, name, control, error=fault(name), class_name="all"), key=_face(name))


def part(
    name: str, title: str, shown: rx.Component, *fields: rx.Component, label: str, may_edit: Any = True
) -> rx.Component:
    """A part of the profile: as facts, or as the form that fills them in. `label` names it in "Edit ..."."""
    is_editing = S.editing == name
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
        no_validate=True,
        class_name="form-grid",
        custom_attrs={"data-kept": "yes", "aria-label": title},
    )
    ways = rx.cond(A.may_edit & may_edit & ~is_editing, edit)
    return section(title, rx.cond(is_editing, form, shown), beside=ways, id=name)


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
                            rx.el.td(d.field),
                            rx.el.td(d.theirs, class_name="wrap"),
                            rx.el.td(d.mine, class_name="wrap"),
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
