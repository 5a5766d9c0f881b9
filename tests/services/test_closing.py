"""Nothing is payable that we cannot close: against a server that speaks Stripe's API, with its faults, and never a
webhook. After each the books here and there agree."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlmodel import select

from tests import paying
from tests.contract.stand_in import DROP_REPLY, StandIn
from tests.paying import Mailbox, a_worker, an_outside, asked_to_pay, only
from tests.services.test_worker import crashing_at
from trova_app import sweeper, worker
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.domain.refusals import Refusal
from trova_app.models import Invoice, OutboxRow, Payment, PaymentRequest, ReviewItem, SweepTurn
from trova_app.services import billing, links, outbox_page, pay_page, payment_requests, payments, sweep, sweep_turns
from trova_app.sweeper import Sweeper


@pytest.fixture(autouse=True)
def _nobody_is_named_to_stripe(stripes: StandIn) -> Iterator[None]:
    yield
    for word in (paying.SERVICE, paying.ICD, "Mokoena", "Thandi", "example.test"):
        assert not any(word in call.raw for call in stripes.calls)


@pytest.fixture
def at_hand(stripes):
    return an_outside(gateways={"stripe": StripeLinks("rk_test_1", stripes.url)}, send=Mailbox().send)


def work(database, at_hand) -> None:
    a_worker(database, at_hand).run_once()


def look(database, at_hand) -> None:
    Sweeper(at_hand, database.act).sweep(at_once=True)
    work(database, at_hand)


@pytest.fixture
def case(database, at_hand):
    made = asked_to_pay(database, gateway="stripe")
    work(database, at_hand)
    return made


def stripe_desk(database):
    desk = database.desk()
    desk.gateway = "stripe"
    return desk


def by_hand(database, case, amount=125000):
    with database.act(stripe_desk(database)) as (db, desk):
        invoice = db.get_one(Invoice, case.invoice_id)
        payments.record_manual(
            db, desk, invoice=invoice, amount_minor=amount, method="cash", received_on=desk.now().date(),
            member_id=case.owner.member_id,
        )  # fmt: skip


def void(database, case):
    return database.do(billing.void_invoice, case.owner, invoice_id=case.invoice_id, reason="Wrong client")


def states(db) -> list[str]:
    db.rollback()
    return [request.state for request in db.exec(select(PaymentRequest).order_by(PaymentRequest.id))]


def test_a_voided_invoices_link_cannot_be_paid_not_even_on_a_page_that_stands_open(
    database, db, stripes, at_hand, case
):
    stripes.books.visit("plink_1")
    assert stripes.books.payable() == ["plink_1"]
    void(database, case)
    work(database, at_hand)
    assert stripes.books.payable() == []
    assert states(db) == ["closed"]


def test_who_pays_while_the_link_is_being_closed_is_found_and_kept_as_a_credit(database, db, stripes, at_hand, case):
    session = stripes.books.visit("plink_1")

    def pays(call) -> None:
        if call.path.endswith("/expire"):
            stripes.before = None
            stripes.books.pay(session)

    stripes.before = pays
    void(database, case)
    work(database, at_hand)
    assert states(db) == ["paid"]
    assert (only(db, Payment).is_credit, only(db, ReviewItem).kind) == (True, "credit")
    assert stripes.books.payable() == []


def test_while_stripe_is_away_everybody_sees_that_the_link_may_still_be_paid(
    database, db, stripes, at_hand, case, clock
):
    void(database, case)
    stripes.switches[:] = [500] * 3
    work(database, at_hand)
    assert states(db) == ["closing"]
    assert "somebody may still pay" in only(db, PaymentRequest).last_error
    clock.advance(seconds=10)
    work(database, at_hand)
    assert states(db) == ["closed"]
    assert only(db, PaymentRequest).last_error == ""


@pytest.mark.parametrize("fault", [500, 409, 429, 502, DROP_REPLY])
@pytest.mark.parametrize("call", range(4))
def test_a_fault_at_any_call_of_closing_ends_in_a_closed_link(database, db, stripes, at_hand, case, clock, fault, call):
    stripes.books.visit("plink_1")
    void(database, case)
    stripes.switches[:] = [""] * call + [fault]
    for _ in range(4):
        work(database, at_hand)
        clock.advance(seconds=60)
    assert (states(db), stripes.books.payable()) == (["closed"], [])


CLOSE_POINTS = ["worker: link to close", "worker: link closed, not stored", "close: taken in"]
CLOSE_POINTS += ["worker: closing stored, not committed"]


@pytest.mark.parametrize("point", CLOSE_POINTS)
@pytest.mark.parametrize("is_paid", [False, True])
def test_a_worker_that_ends_anywhere_in_closing_leaves_nothing_undone(
    database, db, stripes, at_hand, case, clock, point, is_paid
):
    session = stripes.books.visit("plink_1")
    void(database, case)
    if is_paid:
        stripes.books.pay(session)
    with crashing_at(database, point):
        work(database, at_hand)
    clock.advance(seconds=worker.LEASE_SECONDS + 1)
    work(database, at_hand)
    assert states(db) == ["paid" if is_paid else "closed"]
    assert stripes.books.payable() == []
    assert len(db.exec(select(Payment)).all()) == int(is_paid)


@pytest.mark.parametrize("point", ["worker: link wanted", "worker: link opened, not stored"])
def test_a_link_voided_while_it_was_being_opened_is_closed_too(database, db, stripes, at_hand, clock, point):
    case = asked_to_pay(database, gateway="stripe")
    with crashing_at(database, point):
        work(database, at_hand)
    void(database, case)
    clock.advance(seconds=worker.LEASE_SECONDS + 1)
    work(database, at_hand)
    assert (states(db), stripes.books.payable()) == (["closed"], [])
    assert len(stripes.books.links) <= 1


def test_cash_for_all_of_it_closes_the_link_and_opens_no_other(database, db, stripes, at_hand, case):
    by_hand(database, case)
    work(database, at_hand)
    assert (states(db), stripes.books.payable()) == (["closed"], [])


def test_cash_for_a_part_closes_the_link_and_opens_one_over_the_rest(database, db, stripes, at_hand, case):
    by_hand(database, case, 25000)
    plain = database.desk
    database.desk = lambda: _as_stripe(plain())
    work(database, at_hand)
    assert (states(db), stripes.books.payable()) == (["closed", "active"], ["plink_2"])
    assert stripes.lines["plink_2"][0]["amount_total"] == 100000


def _as_stripe(desk):
    desk.gateway = "stripe"
    return desk


def test_a_part_taken_before_the_link_was_made_still_sends_the_letter_once(database, db, stripes):
    mailbox = Mailbox()
    at_hand = an_outside(gateways={"stripe": StripeLinks("rk_test_1", stripes.url)}, send=mailbox.send)
    case = asked_to_pay(database, gateway="stripe")
    by_hand(database, case, 25000)
    work(database, at_hand)
    assert states(db) == ["closed", "active"]
    assert [mail.to for mail in mailbox.mails] == [case.client_email]
    assert [line[0]["amount_total"] for line in stripes.lines.values()] == [100000]


def test_once_paid_the_page_somebody_else_has_open_is_ended(database, db, stripes, at_hand, case):
    first, _second = stripes.books.visit("plink_1"), stripes.books.visit("plink_1")
    stripes.books.pay(first)
    look(database, at_hand)
    assert states(db) == ["paid"]
    assert stripes.books.payable() == []


def test_of_two_payers_one_pays_and_the_other_is_a_visible_credit(database, db, stripes, at_hand, case):
    for session in [stripes.books.visit("plink_1") for _ in range(2)]:
        stripes.books.pay(session)
    look(database, at_hand)
    assert sorted(payment.is_credit for payment in db.exec(select(Payment))) == [False, True]
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert sum(payment.amount_minor for payment in db.exec(select(Payment))) == stripes.books.paid_total()


# Without a single webhook


def test_a_payment_is_found_without_any_webhook_and_receipted_once(database, db, stripes, at_hand, case):
    stripes.books.pay(stripes.books.visit("plink_1"))
    for _ in range(3):
        look(database, at_hand)
    assert payments.paid_minor(db, case.invoice_id) == stripes.books.paid_total() == 125000
    assert len(db.exec(select(OutboxRow).where(OutboxRow.key.startswith("receipt/"))).all()) == 1
    assert db.get(SweepTurn, "stripe").last_sweep_at == database.clock.now()


@pytest.mark.parametrize("arrived", [True, False])
def test_a_bank_payment_is_followed_to_its_end_without_any_webhook(database, db, stripes, at_hand, case, arrived):
    plain = database.desk
    database.desk = lambda: _as_stripe(plain())
    session = stripes.books.pay(stripes.books.visit("plink_1"), by_bank=True)
    look(database, at_hand)
    assert only(db, Payment).state == "pending"
    stripes.books.arrives(session, arrived=arrived)
    look(database, at_hand)
    db.rollback()
    assert only(db, Payment).state == ("succeeded" if arrived else "failed")
    assert states(db) == (["paid"] if arrived else ["closed", "active"])
    assert payments.paid_minor(db, case.invoice_id) == stripes.books.paid_total()


def test_a_month_without_the_installation_is_made_up_for(database, db, stripes, at_hand, case, clock):
    stripes.books.pay(stripes.books.visit("plink_1"))
    clock.advance(days=25)
    look(database, at_hand)
    assert states(db) == ["paid"]


def test_a_refund_and_a_dispute_at_the_dashboard_are_found(database, db, stripes, at_hand, case):
    session = stripes.books.pay(stripes.books.visit("plink_1"))
    stripes.books.give_back({"payment_intent": session["payment_intent"], "amount": "25000"})
    look(database, at_hand)
    assert payments.paid_minor(db, case.invoice_id) == 100000


def test_a_link_switched_off_at_the_dashboard_is_asked_about_once(database, db, stripes, at_hand, case):
    stripes.books.update_link("plink_1", {"active": "false"})
    for _ in range(2):
        look(database, at_hand)
    assert (only(db, ReviewItem).kind, states(db)) == ("link_changed", ["active"])


def what_the_payer_sees(database, case) -> tuple[pay_page.PayState, bool]:
    with database.act(stripe_desk(database), writes=False) as (db, desk):
        page = pay_page.pay_page(db, desk, token=case.token)
        return page.state, page.url != ""


def test_nobody_is_sent_to_a_link_that_is_off_and_it_settles_itself_when_it_is_on_again(
    database, db, stripes, at_hand, case, clock
):
    for _ in range(2):
        stripes.books.update_link("plink_1", {"active": "false"})
        look(database, at_hand)
        assert what_the_payer_sees(database, case) == (pay_page.PayState.HELD_BACK, False)
        assert only(db, ReviewItem).state == "open"
        stripes.books.update_link("plink_1", {"active": "true"})
        clock.advance(minutes=30)
        look(database, at_hand)
        db.rollback()
        assert what_the_payer_sees(database, case) == (pay_page.PayState.PAYABLE, True)
        assert (only(db, ReviewItem).state, only(db, PaymentRequest).last_error) == ("resolved", "")
        db.rollback()


def test_a_link_that_is_off_because_it_was_paid_is_nothing_to_ask_about(database, db, stripes, at_hand, case):
    stripes.books.pay(stripes.books.visit("plink_1"))
    stripes.books.update_link("plink_1", {"active": "false"})
    look(database, at_hand)
    assert db.exec(select(ReviewItem)).all() == []
    assert states(db) == ["paid"]


def test_stripe_that_is_away_is_said_and_forgotten_when_it_is_back(database, db, stripes, at_hand, case):
    stripes.switches[:] = [500] * 9
    look(database, at_hand)
    assert db.get(SweepTurn, "stripe").last_sweep_error.startswith("Stripe did not answer")
    stripes.switches.clear()
    look(database, at_hand)
    db.rollback()
    assert db.get(SweepTurn, "stripe").last_sweep_error == ""


def test_a_link_that_stripe_does_not_know_keeps_no_other_payment_from_being_found(database, db, stripes, at_hand, case):
    other = asked_to_pay(database, gateway="stripe", email="sipho@example.test")
    work(database, at_hand)
    with database.act() as (act_db, _desk):
        one = act_db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == case.invoice_id)).one()
        one.provider_ref = "plink_of_another_account"
    paid = stripes.books.pay(stripes.books.visit("plink_2"))
    stripes.books.told.clear()
    look(database, at_hand)
    assert paid_now(db, other) == 125000
    stripes.books.give_back({"payment_intent": paid["payment_intent"], "amount": "25000"})
    look(database, at_hand)
    assert paid_now(db, other) == 100000
    assert db.get(SweepTurn, "stripe").last_sweep_error.startswith("A payment link could not be looked at.")


def test_after_more_events_than_one_look_can_read_the_next_ones_go_on_to_the_oldest(
    database, db, stripes, at_hand, case, clock, monkeypatch
):
    session = stripes.books.pay(stripes.books.visit("plink_1"))
    look(database, at_hand)
    stripes.books.now += 60
    stripes.books.give_back({"payment_intent": session["payment_intent"], "amount": "25000"})
    newest = dict(stripes.books.told[-1])
    for n in range(450):  # of other software that uses the same account
        stripes.books.told.append(newest | {"id": f"evt_more_{n}", "data": {"object": {"id": f"re_{n}"}}})
    monkeypatch.setattr(sweeper, "MOST_PAGES", 2)
    begun = len(stripes.calls)
    for _ in range(2):
        look(database, at_hand)
        assert paid_now(db, case) == 125000
    look(database, at_hand)
    assert paid_now(db, case) == 100000
    assert lists_after(stripes, begun) == ["", *[f"evt_more_{n}" for n in (350, 250, 150, 50)]]
    look(database, at_hand)
    assert lists_after(stripes, begun)[5] == ""


def paid_now(db, case) -> int:
    db.rollback()
    return payments.paid_minor(db, case.invoice_id)


def lists_after(stripes, begun: int) -> list[str]:
    """Where each list of events went on, "" for the start."""
    asked = [call.params for call in stripes.calls[begun:] if call.path == "/v1/events"]
    return [params.get("starting_after", "") for params in asked]


def test_a_closing_that_was_given_up_is_taken_up_again(database, db, stripes, at_hand, case, clock):
    void(database, case)
    with database.act() as (act_db, _desk):
        row = act_db.exec(select(OutboxRow).where(OutboxRow.kind == "close_link")).one()
        row.dead_at = database.clock.now()
    clock.advance(minutes=11)
    look(database, at_hand)
    assert states(db) == ["closed"]


def test_of_two_workers_one_looks_and_the_next_look_waits_a_minute(database, db, stripes, at_hand, case, clock):
    sweeper = Sweeper(at_hand, database.act)
    assert (sweeper.sweep(), sweeper.sweep()) == (1, 0)
    clock.advance(seconds=61)
    assert sweeper.sweep() == 1


def test_a_person_who_asks_gets_a_look_at_once(database, stripes, at_hand, case):
    sweeper = Sweeper(at_hand, database.act)
    sweeper.sweep()
    desk = stripe_desk(database)
    with database.act(desk) as (db, _):
        sweep.check_payments_now(db, desk, case.owner)
    assert desk.woke_worker
    assert sweeper.sweep() == 1


class Interrupted:
    """Stripe's gateway; `do` happens once, while it is being asked for a link."""

    def __init__(self, inner: StripeLinks, do: Callable[[], object]) -> None:
        self._inner, self._do = inner, [do]

    def read(self, link):
        while self._do:
            self._do.pop()()
        return self._inner.read(link)

    def __getattr__(self, name: str):
        return getattr(self._inner, name)


