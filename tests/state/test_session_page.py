"""The tick "Keep in the profile" on a session's page, while the session is dealt with elsewhere."""

import asyncio
from typing import Any

import pytest
import reflex as rx

from tests import builders as a
from trova_app import wiring
from trova_app.models import Client, Member
from trova_app.services import standing
from trova_app.services.sign_in import open_sign_in
from trova_app.state.appointment import AppointmentPage
from trova_app.trova_app import app

assert app, "every state is registered"


@pytest.fixture
def opened(database: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[AppointmentPage, Any, Client]:
    """A signed-in page of an open session, the act that marks it as missed elsewhere, and its client."""
    monkeypatch.setattr(wiring, "engine", lambda: database.engine)
    monkeypatch.setattr(wiring, "clock", lambda: database.clock)
    with database.act() as (db, desk):
        practice = a.a_practice(db)
        member, client = a.a_member(db, practice), a.a_client(db, practice)
        session = a.an_appointment(db, client, a.a_service(db, practice), member)
        secret = desk.new_token()
        open_sign_in(db, desk.now(), db.get_one(Member, member.id), secret)
    wiring.SIGN_IN.set(secret)
    page = asyncio.run(rx.State(_reflex_internal_init=True).get_state(AppointmentPage))
    asyncio.run(page._open(session.id))

    def missed() -> None:
        database.do(standing.mark_missed, a.principal(member), appointment_id=session.id)

    return page, missed, client


def press(page: AppointmentPage, name: str, *given: Any) -> None:
    done = AppointmentPage.event_handlers[name].fn(page, *given)
    if asyncio.iscoroutine(done):
        asyncio.run(done)


def phone_of(database: Any, client: Client) -> str:
    with database.act(writes=False) as (db, _desk):
        return db.get_one(Client, client.id).phone


def test_where_the_tick_is_gone_the_profile_can_be_changed(database, opened):
    page, missed, client = opened
    press(page, "tick_keep", False)
    missed()
    asyncio.run(page._read())
    assert page.keeps
    press(page, "edit", "contact")
    press(page, "save", {"phone": "082 555 0199"})
    assert (page.editing, page.faults, phone_of(database, client)) == ("", {}, "082 555 0199")


def test_what_somebody_is_filling_in_for_one_session_never_goes_into_the_profile(database, opened):
    page, missed, client = opened
    press(page, "edit", "contact")
    press(page, "tick_keep", False)
    missed()
    asyncio.run(page._read())
    press(page, "save", {"email": "here@example.test", "phone": "082 555 0199"})
    assert (page.editing, list(page.faults)) == ("contact", [""])
    assert phone_of(database, client) == client.phone
    press(page, "stop_editing")
    press(page, "edit", "contact")
    assert page.keeps
