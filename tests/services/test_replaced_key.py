"""The installation's key is another account's from one start to the next, or gone: links made with the former key can
neither be closed nor looked at. Nobody is sent there, everybody concerned is told, and with the former key back it goes
on. Two servers that speak Stripe's API, each an account, and never a webhook."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlmodel import select

from tests.contract.stand_in import StandIn, served
from tests.paying import Case, Mailbox, a_worker, an_invoice, an_outside, asked_to_pay, only
from tests.services.test_gateway_accounts import Office
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, Refusal
from trova_app.models import Invoice, OutboxRow, Payment, PaymentRequest, Practice, Refund, ReviewItem
from trova_app.outside import outside_of
from trova_app.services import (
    billing,
    bookmarks,
    gateway_health,
    outbox_page,
    pay_page,
    payments,
    refunds,
    review,
    sweep,
    sweep_turns,
)
from trova_app.services.check import check
from trova_app.services.invoice_view import invoice_view
from trova_app.settings import Settings
from trova_app.sweeper import Sweeper


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[StandIn, StandIn]]:
    with served() as former, served() as other:
        yield former, other


@pytest.fixture
def former(servers, quick_tries) -> StandIn:
    servers[0].clear()
    return servers[0]


@pytest.fixture
def other(servers) -> StandIn:
    servers[1].clear()
    servers[1].books.own = "other_"
    return servers[1]


class House:
    """An installation with a key in its settings; `starts` puts in another account's, "" for none."""

    def __init__(self, database, folder: Path) -> None:
        self.database, self.folder, self.mailbox, self.gateway = database, folder, Mailbox(), "stripe"
        plain = database.desk

        def desk():
            made = plain()
            made.gateway = self.gateway
            return made

        database.desk = desk

    def starts(self, account: StandIn | None, *, asks_stripe: bool = True, key_end: str = "1") -> None:
        key = SecretStr(f"rk_test_{account.books.own}{key_end}" if account else "")
        chosen = Settings(
            _env_file=None, mode="test", data_dir=self.folder, secret_key=SecretStr("tests-only"), stripe_api_key=key,
            stripe_api_base=account.url if account else "",
        )  # fmt: skip
        self.gateway = "stripe" if account else "simulated"
        self.outside = an_outside(gateways=outside_of(chosen).gateways, send=self.mailbox.send)
        if asks_stripe:
            self.look()

    def work(self) -> None:
        a_worker(self.database, self.outside).run_once()

    def look(self) -> None:
        Sweeper(self.outside, self.database.act).sweep(at_once=True)
        self.work()

    def asked(self, **given) -> Case:
        case = asked_to_pay(self.database, gateway="stripe", **given)
        self.work()
        return case

    def page(self, case: Case) -> tuple[str, str]:
        with self.database.act(writes=False) as (db, desk):
            shown = pay_page.pay_page(db, desk, token=case.token)
            way = pay_page.way_to_pay(db, token=case.token)
        assert bool(shown.url) == (way is not None)
        return shown.state.value, way.url if way else ""

    def problem(self, case: Case) -> str:
        with self.database.act(writes=False) as (db, desk):
            return invoice_view(db, desk, case.owner, invoice_id=case.invoice_id).link.problem

    def questions(self, case: Case):
        with self.database.act(writes=False) as (db, desk):
            return review.open_items(db, desk, case.owner)

    def health(self, case: Case) -> list[tuple[str, str]]:
        with self.database.act(writes=False) as (db, desk):
            shown = gateway_health.health(db, desk, case.owner)
        return [
            (line.what, line.place) for line in shown.lines if line.is_problem and line.what != "Looking up payments"
        ]

    def decide(self, case: Case, reason: str = "Switched off there"):
        (question,) = self.questions(case)
        given = {"item_id": question.id, "decision": "ignore", "reason": reason}
        return self.database.do(review.resolve, case.owner, **given)

    def states(self) -> list[str]:
        with self.database.act(writes=False) as (db, _desk):
            return [one.state for one in db.exec(select(PaymentRequest).order_by(PaymentRequest.id))]


@pytest.fixture
def house(database, former, tmp_path) -> Iterator[House]:
    made = House(database, tmp_path)
    made.starts(former)
    yield made
    with database.act(writes=False) as (db, _desk):
        about = ("payment_request", "payment", "outbox", "review_item")  # the builder's sessions are not completed
        assert [one for one in check(db, database.clock.now()) if one.table in about] == []


def voided(house, case) -> None:
    house.database.do(billing.void_invoice, case.owner, invoice_id=case.invoice_id, reason="Wrong client")


def corrected(house, case) -> None:
    house.database.do(billing.correct_invoice, case.owner, invoice_id=case.invoice_id, reason="Wrong price")


def paid_at_the_desk(house, case, amount: int = 125000) -> None:
    with house.database.act() as (db, desk):
        payments.record_manual(
            db, desk, invoice=db.get_one(Invoice, case.invoice_id), amount_minor=amount, method="cash",
            received_on=desk.now().date(), member_id=case.owner.member_id,
        )  # fmt: skip


def partly_paid_at_the_desk(house, case) -> None:
    paid_at_the_desk(house, case, 25000)


def told_of(house, case) -> None:
    """Everybody who should know can see it."""
    assert "made with another key of Stripe" in house.problem(case)
    assert "somebody may still pay" in house.problem(case)
    (question,) = house.questions(case)
    assert (question.invoice_id, question.decisions) == (case.invoice_id, ("ignore",))
    assert "KHA-0001" in question.sentence and "former key" in question.sentence
    assert ("Made with another key", "billing") in house.health(case)


def test_nobody_is_sent_to_a_link_of_the_former_account_and_with_its_key_back_it_can_be_paid_again(
    house, former, other
):
    case = house.asked()
    assert house.page(case) == ("payable", "https://pay.stripe.test/plink_1")
    house.starts(other)
    assert house.page(case) == ("held back", "")
    told_of(house, case)
    house.look()
    told_of(house, case)
    house.starts(former)
    assert house.page(case) == ("payable", "https://pay.stripe.test/plink_1")
    assert (house.problem(case), house.questions(case), house.health(case)) == ("", (), [])
    house.starts(other)  # and once more
    told_of(house, case)