def interrupted(database, at_hand, do: Callable[[], object]) -> Sweeper:
    gateway = Interrupted(at_hand.gateways["stripe"], do)
    return Sweeper(replace(at_hand, gateways={"stripe": gateway}), database.act)


def test_while_one_process_looks_no_other_does_and_one_that_just_started_looks_right_after(
    database, stripes, at_hand, case
):
    other, looks = Sweeper(at_hand, database.act), []
    one = interrupted(database, at_hand, lambda: looks.extend((other.sweep(), other.sweep(at_once=True))))
    assert (one.sweep(), looks, other.sweep(), one.sweep()) == (1, [0, 0], 1, 0)


def test_a_look_that_ended_with_its_process_is_anothers_once_its_lease_has_run_out(
    database, stripes, at_hand, case, clock
):
    account = sweep_turns.Account("stripe", "stripe")
    with database.act() as (db, desk):
        assert sweep_turns.take_turn(db, desk, account)
    sweeper = Sweeper(at_hand, database.act)
    clock.advance(minutes=2)
    assert (sweeper.sweep(), sweeper.sweep(at_once=True)) == (0, 0)
    clock.advance(minutes=2)
    assert sweeper.sweep() == 1


def test_who_stood_still_while_another_took_the_look_over_leaves_no_word_of_it(
    database, db, stripes, at_hand, case, clock
):
    other = Sweeper(at_hand, database.act)

    def taken_over() -> None:
        clock.advance(minutes=4)
        assert other.sweep() == 1
        stripes.switches.extend([503] * 3)

    assert interrupted(database, at_hand, taken_over).sweep() == 1
    assert stripes.switches == []
    turn = db.get(SweepTurn, "stripe")
    assert (turn.last_sweep_error, turn.last_sweep_at, turn.leased_until) == ("", clock.now(), None)


