"""The word "Saved", and what stands behind it: see `unsaved.js`."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.event import no_args_event_spec
from reflex_base.utils.imports import ImportVar
from reflex_components_core.core.banner import has_connection_errors

from trova_app.components.figures import behind
from trova_app.state.completion import Completion

UNSAVED_JS = "$/utils/unsaved.js"


def from_unsaved(*names: str) -> VarData:
    return VarData(imports={UNSAVED_JS: [ImportVar(name) for name in names]})


ACTS_JS = "$/utils/acts.js"


def from_acts(name: str) -> VarData:
    return VarData(imports={ACTS_JS: [ImportVar(name)]})


DONE_HERE = rx.Var("toldAgain()", _var_data=from_acts("toldAgain")).to(list[list[Any]])
"""The acts that the page does not know to be saved."""

UP_TO = rx.Var("toldUpTo()", _var_data=from_acts("toldUpTo")).to(int)
"""The page's count of its edits, as far as they are told of."""

UNHEARD = rx.Var("unheard()", _var_data=from_acts("unheard")).to(str)
"""The press of a closing button that nothing was heard of."""

PRESS = rx.Var("press()", _var_data=from_acts("press")).to(str)
"""A new press."""

SHOWN = rx.Var("shownHere()", _var_data=from_unsaved("shownHere")).to(list[list[Any]])
"""The boxes that show something else than was drawn, and why; said after every (re)connect."""


@rx.memo
def on_the_way(saved_rev: rx.Var[int]) -> rx.Component:
    """In the bar, so wherever one is in the form: what is done and cannot be seen yet, where the answer takes longer
    than a moment."""
    hook = VarData(hooks={f"const on_the_way = useWaiting({saved_rev!s})": None})
    data = VarData.merge(hook, from_unsaved("useWaiting"), saved_rev._get_all_var_data())
    waiting = rx.Var("on_the_way", _var_data=data).to(list[str])
    return rx.cond(
        waiting.length() > 0,
        rx.el.div(
            rx.el.p("Waits for the connection and is kept on this page:"),
            rx.el.ul(rx.foreach(waiting, lambda words, n: rx.el.li(words, key=n.to_string()))),
            class_name="on-the-way muted small",
        ),
    )


class AfterDraw(rx.Fragment):
    """After rows came, went or moved, before the next key: what was typed meanwhile is put back, everything is added
    up again, the cursor is where it was. `known`: the form was drawn with the page's edits up to this one."""

    structure: rx.Var[int]
    known: rx.Var[int]

    def _exclude_props(self) -> list[str]:
        return ["structure", "known"]

    def add_imports(self) -> dict[str, Any]:
        return {
            "react": "useLayoutEffect",
            UNSAVED_JS: "putBack",
            "$/utils/figures.js": "recount",
            "$/utils/grid_keys.js": "settle",
        }

    def add_hooks(self) -> list[rx.Var[Any]]:
        do = f"putBack({self.known!s}); recount(); settle()"
        data = VarData.merge(self.structure._get_all_var_data(), self.known._get_all_var_data())
        return [rx.Var(f"useLayoutEffect(() => {{ {do} }}, [{self.structure!s}])", _var_data=data)]


@rx.memo
def after_draw(structure: rx.Var[int], known: rx.Var[int]) -> rx.Component:
    return AfterDraw.create(structure=structure, known=known)


class Guarded(rx.Fragment):
    """While something is not saved the page is not left without a word and the server is asked again. Draws nothing."""

    form: rx.Var[int]
    saved: rx.Var[int]
    is_refused: rx.Var[bool]
    heard_press: rx.Var[str]
    idle_acts: rx.Var[str]
    on_leave: rx.EventHandler[no_args_event_spec]
    on_wait: rx.EventHandler[no_args_event_spec]

    ASK_AGAIN = 3000  # ms; an edit is stuck that is unsaved twice in a row

    def _exclude_props(self) -> list[str]:
        return ["form", "saved", "is_refused", "heard_press", "idle_acts", "on_leave", "on_wait"]

    def add_imports(self) -> dict[str, Any]:
        return {
            "react": ["useEffect", "useLayoutEffect"],
            "react-router": "useBlocker",
            UNSAVED_JS: ["answered", "holdBack", "isStuck", "isUnsaved", "watch"],
        }

    def add_hooks(self) -> list[rx.Var[Any]]:
        save, again = (rx.Var.create(self.event_triggers[f"on_{name}"]) for name in ("leave", "wait"))
        told = [self.form, self.saved, self.is_refused, self.heard_press, self.idle_acts]
        data = VarData.merge(*(var._get_all_var_data() for var in (save, again, *told)))
        names = ", ".join(str(var) for var in told)
        apart = "document.querySelector('[name=lines] [data-late]')"
        hooks = (
            f"useLayoutEffect(() => {{ answered({names}) }}, [{names}])",
            "const leaving = useBlocker(({ currentLocation: here, nextLocation: there }) =>"
            " isUnsaved() && here.pathname !== there.pathname)",
            f"useEffect(() => holdBack(leaving, {save!s}), [leaving.state, {names}])",
            f"useEffect(() => {{ watch(); const asking = setInterval(() => (isStuck() || {apart}) && ({again!s})(),"
            f" {self.ASK_AGAIN}); return () => {{ clearInterval(asking); answered(0, 0, false, '') }} }}, [])",
        )
        return [rx.Var(hook, _var_data=data) for hook in hooks]


@rx.memo
def no_answer(saved: rx.Var[str], saved_rev: rx.Var[int]) -> rx.Component:
    """What takes long says so."""
    return rx.cond(
        behind(saved_rev) & (saved != "Not saved") & ~has_connection_errors,  # which says the same
        rx.el.span("No answer yet. What you typed stays on this page.", class_name="late"),
    )


@rx.memo
def saved_word(form: rx.Var[int], saved: rx.Var[str], saved_rev: rx.Var[int]) -> rx.Component:
    """ "Saved" only when the database has every edit made on this page."""
    is_behind = behind(saved_rev)
    word = rx.cond(saved == "Not saved", saved, rx.cond(is_behind, "Saving", saved))
    return rx.fragment(
        rx.el.span(word, class_name="muted small", role="status", custom_attrs={"data-saved": word}),
        Guarded.create(
            form=form,
            saved=saved_rev,
            is_refused=saved == "Not saved",
            heard_press=Completion.heard_press,
            idle_acts=Completion.idle_acts,
            on_leave=Completion.save_now,
            on_wait=Completion.ask_again.temporal,
        ),
    )
