"""What a page posts as it goes, when its form is finished by then: kept for its writer alone."""

import json
from typing import Any

import pytest
from sqlmodel import select

from tests import builders as a
from trova_app.models import CompletionDraft, KeptTexts
from trova_app.services import standing
from trova_app.services.check import check
from trova_app.services.kept_texts import dismiss_texts, kept_texts
from trova_app.services.unsaved import save_unsaved

MINE, DRAWN = "At the rooms", "Psychotherapy 60 min"


@pytest.fixture
def late(session):
    """Somebody else of the practice, whose page goes after the form was finished."""
    with session.database.act() as (db, _):
        return a.principal(a.a_member(db, session.practice, email="other@example.test", name="Dr Bongani Sithole"))


def post(session, who, *cells: list[Any], acts: Any = (), order: Any = ("1",), lines: Any = ()) -> bool:
    told = {"cells": list(cells), "acts": list(acts), "order": list(order), "lines": list(lines)}
    return session.database.do(save_unsaved, who, appointment_id=session.id, **told)


def found(session, who) -> list[str]:
    kept = session.database.do(kept_texts, who, appointment_id=session.id)
    return [f"{words}: {text}" for _, words, text in kept.cells]


def send(session, **typed):
    return session.finish("send_invoice", payment_type="other", **typed)


def an_act(name: str, *args: Any, key: str, rev: int) -> list[Any]:
    return [name, list(args), key.ljust(10, "x"), rev]


def test_it_is_kept_for_whoever_typed_it_and_nobody_else(session, late, db):
    send(session)
    assert post(session, late, ["text.1", MINE, [DRAWN], 1], ["cash", "50", [""], 2]) is False
    assert found(session, late) == [f"Description, line 1: {MINE}", "Cash received: 50"]
    assert found(session, session.who) == []
    assert db.get(CompletionDraft, session.id) is None and check(db) == []


def test_so_is_what_the_finisher_typed_in_another_tab(session):
    send(session)
    post(session, session.who, ["text.1", MINE, [DRAWN], 1])
    assert found(session, session.who) == [f"Description, line 1: {MINE}"]


def test_what_the_document_says_as_well_is_not(session, late):
    """The page heard nothing of its own finishing before it went."""
    send(
        session,
        text_1=MINE,
        price_1="900",
        qty_1="2",
        cash="5",
        invoice_off="10%",
        reference="EFT 7",
        method="bank_transfer",
    )
    said = [["text.1", MINE, [DRAWN], 1], ["price.1", "R900", ["1 250"], 2], ["qty.1", "2,0", ["1"], 3]]
    said += [["cash", "5", [""], 4], ["invoice_off", "10%", [""], 5], ["reference", "EFT 7", [""], 6]]
    said += [
        ["payment_type", "other", ["online"], 7],
        ["method", "bank_transfer", ["cash"], 8],
        ["keep", "", ["on"], 9],
    ]
    assert post(session, late, *said) is True
    assert post(session, late, *said, ["qty.1", "3", ["2"], 9], ["code.1", "", ["86205"], 10]) is False
    assert found(session, late) == ["Quantity, line 1: 3"]


def test_of_lines_and_acts_that_did_not_come_it_is_the_texts(session, late):
    """In their order: what was typed over a chosen rate, and what a rate put over what was typed."""
    send(session)
    new = "p0123456789ab"
    acts = [
        an_act("fill", "1", "86211", "Intake", "1800", "86205", DRAWN, "1250", key="fill", rev=3),
        an_act("paste", "qty.1", "3\t500", key="block", rev=6),
        an_act("add_code", "F32.1", key="code", rev=7),
        an_act("duplicate", "1", key="twice", rev=8),
    ]
    cells = [["text.1", MINE, [DRAWN], 2], ["price.1", "1900", ["1800"], 5], [f"text.{new}", "Report", [""]]]
    assert post(session, late, *cells, acts=acts, lines=[new], order=["1", new]) is False
    assert found(session, late) == [
        "Description, line 1: Intake",
        "Code, line 1: 86211",
        "Unit price, line 1: 1900",
        "A pasted block: 3\t500",
        "Diagnosis added: F32.1",
        "Description, line 2: Report",
    ]


def test_the_lines_are_the_pages_in_its_order(session, late):
    send(session)
    assert post(session, late, ["text.a1", DRAWN, ["x"], 1], order=["a1"]) is True
    assert post(session, late, ["text.a1", DRAWN, ["x"], 1], order=["b2", "a1"]) is False
    assert found(session, late) == [f"Description, line 2: {DRAWN}"]


def test_a_page_that_posts_again_and_again_is_kept_once_with_its_last_words(session, late, db):
    send(session)
    post(session, late, ["text.1", "At", [DRAWN, "A"], 1], ["cash", "5", [""], 2])
    shown = session.database.do(kept_texts, late, appointment_id=session.id).ids
    for _ in range(2):
        post(session, late, ["text.1", MINE, [DRAWN, "A", "At"], 3], ["cash", "5", [""], 2])
    assert found(session, late) == ["Cash received: 5", f"Description, line 1: {MINE}"]
    session.database.do(dismiss_texts, late, ids=shown)  # of which they have seen less
    assert f"Description, line 1: {MINE}" in found(session, late)
    assert len(db.exec(select(KeptTexts)).all()) == 1


def test_so_it_is_where_the_session_was_marked_as_missed_or_cancelled(session, late):
    session.database.do(standing.mark_missed, session.who, appointment_id=session.id)
    post(session, late, ["text.1", MINE, [DRAWN], 1], ["qty.1", "1", [""], 2])
    assert found(session, late) == [f"Description, line 1: {MINE}"]


@pytest.mark.parametrize(
    "cell",
    [
        ["no.1", "x", [""], 1],
        ["text.", "x", [""], 1],
        ["text." + "1" * 40, "x", [""], 1],
        ["block 1", "x", [""], 1],
        ["text.1", " \x00 ", [""], 1],
    ],
)
def test_what_no_form_could_say_is_not_kept(session, late, cell):
    send(session)
    assert post(session, late, cell) is True
    assert found(session, late) == []


def test_half_a_character_and_a_control_character_are_left_out(session, late, db):
    send(session)
    post(session, late, ["text.1", "Hello \ud83d\x00", [DRAWN], 1])
    assert found(session, late) == ["Description, line 1: Hello "]
    assert json.loads(db.exec(select(KeptTexts.cells)).one()) and check(db) == []


@pytest.mark.parametrize("order", [None, "1", [1, None, ["1"]], ["x" * 50], ["1"] * 500, {}])
def test_whatever_is_told_of_the_order_keeps_the_text(session, late, order):
    send(session)
    told = {"cells": [["text.1", MINE, [DRAWN], 1]], "order": order}
    session.database.do(save_unsaved, late, appointment_id=session.id, **told)
    assert [one.rpartition(": ")[2] for one in found(session, late)] == [MINE]
