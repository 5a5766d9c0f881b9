"""Another calendar whose events become sessions here and stay in step, on both databases."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from tests import builders as a
from tests import other_calendar
from tests.conftest import NOON
from tests.other_calendar import a_calendar
from tests.services.test_calendar import House
from trova_app.adapters.import_calendar import read_calendar
from trova_app.domain.calendars import Fetched
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import FieldFaults, NotAllowed, NotFound
from trova_app.models import Appointment, CalendarSubscription, Client, OutboxRow
from trova_app.services import calendar_subscriptions as subscriptions
from trova_app.services import moving, standing

ADDRESS = "https://calendar.example.com/private-0123456789abcdef/basic.ics"
TOMORROW = datetime.fromisoformat("2026-03-19T10:00+02:00")


class Drawer:
    """A vault that turns texts round: what is stored is not what was said."""

    def seal(self, secret: str, about: str) -> str:
        return f"{about}|{secret[::-1]}"

    def open(self, sealed: str, about: str) -> str:
        kept, _, secret = sealed.partition("|")
        assert kept == about
        return secret[::-1]


def event(uid="1", summary="Thandi Mokoena", starts=TOMORROW, minutes=60, *more) -> str:
    return other_calendar.event(uid, summary, starts, minutes, *more)


@pytest.fixture
def house(database) -> House:
    with database.act() as (db, _desk):
        return House(db)


@pytest.fixture
def subscribed(database, house):
    """`read(event(), ...)`: the worker's turn, with these events in the other calendar."""

    def desk():
        made = database.desk()
        made.vault = Drawer()
        return made

    with database.act(desk()) as (db, one):
        key = subscriptions.subscribe(db, one, house.who, address=ADDRESS, adds_clients=False)

    def read(*events: str, text: str | None = None, unchanged: bool = False) -> list[Appointment]:
        wanted = asked()
        assert wanted.address == ADDRESS
        parsed = None
        if not unchanged:
            parsed = read_calendar(text or a_calendar(*events), wanted.zone, wanted.since, wanted.until)
        with database.act(desk()) as (db, one):
            left_out = subscriptions.take_in(db, one, read.key, parsed.rows) if parsed else 0
            subscriptions.all_taken_in(db, one, read.key, Fetched("", '"e1"', ""), parsed, left_out)
        return sessions(database, house)

    def asked() -> subscriptions.Wanted:
        with database.act(desk()) as (db, one):
            return subscriptions.wanted(db, one, read.key)

    read.key, read.wanted = key, asked
    return read


def sessions(database, house) -> list[Appointment]:
    with database.act() as (db, _desk):
        query = select(Appointment).where(Appointment.practice_id == house.practice.id)
        return list(db.exec(query.order_by(col(Appointment.id))))


def problem(database, key) -> str:
    with database.act() as (db, _desk):
        return db.get_one(CalendarSubscription, key).problem


def test_events_become_sessions_and_stay_in_step(database, house, subscribed):
    (made,) = subscribed(event())
    assert (made.starts_at, made.state, made.client_id, made.practitioner_id) == (
        TOMORROW, "scheduled", house.client.id, house.member.id,
    )  # fmt: skip
    (moved,) = subscribed(event(starts=TOMORROW + timedelta(hours=2)))
    assert (moved.id, moved.starts_at, moved.version) == (made.id, TOMORROW + timedelta(hours=2), 2)
    (off,) = subscribed(event("1", "Thandi Mokoena", TOMORROW, 60, "STATUS:CANCELLED"))
    assert (off.state, off.cancel_reason) == ("cancelled", "Cancelled in the other calendar")
    (back,) = subscribed(event())
    assert (back.id, back.state, back.cancel_reason, back.starts_at) == (made.id, "scheduled", "", TOMORROW)


def test_what_is_gone_there_is_cancelled_here_and_comes_back_with_it(database, house, subscribed):
    subscribed(event(), event("2", starts=TOMORROW + timedelta(days=1)))
    gone = subscribed(event("2", starts=TOMORROW + timedelta(days=1)))
    assert [(one.state, one.cancel_reason) for one in gone] == [
        ("cancelled", "No longer in the other calendar"), ("scheduled", ""),
    ]  # fmt: skip
    again = subscribed(event(), event("2", starts=TOMORROW + timedelta(days=1)))
    assert [one.state for one in again] == ["scheduled", "scheduled"] and len(again) == 2


