"""A change to a session of a series: to this one, to this one and those that follow, or to all that are to come.

Those that have begun or taken place stay as they are. What was changed by itself in one of them (its time, its
practitioner, its place) stays when the others are changed, and is not carried over to them; cancelled ones stay
cancelled.
"""

from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, Refusal
from trova_app.domain.series import Scope
from trova_app.models import Appointment, AppointmentSeries, Client
from trova_app.services import moving, standing
from trova_app.services.arguments import an_id
from trova_app.services.booking_rules import (
    Booked,
    Place,
    SeriesBefore,
    held,
    must_wait,
    name_of,
    place_of,
    written_down,
)
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for
from trova_app.services.series import (
    counted,
    first_days,
    locked,
    make_ahead,
    sessions_of,
    standing_against,
    words_for,
    words_of,
)
from trova_app.services.series_rest import ends_before, rest_of
from trova_app.services.series_undo import left, session_before
from trova_app.services.series_upkeep import goes_on, why_stopped
from trova_app.services.series_wish import Wish, a_wish, changed, new_day


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
    seen: object = None,
) -> Booked:
    """As `moving.move`, for so many sessions of the series as `scope` says. A session of no series moves alone. `seen`:
    how the series repeats, as the person saw it (`series.words_for`). Raises `ChangedElsewhere` where somebody parted
    it in the meantime: then nothing has happened."""
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
    _must_repeat_as(db, style, appointment, seen)
    wish = a_wish(db, desk, who, style, series, appointment, **given)
    change = _carried_over(db, desk, who, style, series, appointment, chosen, wish)
    words = f"{counted(change.count)}, {words_of(style, change.rest)}"
    written_down(db, desk, who, appointment, f"Series changed: {words_of(style, change.rest)}, {counted(change.count)}")
    desk.tell(who.practice_id)
    name = name_of(db.get_one(Client, appointment.client_id))
    why = why_stopped(db, change.rest) if goes_on(change.rest) else ""
    stopped = [f"No more sessions are made, as {why}."] if why else []
    warnings = (*_no_such_days(change.gone), *stopped, *standing_against(db, style, change.rest))
    return Booked(int(appointment.id or 0), appointment.version, f"{name}: {words}.", warnings, change.before)


def _no_such_days(gone: list[date]) -> list[str]:
    if not gone:
        return []
    have, are = ("has", "is") if len(gone) == 1 else ("have", "are")
    return [f"{counted(len(gone))} {have} no such day and {are} cancelled: {first_days(gone)}."]


def cancel(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    appointment_id: object,
    version: object,
    scope: object,
    reason: object,
    seen: object = None,
) -> Booked:
    """As `standing.cancel`; the series ends where those that follow are cancelled. `seen` as in `move`."""
    who.must(Permission.BOOK)
    chosen = a_scope(scope)
    appointment, series = (None, None) if chosen is Scope.THIS else _held(db, who, appointment_id)
    was = session_before(appointment) if appointment else None
    if appointment is not None and series is not None:
        style = style_for(db, desk, who.practice_id)
        must_wait(style, appointment, version)
        _must_repeat_as(db, style, appointment, seen)
    first = standing.cancel(db, desk, who, appointment_id=appointment_id, version=version, reason=reason)
    if appointment is None or was is None or series is None:
        return first
    pivot = _pivot(db, desk, series, appointment, chosen)
    kept = [replace(was, left=left(appointment))]
    for one in sessions_of(db, series, pivot):
        if one.state == AppointmentState.SCHEDULED and one.starts_at > desk.now():
            was = session_before(one)
            one.state, one.cancel_reason = AppointmentState.CANCELLED, appointment.cancel_reason
            one.version += 1
            db.add(one)
            written_down(db, desk, who, one, f"Cancelled: {one.cancel_reason}")
            kept.append(replace(was, left=left(one)))
    before = SeriesBefore(int(series.id or 0), None, series.until, series.made_to, tuple(kept))
    ends_before(series, pivot)
    db.add(series)
    db.flush()
    name = name_of(db.get_one(Client, appointment.client_id))
    sentence = f"{name}: {counted(len(kept))} {'is' if len(kept) == 1 else 'are'} cancelled."
    return Booked(first.id, first.version, sentence, (), before)


def _held(db: Session, who: Principal, appointment_id: object) -> tuple[Appointment, AppointmentSeries | None]:
    """The session and its series, locked: the series first, so that two who change one never wait for each other."""
    wanted = an_id(appointment_id, "appointment")
    query = select(Appointment.series_id).where(Appointment.id == wanted, Appointment.practice_id == who.practice_id)
    series_id = db.exec(query).first()
    series = locked(db, who, series_id) if series_id else None
    appointment = held(db, who, appointment_id)
    if appointment.series_id != series_id:
        raise ChangedElsewhere("Somebody changed this series in the meantime. Nothing of yours was done.")
    return appointment, series


def _must_repeat_as(db: Session, style: PracticeStyle, appointment: Appointment, seen: object) -> None:
    words = words_for(db, style, appointment)
    if seen is not None and seen != words:
        raise ChangedElsewhere(
            f"Somebody changed this series in the meantime: it repeats {words} now. Nothing of yours was done."
        )


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


@dataclass(frozen=True, slots=True)
class _Change:
    """A series became two: the new one, how many sessions still wait in it, the days of those that are cancelled for
    want of a day, and what was before."""

    rest: AppointmentSeries
    count: int
    gone: list[date]
    before: SeriesBefore


def _carried_over(
    db: Session,
    desk: Desk,
    who: Principal,
    style: PracticeStyle,
    series: AppointmentSeries,
    appointment: Appointment,
    scope: Scope,
    wish: Wish,
) -> _Change:
    """The sessions meant follow a rule of their own from now on."""
    was = appointment.planned_day
    assert was is not None
    pivot = _pivot(db, desk, series, appointment, scope)
    rows, until, made_to = sessions_of(db, series, pivot), series.until, series.made_to
    days = {one.id: new_day(series, one.planned_day, was, wish) for one in rows if one.planned_day}
    rest = rest_of(db, style, series, pivot, was, wish, [day for day in days.values() if day])
    kept, gone = [], []
    for one in rows:
        before, day = session_before(one), days[one.id]
        if one is appointment or (one.state == AppointmentState.SCHEDULED and one.starts_at > desk.now()):
            gone += [] if day else [style.day(one.starts_at)]
            changed(series, rest, one, day, wish, in_hand=one is appointment)
            one.version += 1
            if one is not appointment:
                _noted(db, desk, who, style, one, before.place)
        one.series_id, one.planned_day = (rest.id, day) if day else (None, None)
        db.add(one)
        kept.append(replace(before, left=left(one)))
    db.flush()
    waits = [one for one in rows if one.state == AppointmentState.SCHEDULED and one.ends_at > desk.now()]
    count = len({appointment.id, *(one.id for one in waits)}) + make_ahead(db, desk, rest)
    before_all = SeriesBefore(int(series.id or 0), int(rest.id or 0), until, made_to, tuple(kept))
    return _Change(rest, count, gone, before_all)


def _noted(db: Session, desk: Desk, who: Principal, style: PracticeStyle, one: Appointment, before: Place) -> None:
    """In the timeline of each that was changed."""
    if one.state == AppointmentState.CANCELLED:
        written_down(db, desk, who, one, f"Cancelled: {one.cancel_reason}")
    elif place_of(one) != before:
        written_down(db, desk, who, one, moving.what_changed(db, style, before, place_of(one)))
