"""Guessing passwords by many tries at once, on both databases."""

import asyncio
import threading
from collections.abc import Callable

import httpx
import pytest
from sqlmodel import select
from starlette.applications import Starlette

from tests import builders as a
from tests.paying import ORIGIN
from trova_app import wiring
from trova_app.models import SignInAttempt
from trova_app.services.sign_in import TRIES_FOR_ACCOUNT
from trova_app.web import passwords, sign_in

PASSWORD = "a sentence to sign in with"
WRONG, WAIT, IN = "/sign-in?problem=1", "/sign-in?problem=wait", "/"


@pytest.fixture
def email(database, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(wiring, "engine", lambda: database.engine)
    monkeypatch.setattr(wiring, "clock", lambda: database.clock)
    with database.act() as (db, _):
        return a.a_member(db, a.a_practice(db), password_hash=passwords.hash_password(PASSWORD)).email


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed to be compared."""
    seen, compare = [], passwords.is_password

    def counted(known: str | None, typed: str) -> bool:
        seen.append(typed)
        return compare(known, typed)

    monkeypatch.setattr(passwords, "is_password", counted)
    return seen


def try_at_once(*tries: tuple[str, str, str], after: int = 0, do: Callable[[], None] = lambda: None) -> list[str]:
    """Where each (address, password, network) was sent, all of them started before any was answered. `do` is done once
    `after` of them were answered."""
    app, answered = Starlette(routes=sign_in.ROUTES), []

    async def one(email: str, password: str, network: str) -> None:
        door = httpx.ASGITransport(app, client=(network, 1))
        async with httpx.AsyncClient(transport=door, base_url=ORIGIN) as browser:
            form = {"email": email, "password": password}
            answered.append((await browser.post("/auth/sign-in", data=form)).headers["location"])
        if len(answered) == after:
            do()

    async def all_of_them() -> None:
        await asyncio.gather(*(one(*each) for each in tries))

    asyncio.run(all_of_them())
    return answered


def test_of_two_hundred_guesses_at_once_eight_are_looked_at(database, db, email, looked_at):
    answers = try_at_once(*((email, f"guess {n}", f"10.0.{n}.1") for n in range(200)))
    assert len(looked_at) <= TRIES_FOR_ACCOUNT
    assert answers.count(WRONG) == len(looked_at) and answers.count(WAIT) == 200 - len(looked_at)
    assert try_at_once((email, PASSWORD, "10.0.0.1")) == [WAIT]


def test_guesses_at_many_addresses_from_one_network_are_held_back_too(database, email, looked_at):
    try_at_once(*((f"{n}@example.test", "guess", "10.0.0.1") for n in range(120)))
    assert len(looked_at) <= 40


def test_signing_in_often_is_never_held_back(database, db, email):
    for _ in range(TRIES_FOR_ACCOUNT + 1):
        assert try_at_once((email, PASSWORD, "10.0.0.1")) == [IN]
    assert len(db.exec(select(SignInAttempt)).all()) == 0


def test_while_too_many_wait_at_the_door_others_are_asked_to_come_back(database, db, email, looked_at, monkeypatch):
    may_go_on, compare = threading.Event(), passwords.is_password
    monkeypatch.setattr(passwords, "MOST_AT_THE_DOOR", 3)
    monkeypatch.setattr(passwords, "is_password", lambda *given: may_go_on.wait(20) and compare(*given))
    tries = [(f"{n}@example.test", "guess", f"10.0.{n}.1") for n in range(10)]
    answers = try_at_once(*tries, after=7, do=may_go_on.set)
    assert (answers.count(WRONG), answers.count(WAIT), len(looked_at)) == (3, 7, 3)
    assert len(db.exec(select(SignInAttempt)).all()) == 3, "a try nobody looked at does not count"
    monkeypatch.setattr(passwords, "is_password", compare)
    assert try_at_once((email, PASSWORD, "10.0.0.1")) == [IN]
