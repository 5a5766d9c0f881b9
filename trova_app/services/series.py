"""Sessions that repeat: a series is kept as a rule on the wall clock and made into sessions a year ahead. What becomes
of one of them by itself (moved, cancelled, completed) stays as it is when the rest is made or changed."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from dateutil.rrule import rrulestr
from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.diary import at_wall, clashes
from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import FieldFaults
from trova_app.domain.series import MOST_WEEKS, Rhythm, Unit
from trova_app.models import Appointment, AppointmentSeries
from trova_app.services.arguments import Fields
from trova_app.services.booking_rules import standing
from trova_app.services.calendar import LATEST, busy
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for
from trova_app.services.series_upkeep import ask_for_more, goes_on, why_stopped

AHEAD = timedelta(days=366)  # sessions are made so far into the future
MADE_AGAIN = timedelta(days=30)  # how often the next ones are made
BACK = timedelta(weeks=4)
MOST_NAMED = 3

RHYTHMS: dict[str, Rhythm] = {
    **{f"week{n if n > 1 else ''}": Rhythm(Unit.WEEK, n) for n in range(1, MOST_WEEKS + 1)},
    "date": Rhythm(Unit.SAME_DATE),
    "weekday": Rhythm(Unit.SAME_WEEKDAY),
}
"""By the value of the form's choice, which is also what the table keeps."""


def a_rhythm(form: Fields, given: object) -> str:
    """ "" for a session that does not repeat."""
    if given in ("", None):
        return ""
    return form.choice("repeats", given, RHYTHMS, "Choose how often it repeats.")


def an_end(form: Fields, given: object, first: date) -> date | None:
    if given in ("", None):
        return None
    try:
        found = date.fromisoformat(given) if isinstance(given, str) and len(given) == 10 else None
    except ValueError:
        found = None
    if found is None or not first <= found < LATEST:
        form.fault("until", "Enter the last day, not before the first session, or leave it empty.")
    return found


def must_begin_near(day: date, today: date) -> None:
    """Not years back by a slip of the keys, with a thousand sessions to complete. Raises `FieldFaults`."""
    if day < today - BACK:
        sentence = "A series begins four weeks ago at the earliest. Look at the year, or book past sessions one by one."
        raise FieldFaults([("starts", sentence)])


def begin(
    db: Session,
    desk: Desk,
    who: Principal,
    first: Appointment,
    *,
    rhythm: str,
    day: date,
    minute: int,
    until: date | None,
) -> tuple[AppointmentSeries, int]:
    """Makes a booked session the first of a series, and the others; how many there are with it."""
    zone = style_for(db, desk, who.practice_id).zone
    made = AppointmentSeries(
        practice_id=who.practice_id,
        client_id=first.client_id,
        service_id=first.service_id,
        practitioner_id=first.practitioner_id,
        place=first.place,
        rhythm=rhythm,
        first_day=day,
        at_minute=minute,
        minutes=int((first.ends_at - first.starts_at) / timedelta(minutes=1)),
        time_zone=zone.key,
        until=until,
        made_to=day,
        created_at=desk.now(),
    )
    db.add(made)
    db.flush()
    first.series_id, first.planned_day = made.id, day
    db.add(first)
    return made, 1 + make_ahead(db, desk, made)


def days_of(series: AppointmentSeries, after: date, to: date) -> Iterator[date]:
    """The days of the rule behind `after`, up to and with `to`."""
    rule = RHYTHMS[series.rhythm].rule(series.first_day)
    last = min(to, series.until) if series.until else to
    begun = datetime.combine(series.first_day, time())
    for found in rrulestr(f"RRULE:{rule}", dtstart=begun).xafter(datetime.combine(after, time())):
        if found.date() > last:
            return
        yield found.date()


def span_on(series: AppointmentSeries, day: date) -> tuple[datetime, datetime]:
    """From when to when the session of that day is, by the rule; as long on a night the clocks change as on any."""
    starts_at = at_wall(day, series.at_minute, ZoneInfo(series.time_zone))
    return starts_at, starts_at + timedelta(minutes=series.minutes)


def make_ahead(db: Session, desk: Desk, series: AppointmentSeries) -> int:
    """Makes what is missing up to a year from today, and has itself called again; how many were made. None for an
    archived client, with a service or a practitioner that can be booked no more: they may come back."""
    made = 0 if why_stopped(db, series) else _made(db, desk, series)
    if goes_on(series):
        ask_for_more(db, desk, series, desk.now() + MADE_AGAIN)
    return made


