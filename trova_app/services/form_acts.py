"""What is done to the lines and diagnoses of a form as a whole, by the name the page calls it. Each has a key of its
own, so that it may be said again and is done once (docs/decisions/0019). Pure; each gives a new form."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from trova_app.domain.diagnoses import Diagnosis
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.services.billing.draft import checked
from trova_app.services.form_helps import Helps
from trova_app.services.forms import Form, FormLine
from trova_app.services.grid_edits import duplicated, line_of, put_at
from trova_app.services.last_time import LastTime
from trova_app.services.paste import paste
from trova_app.services.readiness import scheme_prices

MOST_AGAIN = 100  # acts said again at once, as many as `acts.js` has
KEY_LENGTH = 10
BACK = "Undo brings back what stood here."


class Said(NamedTuple):
    """`key`: of this very act. `rev`: its place among the page's edits. `had`: what the cells said as it was done, of
    an act that fills many of them and is said again."""

    name: str
    args: list[Any]
    key: str
    rev: int
    had: dict[str, str]


@dataclass(frozen=True, slots=True)
class Around:
    """What acts read beside the form. `tax`: of a new line; `key`: of the act itself, for the ids of what it makes;
    `last`: fetched for "last_time" only; `diagnosis`: for "add_code"."""

    helps: Helps
    tax: str
    charges_tax: bool
    key: str
    last: LastTime | None = None
    diagnosis: Diagnosis | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """`told`: to the person who did it. `faults`: of cells that were filled, by name."""

    form: Form
    told: str = ""
    faults: dict[str, str] = field(default_factory=dict)


def done(form: Form, name: str, args: list[Any], around: Around) -> Done:
    """The form after the act. Raises `Refusal` where it cannot be done; nothing is then done of it."""
    if name != "remove" and not is_there(form, name, args):
        raise Refusal("That line is not on this form any more. Nothing was done to it.")
    made = ACTS[name][0](form, around, *args)
    if len({line.id for line in made.form.lines}) < len(made.form.lines):  # a key that no page would use again
        raise Refusal("That was done already.")
    return made


def is_there(form: Form, name: str, args: list[Any]) -> bool:
    """Whether the form has the line that the act is about; True where it is about none."""
    return name not in OF_A_LINE or line_of(form, args[0].rpartition(".")[2]) is not None


@dataclass(frozen=True, slots=True)
class Later:
    """An act that is done later than it was meant: the form with the lines it adds, takes away or moves, and the texts
    it puts into lines that stay, as (field, text, the text it found), for each to be compared with what stands there
    by now."""

    form: Form
    cells: tuple[tuple[str, str, str], ...]
    told: str
    faults: dict[str, str]


def done_later(form: Form, act: Said, around: Around) -> Later:
    """Raises as `done`."""
    if act.name not in FILLS:
        made = done(form, act.name, act.args, around)
        return Later(made.form, (), made.told, made.faults)
    known = dict(form.pairs())
    seen = form.with_texts((name, text) for name, text in act.had.items() if name in known)
    made, before = done(seen, act.name, act.args, around), dict(seen.pairs())
    stays = {line.id: line for line in form.lines}
    cells = [(name, text, before[name]) for name, text in made.form.pairs() if before.get(name, text) != text]
    lines = tuple(stays.get(line.id, line) for line in made.form.lines)
    return Later(replace(made.form, lines=lines, texts=form.texts), tuple(cells), made.told, made.faults)


def puts(form: Form, name: str, args: list[Any], around: Around) -> set[tuple[str, str]]:
    """(field, text) of what an act that was done before has put into lines that are here. Raises as `done`."""
    keeps = ("date", "code") if name == "scheme_prices" else ()
    bare = [FormLine(line.id, qty="", tax="", **{cell: getattr(line, cell) for cell in keeps}) for line in form.lines]
    before = replace(form, lines=tuple(bare))
    return set(done(before, name, args, around).form.pairs()) - set(before.pairs())


def _add(form: Form, around: Around, line_id: str) -> Done:
    """`line_id`: by which the page will know it, so that asking twice adds one."""
    return Done(form.with_new_line(around.tax, line_id) if form.takes_line(line_id) else form)


def _remove(form: Form, _around: Around, line_id: str) -> Done:
    return Done(form.without_line(line_id))


def _move(form: Form, _around: Around, line_id: str, by: int) -> Done:
    return Done(form.moved(line_id, by) if by in (-1, 1) else form)


def _put(form: Form, _around: Around, line_id: str, place: int) -> Done:
    """To `place`, counted from 0 in the order without this line."""
    return Done(put_at(form, line_id, place), "Line moved.")


def _duplicate(form: Form, around: Around, line_id: str) -> Done:
    return Done(duplicated(form, line_id, around.key), "Line duplicated.")


def _paste(form: Form, around: Around, name: str, block: str) -> Done:
    helps, has_tax = around.helps, around.charges_tax
    made = paste(form, name, block, around.key, tax=around.tax, has_tax=has_tax, month_first=helps.month_first)
    faults = _text_faults(made.form, made.names, helps) | dict(made.faults)
    return Done(made.form, f"{made.sentence} {_look_at(len(faults))}".strip(), faults)


def _last_time(form: Form, around: Around) -> Done:
    if around.last is None:
        return Done(form)
    form = around.last.into(form, around.key)
    count = len(form.lines)
    return Done(form, f"{count} line{'' if count == 1 else 's'} as billed last time, dated to this session. {BACK}")


def _scheme_prices(form: Form, around: Around) -> Done:
    """The scheme's price into every line that has another one."""
    facts = around.helps.facts
    prices = scheme_prices(form, facts)
    for line_id, price in prices.items():
        form = form.with_text(f"price.{line_id}", around.helps.typed(price))
    count = len(prices)
    return Done(form, f"{facts.scheme_prices.scheme}'s price in {count} line{'' if count == 1 else 's'}.")


