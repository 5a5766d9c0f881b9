"""A file comes in from our own pages, from those who may import, within the limit; nothing of it is answered back."""

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests import builders as a
from tests.paying import ORIGIN
from tests.web.served import signed_in
from trova_app import wiring
from trova_app.domain.permissions import Role
from trova_app.models import Practice, WaitingFile
from trova_app.services.waiting_files import LARGEST
from trova_app.web import imports


@pytest.fixture
def practice(database) -> Practice:
    with database.act() as (db, _desk):
        return a.a_practice(db)


@pytest.fixture
def web(database, practice, monkeypatch):
    monkeypatch.setattr(wiring, "engine", lambda: database.engine)
    monkeypatch.setattr(wiring, "clock", lambda: database.clock)
    with TestClient(Starlette(routes=imports.ROUTES), base_url=ORIGIN) as client:
        yield client


def as_role(database, web, practice, role=Role.OWNER) -> int:
    with database.act() as (db, _desk):
        member_id = a.a_member(db, practice, role).id
    signed_in(database, web, member_id)
    return member_id


def post(web, body=b"Code,Price\n1,1", origin=ORIGIN, **headers):
    return web.post(imports.PATH, content=body, headers={"Origin": origin} | headers)


def kept(db) -> list[WaitingFile]:
    return list(db.exec(select(WaitingFile)))


def test_a_file_is_kept_and_its_token_answered(web, database, practice, db):
    member_id = as_role(database, web, practice)
    reply = post(web, **{"X-File-Name": "prices%20%C3%A9%202026.csv", "Content-Type": "image/png"})
    (row,) = kept(db)
    assert (reply.status_code, reply.json()) == (201, {"file": row.token, "name": "prices é 2026.csv"})
    assert (row.member_id, row.practice_id, row.data) == (member_id, practice.id, b"Code,Price\n1,1")


@pytest.mark.parametrize("origin", ["", "null", "https://elsewhere.example"])
def test_another_site_cannot_post_a_file(web, database, practice, db, origin):
    as_role(database, web, practice)
    assert (post(web, origin=origin).status_code, kept(db)) == (403, [])


@pytest.mark.parametrize("role", [None, Role.RECEPTION, Role.READ_ONLY])
def test_nobody_without_a_sign_in_or_the_permission_posts_a_file(web, database, practice, db, role):
    if role:
        as_role(database, web, practice, role)
    else:
        web.cookies.set("trova", "made-up")
    reply = post(web)
    assert (reply.status_code, kept(db)) == (403, []) and reply.json()["sentence"]
    web.cookies.clear()
    assert post(web).status_code == 403


def test_a_file_above_the_limit_is_refused_whether_it_says_its_size_or_not(web, database, practice, db):
    as_role(database, web, practice)
    assert post(web, b"x" * (LARGEST + 1)).status_code == 413
    assert post(web, (b"x" * 1_000_000 for _ in range(11))).status_code == 413
    assert post(web, b"x" * LARGEST).status_code == 201
    assert [len(row.data) for row in kept(db)] == [LARGEST]


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_list_is_answered_with_a_sentence(web, database, practice, db, body):
    as_role(database, web, practice)
    reply = post(web, body)
    assert (reply.status_code, kept(db)) == (422, []) and reply.json()["sentence"].endswith(".")


def test_a_page_that_asks_for_the_address_gets_no_file(web, database, practice):
    as_role(database, web, practice)
    assert web.get(imports.PATH).status_code == 405
