"""A row of tabs: each has an address of its own, and the arrow keys go from one to the next."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import reflex as rx

MOVE = """useEffect(() => {
  const step = {ArrowRight: 1, ArrowLeft: -1, Home: -1e6, End: 1e6};
  const move = (e) => {
    if (!(e.key in step) || e.target.getAttribute?.("role") !== "tab") return;
    const tabs = [...e.target.closest("[role=tablist]").querySelectorAll("[role=tab]")];
    const last = tabs.length - 1, at = tabs.indexOf(e.target) + step[e.key];
    const next = tabs[step[e.key] ** 2 > 1 ? Math.min(Math.max(at, 0), last) : (at + tabs.length) % tabs.length];
    e.preventDefault(); next.focus(); next.click();
  };
  document.addEventListener("keydown", move);
  return () => document.removeEventListener("keydown", move);
}, [])"""


class ArrowKeys(rx.Fragment):
    """In the browser: arrow keys, Home and End move among the tabs and choose. Draws nothing."""

    def add_imports(self) -> dict[str, str]:
        return {"react": "useEffect"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        return [rx.Var(MOVE)]


class Choice(NamedTuple):
    """One tab. `count` stands beside its name without becoming part of it."""

    name: str
    value: str
    href: str
    count: rx.Var[Any] | None = None


def tabs(name: str, chosen: rx.Var[str], choices: Sequence[Choice], panel: str) -> rx.Component:
    """`panel`: the id of what the tabs choose for."""
    return rx.fragment(
        ArrowKeys.create(),
        rx.el.div(
            *(_tab(chosen, choice, panel) for choice in choices),
            role="tablist",
            class_name="tabs",
            custom_attrs={"aria-label": name},
        ),
    )


def _tab(chosen: rx.Var[str], choice: Choice, panel: str) -> rx.Component:
    is_chosen = chosen == choice.value
    count = rx.fragment()
    if choice.count is not None:
        count = rx.el.span(choice.count, class_name="count empty:hidden", aria_hidden="true")
    return rx.el.button(
        choice.name,
        count,
        id=f"tab-{choice.value}",
        type="button",
        role="tab",
        on_click=rx.redirect(choice.href),
        tab_index=rx.cond(is_chosen, 0, -1),
        class_name="tab",
        custom_attrs={"aria-selected": rx.cond(is_chosen, "true", "false"), "aria-controls": panel},
    )


def tab_panel(panel: str, chosen: rx.Var[str], *children: rx.Component) -> rx.Component:
    return rx.el.div(
        *children,
        id=panel,
        role="tabpanel",
        custom_attrs={"aria-labelledby": f"tab-{chosen}"},
    )
