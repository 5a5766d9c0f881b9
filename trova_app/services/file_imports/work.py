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
from trova_app.services.file_imports.look import words_of
from trova_app.services.file_imports.report import Line, Report, report_of, written
from trova_app.services.file_imports.task import Task, person_of, row_of, told
from trova_app.services.file_imports.was import was_text
from trova_app.services.import_reports import CLASHES, NOT_TAKEN, ImportLine, Notes, Outcome, begin, kept
from trova_app.services.import_writes import Writes
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for

AT_ONCE = 100  # rows of one transaction at most
LEAST = 10  # rows of one transaction at least: what it costs besides grows on a busy machine beyond the time for rows
LONGEST_HOLD = 0.02  # seconds after which a transaction takes no further row
Came = tuple[Any, ImportLine, list[ImportLine]]
"""A row of the file, what became of it, and what to look at in it."""


def read_ahead(rows: Sequence[Any], at: int) -> None:
    """Reads the texts of the next rows before a transaction is open."""
    for row in rows[at : at + AT_ONCE]:
        appointment_imports.texts_of(row) if isinstance(row, AppointmentRow) else client_imports.texts_of(row)


def keep_some(db: Session, desk: Desk, task: Task, rows: Sequence[Any], at: int) -> int | None:
    """Keeps the rows from `at` on for as long as a transaction may last; how far it came. None where it is over. Rows
    that can no longer be kept are counted and told with the others."""
    row = row_of(db, task)
    if row is None or row.state != ImportState.RUNNING:
        return None
    who = person_of(db, task.id)
    begin(db, who)
    batch = rows[at : at + AT_ONCE]
    try:
        with db.begin_nested():
            came = _kept_rows(db, desk, who, task, row, batch)
    except NOT_TAKEN:
        came = _one_by_one(db, desk, who, task, row, batch)
    row.done, row.total = at + len(came), len(rows)
    row.refused += sum(line.outcome is Outcome.REFUSED for _, line, _ in came)
    _tell(db, desk, task, row, came)
    db.add(row)
    return row.done


def _kept_rows(
    db: Session, desk: Desk, who: Principal, task: Task, row: FileImport, batch: Sequence[Any]
) -> list[Came]:
    """What became of the rows of the batch that were reached in time."""
    writes, until, came = Writes(db), time.monotonic() + LONGEST_HOLD, []
    keep = _real_keeper(desk, who, task, writes, batch)
    for one in batch:
        came.append((one, *kept(one, keep)))
        if len(came) >= LEAST and time.monotonic() > until:
            break
    db.flush()
    _note(db, row, writes)
    return came


def _one_by_one(
    db: Session, desk: Desk, who: Principal, task: Task, row: FileImport, batch: Sequence[Any]
) -> list[Came]:
    """The same where the database does not take one of them: that one is left out."""
    until, came = time.monotonic() + LONGEST_HOLD, []
    for one in batch:
        try:
            with db.begin_nested():
                came += _kept_rows(db, desk, who, task, row, [one])
        except NOT_TAKEN:
            came.append((one, ImportLine(one.row, Outcome.REFUSED, CLASHES), []))
        if len(came) >= LEAST and time.monotonic() > until:
            break
    return came


def _tell(db: Session, desk: Desk, task: Task, row: FileImport, came: Sequence[Came]) -> None:
    """Brings the report's lines up to date where a row was refused that the look would have kept, or the reverse."""
    if task.left_out is None:
        return
    news = [one for one in came if (one[1].outcome is Outcome.REFUSED) != (one[1].row in task.left_out)]
    if not news:
        return
    report, style = report_of(row), style_for(db, desk, row.practice_id)
    told = {line.row: line for line in report.lines}
    for one, line, notes in news:
        sentence = line.sentence or " ".join(note.sentence for note in notes)
        if line.row in told:
            told[line.row].outcome, told[line.row].sentence = line.outcome, sentence
        else:
            report.say(Line(line.row, words_of(one, style), line.outcome, sentence))
    report.lines.sort(key=lambda line: (line.outcome != Outcome.REFUSED, not line.sentence, line.row))
    row.report = written(report)


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
    rows = sum(report.counts.values())
    unread = max(0, rows - row.total)
    report.counts = _made(db, row) | {Outcome.REFUSED: unread + row.refused}
    report.counts[Outcome.UNCHANGED] = max(0, rows - sum(report.counts.get(one, 0) for one in THROUGH))
    _end(db, desk, row, report, ImportState.DONE)


THROUGH = (Outcome.IMPORTED, Outcome.UPDATED, Outcome.REFUSED)


def stopped(db: Session, desk: Desk, task: Task, problem: str) -> None:
    """It cannot go on: what was kept so far stands, and can be undone."""
    row = row_of(db, task)
    if row is not None:
        report = report_of(row)
        report.counts, row.problem = _made(db, row) | {Outcome.REFUSED: row.refused}, problem
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
