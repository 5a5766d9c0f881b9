"""The simulated gateway tells its story in Stripe's form, and never in live mode."""

import pytest

from tests.adapters.test_stripe_links import SPEC
from tests.conftest import NOON
from trova_app.adapters import signed_events
from trova_app.adapters.simulated import SimulatedGateway
from trova_app.domain.gateways import BadEvent, LinkRef


@pytest.fixture
def gateway() -> SimulatedGateway:
    return SimulatedGateway("http://localhost:3000", "demo")


def heard(gateway, answer):
    raw = gateway.said(SPEC, answer, NOON)
    event = gateway.parse_event(raw, signed_events.signature(raw, "s", NOON), ("s",), NOON)
    return gateway.facts_of(event.body)


def test_no_pretended_money_in_live_mode():
    with pytest.raises(ValueError, match="live mode"):
        SimulatedGateway("https://trova.example", "live")


def test_opening_again_gives_the_same_link(gateway):
    link = gateway.open(SPEC)
    assert link.url == f"http://localhost:3000/sim/pay/{SPEC.request_uuid}"
    assert gateway.open(SPEC) == link == gateway.find(SPEC.request_uuid)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("pay", "succeeded"),
        ("slow", "pending"),
        ("arrived", "succeeded"),
        ("failed", "failed"),
        ("decline", "declined"),
    ],
)
def test_each_choice_is_told_as_stripe_would_tell_it(gateway, answer, state):
    (fact,) = heard(gateway, answer)
    assert (fact.state, fact.amount_minor, fact.currency, fact.is_live) == (state, 125000, "ZAR", False)
    assert (fact.request_uuid, fact.instance, fact.provider) == (SPEC.request_uuid, "here", "simulated")
    assert fact.provider_payment_id.startswith("sim_")


def test_one_request_is_one_payment_however_often_it_is_told(gateway):
    facts = [heard(gateway, answer)[0] for answer in ("slow", "arrived", "pay", "pay")]
    assert len({fact.provider_payment_id for fact in facts}) == 1


def test_asking_tells_what_was_done(gateway):
    link = gateway.open(SPEC)
    ref = LinkRef(link.provider_ref, SPEC.request_uuid, SPEC.amount_minor, SPEC.currency)
    assert gateway.read(ref) == []
    heard(gateway, "decline")
    heard(gateway, "pay")
    assert [fact.state for fact in gateway.read(ref)] == ["succeeded"]


def test_a_choice_that_is_none_is_refused(gateway):
    with pytest.raises(ValueError, match="no such answer"):
        gateway.said(SPEC, "refund", NOON)


def test_an_event_signed_by_nobody_is_refused(gateway):
    with pytest.raises(BadEvent):
        gateway.parse_event(gateway.said(SPEC, "pay", NOON), "", ("s",), NOON)