@pytest.mark.parametrize("state", ["completed", "missed"])
def test_a_session_that_is_completed_or_missed_is_never_touched(database, house, subscribed, state):
    (made,) = subscribed(event())
    with database.act() as (db, desk):
        row = db.get_one(Appointment, made.id)
        row.state = state
    for events in (
        (event(starts=TOMORROW + timedelta(days=3)),), (event("1", "x", TOMORROW, 60, "STATUS:CANCELLED"),),
        (event("9", starts=TOMORROW + timedelta(days=9)),),
    ):  # fmt: skip
        kept = subscribed(*events)[0]
        assert (kept.state, kept.starts_at, kept.version) == (state, TOMORROW, made.version)


def test_what_somebody_here_moved_or_cancelled_stays_until_the_event_itself_changes(database, house, subscribed):
    one, two = subscribed(event(), event("2", starts=TOMORROW + timedelta(days=1)))
    database.do(moving.move, house.who, appointment_id=one.id, version=1, starts="2026-03-25T09:00")
    database.do(standing.cancel, house.who, appointment_id=two.id, version=1, reason="Called")
    here = subscribed(event(), event("2", starts=TOMORROW + timedelta(days=1)))
    assert [(row.starts_at.day, row.state) for row in here] == [(25, "scheduled"), (20, "cancelled")]
    there = subscribed(event(starts=TOMORROW + timedelta(hours=1)), event("2", starts=TOMORROW + timedelta(days=2)))
    assert [(row.starts_at, row.state) for row in there] == [
        (TOMORROW + timedelta(hours=1), "scheduled"), (TOMORROW + timedelta(days=1), "cancelled"),
    ]  # fmt: skip


def test_a_session_booked_in_both_is_one(database, house, subscribed):
    with database.act() as (db, _desk):
        booked = house.session(db, TOMORROW)
    (kept,) = subscribed(event())
    assert kept.id == booked.id


def test_a_session_somebody_put_on_again_stays_until_the_event_is_back(database, house, subscribed):
    other = event("2", starts=TOMORROW + timedelta(days=1))
    made, _ = subscribed(event(), other)
    subscribed(other)
    database.do(standing.put_on_again, house.who, appointment_id=made.id)
    assert [one.state for one in subscribed(other)] == ["scheduled", "scheduled"]
    back = subscribed(event(starts=TOMORROW + timedelta(hours=3)), other)
    assert back[0].starts_at == TOMORROW + timedelta(hours=3) and len(back) == 2


def test_another_place_and_another_client_are_followed(database, house, subscribed):
    with database.act() as (db, _desk):
        sipho = a.a_client(db, house.practice, first_name="Sipho", last_name="Dlamini")
    subscribed(event())
    (moved,) = subscribed(event("1", "Sipho Dlamini", TOMORROW, 60, "LOCATION:Room 4"))
    assert (moved.client_id, moved.place, moved.version) == (sipho.id, "Room 4", 2)
    (kept,) = subscribed(event("1", "Nobody Known", TOMORROW, 60, "LOCATION:Room 4"))
    assert kept.client_id == sipho.id


def test_events_that_were_over_when_the_calendar_was_first_read_are_no_sessions(database, house, subscribed):
    past = event("old", starts=TOMORROW - timedelta(days=3))
    assert [one.starts_at for one in subscribed(past, event())] == [TOMORROW]


def test_a_calendar_read_again_after_a_while_finds_its_sessions_again(database, house, subscribed):
    (made,) = subscribed(event())
    database.do(subscriptions.unsubscribe, house.who, subscription_id=subscribed.key)
    desk = database.desk()
    desk.vault = Drawer()
    with database.act(desk) as (db, one):
        subscribed.key = subscriptions.subscribe(db, one, house.who, address=ADDRESS)
    (again,) = subscribed(event(starts=TOMORROW + timedelta(hours=1)))
    assert (again.id, again.starts_at) == (made.id, TOMORROW + timedelta(hours=1))
    assert [one.state for one in subscribed(event("9", starts=TOMORROW))] == ["cancelled", "scheduled"]


def test_after_trouble_the_calendar_is_read_as_a_whole(database, house, subscribed):
    subscribed(event())
    assert subscribed.wanted().etag == '"e1"'
    with database.act() as (db, desk):
        subscriptions.troubled(db, desk, subscribed.key, "It does not answer.")
    assert subscribed.wanted().etag == "" and problem(database, subscribed.key) == "It does not answer."


def test_however_often_somebody_checks_there_is_one_next_time(database, house, subscribed, clock):
    subscribed(event())
    for _ in range(3):
        database.do(subscriptions.check_now, house.who, subscription_id=subscribed.key)
        assert subscribed.wanted().etag == ""
        (line,) = database.do(subscriptions.subscriptions, house.who)
        assert line.is_waiting
        subscribed(event())
        (line,) = database.do(subscriptions.subscriptions, house.who)
        assert not line.is_waiting
        clock.advance(minutes=2)
    with database.act() as (db, desk):
        rows = db.exec(select(OutboxRow).where(OutboxRow.kind == "read_calendar")).all()
    assert len([row for row in rows if row.due_at > desk.now()]) == 1


