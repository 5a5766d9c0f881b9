"""A question in front of the page: focus stays inside, Escape and the background close it, focus returns."""

from typing import Any

import reflex as rx
from reflex_components_radix.primitives.dialog import (
    DialogContent,
    DialogDescription,
    DialogPortal,
    DialogRoot,
    DialogTitle,
)

FOCUS_RETURNS = {
    "onOpenAutoFocus": rx.Var("() => { globalThis.cameFrom = document.activeElement }"),
    "onCloseAutoFocus": rx.Var("(e) => { e.preventDefault(); globalThis.cameFrom?.focus() }"),
}
"""Radix gives the focus back only to a trigger of its own, and our questions are opened by the server's answer."""


def dialog(
    is_open: rx.Var[bool], on_change: Any, title: Any, words: Any, *children: rx.Component, wide: bool = False
) -> rx.Component:
    """`on_change` takes whether it is open from now on. The shade is our own: Radix's writes a style element into the
    page, which the content policy refuses; `body:has([role=dialog])` holds the page still instead."""
    return DialogRoot.create(
        DialogPortal.create(
            rx.el.div(class_name="dialog-shade"),
            DialogContent.create(
                DialogTitle.create(title, class_name="dialog-title"),
                DialogDescription.create(words, class_name="muted dialog-words"),
                *children,
                class_name="dialog dialog-wide" if wide else "dialog",
                custom_attrs=FOCUS_RETURNS,
            ),
        ),
        open=is_open,
        on_open_change=on_change,
    )


def dialog_buttons(*buttons: rx.Component, cancel: Any, no: str = "Cancel") -> rx.Component:
    """Cancel first, the act last. `no`: its word, where the act itself is to cancel something."""
    return rx.el.div(
        rx.el.button(no, type="button", class_name="btn", on_click=cancel),
        *buttons,
        class_name="dialog-buttons",
    )
