"""A client's page: what is to come and what there was, of this client and this practice only."""

from datetime import timedelta

import pytest

from tests import builders as a
from tests import paying
from tests.conftest import NOON
from trova_app.domain.permissions import Principal, Role
from trova_app.domain.refusals import NotFound
from trova_app.models import Invoice
from trova_app.services import client_history


@pytest.fixture
def case(database):
    with database.act() as (db, desk):
        return paying.an_invoice(db, desk)


def client_of(db, case) -> int:
    return db.get_one(Invoice, case.invoice_id).client_id


def test_appointments_stand_with_the_latest_on_top_and_the_tab_they_are_on(database, session):
    with database.act() as (db, _desk):
        service = a.a_service(db, session.practice, name="Intake 90 min")
        a.an_appointment(db, session.client, service, session.member, ends=NOON + timedelta(days=1))
        a.an_appointment(db, session.client, service, session.member, ends=NOON - timedelta(days=9), state="missed")
    found = database.do(client_history.appointments_of, session.who, client_id=session.client.id)
    assert [(one.service_name, one.state) for one in found] == [
        ("Intake 90 min", "Upcoming"),
        ("Psychotherapy 60 min", "Open"),
        ("Intake 90 min", "Missed"),
    ]


def test_an_invoice_stands_with_its_number_amount_and_status(database, case, db):
    found = database.do(client_history.invoices_of, case.owner, client_id=client_of(db, case))
    assert [(one.id, one.number, one.total, one.label) for one in found] == [
        (case.invoice_id, "KHA-0001", "R\u00a01\u00a0250,00", "Sent")
    ]


def test_another_practices_client_has_no_history_here(database, case, db):
    with database.act() as (writing, desk):
        other = paying.an_invoice(writing, desk).owner
    assert database.do(client_history.invoices_of, other, client_id=client_of(db, case)) == ()
    assert database.do(client_history.appointments_of, other, client_id=client_of(db, case)) == ()


@pytest.mark.parametrize("given", [None, "x", 0, -3, True, [1]])
def test_a_client_that_cannot_be_is_not_found(database, session, given):
    for service in (client_history.appointments_of, client_history.invoices_of):
        with pytest.raises(NotFound):
            database.do(service, session.who, client_id=given)


def test_every_role_that_sees_billing_sees_the_invoices(database, case, db):
    who = Principal(case.owner.member_id, case.practice_id, Role.READ_ONLY, "Reader")
    assert len(database.do(client_history.invoices_of, who, client_id=client_of(db, case))) == 1
