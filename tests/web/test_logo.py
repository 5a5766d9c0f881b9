"""The practice's logo comes by a plain form of our own pages, from those who may change settings, and small enough."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests import builders as a
from tests.paying import ORIGIN
from tests.services.test_practices import a_png
from tests.web.served import signed_in
from trova_app import wiring
from trova_app.domain.permissions import Role
from trova_app.models import Practice
from trova_app.services.logos import LARGEST
from trova_app.web import logo


@pytest.fixture
def practice(database) -> Practice:
    with database.act() as (db, _desk):
        return a.a_practice(db)


@pytest.fixture
def web(database, practice, monkeypatch):
    monkeypatch.setattr(wiring, "engine", lambda: database.engine)
    monkeypatch.setattr(wiring, "clock", lambda: database.clock)
    with TestClient(Starlette(routes=logo.ROUTES), base_url=ORIGIN, follow_redirects=False) as client:
        yield client


def as_role(database, web, practice, role=Role.OWNER) -> None:
    with database.act() as (db, _desk):
        member_id = a.a_member(db, practice, role).id
    signed_in(database, web, member_id)


def post(web, picture=None, *, origin=ORIGIN, **fields):
    files = {"logo": ("logo.png", picture, "image/png")} if picture is not None else {"other": ("x", b"")}
    return web.post(logo.PATH, data={"version": "1"} | fields, files=files, headers={"Origin": origin})


def answer(reply) -> str:
    assert reply.status_code == 303
    return reply.headers["location"].rpartition("=")[2]


def test_an_owner_saves_a_picture_sees_it_and_takes_it_away_again(web, database, practice, db):
    as_role(database, web, practice)
    assert answer(post(web, a_png())) == logo.SAVED
    shown = web.get(logo.PATH)
    assert (shown.status_code, shown.headers["content-type"], shown.content) == (200, "image/png", a_png())
    assert answer(post(web, version="2", remove="yes")) == logo.SAVED
    assert web.get(logo.PATH).status_code == 404
    assert db.get_one(Practice, practice.id).logo is None


@pytest.mark.parametrize("picture", [b"hello", b"", b"\x89PNG\r\n\x1a\n", b"<svg onload='x'/>"])
def test_what_is_no_picture_is_refused_and_nothing_changes(web, database, practice, db, picture):
    as_role(database, web, practice)
    assert answer(post(web, picture)) == logo.WRONG
    assert db.get_one(Practice, practice.id).version == 1


def test_a_picture_above_the_limit_is_not_even_read_to_its_end(web, database, practice, db):
    as_role(database, web, practice)
    assert answer(post(web, a_png(filler=LARGEST))) == logo.TOO_LARGE
    assert answer(post(web, b"x" * (4 * LARGEST))) == logo.TOO_LARGE
    assert db.get_one(Practice, practice.id).logo is None


def test_of_two_people_choosing_a_picture_the_second_is_told(web, database, practice):
    as_role(database, web, practice)
    assert answer(post(web, a_png())) == logo.SAVED
    assert answer(post(web, a_png())) == logo.CHANGED


@pytest.mark.parametrize("origin", ["", "null", "https://elsewhere.example"])
def test_a_form_on_another_site_is_refused(web, database, practice, db, origin):
    as_role(database, web, practice)
    assert post(web, a_png(), origin=origin).status_code == 403
    assert db.get_one(Practice, practice.id).logo is None


def test_nobody_without_a_sign_in_saves_or_sees_it(web, database, practice, db):
    assert post(web, a_png()).status_code == 403
    web.cookies.set("trova", "made-up")
    assert answer(post(web, a_png())) == logo.CHANGED
    assert web.get(logo.PATH).status_code == 404
    assert db.get_one(Practice, practice.id).logo is None


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_a_role_without_settings_neither_saves_nor_sees_it(web, database, practice, db, role):
    as_role(database, web, practice)
    post(web, a_png())
    as_role(database, web, practice, role)
    assert answer(post(web, a_png(), version="2")) == logo.CHANGED
    assert web.get(logo.PATH).status_code == 404
    assert db.get_one(Practice, practice.id).version == 2


def test_a_body_that_is_no_form_is_refused_calmly(web, database, practice):
    as_role(database, web, practice)
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "application/json"):
        reply = web.post(logo.PATH, content=b"\x00{}", headers={"Origin": ORIGIN, "Content-Type": kind})
        assert answer(reply) == logo.WRONG
