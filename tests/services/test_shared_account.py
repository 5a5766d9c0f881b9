"""Two practices that share one account at a gateway, as the rooms of a group practice do: each hears of all its money,
and each has its own and nothing of the other's. Against servers that speak Stripe's and Paystack's API."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import col, select

from tests import paying
from tests.contract import paystack_stand_in, stand_in
from tests.paying import an_invoice
from tests.services.test_gateway_accounts import Office
from trova_app.adapters import paystack_facts, signed_events
from trova_app.adapters.paystack import PaystackLinks
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.domain.gateways import Gateway, GatewayEvent
from trova_app.models import (
    Dispute,
    Invoice,
    OutboxRow,
    Payment,
    PaymentRequest,
    Practice,
    ProviderEvent,
    Refund,
    ReviewItem,
    TimelineEntry,
)
from trova_app.services import gateway_disconnect, links, payments, provider_events
from trova_app.services.check import check
from trova_app.sweeper import Sweeper

DUE = 125000


class AtStripe:
    provider, key, account_ref = "stripe", "rk_test_51AbcDefGhi1Xyz", "acct_1"

    def __init__(self, there: stand_in.StandIn) -> None:
        self.there, self.url = there, there.url

    def gateway(self, account_ref: str = account_ref) -> Gateway:
        return StripeLinks(self.key, self.url, account_ref)

    def pay(self, request: PaymentRequest, _spec: Any, amount: int) -> bytes:
        session = self.there.books.visit(request.provider_ref)
        session["amount_total"] = amount
        self.there.books.pay(session)
        return json.dumps(self.there.books.told[-1]).encode()

    def object_to(self, payment: str) -> None:
        self.there.books.dispute(payment)

    def give_back(self, payment: str) -> None:
        self.there.books.give_back({"payment_intent": payment, "amount": "50000"})

    def only_payment(self) -> str:
        return next(iter(self.there.books.payments))

    def read(self, raw: bytes) -> GatewayEvent:
        return signed_events.read_event(raw, self.account_ref)


class AtPaystack:
    provider, key, account_ref = "paystack", paystack_stand_in.KEY, ""

    def __init__(self, there: paystack_stand_in.PaystackStandIn) -> None:
        self.there, self.url = there, there.url

    def gateway(self, _account_ref: str = "") -> Gateway:
        return PaystackLinks(self.key, self.url)

    def pay(self, _request: PaymentRequest, spec: Any, amount: int) -> bytes:
        reference = self.gateway().press(spec).rpartition("/")[2]
        return paystack_stand_in.an_event("charge.success", self.there.pay(reference, amount=amount))

    def object_to(self, payment: str) -> None:
        self.there.dispute(payment)

    def give_back(self, payment: str) -> None:
        whose = self.there.transactions[payment]
        inside = {name: whose[name] for name in ("id", "reference")}
        row = {"id": 7, "domain": "test", "transaction": inside, "amount": 50000, "currency": "ZAR"}
        self.there.refunds.append(row | {"status": "processed", "createdAt": paystack_stand_in.MOMENT})

    def only_payment(self) -> str:
        return next(iter(self.there.transactions))

    def read(self, raw: bytes) -> GatewayEvent:
        return paystack_facts.read_event(raw)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Any]]:
    with stand_in.served() as stripe, paystack_stand_in.served() as paystack:
        yield {"stripe": stripe, "paystack": paystack}


@pytest.fixture(params=["stripe", "paystack"])
def account(request: pytest.FixtureRequest, servers: dict[str, Any]) -> Iterator[AtStripe | AtPaystack]:
    there = servers[request.param]
    there.clear()
    yield {"stripe": AtStripe, "paystack": AtPaystack}[request.param](there)
    assert there.breaches == []


class Room(Office):
    """A practice with a link that stands open, through the account it shares."""

    def __init__(self, database, account, name: str) -> None:
        super().__init__(database, name=name)
        self.account = account
        self.connect(account.key, account.provider, account_ref=account.account_ref)
        with database.act(self.desk()) as (db, desk):
            practice = db.get_one(Practice, self.id)
            case = an_invoice(db, desk, practice, email=f"payer{self.id}@example.test")
            payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then={})
        self.invoice_id = case.invoice_id

    def request(self, db) -> PaymentRequest:
        return db.exec(select(PaymentRequest).where(PaymentRequest.practice_id == self.id)).one()

    def is_paid(self, amount: int = DUE) -> bytes:
        """By its client; what the gateway then sends to a webhook."""
        with self.database.act(self.desk(), writes=True) as (db, desk):
            request = self.request(db)
            spec = links.spec_of(db, desk, request, self.instance(db))
            db.expunge_all()
        return self.account.pay(request, spec, amount)

    def instance(self, db) -> str:
        return outside_of(self.account).endpoint(db, self.account.provider).public_id

    def hears(self, raw: bytes, through: int | None) -> None:
        """At the webhook of practice `through`."""
        event, gateway = self.account.read(raw), self.account.gateway()
        with self.database.act(self.desk()) as (db, desk):
            provider_events.receive(
                db, desk, provider=self.account.provider, instance=self.instance(db), event=event,
                facts=gateway.facts_of(event.body), through=through, points_at=gateway.must_be_read(event.body),
            )  # fmt: skip

    def rows(self, db, table: type) -> list[Any]:
        db.rollback()
        return list(db.exec(select(table).where(table.practice_id == self.id)).all())


@dataclass
class Group:
    first: Room
    second: Room

    def outside(self):
        return outside_of(self.first.account)

    def _act(self, writes: bool = True):
        return self.first.database.act(self.first.desk(), writes)

    def work(self) -> None:
        paying.Worker(self.outside(), self._act).run_once()

    def look(self) -> None:
        """Everybody's account, the first one's first."""
        Sweeper(self.outside(), self._act).sweep(at_once=True)
        self.work()

    def has_only_the_second_been_paid(self, db) -> bool:
        first = [self.first.rows(db, table) for table in (Payment, ReviewItem, ProviderEvent, Refund, Dispute)]
        (payment,) = self.second.rows(db, Payment)
        untold = [entry.what for entry in self.first.rows(db, TimelineEntry) if "paid" in entry.what.casefold()]
        return (first, untold, payment.amount_minor) == ([[]] * 5, [], DUE)


def outside_of(account):
    return paying.an_outside(gateways={}, connect=lambda held: account.gateway(held.account_ref))


@pytest.fixture
def group(database, account) -> Group:
    made = Group(Room(database, account, "Room one"), Room(database, account, "Room two"))
    made.work()
    return made


def about_money(db) -> list[Any]:
    """The invoices were put there without the form they would come from."""
    tables = ("payment", "payment_request", "refund", "dispute", "review_item", "outbox", "provider_event")
    return [breach for breach in check(db) if breach.table in tables]


def test_each_practice_finds_its_own_payments_and_nothing_of_the_others(group, db):
    group.second.is_paid()
    for _ in range(2):
        group.look()
    assert group.has_only_the_second_been_paid(db)
    assert group.second.rows(db, ReviewItem) == []
    group.first.is_paid()
    group.look()
    assert [len(room.rows(db, Payment)) for room in (group.first, group.second)] == [1, 1]
    assert db.exec(select(ReviewItem)).all() == []
    assert about_money(db) == []


def test_a_webhook_that_came_to_the_other_practice_has_the_payment_looked_for_at_once(group, db):
    raw = group.second.is_paid()
    for _ in range(3):
        group.first.hears(raw, through=group.first.id)
    group.work()
    assert group.has_only_the_second_been_paid(db)
    assert [row.kind for row in group.first.rows(db, OutboxRow) if row.kind == "check_link"] == []
    looks = select(OutboxRow).where(OutboxRow.kind == "check_link")
    assert [row.practice_id for row in db.exec(looks)] == [group.second.id]


def test_a_webhook_counts_where_it_came_to_the_practice_itself(group, db):
    raw = group.second.is_paid()
    group.second.hears(raw, through=group.second.id)
    group.work()
    assert group.has_only_the_second_been_paid(db)
    (event,) = group.second.rows(db, ProviderEvent)
    assert event.state == "done"
    assert [row.kind for row in db.exec(select(OutboxRow)) if not row.done_at] == []


def test_only_the_practice_itself_is_asked_about_another_amount_than_it_asked_for(group, db):
    raw = group.second.is_paid(DUE - 1)
    group.first.hears(raw, through=group.first.id)
    group.look()
    (item,) = db.exec(select(ReviewItem)).all()
    assert (item.kind, item.practice_id) == ("wrong_amount", group.second.id)
    assert group.first.rows(db, ProviderEvent) == []


def test_what_goes_back_or_is_objected_to_is_told_to_the_practice_it_was_paid_to(group, db):
    """The first one's account tells of all of it before the second one's payment is known here."""
    group.second.is_paid()
    payment = group.second.account.only_payment()
    group.second.account.give_back(payment)
    group.second.account.object_to(payment)
    for _ in range(2):
        group.look()
    (refund,), (dispute,) = group.second.rows(db, Refund), group.second.rows(db, Dispute)
    assert (refund.amount_minor, refund.state, dispute.state) == (50000, "succeeded", "open")
    assert [item.kind for item in db.exec(select(ReviewItem))] == ["dispute"]
    first = [group.first.rows(db, table) for table in (Payment, ReviewItem, ProviderEvent, Refund, Dispute)]
    assert first == [[]] * 5
    assert about_money(db) == []


def test_a_webhook_elsewhere_has_a_link_looked_at_once_a_minute_however_often_it_is_told(group, db):
    raw = group.second.is_paid().decode()
    event = json.loads(raw)["id"] if group.second.account.provider == "stripe" else None
    for n in range(5):
        other = raw.replace(event, f"{event}{n}") if event else raw
        group.first.hears(other.encode(), through=group.first.id)
    looks = select(OutboxRow).where(OutboxRow.kind == "check_link")
    assert [row.practice_id for row in db.exec(looks)] == [group.second.id]


def test_what_goes_back_after_the_key_was_renewed_still_reaches_the_books(database, account, clock, db):
    room = Room(database, account, "Room one")
    group = Group(room, room)
    group.work()
    room.is_paid()
    group.look()
    clock.advance(minutes=15)
    room.do(gateway_disconnect.disconnect)
    group.look()
    clock.advance(minutes=5)
    room.connect(account.key, account.provider, account_ref=account.account_ref)
    payment = account.only_payment()
    account.give_back(payment)
    account.object_to(payment)
    for _ in range(2):
        clock.advance(minutes=11)
        group.look()
    (refund,), (dispute,) = room.rows(db, Refund), room.rows(db, Dispute)
    assert (refund.amount_minor, refund.state, dispute.state) == (50000, "succeeded", "open")
    assert [(row.kind, row.last_error) for row in room.rows(db, OutboxRow) if row.dead_at] == []


def test_the_installations_gateway_may_be_a_practices_own_account_too(group, db):
    """Its key stands in the settings, and the practice has connected it besides."""
    raw = group.second.is_paid()
    group.second.hears(raw, through=None)
    group.work()
    assert group.has_only_the_second_been_paid(db)
    assert group.second.rows(db, ReviewItem) == []


def test_a_request_that_is_gone_is_asked_about_in_the_practice_it_names(group, db):
    """As after a backup from before it was put back."""
    known = group.second.request(db).request_uuid
    db.rollback()
    raw = group.second.is_paid().replace(known.encode(), b"00000000-0000-0000-0000-000000000000")
    for room in (group.first, group.second):
        room.hears(raw, through=room.id)
    (item,) = db.exec(select(ReviewItem).order_by(col(ReviewItem.id))).all()
    assert (item.kind, item.practice_id) == ("unknown_request", group.second.id)
    assert group.first.rows(db, ProviderEvent) == []
