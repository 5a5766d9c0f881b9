"""A payer's objection takes nothing until it is lost, and nobody misses its deadline; on both databases."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from tests.giving_back import (
    a_credit,
    a_dispute_fact,
    a_refund_fact,
    adds_up,
    give_back,
    items,
    moment,
    notes,
    paid_by_hand,
    paid_online,
    take_in,
)
from tests.paying import a_fact, a_worker, an_invoice, asked_to_pay, only
from tests.services.test_taken_back import pay_again, questions, view
from trova_app.domain.refusals import FieldFaults
from trova_app.models import Dispute, Invoice, Mail, Payment, PaymentRequest
from trova_app.services import billing, billing_lists, payments
from trova_app.services.balances import left_of, owed_by
from trova_app.services.outcomes import Result
from trova_app.services.pay_page import pay_page

DUE = moment("2026-03-29T21:59:00+00:00")  # 23:59 in Johannesburg


def test_an_open_dispute_takes_nothing_and_asks_for_evidence_by_its_day(database, db):
    case, payment = paid_online(database)
    take_in(database, a_dispute_fact(payment, evidence_due_at=DUE))
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert (only(db, Dispute).state, only(db, Dispute).status) == ("open", "needs_response")
    (item,) = items(db, "dispute")
    assert (item.state, item.payment_id, item.invoice_id) == ("open", payment.id, case.invoice_id)
    assert item.sentence == (
        "The payer objected to R\u00a01\u00a0250,00 for KHA-0001 at their bank. "
        "Answer with your evidence at the gateway by 29 Mar 2026."
    )
    assert case.practice_id in database.desks[-1].changed_practices
    assert "The payer objected to R\u00a01\u00a0250,00 at their bank" in notes(db)


def test_a_lost_dispute_takes_the_money_away(database, db):
    case, payment = paid_online(database)
    take_in(database, a_dispute_fact(payment), a_dispute_fact(payment, "lost"))
    assert payments.paid_minor(db, case.invoice_id) == 0
    assert left_of(db, payment.id) == 0
    assert [item.state for item in items(db, "dispute")] == ["resolved"]
    assert notes(db)[-1] == "The bank decided for the payer: R\u00a01\u00a0250,00 was taken back."


@pytest.mark.parametrize("status", ["won", "warning_closed", "prevented"])
def test_a_dispute_that_was_won_or_ended_by_itself_takes_nothing(database, db, status):
    case, payment = paid_online(database)
    take_in(database, a_dispute_fact(payment), a_dispute_fact(payment, "won", status=status))
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert (only(db, Dispute).state, only(db, Dispute).status) == ("won", status)
    assert [item.state for item in items(db, "dispute")] == ["resolved"]


def test_a_word_nobody_knows_counts_as_open(database, db):
    case, payment = paid_online(database)
    take_in(database, a_dispute_fact(payment, "open", status="something_new"))
    assert (only(db, Dispute).state, only(db, Dispute).status) == ("open", "something_new")
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert [item.state for item in items(db, "dispute")] == ["open"]


def test_only_the_disputed_part_is_taken(database, db):
    case, payment = paid_online(database)
    take_in(database, a_dispute_fact(payment, "lost", amount_minor=40000))
    assert payments.paid_minor(db, case.invoice_id) == 85000
    assert left_of(db, payment.id) == 85000


def test_a_deadline_that_moved_is_told_with_its_new_day(database, db):
    _, payment = paid_online(database)
    later = moment("2026-04-05T12:00:00+00:00")
    take_in(
        database,
        a_dispute_fact(payment, evidence_due_at=DUE),
        a_dispute_fact(payment, evidence_due_at=later),
        a_dispute_fact(payment, evidence_due_at=DUE),
    )
    (item,) = items(db, "dispute")
    assert item.sentence.endswith("by 5 Apr 2026.")
    assert only(db, Dispute).evidence_due_at == later


SAID = (
    ("open", "needs_response", DUE),
    ("open", "under_review", None),
    ("lost", "lost", None),
    ("won", "won", DUE),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::3])
def test_the_order_in_which_a_dispute_is_told_makes_no_difference(database, db, order):
    case, payment = paid_online(database)
    facts = [a_dispute_fact(payment, state, status=word, evidence_due_at=due) for state, word, due in SAID]
    take_in(database, *(facts[i] for i in [*order, *order[:2]]))
    dispute = only(db, Dispute)
    assert (dispute.state, dispute.status, dispute.evidence_due_at) == ("won", "won", DUE)
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert {item.state for item in items(db, "dispute")} <= {"resolved"}


@pytest.mark.parametrize(
    "difference", [{"currency": "USD"}, {"is_live": True}, {"account_ref": "acct_x"}, {"amount_minor": -1}]
)
def test_a_dispute_that_cannot_be_about_this_payment_is_set_aside(database, db, difference):
    case, payment = paid_online(database)
    (outcome,) = take_in(database, replace(a_dispute_fact(payment, "lost"), **difference))
    assert outcome.result is Result.QUARANTINED
    assert payments.paid_minor(db, case.invoice_id) == 125000


def test_a_dispute_of_a_payment_we_do_not_know_waits(database):
    _, payment = paid_online(database)
    (outcome,) = take_in(database, a_dispute_fact(payment, provider_payment_id="pi_of_nobody"))
    assert outcome.result is Result.EARLY


def test_no_word_of_it_names_the_client(database, db):
    _, payment = paid_online(database)
    take_in(database, a_dispute_fact(payment, evidence_due_at=DUE), a_dispute_fact(payment, "lost"))
    said = " ".join([*notes(db), *(item.sentence for item in items(db))])
    assert not any(word in said for word in ("Thandi", "Mokoena", "F41", "anxiety"))


# -- won after it was lost, and beside a refund


def lost(database, payment, **given) -> None:
    take_in(database, a_dispute_fact(payment, **given), a_dispute_fact(payment, "lost", **given))


def asked(database, case) -> list[tuple[str, str]]:
    adds_up(database)
    return [(one.kind, one.amount.replace("\u00a0", " ")) for one in questions(database, case)]


def test_won_after_all_with_nothing_in_between_the_invoice_is_paid_again(database, db):
    case, payment = paid_online(database)
    lost(database, payment)
    take_in(database, a_dispute_fact(payment, "won"))
    assert (asked(database, case), view(database, case).label) == ([], "Paid")
    assert notes(db)[-1] == "The bank decided for you after all: R\u00a01\u00a0250,00 came back."


def test_won_after_all_for_a_void_invoice_it_is_a_credit(database, db):
    case, payment = paid_online(database)
    lost(database, payment)
    database.do(billing.void_invoice, case.owner, invoice_id=case.invoice_id, reason="Lost at the bank")
    take_in(database, a_dispute_fact(payment, "won"), a_dispute_fact(payment, "won"))
    assert asked(database, case) == [("credit", "R 1 250,00")]
    (item,) = items(db, "credit")
    assert item.sentence == (
        "R\u00a01\u00a0250,00 came back from the bank, which decided for you after all. It is kept as a credit, as "
        "KHA-0001 is void."
    )
    assert db.get_one(Payment, payment.id).is_credit


def test_won_after_all_where_it_was_paid_again_since_it_is_a_credit(database):
    case, payment = paid_online(database)
    lost(database, payment)
    pay_again(database, case, 125000)
    take_in(database, a_dispute_fact(payment, "won"))
    assert asked(database, case) == [("credit", "R 1 250,00")]
    assert (view(database, case).paid, view(database, case).label) == ("R\u00a01\u00a0250,00", "Paid")


@pytest.mark.parametrize(("disputed", "again", "surplus"), [(40000, 30000, "R 300,00"), (125000, 100000, "R 1 000,00")])
def test_won_after_all_where_a_part_was_paid_again_the_surplus_is_a_question(database, disputed, again, surplus):
    case, payment = paid_online(database)
    lost(database, payment, amount_minor=disputed)
    pay_again(database, case, again)
    take_in(database, a_dispute_fact(payment, "won", amount_minor=disputed))
    assert asked(database, case) == [("overpaid", surplus)]


def test_a_credit_that_was_lost_and_won_after_all_is_asked_about_again(database):
    case, payment = a_credit(database)
    lost(database, payment)
    assert asked(database, case) == []
    take_in(database, a_dispute_fact(payment, "won"))
    assert asked(database, case) == [("credit", "R 1 250,00")]


def test_a_surplus_that_the_bank_took_back_is_no_question_until_it_comes_again(database):
    case, payment = paid_online(database)
    lost(database, payment)
    pay_again(database, case, 100000)
    take_in(database, a_dispute_fact(payment, "won"))
    another = {"provider_dispute_id": "du_2", "amount_minor": 100000}
    lost(database, payment, **another)
    assert asked(database, case) == []
    take_in(database, a_dispute_fact(payment, "won", **another))
    assert asked(database, case) == [("overpaid", "R 1 000,00")]


@pytest.mark.parametrize("is_refund_first", [True, False])
def test_a_lost_dispute_takes_no_more_than_what_is_left_after_refunds(database, db, is_refund_first):
    case, payment = paid_online(database)
    refund = a_refund_fact(payment, amount_minor=40000)
    take_in(database, *([refund] if is_refund_first else []))
    lost(database, payment)
    take_in(database, *([] if is_refund_first else [refund]))
    assert (payments.paid_minor(db, case.invoice_id), left_of(db, payment.id)) == (0, 0)
    assert (view(database, case).due, asked(database, case)) == ("R\u00a0850,00", [])
    taken = "R\u00a0850,00" if is_refund_first else "R\u00a01\u00a0250,00"
    assert f"The bank decided for the payer: {taken} was taken back." in notes(db)
    take_in(database, a_dispute_fact(payment, "won"))
    db.rollback()
    assert payments.paid_minor(db, case.invoice_id) == 85000


def part_given_back_then_lost(database):
    """Of R 1 250,00 that were paid R 400,00 were given back; then the bank took the rest."""
    case, payment = paid_online(database)
    take_in(database, a_refund_fact(payment, amount_minor=40000))
    lost(database, payment)
    return case, payment


def owed(database, case) -> int:
    with database.act(writes=False) as (db, _desk):
        return sum(owed_by(db, case.practice_id, [db.get_one(Invoice, case.invoice_id).client_id]).values())


def test_what_the_bank_took_beside_what_was_given_back_is_due_again_and_seen(database):
    case, _payment = part_given_back_then_lost(database)
    shown = view(database, case)
    assert (shown.label, shown.is_given_back, shown.acts[0]) == ("Sent", False, "mark_paid")
    assert (shown.paid, shown.refunded, shown.due) == ("R\u00a00,00", "R\u00a0400,00", "R\u00a0850,00")
    assert (owed(database, case), asked(database, case)) == (85000, [])
    with database.act(writes=False) as (db, desk):
        page = pay_page(db, desk, token=case.token)
        (listed,) = billing_lists.invoices(db, desk, case.owner).rows
        (found,) = billing_lists.invoices(db, desk, case.owner, status="Sent").rows
    assert (page.state, page.due, page.figure_name, page.figure) == (
        "not online", "R\u00a0850,00", "Amount due", "R\u00a0850,00",
    )  # fmt: skip
    assert listed == found


def test_a_letter_about_it_asks_for_what_the_bank_took(database):
    case, _payment = part_given_back_then_lost(database)
    mailed = {"invoice_id": case.invoice_id, "document_id": case.document_id, "recipient": "thandi@example.test"}
    database.do(billing.mail_again, case.owner, **mailed)
    a_worker(database).run_once()
    with database.act(writes=False) as (db, _desk):
        text = db.exec(select(Mail).where(Mail.kind == "invoice").order_by(col(Mail.id).desc())).first().text
    assert "Amount due: R\u00a0850,00" in text
    assert "given back" not in text


def test_no_more_than_that_is_recorded_for_it_and_then_nothing_is_due_by_itself(database):
    case, _payment = part_given_back_then_lost(database)
    paid = {"invoice_id": case.invoice_id, "method": "card_machine", "received_on": "2026-03-18"}
    with pytest.raises(FieldFaults):
        database.do(billing.mark_paid, case.owner, amount="850,01", **paid)
    database.do(billing.mark_paid, case.owner, amount="500", **paid)
    assert (view(database, case).label, view(database, case).due) == ("Partly paid", "R\u00a0350,00")
    assert owed(database, case) == 35000
    database.do(billing.mark_paid, case.owner, amount="", **paid)
    shown = view(database, case)
    assert (shown.label, shown.is_given_back, owed(database, case)) == ("Partly refunded", True, 0)
    assert asked(database, case) == []


def test_won_after_all_what_was_given_back_is_all_that_is_missing(database):
    case, payment = part_given_back_then_lost(database)
    take_in(database, a_dispute_fact(payment, "won"))
    shown = view(database, case)
    assert (shown.label, shown.paid, owed(database, case)) == ("Partly refunded", "R\u00a0850,00", 0)
    assert asked(database, case) == []


def test_won_after_it_was_paid_again_what_the_invoice_does_not_need_is_a_surplus(database):
    case, payment = part_given_back_then_lost(database)
    pay_again(database, case, 85000)
    take_in(database, a_dispute_fact(payment, "won"))
    assert asked(database, case) == [("overpaid", "R 450,00")]
    assert view(database, case).label == "Paid"


@pytest.mark.parametrize(("lost_minor", "due"), [(40000, "R\u00a0400,00"), (125000, "R\u00a0850,00")])
@pytest.mark.parametrize("is_refund_first", [True, False])
def test_the_order_of_a_refund_and_a_lost_dispute_makes_no_difference(database, is_refund_first, lost_minor, due):
    case, payment = paid_online(database)
    refund = a_refund_fact(payment, amount_minor=40000)
    take_in(database, *([refund] if is_refund_first else []))
    lost(database, payment, amount_minor=lost_minor)
    take_in(database, *([] if is_refund_first else [refund]))
    assert view(database, case).due == due


def test_what_was_given_back_in_full_leaves_a_bank_nothing_to_take(database):
    case, payment = paid_online(database)
    take_in(database, a_refund_fact(payment))
    lost(database, payment)
    assert (view(database, case).label, owed(database, case)) == ("Refunded", 0)


def test_a_refund_that_failed_after_all_is_money_the_bank_took(database):
    case, payment = part_given_back_then_lost(database)
    take_in(database, a_refund_fact(payment, "failed", amount_minor=40000))
    assert (view(database, case).due, owed(database, case)) == ("R\u00a01\u00a0250,00", 125000)


def test_what_a_lost_dispute_could_not_take_is_no_other_payments(database, db):
    case, payment = paid_online(database)
    take_in(database, a_refund_fact(payment, amount_minor=40000))
    lost(database, payment)
    pay_again(database, case, 20000)
    assert (payments.paid_minor(db, case.invoice_id), view(database, case).due) == (20000, "R\u00a0650,00")


# -- beside a surplus that was given back


def days(database, *acts) -> None:
    """Each a day after the one before."""
    for act in acts:
        act()
        database.clock.advance(days=1)


def paid_twice(database, first: int):
    """A part at the desk, and then the old link over all of it."""
    with database.act() as (db, desk):
        case = an_invoice(db, desk)
        payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then={})
    a_worker(database).run_once()
    pay_again(database, case, first)
    database.clock.advance(days=1)
    with database.act() as (db, desk):
        request = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == case.invoice_id)).first()
        fact = a_fact(request)
    take_in(database, fact)
    with database.act() as (db, _desk):
        payment = db.exec(select(Payment).where(Payment.provider_payment_id == fact.provider_payment_id)).one()
    database.clock.advance(days=1)
    return case, payment


def test_a_surplus_that_was_given_back_is_nothing_that_was_given_up(database):
    case, payment = paid_twice(database, 40000)
    assert asked(database, case) == [("overpaid", "R 400,00")]
    days(database, lambda: take_in(database, a_refund_fact(payment, amount_minor=40000)))
    assert (view(database, case).label, asked(database, case)) == ("Paid", [])
    lost(database, payment)
    shown = view(database, case)
    assert (shown.label, shown.paid, shown.due) == ("Partly paid", "R\u00a0400,00", "R\u00a0850,00")
    assert (shown.is_given_back, owed(database, case), asked(database, case)) == (False, 85000, [])
    pay_again(database, case, 85000)
    assert view(database, case).label == "Paid"


def test_of_what_was_given_back_beyond_a_surplus_the_rest_was_given_up(database):
    case, payment = paid_twice(database, 40000)
    days(database, lambda: take_in(database, a_refund_fact(payment, amount_minor=50000)))
    assert (view(database, case).label, owed(database, case)) == ("Partly refunded", 0)
    lost(database, payment)
    assert (view(database, case).due, owed(database, case)) == ("R\u00a0750,00", 75000)


def test_what_was_given_back_and_paid_again_before_the_bank_took_it_is_owed(database):
    case, first = paid_by_hand(database)
    database.clock.advance(days=1)
    give_back(database, case, first, method="cash")
    with database.act() as (db, desk):
        db.get_one(Invoice, case.invoice_id).payment_type = "online"
        db.flush()
        payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then={})
    a_worker(database).run_once()
    database.clock.advance(days=1)
    with database.act() as (db, _desk):
        again = a_fact(only(db, PaymentRequest))
    take_in(database, again)
    assert view(database, case).label == "Paid"
    database.clock.advance(days=1)
    with database.act() as (db, _desk):
        second = db.exec(select(Payment).where(Payment.provider != "manual")).one()
    lost(database, second)
    shown = view(database, case)
    assert (shown.due, shown.is_given_back, owed(database, case)) == ("R\u00a01\u00a0250,00", False, 125000)


def test_what_is_paid_and_given_back_after_the_payer_had_objected_leaves_no_more_due_than_is_sure(database):
    """Of what was given back then nobody can say whether it was a surplus: it is not asked for."""
    case, payment = paid_twice(database, 40000)
    with database.act() as (db, _desk):
        cash = db.exec(select(Payment).where(Payment.provider == "manual")).one()
    days(
        database,
        lambda: take_in(database, a_dispute_fact(payment)),
        lambda: give_back(database, case, cash, method="cash"),
        lambda: take_in(database, a_dispute_fact(payment, "lost")),
    )
    assert (view(database, case).due, owed(database, case)) == ("R\u00a0850,00", 85000)


def test_won_after_all_the_surplus_that_was_given_back_is_missed_by_nobody(database):
    case, payment = paid_twice(database, 40000)
    days(database, lambda: take_in(database, a_refund_fact(payment, amount_minor=40000)))
    lost(database, payment)
    take_in(database, a_dispute_fact(payment, "won"))
    assert (view(database, case).label, owed(database, case), asked(database, case)) == ("Paid", 0, [])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize(("since", "due"), [(False, 85000), (True, 45000)])
def test_which_came_first_is_told_by_the_gateways_own_times_and_not_by_who_told_first(database, order, since, due):
    """The payment of R 400,00 came before the payer objected, or since: the same sums, of which another part is due."""
    case, start = asked_to_pay(database), database.clock.now()
    with database.act() as (db, _desk):
        paid = a_fact(only(db, PaymentRequest), when=start + timedelta(days=1))
    if not since:
        pay_again(database, case, 40000)
    database.clock.advance(days=9)
    take_in(database, paid)
    with database.act() as (db, _desk):
        payment = db.exec(select(Payment).where(Payment.provider_payment_id == paid.provider_payment_id)).one()
    made = {"when": start + timedelta(days=3)}
    facts = [
        a_refund_fact(payment, amount_minor=40000, when=start + timedelta(days=2)),
        a_dispute_fact(payment, **made),
        a_dispute_fact(payment, "lost"),  # as Paystack's events tell it
    ]
    take_in(database, *(facts[i] for i in order))
    if since:
        pay_again(database, case, 40000)
    assert (view(database, case).paid, owed(database, case)) == ("R\u00a0400,00", due)
