"""The calendar's page: a week or a day of sessions, drawn as columns on the practice's wall clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.diary import DAY, LONGEST, Busy, Wanted, at_wall, clashes, on_wall, room_of, week_of
from trova_app.domain.documents import MONTHS
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Appointment, CareService, Client, Member
from trova_app.services.arguments import LARGEST_ID
from trova_app.services.calendar_columns import MOST_LANES, Column, blocks_of, column, column_of
from trova_app.services.ports import Desk
from trova_app.services.practice_style import WEEKDAYS, style_for

SHOWN = (AppointmentState.SCHEDULED, AppointmentState.COMPLETED, AppointmentState.MISSED)
FIRST_HOUR, LAST_HOUR = 7, 19  # shown also where nothing is booked
EARLIEST, LATEST = date(2000, 1, 3), date(2100, 1, 1)
VIEWS = ("week", "day")
LONGEST_PLACE = 200


@dataclass(frozen=True, slots=True)
class Choice:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """From the first of `hours` on is drawn, for so many hours. Filters that fit nothing (any more) come back as 0 and
    ""; `filters` is their part of the page's address."""

    view: str
    day: str
    title: str
    before: str
    after: str
    today: str
    from_hour: int
    hours: tuple[str, ...]
    columns: tuple[Column, ...]
    practitioners: tuple[Choice, ...]
    practitioner_id: int
    places: tuple[str, ...]
    place: str
    filters: str
    may_book: bool
    may_share: bool
    total: int


def calendar(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    view: object = "week",
    day: object = "",
    practitioner_id: object = 0,
    place: object = "",
) -> Calendar:
    """The week or day round `day` (ISO; else today). Clashes are weighed over the whole practice, whatever is shown.
    Cancelled sessions are left out."""
    who.must(Permission.SEE_APPOINTMENTS)
    style = style_for(db, desk, who.practice_id)
    chosen_view, chosen = ("day" if view == "day" else "week"), _a_day(day, style.today)
    days = week_of(chosen) if chosen_view == "week" else [chosen]
    rows = _rows(db, who, at_wall(days[0], 0, style.zone), at_wall(days[-1], DAY, style.zone))
    team = practitioners(db, who, {row.practitioner_id for row in rows})
    with_whom = _a_choice(practitioner_id, team)
    places = sorted({row.place for row in rows if row.place})
    where = place if isinstance(place, str) and place in places else ""
    shown = [row for row in rows if with_whom in (0, row.practitioner_id) and (not where or row.place == where)]
    names = dict(team)
    blocks = blocks_of(style, desk.now(), shown, names, _sentences(rows, names), who.may(Permission.BOOK))
    if chosen_view == "day" and not with_whom and len(team) > 1:
        own_first = sorted(team, key=lambda one: one[0] != who.member_id)
        columns = tuple(column_of(style, chosen, blocks, member_id, name) for member_id, name in own_first)
    else:
        most = MOST_LANES if chosen_view == "week" else 0
        columns = tuple(column(style, one, chosen, blocks, with_whom, most) for one in days)
    begins, ends = _hours(columns)
    step = timedelta(days=7 if chosen_view == "week" else 1)
    return Calendar(
        view=chosen_view,
        day=chosen.isoformat(),
        title=_title(days),
        before=max(chosen - step, EARLIEST).isoformat(),
        after=min(chosen + step, LATEST).isoformat(),
        today=style.today.isoformat(),
        from_hour=begins,
        hours=tuple(f"{hour:02d}:00" for hour in range(begins, ends)),
        columns=columns,
        practitioners=tuple(Choice(key, name) for key, name in team),
        practitioner_id=with_whom,
        places=tuple(places),
        place=where,
        filters=filters_of(with_whom, where),
        may_book=who.may(Permission.BOOK),
        may_share=who.may(Permission.IMPORT) or who.member_id in names,
        total=len(shown),
    )


def filters_of(practitioner_id: int, place: str) -> str:
    """ "&with=3&place=Rosebank%20rooms", as behind the view and the date in the page's address."""
    return (f"&with={practitioner_id}" if practitioner_id else "") + (
        f"&place={quote(place, safe='')}" if place else ""
    )


def minute_now(db: Session, desk: Desk, who: Principal) -> tuple[str, int]:
    """(day, minute) on the practice's wall, for the line that says where the day has got to."""
    who.must(Permission.SEE_APPOINTMENTS)
    day, minute = on_wall(desk.now(), style_for(db, desk, who.practice_id).zone)
    return day.isoformat(), minute


