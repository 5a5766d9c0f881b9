"""Schemes: listed, filled in, archived, their lists taken away; by those who may, in their own practice."""

from datetime import date

import pytest
from sqlmodel import select

from tests import builders as a
from trova_app.domain.permissions import GRANTS, Permission, Role
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Scheme, SchemeRate
from trova_app.services import completion, schemes


@pytest.fixture
def ask(session):
    def act(service, who=None, **given):
        return session.database.do(service, who or session.who, **given)

    return act


@pytest.fixture
def khanya(session) -> dict:
    return {"scheme_id": session.client.scheme_id, "version": 1}


def listing(session, *rates: tuple[str, int, date]) -> None:
    with session.database.act() as (db, _):
        for code, price, since in rates:
            a.a_rate(db, db.get_one(Scheme, session.client.scheme_id), code, price, since)


PAST, NOW, SOON = date(2025, 1, 1), date(2026, 1, 1), date(2026, 6, 1)


def test_the_list_says_who_is_on_a_scheme_and_since_when_its_prices_hold(session, ask):
    listing(session, ("1", 1, PAST), ("1", 2, NOW), ("2", 2, PAST), ("3", 3, SOON))
    (row,) = ask(schemes.list_schemes)
    assert (row.name, row.claim_email, row.clients, row.codes, row.list_words) == (
        "Khanya Medical", "claims@khanya.example", 1, 2, "since 1 Jan 2026"
    )  # fmt: skip
    assert ask(schemes.list_schemes, search="KHANYA claims") == (row,)
    assert ask(schemes.list_schemes, search="zzz") == ask(schemes.list_schemes, archived=True) == ()


def test_a_scheme_shows_its_lists_the_latest_first_and_which_is_in_force(session, ask):
    listing(session, ("1", 1, PAST), ("1", 2, NOW), ("2", 2, NOW), ("3", 3, SOON))
    shown = ask(schemes.scheme_details, scheme_id=session.client.scheme_id)
    assert [(one.words, one.codes, one.standing) for one in shown.lists] == [
        ("1 Jun 2026", 1, "To come"), ("1 Jan 2026", 2, "In force"), ("1 Jan 2025", 1, "Earlier")
    ]  # fmt: skip
    assert (shown.may_change, shown.clients) == (True, 1)
    assert not ask(schemes.scheme_details, session.as_role(Role.RECEPTION), scheme_id=shown.id).may_change


def test_prices_of_a_day_are_listed_by_code_in_pages(session, ask):
    listing(session, *[(f"{n:03}", n, PAST) for n in range(1, 8)], ("003", 30, NOW), ("009", 9, SOON))
    key = {"scheme_id": session.client.scheme_id}
    first = ask(schemes.rates_page, **key, limit=4)
    second = ask(schemes.rates_page, **key, limit=4, after=first.next_after)
    assert [row.code for row in first.rows + second.rows] == [f"{n:03}" for n in range(1, 8)]
    assert (first.rows[2].price, first.rows[2].since, second.next_after) == ("R\u00a030,00", "1 Jan 2026", "")
    assert [row.price for row in ask(schemes.rates_page, **key, day="2025-06-01", search="003").rows] == ["R\u00a03,00"]
    assert [row.code for row in ask(schemes.rates_page, **key, day="2026-06-01", search="009").rows] == ["009"]
    for garbage in ({"day": "soon"}, {"after": "x"}):
        with pytest.raises(Refusal):
            ask(schemes.rates_page, **key, **garbage)


def test_a_scheme_is_added_and_changed_and_two_people_do_not_overwrite_each_other(session, ask, khanya, db):
    key = ask(schemes.save_scheme, name="  Baobab   Cover ", claim_email="Claims@Baobab.Example")
    made = db.get_one(Scheme, key)
    assert (made.name, made.claim_email, made.practice_id) == (
        "Baobab Cover",
        "claims@baobab.example",
        session.practice.id,
    )
    ask(schemes.save_scheme, **khanya, name="Khanya", claim_email="")
    with pytest.raises(ChangedElsewhere):
        ask(schemes.save_scheme, **khanya, name="Other", claim_email="")
    db.expire_all()
    db.rollback()
    assert db.get_one(Scheme, khanya["scheme_id"]).name == "Khanya"


