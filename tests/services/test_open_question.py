"""What waits for an answer is kept with the form for whoever typed it, and goes with the form."""

import pytest
from sqlmodel import select

from tests import builders as a
from trova_app.domain.refusals import ChangedElsewhere
from trova_app.models import CompletionDraft, Invoice, TimelineEntry
from trova_app.services import billing, completion
from trova_app.services.form_words import choice_words, differences, unsaved_texts
from trova_app.services.kept_texts import kept_texts
from trova_app.services.merging import merge
from trova_app.services.open_question import keep_question
from trova_app.services.unsaved import save_unsaved


@pytest.fixture
def colleague(session, database):
    with database.act() as (db, _):
        return a.principal(a.a_member(db, session.practice, email="other@example.test", name="Dr Bongani Sithole"))


def page_for(session, database, who):
    with database.act(writes=False) as (db, desk):
        return completion.form_page(db, desk, who, appointment_id=session.id)


def save(session, database, who, form, version):
    with database.act() as (db, desk):
        return billing.save_form(db, desk, who, appointment_id=session.id, version=version, form=form)


def keep(session, database, who, question):
    with database.act() as (db, desk):
        keep_question(db, desk, who, appointment_id=session.id, question=question)


def kept_for(session, database, who):
    with database.act(writes=False) as (db, desk):
        return kept_texts(db, desk, who, appointment_id=session.id).cells


def test_a_question_is_kept_for_its_own_person_until_it_is_answered(session, database, colleague):
    base, _ = session.form()
    theirs, mine = base.with_text("text.1", "theirs"), base.with_text("text.1", "mine")
    save(session, database, colleague, theirs, 0)
    keep(session, database, session.who, (base, mine))
    keep(session, database, colleague, (base, theirs))
    keep(session, database, colleague, None)
    page = page_for(session, database, session.who)
    assert page.question == (base, mine)
    assert page.copy.form.lines[0].text == "theirs" and page.copy.version == 1
    assert page_for(session, database, colleague).question is None
    save(session, database, colleague, theirs.with_text("cash", "5"), 1)  # a save leaves it as it is
    assert page_for(session, database, session.who).question == (base, mine)
    keep(session, database, session.who, None)
    assert page_for(session, database, session.who).question is None


def test_what_a_page_posts_as_it_goes_is_part_of_its_question(session, database, colleague):
    """The last words before it was closed; where the box had another text in the question, they are no later ones."""
    base, _ = session.form()
    save(session, database, colleague, base.with_text("text.1", "theirs").with_text("cash", "5"), 0)
    mine = base.with_text("text.1", "mine").with_text("cash", "6")
    keep(session, database, session.who, (base, mine))
    was = base.lines[0].text
    cells = [["text.1", "mine, long", [was, "mine", "mine, long"], 9], ["cash", "8", ["7", "8"], 10]]
    assert not database.do(save_unsaved, session.who, appointment_id=session.id, cells=cells)
    page = page_for(session, database, session.who)
    assert page.question == (base, mine.with_text("text.1", "mine, long"))
    assert page.copy.form.lines[0].text == "theirs"
    assert not database.do(save_unsaved, colleague, appointment_id=session.id, cells=cells)
    assert page_for(session, database, colleague).question is None


def test_where_a_page_goes_with_a_text_that_meets_another_ones_it_is_asked_about(session, database, colleague):
    """A page that is only hidden asks it itself. A text that was typed and taken back is no question."""
    base, _ = session.form()
    was = base.lines[0].text
    save(session, database, colleague, base.with_text("text.1", "theirs").with_text("cash", "5"), 0)
    cells = [["text.1", "mine", [was, "mi", "mine"], 3], ["cash", "", ["", "9"], 4]]
    assert not database.do(save_unsaved, session.who, appointment_id=session.id, cells=cells, goes=False)
    assert not database.do(save_unsaved, session.who, appointment_id=session.id, cells=cells, goes="yes")
    assert page_for(session, database, session.who).question is None
    assert not database.do(save_unsaved, session.who, appointment_id=session.id, cells=cells, goes=True)
    page = page_for(session, database, session.who)
    assert page.copy.form.lines[0].text == "theirs"
    agreed, mine = page.question
    merged = merge(agreed, mine, page.copy.form)
    assert differences(merged.form, page.copy.form, merged.touching) == [("Description, line 1", "theirs", "mine")]
    assert page_for(session, database, colleague).question is None


def test_it_is_asked_beside_what_was_asked_about_before(session, database, colleague):
    base, _ = session.form()
    save(session, database, colleague, base.with_text("text.1", "theirs").with_text("cash", "5"), 0)
    keep(session, database, session.who, (base, base.with_text("text.1", "mine")))
    cells = [["cash", "8", ["", "8"], 10]]
    assert not database.do(save_unsaved, session.who, appointment_id=session.id, cells=cells, goes=True)
    page = page_for(session, database, session.who)
    merged = merge(*page.question, page.copy.form)
    assert sorted(merged.touching) == ["cash", "text.1"]
    assert (dict(merged.form.pairs())["cash"], merged.form.lines[0].text) == ("8", "mine")


