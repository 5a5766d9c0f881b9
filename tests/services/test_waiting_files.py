"""A file on its way in waits for one person, for one hour."""

import pytest
from sqlmodel import select

from tests import builders as a
from trova_app.domain.permissions import Role
from trova_app.domain.refusals import NotAllowed, Refusal
from trova_app.models import WaitingFile
from trova_app.services.waiting_files import LARGEST, forget_file, forget_old, has_old, keep_file, waiting_file


@pytest.fixture
def people(database):
    """Owner and biller of one practice, the owner of another."""
    with database.act() as (db, _):
        here, there = a.a_practice(db), a.a_practice(db, number_prefix="OTH")
        return [
            a.principal(one) for one in (a.a_member(db, here), a.a_member(db, here, Role.BILLER), a.a_member(db, there))
        ]


def given(database, who, data=b"Code,Price\n1,1", name="prices.csv") -> str:
    return database.do(keep_file, who, name=name, data=data)


def test_only_the_person_who_chose_a_file_reads_it(database, people):
    owner, colleague, stranger = people
    token = given(database, owner, name="C:\\lists\\prices\u202e.csv")
    found = database.do(waiting_file, owner, token=token)
    assert (found.name, found.data) == ("prices.csv", b"Code,Price\n1,1")
    for who, wrong in (
        (colleague, token),
        (stranger, token),
        (owner, ""),
        (owner, None),
        (owner, 7),
        (owner, "x" * 500),
    ):
        with pytest.raises(Refusal, match="no longer here"):
            database.do(waiting_file, who, token=wrong)
    database.do(forget_file, stranger, token=token)
    assert database.do(waiting_file, owner, token=token).name == "prices.csv"
    database.do(forget_file, owner, token=token)
    with pytest.raises(Refusal):
        database.do(waiting_file, owner, token=token)


def test_an_hour_later_it_is_gone_and_then_deleted(database, people, clock, db):
    token = given(database, people[0])
    clock.advance(minutes=59)
    assert database.do(waiting_file, people[0], token=token)
    with database.act() as (inner, desk):
        assert (has_old(inner, desk), forget_old(inner, desk)) == (False, 0)
    clock.advance(minutes=1)
    with pytest.raises(Refusal, match="no longer here"):
        database.do(waiting_file, people[0], token=token)
    with database.act() as (inner, desk):
        assert (has_old(inner, desk), forget_old(inner, desk)) == (True, 1)
    assert list(db.exec(select(WaitingFile))) == []


def test_one_person_has_three_files_waiting_at_most(database, people, db):
    tokens = [given(database, people[0], name=f"{n}.csv") for n in range(5)]
    other = given(database, people[1])
    assert {row.token for row in db.exec(select(WaitingFile))} == {*tokens[2:], other}


@pytest.mark.parametrize(
    "data",
    [b"", b" \n", b"%PDF-1.7", b"\x89PNG\r\n", b"\xff\xd8\xff\xe0", b"\xd0\xcf\x11\xe0", b"\x1f\x8b\x08", b"a\x00b" * 9,
     b"\x7fELF\x02\x01\x01\x00" + b"code" * 99, b"x" * (LARGEST + 1)],
)  # fmt: skip
def test_what_can_be_no_list_is_not_kept(database, people, db, data):
    with pytest.raises(Refusal):
        given(database, people[0], data)
    assert list(db.exec(select(WaitingFile))) == []


@pytest.mark.parametrize(
    "data", [b"Code,Price", "Code;Preis".encode("utf-16"), "Code".encode("utf-16-le"), b"PK\x03\x04rest"]
)
def test_texts_and_workbooks_are_kept(database, people, data):
    assert database.do(waiting_file, people[0], token=given(database, people[0], data)).data == data


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.READ_ONLY])
def test_those_who_may_not_import_leave_no_file(database, db, role):
    with database.act() as (inner, _):
        who = a.principal(a.a_member(inner, a.a_practice(inner), role))
    with pytest.raises(NotAllowed):
        given(database, who)
    assert list(db.exec(select(WaitingFile))) == []