@pytest.mark.parametrize(
    ("act", "becomes"),
    [
        (voided, ["closed"]),
        (corrected, ["closed"]),
        (paid_at_the_desk, ["closed"]),
        (partly_paid_at_the_desk, ["closed", "active"]),
    ],
)
@pytest.mark.parametrize("is_noticed_first", [True, False])
def test_a_link_of_the_former_account_that_has_to_be_closed_says_so_until_it_can_be(
    house, former, other, act, becomes, is_noticed_first
):
    case = house.asked()
    house.starts(other, asks_stripe=is_noticed_first)
    act(house, case)
    house.work()
    assert (house.states(), former.books.payable(), other.calls[-1].path) == (
        ["closing"],
        ["plink_1"],
        "/v1/payment_links/plink_1",
    )
    told_of(house, case)
    assert house.page(case)[1] == ""
    house.database.clock.advance(minutes=11)
    house.look()
    told_of(house, case)
    house.database.clock.advance(minutes=11)
    house.starts(former)
    house.work()
    assert (house.states(), "plink_1" in former.books.payable()) == (becomes, False)
    assert (house.problem(case), house.questions(case), house.health(case)) == ("", (), [])


def test_who_paid_through_the_former_account_meanwhile_is_found_when_its_key_is_back(house, former, other, db):
    case = house.asked()
    page_there = former.books.visit("plink_1")
    house.starts(other)
    former.books.pay(page_there)
    house.look()
    told_of(house, case)
    assert payments.paid_minor(db, case.invoice_id) == 0
    db.rollback()
    house.starts(former)
    house.work()
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert (house.states(), house.page(case)[0], house.questions(case)) == (["paid"], "paid", ())
    receipts = select(OutboxRow).where(OutboxRow.key.startswith("receipt/"))
    assert (len(db.exec(receipts).all()), only(db, Payment).is_credit) == (1, False)


def test_who_paid_the_former_account_after_the_desk_is_a_visible_credit_when_its_key_is_back(house, former, other, db):
    case = house.asked()
    house.starts(other)
    former.books.pay(former.books.visit("plink_1"))
    paid_at_the_desk(house, case)
    house.work()
    house.database.clock.advance(minutes=11)
    house.starts(former)
    house.work()
    assert [item.kind for item in house.questions(case)] == ["credit"]
    assert house.states() == ["paid"]


def test_a_link_switched_off_by_hand_there_gives_way_to_one_of_the_present_account(house, former, other, database, db):
    case = house.asked()
    house.starts(other)
    former.books.update_link("plink_1", {"active": "false"})
    with pytest.raises(FieldFaults):
        house.decide(case, reason=" ")
    (question,) = house.questions(case)
    house.decide(case)
    with pytest.raises(ChangedElsewhere):  # the second tab
        database.do(review.resolve, case.owner, item_id=question.id, decision="ignore", reason="Switched off there")
    house.look()
    assert (house.states(), other.books.payable()) == (["closed", "active"], ["plink_other_1"])
    assert house.page(case) == ("payable", "https://pay.stripe.test/plink_other_1")
    assert (house.problem(case), house.questions(case), house.health(case)) == ("", (), [])
    assert len(house.mailbox.mails) == 1  # the address in the first letter still leads there
    other.books.pay(other.books.visit("plink_other_1"))
    house.look()
    assert house.page(case)[0] == "paid"


def given_up(house, other) -> Case:
    """A person said that its link was switched off; it was not."""
    case = house.asked()
    house.starts(other)
    house.decide(case)
    house.work()
    return case


def went_on(house, case) -> list[str]:
    with house.database.act(writes=False) as (db, desk):
        return [entry.what for entry in invoice_view(db, desk, case.owner, invoice_id=case.invoice_id).timeline]


def test_a_link_that_was_said_to_be_switched_off_and_is_not_is_closed_as_soon_as_its_own_key_is_back(
    house, former, other
):
    case = given_up(house, other)
    house.look()
    assert (former.books.payable(), other.books.payable()) == (["plink_1"], ["plink_other_1"])
    assert "Dealt with: Switched off there" in went_on(house, case)
    with house.database.act(writes=False) as (db, desk):
        assert outbox_page.waiting(db, desk, case.owner) == []
    house.starts(None)
    house.starts(former)
    assert former.books.payable() == []
    (sure,) = [what for what in went_on(house, case) if what.startswith("Payment link closed: its own account")]
    begun = len(former.calls)
    house.look()
    assert (went_on(house, case).count(sure), house.states()) == (1, ["closed", "active"])
    assert not [call for call in former.calls[begun:] if call.path == "/v1/payment_links/plink_1"]


def test_a_link_that_was_said_to_be_switched_off_is_closed_though_its_own_key_was_gone_again_before_it_could_be_asked(
    house, former, other
):
    given_up(house, other)
    asked_for(house, former)
    house.starts(other, asks_stripe=False)
    house.work()
    assert former.books.payable() == ["plink_1"]
    house.starts(former)
    assert former.books.payable() == []


def test_a_link_that_was_said_to_be_switched_off_is_closed_though_its_own_account_refused_at_first(
    house, former, other
):
    case = given_up(house, other)
    asked_for(house, former)
    former.switches[:] = [401]
    house.work()
    with house.database.act(writes=False) as (db, desk):
        assert [row.state for row in outbox_page.waiting(db, desk, case.owner)] == ["stopped"]
    assert former.books.payable() == ["plink_1"]
    house.database.clock.advance(minutes=11)
    house.look()
    assert former.books.payable() == []
    with house.database.act(writes=False) as (db, desk):
        assert outbox_page.waiting(db, desk, case.owner) == []


