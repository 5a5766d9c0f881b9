"""Paystack's adapter against a stand-in made from its public description; never seen against the live service."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from tests.adapters.conformance import SPEC
from tests.conftest import NOON
from tests.contract.paystack_stand_in import DROP_REPLY, KEY, PaystackStandIn, an_event, served, signed
from trova_app.adapters import paystack_facts
from trova_app.adapters.paystack import PaystackLinks
from trova_app.domain.gateways import (
    LARGEST_SENT,
    AlreadyPaid,
    BadEvent,
    Closed,
    GatewayEvent,
    GatewayTrouble,
    LinkRef,
    PaymentFact,
    RefundSpec,
    RequestFact,
    TooManyPages,
)

REQUEST = SPEC.request_uuid
FIRST, SECOND = f"{REQUEST}-1", f"{REQUEST}-2"
LINK = LinkRef(REQUEST, REQUEST, 125000, "ZAR")
REFUND = RefundSpec(
    refund_uuid="11111111-2222-4333-8444-555555555555",
    idempotency_key="trova/here/1111/refund",
    provider_payment_id=FIRST,
    amount_minor=25000,
    currency="ZAR",
    reason="requested_by_customer",
    instance="here",
    practice="1",
    request_uuid=REQUEST,
)


@pytest.fixture(scope="module")
def running() -> Iterator[PaystackStandIn]:
    with served() as stand_in:
        yield stand_in


@pytest.fixture
def paystack(running: PaystackStandIn) -> Iterator[PaystackStandIn]:
    """Empty books; whatever a test did, nothing on the wire may have broken Paystack's description."""
    running.clear()
    yield running
    assert running.breaches == []


@pytest.fixture
def gateway(paystack: PaystackStandIn) -> PaystackLinks:
    return PaystackLinks(KEY, paystack.url, pause=lambda _seconds: None)


def asked(paystack: PaystackStandIn, method: str, path: str) -> list:
    return [call for call in paystack.calls if (call.method, call.path) == (method, path)]


def test_a_link_has_no_address_before_somebody_presses_pay_and_asks_nobody(paystack, gateway):
    assert gateway.open(SPEC) == gateway.open(SPEC)
    assert gateway.open(SPEC).url == ""
    assert paystack.calls == []


def test_a_page_asks_for_exactly_what_is_due_in_cents(paystack, gateway):
    assert gateway.press(SPEC) == f"https://checkout.paystack.test/{FIRST}"
    (call,) = asked(paystack, "POST", "/transaction/initialize")
    assert (call.body["amount"], call.body["currency"], call.body["reference"]) == (125000, "ZAR", FIRST)
    assert call.body["callback_url"] == f"https://practice.example/pay/back/7f0c?session={FIRST}"
    assert call.body["metadata"]["cancel_action"] == SPEC.return_url


def test_paystack_gets_an_invented_address_and_never_the_clients(paystack, gateway):
    gateway.press(SPEC)
    (call,) = asked(paystack, "POST", "/transaction/initialize")
    assert call.body["email"] == f"{REQUEST}@practice.example"
    gateway.press(replace(SPEC, return_url="http://localhost:3000/pay/back/7f0c"))
    assert asked(paystack, "POST", "/transaction/initialize")[1].body["email"] == f"{REQUEST}@example.com"


def test_each_press_gets_a_page_of_its_own(paystack, gateway):
    assert [gateway.press(SPEC)[-38:] for _ in range(2)] == [FIRST, SECOND]


def test_nobody_is_led_to_pay_what_was_paid_already(paystack, gateway):
    gateway.press(SPEC)
    for status in ("success", "reversed", "processing"):
        paystack.pay(FIRST, status)
        with pytest.raises(GatewayTrouble, match="paid already"):
            gateway.press(SPEC)
    assert len(paystack.transactions) == 1


def test_the_fiftieth_page_is_the_last_one(paystack, gateway):
    gateway.press(SPEC)
    for n in range(2, 50):
        paystack.transactions[f"{REQUEST}-{n}"] = paystack.transactions[FIRST]
    assert gateway.press(SPEC).endswith("-50")
    with pytest.raises(TooManyPages):
        gateway.press(SPEC)
    assert f"{REQUEST}-51" not in paystack.transactions


def test_a_page_whose_address_was_lost_is_left_behind_and_another_opened(paystack, gateway):
    paystack.switches[:] = ["", DROP_REPLY]
    assert gateway.press(SPEC).endswith(SECOND)
    assert set(paystack.transactions) == {FIRST, SECOND}


