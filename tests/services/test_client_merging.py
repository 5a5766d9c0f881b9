"""Two records of one person made one, and apart again."""

import json

import pytest
import sqlalchemy as sa
from sqlmodel import select

from tests import builders as a
from tests import paying
from trova_app.domain.permissions import Permission, Principal, Role, may
from trova_app.domain.refusals import NotAllowed, NotFound, Refusal
from trova_app.models import Appointment, Client, ClientMerge, Document, Invoice, Practice
from trova_app.services import client_history, clients
from trova_app.services.check import check


@pytest.fixture
def case(database):
    """Thandi, with an appointment and an unpaid invoice over R 1 250,00."""
    with database.act() as (db, desk):
        return paying.an_invoice(db, desk)


@pytest.fixture
def who(case) -> Principal:
    return case.owner if isinstance(case.owner, Principal) else a.principal(case.owner)


@pytest.fixture
def billed(database, case) -> int:
    with database.act(writes=False) as (db, _desk):
        return db.get_one(Invoice, case.invoice_id).client_id


@pytest.fixture
def again(database, case, who) -> int:
    """The same person, made a second time: without an invoice, with a phone and another mail address."""
    with database.act() as (db, _desk):
        practice = db.get_one(Practice, case.practice_id)
        return a.a_client(db, practice, email="t.mokoena@example.test", phone="082 555 0101", external_id="C-9").id


def profile(database, who, client_id):
    return database.do(clients.find, who, client_id=client_id)


def test_appointments_invoices_and_balance_go_over_and_documents_stay(database, who, case, billed, again, db):
    before = db.get_one(Document, case.document_id).content
    owed = profile(database, who, billed).balance
    kept = database.do(clients.merge, who, client_id=again, other_id=billed)
    assert kept.balance == owed == "R\u00a01\u00a0250,00"
    assert len(database.do(client_history.appointments_of, who, client_id=again)) == 1
    assert [one.id for one in database.do(client_history.invoices_of, who, client_id=again)] == [case.invoice_id]
    db.expire_all()
    assert db.get_one(Document, case.document_id).content == before
    gone = profile(database, who, billed)
    assert (gone.status, gone.merged_into, gone.merged_name, gone.balance) == ("merged", again, "Thandi Mokoena", "")
    assert [row.id for row in database.do(clients.list_clients, who).rows] == [again]
    assert [mail.value for mail in kept.mails] == ["t.mokoena@example.test", "thandi@example.test"]


def test_undoing_takes_back_exactly_what_came_over(database, who, case, billed, again, db):
    database.do(clients.add_diagnosis, who, client_id=billed, code="F41.1")
    version = profile(database, who, billed).version
    database.do(clients.fill_in, who, client_id=billed, version=version, address="7 Fig Tree Lane", scheme="Khanya")
    was = {key: profile(database, who, key) for key in (billed, again)}
    merged = database.do(clients.merge, who, client_id=again, other_id=billed)
    assert (merged.address, merged.scheme, [code for code, _ in merged.diagnoses]) == (
        "7 Fig Tree Lane", "Khanya", ["F41.1"],
    )  # fmt: skip
    (merge,) = database.do(clients.merges_of, who, client_id=again)
    database.do(clients.undo_merge, who, merge_id=merge.id)
    for key, before in was.items():
        after = profile(database, who, key)
        same = ("mails", "phones", "address", "scheme", "status", "balance", "diagnoses", "custom")
        assert {name: getattr(after, name) for name in same} == {name: getattr(before, name) for name in same}
    assert db.get_one(Invoice, case.invoice_id).client_id == billed
    assert db.exec(select(Client.external_id).where(Client.id == again)).one() == "C-9"
    assert database.do(clients.merges_of, who, client_id=again) == ()
    with pytest.raises(Refusal, match="undone already"):
        database.do(clients.undo_merge, who, merge_id=merge.id)


def test_what_was_changed_since_stays_when_a_merge_is_undone(database, who, billed, again, db):
    version = profile(database, who, billed).version
    database.do(clients.fill_in, who, client_id=billed, version=version, address="7 Fig Tree Lane")
    merged = database.do(clients.merge, who, client_id=again, other_id=billed)
    database.do(clients.fill_in, who, client_id=again, version=merged.version, address="12 Protea Road")
    with database.act() as (work, _desk):
        member = a.a_member(work, work.get_one(Practice, who.practice_id), email="second@example.test")
        service = a.a_service(work, work.get_one(Practice, who.practice_id), name="Intake")
        newer = a.an_appointment(work, work.get_one(Client, again), service, member).id
    (merge,) = database.do(clients.merges_of, who, client_id=again)
    database.do(clients.undo_merge, who, merge_id=merge.id)
    assert profile(database, who, again).address == "12 Protea Road"
    assert profile(database, who, billed).address == "7 Fig Tree Lane"
    assert db.get_one(Appointment, newer).client_id == again


