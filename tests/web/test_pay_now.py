"""A press on Pay where the gateway's pages are good for one visit: a fresh page, or back to ours."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import select
from starlette.requests import Request

from tests import paying
from tests.conftest import Database
from tests.contract.paystack_stand_in import DROP_REPLY, KEY, PaystackStandIn, served
from trova_app.adapters.paystack import PaystackLinks
from trova_app.models import Invoice, PaymentRequest
from trova_app.services.pay_page import WayToPay, way_to_pay
from trova_app.web import pay_now
from trova_app.web.pay_now import where_to_pay


@pytest.fixture
def paystack() -> Iterator[PaystackStandIn]:
    with served() as stand_in:
        yield stand_in
        assert stand_in.breaches == []


@pytest.fixture
def asked(database: Database, paystack: PaystackStandIn) -> Any:
    """An invoice whose link has been opened by the worker: (token, press)."""
    outside = paying.an_outside(gateways={"paystack": PaystackLinks(KEY, paystack.url, pause=lambda _seconds: None)})
    case = paying.asked_to_pay(database, "paystack")
    paying.a_worker(database, outside).run_once()
    return case, lambda token=case.token: where_to_pay(outside, database.act, token)


def the_request(database: Database) -> PaymentRequest:
    with database.act(writes=False) as (db, _desk):
        request = db.exec(select(PaymentRequest)).one()
        db.expunge(request)
        return request


def test_the_letter_leads_to_our_own_page_and_a_press_to_a_fresh_one_at_the_gateway(asked, database, paystack):
    case, press = asked
    request = the_request(database)
    assert (request.state, request.url) == ("active", f"http://localhost:3000/pay/{case.token}/now")
    assert [press(), press()] == [f"https://checkout.paystack.test/{request.request_uuid}-{n}" for n in (1, 2)]
    assert {row["amount"] for row in paystack.transactions.values()} == {125000}
    back = f"http://localhost:3000/pay/back/{request.request_uuid}"
    first, second = (call.body for call in paystack.calls if call.path == "/transaction/initialize")
    assert (first["callback_url"], first["metadata"]["cancel_action"]) == (
        f"{back}?session={request.request_uuid}-1",
        back,
    )
    assert case.token not in f"{first} {second}"


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://before-it-moved.example"])
def test_a_page_of_one_visit_is_never_taken_for_an_address_to_send_the_payer_on_to(asked, database, origin):
    case, _ = asked
    with database.act() as (db, _desk):
        request = db.get_one(PaymentRequest, the_request(database).id)
        request.url = f"{origin}/pay/{case.token}/now"
        db.flush()
        assert way_to_pay(db, token=case.token) == WayToPay(request.request_uuid, "")


def test_a_press_after_a_payment_leads_back_and_asks_for_nothing(asked, database, paystack):
    _, press = asked
    press()
    paystack.pay(f"{the_request(database).request_uuid}-1")
    assert press() == ""
    assert len(paystack.transactions) == 1


@pytest.mark.parametrize("state", ["closing", "closed", "paid", "failed"])
def test_a_press_on_a_link_that_is_not_open_any_more_asks_nobody(asked, database, paystack, state):
    _, press = asked
    with database.act() as (db, _desk):
        db.get_one(PaymentRequest, the_request(database).id).state = state
    assert press() == ""
    assert paystack.calls == []


def test_a_press_while_the_gateway_does_not_answer_leads_back(asked, paystack):
    _, press = asked
    paystack.switches[:] = [500, 500, 500]
    assert press() == ""


def test_a_page_whose_address_never_arrived_cannot_be_paid_and_the_next_press_has_its_own(asked, database, paystack):
    case, press = asked
    paystack.switches[:] = ["", DROP_REPLY, 500, 500]
    assert press() == ""
    assert press().endswith("-2")
    paystack.pay(f"{the_request(database).request_uuid}-2")
    assert press() == ""
    assert len(paystack.transactions) == 2


def test_payers_whose_gateway_says_nothing_keep_nobody_else_from_their_turn(monkeypatch):
    """More of them than there are threads: what everybody else asks is still answered."""
    goes_on = threading.Event()

    def silent(*_given: Any) -> str:
        goes_on.wait(60)
        return ""

    async def everybody() -> str:
        monkeypatch.setattr(pay_now, "_way", lambda _token: WayToPay("a-request", ""))
        monkeypatch.setattr(pay_now, "where_to_pay", silent)
        monkeypatch.setattr(pay_now, "outside", lambda: None)
        presses = [asyncio.create_task(pay_now.press(_press())) for _ in range(50)]
        try:
            return await asyncio.wait_for(asyncio.to_thread(lambda: "answered"), 30)
        finally:
            goes_on.set()
            await asyncio.gather(*presses)

    assert asyncio.run(everybody()) == "answered"


def _press() -> Request:
    return Request({"type": "http", "path_params": {"token": "somebody"}, "headers": []})


@pytest.mark.parametrize("token", ["", "nobody", "\u00e9", "../admin", "a" * 5000])
def test_a_token_of_nobody_leads_back_and_asks_nobody(asked, paystack, token):
    _, press = asked
    assert press(token) == ""
    assert paystack.calls == []


def test_a_void_invoices_press_leads_back(asked, database, paystack):
    case, press = asked
    with database.act() as (db, _desk):
        db.get_one(Invoice, case.invoice_id).status = "void"
    assert press() == ""
    assert paystack.calls == []