@pytest.mark.parametrize("status", [500, 502, 429])
def test_what_will_pass_is_tried_again_and_then_told(paystack, gateway, status):
    paystack.switches[:] = [status] * 2
    assert gateway.press(SPEC).endswith(FIRST)
    paystack.switches[:] = [status] * 3
    with pytest.raises(GatewayTrouble, match="We will try again") as trouble:
        gateway.press(replace(SPEC, request_uuid=REQUEST.replace("7", "8")))
    assert not trouble.value.is_permanent


def test_a_wrong_key_says_where_to_put_the_right_one(paystack):
    with pytest.raises(GatewayTrouble, match="Settings, Payments") as trouble:
        PaystackLinks("sk_test_wrong", paystack.url).check_key()
    assert trouble.value.is_permanent
    assert len(paystack.calls) == 1


def test_the_key_is_tried_without_changing_anything(paystack, gateway):
    assert gateway.check_key() == ""
    assert [call.method for call in paystack.calls] == ["GET"]


def test_another_currency_than_paystacks_is_never_sent(paystack, gateway):
    with pytest.raises(ValueError, match="ZAR and USD"):
        gateway.open(replace(SPEC, currency="EUR"))
    assert paystack.calls == []


@pytest.mark.parametrize("amount", [0, LARGEST_SENT + 1])
def test_an_amount_that_cannot_be_charged_has_no_link(gateway, amount):
    with pytest.raises(ValueError, match="The amount is too"):
        gateway.open(replace(SPEC, amount_minor=amount))


def test_what_is_no_request_of_ours_never_becomes_an_address_at_paystack(paystack, gateway):
    for hostile in ("../refund", "", "7f0c2f7e", REQUEST + "/x"):
        with pytest.raises(ValueError, match="uuid"):
            gateway.open(replace(SPEC, request_uuid=hostile))
        with pytest.raises(ValueError, match="uuid"):
            gateway.press(replace(SPEC, request_uuid=hostile))
        assert gateway.read_payment(hostile) == []
    assert paystack.calls == []


def test_asking_tells_who_paid_and_that_the_link_is_used_up(paystack, gateway):
    gateway.press(SPEC)
    assert [fact.state for fact in gateway.read(LINK)] == ["active"]
    gateway.press(SPEC)
    paystack.pay(SECOND)
    payment, link = gateway.read(LINK)
    assert isinstance(payment, PaymentFact) and isinstance(link, RequestFact)
    assert (payment.provider_payment_id, payment.state, payment.amount_minor) == (SECOND, "succeeded", 125000)
    assert (payment.instance, payment.request_uuid, payment.is_live) == ("here", REQUEST, False)
    assert link.state == "inactive"


def test_two_presses_that_were_both_paid_are_two_payments(paystack, gateway):
    gateway.press(SPEC)
    gateway.press(SPEC)
    paystack.pay(FIRST)
    paystack.pay(SECOND)
    assert {fact.provider_payment_id for fact in gateway.read(LINK)[:-1]} == {FIRST, SECOND}


def test_closing_what_nobody_opened_leaves_no_page_behind(gateway):
    gateway.open(SPEC)
    assert gateway.close(LINK) == Closed(has_open_pages=False)


def test_with_a_live_key_nothing_is_asked_for_and_what_was_is_still_found(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST)
    live = PaystackLinks("sk_live_0123456789abcdef", paystack.url)
    sent = len(paystack.calls)
    for ask in (live.open, partial(live.open_again, is_last_look=False), live.press):
        with pytest.raises(GatewayTrouble, match="cannot close a payment page") as trouble:
            ask(SPEC)
        assert trouble.value.is_permanent
    assert len(paystack.calls) == sent
    assert [fact.state for fact in gateway.read(LINK)] == ["succeeded", "inactive"]


def test_closing_tells_what_was_paid_meanwhile(paystack, gateway):
    gateway.press(SPEC)
    assert gateway.close(LINK) == Closed(has_open_pages=True)
    paystack.pay(FIRST)
    closed = gateway.close(LINK)
    assert isinstance(closed, AlreadyPaid)
    assert [fact.provider_payment_id for fact in closed.facts] == [FIRST]


