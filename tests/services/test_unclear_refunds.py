"""What a gateway tells of a payment that somebody wrote refunds down for, while it could not be asked, counts once:
what is sure by itself, what is not as a person says. On both databases."""

from datetime import timedelta

import pytest
from sqlmodel import select

from tests.giving_back import (
    a_credit,
    a_refund_fact,
    adds_up,
    as_role,
    give_back,
    key_goes,
    notes,
    paid_online,
    rows,
    take_in,
    written_down,
)
from tests.services.test_review import another_invoice
from trova_app.domain.permissions import Role
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Invoice, Payment, Refund, ReviewItem
from trova_app.services import money_lists, payments, refund_facts, refunds, review, taken_back


def told(database, payment, *amounts: int, state: str = "succeeded", **given) -> None:
    """Each under a name of its own, by its place among all that are told in this test."""
    for number, amount in enumerate(amounts):
        made = {"provider_refund_id": f"re_{number}", "when": database.clock.now()} | given
        take_in(database, a_refund_fact(payment, state, amount_minor=amount * 100, **made))


def asked(database, who):
    with database.act(writes=False) as (db, desk):
        return [item for item in review.open_items(db, desk, who) if item.kind == "refund_unclear"]


def words(item) -> list[str]:
    return [way.words.replace("\u00a0", " ") for way in item.ways]


def say(database, who, item, way: object):
    return database.do(review.resolve, who, item_id=item.id, decision="count", way=way)


def asked_in_vain(database, minor: int) -> str:
    """The refund that no key of the payment's account could make is over this amount, and a person was asked to make it
    there; its uuid."""
    with database.act() as (db, desk):
        lost = db.exec(select(Refund).where(Refund.unknown_to != "")).one()
        lost.amount_minor = minor
        refund_facts.tell_of_failure(db, desk, lost, "R 250,00")
        return lost.refund_uuid


def gone(db, case) -> int:
    """What of the payment went back, in whole units."""
    paid = payments.paid_minor(db, case.invoice_id)
    db.rollback()
    return (125000 - paid) // 100


