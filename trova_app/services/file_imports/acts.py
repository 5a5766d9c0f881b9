"""What a person does with an import: begin, say how the file is read, keep its rows, give it up, undo it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from secrets import randbelow
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from trova_app.domain.imports import ImportKind
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound, Refusal
from trova_app.models import FileImport, Imported, ImportState
from trova_app.services import outbox
from trova_app.services.arguments import Fields, an_id
from trova_app.services.file_imports.billed import billed_sentence
from trova_app.services.file_imports.fields import FIELDS
from trova_app.services.file_imports.report import How, how_of, report_of, written
from trova_app.services.import_reports import Outcome
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for
from trova_app.services.waiting_files import forget_file, waiting_file

NEAR = timedelta(days=366)  # how far back and ahead appointments are read
WAITS = timedelta(hours=1)  # a file that was looked through and not imported
ROWS_STAY = timedelta(days=30)  # what is said of single rows, names and all
LONGEST_WINDOW = timedelta(days=5 * 366)
LATEST = date(2199, 12, 31)
JOB = "import_file"
MANY = 1_000_000_000
"""Versions begin anywhere below it: SQLite gives a forgotten import's id again, whose jobs are not this one's."""
IS_ASIDE = col(FileImport.state).in_([ImportState.READING, ImportState.READY])  # nobody has said yet to keep it
MOVED_ON = "This import has moved on in the meantime. Look at what stands there now."


def begin_import(db: Session, desk: Desk, who: Principal, *, kind: object, token: object) -> int:
    """Takes a waiting file and has it looked through; gives the import's id. One that this person looked at before and
    did not keep is forgotten."""
    who.must(Permission.IMPORT)
    if kind not in FIELDS:
        raise Refusal("Choose what the list is of: clients or appointments.")
    given = waiting_file(db, desk, who, token=token)
    _forget(db, col(FileImport.member_id) == who.member_id)
    today = style_for(db, desk, who.practice_id).today
    how = How(since=(today - NEAR).isoformat(), until=(today + NEAR).isoformat())
    row = FileImport(
        practice_id=who.practice_id,
        member_id=who.member_id,
        kind=ImportKind(str(kind)),
        name=given.name,
        data=given.data,
        options=written(how),
        version=randbelow(MANY),
        created_at=desk.now(),
    )
    db.add(row)
    forget_file(db, desk, who, token=token)
    _have_done(db, desk, row)
    return int(row.id or 0)


def choose_how(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    import_id: object,
    fields: object = None,
    day_first: object = None,
    create_missing: object = None,
    since: object = None,
    until: object = None,
) -> None:
    """Says how the file is read, and has it looked through again. What is not given stays as it was chosen."""
    row = find_import(db, who, import_id, lock=True)
    if row.state not in (ImportState.READING, ImportState.READY):
        raise Refusal(MOVED_ON)
    how = how_of(row)
    if fields is not None:
        how = replace(how, fields=_fields(row.kind, fields))
    if day_first is not None:
        how = replace(how, day_first=_truth(day_first))
    if create_missing is not None:
        how = replace(how, create_missing=_truth(create_missing))
    if since is not None or until is not None:
        how = _window(how, how.since if since is None else since, how.until if until is None else until)
    row.options, row.state = written(how), ImportState.READING
    _have_done(db, desk, row)


def _fields(kind: str, given: object) -> tuple[str, ...]:
    known = {"", *FIELDS[kind]}
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) > 1000:
        raise Refusal("Choose for each column what it holds.")
    if not all(isinstance(one, str) and one in known for one in given):
        raise Refusal("Choose for each column what it holds.")
    return tuple(given)


def _window(how: How, since: object, until: object) -> How:
    """Raises `FieldFaults` at "since" or "until"."""
    form = Fields()
    first, end = (form.day(name, day, latest=LATEST) for name, day in (("since", since), ("until", until)))
    for name, day in (("since", first), ("until", end)):
        if day is None and not form.faults:
            form.fault(name, "Enter a day such as 2026-01-01.")
    if first and end and not timedelta() < end - first <= LONGEST_WINDOW:
        form.fault("until", "Enter a day after the first, up to five years later.")
    form.done()
    return replace(how, since=first.isoformat(), until=end.isoformat()) if first and end else how


def _truth(given: object) -> bool:
    form = Fields()
    answer = form.truth("", given)
    form.done()
    return answer


def keep_import(db: Session, desk: Desk, who: Principal, *, import_id: object, version: object) -> None:
    """Has the rows kept that were shown at `version`; those that cannot be kept are left out."""
    row = find_import(db, who, import_id, lock=True)
    if row.state != ImportState.READY or row.version != version:
        raise Refusal(MOVED_ON)
    report = report_of(row)
    if report.asks_day_first and how_of(row).day_first is None:
        raise Refusal("Say first how its dates are written: day or month first.")
    if not may_keep(report.counts):
        raise Refusal("There is nothing new in this file.")
    row.state, row.done, row.refused = ImportState.RUNNING, 0, 0
    _have_done(db, desk, row)


def may_keep(counts: dict[str, int]) -> bool:
    return counts.get(Outcome.IMPORTED, 0) + counts.get(Outcome.UPDATED, 0) > 0


def cancel_import(db: Session, desk: Desk, who: Principal, *, import_id: object) -> None:
    """The file is forgotten; nothing of it was kept."""
    row = find_import(db, who, import_id, lock=True)
    if row.state not in (ImportState.READING, ImportState.READY):
        raise Refusal(MOVED_ON)
    outbox.withdraw(db, desk, _key(row))
    db.delete(row)


def undo_import(db: Session, desk: Desk, who: Principal, *, import_id: object) -> None:
    """Has everything taken back that this import made or filled in, as long as nothing of it was billed."""
    row = find_import(db, who, import_id, lock=True)
    if row.state not in (ImportState.DONE, ImportState.STOPPED):
        raise Refusal(MOVED_ON)
    billed = billed_sentence(db, row)
    if billed:
        raise Refusal(billed)
    made = db.exec(select(func.count()).where(Imported.import_id == row.id)).one()
    row.state, row.done, row.total = ImportState.UNDOING, 0, made
    _have_done(db, desk, row)


def find_import(db: Session, who: Principal, import_id: object, *, lock: bool = False) -> FileImport:
    """`NotFound` for another practice's import as for none, and for one that waits for somebody else's word. Its file
    is not read."""
    who.must(Permission.IMPORT)
    query = select(FileImport).where(
        FileImport.id == an_id(import_id, "import"),
        FileImport.practice_id == who.practice_id,
        sa.or_(~IS_ASIDE, col(FileImport.member_id) == who.member_id),
    )
    query = query.options(defer(col(FileImport.data)))  # type: ignore[arg-type]
    found = db.exec(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFound("import")
    return found


def _have_done(db: Session, desk: Desk, row: FileImport) -> None:
    """Puts the next step of the work into the outbox."""
    row.version += 1
    db.add(row)
    db.flush()
    payload = {"import_id": row.id, "version": row.version}
    outbox.enqueue(db, desk, practice_id=row.practice_id, kind=JOB, key=_key(row), payload=payload)


def _key(row: FileImport) -> str:
    return f"import:{row.id}:{row.version}"


# -- what nobody kept


def has_old(db: Session, desk: Desk) -> bool:
    return any(db.exec(select(FileImport.id).where(*which).limit(1)).first() for which in (_old(desk), _told(desk)))


def forget_old(db: Session, desk: Desk) -> None:
    """Files that were looked through and that nobody imported, and the rows of those that ended long ago."""
    _forget(db, *_old(desk))
    query = select(FileImport).where(*_told(desk)).options(defer(col(FileImport.data)))  # type: ignore[arg-type]
    for row in db.exec(query):
        row.report = written(replace(report_of(row), columns=(), lines=[], more=0, stayed=[]))
        db.add(row)


def _old(desk: Desk) -> tuple[Any, ...]:
    return IS_ASIDE, col(FileImport.created_at) <= desk.now() - WAITS


def _told(desk: Desk) -> tuple[Any, ...]:
    """Ended, and rows are still spoken of."""
    speaks = col(FileImport.report).contains('"lines": [{') | col(FileImport.report).contains('"stayed": ["')
    return col(FileImport.ended_at) <= desk.now() - ROWS_STAY, speaks


def _forget(db: Session, *which: Any) -> None:
    db.execute(sa.delete(FileImport).where(IS_ASIDE, *which))
