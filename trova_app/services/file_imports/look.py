"""The look through a file: what would become of each row. Nothing is written but how far it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.domain.imports import AppointmentRow, ImportKind, ParsedFile
from trova_app.domain.permissions import Principal
from trova_app.models import FileImport, ImportState
from trova_app.services.appointment_imports import Diary, appointment_keeper
from trova_app.services.client_imports import Register, client_keeper
from trova_app.services.file_imports.report import MOST_PLAIN, Line, Report, written
from trova_app.services.file_imports.task import Task, person_of, row_of, told
from trova_app.services.import_reports import ImportLine, Notes, Outcome, kept
from trova_app.services.import_writes import Writes
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for


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
        who = person_of(db, self.task.id)
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
    row = row_of(db, task)
    if row is None:
        return
    row.report, row.state, row.total, row.done = written(report), ImportState.READY, total, 0
    told(db, desk, row)
