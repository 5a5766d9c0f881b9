"""A practice's own account, as Settings uses it: trying the key, webhooks, a test payment. Against both stand-ins."""

from collections.abc import Iterator

import pytest
import stripe

from tests.contract import paystack_stand_in, stand_in
from trova_app import own_gateways
from trova_app.domain.gateways import GatewayTrouble
from trova_app.services.gateway_accounts import Connection
from trova_app.settings import Settings

STRIPE_KEY = "sk_test_51AbcDefGhi1Xyz"
URL = "https://practice.example/hooks/stripe/0123456789abcdef0123456789abcdef"
BACK = "https://practice.example/settings/payments"


@pytest.fixture
def stripes() -> Iterator[stand_in.StandIn]:
    with stand_in.served() as server:
        yield server
        assert server.breaches == []


@pytest.fixture
def paystack() -> Iterator[paystack_stand_in.PaystackStandIn]:
    with paystack_stand_in.served() as server:
        yield server
        assert server.breaches == []


@pytest.fixture(autouse=True)
def chosen(stripes, paystack, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.002)
    settings = Settings(_env_file=None, mode="test", stripe_api_base=stripes.url, paystack_api_base=paystack.url)
    monkeypatch.setattr(own_gateways, "settings", lambda: settings)
    return settings


def held(provider: str = "stripe", **given: str) -> Connection:
    key = STRIPE_KEY if provider == "stripe" else paystack_stand_in.KEY
    return Connection(1, 3, provider, key, **given)


def test_a_key_is_tried_without_changing_anything(chosen, stripes, paystack):
    assert own_gateways.tried_key(chosen, "stripe", STRIPE_KEY).startswith("acct_")
    assert own_gateways.tried_key(chosen, "paystack", paystack_stand_in.KEY) == ""
    assert {call.method for call in [*stripes.calls, *paystack.calls]} == {"GET"}


@pytest.mark.parametrize(("provider", "key"), [("stripe", "rk_test_refused1"), ("paystack", "sk_test_refused1")])
def test_a_key_the_gateway_does_not_know_is_told_in_a_sentence_without_it(chosen, stripes, paystack, provider, key):
    stripes.switches[:] = paystack.switches[:] = [401]
    with pytest.raises(GatewayTrouble) as trouble:
        own_gateways.tried_key(chosen, provider, key)
    assert trouble.value.is_permanent
    assert "did not accept the key" in trouble.value.sentence and key not in trouble.value.sentence


def test_connecting_webhooks_again_leaves_one_endpoint(stripes):
    first = own_gateways.endpoint_made(held(), URL, "here/3")
    second = own_gateways.endpoint_made(held(), URL, "here/3")
    assert first.secret and second.secret and first.endpoint_ref != second.endpoint_ref
    assert set(stripes.books.endpoints) == {second.endpoint_ref}


def test_another_practices_webhooks_of_the_same_account_are_left_alone(stripes):
    other = own_gateways.endpoint_made(held(), URL.replace("0", "f"), "here/4")
    mine = own_gateways.endpoint_made(held(), URL, "here/3")
    assert set(stripes.books.endpoints) == {other.endpoint_ref, mine.endpoint_ref}


def test_an_endpoint_says_what_it_wants_to_hear_and_in_which_version(stripes):
    own_gateways.endpoint_made(held(), URL, "here/3")
    asked = next(call.params for call in stripes.calls if call.method == "POST")
    assert asked["url"] == URL
    assert len(asked["enabled_events"]) == 14
    assert asked["api_version"] == stripe.api_version


def test_disconnecting_takes_the_endpoint_away_and_does_not_mind_if_it_is_gone(stripes):
    made = own_gateways.endpoint_made(held(), URL, "here/3")
    for _ in range(2):
        own_gateways.endpoint_gone(held(endpoint_ref=made.endpoint_ref))
    assert stripes.books.endpoints == {}
    own_gateways.endpoint_gone(held())


@pytest.mark.parametrize(("currency", "sent"), [("ZAR", "2000"), ("USD", "50"), ("JPY", "50"), ("KWD", "2000")])
def test_a_test_payment_asks_for_little_and_carries_no_reference_of_ours(stripes, currency, sent):
    assert own_gateways.test_link(held(), currency, BACK).startswith("https://")
    asked = next(call.params for call in stripes.calls if call.method == "POST")
    assert asked["line_items"][0]["price_data"]["unit_amount"] == sent
    assert asked["line_items"][0]["price_data"]["product_data"]["name"] == "Test payment"
    assert asked["metadata"]["trova_instance"] == "test payment"


def test_a_test_payment_at_paystack_leads_to_its_page(paystack):
    assert own_gateways.test_link(held("paystack"), "ZAR", BACK).startswith("https://checkout.paystack.test/")
    (made,) = paystack.transactions.values()
    assert (made["amount"], made["currency"]) == (2000, "ZAR")


def test_one_client_serves_all_calls_with_one_key(chosen):
    first, again = (own_gateways.gateway_with(chosen, "stripe", STRIPE_KEY) for _ in range(2))
    assert first is again
    assert own_gateways.gateway_with(chosen, "stripe", STRIPE_KEY + "2") is not first
