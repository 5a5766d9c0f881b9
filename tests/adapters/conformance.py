"""What every payment gateway has to do, whoever stands behind it. `test_conformance.py` runs it over each.

A house is one gateway with the place behind it where payers pay.
"""

import inspect
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import NOON
from trova_app.domain.gateways import (
    CANNOT_CANCEL,
    AlreadyPaid,
    BadEvent,
    Closed,
    Gateway,
    GatewayTrouble,
    LinkRef,
    LinkSpec,
    OpenedLink,
    PaymentFact,
    RefundFact,
    RefundSpec,
)

SPEC = LinkSpec(
    request_uuid="7f0c2f7e-6f0e-4f6e-9b1f-0f6a1c1d2e3f",
    idempotency_key="trova/here/7f0c2f7e/create/1",
    amount_minor=125000,
    currency="ZAR",
    label="Invoice KHA-0042",
    instance="here",
    practice="1",
    invoice="42",
    return_url="https://practice.example/pay/back/7f0c",
)
OTHER = replace(
    SPEC, request_uuid="0a1b2c3d-0000-4000-8000-000000000001", idempotency_key="trova/here/0a1b2c3d/create/1"
)


class Unpayable(Exception):
    """The payer finds nothing to pay there."""


@dataclass
class House:
    """`dates_events`: an event says when it was sent, so that an old one can be refused. `pays`: money can come in
    through it at all, here. `spec` and `other`: what is asked for."""

    gateway: Any
    secret: str = "whsec_house"
    pays: bool = True
    dates_events: bool = True
    spec: LinkSpec = SPEC
    other: LinkSpec = OTHER

    def pay(self, spec: LinkSpec, opened: OpenedLink) -> bytes:
        """The payer pays; the event that follows. Raises `Unpayable`."""
        raise Unpayable

    def sign(self, raw: bytes, at: datetime, secret: str = "") -> str:
        return ""

    def wire(self) -> str:
        """Everything that was sent outside so far."""
        return ""

    def breaches(self) -> list[str]:
        """What was sent against the provider's own description."""
        return []

    def out_of_reach(self) -> Any | None:
        """The same gateway with nobody at the other end; None for one that asks nobody."""
        return None


def ref(spec: LinkSpec, opened: OpenedLink) -> LinkRef:
    return LinkRef(opened.provider_ref, spec.request_uuid, spec.amount_minor, spec.currency)


def refund_of(
    payment: PaymentFact, amount_minor: int, name: str = "11111111-2222-4333-8444-555555555555"
) -> RefundSpec:
    return RefundSpec(
        refund_uuid=name,
        idempotency_key=f"trova/here/{name}/refund",
        provider_payment_id=payment.provider_payment_id,
        amount_minor=amount_minor,
        currency=payment.currency,
        reason="requested_by_customer",
        instance="here",
        practice="1",
        request_uuid=payment.request_uuid,
    )


def payments_in(facts: Any) -> list[PaymentFact]:
    """Without the moment: an event may know another one than the list."""
    return [replace(fact, when=None) for fact in facts if isinstance(fact, PaymentFact)]


@pytest.fixture
def paying(house: House) -> House:
    if not house.pays:
        pytest.skip("no money comes in through it by itself")
    return house


@pytest.fixture
def giving_back(paying: House) -> House:
    if not paying.gateway.capabilities.refunds:
        pytest.skip("it gives nothing back")
    return paying


