"""A practice's account is set up at its gateway by the worker, with what it asks for stored before: a lost answer or a
crash leaves one endpoint and one link, and none that nobody knows of. Against a server that speaks Stripe's API."""

import threading

import pytest
from sqlmodel import select

from tests import paying
from tests.contract.paystack_stand_in import PaystackStandIn
from tests.contract.paystack_stand_in import served as paystack_served
from tests.contract.stand_in import DROP_REPLY, StandIn
from tests.services.test_gateway_accounts import KEY, NEXT_KEY, PAYSTACK_KEY, PUBLIC, Office
from tests.services.test_worker import crashing_at
from trova_app.adapters.paystack import PaystackLinks
from trova_app.adapters.secrets import Vault
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.domain.refusals import Refusal
from trova_app.models import GatewayAccount, OutboxRow, ReviewItem, WebhookEndpoint
from trova_app.services import (
    gateway_accounts,
    gateway_disconnect,
    gateway_health,
    gateway_webhooks,
    outbox_page,
    review,
    sweep,
    trial_payments,
)
from trova_app.services.check import check

BACK = {"return_path": "/settings/payments"}


class Practice(Office):
    """On a public address, connected to Stripe; its worker's client asks each call once."""

    def __init__(self, database, stripes: StandIn) -> None:
        super().__init__(database)
        self.stripes, self.books = stripes, stripes.books
        self.connect(KEY, account_ref="acct_1")

    def ask(self, service=gateway_webhooks.ask_for_webhooks, **given):
        return self.do(service, origin=PUBLIC, **given)

    def test(self, seen: str = "") -> None:
        self.ask(trial_payments.ask_for_test_payment, **BACK, seen=seen)

    def act(self, writes: bool = True):
        return self.database.act(self.desk(PUBLIC), writes)

    def work(self) -> None:
        connect = lambda held: StripeLinks(held.key, self.stripes.url, held.account_ref, retries=0)  # noqa: E731
        outside = paying.an_outside(gateways={}, connect=connect)
        paying.Worker(outside, self.act).run_once()

    def later(self) -> None:
        self.database.clock.advance(minutes=11)
        self.work()

    def shown(self):
        return self.ask(gateway_health.health)

    def reports_to(self) -> list[str]:
        """Where Stripe sends events of ours."""
        return [one["url"] for one in self.books.endpoints.values()]

    def believed(self) -> list[str]:
        """The secrets that are good here."""
        with self.database.act(writes=False) as (db, _desk):
            endpoints = db.exec(select(WebhookEndpoint).where(WebhookEndpoint.practice_id == self.id)).all()
            now, vault = self.database.clock.now(), Vault(b"tests-only")
            return [one for made in endpoints for one in gateway_accounts.secrets_of(vault, made, now)]

    def must_agree(self) -> None:
        """One endpoint there, and what it signs with is believed here."""
        (endpoint,) = self.books.endpoints.values()
        assert endpoint["secret"] == self.believed()[0]
        assert self.shown().has_webhooks and self.shown().webhooks_under_way is None
        with self.database.act(writes=False) as (db, _desk):
            assert check(db, self.database.clock.now()) == []


@pytest.fixture
def practice(database, stripes) -> Practice:
    return Practice(database, stripes)


def test_webhooks_are_asked_for_by_the_worker_and_the_page_says_how_it_stands(practice):
    assert practice.ask() == gateway_webhooks.COMING
    assert (practice.books.endpoints, practice.shown().webhooks_under_way.words) == ({}, "Being connected.")
    practice.work()
    practice.must_agree()


def test_an_endpoint_whose_answer_was_lost_is_the_one_that_is_kept(practice):
    practice.ask()
    practice.stripes.switches[:] = ["", DROP_REPLY]
    practice.work()
    assert len(practice.books.endpoints) == 1 and not practice.shown().has_webhooks
    assert practice.shown().webhooks_under_way == gateway_health.UnderWay(
        "Stripe did not answer. We will try again.", False
    )
    practice.later()
    assert list(practice.books.endpoints) == ["we_1"]
    practice.must_agree()


@pytest.mark.parametrize("at", ["worker: endpoint made, not stored", "worker: endpoint stored, not committed"])
def test_a_crash_between_stripes_answer_and_our_books_leaves_one_endpoint(practice, at):
    practice.ask()
    with crashing_at(practice.database, at):
        practice.work()
    practice.later()
    assert list(practice.books.endpoints) == ["we_1"]
    practice.must_agree()


