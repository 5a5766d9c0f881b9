"""A practitioner's sessions under a secret address, on both databases."""

from datetime import timedelta

import icalendar
import pytest
from sqlmodel import select

from tests import builders as a
from tests.conftest import NOON
from tests.services.test_calendar import House, add
from trova_app.adapters.write_calendar import written
from trova_app.domain.permissions import Role
from trova_app.domain.refusals import Refusal
from trova_app.models import Appointment, CalendarFeed, Member
from trova_app.services import calendar_feeds


@pytest.fixture
def house(database) -> House:
    with database.act() as (db, _desk):
        return House(db)


def read(database, token):
    with database.act(writes=False) as (db, desk):
        return calendar_feeds.events_of(db, desk, token=token)


def file_of(database, token) -> icalendar.Calendar:
    return icalendar.Calendar.from_ical(written(read(database, token)))


def test_another_program_reads_when_the_practitioner_is_busy_and_nothing_else(database, house):
    add(database, house, place="Room 1", note="F41.1 panic")
    add(database, house, NOON + timedelta(days=1), state="cancelled")
    token = database.do(calendar_feeds.make_feed, house.who)
    text = written(read(database, token)).decode()
    events = file_of(database, token).walk("VEVENT")
    assert [(str(e["SUMMARY"]), e["DTSTART"].dt, e["DTEND"].dt) for e in events] == [
        ("Appointment", NOON, NOON + timedelta(hours=1))
    ]
    for secret in ("Thandi", "Mokoena", "Psychotherapy", "Room 1", "F41", "Khanya"):
        assert secret not in text


def test_with_initials_only_the_initials_are_told(database, house):
    add(database, house)
    token = database.do(calendar_feeds.make_feed, house.who, shows_initials=True)
    assert [str(e["SUMMARY"]) for e in file_of(database, token).walk("VEVENT")] == ["T. M."]


def test_a_moved_session_is_the_same_event_with_a_later_sequence(database, house):
    session = add(database, house)
    token = database.do(calendar_feeds.make_feed, house.who)
    (before,) = read(database, token)
    with database.act() as (db, _desk):
        row = db.get_one(Appointment, session)
        row.starts_at, row.ends_at, row.version = NOON + timedelta(hours=3), NOON + timedelta(hours=4), 2
    (after,) = read(database, token)
    assert after.uid == before.uid and after.sequence > before.sequence and after.starts_at != before.starts_at


def test_the_same_sessions_give_the_same_file_later_on(database, house, clock):
    add(database, house, NOON + timedelta(days=9))
    token = database.do(calendar_feeds.make_feed, house.who)
    before = written(read(database, token))
    clock.advance(hours=5)
    assert written(read(database, token)) == before


def test_colleagues_sessions_and_other_practices_are_not_in_it(database, house):
    with database.act() as (db, _desk):
        other = a.a_member(db, house.practice, Role.CLINICIAN, name="Dr B Sithole")
        house.session(db, member=other)
        House(db, name="Elsewhere").session(db)
    token = database.do(calendar_feeds.make_feed, house.who)
    assert read(database, token) == ()


def test_a_new_address_ends_the_old_one_and_only_a_hash_is_kept(database, house, db):
    first = database.do(calendar_feeds.make_feed, house.who)
    second = database.do(calendar_feeds.make_feed, house.who)
    assert read(database, first) is None and read(database, second) == ()
    assert {second, first}.isdisjoint({feed.token_hash for feed in db.exec(select(CalendarFeed))})
    database.do(calendar_feeds.revoke_feed, house.who)
    assert read(database, second) is None
    assert database.do(calendar_feeds.own_feed, house.who).since == ""


def test_who_has_left_shows_nothing_any_more(database, house):
    token = database.do(calendar_feeds.make_feed, house.who)
    with database.act() as (db, desk):
        db.get_one(Member, house.member.id).disabled_at = desk.now()
    assert read(database, token) is None


def test_only_practitioners_have_an_address(database, house):
    with database.act() as (db, _desk):
        mpho = a.principal(a.a_member(db, house.practice, Role.RECEPTION, is_practitioner=False))
    assert not database.do(calendar_feeds.own_feed, mpho).may_have
    with pytest.raises(Refusal):
        database.do(calendar_feeds.make_feed, mpho)


@pytest.mark.parametrize("token", ["", "x", None, 7, "x" * 43, "x" * 5000])
def test_an_address_that_is_none_shows_nothing(database, token):
    assert read(database, token) is None