def test_what_was_typed_into_a_line_that_somebody_has_taken_away_is_kept_as_the_page_goes(session, database, colleague):
    """Not of a line that the page itself has taken away, and not of a page that is only hidden."""
    base, _ = session.form()
    two = base.with_new_line("0", "new1").with_new_line("0", "new2")
    save(session, database, colleague, two.without_line("new1").without_line("new2"), 0)
    cells = [["text.new1", "Report", [""], 3], ["price.new2", "90", [""], 4], ["qty.new1", "1", ["1", "2"], 5]]
    mine = ["remove", ["new2"], "r" * 10, 9]
    posted = {"appointment_id": session.id, "cells": cells, "acts": [mine], "order": ["1", "new1", "new2"]}
    assert not database.do(save_unsaved, session.who, **posted)
    assert kept_for(session, database, session.who) == ()
    assert not database.do(save_unsaved, session.who, **posted, goes=True)
    assert kept_for(session, database, session.who) == (("text.new1", "Description, line 2", "Report"),)
    assert kept_for(session, database, colleague) == ()


def test_of_the_acts_in_what_was_typed_those_are_told_that_were_posted_already(session, database):
    """Somebody hid the page within the moment before the question was kept: the form that stands has the act too."""
    base, _ = session.form()
    with database.act() as (db, desk):
        billing.save_form(db, desk, session.who, appointment_id=session.id, version=0, form=base, done_keys=("posted",))
    with database.act() as (db, desk):
        asked = {"appointment_id": session.id, "question": (base, base.with_text("cash", "5"))}
        assert keep_question(db, desk, session.who, **asked, done_keys=("posted", "typed")) == ("posted",)
        assert keep_question(db, desk, session.who, **asked, done_keys=("typed",)) == ("typed",)


def test_nothing_is_kept_where_nothing_was_saved_or_all_is_finished(session, database, db):
    base, _ = session.form()
    keep(session, database, session.who, (base, base.with_text("cash", "5")))
    assert page_for(session, database, session.who).question is None
    session.finish("send_invoice", payment_type="other")
    keep(session, database, session.who, (base, base.with_text("cash", "5")))
    assert db.get(CompletionDraft, session.id) is None


def test_a_document_says_whose_question_was_still_open(session, database, db, colleague):
    base, _ = session.form()
    save(session, database, session.who, base.with_text("text.1", "theirs"), 0)
    keep(session, database, colleague, (base, base.with_text("text.1", "mine")))
    keep(session, database, session.who, (base, base.with_text("cash", "5")))  # of another page of who finishes
    session.finish("send_invoice", payment_type="other")
    left = db.exec(select(TimelineEntry).where(TimelineEntry.what.startswith("Left open"))).all()
    assert [(entry.who, entry.invoice_id) for entry in left] == [
        ("Dr Bongani Sithole", db.exec(select(Invoice)).one().id)
    ]


def test_a_form_that_was_finished_says_by_whom_and_when(session, database, colleague):
    number = session.finish("send_invoice", payment_type="other", who=colleague).number_text
    with pytest.raises(ChangedElsewhere) as told:
        page_for(session, database, session.who)
    said = told.value.sentence
    assert said.startswith(f"This session is already billed: {number}. Dr Bongani Sithole completed it on ")
    with pytest.raises(ChangedElsewhere, match="You completed it on"):
        page_for(session, database, colleague)


def test_what_was_typed_and_not_saved_is_named_field_by_field(session):
    base, _ = session.form()
    mine = base.with_text("text.1", "At the rooms").with_text("payment_type", "other")
    mine = mine.with_new_line("0", "p0123456789ab").with_text("price.p0123456789ab", "777")
    mine = mine.with_new_line("0", "pzyxwvutsrqpo").with_diagnosis("F32.1", "Depression")
    told = {words: text for _, words, text in unsaved_texts(mine, base)}
    assert told["Description, line 1"] == "At the rooms"
    assert told["Unit price, line 2"] == "777"
    assert told["Diagnoses added"] == "F32.1 Depression"
    assert choice_words("payment_type", told["Payment type"]) == "Other Payment"
    assert not [words for words in told if words.endswith("line 3")]
    assert unsaved_texts(base, base) == []


def test_words_for_a_diagnosis_and_diagnoses_that_were_added_are_two_things(session):
    base, _ = session.form()
    mine = base.with_text("diagnosis", "anxiety").with_diagnosis("F32.1", "Depression")
    told = {name: text for name, _, text in unsaved_texts(mine, base)}
    assert told == {"diagnosis": "anxiety", "diagnoses": "F32.1 Depression"}
