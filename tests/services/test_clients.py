"""Clients: found, filled in, diagnosed, listed; on both databases."""

from dataclasses import dataclass
from datetime import date

import pytest
import sqlalchemy as sa
from sqlmodel import select

from tests import builders as a
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Client, ClientDiagnosis, Practice, Scheme
from trova_app.services import clients


@dataclass(frozen=True)
class Known:
    code: str
    description: str


class Codes:
    """A code book of one code."""

    def find(self, code):
        return Known("F41.1", "Generalized anxiety disorder") if code == "F41.1" else None


@pytest.fixture
def thandi(database, practice) -> int:
    with database.act() as (db, _desk):
        return a.a_client(db, practice).id


def filled(database, who, client_id, version=1, **given):
    return database.do(clients.fill_in, who, client_id=client_id, version=version, **given)


def fault_of(database, who, client_id, **given) -> dict[str, str]:
    with pytest.raises(FieldFaults) as refused:
        filled(database, who, client_id, **given)
    return dict(refused.value.faults)


def test_what_is_filled_in_is_kept_and_the_rest_stays_as_it_was(database, who, thandi):
    filled(
        database, who, thandi, email=" Thandi.M@Example.TEST ", scheme="Khanya Medical", scheme_option="Classic",
        member_number="900 123", dependant_code="01", main_member="Mokoena S", default_payment_type="insurance",
        birth_date="1984-03-21", address=" 7 Fig Tree Lane \r\nParkhurst\t\n",
    )  # fmt: skip
    kept = database.do(clients.find, who, client_id=thandi)
    assert (kept.name, kept.email, kept.scheme, kept.scheme_option) == (
        "Thandi Mokoena", "thandi.m@example.test", "Khanya Medical", "Classic",
    )  # fmt: skip
    assert (kept.member_number, kept.dependant_code, kept.main_member) == ("900 123", "01", "Mokoena S")
    assert (kept.default_payment_type, kept.birth_date, kept.version) == ("insurance", "1984-03-21", 2)
    assert kept.address == "7 Fig Tree Lane\nParkhurst"


def test_a_new_client_has_what_was_typed_and_is_found_by_the_search(database, who):
    added = database.do(clients.add, who, first_name="Zoë", last_name=" Adams ", email="Zoe@Example.test")
    assert (added.name, added.email, added.version, added.status) == ("Zoë Adams", "zoe@example.test", 1, "active")
    assert [row.id for row in database.do(clients.list_clients, who, search="zoe adams").rows] == [added.id]


def test_a_new_client_needs_both_names_and_nothing_else(database, who):
    with pytest.raises(FieldFaults) as refused:
        database.do(clients.add, who, first_name=" ", birth_date="tomorrow")
    assert [field for field, _ in refused.value.faults] == ["first_name", "last_name", "birth_date"]
    assert database.do(clients.list_clients, who).rows == ()
    for field in ("practice_id", "status", "version"):
        with pytest.raises(Refusal, match="not part"):
            database.do(clients.add, who, first_name="A", last_name="B", **{field: 1})


def test_a_known_scheme_is_not_made_twice_however_it_is_typed(database, who, practice, thandi, db):
    with database.act() as (work, _desk):
        known = a.a_scheme(work, practice).id
    filled(database, who, thandi, scheme="khanya  MEDICAL")
    assert db.exec(select(Scheme.id)).all() == [known]
    assert database.do(clients.find, who, client_id=thandi).scheme == "Khanya Medical"
    filled(database, who, thandi, version=2, scheme="")
    assert database.do(clients.find, who, client_id=thandi).scheme == ""


def test_a_new_name_or_address_is_found_by_the_search_at_once(database, who, thandi):
    filled(database, who, thandi, first_name="Zoë", email="zoe@example.test")
    for search in ("zoe mokoena", "ZOË", "zoe@example"):
        assert [row.id for row in database.do(clients.list_clients, who, search=search).rows] == [thandi]
    assert database.do(clients.list_clients, who, search="thandi").rows == ()


