"""Money goes back once, never more than came, and everybody sees what became of it; on both databases."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from tests import builders as a
from tests.conftest import NOON
from tests.giving_back import (
    a_dispute_fact,
    a_refund_fact,
    as_role,
    give_back,
    items,
    notes,
    paid_by_hand,
    paid_online,
    rows,
    take_in,
)
from tests.paying import a_fact, a_worker, an_outside, asked_to_pay
from trova_app.domain.gateways import GatewayTrouble
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Dispute, Mail, OutboxRow, PaymentRequest, Refund
from trova_app.services import billing, billing_lists, outbox, payments, refunds, review, sweep
from trova_app.services.balances import left_of, owed_by
from trova_app.services.invoice_view import invoice_view
from trova_app.services.outcomes import Result
from trova_app.services.pay_page import PayState, pay_page
from trova_app.services.sweep_turns import Account


def refund_job(db) -> OutboxRow:
    return db.exec(select(OutboxRow).where(OutboxRow.kind == "refund")).one()


def shown(database, case):
    with database.act(writes=False) as (db, desk):
        return invoice_view(db, desk, case.owner, invoice_id=case.invoice_id)


def test_a_refund_is_wanted_with_its_key_before_the_gateway_is_asked(database, db):
    case, payment = paid_online(database)
    done = give_back(database, case, payment, "250", note="the last session was cut short")
    (row,) = rows(db)
    assert (row.state, row.amount_minor, row.provider_refund_id) == ("wanted", 25000, "")
    assert (row.reason, row.requested_by) == ("requested_by_customer", case.owner.member_id)
    assert refund_job(db).key == f"refund/{row.refund_uuid}"
    assert done.state == "wanted"
    assert "R\u00a0250,00" in done.sentence
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert left_of(db, payment.id) == 100000
    assert case.practice_id in database.desks[-1].changed_practices
    assert database.desks[-1].woke_worker
    assert not any("cut short" in what for what in notes(db))


def test_a_part_given_back_by_a_second_press_over_what_was_seen_before_is_refused(database, db):
    case, payment = paid_online(database)
    (seen,) = (one.left for one in shown(database, case).payments)
    give_back(database, case, payment, "250", seen=seen)
    with pytest.raises(Refusal, match="R\u00a01\u00a0000,00 of it is left by now. Nothing was given back"):
        give_back(database, case, payment, "250", seen=seen)
    assert [row.amount_minor for row in rows(db)] == [25000]


def test_the_worker_asks_the_gateway_and_the_money_counts_as_gone(database, db):
    case, payment = paid_online(database)
    give_back(database, case, payment)
    a_worker(database).run_once()
    (row,) = rows(db)
    assert (row.state, row.given_on) == ("succeeded", NOON.date())
    assert row.provider_refund_id
    assert refund_job(db).done_at is not None
    assert payments.paid_minor(db, case.invoice_id) == 0
    view = shown(database, case)
    assert (view.label, view.paid, view.refunded) == ("Refunded", "R\u00a00,00", "R\u00a01\u00a0250,00")
    assert any(what == "R\u00a01\u00a0250,00 was given back" for what in notes(db))


def test_the_gateway_learns_amount_reason_and_our_references_and_nothing_else(database, db):
    case, payment = paid_online(database)
    give_back(database, case, payment, "100", reason="duplicate", note="Thandi, anxiety, F41.1")
    asked = []
    gate = an_outside().gateways["simulated"]
    inner = gate.inner.refund
    gate.inner.refund = lambda spec: (asked.append(spec), inner(spec))[1]
    a_worker(database, an_outside(gateways={"simulated": gate})).run_once()
    (spec,) = asked
    uuid = rows(db)[0].refund_uuid
    assert (spec.amount_minor, spec.currency, spec.reason) == (10000, "ZAR", "duplicate")
    assert spec.provider_payment_id == payment.provider_payment_id
    assert spec.idempotency_key == f"trova/{spec.instance}/{uuid}/refund"
    assert not any(word in repr(spec) for word in ("Thandi", "F41", "anxiety", "Mokoena"))


def test_a_part_twice_and_then_the_rest(database, db):
    case, payment = paid_online(database)
    for typed in ("250", "R 500,00", ""):
        give_back(database, case, payment, typed)
        a_worker(database).run_once()
    assert [row.amount_minor for row in rows(db)] == [25000, 50000, 50000]
    assert payments.paid_minor(db, case.invoice_id) == 0
    with pytest.raises(Refusal, match="given back already"):
        give_back(database, case, payment)


def test_a_part_given_back_is_said_so_and_asked_of_nobody_again(database, db):
    case, payment = paid_online(database)
    give_back(database, case, payment, "250")
    a_worker(database).run_once()
    view = shown(database, case)
    assert (view.label, view.paid, view.refunded) == ("Partly refunded", "R\u00a01\u00a0000,00", "R\u00a0250,00")
    assert (view.is_given_back, view.acts[0], view.pay_url) == (True, "mail_again", "")
    with database.act(writes=False) as (own, _desk):
        assert owed_by(own, case.practice_id, [view.client_id]) == {}


def test_an_invoice_mailed_again_after_a_part_was_given_back_asks_for_nothing(database, db):
    case, payment = paid_online(database)
    give_back(database, case, payment, "250")
    a_worker(database).run_once()
    database.do(
        billing.mail_again, case.owner, invoice_id=case.invoice_id, document_id=case.document_id,
        recipient="thandi@example.test",
    )  # fmt: skip
    a_worker(database).run_once()
    newest = db.exec(select(Mail).where(Mail.kind == "invoice").order_by(col(Mail.id).desc())).first()
    assert "A part of what was paid on this invoice was given back. There is nothing to pay." in newest.text
    assert case.token not in newest.text


@pytest.mark.parametrize("typed", ["1250,01", "0", "-5", "ten", "1e3", "NaN", None, 5, 1.5, ["1"], True, "9" * 400])
def test_an_amount_that_cannot_go_back_is_refused_beside_its_field(database, db, typed):
    case, payment = paid_online(database)
    with pytest.raises(FieldFaults) as refused:
        give_back(database, case, payment, typed)
    assert [name for name, _ in refused.value.faults] == ["amount"]
    assert rows(db) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason", "because"), ("reason", None), ("reason", ["duplicate"]), ("note", "x" * 501), ("note", 7),
    ],
)  # fmt: skip
def test_an_unknown_reason_and_an_endless_note_are_refused(database, db, field, value):
    case, payment = paid_online(database)
    with pytest.raises(FieldFaults) as refused:
        give_back(database, case, payment, **{field: value})
    assert [name for name, _ in refused.value.faults] == [field]
    assert rows(db) == []


def test_a_gateway_that_only_takes_round_amounts_is_not_asked_for_others(database, db):
    case, payment = paid_online(database, currency="KWD", total_minor=125000)
    with pytest.raises(FieldFaults) as refused:
        give_back(database, case, payment, "5,124")
    assert refused.value.faults == [("amount", "The gateway can only give back an amount that ends in 0.")]
    give_back(database, case, payment, "5,120")
    assert [row.amount_minor for row in rows(db)] == [5120]


def test_a_payment_still_on_its_way_cannot_be_given_back(database):
    case = asked_to_pay(database)
    with database.act() as (db, desk):
        payments.ingest(db, desk, a_fact(db.exec(select(PaymentRequest)).one(), "pending"))
    with pytest.raises(Refusal, match="has arrived"):
        database.do(refunds.refund, case.owner, payment_id=1)


def test_while_the_bank_decides_nothing_is_given_back_beside_it(database, db):
    case, payment = paid_online(database)
    take_in(database, a_dispute_fact(payment))
    with pytest.raises(Refusal, match="objected"):
        give_back(database, case, payment)
    take_in(database, a_dispute_fact(payment, "won"))
    give_back(database, case, payment)
    assert [row.amount_minor for row in rows(db)] == [125000]


def test_fifty_at_once_never_give_back_more_than_came(database, db):
    case, payment = paid_online(database)
    ready, refusals = threading.Barrier(50), []

    def press() -> None:
        ready.wait()
        try:
            give_back(database, case, payment, "100")
        except Refusal as refusal:
            refusals.append(refusal)

    people = [threading.Thread(target=press) for _ in range(50)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sum(row.amount_minor for row in rows(db)) == 120000
    assert len(rows(db)) == 12
    assert len(refusals) == 38
    assert left_of(db, payment.id) == 5000


# -- by hand


def test_cash_goes_back_by_hand_and_is_recorded_at_once(database, db):
    case, payment = paid_by_hand(database)
    done = give_back(
        database, case, payment, "250", method="bank_transfer", given_on="2026-03-18", reference="FNB 7731"
    )
    (row,) = rows(db)
    assert (row.state, row.amount_minor, row.method, row.reference) == ("succeeded", 25000, "bank_transfer", "FNB 7731")
    assert (row.given_on, row.provider) == (NOON.date(), "manual")
    assert row.provider_refund_id == row.refund_uuid
    assert payments.paid_minor(db, case.invoice_id) == 100000
    assert db.exec(select(OutboxRow).where(OutboxRow.kind == "refund")).all() == []
    assert done.sentence == "R\u00a0250,00 given back, recorded."
    assert "R\u00a0250,00 given back by bank transfer (asked for by the client)" in notes(db)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("method", "online"), ("method", "gold"), ("method", ["cash"]), ("given_on", "2026-03-19"),
        ("given_on", "2026-03-17"), ("given_on", "yesterday"), ("given_on", 5), ("reference", "x" * 101),
        ("reference", "a\nb"),
    ],
)  # fmt: skip
def test_what_went_back_by_hand_is_written_down_properly(database, db, field, value):
    case, payment = paid_by_hand(database)
    with pytest.raises(FieldFaults) as refused:
        give_back(database, case, payment, **{field: value})
    assert [name for name, _ in refused.value.faults] == [field]
    assert rows(db) == []


def test_what_was_given_back_in_full_is_not_asked_for_again(database, db):
    case, payment = paid_by_hand(database)
    give_back(database, case, payment)
    with database.act(writes=False) as (own, desk):
        view = invoice_view(own, desk, case.owner, invoice_id=case.invoice_id)
        assert owed_by(own, case.practice_id, [view.client_id]) == {}
    assert (view.label, view.is_given_back) == ("Refunded", True)
    assert view.acts[0] == "mail_again"


def test_what_was_never_paid_in_full_is_still_owed_when_the_part_goes_back(database):
    case, payment = paid_by_hand(database, amount=25000)
    give_back(database, case, payment)
    with database.act(writes=False) as (own, desk):
        view = invoice_view(own, desk, case.owner, invoice_id=case.invoice_id)
        assert owed_by(own, case.practice_id, [view.client_id]) == {view.client_id: 125000}
    assert (view.label, view.is_given_back, view.due, view.acts[0]) == (
        "Sent",
        False,
        "R\u00a01\u00a0250,00",
        "mark_paid",
    )


def test_refunds_are_listed_the_latest_first_with_where_they_stand(database):
    case, payment = paid_online(database)
    give_back(database, case, payment, "250")
    a_worker(database).run_once()
    give_back(database, case, payment, "100", note="second part")
    listed = database.do(billing_lists.refunds, case.owner, limit=1)
    (row,) = listed.rows
    assert (row.date, row.number, row.client_name, row.amount, row.how, row.state) == (
        "18 Mar 2026", "KHA-0001", "Thandi Mokoena", "R\u00a0100,00", "Online payment", "Being asked for",
    )  # fmt: skip
    (older,) = database.do(billing_lists.refunds, case.owner, after=listed.next_after).rows
    assert (older.amount, older.state) == ("R\u00a0250,00", "Given back")
    assert database.do(billing_lists.refunds, case.owner, search="kha thandi").rows == (row, older)
    assert database.do(billing_lists.refunds, case.owner, search="somebody").rows == ()
    with database.act() as (own, _):
        stranger = a.principal(a.a_member(own, a.a_practice(own, name="Elsewhere")))
    assert database.do(billing_lists.refunds, stranger).rows == ()
    assert database.do(billing_lists.counts, case.owner).refunds == 2
    assert database.do(billing_lists.counts, stranger).refunds == 0


def test_an_invoice_shows_what_went_back_and_what_may(database):
    case, payment = paid_online(database)
    give_back(database, case, payment, "250", reason="duplicate", note="paid by both parents")
    view = shown(database, case)
    assert [(p.left, p.is_by_hand, p.state) for p in view.payments] == [("R\u00a01\u00a0000,00", False, "Received")]
    assert [(r.amount, r.state, r.why) for r in view.refunds] == [
        ("R\u00a0250,00", "Being asked for", "Paid twice \u00b7 paid by both parents")
    ]
    take_in(database, a_dispute_fact(payment, amount_minor=10000))
    view = shown(database, case)
    assert [(d.amount, d.state) for d in view.disputes] == [("R\u00a0100,00", "Open")]
    assert [p.left for p in view.payments] == [""]
    with database.act(writes=False) as (own, desk):
        seen = invoice_view(own, desk, as_role(case.owner, Role.RECEPTION), invoice_id=case.invoice_id)
    assert [p.left for p in seen.payments] == [""]


def test_a_link_over_the_rest_is_made_anew_when_a_part_paid_by_hand_goes_back(database, db):
    case, payment = paid_by_hand(database, amount=25000)
    with database.act() as (own, desk):
        payments.open_request(own, desk, own.get_one(payments.Invoice, case.invoice_id), then={})
    a_worker(database).run_once()
    give_back(database, case, payment)
    a_worker(database).run_once()
    requests = db.exec(select(PaymentRequest).order_by(PaymentRequest.id)).all()
    assert [(r.state, r.amount_minor) for r in requests] == [("closed", 100000), ("active", 125000)]


def bank_payment(request, state="pending", **given):
    return a_fact(request, state, provider_payment_id="pi_bank", **given)


def links_of(db) -> list[tuple[str, int]]:
    db.rollback()
    return [(r.state, r.amount_minor) for r in db.exec(select(PaymentRequest).order_by(PaymentRequest.id))]


def test_what_was_given_back_is_not_asked_for_again_when_a_second_bank_payment_fails(database, db):
    case = asked_to_pay(database)
    a_worker(database).run_once()
    request = db.exec(select(PaymentRequest)).one()
    take_in(database, a_fact(request), bank_payment(request))
    by_card = next(p for p in shown(database, case).payments if p.left)
    database.do(refunds.refund, case.owner, payment_id=by_card.id, amount="400")
    a_worker(database).run_once()
    take_in(database, bank_payment(request, "failed"))
    a_worker(database).run_once()
    assert links_of(db) == [("paid", 125000)]
    assert notes(db)[-1] == (
        "No new payment link: What is missing was given back after it had been paid, so it is not asked for again."
    )
    with database.act() as (own, desk):
        page = pay_page(own, desk, token=case.token)
    assert (page.state, page.url, page.figure_name) == (PayState.PARTLY_REFUNDED, "", "Given back")


def test_what_was_given_back_is_not_asked_for_again_when_a_link_is_closed_late(database, db):
    case = asked_to_pay(database)
    a_worker(database).run_once()
    in_cash(database, case, 125000)
    cash = next(p for p in shown(database, case).payments if p.left)
    database.do(refunds.refund, case.owner, payment_id=cash.id, amount="400", method="cash")
    a_worker(database).run_once()
    assert links_of(db) == [("closed", 125000)]
    assert "No new payment link: What is missing was given back" in notes(db)[-1]


@pytest.mark.parametrize(("is_refunded", "then"), [(False, [("active", 100000)]), (True, [])])
def test_a_bank_payment_that_fails_is_asked_for_again_and_nothing_beyond_it(database, db, is_refunded, then):
    case = asked_to_pay(database)
    a_worker(database).run_once()
    in_cash(database, case, 25000)
    a_worker(database).run_once()
    request = db.exec(select(PaymentRequest).where(PaymentRequest.state == "active")).one()
    take_in(database, bank_payment(request))
    if is_refunded:
        cash = next(p for p in shown(database, case).payments if p.left)
        database.do(refunds.refund, case.owner, payment_id=cash.id, method="cash")
        a_worker(database).run_once()
    take_in(database, bank_payment(request, "failed"))
    a_worker(database).run_once()
    assert links_of(db) == [("closed", 125000), ("closed", 100000), *then]
    more_due = "R\u00a01\u00a0250,00 is due, more than the R\u00a01\u00a0000,00 that did not arrive."
    assert (more_due in notes(db)[-1]) == is_refunded


def in_cash(database, case, minor: int) -> None:
    with database.act() as (own, desk):
        payments.record_manual(
            own, desk, invoice=own.get_one(payments.Invoice, case.invoice_id), amount_minor=minor, method="cash",
            received_on=desk.now().date(), member_id=case.owner.member_id,
        )  # fmt: skip


# -- what the gateway says


def test_a_refund_made_in_the_gateways_own_pages_is_found(database, db):
    case, payment = paid_online(database)
    fact = a_refund_fact(payment, amount_minor=25000)
    assert [o.result for o in take_in(database, fact, fact)] == [Result.APPLIED, Result.UNCHANGED]
    (row,) = rows(db)
    assert (row.amount_minor, row.state, row.requested_by) == (25000, "succeeded", None)
    assert payments.paid_minor(db, case.invoice_id) == 100000
    assert notes(db)[-1] == "R\u00a0250,00 was given back from the gateway's own pages"


def test_the_gateways_word_for_a_refund_wanted_here_is_no_second_refund(database, db):
    case, payment = paid_online(database)
    give_back(database, case, payment, "250")
    fact = a_refund_fact(payment, amount_minor=25000, refund_uuid=rows(db)[0].refund_uuid)
    db.rollback()
    take_in(database, fact)
    asked = []
    gate = an_outside().gateways["simulated"]
    gate.inner.refund = asked.append
    a_worker(database, an_outside(gateways={"simulated": gate})).run_once()
    (row,) = rows(db)
    assert (row.state, row.provider_refund_id, asked) == ("succeeded", "re_1", [])


def test_a_refund_that_failed_later_leaves_the_money_with_the_practice_and_asks_a_person(database, db):
    case, payment = paid_online(database)
    take_in(database, a_refund_fact(payment), a_refund_fact(payment, "failed"))
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert left_of(db, payment.id) == 125000
    (item,) = items(db, "refund_failed")
    assert item.sentence == (
        "The refund of R\u00a01\u00a0250,00 on KHA-0001 did not go through. The money is still with you."
    )
    assert (item.payment_id, item.invoice_id) == (payment.id, case.invoice_id)


@pytest.mark.parametrize(
    "difference", [{"currency": "USD"}, {"is_live": True}, {"account_ref": "acct_x"}, {"amount_minor": 0}]
)
def test_a_refund_that_cannot_be_about_this_payment_is_set_aside(database, db, difference):
    case, payment = paid_online(database)
    (outcome,) = take_in(database, replace(a_refund_fact(payment), **difference))
    assert outcome.result is Result.QUARANTINED
    assert outcome.why
    assert rows(db) == []
    assert payments.paid_minor(db, case.invoice_id) == 125000


def test_a_refund_of_a_payment_we_do_not_know_waits(database, db):
    _, payment = paid_online(database)
    (outcome,) = take_in(database, a_refund_fact(payment, provider_payment_id="pi_of_nobody"))
    assert outcome.result is Result.EARLY
    assert rows(db) == []


# -- the gateway's trouble


class Troubled:
    """A gateway that gives nothing back but raises the next of its troubles; `after` still did it."""

    def __init__(self, *troubles):
        self.gate = an_outside().gateways["simulated"]
        self.troubles, self.asked, self.inner = list(troubles), [], self.gate.inner.refund
        self.gate.inner.refund = self.refund

    def refund(self, spec):
        self.asked.append(spec)
        if self.troubles:
            raise self.troubles.pop(0)
        return self.inner(spec)

    def worker(self, database):
        return a_worker(database, an_outside(gateways={"simulated": self.gate}))


def test_an_answer_that_never_came_is_asked_for_again_under_the_same_key(database, clock, db):
    case, payment = paid_online(database)
    give_back(database, case, payment)
    gateway = Troubled(GatewayTrouble("No answer.", is_permanent=False))
    gateway.worker(database).run_once()
    assert (rows(db)[0].state, rows(db)[0].last_error) == ("wanted", "No answer.")
    db.rollback()
    clock.advance(minutes=5)
    gateway.worker(database).run_once()
    assert len({spec.idempotency_key for spec in gateway.asked}) == 1
    assert gateway.asked[0] == gateway.asked[1]
    assert (rows(db)[0].state, rows(db)[0].last_error) == ("succeeded", "")


def test_a_key_the_gateway_may_have_forgotten_is_not_trusted(database, clock, db):
    """After a day the payment is looked at first: the money may be gone already."""
    case, payment = paid_online(database)
    give_back(database, case, payment)
    clock.advance(days=2)
    gateway = Troubled()
    fact = a_refund_fact(payment, refund_uuid=rows(db)[0].refund_uuid)
    db.rollback()
    gateway.gate.inner.read_payment = lambda _payment: [fact]
    gateway.worker(database).run_once()
    assert gateway.asked == []
    assert (rows(db)[0].state, rows(db)[0].provider_refund_id) == ("succeeded", "re_1")


def a_line_that_is_down(database, clock, gateway, **by) -> None:
    """The gateway gives no answer until the job has stopped; then the sweep finds it and it is due again."""
    clock.advance(**by)
    with database.act() as (acting, _desk):
        refund_job(acting).attempts = outbox.MAX_ATTEMPTS - 1
    gateway.worker(database).run_once()
    clock.advance(minutes=11)
    with database.act() as (acting, desk):
        assert refund_job(acting).dead_at is not None
        sweep.revive(acting, desk, Account("simulated", "simulated"))
        assert refund_job(acting).dead_at is None


NO_LINE = GatewayTrouble("No answer.", is_permanent=False)


def test_what_the_owner_gave_back_at_the_gateway_meanwhile_is_not_given_back_again(database, clock, db):
    """The line was down for 14 hours, and the owner lost patience."""
    case, payment = paid_online(database)
    give_back(database, case, payment, "300")
    gateway = Troubled(NO_LINE)
    a_line_that_is_down(database, clock, gateway, hours=14)
    theirs = a_refund_fact(payment, amount_minor=30000, when=clock.now() - timedelta(hours=1))
    gateway.gate.inner.read_payment = lambda _payment: [theirs]
    tries = len(gateway.asked)
    gateway.worker(database).run_once()
    assert len(gateway.asked) == tries
    ours, there = rows(db)
    assert (ours.state, there.state, there.amount_minor) == ("failed", "succeeded", 30000)
    assert left_of(db, payment.id) == 95000
    assert refund_job(db).done_at is not None
    (item,) = items(db, "refund_failed")
    assert item.sentence == (
        "The refund of R\u00a0300,00 on KHA-0001 was not sent: after it was asked for, money of the same payment was"
        " given back in the gateway's own pages or by an earlier try. Give it back again only if both are meant."
    )
    (shown_item,) = database.do(review.open_items, case.owner)
    assert shown_item.decisions == ("refund", "ignore")
    db.rollback()
    assert [o.result for o in take_in(database, theirs)] == [Result.UNCHANGED]


def test_a_refund_whose_gateway_was_away_for_long_is_made_when_the_line_is_back(database, clock, db):
    case, payment = paid_online(database)
    early = a_refund_fact(payment, amount_minor=10000, provider_refund_id="re_0", when=clock.now() - timedelta(hours=1))
    clock.advance(minutes=1)
    give_back(database, case, payment, "200")
    give_back(database, case, payment, "300")
    two, three = (row.refund_uuid for row in rows(db))
    db.rollback()
    failed = a_refund_fact(payment, "failed", provider_refund_id="re_x", when=clock.now())
    gateway = Troubled(NO_LINE, NO_LINE)
    clock.advance(hours=14)
    ours = a_refund_fact(payment, amount_minor=20000, refund_uuid=two, provider_refund_id="re_2", when=clock.now())
    gateway.gate.inner.read_payment = lambda _payment: [early, ours, failed]
    gateway.worker(database).run_once()
    assert [row.state for row in rows(db)] == ["succeeded", "wanted"]
    db.rollback()
    clock.advance(minutes=10)
    gateway.troubles.clear()
    gateway.worker(database).run_once()
    assert gateway.asked[-1].refund_uuid == three
    assert [row.state for row in rows(db)] == ["succeeded", "succeeded"]
    assert items(db, "refund_failed") == []


def test_a_refund_the_gateway_refuses_is_free_to_be_given_back_another_way_and_a_person_is_told(database, db):
    case, payment = paid_online(database)
    give_back(database, case, payment)
    gateway = Troubled(GatewayTrouble("The charge is too old.", is_permanent=True))
    gateway.worker(database).run_once()
    (row,) = rows(db)
    assert (row.state, row.last_error) == ("failed", "The charge is too old.")
    assert left_of(db, payment.id) == 125000
    assert len(items(db, "refund_failed")) == 1
    assert (refund_job(db).dead_at, refund_job(db).done_at is None) == (None, False)


def test_what_the_gateway_says_later_outweighs_what_we_made_of_its_silence(database, db):
    case, payment = paid_online(database)
    give_back(database, case, payment)
    Troubled(GatewayTrouble("Refused.", is_permanent=True)).worker(database).run_once()
    fact = a_refund_fact(payment, refund_uuid=rows(db)[0].refund_uuid)
    db.rollback()
    take_in(database, fact)
    assert [row.state for row in rows(db)] == ["succeeded"]
    assert [item.state for item in items(db, "refund_failed")] == ["resolved"]
    assert payments.paid_minor(db, case.invoice_id) == 0


def test_a_worker_that_dies_after_the_gateway_did_it_gives_it_back_once(database, clock, db):
    case, payment = paid_online(database)
    give_back(database, case, payment)
    gateway = Troubled()
    worker = gateway.worker(database)
    desk_point = "worker: refunded, not stored"

    class Died(BaseException):
        pass

    def die(point):
        if point == desk_point:
            raise Died

    made = database.desk
    database.desk = lambda: replace(made(), point=die)
    with pytest.raises(Died):
        worker.run_once()
    database.desk = made
    clock.advance(minutes=10)
    gateway.worker(database).run_once()
    assert len(gateway.asked) == 2
    assert len({spec.idempotency_key for spec in gateway.asked}) == 1
    (row,) = rows(db)
    assert row.state == "succeeded"
    assert payments.paid_minor(db, case.invoice_id) == 0


# -- any order


def everything_said(payment, request):
    return [
        a_fact(request, "pending"),
        a_fact(request),
        a_refund_fact(payment, "pending", provider_refund_id="re_1", amount_minor=25000),
        a_refund_fact(payment, "succeeded", provider_refund_id="re_1", amount_minor=25000),
        a_refund_fact(payment, "succeeded", provider_refund_id="re_2", amount_minor=10000),
        a_refund_fact(payment, "failed", provider_refund_id="re_2", amount_minor=10000),
        a_dispute_fact(payment, "open", amount_minor=40000),
        a_dispute_fact(payment, "lost", amount_minor=40000),
        a_dispute_fact(payment, "won", provider_dispute_id="du_2", amount_minor=5000),
    ]


@pytest.fixture(scope="module")
def one_database(request, tmp_path_factory):
    """One database for many examples; each has its own invoice."""
    import shutil

    from tests.conftest import Database, FixedClock
    from trova_app.wiring import make_engine

    path = tmp_path_factory.mktemp("orders") / "trova.sqlite3"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    engine = make_engine(f"sqlite:///{path}")
    yield Database(engine, FixedClock())
    engine.dispose()


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(range(9)), again=st.lists(st.integers(0, 8), max_size=5))
def test_every_order_of_what_is_said_ends_alike(one_database, order, again):
    """What comes before its payment waits and is told again, as `early_events` does."""
    case = asked_to_pay(one_database)
    with one_database.act() as (db, _):
        request = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == case.invoice_id)).one()
    name = f"pi_{request.request_uuid}"
    stub = payments.Payment(
        id=0, practice_id=1, provider="simulated", provider_payment_id=name, amount_minor=125000, currency="ZAR",
        method="online", received_on=NOON.date(), created_at=NOON,
    )  # fmt: skip
    said = [
        replace(fact, **{key: f"{getattr(fact, key)}_{name}"})
        for fact in everything_said(stub, request)
        for key in [{"RefundFact": "provider_refund_id", "DisputeFact": "provider_dispute_id"}.get(type(fact).__name__)]
        if key
    ]
    facts = [a_fact(request, "pending"), a_fact(request), *said]
    waiting = [facts[index] for index in [*order, *again]]
    while waiting:
        outcomes = take_in(one_database, *waiting)
        later = [fact for fact, outcome in zip(waiting, outcomes, strict=True) if outcome.result is Result.EARLY]
        assert len(later) < len(waiting)
        waiting = later
    with one_database.act(writes=False) as (db, desk):
        paid = payments.paid_minor(db, case.invoice_id)
        back = {(r.provider_refund_id[:4], r.state, r.amount_minor) for r in db.exec(
            select(Refund).where(Refund.invoice_id == case.invoice_id))}  # fmt: skip
        payment = db.exec(select(payments.Payment).where(payments.Payment.provider_payment_id == name)).one()
        disputes = {(d.provider_dispute_id[:4], d.state) for d in db.exec(
            select(Dispute).where(Dispute.payment_id == payment.id))}  # fmt: skip
        still = [i.kind for i in items(db) if i.invoice_id == case.invoice_id and i.state == "open"]
    assert paid == 125000 - 25000 - 40000
    assert back == {("re_1", "succeeded", 25000), ("re_2", "failed", 10000)}
    assert disputes == {("du_1", "lost"), ("du_2", "won")}
    assert still == ["refund_failed"]


# -- who may


@pytest.mark.parametrize("role", Role)
def test_giving_back_is_for_those_who_bill_and_take_payments(database, db, role):
    case, payment = paid_online(database)
    who = as_role(case.owner, role)
    if may(role, Permission.BILL) and may(role, Permission.RECORD_PAYMENT):
        give_back(database, case, payment, who=who)
        assert len(rows(db)) == 1
    else:
        with pytest.raises(NotAllowed):
            give_back(database, case, payment, who=who)
        assert rows(db) == []


def test_reception_may_not_give_money_back():
    assert not may(Role.RECEPTION, Permission.BILL)


def test_another_practices_payment_is_refused_as_an_absent_one(database, db):
    _, payment = paid_online(database)
    with database.act() as (own, _):
        stranger = a.principal(a.a_member(own, a.a_practice(own, name="Elsewhere")))
    sentences = set()
    for payment_id in (payment.id, 999_999, -5, 2**70, "x", None, True, 1.5):
        with pytest.raises(NotFound) as refused:
            database.do(refunds.refund, stranger, payment_id=payment_id)
        sentences.add(refused.value.sentence)
    assert len(sentences) == 1
    assert rows(db) == []


def test_no_day_of_a_refund_is_in_the_future(database, clock, db):
    case, payment = paid_by_hand(database)
    clock.advance(days=3)
    give_back(database, case, payment, given_on=(NOON + timedelta(days=2)).date().isoformat())
    assert rows(db)[0].given_on == (NOON + timedelta(days=2)).date()