def test_metadata_may_come_back_as_text(paystack, gateway):
    gateway.press(SPEC)
    about = paystack.pay(FIRST)
    about["metadata"] = json.dumps(about["metadata"])
    assert gateway.read_payment(FIRST)[0].instance == "here"


def test_a_payment_says_when_it_came_and_whether_it_is_real_money(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST, currency="zar")
    (payment,) = gateway.read_payment(FIRST)
    assert (payment.when, payment.currency, payment.is_live) == (NOON, "ZAR", False)
    for domain, is_live in (("live", True), ("", False)):
        paystack.pay(FIRST, domain=domain)
        assert gateway.read_payment(FIRST)[0].is_live is is_live


def test_what_paystack_has_reversed_had_been_paid(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST, "reversed")
    assert [fact.state for fact in gateway.read_payment(FIRST)] == ["succeeded"]


@pytest.mark.parametrize("odd", [["odd"], "odd", None])
def test_an_answer_of_another_shape_is_no_payment(paystack, gateway, odd):
    paystack.transactions[FIRST] = odd
    assert gateway.read_payment(FIRST) == []


@pytest.mark.parametrize(
    "metadata",
    [
        SPEC.reference() | {"trova_request": REQUEST.replace("7", "8")},
        SPEC.reference() | {"trova_request": "\n"},
        "no object",
        None,
    ],
)
def test_a_transaction_that_only_has_a_reference_like_ours_says_nothing_to_us(paystack, gateway, metadata):
    gateway.press(SPEC)
    paystack.pay(FIRST, metadata=metadata)
    assert gateway.read_payment(FIRST) == []


def test_a_reference_that_is_longer_than_any_of_ours_is_not_kept(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST, metadata=SPEC.reference() | {"trova_instance": "x" * 501})
    assert gateway.read_payment(FIRST)[0].instance == ""


def test_a_moment_without_a_zone_is_utc():
    assert paystack_facts.moment("2026-03-18T10:00:00") == paystack_facts.moment("2026-03-18T12:00:00+02:00") == NOON


def test_somebody_elses_transaction_says_nothing_to_us(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST, metadata={"shop": "7"})
    assert gateway.read_payment(FIRST) == []
    assert gateway.facts_of(gateway.parse_event(*_signed_charge(paystack), (KEY,), NOON).body) == []


def _signed_charge(paystack: PaystackStandIn) -> tuple[bytes, str]:
    raw = an_event("charge.success", paystack.transactions[FIRST])
    return raw, signed(raw)


# -- refunds and disputes


def test_a_refund_is_asked_for_once_however_often_it_is_tried(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST)
    first = gateway.refund(REFUND)
    assert (first.amount_minor, first.state, first.refund_uuid) == (25000, "pending", REFUND.refund_uuid)
    assert gateway.refund(REFUND) == first
    assert len(paystack.refunds) == 1


def test_a_refund_whose_answer_got_lost_is_found_and_not_given_twice(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST)
    paystack.switches[:] = ["", "", DROP_REPLY]
    with pytest.raises(GatewayTrouble) as trouble:
        gateway.refund(REFUND)
    assert not trouble.value.is_permanent
    assert gateway.refund(REFUND).provider_refund_id == str(paystack.refunds[0]["id"])
    assert len(paystack.refunds) == 1


def test_a_refund_that_is_there_over_another_amount_is_not_taken_for_ours(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST)
    gateway.refund(REFUND)
    paystack.refunds[0]["amount"] = 24999
    with pytest.raises(GatewayTrouble, match="over another amount") as trouble:
        gateway.refund(REFUND)
    assert trouble.value.is_permanent


@pytest.mark.parametrize(
    ("row", "is_ours"),
    [
        ({"transaction": 7}, True),
        ({"transaction": {"id": 7}}, True),
        ({"transaction_reference": FIRST}, True),
        ({"transaction": 8, "transaction_reference": SECOND}, False),
        ({"transaction": {"id": 8}}, False),
    ],
)
def test_a_payments_refunds_are_known_by_its_number_or_its_reference(row, is_ours):
    """Whatever a list was asked for."""
    assert paystack_facts.is_refund_of(row, 7, FIRST) is is_ours


def test_more_than_was_paid_is_never_given_back(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST)
    with pytest.raises(GatewayTrouble, match="invalid_amount") as trouble:
        gateway.refund(replace(REFUND, amount_minor=125001))
    assert trouble.value.is_permanent


