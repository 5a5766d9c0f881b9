"""The check itself: it must let good requests through and catch what Stripe would refuse."""

import pytest

from tests.contract import wire

GOOD = (
    "line_items[0][quantity]=1&line_items[0][price_data][currency]=zar&line_items[0][price_data][unit_amount]=125000"
    "&line_items[0][price_data][product_data][name]=Invoice&submit_type=pay&metadata[a]=b"
)


def faults(form: str) -> list[str]:
    return wire.request_faults("POST", "/v1/payment_links", wire.decoded(form))


def test_a_good_link_passes():
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[unit_amount]", "[unit_ammount]"),
        ("=125000", "=850.0"),
        ("=125000", "=850.00"),
        ("=125000", "=-1"),
        ("line_items[0][quantity]=1&", ""),
        ("=zar", "=ZAR"),
        ("=pay&", "=paynow&"),
        ("submit_type", "expires_at"),
        ("submit_type=pay", "customer=cus_1"),
        ("metadata[a]=b", "metadata[a]=" + "b" * 501),
        ("metadata[a]=b", "line_items[0][price]=price_1"),
        ("metadata[a]=b", "restrictions[completed_sessions][limits]=1"),
    ],
)
def test_what_stripe_would_refuse_is_caught(old, new):
    assert old in GOOD
    assert faults(GOOD.replace(old, new)) != []


def test_a_call_that_is_not_in_the_document_is_caught():
    assert wire.request_faults("POST", "/v1/payment_link", {}) != []
    assert wire.request_faults("DELETE", "/v1/payment_links", {}) != []


def test_a_query_is_held_to_its_parameters():
    assert wire.request_faults("GET", "/v1/checkout/sessions", wire.decoded("payment_link=plink_1&limit=100")) == []
    assert wire.request_faults("GET", "/v1/checkout/sessions", wire.decoded("metadata[a]=b")) != []


@pytest.mark.parametrize("name", ["payment_link", "checkout.session", "event", "item"])
def test_answers_are_held_to_the_document_too(name):
    schema = wire.named(name)
    good = wire.example(schema)
    assert wire.schema_faults(schema, good, "", is_sent=False) == []
    wrong = good | {"id": 7}
    assert wire.schema_faults(schema, wrong, "", is_sent=False) != []


def test_a_session_paid_in_a_word_stripe_does_not_use_is_caught():
    session = wire.example(wire.named("checkout.session"), payment_status="payed")
    assert wire.schema_faults(wire.named("checkout.session"), session, "", is_sent=False) != []


ENDPOINT = "url=https%3A%2F%2Fa.example&enabled_events[0]=charge.refunded&api_version=2026-10-28.endive"


def test_an_endpoint_may_ask_for_a_version_newer_than_the_document_and_for_no_unknown_event():
    assert wire.request_faults("POST", "/v1/webhook_endpoints", wire.decoded(ENDPOINT)) == []
    unknown = ENDPOINT.replace("charge.refunded", "charge.refundet")
    assert wire.request_faults("POST", "/v1/webhook_endpoints", wire.decoded(unknown)) != []


def test_an_event_is_held_to_the_document_with_what_it_is_about():
    session = wire.example(wire.named("checkout.session"), payment_status="paid")
    event = wire.example(wire.named("event"), type="checkout.session.completed", data={"object": session})
    wire.must_be_an_event(event)
    wrong = [{"type": "checkout.session.complete"}, {"data": {"object": session | {"payment_status": "payed"}}}]
    for given in [*wrong, {"livemode": "false"}]:
        with pytest.raises(AssertionError):
            wire.must_be_an_event(event | given)