def test_one_entry_that_the_gateway_tells_in_two_parts_counts_once(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500")
    told(database, payment, 250)
    assert (gone(db, case), len(asked(database, case.owner))) == (500, 1)
    told(database, payment, 250, provider_refund_id="re_other")
    assert (gone(db, case), asked(database, case.owner)) == (500, [])
    kept = [(row.amount_minor, row.provider_refund_id, row.reference) for row in rows(db) if row.state == "succeeded"]
    assert kept == [(25000, "re_0", "dashboard"), (25000, "re_other", "dashboard")]
    assert "was given back in parts at the gateway, R\u00a0250,00 + R\u00a0250,00" in notes(db)[-1]


def test_what_is_told_of_a_part_later_changes_the_part(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500")
    told(database, payment, 250, 250)
    told(database, payment, 250, state="failed")
    assert gone(db, case) == 250


@pytest.mark.parametrize(("first", "then"), [("pending", "succeeded"), ("succeeded", "pending")])
def test_an_unclear_refund_is_what_the_gateway_said_last_of_it_when_a_person_says_that_it_is_another(
    database, db, paid, first, then
):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500")
    for state in (first, then):
        told(database, payment, 300, state=state)
    (item,) = asked(database, case.owner)
    say(database, case.owner, item, "another")
    assert (gone(db, case), asked(database, case.owner)) == (800, [])
    (kept,) = [row for row in rows(db) if row.provider_refund_id == "re_0"]
    assert (kept.state, kept.is_counted) == ("succeeded", True)


def test_another_refund_that_is_still_on_its_way_counts_when_it_has_arrived(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500")
    told(database, payment, 300, state="pending")
    (item,) = asked(database, case.owner)
    done = say(database, case.owner, item, "another")
    assert "is on its way back" in done.sentence
    assert gone(db, case) == 500
    told(database, payment, 300)
    assert gone(db, case) == 800


def test_a_refund_made_long_after_an_entry_is_that_one_where_a_person_says_so(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "250")
    database.clock.advance(days=8)
    told(database, payment, 250)
    assert gone(db, case) == 250
    (item,) = asked(database, case.owner)
    assert words(item) == [
        "R 250,00 written down on 18 Mar 2026 (dashboard)",
        "Another refund: R 250,00 more was given back",
    ]
    assert "of R\u00a0250,00 on KHA-0001, made on 26 Mar 2026" in item.sentence
    say(database, case.owner, item, item.ways[0].key)
    assert (gone(db, case), asked(database, case.owner)) == (250, [])
    assert notes(db)[-1] == (
        "The refund of R\u00a0250,00 at the gateway is the one that was written down on 18 Mar 2026"
    )  # fmt: skip
    (kept,) = [row for row in rows(db) if row.state == "succeeded"]
    assert (kept.provider_refund_id, kept.requested_by) == ("re_0", case.owner.member_id)


@pytest.mark.parametrize("entry", ["200", "500"])
def test_what_was_written_down_in_a_wrong_amount_is_put_right_where_a_person_says_so(database, db, paid, entry):
    case, payment = paid
    written_down(database.act, case.owner, payment, entry)
    told(database, payment, 300)
    (item,) = asked(database, case.owner)
    assert f"All that was written down, in a wrong amount: R {entry},00 written down on 18 Mar 2026 (dashboard)" in (
        words(item)
    )
    say(database, case.owner, item, "all")
    assert (gone(db, case), asked(database, case.owner)) == (300, [])
    told(database, payment, 200, provider_refund_id="re_later")
    assert (gone(db, case), asked(database, case.owner)) == (500, [])
    assert (
        f"What was written down as given back, R\u00a0{entry},00, is a refund of R\u00a0300,00 at the gateway"
    ) in notes(db)


def test_what_was_never_given_back_though_paid_again_meanwhile_is_a_surplus_to_ask_about(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500")
    told(database, payment, 300)
    (item,) = asked(database, case.owner)
    with database.act() as (own, desk):
        payments.record_manual(
            own, desk, invoice=own.get_one(Invoice, case.invoice_id), amount_minor=50000, method="cash",
            received_on=desk.now().date(), member_id=case.owner.member_id,
        )  # fmt: skip
    say(database, case.owner, item, "all")
    with database.act(writes=False) as (own, desk):
        (surplus,) = review.open_items(own, desk, case.owner)
    assert (surplus.kind, surplus.amount) == ("overpaid", "R\u00a0200,00")


@pytest.mark.parametrize(
    ("entries", "made", "is_offered"),
    [(["400", "290"], 700, True), (["300", "300"], 100, False), (["150", "100"], 250, False), (["1000"], 1250, True)],
)
def test_all_that_was_written_down_is_offered_where_it_may_be_one_refund_and_no_more_went_back_than_came(
    database, db, paid, entries, made, is_offered
):
    case, payment = paid
    written_down(database.act, case.owner, payment, *entries)
    database.clock.advance(days=8)
    told(database, payment, made)
    (item,) = asked(database, case.owner)
    assert ("all" in [way.key for way in item.ways]) == is_offered
    if is_offered:
        say(database, case.owner, item, "all")
        assert (gone(db, case), asked(database, case.owner)) == (made, [])


def test_a_person_says_which_of_the_entries_one_refund_is_made_of(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "300", "200", "400", "100")
    told(database, payment, 500)
    (item,) = asked(database, case.owner)
    assert [one for one in words(item) if " + " not in one] == []  # another one would be more than came
    (way,) = [way for way in item.ways if "R\u00a0400,00" in way.words]
    say(database, case.owner, item, way.key)
    assert gone(db, case) == 1000
    told(database, payment, 300, provider_refund_id="re_3")
    told(database, payment, 200, provider_refund_id="re_2")
    assert (gone(db, case), asked(database, case.owner)) == (1000, [])
    assert sorted(row.amount_minor for row in rows(db) if row.state == "succeeded") == [20000, 30000, 50000]


def test_of_an_entry_whose_part_a_person_named_the_rest_is_still_to_be_told_of(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500")
    told(database, payment, 300)
    (item,) = asked(database, case.owner)
    say(database, case.owner, item, item.ways[0].key)
    assert gone(db, case) == 500
    told(database, payment, 200, provider_refund_id="re_rest")
    assert (gone(db, case), asked(database, case.owner)) == (500, [])
    names = {row.provider_refund_id for row in rows(db) if row.state == "succeeded"}
    assert names == {"re_0", "re_rest"}


def test_a_question_settles_itself_once_everything_written_down_is_told_of(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500")
    told(database, payment, 300)
    assert (gone(db, case), len(asked(database, case.owner))) == (500, 1)
    told(database, payment, 500, provider_refund_id="re_whole")
    assert (gone(db, case), asked(database, case.owner)) == (800, [])


def test_an_unclear_refund_that_failed_after_all_is_nothing_to_count_but_somebodys_to_look_at(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500")
    told(database, payment, 300)
    told(database, payment, 300, state="failed")
    assert (gone(db, case), asked(database, case.owner)) == (500, [])
    with database.act(writes=False) as (own, desk):
        (item,) = review.open_items(own, desk, case.owner)
    assert item.kind == "refund_failed" and "It was not counted" in item.sentence


@pytest.mark.parametrize("later", ["succeeded", "failed"])
def test_one_marked_as_done_stays_uncounted_whatever_is_told_later(database, db, paid, later):
    case, payment = paid
    written_down(database.act, case.owner, payment, "200")
    told(database, payment, 300, state="pending")
    (item,) = asked(database, case.owner)
    database.do(review.resolve, case.owner, item_id=item.id, decision="ignore", reason="The 200, mistyped")
    told(database, payment, 300, state=later)
    told(database, payment, 100, provider_refund_id="re_next")
    assert gone(db, case) == 200
    assert [row.id for row in rows(db) if row.provider_refund_id == "re_0"] != []
    assert len(asked(database, case.owner)) == 1  # about the next


def test_beside_one_marked_as_done_nothing_is_sure_and_once_all_that_was_written_down_is_told_of_it_counts(
    database, db, paid
):
    case, payment = paid
    written_down(database.act, case.owner, payment, "200")
    told(database, payment, 300)
    (item,) = asked(database, case.owner)
    database.do(review.resolve, case.owner, item_id=item.id, decision="ignore", reason="The 200, mistyped")
    told(database, payment, 200, provider_refund_id="re_next")
    assert gone(db, case) == 200
    (item,) = asked(database, case.owner)
    say(database, case.owner, item, item.ways[0].key)  # so the 300 was another one after all
    assert (gone(db, case), asked(database, case.owner)) == (500, [])


@pytest.mark.parametrize("states", [("failed",), ("succeeded", "failed"), ("failed", "succeeded")])
@pytest.mark.parametrize(("entry", "left"), [("250", 0), ("500", 500)])
def test_a_refund_that_failed_is_looked_for_among_what_was_written_down_whatever_is_told_first(
    database, db, paid, states, entry, left
):
    case, payment = paid
    written_down(database.act, case.owner, payment, entry)
    for state in states:
        told(database, payment, 250, state=state)
    assert (gone(db, case), asked(database, case.owner)) == (left, [])
    (item,) = _open(database, case.owner)
    assert ("may be about it" in item.sentence) == bool(left)


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("written", [None, "700"])
def test_a_refund_made_there_answers_one_question_that_told_to_make_it(database, db, paid, written, hours):
    case, payment = paid
    asked_in_vain(database, 25000)
    if written:
        written_down(database.act, case.owner, payment, written)
    for state in ("pending", "succeeded"):
        told(database, payment, 250, state=state, when=database.clock.now() + timedelta(hours=hours))
    for item in asked(database, case.owner):
        say(database, case.owner, item, "another")
    assert gone(db, case) == 250 + int(written or 0)
    assert [item.kind for item in _open(database, case.owner)] == ["refund_failed"] * (hours < 0)


def test_it_stands_among_the_refunds_as_not_counted_and_nothing_more_is_given_back_before_somebody_says_what_it_is(
    database, db, paid
):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500")
    told(database, payment, 300)
    with database.act(writes=False) as (own, desk):
        shown = [(row.amount, row.state) for row in money_lists.refunds(own, desk, case.owner).rows]
    assert ("R\u00a0300,00", "Not counted") in shown
    with pytest.raises(Refusal, match="Say in Billing, To decide, what it is"):
        give_back(database, case, payment, "10")
    (item,) = asked(database, case.owner)
    say(database, case.owner, item, "another")
    database.clock.advance(days=8)
    written_down(database.act, case.owner, payment, "450")
    assert gone(db, case) == 1250


def test_an_answer_that_does_not_fit_any_more_or_never_did_counts_nothing(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500", "100")
    told(database, payment, 300)
    (item,) = asked(database, case.owner)
    entry = item.ways[0].key
    for way in ("", None, 7, ["another"], "0", f"{entry}+{entry}", "another+", item.ways[0].words, entry + " "):
        with pytest.raises(Refusal) as refusal:
            say(database, case.owner, item, way)
        assert refusal.value.field == "way"
    with pytest.raises(NotAllowed):
        say(database, as_role(case.owner, Role.RECEPTION), item, "another")
    with pytest.raises(Refusal):  # another decision's
        database.do(review.resolve, case.owner, item_id=item.id, decision="apply")
    with pytest.raises(FieldFaults):
        database.do(review.resolve, case.owner, item_id=item.id, decision="ignore", reason=" ")
    assert gone(db, case) == 600
    say(database, case.owner, item, entry)
    with pytest.raises(ChangedElsewhere):  # the second tab
        say(database, case.owner, item, "another")
    assert gone(db, case) == 600


def test_nobody_of_another_practice_can_say_what_it_is_and_no_other_question_can_be_answered_so(database, db, paid):
    case, payment = paid
    stranger, _ = paid_online(database)
    written_down(database.act, case.owner, payment, "500")
    told(database, payment, 300)
    (item,) = asked(database, case.owner)
    with pytest.raises(NotFound):
        say(database, stranger.owner, item, "another")
    credit, _ = a_credit(database)
    with database.act(writes=False) as (own, desk):
        (other,) = review.open_items(own, desk, credit.owner)
    with pytest.raises(Refusal, match="no refund to count"):
        say(database, credit.owner, other, "another")
    assert gone(db, case) == 500


def test_a_refund_of_ours_that_nobody_doubted_needs_no_person_beside_what_was_written_down(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "500")
    with database.act() as (own, _desk):
        for row in own.exec(select(Refund).where(Refund.unknown_to != "")):
            row.unknown_to = ""
    done = give_back(database, case, payment, "100")
    (ours,) = [row.refund_uuid for row in rows(db) if row.id == done.id]
    db.rollback()
    told(database, payment, 100, refund_uuid=ours)
    assert (gone(db, case), asked(database, case.owner)) == (600, [])


def test_a_refund_of_ours_whose_answer_was_lost_and_that_was_written_down_in_another_amount_asks_one_question(
    database, db, paid
):
    case, payment = paid
    uuid = asked_in_vain(database, 25000)
    written_down(database.act, case.owner, payment, "200")
    told(database, payment, 250, refund_uuid=uuid)
    assert [item.kind for item in _open(database, case.owner)] == ["refund_unclear"]
    assert gone(db, case) == 200
    (item,) = asked(database, case.owner)
    say(database, case.owner, item, "another")
    assert (gone(db, case), _open(database, case.owner)) == (450, ())


def test_a_refund_of_ours_that_is_counted_as_another_was_not_made_in_the_gateways_own_pages(database, db, paid):
    case, payment = paid
    uuid = asked_in_vain(database, 25000)
    with database.act() as (own, _desk):
        own.exec(select(Refund)).one().requested_by = case.owner.member_id
    written_down(database.act, case.owner, payment, "200")
    told(database, payment, 250, refund_uuid=uuid, state="pending")
    (item,) = asked(database, case.owner)
    done = say(database, case.owner, item, "another")
    assert done.sentence == "R\u00a0250,00 is on its way back, beside what was written down."
    told(database, payment, 250, refund_uuid=uuid)
    assert notes(db)[-2:] == [
        "R\u00a0250,00 is on its way back, beside what was written down",
        "R\u00a0250,00 was given back",
    ]


def test_a_refund_of_ours_answers_for_itself_and_for_no_other_over_as_much(database, db, paid):
    case, payment = paid
    uuid = asked_in_vain(database, 25000)
    with database.act() as (own, desk):
        (lost,) = own.exec(select(Refund)).all()
        lost.requested_by = case.owner.member_id
        twin = Refund(**lost.model_dump(exclude={"id", "refund_uuid"}), refund_uuid=uuid[::-1])
        own.add(twin)
        own.flush()
        refund_facts.tell_of_failure(own, desk, twin, "R 250,00")
    written_down(database.act, case.owner, payment, "200")
    told(database, payment, 250, refund_uuid=uuid)
    (item,) = asked(database, case.owner)
    say(database, case.owner, item, "another")
    assert [one.kind for one in _open(database, case.owner)] == ["refund_failed"]


def test_a_credit_is_not_counted_for_an_invoice_while_it_is_unclear_what_of_it_went_back(database, db):
    case, payment = a_credit(database)
    key_goes(database.act, payment)
    written_down(database.act, case.owner, payment, "500")
    told(database, payment, 300)
    (credit,) = [one for one in _open(database, case.owner) if one.kind == "credit"]
    assert "apply" not in credit.decisions
    invoice_id = another_invoice(database, case)
    with pytest.raises(Refusal, match="Say in Billing, To decide, what it is"):  # another tab
        database.do(review.resolve, case.owner, item_id=credit.id, decision="apply", invoice_id=str(invoice_id))
    (item,) = asked(database, case.owner)
    say(database, case.owner, item, "another")
    assert db.exec(select(Payment.is_credit)).one()
    db.rollback()
    adds_up(database)


def _open(database, who):
    with database.act(writes=False) as (db, desk):
        return review.open_items(db, desk, who)


def test_what_was_made_soon_after_it_was_written_down_is_counted_without_a_question(database, db, paid):
    case, payment = paid
    written_down(database.act, case.owner, payment, "250")
    database.clock.advance(days=6)
    told(database, payment, 250, when=database.clock.now() - timedelta(hours=1))
    assert (gone(db, case), asked(database, case.owner)) == (250, [])
    assert db.exec(select(ReviewItem).where(ReviewItem.kind == "refund_unclear")).all() == []


def test_half_of_an_entry_answers_the_question_over_as_much(database, db, paid):
    case, payment = paid
    asked_in_vain(database, 25000)
    written_down(database.act, case.owner, payment, "500")
    told(database, payment, 250)
    (item,) = asked(database, case.owner)
    say(database, case.owner, item, item.ways[0].key)
    assert (gone(db, case), _open(database, case.owner)) == (500, ())


# -- more than came


def in_cash(database, case, payment, amount: str) -> None:
    with database.act() as (db, desk):
        desk.gateway = ""
        refunds.refund(db, desk, case.owner, payment_id=payment.id, amount=amount, method="cash")


def test_what_would_make_more_go_back_than_came_is_not_counted_until_a_person_looked(database, db, paid):
    case, payment = paid
    in_cash(database, case, payment, "1250")
    told(database, payment, 300)
    (item,) = asked(database, case.owner)
    assert (gone(db, case), item.decisions) == (1250, ("ignore",))
    assert "it would be more than came" in item.sentence and "Take back on the invoice" in item.sentence
    told(database, payment, 300)
    assert (gone(db, case), len(asked(database, case.owner))) == (1250, 1)
    cash_id = next(row.id for row in rows(db) if row.method == "cash")
    db.rollback()
    database.do(taken_back.take_back, case.owner, refund_id=cash_id, reason="It was the same")
    assert (gone(db, case), asked(database, case.owner)) == (300, [])


def test_of_several_that_would_make_more_go_back_than_came_those_count_that_fit(database, db, paid):
    case, payment = paid
    in_cash(database, case, payment, "1000")
    told(database, payment, 300, 200)
    (item,) = asked(database, case.owner)
    assert (gone(db, case), item.amount) == (1200, "")
    told(database, payment, 300, state="failed")
    assert (gone(db, case), asked(database, case.owner)) == (1200, [])


def test_one_asked_for_here_and_ended_by_a_person_that_was_made_after_all_is_asked_about_beside_the_cash(
    database, db, paid
):
    case, payment = paid
    uuid = asked_in_vain(database, 30000)
    in_cash(database, case, payment, "1250")
    told(database, payment, 300, refund_uuid=uuid)
    assert (gone(db, case), len(asked(database, case.owner))) == (1250, 1)


def test_a_refund_told_of_while_another_is_only_wanted_is_no_breach(database, db, paid):
    case, payment = paid
    desk = database.desk()
    desk.gateway = payment.provider
    with database.act(desk) as (own, _desk):
        refunds.refund(own, desk, case.owner, payment_id=payment.id, amount="1250")
    told(database, payment, 300)
    assert gone(db, case) == 300  # and nothing is found by `adds_up`
