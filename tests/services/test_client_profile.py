"""A client's profile: how they are reached, what they agreed to, the practice's own fields, and what looks wrong."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlmodel import select

from tests import builders as a
from trova_app.domain.documents import DocumentContent
from trova_app.domain.permissions import Permission, Principal, Role, may
from trova_app.domain.refusals import FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Client, ClientConsent, ClientContact, ClientEntry, Document
from trova_app.services import clients


@pytest.fixture
def thandi(database, who) -> int:  # noqa: F811
    return database.do(clients.add, who, first_name="Thandi", last_name="Mokoena").id


def filled(database, who, client_id, **given):  # noqa: F811
    version = database.do(clients.find, who, client_id=client_id).version
    return database.do(clients.fill_in, who, client_id=client_id, version=version, **given)


def searched(database, who, text, **given) -> list[int]:  # noqa: F811
    return [row.id for row in database.do(clients.list_clients, who, search=text, **given).rows]


# -- how they are reached


def test_of_several_mail_addresses_the_chosen_one_gets_the_invoices(database, who, thandi):  # noqa: F811
    mails = [("Thandi@Example.test", ""), ("", ""), ("mother@example.test", "Mother"), ("thandi@example.test", "")]
    kept = filled(
        database, who, thandi, mails=mails, invoices_to=2, phones=[("082 555 0101", ""), ("011 555 1", "Work")]
    )
    assert kept.mails == (clients.Reach("mother@example.test", "Mother"), clients.Reach("thandi@example.test"))
    assert (kept.email, kept.phone) == ("mother@example.test", "082 555 0101")
    assert kept.phones[1] == clients.Reach("011 555 1", "Work")
    assert searched(database, who, "thandi@example") == searched(database, who, "mother@ex") == [thandi]


def test_a_new_address_for_invoices_takes_the_first_place_and_the_others_stay(database, who, thandi):  # noqa: F811
    filled(database, who, thandi, mails=[("a@example.test", "Work"), ("b@example.test", "Mother")])
    typed = filled(database, who, thandi, email="c@example.test")
    assert typed.mails == (clients.Reach("c@example.test"), clients.Reach("b@example.test", "Mother"))
    moved = filled(database, who, thandi, email="b@example.test")
    assert moved.mails == (clients.Reach("b@example.test", "Mother"), clients.Reach("c@example.test"))


def test_an_emptied_address_hands_the_invoices_to_nobody_else(database, who, thandi):  # noqa: F811
    filled(database, who, thandi, mails=[("a@example.test", ""), ("b@example.test", "Mother")])
    with pytest.raises(FieldFaults) as refused:
        filled(database, who, thandi, email="")
    assert [name for name, _ in refused.value.faults] == ["email"]
    assert database.do(clients.find, who, client_id=thandi).email == "a@example.test"
    filled(database, who, thandi, mails=[("a@example.test", "")])
    assert filled(database, who, thandi, email="").mails == ()


def test_emptied_addresses_are_gone(database, who, thandi, db):  # noqa: F811
    filled(database, who, thandi, mails=[("a@example.test", ""), ("b@example.test", "")])
    kept = filled(database, who, thandi, mails=[("", ""), ("b@example.test", "")])
    assert kept.mails == (clients.Reach("b@example.test"),)
    assert filled(database, who, thandi, mails=[]).email == ""
    assert db.exec(select(ClientContact)).all() == []
    assert searched(database, who, "a@example") == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"mails": [("a@example.test", ""), ("b@", "")]}, "mail_2"),
        ({"mails": [("a@example.test", "x" * 41)]}, "mail_1_whose"),
        ({"phones": [("1" * 41, "")]}, "phone_1"),
        ({"mails": "a@example.test"}, "mail_1"),
        ({"mails": [("a@example.test", "")] * 6}, "mail_1"),
        ({"mails": [None]}, "mail_1"),
        ({"guardian_pays": "yes"}, "guardian_pays"),
        ({"consents": {"treatment": (True, "yesterday")}}, "consent_treatment_on"),
        ({"consents": {"treatment": ("on", "")}}, "consent_treatment"),
        ({"consents": {"everything": (True, "")}}, "consents"),
    ],
)
def test_a_fault_stands_beside_its_own_box_and_nothing_changes(database, who, thandi, given, field):  # noqa: F811
    with pytest.raises(FieldFaults) as refused:
        filled(database, who, thandi, address="7 Fig Tree Lane", **given)
    assert [name for name, _ in refused.value.faults] == [field]
    assert database.do(clients.find, who, client_id=thandi).address == ""


@pytest.mark.parametrize("typed", ["082 555 0101", "0825550101", "+27 82 555 0101", "5550101", "900 123", "KM900123"])
def test_a_phone_or_member_number_is_found_however_it_is_typed(database, who, thandi, typed):  # noqa: F811
    other = database.do(clients.add, who, first_name="Zoë", last_name="Adams", phone="083 999 7777").id
    filled(database, who, thandi, member_number="KM 900 123", phones=[("+27 (82) 555-0101", "")])
    assert searched(database, who, typed) == [thandi]
    assert searched(database, who, "083-999") in ([], [other])
    assert searched(database, who, "083 999") == [other]


# -- what looks wrong


def test_an_identity_number_is_looked_at_and_never_refused(database, who, thandi):  # noqa: F811
    kept = filled(database, who, thandi, id_number="7503305044089", birth_date="1975-03-30")
    assert kept.warnings == {}
    assert "30 Mar 1975" in filled(database, who, thandi, birth_date="1976-03-30").warnings["birth_date"]
    assert "digit must be wrong" in filled(database, who, thandi, id_number="750330 5044 088").warnings["id_number"]
    assert filled(database, who, thandi, id_number="A0123456").warnings == {}


def test_a_phone_nobody_can_call_is_said(database, who, thandi):  # noqa: F811
    kept = filled(database, who, thandi, phones=[("082 555 0101", ""), ("011 555", "Work"), ("+44 20 7946 0018", "")])
    assert list(kept.warnings) == ["phone_2"]


def test_somebody_under_age_without_a_guardian_is_said(database, who, thandi):  # noqa: F811
    assert "guardian_name" in filled(database, who, thandi, birth_date="2008-03-19").warnings
    assert filled(database, who, thandi, guardian_name="Nomsa Mokoena").warnings == {}
    assert filled(database, who, thandi, guardian_name="", birth_date="2008-03-18").warnings == {}


# -- consent


def test_a_consent_is_kept_with_its_day_and_taking_it_back_is_noted_beside_it(database, who, thandi, db):  # noqa: F811
    given = filled(database, who, thandi, consents={"treatment": (True, "2026-03-02"), "messages": (False, "")})
    assert [(one.kind, one.is_given, one.on) for one in given.consents if one.on] == [("treatment", True, "2 Mar 2026")]
    filled(database, who, thandi, consents={"treatment": (True, "2026-03-02")})
    back = filled(database, who, thandi, consents={"treatment": (False, "2026-03-02")})
    assert [(one.is_given, one.day) for one in back.consents if one.on] == [(False, "2026-03-18")]
    assert len(db.exec(select(ClientConsent)).all()) == 2
    said = [entry.what for entry in back.history]
    assert said[0] == "Consent taken back on 18 Mar 2026: Treatment, and the practice's terms."


@pytest.mark.parametrize("table", ["client_consent", "client_entry"])
@pytest.mark.parametrize("act", ["UPDATE {} SET client_id = client_id", "DELETE FROM {}"])
def test_what_was_agreed_and_done_cannot_be_rewritten(database, who, thandi, table, act):  # noqa: F811
    filled(database, who, thandi, consents={"privacy": (True, "")})
    with pytest.raises(sa.exc.DBAPIError, match="only grows"), database.act() as (db, _desk):
        db.connection().exec_driver_sql(act.format(table))


# -- the practice's own fields


def test_a_field_of_the_practices_own_is_kept_and_printed_and_stays_on_what_was_given_out(database, session, db):
    key = database.do(clients.add_field, session.who, name="Authorisation no.", shows_on_invoice=True)
    note = database.do(clients.add_field, session.who, name="Heard of us through")
    filled(
        database, session.who, session.client.id, custom={key: "PMB 77", note: "A friend"},
        guardian_name="Nomsa Mokoena", guardian_relation="mother", guardian_pays=True,
    )  # fmt: skip
    session.finish("send_invoice", payment_type="other")
    content = DocumentContent.from_json(db.exec(select(Document.content)).one())
    printed = [(one.label, one.value) for one in content.references]
    assert printed == [("Account to", "Nomsa Mokoena (mother)"), ("Authorisation no.", "PMB 77")]
    filled(database, session.who, session.client.id, custom={key: "another"}, guardian_pays=False)
    db.expire_all()
    assert DocumentContent.from_json(db.exec(select(Document.content)).one()) == content


def test_a_field_that_was_put_away_keeps_what_it_has(database, who, thandi):  # noqa: F811
    key = database.do(clients.add_field, who, name="Referred by")
    filled(database, who, thandi, custom={key: "Dr Sithole"})
    database.do(clients.change_field, who, field_id=key, is_active=False)
    assert database.do(clients.find, who, client_id=thandi).custom == ()
    with pytest.raises(FieldFaults):
        filled(database, who, thandi, custom={key: "x"})
    database.do(clients.change_field, who, field_id=key, is_active=True, name="Sent by")
    assert [(one.name, one.value) for one in database.do(clients.find, who, client_id=thandi).custom] == [
        ("Sent by", "Dr Sithole")
    ]
    assert [(one.name, one.count) for one in database.do(clients.fields_of, who)] == [("Sent by", 1)]


def test_two_fields_never_have_one_name_and_a_printed_one_fits_its_line(database, who, thandi):  # noqa: F811
    key = database.do(clients.add_field, who, name="Referred by", shows_on_invoice=True)
    for name in ("referred  BY", "", "x" * 41):
        with pytest.raises(FieldFaults):
            database.do(clients.add_field, who, name=name)
    with pytest.raises(FieldFaults) as refused:
        filled(database, who, thandi, custom={key: "x" * 61})
    assert refused.value.faults[0][0] == f"custom_{key}"


def test_another_practices_field_is_refused_as_an_absent_one(database, who, thandi):  # noqa: F811
    key = database.do(clients.add_field, who, name="Referred by")
    with database.act() as (db, _desk):
        stranger = a.principal(a.a_member(db, a.a_practice(db, name="Elsewhere")))
    for given in (key, 999, "x", None):
        with pytest.raises(NotFound):
            database.do(clients.change_field, stranger, field_id=given, is_active=False)


@pytest.mark.parametrize("role", Role)
def test_only_who_changes_settings_makes_fields(database, practice, role):  # noqa: F811
    with database.act() as (db, _desk):
        someone = a.principal(a.a_member(db, practice, role))
    for service, given in ((clients.add_field, {"name": "X"}), (clients.fields_of, {})):
        if may(role, Permission.SETTINGS):
            database.do(service, someone, **given)
        else:
            with pytest.raises(NotAllowed):
                database.do(service, someone, **given)


# -- diagnoses in order


def test_a_diagnosis_moves_up_and_down_and_not_beyond_the_ends(database, who, thandi):  # noqa: F811
    for code in ("F41.1", "F32.1", "Z63.0"):
        database.do(clients.add_diagnosis, who, client_id=thandi, code=code)

    def moved(code: object, by: object) -> list[str]:
        return [c for c, _ in database.do(clients.move_diagnosis, who, client_id=thandi, code=code, by=by).diagnoses]

    assert moved("Z63.0", -1) == ["F41.1", "Z63.0", "F32.1"]
    assert moved("Z63.0", -1) == ["Z63.0", "F41.1", "F32.1"]
    assert moved("Z63.0", -1) == ["Z63.0", "F41.1", "F32.1"]
    assert moved("Z63.0", 1) == ["F41.1", "Z63.0", "F32.1"]
    for code, by in (("F99", 1), ("F41.1", 5), ("F41.1", "1"), (None, 1), ("F41.1", True)):
        assert moved(code, by) == ["F41.1", "Z63.0", "F32.1"]


# -- put away


def test_who_is_put_away_stands_apart_and_comes_back_whole(database, who, thandi):  # noqa: F811
    assert database.do(clients.archive, who, client_id=thandi).status == "archived"
    assert searched(database, who, "") == []
    assert searched(database, who, "thandi", archived=True) == [thandi]
    assert filled(database, who, thandi, phone="082 555 0101").phone == "082 555 0101"
    assert database.do(clients.bring_back, who, client_id=thandi).status == "active"
    assert searched(database, who, "thandi") == [thandi]
    assert searched(database, who, "thandi", archived=True) == []


# -- who did what


def test_what_was_changed_is_noted_without_what_stands_in_it(database, who, thandi, db):  # noqa: F811
    filled(database, who, thandi, phone="082 555 0101", email="t@example.test")
    database.do(clients.add_diagnosis, who, client_id=thandi, code="F41.1")
    said = [entry.what for entry in db.exec(select(ClientEntry).order_by(ClientEntry.id)).all()]  # type: ignore[arg-type]
    assert said == ["Added.", "Changed: phone, mail address.", "Changed: diagnoses."]
    filled(database, who, thandi, phone="082 555 0101")
    assert len(database.do(clients.find, who, client_id=thandi).history) == 3


# -- somebody like this


def test_a_new_client_like_a_known_one_is_asked_about_first(database, who, thandi):  # noqa: F811
    filled(database, who, thandi, birth_date="1984-03-21")
    with pytest.raises(clients.LooksAlike) as asked:
        database.do(clients.add, who, first_name="THANDI", last_name="mokoena", birth_date="1984-03-21")
    assert [(one.id, one.words) for one in asked.value.known] == [(thandi, "born 21 Mar 1984")]
    for seen in ((), "1", [999], None):
        with pytest.raises(clients.LooksAlike):
            database.do(clients.add, who, first_name="Thandi", last_name="Mokoena", despite=seen)
    assert database.do(clients.add, who, first_name="Thandi", last_name="Mokoena", despite=[thandi]).id != thandi


def test_a_namesake_born_on_another_day_is_somebody_else(database, who, thandi):  # noqa: F811
    filled(database, who, thandi, birth_date="1984-03-21", id_number="8403215044083")
    other = database.do(clients.add, who, first_name="Thandi", last_name="Mokoena", birth_date="1990-01-02")
    assert database.do(clients.who_is_alike, who, client_id=other.id) == ()
    twin = {"first_name": "T", "last_name": "M", "id_number": "8403215044083"}
    with pytest.raises(clients.LooksAlike):
        database.do(clients.add, who, **twin)


def test_a_family_at_one_mail_address_is_not_one_person(database, who, thandi):  # noqa: F811
    filled(database, who, thandi, email="family@example.test")
    other = database.do(clients.add, who, first_name="Sipho", last_name="Mokoena", email="family@example.test")
    assert database.do(clients.who_is_alike, who, client_id=other.id) == ()


def test_another_practices_namesake_is_nobody_here(database, who, thandi):  # noqa: F811
    with database.act() as (db, _desk):
        stranger = a.principal(a.a_member(db, a.a_practice(db, name="Elsewhere")))
    added = database.do(clients.add, stranger, first_name="Thandi", last_name="Mokoena")
    assert database.do(clients.who_is_alike, stranger, client_id=added.id) == ()
    assert database.do(clients.likely_pairs, stranger) == ()
    assert database.do(clients.likely_pairs, who) == ()


def test_pairs_that_might_be_one_are_listed_until_somebody_says_they_are_two(database, who, thandi):  # noqa: F811
    other = database.do(clients.add, who, first_name="Thandi", last_name="Mokoena", despite=[thandi]).id
    (pair,) = database.do(clients.likely_pairs, who)
    assert ({pair.first.id, pair.second.id}, pair.why) == ({thandi, other}, "same name")
    for _ in range(2):
        database.do(clients.tell_apart, who, client_id=other, other_id=thandi)
    assert database.do(clients.likely_pairs, who) == ()
    assert database.do(clients.who_is_alike, who, client_id=thandi) == ()


def test_reception_reaches_people_without_seeing_why_they_come(database, practice, who, thandi, db):  # noqa: F811
    database.do(clients.add_diagnosis, who, client_id=thandi, code="F41.1")
    reception = Principal(who.member_id, who.practice_id, Role.RECEPTION, "Mpho")
    shown = filled(database, reception, thandi, mails=[("t@example.test", "")], consents={"privacy": (True, "")})
    assert (shown.diagnoses, shown.diagnosis_warnings, shown.may_see_diagnoses) == ((), (), False)
    assert "F41" not in repr(shown)
    for act, given in (
        (clients.add_diagnosis, {"code": "F32.1"}),
        (clients.move_diagnosis, {"code": "F41.1", "by": 1}),
        (clients.remove_diagnosis, {"code": "F41.1"}),
    ):
        with pytest.raises(NotAllowed):
            database.do(act, reception, client_id=thandi, **given)
    assert db.get_one(Client, thandi).birth_date is None


def test_an_unknown_field_is_refused(database, who, thandi):  # noqa: F811
    with pytest.raises(Refusal, match="not part"):
        filled(database, who, thandi, name_key="x", birth_date=date(1984, 3, 21))
