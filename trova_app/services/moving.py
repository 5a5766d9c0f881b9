"""Moving a session to another time, length, practitioner or place."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from trova_app.domain.diary import at_wall, on_wall
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Client
from trova_app.services.arguments import Fields
from trova_app.services.booking_rules import (
    Booked,
    a_length,
    a_practitioner,
    a_wall_time,
    done,
    held,
    must_wait,
    name_of,
    when_words,
    written_down,
)
from trova_app.services.calendar import LONGEST_PLACE
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for


def move(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    appointment_id: object,
    version: object,
    starts: object,
    minutes: object = "",
    practitioner_id: object = "",
    place: object = None,
) -> Booked:
    """Another time, length, practitioner or place; what is left empty stays. Only sessions that still wait move.
    Raises `ChangedElsewhere` where somebody moved it in the meantime: then nothing has happened."""
    who.must(Permission.BOOK)
    style, form = style_for(db, desk, who.practice_id), Fields()
    appointment = held(db, who, appointment_id)
    must_wait(style, appointment, version)
    day, minute = a_wall_time(form, "starts", starts)
    was = int((appointment.ends_at - appointment.starts_at) / timedelta(minutes=1))
    length = a_length(form, minutes, was)
    if practitioner_id not in ("", None, appointment.practitioner_id, str(appointment.practitioner_id)):
        appointment.practitioner_id = a_practitioner(db, desk, who, form, practitioner_id)
    if place is not None:
        appointment.place = form.line("place", place, most=LONGEST_PLACE)
    form.done()
    before = style.moment_words(appointment.starts_at)
    appointment.starts_at = _moved(style, appointment.starts_at, day, minute)
    appointment.ends_at = appointment.starts_at + length
    appointment.version += 1
    db.add(appointment)
    db.flush()
    client = db.get_one(Client, appointment.client_id)
    written_down(db, desk, who, appointment, f"Moved from {before} to {style.moment_words(appointment.starts_at)}")
    desk.tell(who.practice_id)
    sentence = f"{name_of(client)} is moved to {when_words(style, appointment)}."
    return done(db, who, style, appointment, sentence, (day, minute))


def _moved(style: PracticeStyle, was: datetime, day: date, minute: int) -> datetime:
    """The wall time as a moment. One that was not changed stays the moment it is, also in an hour shown twice."""
    return was if on_wall(was, style.zone) == (day, minute) else at_wall(day, minute, style.zone)
