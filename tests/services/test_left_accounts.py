"""A practice left its gateway account: what was under way there is still followed to its end, and what cannot be any
more a person can settle. Against a server that speaks Stripe's API, never a webhook."""

import pytest
from sqlmodel import select

from tests import paying
from tests.contract.stand_in import StandIn, served
from tests.paying import an_invoice, only
from tests.services.test_gateway_accounts import KEY, NEXT_KEY, Office
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.domain.refusals import Refusal
from trova_app.models import (
    GatewayAccount,
    Invoice,
    OutboxRow,
    Payment,
    PaymentRequest,
    Practice,
    Refund,
    ReviewItem,
)
from trova_app.services import (
    billing,
    gateway_accounts,
    gateway_connect,
    gateway_disconnect,
    lost_links,
    outbox,
    payments,
    refunds,
    review,
)
from trova_app.services.check import check
from trova_app.services.invoice_view import invoice_view
from trova_app.services.refund_jobs import JUST_ASKING
from trova_app.services.refunds import LEFT
from trova_app.sweeper import Sweeper

ACCOUNT = "acct_1"


class House(Office):
    """A practice with an account of its own, through which an invoice was asked for."""

    def __init__(self, database, stripes: StandIn) -> None:
        super().__init__(database)
        self.stripes, self.books = stripes, stripes.books
        self.connect(KEY, account_ref=ACCOUNT)
        with database.act(self.desk()) as (db, desk):
            case = an_invoice(db, desk, db.get_one(Practice, self.id))
            payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then={})
        self.invoice_id = case.invoice_id
        self.work()

    def _act(self, writes: bool = True):
        return self.database.act(self.desk(), writes)

    def _outside(self):
        def connected(held):
            return StripeLinks(held.key, self.stripes.url, held.account_ref)

        return paying.an_outside(gateways={}, connect=connected)

    def work(self) -> None:
        paying.Worker(self._outside(), self._act).run_once()

    def look(self) -> None:
        Sweeper(self._outside(), self._act).sweep(at_once=True)
        self.work()

    def leave(self) -> str:
        self.database.clock.advance(minutes=1)
        return self.do(gateway_disconnect.disconnect)

    def paid(self, *, by_bank: bool = False) -> dict:
        session = self.books.pay(self.books.visit("plink_1"), by_bank=by_bank)
        self.look()
        return session

    def shown(self):
        return self.do(lambda db, desk, who: invoice_view(db, desk, who, invoice_id=self.invoice_id))

    def give_back(self, amount: str = "250", **given):
        (payment,) = self.shown().payments
        return self.do(refunds.refund, payment_id=payment.id, amount=amount, **given)


@pytest.fixture
def house(database, stripes) -> House:
    return House(database, stripes)


@pytest.mark.parametrize("was_opened", [True, False])
def test_links_of_the_installations_gateway_are_made_anew_at_the_account_a_practice_takes_up(
    database, stripes, db, was_opened
):
    office = Office(database)
    with database.act(office.desk()) as (own, desk):
        case = an_invoice(own, desk, own.get_one(Practice, office.id))
        payments.open_request(own, desk, own.get_one(Invoice, case.invoice_id), then={})
    outside = paying.an_outside(connect=lambda held: StripeLinks(held.key, stripes.url, held.account_ref))
    worker = paying.Worker(outside, lambda writes=True: database.act(office.desk(), writes))
    if was_opened:
        worker.run_once()
    database.clock.advance(minutes=1)
    said = office.do(gateway_connect.connect, provider="stripe", key=KEY, account_ref=ACCOUNT)
    assert said == "Stripe is connected. One open payment link is being made anew there."
    worker.run_once()
    db.rollback()
    found = db.exec(select(PaymentRequest).order_by(PaymentRequest.id)).all()
    assert [(one.provider, one.state) for one in found] == [("simulated", "closed"), ("stripe", "active")]
    assert found[0].closed_reason == "the payment gateway changed"
    database.clock.advance(minutes=1)
    again = office.do(gateway_connect.connect, provider="stripe", key=NEXT_KEY, account_ref=ACCOUNT)
    assert again == "Stripe is connected." and stripes.books.payable() == ["plink_1"]


