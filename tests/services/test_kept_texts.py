"""What somebody typed and was asked about, when another person finished the form: kept for its writer alone."""

import json

import pytest
from sqlmodel import select

from tests import builders as a
from trova_app.domain.permissions import Principal, Role
from trova_app.domain.refusals import NotAllowed, Refusal
from trova_app.models import CompletionDraft, KeptTexts, TimelineEntry
from trova_app.services import billing, clients, completion, standing
from trova_app.services.check import check
from trova_app.services.clients.take_out import take_out
from trova_app.services.forms import FormLine
from trova_app.services.kept_texts import dismiss_texts, kept_texts
from trova_app.services.open_question import keep_question

MINE, THEIRS = "At the rooms", "By telephone"


@pytest.fixture
def asked(session):
    """Somebody else of the practice, who was asked about the description and has not answered."""
    with session.database.act() as (db, _):
        return a.principal(a.a_member(db, session.practice, email="other@example.test", name="Dr Bongani Sithole"))


def leave_open(session, who, **typed) -> None:
    base, version = session.form()
    with session.database.act() as (db, desk):
        form = base.with_text("text.1", THEIRS)
        billing.save_form(db, desk, session.who, appointment_id=session.id, version=version, form=form)
    mine = base.with_texts([("text.1", MINE), *((name.replace("_", "."), text) for name, text in typed.items())])
    keep(session, who, (base, mine.with_diagnosis("F32.1", "Depression") if not typed else mine))


def keep(session, who, question) -> None:
    session.database.do(keep_question, who, appointment_id=session.id, question=question)


def found(session, who) -> list[str]:
    kept = session.database.do(kept_texts, who, appointment_id=session.id)
    return [f"{words}: {text}" for _, words, text in kept.cells]


def send(session, **typed):
    return session.finish("send_invoice", payment_type="other", **typed)


def left_open(db) -> list[TimelineEntry]:
    db.rollback()
    return list(db.exec(select(TimelineEntry).where(TimelineEntry.what.startswith("Left open"))))


def test_what_waited_for_an_answer_is_kept_for_whoever_typed_it(session, asked, db):
    leave_open(session, asked)
    done = send(session)
    assert db.get(CompletionDraft, session.id) is None
    assert found(session, asked) == [f"Description, line 1: {MINE}", "Diagnoses added: F32.1 Depression"]
    [entry] = left_open(db)
    assert (entry.who, entry.invoice_id) == (asked.name, done.invoice_id)
    assert entry.what.endswith("what they typed last is not in the document, and is kept for them")
    assert MINE not in entry.what and "F32" not in entry.what
    assert check(db) == []


def test_nobody_else_finds_it_nor_a_role_that_may_not_complete(session, asked, database):
    leave_open(session, asked)
    send(session)
    with database.act() as (db, _):
        stranger = a.principal(a.a_member(db, a.a_practice(db, name="Elsewhere"), email="far@example.test"))
    assert found(session, session.who) == found(session, stranger) == []
    for role in (Role.RECEPTION, Role.READ_ONLY):
        demoted = Principal(asked.member_id, asked.practice_id, role, asked.name)
        assert found(session, demoted) == []
        with pytest.raises(NotAllowed):
            session.database.do(dismiss_texts, demoted, ids=(1,))
    assert found(session, asked)


def test_it_goes_when_its_writer_dismisses_it_and_only_then(session, asked):
    leave_open(session, asked)
    send(session)
    ids = session.database.do(kept_texts, asked, appointment_id=session.id).ids
    session.database.do(dismiss_texts, session.who, ids=ids)
    assert found(session, asked)
    session.database.do(dismiss_texts, asked, ids=ids)
    assert found(session, asked) == []
    session.database.do(dismiss_texts, asked, ids=ids)


def test_what_the_document_says_as_well_is_not_kept(session, asked, db):
    leave_open(session, asked, cash="5")
    send(session, text_1=MINE)
    assert found(session, asked) == ["Cash received: 5"]


def test_where_the_document_says_all_of_it_nothing_is_said_of_it(session, asked, db):
    leave_open(session, asked, qty_1="2")
    send(session, text_1=MINE, qty_1="2")
    assert found(session, asked) == [] and left_open(db) == []