# Many at once


def test_fifty_presses_at_once_make_one_link(database, db, stripes, at_hand):
    with database.act() as (act_db, desk):
        case = paying.an_invoice(act_db, desk)

    def press(_: int) -> None:
        with database.act(stripe_desk(database)) as (own_db, desk):
            payments.open_request(own_db, desk, own_db.get_one(Invoice, case.invoice_id), then={})

    with ThreadPoolExecutor(16) as crowd:
        list(crowd.map(press, range(50)))
    work(database, at_hand)
    assert (states(db), len(stripes.books.links)) == (["active"], 1)


def test_paid_by_link_and_by_cash_in_the_same_second_is_paid_once_and_both_are_seen(
    database, db, stripes, at_hand, case
):
    fact = paying.a_fact(only(db, PaymentRequest))
    db.rollback()
    ready, refused = threading.Barrier(2), []

    def by_link() -> None:
        ready.wait()
        with database.act() as (own_db, desk):
            payments.ingest(own_db, desk, fact)

    def in_cash() -> None:
        ready.wait()
        try:
            by_hand(database, case)
        except Refusal as refusal:
            refused.append(refusal)

    people = [threading.Thread(target=one) for one in (by_link, in_cash)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert refused == []
    assert sorted(payment.is_credit for payment in db.exec(select(Payment))) == [False, True]
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert only(db, ReviewItem).kind == "credit"


def test_disconnecting_closes_every_link_of_the_account(database, db, stripes, at_hand, case):
    with database.act() as (act_db, desk):
        desk.gateway = ""
        assert payment_requests.close_requests_of(act_db, desk, case.practice_id, None) == 1
    plain = database.desk
    database.desk = lambda: _without_gateway(plain())
    work(database, at_hand)
    assert (states(db), stripes.books.payable()) == (["closed"], [])


def _without_gateway(desk):
    desk.gateway = ""
    return desk


def opening(db) -> OutboxRow:
    db.rollback()
    return db.exec(select(OutboxRow).where(OutboxRow.kind == "open_link").order_by(OutboxRow.id)).one()


def test_a_link_made_unheard_is_closed_though_a_retry_made_its_tries_begin_anew(database, db, stripes, at_hand, clock):
    case = asked_to_pay(database, gateway="stripe")
    stripes.switches[:] = [DROP_REPLY, 503, 503]
    work(database, at_hand)
    stripes.switches.clear()
    database.do(outbox_page.try_again, case.owner, row_id=opening(db).id)
    assert opening(db).attempts == 0
    void(database, case)
    clock.advance(minutes=11)
    look(database, at_hand)
    assert (states(db), stripes.books.payable()) == (["closed"], [])


def test_a_link_made_unheard_before_a_long_outage_gives_way_to_one_over_what_is_left(
    database, db, stripes, at_hand, clock
):
    case = asked_to_pay(database, gateway="stripe")
    stripes.switches[:] = [DROP_REPLY] + [503] * 100
    while opening(db).dead_at is None:
        work(database, at_hand)
        clock.advance(minutes=61)
    stripes.switches.clear()
    Sweeper(at_hand, database.act).sweep(at_once=True)
    assert (opening(db).dead_at, opening(db).attempts) == (None, 0)
    by_hand(database, case, 25000)
    plain = database.desk
    database.desk = lambda: _as_stripe(plain())
    clock.advance(minutes=11)
    look(database, at_hand)
    work(database, at_hand)
    assert (states(db), stripes.books.payable()) == (["closed", "active"], ["plink_2"])


@pytest.mark.parametrize("is_void", [False, True])
def test_a_link_asked_for_by_an_earlier_version_is_asked_for_again_with_the_address_it_named(
    database, db, stripes, at_hand, clock, is_void
):
    case, named = asked_to_pay(database, gateway="stripe"), f"{paying.ORIGIN}/pay/as-it-was-named-before"
    with database.act() as (act_db, _desk):
        job = act_db.exec(select(OutboxRow).where(OutboxRow.kind == "open_link")).one()
        job.payload = json.dumps(json.loads(job.payload) | {links.RETURNS_TO: named})
    stripes.switches[:] = [DROP_REPLY, 503, 503]
    work(database, at_hand)
    stripes.switches.clear()
    if is_void:
        void(database, case)
    for _ in range(3):
        clock.advance(minutes=11)
        look(database, at_hand)
    assert (states(db), list(stripes.books.links)) == (["closed"] if is_void else ["active"], ["plink_1"])
    asked = [call.params for call in stripes.calls if (call.method, call.path) == ("POST", "/v1/payment_links")]
    back = {given["after_completion"]["redirect"]["url"] for given in asked}
    assert back == {f"{named}?session={{CHECKOUT_SESSION_ID}}"}


def test_a_new_link_names_an_address_to_come_back_to_that_opens_nothing(database, db, stripes, case):
    back = stripes.calls[0].params["after_completion"]["redirect"]["url"]
    request = only(db, PaymentRequest)
    assert back == f"{paying.ORIGIN}/pay/back/{request.request_uuid}?session={{CHECKOUT_SESSION_ID}}"
    assert not any(case.token in call.raw for call in stripes.calls)


@pytest.mark.parametrize("is_void", [False, True])
def test_a_lost_answer_is_asked_for_again_word_for_word_though_the_installation_has_another_address_since(
    database, db, stripes, at_hand, clock, monkeypatch, is_void
):
    case = asked_to_pay(database, gateway="stripe")
    stripes.switches[:] = [DROP_REPLY, 503, 503]
    work(database, at_hand)
    stripes.switches.clear()
    here = database.desk
    monkeypatch.setattr(database, "desk", lambda: replace(here(), origin="https://new.example"))
    if is_void:
        void(database, case)
    for _ in range(3):
        clock.advance(minutes=11)
        look(database, at_hand)
    assert states(db) == (["closed"] if is_void else ["active"])
    assert list(stripes.books.links) == ["plink_1"]
    assert stripes.books.payable() == ([] if is_void else ["plink_1"])
