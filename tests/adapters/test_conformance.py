"""One set of demands over every gateway: simulated, Stripe and Paystack against their stand-ins, payment by hand."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import select

from tests import paying as payers
from tests.adapters.conformance import Conformance, House, Unpayable, giving_back, paying, ref
from tests.conftest import NOON, Database
from tests.contract import paystack_stand_in, stand_in
from tests.contract.books import NotPossible
from trova_app.adapters import signed_events
from trova_app.adapters.manual import ManualPayments
from trova_app.adapters.paystack import PaystackLinks
from trova_app.adapters.simulated import SimulatedGateway
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.domain.gateways import AlreadyPaid, LinkSpec, OpenedLink
from trova_app.models import Invoice, PaymentRequest
from trova_app.services import links

__all__ = ["giving_back", "paying"]

NOWHERE = "http://127.0.0.1:9"  # the port for throwing away: nobody listens


class SignedLikeStripe(House):
    def sign(self, raw: bytes, at: datetime, secret: str = "") -> str:
        return signed_events.signature(raw, secret or self.secret, at)


@dataclass
class Simulated(SignedLikeStripe):
    """The page asks our own books whether a link is closed; here that is whether it was closed before."""

    def __post_init__(self) -> None:
        self.closed: set[str] = set()
        close = self.gateway.close

        def noted(link: Any) -> Any:
            self.closed.add(link.provider_ref)
            return close(link)

        self.gateway.close = noted

    def pay(self, spec: LinkSpec, opened: OpenedLink) -> bytes:
        if opened.provider_ref in self.closed:
            raise Unpayable
        return self.gateway.said(spec, "pay", NOON)


@dataclass
class AtStripe(SignedLikeStripe):
    server: Any = None

    def pay(self, spec: LinkSpec, opened: OpenedLink) -> bytes:
        try:
            return stand_in.an_event(self.server.visited(opened.provider_ref))
        except NotPossible:
            raise Unpayable from None

    def wire(self) -> str:
        return "\n".join(f"{call.method} {call.path} {call.raw} {call.headers}" for call in self.server.calls)

    def breaches(self) -> list[str]:
        return self.server.breaches

    def out_of_reach(self) -> StripeLinks:
        return StripeLinks("sk_test_1", NOWHERE)


@dataclass
class AtPaystack(House):
    server: Any = None
    secret: str = paystack_stand_in.KEY
    dates_events: bool = False

    def pay(self, spec: LinkSpec, opened: OpenedLink) -> bytes:
        reference = self.gateway.press(spec).rpartition("/")[2]
        return paystack_stand_in.an_event("charge.success", self.server.pay(reference))

    def sign(self, raw: bytes, at: datetime, secret: str = "") -> str:
        return paystack_stand_in.signed(raw, secret or self.secret)

    def wire(self) -> str:
        calls = self.server.calls
        return "\n".join(f"{c.method} {c.path} {c.query} {json.dumps(c.body)} {c.headers}" for c in calls)

    def breaches(self) -> list[str]:
        return self.server.breaches

    def out_of_reach(self) -> PaystackLinks:
        return PaystackLinks(paystack_stand_in.KEY, NOWHERE, pause=lambda _seconds: None)


@contextmanager
def simulated() -> Iterator[House]:
    yield Simulated(SimulatedGateway("https://practice.example", "test"))


@contextmanager
def at_stripe() -> Iterator[House]:
    with stand_in.served() as server:
        yield AtStripe(StripeLinks("sk_test_1", server.url), server=server)


@contextmanager
def at_paystack() -> Iterator[House]:
    with paystack_stand_in.served() as server:
        gateway = PaystackLinks(paystack_stand_in.KEY, server.url, pause=lambda _seconds: None)
        yield AtPaystack(gateway, server=server)


@contextmanager
def by_hand() -> Iterator[House]:
    yield House(ManualPayments(), pays=False)


HOUSES = {"simulated": simulated, "stripe": at_stripe, "paystack": at_paystack, "manual": by_hand}


@pytest.fixture(params=HOUSES)
def house(request: pytest.FixtureRequest, quick_tries: None) -> Iterator[House]:
    """Whatever a test did, nothing on the wire may have broken the provider's description."""
    with HOUSES[request.param]() as made:
        yield made
        assert made.breaches() == []


class TestEveryGateway(Conformance):
    pass


def a_real_request(database: Database, provider: str) -> LinkSpec:
    """As the worker would ask for it, of an invoice with a client, a service and a diagnosis."""
    case = payers.asked_to_pay(database, "simulated")
    with database.act() as (db, desk):
        request = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == case.invoice_id)).one()
        assert db.get_one(Invoice, case.invoice_id).client_id
        return links.spec_of(db, desk, request, "here")


def test_nothing_about_the_client_is_on_the_wire(house, database):
    spec = a_real_request(database, house.gateway.name)
    opened = house.gateway.open(spec)
    house.gateway.find(spec.request_uuid)
    if house.pays:
        house.pay(spec, opened)
        closed = house.gateway.close(ref(spec, opened))
        assert isinstance(closed, AlreadyPaid)
    sent = house.wire() + opened.url
    assert house.wire() == "" or spec.label.split()[1] in sent or spec.label.replace(" ", "+") in sent
    for word in ("Thandi", "Mokoena", "thandi@example", "sychotherapy", "anxiety", payers.ICD, "86205", "Naidoo"):
        assert word not in sent, word
