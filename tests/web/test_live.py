"""Every open page of a practice hears of a change at once, and only of its own practice's."""

from datetime import timedelta

from sqlmodel import select

from tests.builders import a_client, a_service, an_appointment
from tests.served import STATE, ServedApp
from trova_app.domain.permissions import Role
from trova_app.models import Member, Practice

LIVE = f"{STATE}.trova_app___state___live____live"
PROBE = f"{STATE}.tests___web___inside____probe"


def test_a_colleagues_change_is_heard_by_the_whole_practice_and_nobody_else(served: ServedApp) -> None:
    one, two = (served.cookie_of(email) for email in served.a_practice_with(Role.OWNER, Role.RECEPTION))
    stranger = served.cookie_of(served.a_practice_with(Role.OWNER)[0])
    with served.tab(one) as a, served.tab(two) as b, served.tab(stranger) as c:
        for tab in (a, b, c):
            tab.hydrate()
        for version in range(1, 6):
            a.send(f"{PROBE}.change")
            for tab in (a, b):
                tab.until(lambda seen, version=version: seen.get(LIVE, {}).get("version_rx_state_", 0) >= version)
        c.send(f"{PROBE}.role")
        assert LIVE not in c.until(lambda seen: PROBE in seen)


def test_a_session_that_has_just_ended_shows_without_anybodys_doing(served: ServedApp) -> None:
    email = served.a_practice_with(Role.OWNER)[0]
    with served.tab(served.cookie_of(email)) as tab:
        tab.hydrate()
        with served.act() as (db, desk):
            member = db.exec(select(Member).where(Member.email == email)).one()
            practice = db.get_one(Practice, member.practice_id)
            ends = desk.now() + timedelta(seconds=2)
            an_appointment(db, a_client(db, practice), a_service(db, practice), member, ends=ends)
        assert tab.until(lambda seen: LIVE in seen)[LIVE]["version_rx_state_"] == 1
