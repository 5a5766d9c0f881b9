"""The frame round every page: banner, the way about, and the page itself."""

import reflex as rx

from trova_app import routes
from trova_app.components.browser import PostForm
from trova_app.settings import settings

PLACES = (
    ("Appointments", routes.APPOINTMENTS, "calendar-check"),
    ("Calendar", routes.CALENDAR, "calendar-days"),
    ("Billing", routes.BILLING, "receipt-text"),
    ("Clients", routes.CLIENTS, "users"),
    ("Services", routes.SERVICES, "tags"),
    ("Outbox", routes.OUTBOX, "send"),
    ("Settings", routes.SETTINGS, "settings"),
)
BANNERS = {
    "demo": "Demonstration practice. The people are invented and no money moves.",
    "test": "Test practice. No money moves.",
}


FIRST = 4  # places in reach of the thumb on a phone; the others stand under More


def _place(words: str, href: str, icon: str, here: str, class_name: str = "") -> rx.Component:
    current = {"aria-current": "page"} if words == here else {}
    picture = rx.icon(icon, size=20, aria_hidden="true")
    return rx.el.a(picture, words, href=href, custom_attrs=current, class_name=class_name)


def _more(here: str) -> rx.Component:
    """On a phone only; elsewhere every place stands in the row."""
    later = PLACES[FIRST:]
    return rx.el.details(
        rx.el.summary(rx.icon("ellipsis", size=20, aria_hidden="true"), "More"),
        rx.el.div(*[_place(*place, here) for place in later]),
        class_name="more-places only-phone",
        custom_attrs={"data-current": str(any(words == here for words, _, _ in later)).lower()},
    )


def framed(here: str, *children: rx.Component, narrow: bool = False) -> rx.Component:
    """`here`: the place of `PLACES` this page belongs to."""
    banner = BANNERS.get(settings().mode, "")
    return rx.el.div(
        rx.el.nav(
            rx.el.a("Skip to the page", href="#page", class_name="skip"),
            class_name="absolute",
            custom_attrs={"aria-label": "Skip"},
        ),
        rx.el.aside(banner, class_name="banner", custom_attrs={"aria-label": "About this practice"})
        if banner
        else rx.fragment(),
        rx.el.header(
            rx.el.a(
                rx.icon("circle-check-big", size=22, aria_hidden="true", class_name="text-accent"),
                rx.el.span("Trova"),
                href=routes.APPOINTMENTS,
                class_name="brand",
                custom_attrs={"aria-label": "Trova, to Appointments"},
            ),
            rx.el.nav(
                *[_place(*place, here) for place in PLACES[:FIRST]],
                *[_place(*place, here, "later") for place in PLACES[FIRST:]],
                _more(here),
                class_name="nav",
                custom_attrs={"aria-label": "Main"},
            ),
            PostForm.create(
                rx.el.button("Sign out", type="submit", class_name="btn btn-quiet"),
                action=routes.POST_SIGN_OUT,
                method="post",
                class_name="only-wide",
            ),
            class_name="topbar",
        ),
        rx.el.main(*children, id="page", class_name="main main-narrow" if narrow else "main", tab_index=-1),
        class_name="frame",
    )
