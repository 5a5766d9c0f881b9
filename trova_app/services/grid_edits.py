"""Edits of whole lines: duplicate, put elsewhere. Pure; each gives a new form."""

from dataclasses import replace

from trova_app.services.forms import Form, FormLine, id_by_act


def duplicated(form: Form, line_id: object, key: str) -> Form:
    """The line once more, right behind itself. `key`: of this act. Raises `Refusal` at the limit of lines."""
    found = line_of(form, line_id)
    if found is None:
        return form
    longer = form.with_line(replace(found, id=id_by_act(key)))
    return put_at(longer, longer.lines[-1].id, form.lines.index(found) + 1)


def put_at(form: Form, line_id: object, place: object) -> Form:
    """The line at `place`, counted from 0 in the order as it is without the line; outside it, at the nearer end."""
    found = line_of(form, line_id)
    if found is None or type(place) is not int:
        return form
    rest = [line for line in form.lines if line.id != found.id]
    rest.insert(max(0, min(len(rest), place)), found)
    return replace(form, lines=tuple(rest))


def line_of(form: Form, line_id: object) -> FormLine | None:
    return next((line for line in form.lines if line.id == line_id), None)