def _a_day(given: object, today: date) -> date:
    try:
        found = date.fromisoformat(given) if isinstance(given, str) and len(given) == 10 else today
    except ValueError:
        return today
    return found if EARLIEST <= found <= LATEST else today


def _a_choice(given: object, team: Iterable[tuple[int, str]]) -> int:
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) <= 10:
        given = int(given)
    return given if type(given) is int and 0 < given <= LARGEST_ID and given in dict(team) else 0


def practitioners(db: Session, who: Principal, also: Iterable[int] = ()) -> list[tuple[int, str]]:
    """(id, name) of everybody who treats clients here by name, and of `also`, who may have left."""
    treats = sa.and_(col(Member.is_practitioner), col(Member.disabled_at).is_(None))
    query = (
        select(Member.id, Member.name)
        .where(Member.practice_id == who.practice_id, sa.or_(treats, col(Member.id).in_(set(also))))
        .order_by(col(Member.name), col(Member.id))
    )
    return [(int(key or 0), name) for key, name in db.exec(query)]


def _rows(db: Session, who: Principal, start: datetime, end: datetime) -> list[Any]:
    """Every session that touches the span. None lasts longer than a day, so the index is entered there."""
    query = (
        sa.select(
            col(Appointment.id),
            col(Appointment.version),
            col(Appointment.state),
            col(Appointment.starts_at),
            col(Appointment.ends_at),
            col(Appointment.client_id),
            col(Appointment.service_id),
            col(Appointment.practitioner_id),
            col(Appointment.place),
            col(Appointment.series_id),
            col(Client.first_name),
            col(Client.last_name),
            col(CareService.name).label("service_name"),
            col(CareService.tone),
            col(CareService.is_virtual),
        )
        .join(Client, col(Client.id) == Appointment.client_id)
        .join(CareService, col(CareService.id) == Appointment.service_id)
        .where(
            col(Appointment.practice_id) == who.practice_id,
            col(Appointment.state).in_(SHOWN),
            col(Appointment.starts_at) > start - LONGEST,
            col(Appointment.starts_at) < end,
            col(Appointment.ends_at) > start,
        )
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    )
    return list(db.execute(query))


# -- what is wanted twice


def busy(row: Any) -> Busy:
    """A row with these columns as it stands in others' way; a virtual service takes up no room."""
    room = "" if row.is_virtual else room_of(row.place)
    return Busy(row.id, row.starts_at, row.ends_at, row.practitioner_id, row.client_id, room)


def _sentences(rows: list[Any], names: Mapping[int, str]) -> dict[int, str]:
    """What each session is up against, in words. Missed sessions are in nobody's way."""
    by_key = {row.id: row for row in rows if row.state != AppointmentState.MISSED}
    return {
        key: " ".join(clash_words(wanted, by_key[other], names) for other, wanted in others.items())
        for key, others in clashes([busy(row) for row in by_key.values()]).items()
    }


def clash_words(wanted: Iterable[Wanted], other: Any, names: Mapping[int, str]) -> str:
    """ "Dr Naidoo is with Sipho Nkosi then." """
    client = f"{other.first_name} {other.last_name}".strip()
    said = {
        Wanted.PRACTITIONER: f"{names.get(other.practitioner_id, 'The practitioner')} is with {client} then.",
        Wanted.CLIENT: f"{client} has another session then.",
        Wanted.PLACE: f"{other.place} is taken by {client} then.",
    }
    kinds = list(wanted)
    first = Wanted.CLIENT if Wanted.CLIENT in kinds else kinds[0]
    return said[first]


def _hours(columns: Iterable[Column]) -> tuple[int, int]:
    """The hours drawn: the usual ones, and whatever is booked outside of them."""
    blocks = [block for column in columns for block in column.blocks]
    begins = min((block.at // 60 for block in blocks), default=FIRST_HOUR)
    lies = (max(block.at + block.minutes, block.top + block.tall) for block in blocks)  # two at once may lie lower
    ends = max((-(-end // 60) for end in lies), default=LAST_HOUR)
    return min(begins, FIRST_HOUR), min(24, max(ends, LAST_HOUR))


def _title(days: list[date]) -> str:
    """ "16 \u2013 22 March 2026", "30 March \u2013 5 April 2026", "Wednesday 18 March 2026"."""
    first, last = days[0], days[-1]
    end = f"{last.day} {MONTHS[last.month - 1]} {last.year}"
    if first == last:
        return f"{WEEKDAYS[first.weekday()]} {end}"
    begin = str(first.day)
    if first.month != last.month:
        begin += f" {MONTHS[first.month - 1]}"
    if first.year != last.year:
        begin += f" {first.year}"
    return f"{begin} \u2013 {end}"
