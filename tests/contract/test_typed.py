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
from tests.contract.typed import fields_of, typed_faults
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
