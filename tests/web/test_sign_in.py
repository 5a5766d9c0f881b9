"""Signing in and out: one answer for every mistake, no way to other sites, and an end that reaches open pages."""

import re
from http.cookies import SimpleCookie

import httpx
import pytest
from sqlmodel import select

from tests.served import PASSWORD, STATE, ServedApp
from trova_app.domain.permissions import Role
from trova_app.models import Member, SignIn, SignInAttempt
from trova_app.services.sign_in import TRIES_FOR_ACCOUNT

LIVE = f"{STATE}.trova_app___state___live____live"


@pytest.fixture
def email(served: ServedApp) -> str:
    """A member of a new practice. Earlier failures are forgotten, so that tests do not hold each other back."""
    with served.act() as (db, _):
        for row in db.exec(select(SignInAttempt)):
            db.delete(row)
    return served.a_practice_with(Role.OWNER)[0]


def test_the_right_password_opens_the_practice(served: ServedApp, email: str) -> None:
    answer = served.sign_in(f"  {email.upper()} ", next="/billing?tab=payments")
    assert (answer.status_code, answer.headers["location"]) == (303, "/billing?tab=payments")
    kept = SimpleCookie(answer.headers["set-cookie"])["trova"]
    assert kept["httponly"] and kept["samesite"].lower() == "strict" and kept["path"] == "/" and not kept["domain"]
    assert len(kept.value) >= 43, "at least 256 random bits"
    with served.act(writes=False) as (db, _):
        assert all(kept.value not in row.id_hash for row in db.exec(select(SignIn)))


def test_every_mistake_gets_the_same_answer(served: ServedApp, email: str) -> None:
    gone = served.a_practice_with(Role.OWNER)[0]
    with served.act() as (db, desk):
        db.exec(select(Member).where(Member.email == gone)).one().disabled_at = desk.now()
    tries = [
        served.sign_in(email, "not the password"),
        served.sign_in("nobody@example.test", PASSWORD),
        served.sign_in(gone),
        served.sign_in("", ""),
        served.sign_in("' OR 1=1 --", "x"),
        httpx.post(
            f"{served.url}/auth/sign-in", json={"email": email, "password": PASSWORD}, headers={"origin": served.url}
        ),
        httpx.post(
            f"{served.url}/auth/sign-in",
            content=b"email=" + b"x" * 100_000,
            headers={"origin": served.url, "content-type": "application/x-www-form-urlencoded"},
        ),
    ]
    told = {(a.status_code, a.headers["location"], a.text, "set-cookie" in a.headers) for a in tries}
    assert told == {(303, "/sign-in?problem=1", "", False)}


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        "/%09/../\r\nSet-Cookie: a=b",
        "///evil.example",
        "http:evil.example",
        "",
        "/sign-in?next=/sign-in",
    ],
)
def test_signing_in_leads_nowhere_but_here(served: ServedApp, email: str, target: str) -> None:
    assert served.sign_in(email, next=target).headers["location"] == "/"


def test_too_many_wrong_passwords_for_one_address_are_held_back(served: ServedApp, email: str) -> None:
    for address in (email, "nobody@example.test"):
        answers = [served.sign_in(address, "wrong").headers["location"] for _ in range(TRIES_FOR_ACCOUNT + 1)]
        assert answers == ["/sign-in?problem=1"] * TRIES_FOR_ACCOUNT + ["/sign-in?problem=wait"]
    assert served.sign_in(email).headers["location"] == "/sign-in?problem=wait", "the right password waits too"
    other = served.a_practice_with(Role.OWNER)[0]
    assert served.sign_in(other).headers["location"] == "/"


def test_signing_out_ends_every_open_page_of_that_sign_in_and_no_other(served: ServedApp, email: str) -> None:
    cookie, elsewhere = served.cookie_of(email), served.cookie_of(email)
    with served.tab(cookie) as one, served.tab(cookie) as two, served.tab(elsewhere) as other:
        one.hydrate(), two.hydrate(), other.hydrate()
        answer = served.sign_out(cookie)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?out=1")
        assert re.search(r"trova=.*Max-Age=0", answer.headers["set-cookie"])
        for tab in (one, two):
            assert tab.until(lambda seen: LIVE in seen)[LIVE]["ended_rx_state_"] is True
            assert tab.next() is None, "the server closed the socket itself"
        assert other.is_open()


def test_signing_in_again_ends_the_sign_in_before(served: ServedApp, email: str) -> None:
    before = served.cookie_of(email)
    form = {"email": email, "password": PASSWORD}
    after = httpx.post(
        f"{served.url}/auth/sign-in", data=form, headers={"origin": served.url, "cookie": f"trova={before}"}
    )
    assert after.cookies["trova"] != before
    with served.tab(before) as old, served.tab(after.cookies["trova"]) as new:
        assert old.hydrate()[LIVE]["ended_rx_state_"] is True
        assert new.hydrate()[LIVE]["ended_rx_state_"] is False


def test_a_disabled_member_is_out_without_doing_anything(served: ServedApp, email: str) -> None:
    cookie = served.cookie_of(email)
    with served.tab(cookie) as tab:
        tab.hydrate()
        with served.act() as (db, desk):
            db.exec(select(Member).where(Member.email == email)).one().disabled_at = desk.now()
        assert tab.until(lambda seen: LIVE in seen)[LIVE]["ended_rx_state_"] is True


def test_addresses_and_passwords_are_not_in_the_log(served: ServedApp, email: str) -> None:
    served.sign_in(email, "a wrong sentence", next="/billing?search=mokoena")
    served.sign_in(email)
    said = served.said()
    assert email not in said and PASSWORD not in said and "a wrong sentence" not in said and "mokoena" not in said


def test_a_sign_in_survives_a_power_cut(served: ServedApp, email: str) -> None:
    cookie = served.cookie_of(email)
    served.kill()
    served.start()
    with served.tab(cookie) as tab:
        assert tab.hydrate()[LIVE]["ended_rx_state_"] is False


def test_the_doctor_of_the_house_answers(served: ServedApp) -> None:
    assert httpx.get(f"{served.url}/health/live").json() == {"live": True}
    assert httpx.get(f"{served.url}/health/ready").json() == {"ready": True, "database": "ready"}