def asked_for(house, account: StandIn) -> None:
    """A look wants the link closed there; nobody has done it yet."""
    house.starts(account, asks_stripe=False)
    Sweeper(house.outside, house.database.act).sweep(at_once=True)


@pytest.mark.parametrize("is_taken_away", [True, False])
def test_a_link_whose_name_was_never_heard_is_looked_for_in_every_account_until_its_own_has_it(
    house, former, other, is_taken_away
):
    """Nobody has its address, so nobody is asked; and no other account is asked to make it."""
    case = never_heard_of(house, former)
    voided(house, case)
    house.starts(None if is_taken_away else other)
    assert (house.states(), former.books.payable()) == (["closed"], ["plink_1"])
    assert (house.questions(case), house.problem(case), house.health(case)) == ((), "", [])
    house.starts(other)
    assert [what for what in went_on(house, case) if "its own account" in what] == []
    assert "/v1/payment_links" not in [call.path for call in other.calls if call.method == "POST"]
    house.starts(former)
    assert former.books.payable() == []
    assert [what for what in went_on(house, case) if "its own account could be asked again" in what] != []


def never_heard_of(house, former) -> Case:
    """The former account made its link, and the answer was lost each time."""
    former.switches[:] = ["drop reply"] * 3
    return house.asked()


def test_a_client_need_not_wait_for_the_next_link_because_the_name_of_the_former_one_was_never_heard(
    house, former, other
):
    case = never_heard_of(house, former)
    partly_paid_at_the_desk(house, case)
    house.starts(other)
    house.work()
    assert (house.states(), other.books.payable(), house.questions(case)) == (
        ["closed", "active"],
        ["plink_other_1"],
        (),
    )
    assert house.page(case) == ("payable", "https://pay.stripe.test/plink_other_1")
    assert len(house.mailbox.mails) == 1
    house.starts(former)
    assert former.books.payable() == []


@pytest.fixture
def third(quick_tries) -> Iterator[StandIn]:
    with served() as account:
        account.books.own = "third_"
        yield account


def requested_again(house) -> None:
    """With the key that is in use by now."""
    house.database.clock.advance(minutes=11)
    house.look()


def all_is_closed(house, case, *accounts: StandIn) -> None:
    """Each account's key comes once more."""
    for account in accounts:
        house.database.clock.advance(minutes=11)
        house.starts(account)
        house.look()
    assert [account.books.payable() for account in accounts] == [[] for _ in accounts]
    assert (house.questions(case), house.problem(case), house.health(case)) == ((), "", [])


@pytest.mark.parametrize("was_noted", [True, False])
def test_a_link_that_the_former_account_may_have_made_gives_way_to_one_of_the_present_and_is_closed_there(
    house, former, other, was_noted
):
    case = never_heard_of(house, former)
    if not was_noted:
        noted_by_an_earlier_version(house)
    house.starts(other)
    requested_again(house)
    assert (house.states(), former.books.payable()) == (["closed", "active"], ["plink_1"])
    assert house.page(case) == ("payable", "https://pay.stripe.test/plink_other_1")
    assert (house.questions(case), house.problem(case), len(house.mailbox.mails)) == ((), "", 1)
    other.books.pay(other.books.visit("plink_other_1"))
    house.look()
    assert house.page(case)[0] == "paid"
    all_is_closed(house, case, former, other)


def test_a_later_key_of_the_same_account_leaves_one_link_to_pay_through(house, former):
    case = never_heard_of(house, former)
    house.starts(former, key_end="2")
    requested_again(house)
    house.look()
    assert (house.states(), former.books.payable()) == (["closed", "active"], ["plink_2"])
    assert (house.page(case), len(house.mailbox.mails)) == (("payable", "https://pay.stripe.test/plink_2"), 1)


def noted_by_an_earlier_version(house) -> None:
    """It did not note with which key a link was asked for."""
    with house.database.act() as (db, _desk):
        row = db.exec(select(OutboxRow).where(OutboxRow.kind == "open_link")).one()
        row.payload = json.dumps({name: told for name, told in json.loads(row.payload).items() if name != "asked_with"})


def test_a_link_asked_for_by_an_earlier_version_that_has_to_be_closed_is_looked_for_with_each_key(house, former, other):
    case = never_heard_of(house, former)
    noted_by_an_earlier_version(house)
    voided(house, case)
    house.starts(other)
    house.work()
    assert (house.states(), other.books.links, former.books.payable()) == (["closed"], {}, ["plink_1"])
    all_is_closed(house, case, other, former)


def test_a_link_that_the_other_account_made_while_the_former_was_out_of_order_is_closed_there(house, former, other):
    former.switches[:] = [503] * 3
    case = house.asked()
    house.starts(other, asks_stripe=False)
    other.switches[:] = ["drop reply"] * 3
    house.database.clock.advance(minutes=11)
    house.work()  # the request gives way to a new one
    house.work()
    house.starts(former)
    requested_again(house)
    voided(house, case)
    house.work()
    assert (former.books.payable(), other.books.payable()) == ([], ["plink_other_1"])
    all_is_closed(house, case, former, other)


def test_links_that_two_accounts_made_unheard_are_closed_in_both_though_a_third_was_in_use(house, former, other, third):
    case = never_heard_of(house, former)
    house.starts(other, asks_stripe=False)
    other.switches[:] = ["drop reply"] * 3
    house.database.clock.advance(minutes=11)
    house.work()
    house.work()
    house.starts(third)
    requested_again(house)
    voided(house, case)
    house.work()
    assert (former.books.payable(), other.books.payable()) == (["plink_1"], ["plink_other_1"])
    all_is_closed(house, case, former, other, third)


@pytest.mark.parametrize("asks", [[401], [403], [400]])
def test_a_key_that_was_refused_has_made_nothing_so_the_right_one_just_opens_the_link(house, former, other, asks):
    house.starts(other, asks_stripe=False)
    other.switches[:] = asks
    case = house.asked()
    assert house.states() == ["failed"]
    house.starts(former)
    tried_again(house, case)
    assert (house.states(), former.books.payable(), house.questions(case)) == (["active"], ["plink_1"], ())
    assert not [what for what in went_on(house, case) if "closed" in what]


