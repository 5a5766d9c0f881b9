"""The Outbox page shows every letter of the practice, and no role more than it may see."""

import pytest

from tests import builders as a
from tests import paying
from trova_app.domain.documents import DocumentContent
from trova_app.domain.permissions import Role
from trova_app.domain.refusals import NotAllowed, NotFound, Refusal
from trova_app.models import Document, Mail, Practice
from trova_app.services import sent_mail


@pytest.fixture
def case(database):
    with database.act() as (db, desk):
        return paying.an_invoice(db, desk)


def a_letter(database, case, n=1, **given):
    with database.act() as (db, desk):
        row = Mail(
            **{
                "practice_id": case.practice_id,
                "invoice_id": case.invoice_id,
                "document_id": case.document_id,
                "key": f"k{case.practice_id}/{n}",
                "message_id": f"{n}@example.test",
                "kind": "invoice",
                "recipient": "thandi@example.test",
                "subject": f"Invoice {n}",
                "text": "Dear Thandi",
                "created_at": desk.now(),
            }
            | given
        )
        db.add(row)
        db.flush()
        return row.id


def test_the_newest_letter_comes_first_with_what_became_of_it(database, case):
    a_letter(database, case, 1, state="captured")
    a_letter(database, case, 2, state="refused", error="The address does not exist.")
    page = database.do(sent_mail.letters, case.owner)
    assert [(row.subject, row.state, row.problem) for row in page.rows] == [
        ("Invoice 2", "Refused", "The address does not exist."),
        ("Invoice 1", "Kept here", ""),
    ]
    assert page.rows[0].document_id == case.document_id
    assert page.rows[0].when == "18 Mar 2026, 12:00"


def test_pages_follow_each_other_without_a_gap_or_a_repeat(database, case):
    who, seen, after = case.owner, [], ""
    for n in range(7):
        a_letter(database, case, n)
    while True:
        page = database.do(sent_mail.letters, who, after=after, limit=3)
        seen += [row.subject for row in page.rows]
        after = page.next_after
        if not after:
            break
    assert seen == [f"Invoice {n}" for n in reversed(range(7))]
    with pytest.raises(Refusal):
        database.do(sent_mail.letters, who, after="elsewhere")


def test_a_letter_is_read_as_its_recipient_reads_it(database, case):
    key = a_letter(database, case)
    found = database.do(sent_mail.letter, case.owner, mail_id=key)
    assert (found.row.recipient, found.text) == ("thandi@example.test", "Dear Thandi")


@pytest.mark.parametrize("given", [None, "", 0, -1, "x", 999_999, True, [], "9" * 50])
def test_a_letter_that_cannot_be_is_not_found(database, case, given):
    with pytest.raises(NotFound):
        database.do(sent_mail.letter, case.owner, mail_id=given)


def test_another_practices_letters_are_not_there(database, case):
    key = a_letter(database, case)
    with database.act() as (db, desk):
        other = paying.an_invoice(db, desk).owner
    assert database.do(sent_mail.letters, other).rows == ()
    with pytest.raises(NotFound):
        database.do(sent_mail.letter, other, mail_id=key)


def test_the_file_with_a_diagnosis_in_it_is_not_offered_to_reception(database, case, db):
    key = a_letter(database, case)
    assert "F41.1" in str(DocumentContent.from_json(db.get_one(Document, case.document_id).content))
    with database.act() as (writing, _desk):
        reception = a.principal(a.a_member(writing, a_practice_of(writing, case), Role.RECEPTION))
    assert database.do(sent_mail.letters, reception).rows[0].document_id == 0
    assert database.do(sent_mail.letter, reception, mail_id=key).row.document_id == 0


def test_a_role_without_the_outbox_sees_no_letter(database, case):
    key = a_letter(database, case)
    with database.act() as (db, _desk):
        reader = a.principal(a.a_member(db, a_practice_of(db, case), Role.READ_ONLY))
    for service, given in ((sent_mail.letters, {}), (sent_mail.letter, {"mail_id": key})):
        with pytest.raises(NotAllowed):
            database.do(service, reader, **given)


def a_practice_of(db, case):
    return db.get_one(Practice, case.practice_id)
