"""The frame round every page: banner, the way about, and the page itself."""

import reflex as rx

from trova_app import routes
from trova_app.components.browser import PostForm, Whenever, connection_notice
from trova_app.components.finder import BOX, finder
from trova_app.components.links import out, to
from trova_app.settings import settings
from trova_app.state.frame import Frame

PLACES = (
    ("Appointments", routes.APPOINTMENTS, "calendar-check"),
    ("Calendar", routes.CALENDAR, "calendar-days"),
    ("Billing", routes.BILLING, "receipt-text"),
    ("Clients", routes.CLIENTS, "users"),
    ("Services", routes.SERVICES, "tags"),
)
ON_PHONES = {"Appointments", "Calendar", "Billing", "Clients"}
"""What has a place in the bar of a phone; the others stand under More there."""
BEHIND = (
    ("Outbox", routes.OUTBOX, "send"),
    ("Settings", routes.SETTINGS, "settings"),
    ("Help", routes.HELP, ""),
)
BANNERS = {
    "demo": "Demonstration. Nobody here is real, no money moves.",
    "test": "Test practice. No money moves.",
}
MORE = "more"


def _place(words: str, href: str, icon: str, here: str, looks: str = "") -> rx.Component:
    current = {"aria-current": "page"} if words == here else {}
    sign = (
        rx.icon(icon, size=20, aria_hidden="true")
        if icon
        else rx.el.span("?", aria_hidden="true", class_name="w-5 text-center")
    )
    return rx.el.a(sign, words, href=href, custom_attrs=current, class_name=looks)


def framed(here: str, *children: rx.Component, narrow: bool = False, for_all: bool = False) -> rx.Component:
    """`here`: the place of `PLACES` or `BEHIND` this page belongs to. `for_all`: it is read without a sign-in too, and
    until the server has said by whom, its bar names no way."""
    about = rx.fragment(_main(here), _find_button(), _more_button(here), _more(here))
    way_in = rx.cond(Frame.is_nobody, out(routes.SIGN_IN, "Sign in", class_name="btn way-in"))
    is_here = Frame.person != ""
    return rx.el.div(
        Whenever.create(changes=rx.Var.create(""), then=Frame.arrive),
        rx.el.nav(
            rx.el.a("Skip to the page", href="#page", class_name="skip"),
            class_name="absolute",
            custom_attrs={"aria-label": "Skip"},
        ),
        _banner(),
        rx.el.header(_brand(), rx.cond(is_here, about, way_in) if for_all else about, class_name="topbar"),
        connection_notice(),
        rx.cond(is_here, finder()) if for_all else finder(),
        rx.el.main(*children, id="page", class_name="main main-narrow" if narrow else "main", tab_index=-1),
        class_name="frame",
    )


def _banner() -> rx.Component:
    words = BANNERS.get(settings().mode, "")
    if not words:
        return rx.fragment()
    return rx.el.aside(words, class_name="banner", custom_attrs={"aria-label": "About this practice"})


def _brand() -> rx.Component:
    return rx.el.a(
        rx.icon("circle-check-big", size=22, aria_hidden="true", class_name="text-accent"),
        rx.el.span("Trova"),
        href=routes.APPOINTMENTS,
        class_name="brand",
        custom_attrs={"aria-label": "Trova, to Appointments"},
    )


def _main(here: str) -> rx.Component:
    return rx.el.nav(
        *(_place(*place, here, "" if place[0] in ON_PHONES else "not-on-phone") for place in PLACES),
        class_name="nav",
        custom_attrs={"aria-label": "Main"},
    )


def _find_button() -> rx.Component:
    return rx.el.button(
        rx.icon("search", size=18, aria_hidden="true"),
        rx.el.span("Search"),
        rx.el.kbd("Ctrl K", aria_hidden="true"),
        type="button",
        class_name="find-button",
        custom_attrs={"popoverTarget": BOX, "aria-keyshortcuts": "Control+K Meta+K"},
    )


def _more_button(here: str) -> rx.Component:
    """The person's name where there is room for it."""
    is_here = here in {words for words, _href, _icon in BEHIND}
    return rx.el.button(
        rx.icon("ellipsis", size=20, aria_hidden="true", class_name="more-icon"),
        rx.el.span("More", class_name="more-word"),
        rx.el.span(
            rx.el.span(rx.cond(Frame.person != "", Frame.person, "More"), class_name="more-person"),
            rx.el.span(Frame.practice, class_name="more-practice"),
            class_name="more-who",
        ),
        rx.icon("chevron-down", size=16, aria_hidden="true", class_name="more-chevron"),
        type="button",
        class_name="more-button is-here" if is_here else "more-button",
        custom_attrs={"popoverTarget": MORE},
    )


def _more(here: str) -> rx.Component:
    leave = PostForm.create(
        rx.el.button(rx.icon("log-out", size=20, aria_hidden="true"), "Sign out", type="submit"),
        action=routes.POST_SIGN_OUT,
        method="post",
    )
    return rx.el.div(
        rx.el.p(
            rx.el.strong(Frame.person, class_name="wrap"),
            rx.el.span(Frame.practice, class_name="muted small wrap"),
            rx.el.span(Frame.role, class_name="muted small"),
            class_name="more-head",
        ),
        rx.el.button(
            rx.icon("search", size=20, aria_hidden="true"),
            "Search",
            type="button",
            class_name="only-phone",
            custom_attrs={"popoverTarget": BOX},
        ),
        rx.el.nav(
            *(_place(*place, here, "only-phone") for place in PLACES if place[0] not in ON_PHONES),
            *(_place(*place, here) for place in BEHIND),
            rx.cond(Frame.support != "", out(Frame.support, "Ask for support", class_name="pl-[42px]!")),
            class_name="contents",
            custom_attrs={"aria-label": "More"},
        ),
        leave,
        id=MORE,
        class_name="more-menu",
        custom_attrs={"popover": "auto"},
    )


def import_link(kind: str) -> rx.Component:
    """The way to where a list comes in, for those who may import."""
    link = to(f"{routes.IMPORTS}?kind={kind}", "Import", class_name="btn import-here", label=f"Import {kind}")
    return rx.cond(Frame.may_import, link)
