"""What a scheme pays on a day, and how it comes into a form; never another practice's, never over what was typed."""

from datetime import date, timedelta

import pytest

from tests import builders as a
from tests.conftest import NOON
from trova_app.domain.permissions import Role
from trova_app.domain.refusals import NotAllowed, NotFound
from trova_app.models import Scheme
from trova_app.services.form_helps import form_helps
from trova_app.services.rates import find_rates
from trova_app.services.readiness import price_notes, scheme_prices
from trova_app.services.scheme_rates import rates_on, search_rates
from trova_app.services.working_copy import save


def the_scheme(session, db) -> Scheme:
    return db.get_one(Scheme, session.client.scheme_id)


def listing(session, *rates: tuple[str, int, date], text: str = "Psychotherapy 51 to 60 min") -> None:
    with session.database.act() as (db, _):
        for code, price, since in rates:
            a.a_rate(db, the_scheme(session, db), code, price, since, text)


def notes(session) -> list[str]:
    form, _ = session.form()
    helps = session.database.do(form_helps, session.who, appointment_id=session.id)
    return list(price_notes(form, helps.facts).values())


def found(session, typed, **given):
    return session.database.do(find_rates, session.who, appointment_id=session.id, typed=typed, **given)


LISTS = (("86205", 910, date(2025, 1, 1)), ("86205", 980, date(2026, 1, 1)), ("86205", 1050, date(2026, 3, 19)))


@pytest.mark.parametrize(
    ("day", "price"),
    [
        (date(2024, 12, 31), None),
        (date(2025, 1, 1), 910),
        (date(2025, 12, 31), 910),
        (date(2026, 1, 1), 980),
        (date(2026, 3, 18), 980),
        (date(2026, 3, 19), 1050),
        (date(2031, 1, 1), 1050),
    ],
)
def test_the_price_on_the_day_of_the_service_is_the_latest_that_had_begun(session, db, day, price):
    listing(session, *LISTS)
    known = rates_on(db, session.practice.id, session.client.scheme_id, day, {"86205", "99999"})
    assert {code: rate.price // 10_000 for code, rate in known.items()} == ({"86205": price} if price else {})
    offered = [
        rate.price // 10_000 for rate in search_rates(db, session.practice.id, session.client.scheme_id, day, "8620")
    ]
    assert offered == ([price] if price else [])


def test_a_form_begins_with_the_schemes_price_and_says_whose_it_is(session):
    listing(session, *LISTS)
    form, _ = session.form()
    assert [(line.code, line.text, line.price) for line in form.lines] == [("86205", "Psychotherapy 60 min", "980,00")]
    assert notes(session) == ["Khanya Medical"]


def test_a_form_begins_with_the_practices_own_price_where_the_scheme_has_none(session):
    listing(session, ("99999", 980, date(2026, 1, 1)), ("86205", 1050, date(2026, 3, 19)))
    form, _ = session.form()
    assert [line.price for line in form.lines] == ["1\u00a0250,00"]
    assert notes(session) == []


@pytest.mark.parametrize(
    ("habit", "price"), [("insurance", "980,00"), ("online", "1\u00a0250,00"), ("other", "1\u00a0250,00")]
)
def test_whoever_pays_privately_by_habit_is_charged_the_practices_own_price(session, habit, price):
    listing(session, *LISTS)
    with session.database.act() as (db, _):
        client = db.merge(session.client)
        client.default_payment_type = habit
        db.add(client)
    assert [line.price for line in session.form()[0].lines] == [price]


def test_a_new_list_changes_no_form_that_somebody_has_typed_in(session):
    form, _ = session.form()
    with session.database.act() as (db, desk):
        save(db, desk, session.who, appointment_id=session.id, version=0, form=form.with_text("text.1", "Talk"))
    listing(session, *LISTS)
    assert [line.price for line in session.form()[0].lines] == ["1\u00a0250,00"]
    assert notes(session) == ["Khanya Medical: R\u00a0980,00"]
    helps = session.database.do(form_helps, session.who, appointment_id=session.id)
    assert scheme_prices(session.form()[0], helps.facts) == {"1": 9_800_000}


def test_the_price_is_the_one_of_the_lines_own_day(session):
    listing(session, *LISTS)
    assert [rate.price // 10_000 for rate in found(session, "86205", day="2025-06-30")] == [910]
    assert [rate.price // 10_000 for rate in found(session, "86205", day="2026-03-20")] == [1050]
    for garbage in ("", "yesterday", None, 7, ["2025-06-30"], "2025-02-31"):
        assert [rate.price // 10_000 for rate in found(session, "86205", day=garbage)] == [980]
    form, _ = session.form()
    with session.database.act() as (db, desk):
        save(db, desk, session.who, appointment_id=session.id, version=0, form=form.with_text("date.1", "2025-06-30"))
    assert notes(session) == ["Khanya Medical: R\u00a0910,00"]


def test_a_code_is_found_by_its_beginning_first_then_by_words_whatever_their_accents(session):
    listing(session, ("11205", 100, date(2026, 1, 1)), text="Élan vital, 86 minutes")
    listing(session, ("86205", 980, date(2026, 1, 1)))
    assert [rate.code for rate in found(session, "86")] == ["86205", "11205"]
    assert [rate.code for rate in found(session, "ELAN 86")] == ["11205"]
    assert found(session, "86205")[0].words == "Khanya Medical's price since 1 Jan 2026"
    for nothing in ("", "%", "_", "zzz", None, 86205, ["8"], "\x00"):
        assert found(session, nothing) == ()


def test_only_the_clients_own_scheme_answers(session, database):
    with database.act() as (db, _):
        a.a_rate(db, a.a_scheme(db, session.practice, "Baobab Cover"), price=1)
        other = a.a_practice(db, number_prefix="OTH")
        a.a_rate(db, a.a_scheme(db, other), price=2)
        member = a.a_member(db, other)
        theirs = a.an_appointment(db, a.a_client(db, other), a.a_service(db, other), member)
        stranger = a.principal(member)
    assert found(session, "86205") == ()
    assert [line.price for line in session.form()[0].lines] == ["1\u00a0250,00"]
    for who, appointment in (
        (stranger, session.id),
        (session.who, theirs.id),
        (session.who, "x"),
        (session.who, 999999),
    ):
        with pytest.raises(NotFound):
            database.do(find_rates, who, appointment_id=appointment, typed="86205")
    with pytest.raises(NotAllowed):
        database.do(find_rates, session.as_role(Role.RECEPTION), appointment_id=session.id, typed="86205")


def test_a_usual_amount_is_the_schemes_where_the_scheme_pays(session):
    listing(session, ("86205", 100, date(2026, 1, 1)))
    helps = session.database.do(form_helps, session.who, appointment_id=session.id)
    assert helps.facts.usual(session.form()[0].lines[0]) == 1_000_000


def test_tomorrows_session_is_already_at_tomorrows_price(session):
    listing(session, *LISTS)
    with session.database.act() as (db, _):
        service = a.a_service(db, session.practice, name="Second", price=1)
        later = a.an_appointment(db, session.client, service, session.member, ends=NOON + timedelta(days=1))
    session.appointment = later
    assert [line.price for line in session.form()[0].lines] == ["1\u00a0050,00"]
