"""What becomes of a payment page, a refund or a dispute at Paystack long after its link is closed or its list has moved
on, without a single webhook. Against a server that lists by the day of creation, as Paystack does."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import select

from tests import paying
from tests.conftest import Database, FixedClock
from tests.contract.paystack_stand_in import KEY, PaystackStandIn, served
from tests.services.test_gateway_accounts import PAYSTACK_KEY, Office
from trova_app.adapters.paystack import MOST_PRESSES, PaystackLinks
from trova_app.adapters.secrets import Vault
from trova_app.domain.gateways import PAGES_LAST
from trova_app.domain.refusals import Refusal
from trova_app.models import (
    Dispute,
    GatewayAccount,
    Invoice,
    Payment,
    PaymentRequest,
    Practice,
    Refund,
    ReviewItem,
    SweepTurn,
    TimelineEntry,
)
from trova_app.services import billing, gateway_accounts, gateway_disconnect, gateway_health, payments, refunds
from trova_app.services.check import check
from trova_app.services.invoice_view import invoice_view
from trova_app.services.pay_page import PayState, pay_page
from trova_app.sweeper import Sweeper
from trova_app.web.pay_now import where_to_pay


class House:
    """A practice whose links go through Paystack, with its worker and its looks; no webhook ever comes."""

    def __init__(self, database: Database, paystack: PaystackStandIn, clock: FixedClock) -> None:
        self.database, self.paystack, self.clock = database, paystack, clock
        gateway = PaystackLinks(KEY, paystack.url, pause=lambda _seconds: None)
        self.outside = paying.an_outside(gateways={"paystack": gateway}, connect=lambda _held: gateway)
        self.worker = paying.a_worker(database, self.outside)
        self.case = self.asked()

    def asked(self) -> Any:
        case = paying.asked_to_pay(self.database, "paystack")
        self.worker.run_once()
        return case

    def press(self, case: Any = None) -> str:
        """The payer's press: the transaction's reference, "" where it leads back."""
        return where_to_pay(self.outside, self.database.act, (case or self.case).token).rpartition("/")[2]

    def do(self, service: Any, *given: Any, **named: Any) -> Any:
        desk = self.database.desk()
        desk.gateway = "paystack"
        with self.database.act(desk) as (db, desk):
            return service(db, desk, *given, **named)

    def void(self) -> None:
        self.do(billing.void_invoice, self.case.owner, invoice_id=self.case.invoice_id, reason="Wrong client")
        self.worker.run_once()

    def look(self, *, at_once: bool = False, **later: int) -> None:
        self.clock.advance(**later)
        Sweeper(self.outside, self.database.act).sweep(at_once=at_once)
        self.worker.run_once()

    def looked(self, hours: int, every: int = 6) -> None:
        for _ in range(hours // every):
            self.look(hours=every)

    def another_pays(self) -> None:
        """So that the account is read up to now."""
        self.paystack.pay(self.press(self.asked()))
        self.look(minutes=30)
        self.look(minutes=30)

    def all(self, table: Any) -> list[Any]:
        with self.database.act(writes=False) as (db, _desk):
            found = list(db.exec(select(table).order_by(table.id)).all())
            db.expunge_all()
        return found

    def questions(self) -> list[str]:
        return [item.kind for item in self.all(ReviewItem) if item.state == "open"]

    def credits(self) -> list[int]:
        return [row.amount_minor for row in self.all(Payment) if row.is_credit]

    def timeline(self) -> list[str]:
        return [row.what for row in self.all(TimelineEntry) if row.invoice_id == self.case.invoice_id]


@pytest.fixture
def paystack(clock: FixedClock) -> Iterator[PaystackStandIn]:
    with served() as stand_in:
        stand_in.clock = clock.now
        yield stand_in


@pytest.fixture
def house(database: Database, paystack: PaystackStandIn, clock: FixedClock) -> House:
    return House(database, paystack, clock)


# -- pages that were opened before


@pytest.mark.parametrize("days", [0, 5, 50])
def test_money_paid_on_a_page_that_was_open_before_the_invoice_was_void_is_found_and_asked_about(house, days):
    reference = house.press()
    house.void()
    house.looked(days * 24)
    house.another_pays()
    house.paystack.pay(reference)
    house.looked(48)
    assert (house.credits(), house.questions()) == ([125000], ["credit"])


def test_money_paid_on_the_old_page_after_cash_came_is_found_too(house):
    reference = house.press()
    invoice = {"amount_minor": 45000, "method": "cash", "member_id": house.case.owner.member_id}
    house.do(
        lambda db, desk: payments.record_manual(
            db, desk, invoice=db.get_one(Invoice, house.case.invoice_id), received_on=desk.now().date(), **invoice
        )
    )
    house.worker.run_once()
    house.looked(5 * 24)
    house.another_pays()
    house.paystack.pay(reference)
    house.looked(48)
    assert house.questions() == ["overpaid"]


def test_a_second_page_of_an_invoice_that_is_paid_is_asked_about_as_well(house):
    first, second = house.press(), house.press()
    house.paystack.pay(first)
    house.look(minutes=1)
    house.looked(5 * 24)
    house.another_pays()
    house.paystack.pay(second)
    house.looked(48)
    assert (house.credits(), house.questions()) == ([125000], ["credit"])


def test_pages_are_asked_about_once_an_hour_at_first_then_once_a_day_and_after_sixty_days_no_more(house):
    house.press()
    house.void()
    asked = lambda: sum("/verify/" in call.path for call in house.paystack.calls)  # noqa: E731
    counted = []
    for days in (0, 4, 61):
        house.clock.advance(days=days)
        house.look(minutes=15)
        house.paystack.calls.clear()
        for _ in range(24):
            house.look(hours=1)
        counted.append(asked() // 2)  # the page, and that there is no second one
    assert counted[0] == 24
    assert counted[1] in (1, 2)
    assert counted[2] == 0


def test_one_look_asks_about_so_many_and_the_next_one_goes_on(house, monkeypatch):
    monkeypatch.setattr("trova_app.services.late_outcomes.MOST", 2)
    pages = [house.press()]
    house.void()
    for _ in range(4):
        house.case = house.asked()
        pages.append(house.press())
        house.void()
    seen: list[str] = []
    for _ in range(3):
        house.paystack.calls.clear()
        house.look(minutes=11)
        now = [call.path.rpartition("/")[2] for call in house.paystack.calls if "/verify/" in call.path]
        assert len({reference[:36] for reference in now}) <= 2
        seen += now
    assert set(pages) <= set(seen)


def test_a_look_that_breaks_off_in_the_middle_goes_on_where_it_was(house):
    pages = [house.press()]
    house.void()
    house.case = house.asked()
    pages.append(house.press())
    house.void()
    house.look(minutes=11)
    house.paystack.switches[:] = ["", "", 500, 500, 500]
    house.look(hours=1)
    house.paystack.pay(pages[1])
    house.look(minutes=11)
    assert house.credits() == [125000]


def test_a_closed_link_says_what_may_still_come_of_a_page_that_was_open(house):
    house.press()
    house.void()
    (closed,) = [what for what in house.timeline() if what.startswith("Payment link closed")]
    assert "the invoice is void" in closed
    assert "may still be paid there" in closed
    assert '"To decide"' in closed
    shown = lambda: house.do(invoice_view, house.case.owner, invoice_id=house.case.invoice_id).link  # noqa: E731
    assert "may still be paid there" in shown().problem
    house.clock.advance(days=PAGES_LAST.days + 1)
    assert shown().problem == ""


def test_a_closed_link_nobody_had_opened_says_nothing_of_pages(house):
    house.void()
    assert [what for what in house.timeline() if "Payment link" in what] == ["Payment link closed: the invoice is void"]
    assert house.do(invoice_view, house.case.owner, invoice_id=house.case.invoice_id).link.problem == ""


# -- refunds and disputes that end late


def test_a_refund_and_a_dispute_that_end_late_are_read_all_the_same(house):
    reference = house.press()
    house.paystack.pay(reference)
    house.look(minutes=1)
    (payment,) = house.all(Payment)
    house.do(refunds.refund, house.case.owner, payment_id=payment.id, amount="250")
    house.worker.run_once()
    house.paystack.dispute(reference)["refund_amount"] = 100000
    house.look(minutes=15)
    assert [row.state for row in (*house.all(Refund), *house.all(Dispute))] == ["pending", "open"]
    for _ in range(6):
        house.clock.advance(days=1)
        house.another_pays()
    house.paystack.refunds[-1]["status"] = "processed"
    house.paystack.disputes[-1] |= {"status": "resolved", "resolution": "merchant-accepted"}
    house.looked(48)
    assert [row.state for row in (*house.all(Refund), *house.all(Dispute))] == ["succeeded", "lost"]
    house.looked(24)
    house.paystack.calls.clear()
    house.looked(48)
    assert [call for call in house.paystack.calls if call.query.get("transaction")] == []


# -- an account that was left


def test_the_key_of_an_account_that_was_left_stays_while_its_pages_may_be_paid(database, paystack, clock):
    office = Office(database)
    office.connect(KEY, "paystack")
    house = House(database, paystack, clock)
    house.worker.run_once()

    def in_it(db, desk, _who):
        case = paying.an_invoice(db, desk, db.get_one(Practice, office.id))
        payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then={})
        return case

    vaulted = database.desk
    database.desk = lambda: with_vault(vaulted())  # type: ignore[method-assign]
    case = office.do(in_it)
    house.worker.run_once()
    reference = house.press(case)
    assert reference
    clock.advance(minutes=1)
    sentence = office.do(gateway_disconnect.disconnect)
    assert "60 days" in sentence
    house.worker.run_once()
    house.looked(5 * 24)
    assert office_key(house, office) != ""
    house.paystack.pay(reference)
    house.looked(48)
    (payment,) = [row for row in house.all(Payment) if row.practice_id == office.id]
    assert payment.amount_minor == 125000
    with database.act(writes=False) as (db, desk):
        assert [breach for breach in check(db, clock.now()) if breach.table == "gateway_account"] == []
    house.clock.advance(days=PAGES_LAST.days + 1)
    house.look(minutes=15)
    assert office_key(house, office) == ""


def with_vault(desk: Any) -> Any:
    desk.vault = Vault(b"tests-only")
    return desk


def office_key(house: House, office: Office) -> str:
    (account,) = [row for row in house.all(GatewayAccount) if row.practice_id == office.id]
    return str(account.key_encrypted)


# -- live keys


@pytest.mark.parametrize(
    ("mode", "key"),
    [("test", "sk_live_0123456789abcdef"), ("live", "sk_live_0123456789abcdef"), ("live", PAYSTACK_KEY)],
)
def test_a_live_key_of_a_gateway_that_cannot_close_a_page_is_refused_and_says_why(database, mode, key):
    office = Office(database, mode=mode)
    for service in (gateway_accounts.key_to_check, gateway_accounts.connect):
        with pytest.raises(Refusal, match="cannot close a payment page") as refused:
            office.do(service, provider="paystack", key=key)
        assert refused.value.field == "key"


def test_a_live_account_from_before_opens_no_new_link_and_money_there_is_still_found(database, house):
    """As an earlier version had connected it, with one link open."""
    reference = house.press()
    with database.act() as (db, desk):
        request = db.exec(select(PaymentRequest)).one()
        practice = db.get_one(Practice, request.practice_id)
        practice.mode = "live"
        db.add(
            GatewayAccount(
                practice_id=practice.id, provider="paystack", mode="live", connected_at=request.created_at,
                key_encrypted=with_vault(desk).vault.seal(KEY, gateway_accounts.about(practice.id)), key_hint="cdef",
            )
        )  # fmt: skip
    desk = with_vault(database.desk())
    with database.act(desk, writes=False) as (db, desk):
        choice = gateway_accounts.gateway_for(db, desk, practice.id)
        assert (choice.provider, "cannot close a payment page" in choice.problem) == ("", True)
        shown = gateway_health.health(db, desk, house.case.owner)
        assert "Looking up payments" in {line.what for line in shown.lines}
    database.desk, plain = lambda: with_vault(plain()), database.desk  # type: ignore[method-assign]
    house.paystack.pay(reference)
    house.look(minutes=15)
    assert [row.amount_minor for row in house.all(Payment)] == [125000]


def test_a_link_for_real_money_that_an_earlier_version_opened_leads_nowhere(database, paystack, house):
    with database.act() as (db, desk):
        case = paying.an_invoice(db, desk, mode="live")
        given = {"practice_id": case.practice_id, "invoice_id": case.invoice_id, "state": "active", "url": "x"}
        moments = {"created_at": desk.now(), "changed_at": desk.now()}
        db.add(
            PaymentRequest(
                request_uuid="7f0c2f7e-6f0e-4f6e-9b1f-0f6a1c1d2e3f", provider="paystack", amount_minor=125000,
                currency="ZAR", **given, **moments,
            )
        )  # fmt: skip
        db.flush()
        assert pay_page(db, desk, token=case.token).state is PayState.HELD_BACK
    assert house.press(case) == ""
    assert paystack.transactions == {}


# -- pressed too often


def test_after_the_last_press_the_page_says_what_to_do_and_offers_no_pay(house, database):
    assert all(house.press() for _ in range(MOST_PRESSES))
    page = lambda: house.do(pay_page, token=house.case.token)  # noqa: E731
    assert page().state is PayState.PAYABLE
    assert house.press() == ""
    assert (page().state, page().url) == (PayState.USED_UP, "")
    assert "ask the practice" in page().sentence
    link = house.do(invoice_view, house.case.owner, invoice_id=house.case.invoice_id).link
    assert "too many times" in link.problem
    house.paystack.calls.clear()
    assert house.press() == ""
    assert house.paystack.calls == []


def test_a_page_opened_too_often_that_was_paid_is_paid(house):
    pages = [house.press() for _ in range(MOST_PRESSES)]
    assert house.press() == ""
    house.paystack.pay(pages[-1])
    house.look(minutes=1, at_once=True)
    assert house.do(pay_page, token=house.case.token).state is PayState.PAID


def test_each_round_has_a_row_of_its_own(house, database):
    house.press()
    house.void()
    house.look(minutes=15)
    with database.act(writes=False) as (db, _desk):
        keys = {row.key for row in db.exec(select(SweepTurn)) if row.key.startswith("late/")}
    assert keys == {f"late/paystack/{kind}/{age}" for kind in ("pages", "changes") for age in ("young", "old")}
