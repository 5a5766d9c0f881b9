"""A client's record as a whole: who might be the same, merging, putting away, handing over."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.browser import Download
from trova_app.components.dialog import dialog, dialog_buttons
from trova_app.components.links import to
from trova_app.components.page_parts import said, section
from trova_app.state.client import ClientPage as S

A = S.shown


def alike() -> rx.Component:
    return rx.cond(
        S.alike.length() > 0,
        rx.el.section(
            rx.el.h2("Might be the same person"),
            rx.el.ul(rx.foreach(S.alike, _alike), class_name="plain-list mt-1"),
            class_name="callout callout-warn mb-5",
        ),
    )


def _alike(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            to(f"{routes.CLIENTS}/{one.id}", one.name, class_name="font-medium underline"),
            ", ",
            one.words,
            class_name="wrap",
        ),
        rx.el.span(
            rx.el.button(
                "Merge",
                type="button",
                class_name="btn",
                on_click=S.choose_other(one.id),
                custom_attrs={"aria-label": "Merge with " + one.name + ", " + one.words},
            ),
            rx.el.button(
                "Two people",
                type="button",
                class_name="btn",
                on_click=S.tell_apart(one.id),
                custom_attrs={"aria-label": one.name + ", " + one.words + ": two people"},
            ),
            class_name="flex gap-2",
        ),
        class_name="spread flex-wrap",
    )


def record() -> rx.Component:
    archive = rx.el.button("Archive", type="button", class_name="btn", on_click=S.archive)
    bring_back = rx.el.button("Bring back", type="button", class_name="btn", on_click=S.bring_back)
    merge = rx.el.button("Merge with another client", type="button", class_name="btn", on_click=S.ask_merge)
    take_out = rx.el.div(
        Download.create("Download everything", href=f"/documents/clients/{A.id}.zip", download=True, class_name="btn"),
        rx.el.span("All that is kept, for a request of the client's own. Who took it is noted.", class_name="hint"),
        class_name="stack",
    )
    return section(
        "Record",
        rx.el.ul(rx.foreach(S.merges, _merged), class_name="plain-list mb-3 empty:hidden"),
        rx.el.div(
            rx.cond(A.may_edit, rx.cond(A.status == "archived", bring_back, archive)),
            rx.cond(A.may_merge & A.may_edit, merge),
            rx.cond(A.may_take_out, take_out),
            class_name="stack",
        ),
    )


def _merged(one: Any) -> rx.Component:
    undo = rx.el.button(
        "Undo merge",
        type="button",
        class_name="btn",
        on_click=S.undo_merge(one.id),
        custom_attrs={"aria-label": "Undo merge with " + one.name},
    )
    return rx.el.li(rx.el.span("Merged with ", one.name, class_name="wrap"), undo, class_name="spread")


# -- the question before a merge


def merge_question() -> rx.Component:
    return dialog(
        S.asking == "merge",
        S.close_question,
        "Merge with another client",
        rx.cond(
            S.other,
            rx.fragment(
                S.other.name,
                " (",
                S.other.words,
                f") becomes part of {A.first_name} {A.last_name}. Appointments and invoices go over, documents stay as "
                "they are. Where both have something noted, this client's stays. It can be undone.",
            ),
            "Look for the client who is to become part of this one.",
        ),
        rx.cond(S.other, rx.fragment(), _search()),
        said(S.question_fault),
        dialog_buttons(
            rx.cond(S.other, rx.el.button("Merge", type="button", class_name="btn btn-primary", on_click=S.merge)),
            cancel=S.close_question(False),
        ),
    )


def _search() -> rx.Component:
    return rx.el.div(
        rx.el.label("Client", html_for="other", class_name="label"),
        rx.el.input(
            id="other",
            type="search",
            placeholder="Name, mail address, phone or member number",
            on_change=S.find_other.debounce(150),
            auto_complete="off",
            max_length=200,
            class_name="input",
        ),
        rx.el.ul(
            rx.foreach(S.others, _other), class_name="plain-list mt-2", custom_attrs={"aria-label": "Found clients"}
        ),
        class_name="field my-4",
    )


def _other(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.span(row.name, class_name="font-medium"),
            rx.el.span(row.email, " ", row.phone, class_name="muted small wrap"),
            type="button",
            class_name="btn other-client",
            on_click=S.choose_other(row.id),
        )
    )