def test_of_a_line_that_was_removed_by_then_it_is_kept_too(session, asked):
    base, _ = session.form()
    form = base.with_line(FormLine("", text="Report", price="100"))
    with session.database.act() as (db, desk):
        billing.save_form(db, desk, session.who, appointment_id=session.id, version=0, form=form)
    keep(session, asked, (form, form.with_text("text.2", "Long report")))
    with session.database.act() as (db, desk):
        billing.save_form(db, desk, session.who, appointment_id=session.id, version=1, form=form.without_line("2"))
    send(session)
    assert found(session, asked) == ["Description, line 2: Long report"]


def test_of_another_device_of_whoever_finishes_it_is_kept_without_a_word_in_the_timeline(session, db):
    leave_open(session, session.who)
    send(session)
    assert f"Description, line 1: {MINE}" in found(session, session.who)
    assert left_open(db) == []


def test_a_draft_leaves_the_question_open_and_sending_it_keeps_the_text(session, asked):
    leave_open(session, asked)
    session.finish("save_draft", payment_type="other")
    assert found(session, asked) == []
    with session.database.act(writes=False) as (db, desk):
        page = completion.form_page(db, desk, asked, appointment_id=session.id)
    assert page.question is not None and page.question[1].lines[0].text == MINE
    send(session)
    assert f"Description, line 1: {MINE}" in found(session, asked)


def test_a_refused_finish_keeps_nothing(session, asked):
    leave_open(session, asked)
    with pytest.raises(Refusal):
        send(session, client_email="nowhere")
    assert found(session, asked) == []


@pytest.mark.parametrize("how", [billing.void_invoice, billing.correct_invoice])
def test_it_stays_when_the_document_is_withdrawn_and_what_is_left_open_then_comes_beside_it(session, asked, how):
    leave_open(session, asked, cash="5")
    done = send(session)
    before = session.database.do(kept_texts, asked, appointment_id=session.id)
    session.database.do(how, session.who, invoice_id=done.invoice_id, reason="Wrong day")
    assert found(session, asked) == [f"Description, line 1: {MINE}", "Cash received: 5"]
    base, _ = session.form()
    keep(session, asked, (base, base.with_text("cash", "6")))
    send(session)
    session.database.do(dismiss_texts, asked, ids=before.ids)
    assert found(session, asked) == ["Cash received: 6"]


def test_a_form_that_goes_as_the_session_was_missed_leaves_it_too(session, asked):
    leave_open(session, asked, cash="5")
    session.database.do(standing.mark_missed, session.who, appointment_id=session.id, fee="300")
    assert found(session, asked) == [f"Description, line 1: {MINE}", "Cash received: 5"]
    base, version = session.form()
    with session.database.act() as (db, desk):
        billing.save_form(db, desk, session.who, appointment_id=session.id, version=version, form=base)
    keep(session, asked, (base, base.with_text("cash", "6")))
    session.database.do(standing.put_on_again, session.who, appointment_id=session.id)
    assert found(session, asked)[-1] == "Cash received: 6"


def test_it_is_part_of_what_is_kept_about_the_client(session, asked):
    leave_open(session, asked)
    send(session)
    [row] = session.database.do(take_out, session.who, client_id=session.client.id).tables["kept_texts"]
    assert row["member"] == asked.name and MINE in row["cells"]


def test_it_goes_along_when_its_client_is_merged_into_another(session, asked):
    leave_open(session, asked)
    send(session)
    with session.database.act() as (db, _):
        other = a.a_client(db, session.practice, first_name="Thandeka")
    session.database.do(clients.merge, session.who, client_id=other.id, other_id=session.client.id)
    assert found(session, asked)
    assert "kept_texts" in session.database.do(take_out, session.who, client_id=other.id).tables


@pytest.mark.parametrize("cells", ["", "{", "1", "[1]", '[["a", "b"]]', '[["a", "b", 3]]'])
def test_one_that_cannot_be_read_is_found_by_the_check(session, asked, db, cells):
    leave_open(session, asked)
    send(session)
    row = db.exec(select(KeptTexts)).one()
    assert json.loads(row.cells)
    row.cells = cells
    db.flush()
    assert [(one.table, one.row_id) for one in check(db)] == [("kept_texts", row.id)]
