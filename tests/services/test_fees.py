"""What a gateway kept for itself shows beside each payment, read once a night."""

import pytest
from sqlmodel import select

from tests import builders as a
from tests import paying
from trova_app import sweeper
from trova_app.adapters import signed_events
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.domain.gateways import FeeFact
from trova_app.models import Payment, PaymentRequest, SweepTurn
from trova_app.services import billing_lists, fees, statistics
from trova_app.services.sweep_turns import Account
from trova_app.sweeper import Sweeper

STRIPE = Account("stripe", "stripe")


@pytest.fixture
def at_hand(stripes):
    return paying.an_outside(gateways={"stripe": StripeLinks("rk_test_1", stripes.url)}, send=paying.Mailbox().send)


def a_link(database, at_hand, **given) -> tuple[paying.Case, str]:
    """A link that stands open, and the gateway's name for it."""
    case = paying.asked_to_pay(database, gateway="stripe", **given)
    paying.a_worker(database, at_hand).run_once()
    with database.act(writes=False) as (db, _desk):
        request = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == case.invoice_id)).one()
        return case, str(request.provider_ref)


def look(database, at_hand) -> None:
    Sweeper(at_hand, database.act).sweep(at_once=True)
    paying.a_worker(database, at_hand).run_once()


def reads(stripes) -> int:
    return sum(call.path == "/v1/balance_transactions" for call in stripes.calls)


def fees_kept(database) -> list[int | None]:
    with database.act(writes=False) as (db, _desk):
        return list(db.exec(select(Payment.fee_minor).order_by(Payment.id)))


