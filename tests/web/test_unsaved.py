"""What a page posts as it goes is kept for its own person, and for nobody else."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from tests import builders as a
from tests.served import PASSWORD, STATE, ServedApp, Tab
from trova_app.domain.permissions import Role
from trova_app.models import CompletionDraft, Practice
from trova_app.web.passwords import hash_password
from trova_app.web.unsaved import LARGEST, PATH

TYPED = "Psychotherapy, at the rooms"
EDIT = f"{STATE}.trova_app___state___figures____figures.trova_app___state___completion____completion.edit"


def edit(tab: Tab, name: str, value: str, rev: int) -> None:
    event = tab.event(EDIT) | {"payload": {"name": name, "value": value, "rev": rev}}
    tab.raw("42/_event," + json.dumps(["event", event]))


class Desk:
    """A practice with a session that is over."""

    def __init__(self, served: ServedApp) -> None:
        self.served = served
        with served.act() as (db, _):
            practice = a.a_practice(db, number_prefix=datetime.now(UTC).strftime("%H%M%S%f"))
            self.practice_id = int(practice.id or 0)
            owner = a.a_member(
                db, practice, email=f"owner.{practice.id}@example.test", password_hash=hash_password(PASSWORD)
            )
            self.owner = owner.email
            over = datetime.now(UTC) - timedelta(hours=1)
            made = a.an_appointment(db, a.a_client(db, practice), a.a_service(db, practice), owner, ends=over)
            self.appointment_id = int(made.id or 0)

    def somebody(self, role: Role) -> str:
        with self.served.act() as (db, _):
            practice = db.get_one(Practice, self.practice_id)
            email = f"{role.value}.{self.practice_id}@example.test"
            a.a_member(db, practice, role, email=email, password_hash=hash_password(PASSWORD))
        return email

    def post(self, cookie: str, body: Any = None, origin: str = "", **changed: Any) -> int:
        sent = {"token": "a-page", "form": self.appointment_id, "rev": 3, "cells": [["text.1", TYPED, None]]} | changed
        return httpx.post(
            self.served.url + PATH,
            content=json.dumps(sent) if body is None else body,
            headers={"origin": origin or self.served.url, "cookie": f"trova={cookie}" if cookie else ""},
        ).status_code

    def kept(self) -> str:
        with self.served.act(writes=False) as (db, _):
            query = select(CompletionDraft.form).where(CompletionDraft.appointment_id == self.appointment_id)
            return db.exec(query).first() or ""


@pytest.fixture
def desk(served) -> Desk:
    return Desk(served)


def test_the_persons_own_page_is_heard(served, desk):
    assert desk.post(served.cookie_of(desk.owner)) == 204
    assert TYPED in desk.kept()


def test_nobody_and_nobody_elses_page_is_heard(served, desk):
    elsewhere = Desk(served)
    assert desk.post("") == 403
    assert desk.post("no-such-sign-in") == 403
    assert desk.post(served.cookie_of(desk.owner), origin="http://evil.example") == 403
    desk.post(served.cookie_of(elsewhere.owner))
    desk.post(served.cookie_of(desk.somebody(Role.READ_ONLY)))
    assert desk.kept() == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"body": b"no json"},
        {"body": b"[1, 2]"},
        {"body": b" " * (LARGEST + 1)},
        {"token": 7},
        {"token": ""},
        {"token": "x" * 200},
        {"form": "1; drop"},
        {"form": -1},
        {"form": None},
    ],
)
def test_what_no_page_would_post_is_refused(served, desk, changed):
    assert desk.post(served.cookie_of(desk.owner), **changed) == 422
    assert desk.kept() == ""


@pytest.mark.parametrize(
    "cells", [None, "text", [["text.1"]], [[1, 2, 3]], [["text.1", 7, None]], [["no.1", "x", "y"]]]
)
def test_cells_of_no_form_change_nothing(served, desk, cells):
    assert desk.post(served.cookie_of(desk.owner), cells=cells) == 204
    assert desk.kept() == ""


def test_an_old_edit_under_way_does_not_undo_what_was_posted_after_it(served, desk):
    cookie = served.cookie_of(desk.owner)
    assert desk.post(cookie) == 204
    with served.tab(cookie, token="a-page") as tab:
        tab.hydrate()
        edit(tab, "text.1", "Psycho", 2)
        edit(tab, "text.1", TYPED + ".", 4)
        tab.until(lambda seen: any(values.get("saved_rev_rx_state_") == 4 for values in seen.values()))
        edit(tab, "code.1", "86206", 3)
        edit(tab, "qty.1", "2", 5)
        tab.until(lambda seen: any(values.get("saved_rev_rx_state_") == 5 for values in seen.values()))
    assert TYPED + "." in desk.kept() and "86206" not in desk.kept()
