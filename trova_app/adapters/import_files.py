"""Clients and appointments out of other systems' export files.

Whatever the bytes are, the answer is a ParsedFile: rows that can be kept, and a sentence about everything that
cannot or should be looked at. Nothing is saved here. Faults may quote the file, so they are shown and never logged.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from trova_app.adapters.import_calendar import is_calendar, read_calendar
from trova_app.adapters.import_columns import (
    APPOINTMENT_COLUMNS,
    ATTENDANCES,
    CLIENT_COLUMNS,
    CLIENT_STATUSES,
    Columns,
    meaning,
)
from trova_app.adapters.import_dates import (
    TWO_READINGS,
    day_comes_first,
    has_day,
    is_two_way,
    read_date,
    read_moment,
)
from trova_app.adapters.import_names import is_couple, is_formula, split_full_name
from trova_app.adapters.import_tables import (
    MAX_ROWS,
    NO_HEADING,
    Lines,
    Record,
    Table,
    Unreadable,
    lines_of,
    read_table,
    text_of,
)
from trova_app.adapters.sheets import LONGEST_CELL, ZIP, read_sheet
from trova_app.domain.diagnoses import tidy_code
from trova_app.domain.imports import (
    AppointmentRow,
    Attendance,
    Cell,
    ClientRow,
    ClientStanding,
    Column,
    ImportKind,
    ParsedFile,
    RowFault,
)

EMAIL = re.compile(r"[^@]+@[^@.]+(\.[^@.]+)+")
ADDRESS_DIVIDER = re.compile(r"[\s<>,;]+")
CODE_DIVIDER = re.compile(r"[;,|/\n]+|\s+(?=[A-Za-z]\d\d)")
WHOLE_FILE = 0
DEFAULT_MINUTES = 60
MOST_MINUTES = 24 * 60
DATES_OF_CLIENTS = ("birth_date",)
DATES_OF_APPOINTMENTS = ("day", "start", "end")

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


def read_clients(
    data: bytes, filename: str, zone: str, day_first: bool | None = None, fields: Sequence[str] | None = None
) -> ParsedFile[ClientRow]:
    """The clients of a CSV file or an Excel workbook. Give `day_first` when an earlier reading answered
    `asks_day_first`; `fields` says what each column is, instead of its heading."""
    reading = Reading(ZoneInfo(zone), day_first, fields)
    try:
        table = _table(_lines_of_clients(data), CLIENT_COLUMNS, reading, DATES_OF_CLIENTS, _client_columns_missing)
    except Unreadable as reason:
        return _unreadable(reading, reason)
    return _parsed(reading, _rows(table, reading, _client))


def read_list(
    kind: str,
    data: bytes,
    name: str,
    zone: str,
    window: tuple[datetime, datetime],
    day_first: bool | None,
    fields: Sequence[str] | None,
) -> ParsedFile[Any]:
    """A list of the `ImportKind` named."""
    if kind == ImportKind.CLIENTS:
        return read_clients(data, name, zone, day_first, fields)
    return read_appointments(data, name, zone, *window, day_first, fields)


def _lines_of_clients(data: bytes) -> Sequence[Lines]:
    if data.startswith(ZIP):
        rows = [(row, [_as_text(cell) for cell in cells]) for row, cells in read_sheet(data, MAX_ROWS + 10).rows]
        return (lambda: iter(rows),)
    text = text_of(data)
    if is_calendar(text):
        raise Unreadable("This is a calendar: it has appointments and no list of clients. Import it as appointments.")
    return lines_of(text)


def _as_text(cell: Cell) -> str:
    """As a list in text would have it; a workbook's texts are cut already."""
    if isinstance(cell, str):
        return cell
    return format(cell, "f")[:LONGEST_CELL] if isinstance(cell, Decimal) else cell.isoformat()


def _unreadable(reading: Reading, reason: Unreadable) -> ParsedFile[Row]:
    return ParsedFile(faults=(RowFault(WHOLE_FILE, "", str(reason)),), columns=reading.columns)


def read_appointments(
    data: bytes,
    filename: str,
    zone: str,
    window_start: datetime,
    window_end: datetime,
    day_first: bool | None = None,
    fields: Sequence[str] | None = None,
) -> ParsedFile[AppointmentRow]:
    """The appointments of a CSV or iCalendar file that start from `window_start` up to, not at, `window_end`.

    Both are aware. Times without a zone of their own are told by the clocks of `zone`, the practice's.
    """
    reading = Reading(ZoneInfo(zone), day_first, fields)
    try:
        text = text_of(data)
        if is_calendar(text):
            return read_calendar(text, ZoneInfo(zone), window_start, window_end)
        missing = _appointment_columns_missing
        table = _table(lines_of(text), APPOINTMENT_COLUMNS, reading, DATES_OF_APPOINTMENTS, missing)
    except Unreadable as reason:
        return _unreadable(reading, reason)
    rows = _within(_rows(table, reading, _appointment), window_start, window_end, reading)
    return _parsed(reading, rows)