@pytest.mark.parametrize("was_first", ["the request", "leaving"])
def test_a_link_asked_for_in_the_moment_its_account_was_left_goes_through_what_is_connected_then(
    database, stripes, db, was_first
):
    """Neither transaction saw the other: the request names the account, and nobody closed it there. The installation's
    own account must not take that money under the practice's name."""
    office = Office(database)
    office.connect(KEY, account_ref=ACCOUNT)
    desk = office.desk()
    desk.gateway = "stripe"
    with database.act(desk) as (own, _):
        case = an_invoice(own, desk, own.get_one(Practice, office.id))
        payments.open_request(own, desk, own.get_one(Invoice, case.invoice_id), then=paying.letter(case))
        database.clock.advance(minutes=1)
        account = only(own, GatewayAccount)
        gateway_accounts.end(own, desk, account)
        account.key_encrypted = ""
        database.clock.advance(minutes=1)
        if was_first == "leaving":
            only(own, PaymentRequest).created_at = desk.now()
    mailbox = paying.Mailbox()
    outside = paying.an_outside(
        gateways={"stripe": StripeLinks("rk_test_1", stripes.url)},
        connect=lambda held: StripeLinks(held.key, stripes.url, held.account_ref),
        send=mailbox.send,
    )

    def act(writes: bool = True):
        desk = office.desk()
        desk.gateway = "stripe"
        return database.act(desk, writes)

    paying.Worker(outside, act).run_once()
    db.rollback()
    found = db.exec(select(PaymentRequest).order_by(PaymentRequest.id)).all()
    assert [(one.account_ref, one.state) for one in found] == [(ACCOUNT, "closed"), ("", "active")]
    assert [link["metadata"]["trova_request"] for link in stripes.links.values()] == [found[1].request_uuid]
    assert len(mailbox.mails) == 1


def standing(db, table):
    """The only row, as it stands by now."""
    db.rollback()
    return only(db, table)


def paid_now(db, house) -> int:
    db.rollback()
    return payments.paid_minor(db, house.invoice_id)


def keys(db) -> list[bool]:
    """Which accounts still have a key, in the order they were connected."""
    db.rollback()
    return [row.key_encrypted != "" for row in db.exec(select(GatewayAccount).order_by(GatewayAccount.id))]


@pytest.mark.parametrize("arrived", [True, False])
def test_a_bank_payment_under_way_is_followed_to_its_end_before_the_key_is_forgotten(house, db, arrived):
    session = house.paid(by_bank=True)
    house.leave()
    house.work()
    assert keys(db) == [True]
    house.books.arrives(session, arrived=arrived)
    house.look()
    assert standing(db, Payment).state == ("succeeded" if arrived else "failed")
    assert paid_now(db, house) == (125000 if arrived else 0)
    house.look()
    assert keys(db) == [False]


def test_once_the_same_account_is_connected_again_money_goes_back_through_it(house, db):
    house.paid()
    house.leave()
    house.work()
    assert keys(db) == [False]
    with pytest.raises(Refusal, match=LEFT[:40]):
        house.give_back()
    house.connect(NEXT_KEY, account_ref=ACCOUNT)
    house.give_back()
    house.work()
    assert [refund["amount"] for refund in house.books.refunds] == [25000]
    assert (standing(db, Refund).state, standing(db, Refund).provider_refund_id) == ("succeeded", "re_1")


def test_what_went_back_in_the_left_accounts_own_pages_is_written_down_and_later_heard_of_once(house, db):
    session = house.paid()
    house.leave()
    house.work()
    assert house.shown().payments[0].is_by_hand
    house.give_back(method="online")
    house.books.give_back({"payment_intent": session["payment_intent"], "amount": "25000"})
    assert (house.shown().label, house.shown().refunded) == ("Partly refunded", "R\u00a0250,00")
    house.connect(NEXT_KEY, account_ref=ACCOUNT)
    house.look()
    assert (standing(db, Refund).provider_refund_id, paid_now(db, house)) == ("re_1", 100000)


def test_a_payment_that_one_key_of_an_account_did_not_know_goes_back_through_the_next_that_does(house, db):
    house.paid()
    own = house.stripes
    with served() as empty:
        house.stripes = empty
        house.connect(NEXT_KEY, account_ref=ACCOUNT)
        house.give_back()
        house.work()
        assert house.shown().payments[0].is_by_hand
    house.stripes = own
    house.connect(KEY, account_ref=ACCOUNT)
    assert not house.shown().payments[0].is_by_hand
    house.give_back()
    house.work()
    assert [refund["amount"] for refund in house.books.refunds] == [25000]
    assert paid_now(db, house) == 100000


