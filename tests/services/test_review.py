"""What waits for a decision is decided once, by those who may, and the money follows; on both databases."""

import threading

import pytest
from sqlmodel import select

from tests import builders as a
from tests.giving_back import (
    a_credit,
    a_dispute_fact,
    a_refund_fact,
    as_role,
    give_back,
    items,
    notes,
    paid_online,
    rows,
    take_in,
)
from tests.paying import a_fact, a_worker, an_invoice, asked_to_pay
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Invoice, Member, Payment, PaymentRequest, Practice, ReviewItem
from trova_app.services import payments, review, review_items
from trova_app.services.refund_facts import locked_payment


def open_items(database, who):
    with database.act(writes=False) as (db, desk):
        return review.open_items(db, desk, who)


def decide(database, who, item, decision, **given):
    return database.do(review.resolve, who, item_id=item.id, decision=decision, **given)


def another_invoice(database, case, total=125000, **given) -> int:
    """One more of the same client, not paid."""
    with database.act() as (db, desk):
        kept = db.exec(select(Member)).all()  # the builder counts what it knows for a fresh mail address
        home = db.get_one(Invoice, case.invoice_id)
        assert kept
        sums = {"total_minor": total, "subtotal_minor": total, "net_minor": total}
        wanted = {"client_id": home.client_id} | sums | given
        return an_invoice(db, desk, db.get_one(Practice, home.practice_id), **wanted).invoice_id


def test_a_payment_that_was_counted_elsewhere_while_its_lock_was_waited_for_is_not_touched_out_of_turn(database):
    case, payment = a_credit(database)
    other = another_invoice(database, case)
    (item,) = open_items(database, case.owner)
    database.do(review.resolve, case.owner, item_id=item.id, decision="apply", invoice_id=other)
    with database.act() as (db, _desk), pytest.raises(ChangedElsewhere, match="another invoice"):
        locked_payment(db, payment)  # as it was read before


def test_a_credit_stands_in_the_list_with_what_can_be_done(database):
    case, payment = a_credit(database)
    other = another_invoice(database, case)
    (item,) = open_items(database, case.owner)
    assert item.sentence == ("R\u00a01\u00a0250,00 was paid online although KHA-0001 is void. It is kept as a credit.")
    assert (item.kind, item.number, item.client_name, item.when) == (
        "credit",
        "KHA-0001",
        "Thandi Mokoena",
        "18 Mar 2026",
    )
    assert (item.amount, item.decisions) == ("R\u00a01\u00a0250,00", ("apply", "refund", "ignore"))
    assert [(t.id, t.words) for t in item.targets] == [(other, "KHA-0002 (R\u00a01\u00a0250,00 due)")]


def test_money_stands_before_any_number_of_links_that_were_there_first(database):
    case, payment = paid_online(database)
    with database.act() as (db, desk):
        for number in range(review.MOST + 1):
            review_items.ask_a_person(
                db, desk, practice_id=case.practice_id, kind="link_lost", about=str(number), sentence="Made elsewhere."
            )
        review_items.ask_a_person(
            db, desk, practice_id=case.practice_id, kind="overpaid", about="1", sentence="More came than was due.",
            invoice_id=case.invoice_id, payment_id=payment.id,
        )  # fmt: skip
    shown = open_items(database, case.owner)
    assert (len(shown), shown[0].kind, shown[1].kind) == (review.MOST, "overpaid", "link_lost")
    with database.act(writes=False) as (db, desk):
        assert review.how_many(db, desk, case.owner) == review.MOST + 2


def test_nothing_waits_where_nothing_is_odd(database):
    case, _ = paid_online(database)
    assert open_items(database, case.owner) == ()


def test_a_credit_given_back_goes_through_the_gateway(database, db):
    case, payment = a_credit(database)
    (item,) = open_items(database, case.owner)
    done = decide(database, case.owner, item, "refund")
    assert "on its way" in done.sentence
    a_worker(database).run_once()
    assert [(row.state, row.amount_minor, row.reason) for row in rows(db)] == [("succeeded", 125000, "duplicate")]
    (kept,) = items(db)
    assert (kept.state, kept.decision, kept.resolved_by) == ("resolved", "refund", case.owner.member_id)
    assert open_items(database, case.owner) == ()


def test_a_credit_counts_for_another_invoice_of_the_client(database, db):
    case, payment = a_credit(database)
    other = another_invoice(database, case)
    (item,) = open_items(database, case.owner)
    done = decide(database, case.owner, item, "apply", invoice_id=str(other))
    assert done.sentence == "R\u00a01\u00a0250,00 is counted for KHA-0002."
    assert (payments.paid_minor(db, other), payments.paid_minor(db, case.invoice_id)) == (125000, 0)
    moved = db.get_one(Payment, payment.id)
    assert (moved.is_credit, moved.invoice_id) == (False, other)
    assert "R\u00a01\u00a0250,00 of credit counted for KHA-0002" in notes(db)


