"""What a page posts as it goes is kept for its own person, and for nobody else."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select
from starlette.requests import Request

from tests import builders as a
from tests.served import PASSWORD, ServedApp
from trova_app.domain.permissions import Principal, Role
from trova_app.models import Appointment, CompletionDraft, KeptTexts, Member, Practice
from trova_app.services.forms import id_by_act
from trova_app.web import unsaved
from trova_app.web.cookies import cookie_name
from trova_app.web.passwords import hash_password
from trova_app.web.unsaved import LARGEST, PATH

DRAWN, TYPED = "Psychotherapy 60 min", "Psychotherapy, at the rooms"


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
        sent = {"form": self.appointment_id, "cells": [["text.1", TYPED, [DRAWN, "Psy"]]]} | changed
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


def test_what_one_person_typed_is_not_taken_from_another(served, desk):
    """Somebody else has signed in in this browser, and the page has not heard of it."""
    with served.act(writes=False) as (db, _):
        typist = db.exec(select(Member.id).where(Member.email == desk.owner)).one()
    colleague = served.cookie_of(desk.somebody(Role.CLINICIAN))
    assert desk.post(colleague, by=typist) == 403
    assert desk.post(colleague, by="1") == 403
    assert desk.kept() == ""
    assert desk.post(served.cookie_of(desk.owner), by=typist) == 204
    assert TYPED in desk.kept()


@pytest.mark.parametrize(
    "changed",
    [
        {"body": b"no json"},
        {"body": b"[1, 2]"},
        {"body": b" " * (LARGEST + 1)},
        {"body": b"[" * 100_000},
        {"form": "1; drop"},
        {"form": -1},
        {"form": None},
    ],
)
def test_what_no_page_would_post_is_refused(served, desk, changed):
    assert desk.post(served.cookie_of(desk.owner), **changed) == 422
    assert desk.kept() == ""


@pytest.mark.parametrize(
    ("cells", "answer"),
    [
        (None, 204),
        ("text", 204),
        ([["text.1"]], 204),
        ([[1, 2, 3]], 204),
        ([["text.1", 7, [DRAWN]]], 204),
        ([["text.1", TYPED, None]], 204),
        ([["text.1", TYPED, [DRAWN], "1"]], 204),
        ([["no.1", "x", [DRAWN]]], 409),
    ],
)
def test_cells_of_no_form_change_nothing(served, desk, cells, answer):
    assert desk.post(served.cookie_of(desk.owner), cells=cells) == answer
    assert desk.kept() == ""


NEW, OTHER = "p0123456789ab", "pzyxwvutsrqpo"


def test_lines_begun_in_the_page_are_made_once_and_in_their_order(served, desk):
    cookie = served.cookie_of(desk.owner)
    cells = [[f"text.{NEW}", "Rep", ["", "R"]], [f"qty.{OTHER}", "2", ["1"]]]
    assert desk.post(cookie, lines=[NEW, OTHER], cells=cells) == 204
    later = [[f"text.{NEW}", "Report", ["", "Rep"]]]
    assert desk.post(cookie, lines=[NEW, OTHER], cells=later) == 204
    lines = json.loads(desk.kept())["lines"]
    assert [line["id"] for line in lines] == ["1", NEW, OTHER]
    assert [(line["text"], line["qty"]) for line in lines[1:]] == [("Report", "1"), ("", "2")]
    assert {line["date"] for line in lines} == {lines[0]["date"]}
    assert {line["tax"] for line in lines} == {lines[0]["tax"]}


@pytest.mark.parametrize("lines", ["text", [NEW[:-1]], ["2"], [None], [["p"]], {NEW: 1}, [NEW.upper()]])
def test_lines_that_no_page_would_name_are_not_made(served, desk, lines):
    assert desk.post(served.cookie_of(desk.owner), lines=lines, cells=[]) == 204
    assert desk.kept() == ""


def test_no_more_lines_are_made_than_a_document_has(served, desk):
    many = [f"p{n:012d}" for n in range(200)]
    cells = [["text.1", TYPED, [DRAWN]], [f"text.{many[-1]}", "x", [""]]]
    assert desk.post(served.cookie_of(desk.owner), lines=many, cells=cells) == 409
    assert len(json.loads(desk.kept())["lines"]) == 200
    assert TYPED in desk.kept()


def test_a_post_that_comes_late_leaves_a_newer_text_alone(served, desk):
    cookie = served.cookie_of(desk.owner)
    assert desk.post(cookie) == 204
    newer = [["text.1", TYPED + ", with the family", [DRAWN, TYPED]]]
    assert desk.post(cookie, cells=newer) == 204
    assert desk.post(cookie) == 409
    assert "with the family" in desk.kept()


def test_what_others_wrote_in_another_box_stays(served, desk):
    cookie = served.cookie_of(desk.owner)
    assert desk.post(cookie, cells=[["code.1", "86206", ["86205"]]]) == 204
    assert desk.post(cookie) == 204
    assert "86206" in desk.kept() and TYPED in desk.kept()


def an_act(name: str, *args: Any, key: str, rev: int) -> list[Any]:
    return [name, list(args), key.ljust(10, "x"), rev]


def test_acts_are_done_in_their_order_with_the_texts_and_once(served, desk):
    """The block does not cover what was typed into its cells afterwards; the line it has filled has the later texts."""
    cookie = served.cookie_of(desk.owner)
    acts = [
        an_act("duplicate", "1", key="third", rev=4),
        an_act("add", NEW, key="first", rev=1),
        an_act("paste", "qty.1", "3\t500", key="second", rev=2),
        an_act("undo", key="fourth", rev=6),
    ]
    cells = [
        ["price.1", "600", ["1 250", "1\u00a0250,00", "6"], 3],
        ["text.1", TYPED, [DRAWN], 3],
        ["code.1", "86206", ["86205"], 5],
        [f"qty.{NEW}", "2", ["1"], 7],
    ]
    for _ in range(2):
        assert desk.post(cookie, acts=acts, cells=cells) in (204, 409)
    lines = json.loads(desk.kept())["lines"]
    assert [(x["text"], x["qty"], x["price"], x["code"]) for x in lines] == [
        (TYPED, "3", "600", "86206"),
        (TYPED, "3", "600", "86205"),
        ("", "2", "", ""),
    ]
    with served.act(writes=False) as (db, _):
        keys = db.exec(select(CompletionDraft.done_keys)).all()
    assert any(set(kept.split()) == {"firstxxxxx", "secondxxxx", "thirdxxxxx"} for kept in keys)


def test_what_was_typed_after_an_act_that_was_done_and_not_answered_is_taken(served, desk):
    """Also into a box that the act has filled, or into a line that it has made."""
    acts = [an_act("paste", "qty.1", "3\t500\n4\t600", key="block", rev=1)]
    second = id_by_act("block".ljust(10, "x"), 1)
    cells = [["qty.1", "35", ["1"], 2], ["text.1", TYPED, [DRAWN], 3], [f"text.{second}", "Report", [""], 4]]
    assert desk.post(served.cookie_of(desk.owner), acts=acts, cells=[]) == 204
    for _ in range(2):
        assert desk.post(served.cookie_of(desk.owner), acts=acts, cells=cells) == 204
    lines = json.loads(desk.kept())["lines"]
    assert [(x["id"], x["text"], x["qty"], x["price"]) for x in lines] == [
        ("1", TYPED, "35", "500"),
        (second, "Report", "4", "600"),
    ]


def test_an_act_and_a_text_go_to_the_pages_own_new_line_beside_one_that_somebody_else_has_made(served, desk):
    """Both duplicated the one line; this page was asked which text should stay and has not answered."""
    theirs, mine = (id_by_act(whose.ljust(10, "x")) for whose in ("theirs", "mine"))
    colleague = served.cookie_of(desk.somebody(Role.CLINICIAN))
    assert desk.post(colleague, cells=[], acts=[an_act("duplicate", "1", key="theirs", rev=1)]) == 204
    cookie = served.cookie_of(desk.owner)
    assert desk.post(cookie, cells=[], acts=[an_act("remove", mine, key="first", rev=1)]) == 409
    acts = [an_act("duplicate", "1", key="mine", rev=2), an_act("move", mine, 1, key="moved", rev=3)]
    assert desk.post(cookie, acts=acts, cells=[[f"text.{mine}", TYPED, [DRAWN], 4]]) == 204
    lines = json.loads(desk.kept())["lines"]
    assert [(x["id"], x["text"]) for x in lines] == [("1", DRAWN), (theirs, DRAWN), (mine, TYPED)]


def test_a_chosen_rate_covers_nothing_that_somebody_else_has_written(served, desk):
    cookie, had = served.cookie_of(desk.owner), ["86205", DRAWN, "1\u00a0250,00"]
    fill = an_act("fill", "1", "86211", "Intake", "1800", *had, key="fill", rev=1)
    assert desk.post(cookie, cells=[["price.1", "620", [had[2]]]]) == 204
    assert desk.post(cookie, cells=[], acts=[fill]) == 409
    line = json.loads(desk.kept())["lines"][0]
    assert (line["code"], line["text"], line["price"]) == ("86211", "Intake", "620")
    later = an_act("fill", "1", "86212", "Report", "450", "86211", "Intake", "620", key="next", rev=2)
    assert desk.post(cookie, cells=[["price.1", "455", ["1800"], 3]], acts=[later]) == 204
    line = json.loads(desk.kept())["lines"][0]
    assert (line["code"], line["text"], line["price"]) == ("86212", "Report", "455")


def test_a_block_covers_nothing_that_somebody_else_has_written(served, desk):
    """Its other cells and its new line are taken all the same."""
    cookie, had = served.cookie_of(desk.owner), [["qty.1", "1"], ["price.1", "1\u00a0250,00"], ["text.1", DRAWN]]
    block = [*an_act("paste", "qty.1", "3\t500\n4\t600", key="block", rev=1), had]
    assert desk.post(cookie, cells=[["price.1", "620", [had[1][1]]]]) == 204
    assert desk.post(cookie, cells=[], acts=[block]) == 409
    lines = json.loads(desk.kept())["lines"]
    assert [(line["qty"], line["price"]) for line in lines] == [("3", "620"), ("4", "600")]


def test_what_comes_after_the_form_was_finished_is_kept_for_its_own_person(served, desk):
    """Posted under another name it is refused, as ever."""
    colleague = desk.somebody(Role.CLINICIAN)
    with served.act() as (db, _):
        db.get_one(Appointment, desk.appointment_id).state = "cancelled"
        member = db.exec(select(Member.id).where(Member.email == colleague)).one()
    cookie = served.cookie_of(colleague)
    assert desk.post(served.cookie_of(desk.owner), by=member) == 403
    assert desk.post(cookie, by=member, order=["1"]) == 409
    assert desk.post(cookie, by=member, order=["1"], cells=[], acts=[]) == 204
    with served.act(writes=False) as (db, _):
        query = select(KeptTexts).where(KeptTexts.appointment_id == desk.appointment_id)
        [kept] = db.exec(query).all()
        assert (kept.member_id, json.loads(kept.cells)) == (member, [["text.1", "Description, line 1", TYPED]])
    assert desk.kept() == ""


def test_half_a_character_is_not_kept(served, desk):
    assert desk.post(served.cookie_of(desk.owner), cells=[["text.1", "Hello \ud83d", [DRAWN]]]) in (204, 422)
    assert "ud83d" not in desk.kept()


def test_an_act_that_comes_alone_is_done_and_one_that_cannot_be_is_not(served, desk):
    cookie = served.cookie_of(desk.owner)
    acts = [an_act("duplicate", "1", key="a", rev=1), an_act("duplicate", "77", key="b", rev=2)]
    assert desk.post(cookie, cells=[], acts=acts[:1]) == 204
    assert desk.post(cookie, cells=[], acts=acts) == 409
    assert len(json.loads(desk.kept())["lines"]) == 2


def test_what_was_not_done_is_left_to_the_page_should_it_go_on(served, desk):
    """It knows what became of a line that was drawn anew; the others' words are taken all the same."""
    acts = [an_act("duplicate", "77", key="a", rev=1), an_act("remove", "77", key="b", rev=2)]
    acts.append(an_act("duplicate", "1", key="c", rev=3))
    assert desk.post(served.cookie_of(desk.owner), acts=acts) == 409
    assert TYPED in desk.kept()
    with served.act(writes=False) as (db, _):
        assert db.get_one(CompletionDraft, desk.appointment_id).done_keys == "cxxxxxxxxx"


