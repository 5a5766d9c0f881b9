"""Ways from one page to another without loading the app anew."""

from typing import Any

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink


def to(
    href: rx.Var[str] | str, *children: Any, class_name: str = "link", label: Any = None, **given: Any
) -> rx.Component:
    """A link within the app. `label`: its accessible name, where the words alone do not say where it leads."""
    attrs = {"aria-label": label} if label is not None else {}
    return ReactRouterLink.create(*children, to=href, class_name=class_name, custom_attrs=attrs, **given)


def back(href: rx.Var[str] | str, words: rx.Var[str] | str) -> rx.Component:
    """The way back to the list this page came from."""
    return to(href, rx.icon("chevron-left", size=16, aria_hidden="true"), words, class_name="back")


def pdf(document_id: rx.Var[int], words: Any, label: Any = None, class_name: str = "link") -> rx.Component:
    """Opens a given-out document beside this page."""
    attrs = {"aria-label": label} if label is not None else {}
    return rx.el.a(
        words,
        href=f"/documents/{document_id}.pdf",
        target="_blank",
        rel="noopener",
        class_name=class_name,
        custom_attrs=attrs,
    )
