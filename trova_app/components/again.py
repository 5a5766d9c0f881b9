"""Asking again by itself, for a page nobody tells of changes."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.event import no_args_event_spec


class Every(rx.Fragment):
    """Sends `then` every `seconds` while `when` holds and the page is seen, and at once when it is seen again."""

    when: rx.Var[bool]
    seconds: rx.Var[int]
    then: rx.EventHandler[no_args_event_spec]

    def _exclude_props(self) -> list[str]:
        return ["when", "seconds", "then"]

    def add_imports(self) -> dict[str, str]:
        return {"react": "useEffect"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        fire = rx.Var.create(self.event_triggers["then"])
        effect = f"""useEffect(() => {{
          if (!{self.when!s}) return;
          const ask = () => {{ if (!document.hidden) ({fire!s})(); }};
          const timer = setInterval(ask, 1000 * {self.seconds!s});
          document.addEventListener("visibilitychange", ask);
          return () => {{ clearInterval(timer); document.removeEventListener("visibilitychange", ask); }};
        }}, [{self.when!s}])"""
        data = VarData.merge(fire._get_all_var_data(), self.when._get_all_var_data())
        return [rx.Var(effect, _var_data=data)]