@pytest.mark.parametrize(
    ("field", "given", "sentence"),
    [
        ("email", "thandi@", "Enter one address such as name@example.com."),
        ("email", "a@example.com, b@example.com", "Enter one address such as name@example.com."),
        ("email", "a@example.com\nBcc: all@example.com", "Take out the line breaks"),
        ("email", "x" * 10_000 + "@example.com", "Shorten this to 254 characters"),
        ("email", 5, "Write this as text."),
        ("last_name", "", "Enter the last name."),
        ("last_name", "   ", "Enter the last name."),
        ("last_name", "M" * 10_000, "Shorten this to 120 characters; it has 10000."),
        ("last_name", "Mo\x00koena", "Take out the line breaks"),
        ("last_name", "Mo\ud800koena", "Take out the line breaks"),
        ("main_member", "\u202egnirts", "Take out the line breaks"),
        ("member_number", "1" * 41, "Shorten this to 40 characters"),
        ("dependant_code", "01\n02", "Take out the line breaks"),
        ("address", "x" * 10_000, "Shorten this to 500 characters"),
        ("default_payment_type", "barter", "Choose a payment type."),
        ("default_payment_type", None, "Choose a payment type."),
        ("birth_date", "1984-02-30", "Enter a date such as 1984-03-21"),
        ("birth_date", "2026-03-19", "up to 2026-03-18"),
        ("birth_date", "84", "Enter a date"),
        ("birth_date", 1984, "Enter a date"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field_and_nothing_changes(
    database, who, thandi, field, given, sentence
):
    faults = fault_of(database, who, thandi, phone="082 555", **{field: given})
    assert list(faults) == [field]
    assert sentence in faults[field]
    assert database.do(clients.find, who, client_id=thandi).version == 1


def test_emoji_and_every_script_are_kept_as_they_are(database, who, thandi):
    name = "👩🏽‍⚕️ Ngũgĩ 山田"
    filled(database, who, thandi, first_name=name, address="🌿" * 250)
    kept = database.do(clients.find, who, client_id=thandi)
    assert (kept.first_name, kept.address) == (name, "🌿" * 250)


def test_a_field_that_is_no_part_of_the_profile_is_refused(database, who, thandi):
    for field in ("practice_id", "version_", "search_text", "status"):
        with pytest.raises(Refusal, match="not part"):
            filled(database, who, thandi, **{field: "1"})


def test_of_two_people_changing_a_client_the_second_is_told(database, who, thandi):
    filled(database, who, thandi, phone="082 555 0101")
    with pytest.raises(ChangedElsewhere):
        filled(database, who, thandi, phone="083 555 0102")
    assert database.do(clients.find, who, client_id=thandi).phone == "082 555 0101"


@pytest.mark.parametrize("version", [None, "1", 0, True, 2**40, 1.0])
def test_a_version_that_is_none_is_refused(database, who, thandi, version):
    with pytest.raises(Refusal, match="load the page again"):
        filled(database, who, thandi, version=version, phone="1")


# -- diagnoses


def with_codes(database, service, who, **kw):
    desk = database.desk()
    desk.codes = Codes()
    with database.act(desk) as (db, used):
        return service(db, used, who, **kw)


def test_a_diagnosis_is_kept_in_order_with_the_words_of_its_code(database, who, thandi):
    with_codes(database, clients.add_diagnosis, who, client_id=thandi, code="f411")
    kept = with_codes(database, clients.add_diagnosis, who, client_id=thandi, code="Z63.0", description="Partner")
    assert kept.diagnoses == (("F41.1", "Generalized anxiety disorder"), ("Z63.0", "Partner"))
    again = with_codes(database, clients.add_diagnosis, who, client_id=thandi, code="F41.1")
    assert again.diagnoses == kept.diagnoses


def test_a_removed_diagnosis_is_gone_and_removing_it_twice_does_no_harm(database, who, thandi, db):
    with_codes(database, clients.add_diagnosis, who, client_id=thandi, code="F41.1")
    for _ in range(2):
        assert database.do(clients.remove_diagnosis, who, client_id=thandi, code="F41.1").diagnoses == ()
    assert db.exec(select(ClientDiagnosis)).all() == []


@pytest.mark.parametrize("code", ["", "F", "?" * 5, "F41.1; DROP TABLE", "x" * 10_000, None, 41, ["F41.1"], "🌿🌿🌿"])
def test_what_is_no_code_at_all_is_refused_beside_the_field(database, who, thandi, code):
    with pytest.raises(FieldFaults) as refused:
        database.do(clients.add_diagnosis, who, client_id=thandi, code=code)
    assert refused.value.faults[0][0] == "diagnosis"


def test_a_code_of_another_system_is_kept_with_a_warning(database, who, thandi):
    kept = database.do(clients.add_diagnosis, who, client_id=thandi, code="S93.401A")
    assert kept.diagnoses == (("S93.401A", ""),)
    assert "not a WHO ICD-10 code" in kept.diagnosis_warnings[0]


def test_a_client_has_at_most_twelve_diagnoses(database, who, thandi):
    for number in range(12):
        database.do(clients.add_diagnosis, who, client_id=thandi, code=f"F{number + 10}")
    with pytest.raises(Refusal, match="at most 12"):
        database.do(clients.add_diagnosis, who, client_id=thandi, code="F99")


# -- the list


def test_paging_shows_every_client_once_by_name(database, who, practice):
    with database.act() as (db, _desk):
        made = [
            a.a_client(db, practice, first_name=name, last_name="N", search_text=f"{name.lower()} n")
            for name in ["Bea", "Abe", "👩🏽‍⚕️", "Abe", "Zed", "Cai", "Abe"]
        ]
    seen, after = [], ""
    while True:
        page = database.do(clients.list_clients, who, after=after, limit=2)
        seen += [row.id for row in page.rows]
        after = page.next_after
        if not after:
            break
    assert sorted(seen) == sorted(client.id for client in made)
    names = [row.name for row in database.do(clients.list_clients, who).rows]
    assert [name for name in names if name.isascii()] == ["Abe N", "Abe N", "Abe N", "Bea N", "Cai N", "Zed N"]


@pytest.mark.parametrize("after", ["x", 5, None, "WyJhIl0=", "W10=", "\x00", "[" * 1999])
def test_a_place_in_the_list_that_was_never_given_out_is_refused(database, who, after):
    with pytest.raises(Refusal, match="from its beginning"):
        database.do(clients.list_clients, who, after=after)


def test_the_list_walks_its_index(database, who, thandi):
    if database.kind != "sqlite":
        pytest.skip("a plan of PostgreSQL depends on how full the tables are")
    with database.act() as (db, _desk):
        a.a_client(db, db.get_one(Practice, who.practice_id), first_name="Zola")
    after = database.do(clients.list_clients, who, limit=1).next_after
    asked = []

    def keep(connection, cursor, statement, parameters, context, executemany) -> None:
        if "ORDER BY client.search_text" in statement:
            asked.append((statement, parameters))

    sa.event.listen(database.engine, "before_cursor_execute", keep)
    for place in ("", after):
        database.do(clients.list_clients, who, after=place, search="a")
    sa.event.remove(database.engine, "before_cursor_execute", keep)
    with database.engine.connect() as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert "COVERING INDEX ix_client_practice_id_status_search_text_id" in plan[0][-1]
            assert len(plan) == 1
    assert len(asked) == 2


# -- whose clients


def test_another_practices_client_is_refused_as_an_absent_one(database, thandi):
    with database.act() as (db, _desk):
        stranger = a.principal(a.a_member(db, a.a_practice(db, name="Elsewhere")))
    assert database.do(clients.list_clients, stranger).rows == ()
    sentences = set()
    for client_id in (thandi, 999_999, 0, 2**80, "x", None, True, {}):
        for service, kw in (
            (clients.find, {}),
            (clients.fill_in, {"version": 1, "phone": "1"}),
            (clients.add_diagnosis, {"code": "F41.1"}),
            (clients.remove_diagnosis, {"code": "F41.1"}),
        ):
            with pytest.raises(NotFound) as refused:
                database.do(service, stranger, client_id=client_id, **kw)
            sentences.add(refused.value.sentence)
    assert len(sentences) == 1


@pytest.mark.parametrize("role", Role)
def test_each_role_does_what_the_permission_table_grants(database, practice, thandi, role, db):
    with database.act() as (work, _desk):
        who = a.principal(a.a_member(work, practice, role))
        a.a_diagnosis(work, work.get(Client, thandi))
    sees, edits = may(role, Permission.SEE_DIAGNOSES), may(role, Permission.EDIT_CLIENTS)
    assert bool(database.do(clients.find, who, client_id=thandi).diagnoses) == sees
    acts = [
        (edits, clients.fill_in, {"version": 1, "birth_date": date(1984, 3, 21)}),
        (edits and sees, clients.add_diagnosis, {"code": "F32.1"}),
        (edits and sees, clients.remove_diagnosis, {"code": "F32.1"}),
    ]
    for allowed, service, kw in acts:
        if allowed:
            shown = database.do(service, who, client_id=thandi, **kw)
            assert bool(shown.diagnoses) == sees
        else:
            with pytest.raises(NotAllowed):
                database.do(service, who, client_id=thandi, **kw)
    assert db.exec(sa.select(sa.func.count()).select_from(ClientDiagnosis)).scalar_one() == 1


@pytest.mark.parametrize("role", Role)
def test_only_roles_that_may_change_clients_add_one(database, practice, role):
    with database.act() as (work, _desk):
        who = a.principal(a.a_member(work, practice, role))
    if may(role, Permission.EDIT_CLIENTS):
        assert database.do(clients.add, who, first_name="Zoë", last_name="Adams").id
    else:
        with pytest.raises(NotAllowed):
            database.do(clients.add, who, first_name="Zoë", last_name="Adams")