@pytest.mark.parametrize(
    ("name", "address", "field"),
    [
        ("", "", "name"), (None, "", "name"), ("x" * 121, "", "name"), ("KHÁNYA medical", "", "name"),
        ("New\u202e", "", "name"), ("New", "nobody", "claim_email"), ("New", 7, "claim_email"),
    ],
)  # fmt: skip
def test_what_is_no_scheme_is_said_beside_its_field(ask, name, address, field):
    with pytest.raises(FieldFaults) as refused:
        ask(schemes.save_scheme, name=name, claim_email=address)
    assert [known for known, _ in refused.value.faults] == [field]


def test_an_archived_scheme_is_offered_no_more_and_its_clients_keep_it(session, ask, khanya):
    listing(session, ("86205", 980, NOW))
    ask(schemes.archive_scheme, **khanya, archived=True)
    assert ask(schemes.list_schemes) == ()
    assert [row.name for row in ask(schemes.list_schemes, archived=True)] == ["Khanya Medical"]
    assert ask(completion.form_page, appointment_id=session.id).schemes == ()
    assert [line.price for line in session.form()[0].lines] == ["980,00"]
    ask(schemes.archive_scheme, scheme_id=khanya["scheme_id"], version=2, archived=False)
    assert ask(completion.form_page, appointment_id=session.id).schemes == ("Khanya Medical",)
    with pytest.raises(Refusal):
        ask(schemes.archive_scheme, scheme_id=khanya["scheme_id"], version=3, archived="yes")


def test_a_wrong_list_is_taken_away_and_the_one_before_holds_again(session, ask, khanya, db):
    listing(session, ("86205", 910, PAST), ("86205", 980, NOW))
    done = ask(schemes.remove_list, **khanya, day="2026-01-01")
    assert done == "The list from 1 Jan 2026 was removed; 1 price went with it."
    assert [row.valid_from for row in db.exec(select(SchemeRate))] == [PAST]
    assert [line.price for line in session.form()[0].lines] == ["910,00"]
    for day in ("2026-01-01", "", "soon", None, 7):
        with pytest.raises(Refusal):
            ask(schemes.remove_list, scheme_id=khanya["scheme_id"], version=2, day=day)
    assert len(list(db.exec(select(SchemeRate)))) == 1


CHANGES = {
    schemes.save_scheme: {"name": "X", "claim_email": ""},
    schemes.archive_scheme: {"archived": True},
    schemes.remove_list: {"day": "2026-01-01"},
}


def test_owner_and_clinician_may_change_the_catalogue_and_nobody_else():
    assert {role for role in Role if Permission.CATALOGUE in GRANTS[role]} == {Role.OWNER, Role.CLINICIAN}


@pytest.mark.parametrize("service", CHANGES)
def test_changes_need_the_permission_and_the_practices_own_scheme(session, ask, khanya, database, service):
    listing(session, ("86205", 980, NOW))
    with database.act() as (db, _):
        practice = a.a_practice(db, number_prefix="OTH")
        stranger = a.principal(a.a_member(db, practice))
    for role in (Role.BILLER, Role.RECEPTION, Role.READ_ONLY):
        with pytest.raises(NotAllowed):
            ask(service, session.as_role(role), **khanya, **CHANGES[service])
    with pytest.raises(NotFound):
        ask(service, stranger, **khanya, **CHANGES[service])
    with pytest.raises(NotFound):
        ask(service, **khanya | {"scheme_id": "7; DROP"}, **CHANGES[service])
    ask(service, session.as_role(Role.CLINICIAN), **khanya, **CHANGES[service])


def test_another_practices_scheme_answers_as_none(session, ask, database):
    with database.act() as (db, _):
        stranger = a.principal(a.a_member(db, a.a_practice(db, number_prefix="OTH")))
    for service in (schemes.scheme_details, schemes.rates_page):
        with pytest.raises(NotFound) as theirs:
            ask(service, stranger, scheme_id=session.client.scheme_id)
        with pytest.raises(NotFound) as none:
            ask(service, stranger, scheme_id=999_999)
        assert theirs.value.sentence == none.value.sentence
    assert ask(schemes.list_schemes, stranger) == ()
