"""What reading any list needs: one order of dates for the whole file, what there is to say of it, and the cells that
lists of clients and of appointments share."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from zoneinfo import ZoneInfo

from trova_app.adapters.import_columns import Columns
from trova_app.adapters.import_dates import TWO_READINGS, day_comes_first, is_two_way
from trova_app.adapters.import_names import is_formula
from trova_app.adapters.import_tables import NO_HEADING, Lines, Record, Table, Unreadable, read_table
from trova_app.domain.imports import AppointmentRow, ClientRow, Column, ParsedFile, RowFault

EMAIL = re.compile(r"[^@]+@[^@.]+(\.[^@.]+)+")
ADDRESS_DIVIDER = re.compile(r"[\s<>,;]+")
WHOLE_FILE = 0

Row = TypeVar("Row", ClientRow, AppointmentRow)


class LeftOut(Exception):
    """This row cannot be kept."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence = field, sentence


@dataclass(slots=True)
class Reading:
    """How one file is read: its order of dates, its zone, what its columns are where somebody chose it, and what there
    is to say so far."""

    zone: ZoneInfo
    day_first: bool | None = None
    fields: Sequence[str] | None = None
    asks_day_first: bool = False
    columns: tuple[Column, ...] = ()
    faults: list[RowFault] = field(default_factory=list)

    def note(self, row: int, name: str, sentence: str) -> None:
        """Worth a look; the row is kept."""
        self.faults.append(RowFault(row, name, sentence, left_out=False))

    def leave_out(self, row: int, name: str, sentence: str) -> None:
        self.faults.append(RowFault(row, name, sentence))


def unreadable(reading: Reading, reason: Unreadable) -> ParsedFile[Row]:
    return ParsedFile(faults=(RowFault(WHOLE_FILE, "", str(reason)),), columns=reading.columns)


def parsed(reading: Reading, rows: Iterable[Row]) -> ParsedFile[Row]:
    kept = tuple(rows)
    if not kept and not reading.faults:
        reading.leave_out(WHOLE_FILE, "", "There are headings in this file and no rows under them.")
    faults = sorted(reading.faults, key=lambda fault: fault.row)
    return ParsedFile(kept, tuple(faults), reading.asks_day_first, reading.columns)


def table_of(
    readings: Sequence[Lines],
    columns: Columns,
    reading: Reading,
    date_fields: tuple[str, ...],
    missing: Callable[[frozenset[str]], str | None],
) -> Table:
    table = read_table(readings, columns, reading.fields)
    reading.columns = table.columns
    sentence = missing(table.fields) if table.fields else NO_HEADING
    if sentence:
        raise Unreadable(sentence)
    reading.faults.extend(table.faults)
    _settle_day_order(table, reading, date_fields)
    return table


def _settle_day_order(table: Table, reading: Reading, date_fields: tuple[str, ...]) -> None:
    """One reading of 03/04/2026 for the whole file; where the file does not show it, ask."""
    if reading.day_first is not None:
        return
    texts = [record.get(name) for record in table.records for name in date_fields]
    try:
        reading.day_first = day_comes_first(texts)
        doubt = TWO_READINGS if reading.day_first is None and any(map(is_two_way, texts)) else ""
    except ValueError as mixed:
        doubt = str(mixed)
    if doubt:
        reading.asks_day_first = True
        reading.note(WHOLE_FILE, date_fields[0], doubt)


def rows_of(table: Table, reading: Reading, read: Callable[[Record, Reading], Row]) -> Iterator[Row]:
    """Every record that can be kept; a second row with the same external id is only pointed out."""
    seen: dict[str, int] = {}
    for record in table.records:
        try:
            row = read(record, reading)
        except LeftOut as reason:
            reading.leave_out(record.row, reason.field, reason.sentence)
            continue
        first = seen.setdefault(row.external_id, record.row)
        if row.external_id and first != record.row:
            reading.leave_out(
                record.row, "external_id", f"This has the same id as row {first}. Only row {first} was read."
            )
        else:
            yield row


def an_address(record: Record, name: str, reading: Reading) -> str:
    said = record.get(name)
    found = [part for part in ADDRESS_DIVIDER.split(said) if EMAIL.fullmatch(part)]
    if said and not found:
        reading.note(record.row, name, "This is not an e-mail address. It was left empty: correct it.")
    if len(found) > 1:
        reading.note(record.row, name, "There are several e-mail addresses. The first was read.")
    return found[0] if found else ""


def note_formula(row: int, name: str, said: str, reading: Reading) -> None:
    if is_formula(said):
        reading.note(row, name, "This name starts like a spreadsheet formula. It was kept as plain text: check it.")
