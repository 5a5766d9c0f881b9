"""What somebody typed into a session's form that was not saved when the form went: kept for its writer, and shown to
nobody else, until they dismiss it."""

import json
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.permissions import Permission, Principal
from trova_app.models import CompletionDraft, KeptTexts
from trova_app.services.form_words import unsaved_texts
from trova_app.services.forms import Form
from trova_app.services.open_question import all_questions
from trova_app.services.ports import Desk

Cell = tuple[str, str, str]
"""Name of the box, its field in words, the text."""

MOST_KEPT = 1_000  # cells of a member and session that came late; a form has a few of them, a broken page might go on


@dataclass(frozen=True, slots=True)
class Kept:
    """`ids`: of the rows the texts stand in."""

    ids: tuple[int, ...] = ()
    cells: tuple[Cell, ...] = ()


def keep_unanswered(db: Session, desk: Desk, draft: CompletionDraft, final: Form | None = None) -> list[int]:
    """Before a working copy goes: what of it waits for an answer, less what the form as finished has as well. The
    members it is of."""
    left = {}
    for member_id, (agreed, mine) in all_questions(draft.aside).items():
        missing = {name for name, _, _ in unsaved_texts(mine, final or agreed)}
        left[member_id] = [cell for cell in unsaved_texts(mine, agreed) if cell[0] in missing]
    waiting = sorted(member_id for member_id, cells in left.items() if cells)
    db.add_all(_row(desk, draft.practice_id, draft.appointment_id, one, left[one]) for one in waiting)
    return waiting


def keep_late_cells(
    db: Session, desk: Desk, who: Principal, *, appointment_id: int, cells: list[Cell], earlier: set[tuple[str, str]]
) -> None:
    """What comes after the form has gone. `earlier`: (name, text) of all that the boxes have said; of that what is kept
    gives way, unless it is what is said now. A row is never changed but made anew, so that only what was seen of it can
    be dismissed. The newest `MOST_KEPT` stay."""
    query = select(KeptTexts).where(*_own(who), KeptTexts.appointment_id == appointment_id)
    rows = [(row, cells_in(row.cells)) for row in db.exec(query.order_by(col(KeptTexts.id))).all()]
    there = {(name, text) for _, had in rows for name, _, text in had}
    gone = earlier - {(name, text) for name, _, text in cells}
    left = [(row, had, [cell for cell in had if (cell[0], cell[2]) not in gone]) for row, had in rows]
    new = [cell for cell in cells if (cell[0], cell[2]) not in there]
    is_full = sum(len(stays) for _, _, stays in left) + len(new) > MOST_KEPT
    old = [(row, stays) for row, had, stays in left if is_full or stays != had]
    if not new and not old:
        return
    for row, _ in old:
        db.delete(row)
    kept = [*(cell for _, stays in old for cell in stays), *new][-MOST_KEPT:]
    if kept:
        db.add(_row(desk, who.practice_id, appointment_id, who.member_id, kept))
    desk.tell(who.practice_id)


def _row(desk: Desk, practice_id: int, appointment_id: int, member_id: int, cells: list[Cell]) -> KeptTexts:
    return KeptTexts(
        practice_id=practice_id,
        appointment_id=appointment_id,
        member_id=member_id,
        cells=json.dumps(cells),
        kept_at=desk.now(),
    )


def kept_texts(db: Session, desk: Desk, who: Principal, *, appointment_id: int) -> Kept:
    """This person's own. Diagnoses stand in it, so nothing for a role that may not see them (any more)."""
    if not (who.may(Permission.COMPLETE) and who.may(Permission.SEE_DIAGNOSES)):
        return Kept()
    rows = db.exec(
        select(KeptTexts).where(*_own(who), KeptTexts.appointment_id == appointment_id).order_by(col(KeptTexts.id))
    ).all()
    return Kept(tuple(int(row.id or 0) for row in rows), tuple(cell for row in rows for cell in cells_in(row.cells)))


def dismiss_texts(db: Session, desk: Desk, who: Principal, *, ids: tuple[int, ...]) -> None:
    """What was shown of them goes; what was kept since stays."""
    who.must(Permission.COMPLETE)
    db.exec(sa.delete(KeptTexts).where(*_own(who), col(KeptTexts.id).in_(ids)))


def _own(who: Principal) -> tuple[sa.ColumnElement[bool], ...]:
    return (col(KeptTexts.practice_id) == who.practice_id, col(KeptTexts.member_id) == who.member_id)


def cells_in(kept: str) -> list[Cell]:
    """Raises ValueError or TypeError for what cannot be read."""
    cells = [(name, words, text) for name, words, text in json.loads(kept)]
    if not all(isinstance(text, str) for cell in cells for text in cell):
        raise TypeError("no texts")
    return cells
