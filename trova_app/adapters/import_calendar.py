"""Appointments out of an iCalendar file: repetition, exceptions, moved and cancelled occurrences, time zones.

An event that happens once keeps its UID as external id, so that reading the file again after it was moved finds it;
an occurrence of a repeated event is its UID, `#` and the start it had before anybody moved it, in UTC.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import accumulate
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from trova_app.adapters.import_calendar_words import a_line, called, common_name, only_attendee, title_and_status
from trova_app.adapters.import_calendar_zones import with_own_zones
from trova_app.adapters.import_dates import to_utc
from trova_app.adapters.import_names import is_couple, is_formula, split_title
from trova_app.adapters.import_tables import MAX_ROWS, Unreadable
from trova_app.domain.imports import AppointmentRow, ParsedFile, RowFault

MAX_CHARACTERS = 5_000_000
DEEPEST = 5
MAX_WINDOW = timedelta(days=5 * 366)
MAX_LENGTH = timedelta(days=1)
MAX_NOTE = 10_000
SECONDS_TO_READ = 20.0
DEFAULT_LENGTH = timedelta(minutes=60)
EARLIEST_START = 1970
ONE_DAY = timedelta(days=1)

DAMAGED = "This calendar is damaged and cannot be read. Export it again."
SLOW = "The rest of this calendar takes too long to read. Export fewer years, or fewer calendars, at a time."
TOO_LARGE = f"This calendar is larger than {MAX_CHARACTERS // 1_000_000} MB. Export fewer years at a time."
TOO_MANY = f"Only the first {MAX_ROWS:,} appointments were read. Export fewer years at a time."

REPEATS = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
RULE_PARTS = frozenset(
    ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST", "BYHOUR", "BYMINUTE"]
    + ["BYSECOND"]
)
TIMES_OF_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
TIME_FIELDS = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"})

FOLD = re.compile(r"\r?\n[ \t]")
EDGE = re.compile(r"^\s*(BEGIN|END)\b", re.M | re.I)


ALL_DAY = "it lasts all day, so it is no appointment."


class NotRead(Exception):
    """This event cannot be kept; the text is a sentence for the person."""


@dataclass(slots=True)
class Series:
    """All components with one UID: the event and its moved or cancelled occurrences. `row`: its place in the file."""

    row: int
    uid: str
    parts: list[icalendar.Event] = field(default_factory=list)

    def repeats(self) -> bool:
        return any(part.get(name) is not None for part in self.parts for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


@dataclass(slots=True)
class Wanted:
    """The practice's zone, the window, and what there is to say so far."""

    zone: ZoneInfo
    start: datetime
    end: datetime
    rows: list[AppointmentRow] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)


def is_calendar(text: str) -> bool:
    """Whether the text is iCalendar, whatever its file is called."""
    return "BEGIN:VCALENDAR" in text[:2000].upper()


def read_calendar(
    text: str, zone: ZoneInfo, window_start: datetime, window_end: datetime
) -> ParsedFile[AppointmentRow]:
    """Every occurrence that starts in the window, in order of time. Raises Unreadable where there is no calendar."""
    wanted = Wanted(zone, window_start.astimezone(UTC), window_end.astimezone(UTC))
    if wanted.end - wanted.start > MAX_WINDOW:
        wanted.end = wanted.start + MAX_WINDOW
        wanted.faults.append(RowFault(0, "", "Only the first five years of the chosen dates were read."))
    series = _read_series_of(text, wanted)
    if not series and not wanted.faults:
        raise Unreadable("There are no appointments in this calendar.")
    _read_all(series, wanted)
    in_order = sorted(wanted.rows, key=lambda row: (row.starts_at, row.row))
    return ParsedFile(tuple(in_order), tuple(wanted.faults))


