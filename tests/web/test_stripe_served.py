"""A practice's own Stripe account from the link to the books, through the real server, with Stripe's own POSTs to the
endpoint that was made there, and what goes wrong on their way: one link, one payment, one receipt, whatever it is."""

import time
import uuid
from collections.abc import Iterator

import pytest

from tests.contract.books import Row
from tests.contract.post import DUPLICATE, NEVER, REORDER
from tests.contract.stand_in import StandIn
from tests.served import ServedApp, free_port
from tests.web.house import PUBLIC, House, a_house
from trova_app.services import sweep
from trova_app.services.sweep_turns import turn_of


@pytest.fixture
def stripe(served: ServedApp, stripes: StandIn) -> Iterator[StandIn]:
    stripes.clear()
    stripes.books.own = uuid.uuid4().hex[:8]  # the server's other tests know payments of other names
    stripes.post.roads = {PUBLIC: served.url}
    yield stripes
    stripes.clear()


@pytest.fixture
def house(served: ServedApp, stripe: StandIn, request: pytest.FixtureRequest) -> House:
    """Webhooks are connected, the link stands open and its letter is out; somebody had asked for it twice. For a minute
    nothing is looked for unasked. The parameter: seconds that Stripe takes for all it does."""
    stripe.slow = stripe.post.slow = getattr(request, "param", 0)
    made = a_house(served, "stripe", "rk_test_12345678")
    made.ask_to_pay()
    made.wait_for(lambda _db: made.account().endpoint_ref and made.letters() == ["invoice"])
    with made.act() as (db, desk):
        turn_of(db, f"account/{made.account().id}").taken_at = desk.now()
    return made


def paid(stripe: StandIn, **given: bool) -> Row:
    (link,) = stripe.links
    return stripe.books.pay(stripe.books.visit(link), **given)


def must_end_well(house: House, stripe: StandIn, stands: int = 125000) -> None:
    """One link that nobody can pay through any more, one payment here and there, one receipt, sound books."""
    house.wait_for(lambda _db: house.letters() == ["invoice", "receipt"] and house.request().state == "paid")
    house.wait_for(lambda _db: not stripe.books.payable() and not any(link["active"] for link in stripe.links.values()))
    stripe.post.settle()
    house.wait_for(lambda _db: all(event.state == "done" for event in house.events()))
    (payment,) = house.payments()
    assert [payment.provider_payment_id] == list(stripe.books.payments)
    assert (payment.amount_minor, len(stripe.links)) == (125000, 1)
    assert (house.letters(), house.receipts(), house.paid()) == (["invoice", "receipt"], 1, stands)
    assert house.breaches() == []


def kinds(house: House) -> list[str]:
    return sorted(event.type for event in house.events())


def test_what_stripe_posts_to_the_endpoint_that_was_made_there_settles_the_invoice(house, stripe):
    paid(stripe)
    must_end_well(house, stripe)
    assert {status for _event, status in stripe.post.answers} == {200}
    assert kinds(house) == ["checkout.session.completed", "payment_link.updated"]


def test_each_event_twice_at_the_same_time_is_kept_and_counted_once(house, stripe):
    stripe.post.switch = DUPLICATE
    paid(stripe)
    must_end_well(house, stripe)
    assert len(stripe.post.answers) == 2 * len(stripe.books.told)
    assert kinds(house) == ["checkout.session.completed", "payment_link.updated"]


def test_the_last_one_first_ends_as_in_their_order(house, stripe):
    stripe.post.switch = REORDER
    session = paid(stripe, by_bank=True)
    stripe.books.arrives(session)
    stripe.books.give_back({"payment_intent": session["payment_intent"], "amount": "25000"})
    held = [event["id"] for event in stripe.books.told]
    stripe.post.release()
    assert [event for event, _status in stripe.post.answers if event in held] == held[::-1]
    must_end_well(house, stripe, stands=100000)


def test_what_is_never_delivered_is_found_by_a_look(house, stripe):
    stripe.post.switch = NEVER
    paid(stripe)
    with house.act() as (db, desk):
        sweep.check_payments_now(db, desk, house.who)
    must_end_well(house, stripe)
    assert stripe.post.answers == []


def test_what_a_server_that_was_away_did_not_take_comes_again(house, stripe):
    road = stripe.post.roads.pop(PUBLIC)
    stripe.post.roads[PUBLIC] = f"http://127.0.0.1:{free_port()}"
    paid(stripe)
    while not stripe.post.answers:
        time.sleep(0.01)
    stripe.post.roads[PUBLIC] = road
    must_end_well(house, stripe)
    assert {status for _event, status in stripe.post.answers} == {0, 200}
    assert kinds(house) == ["checkout.session.completed", "payment_link.updated"]


@pytest.mark.parametrize("house", [0.5], indirect=True)
def test_a_slow_stripe_makes_one_link_and_tells_late_what_a_look_has_found(house, stripe):
    stripe.post.switch = REORDER
    paid(stripe)
    with house.act() as (db, desk):
        sweep.check_payments_now(db, desk, house.who)
    house.wait_for(lambda _db: house.paid())
    stripe.post.release()
    must_end_well(house, stripe)
    assert kinds(house) == ["checkout.session.completed", "payment_link.updated"]
    assert [call.path for call in stripe.calls if call.method == "POST"].count("/v1/payment_links") == 1
