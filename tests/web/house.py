"""A practice at the served app, with one invoice that was asked for by link, and what stands in its books."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from tests import builders as a
from tests.paying import Case, an_invoice, documents_of, letter
from tests.served import STATE, ServedApp
from trova_app import wiring
from trova_app.domain.permissions import Principal, Role
from trova_app.models import GatewayAccount, Invoice, Mail, Member, Payment, PaymentRequest, Practice, ProviderEvent
from trova_app.services import gateway_accounts, gateway_webhooks, payments
from trova_app.services.check import Breach, check
from trova_app.services.ports import Desk

LIVE = f"{STATE}.trova_app___state___live____live"
PUBLIC = "https://practice.example"
"""Where the gateway is told that the server is."""
BOOKED = ("payment", "payment_request", "refund", "review_item", "outbox", "mail")


@dataclass
class House:
    served: ServedApp
    owner: str
    who: Principal
    case: Case

    def act(self) -> Any:
        """Beside the server, as if it had a public address."""
        desk = Desk(clock=wiring.SystemClock(), mode="test", origin=PUBLIC, vault=wiring.vault())
        return wiring.unit_of_work(desk, on=self.served.engine)

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
                heard = tab.until(lambda got, seen=seen: _version(got) > seen)
                seen = _version(heard)

    def ask_to_pay(self) -> None:
        with self.act() as (db, desk):
            payments.open_request(db, desk, db.get_one(Invoice, self.case.invoice_id), then=letter(self.case))

    def requests(self) -> list[PaymentRequest]:
        of_invoice = PaymentRequest.invoice_id == self.case.invoice_id
        return self.read(lambda db: db.exec(select(PaymentRequest).where(of_invoice)).all())

    def request(self) -> PaymentRequest:
        (found,) = self.requests()
        return found

    def account(self) -> GatewayAccount:
        own = GatewayAccount.practice_id == self.case.practice_id
        return self.read(lambda db: db.exec(select(GatewayAccount).where(own)).one())

    def events(self) -> list[ProviderEvent]:
        of_practice = ProviderEvent.practice_id == self.case.practice_id
        return self.read(lambda db: db.exec(select(ProviderEvent).where(of_practice)).all())

    def payments(self) -> list[Payment]:
        return self.read(lambda db: db.exec(select(Payment).where(Payment.invoice_id == self.case.invoice_id)).all())

    def paid(self) -> int:
        return self.read(lambda db: payments.paid_minor(db, self.case.invoice_id))

    def receipts(self) -> int:
        return len(self.read(lambda db: documents_of(db, self.case.invoice_id, "receipt")))

    def letters(self) -> list[str]:
        """Kinds of those that went out, in their order."""
        sent = select(Mail.kind).where(Mail.invoice_id == self.case.invoice_id, Mail.state == "captured")
        return self.read(lambda db: list(db.exec(sent.order_by(col(Mail.id)))))

    def breaches(self) -> list[Breach]:
        """What `trova check` says of money. The invoice itself was put there by the test, without the form it would
        come from."""
        return [breach for breach in self.read(check) if breach.table in BOOKED]


def _version(seen: dict[str, Any]) -> int:
    return int(seen.get(LIVE, {}).get("version_rx_state_", 0))


def a_house(served: ServedApp, provider: str, key: str) -> House:
    """Its own account is connected, with webhooks asked for, and so is the link."""
    owner = served.a_practice_with(Role.OWNER)[0]
    with served.act() as (db, desk):
        member = db.exec(select(Member).where(Member.email == owner)).one()
        case = an_invoice(db, desk, db.get_one(Practice, member.practice_id))
        house = House(served, owner, a.principal(member), case)
    with house.act() as (db, desk):
        gateway_accounts.connect(db, desk, house.who, provider=provider, key=key)
        gateway_webhooks.ask_for_webhooks(db, desk, house.who)
    house.ask_to_pay()
    return house
