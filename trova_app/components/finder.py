"""Finding from any page: Ctrl K (or Cmd K), a few letters, Enter."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar

from trova_app.components.links import to
from trova_app.state.frame import Frame as S

BOX = "finder"
WORDS = "finder-words"
# Enter goes to the first thing found; typed ahead of the answer, it goes once the answer is there.
KEYS = f"""useEffect(() => {{
  const box = () => document.getElementById("{BOX}"), words = () => document.getElementById("{WORDS}");
  const ways = () => [...box().querySelectorAll("a")];
  const isAnswered = () => box().querySelector("[data-for]").dataset.for === words().value.trim();
  const opened = (e) => {{
    const isOpening = e.target.id === "{BOX}" && e.newState === "open";
    if (isOpening && document.activeElement !== words()) {{ words().focus(); words().select(); }}  // it is told late
  }};
  const pressed = (e) => {{
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k" && box()) {{
      e.preventDefault(); box().togglePopover();
      if (box().matches(":popover-open")) {{ words().focus(); words().select(); }}
      return;
    }}
    if (!e.target.closest?.("#{BOX}")) return;
    if (e.key === "Escape") {{  // does not only empty the box
      e.preventDefault(); box().hidePopover(); finder_goes.current = false; return;
    }}
    const step = {{ArrowDown: 1, ArrowUp: -1}}[e.key], all = [words(), ...ways()];
    if (step) {{ e.preventDefault(); all[(all.indexOf(e.target) + step + all.length) % all.length].focus(); }}
    else if (e.key === "Enter" && e.target === words()) {{
      e.preventDefault();
      if (isAnswered()) ways()[0]?.click(); else finder_goes.current = true;
    }} else if (e.target === words()) finder_goes.current = false;
  }};
  const clicked = (e) => {{ if (e.target.closest?.("#{BOX} a")) box().hidePopover(); }};
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", clicked);
  document.addEventListener("toggle", opened, true);
  return () => {{
    document.removeEventListener("keydown", pressed);
    document.removeEventListener("click", clicked);
    document.removeEventListener("toggle", opened, true);
  }};
}}, [])"""


class FinderKeys(rx.Fragment):
    """In the browser: the keys of the finder. Draws nothing. `answered`: the words that were looked for."""

    answered: rx.Var[str]

    def _exclude_props(self) -> list[str]:
        return ["answered"]

    def add_imports(self) -> dict[str, Any]:
        return {"react": [ImportVar("useEffect"), ImportVar("useRef")]}

    def add_hooks(self) -> list[rx.Var[Any]]:
        goes = f"""useEffect(() => {{
          if (!finder_goes.current || document.getElementById("{WORDS}").value.trim() !== {self.answered!s}) return;
          finder_goes.current = false;
          document.querySelector("#{BOX} a")?.click();
        }}, [{self.answered!s}])"""
        data = VarData.merge(self.answered._get_all_var_data())
        return [rx.Var("const finder_goes = useRef(false)"), rx.Var(KEYS), rx.Var(goes, _var_data=data)]


def finder() -> rx.Component:
    box = rx.el.input(
        id=WORDS,
        type="search",
        placeholder="Client, session or document",
        on_change=S.look_for.debounce(120),
        auto_complete="off",
        max_length=200,
        class_name="input",
        custom_attrs={"aria-label": "Client, session or document"},
    )
    return rx.fragment(
        FinderKeys.create(answered=S.looked_for),
        rx.el.div(
            box,
            rx.el.div(
                rx.foreach(S.ways, _way),
                _nothing(),
                class_name="finder-ways",
                custom_attrs={"data-for": S.looked_for},
            ),
            rx.el.p("Arrow keys choose, Enter opens, Escape closes.", class_name="muted small finder-keys"),
            id=BOX,
            class_name="finder",
            role="dialog",
            custom_attrs={"popover": "auto", "aria-label": "Find"},
        ),
    )


def _way(way: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(way.heading != "", rx.el.p(way.heading, class_name="finder-heading")),
        to(
            way.href,
            rx.el.span(way.title, class_name="finder-title"),
            rx.el.span(way.under, class_name="muted small"),
            class_name="finder-way",
        ),
    )


def _nothing() -> rx.Component:
    return rx.el.p(
        rx.cond((S.looked_for != "") & (S.ways.length() == 0), "Nothing found. Try fewer letters.", ""),
        role="status",
        class_name="muted finder-nothing empty:hidden",
    )