def test_what_was_billed_since_goes_back_with_its_session(database, who, case, billed, again, db):
    database.do(clients.merge, who, client_id=again, other_id=billed)
    with database.act() as (work, _desk):
        issued = work.get_one(Invoice, case.invoice_id)
        assert issued.client_id == again
        given = issued.model_dump(exclude={"id", "number", "number_text", "issued_at", "due_on", "search_text"})
        session = work.get_one(Appointment, issued.appointment_id)
        visit = Appointment(**session.model_dump(exclude={"id", "external_id"}))
        work.add(visit)
        work.flush()
        since = Invoice(**given | {"appointment_id": visit.id, "status": "draft", "pay_token": "since"})
        work.add(since)
        work.flush()
        before_merge, later = visit.id, since.id
        moved = work.exec(select(ClientMerge)).one()
        told = json.loads(moved.moved)
        told["rows"]["appointment"].append(before_merge)  # as if the session had been booked before the merge
        moved.moved = json.dumps(told)
    (merge,) = database.do(clients.merges_of, who, client_id=again)
    database.do(clients.undo_merge, who, merge_id=merge.id)
    assert db.get_one(Invoice, later).client_id == billed


def test_of_two_guardians_one_stands_whole(database, who, billed, again, db):
    with database.act() as (work, _desk):
        work.get_one(Client, again).guardian_name = "Nomsa Mokoena"
        other = work.get_one(Client, billed)
        other.guardian_name, other.guardian_address, other.guardian_pays = "Sipho Mokoena", "1 Oak Road", True
    database.do(clients.merge, who, client_id=again, other_id=billed)
    kept = db.get_one(Client, again)
    assert (kept.guardian_name, kept.guardian_address, kept.guardian_pays) == ("Nomsa Mokoena", "", False)


def test_the_books_add_up_after_a_merge_and_after_its_undoing(database, who, billed, again):
    def breaches() -> list:
        with database.act(writes=False) as (db, _desk):
            return check(db)

    before = breaches()  # of a session made by hand
    database.do(clients.merge, who, client_id=again, other_id=billed)
    assert breaches() == before
    (merge,) = database.do(clients.merges_of, who, client_id=again)
    database.do(clients.undo_merge, who, merge_id=merge.id)
    assert breaches() == before


def test_an_issued_document_goes_to_nobody_else_by_itself(database, billed, again):
    with pytest.raises(sa.exc.DBAPIError, match="cannot change"), database.act() as (db, _desk):
        db.connection().exec_driver_sql(f"UPDATE invoice SET client_id = {again}")


def test_nothing_is_changed_in_a_client_that_became_part_of_another(database, who, billed, again):
    database.do(clients.merge, who, client_id=again, other_id=billed)
    version = profile(database, who, billed).version
    for act, given in (
        (clients.fill_in, {"version": version, "phone": "1"}),
        (clients.add_diagnosis, {"code": "F41.1"}),
        (clients.archive, {}),
        (clients.merge, {"other_id": again}),
    ):
        with pytest.raises(Refusal, match="merged into another"):
            database.do(act, who, client_id=billed, **given)


def test_a_chain_of_merges_is_one_person_and_comes_apart_from_its_end(database, who, case, billed, again):
    with database.act() as (db, _desk):
        third = a.a_client(db, db.get_one(Practice, case.practice_id)).id
    database.do(clients.merge, who, client_id=again, other_id=billed)
    (first,) = database.do(clients.merges_of, who, client_id=again)
    database.do(clients.merge, who, client_id=third, other_id=again)
    assert profile(database, who, third).balance != ""
    with pytest.raises(Refusal, match="Undo that merge first"):
        database.do(clients.undo_merge, who, merge_id=first.id)
    (second,) = database.do(clients.merges_of, who, client_id=third)
    database.do(clients.undo_merge, who, merge_id=second.id)
    database.do(clients.undo_merge, who, merge_id=first.id)
    assert profile(database, who, billed).balance != ""
    assert profile(database, who, again).balance == profile(database, who, third).balance == ""


def test_a_client_is_not_merged_with_itself(database, who, billed):
    with pytest.raises(Refusal, match="another client"):
        database.do(clients.merge, who, client_id=billed, other_id=billed)


def test_another_practices_client_or_merge_is_refused_as_an_absent_one(database, who, billed, again):
    with database.act() as (db, _desk):
        practice = a.a_practice(db, name="Elsewhere")
        stranger, own = a.principal(a.a_member(db, practice)), a.a_client(db, practice).id
    for pair in ((own, billed), (billed, own), (own, 999_999), (own, "x"), (own, None)):
        with pytest.raises(NotFound):
            database.do(clients.merge, stranger, client_id=pair[0], other_id=pair[1])
    database.do(clients.merge, who, client_id=again, other_id=billed)
    (merge,) = database.do(clients.merges_of, who, client_id=again)
    for key in (merge.id, 999_999, "x", None):
        with pytest.raises(NotFound):
            database.do(clients.undo_merge, stranger, merge_id=key)
    with pytest.raises(NotFound):
        database.do(clients.tell_apart, stranger, client_id=own, other_id=billed)


@pytest.mark.parametrize("role", Role)
def test_only_roles_that_may_merge_do(database, who, billed, again, role):
    someone = Principal(who.member_id, who.practice_id, role, "X")
    acts = ((clients.likely_pairs, {}), (clients.merge, {"client_id": again, "other_id": billed}))
    for act, given in acts:
        if may(role, Permission.MERGE_CLIENTS):
            database.do(act, someone, **given)
        else:
            with pytest.raises(NotAllowed):
                database.do(act, someone, **given)
