"""Undo of a change to several sessions of a series."""

from datetime import date, timedelta

from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import Appointment, Client
from trova_app.services.booking_rules import (
    Booked,
    SeriesBefore,
    SessionBefore,
    held,
    must_wait,
    name_of,
    place_of,
    written_down,
)
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for
from trova_app.services.series import locked, sessions_of, standing_against, words_of


def left(one: Appointment) -> tuple[int, str, int | None]:
    """Anything somebody does to a session shows here."""
    return one.version, str(one.state), one.series_id


def session_before(one: Appointment) -> SessionBefore:
    """`left` is still to come."""
    return SessionBefore(
        id=int(one.id or 0),
        left=left(one),
        series_id=one.series_id,
        planned_day=one.planned_day,
        place=place_of(one),
        state=str(one.state),
        cancel_reason=one.cancel_reason,
    )


def put_back(
    db: Session, desk: Desk, who: Principal, *, appointment_id: object, version: object, before: SeriesBefore
) -> Booked:
    """Undo of a change to several, also of their cancelling: the series is as it was. `before` comes from the act
    itself, never from a page. Raises `Refusal` where one of the sessions was changed since: then nothing has
    happened."""
    who.must(Permission.BOOK)
    series = locked(db, who, before.series_id)
    rest = locked(db, who, before.rest_id) if before.rest_id else None
    style, appointment = style_for(db, desk, who.practice_id), held(db, who, appointment_id)
    if rest is not None:
        must_wait(style, appointment, version)
    was = {one.id: one for one in before.sessions}
    rows = select(Appointment).where(Appointment.practice_id == who.practice_id, col(Appointment.id).in_(was))
    found = list(db.exec(rows.with_for_update().execution_options(populate_existing=True)))
    made = [one for one in sessions_of(db, rest, date.min) if one.id not in was] if rest else []
    if any(left(one) != was[int(one.id or 0)].left for one in found) or any(one.version > 1 for one in made):
        raise Refusal("One of these sessions was changed in the meantime, so the series stays as it is.")
    for one in made:
        db.delete(one)
    series.until, series.made_to = before.until, before.made_to
    if rest is not None:
        rest.until = rest.first_day - timedelta(days=1)
    words = words_of(style, series)
    for one in found:
        if _restore(one, was[int(one.id or 0)]) and one is not appointment:
            written_down(db, desk, who, one, f"Put back with its series, {words}")
    db.flush()
    written_down(db, desk, who, appointment, f"Series put back: {words}")
    desk.tell(who.practice_id)
    name = name_of(db.get_one(Client, appointment.client_id))
    warnings = tuple(standing_against(db, style, series))
    return Booked(int(appointment.id or 0), appointment.version, f"{name}: as before, {words}.", warnings)


def _restore(one: Appointment, was: SessionBefore) -> bool:
    """Whether more than its place in the series came back: one that took place changed nothing else."""
    one.series_id, one.planned_day = was.series_id, was.planned_day
    if (place_of(one), str(one.state)) == (was.place, was.state):
        return False
    one.starts_at, one.ends_at = was.place.starts_at, was.place.ends_at
    one.practitioner_id, one.place = was.place.practitioner_id, was.place.place
    one.state, one.cancel_reason = AppointmentState(was.state), was.cancel_reason
    one.version += 1
    return True