class Conformance:
    def test_it_has_everything_a_gateway_has(self, house):
        for name, wanted in inspect.getmembers(Gateway, inspect.isfunction):
            if name.startswith("_"):
                continue
            present = getattr(house.gateway, name)
            names = list(inspect.signature(wanted).parameters)[1:]
            assert list(inspect.signature(present).parameters)[: len(names)] == names, name
        for name in Gateway.__annotations__:
            assert hasattr(house.gateway, name), name

    # Links

    def test_a_second_try_under_the_same_key_leads_to_the_same_link(self, house):
        first, again = house.gateway.open(house.spec), house.gateway.open(house.spec)
        assert first.provider_ref == again.provider_ref
        if house.gateway.capabilities.durable_link:
            assert first == again
        assert house.gateway.open(house.other).provider_ref != first.provider_ref

    @pytest.mark.parametrize("minor", [1000, 125000, 125001, 99_999_999])
    def test_what_is_paid_is_exactly_what_was_asked_for(self, paying, minor):
        spec = replace(SPEC, amount_minor=minor)
        opened = paying.gateway.open(spec)
        paying.pay(spec, opened)
        (payment,) = payments_in(paying.gateway.read(ref(spec, opened)))
        assert (payment.amount_minor, payment.currency, payment.state) == (minor, "ZAR", "succeeded")

    def test_a_currency_it_cannot_charge_is_refused_before_anybody_is_asked(self, paying):
        sent = paying.wire()
        with pytest.raises((ValueError, GatewayTrouble)):
            paying.gateway.open(replace(SPEC, currency="XXX"))
        assert paying.wire() == sent

    def test_a_link_that_is_looked_for_is_the_one_that_was_opened_or_none(self, house):
        opened = house.gateway.open(house.spec)
        assert house.gateway.find(house.spec.request_uuid) in (opened, None)

    def test_a_link_asked_for_again_after_its_key_was_forgotten_is_the_one_that_was_opened(self, house):
        opened = house.gateway.open(house.spec)
        assert house.gateway.open_again(house.spec, is_last_look=True) == opened

    def test_a_link_nobody_paid_tells_of_no_money(self, house):
        opened = house.gateway.open(house.spec)
        assert payments_in(house.gateway.read(ref(house.spec, opened))) == []

    def test_a_payment_carries_our_references_and_says_it_is_no_real_money(self, paying):
        opened = paying.gateway.open(SPEC)
        paying.pay(SPEC, opened)
        (payment,) = payments_in(paying.gateway.read(ref(SPEC, opened)))
        assert (payment.provider, payment.account_ref) == (paying.gateway.name, paying.gateway.account_ref)
        assert (payment.instance, payment.request_uuid, payment.is_live) == ("here", SPEC.request_uuid, False)

    def test_asking_for_one_payment_tells_the_same_as_asking_for_its_link(self, paying):
        opened = paying.gateway.open(SPEC)
        paying.pay(SPEC, opened)
        (payment,) = payments_in(paying.gateway.read(ref(SPEC, opened)))
        assert payments_in(paying.gateway.read_payment(payment.provider_payment_id)) == [payment]

    # Closing

    def test_what_cannot_be_cancelled_is_known_by_the_providers_name_too(self, house):
        assert house.gateway.capabilities.cancel_link == (house.gateway.name not in CANNOT_CANCEL)

    def test_a_page_that_was_open_is_told_of_where_it_cannot_be_cancelled(self, paying):
        if paying.gateway.capabilities.cancel_link:
            pytest.skip("nobody can pay there any more")
        opened = paying.gateway.open(SPEC)
        assert paying.gateway.close(ref(SPEC, opened)) == Closed()
        paying.gateway.press(SPEC)
        assert paying.gateway.close(ref(SPEC, opened)) == Closed(has_open_pages=True)

    def test_nobody_can_pay_through_a_closed_link(self, paying):
        if not paying.gateway.capabilities.cancel_link:
            pytest.skip("it says itself that it cannot close a link: only our own page leads there")
        opened = paying.gateway.open(SPEC)
        assert isinstance(paying.gateway.close(ref(SPEC, opened)), Closed)
        with pytest.raises(Unpayable):
            paying.pay(SPEC, opened)

    def test_closing_twice_does_no_harm(self, house):
        opened = house.gateway.open(house.spec)
        assert [house.gateway.close(ref(house.spec, opened)) for _ in range(2)] == [Closed(), Closed()]

    def test_closing_a_link_that_was_paid_tells_of_the_payment(self, paying):
        opened = paying.gateway.open(SPEC)
        paying.pay(SPEC, opened)
        closed = paying.gateway.close(ref(SPEC, opened))
        assert isinstance(closed, AlreadyPaid)
        assert [fact.amount_minor for fact in payments_in(closed.facts)] == [125000]

    # Events and the list

    def test_an_event_the_list_and_asking_all_tell_the_same(self, paying):
        opened = paying.gateway.open(SPEC)
        raw = paying.pay(SPEC, opened)
        event = paying.gateway.parse_event(raw, paying.sign(raw, NOON), (paying.secret,), NOON)
        heard = payments_in(paying.gateway.facts_of(event.body))
        assert heard == payments_in(paying.gateway.read(ref(SPEC, opened)))
        assert not event.is_live
        if paying.gateway.capabilities.list_payments:
            assert heard[0] in self.listed(paying)

    def listed(self, house: House) -> list[PaymentFact]:
        found, cursor = [], None
        while True:
            page = house.gateway.list_facts(NOON - timedelta(days=1), cursor)
            found += [fact for item in page.items for fact in payments_in(item.facts)]
            cursor = page.cursor
            if cursor is None:
                return found

    def test_while_a_secret_is_replaced_both_are_good(self, paying):
        raw = paying.pay(SPEC, paying.gateway.open(SPEC))
        for secrets in (("another", paying.secret), (paying.secret, "another")):
            assert paying.gateway.parse_event(raw, paying.sign(raw, NOON), secrets, NOON).body

    @pytest.mark.parametrize("how", ["unsigned", "guessed", "changed", "no secret known", "cut off"])
    def test_a_forged_event_is_refused(self, paying, how):
        raw = paying.pay(SPEC, paying.gateway.open(SPEC))
        header, secrets = paying.sign(raw, NOON), (paying.secret,)
        forged = {
            "unsigned": (raw, "", secrets),
            "guessed": (raw, paying.sign(raw, NOON, "guess"), secrets),
            "changed": (raw.replace(b"125000", b"125001"), header, secrets),
            "no secret known": (raw, header, ("",)),
            "cut off": (raw[:-1], header, secrets),
        }[how]
        assert forged[:2] != (raw, header) or how == "no secret known"
        with pytest.raises(BadEvent):
            paying.gateway.parse_event(*forged, NOON)

    def test_an_event_from_the_day_before_is_refused_where_it_says_its_time(self, paying):
        raw = paying.pay(SPEC, paying.gateway.open(SPEC))
        stale = paying.sign(raw, NOON - timedelta(days=1))
        if not paying.dates_events:
            assert stale == paying.sign(raw, NOON)
            return
        with pytest.raises(BadEvent):
            paying.gateway.parse_event(raw, stale, (paying.secret,), NOON)

    @pytest.mark.parametrize("raw", [b"", b"\xff", b"[]", b"null", b"{}", b"[" * 100_000])
    def test_what_is_no_event_is_refused_however_well_it_is_signed(self, house, raw):
        with pytest.raises(BadEvent):
            house.gateway.parse_event(raw, house.sign(raw, NOON), (house.secret,), NOON)

    # Fees

    def test_where_fees_can_be_read_each_payment_has_its_own(self, paying):
        payment = self.paid(paying)
        if not paying.gateway.capabilities.list_fees:
            assert not hasattr(paying.gateway, "list_fees")
            return
        page = paying.gateway.list_fees(NOON - timedelta(days=1), None)
        (fee,) = page.fees
        assert (fee.provider_payment_id, fee.currency) == (payment.provider_payment_id, payment.currency)
        assert 0 < fee.fee_minor < payment.amount_minor
        assert page.cursor is None
        assert paying.gateway.list_fees(NOON + timedelta(days=1), None).fees == ()

    # Giving back

    def test_a_refund_wanted_twice_under_one_key_is_one_refund(self, giving_back):
        payment = self.paid(giving_back)
        first, again = (giving_back.gateway.refund(refund_of(payment, 25000)) for _ in range(2))
        assert isinstance(first, RefundFact)
        assert first.provider_refund_id == again.provider_refund_id
        assert (first.amount_minor, first.currency) == (25000, "ZAR")
        assert first.provider_payment_id == payment.provider_payment_id
        assert first.refund_uuid == refund_of(payment, 25000).refund_uuid

    def test_a_payment_can_be_given_back_in_parts(self, giving_back):
        payment = self.paid(giving_back)
        names = [f"11111111-2222-4333-8444-{n:012d}" for n in range(2)]
        refunds = [giving_back.gateway.refund(refund_of(payment, 50000, name)) for name in names]
        assert len({one.provider_refund_id for one in refunds}) == 2
        assert [one.amount_minor for one in refunds] == [50000, 50000]

    def paid(self, house: House) -> PaymentFact:
        opened = house.gateway.open(SPEC)
        house.pay(SPEC, opened)
        return payments_in(house.gateway.read(ref(SPEC, opened)))[0]

    def test_no_link_is_the_address_to_come_back_to(self, house):
        assert house.gateway.open(SPEC).url != SPEC.return_url  # which opens nothing

    def test_what_cannot_give_back_says_so_for_good(self, house):
        if house.gateway.capabilities.refunds:
            pytest.skip("it gives back")
        payment = PaymentFact("manual", "", "manual_1", "here", SPEC.request_uuid, 1000, "ZAR", "succeeded", False)
        with pytest.raises(GatewayTrouble) as trouble:
            house.gateway.refund(refund_of(payment, 1000))
        assert trouble.value.is_permanent

    # Trouble and privacy

    def test_nobody_at_the_other_end_is_trouble_that_will_pass(self, house):
        gateway = house.out_of_reach()
        if gateway is None:
            pytest.skip("it asks nobody")
        for ask in (
            lambda: getattr(gateway, "press", gateway.open)(SPEC),
            lambda: gateway.close(LinkRef("x", SPEC.request_uuid, 1, "ZAR")),
            lambda: gateway.list_facts(NOON, None),
        ):
            with pytest.raises(GatewayTrouble) as trouble:
                ask()
            assert not trouble.value.is_permanent
            assert SPEC.label not in trouble.value.sentence
