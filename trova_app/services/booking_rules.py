"""What booking and moving share: how fields are read, who holds the session, and what is wanted twice."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.diary import DAY, LONGEST, clash, on_wall
from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import ChangedElsewhere, NotFound, Refusal
from trova_app.models import Appointment, CareService, Client
from trova_app.services.arguments import Fields, a_version, an_id
from trova_app.services.calendar import EARLIEST, LATEST, busy, clash_words, practitioners
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle
from trova_app.services.timeline import note

SHORTEST_MINUTES, LONGEST_MINUTES = 5, DAY
STANDS = (AppointmentState.SCHEDULED, AppointmentState.COMPLETED)


@dataclass(frozen=True, slots=True)
class Place:
    """When, with whom and where a session was, so that it can be put back there."""

    starts_at: datetime
    ends_at: datetime
    practitioner_id: int
    place: str


@dataclass(frozen=True, slots=True)
class SessionBefore:
    """A session of a series as it was, and as the change left it."""

    id: int
    left: tuple[int, str, int | None]  # version, state, series
    series_id: int | None
    planned_day: date | None
    place: Place
    state: str
    cancel_reason: str


@dataclass(frozen=True, slots=True)
class SeriesBefore:
    """A series before some of its sessions became one of their own (`rest_id`), or were cancelled (None)."""

    series_id: int
    rest_id: int | None
    until: date | None
    made_to: date
    sessions: tuple[SessionBefore, ...]


@dataclass(frozen=True, slots=True)
class Booked:
    """What was done, in a sentence; `warnings` say what is wanted twice, `before` where a moved session was."""

    id: int
    version: int
    sentence: str
    warnings: tuple[str, ...]
    before: Place | SeriesBefore | None = None


def name_of(client: Client) -> str:
    return f"{client.first_name} {client.last_name}".strip()


def chosen(
    db: Session, who: Principal, form: Fields, table: type[Any], field: str, given: object, sentence: str
) -> Any:
    """The row of this practice; a fault beside the field for every other id."""
    try:
        key = an_id(given, field)
    except NotFound:
        key = 0
    found = db.exec(select(table).where(table.id == key, table.practice_id == who.practice_id)).first() if key else None
    if found is None:
        form.fault(field, sentence)
    return found


def a_wall_time(form: Fields, field: str, given: object) -> tuple[date, int]:
    """(day, minute) of "2026-03-18T14:00"; seconds are not taken."""
    if isinstance(given, str) and len(given) == 16 and given[10] in "T ":
        try:
            found = datetime.fromisoformat(given)
        except ValueError:
            found = None
        if found is not None and EARLIEST <= found.date() < LATEST:
            return found.date(), found.hour * 60 + found.minute
    form.fault(field, "Enter day and time, such as 2026-03-18 14:00.")
    return EARLIEST, 0


def a_practitioner(db: Session, desk: Desk, who: Principal, form: Fields, given: object) -> int:
    team = [key for key, _ in practitioners(db, who)]
    if given in ("", None, 0, "0"):
        if not team:
            form.fault("practitioner", "Nobody in this practice treats clients. Add a practitioner under Settings.")
            return 0
        return who.member_id if who.member_id in team else team[0]
    try:
        key = an_id(given, "practitioner")
    except NotFound:
        key = 0
    if key not in team:
        form.fault("practitioner", "Choose a practitioner from the list.")
    return key


def a_length(form: Fields, given: object, usual: int) -> timedelta:
    if given in ("", None):
        return timedelta(minutes=min(max(usual, SHORTEST_MINUTES), LONGEST_MINUTES))
    return timedelta(minutes=form.whole("minutes", given, SHORTEST_MINUTES, LONGEST_MINUTES))


def written_down(db: Session, desk: Desk, who: Principal, appointment: Appointment, what: str) -> None:
    note(db, desk, practice_id=who.practice_id, who=who.name, what=what, appointment_id=appointment.id)


def place_of(appointment: Appointment) -> Place:
    return Place(appointment.starts_at, appointment.ends_at, appointment.practitioner_id, appointment.place)


def when_words(style: PracticeStyle, appointment: Appointment) -> str:
    """ "Wednesday 18 March, 14:00\u201315:00"."""
    day = style.day_words(style.day(appointment.starts_at)).rpartition(", ")[2]
    return f"{day}, {style.time(appointment.starts_at)}\u2013{style.time(appointment.ends_at)}"


def done(
    db: Session,
    who: Principal,
    style: PracticeStyle,
    made: Appointment,
    sentence: str,
    typed: tuple[date, int] | None = None,
    before: Place | None = None,
) -> Booked:
    """`typed`: the day and minute somebody chose, which a change of the clocks may have skipped."""
    warnings = [*(_skipped(style, made, typed) if typed else ()), *standing_against(db, who, made)]
    return Booked(int(made.id or 0), made.version, sentence, tuple(warnings), before)


def _skipped(style: PracticeStyle, made: Appointment, typed: tuple[date, int]) -> list[str]:
    day, minute = on_wall(made.starts_at, style.zone)
    if (day, minute) == typed:
        return []
    return [
        f"The clocks skip {typed[1] // 60:02d}:{typed[1] % 60:02d} that night, so it is {style.time(made.starts_at)}."
    ]


def standing_against(db: Session, who: Principal, made: Appointment) -> list[str]:
    """What is wanted twice, one sentence for each other session."""
    rows = standing(db, who.practice_id, made.starts_at, made.ends_at)
    own = [busy(row) for row in rows if row.id == made.id]
    names = dict(practitioners(db, who, {row.practitioner_id for row in rows}))
    return [clash_words(wanted, row, names) for one in own for row in rows if (wanted := clash(one, busy(row)))]


def standing(db: Session, practice_id: int, start: datetime, end: datetime, *which: Any) -> list[Any]:
    """The sessions of that time, as far as they stand in each other's way."""
    query = (
        sa.select(
            col(Appointment.id),
            col(Appointment.starts_at),
            col(Appointment.ends_at),
            col(Appointment.client_id),
            col(Appointment.practitioner_id),
            col(Appointment.place),
            col(Client.first_name),
            col(Client.last_name),
            col(CareService.is_virtual),
        )
        .join(Client, col(Client.id) == Appointment.client_id)
        .join(CareService, col(CareService.id) == Appointment.service_id)
        .where(
            col(Appointment.practice_id) == practice_id,
            col(Appointment.state).in_(STANDS),
            col(Appointment.starts_at) > start - LONGEST,
            col(Appointment.starts_at) < end,
            col(Appointment.ends_at) > start,
            *which,
        )
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    )
    return list(db.execute(query))


def held(db: Session, who: Principal, appointment_id: object) -> Appointment:
    """The appointment, locked until the act ends; `NotFound` for another practice's as for none."""
    wanted = an_id(appointment_id, "appointment")
    query = select(Appointment).where(Appointment.id == wanted, Appointment.practice_id == who.practice_id)
    found = db.exec(query.with_for_update().execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("appointment")
    return found


def must_wait(style: PracticeStyle, appointment: Appointment, version: object) -> None:
    """It is as the person saw it, and still to be moved or cancelled."""
    if appointment.state != AppointmentState.SCHEDULED:
        raise Refusal(f"This session is {appointment.state}, so it stays where it is.")
    if appointment.version != a_version(version):
        raise ChangedElsewhere(
            f"Somebody changed this session in the meantime: it is on {when_words(style, appointment)} now. "
            "Nothing of yours was done."
        )
