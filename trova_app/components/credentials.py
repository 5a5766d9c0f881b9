"""The two fields of a sign-in, on the sign-in page and in front of a covered one, and what is said when it fails."""

from typing import Any

import reflex as rx

WRONG_WORDS = "That address and password do not belong together. Please try again."
TOO_MANY_WORDS = "There were too many tries. Please wait a quarter of an hour, then try again."


def email_field(**told: Any) -> rx.Component:
    """`told`: further attributes, with `_` for `-`."""
    return _field("E-mail", "email", "username", told)


def password_field(**told: Any) -> rx.Component:
    return _field("Password", "password", "current-password", told)


def _field(label: str, name: str, completes: str, told: dict[str, Any]) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="label"),
        rx.el.input(
            name=name,
            type=name,
            auto_complete=completes,
            required=True,
            max_length=1024,
            class_name="input min-h-11!",
            custom_attrs={key.replace("_", "-"): value for key, value in told.items()},
        ),
        class_name="field",
    )