def test_a_link_that_was_refused_and_has_to_be_closed_is_made_nowhere(house, former, other):
    former.switches[:] = [401]
    case = house.asked()
    voided(house, case)
    house.starts(other)
    house.work()
    assert (house.states(), former.books.links, other.books.links) == (["closed"], {}, {})
    assert house.questions(case) == ()


def test_a_link_that_may_have_been_made_before_its_key_was_refused_is_still_closed_there(house, former, other):
    case = never_heard_of(house, former)
    former.switches[:] = [401]
    house.database.clock.advance(minutes=11)
    house.work()
    assert house.states() == ["failed"]
    house.starts(other)
    tried_again(house, case)
    assert (house.states(), other.books.payable()) == (["closed", "active"], ["plink_other_1"])
    voided(house, case)
    all_is_closed(house, case, other, former)


def made_but_not_read_back(house, former, *then: int) -> Case:
    """The account makes the link and does not let us see what it asks for; `then`: what it says to closing it."""
    former.switches[:] = ["", 403, *then]
    case = house.asked()
    assert house.states() == ["failed"]
    return case


def test_a_link_that_cannot_be_read_back_is_closed_in_the_same_try(house, former):
    case = made_but_not_read_back(house, former)
    assert (former.books.payable(), "did not accept the key" in house.problem(case)) == ([], True)
    tried_again(house, case)
    assert (house.states(), former.books.payable(), len(house.mailbox.mails)) == (["active"], ["plink_2"], 1)


def test_a_link_that_can_neither_be_read_back_nor_closed_is_closed_as_soon_as_its_key_is_let(house, former):
    case = made_but_not_read_back(house, former, 403)
    assert former.books.payable() == []  # the next job of the same turn
    assert (house.states(), "did not accept the key" in house.problem(case)) == (["failed"], True)
    assert house.page(case)[1] == ""
    tried_again(house, case)
    assert (house.states(), former.books.payable()) == (["closed", "active"], ["plink_2"])
    assert house.page(case) == ("payable", "https://pay.stripe.test/plink_2")


@pytest.mark.parametrize("is_closed_too", [True, False])
def test_a_link_that_cannot_be_read_back_for_longer_than_its_key_is_remembered_is_never_handed_out(
    house, former, is_closed_too
):
    former.switches[:] = ["", *[503] * 3]
    case = house.asked()
    assert (house.states(), house.mailbox.mails) == (["creating"], [])
    house.database.clock.advance(hours=25)
    former.switches[:] = ["", *[503] * 3, *([] if is_closed_too else [403, 403])]
    house.work()
    assert (house.states(), house.page(case)[1], house.mailbox.mails) == (["failed"], "", [])
    assert former.books.payable() == ([] if is_closed_too else ["plink_1"])
    assert "did not let us see what its link asks for" in house.problem(case)
    tried_again(house, case)
    assert (house.page(case), len(house.mailbox.mails)) == (("payable", "https://pay.stripe.test/plink_2"), 1)
    house.database.clock.advance(minutes=11)
    house.look()
    assert former.books.payable() == ["plink_2"]


@pytest.mark.parametrize("is_taken_away", [True, False])
@pytest.mark.parametrize("act", [None, voided, partly_paid_at_the_desk])
def test_a_link_that_could_neither_be_read_back_nor_closed_is_closed_by_its_own_key_however_many_came_between(
    house, former, other, act, is_taken_away
):
    case = made_but_not_read_back(house, former, 403, 403)
    assert former.books.payable() == ["plink_1"]
    house.starts(None if is_taken_away else other)
    if act:
        act(house, case)
    requested_again(house)
    assert house.questions(case) == () and house.page(case)[1] == ""
    assert former.books.payable() == ["plink_1"]
    house.starts(other)
    requested_again(house)
    assert other.books.payable() == []
    begun = len(former.calls)
    house.database.clock.advance(minutes=11)
    house.starts(former)
    house.look()
    assert former.books.payable() == []
    assert [call.path for call in former.calls[begun:]].count("/v1/payment_links/plink_1") == 1
    assert house.questions(case) == ()


def test_a_link_that_could_not_be_read_back_gives_way_to_one_of_the_present_account_and_is_closed_there(
    house, former, other
):
    case = made_but_not_read_back(house, former, 403, 403)
    house.starts(other)
    with house.database.act(writes=False) as (db, desk):
        opening = next(row.id for row in outbox_page.waiting(db, desk, case.owner) if "link" in row.what.lower())
    house.database.do(outbox_page.try_again, case.owner, row_id=opening)
    house.work()
    house.work()
    assert house.page(case) == ("payable", "https://pay.stripe.test/plink_other_1")
    assert (house.states(), house.questions(case)) == (["closed", "active"], ())
    all_is_closed_of(house, former)
    assert other.books.payable() == ["plink_other_1"]


def made_unheard_then_refused(house, former) -> Case:
    """The answer was lost, at the next try the account says no, and after Retry it is out of order for a moment."""
    former.switches[:] = ["drop reply"] * 3
    case = house.asked()
    house.database.clock.advance(seconds=10)
    former.switches[:] = [403] * 2  # to the look and to the opening
    house.work()
    assert (house.states(), former.books.payable()) == (["failed"], ["plink_1"])
    former.switches[:] = [503] * 3
    tried_again(house, case)
    former.switches.clear()
    assert (house.states(), former.books.payable()) == (["creating"], ["plink_1"])
    house.database.clock.advance(seconds=10)
    return case


def test_whatever_try_follows_one_whose_answer_was_lost_finds_the_one_link(house, former):
    case = made_unheard_then_refused(house, former)
    house.work()
    assert (house.page(case), former.books.payable()) == (("payable", "https://pay.stripe.test/plink_1"), ["plink_1"])
    assert len(house.mailbox.mails) == 1