def test_a_credit_counts_for_its_own_invoice_where_something_is_due_again(database, db):
    """Paid twice: by hand and by link. What was taken by hand is given back, so there is room for the other."""
    case = asked_to_pay(database)
    with database.act() as (own, desk):
        payments.record_manual(
            own, desk, invoice=own.get_one(Invoice, case.invoice_id), amount_minor=125000, method="cash",
            received_on=desk.now().date(), member_id=case.owner.member_id,
        )  # fmt: skip
    with database.act() as (own, _):
        request = own.exec(select(PaymentRequest)).one()
    take_in(database, a_fact(request))
    (item,) = open_items(database, case.owner)
    assert "apply" not in item.decisions
    by_hand = db.exec(select(Payment).where(Payment.provider == "manual")).one()
    give_back(database, case, by_hand)
    (item,) = open_items(database, case.owner)
    assert [target.id for target in item.targets] == [case.invoice_id]
    decide(database, case.owner, item, "apply")
    db.rollback()
    assert payments.paid_minor(db, case.invoice_id) == 125000


def test_a_link_over_what_a_credit_pays_is_closed(database, db):
    case, _ = a_credit(database)
    other = another_invoice(database, case)
    with database.act() as (own, desk):
        payments.open_request(own, desk, own.get_one(Invoice, other), then={})
    a_worker(database).run_once()
    (item,) = open_items(database, case.owner)
    decide(database, case.owner, item, "apply", invoice_id=other)
    a_worker(database).run_once()
    request = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == other)).one()
    assert request.state == "closed"


def test_a_part_given_back_moves_with_the_credit(database, db):
    case, payment = a_credit(database)
    give_back(database, case, payment, "250")
    other = another_invoice(database, case, total=100000)
    (item,) = open_items(database, case.owner)
    assert item.targets == ()  # while the refund is on its way it might still come back
    with pytest.raises(Refusal, match="on its way"):
        decide(database, case.owner, item, "apply", invoice_id=other)
    a_worker(database).run_once()
    (item,) = open_items(database, case.owner)
    assert item.amount == "R\u00a01\u00a0000,00"
    decide(database, case.owner, item, "apply", invoice_id=other)
    assert payments.paid_minor(db, other) == 100000
    assert [row.invoice_id for row in rows(db)] == [other]


def test_a_credit_that_does_not_fit_is_not_counted(database, db):
    case, payment = a_credit(database)
    smaller = another_invoice(database, case, total=90000)
    (item,) = open_items(database, case.owner)
    assert item.targets == ()
    with pytest.raises(Refusal, match="does not fit: R\u00a0900,00 is due on KHA-0002") as refused:
        decide(database, case.owner, item, "apply", invoice_id=smaller)
    assert refused.value.field == "invoice_id"
    assert db.get_one(Payment, payment.id).is_credit


def test_a_credit_is_only_counted_for_an_open_invoice_of_the_same_client(database, db):
    case, payment = a_credit(database)
    (item,) = open_items(database, case.owner)
    with database.act() as (own, _):
        home = own.get_one(Invoice, case.invoice_id)
        somebody = a.a_client(own, own.get_one(Practice, home.practice_id), first_name="Pieter")
        client_id = somebody.id
    wrong = [
        case.invoice_id,  # void
        another_invoice(database, case, client_id=client_id),
        another_invoice(database, case, currency="USD"),
        another_invoice(database, case, mode="demo"),
        another_invoice(database, case, status="draft"),
    ]
    for invoice_id in wrong:
        with pytest.raises(Refusal, match="same client"):
            decide(database, case.owner, item, "apply", invoice_id=invoice_id)
    with database.act() as (own, desk):
        stranger = an_invoice(own, desk, a.a_practice(own, name="Elsewhere"))
    for invoice_id in (stranger.invoice_id, 99_999, "x", -1, 1.5, True, [1]):
        with pytest.raises(NotFound):
            decide(database, case.owner, item, "apply", invoice_id=invoice_id)
    assert db.get_one(Payment, payment.id).is_credit


