"""Another calendar whose events become sessions here, and stay in step: new, changed, cancelled, gone, back again.

What becomes of each event is in calendar_steps.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from trova_app.domain.calendars import Fetched
from trova_app.domain.imports import AppointmentRow, ParsedFile
from trova_app.domain.permissions import Permission, Principal, Role
from trova_app.domain.refusals import NotFound, Refusal
from trova_app.models import CalendarSubscription, Member, Practice
from trova_app.services import outbox
from trova_app.services.arguments import Fields, an_id
from trova_app.services.booking_rules import a_practitioner
from trova_app.services.calendar_steps import AHEAD, Step, diary_of, key_of
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for

EVERY = timedelta(minutes=30)
BACK = timedelta(days=30)
LONGEST_ADDRESS = 2000
MOST = 20  # subscriptions of one practice


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One line of the list. `problem` says what is wrong, "" for nothing; `is_waiting`: it is being read."""

    id: int
    host: str
    practitioner: str
    read: str
    problem: str
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the worker asks the other server for, and how it is to be read."""

    address: str
    etag: str
    modified: str
    zone: ZoneInfo
    since: datetime
    until: datetime


def subscriptions(db: Session, desk: Desk, who: Principal) -> tuple[Subscribed, ...]:
    who.must(Permission.IMPORT)
    style = style_for(db, desk, who.practice_id)
    query = (
        select(CalendarSubscription, Member.name)
        .join(Member, col(Member.id) == CalendarSubscription.member_id)
        .where(CalendarSubscription.practice_id == who.practice_id, col(CalendarSubscription.ended_at).is_(None))
        .order_by(col(CalendarSubscription.id))
    )
    return tuple(
        Subscribed(
            id=int(one.id or 0),
            host=one.host,
            practitioner=name,
            read=style.moment_words(one.read_at) if one.read_at else "",
            problem=one.problem,
            is_waiting=one.read_at is None or (one.asked_at is not None and one.asked_at >= one.read_at),
        )
        for one, name in db.exec(query)
    )


def subscribe(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    address: object,
    practitioner_id: object = "",
    adds_clients: object = False,
) -> int:
    """From now on the events under this address are sessions of this practitioner. Raises `FieldFaults`."""
    who.must(Permission.IMPORT)
    form = Fields()
    url = _an_address(form, address)
    member = a_practitioner(db, desk, who, form, practitioner_id)
    form.done()
    if len(subscriptions(db, desk, who)) >= MOST:
        raise Refusal(f"A practice reads at most {MOST} other calendars. Remove one first.")
    if desk.vault is None:
        raise Refusal("This installation cannot keep secrets yet.")
    made = CalendarSubscription(
        practice_id=who.practice_id,
        member_id=member,
        created_by=who.member_id,
        host=str(urlsplit(url).hostname),
        address_sealed="",
        adds_clients=adds_clients is True or adds_clients == "on",
        created_at=desk.now(),
    )
    db.add(made)
    db.flush()
    made.address_sealed = desk.vault.seal(url, _about(made))
    db.add(made)
    _ask(db, desk, made, desk.now())
    desk.tell(who.practice_id)
    return int(made.id or 0)


def _an_address(form: Fields, given: object) -> str:
    text = form.line("address", given, most=LONGEST_ADDRESS, needed="Paste the other calendar's address.")
    url = text.replace("webcal://", "https://", 1).replace("webcals://", "https://", 1)
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.username is None
    except ValueError:
        is_web = False
    if text and (not is_web or not url.isascii() or " " in url):
        form.fault("address", "Paste an address that begins with https:// or webcal://.")
    return url


def _about(one: CalendarSubscription) -> str:
    return f"calendar subscription {one.practice_id} {one.id}"


def unsubscribe(db: Session, desk: Desk, who: Principal, *, subscription_id: object) -> None:
    """It is read no more and its address forgotten. What came from it stays."""
    who.must(Permission.IMPORT)
    found = _own(db, who, subscription_id)
    found.ended_at, found.address_sealed = desk.now(), ""
    db.add(found)
    desk.tell(who.practice_id)


def check_now(db: Session, desk: Desk, who: Principal, *, subscription_id: object) -> None:
    """It is read at once and as a whole, also where the other server says that nothing has changed."""
    who.must(Permission.IMPORT)
    found = _own(db, who, subscription_id)
    found.etag, found.modified, found.asked_at = "", "", desk.now()
    db.add(found)
    _ask(db, desk, found, desk.now(), f"now:{desk.now():%Y-%m-%dT%H:%M}")
    desk.tell(who.practice_id)


def _own(db: Session, who: Principal, subscription_id: object) -> CalendarSubscription:
    wanted = an_id(subscription_id, "calendar")
    query = select(CalendarSubscription).where(
        CalendarSubscription.id == wanted,
        CalendarSubscription.practice_id == who.practice_id,
        col(CalendarSubscription.ended_at).is_(None),
    )
    found = db.exec(query.with_for_update()).first()
    if found is None:
        raise NotFound("calendar")
    return found


def _ask(db: Session, desk: Desk, one: CalendarSubscription, due: datetime, turn: str = "") -> None:
    """One row for each half hour, so that however often somebody asks, there is one next time."""
    outbox.enqueue(
        db,
        desk,
        practice_id=one.practice_id,
        kind="read_calendar",
        key=f"read_calendar:{one.id}:{turn or int(due.timestamp() // EVERY.total_seconds())}",
        payload={"subscription_id": one.id},
        due_at=due,
    )


# -- what the worker does


def _held(db: Session, subscription_id: int) -> CalendarSubscription | None:
    query = select(CalendarSubscription).where(CalendarSubscription.id == subscription_id)
    found = db.exec(query.with_for_update().execution_options(populate_existing=True)).first()
    return found if found is not None and found.ended_at is None else None


def wanted(db: Session, desk: Desk, subscription_id: int) -> Wanted | None:
    """None for one that has ended. Raises `Refusal` where its address does not open."""
    found = _held(db, subscription_id)
    if found is None or desk.vault is None:
        return None
    zone = ZoneInfo(db.get_one(Practice, found.practice_id).time_zone)
    address = desk.vault.open(found.address_sealed, _about(found))
    has_been_read_today = found.read_at is not None and found.read_at.date() == desk.now().date()
    known = (found.etag, found.modified) if has_been_read_today else ("", "")  # a new day has come into sight
    return Wanted(address, *known, zone, desk.now() - BACK, desk.now() + AHEAD)


def troubled(db: Session, desk: Desk, subscription_id: int, sentence: str) -> None:
    """It could not be read this time; nothing was changed. The next time it is read as a whole."""
    found = _held(db, subscription_id)
    if found is not None:
        found.etag = found.modified = ""
        _looked(db, desk, found, sentence)


def take_in(db: Session, desk: Desk, subscription_id: int, rows: Sequence[AppointmentRow]) -> int:
    """Brings these events' sessions in step; how many events are of nobody known here."""
    found = _held(db, subscription_id)
    if found is None:
        return 0
    step = _step(db, desk, found, rows)
    left_out = sum(step.took(row) is False for row in rows)
    if step.has_changed:
        desk.tell(found.practice_id)
    return left_out


