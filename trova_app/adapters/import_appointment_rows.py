"""The rows of a list of appointments."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from trova_app.adapters.import_columns import APPOINTMENT_COLUMNS, ATTENDANCES, meaning
from trova_app.adapters.import_dates import has_day, is_two_way, read_moment
from trova_app.adapters.import_names import is_couple, split_full_name
from trova_app.adapters.import_reading import WHOLE_FILE, LeftOut, Reading, an_address, note_formula, rows_of, table_of
from trova_app.adapters.import_tables import Lines, Record
from trova_app.domain.imports import AppointmentRow, Attendance

DEFAULT_MINUTES = 60
MOST_MINUTES = 24 * 60
DATES = ("day", "start", "end")


def appointment_rows(
    readings: Sequence[Lines], reading: Reading, window_start: datetime, window_end: datetime
) -> Iterator[AppointmentRow]:
    """Those that start from the first moment up to, not at, the second. Raises `Unreadable`."""
    table = table_of(readings, APPOINTMENT_COLUMNS, reading, DATES, _missing_columns)
    return _within(rows_of(table, reading, _appointment), window_start, window_end, reading)


def _missing_columns(fields: frozenset[str]) -> str | None:
    if not fields & {"client_name", "first_name", "last_name"}:
        return "No column holds the clients' names. Name one column Client."
    if not fields & {"start", "day"}:
        return "No column says when the appointments start. Name the columns Date and Start time."
    return None


def _appointment(record: Record, reading: Reading) -> AppointmentRow:
    starts_at = _start(record, reading)
    return AppointmentRow(
        row=record.row,
        starts_at=starts_at,
        ends_at=_end(record, reading, starts_at),
        client_name=_appointment_client(record, reading),
        client_email=an_address(record, "client_email", reading),
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
    """The length in minutes: 50, "50 min", "1 h", "1:30", "1:30:00"."""
    if found := re.fullmatch(r"(\d{1,4})\s*(?:m|min|mins|minutes?)?", said, re.ASCII | re.I):
        return int(found[1])
    if found := re.fullmatch(
        r"(\d{1,2})(?:\s*(?:h|hr|hours?)\s*|:)(?:(\d{1,2})\s*(?:m|min|mins|minutes?|:00)?)?", said, re.A | re.I
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
    note_formula(record.row, "client_name", name, reading)
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