def _parsed(reading: Reading, rows: Iterable[Row]) -> ParsedFile[Row]:
    kept = tuple(rows)
    if not kept and not reading.faults:
        reading.leave_out(WHOLE_FILE, "", "There are headings in this file and no rows under them.")
    faults = sorted(reading.faults, key=lambda fault: fault.row)
    return ParsedFile(kept, tuple(faults), reading.asks_day_first, reading.columns)


def _table(
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


def _client_columns_missing(fields: frozenset[str]) -> str | None:
    if fields & {"full_name", "first_name", "last_name"}:
        return None
    return "No column holds the clients' names. Name the columns First name and Last name, or one column Client."


def _appointment_columns_missing(fields: frozenset[str]) -> str | None:
    if not fields & {"client_name", "first_name", "last_name"}:
        return "No column holds the clients' names. Name one column Client."
    if not fields & {"start", "day"}:
        return "No column says when the appointments start. Name the columns Date and Start time."
    return None


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


def _rows(table: Table, reading: Reading, read: Callable[[Record, Reading], Row]) -> Iterator[Row]:
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


def _client(record: Record, reading: Reading) -> ClientRow:
    first_name, last_name = _client_names(record, reading)
    return ClientRow(
        row=record.row,
        first_name=first_name,
        last_name=last_name,
        email=_email(record, "email", reading),
        phone=record.get("phone"),
        birth_date=_birth_date(record, reading),
        scheme=record.get("scheme"),
        scheme_option=record.get("scheme_option"),
        member_number=record.get("member_number"),
        dependant_code=record.get("dependant_code"),
        main_member=record.get("main_member"),
        diagnoses=_diagnoses(record.get("diagnoses")),
        address=record.get("address"),
        status=_standing(record, reading),
        external_id=record.get("external_id"),
    )


def _client_names(record: Record, reading: Reading) -> tuple[str, str]:
    first_name, last_name = _names(record)
    if not first_name and not last_name:
        raise LeftOut("first_name", "This row has no name.")
    if is_couple(first_name) or is_couple(last_name):
        raise LeftOut("first_name", "This looks like more than one person. Give each a row of their own.")
    for name, said in (("first_name", first_name), ("last_name", last_name)):
        _note_formula(record.row, name, said, reading)
    if not first_name or not last_name:
        reading.note(record.row, "last_name", "Only one name is given. Check whether the other is missing.")
    return first_name, last_name


def _names(record: Record) -> tuple[str, str]:
    """First and last name, out of one column or two. "Patient name" beside "Surname" is a first name."""
    first_name, last_name, full = record.get("first_name"), record.get("last_name"), record.get("full_name")
    if first_name or last_name:
        return first_name or full, last_name
    return split_full_name(full)


def _note_formula(row: int, name: str, said: str, reading: Reading) -> None:
    if is_formula(said):
        reading.note(row, name, "This name starts like a spreadsheet formula. It was kept as plain text: check it.")


def _email(record: Record, name: str, reading: Reading) -> str:
    said = record.get(name)
    found = [part for part in ADDRESS_DIVIDER.split(said) if EMAIL.fullmatch(part)]
    if said and not found:
        reading.note(record.row, name, "This is not an e-mail address. It was left empty: correct it.")
    if len(found) > 1:
        reading.note(record.row, name, "There are several e-mail addresses. The first was read.")
    return found[0] if found else ""


def _birth_date(record: Record, reading: Reading) -> date | None:
    """The date of birth; one that cannot be read is left empty, and the client kept."""
    said = record.get("birth_date")
    if not said or (reading.asks_day_first and is_two_way(said)):
        return None
    try:
        return read_date(said.removesuffix(" 00:00:00").removesuffix("T00:00:00"), reading.day_first)
    except ValueError as problem:
        reading.note(record.row, "birth_date", f"{problem} The date of birth was left empty.")
        return None


def _diagnoses(said: str) -> tuple[str, ...]:
    """Codes in their order. "F41.1; F32.9", "F41.1 F32.9" and one code per line are the same."""
    return tuple(dict.fromkeys(code for part in CODE_DIVIDER.split(said) if (code := tidy_code(part))))


def _standing(record: Record, reading: Reading) -> ClientStanding:
    archived, said = record.get("archived"), record.get("status")
    if archived and archived.casefold() not in {"no", "false", "0"}:
        return ClientStanding.ARCHIVED
    known = meaning(said, CLIENT_STATUSES)
    if said and known is None:
        reading.note(record.row, "status", "This status is not known. The client was read as active.")
    return ClientStanding(known or "active")


def _appointment(record: Record, reading: Reading) -> AppointmentRow:
    starts_at = _start(record, reading)
    return AppointmentRow(
        row=record.row,
        starts_at=starts_at,
        ends_at=_end(record, reading, starts_at),
        client_name=_appointment_client(record, reading),
        client_email=_email(record, "client_email", reading),
        client_external_id=record.get("client_external_id"),
        service_name=record.get("service_name"),
        practitioner_name=record.get("practitioner_name"),
        place=record.get("place"),
        status=_attendance(record, reading),
        external_id=record.get("external_id"),
        note=record.get("note"),
    )


def _start(record: Record, reading: Reading) -> datetime:
    said, day = record.get("start"), record.get("day")
    if not said and not day:
        raise LeftOut("starts_at", "This row does not say when the appointment starts.")
    return _moment(said, day, reading, "starts_at")


def _moment(said: str, day: str, reading: Reading, name: str) -> datetime:
    """A cell with day and time, or a time beside the cell with the day."""
    text = said if said and has_day(said) else f"{day} {said}".strip()
    if reading.asks_day_first and is_two_way(text):
        raise LeftOut(name, "Its date can be read two ways: say whether the day or the month comes first.")
    try:
        return read_moment(text, reading.day_first, reading.zone)
    except (ValueError, OverflowError) as problem:
        raise LeftOut(name, str(problem)) from None


def _end(record: Record, reading: Reading, starts_at: datetime) -> datetime:
    said, minutes = record.get("end"), record.get("minutes")
    if said:
        local_day = starts_at.astimezone(reading.zone).date().isoformat()
        ends_at = _moment(said, local_day, reading, "ends_at")
    else:
        ends_at = starts_at + timedelta(minutes=_minutes(record.row, minutes, reading))
    if not starts_at < ends_at <= starts_at + timedelta(minutes=MOST_MINUTES):
        raise LeftOut("ends_at", "The appointment must end after it starts, within a day. Correct its end.")
    return ends_at


def _minutes(row: int, said: str, reading: Reading) -> int:
    """The length in minutes: 50, "50 min", "1 h", "1:30"."""
    if found := re.fullmatch(r"(\d{1,4})\s*(?:m|min|mins|minutes?)?", said, re.ASCII | re.I):
        return int(found[1])
    if found := re.fullmatch(
        r"(\d{1,2})(?:\s*(?:h|hr|hours?)\s*|:)(?:(\d{1,2})\s*(?:m|min|mins|minutes?)?)?", said, re.A | re.I
    ):
        return int(found[1]) * 60 + int(found[2] or 0)
    reading.note(row, "ends_at", f"No end or length is given. {DEFAULT_MINUTES} minutes were taken: check it.")
    return DEFAULT_MINUTES


def _appointment_client(record: Record, reading: Reading) -> str:
    """The client's name in speaking order. A couple is kept and pointed out: who is billed is for a person to say."""
    parts = f"{record.get('first_name')} {record.get('last_name')}".strip()
    name = parts or " ".join(part for part in split_full_name(record.get("client_name")) if part)
    if not name:
        raise LeftOut("client_name", "This row names no client.")
    if is_couple(name):
        reading.note(record.row, "client_name", "This looks like more than one person. Choose whom to bill.")
    _note_formula(record.row, "client_name", name, reading)
    return name


def _attendance(record: Record, reading: Reading) -> Attendance:
    for name in ("cancelled", "missed", "arrived"):
        said = record.get(name).casefold()
        if said and said not in {"no", "false", "0", "n"}:
            return Attendance(name)
    said = record.get("status")
    known = meaning(said, ATTENDANCES)
    if said and known is None:
        reading.note(record.row, "status", "This status is not known. The appointment was read as scheduled.")
    return Attendance(known or "scheduled")


def _within(
    rows: Iterable[AppointmentRow], start: datetime, end: datetime, reading: Reading
) -> Iterator[AppointmentRow]:
    outside = 0
    for row in rows:
        if start <= row.starts_at < end:
            yield row
        else:
            outside += 1
    if outside:
        reading.note(WHOLE_FILE, "starts_at", f"{outside:,} appointments outside the chosen dates were left out.")
