"""A former account's webhook has told of a refund before a person writes it down: the person says whether it is the
same, and money counts once. On both databases."""

from datetime import timedelta

import pytest

from tests.giving_back import a_refund_fact, give_back, items, notes, paid_online, rows, take_in
from tests.services.test_unclear_refunds import asked_in_vain, gone
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.models import RefundState
from trova_app.services import money_lists
from trova_app.services.told_refunds import AlreadyTold

THERE = {"method": "online", "reference": "dashboard", "note": "By phone"}


@pytest.fixture(autouse=True)
def no_key(database):
    """The installation has no gateway any more; events signed with its former secret still arrive."""
    plain = database.desk

    def desk():
        made = plain()
        made.gateway = ""
        return made

    database.desk = desk


def told(database, payment, amount: int, name: str = "re_told", state: str = "succeeded", **given) -> None:
    made = {"provider_refund_id": name, "when": database.clock.now()} | given
    take_in(database, a_refund_fact(payment, state, amount_minor=amount * 100, **made))


def question(database, case, payment, amount: str, **given) -> AlreadyTold:
    with pytest.raises(AlreadyTold) as asked:
        give_back(database, case, payment, amount, **THERE, **given)
    return asked.value


def words(asked: AlreadyTold) -> list[str]:
    return [one.words.replace("\u00a0", " ") for one in asked.answers]


@pytest.mark.parametrize("state", ["pending", "succeeded"])
def test_what_the_gateway_has_told_of_is_not_written_down_beside_it_without_an_answer(database, db, paid, state):
    case, payment = paid
    told(database, payment, 300, state=state)
    before = notes(db)
    db.rollback()
    asked = question(database, case, payment, "300")
    assert asked.sentence == (
        "The gateway already told of a refund of R\u00a0300,00 on 18 Mar 2026. Say whether it is the one that you are"
        " writing down."
    )
    assert words(asked) == [
        "It is the same refund: R 300,00 on 18 Mar 2026",
        "It is another one: R 300,00 more went back",
    ]
    assert (len(rows(db)), notes(db)) == (2, before)  # with the one that no key could make


def test_the_same_refund_is_counted_once_and_keeps_what_the_person_knows_of_it(database, db, paid):
    case, payment = paid
    told(database, payment, 300)
    database.clock.advance(days=2)
    asked = question(database, case, payment, "300", given_on="2026-03-19")
    done = give_back(database, case, payment, "300", **THERE, given_on="2026-03-19", told=asked.answers[0].key)
    assert done.sentence == "Nothing was added: R\u00a0300,00 stands here already, as the gateway told of it."
    assert gone(db, case) == 300
    (kept,) = [row for row in rows(db) if row.state == "succeeded"]
    assert (kept.id, kept.provider_refund_id, kept.reference, kept.note) == (
        done.id,
        "re_told",
        "dashboard",
        "By phone",
    )
    assert kept.given_on.isoformat() == "2026-03-19"
    assert notes(db)[-1] == (
        "R\u00a0300,00 written down as given back is the refund of R\u00a0300,00 that the gateway had told of"
    )
    told(database, payment, 300)
    assert gone(db, case) == 300


def test_that_it_is_the_same_pressed_twice_is_noted_once(database, db, paid):
    case, payment = paid
    told(database, payment, 300)
    key = question(database, case, payment, "300").answers[0].key
    sentences = {give_back(database, case, payment, "300", **THERE, told=key).sentence for _ in range(2)}
    assert len(sentences) == 1
    assert sum("is the refund of" in note for note in notes(db)) == 1
    give_back(database, case, payment, "300", **(THERE | {"reference": "Paid out"}), told=key)
    db.rollback()
    assert sum("is the refund of" in note for note in notes(db)) == 2


def test_another_refund_over_as_much_is_recorded_and_counts(database, db, paid):
    case, payment = paid
    told(database, payment, 300)
    asked = question(database, case, payment, "300")
    done = give_back(database, case, payment, "300", **THERE, told=asked.answers[-1].key)
    assert (done.sentence, gone(db, case)) == ("R\u00a0300,00 given back, recorded.", 600)
    told(database, payment, 300, "re_second")
    assert gone(db, case) == 600  # what was written down is that one


@pytest.mark.parametrize(
    ("made_before", "given_on", "amount", "is_asked"),
    [
        (20, "2026-04-07", "300", True),  # as much, however long ago
        (6, "2026-03-24", "250", True),  # another amount, within the week
        (7, "2026-03-25", "250", True),
        (8, "2026-03-26", "250", False),
        (0, "2026-03-18", "250", True),
    ],
)
def test_one_is_asked_about_that_is_over_as_much_or_was_made_around_that_day(
    database, db, paid, made_before, given_on, amount, is_asked
):
    case, payment = paid
    told(database, payment, 300)
    database.clock.advance(days=made_before)
    if is_asked:
        assert words(question(database, case, payment, amount, given_on=given_on))[0] == (
            "It is the same refund: R 300,00 on 18 Mar 2026"
        )
    else:
        give_back(database, case, payment, amount, **THERE, given_on=given_on)
        assert gone(db, case) == 550


