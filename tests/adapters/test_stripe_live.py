"""Stripe itself, where somebody lends a test key: `STRIPE_API_KEY=rk_test_... python -m pytest -m stripe_live`.

What is demanded of every gateway is demanded of it, as far as nobody has to type a card; and each demand made here of
Stripe is made of the stand-in in every run, so that neither can drift from the other unseen. A live key is refused.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.adapters.conformance import OTHER, SPEC, Conformance, House, giving_back, paying, ref
from tests.adapters.test_conformance import NOWHERE, SignedLikeStripe
from tests.contract import stand_in
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.domain.gateways import Closed, GatewayTrouble, LinkSpec, OpenedLink, RequestFact

__all__ = ["giving_back", "paying"]

HOOK = "https://practice.example/hooks/stripe/0123456789abcdef0123456789abcdef"


def fresh(spec: LinkSpec) -> LinkSpec:
    """Nobody has asked for it before: Stripe remembers keys for a day."""
    name = str(uuid.uuid4())
    return replace(spec, request_uuid=name, idempotency_key=f"trova/here/{name}/create/1")


@dataclass
class AtStripe(SignedLikeStripe):
    """Whatever was opened is closed at the end, whatever became of the test."""

    pays: bool = False
    server: Any = None

    def __post_init__(self) -> None:
        self.spec, self.other = fresh(SPEC), fresh(OTHER)
        self.opened: dict[str, tuple[LinkSpec, OpenedLink]] = {}
        open_there = self.gateway.open

        def noted(spec: LinkSpec) -> OpenedLink:
            link = open_there(spec)
            self.opened[link.provider_ref] = spec, link
            return link

        self.gateway.open = noted

    def tidy(self) -> None:
        for spec, link in self.opened.values():
            self.gateway.close(ref(spec, link))

    def out_of_reach(self) -> StripeLinks:
        return StripeLinks("sk_test_1", NOWHERE)

    def breaches(self) -> list[str]:
        return self.server.breaches if self.server else []


@contextmanager
def at_the_stand_in() -> Iterator[AtStripe]:
    with stand_in.served() as server:
        yield AtStripe(StripeLinks("sk_test_1", server.url), server=server)


@contextmanager
def at_stripe_itself() -> Iterator[AtStripe]:
    key = os.environ.get("STRIPE_API_KEY", "")
    if not key:
        pytest.skip("no STRIPE_API_KEY: lend a test key to run this against Stripe itself")
    if not key.startswith(("sk_test_", "rk_test_")):
        pytest.fail("STRIPE_API_KEY is no test key. These tests never touch a live account.")
    yield AtStripe(StripeLinks(key, os.environ.get("TROVA_STRIPE_API_BASE", "")))


STRIPE_ITSELF = pytest.param(at_stripe_itself, id="Stripe itself", marks=pytest.mark.stripe_live)


@pytest.fixture(params=[pytest.param(at_the_stand_in, id="stand-in"), STRIPE_ITSELF])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with request.param() as made:
        yield made
        made.tidy()
        assert made.breaches() == []


class TestStripeAsEveryGateway(Conformance):
    pass


def test_a_link_is_opened_read_back_listed_and_closed_for_good(house):
    opened = house.gateway.open(house.spec)
    assert opened.url.startswith("https://")
    (active,) = house.gateway.read(ref(house.spec, opened))
    assert isinstance(active, RequestFact)
    assert (active.state, active.provider_ref, active.is_live) == ("active", opened.provider_ref, False)
    assert (active.instance, active.request_uuid) == ("here", house.spec.request_uuid)
    assert house.gateway.find(house.spec.request_uuid) == opened
    assert house.gateway.close(ref(house.spec, opened)) == Closed()
    assert [fact.state for fact in house.gateway.read(ref(house.spec, opened))] == ["inactive"]
    assert house.gateway.find(house.spec.request_uuid) is None


@pytest.mark.parametrize(("minor", "currency"), [(5000, "ZAR"), (99_999_999, "ZAR"), (2500, "USD"), (5000, "JPY")])
def test_a_link_is_over_the_amount_to_the_last_cent_in_each_currency(house, minor, currency):
    """`open` reads the line back and refuses one over anything else."""
    assert house.gateway.open(replace(house.spec, amount_minor=minor, currency=currency)).provider_ref


def test_another_amount_under_the_same_key_is_refused(house):
    house.gateway.open(house.spec)
    with pytest.raises(GatewayTrouble) as trouble:
        house.gateway.open(replace(house.spec, amount_minor=house.spec.amount_minor + 1))
    assert trouble.value.is_permanent


def test_a_key_stripe_does_not_know_is_told_from_a_line_that_is_down(house):
    base = house.server.url if house.server else os.environ.get("TROVA_STRIPE_API_BASE", "")
    with pytest.raises(GatewayTrouble) as trouble:
        StripeLinks("sk_test_wrong0123456789", base).check_key()
    assert trouble.value.is_permanent
    assert "did not accept the key" in trouble.value.sentence
    house.gateway.check_key()


def test_an_endpoint_for_events_is_made_once_with_a_secret_and_taken_away(house):
    instance = f"here/{uuid.uuid4()}"
    made = [house.gateway.make_endpoint(HOOK, instance, f"trova/{instance}") for _ in range(2)]
    try:
        assert made[0] == made[1] and made[0].secret.startswith("whsec_")
        assert house.gateway.endpoints_of(instance) == {made[0].endpoint_ref: HOOK}
    finally:
        house.gateway.remove_endpoint(made[0].endpoint_ref)
    assert house.gateway.endpoints_of(instance) == {}


def test_what_happened_lately_can_be_listed(house):
    page = house.gateway.list_facts(datetime.now(UTC) - timedelta(minutes=5), None)
    assert all(not item.event.is_live for item in page.items)


@pytest.mark.parametrize("key", ["sk_live_0123456789abcdef", "rk_live_0123456789abcdef", "pk_test_0123456789abcdef"])
def test_a_live_key_is_never_used_here(monkeypatch, key):
    monkeypatch.setenv("STRIPE_API_KEY", key)
    with pytest.raises(pytest.fail.Exception, match="no test key"), at_stripe_itself():
        pass


def test_without_a_key_stripe_itself_is_left_alone(monkeypatch):
    monkeypatch.delenv("STRIPE_API_KEY", raising=False)
    with pytest.raises(pytest.skip.Exception), at_stripe_itself():
        pass
