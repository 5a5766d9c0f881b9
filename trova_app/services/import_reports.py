"""What became of each row of an import, and the rule that all of a file is kept or nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session, select

from trova_app.domain.imports import ParsedFile, Row, RowFault
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import Practice
from trova_app.services.ports import Desk

CLASHES = "This row clashes with something that is here already, such as its id."
NOT_TAKEN = (IntegrityError, DataError)
"""What the database raises for a row it refuses."""
ASKS_ORDER = "Dates such as 03/04/2026 can be read two ways. Say whether the day or the month comes first."


class Outcome(StrEnum):
    IMPORTED = "imported"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportLine:
    """`row` as the person sees it in the file; 0 is the whole file. `sentence` says why a row is refused, or what to
    look at in one that is kept; it may quote the file, so it is shown and never logged."""

    row: int
    outcome: Outcome
    sentence: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`is_saved`: False for a dry run, and where any row was refused: then nothing was kept."""

    lines: tuple[ImportLine, ...]
    notes: tuple[ImportLine, ...]
    is_saved: bool
    is_dry_run: bool

    def number(self, outcome: Outcome) -> int:
        return sum(line.outcome is outcome for line in self.lines)

    @property
    def is_refused(self) -> bool:
        return self.number(Outcome.REFUSED) > 0


@dataclass(slots=True)
class Notes:
    """What to look at in the row being kept."""

    sentences: list[tuple[str, str]]

    def add(self, field: str, sentence: str) -> None:
        self.sentences.append((field, sentence))


Keeper = Callable[[Row, Notes], Outcome]
"""Keeps one row; raises `Refusal` for one that cannot be kept."""
Lines = tuple[list[ImportLine], list[ImportLine]]
"""What became of some rows, and what to look at in them."""


def all_or_nothing(
    db: Session,
    desk: Desk,
    who: Principal,
    parsed: ParsedFile[Row],
    keeper: Callable[[], Keeper[Row]],
    *,
    is_dry_run: bool,
) -> ImportReport:
    """Keeps the rows one by one with what `keeper` makes. Everything is taken back where a row was refused, here, by
    the reader or by the database, and on a dry run."""
    lines = [_of_reader(fault) for fault in parsed.faults if fault.left_out]
    notes = [ImportLine(f.row, Outcome.UNCHANGED, f.sentence, f.field) for f in parsed.faults if not f.left_out]
    if parsed.asks_day_first:
        lines.append(ImportLine(0, Outcome.REFUSED, ASKS_ORDER, "day_first"))
    trial = db.begin_nested()
    try:
        came, said = _all_kept(parsed.rows, keeper())
        db.flush()
    except NOT_TAKEN:
        trial.rollback()
        trial = db.begin_nested()
        came, said = _up_to_the_clash(db, parsed.rows, keeper())
    lines, notes = lines + came, notes + said
    is_saved = not is_dry_run and all(line.outcome is not Outcome.REFUSED for line in lines)
    if is_saved:
        trial.commit()
        desk.tell(who.practice_id)
    else:
        trial.rollback()
    return ImportReport(_sorted(lines), _sorted(notes), is_saved, is_dry_run)


def _all_kept(rows: Iterable[Row], keep: Keeper[Row]) -> Lines:
    lines, notes = [], []
    for row in rows:
        line, said = kept(row, keep)
        lines.append(line)
        notes += said
    return lines, notes


def _up_to_the_clash(db: Session, rows: Iterable[Row], keep: Keeper[Row]) -> Lines:
    """The same with a question to the database at each row, to name the one it does not take; no further one is looked
    at."""
    lines: list[ImportLine] = []
    notes: list[ImportLine] = []
    for row in rows:
        try:
            with db.begin_nested():
                line, said = kept(row, keep)
        except NOT_TAKEN:
            lines.append(ImportLine(row.row, Outcome.REFUSED, CLASHES))
            break
        lines.append(line)
        notes += said
    return lines, notes


def _of_reader(fault: RowFault) -> ImportLine:
    return ImportLine(fault.row, Outcome.REFUSED, fault.sentence, fault.field)


def kept(row: Row, keep: Keeper[Row]) -> tuple[ImportLine, list[ImportLine]]:
    """What became of one row, and what to look at in it."""
    said = Notes([])
    try:
        outcome = keep(row, said)
    except Refusal as refused:
        field, sentence = _of_refusal(refused)
        return ImportLine(row.row, Outcome.REFUSED, sentence, field), []
    return ImportLine(row.row, outcome), [ImportLine(row.row, outcome, words, field) for field, words in said.sentences]


def _of_refusal(refused: Refusal) -> tuple[str, str]:
    faults: list[tuple[str, str]] = getattr(refused, "faults", [])
    return faults[0] if faults else (refused.field, refused.sentence)


def _sorted(lines: Iterable[ImportLine]) -> tuple[ImportLine, ...]:
    return tuple(sorted(lines, key=lambda line: line.row))


def begin(db: Session, who: Principal) -> None:
    """Permission, and the practice's row locked, so that two imports at once cannot both add the same person."""
    who.must(Permission.IMPORT)
    db.exec(select(Practice.id).where(Practice.id == who.practice_id).with_for_update()).one()
