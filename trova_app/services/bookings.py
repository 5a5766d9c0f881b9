"""Booking a session. What is wanted twice is said, never refused."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from trova_app.domain.diary import at_wall
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Appointment, CareService, Client, ClientStatus
from trova_app.services import series
from trova_app.services.arguments import Fields, search_words
from trova_app.services.booking_rules import (
    STANDS,
    Booked,
    a_length,
    a_practitioner,
    a_wall_time,
    chosen,
    done,
    name_of,
    when_words,
    written_down,
)
from trova_app.services.calendar import LONGEST_PLACE, practitioners
from trova_app.services.clients import list_clients
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for

LONGEST_NOTE = 5000
MOST_FOUND = 8


@dataclass(frozen=True, slots=True)
class FoundClient:
    id: int
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A service as it is booked."""

    id: int
    name: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Desired:
    """What can be chosen from when a session is booked: (id, name) of practitioners, and places used lately."""

    services: tuple[Offered, ...]
    practitioners: tuple[tuple[int, str], ...]
    places: tuple[str, ...]
    practitioner_id: int


def choices(db: Session, desk: Desk, who: Principal) -> Desired:
    who.must(Permission.BOOK)
    services = db.exec(
        select(CareService)
        .where(CareService.practice_id == who.practice_id, col(CareService.is_active))
        .order_by(col(CareService.name), col(CareService.id))
    )
    team = practitioners(db, who)
    ids = [key for key, _ in team]
    return Desired(
        services=tuple(Offered(int(one.id or 0), one.name, one.duration_minutes) for one in services),
        practitioners=tuple(team),
        places=places_used(db, desk, who),
        practitioner_id=who.member_id if who.member_id in ids else (ids[0] if ids else 0),
    )


def places_used(db: Session, desk: Desk, who: Principal) -> tuple[str, ...]:
    """Where sessions were, or will be, within half a year."""
    around = col(Appointment.starts_at).between(desk.now() - timedelta(days=180), desk.now() + timedelta(days=180))
    query = select(Appointment.place).where(
        Appointment.practice_id == who.practice_id, col(Appointment.state).in_(STANDS), around, Appointment.place != ""
    )
    return tuple(sorted(db.exec(query.distinct())))[:50]


def find_clients(db: Session, desk: Desk, who: Principal, *, words: object) -> tuple[FoundClient, ...]:
    """Clients found by the words typed as in their list; nobody for none."""
    who.must(Permission.BOOK)
    if not search_words(words):
        return ()
    page = list_clients(db, desk, who, search=words, limit=MOST_FOUND)
    return tuple(FoundClient(row.id, row.name, row.email or row.phone) for row in page.rows)


# -- booking


def book(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    client_id: object,
    service_id: object,
    starts: object,
    practitioner_id: object = "",
    place: object = "",
    minutes: object = "",
    note: object = "",
    repeats: object = "",
    until: object = "",
) -> Booked:
    """`starts`: the practice's wall clock, "2026-03-18T14:00", also in the past. Left empty: the person themselves or
    the first practitioner, the client's last place, the service's length. `repeats`: one of `series.RHYTHMS`, up to
    the day `until` where there is one. Raises `FieldFaults`."""
    who.must(Permission.BOOK)
    style, form = style_for(db, desk, who.practice_id), Fields()
    client = chosen(db, who, form, Client, "client", client_id, "Choose a client from the list.")
    service = chosen(db, who, form, CareService, "service", service_id, "Choose a service.")
    if client is not None and client.status != ClientStatus.ACTIVE:
        form.fault("client", "This record is archived or part of another one. Choose the client from the list.")
    if service is not None and not service.is_active:
        form.fault("service", "This service is not offered any more. Choose another.")
    day, minute = a_wall_time(form, "starts", starts)
    practitioner = a_practitioner(db, desk, who, form, practitioner_id)
    length = a_length(form, minutes, service.duration_minutes if service else 60)
    where = form.line("place", place, most=LONGEST_PLACE)
    words = form.paragraph("note", note, most=LONGEST_NOTE)
    rhythm = series.a_rhythm(form, repeats)
    end = series.an_end(form, until, day) if rhythm else None
    form.done()
    if rhythm:
        series.must_begin_near(day, style.today)
    assert client is not None and service is not None
    starts_at = at_wall(day, minute, style.zone)
    made = Appointment(
        practice_id=who.practice_id,
        client_id=int(client.id or 0),
        service_id=int(service.id or 0),
        practitioner_id=practitioner,
        starts_at=starts_at,
        ends_at=starts_at + length,
        place=where or _last_place(db, who, int(client.id or 0)),
        note=words,
        created_at=desk.now(),
    )
    db.add(made)
    db.flush()
    written_down(db, desk, who, made, f"Booked for {style.moment_words(starts_at)}")
    desk.tell(who.practice_id)
    if rhythm:
        return _repeated(db, desk, who, style, made, rhythm, (day, minute), end)
    return done(db, who, style, made, f"{name_of(client)} is booked for {when_words(style, made)}.", (day, minute))


def _repeated(
    db: Session,
    desk: Desk,
    who: Principal,
    style: PracticeStyle,
    first: Appointment,
    rhythm: str,
    typed: tuple[date, int],
    until: date | None,
) -> Booked:
    begun, count = series.begin(db, desk, who, first, rhythm=rhythm, day=typed[0], minute=typed[1], until=until)
    name, words = name_of(db.get_one(Client, first.client_id)), series.words_of(style, begun)
    so_far = "" if begun.until else " so far"
    sentence = f"{name} is booked for {when_words(style, first)}, and {words}: {series.counted(count)}{so_far}."
    return Booked(int(first.id or 0), first.version, sentence, tuple(series.standing_against(db, style, begun)))


def _last_place(db: Session, who: Principal, client_id: int) -> str:
    query = (
        select(Appointment.place)
        .where(Appointment.client_id == client_id, Appointment.practice_id == who.practice_id)
        .order_by(col(Appointment.starts_at).desc())
    )
    return db.exec(query.limit(1)).first() or ""
