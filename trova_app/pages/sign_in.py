"""Signing in: a plain form that works before any script does."""

import reflex as rx

from trova_app import routes
from trova_app.components.browser import PostForm, asked, connection_notice
from trova_app.components.credentials import TOO_MANY_WORDS, WRONG_WORDS, email_field, password_field
from trova_app.components.links import out
from trova_app.settings import settings
from trova_app.web.sign_in import TOO_MANY

DEMO_PASSWORD = "trova-demo"  # noqa: S105  (printed on the demo's own sign-in page)
DEMO_PEOPLE = (
    ("Psychologist and owner", "clinician@demo.trova.test", "Enter as the psychologist"),
    ("Reception", "reception@demo.trova.test", "Enter as reception"),
)


def sign_in() -> rx.Component:
    return rx.fragment(
        connection_notice(),
        rx.el.main(
            rx.el.div(
                rx.el.h1(
                    rx.icon("circle-check-big", size=26, aria_hidden="true", class_name="text-accent"),
                    "Trova",
                    class_name="sign-in-brand",
                ),
                rx.el.p(_why(), class_name="muted mt-1 mb-6"),
                _form(),
                _demo() if settings().mode == "demo" else rx.fragment(),
                rx.el.p(out(routes.HELP, "Help", class_name="link text-button"), class_name="mt-6 text-center"),
                class_name="sign-in",
            ),
            class_name="sign-in-page",
        ),
    )


def _why() -> rx.Var[str]:
    """What brought somebody here: leaving, a time-out or an address of the practice's, or nothing of these."""
    further = rx.cond(asked("next") != "", "Sign in to go on where you were.", "Sign in to your practice.")
    return rx.cond(asked("out") != "", "You are signed out.", further)


def _form() -> rx.Component:
    return PostForm.create(
        _problem(),
        email_field(aria_describedby="problem"),
        password_field(aria_describedby="problem"),
        rx.el.input(type="hidden", name="next", value=asked("next"), read_only=True),
        rx.el.button("Sign in", type="submit", class_name="btn btn-primary w-full min-h-11!"),
        action=routes.POST_SIGN_IN,
        method="post",
        class_name="grid gap-4",
    )


def _problem() -> rx.Component:
    problem = asked("problem")
    return rx.cond(
        problem != "",
        rx.el.p(
            rx.cond(
                problem == TOO_MANY,
                TOO_MANY_WORDS,
                WRONG_WORDS,
            ),
            id="problem",
            role="alert",
            class_name="callout callout-warn",
        ),
    )


def _demo() -> rx.Component:
    """The demo's people and their password, and a way in for those who only want to look."""
    return rx.el.section(
        rx.el.h2("This is a demonstration. Nothing in it is real."),
        rx.el.ul(*(_person(*person) for person in DEMO_PEOPLE), class_name="plain-list mt-3"),
        rx.el.p("Password for both: ", rx.el.code(DEMO_PASSWORD), class_name="muted small mt-3"),
        class_name="sign-in-demo",
    )


def _person(who: str, address: str, words: str) -> rx.Component:
    enter = PostForm.create(
        rx.el.input(type="hidden", name="email", value=address, read_only=True),
        rx.el.input(type="hidden", name="password", value=DEMO_PASSWORD, read_only=True),
        rx.el.input(type="hidden", name="next", value=asked("next"), read_only=True),
        rx.el.button("Enter", type="submit", class_name="btn", custom_attrs={"aria-label": words}),
        action=routes.POST_SIGN_IN,
        method="post",
    )
    return rx.el.li(
        rx.el.span(
            rx.el.span(who, class_name="font-medium"), rx.el.code(address, class_name="wrap"), class_name="grid"
        ),
        enter,
        class_name="spread",
    )