def test_what_went_back_in_cash_for_a_left_account_is_written_down(house, db):
    house.paid()
    house.leave()
    house.work()
    house.give_back(method="cash", reference="signed")
    assert (standing(db, Refund).method, paid_now(db, house)) == ("cash", 100000)
    assert house.books.refunds == []


def test_a_key_is_kept_until_the_link_that_was_said_to_be_switched_off_is_closed_with_it(house, db):
    house.do(billing.void_invoice, invoice_id=house.invoice_id, reason="Wrong client")
    with house._act() as (own, desk):
        assert lost_links.lost(own, desk, only(own, PaymentRequest).request_uuid)
    (question,) = house.do(review.open_items)
    house.do(review.resolve, item_id=question.id, decision="ignore", reason="Switched off there")
    Sweeper(house._outside(), house._act).sweep(at_once=True)
    house.leave()
    assert (house.books.payable(), keys(db)) == (["plink_1"], [True])
    assert [one for one in check(db, house.database.clock.now()) if one.table == "gateway_account"] == []
    house.work()
    assert (house.books.payable(), keys(db)) == ([], [False])


@pytest.fixture
def worn_out(house, db) -> House:
    """A refund was asked for, the account was left, and nobody has answered for as long as we try."""
    house.paid()
    house.give_back()
    house.leave()
    house.stripes.switches[:] = [503] * 3
    house.work()
    with house.database.act() as (own, desk):
        row = own.exec(select(OutboxRow).where(OutboxRow.kind == "refund")).one()
        row.attempts, row.dead_at = outbox.MAX_ATTEMPTS, desk.now()
    house.database.clock.advance(hours=13)
    house.stripes.before = lambda _call: house.stripes.switches.insert(0, 503)
    house.look()
    return house


def question(db) -> ReviewItem:
    return standing(db, ReviewItem)


def test_a_refund_nobody_answers_for_is_asked_for_on_and_a_person_sees_it(worn_out, db):
    item = question(db)
    assert (item.kind, item.state, item.invoice_id) == ("refund_waits", "open", worn_out.invoice_id)
    assert "was asked for on 18 Mar 2026, and the gateway has not answered since" in item.sentence
    worn_out.stripes.before = None
    worn_out.stripes.switches.clear()
    worn_out.database.clock.advance(hours=2)
    worn_out.look()
    assert [refund["amount"] for refund in worn_out.books.refunds] == [25000]
    for _ in range(2):  # what it told of that is taken in too
        worn_out.look()
    assert (question(db).state, standing(db, Refund).state, keys(db)) == ("resolved", "succeeded", [False])


def test_a_person_ends_it_and_gives_it_back_by_hand(worn_out, db):
    worn_out.do(review.resolve, item_id=question(db).id, decision="ignore", reason="Paid back in cash")
    assert (standing(db, Refund).state, standing(db, Refund).last_error) == (
        "failed", "Not asked for any more: Paid back in cash",
    )  # fmt: skip
    worn_out.stripes.before = None
    worn_out.stripes.switches.clear()
    for _ in range(2):
        worn_out.look()
    assert (worn_out.books.refunds, keys(db)) == ([], [False])
    worn_out.give_back(method="cash")
    assert paid_now(db, worn_out) == 100000


def test_what_the_gateway_had_done_all_the_same_counts_when_it_is_heard_of(worn_out, db):
    mine = worn_out.books.links["plink_1"]["metadata"] | {"trova_refund": standing(db, Refund).refund_uuid}
    worn_out.do(review.resolve, item_id=question(db).id, decision="ignore", reason="It takes too long")
    worn_out.stripes.before = None
    worn_out.stripes.switches.clear()
    payment = standing(db, Payment).provider_payment_id
    worn_out.books.give_back({"payment_intent": payment, "amount": "25000", "metadata": mine})
    worn_out.look()
    assert (standing(db, Refund).state, paid_now(db, worn_out)) == ("succeeded", 100000)


def test_nobody_ends_a_refund_while_the_gateway_is_just_being_asked(worn_out, db):
    with worn_out.database.act() as (own, desk):
        row = own.exec(select(OutboxRow).where(OutboxRow.kind == "refund")).one()
        row.due_at = desk.now()
        own.flush()
        assert outbox.claim(own, desk, limit=1, lease_seconds=60)
    with pytest.raises(Refusal, match=JUST_ASKING[:30]):
        worn_out.do(review.resolve, item_id=question(db).id, decision="ignore", reason="Now")
    assert standing(db, Refund).state == "wanted"
