"""The few things that happen in the browser itself: asking again, posting, and a word when the line is cut."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.event import no_args_event_spec
from reflex_base.utils.imports import ImportVar
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.core.banner import has_connection_errors
from reflex_components_core.el.elements.base import BaseHTML

from trova_app import routes
from trova_app.state.notices import Notices

EVERY = 600  # milliseconds


class Whenever(rx.Fragment):
    """Sends `then` once, and again each time `changes` has another value. Draws nothing."""

    changes: rx.Var[str]
    then: rx.EventHandler[no_args_event_spec]

    def _exclude_props(self) -> list[str]:
        return ["changes", "then"]

    def add_imports(self) -> dict[str, str]:
        return {"react": "useEffect"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        fire = rx.Var.create(self.event_triggers["then"])
        data = VarData.merge(fire._get_all_var_data(), self.changes._get_all_var_data())
        return [rx.Var(f"useEffect(() => {{ ({fire!s})() }}, [{self.changes!s}])", _var_data=data)]


class Meanwhile(rx.Fragment):
    """Sends `then` every so often for as long as `when` holds: for what moves on by itself. Draws nothing."""

    when: rx.Var[bool]
    then: rx.EventHandler[no_args_event_spec]

    def _exclude_props(self) -> list[str]:
        return ["when", "then"]

    def add_imports(self) -> dict[str, str]:
        return {"react": "useEffect"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        fire = rx.Var.create(self.event_triggers["then"])
        data = VarData.merge(fire._get_all_var_data(), self.when._get_all_var_data())
        again = f"const again = setInterval(() => ({fire!s})(), {EVERY}); return () => clearInterval(again);"
        return [rx.Var(f"useEffect(() => {{ if ({self.when!s}) {{ {again} }} }}, [{self.when!s}])", _var_data=data)]


class PostForm(BaseHTML):
    """A form the browser posts by itself (`rx.el.form` always prevents that)."""

    tag = "form"
    action: rx.Var[str]
    method: rx.Var[str]
    enc_type: rx.Var[str]


class Download(BaseHTML):
    """A link the browser fetches as a file, the page staying as it is (`rx.el.a` takes every address for a page's)."""

    tag = "a"
    href: rx.Var[str]
    download: rx.Var[bool]


def asked(name: str) -> rx.Var[str]:
    """What stands after `name=` in the page's address, "" without it; read in the browser, no server needed."""
    read = f"() => new URLSearchParams(window.location.search).get('{name}') ?? ''"
    hook = f"const asked_{name} = useSyncExternalStore(() => () => {{}}, {read}, () => '')"
    imports = {"react": [ImportVar("useSyncExternalStore")]}
    return rx.Var(f"asked_{name}", _var_type=str, _var_data=VarData(imports=imports, hooks={hook: None}))


def is_here(path: rx.Var[str]) -> rx.Var[bool]:
    """Whether the browser shows the page at `path`; known to it before the server has heard of the page."""
    hook = "const { pathname: here_now } = useLocation()"
    data = VarData(imports={"react-router": [ImportVar("useLocation")]}, hooks={hook: None})
    return rx.Var(
        f"(here_now.replace(/.\\/$/, (end) => end[0]) === {path!s})",
        _var_type=bool,
        _var_data=VarData.merge(data, path._get_all_var_data()),
    )


@rx.memo
def connection_notice() -> rx.Component:
    """Stands while the line to the server is cut; its delay (`calm` in the style sheet) hides short breaks. It hangs
    where it is put, over the space between the bar and the page."""
    return rx.cond(
        has_connection_errors,
        rx.el.div(
            rx.el.span("Reconnecting. What you typed stays on this page.", class_name="calm"),
            role="status",
            class_name="line-cut",
        ),
    )


@rx.memo
def notice() -> rx.Component:
    return rx.el.div(
        rx.cond(
            Notices.text != "",
            rx.el.div(
                rx.el.span(Notices.text, class_name="flex-1"),
                rx.el.button(
                    "Close",
                    on_click=Notices.dismiss,
                    type="button",
                    class_name="pointer-events-auto link text-button",
                ),
                data_problem=Notices.is_problem,
                class_name="notice",
            ),
        ),
        role="status",
        aria_live="polite",
        class_name="pointer-events-none fixed top-24 left-1/2 z-50 w-full max-w-lg -translate-x-1/2 px-4 "
        "empty:hidden",  # below the way about, and never in the way of a click
    )


def broken_page() -> rx.Component:
    """Catches what goes wrong while a page is drawn in the browser."""
    words = rx.el.main(
        rx.el.h1("This page could not be shown."),
        rx.el.p(
            "What you typed was saved as you went. Loading the page again usually helps.", class_name="muted mt-2 mb-5"
        ),
        rx.el.a("Back to the appointments", href=routes.APPOINTMENTS, class_name="btn"),
        rx.el.a("Help", href=routes.HELP, class_name="link mt-4"),
        class_name="mx-auto flex min-h-screen max-w-md flex-col items-start justify-center px-6",
    )
    return ErrorBoundary.create(fallback_render=rx.Var.create(words))