def test_a_link_that_was_made_unheard_before_a_retry_is_the_one_that_is_closed(house, former):
    case = made_unheard_then_refused(house, former)
    voided(house, case)
    house.work()
    assert (house.states(), former.books.payable(), house.questions(case)) == (["closed"], [], ())


def test_a_link_that_stripe_made_and_answered_with_a_fault_is_found_though_its_key_repeats_the_fault(house, former):
    made = []

    def repeats_a_fault(call) -> None:
        if (call.method, call.path) == ("POST", "/v1/payment_links"):
            former.switches[:] = [503 if made else "drop reply"]
            made.append(call)

    former.before = repeats_a_fault
    case = house.asked()
    house.database.clock.advance(seconds=10)
    house.work()
    assert house.page(case) == ("payable", "https://pay.stripe.test/plink_1")


def all_is_closed_of(house, account: StandIn) -> None:
    house.database.clock.advance(minutes=11)
    house.starts(account)
    house.look()
    assert account.books.payable() == []


def tried_again(house, case) -> None:
    with house.database.act(writes=False) as (db, desk):
        row = next(row for row in outbox_page.waiting(db, desk, case.owner) if row.what.startswith("Payment link"))
    house.database.do(outbox_page.try_again, case.owner, row_id=row.id)
    house.work()
    house.work()


@pytest.mark.parametrize("was_made", [True, False])
def test_a_link_whose_name_was_never_heard_is_closed_with_a_later_key_of_the_same_account(house, former, was_made):
    former.switches[:] = ["drop reply" if was_made else 503] * 3
    case = house.asked()
    assert former.books.payable() == (["plink_1"] if was_made else [])
    voided(house, case)
    house.starts(former, key_end="2")
    assert (house.states(), former.books.payable(), house.questions(case)) == (["closed"], [], ())


@pytest.mark.parametrize("is_paid_twice", [True, False])
def test_who_paid_over_a_link_that_was_said_to_be_switched_off_is_in_the_books_once(
    house, former, other, db, is_paid_twice
):
    case = given_up(house, other)
    page_there = former.books.visit("plink_1")
    if is_paid_twice:
        other.books.pay(other.books.visit("plink_other_1"))
        house.look()
    former.books.pay(page_there)
    house.look()
    house.starts(former)
    house.look()
    kept = db.exec(select(Payment).order_by(Payment.id)).all()
    assert [one.is_credit for one in kept] == ([False, True] if is_paid_twice else [False])
    assert [item.kind for item in house.questions(case) if item.kind != "link_lost"] == ["credit"] * is_paid_twice
    assert payments.paid_minor(db, case.invoice_id) == 125000
    db.rollback()
    house.database.clock.advance(minutes=11)
    house.starts(other)
    assert other.books.payable() == []


def test_a_look_at_a_link_that_was_given_up_meanwhile_ends_calmly(house, former, other):
    """A client had just come back from its page."""
    case = house.asked()
    with house.database.act() as (db, desk):
        pay_page.came_back(db, desk, token=case.token)
    house.starts(other, asks_stripe=False)
    Sweeper(house.outside, house.database.act).sweep(at_once=True)
    house.decide(case)
    house.work()
    with house.database.act(writes=False) as (db, desk):
        assert db.exec(select(OutboxRow).where(OutboxRow.kind == "check_link")).one().done_at is not None
        assert outbox_page.waiting(db, desk, case.owner) == []
    assert house.health(case) == []


def test_a_voided_invoices_link_switched_off_by_hand_there_is_closed_and_its_task_is_over(house, former, other, db):
    case = house.asked()
    house.starts(other)
    voided(house, case)
    house.work()
    with house.database.act(writes=False) as (act_db, desk):
        assert [row.state for row in outbox_page.waiting(act_db, desk, case.owner)] == ["stopped"]
    house.decide(case)
    house.look()
    assert (house.states(), house.problem(case), house.health(case)) == (["closed"], "", [])
    with house.database.act(writes=False) as (act_db, desk):
        assert outbox_page.waiting(act_db, desk, case.owner) == []


@pytest.mark.parametrize("has_to_close", [True, False])
def test_a_key_that_was_taken_away_is_the_same_as_one_of_another_account(house, former, has_to_close):
    case = house.asked()
    house.starts(None)
    if has_to_close:
        voided(house, case)
        house.work()
    told_of(house, case)
    assert house.page(case)[1] == ""
    house.database.clock.advance(minutes=11)
    house.starts(former)
    house.work()
    assert house.states() == ["closed" if has_to_close else "active"]
    assert (house.problem(case), house.questions(case)) == ("", ())


def test_without_any_gateway_left_settings_still_name_the_links(house, former):
    case = house.asked()
    house.starts(None)
    house.gateway = ""
    assert ("Made with another key", "billing") in house.health(case)


def test_however_many_links_stand_at_the_former_account_each_is_held_back(house, former, other):
    cases = [house.asked(email=f"client{n}@example.test") for n in range(14)]
    house.starts(other)
    assert {house.page(case) for case in cases} == {("held back", "")}
    house.starts(former)
    assert {house.page(case)[0] for case in cases} == {"payable"}


def test_new_invoices_go_through_the_present_account_while_a_former_link_waits(house, former, other, db):
    first = house.asked()
    house.starts(other)
    second = house.asked(email="sipho@example.test")
    other.books.pay(other.books.visit("plink_other_1"))
    house.look()
    assert (house.page(first)[0], house.page(second)[0]) == ("held back", "paid")


def test_one_question_about_a_link_however_often_it_is_looked_at(house, other, db):
    house.asked()
    house.starts(other)
    for _ in range(3):
        house.look()
    assert only(db, ReviewItem).kind == "link_lost"


