"""The calendar's columns: the sessions of a day cut to that day and laid side by side."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from trova_app.domain.appointments import AppointmentState, tab_of
from trova_app.domain.diary import DAY, Span, lanes, on_wall
from trova_app.services.practice_style import WEEKDAYS, PracticeStyle

SHORTEST_DRAWN = 20  # minutes: room for a line of text
TONES = 8

OfDays = Mapping[tuple[date, int], list["Block"]]


@dataclass(frozen=True, slots=True)
class Block:
    """One session in one column. `at` and `minutes` are of its column's clock; `lane` of `lanes` lie side by side.
    `clash` says in a sentence what is wanted twice, "" for nothing."""

    id: int
    version: int
    at: int
    minutes: int
    lane: int
    lanes: int
    time: str
    client_name: str
    service_name: str
    practitioner: str
    place: str
    tone: int
    tab: str
    may_move: bool
    repeats: bool
    clash: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A day, or on the day's view a practitioner's day. `key` tells a moved session where it came to lie."""

    key: str
    day: str
    practitioner_id: int
    title: str
    number: str
    label: str
    is_today: bool
    is_chosen: bool
    count: int
    blocks: tuple[Block, ...]


def blocks_of(
    style: PracticeStyle,
    now: datetime,
    rows: list[Any],
    names: Mapping[int, str],
    clash: Mapping[int, str],
    may_book: bool,
) -> dict[tuple[date, int], list[Block]]:
    """By (day, practitioner). A session over midnight lies in both days."""
    found: dict[tuple[date, int], list[Block]] = {}
    for row in rows:
        tab = tab_of(AppointmentState(row.state), row.ends_at, now)
        day, at = on_wall(row.starts_at, style.zone)
        length = int((row.ends_at - row.starts_at) / timedelta(minutes=1))
        for n, (piece_at, piece) in enumerate(_pieces(at, length)):
            block = Block(
                id=row.id,
                version=row.version,
                at=piece_at,
                minutes=piece,
                lane=0,
                lanes=1,
                time=f"{style.time(row.starts_at)}\u2013{style.time(row.ends_at)}",
                client_name=f"{row.first_name} {row.last_name}".strip(),
                service_name=row.service_name,
                practitioner=names.get(row.practitioner_id, ""),
                place=row.place,
                tone=row.service_id % TONES if row.tone is None else row.tone,
                tab=tab.value,
                may_move=row.state == AppointmentState.SCHEDULED and may_book and n == 0,
                repeats=row.series_id is not None,
                clash=clash.get(row.id, ""),
                key=f"{row.id}.{n}",
            )
            found.setdefault((day + timedelta(days=n), row.practitioner_id), []).append(block)
    return found


def _pieces(at: int, length: int) -> Iterable[tuple[int, int]]:
    """(start, minutes) in the day it begins and, over midnight, in the next one."""
    yield at, min(length, DAY - at)
    if at + length > DAY:
        yield 0, at + length - DAY


def column(
    style: PracticeStyle,
    day: date,
    chosen: date,
    blocks: OfDays,
    practitioner_id: int,
) -> Column:
    of_day = [block for (on, _), some in blocks.items() if on == day for block in some]
    return Column(
        key=f"{day.isoformat()}.{practitioner_id}",
        day=day.isoformat(),
        practitioner_id=practitioner_id,
        title=WEEKDAYS[day.weekday()],
        number=str(day.day),
        label=style.day_words(day),
        is_today=day == style.today,
        is_chosen=day == chosen,
        count=len(of_day),
        blocks=side_by_side(of_day),
    )


def column_of(
    style: PracticeStyle,
    day: date,
    blocks: OfDays,
    practitioner_id: int,
    name: str,
) -> Column:
    own = blocks.get((day, practitioner_id), [])
    return Column(
        key=f"{day.isoformat()}.{practitioner_id}",
        day=day.isoformat(),
        practitioner_id=practitioner_id,
        title=name,
        number="",
        label=f"{name}, {style.day_words(day)}",
        is_today=False,
        is_chosen=True,
        count=len(own),
        blocks=side_by_side(own),
    )


def side_by_side(blocks: list[Block]) -> tuple[Block, ...]:
    """In order of time, each with its lane. Very short ones are weighed as tall as they are drawn."""
    ordered = sorted(blocks, key=lambda b: (b.at, -b.minutes, b.id))
    spans = (Span(n, b.at, b.at + max(b.minutes, SHORTEST_DRAWN)) for n, b in enumerate(ordered))
    found = lanes(spans)
    return tuple(replace(b, lane=found[n][0], lanes=found[n][1]) for n, b in enumerate(ordered))
