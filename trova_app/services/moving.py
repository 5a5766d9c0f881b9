"""Moving a session to another time, length, practitioner or place."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from trova_app.domain.diary import at_wall, on_wall
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Appointment, Client, Member
from trova_app.services.arguments import Fields
from trova_app.services.booking_rules import (
    Booked,
    Place,
    a_length,
    a_practitioner,
    a_wall_time,
    done,
    held,
    must_wait,
    name_of,
    place_of,
    when_words,
    written_down,
)
from trova_app.services.calendar import LONGEST_PLACE
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for
from trova_app.services.series import words_for


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
    before = place_of(appointment)
    day, minute = a_wall_time(form, "starts", starts)
    was = int((appointment.ends_at - appointment.starts_at) / timedelta(minutes=1))
    length = a_length(form, minutes, was)
    if practitioner_id not in ("", None, appointment.practitioner_id, str(appointment.practitioner_id)):
        appointment.practitioner_id = a_practitioner(db, desk, who, form, practitioner_id)
    if place is not None:
        appointment.place = form.line("place", place, most=LONGEST_PLACE)
    form.done()
    appointment.starts_at = _moved(style, before.starts_at, day, minute)
    appointment.ends_at = appointment.starts_at + length
    return _kept(db, desk, who, style, appointment, before, (day, minute))


def _moved(style: PracticeStyle, was: datetime, day: date, minute: int) -> datetime:
    """The wall time as a moment. One that was not changed stays the moment it is, also in an hour shown twice."""
    return was if on_wall(was, style.zone) == (day, minute) else at_wall(day, minute, style.zone)


def put_back(
    db: Session, desk: Desk, who: Principal, *, appointment_id: object, version: object, before: Place
) -> Booked:
    """Undo: the session is where it was. `before` comes from the act itself, never from a page."""
    who.must(Permission.BOOK)
    style = style_for(db, desk, who.practice_id)
    appointment = held(db, who, appointment_id)
    must_wait(style, appointment, version)
    now = place_of(appointment)
    appointment.starts_at, appointment.ends_at = before.starts_at, before.ends_at
    appointment.practitioner_id, appointment.place = before.practitioner_id, before.place
    return _kept(db, desk, who, style, appointment, now)


def _kept(
    db: Session,
    desk: Desk,
    who: Principal,
    style: PracticeStyle,
    appointment: Appointment,
    before: Place,
    typed: tuple[date, int] | None = None,
) -> Booked:
    name = name_of(db.get_one(Client, appointment.client_id))
    if place_of(appointment) == before:
        return done(db, who, style, appointment, f"{name} stays on {when_words(style, appointment)}.", typed)
    appointment.version += 1
    db.add(appointment)
    db.flush()
    written_down(db, desk, who, appointment, what_changed(db, style, before, place_of(appointment)))
    desk.tell(who.practice_id)
    return done(db, who, style, appointment, f"{name}: {when_words(style, appointment)}.", typed, before)


def what_changed(db: Session, style: PracticeStyle, before: Place, now: Place) -> str:
    """What changed, for the timeline."""
    parts = []
    if before.starts_at != now.starts_at:
        parts.append(f"Moved from {style.moment_words(before.starts_at)} to {style.moment_words(now.starts_at)}")
    if before.ends_at - before.starts_at != now.ends_at - now.starts_at:
        parts.append(f"{int((now.ends_at - now.starts_at) / timedelta(minutes=1))} minutes long")
    if before.practitioner_id != now.practitioner_id:
        parts.append(f"now with {db.get_one(Member, now.practitioner_id).name}")
    if before.place != now.place:
        parts.append(f"place: {now.place or 'none'}")
    words = ", ".join(parts)
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class Times:
    """What the fields of Reschedule begin with. `starts` as a date and time box has it; `series`: how it repeats."""

    id: int
    version: int
    name: str
    when: str
    starts: str
    minutes: int
    practitioner_id: int
    place: str
    series: str


def times_of(db: Session, desk: Desk, who: Principal, *, appointment_id: object) -> Times:
    """Raises `Refusal` for a session that stays where it is."""
    who.must(Permission.BOOK)
    style = style_for(db, desk, who.practice_id)
    appointment = held(db, who, appointment_id)
    must_wait(style, appointment, appointment.version)
    return Times(
        id=int(appointment.id or 0),
        version=appointment.version,
        name=name_of(db.get_one(Client, appointment.client_id)),
        when=when_words(style, appointment),
        starts=f"{appointment.starts_at.astimezone(style.zone):%Y-%m-%dT%H:%M}",
        minutes=int((appointment.ends_at - appointment.starts_at) / timedelta(minutes=1)),
        practitioner_id=appointment.practitioner_id,
        place=appointment.place,
        series=words_for(db, style, appointment),
    )