def test_what_the_former_account_did_meanwhile_is_found_when_its_key_is_back(house, former, other, db):
    """Though the other account had told newer things since."""
    paid, still_open = house.asked(), house.asked(email="sipho@example.test")
    (there,) = [former.books.pay(former.books.visit("plink_1"))]
    house.look()
    assert (house.page(paid)[0], house.page(still_open)[0]) == ("paid", "payable")
    house.starts(other)
    former.books.now += 3600
    former.books.give_back({"payment_intent": there["payment_intent"], "amount": "125000"})
    third = house.asked(email="lerato@example.test")
    other.books.now += 5 * 24 * 3600
    other.books.pay(other.books.visit("plink_other_1"))
    house.database.clock.advance(days=6)
    house.look()
    assert (house.page(third)[0], payments.paid_minor(db, paid.invoice_id)) == ("paid", 125000)
    db.rollback()
    house.starts(former)
    house.look()
    assert (house.page(still_open)[0], payments.paid_minor(db, paid.invoice_id)) == ("payable", 0)


def paid_there(house, account: StandIn, case) -> dict:
    """Through the newest link."""
    session = account.books.pay(account.books.visit(account.books.payable()[-1]))
    house.look()
    assert house.page(case)[0] == "paid"
    return session


def test_money_given_back_while_another_key_was_in_use_and_no_link_was_open_is_found_with_the_former_key_back(
    house, former, other, db
):
    first = house.asked()
    there = paid_there(house, former, first)
    house.starts(other)
    former.books.now += 3600
    former.books.give_back({"payment_intent": there["payment_intent"], "amount": "25000"})
    second = house.asked(email="lerato@example.test")
    other.books.now += 5 * 24 * 3600
    paid_there(house, other, second)
    house.database.clock.advance(days=6)
    house.look()
    assert payments.paid_minor(db, first.invoice_id) == 125000
    db.rollback()
    house.starts(former)
    house.look()
    assert payments.paid_minor(db, first.invoice_id) == 100000
    db.rollback()
    assert house.questions(first) == ()


def test_each_key_goes_on_where_its_account_was_last_read(house, former, other):
    paid_there(house, former, house.asked())
    house.look()
    read_to = listed_since(former)[-1]
    house.starts(other)
    assert listed_since(other)[-1] < read_to  # as far back as it tells
    house.database.clock.advance(days=2)
    other.books.now += 2 * 24 * 3600
    paid_there(house, other, house.asked(email="lerato@example.test"))
    house.look()
    assert listed_since(other)[-1] > read_to
    begun = len(listed_since(former))
    house.starts(former)
    assert listed_since(former)[begun:] == [read_to]


def test_where_a_long_look_stopped_is_kept_for_each_key_apart(database):
    """As with two processes that were started with different keys."""
    marks = {}
    for mark in ("former", "other", "former", "other"):
        with database.act() as (db, desk):
            account = sweep_turns.Account("stripe", "stripe", key_mark=mark)
            turn = sweep_turns.take_turn(db, desk, account, at_once=True)
            assert turn.mark == marks.get(mark, turn.mark.after(None))
            marks[mark] = turn.mark.after(f"{turn.mark.page or 'page of'} {mark}", desk.now())
            bookmarks.lay(db, account.key, marks[mark])
            sweep.finished(db, desk, turn, None)
        database.clock.advance(minutes=1)
    assert [mark.page for mark in marks.values()] == ["page of former former", "page of other other"]


def listed_since(account: StandIn) -> list[int]:
    return [int(call.params["created"]["gte"]) for call in account.calls if call.path == "/v1/events"]


def refund(house, case, amount: str = "250", **given):
    with house.database.act(writes=False) as (db, desk):
        (payment,) = invoice_view(db, desk, case.owner, invoice_id=case.invoice_id).payments
    done = house.database.do(refunds.refund, case.owner, payment_id=payment.id, amount=amount, **given)
    house.work()
    return done


def goes_by_hand(house, case) -> bool:
    with house.database.act(writes=False) as (db, desk):
        (payment,) = invoice_view(db, desk, case.owner, invoice_id=case.invoice_id).payments
    return payment.is_by_hand


@pytest.mark.parametrize("is_taken_away", [True, False])
def test_what_went_back_in_the_former_accounts_own_pages_is_written_down_and_with_its_key_back_heard_of_once(
    house, former, other, db, is_taken_away
):
    case = house.asked()
    there = paid_there(house, former, case)
    house.starts(None if is_taken_away else other)
    refund(house, case)
    (question,) = house.questions(case)
    assert question.kind == "refund_failed" and "record it with Refund on the invoice" in question.sentence
    assert question.decisions == ("ignore",)
    assert goes_by_hand(house, case)
    with pytest.raises(Refusal, match="no key of the gateway account it came through.*own pages or by hand"):
        refund(house, case)
    former.books.now += 3600
    former.books.give_back({"payment_intent": there["payment_intent"], "amount": "25000"})
    refund(house, case, method="online", given_on="2026-03-18", reference="re_1 there")
    assert (payments.paid_minor(db, case.invoice_id), house.questions(case)) == (100000, ())
    db.rollback()
    house.starts(former)
    house.look()
    assert payments.paid_minor(db, case.invoice_id) == 100000
    made = [(one.state, one.provider_refund_id) for one in db.exec(select(Refund).order_by(Refund.id))]
    assert made == [("failed", ""), ("succeeded", "re_1")]
    db.rollback()
    assert not goes_by_hand(house, case)
    refund(house, case, "100")
    assert [row["amount"] for row in former.books.refunds] == [25000, 10000]
    assert payments.paid_minor(db, case.invoice_id) == 90000


def test_a_refund_whose_answer_was_lost_before_the_key_was_replaced_is_one_with_what_the_person_found_there(
    house, former, other, db
):
    case = house.asked()
    paid_there(house, former, case)
    former.switches[:] = ["drop reply"] * 3
    refund(house, case)
    assert [row["amount"] for row in former.books.refunds] == [25000]
    house.database.clock.advance(minutes=11)
    house.starts(other)
    assert goes_by_hand(house, case)
    (question,) = house.questions(case)
    assert "may have gone back" in question.sentence and "was not made" not in question.sentence
    refund(house, case, method="online", reference="Found there")
    house.database.clock.advance(minutes=11)
    house.starts(former)
    house.look()
    assert payments.paid_minor(db, case.invoice_id) == 100000
    states = [one.state for one in db.exec(select(Refund).order_by(Refund.id))]
    assert (states, house.questions(case)) == (["failed", "succeeded"], ())


