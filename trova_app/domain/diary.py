"""The calendar's arithmetic: wall clocks, sessions side by side, and who or what is wanted twice at once.

Spans are half-open: one that ends at ten does not touch one that begins at ten.
"""

import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes on a wall
LONGEST = timedelta(days=1)  # of a session, as imports take them
NO_ROOM = re.compile(r"\b(video|online|zoom|teams|skype|tele\w*|phone|call|virtual)\b", re.I)


# -- wall clocks


def at_wall(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The moment at which a clock in `zone` shows this time, in UTC. A time shown twice (clocks go back) is the first;
    one that is skipped is read by the offset before the gap, as RFC 5545 has it: 02:30 becomes 03:30."""
    shown = datetime.combine(day, time(), None) + timedelta(minutes=minute)
    return shown.replace(tzinfo=zone).astimezone(UTC)


def on_wall(moment: datetime, zone: ZoneInfo) -> tuple[date, int]:
    """(day, minutes since that day's midnight by the clock's face)."""
    shown = moment.astimezone(zone)
    return shown.date(), shown.hour * 60 + shown.minute


def week_of(day: date) -> list[date]:
    """Monday to Sunday round `day`."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=n) for n in range(7)]


# -- side by side


@dataclass(frozen=True, slots=True)
class Span:
    key: int
    start: int
    end: int


def lanes(spans: Iterable[Span]) -> dict[int, tuple[int, int]]:
    """(lane, how many lanes) for each span's key: the leftmost free lane, earliest first, the longer before the
    shorter. Spans connected by overlaps share one number of lanes, so that they fill the width together."""
    found: dict[int, tuple[int, int]] = {}
    group: list[int] = []
    taken: list[tuple[int, int]] = []  # (end, lane) of those still running
    free: list[int] = []
    lane_of: dict[int, int] = {}
    count = latest = 0

    def close() -> None:
        found.update((key, (lane_of[key], count)) for key in group)

    for span in sorted(spans, key=lambda s: (s.start, -s.end, s.key)):
        if span.start >= latest:
            close()
            group, taken, free, count = [], [], [], 0
        while taken and taken[0][0] <= span.start:
            heapq.heappush(free, heapq.heappop(taken)[1])
        if free:
            lane = heapq.heappop(free)
        else:
            lane, count = count, count + 1
        lane_of[span.key] = lane
        heapq.heappush(taken, (span.end, lane))
        group.append(span.key)
        latest = max(latest, span.end)
    close()
    return found


# -- wanted twice


class Wanted(StrEnum):
    """What two sessions at one time both want."""

    PRACTITIONER = "practitioner"
    CLIENT = "client"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Busy:
    """One session as far as it stands in another's way. `room` is "" where it needs none."""

    key: int
    start: datetime
    end: datetime
    practitioner_id: int
    client_id: int
    room: str = ""


def room_of(place: str) -> str:
    """The place as rooms are compared; "" for a call, which takes up no room."""
    return "" if NO_ROOM.search(place) else " ".join(place.casefold().split())


def clash(one: Busy, other: Busy) -> tuple[Wanted, ...]:
    """What the two want at the same time."""
    if one.key == other.key or one.start >= other.end or other.start >= one.end:
        return ()
    return tuple(
        wanted
        for wanted, is_same in (
            (Wanted.PRACTITIONER, one.practitioner_id == other.practitioner_id),
            (Wanted.CLIENT, one.client_id == other.client_id),
            (Wanted.PLACE, one.room != "" and one.room == other.room),
        )
        if is_same
    )


def clashes(sessions: Sequence[Busy]) -> dict[int, dict[int, tuple[Wanted, ...]]]:
    """By key: the sessions each one stands against, and over what. Only what clashes is in it."""
    found: dict[int, dict[int, tuple[Wanted, ...]]] = {}
    running: list[Busy] = []
    for session in sorted(sessions, key=lambda s: (s.start, s.key)):
        running = [other for other in running if other.end > session.start]
        for other in running:
            if wanted := clash(session, other):
                found.setdefault(session.key, {})[other.key] = wanted
                found.setdefault(other.key, {})[session.key] = wanted
        running.append(session)
    return found
