"""What a person sees of an import: how the file is read, what would become of it, how far it is, what was done."""

import csv
import io
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.spreadsheets import inert
from trova_app.models import FileImport, Imported, ImportState, Member
from trova_app.services.file_imports.acts import IS_ASIDE, find_import, may_keep
from trova_app.services.file_imports.billed import billed_sentence
from trova_app.services.file_imports.report import How, Report, how_of, report_of
from trova_app.services.import_reports import Outcome
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for

MOST_SHOWN = 40
MOST_LISTED = 20
MOVING = (ImportState.READING, ImportState.RUNNING, ImportState.UNDOING)


@dataclass(frozen=True, slots=True)
class ColumnText:
    number: int
    heading: str
    samples: str
    field: str


@dataclass(frozen=True, slots=True)
class LineText:
    row: str
    words: str
    outcome: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """`day_first`: "", "day" or "month". `since`, `until`: ISO days. `more`: lines worth a look that are not shown;
    `has_lines`: there is anything to look at at all. `why_not`: what stands in the way of undoing it."""

    id: int
    version: int
    kind: str
    name: str
    state: str
    problem: str
    total: int
    done: int
    is_moving: bool
    columns: tuple[ColumnText, ...]
    counts: dict[str, int]
    lines: tuple[LineText, ...]
    more: int
    has_lines: bool
    asks_day_first: bool
    day_first: str
    create_missing: bool
    since: str
    until: str
    may_keep: bool
    may_undo: bool
    why_not: str
    stayed: tuple[str, ...]
    stayed_count: int


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One line of the list of imports."""

    id: int
    kind: str
    name: str
    state: str
    when: str
    who: str


def import_view(db: Session, desk: Desk, who: Principal, *, import_id: object) -> ImportView:
    row = find_import(db, who, import_id)
    report, how = report_of(row), how_of(row)
    ended = row.state in (ImportState.DONE, ImportState.STOPPED)
    billed = billed_sentence(db, row) if ended else ""
    counts = {outcome.value: 0 for outcome in Outcome} | report.counts
    looks = [line for line in report.lines if line.sentence]
    return ImportView(
        id=int(row.id or 0),
        version=row.version,
        kind=row.kind,
        name=row.name,
        state=row.state,
        problem=row.problem,
        total=row.total,
        done=row.done,
        is_moving=row.state in MOVING,
        columns=tuple(
            ColumnText(at, one.heading or f"Column {at + 1}", " · ".join(one.samples), field)
            for at, (one, field) in enumerate(zip(report.columns, _fields(report, how), strict=False))
        ),
        counts={"care_service": 0, "client": 0, "scheme": 0} | counts,
        lines=tuple(
            LineText(str(one.row) if one.row else "File", one.words, one.outcome, one.sentence)
            for one in report.lines[:MOST_SHOWN]
        ),
        more=max(0, len(looks) - MOST_SHOWN) + report.more,
        has_lines=bool(looks),
        asks_day_first=report.asks_day_first or how.day_first is not None,
        day_first={None: "", True: "day", False: "month"}[how.day_first],
        create_missing=how.create_missing,
        since=how.since,
        until=how.until,
        may_keep=may_keep(counts) and not (report.asks_day_first and how.day_first is None),
        may_undo=ended and not billed and _has_made(db, row),
        why_not=billed,
        stayed=tuple(report.stayed),
        stayed_count=report.stayed_count,
    )


def _has_made(db: Session, row: FileImport) -> bool:
    return db.exec(select(Imported.id).where(Imported.import_id == row.id).limit(1)).first() is not None


def _fields(report: Report, how: How) -> tuple[str, ...]:
    """What each column is read as, also before the file was looked through again."""
    return tuple(one.field for one in report.columns) if how.fields is None else how.fields


def recent_imports(db: Session, desk: Desk, who: Principal) -> tuple[ImportRow, ...]:
    """The latest of the practice, those that wait for somebody else's word left out."""
    who.must(Permission.IMPORT)
    style = style_for(db, desk, who.practice_id)
    query = (
        select(FileImport, Member.name)
        .join(Member, col(Member.id) == col(FileImport.member_id))
        .where(FileImport.practice_id == who.practice_id)
        .where(sa.or_(~IS_ASIDE, col(FileImport.member_id) == who.member_id))
        .options(*(defer(one) for one in (col(FileImport.data), col(FileImport.report))))  # type: ignore[arg-type]
        .order_by(col(FileImport.id).desc())
    )
    return tuple(
        ImportRow(
            id=int(row.id or 0),
            kind=row.kind,
            name=row.name,
            state=row.state,
            when=style.moment_words(row.created_at),
            who=name,
        )
        for row, name in db.exec(query.limit(MOST_LISTED))
    )


def lines_of(db: Session, desk: Desk, who: Principal, *, import_id: object) -> bytes:
    """Every row that has something to look at, as a CSV a spreadsheet opens without running anything of it."""
    report = report_of(find_import(db, who, import_id))
    page = io.StringIO()
    table = csv.writer(page)
    table.writerow(["Row", "What it is", "What becomes of it", "Look at"])
    for one in report.lines:
        if one.sentence:
            cells = [str(one.row or "File"), one.words, one.outcome, one.sentence]
            table.writerow([inert(cell) for cell in cells])
    return b"\xef\xbb\xbf" + page.getvalue().encode()
