"""A practice's own Paystack account from the press on Pay to the books, through the real server."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlmodel import Session, select

from tests import builders as a
from tests.contract.paystack_stand_in import KEY, PaystackStandIn, an_event, signed
from tests.paying import Case, an_invoice, documents_of, letter
from tests.served import STATE, ServedApp
from trova_app import wiring
from trova_app.domain.permissions import Role
from trova_app.models import Invoice, Mail, Member, Payment, PaymentRequest, Practice, ProviderEvent, ReviewItem
from trova_app.services import gateway_accounts, gateway_health, gateway_webhooks, payments
from trova_app.services.check import Breach, check
from trova_app.services.ports import Desk

LIVE = f"{STATE}.trova_app___state___live____live"


@dataclass
class House:
    """A practice whose own account is Paystack's, with one invoice that was asked for by link. `hook`: where Paystack
    was told to send its events."""

    served: ServedApp
    paystack: PaystackStandIn
    owner: str
    case: Case
    hook: str

    def read(self, of: Callable[[Session], Any]) -> Any:
        with self.served.act(writes=False) as (db, _desk):
            found = of(db)
            db.expunge_all()
        return found

    def wait_for(self, of: Callable[[Session], Any]) -> None:
        """An open page is told of each change; the books are looked at again then."""
        seen = 0
        with self.served.tab(self.served.cookie_of(self.owner)) as tab:
            tab.hydrate()
            while not self.read(of):
                heard = tab.until(lambda got, seen=seen: version(got) > seen)
                seen = version(heard)

    def request(self) -> PaymentRequest:
        return self.read(
            lambda db: db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == self.case.invoice_id)).one()
        )

    def press(self) -> str:
        """The payer presses Pay: the transaction's reference at Paystack."""
        answer = httpx.get(f"{self.served.url}/pay/{self.case.token}/now")
        assert answer.status_code == 303
        return urlsplit(answer.headers["location"]).path.strip("/")

    def deliver(self, raw: bytes, signature: str) -> int:
        headers = {"x-paystack-signature": signature.encode(), "content-type": b"application/json"}
        return httpx.post(f"{self.served.url}{self.hook}", content=raw, headers=headers).status_code

    def events(self) -> list[ProviderEvent]:
        practice = self.case.practice_id
        return self.read(lambda db: db.exec(select(ProviderEvent).where(ProviderEvent.practice_id == practice)).all())

    def payments(self) -> list[Payment]:
        return self.read(lambda db: db.exec(select(Payment).where(Payment.invoice_id == self.case.invoice_id)).all())


def version(seen: dict[str, Any]) -> int:
    return int(seen.get(LIVE, {}).get("version_rx_state_", 0))


@pytest.fixture
def house(served: ServedApp, paystack: PaystackStandIn) -> House:
    owner = served.a_practice_with(Role.OWNER)[0]
    desk = Desk(clock=wiring.SystemClock(), mode="test", origin="https://practice.example", vault=wiring.vault())
    with wiring.unit_of_work(desk, on=served.engine) as (db, _):
        member = db.exec(select(Member).where(Member.email == owner)).one()
        who = a.principal(member)
        gateway_accounts.connect(db, desk, who, provider="paystack", key=KEY)
        gateway_webhooks.ask_for_webhooks(db, desk, who)
        hook = urlsplit(gateway_health.health(db, desk, who).webhook_url).path
        case = an_invoice(db, desk, db.get_one(Practice, member.practice_id))
        payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then=letter(case))
    made = House(served, paystack, owner, case, hook)
    made.wait_for(lambda db: made.request().state == "active")
    return made


def test_a_payment_reported_by_paystack_settles_the_invoice_once_however_often_it_is_reported(house):
    reference = house.press()
    raw = an_event("charge.success", house.paystack.pay(reference))
    assert [house.deliver(raw, signed(raw)) for _ in range(5)] == [200] * 5
    (event,) = house.events()
    assert (event.provider, event.type) == ("paystack", "charge.success")
    invoice_id = house.case.invoice_id
    house.wait_for(lambda db: payments.paid_minor(db, invoice_id) == 125000 and documents_of(db, invoice_id, "receipt"))
    assert house.deliver(raw, signed(raw)) == 200
    (payment,) = house.payments()
    assert (payment.provider, payment.provider_payment_id, payment.amount_minor) == ("paystack", reference, 125000)
    assert house.request().state == "paid"
    house.wait_for(lambda db: mails(db, invoice_id) == ["invoice", "receipt"])
    assert len(house.read(lambda db: documents_of(db, invoice_id, "receipt"))) == 1
    assert house.read(about_money) == []


def about_money(db: Session) -> list[Breach]:
    """The invoice itself was put there by the test, without the form it would come from."""
    tables = ("payment", "payment_request", "refund", "review_item", "outbox", "mail")
    return [breach for breach in check(db) if breach.table in tables]


def mails(db: Session, invoice_id: int) -> list[str]:
    sent = select(Mail.kind).where(Mail.invoice_id == invoice_id, Mail.state == "captured").order_by(Mail.id)
    return list(db.exec(sent))


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
    assert house.read(lambda db: payments.paid_minor(db, house.case.invoice_id)) == 0
    assert house.read(about_money) == []