@pytest.mark.parametrize(
    ("status", "state"),
    [("processed", "succeeded"), ("failed", "failed"), ("needs-attention", "pending"), ("a new word", "pending")],
)
def test_a_payment_is_told_with_its_refunds(paystack, gateway, status, state):
    gateway.press(SPEC)
    paystack.pay(FIRST)
    gateway.refund(REFUND)
    paystack.refunds[0]["status"] = status
    payment, refund = gateway.read_payment(FIRST)
    assert (payment.provider_payment_id, refund.provider_payment_id, refund.state) == (FIRST, FIRST, state)
    assert (refund.when, refund.is_live, refund.request_uuid) == (NOON, False, REQUEST)


@pytest.mark.parametrize(
    ("status", "resolution", "state"),
    [
        ("awaiting-merchant-feedback", None, "open"),
        ("pending", None, "open"),
        ("resolved", "merchant-accepted", "lost"),
        ("resolved", "auto-accepted", "lost"),
        ("resolved", "declined", "won"),
        ("resolved", "a new word", "open"),
    ],
)
def test_only_an_objection_that_was_accepted_takes_the_money(paystack, gateway, status, resolution, state):
    gateway.press(SPEC)
    paystack.pay(FIRST)
    paystack.dispute(FIRST, status=status, resolution=resolution)
    *_, dispute = gateway.read_payment(FIRST)
    assert (dispute.state, dispute.status, dispute.amount_minor) == (state, status, 125000)
    assert (dispute.evidence_due_at, dispute.when) == (NOON + timedelta(days=7), NOON)
    assert (dispute.request_uuid, dispute.is_live) == (REQUEST, False)


@pytest.mark.parametrize(("objected", "amount"), [(40000, 40000), (None, 125000)])
def test_an_objection_is_over_what_it_says_else_over_the_payment(paystack, gateway, objected, amount):
    gateway.press(SPEC)
    paystack.pay(FIRST)
    paystack.dispute(FIRST, refund_amount=objected, currency=None)
    *_, dispute = gateway.read_payment(FIRST)
    assert (dispute.amount_minor, dispute.currency) == (amount, "ZAR")


# -- the list


def test_the_list_tells_everything_without_a_single_event(paystack, gateway):
    for n in range(130):
        spec = replace(SPEC, request_uuid=f"7f0c2f7e-6f0e-4f6e-9b1f-{n:012d}")
        gateway.press(spec)
        paystack.pay(f"{spec.request_uuid}-1")
    gateway.refund(replace(REFUND, provider_payment_id="7f0c2f7e-6f0e-4f6e-9b1f-000000000000-1"))
    paystack.dispute("7f0c2f7e-6f0e-4f6e-9b1f-000000000001-1")
    kinds, events, cursor = [], set(), None
    while True:
        page = gateway.list_facts(NOON, cursor)
        kinds += [type(fact).__name__ for item in page.items for fact in item.facts]
        events |= {item.event.event_id for item in page.items}
        cursor = page.cursor
        if cursor is None:
            break
    assert (kinds.count("PaymentFact"), kinds.count("RefundFact"), kinds.count("DisputeFact")) == (130, 1, 1)
    assert len(events) == 132


def test_the_list_tells_of_what_was_begun_before_and_paid_since_and_how_far_it_reaches(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST)
    page = gateway.list_facts(NOON + timedelta(days=2), None)
    assert [fact.provider_payment_id for item in page.items for fact in item.facts] == [FIRST]
    assert page.newest == NOON


def test_what_the_list_tells_can_be_read_from_its_event_again(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST)
    gateway.refund(REFUND)
    paystack.dispute(FIRST)
    (refund,) = gateway.list_facts(NOON, "1:1").items
    (dispute,) = gateway.list_facts(NOON, "2:1").items
    assert (gateway.facts_of(refund.event.body), gateway.must_be_read(refund.event.body)) == ([], FIRST)
    (told,) = dispute.facts
    assert gateway.facts_of(dispute.event.body) == [replace(told, when=None)]
    assert gateway.must_be_read(dispute.event.body) == ""


def test_the_list_and_the_event_call_the_same_thing_by_the_same_name(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST)
    heard = gateway.parse_event(*_signed_charge(paystack), (KEY,), NOON)
    (item,) = gateway.list_facts(NOON, None).items
    assert item.event == heard
    assert list(item.facts) == gateway.facts_of(heard.body) == gateway.read_payment(FIRST)


# -- events


