"""Where a series is parted: the old one ends, and a new one begins with what was wished."""

from datetime import date, timedelta

from sqlmodel import Session

from trova_app.domain.series import Unit, carried
from trova_app.models import AppointmentSeries
from trova_app.services.practice_style import PracticeStyle
from trova_app.services.series import RHYTHMS, days_of
from trova_app.services.series_wish import Wish


def rest_of(
    db: Session,
    style: PracticeStyle,
    series: AppointmentSeries,
    pivot: date,
    was: date,
    wish: Wish,
    days: list[date],
) -> AppointmentSeries:
    """A series of the sessions meant, on the practice's present wall clock; the old one ends before them."""
    first = _first_of(series, was, wish.day, sorted(days))
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
    ends_before(series, pivot)
    series.made_to = min(series.made_to, pivot)
    db.add(series)
    db.add(rest)
    db.flush()
    return rest


def ends_before(series: AppointmentSeries, pivot: date) -> None:
    """Where it has not ended already, with a session that was put on again since."""
    last = pivot - timedelta(days=1)
    series.until = min(series.until, last) if series.until else last


def _first_of(series: AppointmentSeries, was: date, now: date, days: list[date]) -> date:
    """The rule is read off the first day. That of "the last Wednesday" off one that shows it, for a last one may be a
    fourth too: the one in hand where its day is new."""
    rhythm = RHYTHMS[series.rhythm]
    if was != now:
        return now if rhythm.unit is Unit.SAME_WEEKDAY else days[0]
    rule = rhythm.rule(series.first_day)
    return next((day for day in days if rhythm.rule(day) == rule), days[0])


def _end_of(series: AppointmentSeries, pivot: date, was: date, now: date) -> date | None:
    """Where its last session goes; not before the one in hand."""
    if series.until is None:
        return None
    if was == now:
        return max(series.until, now)
    rhythm = RHYTHMS[series.rhythm]
    planned = days_of(series, pivot - timedelta(days=1), series.until)
    return max(day for one in (*planned, was) if (day := carried(one, rhythm, was, now)))