def _made(db: Session, desk: Desk, series: AppointmentSeries) -> int:
    horizon = desk.today(series.time_zone) + AHEAD
    there = {one.planned_day for one in db.exec(select(Appointment).where(Appointment.series_id == series.id))}
    missing = [day for day in days_of(series, series.made_to, horizon) if day not in there]
    db.add_all([_session(desk, series, day) for day in missing])
    series.made_to = max(series.made_to, horizon)
    db.add(series)
    db.flush()
    return len(missing)


def _session(desk: Desk, series: AppointmentSeries, day: date) -> Appointment:
    starts_at, ends_at = span_on(series, day)
    return Appointment(
        practice_id=series.practice_id,
        client_id=series.client_id,
        service_id=series.service_id,
        practitioner_id=series.practitioner_id,
        starts_at=starts_at,
        ends_at=ends_at,
        place=series.place,
        series_id=series.id,
        planned_day=day,
        created_at=desk.now(),
    )


def extend(db: Session, desk: Desk, series_id: int) -> None:
    """The next sessions of a series, as the worker asks once a month."""
    series = db.exec(select(AppointmentSeries).where(AppointmentSeries.id == series_id).with_for_update()).first()
    if series is None:
        return
    series.made_to = max(series.made_to, desk.today(series.time_zone) - timedelta(days=1))  # none in the past
    if make_ahead(db, desk, series):
        desk.tell(series.practice_id)


def locked(db: Session, who: Principal, series_id: int) -> AppointmentSeries:
    query = select(AppointmentSeries).where(
        AppointmentSeries.id == series_id, AppointmentSeries.practice_id == who.practice_id
    )
    return db.exec(query.with_for_update().execution_options(populate_existing=True)).one()


def sessions_of(db: Session, series: AppointmentSeries, since: date) -> list[Appointment]:
    """The series' sessions planned for that day and later, locked, in order."""
    query = (
        select(Appointment)
        .where(Appointment.series_id == series.id, col(Appointment.planned_day) >= since)
        .order_by(col(Appointment.planned_day))
    )
    return list(db.exec(query.with_for_update().execution_options(populate_existing=True)))


def words_for(db: Session, style: PracticeStyle, appointment: Appointment) -> str:
    """How a session repeats, and why it does no more; "" for one that does not."""
    series = db.get(AppointmentSeries, appointment.series_id) if appointment.series_id else None
    if series is None:
        return ""
    why = why_stopped(db, series) if goes_on(series) else ""
    return words_of(style, series) + (f"; no more sessions are made, as {why}" if why else "")


def counted(number: int) -> str:
    return f"{number} session{'' if number == 1 else 's'}"


def words_of(style: PracticeStyle, series: AppointmentSeries) -> str:
    """ "every 2 weeks on Wednesday, until 24 Jun 2026"."""
    words = RHYTHMS[series.rhythm].words(series.first_day)
    return f"{words}, until {short(series.until)}" if series.until else words


# -- what is wanted twice


def standing_against(db: Session, style: PracticeStyle, series: AppointmentSeries) -> list[str]:
    """One sentence over the whole series: how many of its sessions stand against others, and the first days."""
    query = select(Appointment).where(
        Appointment.series_id == series.id, Appointment.state == AppointmentState.SCHEDULED
    )
    own = {int(one.id or 0): one for one in db.exec(query.order_by(col(Appointment.starts_at)))}
    if not own:
        return []
    some = list(own.values())
    rows = standing(db, series.practice_id, some[0].starts_at, max(one.ends_at for one in some), _same(series))
    found = clashes([busy(row) for row in rows])
    against = {key for key, others in found.items() if others.keys() - own.keys()}
    days = [style.day(one.starts_at) for key, one in own.items() if key in against]
    if not days:
        return []
    return [f"{len(days)} of {len(own)} stand against other sessions: {first_days(days)}."]


def first_days(days: list[date]) -> str:
    """ "30 Apr 2026, 30 Jun 2026, 30 Sep 2026 \u2026"."""
    return ", ".join(short(day) for day in days[:MOST_NAMED]) + (" \u2026" if len(days) > MOST_NAMED else "")


def _same(series: AppointmentSeries) -> Any:
    same = sa.or_(
        col(Appointment.practitioner_id) == series.practitioner_id,
        col(Appointment.client_id) == series.client_id,
        col(Appointment.series_id) == series.id,
    )
    return sa.or_(same, col(Appointment.place) == series.place) if series.place else same
