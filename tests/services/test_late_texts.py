"""What a page posts as it goes, when its form is finished by then: kept for its writer alone."""

import json
from typing import Any

import pytest
from sqlmodel import select

from tests import builders as a
from trova_app.domain.permissions import Role
from trova_app.domain.refusals import NotAllowed
from trova_app.models import CompletionDraft, KeptTexts
from trova_app.services import billing, late_texts, standing
from trova_app.services.check import check
from trova_app.services.kept_texts import MOST_KEPT, dismiss_texts, kept_texts
from trova_app.services.unsaved import keep_lost, save_unsaved

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


def lose(session, who, *cells: list[Any]) -> set[str]:
    told = [[name, text, [], 0] for name, text in cells]
    return session.database.do(keep_lost, who, appointment_id=session.id, cells=told, order=["1"])


def test_so_is_what_only_an_open_page_has_of_it(session, late, db):
    """It need not have it any longer, as far as a document could say it."""
    send(session)
    cells = [["text.1", MINE], ["cash", "50"], ["diagnoses", "F32.1"], ["qty.1", "1,0"]]
    for _ in range(2):
        assert lose(session, late, *cells) == {"text.1", "cash", "qty.1"}
        assert found(session, late) == [f"Description, line 1: {MINE}", "Cash received: 50"]
    assert found(session, session.who) == [] and check(db) == []


def test_of_an_open_form_it_is_what_was_typed_into_lines_that_are_gone(session, late):
    assert lose(session, late, ["text.1", MINE], ["text.gone", "Report"], ["cash", "50"]) == {"text.gone"}
    assert found(session, late) == ["Description, new line: Report"]


def test_who_may_not_complete_a_session_keeps_nothing(session):
    with session.database.act() as (db, _):
        reader = a.principal(a.a_member(db, session.practice, Role.READ_ONLY, email="reads@example.test"))
    with pytest.raises(NotAllowed):
        lose(session, reader, ["text.1", MINE])


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
        ["diagnosis", "depr", [""], 1],
        ["text.\ud83d", "x", [""], 1],
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


def test_a_code_with_half_a_character_is_not_kept(session, late):
    send(session)
    post(session, late, acts=[an_act("add_code", "F\ud83d", key="code", rev=1)])
    assert found(session, late) == []


@pytest.mark.parametrize(
    ("typed", "again"),
    [
        (["text.1", MINE, [DRAWN, MINE], 1], ["text.1", DRAWN, [DRAWN, MINE], 2]),
        (["reference", "EFT 1", ["", "EFT 1"], 1], ["reference", "", ["", "EFT 1"], 2]),
    ],
)
def test_what_its_writer_puts_right_or_clears_goes(session, late, db, typed, again):
    send(session)
    assert post(session, late, typed, ["cash", "50", [""], 1]) is False
    post(session, late, again)
    assert found(session, late) == ["Cash received: 50"]
    post(session, late, ["cash", "", ["", "50"], 3])
    assert found(session, late) == [] and db.exec(select(KeptTexts)).all() == []


def test_what_is_kept_and_told_again_with_all_it_has_been_stays(session, late, db):
    send(session)
    for _ in range(2):
        post(session, late, ["text.1", MINE, [DRAWN, "At", MINE], 1])
        assert found(session, late) == [f"Description, line 1: {MINE}"]
    assert len(db.exec(select(KeptTexts)).all()) == 1


def a_block(block: str, name: str = "qty.1", key: str = "block", rev: int = 1) -> list[Any]:
    return an_act("paste", name, block, key=key, rev=rev)


@pytest.mark.parametrize("block", ["2\tR 900", "2\t900", "2,0\t900.00", "Quantity\tPrice\n2\t900"])
def test_a_block_that_was_billed_is_not_kept_however_it_is_written(session, late, block):
    send(session, qty_1="2", price_1="900")
    assert post(session, late, acts=[a_block(block)]) is True
    assert found(session, late) == []


