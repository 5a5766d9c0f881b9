"""What the server holds of pages nobody signed in on."""

import asyncio
from types import SimpleNamespace

import pytest
import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory

from trova_app.state import strangers
from trova_app.state.strangers import belongs_to_somebody, forget_strangers

MINUTE = 60.0


@pytest.fixture
def clock(monkeypatch):
    shown = SimpleNamespace(now=1_000.0)
    monkeypatch.setattr(strangers, "time", SimpleNamespace(monotonic=lambda: shown.now))
    monkeypatch.setattr(strangers, "_people", set())
    monkeypatch.setattr(strangers, "_closed", {})
    return shown


def address(tab):
    return rx.BaseStateToken(ident=tab, cls=rx.State)


async def an_app(*tabs):
    app = SimpleNamespace(state_manager=StateManagerMemory(), event_namespace=SimpleNamespace(token_to_sid={}))
    for tab in tabs:
        await app.state_manager.get_state(address(tab))
    return app


def held(app):
    return {key.partition("/")[0] for key in app.state_manager.states}


def test_a_strangers_page_is_let_go_some_minutes_after_it_was_closed(clock):
    async def story():
        app = await an_app("stranger", "person", "payer")
        belongs_to_somebody("person")
        app.event_namespace.token_to_sid["payer"] = "a socket"
        for minutes in range(6):
            assert held(app) == {"stranger", "person", "payer"}, minutes
            forget_strangers(app)
            clock.now += MINUTE
        forget_strangers(app)
        assert held(app) == {"person", "payer"}
        assert strangers._closed == {} and strangers._people == {"person"}

    asyncio.run(story())


def test_a_page_that_came_back_begins_anew(clock):
    async def story():
        app = await an_app("stranger")
        forget_strangers(app)
        clock.now += 4 * MINUTE
        app.event_namespace.token_to_sid["stranger"] = "a socket"
        forget_strangers(app)
        del app.event_namespace.token_to_sid["stranger"]
        clock.now += 4 * MINUTE
        forget_strangers(app)
        assert held(app) == {"stranger"}

    asyncio.run(story())


def test_a_page_in_a_handlers_hand_waits(clock):
    async def story():
        app = await an_app("stranger")
        async with app.state_manager.modify_state(address("stranger")):
            forget_strangers(app)
            clock.now += 6 * MINUTE
            forget_strangers(app)
            assert held(app) == {"stranger"}
        forget_strangers(app)
        assert held(app) == set()

    asyncio.run(story())
