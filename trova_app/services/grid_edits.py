"""Edits of whole lines: duplicate, put elsewhere, fill a price from a code. Pure; each gives a new form."""

from collections.abc import Mapping
from dataclasses import replace

from trova_app.services.forms import Form, FormLine


def duplicated(form: Form, line_id: object) -> Form:
    """The line once more, right behind itself. Raises `Refusal` at the limit of lines."""
    found = line_of(form, line_id)
    if found is None:
        return form
    longer = form.with_line(found)
    return put_at(longer, longer.lines[-1].id, form.lines.index(found) + 1)


def put_at(form: Form, line_id: object, place: object) -> Form:
    """The line at `place`, counted from 0 in the order as it is without the line; outside it, at the nearer end."""
    found = line_of(form, line_id)
    if found is None or type(place) is not int:
        return form
    rest = [line for line in form.lines if line.id != found.id]
    rest.insert(max(0, min(len(rest), place)), found)
    return replace(form, lines=tuple(rest))


def filled(form: Form, line_id: object, **cells: str) -> Form:
    """The line with these texts and a new id, so that its boxes are drawn anew and show them."""
    found = line_of(form, line_id)
    if found is None:
        return form
    new = replace(found, id=str(form.next_id), **cells)
    lines = tuple(new if line.id == found.id else line for line in form.lines)
    return replace(form, lines=lines, next_id=form.next_id + 1)


def line_of(form: Form, line_id: object) -> FormLine | None:
    return next((line for line in form.lines if line.id == line_id), None)


def followed(known: Mapping[str, str], before: Form, after: Form) -> dict[str, str]:
    """Old id -> present id of every line that was drawn anew in its place, by now: a line gone from where a new one
    stands. `known`: of earlier edits."""
    had, has = ({line.id for line in form.lines} for form in (before, after))
    pairs = zip(before.lines, after.lines, strict=False)
    new = {old.id: new.id for old, new in pairs if old.id not in has and new.id not in had}
    return {old: new.get(now, now) for old, now in known.items()} | new