def test_of_several_the_one_over_as_much_and_nearest_to_the_day_stands_first(database, paid):
    case, payment = paid
    told(database, payment, 300, "re_early")
    database.clock.advance(days=10)
    told(database, payment, 200, "re_less")
    told(database, payment, 300, "re_late", when=database.clock.now() - timedelta(days=1))
    asked = question(database, case, payment, "300", given_on="2026-03-28")
    assert words(asked) == [
        "It is the same refund: R 300,00 on 27 Mar 2026",
        "It is the same refund: R 300,00 on 18 Mar 2026",
        "It is the same refund: R 200,00 on 28 Mar 2026",
        "It is another one: R 300,00 more went back",
    ]
    assert asked.sentence.startswith(
        "The gateway already told of refunds of this payment: R\u00a0300,00 on 27 Mar 2026,"
    )


def test_what_failed_or_went_back_in_cash_is_nobodys_question(database, db, paid):
    case, payment = paid
    told(database, payment, 300, state="failed")
    give_back(database, case, payment, "300", **THERE)
    assert gone(db, case) == 300
    told(database, payment, 200, "re_two")  # beside the entry a person is asked in To decide
    assert len(items(db, "refund_unclear")) == 1


def test_money_that_went_back_in_cash_is_not_the_gateways(database, db, paid):
    case, payment = paid
    told(database, payment, 300)
    give_back(database, case, payment, "300", method="cash")
    assert gone(db, case) == 600


@pytest.mark.parametrize("garbage", ["nonsense", "0", "999999", 7, None, ["another"], "another:", "another:1"])
def test_an_answer_that_names_nothing_asked_about_is_asked_again(database, db, paid, garbage):
    case, payment = paid
    told(database, payment, 300)
    with pytest.raises(AlreadyTold):
        give_back(database, case, payment, "300", **THERE, told=garbage)
    assert gone(db, case) == 300


def test_another_one_said_before_the_gateway_told_of_a_further_one_is_asked_again(database, db, paid):
    case, payment = paid
    told(database, payment, 300)
    asked = question(database, case, payment, "300")
    told(database, payment, 300, "re_second")
    with pytest.raises(AlreadyTold):
        give_back(database, case, payment, "300", **THERE, told=asked.answers[-1].key)
    assert gone(db, case) == 600


def test_what_cannot_be_taken_as_typed_is_said_before_anything_is_asked(database, paid):
    case, payment = paid
    told(database, payment, 300)
    with pytest.raises(FieldFaults):
        give_back(database, case, payment, "300", **THERE | {"reference": "x" * 101})


def test_the_refund_asked_for_here_whose_answer_came_by_webhook_is_asked_about_too(database, db, paid):
    """It was asked for through the former key, its answer was lost, and the person was told to look and record it."""
    case, payment = paid
    with database.act() as (own, _desk):
        (lost,) = rows(own)
        lost.amount_minor, ours = 30000, lost.refund_uuid
    told(database, payment, 300, refund_uuid=ours)
    assert rows(db)[0].state == RefundState.SUCCEEDED
    db.rollback()
    asked = question(database, case, payment, "300")
    give_back(database, case, payment, "300", **THERE, told=asked.answers[0].key)
    assert gone(db, case) == 300


def test_the_same_refund_answers_the_question_about_the_one_that_was_asked_for_in_vain(database, db, paid):
    """It was told of before anybody knew that the one asked for here could not be made."""
    case, payment = paid
    told(database, payment, 250)
    asked_in_vain(database, 25000)
    assert [item.state for item in items(db, "refund_failed")] == ["open"]
    db.rollback()
    asked = question(database, case, payment, "250")
    give_back(database, case, payment, "250", **THERE, told=asked.answers[0].key)
    assert ([item.state for item in items(db, "refund_failed")], gone(db, case)) == (["resolved"], 250)


def test_with_the_key_back_nothing_is_written_down_whatever_is_answered(database, db):
    case, payment = paid_online(database)
    told(database, payment, 300)
    with pytest.raises(Refusal, match="can be asked again"):
        give_back(database, case, payment, "300", **THERE, told="another")


def test_the_list_shows_it_once(database, paid):
    case, payment = paid
    told(database, payment, 300)
    asked = question(database, case, payment, "300")
    give_back(database, case, payment, "300", **THERE, told=asked.answers[0].key)
    with database.act(writes=False) as (own, desk):
        shown = money_lists.refunds(own, desk, case.owner).rows
    assert [row.state for row in shown] == ["Given back", "Failed"]
