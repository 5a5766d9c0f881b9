"""The keeping of an import's rows, a few to a transaction."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from trova_app.domain.imports import AppointmentRow, ImportKind
from trova_app.domain.permissions import Principal
from trova_app.models import FileImport, Imported, ImportState
from trova_app.services import appointment_imports, client_imports
from trova_app.services.appointment_imports import Diary, appointment_keeper
from trova_app.services.client_imports import Register, client_keeper
from trova_app.services.file_imports.report import Report, report_of, written
from trova_app.services.file_imports.task import Task, person_of, row_of, told
from trova_app.services.file_imports.was import was_text
from trova_app.services.import_reports import Notes, Outcome, begin, kept
from trova_app.services.import_writes import Writes
from trova_app.services.ports import Desk

AT_ONCE = 100  # rows of one transaction at most
LONGEST_HOLD = 0.02  # seconds after which a transaction takes no further row


def read_ahead(rows: Sequence[Any], at: int) -> None:
    """Reads the texts of the next rows before a transaction is open."""
    for row in rows[at : at + AT_ONCE]:
        appointment_imports.texts_of(row) if isinstance(row, AppointmentRow) else client_imports.texts_of(row)


def keep_some(db: Session, desk: Desk, task: Task, rows: Sequence[Any], at: int) -> int | None:
    """Keeps the rows from `at` on for as long as a transaction may last; how far it came. None where it is over."""
    row = row_of(db, task)
    if row is None or row.state != ImportState.RUNNING:
        return None
    who, until = person_of(db, task.id), time.monotonic() + LONGEST_HOLD
    begin(db, who)
    writes, batch = Writes(db), rows[at : at + AT_ONCE]
    keep = _real_keeper(desk, who, task, writes, batch)
    for one in batch:
        kept(one, keep)
        at += 1
        if time.monotonic() > until:
            break
    db.flush()
    _note(db, row, writes)
    row.done, row.total = at, len(rows)
    db.add(row)
    return row.done


def _real_keeper(
    desk: Desk, who: Principal, task: Task, writes: Writes, batch: Sequence[Any]
) -> Callable[[Any, Notes], Outcome]:
    if task.kind == ImportKind.CLIENTS:
        return client_keeper(desk, who, Register(writes), batch)
    return appointment_keeper(desk, who, Diary.of(writes, who.practice_id, task.how.create_missing), batch)


def _note(db: Session, row: FileImport, writes: Writes) -> None:
    """What was made and changed, so that it can be undone."""
    same = {"practice_id": row.practice_id, "import_id": int(row.id or 0)}
    made = [
        same | {"what": one.__tablename__, "record_id": one.id, "version": getattr(one, "version", 0), "was": ""}
        for one in writes.made
    ]
    if made:
        db.execute(sa.insert(Imported), made)
    for (what, record_id), (record, before) in writes.changed.items():
        which = (Imported.import_id == row.id, Imported.what == what, Imported.record_id == record_id)
        known = db.exec(select(Imported).where(*which)).first()
        if known is None:
            known = Imported(what=what, record_id=record_id, was=was_text(before), **same)
        elif known.was:
            known.was = was_text(before, known.was)
        known.version = record.version
        db.add(known)


def all_kept(db: Session, desk: Desk, task: Task) -> None:
    """Every row is through: says what was made, and forgets the file."""
    row = row_of(db, task)
    if row is None or row.state != ImportState.RUNNING:
        return
    report = report_of(row)
    left_out, rows = report.counts.get(Outcome.REFUSED, 0), sum(report.counts.values())
    report.counts = _made(db, row) | {Outcome.REFUSED: left_out}
    report.counts[Outcome.UNCHANGED] = max(0, rows - sum(report.counts.get(one, 0) for one in THROUGH))
    _end(db, desk, row, report, ImportState.DONE)


THROUGH = (Outcome.IMPORTED, Outcome.UPDATED, Outcome.REFUSED)


def stopped(db: Session, desk: Desk, task: Task, problem: str) -> None:
    """It cannot go on: what was kept so far stands, and can be undone."""
    row = row_of(db, task)
    if row is not None:
        report = report_of(row)
        report.counts, row.problem = _made(db, row), problem
        _end(db, desk, row, report, ImportState.STOPPED)


def _made(db: Session, row: FileImport) -> dict[str, int]:
    """Of what the file is a list of, how many were imported and filled in; of all else, how many were added."""
    main = "client" if row.kind == ImportKind.CLIENTS else "appointment"
    is_new = col(Imported.was) == ""
    query = select(Imported.what, is_new, func.count()).where(Imported.import_id == row.id)
    counted = {(what, bool(new)): n for what, new, n in db.exec(query.group_by(col(Imported.what), is_new))}
    counts: dict[str, int] = {what: n for (what, new), n in counted.items() if new and what != main}
    return counts | {
        Outcome.IMPORTED: counted.get((main, True), 0),
        Outcome.UPDATED: counted.get((main, False), 0),
    }


def _end(db: Session, desk: Desk, row: FileImport, report: Report, state: ImportState) -> None:
    row.report, row.state, row.data, row.ended_at = written(report), state, b"", desk.now()
    told(db, desk, row)