@pytest.mark.parametrize("was_in_its_own_pages", [True, False])
def test_a_refund_asked_for_again_with_the_former_key_back_is_held_back_where_it_had_gone_back_already(
    house, former, other, db, was_in_its_own_pages
):
    case = house.asked()
    there = paid_there(house, former, case)
    former.switches[:] = [] if was_in_its_own_pages else ["drop reply"] * 3
    if not was_in_its_own_pages:
        refund(house, case)
        house.database.clock.advance(minutes=11)
    house.starts(other)
    if was_in_its_own_pages:
        refund(house, case)
        former.books.give_back({"payment_intent": there["payment_intent"], "amount": "25000"})
    house.starts(former, asks_stripe=False)
    Sweeper(house.outside, house.database.act).sweep(at_once=True)
    with house.database.act(writes=False) as (act_db, desk):
        (payment,) = invoice_view(act_db, desk, case.owner, invoice_id=case.invoice_id).payments
    house.database.do(refunds.refund, case.owner, payment_id=payment.id, amount="250")
    house.database.clock.advance(seconds=2)
    house.work()
    assert [row["amount"] for row in former.books.refunds] == [25000]
    assert payments.paid_minor(db, case.invoice_id) == 100000
    db.rollback()
    assert "only if both are meant" in house.questions(case)[-1].sentence
    house.database.clock.advance(seconds=2)
    refund(house, case)  # both are meant
    assert [row["amount"] for row in former.books.refunds] == [25000, 25000]


def written_down(house, former, other, given: list[str], made: list[str], asked: str = "1") -> Case:
    """Money that went back in the former account's own pages, `asked` for from here in vain, and what somebody recorded
    of it; then its key is back and tells."""
    case = house.asked()
    there = paid_there(house, former, case)
    house.starts(other)
    refund(house, case, asked)
    former.books.now += 3600
    for amount in made:
        former.books.give_back({"payment_intent": there["payment_intent"], "amount": f"{amount}00"})
    for number, amount in enumerate(given):
        refund(house, case, amount, method="online", reference=f"re {number}", note=f"Part {number}")
    house.starts(former)
    house.look()
    return case


def succeeded(db) -> list[tuple[int, str, str]]:
    rows = db.exec(select(Refund).where(Refund.state == "succeeded").order_by(Refund.id)).all()
    return [(row.amount_minor, row.provider_refund_id[:3], row.reference) for row in rows]


def test_one_refund_of_the_former_account_that_was_written_down_in_parts_counts_once(house, former, other, db):
    case = written_down(house, former, other, ["250", "250"], ["500"], asked="500")
    assert (payments.paid_minor(db, case.invoice_id), succeeded(db)) == (75000, [(50000, "re_", "re 0; re 1")])
    db.rollback()
    assert house.questions(case) == ()
    (said,) = [what for what in went_on(house, case) if "in parts" in what]
    assert said.count("R\u00a0250,00") == 2 and "one refund of R\u00a0500,00" in said
    house.look()
    assert payments.paid_minor(db, case.invoice_id) == 75000


@pytest.mark.parametrize(
    ("given", "made", "stands"),
    [
        (["250", "250", "250"], ["500"], [50000, 25000]),  # the last is still to be told of
        (["250", "250", "250"], ["250", "500"], [50000, 25000]),
        (["500", "250", "250"], ["500"], [50000, 25000, 25000]),  # one over as much comes first
        (["500", "250", "250"], ["500", "500"], [50000, 50000]),
        (["250", "250"], ["500", "250", "250"], [50000, 25000, 25000]),  # the first was written down by nobody
        (["500"], ["250", "250"], [25000, 25000]),
        (["500"], ["250", "150", "100"], [25000, 15000, 10000]),
        (["500", "250"], ["250", "250", "250"], [25000, 25000, 25000]),
        (["250", "200"], ["500", "250", "200"], [50000, 25000, 20000]),  # nothing is left that the first could be
        (["300", "300"], ["100", "300", "300"], [30000, 30000, 10000]),
    ],
)
def test_what_was_written_down_and_what_the_former_account_tells_stand_once(
    house, former, other, db, given, made, stands
):
    case = written_down(house, former, other, given, made)
    assert sorted((amount for amount, _, _ in succeeded(db)), reverse=True) == stands
    assert payments.paid_minor(db, case.invoice_id) == 125000 - sum(stands)
    db.rollback()
    assert "refund_unclear" not in [item.kind for item in house.questions(case)]


def unclear(house, case):
    return [item for item in house.questions(case) if item.kind == "refund_unclear"]


def counted(house, case, question, words: str) -> None:
    """As the one of what it may be that is said with these words."""
    (way,) = [way.key for way in question.ways if words in way.words.replace("\u00a0", " ")]
    house.database.do(review.resolve, case.owner, item_id=question.id, decision="count", way=way)


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (["300", "200", "400", "100"], "500"),
        (["30"] * 11, "300"),
        (["250", "200"], "500"),
        (["300", "300"], "100"),
        (["500"], "250"),
    ],
)
def test_a_refund_that_may_be_what_was_written_down_is_asked_about_and_not_counted_beside_it(
    house, former, other, db, given, made
):
    total = 125000 - 100 * sum(map(int, given))
    case = written_down(house, former, other, given, [made])
    assert payments.paid_minor(db, case.invoice_id) == total
    db.rollback()
    (question,) = unclear(house, case)
    assert "cannot be told which" in question.sentence and "do not give it back again" in question.sentence
    with pytest.raises(Refusal, match="Say in Billing, To decide"):
        refund(house, case, "10")
    fits = total >= 100 * int(made)
    assert question.decisions == (("count", "ignore") if question.ways else ("ignore",))
    assert [way.key for way in question.ways if way.key == "another"] == ["another"] * fits
    if fits:
        counted(house, case, question, "Another refund")
        assert payments.paid_minor(db, case.invoice_id) == total - 100 * int(made)
        db.rollback()
        assert unclear(house, case) == []