def test_a_block_of_many_lines_that_was_billed_is_not_kept(session, late):
    """As its lines were made, and the page goes before it has heard of any of it."""
    day = session.form()[0].lines[0].date
    block = f"{day}\t\tReport\tf411\t1\t500\n{day}\t\tLetter\t\t2\t250"
    acts = [a_block(block, "date.1")]
    session.database.do(save_unsaved, session.who, appointment_id=session.id, cells=[], acts=acts)
    form, _ = session.form()
    assert [line.text for line in form.lines] == ["Report", "Letter"]
    send(session)
    assert post(session, late, acts=acts) is True
    assert post(session, late, acts=acts, order=[line.id for line in form.lines]) is True
    assert post(session, late, acts=[a_block(block.replace("250", "260"), "date.1")]) is False


def test_a_block_that_was_typed_over_is_measured_by_what_was_left_of_it(session, late):
    send(session, qty_1="2", price_1="950")
    post(session, late, ["price.1", "950", ["900"], 2], acts=[a_block("2\t900")])
    assert found(session, late) == []
    acts = [a_block("3\t800", key="first", rev=1), a_block("2\t950", key="second", rev=2)]
    assert post(session, late, acts=acts) is True
    post(session, late, ["price.1", "960", ["950"], 3], acts=acts)
    assert found(session, late) == ["Unit price, line 1: 960"]


def test_a_block_that_fits_nowhere_is_kept(session, late):
    send(session, qty_1="2", price_1="900")
    post(session, late, acts=[a_block("2\t900", "qty.9")])
    assert found(session, late) == ["A pasted block: 2\t900"]


def test_a_long_block_is_kept_to_its_end(session, late):
    send(session)
    block = "\n".join(f"{n}\tWords of line {n} and so on, with much to say about it" for n in range(1000))
    post(session, late, acts=[a_block(block)])
    assert found(session, late) == [f"A pasted block: {block}"]


def test_diagnoses_are_the_same_however_they_are_written(session, late):
    codes = [code for code, _ in session.form()[0].diagnoses] or ["F41.1"]
    send(session, dx_1=", ".join(codes).lower())
    cell = ["dx.1", ",".join(code.lower().replace(".", "") for code in codes), [""], 1]
    code = an_act("add_code", codes[0].lower(), key="code", rev=2)
    assert post(session, late, cell, acts=[code]) is True
    assert post(session, late, ["dx.1", "F99", [""], 1]) is False


def test_where_the_document_has_other_lines_nothing_is_taken_for_said(session, late):
    """The page has two lines; the finisher removed the first. What was typed there is not what the second says."""
    form, version = session.form()
    new = "p0123456789ab"
    form = form.with_new_line("0", new).with_texts([(f"text.{new}", "Report"), (f"price.{new}", "900")])
    form = form.without_line("1")
    session.database.do(billing.save_form, session.who, appointment_id=session.id, version=version, form=form)
    send(session)
    cells = [["price.1", "900", ["1 250"], 1], ["payment_type", "other", ["online"], 2]]
    assert post(session, late, *cells, order=["1", new]) is False
    assert found(session, late) == ["Unit price, line 1: 900"]


def test_the_newest_are_kept_of_a_page_that_never_ends(session, late):
    send(session)
    for n in range(3):
        post(session, late, *[[f"text.x{k}", f"{n} {k}", [""], 1] for k in range(700)])
    kept = found(session, late)
    assert len(kept) == MOST_KEPT and kept[-1].endswith(": 2 699") and kept[0].endswith(": 1 400")


def test_the_largest_form_is_read_once_and_not_for_each_cell(session, late, monkeypatch):
    """The session's row is locked meanwhile."""
    form, version = session.form()
    for n in range(199):
        new = f"p0123456{n:05d}"
        form = form.with_new_line("15", new).with_texts([(f"text.{new}", "Report"), (f"price.{new}", "10")])
    session.database.do(billing.save_form, session.who, appointment_id=session.id, version=version, form=form)
    send(session)
    order = [line.id for line in form.lines]
    cells = [
        [f"{cell}.{line_id}", f"{n + 5}.{k}", [""], 1]
        for n, line_id in enumerate(order)
        for k, cell in enumerate(("qty", "price", "off", "tax", "text", "date", "code", "dx"))
    ]
    read, anew = late_texts.read_after, []

    def counting(form, rules, before):
        if before is None:
            anew.append(form)
        return read(form, rules, before)

    monkeypatch.setattr(late_texts, "read_after", counting)
    assert post(session, late, *cells, order=order) is False
    assert len(anew) == 1
