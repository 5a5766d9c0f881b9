"""Two people at one form: edits that do not touch are put together, field by field; for the rest a person is asked.

A three-way merge (as in version control): `base` is the version both started from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from trova_app.services.forms import LINE_CELLS, TEXT_NAMES, Form, FormLine, FormTexts


@dataclass(frozen=True, slots=True)
class Merged:
    """`form`: theirs with my edits; where both changed one thing differently it has mine, and `touching` names it.
    `agreed`: theirs, but for what `touching` names as it was before both: upon it the same question comes up again."""

    form: Form
    touching: tuple[str, ...]
    agreed: Form


def merge(base: Form, mine: Form, theirs: Form) -> Merged:
    """What both wrote. `touching` is empty when nobody's edit is in anybody's way."""
    texts, text_names = _texts(base, mine, theirs)
    lines, line_names = _lines(base, mine, theirs)
    diagnoses, diagnosis_names = _diagnoses(base, mine, theirs)
    form = Form(lines=lines, texts=texts, diagnoses=diagnoses, profile=theirs.profile)
    touching = tuple(text_names + line_names + diagnosis_names)
    return Merged(form, touching, _agreed(base, mine, theirs, touching))


def with_theirs(mine: Form, theirs: Form, touching: Iterable[str]) -> Form:
    """My form with their text wherever both had changed it, and with or without a line as they have it."""
    form, texts = mine, dict(theirs.pairs())
    for name in touching:
        line_id = name.partition(".")[2]
        there = [(n, line) for n, line in enumerate(theirs.lines) if line.id == line_id]
        is_here = any(line.id == line_id for line in form.lines)
        if not line_id or (there and is_here):
            form = form.with_text(name, texts[name])
        elif there:
            (at, line), lines = there[0], list(form.lines)
            lines.insert(at, line)
            form = replace(form, lines=tuple(lines))
        else:
            form = form.without_line(line_id)
    return form


def _agreed(base: Form, mine: Form, theirs: Form, touching: tuple[str, ...]) -> Form:
    agreed, here = theirs, {"", *(line.id for line in mine.lines)}
    for name in touching:
        line_id = name.partition(".")[2]
        if line_id not in here:  # then the question is about the whole line
            agreed = agreed.without_line(line_id)
    return with_theirs(agreed, base, touching)


def _pick(base: str, mine: str, theirs: str) -> tuple[str, bool]:
    """(what stands, whether both changed it differently)"""
    if mine in (base, theirs):
        return theirs, False
    return mine, theirs != base


def _texts(base: Form, mine: Form, theirs: Form) -> tuple[FormTexts, list[str]]:
    picked = {n: _pick(*(getattr(f.texts, n) for f in (base, mine, theirs))) for n in TEXT_NAMES}
    return FormTexts(**{n: text for n, (text, _) in picked.items()}), [n for n, (_, both) in picked.items() if both]


def _lines(base: Form, mine: Form, theirs: Form) -> tuple[tuple[FormLine, ...], list[str]]:
    """Their order, or mine where only I have changed it, with the other's lines in their places; a line one removed and
    the other changed is asked about, and is as I have it until then."""
    was, here, there = ({line.id: line for line in f.lines} for f in (base, mine, theirs))
    both = [i for i in was if i in here and i in there]
    is_mine = [i for i in here if i in was and i in there] != both == [i for i in there if i in was and i in here]
    lines: list[FormLine] = []
    touching: list[str] = []
    for line_id in _woven(list(here), list(there)) if is_mine else _woven(list(there), list(here)):
        line, names = _line(was.get(line_id), here.get(line_id), there.get(line_id))
        touching += names
        if line is not None:
            lines.append(line)
    return tuple(lines), touching


def _woven(order: list[str], also: Sequence[str]) -> list[str]:
    """`order`, and what only `also` has: before what it stands before there."""
    known, behind = set(order), ""
    for one in reversed(also):
        if one not in known:
            order.insert(order.index(behind) if behind else len(order), one)
        behind = one
    return order


def _line(was: FormLine | None, here: FormLine | None, there: FormLine | None) -> tuple[FormLine | None, list[str]]:
    if here in (was, there):
        return there, []
    if there == was:
        return here, []
    if was is None:
        return (_begun(here, there) if here and there else here or there), []
    if here is None or there is None:
        return here, [f"text.{was.id}"]
    picked = {cell: _pick(*(getattr(line, cell) for line in (was, here, there))) for cell in LINE_CELLS}
    line = replace(was, **{cell: text for cell, (text, _) in picked.items()})
    return line, [f"{cell}.{was.id}" for cell, (_, both) in picked.items() if both]


def _begun(here: FormLine, there: FormLine) -> FormLine:
    """One line of one page, which has posted it as it was hidden and gone on with it: what it has in it by now."""
    new = FormLine(id=here.id, date=there.date, tax=there.tax)
    cells = {cell: getattr(here, cell) for cell in LINE_CELLS if getattr(here, cell) != getattr(new, cell)}
    return replace(there, **cells)


def _diagnoses(base: Form, mine: Form, theirs: Form) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    """Codes both kept, in their order, then codes either added."""
    was, here, there = (dict(f.diagnoses) for f in (base, mine, theirs))
    kept = [code for code in there if code in here or code not in was]
    kept += [code for code in here if code not in there and code not in was]
    words = was | there | here
    return tuple((code, words[code]) for code in kept), []
