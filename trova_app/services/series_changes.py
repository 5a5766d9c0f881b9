"""A change to a session of a series: to this one, to this one and those that follow, or to all that are to come.

Those that have begun or taken place stay as they are. What was changed by itself in one of them (its time, its
practitioner, its place) stays when the others are changed, unless it is the one in hand; cancelled ones stay cancelled.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.diary import on_wall
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.domain.series import Scope, Unit, carried
from trova_app.models import Appointment, AppointmentSeries, Client
from trova_app.services import moving, standing
from trova_app.services.arguments import Fields, an_id
from trova_app.services.booking_rules import (
    Booked,
    SeriesBefore,
    a_length,
    a_practitioner,
    a_wall_time,
    held,
    must_wait,
    name_of,
    written_down,
)
from trova_app.services.calendar import LONGEST_PLACE
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for
from trova_app.services.series import (
    RHYTHMS,
    days_of,
    locked,
    make_ahead,
    sessions_of,
    span_on,
    standing_against,
    words_of,
)
from trova_app.services.series_undo import left, session_before

NO_SUCH_DAY = "The new rhythm has no such day"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the sessions of a series are to be from now on; None: as it is."""

    day: date
    minute: int
    minutes: int
    practitioner_id: int | None
    place: str | None


def a_scope(given: object) -> Scope:
    try:
        return Scope(str(given))
    except ValueError:
        raise Refusal("Choose whether this is for one session, or for those that follow too.", "scope") from None


def move(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    appointment_id: object,
    version: object,
    scope: object,
    starts: object,
    minutes: object = "",
    practitioner_id: object = "",
    place: object = None,
) -> Booked:
    """As `moving.move`, for so many sessions of the series as `scope` says. A session of no series moves alone."""
    who.must(Permission.BOOK)
    chosen = a_scope(scope)
    given = {"starts": starts, "minutes": minutes, "practitioner_id": practitioner_id, "place": place}
    if chosen is Scope.THIS:
        return moving.move(db, desk, who, appointment_id=appointment_id, version=version, **given)
    appointment, series = _held(db, who, appointment_id)
    if series is None:
        return moving.move(db, desk, who, appointment_id=appointment_id, version=version, **given)
    style = style_for(db, desk, who.practice_id)
    must_wait(style, appointment, version)
    wish = _wish(db, desk, who, appointment, **given)
    rest, count, before = _carried_over(db, desk, style, series, appointment, chosen, wish)
    written_down(db, desk, who, appointment, f"Series changed: {words_of(style, rest)}, {count} sessions")
    desk.tell(who.practice_id)
    name = name_of(db.get_one(Client, appointment.client_id))
    warnings = tuple(standing_against(db, style, rest))
    sentence = f"{name}: {count} sessions, {words_of(style, rest)}."
    return Booked(int(appointment.id or 0), appointment.version, sentence, warnings, before)


def cancel(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    appointment_id: object,
    version: object,
    scope: object,
    reason: object,
) -> Booked:
    """As `standing.cancel`; the series ends where those that follow are cancelled."""
    who.must(Permission.BOOK)
    chosen = a_scope(scope)
    appointment, series = (None, None) if chosen is Scope.THIS else _held(db, who, appointment_id)
    first = standing.cancel(db, desk, who, appointment_id=appointment_id, version=version, reason=reason)
    if appointment is None or series is None:
        return first
    pivot = _pivot(db, desk, series, appointment, chosen)
    count = 1
    for one in sessions_of(db, series, pivot):
        if one.state == AppointmentState.SCHEDULED and one.starts_at > desk.now():
            one.state, one.cancel_reason = AppointmentState.CANCELLED, appointment.cancel_reason
            one.version += 1
            db.add(one)
            written_down(db, desk, who, one, f"Cancelled: {one.cancel_reason}")
            count += 1
    series.until = pivot - timedelta(days=1)
    db.add(series)
    db.flush()
    name = name_of(db.get_one(Client, appointment.client_id))
    return Booked(first.id, first.version, f"{name}: {count} sessions are cancelled.", ())


def _held(db: Session, who: Principal, appointment_id: object) -> tuple[Appointment, AppointmentSeries | None]:
    """The session and its series, locked: the series first, so that two who change one never wait for each other."""
    wanted = an_id(appointment_id, "appointment")
    query = select(Appointment.series_id).where(Appointment.id == wanted, Appointment.practice_id == who.practice_id)
    series_id = db.exec(query).first()
    series = locked(db, who, series_id) if series_id else None
    appointment = held(db, who, appointment_id)
    return appointment, series if series and appointment.series_id == series.id else None


def _wish(
    db: Session,
    desk: Desk,
    who: Principal,
    appointment: Appointment,
    *,
    starts: object,
    minutes: object,
    practitioner_id: object,
    place: object,
) -> Wish:
    form = Fields()
    day, minute = a_wall_time(form, "starts", starts)
    was = int((appointment.ends_at - appointment.starts_at) / timedelta(minutes=1))
    length = int(a_length(form, minutes, was) / timedelta(minutes=1))
    is_other = practitioner_id not in ("", None, appointment.practitioner_id, str(appointment.practitioner_id))
    with_whom = a_practitioner(db, desk, who, form, practitioner_id) if is_other else None
    where = None if place is None else form.line("place", place, most=LONGEST_PLACE)
    form.done()
    return Wish(day, minute, length, with_whom, None if where == appointment.place else where)


