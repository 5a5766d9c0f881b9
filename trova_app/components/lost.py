"""What was typed into a form that somebody else finished meanwhile."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.event import no_args_event_spec

from trova_app.components.unsaved import from_unsaved
from trova_app.state.completion import Completion


class TellLost(rx.Fragment):
    """The page's own memory of it, told as often as `asked` changes. Draws nothing."""

    of: rx.Var[int]
    asked: rx.Var[str]
    on_tell: rx.EventHandler[no_args_event_spec]

    def _exclude_props(self) -> list[str]:
        return ["of", "asked", "on_tell"]

    def add_imports(self) -> dict[str, str]:
        return {"react": "useEffect"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        tell = rx.Var.create(self.event_triggers["on_tell"])
        data = VarData.merge(*(v._get_all_var_data() for v in (tell, self.of, self.asked)), from_unsaved("lostOf"))
        do = f"if (lostOf({self.of!s}).length) ({tell!s})()"
        return [rx.Var(f"useEffect(() => {{ {do} }}, [{self.of!s}, {self.asked!s}])", _var_data=data)]


ON_PAGE = "What you typed here could not be saved any more. It is on this page only; copy what you need."
KEPT = (
    "What you typed into this session\u2019s form could not be saved any more. It is kept for you, and shown to nobody "
    "else, until you dismiss it."
)


def lost_texts(of: rx.Var[int]) -> rx.Component:
    """For the appointment `of`, each text once: what is kept of it, and what only the page has. Nothing where all was
    saved."""
    here = rx.Var(f"lostOf({of!s})", _var_data=VarData.merge(of._get_all_var_data(), from_unsaved("lostOf")))
    forget = rx.Var("forgetLost()", _var_data=from_unsaved("forgetLost")).to(bool)
    is_kept = (Completion.kept_of == of) & (Completion.kept.length() > 0)
    is_lost = (Completion.lost_of == of) & (Completion.lost.length() > 0)
    return rx.fragment(
        TellLost.create(
            of=of, asked=Completion.asked, on_tell=Completion.tell_lost(of, here.to(list[list[str]])).temporal
        ),
        rx.cond(
            is_kept | is_lost,
            rx.el.section(
                rx.cond(is_kept, _texts(Completion.kept, KEPT, "What you typed, kept for you")),
                rx.cond(is_lost, _texts(Completion.lost, ON_PAGE, "What you typed")),
                rx.el.button(
                    "Dismiss",
                    type="button",
                    class_name="btn",
                    on_click=Completion.dismiss(forget, Completion.kept_rows),
                ),
                role="status",
                class_name="callout callout-warn my-4",
            ),
        ),
    )


def _texts(texts: Any, sentence: str, name: str) -> rx.Component:
    return rx.fragment(
        rx.el.p(sentence, class_name="font-medium"),
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(words, scope="col") for words in ("Field", "Your text")])),
            rx.el.tbody(
                rx.foreach(
                    texts, lambda one, n: rx.el.tr(rx.el.td(one.field), rx.el.td(one.text, class_name="wrap"), key=n)
                )
            ),
            class_name="table small my-3",
            custom_attrs={"aria-label": name},
        ),
    )
