"""The parts most pages are made of: head, facts, empty lists, waiting, more rows, timelines, problems."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.links import to


def head(title: Any, *actions: rx.Component, under: rx.Component | None = None) -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.el.h1(title, class_name="wrap"), under or rx.fragment(), class_name="min-w-0 flex-1"),
        rx.el.div(*actions, class_name="acts") if actions else rx.fragment(),
        class_name="head",
    )


def search_box(value: rx.Var[str], on_change: Any, hint: str, name: str = "search") -> rx.Component:
    return rx.el.div(
        rx.el.label("Search", html_for=name, class_name="label"),
        rx.el.input(
            id=name,
            type="search",
            default_value=value,
            placeholder=hint,
            on_change=on_change,
            auto_complete="off",
            max_length=200,
            class_name="input",
        ),
        role="search",
        class_name="search",
    )


def fact(name: str, value: Any, *more: rx.Component) -> rx.Component:
    """One line of a list of facts; a dash where there is nothing to say."""
    return rx.el.div(
        rx.el.dt(name), rx.el.dd(rx.cond(value != "", value, rx.el.span("\u2013", class_name="muted")), *more)
    )


def facts(*children: rx.Component) -> rx.Component:
    return rx.el.dl(*children, class_name="facts")


def section(title: Any, *children: Any, beside: rx.Component | None = None, **given: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2(title), beside or rx.fragment(), class_name="section-head"),
        *children,
        class_name="section",
        **given,
    )


def empty(sentence: Any, *more: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.p(sentence), *more, class_name="empty")


def waiting_rows(count: int = 6) -> rx.Component:
    """The shape of a list that has not arrived; stays unseen for a moment, so that a quick answer shows none of it."""
    return rx.el.div(
        *(rx.el.div(class_name="skeleton") for _ in range(count)),
        rx.el.span("Loading", class_name="unseen"),
        class_name="skeletons",
        role="status",
    )


def more_button(is_there: rx.Var[bool], on_click: Any) -> rx.Component:
    return rx.cond(
        is_there,
        rx.el.div(rx.el.button("Show more", type="button", class_name="btn", on_click=on_click), class_name="more"),
    )


def timeline(entries: Any) -> rx.Component:
    """The latest first; `entries` have when, who and what."""
    return rx.el.ol(rx.foreach(entries, _entry), class_name="timeline")


def _entry(entry: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(entry.what, class_name="wrap"),
        rx.el.span(rx.el.span(entry.when, class_name="figures"), " \u00b7 ", entry.who, class_name="muted small wrap"),
    )


def problem_page(sentence: Any, way: rx.Component) -> rx.Component:
    """In place of what cannot be shown."""
    return rx.el.div(
        rx.el.h1("Not here", class_name="mb-2"), rx.el.p(sentence, class_name="muted"), way, _help(), class_name="empty"
    )


def _help() -> rx.Component:
    return rx.el.p(to(routes.HELP, "Help"), class_name="mt-4")


def said(sentence: rx.Var[str]) -> rx.Component:
    """A sentence for a whole form, beside its buttons."""
    return rx.el.p(sentence, role="alert", class_name="error empty:hidden")