def test_leaving_it_takes_a_reason(database, db):
    case, _ = a_credit(database)
    (item,) = open_items(database, case.owner)
    for reason in ("", "   ", None, 5, "x" * 201):
        with pytest.raises(FieldFaults) as refused:
            decide(database, case.owner, item, "ignore", reason=reason)
        assert [name for name, _ in refused.value.faults] == ["reason"]
    decide(database, case.owner, item, "ignore", reason="Kept for the next session")
    (kept,) = items(db)
    assert (kept.state, kept.decision, kept.reason) == ("resolved", "ignore", "Kept for the next session")
    assert notes(db)[-1] == "Left as it is: Kept for the next session"


@pytest.mark.parametrize("decision", ["", "pay", None, 1, ["refund"], "x" * 10_000])
def test_an_unknown_decision_is_refused(database, decision):
    case, _ = a_credit(database)
    (item,) = open_items(database, case.owner)
    with pytest.raises(Refusal, match="Choose what to do"):
        decide(database, case.owner, item, decision)


@pytest.mark.parametrize("first", ["refund", "apply", "ignore"])
def test_what_is_decided_stays_decided(database, db, first):
    case, _ = a_credit(database)
    other = another_invoice(database, case)
    (item,) = open_items(database, case.owner)
    decide(database, case.owner, item, first, invoice_id=other, reason="so")
    for again in ("refund", "apply", "ignore"):
        with pytest.raises(ChangedElsewhere):
            decide(database, case.owner, item, again, invoice_id=other, reason="so")
    assert len(rows(db)) == (1 if first == "refund" else 0)


def test_of_two_people_who_decide_at_once_one_is_told_so(database, db):
    case, _ = a_credit(database)
    other = another_invoice(database, case)
    (item,) = open_items(database, case.owner)
    ready, told = threading.Barrier(8), []

    def press(decision: str) -> None:
        ready.wait()
        try:
            decide(database, case.owner, item, decision, invoice_id=other)
        except Refusal as refusal:
            told.append(type(refusal))

    people = [threading.Thread(target=press, args=(word,)) for word in ["refund", "apply"] * 4]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert told == [ChangedElsewhere] * 7
    assert len(rows(db)) * 125000 + payments.paid_minor(db, other) == 125000


def test_a_credit_given_back_in_the_gateways_own_pages_needs_no_decision(database, db):
    case, payment = a_credit(database)
    take_in(database, a_refund_fact(payment, "pending"))
    assert len(open_items(database, case.owner)) == 1
    take_in(database, a_refund_fact(payment))
    assert open_items(database, case.owner) == ()
    assert [(item.state, item.resolved_by) for item in items(db, "credit")] == [("resolved", None)]


def test_a_credit_that_could_not_be_given_back_is_asked_about_again(database, db):
    case, payment = a_credit(database)
    (item,) = open_items(database, case.owner)
    decide(database, case.owner, item, "refund")
    uuid = rows(db)[0].refund_uuid
    db.rollback()
    take_in(database, a_refund_fact(payment, refund_uuid=uuid), a_refund_fact(payment, "failed", refund_uuid=uuid))
    (again,) = open_items(database, case.owner)
    assert (again.kind, again.decisions) == ("refund_failed", ("refund", "ignore"))
    assert again.amount == "R\u00a01\u00a0250,00"


def test_of_a_payment_over_what_was_due_only_the_surplus_goes_back(database, db):
    case = asked_to_pay(database)
    with database.act() as (own, _):
        request = own.exec(select(PaymentRequest)).one()
    with database.act() as (own, desk):
        payments.record_manual(
            own, desk, invoice=own.get_one(Invoice, case.invoice_id), amount_minor=25000, method="cash",
            received_on=desk.now().date(), member_id=case.owner.member_id,
        )  # fmt: skip
    take_in(database, a_fact(request))
    (item,) = open_items(database, case.owner)
    assert (item.kind, item.amount, item.decisions) == ("overpaid", "R\u00a0250,00", ("refund", "ignore"))
    decide(database, case.owner, item, "refund")
    a_worker(database).run_once()
    assert [row.amount_minor for row in rows(db)] == [25000]
    assert payments.paid_minor(db, case.invoice_id) == 125000


def test_a_surplus_given_back_in_the_gateways_own_pages_needs_no_decision_once_it_is_gone(database, db):
    case = asked_to_pay(database)
    with database.act() as (own, desk):
        request = own.exec(select(PaymentRequest)).one()
        payments.record_manual(
            own, desk, invoice=own.get_one(Invoice, case.invoice_id), amount_minor=25000, method="cash",
            received_on=desk.now().date(), member_id=case.owner.member_id,
        )  # fmt: skip
    take_in(database, a_fact(request))
    payment = db.exec(select(Payment).where(Payment.provider != "manual")).one()
    take_in(database, a_refund_fact(payment, amount_minor=10000))
    assert [(item.kind, item.amount) for item in open_items(database, case.owner)] == [("overpaid", "R\u00a0150,00")]
    take_in(database, a_refund_fact(payment, amount_minor=15000, provider_refund_id="re_2"))
    assert open_items(database, case.owner) == ()
    db.rollback()
    (item,) = items(db, "overpaid")
    assert (item.state, item.resolved_by) == ("resolved", None)