def test_acts_that_fail_do_not_take_what_was_typed_with_them(monkeypatch):
    tries, body = [], json.dumps({"form": 1, "cells": [["text.1", TYPED, [DRAWN]]], "acts": ["all"]}).encode()

    async def act(_service: Any, **given: Any) -> bool:
        tries.append((given["cells"], given["acts"]))
        if given["acts"]:
            raise ZeroDivisionError
        return True

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    monkeypatch.setattr(unsaved, "act", act)
    monkeypatch.setattr(unsaved, "who_quietly", lambda _secret: Principal(1, 1, Role.OWNER, "Dr Anisha Naidoo"))
    monkeypatch.setattr(unsaved, "_told", [])
    scope = {"type": "http", "method": "POST", "headers": [(b"cookie", f"{cookie_name()}={'a' * 43}".encode())]}
    answer = asyncio.run(unsaved.keep(Request(scope, receive)))
    assert answer.status_code == 409
    assert tries[1] == ([["text.1", TYPED, [DRAWN]]], ())


def test_nobody_and_nobody_elses_page_does_anything(served, desk):
    elsewhere, acts = Desk(served), [an_act("duplicate", "1", key="a", rev=1)]
    for cookie in ("", served.cookie_of(elsewhere.owner), served.cookie_of(desk.somebody(Role.READ_ONLY))):
        assert desk.post(cookie, cells=[], acts=acts) in (403, 422)
    assert desk.kept() == ""


@pytest.mark.parametrize(
    "act",
    [
        "duplicate",
        ["duplicate", ["1"], "short", 1],
        ["duplicate", ["1"], "abcdefghij", "1"],
        ["duplicate", [1], "abcdefghij", 1],
        ["finish", [], "abcdefghij", 1],
        ["undo", [], "abcdefghij", 1],
    ],
)
def test_acts_of_no_page_do_nothing(served, desk, act):
    assert desk.post(served.cookie_of(desk.owner), cells=[], acts=[act]) == 204
    assert desk.kept() == ""


def test_an_open_page_draws_what_was_posted_for_its_form(served, desk):
    cookie = served.cookie_of(desk.owner)
    with served.tab(cookie, "/appointments/[aid]/complete") as tab:
        query = {"aid": str(desk.appointment_id)}
        where = {"pathname": tab.path, "query": query, "asPath": f"/appointments/{desk.appointment_id}/complete"}
        plain = tab.event
        tab.event = lambda name, **payload: plain(name, **payload) | {"router_data": where}
        tab.hydrate()
        assert desk.post(cookie) == 204
        tab.until(lambda seen: any(values.get("changed_rx_state_", 0) > 0 for values in seen.values()))
