"""The look through a file, and the keeping of its rows: steps of a job, each in a short transaction of its own."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from trova_app.domain.imports import AppointmentRow, ImportKind, ParsedFile
from trova_app.domain.permissions import Permission, Principal, Role
from trova_app.domain.refusals import NotAllowed
from trova_app.models import FileImport, Imported, ImportState, Member
from trova_app.services.appointment_imports import Diary, appointment_keeper
from trova_app.services.client_imports import Register, client_keeper
from trova_app.services.file_imports.report import MOST_PLAIN, How, Line, Report, how_of, report_of, written
from trova_app.services.file_imports.was import was_text
from trova_app.services.import_reports import ImportLine, Notes, Outcome, begin, kept
from trova_app.services.import_writes import Writes
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for

AT_ONCE = 100  # rows of one transaction at most
LONGEST_HOLD = 0.02  # seconds after which a transaction takes no further row


@dataclass(frozen=True, slots=True)
class Task:
    """What a job is about. `data` is empty for an undoing."""

    id: int
    version: int
    kind: str
    name: str
    data: bytes
    state: str
    zone: str
    how: How
    done: int

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
    return Task(import_id, version, row.kind, row.name, row.data, row.state, zone, how_of(row), row.done)


def in_order(parsed: ParsedFile[Any]) -> tuple[Any, ...]:
    """Appointments by time, so that a few of them are close together."""
    rows: tuple[Any, ...] = parsed.rows
    if rows and isinstance(rows[0], AppointmentRow):
        return tuple(sorted(rows, key=lambda row: (row.starts_at, row.row)))
    return rows


# -- the look


@dataclass(slots=True)
class Look:
    """A trial of all rows, a few at a time, so that each sees those before it. Writes nothing."""

    task: Task
    report: Report
    _register: Register | None = None
    _diary: Diary | None = None
    _plain: list[Line] = field(default_factory=list)
    _unnamed: dict[int, list[Line]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What the reader said, by row: who it is about is known once the row comes by."""
        for line in self.report.lines:
            self._unnamed.setdefault(line.row, []).append(line)

    def at(self, db: Session, desk: Desk, rows: Sequence[Any]) -> None:
        who = _who(db, self.task.id)
        keep = self._keeper(db, desk, who, rows)
        style = style_for(db, desk, who.practice_id)
        for row in rows:
            self._tell(row, style, *kept(row, keep))

    def _keeper(self, db: Session, desk: Desk, who: Principal, rows: Sequence[Any]) -> Callable[[Any, Notes], Outcome]:
        if self.task.kind == ImportKind.CLIENTS:
            self._register = self._register or Register(Writes(db, is_trial=True))
            self._register.writes.db = db
            return client_keeper(desk, who, self._register, rows)
        if self._diary is None:
            trial = Writes(db, is_trial=True)
            self._diary = Diary.of(trial, who.practice_id, self.task.how.create_missing)
        self._diary.writes.db = db
        return appointment_keeper(desk, who, self._diary, rows)

    def _tell(self, row: Any, style: PracticeStyle, line: ImportLine, notes: list[ImportLine]) -> None:
        self.report.count(line.outcome)
        for said in self._unnamed.get(row.row, ()):
            said.words, said.outcome = words_of(row, style), line.outcome
        sentences = [line.sentence] if line.sentence else [note.sentence for note in notes]
        for sentence in sentences:
            self.report.say(Line(row.row, words_of(row, style), line.outcome, sentence))
        if not sentences and len(self._plain) < MOST_PLAIN:
            self._plain.append(Line(row.row, words_of(row, style), line.outcome))

    def done(self) -> Report:
        """What is refused first, then what to look at, a row's sentences together, then a few of the rest."""
        by_row: dict[int, Line] = {}
        for line in self.report.lines:
            first = by_row.setdefault(line.row, line)
            if first is not line:
                first.sentence = f"{first.sentence} {line.sentence}"
        said = sorted(by_row.values(), key=lambda line: (line.outcome != Outcome.REFUSED, line.row))
        self.report.lines = [*said, *self._plain]
        return self.report


def begin_look(task: Task, parsed: ParsedFile[Any]) -> Look:
    """What the reader has said already stands in the report."""
    report = Report(columns=parsed.columns, asks_day_first=parsed.asks_day_first)
    for fault in parsed.faults:
        if fault.left_out and fault.row:
            report.count(Outcome.REFUSED)
        outcome = Outcome.REFUSED if fault.left_out else Outcome.UNCHANGED
        if not (parsed.asks_day_first and not fault.row):
            report.say(Line(fault.row, "", outcome, fault.sentence))
    return Look(task, report)


def words_of(row: Any, style: PracticeStyle) -> str:
    """Who or what a row is: "Thandi Mokoena, thandi@example.test", "3 Mar 2026 09:00 Thandi Mokoena"."""
    if isinstance(row, AppointmentRow):
        return f"{short(style.day(row.starts_at))} {style.time(row.starts_at)} {row.client_name}"[:200]
    name = f"{row.first_name} {row.last_name}".strip()
    return ", ".join(part for part in (name, row.email or row.phone) if part)[:200]


def go_on(db: Session, task: Task, done: int, total: int) -> bool:
    """Notes how far the look is. False where the person has chosen otherwise meanwhile."""
    here = sa.update(FileImport).where(col(FileImport.id) == task.id, col(FileImport.version) == task.version)
    return db.execute(here.values(done=done, total=total).returning(col(FileImport.id))).first() is not None


def looked(db: Session, desk: Desk, task: Task, report: Report, total: int) -> None:
    row = _row(db, task)
    if row is None:
        return
    row.report, row.state, row.total, row.done = written(report), ImportState.READY, total, 0
    _tell(db, desk, row)


# -- the keeping


def keep_some(db: Session, desk: Desk, task: Task, rows: Sequence[Any], at: int) -> int | None:
    """Keeps the rows from `at` on for as long as a transaction may last; how far it came. None where it is over."""
    row = _row(db, task)
    if row is None or row.state != ImportState.RUNNING:
        return None
    who, until = _who(db, task.id), time.monotonic() + LONGEST_HOLD
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
    row = _row(db, task)
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
    row = _row(db, task)
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
    _tell(db, desk, row)


def _row(db: Session, task: Task) -> FileImport | None:
    query = select(FileImport).where(FileImport.id == task.id, FileImport.version == task.version)
    return db.exec(query.with_for_update()).first()


def _tell(db: Session, desk: Desk, row: FileImport) -> None:
    db.add(row)
    desk.tell(row.practice_id)


def _who(db: Session, import_id: int) -> Principal:
    """The person who began it, as they are now. Raises `NotAllowed` where they may no longer import."""
    query = select(Member).join(FileImport, col(FileImport.member_id) == col(Member.id))
    member = db.exec(query.where(FileImport.id == import_id, col(Member.disabled_at).is_(None))).first()
    if member is None:
        raise NotAllowed("The person who began this import does not sign in here any more.")
    who = Principal(int(member.id or 0), member.practice_id, Role(member.role), member.name)
    who.must(Permission.IMPORT)
    return who