def test_a_dispute_can_only_be_left_with_a_word(database):
    case, payment = paid_online(database)
    take_in(database, a_dispute_fact(payment))
    (item,) = open_items(database, case.owner)
    assert (item.decisions, item.amount, item.targets) == (("ignore",), "", ())
    for decision in ("refund", "apply"):
        with pytest.raises(Refusal):
            decide(database, case.owner, item, decision)
    done = decide(database, case.owner, item, "ignore", reason="Evidence sent")
    assert done.sentence == "Dealt with."
    assert open_items(database, case.owner) == ()


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_and_decides_as_the_permission_table_grants(database, db, role):
    case, _ = a_credit(database)
    who = as_role(case.owner, role)
    decides = may(role, Permission.BILL) and may(role, Permission.RECORD_PAYMENT)
    (item,) = open_items(database, who)
    assert bool(item.decisions) == decides
    if decides:
        decide(database, who, item, "refund")
    else:
        with pytest.raises(NotAllowed):
            decide(database, who, item, "refund")
    assert (items(db)[0].state == "resolved") == decides


def test_another_practices_items_are_neither_seen_nor_decided(database, db):
    case, _ = a_credit(database)
    (item,) = open_items(database, case.owner)
    with database.act() as (own, _):
        stranger = a.principal(a.a_member(own, a.a_practice(own, name="Elsewhere")))
    assert open_items(database, stranger) == ()
    sentences = set()
    for item_id in (item.id, 999_999, -5, 2**70, "x", None, True):
        with pytest.raises(NotFound) as refused:
            database.do(review.resolve, stranger, item_id=item_id, decision="ignore", reason="so")
        sentences.add(refused.value.sentence)
    assert len(sentences) == 1
    assert db.exec(select(ReviewItem.state)).all() == ["open"]


@pytest.mark.parametrize(("currency", "said"), [("USD", "US$\u00a012,50 came online"), ("XAU", "XAU came online")])
def test_money_of_another_currency_is_dealt_with_at_the_gateway_and_marked_as_done(database, db, currency, said):
    case = asked_to_pay(database)
    fact = a_fact(db.exec(select(PaymentRequest)).one(), currency=currency, amount_minor=1250)
    db.rollback()
    take_in(database, fact, fact)
    (item,) = open_items(database, case.owner)
    assert (item.kind, item.amount, item.targets, item.decisions) == ("wrong_amount", "", (), ("ignore",))
    assert item.sentence.startswith(said) and "where R\u00a01\u00a0250,00 was asked for" in item.sentence
    assert "gateway's own pages" in item.sentence
    for decision in ("apply", "refund"):  # an old tab, or somebody who tries
        with pytest.raises(Refusal, match="neither counted nor given back from here"):
            decide(database, case.owner, item, decision)
    done = decide(database, case.owner, item, "ignore", reason="Given back there")
    assert done.sentence == "Dealt with."
    assert (open_items(database, case.owner), db.exec(select(Payment)).all()) == ((), [])
    assert payments.paid_minor(db, case.invoice_id) == 0
    take_in(database, fact)  # told once more, as every sweep does
    assert open_items(database, case.owner) == ()


def test_a_declined_card_is_no_money_and_hides_none_that_comes_after_it(database, db):
    """The payer's second try in the same visit has the same name at the gateway."""
    case = asked_to_pay(database)
    request = db.exec(select(PaymentRequest)).one()
    other_money = {"currency": "USD", "amount_minor": 1250}
    db.rollback()
    take_in(database, a_fact(request, "declined", **other_money))
    assert open_items(database, case.owner) == ()
    take_in(database, a_fact(request, **other_money))
    (item,) = open_items(database, case.owner)
    assert item.sentence.startswith("US$\u00a012,50 came online")


def test_a_bank_payment_over_another_amount_is_a_credit_once_it_has_arrived(database, db):
    case = asked_to_pay(database)
    request = db.exec(select(PaymentRequest)).one()
    db.rollback()
    take_in(database, a_fact(request, "pending", amount_minor=100000))
    take_in(database, a_fact(request, amount_minor=100000))
    (item,) = open_items(database, case.owner)
    assert (item.kind, item.amount, item.decisions) == (
        "wrong_amount",
        "R\u00a01\u00a0000,00",
        ("apply", "refund", "ignore"),
    )
