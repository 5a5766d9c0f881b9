"""A practice's own account: trying the key, and the client kept for it. Against both stand-ins."""

from collections.abc import Iterator

import pytest

from tests.contract import paystack_stand_in
from trova_app import own_gateways
from trova_app.domain.gateways import GatewayTrouble
from trova_app.settings import Settings

STRIPE_KEY = "sk_test_51AbcDefGhi1Xyz"


@pytest.fixture
def paystack() -> Iterator[paystack_stand_in.PaystackStandIn]:
    with paystack_stand_in.served() as server:
        yield server
        assert server.breaches == []


@pytest.fixture(autouse=True)
def chosen(stripes, paystack) -> Settings:
    settings = Settings(_env_file=None, mode="test", stripe_api_base=stripes.url, paystack_api_base=paystack.url)
    own_gateways._kept.cache_clear()
    return settings


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


def test_a_person_who_waits_waits_for_one_try_of_each_call_and_what_was_typed_is_not_kept(chosen, stripes, paystack):
    stripes.switches[:] = paystack.switches[:] = [503] * 3
    for provider, key in (("stripe", STRIPE_KEY), ("paystack", paystack_stand_in.KEY)):
        with pytest.raises(GatewayTrouble) as trouble:
            own_gateways.tried_key(chosen, provider, key)
        assert not trouble.value.is_permanent
    assert (len(stripes.calls), len(paystack.calls)) == (1, 1)
    assert own_gateways._kept.cache_info().currsize == 0


def test_one_client_serves_all_calls_with_one_key(chosen):
    first, again = (own_gateways.gateway_with(chosen, "stripe", STRIPE_KEY) for _ in range(2))
    assert first is again
    assert own_gateways.gateway_with(chosen, "stripe", STRIPE_KEY + "2") is not first
