"""What a page does when its sign-in ends: it leaves for the sign-in page, or, with something unsaved, covers itself and
asks. See `signed_out.js`."""

import json
from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.utils.imports import ImportVar

from trova_app import routes
from trova_app.components.browser import PostForm
from trova_app.components.credentials import TOO_MANY_WORDS, WRONG_WORDS, email_field, password_field
from trova_app.state.live import Live
from trova_app.web.sign_in import TOO_MANY

SIGNED_OUT_JS = "$/utils/signed_out.js"
PROBLEM = "sign-in-problem"


class SignInEnds(rx.Fragment):
    """Hears of it from Reflex's store itself, before React does. Draws nothing."""

    def add_imports(self) -> dict[str, str]:
        return {SIGNED_OUT_JS: "useSignIn"}

    def add_hooks(self) -> list[str]:
        names = (Live.get_full_name(), *(name + FIELD_MARKER for name in ("ended", "member")))
        places = {"signIn": routes.SIGN_IN, "open": routes.PUBLIC}
        return [f"useSignIn({', '.join(map(json.dumps, (*names, places)))})"]


def _from_js(name: str) -> rx.Var[Any]:
    return rx.Var(name, _var_data=VarData(imports={SIGNED_OUT_JS: [ImportVar(name)]}))


def _now(field: str, var_type: type) -> rx.Var[Any]:
    hook = VarData(imports={SIGNED_OUT_JS: [ImportVar("useHeld")]}, hooks={"const held_now = useHeld()": None})
    return rx.Var(f"held_now.{field}", _var_type=var_type, _var_data=hook)


@rx.memo
def signed_out() -> rx.Component:
    """Stands on every page."""
    return rx.fragment(SignInEnds.create(), _question())


def _question() -> rx.Component:
    """In front of a covered page."""
    is_other = _now("held", str) == "other"
    problem = _now("problem", str)
    return rx.cond(
        _now("isCovered", bool),
        rx.el.dialog(
            rx.el.h2(
                rx.cond(is_other, "Somebody else is signed in", "You are signed out"),
                id="signed-out-title",
                class_name="dialog-title",
            ),
            rx.el.p(
                rx.cond(
                    is_other,
                    "What was typed on this page and is not saved yet is neither saved nor shown under another name. "
                    "Whoever typed it can sign in here.",
                    "What you typed last on this page is not saved yet. It stays on this page, out of sight, until you "
                    "sign in again.",
                ),
                id="signed-out-words",
                class_name="muted dialog-words",
                custom_attrs={"aria-live": "polite"},
            ),
            PostForm.create(
                email_field(),
                rx.el.div(
                    password_field(aria_invalid=problem != "", aria_describedby=PROBLEM),
                    rx.el.p(
                        rx.match(
                            problem,
                            ("", ""),
                            (TOO_MANY, TOO_MANY_WORDS),
                            ("line", "There is no connection just now. Please try again in a moment."),
                            WRONG_WORDS,
                        ),
                        id=PROBLEM,
                        role="alert",
                        class_name="error empty:hidden",
                    ),
                ),
                rx.el.input(type="hidden", name="next", value=routes.HEALTH_LIVE, read_only=True),
                rx.el.div(
                    rx.el.button(
                        "Leave without it",
                        type="button",
                        class_name="btn",
                        custom_attrs={"onClick": _from_js("leaveWithoutIt")},
                    ),
                    rx.el.button(
                        "Sign in",
                        type="submit",
                        class_name="btn btn-primary",
                        custom_attrs={"aria-disabled": _now("isBusy", bool)},
                    ),
                    class_name="dialog-buttons",
                ),
                action=routes.POST_SIGN_IN,
                method="post",
                class_name="grid gap-4",
                custom_attrs={
                    "name": "signed-out",
                    "data-leave": f"{routes.SIGN_IN}?next=",
                    "onSubmit": _from_js("signIn"),
                },
            ),
            class_name="dialog signed-out",
            custom_attrs={
                "ref": _from_js("show"),
                "onCancel": _from_js("stay"),
                "onClose": _from_js("openAgain"),
                "aria-labelledby": "signed-out-title",
                "aria-describedby": "signed-out-words",
            },
        ),
    )
