"""Everything about one client is handed over whole, and nothing of anybody else's with it."""

import json

import pytest
from sqlmodel import SQLModel

from tests import builders as a
from tests import paying
from trova_app.domain.permissions import Principal, Role
from trova_app.domain.refusals import NotAllowed, NotFound
from trova_app.models import Client, Invoice, Mail, Payment, Practice
from trova_app.services import clients
from trova_app.services.clients.take_out import STAYS, take_out
from trova_app.services.timeline import note

OTHERS = "CANARY"


@pytest.fixture
def case(database):
    with database.act() as (db, desk):
        case = paying.an_invoice(db, desk)
        practice = db.get_one(Practice, case.practice_id)
        _lived(db, desk, case.invoice_id, "mine")
        other = paying.an_invoice(db, desk, practice, email=f"{OTHERS}@example.test", service_name=f"{OTHERS} service")
        client = db.get_one(Client, db.get_one(Invoice, other.invoice_id).client_id)
        client.first_name, client.address, client.member_number = OTHERS, OTHERS, OTHERS
        a.a_diagnosis(db, client, code="Z99.9", description=OTHERS)
        _lived(db, desk, other.invoice_id, OTHERS)
        return case


def _lived(db, desk, invoice_id: int, words: str) -> None:
    """Money, a letter, an entry: whatever an invoice leaves behind."""
    invoice = db.get_one(Invoice, invoice_id)
    where = {"practice_id": invoice.practice_id, "invoice_id": invoice_id}
    day = {"created_at": desk.now()}
    db.add(
        Payment(
            **where, **day, provider_payment_id=words, amount_minor=100, currency="ZAR", method="cash",
            received_on=invoice.service_date, reference=words,
        )
    )  # fmt: skip
    letter = {"kind": "invoice", "recipient": f"{words}@example.test", "subject": words, "text": words}
    db.add(Mail(**where, **day, **letter, key=words, message_id=words))
    note(db, desk, practice_id=invoice.practice_id, who="Dr Naidoo", what=words, invoice_id=invoice_id)


@pytest.fixture
def who(case) -> Principal:
    return case.owner if isinstance(case.owner, Principal) else a.principal(case.owner)


def client_of(db, case) -> int:
    return db.get_one(Invoice, case.invoice_id).client_id


def test_everything_is_there_and_nothing_of_anybody_else(database, case, who, db):
    client_id = client_of(db, case)
    version = database.do(clients.find, who, client_id=client_id).version
    key = database.do(clients.add_field, who, name="Referred by")
    mails = [("a@example.test", ""), ("b@example.test", "Mother")]
    database.do(
        clients.fill_in, who, client_id=client_id, version=version, mails=mails, custom={key: "Dr Sithole"},
        consents={"privacy": (True, "")}, scheme="Khanya Medical",
    )  # fmt: skip
    database.do(clients.add_diagnosis, who, client_id=client_id, code="F41.1")
    taken = database.do(take_out, who, client_id=client_id)
    everything = json.dumps(taken.tables)
    assert OTHERS not in everything
    assert set(taken.tables) == {
        "client", "client_contact", "client_consent", "client_entry", "client_diagnosis", "custom_value", "appointment",
        "invoice", "invoice_line", "invoice_diagnosis", "document", "payment", "mail", "timeline_entry",
    }  # fmt: skip
    for words in ("b@example.test", "Dr Sithole", "F41.1", "Khanya Medical", "mine", "Dr Anisha Naidoo"):
        assert words in everything
    assert taken.documents == (case.document_id,)
    assert taken.tables["client_entry"][-1]["what"] == "Everything kept about this client was taken out as one archive."


def test_no_secret_leaves_with_it(database, case, who, db):
    everything = json.dumps(database.do(take_out, who, client_id=client_of(db, case)).tables)
    for word in ("token", "hash", "secret", "password", "encrypted"):
        assert word not in everything


def test_every_table_that_names_a_client_comes_along():
    """Whoever adds a table with a client in it has it handed over, or says here why not."""
    named = {table.name for table in SQLModel.metadata.tables.values() if "client_id" in table.c}
    assert named & STAYS == {"two_people"}
    assert all("practice_id" in SQLModel.metadata.tables[name].c for name in named)


def test_what_was_merged_in_is_part_of_it(database, case, who, db):
    with database.act() as (work, _desk):
        kept = a.a_client(work, work.get_one(Practice, case.practice_id), first_name="Thandeka").id
    database.do(clients.merge, who, client_id=kept, other_id=client_of(db, case))
    taken = database.do(take_out, who, client_id=kept)
    assert [row["first_name"] for row in taken.tables["client"]] == ["Thandi", "Thandeka"]
    assert len(taken.tables["invoice"]) == 1
    assert OTHERS not in json.dumps(taken.tables)


def test_of_two_people_who_were_taken_for_one_nothing_of_the_other_is_in_it(database, case, who, db):
    with database.act() as (work, _desk):
        practice = work.get_one(Practice, case.practice_id)
        other = a.a_client(work, practice, first_name=OTHERS, address=OTHERS, member_number=OTHERS).id
    database.do(clients.merge, who, client_id=client_of(db, case), other_id=other)
    (merge,) = database.do(clients.merges_of, who, client_id=client_of(db, case))
    database.do(clients.undo_merge, who, merge_id=merge.id)
    assert OTHERS not in json.dumps(database.do(take_out, who, client_id=client_of(db, case)).tables)


@pytest.mark.parametrize("role", [Role.BILLER, Role.RECEPTION, Role.READ_ONLY])
def test_only_owner_and_clinician_take_it_out(database, case, who, role, db):
    client_id = client_of(db, case)
    with pytest.raises(NotAllowed):
        database.do(take_out, Principal(who.member_id, who.practice_id, role, "X"), client_id=client_id)
    assert database.do(clients.find, who, client_id=client_id).history == ()


def test_another_practices_client_is_refused_as_an_absent_one(database, case, db):
    with database.act() as (work, _desk):
        stranger = a.principal(a.a_member(work, a.a_practice(work, name="Elsewhere")))
    for client_id in (client_of(db, case), 999_999, "x", None):
        with pytest.raises(NotFound):
            database.do(take_out, stranger, client_id=client_id)
