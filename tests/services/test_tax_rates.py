"""The practice's tax rates: added ahead and in hindsight, removed while nothing has them; on both databases."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlmodel import select

from tests import builders as a
from tests.conftest import NOON
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import CareService, Invoice, Practice, ServiceLine, TaxRate
from trova_app.services import catalogue, tax_rates
from trova_app.services.documents import first_content
from trova_app.services.working_copy import find_case, working_copy

TODAY = date(2026, 3, 18)
APRIL = date(2026, 4, 1)


@pytest.fixture
def charging(session):
    """A practice that charges tax."""
    with session.database.act() as (db, _desk):
        practice = db.get_one(Practice, session.practice.id)
        practice.charges_tax, practice.tax_number = True, "4012345678"
    return session


def add(session, name="VAT", rate="15,5", since=APRIL, who=None):
    return session.database.do(tax_rates.add_rate, who or session.who, name=name, rate=rate, since=since)


def listed(session):
    return [
        (f"{one.name} {one.percent}", one.since, one.until, one.when)
        for one in session.database.do(tax_rates.rates_of, session.who)
    ]


def faults_of(session, **given):
    with pytest.raises(FieldFaults) as refused:
        add(session, **given)
    return dict(refused.value.faults)


def taxes_on(session, day):
    """What the form of a session of that day begins with: the rate of each line."""
    with session.database.act() as (db, desk):
        service = db.get_one(CareService, session.appointment.service_id)
        ends = datetime.combine(day, time(12), tzinfo=NOON.tzinfo)
        made = a.an_appointment(db, session.client, service, session.member, ends=ends)
        return [line.tax for line in working_copy(db, desk, find_case(db, session.who, made.id)).form.lines]


def test_a_change_that_is_announced_is_added_ahead_and_follows_the_present_rate(charging):
    add(charging)
    assert listed(charging) == [
        ("VAT 15,5%", "1 Apr 2026", "", "later"),
        ("VAT 15%", "1 Apr 2018", "31 Mar 2026", "now"),
        ("No VAT 0%", "1 Apr 2018", "", "now"),
    ]
    assert taxes_on(charging, date(2026, 3, 31)) == ["15"]
    assert taxes_on(charging, APRIL) == ["15.5"]


def test_a_rate_between_two_ends_where_the_next_begins(charging):
    add(charging)
    add(charging, rate="14", since=date(1993, 4, 7))
    add(charging, rate="15.25", since=date(2026, 3, 25))
    assert [row[:3] for row in listed(charging)[:4]] == [
        ("VAT 15,5%", "1 Apr 2026", ""),
        ("VAT 15,25%", "25 Mar 2026", "31 Mar 2026"),
        ("VAT 15%", "1 Apr 2018", "24 Mar 2026"),
        ("VAT 14%", "7 Apr 1993", "31 Mar 2018"),
    ]
    assert taxes_on(charging, date(2018, 3, 31)) == ["14"]
    assert taxes_on(charging, date(2026, 3, 30)) == ["15.25"]


def test_a_new_name_is_a_tax_of_its_own_and_leaves_the_standard_one(charging):
    add(charging, name="Reduced 9%", rate="8 %", since=TODAY)
    assert ("Reduced 8%", "18 Mar 2026", "", "now") in listed(charging)
    assert taxes_on(charging, TODAY) == ["15"]
    add(charging, name="vat", rate="16", since=APRIL)
    assert taxes_on(charging, APRIL) == ["16"]


def test_two_taxes_of_the_same_percentage_would_not_be_told_apart_on_a_line(session):
    assert faults_of(session, name="Zero-rated", rate="0", since=TODAY) == {
        "rate_name": "Use No VAT: it has 0% already, and lines and documents show only the percentage."
    }
    assert set(faults_of(session, name="Levy", rate="15", since=date(2017, 1, 1))) == {"rate_name"}
    add(session)
    assert set(faults_of(session, name="Levy", rate="15", since=date(2026, 3, 31))) == {"rate_name"}
    add(session, name="Levy", rate="15", since=APRIL)
    add(session, name="Reduced", rate="9", since=TODAY)
    add(session, name="Reduced", rate="15,5", since=date(2026, 5, 1))  # what the law brings about is taken


def test_where_no_tax_is_standard_the_first_one_above_nothing_becomes_it(session):
    with session.database.act() as (db, _desk):
        for one in db.exec(select(TaxRate)):
            db.delete(one)
    add(session, name="Exempt", rate="0", since=TODAY)
    add(session, name="Sales tax", rate="8.875", since=TODAY)
    add(session, name="Food", rate="2", since=TODAY)
    standard = [one.name for one in session.database.do(tax_rates.rates_of, session.who) if one.is_standard]
    assert standard == ["Sales tax"]


def test_a_services_own_rate_follows_its_tax_to_the_days_rate(charging):
    add(charging, name="Reduced", rate="9", since=date(2020, 1, 1))
    with charging.database.act() as (db, _desk):
        for line in db.exec(select(ServiceLine)):
            line.tax_rate = 9000
            service = line.service_id
    add(charging, name="Reduced", rate="10", since=APRIL)
    assert taxes_on(charging, TODAY) == ["9"]
    assert taxes_on(charging, APRIL) == ["10"]
    assert taxes_on(charging, date(2019, 12, 31)) == ["9"]  # no such tax then: the form says so at the line
    shown = charging.database.do(catalogue.service_details, charging.who, service_id=service)
    assert [line.tax for line in shown.lines] == ["9"]
    charging.database.clock.advance(days=20)
    shown = charging.database.do(catalogue.service_details, charging.who, service_id=service)
    assert [line.tax for line in shown.lines] == ["10"]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        *(
            ("rate_percent", {"rate": rate})
            for rate in (
                "",
                "-1",
                "100,001",
                "101",
                "NaN",
                "1e1",
                "١٥",
                "fifteen",
                "15.1234",
                "9" * 40,
                15,
                None,
                ["15"],
            )
        ),
        *(("rate_name", {"name": name}) for name in ("", " ", "15%", "V" * 41, "VAT\u0000", 7, None)),
        *(
            ("rate_since", {"since": since})
            for since in ("", "tomorrow", "2026-02-30", "1899-12-31", "2050-01-01", "٢٠٢٦-٠٤-٠١", 20260401, None)
        ),
        ("rate_since", {"since": "2018-04-01"}),
        ("rate_percent", {"rate": "15", "since": "2026-04-01"}),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(session, field, given):
    before = listed(session)
    assert set(faults_of(session, **given)) == {field}
    assert listed(session) == before


def test_a_day_that_documents_were_issued_by_the_earlier_rate_for_is_refused(charging):
    charging.finish("send_invoice", payment_type="other")
    assert faults_of(charging, since=TODAY) == {
        "rate_since": "Documents were issued at 15% for services up to 18 Mar 2026. Choose a later day."
    }
    assert "rate_since" in faults_of(charging, since=date(2026, 1, 1))
    add(charging, since=TODAY + timedelta(days=1))


def test_a_draft_keeps_no_rate_from_changing(charging):
    charging.finish("save_draft", payment_type="other")
    add(charging, since=TODAY)
    with pytest.raises(FieldFaults) as refused:
        charging.finish("send_invoice", payment_type="other")
    assert refused.value.faults == [("tax.1", "Choose a tax rate that was in force on the day of the service.")]


def test_a_rate_nothing_has_is_removed_and_the_one_before_goes_on(charging):
    added = add(charging)
    charging.database.do(tax_rates.remove_rate, charging.who, rate_id=added)
    assert listed(charging)[0] == ("VAT 15%", "1 Apr 2018", "", "now")
    with pytest.raises(NotFound):
        charging.database.do(tax_rates.remove_rate, charging.who, rate_id=added)


def test_a_rate_that_documents_or_services_have_stays(charging):
    own = add(charging, name="Reduced", rate="9", since=TODAY)
    charging.finish("save_draft", payment_type="other")
    with charging.database.act() as (db, _desk):
        vat = db.exec(select(TaxRate.id).where(TaxRate.rate == 15000)).one()
    with pytest.raises(Refusal, match="Documents have VAT 15%, so it stays"):
        charging.database.do(tax_rates.remove_rate, charging.who, rate_id=vat)
    with charging.database.act() as (db, _desk):
        for line in db.exec(select(ServiceLine)):
            line.tax_rate = 9000
    with pytest.raises(Refusal, match="A service has Reduced 9%, so it stays"):
        charging.database.do(tax_rates.remove_rate, charging.who, rate_id=own)
    used = {one.percent for one in charging.database.do(tax_rates.rates_of, charging.who) if one.is_used}
    assert used == {"15%", "9%"}


def test_the_rate_tax_is_charged_by_stays(charging):
    with charging.database.act() as (db, _desk):
        vat = db.exec(select(TaxRate.id).where(TaxRate.rate == 15000)).one()
    with pytest.raises(Refusal, match="Tax is charged by VAT 15%"):
        charging.database.do(tax_rates.remove_rate, charging.who, rate_id=vat)


@pytest.mark.parametrize("rate_id", [0, -1, "x", None, 2**40, ["1"]])
def test_what_is_no_rate_is_not_found(session, rate_id):
    with pytest.raises(NotFound):
        session.database.do(tax_rates.remove_rate, session.who, rate_id=rate_id)


@pytest.mark.parametrize("role", Role)
def test_only_who_may_change_the_practice_sees_and_changes_its_rates(session, role):
    who = session.as_role(role)
    if may(role, Permission.SETTINGS):
        added = add(session, who=who)
        session.database.do(tax_rates.remove_rate, who, rate_id=added)
        return
    for service, given in (
        (tax_rates.rates_of, {}),
        (tax_rates.add_rate, {"name": "VAT", "rate": "16", "since": APRIL}),
        (tax_rates.remove_rate, {"rate_id": 1}),
    ):
        with pytest.raises(NotAllowed):
            session.database.do(service, who, **given)


def test_another_practices_rates_are_not_there(session):
    with session.database.act() as (db, _desk):
        other = a.principal(a.a_member(db, a.a_practice(db, name="Other")))
    added = add(session)
    with pytest.raises(NotFound):
        session.database.do(tax_rates.remove_rate, other, rate_id=added)
    assert len(session.database.do(tax_rates.rates_of, other)) == 2


def test_a_document_writes_its_rates_as_the_practice_writes_numbers(charging):
    add(charging, since=TODAY)
    charging.finish("send_invoice", payment_type="other")
    with charging.database.act() as (db, _desk):
        printed = first_content(db, db.exec(select(Invoice)).one())
    assert [line.tax_rate for line in printed.lines] == [row.rate for row in printed.taxes] == ["15,5%"]
