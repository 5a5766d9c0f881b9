"""A practice's own Paystack account from the press on Pay to the books, through the real server."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest
from sqlmodel import select

from tests.contract.paystack_stand_in import KEY, PaystackStandIn, an_event, signed
from tests.served import ServedApp
from tests.web.house import House, a_house
from trova_app.models import ReviewItem
from trova_app.services import gateway_health


@dataclass
class AtPaystack(House):
    """Its own account is Paystack's. `hook`: where Paystack was told to send its events."""

    paystack: PaystackStandIn
    hook: str

    def press(self) -> str:
        """The payer presses Pay: the transaction's reference at Paystack."""
        answer = httpx.get(f"{self.served.url}/pay/{self.case.token}/now")
        assert answer.status_code == 303
        return urlsplit(answer.headers["location"]).path.strip("/")

    def deliver(self, raw: bytes, signature: str) -> int:
        headers = {"x-paystack-signature": signature.encode(), "content-type": b"application/json"}
        return httpx.post(f"{self.served.url}{self.hook}", content=raw, headers=headers).status_code


@pytest.fixture
def house(served: ServedApp, paystack: PaystackStandIn) -> AtPaystack:
    made = a_house(served, "paystack", KEY)
    with made.act() as (db, desk):
        hook = urlsplit(gateway_health.health(db, desk, made.who).webhook_url).path
    made.wait_for(lambda _db: made.request().state == "active")
    return AtPaystack(**vars(made), paystack=paystack, hook=hook)


def test_a_payment_reported_by_paystack_settles_the_invoice_once_however_often_it_is_reported(house):
    reference = house.press()
    raw = an_event("charge.success", house.paystack.pay(reference))
    assert [house.deliver(raw, signed(raw)) for _ in range(5)] == [200] * 5
    (event,) = house.events()
    assert (event.provider, event.type) == ("paystack", "charge.success")
    house.wait_for(lambda _db: house.paid() == 125000 and house.receipts())
    assert house.deliver(raw, signed(raw)) == 200
    (payment,) = house.payments()
    assert (payment.provider, payment.provider_payment_id, payment.amount_minor) == ("paystack", reference, 125000)
    assert house.request().state == "paid"
    house.wait_for(lambda _db: house.letters() == ["invoice", "receipt"])
    assert house.receipts() == 1
    assert house.breaches() == []


def test_what_paystack_did_not_sign_is_refused_leaves_no_row_and_no_word_in_the_log(house):
    reference = house.press()
    about = house.paystack.transactions[reference] | {"status": "success", "paid_at": "2026-03-18T10:00:00.000Z"}
    about |= {"customer": {"email": "canary-payer@example.test"}}
    raw = an_event("charge.success", about)
    good = signed(raw)
    forged = [(raw, ""), (raw, signed(raw, "sk_test_another0key00")), (raw, good[:-1]), (raw + b" ", good)]
    forged += [
        (raw.replace(b"125000", b"999999"), good),
        (raw, "\u00e9"),
        (b"", signed(b"")),
    ]
    forged += [(b"[]", signed(b"[]")), (b"\xff", signed(b"\xff")), (b"[" * 50_000, signed(b"[" * 50_000))]
    assert [house.deliver(*one) for one in forged] == [400] * len(forged)
    too_long = raw + b" " * 1024 * 1024
    assert house.deliver(too_long, signed(too_long)) == 413
    elsewhere = f"/hooks/paystack/{'0' * 32}"
    assert (
        httpx.post(house.served.url + elsewhere, content=raw, headers={"x-paystack-signature": good}).status_code == 404
    )
    assert house.events() == [] and house.payments() == []
    log = house.served.said()
    assert "canary-payer" not in log and reference not in log and good not in log
    assert "event refused" in log


def test_another_amount_than_was_asked_for_waits_for_a_person(house):
    reference = house.press()
    raw = an_event("charge.success", house.paystack.pay(reference, amount=124999))
    assert house.deliver(raw, signed(raw)) == 200
    practice = house.case.practice_id
    house.wait_for(lambda db: db.exec(select(ReviewItem).where(ReviewItem.practice_id == practice)).first())
    (item,) = house.read(lambda db: db.exec(select(ReviewItem).where(ReviewItem.practice_id == practice)).all())
    assert item.kind == "wrong_amount"
    assert house.paid() == 0
    assert house.breaches() == []
