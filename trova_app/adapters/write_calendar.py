"""Sessions as an iCalendar file (RFC 5545)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

import icalendar


class Event(Protocol):
    """One session as others may know it; the times are in UTC."""

    @property
    def uid(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def summary(self) -> str: ...
    @property
    def sequence(self) -> int: ...
    @property
    def made_at(self) -> datetime: ...


def written(events: Iterable[Event]) -> bytes:
    """The same sessions give the same bytes: the stamp of each is when it was booked, not the moment of writing."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Trova//Sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Trova")
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")  # the same for Outlook
    for one in events:
        event = icalendar.Event()
        event.add("uid", one.uid)
        event.add("dtstamp", one.made_at)
        event.add("dtstart", one.starts_at)
        event.add("dtend", one.ends_at)
        event.add("sequence", one.sequence)
        event.add("summary", one.summary)
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
