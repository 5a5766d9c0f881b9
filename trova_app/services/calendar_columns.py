"""The calendar's columns: the sessions of a day cut to that day and laid side by side."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from trova_app.domain.appointments import AppointmentState, tab_of
from trova_app.domain.diary import DAY, Span, lanes, on_wall
from trova_app.services.practice_style import WEEKDAYS, PracticeStyle

SHORTEST_DRAWN = 20  # minutes: room for a line of text
MOST_LANES = 3  # side by side in a column of the week; more than that would be stripes nobody can read
NARROW_LANES = 2  # the same in a narrow column, as on a tablet: `trova.css` draws the stacks alone there
READABLE = 30  # minutes: as much of a session is seen that its time and a name can be read, and a finger finds it
LANES_LEFT = 1  # of a crowd so many are drawn, and beside them how many more there are
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
    crowded: bool = False  # one of so many at once that a stack stands for it where the column is narrow
    top: int = 0  # of a pair, in a narrow column: there it begins here and is `tall` minutes tall, of which
    tall: int = 0  # `seen` are not under the next one; 0 for no pair
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Stack:
    """Sessions of a crowd that begin in one hour: `more` of them are not drawn, of `count` in all; `clashes` of all are
    wanted twice. `at` and `minutes` as a block's."""

    key: str
    at: int
    minutes: int
    time: str
    more: int
    count: int
    clashes: int


@dataclass(frozen=True, slots=True)
class Column:
    """A day, or on the day's view a practitioner's day. `key` tells a moved session where it came to lie; `lanes`: the
    most sessions that are drawn side by side."""

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
    stacks: tuple[Stack, ...] = ()
    lanes: int = 1


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
    most_lanes: int = 0,
) -> Column:
    """`most_lanes`: what lies more side by side is stacked; 0 for no limit."""
    of_day = [block for (on, _), some in blocks.items() if on == day for block in some]
    drawn, stacks = stacked(side_by_side(of_day), most_lanes)
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
        blocks=drawn,
        stacks=stacks,
    )


def column_of(
    style: PracticeStyle,
    day: date,
    blocks: OfDays,
    practitioner_id: int,
    name: str,
) -> Column:
    own = side_by_side(blocks.get((day, practitioner_id), []))
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
        blocks=own,
        lanes=max((one.lanes for one in own), default=1),
    )


def side_by_side(blocks: list[Block]) -> tuple[Block, ...]:
    """In order of time, each with its lane. Very short ones are weighed as tall as they are drawn."""
    ordered = sorted(blocks, key=lambda b: (b.at, -b.minutes, b.id))
    spans = (Span(n, b.at, b.at + max(b.minutes, SHORTEST_DRAWN)) for n, b in enumerate(ordered))
    found = lanes(spans)
    return tuple(replace(b, lane=found[n][0], lanes=found[n][1]) for n, b in enumerate(ordered))


def stacked(blocks: tuple[Block, ...], most_lanes: int) -> tuple[tuple[Block, ...], tuple[Stack, ...]]:
    """Of more than so many side by side the first lanes are drawn, and the others counted by the hour they begin in."""
    drawn: list[Block] = []
    stacks: list[Stack] = []
    groups = _touching(blocks)
    for n, crowd in enumerate(groups):
        until = groups[n + 1][0].at if n + 1 < len(groups) else DAY
        lies = crowd if not most_lanes or crowd[0].lanes == 1 else _overlaid(crowd, until)
        if lies:
            drawn += lies
            continue
        left = crowd[0].lanes if crowd[0].lanes <= most_lanes else LANES_LEFT
        lanes = max(left, LANES_LEFT + 1)
        drawn += [replace(one, lanes=lanes, crowded=True) for one in crowd if one.lane < left]
        stacks += _stacks(crowd, left)
    return tuple(drawn), tuple(stacks)


def _overlaid(crowd: list[Block], until: int) -> list[Block]:
    """Two at once as they lie over one another in a narrow column, each begun so late that the one under it can be
    read. Empty for more than two at once, and where there is no room for that until the next session."""
    if crowd[0].lanes > NARROW_LANES:
        return []
    tops: list[int] = []
    ends: list[int] = []
    for one in crowd:
        tops.append(max(one.at, tops[-1] + READABLE) if ends and one.at < ends[-1] else one.at)
        ends.append(max(one.at + one.minutes, tops[-1] + READABLE))
    seen = [min([end, *(top for top in tops[n + 1 :] if top < end)]) - tops[n] for n, end in enumerate(ends)]
    if max(ends) > until or min(seen) < READABLE:
        return []
    return [
        replace(one, top=top, tall=end - top, seen=part)
        for one, top, end, part in zip(crowd, tops, ends, seen, strict=True)
    ]


def _touching(blocks: tuple[Block, ...]) -> list[list[Block]]:
    """Those that overlap directly or by way of others together, as `lanes` has them."""
    found: list[list[Block]] = []
    latest = 0
    for one in blocks:
        if not found or one.at >= latest:
            found.append([])
            latest = 0
        found[-1].append(one)
        latest = max(latest, one.at + max(one.minutes, SHORTEST_DRAWN))
    return found


def _stacks(crowd: list[Block], left: int) -> list[Stack]:
    first, last = crowd[0].at, max(one.at + one.minutes for one in crowd)
    by_hour: dict[int, list[Block]] = {}
    for one in crowd:
        by_hour.setdefault(one.at // 60, []).append(one)
    found = []
    for hour, some in by_hour.items():
        at = max(hour * 60, first)
        found.append(
            Stack(
                key=f"stack.{at}",
                at=at,
                minutes=min(hour * 60 + 60, last) - at,
                time=f"{at // 60:02d}:{at % 60:02d}",
                more=sum(one.lane >= left for one in some),
                count=len(some),
                clashes=sum(bool(one.clash) for one in some),
            )
        )
    return found