def _fill(form: Form, _around: Around, *args: str) -> Done:
    """A chosen code with its words and its price, as typed."""
    cells = cells_of_fill(list(args))
    return Done(form.with_texts((name, text) for name, text, _ in cells), f"{cells[1][1]}, {cells[2][1]}.")


def cells_of_fill(args: list[Any]) -> list[tuple[str, str, str]]:
    """(field, chosen text, the text that stood there) of a chosen rate. Said later it is what was typed into these
    boxes then: where somebody else has written meanwhile, theirs is not covered."""
    line_id, texts, had = args[0], args[1:4], args[4:]
    return [(f"{cell}.{line_id}", *both) for cell, *both in zip(("code", "text", "price"), texts, had, strict=True)]


def _add_code(form: Form, around: Around, _code: str) -> Done:
    """A diagnosis, as the code book describes it; the page has emptied its box."""
    if around.diagnosis is None:
        return Done(form)
    return Done(form.with_diagnosis(around.diagnosis.code, around.diagnosis.description))


def _remove_code(form: Form, _around: Around, code: str) -> Done:
    return Done(form.without_diagnosis(code))


ACTS: dict[str, tuple[Callable[..., Done], tuple[type, ...]]] = {
    "add": (_add, (str,)),
    "remove": (_remove, (str,)),
    "move": (_move, (str, int)),
    "put": (_put, (str, int)),
    "duplicate": (_duplicate, (str,)),
    "paste": (_paste, (str, str)),
    "last_time": (_last_time, ()),
    "scheme_prices": (_scheme_prices, ()),
    "fill": (_fill, (str,) * 7),
    "add_code": (_add_code, (str,)),
    "remove_code": (_remove_code, (str,)),
}
"""By name, what does it, and the kinds of its arguments."""

OF_A_LINE = frozenset({"remove", "move", "put", "duplicate", "paste", "fill"})
"""Their first argument names a line, or a cell of one."""

FILLS = frozenset({"fill", "paste", "last_time", "scheme_prices"})
"""They put texts into lines that are there, which may say something else by the time the act is done."""

NOT_AGAIN = {"undo": "Undo", "redo": "Redo"}
"""What was to be taken back is what was seen then; said later it would take back what was typed since."""

KINDS = {name: kinds for name, (_, kinds) in ACTS.items()} | dict.fromkeys(NOT_AGAIN, ())
"""What the page may say, and the kinds of its arguments."""


def said_in(given: object) -> list[Said]:
    """The acts the page tells of, whatever was sent, in their order."""
    listed = given[:MOST_AGAIN] if isinstance(given, list) else []
    told = [(*act, None)[:5] for act in listed if isinstance(act, list | tuple) and len(act) in (4, 5)]
    said = [
        Said(name, a, key, rev, _had(name, a, had)) for name, a, key, rev, had in told if _is_act(name, a, key, rev)
    ]
    return sorted(said, key=lambda act: act.rev)


def _had(name: str, args: list[str], cells: object) -> dict[str, str]:
    if name == "fill":
        return {cell: had for cell, _, had in cells_of_fill(args)}
    pairs = [cell for cell in cells if isinstance(cell, list | tuple)] if isinstance(cells, list) else []
    return {cell[0]: cell[1] for cell in pairs if len(cell) == 2 and all(isinstance(one, str) for one in cell)}


def _is_act(name: object, args: object, key: object, rev: object) -> bool:
    if type(rev) is not int or not isinstance(name, str) or name not in KINDS or not isinstance(args, list | tuple):
        return False
    is_key = isinstance(key, str) and len(key) == KEY_LENGTH and key.isascii() and key.isalnum()
    return is_key and [type(arg) for arg in args] == list(KINDS[name])


def _text_faults(form: Form, names: Collection[str], helps: Helps) -> dict[str, str]:
    """Faults of pasted cells that the page's own arithmetic does not know."""
    try:
        checked(form, helps.facts.rules, helps.facts.today)
    except FieldFaults as refused:
        return {name: text for name, text in refused.faults if name in names and _is_ours(name)}
    return {}


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in ("date", "code", "text", "dx")


def _look_at(count: int) -> str:
    if not count:
        return ""
    return "Please look at the marked cell." if count == 1 else f"Please look at the {count} marked cells."
