"""The client's own types and Stripe's document must agree about what we send; a new client that moves it fails here."""

import pytest
from stripe.params import (
    PaymentLinkCreateParams,
    PaymentLinkUpdateParams,
    RefundCreateParams,
    WebhookEndpointCreateParams,
)

from tests.adapters.test_stripe_links import REFUND, SPEC
from tests.contract import wire
from tests.contract.stand_in import Call, StandIn
from tests.contract.test_wire import ENDPOINT, GOOD
from tests.contract.typed import fields_of, sent_faults, typed_faults
from trova_app.adapters.stripe_links import endpoint_params, link_params, refund_params


def test_our_link_fits_the_clients_own_types():
    assert typed_faults(PaymentLinkCreateParams, link_params(SPEC)) == []


@pytest.mark.parametrize(
    ("params", "asked"),
    [
        (RefundCreateParams, refund_params(REFUND)),
        (PaymentLinkUpdateParams, {"active": False}),
        (WebhookEndpointCreateParams, endpoint_params("https://trova.example/hooks/stripe/a", "here")),
    ],
)
def test_what_else_we_ask_fits_them_too(params, asked):
    assert typed_faults(params, asked) == []
    assert typed_faults(params, asked | {"unheard_of": 1}) != []


@pytest.mark.parametrize(
    "wrong",
    [
        {"line_itmes": []},
        {"line_items": [{"price_data": {"currency": "zar"}}]},
        {"line_items": "one"},
        {"metadata": {"trova_request": 7}},
        {"restrictions": {"completed_sessions": {"limit": "1"}}},
        {"idempotency_key": "k"},
    ],
)
def test_a_link_that_does_not_fit_the_types_is_caught(wrong):
    assert typed_faults(PaymentLinkCreateParams, link_params(SPEC) | wrong) != []


def test_client_and_document_know_the_same_fields_of_a_new_link():
    found = wire.operation("POST", "/v1/payment_links")
    assert found
    described = set(wire.request_schema(found[0], "POST")["properties"])
    assert set(fields_of(PaymentLinkCreateParams)) == described


# The same on the wire, where all is text


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("POST", "/v1/payment_links", GOOD),
        ("POST", "/v1/payment_links/plink_1", "active=false"),
        ("POST", "/v1/webhook_endpoints", ENDPOINT),
        ("GET", "/v1/events", "created[gte]=1773828000&types[0]=charge.refunded&limit=100"),
        ("GET", "/v1/account", ""),
        ("DELETE", "/v1/webhook_endpoints/we_1", ""),
    ],
)
def test_a_good_request_fits_the_clients_types_as_it_arrives(method, path, form):
    assert sent_faults(method, path, wire.decoded(form)) == []
    assert sent_faults(method, path, wire.decoded(f"{form}&unheard_of=1")) == ["[unheard_of] is unknown"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[unit_amount]", "[unit_ammount]"),
        ("=125000", "=850.0"),
        ("line_items[0][quantity]=1", "line_items[0][quantity]=one"),
        ("line_items[0][price_data][currency]=zar&", ""),
        ("submit_type=pay", "customer=cus_1"),
        ("metadata[a]=b", "restrictions[completed_sessions][limit]=true"),
        ("metadata[a]=b", "metadata[a][b]=c"),
    ],
)
def test_what_does_not_fit_them_is_caught_as_it_arrives(old, new):
    assert old in GOOD
    assert sent_faults("POST", "/v1/payment_links", wire.decoded(GOOD.replace(old, new))) != []


def test_a_call_the_client_does_not_have_is_caught():
    assert sent_faults("POST", "/v1/payment_link", {}) == ["POST /v1/payment_link is none of the client's calls"]


@pytest.mark.parametrize("switch", ["", 500])
def test_the_stand_in_holds_what_it_is_asked_to_both_also_where_it_answers_with_an_error(switch):
    stand_in = StandIn(switches=[switch])
    form = GOOD.replace("[unit_amount]", "[unit_ammount]")
    stand_in.answer(Call("POST", "/v1/payment_links", wire.decoded(form), {"authorization": "Bearer rk_test_1"}, form))
    where = "[line_items][0][price_data][unit_ammount] is unknown"
    assert {where, f"{where} (client)"} <= set(stand_in.breaches)
    with pytest.raises(AssertionError):
        stand_in.clear()
