"""What the sessions of a series are to be from now on, and what that makes of each of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.diary import at_wall, on_wall
from trova_app.domain.permissions import Principal
from trova_app.domain.series import carried
from trova_app.models import Appointment, AppointmentSeries
from trova_app.services.arguments import Fields
from trova_app.services.booking_rules import a_length, a_practitioner, a_wall_time
from trova_app.services.calendar import LONGEST_PLACE
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle
from trova_app.services.series import RHYTHMS, must_begin_near, span_on

NO_SUCH_DAY = "The new rhythm has no such day"


@dataclass(frozen=True, slots=True)
class Wish:
    """Day and minute on the practice's wall clock, of the session in hand as it is planned; `practitioner_id` and
    `place` None: as they are. `own`: from when to when the one in hand is, which may be an exception."""

    day: date
    minute: int
    minutes: int
    practitioner_id: int | None
    place: str | None
    own: tuple[datetime, datetime]


def a_wish(
    db: Session,
    desk: Desk,
    who: Principal,
    style: PracticeStyle,
    series: AppointmentSeries,
    appointment: Appointment,
    *,
    starts: object,
    minutes: object,
    practitioner_id: object,
    place: object,
) -> Wish:
    """Only what was changed in the one in hand is wished for the others: a day, an hour or a length that it has by
    itself stays its own. Raises `FieldFaults`."""
    form = Fields()
    typed = a_wall_time(form, "starts", starts)
    present = on_wall(appointment.starts_at, style.zone)
    planned = _as_planned(style, series, appointment)
    day = typed[0] if typed[0] != present[0] else planned[0]
    minute = typed[1] if typed[1] != present[1] else planned[1]
    was = int((appointment.ends_at - appointment.starts_at) / timedelta(minutes=1))
    length = a_length(form, minutes, was)
    usual = series.minutes if length == timedelta(minutes=was) else int(length / timedelta(minutes=1))
    is_other = practitioner_id not in ("", None, appointment.practitioner_id, str(appointment.practitioner_id))
    with_whom = a_practitioner(db, desk, who, form, practitioner_id) if is_other else None
    where = None if place is None else form.line("place", place, most=LONGEST_PLACE)
    form.done()
    must_begin_near(typed[0], min(style.today, present[0]))
    begins = appointment.starts_at if typed == present else at_wall(*typed, style.zone)
    own = (begins, begins + length)
    return Wish(day, minute, usual, with_whom, None if where == appointment.place else where, own)


def _as_planned(style: PracticeStyle, series: AppointmentSeries, appointment: Appointment) -> tuple[date, int]:
    """Its place in the series, on the practice's present wall clock."""
    assert appointment.planned_day is not None
    if series.time_zone == style.zone.key:
        return appointment.planned_day, series.at_minute
    return on_wall(span_on(series, appointment.planned_day)[0], style.zone)


def new_day(series: AppointmentSeries, planned: date, was: date, wish: Wish) -> date | None:
    """The day of the session planned for `planned`; None: there is no such day any more."""
    return planned if wish.day == was else carried(planned, RHYTHMS[series.rhythm], was, wish.day)


def changed(
    series: AppointmentSeries, rest: AppointmentSeries, one: Appointment, day: date | None, wish: Wish, *, in_hand: bool
) -> None:
    """One session that still waits, as the wish has it; its own exceptions stay."""
    assert one.planned_day is not None
    if day is None:
        one.state, one.cancel_reason = AppointmentState.CANCELLED, NO_SUCH_DAY
        return
    if in_hand:
        one.starts_at, one.ends_at = wish.own
    elif (one.starts_at, one.ends_at) == span_on(series, one.planned_day):
        if on_wall(one.starts_at, ZoneInfo(rest.time_zone)) != (day, wish.minute):
            one.starts_at, _ = span_on(rest, day)  # else: the moment it is, in an hour shown twice
        one.ends_at = one.starts_at + timedelta(minutes=wish.minutes)
    if wish.practitioner_id is not None and (in_hand or one.practitioner_id == series.practitioner_id):
        one.practitioner_id = wish.practitioner_id
    if wish.place is not None and (in_hand or one.place == series.place):
        one.place = wish.place
