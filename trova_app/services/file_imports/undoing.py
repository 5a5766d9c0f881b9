"""Taking back what an import made and filled in, the last first. What was changed or used since stays, and is said."""

import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from trova_app.models import (
    Appointment,
    CareService,
    Client,
    ClientDiagnosis,
    FileImport,
    Imported,
    ImportState,
    Scheme,
)
from trova_app.services.clients import found_anew
from trova_app.services.file_imports.billed import billed_sentence
from trova_app.services.file_imports.report import Report, report_of, written
from trova_app.services.file_imports.task import Task
from trova_app.services.file_imports.was import put_back
from trova_app.services.file_imports.work import LONGEST_HOLD
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short, style_for

TABLES: dict[str, type[SQLModel]] = {
    str(table.__tablename__): table for table in (Client, Appointment, CareService, Scheme)
}
MOST_NAMED = 100
AT_ONCE = 60  # records of one transaction at most: each is looked for in every table that may refer to it
TOGETHER = 10  # of them are taken back at once; then it is seen whether the transaction has lasted long enough
UNSEEN = {"synchronize_session": False}
CHANGED = "was changed since"
USED = "is in use since"


def undo_some(db: Session, desk: Desk, task: Task) -> bool:
    """Takes back as much as a transaction may last for. False where nothing is left to do."""
    row = db.exec(
        select(FileImport).where(FileImport.id == task.id, FileImport.version == task.version).with_for_update()
    ).first()
    if row is None or row.state != ImportState.UNDOING:
        return False
    query = select(Imported).where(Imported.import_id == row.id).order_by(col(Imported.id).desc())
    last, until, taken = db.exec(query.limit(AT_ONCE)).all(), time.monotonic() + LONGEST_HOLD, 0
    billed = billed_sentence(db, row, [int(one.id or 0) for one in last])
    if billed:
        row.state, row.problem = ImportState.STOPPED, billed
        desk.tell(row.practice_id)
        return False
    report = report_of(row)
    for some in _alike(last):
        _undo(db, desk, report, some)
        taken += len(some)
        if time.monotonic() > until:
            break
    db.execute(sa.delete(Imported).where(col(Imported.id).in_([one.id for one in last[:taken]])))
    row.done, row.report = row.done + taken, written(report)
    is_left = taken == AT_ONCE or taken < len(last)
    if not is_left:
        row.state, row.ended_at = ImportState.UNDONE, desk.now()
        desk.tell(row.practice_id)
    db.add(row)
    return is_left


def _alike(last: Sequence[Imported]) -> Iterator[list[Imported]]:
    """In their order, a few together, those of one table that were made, or changed."""
    for _, some in groupby(last, key=lambda one: (one.what, one.was == "")):
        alike = list(some)
        yield from (alike[at : at + TOGETHER] for at in range(0, len(alike), TOGETHER))


def _undo(db: Session, desk: Desk, report: Report, some: list[Imported]) -> None:
    """`some` are alike. Those that were made go together, or one by one where that is not possible."""
    table: Any = TABLES[some[0].what]
    wanted = {one.record_id: one for one in some}
    records = db.exec(select(table).where(col(table.id).in_(wanted)).with_for_update()).all()
    as_left = [one for one in records if getattr(one, "version", 0) == wanted[one.id].version]
    stayed = {one.id: CHANGED for one in records if getattr(one, "version", 0) != wanted[one.id].version}
    if some[0].was:
        for record in as_left:
            put_back(db, record, wanted[record.id].was)
            record.version += 1
            db.add(found_anew(db, record) if table is Client else record)
        db.flush()
    elif not _gone(db, table, [one.id for one in as_left]):
        stayed |= {one.id: USED for one in as_left if not _gone(db, table, [one.id])}
    for record in records:
        if record.id in stayed:
            report.stayed_count += 1
            if len(report.stayed) < MOST_NAMED:
                report.stayed.append(f"{_named(db, desk, record)} {stayed[record.id]}, and stays.")


def _gone(db: Session, table: Any, ids: list[int]) -> bool:
    """False where one of them is referred to: then all of them are still there."""
    try:
        with db.begin_nested():
            if table is Client:
                db.execute(sa.delete(ClientDiagnosis).where(col(ClientDiagnosis.client_id).in_(ids)))
            db.execute(sa.delete(table).where(col(table.id).in_(ids)), execution_options=UNSEEN)
    except IntegrityError:
        return False
    return True


def _named(db: Session, desk: Desk, record: SQLModel) -> str:
    if isinstance(record, Client):
        return f"{record.first_name} {record.last_name}".strip()
    if isinstance(record, Appointment):
        client, style = db.get_one(Client, record.client_id), style_for(db, desk, record.practice_id)
        day = f"{short(style.day(record.starts_at))} {style.time(record.starts_at)}"
        return f"{day} {client.first_name} {client.last_name}".strip()
    return str(getattr(record, "name", ""))