def _read_series_of(text: str, wanted: Wanted) -> list[Series]:
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(
            f"This calendar is larger than {MAX_CHARACTERS // 1_000_000} MB. Export fewer years at a time."
        )
    text = FOLD.sub("", text)
    if _depth(text) > DEEPEST:
        raise Unreadable(DAMAGED)
    text = with_own_zones(text)
    try:
        return _series(icalendar.Calendar.from_ical(text, multiple=True), wanted)
    except Exception as damage:  # a parser of hostile text: anything it trips over means the same to the person
        raise Unreadable(DAMAGED) from damage


def _depth(text: str) -> int:
    """How deep components lie in each other: a real calendar, its events, their alarms. Deep ones stall the library."""
    depths = accumulate(1 if edge[1][0] in "Bb" else -1 for edge in EDGE.finditer(text))
    return max(depths, default=0)


def _series(calendars: list[icalendar.Component], wanted: Wanted) -> list[Series]:
    """Events by UID in the order of the file. One that has none is known by its content."""
    found: dict[str, Series] = {}
    events = ((calendar, event) for calendar in calendars for event in calendar.walk("VEVENT"))
    for row, (calendar, event) in enumerate(events, start=1):
        if str(calendar.get("METHOD", "")).upper() == "CANCEL":
            event["STATUS"] = "CANCELLED"
        uid = str(event.get("UID", "")).strip() or f"none-{sha256(event.to_ical()).hexdigest()[:32]}"
        problem = _problem(event)
        if problem:
            wanted.faults.append(RowFault(row, "starts_at", f"{called(event)}: {problem}", left_out=problem != ALL_DAY))
        else:
            found.setdefault(uid, Series(row, uid)).parts.append(event)
    return list(found.values())


def _problem(event: icalendar.Event) -> str:
    """Why this event cannot be read, or nothing."""
    if any(name in TIME_FIELDS for name, _ in event.errors if name):
        return "its times are damaged. Add it by hand."
    start = getattr(event.get("DTSTART"), "dt", None)
    if start is None:
        return "it does not say when it starts. Add it by hand."
    if not isinstance(start, datetime):
        return ALL_DAY
    named = event["DTSTART"].params.get("TZID")
    if start.tzinfo is None and named:
        return f"its time zone “{str(named)[:40]}” is not known. Export the calendar again with a named time zone."
    return _rule_problem(event, start)


def _rule_problem(event: icalendar.Event, start: datetime) -> str:
    rule = event.get("RRULE")
    if rule is None:
        return ""
    if isinstance(rule, list) or not {"FREQ"} <= set(rule) <= RULE_PARTS or start.year < EARLIEST_START:
        return "it repeats in a way that cannot be read. Add its appointments by hand."
    frequency = str(rule.get("FREQ", [""])[0]).upper()
    if frequency not in REPEATS:
        return "it repeats more often than once a day, so it was not read as an appointment."
    unusual = (
        any(len(rule.get(name, [])) > 1 for name in TIMES_OF_DAY)
        or any(step < 1 for step in rule.get("INTERVAL", []))
        or ("BYSETPOS" in rule and frequency in {"DAILY", "WEEKLY"})
    )
    return "it repeats in a way that cannot be read. Add its appointments by hand." if unusual else ""


def _read_all(series: list[Series], wanted: Wanted) -> None:
    deadline = time.monotonic() + SECONDS_TO_READ
    for one in series:
        if time.monotonic() > deadline:
            wanted.faults.append(RowFault(one.row, "", SLOW))
            return
        _read_series(one, wanted)
        if len(wanted.rows) >= MAX_ROWS:
            del wanted.rows[MAX_ROWS:]
            wanted.faults.append(RowFault(one.row, "", TOO_MANY))
            return


def _read_series(series: Series, wanted: Wanted) -> None:
    """All occurrences of one event. What is said of several of them is said once."""
    said = set()
    try:
        for event in _occurrences(series, wanted):
            for fault in _read_occurrence(event, series, wanted):
                if fault.sentence not in said:
                    said.add(fault.sentence)
                    wanted.faults.append(fault)
    except Exception:  # repetition rules are programs: one that breaks the library costs its own event, not the file
        sentence = f"{called(series.parts[0])}: its times or its repetition cannot be read. Add it by hand."
        wanted.faults.append(RowFault(series.row, "starts_at", sentence))


