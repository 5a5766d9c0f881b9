"""Undo and redo for the completion form: earlier versions of the whole form, newest last."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from trova_app.services.forms import LINE_CELLS, TEXT_NAMES, Form, FormLine
from trova_app.services.merging import merge

MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class History:
    """`past` and `future`: forms to go back and forward to. `typing_in`: the field the newest step belongs to, so that
    the keys of one text are one step."""

    past: tuple[Form, ...] = ()
    future: tuple[Form, ...] = ()
    typing_in: str = ""

    def noted(self, before: Form, name: str = "") -> "History":
        """The history when `before` is about to change: in the field `name`, or in its structure ("")."""
        if name and name == self.typing_in and self.past and not self.future:
            return self
        return History((*self.past, before)[-MOST_STEPS:], (), name)

    def undone(self, present: Form) -> tuple["History", Form] | None:
        """One step back, passing over steps that changed nothing; None at the beginning."""
        past = _without_same(self.past, present)
        if not past:
            return None
        return History(past[:-1], (*self.future, present)[-MOST_STEPS:]), restored(present, past[-1])

    def redone(self, present: Form) -> tuple["History", Form] | None:
        """One step forward; None where nothing was undone."""
        future = _without_same(self.future, present)
        if not future:
            return None
        return History((*self.past, present)[-MOST_STEPS:], future[:-1]), restored(present, future[-1])

    def with_theirs(self, before: Form, after: Form) -> "History":
        """The history once somebody else's edits have made `after` of `before`: each step has them in it, so none takes
        them back. Where a step is about a text or line of theirs, theirs stands; what it then leaves to do is done, and
        one that leaves nothing is passed over. At 200 lines some 20 ms where lines come, go or move: for a thread."""
        if after == before:
            return self
        past, future = (_with_theirs(forms, before, after) for forms in (self.past, self.future))
        return History(past, future, self.typing_in)

    def with_mine_kept(self, base: Form, theirs: Form) -> "History":
        """The history once this person's own texts were kept where `theirs` has others than `base`, which is before
        both: theirs is what they were typed over, so that is where the steps lead behind one's own. For a thread."""
        asked, met, past = _texts_changed(base, theirs), dict[str, str](), list[Form]()
        was, ids = dict(base.pairs()), {name.partition(".")[2] for name in asked}
        for form in reversed(self.past):
            here = dict(_only(form, ids).pairs())
            met |= {name: text for name, text in asked.items() if here.get(name) == was[name]}
            past.append(_with_texts((form,), met)[0])
        return replace(self, past=tuple(reversed(past)))

    def can_undo(self, present: Form) -> bool:
        return bool(_without_same(self.past, present))

    def can_redo(self, present: Form) -> bool:
        return bool(_without_same(self.future, present))


def _with_theirs(forms: tuple[Form, ...], before: Form, after: Form) -> tuple[Form, ...]:
    texts = _texts_changed(before, after)
    if _has_same_parts(before, after) and all(_has(form, texts) for form in forms):
        return _with_texts(forms, texts)
    return _with_texts(_merged(forms, before, after), texts)


def _merged(forms: tuple[Form, ...], before: Form, after: Form) -> tuple[Form, ...]:
    """From the step next to the present one to the farthest, each as it was made of the one before it."""
    made: list[Form] = []
    for form in reversed(forms):
        new = {line.id for line in after.lines} - {line.id for line in before.lines}
        known = replace(form, lines=tuple(line for line in form.lines if line.id not in new))
        before, after = form, merge(before, after, known).form
        made.append(after)
    return tuple(reversed(made))


def _texts_changed(before: Form, after: Form) -> dict[str, str]:
    """By name: the texts of `after` that `before` has, and has otherwise."""
    lines = {line.id: line for line in before.lines}
    touched = {line.id for line in after.lines if lines.get(line.id, line) != line}
    was, now = (dict(_only(form, touched).pairs()) for form in (before, after))
    return {name: text for name, text in now.items() if was[name] != text}


def _only(form: Form, line_ids: Collection[str]) -> Form:
    return replace(form, lines=tuple(line for line in form.lines if line.id in line_ids))


def _has_same_parts(one: Form, other: Form) -> bool:
    """The same lines in one order, and the same diagnoses."""
    return [line.id for line in one.lines] == [line.id for line in other.lines] and one.diagnoses == other.diagnoses


def _has(form: Form, names: Iterable[str]) -> bool:
    return {name.partition(".")[2] for name in names} <= {"", *(line.id for line in form.lines)}


def _with_texts(forms: tuple[Form, ...], texts: Mapping[str, str]) -> tuple[Form, ...]:
    """Each form with these texts in it, where it has the line. A line that stands in many is made once."""
    cells: dict[str, dict[str, str]] = {}
    for name, text in texts.items():
        cell, _, line_id = name.partition(".")
        cells.setdefault(line_id, {})[cell] = text
    beside = cells.pop("", {})
    if not cells and not beside:
        return forms
    made: dict[FormLine, FormLine] = {}

    def changed(line: FormLine) -> FormLine:
        if line not in made:
            made[line] = replace(line, **cells[line.id])
        return made[line]

    return tuple(
        replace(
            form,
            lines=tuple(changed(line) if line.id in cells else line for line in form.lines),
            texts=replace(form.texts, **beside),
        )
        for form in forms
    )


def _without_same(forms: tuple[Form, ...], present: Form) -> tuple[Form, ...]:
    """Without the newest versions that show what the present one shows."""
    end = len(forms)
    while end and _shown(forms[end - 1]) == _shown(present):
        end -= 1
    return forms[:end]


def _shown(form: Form) -> tuple[object, ...]:
    return (form.lines, replace(form.texts, keep="", diagnosis=""), form.diagnoses)


def restored(present: Form, wanted: Form) -> Form:
    """`wanted` as it follows `present`, of which it keeps what is no step: the tick about the profile, which is not
    about this document, and words that are a search as yet."""
    here = present.texts
    texts = replace(wanted.texts, keep=here.keep, diagnosis=here.diagnosis)
    return replace(wanted, texts=texts, profile=present.profile)


def texts_differ(one: Form, other: Form) -> bool:
    """Whether any field beside the lines differs: those boxes are drawn anew together."""
    return one.texts != other.texts


def what_changed(before: Form, after: Form) -> str:
    """In words, for somebody who cannot see it: "199 lines", "line 1", "the order" ..."""
    old, new = ([tuple(getattr(line, cell) for cell in LINE_CELLS) for line in form.lines] for form in (before, after))
    if old != new:
        return "the order" if sorted(old) == sorted(new) else _lines_changed(old, new)
    if any(getattr(before.texts, name) != getattr(after.texts, name) for name in TEXT_NAMES):
        return "a field"
    return "diagnoses" if before.diagnoses != after.diagnoses else "the order"


def _lines_changed(old: list[tuple[str, ...]], new: list[tuple[str, ...]]) -> str:
    """How many came, went or say something else; one that was moved as well counts once."""
    parts = [part for part in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if part[0] != "equal"]
    count = min(sum(max(j - i, n - m) for _, i, j, m, n in parts), max(len(old), len(new)))
    if count == 1 and parts[0][0] == "replace":
        return f"line {parts[0][3] + 1}"
    return f"{count} line{'' if count == 1 else 's'}"