def _pivot(db: Session, desk: Desk, series: AppointmentSeries, appointment: Appointment, scope: Scope) -> date:
    """The planned day from which on sessions are meant."""
    assert appointment.planned_day is not None
    if scope is Scope.FOLLOWING:
        return appointment.planned_day
    to_come = [
        one.planned_day
        for one in sessions_of(db, series, date.min)
        if one.planned_day and one.starts_at > desk.now() and one.state == AppointmentState.SCHEDULED
    ]
    return min([appointment.planned_day, *to_come])


def _carried_over(
    db: Session,
    desk: Desk,
    style: PracticeStyle,
    series: AppointmentSeries,
    appointment: Appointment,
    scope: Scope,
    wish: Wish,
) -> tuple[AppointmentSeries, int, SeriesBefore]:
    """The sessions meant follow a rule of their own from now on: the new series, how many still wait in it, and what
    was before."""
    was = appointment.planned_day
    assert was is not None
    pivot = _pivot(db, desk, series, appointment, scope)
    rows, until, made_to = sessions_of(db, series, pivot), series.until, series.made_to
    days = {one.id: carried(one.planned_day, RHYTHMS[series.rhythm], was, wish.day) for one in rows if one.planned_day}
    rest = _rest_of(db, style, series, pivot, was, wish, [day for day in days.values() if day])
    kept = []
    for one in rows:
        before, day = session_before(one), days[one.id]
        if one is appointment or (one.state == AppointmentState.SCHEDULED and one.starts_at > desk.now()):
            _change(series, rest, one, day, wish, in_hand=one is appointment)
            one.version += 1
        one.series_id, one.planned_day = (rest.id, day) if day else (None, None)
        db.add(one)
        kept.append(replace(before, left=left(one)))
    db.flush()
    waits = [one for one in rows if one.state == AppointmentState.SCHEDULED and one.ends_at > desk.now()]
    count = len({appointment.id, *(one.id for one in waits)}) + make_ahead(db, desk, rest)
    return rest, count, SeriesBefore(int(series.id or 0), int(rest.id or 0), until, made_to, tuple(kept))


def _change(
    series: AppointmentSeries, rest: AppointmentSeries, one: Appointment, day: date | None, wish: Wish, *, in_hand: bool
) -> None:
    """One session that still waits, as the wish has it; its own exceptions stay."""
    assert one.planned_day is not None
    if day is None:
        one.state, one.cancel_reason = AppointmentState.CANCELLED, NO_SUCH_DAY
        return
    if in_hand or (one.starts_at, one.ends_at) == span_on(series, one.planned_day):
        if on_wall(one.starts_at, ZoneInfo(rest.time_zone)) != (
            day,
            wish.minute,
        ):  # else: the moment it is, in an hour shown twice
            one.starts_at, _ = span_on(rest, day)
        one.ends_at = one.starts_at + timedelta(minutes=wish.minutes)
    if wish.practitioner_id is not None and (in_hand or one.practitioner_id == series.practitioner_id):
        one.practitioner_id = wish.practitioner_id
    if wish.place is not None and (in_hand or one.place == series.place):
        one.place = wish.place


def _rest_of(
    db: Session,
    style: PracticeStyle,
    series: AppointmentSeries,
    pivot: date,
    was: date,
    wish: Wish,
    days: list[date],
) -> AppointmentSeries:
    """A series of the sessions meant, on the practice's present wall clock; the old one ends before them. Its rule is
    read off its first day; that of "the last Wednesday" off the day in hand, for a last one may be a fourth too."""
    first = wish.day if RHYTHMS[series.rhythm].unit is Unit.SAME_WEEKDAY else min(days)
    rest = AppointmentSeries(
        **series.model_dump(exclude={"id"})
        | {
            "first_day": first,
            "at_minute": wish.minute,
            "minutes": wish.minutes,
            "time_zone": style.zone.key,
            "practitioner_id": wish.practitioner_id or series.practitioner_id,
            "place": series.place if wish.place is None else wish.place,
            "until": _end_of(series, pivot, was, wish.day),
            "made_to": max(first, style.today - timedelta(days=1)),
        }
    )
    series.until = pivot - timedelta(days=1)
    series.made_to = min(series.made_to, pivot)
    db.add(series)
    db.add(rest)
    db.flush()
    return rest


def _end_of(series: AppointmentSeries, pivot: date, was: date, now: date) -> date | None:
    """Where its last session goes."""
    if series.until is None or was == now:
        return series.until
    rhythm = RHYTHMS[series.rhythm]
    planned = days_of(series, pivot - timedelta(days=1), series.until)
    return max(day for one in (*planned, was) if (day := carried(one, rhythm, was, now)))
