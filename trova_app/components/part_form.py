"""A form that fills in one part of a page, while the page stands: what is typed into it is nobody's to throw away."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.event import no_args_event_spec
from reflex_base.utils.imports import ImportVar

HERE = VarData(imports={"react-router": [ImportVar("useLocation")]}, hooks={"const here = useLocation()": None})
# Which part is open stands in the address, so that a form closes with it at once, with no key under way.
open_part = rx.Var("(new URLSearchParams(here.search).get('edit') ?? '')", _var_type=str, _var_data=HERE)

# The row the address is about, however its number is written there.
id_here = rx.Var("Number(/[0-9]+/.exec(here.pathname)?.[0])", _var_type=int, _var_data=HERE)

HOOKS = """
const part_last = useRef(""), part_closed = useRef(""), part_goes = useNavigate();
useEffect(() => {{
  const note = ({{ type, target }}) => {{ if (target.closest("form[data-kept]")) part_last.current = type }};
  document.addEventListener("submit", note, true);
  document.addEventListener("input", note, true);
  return () => {{
    document.removeEventListener("submit", note, true);
    document.removeEventListener("input", note, true);
  }};
}}, []);
useEffect(() => {{
  if (!part_last.current || !document.forms[{saved}]) return;
  if (part_last.current === "input") {{
    ({typed_on})();
    // For a server that begins anew: what is typed from here on began with what was just saved.
    return void part_goes(here.pathname + "?edit=" + {saved} + "&v=" + {version}, {{ replace: true }});
  }}
  part_closed.current = {saved};
  part_goes(here.pathname);
}}, [{saves}]);
useEffect(() => {{
  const way = document.getElementById("edit-" + part_closed.current);
  part_closed.current = "";
  if (document.activeElement === document.body) way?.focus();
}}, [here.search]);
useEffect(() => {{
  const boxes = document.querySelector("form[data-kept]")?.elements;
  for (const [name, text] of Object.entries(boxes ? {theirs} : {{}})) {{
    const box = boxes[name];
    if (box?.type === "checkbox") box.checked = text === "on";
    else if (box) box.value = text;
  }}
}}, [{takes}])"""


class PartForm(rx.Fragment):
    """Each time `saves` goes up it closes the form named `saved`, unless somebody typed on since that was sent: then
    `on_typed_on`, and the address names the `version` that was saved. The cursor that was in it goes to the link it is
    opened by, one that is elsewhere stays there. Each time `takes` goes up, `theirs` (texts by box) are put into the
    boxes. Draws nothing."""

    saves: rx.Var[int]
    saved: rx.Var[str]
    version: rx.Var[int]
    takes: rx.Var[int]
    theirs: rx.Var[dict[str, str]]
    on_typed_on: rx.EventHandler[no_args_event_spec]

    def _exclude_props(self) -> list[str]:
        return ["saves", "saved", "version", "takes", "theirs", "on_typed_on"]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect", "useRef"], "react-router": ["useNavigate"]}

    def add_hooks(self) -> list[rx.Var[Any]]:
        named = {name: getattr(self, name) for name in ("saves", "saved", "version", "takes", "theirs")}
        named["typed_on"] = rx.Var.create(self.event_triggers["on_typed_on"])
        data = VarData.merge(HERE, *(var._get_all_var_data() for var in named.values()))
        return [rx.Var(HOOKS.format(**{name: str(var) for name, var in named.items()}), _var_data=data)]
