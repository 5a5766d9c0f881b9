"""How long a sign-in stands: an hour without use, or what the practice says, and half a day at the most."""

from datetime import timedelta

import pytest

from tests import builders as a
from trova_app.domain.refusals import SignedOut
from trova_app.models import Practice
from trova_app.services import sign_in

SECRET = "a secret of the cookie"


@pytest.fixture
def somebody(database) -> int:
    """Signed in just now; their member id."""
    with database.act() as (db, desk):
        member = a.a_member(db, a.a_practice(db, idle_minutes=60))
        sign_in.open_sign_in(db, desk.now(), member, SECRET)
        return member.id


def who(database) -> int:
    with database.act(writes=False) as (db, desk):
        return sign_in.principal_of(db, desk, SECRET).member_id


def test_after_the_practices_time_without_use_a_sign_in_has_ended(database, clock, somebody):
    clock.advance(minutes=59)
    assert who(database) == somebody
    clock.advance(minutes=1)
    with pytest.raises(SignedOut):
        who(database)


def test_a_practice_may_choose_a_longer_time(database, db, clock, somebody):
    with database.act() as (writing, _):
        practice = writing.get_one(Practice, 1)
        practice.idle_minutes = 120
        writing.add(practice)
    clock.advance(minutes=119)
    assert who(database) == somebody


def test_after_twelve_hours_a_sign_in_has_ended_however_busy_it_was(database, clock, somebody):
    for _ in range(sign_in.ABSOLUTE // timedelta(minutes=30) - 1):
        clock.advance(minutes=30)
        assert who(database) == somebody
        with database.act() as (db, desk):
            sign_in.touch(db, desk, SECRET)
    clock.advance(minutes=30)
    with pytest.raises(SignedOut):
        who(database)