def _occurrences(series: Series, wanted: Wanted) -> list[icalendar.Event]:
    if not series.repeats():
        return series.parts[-1:]
    calendar = icalendar.Calendar()
    for part in series.parts:
        calendar.add_component(part)
    found = recurring_ical_events.of(calendar).between(wanted.start - ONE_DAY, wanted.end + ONE_DAY)
    return list(found)


def _read_occurrence(event: icalendar.Event, series: Series, wanted: Wanted) -> Iterator[RowFault]:
    """Keep the occurrence if it starts in the window, and give what is to be said about it."""
    try:
        starts_at = _utc(event["DTSTART"].dt, wanted.zone)
        if not wanted.start <= starts_at < wanted.end:
            return
        ends_at, is_guess = _end(event, starts_at, wanted.zone)
        row = _row(event, series, starts_at, ends_at, wanted)
    except (NotRead, ValueError) as reason:
        yield RowFault(series.row, "starts_at", f"{called(event)}: {reason}", left_out=str(reason) != ALL_DAY)
        return
    wanted.rows.append(row)
    if is_guess:
        yield RowFault(series.row, "ends_at", "No end is given. 60 minutes were taken: check it.", left_out=False)
    yield from _doubts(row)


def _doubts(row: AppointmentRow) -> Iterator[RowFault]:
    if is_couple(row.client_name):
        sentence = f"“{row.client_name[:60]}” looks like more than one person. Choose whom to bill."
        yield RowFault(row.row, "client_name", sentence, left_out=False)
    if is_formula(row.client_name):
        sentence = "This name starts like a spreadsheet formula. It was kept as plain text: check it."
        yield RowFault(row.row, "client_name", sentence, left_out=False)


def _utc(moment: date, zone: ZoneInfo) -> datetime:
    """A start or end in UTC; floating times are told by the clocks of the practice."""
    if not isinstance(moment, datetime):
        raise NotRead(ALL_DAY)
    return to_utc(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)


def _end(event: icalendar.Event, starts_at: datetime, zone: ZoneInfo) -> tuple[datetime, bool]:
    """When it ends, and whether that is a guess because the file gives no end."""
    given, length = event.get("DTEND"), event.get("DURATION")
    ends_at = (
        _utc(given.dt, zone) if given is not None else starts_at + (length.dt if length is not None else timedelta())
    )
    if ends_at == starts_at:
        return starts_at + DEFAULT_LENGTH, True
    if not starts_at < ends_at <= starts_at + MAX_LENGTH:
        raise NotRead("it must end after it starts, within a day. Correct its end.")
    return ends_at, False


def _row(
    event: icalendar.Event, series: Series, starts_at: datetime, ends_at: datetime, wanted: Wanted
) -> AppointmentRow:
    title, status = title_and_status(event)
    name, address = only_attendee(event)
    client, service = split_title(title)
    if name:
        client, service = name, service or ("" if client.casefold() == name.casefold() else client)
    if not client:
        raise NotRead("it names no client. Give it a title and export the calendar again, or add it by hand.")
    return AppointmentRow(
        row=series.row,
        starts_at=starts_at,
        ends_at=ends_at,
        client_name=client,
        client_email=address,
        service_name=service,
        practitioner_name=common_name(event.get("ORGANIZER")),
        place=a_line(event.get("LOCATION")),
        status=status,
        external_id=_external_id(event, series, starts_at, wanted.zone),
        note=str(event.get("DESCRIPTION", ""))[:MAX_NOTE].strip(),
    )


def _external_id(event: icalendar.Event, series: Series, starts_at: datetime, zone: ZoneInfo) -> str:
    if not series.repeats():
        return series.uid
    planned = getattr(event.get("RECURRENCE-ID"), "dt", None)
    first = _utc(planned, zone) if isinstance(planned, datetime) else starts_at
    return f"{series.uid}#{first:%Y%m%dT%H%M%SZ}"
