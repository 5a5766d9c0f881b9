"""A practitioner's sessions as a calendar that other programs read, under a secret address. Nothing about health is in
it: each session is "Appointment", or a client's initials where the practitioner chose so."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import Appointment, CalendarFeed, Client, Member
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short, style_for

BACK, AHEAD = timedelta(days=30), timedelta(days=400)
SHOWN = (AppointmentState.SCHEDULED, AppointmentState.COMPLETED, AppointmentState.MISSED)
PLAIN = "Appointment"
LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True)
class FeedState:
    """`since`: when one's own address was made, "" where there is none."""

    may_have: bool
    since: str
    shows_initials: bool


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """`uid` says nothing about anybody; `sequence` goes up with each change, `made_at` stays."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    sequence: int
    made_at: datetime


def own_feed(db: Session, desk: Desk, who: Principal) -> FeedState:
    who.must(Permission.SEE_APPOINTMENTS)
    found = next(iter(_living(db, who)), None)
    since = short(style_for(db, desk, who.practice_id).day(found.created_at)) if found else ""
    return FeedState(_treats(db, who), since, found.shows_initials if found else False)


def make_feed(db: Session, desk: Desk, who: Principal, *, shows_initials: object = False) -> str:
    """A new address for one's own sessions; the old one ends. The token is told this once."""
    who.must(Permission.SEE_APPOINTMENTS)
    if not _treats(db, who):
        raise Refusal("Only practitioners have sessions of their own to show.")
    revoke_feed(db, desk, who)
    token = secrets.token_urlsafe(32)
    db.add(
        CalendarFeed(
            practice_id=who.practice_id,
            member_id=who.member_id,
            token_hash=_hashed(token),
            shows_initials=shows_initials is True,
            created_at=desk.now(),
        )
    )
    return token


def revoke_feed(db: Session, desk: Desk, who: Principal) -> None:
    """Whoever has the address reads nothing any more."""
    who.must(Permission.SEE_APPOINTMENTS)
    for found in _living(db, who):
        found.revoked_at = desk.now()
        db.add(found)
    db.flush()


def _living(db: Session, who: Principal) -> list[CalendarFeed]:
    """One, or two where somebody made one in two pages at once."""
    query = select(CalendarFeed).where(
        CalendarFeed.member_id == who.member_id,
        CalendarFeed.practice_id == who.practice_id,
        col(CalendarFeed.revoked_at).is_(None),
    )
    return list(db.exec(query.order_by(col(CalendarFeed.id).desc())))


def _treats(db: Session, who: Principal) -> bool:
    query = select(Member.is_practitioner).where(Member.id == who.member_id, Member.practice_id == who.practice_id)
    return bool(db.exec(query).first())


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def events_of(db: Session, desk: Desk, *, token: object) -> tuple[FeedEvent, ...] | None:
    """The sessions of a month back and a year ahead. None for an address that is none, was revoked, or whose
    practitioner has left."""
    if not isinstance(token, str) or not 20 <= len(token) <= LONGEST_TOKEN:
        return None
    query = (
        select(CalendarFeed)
        .join(Member, col(Member.id) == CalendarFeed.member_id)
        .where(
            CalendarFeed.token_hash == _hashed(token),
            col(CalendarFeed.revoked_at).is_(None),
            col(Member.disabled_at).is_(None),
        )
    )
    feed = db.exec(query).first()
    return tuple(_events(db, desk, feed)) if feed is not None else None


def _events(db: Session, desk: Desk, feed: CalendarFeed) -> list[FeedEvent]:
    query = (
        select(Appointment, Client.first_name, Client.last_name)
        .join(Client, col(Client.id) == Appointment.client_id)
        .where(
            Appointment.practice_id == feed.practice_id,
            Appointment.practitioner_id == feed.member_id,
            col(Appointment.state).in_(SHOWN),
            col(Appointment.starts_at) > desk.now() - BACK,
            col(Appointment.starts_at) < desk.now() + AHEAD,
        )
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    )
    return [
        FeedEvent(
            uid=f"{_hashed(f'{feed.token_hash} {one.id}')[:32]}@trova",
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            summary=_initials(first, last) if feed.shows_initials else PLAIN,
            sequence=one.version,
            made_at=one.created_at,
        )
        for one, first, last in db.exec(query)
    ]


def _initials(first: str, last: str) -> str:
    return " ".join(f"{word[0].upper()}." for word in (first, last) if word) or PLAIN
