"""Where a list comes in: a file chosen or dropped, or rows pasted from a spreadsheet; all the same from there on.

The page posts it to `/imports` (see `web/imports.py` and `file_box.js`) and tells a handler the file's token, or what
went wrong: no file travels by the events' socket.
"""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.event import no_args_event_spec, passthrough_event_spec

from trova_app.components.fields import described, field, problem

ACCEPTED = ".csv,.tsv,.txt,.xlsx,text/csv,text/plain,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileBox(rx.Fragment):
    """Hands what the browser chose to handlers. Draws nothing. `on_sent`: the file's token with its name, or "" with
    the sentence that says what to do."""

    on_sending: rx.EventHandler[no_args_event_spec]
    on_sent: rx.EventHandler[passthrough_event_spec(str, str)]

    def _exclude_props(self) -> list[str]:
        return ["on_sending", "on_sent"]

    def add_imports(self) -> dict[str, Any]:
        return {"react": "useEffect", "$/utils/file_box.js": "fileBox"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        sending, sent = (rx.Var.create(self.event_triggers[name]) for name in ("on_sending", "on_sent"))
        call = f"fileBox({{ sending: {sending!s}, sent: {sent!s} }}); return () => fileBox(null)"
        data = VarData.merge(sending._get_all_var_data(), sent._get_all_var_data())
        return [rx.Var(f"useEffect(() => {{ {call} }})", _var_data=data)]


def file_box(
    on_sending: Any, on_sent: Any, is_reading: rx.Var[bool], fault: rx.Var[str], hint: Any, accepted: Any = ACCEPTED
) -> rx.Component:
    """The box, its paste field, and one sentence for whatever went wrong with either."""
    chooser = rx.el.div(
        rx.el.label("Choose a file", html_for="file", class_name="label"),
        rx.el.input(
            id="file",
            type="file",
            accept=accepted,
            class_name="input",
            custom_attrs=described("file", fault) | {"data-file": "true"},
        ),
        rx.el.span(hint, class_name="hint"),
        problem("file", fault),
        class_name="field",
    )
    pasted = rx.el.textarea(
        id="pasted",
        rows="4",
        class_name="input figures",
        spell_check=False,
        custom_attrs={"data-pasted": "true", "aria-describedby": "file-error"},
    )
    return rx.el.div(
        FileBox.create(on_sending=on_sending, on_sent=on_sent),
        chooser,
        rx.el.details(
            rx.el.summary("Or paste rows from a spreadsheet", class_name="link-like"),
            field("Pasted rows", "pasted", pasted),
            rx.el.button(
                "Read the pasted rows", type="button", class_name="btn", custom_attrs={"data-read-pasted": "true"}
            ),
            class_name="paste-in",
        ),
        rx.el.p(rx.cond(is_reading, "Reading the list.", ""), role="status", class_name="muted small empty:hidden"),
        class_name="file-box",
        custom_attrs={"data-drop": "true"},
    )