def test_billing_shows_the_fee_of_an_online_payment_the_morning_after(database, at_hand, stripes):
    case, link = a_link(database, at_hand)
    look(database, at_hand)
    stripes.visited(link)
    look(database, at_hand)
    assert fees_kept(database) == [None]
    database.clock.advance(hours=24)
    look(database, at_hand)
    assert fees_kept(database) == [125000 * 29 // 1000 + 200]
    shown = database.do(billing_lists.payments, case.owner).rows[0]
    assert (shown.amount, shown.fee) == ("R\xa01\xa0250,00", "R\xa038,25")


def test_fees_are_read_once_a_night_however_often_payments_are_looked_for(database, at_hand, stripes):
    a_link(database, at_hand)
    for _ in range(5):
        look(database, at_hand)
    assert reads(stripes) == 1
    database.clock.advance(hours=23)
    look(database, at_hand)
    assert reads(stripes) == 1
    database.clock.advance(hours=1)
    look(database, at_hand)
    assert reads(stripes) == 2


def test_while_fees_cannot_be_read_payments_come_in_and_an_hour_later_they_are_read(database, at_hand, stripes):
    _, link = a_link(database, at_hand)
    stripes.visited(link)
    refuse_fees(stripes)
    look(database, at_hand)
    assert fees_kept(database) == [None]
    refused = reads(stripes)
    assert refused > 0
    look(database, at_hand)
    assert reads(stripes) == refused
    stripes.before = None
    database.clock.advance(hours=1)
    look(database, at_hand)
    assert fees_kept(database) == [3825]


def refuse_fees(stripes) -> None:
    def before(call) -> None:
        if call.path == "/v1/balance_transactions":
            stripes.switches[:] = [403]

    stripes.before = before


def test_a_bank_payment_that_arrives_days_later_gets_its_fee_too(database, at_hand, stripes):
    _, link = a_link(database, at_hand)
    session = stripes.visited(link, payment_status="unpaid")
    look(database, at_hand)
    stripes.books.now += 2 * 86400
    database.clock.advance(days=2)
    stripes.books.arrives(session)
    look(database, at_hand)
    database.clock.advance(days=1)
    look(database, at_hand)
    assert fees_kept(database) == [3825]


def test_more_fees_than_fit_one_page_are_all_read(database, at_hand, stripes):
    links = [a_link(database, at_hand, email=f"client{n}@example.test")[1] for n in range(3)]
    for link in links:
        stripes.visited(link)
    for entry in [dict(stripes.books.balance[0]) for _ in range(120)]:
        stripes.books.balance.append(entry | {"id": f"txn_{len(stripes.books.balance) + 1}", "type": "payout"})
    look(database, at_hand)
    database.clock.advance(days=1)
    look(database, at_hand)
    assert fees_kept(database) == [3825] * 3
    assert reads(stripes) == 4


def many_bookings(stripes, count: int) -> None:
    """Younger than what is there, and about no payment."""
    for n in range(count):
        stripes.books.balance.append(dict(stripes.books.balance[0]) | {"id": f"txn_more_{n}", "type": "payout"})


def pages_asked_after(stripes) -> list[str]:
    """Where each reading of fees went on, "" for the start."""
    asked = [call.params for call in stripes.calls if call.path == "/v1/balance_transactions"]
    return [params.get("starting_after", "") for params in asked]


def test_more_fees_than_one_turn_can_read_are_read_on_from_where_it_stopped(database, at_hand, stripes, monkeypatch):
    _, link = a_link(database, at_hand)
    stripes.visited(link)
    many_bookings(stripes, 450)
    monkeypatch.setattr(sweeper, "MOST_PAGES", 2)
    for _ in range(2):
        look(database, at_hand)
        assert fees_kept(database) == [None]
        database.clock.advance(hours=1)
    look(database, at_hand)
    assert fees_kept(database) == [3825]
    assert pages_asked_after(stripes) == ["", *[f"txn_more_{n}" for n in (350, 250, 150, 50)]]
    database.clock.advance(hours=1)
    look(database, at_hand)
    assert reads(stripes) == 5
    database.clock.advance(hours=23)
    look(database, at_hand)
    assert pages_asked_after(stripes)[5] == ""


def test_where_a_reading_of_fees_broke_off_the_next_one_goes_on(database, at_hand, stripes):
    _, link = a_link(database, at_hand)
    stripes.visited(link)
    many_bookings(stripes, 250)

    def before(call) -> None:
        if call.path == "/v1/balance_transactions" and "starting_after" in call.params:
            stripes.switches[:] = [500]

    stripes.before = before
    look(database, at_hand)
    stripes.before = None
    tried = reads(stripes)
    database.clock.advance(hours=1)
    look(database, at_hand)
    assert pages_asked_after(stripes)[tried:] == ["txn_more_150", "txn_more_50"]
    assert fees_kept(database) == [3825]


def test_a_place_the_gateway_does_not_know_any_more_is_forgotten_and_reading_starts_over(
    database, at_hand, stripes, monkeypatch
):
    _, link = a_link(database, at_hand)
    stripes.visited(link)
    many_bookings(stripes, 150)
    monkeypatch.setattr(sweeper, "MOST_PAGES", 1)
    look(database, at_hand)
    refuse_fees(stripes)
    database.clock.advance(hours=1)
    look(database, at_hand)
    stripes.before = None
    monkeypatch.setattr(sweeper, "MOST_PAGES", 2)
    database.clock.advance(hours=1)
    look(database, at_hand)
    assert pages_asked_after(stripes)[-2] == ""
    assert fees_kept(database) == [3825]


def test_of_several_workers_one_reads(database):
    with database.act() as (db, desk):
        assert fees.is_due(db, desk, STRIPE)
        assert fees.take_turn(db, desk, STRIPE) is not None
    with database.act() as (db, desk):
        assert not fees.is_due(db, desk, STRIPE)
        assert fees.take_turn(db, desk, STRIPE) is None


@pytest.fixture
def paid(database) -> Payment:
    case = paying.asked_to_pay(database, "stripe")
    with database.act() as (db, _desk):
        given = {"practice_id": case.practice_id, "invoice_id": case.invoice_id, "provider": "stripe"}
        payment = Payment(
            **given, provider_payment_id="pi_1", amount_minor=125000, currency="ZAR", method="online",
            received_on=database.clock.now().date(), created_at=database.clock.now(),
        )  # fmt: skip
        db.add(payment)
        db.flush()
        db.expunge(payment)
        return payment


def told_of(database, account: Account, *facts: FeeFact) -> set[int]:
    """Who hears of it."""
    desk = database.desk()
    with database.act(desk) as (db, _):
        fees.take_in(db, desk, account, facts)
    return desk.changed_practices


def test_a_fee_in_another_currency_is_left_out(database, paid):
    assert told_of(database, STRIPE, FeeFact("pi_1", 210, "USD")) == set()
    assert fees_kept(database) == [None]


def test_another_practices_account_says_nothing_about_this_practices_payments(database, paid):
    with database.act() as (db, _desk):
        other = a.a_practice(db, number_prefix="OTH").id
    assert told_of(database, Account("account/9", "stripe", other, 9), FeeFact("pi_1", 3825, "ZAR")) == set()
    assert told_of(database, Account("paystack", "paystack"), FeeFact("pi_1", 3825, "ZAR")) == set()
    assert fees_kept(database) == [None]
    assert told_of(database, STRIPE, FeeFact("pi_unknown", 1, "ZAR"), FeeFact("pi_1", 3825, "ZAR")) == {
        paid.practice_id
    }
    assert told_of(database, STRIPE, FeeFact("pi_1", 3825, "ZAR")) == set()
    assert fees_kept(database) == [3825]


def test_of_the_payer_in_the_gateways_books_nothing_is_kept(database, at_hand, stripes):
    _, link = a_link(database, at_hand)
    stripes.visited(link)
    assert stripes.books.balance[0]["source"]["billing_details"]["email"] == "payer@example.test"
    look(database, at_hand)
    page = at_hand.gateways["stripe"].list_fees(database.clock.now().replace(year=2020), None)
    assert page.fees == (FeeFact("pi_1", 3825, "ZAR"),)
    with database.act(writes=False) as (db, _desk):
        turns = {turn.key for turn in db.exec(select(SweepTurn))} - {statistics.TURN}
        assert turns == {"stripe", f"fees/stripe/{at_hand.gateways['stripe'].key_mark}"}


@pytest.mark.parametrize(
    "given",
    [
        {"type": "refund"}, {"type": "payout"}, {"type": "stripe_fee"}, {"source": "ch_1"}, {"source": None},
        {"fee": None}, {"fee": "12"}, {"fee": True}, {"fee": -1}, {"currency": "xau"}, {"currency": None},
        {"source": {"payment_intent": None}}, {"source": {"payment_intent": []}},
    ],
)  # fmt: skip
def test_an_entry_that_is_no_fee_of_a_payment_is_passed_over(given):
    entry = {"type": "charge", "fee": 3825, "currency": "zar", "source": {"payment_intent": {"id": "pi_1"}}}
    assert signed_events.fee_of(entry) == FeeFact("pi_1", 3825, "ZAR")
    assert signed_events.fee_of(entry | given) is None
