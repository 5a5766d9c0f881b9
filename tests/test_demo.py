"""The demo practice: what somebody finds who tries Trova for the first time, at any hour of any day."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, func, select

from tests.conftest import Database, FixedClock
from trova_app import demo
from trova_app.demo_people import OWNER, RECEPTION
from trova_app.domain.appointments import Tab
from trova_app.domain.permissions import Principal, Role
from trova_app.models import Appointment, Client, Invoice, Member, Payment, Practice, ServiceLine
from trova_app.services import appointments
from trova_app.services.balances import given_back, invoice_label, paid_minor

MOMENTS = [
    datetime(2026, 3, 18, 10, 0, tzinfo=UTC),  # a Wednesday at noon
    datetime(2026, 3, 15, 22, 30, tzinfo=UTC),  # a Monday, half an hour old
    datetime(2026, 1, 3, 20, 59, tzinfo=UTC),  # a Saturday after the turn of the year
    datetime(2028, 2, 29, 4, 0, tzinfo=UTC),
]


def seeded(database) -> Principal:
    with database.act() as (db, desk):
        assert demo.seed_into(db, desk, lambda password: f"hash of {password}")
        owner = db.exec(select(Member).where(Member.email == OWNER["email"])).one()
        return Principal(owner.id, owner.practice_id, Role(owner.role), owner.name)


@pytest.fixture(scope="module")
def demo_practice(kept_engine) -> tuple[Database, Principal]:
    database = Database(kept_engine, FixedClock())
    return database, seeded(database)


@pytest.fixture
def house(demo_practice) -> Database:
    """The database of the demo practice; tests only look at it."""
    return demo_practice[0]


@pytest.fixture
def who(demo_practice) -> Principal:
    return demo_practice[1]


@pytest.fixture
def db(house) -> Iterator[Session]:
    with house.act(writes=False) as (session, _desk):
        yield session


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_tab_has_something_on_it_at_any_hour(database, clock, moment):
    clock._now = moment
    counts = database.do(appointments.counts, seeded(database))
    assert counts[Tab.OPEN] >= 8
    assert min(counts.values()) >= 3


def test_seeding_again_changes_nothing(house, db):
    with house.act() as (work, desk):
        assert not demo.seed_into(work, desk, lambda password: "another")
    assert db.exec(select(func.count()).select_from(Practice)).one() == 1
    assert db.exec(select(Member.password_hash)).all() == ["hash of trova-demo"] * 2


def test_owner_and_reception_sign_in_to_a_demo_practice_of_its_own(db):
    practice = db.exec(select(Practice)).one()
    assert (practice.mode, practice.number_prefix, practice.currency, practice.charges_tax) == (
        "demo",
        "DEMO",
        "ZAR",
        False,
    )
    roles = {member.email: member.role for member in db.exec(select(Member))}
    assert roles == {OWNER["email"]: "owner", RECEPTION["email"]: "reception"}


def test_its_clients_are_insured_and_private_and_one_has_no_mail_address(db):
    clients = db.exec(select(Client)).all()
    assert len(clients) >= 12
    assert [c.first_name for c in clients if not c.email] == ["Sipho"]
    assert {bool(c.scheme_id) for c in clients} == {True, False}
    assert all(c.email.endswith(".test") for c in clients if c.email)
    assert max(len(f"{c.first_name} {c.last_name}") for c in clients) > 60


def test_every_service_costs_what_its_lines_come_to(house, who, db):
    for appointment in db.exec(select(Appointment.id)).all():
        shown = house.do(appointments.details, who, appointment_id=appointment)
        assert shown.service_lines
        lines = db.exec(select(ServiceLine)).all()
        assert all(line.code and line.unit_price > 0 for line in lines)
    assert shown.service_total


def test_its_bills_stand_at_every_stage(db):
    labels = Counter(
        invoice_label(invoice, int(paid), datetime(2026, 3, 18, tzinfo=UTC).date(), given_back=back).value
        for invoice, paid, back in db.exec(select(Invoice, paid_minor(), given_back()))
    )
    assert set(labels) == {"Draft", "Sent", "Ready to claim", "Partly paid", "Paid", "Overdue"}


def test_numbers_follow_the_days_they_were_issued_on(db):
    issued = db.exec(
        select(Invoice.number, Invoice.issue_date).where(Invoice.status == "issued").order_by(Invoice.number)
    ).all()
    assert [number for number, _ in issued] == list(range(1, len(issued) + 1))
    days = [day for _, day in issued]
    assert days == sorted(days)
    assert all(payment.received_on >= days[0] for payment in db.exec(select(Payment)))


def test_nothing_billed_lies_in_the_future(house, db):
    today = house.clock.now().date()
    assert all(invoice.created_at <= house.clock.now() for invoice in db.exec(select(Invoice)))
    assert all(day <= today for day in db.exec(select(Invoice.issue_date).where(Invoice.status == "issued")))


def test_nobody_is_in_two_sessions_at_once_with_the_same_client(db):
    kept = sorted((a.client_id, a.starts_at, a.ends_at) for a in db.exec(select(Appointment)))
    for (client, _, ends), (other, starts, _) in zip(kept, kept[1:], strict=False):
        assert client != other or ends <= starts + timedelta(0)
