"""Documents go to the practice's people and to the payer who holds the letter, and to nobody else."""

import pytest

from tests import builders as a
from tests import paying
from tests.web.served import at_hand, signed_in, web  # noqa: F401 - fixtures
from trova_app.domain.permissions import Role
from trova_app.models import Document, Invoice, Member, Practice
from trova_app.services.documents import give_out


@pytest.fixture
def case(database):
    with database.act() as (db, desk):
        return paying.an_invoice(db, desk)


def path(document_id, token="") -> str:
    return f"/documents/{document_id}.pdf" + (f"?token={token}" if token else "")


def test_a_clinician_opens_the_invoice_and_it_is_printed_and_kept(web, database, case, db):  # noqa: F811
    signed_in(database, web, case.owner.member_id)
    reply = web.get(path(case.document_id))
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/pdf")
    assert reply.content == db.get_one(Document, case.document_id).pdf
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["content-disposition"] == 'inline; filename="KHA-0001.pdf"'
    assert web.get(path(case.document_id)).content == reply.content


def test_a_payer_opens_it_with_the_token_of_the_letter(web, case):  # noqa: F811
    assert web.get(path(case.document_id, case.token)).content.startswith(b"%PDF-")


def test_nobody_opens_it_without_either(web, case):  # noqa: F811
    for wrong in ("", "nothing", "%00", "%ff", "x" * 5000):
        assert web.get(path(case.document_id, wrong)).status_code == 404


def test_a_foreign_document_is_answered_like_one_that_does_not_exist(web, database, case):  # noqa: F811
    with database.act() as (db, desk):
        other = paying.an_invoice(db, desk)
    signed_in(database, web, other.owner.member_id)
    foreign, absent = web.get(path(case.document_id)), web.get(path(999_999))
    assert (foreign.status_code, foreign.content) == (absent.status_code, absent.content) == (404, b"")
    assert dict(foreign.headers) == dict(absent.headers)
    assert web.get(path(case.document_id, other.token)).status_code == 404


@pytest.mark.parametrize("document_id", ["0", "-1", "x", "2147483648", "9" * 400, "1.0", "%00", "\u0661"])
def test_an_id_that_cannot_be_is_not_found(web, database, case, document_id):  # noqa: F811
    signed_in(database, web, case.owner.member_id)
    assert web.get(path(document_id)).status_code == 404


def test_the_insurers_copy_is_never_opened_by_a_token(web, database):  # noqa: F811
    with database.act() as (db, desk):
        case = paying.an_invoice(db, desk)
        invoice = db.get_one(Invoice, case.invoice_id)
        copy_id = give_out(db, desk, invoice, "insurer_invoice").id
    assert web.get(path(copy_id, case.token)).status_code == 404
    signed_in(database, web, case.owner.member_id)
    assert web.get(path(copy_id)).status_code == 200


def test_what_shows_a_diagnosis_is_not_for_reception(web, database, case):  # noqa: F811
    with database.act() as (db, desk):
        reception = a.a_member(db, db.get_one(Practice, case.practice_id), Role.RECEPTION).id
        receipt = give_out(db, desk, db.get_one(Invoice, case.invoice_id), "receipt").id
    signed_in(database, web, reception)
    assert web.get(path(case.document_id)).status_code == 404
    assert web.get(path(receipt)).status_code == 200


def test_an_ended_sign_in_opens_nothing(web, database, case):  # noqa: F811
    signed_in(database, web, case.owner.member_id)
    database.clock.advance(hours=13)
    assert web.get(path(case.document_id)).status_code == 404


@pytest.fixture
def open_session(database, case):
    """A finished session on Open, ready to be completed."""
    with database.act() as (db, _desk):
        practice = db.get_one(Practice, case.practice_id)
        member = db.get_one(Member, case.owner.member_id)
        client = a.a_client(db, practice, email="sipho@example.test")
        return a.an_appointment(db, client, a.a_service(db, practice, name="Intake"), member).id


def test_the_preview_is_the_picture_of_what_would_be_given_out(web, database, case, open_session):  # noqa: F811
    signed_in(database, web, case.owner.member_id)
    reply = web.get(f"/documents/preview/{open_session}.png")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/png")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.content.startswith(b"\x89PNG")


def test_the_preview_is_for_those_who_complete_the_practices_sessions(web, database, case, open_session):  # noqa: F811
    address = f"/documents/preview/{open_session}.png"
    assert web.get(address).status_code == 404
    with database.act() as (db, _desk):
        stranger = a.a_member(db, a.a_practice(db)).id
        reception = a.a_member(db, db.get_one(Practice, case.practice_id), Role.RECEPTION).id
    for member_id in (stranger, reception):
        signed_in(database, web, member_id)
        assert web.get(address).status_code == 404
    signed_in(database, web, case.owner.member_id)
    for wrong in ("0", "x", "9" * 50, "%00"):
        assert web.get(f"/documents/preview/{wrong}.png").status_code == 404
