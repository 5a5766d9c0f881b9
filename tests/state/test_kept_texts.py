"""What is kept for a person is dismissed as far as it was drawn; a tick waits for what the page is about to say."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
import reflex as rx

from tests import builders as a
from trova_app import wiring
from trova_app.models import KeptTexts, Member
from trova_app.services.sign_in import open_sign_in
from trova_app.state.completion import Completion, leave_form
from trova_app.state.drawn import Typed
from trova_app.trova_app import app

assert app, "every state is registered"


@pytest.fixture
def kept(database: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Completion, Any]:
    """A signed-in page that shows what is kept for its person, and what keeps another text for them."""
    monkeypatch.setattr(wiring, "engine", lambda: database.engine)
    monkeypatch.setattr(wiring, "clock", lambda: database.clock)
    with database.act() as (db, desk):
        practice = a.a_practice(db)
        member, client = a.a_member(db, practice), a.a_client(db, practice)
        session = a.an_appointment(db, client, a.a_service(db, practice), member)
        secret = desk.new_token()
        open_sign_in(db, desk.now(), db.get_one(Member, member.id), secret)
    wiring.SIGN_IN.set(secret)
    page = asyncio.run(rx.State(_reflex_internal_init=True).get_state(Completion))

    def keeps(text: str) -> None:
        with database.act() as (db, desk):
            cells = json.dumps([["text.1", "Description, line 1", text]])
            given = {"appointment_id": session.id, "member_id": member.id, "cells": cells, "kept_at": desk.now()}
            db.add(KeptTexts(practice_id=practice.id, **given))
        asyncio.run(page._find_kept(session.id))

    return page, keeps


def dismiss(page: Completion, rows: Any) -> None:
    asyncio.run(Completion.event_handlers["dismiss"].fn(page, True, rows))


def texts(page: Completion) -> list[str]:
    return [one.text for one in page.kept]


def test_what_was_kept_after_the_page_was_drawn_stays_and_is_shown(kept) -> None:
    page, keeps = kept
    keeps("At the rooms")
    drawn = list(page.kept_rows)
    keeps("By telephone")
    dismiss(page, drawn)
    assert texts(page) == ["By telephone"]
    dismiss(page, list(page.kept_rows))
    assert (texts(page), page.kept_of, page.kept_rows) == ([], 0, [])


@pytest.mark.parametrize("rows", [None, "1", ["1"], [True], [-1], [2**70], [[1]], {"1": 1}])
def test_whatever_else_is_said_to_be_dismissed_is_not(kept, rows) -> None:
    page, keeps = kept
    keeps("At the rooms")
    dismiss(page, rows)
    assert texts(page) == ["At the rooms"]


def test_what_only_the_page_has_is_there_after_another_address_was_loaded(kept) -> None:
    """The form was finished under it, and is opened again."""
    page, keeps = kept
    keeps("At the rooms")
    of, only = page.kept_of, Typed("cash", "Cash received", "50")
    page.form_at, page._id, page.lost, page.lost_of = "a form", of, [only], of
    asyncio.run(leave_form(page._get_root_state()))
    assert (page.form_at, page._id) == ("", 0)
    assert (list(page.lost), page.lost_of) == ([only], of)
    asyncio.run(page._read(of))
    assert (list(page.lost), page.lost_of) == ([only], of)


def test_a_tick_of_before_the_page_has_said_what_it_shows_is_left_to_what_it_says() -> None:
    """The form was read anew; the tick is among the boxes the page is about to tell of, with its place among them."""
    heard = []
    form = SimpleNamespace(with_text=lambda name, text: heard.append((name, text)))
    page = SimpleNamespace(_form=form, _is_asking=True, _save_soon=lambda: heard.append("saved"))
    Completion.event_handlers["tick_keep"].fn(page, True)
    assert heard == []
    page._is_asking = False
    Completion.event_handlers["tick_keep"].fn(page, True)
    assert heard == [("keep", "on"), "saved"]
