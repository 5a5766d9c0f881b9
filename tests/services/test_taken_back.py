"""A refund that was written down by hand and never made is taken back: the money counts as received again, and what had
followed from it is asked anew. On both databases."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from tests.giving_back import (
    a_credit,
    a_refund_fact,
    adds_up,
    as_role,
    give_back,
    items,
    key_goes,
    notes,
    paid_by_hand,
    paid_online,
    rows,
    take_in,
    written_down,
)
from tests.paying import an_invoice
from tests.services.test_unclear_refunds import asked, asked_in_vain, gone, say, told
from trova_app.domain.permissions import Role
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Invoice, Mail, OutboxRow, Payment, PaymentRequest, Refund
from trova_app.services import billing, money_lists, payments, review, taken_back
from trova_app.services.invoice_view import invoice_view

WHY = "Written down for the wrong client"


@pytest.fixture
def cash(database):
    """R 1 250,00 in cash, of which nothing has gone back."""
    case, payment = paid_by_hand(database)
    yield case, payment
    adds_up(database)


def back(database, case, refund_id, reason=WHY, who=None):
    return database.do(taken_back.take_back, who or case.owner, refund_id=refund_id, reason=reason)


def view(database, case):
    with database.act(writes=False) as (db, desk):
        return invoice_view(db, desk, case.owner, invoice_id=case.invoice_id)


def questions(database, case):
    with database.act(writes=False) as (db, desk):
        return review.open_items(db, desk, case.owner)


def entry(database, minor: int) -> int:
    """What stands written down over this amount."""
    with database.act(writes=False) as (db, _desk):
        return next(row.id for row in rows(db) if row.amount_minor == minor and taken_back.may_be(row))


@pytest.mark.parametrize(("amount", "paid_then"), [("", "R\u00a00,00"), ("400", "R\u00a0850,00")])
def test_an_entry_that_was_taken_back_counts_no_more_and_stays_to_be_seen(database, db, cash, amount, paid_then):
    case, payment = cash
    done = give_back(database, case, payment, amount, method="cash", reference="Till 7")
    before = view(database, case)
    assert (before.paid, before.refunds[0].may_take_back) == (paid_then, True)
    said = back(database, case, done.id)
    after = view(database, case)
    assert said.sentence == f"{before.refunds[0].amount} is counted as received again."
    assert (after.label, after.paid, after.refunded, after.due) == ("Paid", after.total, "", "R\u00a00,00")
    (shown,) = after.refunds
    assert (shown.state, shown.may_take_back, shown.problem) == ("Taken back", False, "")
    assert shown.why.endswith(f"Till 7 \u00b7 Taken back: {WHY}")
    assert after.timeline[0].what == f"{shown.amount} written down as given back on 18 Mar 2026 was taken back: {WHY}"
    assert after.timeline[0].who == case.owner.name
    (row,) = rows(db)
    assert (row.state, row.taken_back_by, row.taken_back_at) == ("failed", case.owner.member_id, database.clock.now())
    assert (db.exec(select(OutboxRow)).all(), db.exec(select(Mail)).all()) == ([], [])
    with database.act(writes=False) as (own, desk):
        assert [one.state for one in money_lists.refunds(own, desk, case.owner).rows] == ["Taken back"]


def test_the_money_can_be_given_back_again_afterwards(database, db, cash):
    case, payment = cash
    back(database, case, give_back(database, case, payment, method="cash").id)
    give_back(database, case, payment, "250", method="cash")
    assert gone(db, case) == 250


@pytest.mark.parametrize("reason", ["", "  ", None, 7, "x" * 201, "a\nb"])
def test_why_is_said_in_a_few_words(database, db, cash, reason):
    case, payment = cash
    done = give_back(database, case, payment, method="cash")
    with pytest.raises(FieldFaults) as refused:
        back(database, case, done.id, reason)
    assert [name for name, _ in refused.value.faults] == ["reason"]
    assert gone(db, case) == 1250


def test_it_is_taken_back_once_though_several_press_at_once(database, db, cash):
    case, payment = cash
    done = give_back(database, case, payment, method="cash")
    ready, said = threading.Barrier(6), []

    def press() -> None:
        ready.wait()
        try:
            said.append(back(database, case, done.id).sentence)
        except ChangedElsewhere as refusal:
            said.append(refusal.sentence)

    people = [threading.Thread(target=press) for _ in range(6)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(said) == sorted([taken_back.ALREADY] * 5 + ["R\u00a01\u00a0250,00 is counted as received again."])
    assert len([note for note in notes(db) if "was taken back" in note]) == 1


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.READ_ONLY])
def test_taking_back_is_for_those_who_may_give_back(database, db, cash, role):
    case, payment = cash
    done = give_back(database, case, payment, method="cash")
    with pytest.raises(NotAllowed):
        back(database, case, done.id, who=as_role(case.owner, role))
    with database.act(writes=False) as (own, desk):
        seen = invoice_view(own, desk, as_role(case.owner, Role.RECEPTION), invoice_id=case.invoice_id)
    assert not seen.refunds[0].may_take_back and gone(db, case) == 1250


def test_another_practices_refund_is_refused_as_an_absent_one(database, db, cash):
    case, payment = cash
    done = give_back(database, case, payment, method="cash")
    with database.act() as (own, desk):
        stranger = an_invoice(own, desk)
    for who, given in ((stranger.owner, done.id), (case.owner, 999999), (case.owner, "x"), (case.owner, None)):
        with pytest.raises(NotFound):
            back(database, case, given, who=who)
    assert gone(db, case) == 1250


@pytest.mark.parametrize("is_asked_here", [True, False])
def test_what_a_gateway_makes_or_tells_of_cannot_be_taken_back(database, db, is_asked_here):
    case, payment = paid_online(database)
    if is_asked_here:
        give_back(database, case, payment, "250")
    else:
        take_in(database, a_refund_fact(payment, amount_minor=25000))
    (row,) = rows(db)
    assert not view(database, case).refunds[0].may_take_back
    with pytest.raises(Refusal, match="The gateway tells of this refund"):
        back(database, case, row.id)
    assert view(database, case).refunds[0].state in ("Being asked for", "Given back")


def test_an_entry_the_gateway_has_told_of_meanwhile_is_the_gateways(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "300")
    mine = entry(database, 30000)
    told(database, payment, 300)
    with pytest.raises(NotFound):  # its place was taken
        back(database, case, mine)
    assert gone(db, case) == 300


# -- what had followed from it


def test_of_a_void_invoice_the_money_becomes_a_credit_that_can_be_counted_elsewhere(database, db, cash):
    case, payment = cash
    done = give_back(database, case, payment, method="cash")
    database.do(billing.void_invoice, case.owner, invoice_id=case.invoice_id, reason="Wrong price")
    back(database, case, done.id)
    (question,) = questions(database, case)
    assert (question.kind, question.amount) == ("credit", "R\u00a01\u00a0250,00")
    assert question.sentence.endswith("It is kept as a credit, as KHA-0001 is void.")
    assert db.exec(select(Payment)).one().is_credit
    db.rollback()
    database.do(review.resolve, case.owner, item_id=question.id, decision="refund")
    assert questions(database, case) == ()
    back(database, case, entry(database, 125000))
    assert [one.kind for one in questions(database, case)] == ["credit"]


def pay_again(database, case, amount: int) -> None:
    with database.act() as (db, desk):
        payments.record_manual(
            db, desk, invoice=db.get_one(Invoice, case.invoice_id), amount_minor=amount, method="card_machine",
            received_on=desk.now().date(), member_id=case.owner.member_id,
        )  # fmt: skip


def test_where_the_invoice_was_paid_again_since_the_money_is_a_credit(database, db, cash):
    case, payment = cash
    done = give_back(database, case, payment, method="cash")
    pay_again(database, case, 125000)
    back(database, case, done.id)
    (question,) = questions(database, case)
    assert (question.kind, question.amount) == ("credit", "R\u00a01\u00a0250,00")
    assert question.sentence.endswith("It is kept as a credit, as KHA-0001 was paid since.")
    assert (view(database, case).paid, view(database, case).label) == ("R\u00a01\u00a0250,00", "Paid")


def test_where_a_part_was_paid_again_since_the_surplus_is_a_question_however_often(database, db, cash):
    case, payment = cash
    done = give_back(database, case, payment, "400", method="cash")
    pay_again(database, case, 30000)
    back(database, case, done.id)
    for _ in range(2):
        (question,) = questions(database, case)
        assert (question.kind, question.amount) == ("overpaid", "R\u00a0300,00")
        assert "so R\u00a0300,00 more than was due has come for KHA-0001" in question.sentence
        database.do(review.resolve, case.owner, item_id=question.id, decision="refund")
        assert (questions(database, case), view(database, case).due) == ((), "R\u00a00,00")
        back(database, case, entry(database, 30000))


def test_a_credit_whose_question_had_settled_itself_is_asked_about_again(database, db):
    case, payment = a_credit(database)
    key_goes(database.act, payment)
    written_down(database.act, case.owner, payment, "1250")
    assert questions(database, case) == ()
    back(database, case, entry(database, 125000))
    assert [(one.kind, one.amount) for one in questions(database, case)] == [("credit", "R\u00a01\u00a0250,00")]
    adds_up(database)


def test_a_link_over_what_was_thought_to_be_due_is_closed(database, db, cash):
    case, payment = cash
    done = give_back(database, case, payment, "400", method="cash")
    with database.act() as (own, desk):
        desk.gateway = "simulated"
        payments.open_request(own, desk, own.get_one(Invoice, case.invoice_id), then={})
    back(database, case, done.id)
    link = db.exec(select(PaymentRequest)).one()
    assert (link.amount_minor, link.state, link.closed_reason) == (40000, "closed", "the invoice was paid another way")


# -- beside what a gateway tells


def test_the_refund_that_was_asked_for_in_vain_is_asked_about_again(database, db, paid):
    case, payment = paid
    asked_in_vain(database, 25000)
    written_down(database.act, case.owner, payment, "250")
    assert questions(database, case) == ()
    back(database, case, entry(database, 25000))
    assert [one.kind for one in questions(database, case)] == ["refund_failed"]


def test_one_that_was_made_after_all_is_not_asked_for_again(database, db, paid):
    case, payment = paid
    uuid = asked_in_vain(database, 25000)
    written_down(database.act, case.owner, payment, "250")
    database.clock.advance(days=8)
    told(database, payment, 250, refund_uuid=uuid)
    (item,) = asked(database, case.owner)
    say(database, case.owner, item, "another")
    back(database, case, entry(database, 25000))
    assert (gone(db, case), questions(database, case)) == (250, ())


def test_what_the_gateway_tells_later_is_not_what_was_taken_back(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "300")
    back(database, case, entry(database, 30000))
    told(database, payment, 300)
    assert (gone(db, case), questions(database, case)) == (300, ())
    assert [row.state for row in rows(db)] == ["failed", "failed", "succeeded"]


def test_what_the_gateway_had_told_of_counts_once_nothing_written_down_is_left(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500")
    told(database, payment, 300)
    assert len(asked(database, case.owner)) == 1
    back(database, case, entry(database, 50000))
    assert (gone(db, case), questions(database, case)) == (300, ())


def test_what_the_gateway_had_told_of_is_the_entry_that_is_left_where_it_fits(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500", "150", "100")
    told(database, payment, 250, when=database.clock.now() + timedelta(days=8))
    assert len(asked(database, case.owner)) == 1
    for minor in (50000, 10000):
        back(database, case, entry(database, minor))
    (item,) = asked(database, case.owner)
    say(database, case.owner, item, "all")
    assert (gone(db, case), questions(database, case)) == (250, ())


def test_where_another_refund_counts_instead_nothing_more_than_was_due_has_come(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500")
    pay_again(database, case, 50000)
    database.clock.advance(days=8)
    told(database, payment, 500)
    assert len(asked(database, case.owner)) == 1
    back(database, case, entry(database, 50000))
    assert (view(database, case).due, questions(database, case)) == ("R\u00a00,00", ())


def test_what_was_said_of_a_refund_while_the_entry_stood_is_asked_again(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "200", "100")
    told(database, payment, 300 - 20)
    (item,) = asked(database, case.owner)
    database.do(review.resolve, case.owner, item_id=item.id, decision="ignore", reason="Both, mistyped")
    assert questions(database, case) == ()
    back(database, case, entry(database, 20000))
    assert (gone(db, case), len(asked(database, case.owner))) == (100, 1)
    (item,) = asked(database, case.owner)
    say(database, case.owner, item, "another")
    assert gone(db, case) == 380


def test_every_taken_back_entry_of_one_payment_leaves_what_came(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "300", "300", "200")
    for minor in (30000, 20000, 30000):
        back(database, case, entry(database, minor))
    assert (gone(db, case), len(db.exec(select(Refund)).all())) == (0, 4)
    assert items(db) == []
