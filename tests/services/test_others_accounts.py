"""Whoever owns an account at a gateway can sign any event for it. What it says of others' payments is not believed."""

import json

import pytest
from sqlmodel import select

from tests.giving_back import paid_online
from tests.paying import Case, a_fact, a_worker, an_outside, asked_to_pay, only
from trova_app.adapters import signed_events
from trova_app.models import GatewayAccount, Payment, PaymentRequest, ProviderEvent, Refund, ReviewItem
from trova_app.services import early_events, payments, provider_events
from trova_app.services.outcomes import Result

INSTANCE = "here"


@pytest.fixture
def victim(database) -> tuple[Case, Payment]:
    return paid_online(database, gateway="stripe")


@pytest.fixture
def attacker(database, victim) -> Case:
    """A practice of the same installation with an account of its own, and a link that stands open."""
    case = asked_to_pay(database, gateway="stripe", email="somebody@example.test")
    with database.act() as (db, _desk):
        request = request_of(db, case)
        given = {"practice_id": case.practice_id, "provider": "stripe", "mode": "test", "key_encrypted": "sealed"}
        db.add(GatewayAccount(**given, connected_at=request.created_at))
    return case


def request_of(db, case) -> PaymentRequest:
    return db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == case.invoice_id)).one()


def told(database, through: int | None, payment: str, **metadata: str) -> None:
    """A refund of this payment, as the account of practice `through` tells it."""
    about = {
        "id": "re_1", "object": "refund", "amount": 125000, "currency": "zar", "payment_intent": payment,
        "status": "succeeded", "metadata": metadata,
    }  # fmt: skip
    event = {"id": "evt_1", "type": "refund.created", "livemode": False, "created": 1, "data": {"object": about}}
    kept = signed_events.kept_event(json.loads(json.dumps(event)))
    with database.act() as (db, desk):
        provider_events.receive(
            db, desk, provider="stripe", instance=INSTANCE, event=kept, through=through,
            facts=signed_events.facts_of("stripe", kept.body),
        )  # fmt: skip
    a_worker(database, an_outside(gateways={"stripe": Told()})).run_once()


class Told:
    """A gateway that only hears."""

    name, account_ref = "stripe", ""

    def facts_of(self, body: str):
        return signed_events.facts_of("stripe", body)

    def must_be_read(self, body: str) -> str:
        return signed_events.must_be_read(body)


def test_a_refund_of_anothers_payment_beside_ones_own_reference_counts_for_nobody(database, db, victim, attacker):
    case, payment = victim
    with database.act(writes=False) as (own, _desk):
        mine = request_of(own, attacker).request_uuid
    told(
        database, attacker.practice_id, payment.provider_payment_id, trova_instance=INSTANCE, trova_request=mine
    )  # fmt: skip
    assert db.exec(select(Refund)).all() == []
    assert payments.paid_minor(db, case.invoice_id) == 125000


def test_a_refund_told_before_its_payment_arrives_waits_for_its_own_practices_only(database, db, attacker):
    case = asked_to_pay(database, gateway="stripe", email="sipho@example.test")
    with database.act(writes=False) as (own, _desk):
        fact = a_fact(request_of(own, case))
    told(database, attacker.practice_id, fact.provider_payment_id)
    with database.act() as (own, desk):
        payments.ingest(own, desk, fact)
    a_worker(database, an_outside(gateways={"stripe": Told()})).run_once()
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert only(db, ProviderEvent).practice_id is None
    assert db.exec(select(Refund)).all() == []


def test_the_same_refund_told_by_the_installations_account_counts(database, db, victim, attacker):
    """Only so do the two above mean anything."""
    case, payment = victim
    told(database, None, payment.provider_payment_id)
    assert only(db, Refund).state == "succeeded"
    assert payments.paid_minor(db, case.invoice_id) == 0


def test_a_name_taken_by_an_account_without_one_keeps_no_event_of_another_account_out(database, db, victim, attacker):
    case, payment = victim
    told(database, attacker.practice_id, "pi_nobodys")
    told(database, None, payment.provider_payment_id)
    assert payments.paid_minor(db, case.invoice_id) == 0


def test_a_payment_of_another_request_is_not_counted_twice_and_a_person_is_asked(database, db, victim, attacker):
    case, payment = victim
    with database.act() as (own, desk):
        fact = a_fact(request_of(own, attacker), provider_payment_id=payment.provider_payment_id)
        assert payments.ingest(own, desk, fact).result is Result.QUARANTINED
    assert payments.paid_minor(db, attacker.invoice_id) == 0
    assert payments.paid_minor(db, case.invoice_id) == 125000
    item = only(db, ReviewItem)
    assert (item.kind, item.practice_id) == ("wrong_account", attacker.practice_id)


# Other software in the same account


def waiting(database, days: int) -> list[tuple[str, bool]]:
    """After so many days more and a look at the account."""
    database.clock.advance(minutes=days * 24 * 60)
    with database.act() as (db, desk):
        early_events.give_up(db, desk)
    told(database, None, "pi_of_a_shop")  # gateways tell of it again for 30 days
    with database.act(writes=False) as (db, _desk):
        return [(one.state, "pi_of_a_shop" in one.body) for one in db.exec(select(ProviderEvent))]


def test_of_other_softwares_refund_nothing_is_kept_once_its_payment_has_not_come(database, victim):
    told(database, None, "pi_of_a_shop")
    assert waiting(database, days=6) == [("received", True)]
    assert waiting(database, days=2) == [("ignored", False)]
    assert waiting(database, days=26) == [("ignored", False)]
    database.clock.advance(minutes=2 * 24 * 60)
    with database.act() as (db, desk):
        early_events.give_up(db, desk)
        assert db.exec(select(ProviderEvent)).all() == []


def test_a_refund_told_before_its_payment_is_let_in_after_six_days(database, attacker, db):
    told(database, None, "pi_late")
    database.clock.advance(minutes=6 * 24 * 60)
    with database.act() as (inside, desk):
        early_events.give_up(inside, desk)
        victims = inside.exec(select(PaymentRequest).order_by(PaymentRequest.id)).first()
        payments.ingest(inside, desk, a_fact(victims, provider_payment_id="pi_late"))
    a_worker(database, an_outside(gateways={"stripe": Told()})).run_once()
    assert only(db, Refund).amount_minor == 125000
    database.clock.advance(minutes=40 * 24 * 60)
    with database.act() as (inside, desk):
        early_events.give_up(inside, desk)
    db.rollback()
    assert "pi_late" in only(db, ProviderEvent).body