def test_events_of_nobody_known_are_left_out_and_said(database, house, subscribed):
    assert subscribed(event("1", "Somebody Else"), event("2", "Thandi Mokoena")) != []
    assert len(sessions(database, house)) == 1
    assert problem(database, subscribed.key).startswith("1 event names nobody known here")
    with database.act() as (db, _desk):
        db.get_one(CalendarSubscription, subscribed.key).adds_clients = True
    subscribed(event("1", "Somebody Else"), event("2", "Thandi Mokoena"))
    assert len(sessions(database, house)) == 2 and problem(database, subscribed.key) == ""
    with database.act() as (db, _desk):
        assert db.exec(select(Client).where(Client.last_name == "Else")).one().first_name == "Somebody"


def test_nothing_is_cancelled_for_being_gone_where_a_part_could_not_be_read(database, house, subscribed):
    subscribed(event(), event("2", starts=TOMORROW + timedelta(days=1)))
    broken = a_calendar(event(), "BEGIN:VEVENT\r\nUID:7\r\nSUMMARY:x\r\nEND:VEVENT")
    assert [one.state for one in subscribed(text=broken)] == ["scheduled", "scheduled"]
    assert "none was cancelled" in problem(database, subscribed.key)


def test_a_calendar_that_has_not_changed_changes_nothing_and_is_asked_again(database, house, subscribed):
    (made,) = subscribed(event())
    (same,) = subscribed(unchanged=True)
    assert (same.version, same.state) == (made.version, "scheduled")
    with database.act() as (db, _desk):
        due = [row.due_at for row in db.exec(select(OutboxRow).where(OutboxRow.kind == "read_calendar"))]
    assert max(due) == NOON + subscriptions.EVERY


def test_two_practitioners_invited_to_one_event_have_a_session_each(database, house, subscribed):
    with database.act() as (db, _desk):
        other = a.a_member(db, house.practice, Role.CLINICIAN, name="Dr B Sithole")
    subscribed(event())
    desk = database.desk()
    desk.vault = Drawer()
    with database.act(desk) as (db, one):
        key = subscriptions.subscribe(db, one, house.who, address=ADDRESS + "2", practitioner_id=other.id)
    zone = ZoneInfo("Africa/Johannesburg")
    parsed = read_calendar(a_calendar(event()), zone, NOON - timedelta(days=9), NOON + timedelta(days=99))
    with database.act() as (db, one):
        subscriptions.take_in(db, one, key, parsed.rows)
    assert {row.practitioner_id for row in sessions(database, house)} == {house.member.id, other.id}


def test_the_address_is_kept_sealed_and_forgotten_when_it_is_read_no_more(database, house, subscribed):
    subscribed(event())
    with database.act() as (db, desk):
        row = db.get_one(CalendarSubscription, subscribed.key)
        assert "private-0123456789abcdef" not in row.address_sealed and row.host == "calendar.example.com"
        subscriptions.unsubscribe(db, desk, house.who, subscription_id=row.id)
    with database.act() as (db, desk):
        assert db.get_one(CalendarSubscription, subscribed.key).address_sealed == ""
        assert subscriptions.wanted(db, desk, subscribed.key) is None
        subscriptions.all_taken_in(db, desk, subscribed.key, Fetched("", "", ""), None)  # what was under way ends
    assert [one.state for one in sessions(database, house)] == ["scheduled"]


@pytest.mark.parametrize("address", ["", None, 7, "ftp://x.example", "javascript:alert(1)", "https://", "https://a b/c",
                                     "https://me:word@x.example/", "x" * 3000, "https://[::1"])  # fmt: skip
def test_an_address_that_is_none_is_not_read(database, house, address):
    desk = database.desk()
    desk.vault = Drawer()
    with pytest.raises(FieldFaults), database.act(desk) as (db, one):
        subscriptions.subscribe(db, one, house.who, address=address)


@pytest.mark.parametrize("role", list(Role))
def test_who_may_subscribe_and_another_practices_calendar_is_none(database, house, subscribed, role):
    with database.act() as (db, _desk):
        other = House(db, role=role, name="Elsewhere")
    theirs = {"subscription_id": subscribed.key}
    acts = ((subscriptions.subscriptions, {}), (subscriptions.unsubscribe, theirs), (subscriptions.check_now, theirs))
    for act, given in acts:
        if not may(role, Permission.IMPORT):
            with pytest.raises(NotAllowed):
                database.do(act, other.who, **given)
        elif given:
            with pytest.raises(NotFound):
                database.do(act, other.who, **given)
        else:
            assert database.do(act, other.who) == ()
