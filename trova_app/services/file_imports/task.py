"""What a step of an import is about, and in whose name it is done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from trova_app.domain.imports import AppointmentRow, ParsedFile
from trova_app.domain.permissions import Permission, Principal, Role
from trova_app.domain.refusals import NotAllowed
from trova_app.models import FileImport, Member
from trova_app.services.file_imports.report import How, how_of, report_of
from trova_app.services.import_reports import Outcome
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for


@dataclass(frozen=True, slots=True)
class Task:
    """What a job is about. `data` is empty for an undoing. `left_out`: the rows the look refused, None where they are
    too many to be told one by one."""

    id: int
    version: int
    kind: str
    name: str
    data: bytes
    state: str
    zone: str
    how: How
    done: int
    left_out: frozenset[int] | None

    @property
    def window(self) -> tuple[datetime, datetime]:
        """Appointments from the first moment up to the second."""
        start, end = (datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(self.zone)) for day in self._days)
        return start, end

    @property
    def _days(self) -> tuple[str, str]:
        return self.how.since, self.how.until


def task_of(db: Session, desk: Desk, import_id: int, version: int) -> Task | None:
    """None where the person has chosen otherwise or given it up."""
    row = db.get(FileImport, import_id)
    if row is None or row.version != version:
        return None
    zone = style_for(db, desk, row.practice_id).zone.key
    report = report_of(row)
    refused = frozenset(line.row for line in report.lines if line.outcome == Outcome.REFUSED)
    left_out = None if report.more else refused
    return Task(import_id, version, row.kind, row.name, row.data, row.state, zone, how_of(row), row.done, left_out)


def in_order(parsed: ParsedFile[Any]) -> tuple[Any, ...]:
    """Appointments by time, so that a few of them are close together."""
    rows: tuple[Any, ...] = parsed.rows
    if rows and isinstance(rows[0], AppointmentRow):
        return tuple(sorted(rows, key=lambda row: (row.starts_at, row.row)))
    return rows


def row_of(db: Session, task: Task) -> FileImport | None:
    query = select(FileImport).where(FileImport.id == task.id, FileImport.version == task.version)
    return db.exec(query.with_for_update()).first()


def told(db: Session, desk: Desk, row: FileImport) -> None:
    db.add(row)
    desk.tell(row.practice_id)


def person_of(db: Session, import_id: int) -> Principal:
    """The person who began it, as they are now. Raises `NotAllowed` where they may no longer import."""
    query = select(Member).join(FileImport, col(FileImport.member_id) == col(Member.id))
    member = db.exec(query.where(FileImport.id == import_id, col(Member.disabled_at).is_(None))).first()
    if member is None:
        raise NotAllowed("The person who began this import does not sign in here any more.")
    who = Principal(int(member.id or 0), member.practice_id, Role(member.role), member.name)
    who.must(Permission.IMPORT)
    return who
