"""Stripe's official client against a server that holds every call to Stripe's own description of its API."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stripe

from tests import paying
from tests.adapters import conformance
from tests.conftest import NOON
from tests.contract.stand_in import DROP_REPLY, StandIn, an_event
from trova_app.adapters import signed_events, stripe_links
from trova_app.adapters.stripe_links import StripeLinks, link_params
from trova_app.domain.gateways import AlreadyPaid, BadEvent, Closed, GatewayTrouble, LinkRef, RefundSpec

SPEC = replace(conformance.SPEC, return_url="http://localhost:3000/pay/back/7f0c")


@pytest.fixture
def gateway(stripes: StandIn) -> StripeLinks:
    return StripeLinks("sk_test_1", stripes.url)


def ref(link, spec=SPEC) -> LinkRef:
    return LinkRef(link.provider_ref, spec.request_uuid, spec.amount_minor, spec.currency)


def test_a_link_asks_for_exactly_what_is_due_once(stripes, gateway):
    link = gateway.open(SPEC)
    assert (link.provider_ref, link.url) == ("plink_1", "https://pay.stripe.test/plink_1")
    asked = stripes.calls[0].params
    (line,) = asked["line_items"]
    assert (line["quantity"], line["price_data"]["unit_amount"], line["price_data"]["currency"]) == (
        "1",
        "125000",
        "zar",
    )
    assert asked["restrictions"] == {"completed_sessions": {"limit": "1"}}
    assert asked["metadata"] == SPEC.reference()
    assert asked["payment_intent_data"]["metadata"] == SPEC.reference()
    assert asked["after_completion"]["redirect"]["url"].startswith("http://localhost:3000/pay/back/7f0c?session=")
    assert stripes.calls[0].headers["idempotency-key"] == SPEC.idempotency_key


def test_stripe_learns_one_neutral_line_and_our_own_references(stripes, gateway):
    gateway.open(SPEC)
    asked = stripes.calls[0].params
    words = {asked["line_items"][0]["price_data"]["product_data"]["name"], asked["payment_intent_data"]["description"]}
    assert words == {"Invoice KHA-0042"}
    assert set(asked) == set(link_params(SPEC))
    assert "x-stripe-client-telemetry" not in stripes.calls[-1].headers


def test_a_reply_that_got_lost_leads_to_the_same_link(stripes, gateway):
    stripes.switches[:] = [DROP_REPLY, DROP_REPLY, DROP_REPLY]
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.open(SPEC)
    assert not trouble.value.is_permanent
    assert gateway.open(SPEC).provider_ref == "plink_1"
    assert len(stripes.links) == 1
    assert {call.headers["idempotency-key"] for call in stripes.calls if call.method == "POST"} == {
        SPEC.idempotency_key
    }


def test_a_fault_of_stripes_is_tried_again_at_once_with_the_same_key(stripes, gateway):
    stripes.switches[:] = [500, 409]
    assert gateway.open(SPEC).provider_ref == "plink_1"
    assert [call.method for call in stripes.calls] == ["POST", "POST", "POST", "GET"]


@pytest.mark.parametrize("status", [500, 502, 429])
def test_what_will_pass_is_not_called_permanent(stripes, gateway, status):
    stripes.switches[:] = [status] * 3
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.open(SPEC)
    assert not trouble.value.is_permanent
    assert trouble.value.sentence.endswith("We will try again. (req_1)")


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_stripe_says_no_to_is_not_asked_again(stripes, gateway, status):
    stripes.switches[:] = [status]
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.open(SPEC)
    assert trouble.value.is_permanent
    assert len(stripes.calls) == 1


def test_a_wrong_key_says_where_to_put_the_right_one(stripes, monkeypatch):
    with pytest.raises(GatewayTrouble) as trouble:
        StripeLinks("rk_test_wrong", stripes.url).open(SPEC)
    assert trouble.value.is_permanent
    assert "STRIPE_API_KEY" in trouble.value.sentence


def test_the_same_key_for_another_amount_is_refused(stripes, gateway):
    gateway.open(SPEC)
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.open(replace(SPEC, amount_minor=1000))
    assert trouble.value.is_permanent
    assert len(stripes.links) == 1


def test_a_link_over_another_amount_than_ours_is_not_handed_out(stripes, gateway):
    gateway.open(SPEC)
    stripes.lines["plink_1"][0]["amount_total"] = 124999
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.open(SPEC)
    assert trouble.value.is_permanent
    assert stripes.books.payable() == []  # nor can it be paid by somebody who finds it


@pytest.mark.parametrize("refused", [401, 403, 400, 404])
@pytest.mark.parametrize(("closing", "left_open"), [([], ""), ([403], "plink_1"), ([500] * 3, "plink_1")])
def test_a_link_that_stripe_made_and_does_not_let_us_read_back_is_closed_or_named(
    stripes, gateway, refused, closing, left_open
):
    stripes.switches[:] = ["", refused, *closing]
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.open(SPEC)
    said = trouble.value
    assert (said.is_permanent, said.is_lost, said.left_open) == (True, False, left_open)
    assert stripes.books.payable() == ([left_open] if left_open else [])


def test_a_link_that_cannot_be_read_back_for_now_is_the_same_at_the_next_try(stripes, gateway):
    stripes.switches[:] = ["", 500, 500, 500]
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.open(SPEC)
    assert (trouble.value.is_permanent, trouble.value.left_open) == (False, "")
    assert (gateway.open(SPEC).provider_ref, stripes.books.payable()) == ("plink_1", ["plink_1"])


def test_a_link_that_was_found_again_is_read_back_like_a_new_one(stripes, gateway):
    opened = gateway.open(SPEC)
    begun = len(stripes.calls)
    assert gateway.open_again(SPEC, is_last_look=True) == opened
    assert "/v1/payment_links/plink_1/line_items" in [call.path for call in stripes.calls[begun:]]
    stripes.lines["plink_1"][0]["amount_total"] = 124999
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.open_again(SPEC, is_last_look=True)
    assert (trouble.value.is_permanent, stripes.books.payable()) == (True, [])
    assert gateway.open_again(replace(SPEC, idempotency_key="k2"), is_last_look=True).provider_ref == "plink_2"


@pytest.mark.parametrize(("closing", "left_open"), [([], ""), ([403], "plink_1"), ([500] * 3, "plink_1")])
def test_a_link_that_was_found_again_and_cannot_be_read_back_even_now_is_closed_or_named(
    stripes, gateway, closing, left_open
):
    gateway.open(SPEC)
    stripes.switches[:] = ["", 500, 500, 500, *closing]
    with pytest.raises(GatewayTrouble, match="did not let us see") as trouble:
        gateway.open_again(SPEC, is_last_look=True)
    assert (trouble.value.is_permanent, trouble.value.left_open) == (True, left_open)
    assert stripes.books.payable() == ([left_open] if left_open else [])


def test_a_link_that_was_found_again_and_cannot_be_read_back_for_now_waits_for_the_next_look(stripes, gateway):
    opened = gateway.open(SPEC)
    stripes.switches[:] = ["", 500, 500, 500]
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.open_again(SPEC, is_last_look=False)
    assert (trouble.value.is_permanent, stripes.books.payable()) == (False, ["plink_1"])
    assert gateway.open_again(SPEC, is_last_look=False) == opened


def test_a_link_in_a_currency_nobody_asked_for_is_not_handed_out(stripes, gateway):
    gateway.open(SPEC)
    stripes.lines["plink_1"][0]["currency"] = "xaf"
    with pytest.raises(GatewayTrouble):
        gateway.open(SPEC)
    assert stripes.books.payable() == []


@pytest.mark.parametrize(("key", "is_live"), [("sk_live_1", True), ("rk_live_1", True), ("rk_test_1", False)])
def test_the_key_says_whether_money_is_real(key, is_live):
    assert StripeLinks(key).is_live is is_live


@pytest.mark.parametrize(
    ("currency", "minor", "sent"),
    [
        ("ZAR", 125000, "125000"),
        ("JPY", 5000, "5000"),
        ("KWD", 5120, "5120"),
        ("UGX", 5000, "500000"),
        ("ISK", 1250, "125000"),
    ],
)
def test_amounts_go_out_in_stripes_own_decimals(stripes, gateway, currency, minor, sent):
    gateway.open(replace(SPEC, currency=currency, amount_minor=minor))
    price = stripes.calls[0].params["line_items"][0]["price_data"]
    assert (price["currency"], price["unit_amount"]) == (currency.lower(), sent)


def test_an_amount_that_cannot_be_charged_exactly_is_never_sent(stripes, gateway):
    with pytest.raises(ValueError, match="ends in 0"):
        gateway.open(replace(SPEC, currency="KWD", amount_minor=5124))
    assert stripes.calls == []


def test_a_link_whose_key_was_forgotten_is_found_by_our_reference(stripes, gateway):
    for n in range(130):
        gateway.open(replace(SPEC, request_uuid=f"other-{n}", idempotency_key=f"k{n}"))
    wanted = gateway.open(SPEC)
    for n in range(130, 240):
        gateway.open(replace(SPEC, request_uuid=f"other-{n}", idempotency_key=f"k{n}"))
    assert gateway.find(SPEC.request_uuid) == wanted
    assert gateway.find("nobody") is None


def test_an_account_with_very_many_links_is_not_looked_through_without_end(gateway, monkeypatch):
    wanted = gateway.open(SPEC)
    gateway.open(replace(SPEC, request_uuid="other", idempotency_key="k"))
    for most, found in ((2, wanted), (1, None)):
        monkeypatch.setattr(stripe_links, "MOST_LINKS_LOOKED_AT", most)
        assert gateway.find(SPEC.request_uuid) == found


@pytest.mark.parametrize(("status", "state"), [("paid", "succeeded"), ("unpaid", "pending")])
def test_asking_tells_what_became_of_the_link(stripes, gateway, status, state):
    link = gateway.open(SPEC)
    stripes.books.visit(link.provider_ref)
    stripes.visited(link.provider_ref, status)
    fact, about_link = gateway.read(ref(link))
    assert about_link.state == "active"
    assert (fact.state, fact.amount_minor, fact.currency) == (state, 125000, "ZAR")
    assert (fact.provider_payment_id, fact.request_uuid, fact.is_live) == ("pi_1", SPEC.request_uuid, False)


@pytest.mark.parametrize(("has_arrived", "state"), [(True, "succeeded"), (False, "failed")])
def test_asking_tells_what_became_of_a_bank_payment(stripes, gateway, has_arrived, state):
    link = gateway.open(SPEC)
    session = stripes.books.pay(stripes.books.visit(link.provider_ref), by_bank=True)
    stripes.books.arrives(session, arrived=has_arrived)
    assert [fact.state for fact in gateway.read(ref(link))[:-1]] == [state]


def test_an_event_and_asking_tell_the_same(stripes, gateway):
    link = gateway.open(SPEC)
    raw = an_event(stripes.visited(link.provider_ref), created=stripes.books.now)
    event = gateway.parse_event(raw, signed_events.signature(raw, "whsec", NOON), ("whsec",), NOON)
    assert gateway.facts_of(event.body) == gateway.read(ref(link))[:1]


def test_stripes_own_signature_is_known_and_ours_is_known_to_stripe(gateway):
    raw = b'{"id":"evt_1","type":"x","livemode":false,"data":{"object":{}}}'
    header = stripe.WebhookSignature.generate_signature_header(raw.decode(), "whsec")
    now = datetime.now(UTC)
    assert gateway.parse_event(raw, header, ("old", "whsec"), now).event_id == "evt_1"
    assert stripe.WebhookSignature.verify_header(raw.decode(), signed_events.signature(raw, "whsec", now), "whsec", 300)


GOOD_EVENT = b'{"id":"evt_1","type":"x","livemode":false,"data":{"object":{"id":"o"}}}'


@pytest.mark.parametrize(
    ("raw", "header"),
    [
        (GOOD_EVENT, ""),
        (GOOD_EVENT, "t=,v1="),
        (GOOD_EVENT, "v1=" + "0" * 64),
        (GOOD_EVENT, "t=1773828000,v1=" + "0" * 64),
        (GOOD_EVENT, "t=1773828000,v1=\u00e9"),
        (GOOD_EVENT + b" ", signed_events.signature(GOOD_EVENT, "whsec", NOON)),
        (GOOD_EVENT, signed_events.signature(GOOD_EVENT, "guess", NOON)),
        (GOOD_EVENT, signed_events.signature(GOOD_EVENT, "", NOON)),
        (GOOD_EVENT, signed_events.signature(GOOD_EVENT, "whsec", NOON - timedelta(seconds=301))),
        (GOOD_EVENT, signed_events.signature(GOOD_EVENT, "whsec", NOON + timedelta(seconds=301))),
    ],
)
def test_what_stripe_did_not_sign_just_now_is_refused(gateway, raw, header):
    with pytest.raises(BadEvent):
        gateway.parse_event(raw, header, ("whsec", ""), NOON)


@pytest.mark.parametrize("change", [("v1=", "v0="), ("t=", "t= "), ("t=", "s=")])
def test_a_signature_of_another_kind_or_without_its_time_is_refused(gateway, change):
    header = signed_events.signature(GOOD_EVENT, "whsec", NOON)
    assert gateway.parse_event(GOOD_EVENT, header, ("whsec",), NOON)
    with pytest.raises(BadEvent):
        gateway.parse_event(GOOD_EVENT, header.replace(*change), ("whsec",), NOON)


def test_a_time_beyond_all_time_is_refused_however_well_it_is_signed(gateway):
    header = stripe.WebhookSignature.generate_signature_header(GOOD_EVENT.decode(), "whsec", int("9" * 400))
    with pytest.raises(BadEvent):
        gateway.parse_event(GOOD_EVENT, header, ("whsec",), NOON)


@pytest.mark.parametrize("text", ["x" * 501, "a\nb", 7.5])
def test_an_event_with_a_text_that_is_none_of_stripes_is_refused(gateway, text):
    about = {"id": "re_1", "reason": text}
    raw = json.dumps({"id": "evt_1", "type": "x", "livemode": False, "data": {"object": about}}).encode()
    with pytest.raises(BadEvent):
        gateway.parse_event(raw, signed_events.signature(raw, "whsec", NOON), ("whsec",), NOON)


def test_of_metadata_only_our_own_references_are_kept():
    kept = signed_events.kept_of({"id": "cs_1", "metadata": SPEC.reference() | {"shop": "7"}})
    assert kept["metadata"] == SPEC.reference()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b'{"id":7}',
        b'{"id":"e","type":"x","livemode":0}',
        b"[" * 100000,
        b'{"id":"\\ud800","type":"x","livemode":false,"data":{"object":{}}}',
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(gateway, raw):
    with pytest.raises(BadEvent):
        gateway.parse_event(raw, signed_events.signature(raw, "whsec", NOON), ("whsec",), NOON)


def test_nothing_about_the_payer_is_kept_from_an_event(stripes, gateway):
    link = gateway.open(SPEC)
    details = {"email": "thandi@example.test", "name": "Thandi Mokoena", "address": {"line1": "1 Protea Road"}}
    session = stripes.visited(link.provider_ref, customer_email="thandi@example.test")
    raw = an_event(session | {"customer_details": {**details, "phone": None, "tax_exempt": None, "tax_ids": None}})
    event = gateway.parse_event(raw, signed_events.signature(raw, "whsec", NOON), ("whsec",), NOON)
    for word in ("thandi", "Mokoena", "Protea", paying.ICD):
        assert word not in event.body


def test_somebody_elses_event_says_nothing_to_us(stripes, gateway):
    session = stripes.visited(gateway.open(SPEC).provider_ref, metadata={"shop": "7"})
    raw = an_event(session)
    event = gateway.parse_event(raw, signed_events.signature(raw, "whsec", NOON), ("whsec",), NOON)
    assert gateway.facts_of(event.body) == []


# Closing, giving back, listing, connecting: each call held to Stripe's document by the server


REFUND = RefundSpec(
    refund_uuid="5f0c2f7e-6f0e-4f6e-9b1f-0f6a1c1d2e3f",
    idempotency_key="trova/here/5f0c2f7e/refund",
    provider_payment_id="pi_1",
    amount_minor=25000,
    currency="ZAR",
    reason="requested_by_customer",
    instance="here",
    practice="1",
    request_uuid=SPEC.request_uuid,
)


def test_closing_switches_the_link_off_before_it_ends_open_pages_and_looks_last(stripes, gateway):
    link = gateway.open(SPEC)
    stripes.books.visit("plink_1")
    stripes.calls.clear()
    assert gateway.close(ref(link)) == Closed()
    assert [(call.method, call.path.removeprefix("/v1/")) for call in stripes.calls] == [
        ("POST", "payment_links/plink_1"),
        ("GET", "checkout/sessions"),
        ("POST", "checkout/sessions/cs_1/expire"),
        ("GET", "checkout/sessions"),
    ]
    assert stripes.calls[0].params == {"active": "false"}
    assert gateway.close(ref(link)) == Closed()  # again does no harm
    assert stripes.books.payable() == []


@pytest.mark.parametrize(("by_bank", "state"), [(False, "succeeded"), (True, "pending")])
def test_a_link_that_was_paid_says_so_when_it_is_closed(stripes, gateway, by_bank, state):
    link = gateway.open(SPEC)
    stripes.books.pay(stripes.books.visit("plink_1"), by_bank=by_bank)
    closed = gateway.close(ref(link))
    assert isinstance(closed, AlreadyPaid)
    assert [fact.state for fact in closed.facts] == [state]


def test_a_page_that_stays_open_at_stripe_keeps_the_link_from_being_called_closed(stripes, gateway):
    link = gateway.open(SPEC)
    stripes.books.visit("plink_1")
    stripes.switches[:] = ["", "", 400]  # to the ending of the page
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.close(ref(link))
    assert not trouble.value.is_permanent
    assert gateway.close(ref(link)) == Closed()


def test_money_goes_back_once_however_often_the_answer_is_lost(stripes, gateway):
    gateway.open(SPEC)
    stripes.books.pay(stripes.books.visit("plink_1"))
    stripes.switches[:] = [DROP_REPLY] * 3
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.refund(REFUND)
    assert not trouble.value.is_permanent
    fact = gateway.refund(REFUND)
    assert (fact.amount_minor, fact.state, fact.refund_uuid) == (25000, "succeeded", REFUND.refund_uuid)
    assert [row["amount"] for row in stripes.books.refunds] == [25000]
    assert stripes.calls[-1].params["metadata"] == REFUND.reference()


def test_more_than_was_paid_cannot_go_back(stripes, gateway):
    gateway.open(SPEC)
    stripes.books.pay(stripes.books.visit("plink_1"))
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.refund(replace(REFUND, amount_minor=125001))
    assert trouble.value.is_permanent


@pytest.mark.parametrize(
    ("currency", "minor", "sent"), [("JPY", 1, "1"), ("KWD", 20, "20"), ("UGX", 500, "50000"), ("ISK", 7, "700")]
)
def test_money_goes_back_in_stripes_own_decimals(stripes, gateway, currency, minor, sent):
    gateway.open(replace(SPEC, currency=currency, amount_minor=5000))
    stripes.books.pay(stripes.books.visit("plink_1"))
    fact = gateway.refund(replace(REFUND, currency=currency, amount_minor=minor))
    assert stripes.calls[-1].params["amount"] == sent
    assert (fact.amount_minor, fact.currency) == (minor, currency)


def test_a_payment_is_read_with_what_came_of_it(stripes, gateway):
    gateway.open(SPEC)
    stripes.books.pay(stripes.books.visit("plink_1"))
    gateway.refund(REFUND)
    stripes.books.dispute("pi_1", "lost")
    payment, refund, dispute = gateway.read_payment("pi_1")
    assert (payment.state, refund.state, dispute.state) == ("succeeded", "succeeded", "lost")
    assert {fact.provider_payment_id for fact in (payment, refund, dispute)} == {"pi_1"}


def test_everything_that_happened_is_listed_page_by_page(stripes, gateway):
    for n in range(120):
        gateway.open(replace(SPEC, request_uuid=f"r{n}", idempotency_key=f"k{n}"))
        stripes.books.pay(stripes.books.visit(f"plink_{n + 1}"))
    since = datetime.fromtimestamp(stripes.books.now - 60, UTC)
    first = gateway.list_facts(since, None)
    second = gateway.list_facts(since, first.cursor)
    told = [fact.request_uuid for page in (first, second) for item in page.items for fact in item.facts]
    assert sorted(told) == sorted(f"r{n}" for n in range(120))
    assert (len(first.items), second.cursor) == (100, None)
    assert first.newest == datetime.fromtimestamp(stripes.books.now, UTC)


def test_fees_are_listed_page_by_page(stripes, gateway):
    for n in range(101):
        gateway.open(replace(SPEC, idempotency_key=f"k{n}"))
        stripes.books.pay(stripes.books.visit(f"plink_{n + 1}"))
    first = gateway.list_fees(NOON - timedelta(days=1), None)
    second = gateway.list_fees(NOON - timedelta(days=1), first.cursor)
    assert (len(first.fees), len(second.fees), second.cursor) == (100, 1, None)
    assert len({fee.provider_payment_id for fee in (*first.fees, *second.fees)}) == 101


def test_how_far_a_page_reaches_is_its_newest_event(stripes, gateway):
    link = gateway.open(SPEC)
    since = datetime.fromtimestamp(stripes.books.now, UTC)
    for n in range(2):
        stripes.books.now += 60
        stripes.books.update_link(link.provider_ref, {"active": "true" if n else "false"})
    assert gateway.list_facts(since, None).newest == since + timedelta(minutes=2)


def test_our_14_kinds_of_events_are_asked_for_and_no_others(stripes, gateway):
    gateway.list_facts(NOON, None)
    assert sorted(stripes.calls[0].params["types"]) == sorted(signed_events.EVENTS)
    assert len(set(signed_events.EVENTS)) == 14


def test_an_endpoint_asked_for_again_under_its_key_is_the_same_with_the_same_secret(stripes, gateway):
    url = "https://trova.example/hooks/stripe/a"
    first, again = (gateway.make_endpoint(url, "here", "key 1") for _ in range(2))
    assert (first, first.secret) == (again, f"whsec_{first.endpoint_ref}")
    gateway.make_endpoint("https://other.example/hooks/stripe/b", "elsewhere", "key 2")
    assert gateway.endpoints_of("here") == {first.endpoint_ref: url}


def test_an_endpoint_says_what_it_wants_to_hear_and_in_which_version(stripes, gateway):
    gateway.make_endpoint("https://trova.example/hooks/stripe/a", "here", "key 1")
    asked = stripes.calls[-1].params
    assert asked["url"] == "https://trova.example/hooks/stripe/a"
    assert len(asked["enabled_events"]) == 14
    assert asked["api_version"] == stripe.api_version


def test_an_endpoint_is_taken_away_and_one_that_is_gone_is_fine(stripes, gateway):
    made = gateway.make_endpoint("https://trova.example/hooks/stripe/a", "here", "key 1")
    for _ in range(2):
        gateway.remove_endpoint(made.endpoint_ref)
    assert stripes.books.endpoints == {}


def test_a_key_is_tried_without_changing_anything(stripes, gateway):
    assert gateway.check_key() == "acct_1"
    assert {call.method for call in stripes.calls} == {"GET"}
    with pytest.raises(GatewayTrouble):
        StripeLinks("rk_test_wrong", stripes.url).check_key()


@pytest.mark.parametrize(
    ("status", "state"),
    [("won", "won"), ("warning_closed", "won"), ("prevented", "won"), ("lost", "lost"), ("something_new", "open")],
)
def test_what_a_dispute_means_for_the_money(status, state):
    about = {"id": "dp_1", "payment_intent": "pi_1", "amount": 100, "currency": "zar", "status": status, "metadata": {}}
    fact = signed_events.Teller("stripe", "", False).dispute(about)
    assert (fact.state, fact.status) == (state, status)


SESSION = {"object": "checkout.session", "id": "cs_1", "payment_intent": "pi_1", "amount_total": 100, "currency": "zar"}
SESSION |= {"metadata": SPEC.reference()}
TOLD = signed_events.Teller("stripe", "", False, created=1_773_828_000)


@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [
        ("completed", "paid", "succeeded"),
        ("completed", "unpaid", "pending"),
        ("completed", "no_payment_required", None),
        ("async_payment_succeeded", "paid", "succeeded"),
        ("async_payment_failed", "unpaid", "failed"),
        ("expired", "unpaid", None),
    ],
)
def test_what_a_visits_event_means_for_the_money(kind, status, state):
    fact = TOLD.fact(f"checkout.session.{kind}", SESSION | {"payment_status": status})
    assert (fact.state if fact else None) == state


@pytest.mark.parametrize(
    ("status", "state"),
    [("succeeded", "succeeded"), ("failed", "failed"), ("canceled", "failed"), ("requires_action", "pending")],
)
def test_what_a_refunds_event_means_for_the_money_and_when_it_was_made(status, state):
    made = 1_773_700_000
    about = {"id": "re_1", "payment_intent": "pi_1", "amount": 100, "currency": "zar", "metadata": {}, "created": made}
    fact = TOLD.fact("refund.updated", about | {"status": status})
    assert (fact.state, fact.when) == (state, datetime.fromtimestamp(made, UTC))


def test_when_a_payment_and_a_dispute_were_made_is_the_same_by_an_event_and_by_a_look():
    later = signed_events.Teller("stripe", "", False, 1_773_800_000)
    made = {"created": 1_773_700_000}
    dispute = {"id": "dp_1", "payment_intent": "pi_1", "amount": 100, "currency": "zar", "metadata": {}}
    for teller in (later, TOLD):
        assert teller.dispute(dispute | made).when == datetime.fromtimestamp(made["created"], UTC)
        assert teller.payment(SESSION | made, "succeeded").when == datetime.fromtimestamp(made["created"], UTC)


@pytest.mark.parametrize(
    ("given", "counted"),
    [({}, 100), ({"amount_total": "100"}, None), ({"amount_total": None}, None), ({"currency": "xau"}, 0)],
)
def test_an_amount_that_cannot_be_counted_in_is_never_what_was_asked_for(given, counted):
    fact = TOLD.payment(SESSION | given, "succeeded")
    assert (fact.amount_minor if fact else None) == counted


def test_of_an_object_inside_another_its_name_is_kept():
    assert (
        signed_events.kept_of(SESSION | {"payment_intent": {"id": "pi_1", "customer": "x"}})["payment_intent"] == "pi_1"
    )


@pytest.mark.parametrize("kind", ["charge.refunded", "charge.dispute.funds_reinstated"])
def test_an_event_that_only_points_at_its_payment_has_it_read(kind):
    about = {"id": "x", "payment_intent": "pi_1", "metadata": {}}
    event = {"type": kind, "account": "", "livemode": False, "created": 1, "object": about}
    assert signed_events.must_be_read(json.dumps(event)) == "pi_1"
    assert signed_events.must_be_read(json.dumps(event | {"type": "refund.created"})) == ""
    assert signed_events.facts_of("stripe", json.dumps(event)) == []


def test_the_day_by_which_evidence_must_be_in_is_kept():
    about = {"id": "dp_1", "payment_intent": "pi_1", "amount": 100, "currency": "zar", "status": "needs_response"}
    kept = signed_events.kept_of(about | {"evidence_details": {"due_by": 1_773_828_000}})
    assert TOLD.dispute(kept).evidence_due_at == NOON


@pytest.mark.parametrize(
    ("given", "fee"),
    [
        ({}, 30),
        ({"type": "payment"}, 30),
        ({"type": "refund"}, None),
        ({"type": "payout"}, None),
        ({"fee": -1}, None),
        ({"source": "ch_1"}, None),
        ({"source": {"payment_intent": None}}, None),
        ({"currency": "xau"}, None),
    ],
)
def test_a_fee_is_read_from_money_that_came_in_for_a_payment(given, fee):
    entry = {"type": "charge", "fee": 30, "currency": "zar", "source": {"payment_intent": "pi_1"}}
    found = signed_events.fee_of(entry | given)
    assert (found.fee_minor if found else None) == fee