def test_an_event_signed_with_either_key_is_heard(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST)
    raw = an_event("charge.success", paystack.transactions[FIRST])
    for secrets in ((KEY,), ("sk_test_new", KEY)):
        assert gateway.parse_event(raw, signed(raw), secrets, NOON).type == "charge.success"


GOOD = an_event("charge.success", {"id": 1, "status": "success"})


@pytest.mark.parametrize(
    ("raw", "header", "secrets"),
    [
        (GOOD, "", (KEY,)),
        (GOOD, signed(GOOD, "guess"), (KEY,)),
        (GOOD + b" ", signed(GOOD), (KEY,)),
        (GOOD, signed(GOOD, ""), ("",)),
        (GOOD, signed(GOOD), ()),
        (GOOD, "\u00e9", (KEY,)),
        (GOOD, signed(GOOD)[:64], (KEY,)),
    ],
)
def test_what_paystack_did_not_sign_is_refused(gateway, raw, header, secrets):
    with pytest.raises(BadEvent):
        gateway.parse_event(raw, header, secrets, NOON)


@pytest.mark.parametrize("raw", [b"", b"\xff", b"[]", b"null", b"{}", b'{"event":7,"data":{}}', b"[" * 100000])
def test_a_signed_body_that_is_no_event_is_refused(gateway, raw):
    with pytest.raises(BadEvent):
        gateway.parse_event(raw, signed(raw), (KEY,), NOON)


def heard(gateway: PaystackLinks, kind: str, about: dict) -> GatewayEvent:
    raw = an_event(kind, about)
    return gateway.parse_event(raw, signed(raw), (KEY,), NOON)


def test_a_declined_card_and_an_objection_are_heard(paystack, gateway):
    gateway.press(SPEC)
    (declined,) = gateway.facts_of(heard(gateway, "charge.failed", paystack.pay(FIRST, "failed")).body)
    assert (declined.state, declined.provider_payment_id) == ("declined", FIRST)
    row = paystack.dispute(FIRST)
    for kind in ("charge.dispute.create", "charge.dispute.remind", "charge.dispute.resolve"):
        event = heard(gateway, kind, row)
        assert [fact.provider_dispute_id for fact in gateway.facts_of(event.body)] == [str(row["id"])]
        assert gateway.must_be_read(event.body) == ""


def test_events_that_are_not_the_same_have_names_of_their_own(gateway):
    """Paystack gives them none."""
    told = [
        {"id": 1, "status": "success"},
        {"id": 2, "status": "success"},
        {"id": 1, "status": "failed"},
        {"transaction_reference": FIRST, "refund_reference": "r1", "status": "processed"},
        {"transaction_reference": FIRST, "refund_reference": "r2", "status": "processed"},
        {"transaction_reference": SECOND, "status": "processed"},
        {"transaction_reference": FIRST, "status": "processed"},
    ]
    assert len({heard(gateway, "refund.processed", about).event_id for about in told}) == len(told)


def test_nothing_about_the_payer_is_kept_from_an_event(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST, customer={"email": "thandi@example.test", "first_name": "Thandi"}, ip_address="10.1.2.3")
    event = gateway.parse_event(*_signed_charge(paystack), (KEY,), NOON)
    for word in ("thandi", "Thandi", "10.1.2.3", "customer"):
        assert word not in event.body


def test_a_refunds_event_leads_to_the_payment_to_read(gateway):
    raw = an_event("refund.processed", {"status": "processed", "transaction_reference": FIRST, "amount": "25000"})
    event = gateway.parse_event(raw, signed(raw), (KEY,), NOON)
    assert (gateway.facts_of(event.body), gateway.must_be_read(event.body)) == ([], FIRST)
    raw = an_event("refund.processed", {"status": "processed", "transaction_reference": "T123", "amount": "25000"})
    event = gateway.parse_event(raw, signed(raw), (KEY,), NOON)
    assert gateway.must_be_read(event.body) == ""


def test_a_refunds_event_may_have_its_payment_inside(gateway):
    event = heard(gateway, "refund.processed", {"status": "processed", "transaction": {"reference": FIRST}})
    assert gateway.must_be_read(event.body) == FIRST


def test_an_amount_that_is_no_whole_number_is_never_taken_for_what_was_asked(paystack, gateway):
    gateway.press(SPEC)
    paystack.pay(FIRST, amount="125000")
    assert gateway.read_payment(FIRST)[0].amount_minor == 0
