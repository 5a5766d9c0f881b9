"""Clients and appointments out of other systems' export files.

Whatever the bytes are, the answer is a ParsedFile: rows that can be kept, and a sentence about everything that
cannot or should be looked at. Nothing is saved here. Faults may quote the file, so they are shown and never logged.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from trova_app.adapters.import_appointment_rows import appointment_rows
from trova_app.adapters.import_calendar import is_calendar, read_calendar
from trova_app.adapters.import_client_rows import client_rows
from trova_app.adapters.import_reading import Reading, parsed, unreadable
from trova_app.adapters.import_tables import MAX_CELL, MAX_NOTE, MAX_ROWS, Lines, Unreadable, lines_of, text_of
from trova_app.adapters.sheets import read_sheet
from trova_app.adapters.workbooks import ZIP
from trova_app.domain.imports import AppointmentRow, Cell, ClientRow, ImportKind, ParsedFile

CALENDAR = "This is a calendar: it has appointments and no list of clients. Import it as appointments."


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


def read_clients(
    data: bytes, filename: str, zone: str, day_first: bool | None = None, fields: Sequence[str] | None = None
) -> ParsedFile[ClientRow]:
    """The clients of a CSV file or an Excel workbook. Give `day_first` when an earlier reading answered
    `asks_day_first`; `fields` says what each column is, instead of its heading."""
    reading = Reading(ZoneInfo(zone), day_first, fields)
    try:
        text = _text(data)
        if is_calendar(text):
            raise Unreadable(CALENDAR)
        return parsed(reading, client_rows(_lines(data, text), reading))
    except Unreadable as reason:
        return unreadable(reading, reason)


def read_appointments(
    data: bytes,
    filename: str,
    zone: str,
    window_start: datetime,
    window_end: datetime,
    day_first: bool | None = None,
    fields: Sequence[str] | None = None,
) -> ParsedFile[AppointmentRow]:
    """The appointments of a CSV file, an Excel workbook or an iCalendar file that start from `window_start` up to, not
    at, `window_end`.

    Both are aware. Times without a zone of their own are told by the clocks of `zone`, the practice's.
    """
    reading = Reading(ZoneInfo(zone), day_first, fields)
    try:
        text = _text(data)
        if is_calendar(text):
            return read_calendar(text, ZoneInfo(zone), window_start, window_end)
        return parsed(reading, appointment_rows(_lines(data, text), reading, window_start, window_end))
    except Unreadable as reason:
        return unreadable(reading, reason)


def _text(data: bytes) -> str:
    """ "" for a workbook."""
    return "" if data.startswith(ZIP) else text_of(data)


def _lines(data: bytes, text: str) -> Sequence[Lines]:
    """The rows of a workbook, or of the text parted in each way it may have been meant."""
    if not data.startswith(ZIP):
        return lines_of(text)
    rows = [(row, list(map(_as_text, cells))) for row, cells in read_sheet(data, MAX_ROWS + 10, MAX_NOTE).rows]
    return (lambda: iter(rows),)


def _as_text(cell: Cell) -> str:
    """As a list in text would have it."""
    if isinstance(cell, str):
        return cell
    return format(cell, "f")[:MAX_CELL] if isinstance(cell, Decimal) else str(cell).removesuffix(":00")
