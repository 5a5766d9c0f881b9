"""Ways from one page to another without loading the app anew."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML
from reflex_components_core.react_router.dom import ReactRouterLink

from trova_app import routes
from trova_app.help_topics import Topic


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


class PlainLink(BaseHTML):
    """A link the browser follows itself (`rx.el.a` takes every address for a page's)."""

    tag = "a"
    href: rx.Var[str]
    target: rx.Var[str]
    rel: rx.Var[str]


def out(href: rx.Var[str] | str, words: Any, class_name: str = "link") -> rx.Component:
    """To somewhere else: another place of this page, a mail to write, a page that is not ours (opened beside it)."""
    beside = {} if isinstance(href, str) else {"target": "_blank", "rel": "noopener noreferrer"}
    return PlainLink.create(words, href=href, class_name=class_name, **beside)


def how(topic: Topic) -> rx.Component:
    """To the steps of a task, from where somebody might not know on."""
    link = to(f"{routes.HELP}#{topic.key}", "How this works", label=f"How this works: {topic.title}")
    return rx.el.p(link, class_name="mt-3")
