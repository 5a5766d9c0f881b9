"""What a form knows from before: prices, the last session, what was billed; never another practice's."""

from datetime import timedelta

import pytest

from tests import builders as a
from tests.conftest import NOON
from trova_app.domain.permissions import Role
from trova_app.domain.refusals import NotAllowed, NotFound, Refusal
from trova_app.models import Appointment, CareService
from trova_app.services.form_helps import form_helps
from trova_app.services.last_time import last_time
from trova_app.services.rates import Price, matching, price_book


def another(session, **given) -> int:
    """One more session of the same client, later on the same day."""
    with session.database.act() as (db, _):
        first = db.get_one(Appointment, session.id)
        service = db.get_one(CareService, first.service_id)
        made = a.an_appointment(db, session.client, service, session.member, ends=NOON - timedelta(minutes=5), **given)
        return int(made.id)


def helps(session, appointment_id: int | None = None, who=None):
    return session.database.do(form_helps, who or session.who, appointment_id=appointment_id or session.id)


def test_a_first_session_has_the_practices_services_and_no_last_time(session):
    found = helps(session)
    assert found.last_time == ""
    assert [(r.code, r.price, r.words) for r in found.rates] == [("86205", 12_500_000, "your services")]
    assert found.facts.billed == ()
    with pytest.raises(Refusal, match="Nothing was billed"):
        session.database.do(last_time, session.who, appointment_id=session.id)


def test_the_last_billed_session_comes_back_as_somebody_would_type_it(session):
    session.finish("send_invoice", payment_type="other", price_1="1 480,50", qty_1="1,5", off_1="12,5%", text_1="Talk")
    later = another(session)
    last = session.database.do(last_time, session.who, appointment_id=later)
    (line,) = last.lines
    assert (line.text, line.qty, line.price, line.off) == ("Talk", "1,5", "1\u00a0480,50", "12,5%")
    assert (line.date, line.dx, line.tax) == ("2026-03-18", "", "0")
    assert last.diagnoses == (("F41.1", "Generalized anxiety disorder"),)
    assert helps(session, later).last_time == "2026-03-18"


def test_an_amount_of_discount_comes_back_as_an_amount(session):
    session.finish("send_invoice", payment_type="other", off_1="100")
    last = session.database.do(last_time, session.who, appointment_id=another(session))
    assert last.lines[0].off == "100,00"


def test_a_draft_is_not_what_was_billed(session):
    session.finish("save_draft", payment_type="other")
    later = another(session)
    assert helps(session, later).last_time == ""
    assert [b.number_text for b in helps(session, later).facts.billed] == [""]


def test_prices_of_the_clients_scheme_come_before_the_list_of_services(session):
    session.finish("bill_insurer", payment_type="insurance", price_1="980")
    rates = helps(session, another(session)).rates
    assert [(r.price, r.is_of_same_scheme) for r in rates] == [(9_800_000, True), (12_500_000, False)]
    assert rates[0].words == "Khanya Medical, 18 Mar 2026"


def test_what_this_session_itself_billed_is_not_held_against_it(session):
    session.finish("save_draft", payment_type="other")
    assert helps(session).facts.billed == ()


def test_another_practices_prices_and_documents_stay_there(session, database):
    session.finish("send_invoice", payment_type="other", price_1="980")
    with database.act() as (db, _):
        practice = a.a_practice(db, number_prefix="OTH")
        member = a.a_member(db, practice)
        service = a.a_service(db, practice, price=700, code="11111", name="Talk")
        theirs = a.an_appointment(db, a.a_client(db, practice), service, member)
        who, appointment_id = a.principal(member), int(theirs.id)
    found = database.do(form_helps, who, appointment_id=appointment_id)
    assert [r.code for r in found.rates] == ["11111"]
    assert (found.last_time, found.facts.billed) == ("", ())
    for service_act in (form_helps, last_time):
        with pytest.raises(NotFound):
            database.do(service_act, who, appointment_id=session.id)


def test_only_those_who_complete_sessions_are_helped(session):
    for service_act in (form_helps, last_time):
        with pytest.raises(NotAllowed):
            session.database.do(service_act, session.as_role(Role.RECEPTION), appointment_id=session.id)


def test_a_code_is_found_by_its_beginning_first_then_by_words(session):
    with session.database.act() as (db, _):
        a.a_service(db, session.practice, price=1800, name="Intake, 86 minutes", code="11111")
    rates = helps(session).rates
    assert [r.code for r in matching(rates, "86")] == ["86205", "11111"]
    assert [r.code for r in matching(rates, "INTAKE min")] == ["11111"]
    assert matching(rates, "") == matching(rates, None) == matching(rates, "zzz") == []


def test_the_listed_price_is_what_a_changed_price_was(session):
    session.finish("send_invoice", payment_type="other", price_1="980")
    later = another(session)
    form = session.form()[0]
    book = price_book(helps(session, later).rates)
    assert book.of(form.lines[0]) == Price(was=12_500_000, usual=12_500_000)
