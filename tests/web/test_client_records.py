"""Everything about one client goes as one file to those who may take it out, and to nobody else."""

import csv
import io
import json
import zipfile

import pytest
from sqlmodel import select

from tests import builders as a
from tests import paying
from tests.web.served import at_hand, signed_in, web  # noqa: F401 - fixtures
from trova_app.domain.permissions import Role
from trova_app.models import Client, ClientEntry, Invoice, Practice

OTHERS = "CANARY"


@pytest.fixture
def case(database):
    """Two clients with an invoice each; the first writes formulas into his own address."""
    with database.act() as (db, desk):
        case = paying.an_invoice(db, desk)
        client = db.get_one(Client, db.get_one(Invoice, case.invoice_id).client_id)
        client.address, client.phone = "=HYPERLINK(1)", "+27 82 555 0101"
        client.first_name = "Bo; =SUM(1);@x; 5"
        other = paying.an_invoice(db, desk, db.get_one(Practice, case.practice_id), email=f"{OTHERS}@example.test")
        db.get_one(Client, db.get_one(Invoice, other.invoice_id).client_id).first_name = OTHERS
        return case


def client_id(db, case) -> int:
    return db.get_one(Invoice, case.invoice_id).client_id


def noted(database) -> list:
    with database.act(writes=False) as (db, _desk):
        return list(db.exec(select(ClientEntry.who, ClientEntry.what)))


def asked(web, key, from_site: str = "same-origin"):  # noqa: F811
    return web.get(f"/documents/clients/{key}.zip", headers={"sec-fetch-site": from_site})


def test_all_of_it_comes_as_one_file_with_the_documents_printed(web, database, case, db):  # noqa: F811
    signed_in(database, web, case.owner.member_id)
    reply = asked(web, client_id(db, case))
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/zip")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-disposition"] == f'attachment; filename="client-{client_id(db, case)}.zip"'
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        everything = archive.read("everything.json").decode()
        papers = [name for name in names if name.startswith("documents/")]
        rows = list(csv.DictReader(io.StringIO(archive.read("tables/client.csv").decode("utf-8-sig"))))
        assert papers == [f"documents/{case.document_id}-invoice-KHA-0001.pdf"]
        assert archive.read(papers[0]).startswith(b"%PDF-")
        assert all(OTHERS.encode() not in archive.read(name) for name in names)
    assert json.loads(everything)["invoice"][0]["number_text"] == "KHA-0001"
    assert (rows[0]["address"], rows[0]["phone"]) == ("'=HYPERLINK(1)", "+27 82 555 0101")
    assert rows[0]["first_name"] == "Bo; '=SUM(1);'@x; 5"
    assert noted(database) == [("Dr Anisha Naidoo", "Everything kept about this client was taken out as one archive.")]


@pytest.mark.parametrize("role", [Role.BILLER, Role.RECEPTION, Role.READ_ONLY])
def test_who_may_not_is_answered_as_if_there_were_nobody(web, database, case, role, db):  # noqa: F811
    with database.act() as (work, _desk):
        member = a.a_member(work, work.get_one(Practice, case.practice_id), role, email=f"{role}@example.test").id
    signed_in(database, web, member)
    theirs, absent = asked(web, client_id(db, case)), asked(web, 999_999)
    assert (theirs.status_code, theirs.content) == (absent.status_code, absent.content) == (404, b"")
    assert noted(database) == []


@pytest.mark.parametrize("key", ["0", "-1", "x", "2147483648", "9" * 400, "%00"])
def test_a_client_that_cannot_be_is_not_found(web, database, case, key):  # noqa: F811
    signed_in(database, web, case.owner.member_id)
    assert asked(web, key).status_code == 404


def test_another_practices_client_is_answered_as_an_absent_one(web, database, case, db):  # noqa: F811
    with database.act() as (work, _desk):
        stranger = a.a_member(work, a.a_practice(work, name="Elsewhere"), email="e@example.test").id
    signed_in(database, web, stranger)
    assert asked(web, client_id(db, case)).status_code == 404


def test_nobody_brings_it_about_from_another_site_or_without_signing_in(web, database, case, db):  # noqa: F811
    key = client_id(db, case)
    assert asked(web, key).status_code == 404
    signed_in(database, web, case.owner.member_id)
    for site in ("cross-site", "same-site"):
        assert asked(web, key, from_site=site).status_code == 403
    assert web.post(f"/documents/clients/{key}.zip").status_code == 405
    assert noted(database) == []