def all_taken_in(
    db: Session,
    desk: Desk,
    subscription_id: int,
    fetched: Fetched,
    parsed: ParsedFile[AppointmentRow] | None,
    left_out: int = 0,
) -> None:
    """All events are taken in; what is gone there is cancelled here. `parsed` None: nothing has changed there."""
    found = _held(db, subscription_id)
    if found is None:
        return
    if parsed is None:
        _looked(db, desk, found, found.problem)
        return
    is_whole = not any(fault.left_out for fault in parsed.faults)
    if is_whole:
        step = _step(db, desk, found, ())
        step.cancel_what_is_gone({key_of(found, row.external_id) for row in parsed.rows})
        if step.has_changed:
            desk.tell(found.practice_id)
    found.etag, found.modified = fetched.etag, fetched.modified
    _looked(db, desk, found, _said(left_out, is_whole))


def _step(db: Session, desk: Desk, one: CalendarSubscription, rows: Sequence[AppointmentRow]) -> Step:
    who = Principal(one.created_by, one.practice_id, Role.OWNER, f"Calendar at {one.host}")
    return Step(db, desk, who, one, diary_of(db, one, rows))


def _said(left_out: int, is_whole: bool) -> str:
    said = []
    if left_out:
        events, they = ("event names", "It was") if left_out == 1 else ("events name", "They were")
        said.append(f"{left_out} {events} nobody known here, or several people. {they} left out.")
    if not is_whole:
        said.append("Some events could not be read, so none was cancelled for being gone.")
    return " ".join(said)


def _looked(db: Session, desk: Desk, one: CalendarSubscription, problem: str) -> None:
    if one.problem != problem or one.read_at is None or one.asked_at is not None:
        desk.tell(one.practice_id)
    one.read_at, one.problem, one.asked_at = desk.now(), problem, None
    db.add(one)
    db.flush()
    _ask(db, desk, one, desk.now() + EVERY)
