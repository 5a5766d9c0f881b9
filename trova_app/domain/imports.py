"""Rows read from another system's export, before anybody has agreed to keep them.

`row` is what the person sees: for a spreadsheet the row number with the headings counted, for a calendar the
position of the event in the file; 0 speaks of the whole file.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar


class ImportKind(StrEnum):
    """What a list is of."""

    CLIENTS = "clients"
    APPOINTMENTS = "appointments"


class ClientStanding(StrEnum):
    """Whether a client is still seen."""

    ACTIVE = "active"
    PROSPECT = "prospect"
    ARCHIVED = "archived"


class Attendance(StrEnum):
    """What the other system knew about an appointment. Arrived ones wait to be completed here."""

    SCHEDULED = "scheduled"
    ARRIVED = "arrived"
    MISSED = "missed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client as another system knew them. Empty text means the file did not say."""

    row: int
    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""
    birth_date: date | None = None
    scheme: str = ""
    scheme_option: str = ""
    member_number: str = ""
    dependant_code: str = ""
    main_member: str = ""
    diagnoses: tuple[str, ...] = ()
    address: str = ""
    status: ClientStanding = ClientStanding.ACTIVE
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """An appointment as another system knew it; `starts_at` and `ends_at` are aware and in UTC."""

    row: int
    starts_at: datetime
    ends_at: datetime
    client_name: str
    client_email: str = ""
    client_external_id: str = ""
    service_name: str = ""
    practitioner_name: str = ""
    place: str = ""
    status: Attendance = Attendance.SCHEDULED
    external_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RowFault:
    """Something a person should look at. `left_out`: what was meant (row 0: the file, or a part) was not read;
    False for a row that was kept, and for what is no appointment at all, such as an all-day event."""

    row: int
    field: str
    sentence: str
    left_out: bool = True


Cell = str | Decimal | date | time
"""What a cell of a sheet holds: a text as typed, or a number, day, moment or time where the file itself says so."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows that hold anything, each with its number as a spreadsheet shows it."""

    rows: tuple[tuple[int, tuple[Cell, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its heading, what stands under it first, and the field it is read as ("" for none)."""

    heading: str
    samples: tuple[str, ...]
    field: str


Row = TypeVar("Row", ClientRow, AppointmentRow)


@dataclass(frozen=True, slots=True)
class ParsedFile(Generic[Row]):
    """All rows that can be kept, and everything worth saying about the rest.

    `asks_day_first`: dates such as 03/04/2026 can be read two ways; read the file again with `day_first` given.
    `columns`: how the list was read, () for a calendar.
    """

    rows: tuple[Row, ...] = ()
    faults: tuple[RowFault, ...] = ()
    asks_day_first: bool = False
    columns: tuple[Column, ...] = ()
