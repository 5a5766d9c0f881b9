"""A payer's objection takes nothing until it is lost, and nobody misses its deadline; on both databases."""

import itertools
from dataclasses import replace

import pytest

from tests.giving_back import a_dispute_fact, items, moment, notes, paid_online, take_in
from tests.paying import only
from trova_app.models import Dispute
from trova_app.services import payments
from trova_app.services.balances import left_of
from trova_app.services.outcomes import Result

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
