"""Moving a session by fields, and the words about what was moved last."""

import reflex as rx

from trova_app.components.dialog import dialog, dialog_buttons
from trova_app.components.fields import described, field, text_field
from trova_app.components.page_parts import said
from trova_app.state.moving import Moving as M

A = M.asked


def reschedule_dialog() -> rx.Component:
    with_whom = rx.el.select(
        rx.foreach(M.practitioners, lambda one: rx.el.option(one["name"], value=one["id"].to_string())),
        id="new-practitioner",
        name="practitioner_id",
        default_value=A.practitioner_id.to_string(),
        class_name="input",
        custom_attrs=described("practitioner", _fault("practitioner")),
    )
    return dialog(
        A.bool(),
        M.close,
        "Reschedule",
        rx.fragment(A.name, ", now ", A.when, ". The client is not written to."),
        rx.el.form(
            text_field("Start", "starts", value=A.starts, error=_fault("starts"), type="datetime-local", step="300"),
            text_field(
                "Minutes", "minutes", value=A.minutes.to_string(), error=_fault("minutes"), input_mode="numeric"
            ),
            field("With", "new-practitioner", with_whom, error=_fault("practitioner")),
            text_field("Place", "place", value=A.place, error=_fault("place"), list="places-known"),
            rx.el.datalist(rx.foreach(M.places, lambda place: rx.el.option(value=place)), id="places-known"),
            rx.cond(A.series != "", which_sessions(A.series)),
            said(_fault("")),
            dialog_buttons(
                rx.el.button("Reschedule", type="submit", class_name="btn btn-primary"), cancel=M.close(False)
            ),
            on_submit=M.reschedule,
            no_validate=True,
            class_name="stacked",
            key=A.version.to_string(),
        ),
    )


SCOPES = (("this", "Only this one"), ("following", "This and following"), ("all", "All that are to come"))


def which_sessions(series: rx.Var[str]) -> rx.Component:
    """For a session that repeats: which of the series are meant."""

    def choice(value: str, words: str) -> rx.Component:
        box = rx.el.input(type="radio", name="scope", value=value, default_checked=value == "this")
        return rx.el.label(box, words, class_name="check")

    return rx.el.fieldset(
        rx.el.legend("It repeats ", series, class_name="label"),
        *(choice(value, words) for value, words in SCOPES),
        class_name="choose",
    )


def scope_dialog() -> rx.Component:
    """After a session of a series was laid down somewhere else on the board."""
    return dialog(
        M.choosing.bool(),
        M.leave_it,
        "Which sessions?",
        rx.fragment(M.choosing.name, ". It repeats ", M.choosing.series, "."),
        rx.el.div(
            *(
                rx.el.button(words, type="button", class_name="btn", on_click=M.choose(value))
                for value, words in SCOPES
            ),
            class_name="stacked",
        ),
        dialog_buttons(cancel=M.leave_it(False)),
    )


def _fault(name: str) -> rx.Var[str]:
    return M.faults.get(name, "")


def told() -> rx.Component:
    """What was done last, with Undo; what is wanted twice since; or why nothing was done."""
    undo = rx.el.button("Undo", type="button", class_name="btn", on_click=M.undo, aria_keyshortcuts="Control+Z")
    return rx.el.div(
        rx.cond(
            M.told != "",
            rx.el.div(
                rx.el.div(
                    rx.el.p(M.told, class_name=rx.cond(M.is_refused, "moved-refused", "")),
                    rx.foreach(M.warnings, lambda words: rx.el.p(words, class_name="moved-warning")),
                    class_name="moved-words wrap",
                ),
                rx.cond(M.can_undo, undo),
                rx.el.button("Close", type="button", class_name="btn btn-quiet", on_click=M.dismiss),
                class_name="moved",
            ),
        ),
        role="status",
        class_name="moved-place",
        on_unmount=M.dismiss,
    )