@pytest.mark.parametrize("given", [["250"], ["150", "100"]])
@pytest.mark.parametrize(("days", "says"), [(6, ""), (8, "written down on 18 Mar 2026"), (8, "Another refund")])
def test_whether_a_refund_made_long_after_one_was_written_down_is_that_one_a_person_says_however_late_either_is_told(
    house, former, other, db, given, days, says
):
    case = written_down(house, former, other, given, [])
    house.database.clock.advance(days=days)
    former.books.now += days * 24 * 3600
    former.books.give_back({"payment_intent": former.books.sessions[0]["payment_intent"], "amount": "25000"})
    house.database.clock.advance(days=9)
    former.books.now += 9 * 24 * 3600
    made = former.books.refunds[0]
    former.books.told.pop()  # only what came of it later is heard of
    former.books._tell("refund.updated", made)
    house.look()
    assert payments.paid_minor(db, case.invoice_id) == 100000
    db.rollback()
    assert len(unclear(house, case)) == (1 if says else 0)
    for question in unclear(house, case):
        assert "made on 26 Mar 2026" in question.sentence
        counted(house, case, question, says)
    assert payments.paid_minor(db, case.invoice_id) == (75000 if says == "Another refund" else 100000)
    db.rollback()
    assert unclear(house, case) == []


def test_a_refund_written_down_in_parts_that_failed_after_all_has_not_gone_back(house, former, other, db):
    case = written_down(house, former, other, ["250", "250"], ["500"])
    (made,) = former.books.refunds
    made["status"] = "failed"
    former.books._tell("refund.failed", made)
    house.look()
    assert payments.paid_minor(db, case.invoice_id) == 125000


@pytest.mark.parametrize("is_marked", [True, False])
def test_one_refund_of_the_former_account_written_down_in_other_amounts_is_asked_about_not_counted_beside_them(
    house, former, other, db, is_marked
):
    case = house.asked()
    there = paid_there(house, former, case)
    house.starts(other)
    refund(house, case, "700")
    former.books.now += 3600
    former.books.give_back({"payment_intent": there["payment_intent"], "amount": "70000"})
    refund(house, case, "400", method="online")
    refund(house, case, "290", method="online")
    house.starts(former)
    house.look()
    assert payments.paid_minor(db, case.invoice_id) == 56000
    db.rollback()
    (question,) = unclear(house, case)
    assert "of R\u00a0700,00" in question.sentence and [way.key for way in question.ways] == ["all"]
    if is_marked:
        given = {"decision": "ignore", "reason": "The 400 and the 290"}
        house.database.do(review.resolve, case.owner, item_id=question.id, **given)
    else:
        counted(house, case, question, "All that was written down")
    house.look()
    assert payments.paid_minor(db, case.invoice_id) == (56000 if is_marked else 55000)
    db.rollback()
    assert [item.kind for item in house.questions(case)] == ["refund_failed"] * is_marked


def test_one_refund_that_was_written_down_answers_one_question(house, former, other):
    case = house.asked()
    paid_there(house, former, case)
    house.starts(other, asks_stripe=False)
    with house.database.act(writes=False) as (db, desk):
        (payment,) = invoice_view(db, desk, case.owner, invoice_id=case.invoice_id).payments
    for _ in range(2):
        house.database.do(refunds.refund, case.owner, payment_id=payment.id, amount="250")
    house.look()
    assert [item.kind for item in house.questions(case)] == ["refund_failed"] * 2
    refund(house, case, method="online")
    assert [item.kind for item in house.questions(case)] == ["refund_failed"]
    refund(house, case, method="online")
    assert house.questions(case) == ()


def test_what_was_about_to_be_written_down_when_the_former_key_came_back_does_not_go_back_a_second_time(
    house, former, other, db
):
    case = house.asked()
    there = paid_there(house, former, case)
    house.starts(other)
    refund(house, case)
    former.books.now += 3600
    former.books.give_back({"payment_intent": there["payment_intent"], "amount": "25000"})
    house.starts(former)
    with pytest.raises(Refusal, match="Nothing was recorded and nothing was sent"):
        refund(house, case, method="online", given_on="2026-03-18", reference="re_1 there")
    house.look()
    assert [row["amount"] for row in former.books.refunds] == [25000]
    assert payments.paid_minor(db, case.invoice_id) == 100000


def test_whose_turn_it_is_costs_as_much_with_many_open_links_of_practices_own_accounts_as_with_one(
    database, quick_tries
):
    """It is asked every few seconds."""
    office = Office(database)
    office.connect()
    costs = []
    for count in (1, 4):
        for _ in range(count):
            with database.act(office.desk()) as (db, desk):
                case = an_invoice(db, desk, db.get_one(Practice, office.id))
                payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then={})
        costs.append(len(asked_of(database, lambda db, desk: sweep.accounts(db, ("simulated",)))))
    assert costs[0] == costs[1]


def test_links_that_are_held_back_are_looked_for_by_their_questions_not_among_all_that_ever_were(house, other):
    house.asked()
    house.starts(other)
    account = sweep_turns.Account("stripe", "stripe")
    asked = asked_of(house.database, lambda db, desk: sweep.revive(db, desk, account))
    first = next(one for one in asked if "review_item" in one)
    assert "payment_request" not in first


def asked_of(database, look) -> list[str]:
    """What a look asks the database."""
    asked = []

    def keep(connection, cursor, statement, parameters, context, executemany) -> None:
        asked.append(statement)

    with database.act(writes=False) as (db, desk):
        sa.event.listen(database.engine, "before_cursor_execute", keep)
        look(db, desk)
        sa.event.remove(database.engine, "before_cursor_execute", keep)
    return asked
