"""Signing in: a plain form that works before any script does."""

import reflex as rx

from trova_app import routes
from trova_app.components.browser import PostForm, asked
from trova_app.settings import settings
from trova_app.web.sign_in import TOO_MANY

DEMO_PASSWORD = "trova-demo"  # noqa: S105  (printed on the demo's own sign-in page)
DEMO_ADDRESSES = (("clinician@demo.trova.test", "Psychologist and owner"), ("reception@demo.trova.test", "Reception"))

_FIELD = (
    "w-full rounded-md border border-neutral-300 bg-white px-3 h-11 text-base text-neutral-900 focus:outline-2 "
    "focus:outline-offset-1 focus:outline-teal-700 dark:border-neutral-600 dark:bg-neutral-900 dark:text-neutral-100"
)


def _problem() -> rx.Component:
    problem = asked("problem")
    return rx.cond(
        problem != "",
        rx.el.p(
            rx.cond(
                problem == TOO_MANY,
                "There were too many tries. Please wait a quarter of an hour, then try again.",
                "That address and password do not belong together. Please try again.",
            ),
            id="problem",
            role="alert",
            class_name="rounded-md bg-amber-50 px-3 py-2 text-sm text-amber-900 dark:bg-amber-950 dark:text-amber-100",
        ),
    )


def _field(label: str, name: str, kind: str, completes: str) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="mb-1 block text-sm font-medium"),
        rx.el.input(
            name=name,
            type=kind,
            auto_complete=completes,
            required=True,
            max_length=1024,
            class_name=_FIELD,
            custom_attrs={"aria-describedby": "problem"},
        ),
        class_name="block",
    )


def _demo() -> rx.Component:
    return rx.el.section(
        rx.el.h2("This is a demonstration. Nothing in it is real.", class_name="font-medium"),
        rx.el.ul(
            *(rx.el.li(rx.el.code(address), f" ({who})", class_name="mt-1") for address, who in DEMO_ADDRESSES),
        ),
        rx.el.p("Password for both: ", rx.el.code(DEMO_PASSWORD), class_name="mt-1"),
        class_name="mt-6 border-t border-neutral-200 pt-4 text-sm text-neutral-600 dark:border-neutral-700 "
        "dark:text-neutral-300",
    )


def sign_in() -> rx.Component:
    return rx.el.main(
        rx.el.div(
            rx.el.h1("Trova", class_name="text-2xl font-semibold tracking-tight text-teal-800 dark:text-teal-300"),
            rx.el.p("Sign in to your practice.", class_name="mb-6 mt-1 text-neutral-600 dark:text-neutral-300"),
            PostForm.create(
                _problem(),
                _field("E-mail", "email", "email", "username"),
                _field("Password", "password", "password", "current-password"),
                rx.el.input(type="hidden", name="next", value=asked("next")),
                rx.el.button(
                    "Sign in",
                    type="submit",
                    class_name="h-11 w-full rounded-md bg-teal-800 font-medium text-white hover:bg-teal-900 "
                    "focus:outline-2 focus:outline-offset-2 focus:outline-teal-700",
                ),
                action=routes.POST_SIGN_IN,
                method="post",
                class_name="flex flex-col gap-4",
            ),
            _demo() if settings().mode == "demo" else rx.fragment(),
            class_name="w-full max-w-sm",
        ),
        class_name="flex min-h-screen items-center justify-center bg-white px-6 py-12 text-neutral-900 "
        "dark:bg-neutral-950 dark:text-neutral-100",
    )
