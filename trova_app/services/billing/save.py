"""Saving the form while it is typed; a Draft in Billing follows it as long as the form adds up."""

from collections.abc import Callable

from sqlmodel import Session

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import FieldFaults
from trova_app.services import working_copy
from trova_app.services.billing.draft import checked, write_draft
from trova_app.services.forms import MOST_LINES, Form
from trova_app.services.ports import Desk
from trova_app.services.working_copy import Case, WorkingCopy, find_case, standard_tax

MOST_CELLS = 5000  # fields on the largest form


def save_form(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    appointment_id: int,
    version: int,
    form: Form,
    done_keys: tuple[str, ...] = (),
) -> WorkingCopy:
    """`done_keys`: of acts that the form has in it. Raises `ChangedElsewhere` when `version` is not the newest; then
    the other's is kept."""
    saved = working_copy.save(
        db, desk, who, appointment_id=appointment_id, version=version, form=form, done_keys=done_keys
    )
    if saved.has_draft:
        _bring_draft_along(db, desk, who, find_case(db, who, appointment_id), form)
    return saved.copy


def save_typed(
    db: Session, desk: Desk, who: Principal, *, appointment_id: object, cells: object, lines: object = ()
) -> bool:
    """What a page posted as it went: lists of [name, text, the texts the box has had there], and the ids of lines that
    were begun there, to be made where they are not yet. Where another text stands by now it is a newer one, somebody
    else's or of the same person's next page, and stays. True when all was kept."""
    who.must(Permission.COMPLETE)
    case = find_case(db, who, appointment_id, lock=True)
    copy = working_copy.working_copy(db, desk, case)
    form, is_all = _with_lines(copy.form, lines, lambda: standard_tax(db, case)), True
    known = dict(form.pairs())
    for name, text, mine in _typed(cells):
        if known.get(name) in mine:
            form = form.with_text(name, text)
        elif known.get(name) != text:
            is_all = False
    if form != copy.form:
        save_form(db, desk, who, appointment_id=case.appointment.id or 0, version=copy.version, form=form)
    return is_all


def _with_lines(form: Form, lines: object, tax: Callable[[], str]) -> Form:
    for line_id in lines[:MOST_LINES] if isinstance(lines, list) else []:
        if form.takes_line(line_id) and len(form.lines) < MOST_LINES:
            form = form.with_new_line(tax(), line_id)
    return form


def _typed(cells: object) -> list[tuple[str, str, list[str]]]:
    """The cells a page tells of, whatever was sent."""
    listed = cells[:MOST_CELLS] if isinstance(cells, list) else []
    return [
        (cell[0], cell[1], [text for text in cell[2] if isinstance(text, str)])
        for cell in listed
        if isinstance(cell, list) and len(cell) == 3 and isinstance(cell[2], list)
        if isinstance(cell[0], str) and isinstance(cell[1], str)
    ]


def _bring_draft_along(db: Session, desk: Desk, who: Principal, case: Case, form: Form) -> None:
    """While a field is faulty the Draft keeps the last figures that added up."""
    try:
        made = checked(form, case.rules, desk.today(case.practice.time_zone))
    except FieldFaults:
        return
    write_draft(db, desk, case, made, who.member_id)