def test_connecting_again_leaves_the_new_endpoint_and_events_under_way_stay_good(practice):
    for _ in range(2):
        practice.ask()
        practice.work()
    assert list(practice.books.endpoints) == ["we_2"]
    assert practice.believed() == ["whsec_we_2", "whsec_we_1"]
    practice.must_agree()


def test_pressing_again_while_it_is_on_its_way_asks_for_no_second_one(practice, db):
    practice.stripes.switches[:] = [503]
    practice.ask()
    practice.work()
    practice.ask()
    practice.work()
    assert list(practice.books.endpoints) == ["we_1"]
    assert len(db.exec(select(OutboxRow)).all()) == 1


def at_once(press, times: int = 6) -> list[str]:
    """What each of so many presses in the same moment was answered."""
    ready, said = threading.Barrier(times), []

    def one() -> None:
        ready.wait()
        try:
            said.append(press())
        except Refusal as refusal:
            said.append(refusal.sentence)

    people = [threading.Thread(target=one) for _ in range(times)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return said


def test_webhooks_asked_for_in_two_tabs_at_once_are_one_endpoint(practice, db):
    said = at_once(practice.ask)
    assert set(said) == {gateway_webhooks.COMING} and len(said) == 6
    practice.later()
    practice.must_agree()
    assert len(db.exec(select(OutboxRow).where(OutboxRow.kind == gateway_webhooks.CONNECT)).all()) == 1


def test_an_account_left_in_two_tabs_at_once_is_left_once_with_its_webhooks(practice, db):
    practice.ask()
    practice.work()
    practice.database.clock.advance(minutes=1)
    said = at_once(lambda: practice.ask(gateway_disconnect.disconnect))
    assert sorted(said) == sorted(
        [*[gateway_accounts.NOT_CONNECTED] * 5, next(one for one in said if "removed" in one)]
    )
    for _ in range(2):
        practice.later()
    assert (practice.books.endpoints, db.exec(select(GatewayAccount)).one().key_encrypted) == ({}, "")


def test_what_was_given_up_is_shown_with_its_reason_and_may_be_asked_for_anew(practice):
    practice.stripes.switches[:] = [401]
    practice.ask()
    practice.work()
    under_way = practice.shown().webhooks_under_way
    assert under_way.is_problem and under_way.words.startswith("Stripe did not accept the key.")
    (row,) = practice.do(outbox_page.waiting)
    assert (row.what, row.state) == ("Connecting of webhooks", "stopped")
    practice.ask()
    practice.work()
    practice.must_agree()


def test_another_practices_webhooks_of_the_same_account_are_left_alone(practice, database):
    other = Practice(database, practice.stripes)
    for one in (other, practice, practice):
        one.ask()
        one.work()
    assert len(practice.books.endpoints) == 2
    practice.do(gateway_disconnect.disconnect)
    practice.work()
    assert list(practice.books.endpoints.values())[0]["secret"] == other.believed()[0]
    assert len(practice.books.endpoints) == 1


def keys(db) -> list[bool]:
    db.rollback()
    return [row.key_encrypted != "" for row in db.exec(select(GatewayAccount).order_by(GatewayAccount.id))]


def test_an_account_that_is_left_has_its_webhooks_taken_away_before_its_key_is_forgotten(practice, db):
    practice.ask()
    practice.work()
    assert "Its webhook is being removed there" in practice.do(gateway_disconnect.disconnect)
    assert (len(practice.books.endpoints), practice.believed(), keys(db)) == (1, [], [True])
    practice.stripes.switches[:] = ["", DROP_REPLY]
    practice.work()
    assert keys(db) == [True]
    practice.later()
    assert (practice.books.endpoints, keys(db)) == ({}, [False])


def test_an_endpoint_nobody_here_heard_of_is_taken_away_when_its_account_is_left(practice, db):
    practice.ask()
    practice.stripes.switches[:] = ["", DROP_REPLY]
    practice.work()
    assert len(practice.books.endpoints) == 1
    practice.do(gateway_disconnect.disconnect)
    practice.work()
    assert (practice.books.endpoints, keys(db)) == ({}, [False])


def test_leaving_while_an_endpoint_is_just_being_made_waits_for_it_and_then_takes_it_away(practice, db):
    practice.ask()
    with crashing_at(practice.database, "worker: endpoint made, not stored"):
        practice.work()
    practice.do(gateway_disconnect.disconnect)
    practice.work()
    assert (len(practice.books.endpoints), keys(db)) == (1, [True])
    for _ in range(2):
        practice.later()
    assert (practice.books.endpoints, practice.believed(), keys(db)) == ({}, [], [False])


def test_the_removal_for_an_account_that_was_left_spares_the_webhooks_of_the_next_one(practice, db):
    practice.ask()
    practice.work()
    practice.stripes.switches[:] = [503]
    practice.do(gateway_disconnect.disconnect)
    practice.work()
    practice.connect(NEXT_KEY, account_ref="acct_1")
    practice.ask()
    practice.stripes.switches[:] = [503]
    for _ in range(2):  # the removal comes after the new one is made
        practice.later()
    (endpoint,) = practice.books.endpoints.values()
    assert practice.believed() == [endpoint["secret"]] == ["whsec_we_2"]
    assert keys(db) == [False, True]


@pytest.mark.parametrize("at", ["worker: endpoint made, not stored", "worker: test link opened, not stored"])
def test_what_is_asked_for_through_the_next_account_does_not_wait_for_what_the_last_one_left_in_hand(practice, at):
    practice.ask()
    practice.test()
    with crashing_at(practice.database, at):
        practice.work()
    practice.do(gateway_disconnect.disconnect)
    practice.connect(NEXT_KEY, account_ref="acct_1")
    assert (practice.shown().webhooks_under_way, practice.shown().test_under_way) == (None, None)
    practice.ask()
    practice.test()
    for _ in range(4):
        practice.later()
    practice.must_agree()
    assert practice.shown().test_url.startswith("https://pay.stripe.test/")


def test_a_webhook_the_gateway_does_not_let_us_remove_is_a_persons_to_remove_and_the_key_is_forgotten(practice, db):
    practice.ask()
    practice.work()
    practice.stripes.switches[:] = [401]
    practice.do(gateway_disconnect.disconnect)
    practice.work()
    item = db.exec(select(ReviewItem)).one()
    assert item.kind == "webhook_left" and "Remove it in its dashboard." in item.sentence
    assert keys(db) == [False]
    practice.do(review.resolve, item_id=item.id, decision="ignore", reason="Removed there")
    assert practice.do(outbox_page.waiting) == []


# A link to try it with


def test_a_link_whose_making_was_never_answered_is_looked_for_before_another_is_made(practice):
    """Stripe remembers a key for a day; a Retry may come later."""
    practice.test()
    practice.stripes.switches[:] = [DROP_REPLY] * 3
    practice.work()
    practice.stripes.remembered.clear()
    practice.stripes.switches.clear()
    practice.later()
    (link,) = practice.stripes.links.values()
    assert practice.shown().test_url == link["url"]


@pytest.mark.parametrize(("currency", "sent"), [("ZAR", "2000"), ("USD", "50"), ("JPY", "50"), ("KWD", "2000")])
def test_a_test_payment_asks_for_little_and_carries_no_reference_of_ours(practice, database, currency, sent):
    with database.act() as (db, _desk):
        db.get_one(paying.Practice, practice.id).currency = currency
    practice.test()
    assert practice.shown().test_under_way.words == "The link is being opened."
    practice.work()
    asked = next(call.params for call in practice.stripes.calls if call.method == "POST")
    assert asked["line_items"][0]["price_data"]["unit_amount"] == sent
    assert asked["line_items"][0]["price_data"]["product_data"]["name"] == "Test payment"
    assert asked["metadata"]["trova_instance"] == "test payment"
    assert (practice.shown().test_url, practice.shown().test_under_way) == ("https://pay.stripe.test/plink_1", None)
    database.clock.advance(hours=2)
    assert practice.shown().test_url == ""


@pytest.mark.parametrize("lost", [True, False])
def test_a_test_link_whose_answer_was_lost_is_the_one_that_is_shown(practice, lost):
    practice.test()
    if lost:
        practice.stripes.switches[:] = [DROP_REPLY]
        practice.work()
    else:
        with crashing_at(practice.database, "worker: test link opened, not stored"):
            practice.work()
    practice.test()
    practice.later()
    assert list(practice.books.links) == ["plink_1"]
    assert practice.shown().test_url.endswith("plink_1")


def test_a_test_link_asked_for_in_two_tabs_is_one_and_another_is_made_for_who_has_seen_it(practice):
    practice.test()
    practice.work()
    for garbage in ("", "https://pay.stripe.test/plink_0", None, 7):
        practice.test(seen=garbage)
    practice.work()
    assert list(practice.books.links) == ["plink_1"]
    practice.test(seen=practice.shown().test_url)
    practice.work()
    assert practice.shown().test_url.endswith("plink_2")


def test_a_test_link_nobody_could_open_goes_with_the_account(practice):
    practice.stripes.switches[:] = [401]
    practice.test()
    practice.work()
    under_way = practice.shown().test_under_way
    assert under_way.is_problem and under_way.words.startswith("Stripe did not accept the key.")
    practice.do(gateway_disconnect.disconnect)
    assert practice.do(outbox_page.waiting) == []


def neither_seen_nor_closed(practice, *then: int) -> None:
    practice.stripes.switches[:] = ["", 403, 403, *then]
    practice.test()
    practice.work()
    assert (practice.books.payable(), practice.shown().test_url) == (["plink_1"], "")


def test_a_test_link_that_could_be_neither_seen_nor_closed_is_closed_as_soon_as_the_gateway_lets_us(practice):
    neither_seen_nor_closed(practice)
    practice.test()  # who tries again gets another one
    practice.work()
    assert practice.shown().test_url.endswith("plink_2")
    practice.later()
    assert practice.books.payable() == ["plink_2"]
    assert practice.do(outbox_page.waiting) == []


def test_the_same_job_tried_again_opens_another_test_link_than_the_one_that_is_being_closed(practice):
    neither_seen_nor_closed(practice)
    stopped = next(row for row in practice.do(outbox_page.waiting) if row.what == "Test payment")
    practice.do(lambda db, desk, who: outbox_page.try_again(db, desk, who, stopped.id))
    practice.work()
    assert practice.shown().test_url.endswith("plink_2")


def test_a_test_link_that_is_refused_to_be_closed_again_stands_in_the_outbox_and_is_tried_again_by_itself(
    practice, database
):
    neither_seen_nor_closed(practice)
    practice.stripes.switches[:] = [403]
    practice.later()
    stopped = [row for row in practice.do(outbox_page.waiting) if row.what == "Closing of a test payment"]
    assert [row.state for row in stopped] == ["stopped"]
    database.clock.advance(minutes=11)
    with database.act() as (db, desk):
        sweep.revive(db, desk, sweep.accounts(db, ())[0])
    practice.work()
    assert practice.books.payable() == []


def test_the_key_of_an_account_is_kept_until_the_link_to_try_it_with_is_closed(practice, db):
    neither_seen_nor_closed(practice)
    practice.do(gateway_disconnect.disconnect)
    assert keys(db) == [True]
    with practice.database.act(writes=False) as (own, _desk):
        assert check(own, practice.database.clock.now()) == []
    practice.later()
    assert (practice.books.payable(), keys(db)) == ([], [False])


def test_a_test_payment_of_a_real_key_is_refused_as_is_one_no_gateway_can_charge(database, stripes):
    live = Office(database, mode="live")
    live.connect("rk_live_51AbcDefGhi1Xyz")
    odd = Office(database)
    odd.connect(KEY)
    with database.act() as (db, _desk):
        db.get_one(paying.Practice, odd.id).currency = "XAU"
    for office, words in ((live, "real money"), (odd, "an amount this gateway can charge")):
        with pytest.raises(Refusal, match=words):
            office.do(trial_payments.ask_for_test_payment, **BACK, seen="")


def test_a_test_payment_at_paystack_leads_to_its_page(database):
    with paystack_served() as paystack:
        office = Office(database)
        office.connect(PAYSTACK_KEY, "paystack")
        office.do(trial_payments.ask_for_test_payment, **BACK, seen="")
        _work_at(paystack, office)
        assert office.do(gateway_health.health).test_url.startswith("https://checkout.paystack.test/")
        (made,) = paystack.transactions.values()
        assert (made["amount"], made["currency"]) == (2000, "ZAR")
        assert paystack.breaches == []


def _work_at(paystack: PaystackStandIn, office: Office) -> None:
    outside = paying.an_outside(gateways={}, connect=lambda held: PaystackLinks(held.key, paystack.url))
    paying.Worker(outside, lambda writes=True: office.database.act(office.desk(), writes)).run_once()
