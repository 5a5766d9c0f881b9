"""What Stripe would keep of us: links, visits to them (checkout sessions), payments, refunds, disputes, events.

Every object is an example of Stripe's own schema with our values laid over it, so answers and events can be held to it.
`visit` opens a link's page, `pay` and `arrives` are the payer's acts; each leaves the events Stripe would send.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.contract import wire

Row = dict[str, Any]
START = 1_773_828_000  # tests.conftest.NOON


class NotPossible(Exception):
    """Stripe would refuse this: its sentence."""


class NotKnown(NotPossible):
    """There is nothing of that name in this account."""


@dataclass
class Books:
    """`now`: Unix seconds, moved by tests. `told`: events in the order they happened. `own`: what the names of this
    account's things have in them, so that no two accounts of a test share one. `on_told`: hears of each event."""

    is_live: bool = False
    own: str = ""
    now: int = START
    links: dict[str, Row] = field(default_factory=dict)
    lines: dict[str, list[Row]] = field(default_factory=dict)
    sessions: list[Row] = field(default_factory=list)
    payments: dict[str, Row] = field(default_factory=dict)
    refunds: list[Row] = field(default_factory=list)
    disputes: list[Row] = field(default_factory=list)
    balance: list[Row] = field(default_factory=list)
    endpoints: dict[str, Row] = field(default_factory=dict)
    endpoints_made: int = 0
    told: list[Row] = field(default_factory=list)
    on_told: Callable[[Row], None] = lambda _event: None

    def clear(self) -> None:
        self.__init__(on_told=self.on_told)  # type: ignore[misc]

    # Acts of ours

    def open_link(self, asked: Row) -> Row:
        name = f"plink_{self.own}{len(self.links) + 1}"
        price = asked["line_items"][0]["price_data"]
        amount, currency = int(price["unit_amount"]), price["currency"]
        line = wire.example(wire.named("item"), id=f"li_{name}", amount_total=amount, currency=currency)
        self.lines[name] = [line]
        self.links[name] = wire.example(
            wire.named("payment_link"),
            id=name,
            active=True,
            livemode=self.is_live,
            url=f"https://pay.stripe.test/{name}",
            currency=currency,
            metadata=asked.get("metadata", {}),
        )
        return self.links[name]

    def update_link(self, name: str, asked: Row) -> Row:
        link = self.found(self.links, name)
        if "active" in asked and link["active"] != (asked["active"] == "true"):
            link["active"] = asked["active"] == "true"
            self._tell("payment_link.updated", link)
        return link

    def end_session(self, name: str) -> Row:
        session = self.session(name)
        if session["status"] != "open":
            raise NotPossible("Only Checkout Sessions with a status in [open] can be expired.")
        session["status"] = "expired"
        self._tell("checkout.session.expired", session)
        return session

    def give_back(self, asked: Row) -> Row:
        payment = self.found(self.payments, asked["payment_intent"])
        gone = sum(row["amount"] for row in self.refunds if row["payment_intent"] == payment["id"])
        if payment["status"] != "succeeded" or gone + int(asked["amount"]) > payment["amount"]:
            raise NotPossible("Refund amount is greater than unrefunded amount on charge.")
        refund = wire.example(
            wire.named("refund"),
            id=f"re_{len(self.refunds) + 1}",
            amount=int(asked["amount"]),
            currency=payment["currency"],
            payment_intent=payment["id"],
            status="succeeded",
            reason=asked.get("reason"),
            metadata=asked.get("metadata", {}),
            created=self.now,
        )
        self.refunds.append(refund)
        self._tell("refund.created", refund)
        return refund

    def make_endpoint(self, asked: Row) -> Row:
        self.endpoints_made += 1
        name = f"we_{self.endpoints_made}"
        self.endpoints[name] = wire.example(
            wire.named("webhook_endpoint"),
            id=name,
            url=asked["url"],
            enabled_events=asked["enabled_events"],
            api_version=asked.get("api_version"),
            metadata=asked.get("metadata", {}),
            secret=f"whsec_{name}",
        )
        return self.endpoints[name]

    # Acts of payers and of people at the dashboard

    def visit(self, link: str) -> Row:
        """Somebody opens the link's page. Raises `NotPossible` for one that is switched off or used up."""
        done = [one for one in self.sessions if one["payment_link"] == link and one["status"] == "complete"]
        if not self.links[link]["active"] or done:
            raise NotPossible("This link is no longer active.")
        line = self.lines[link][0]
        session = wire.example(
            wire.named("checkout.session"),
            id=f"cs_{self.own}{len(self.sessions) + 1}",
            payment_link=link,
            payment_intent=None,
            payment_status="unpaid",
            status="open",
            livemode=self.is_live,
            amount_total=line["amount_total"],
            currency=line["currency"],
            metadata=self.links[link]["metadata"],
            created=self.now,
        )
        self.sessions.append(session)
        return session

    def pay(self, session: Row, *, by_bank: bool = False) -> Row:
        """The payer completes a page that is open, as two may at once. By bank it stays unpaid for days."""
        if session["status"] != "open":
            raise NotPossible("This page has ended.")
        payment = wire.example(
            wire.named("payment_intent"),
            id=f"pi_{self.own}{len(self.payments) + 1}",
            amount=session["amount_total"],
            currency=session["currency"],
            status="processing" if by_bank else "succeeded",
            livemode=self.is_live,
            metadata=session["metadata"],
            created=self.now,
        )
        self.payments[payment["id"]] = payment
        session |= {"status": "complete", "payment_intent": payment["id"]}
        session["payment_status"] = "unpaid" if by_bank else "paid"
        if not by_bank:
            self._book(payment, "charge")
        self._tell("checkout.session.completed", session)
        return session

    def decline(self, session: Row) -> None:
        payment = wire.example(
            wire.named("payment_intent"),
            id=f"pi_declined_{session['id']}",
            amount=session["amount_total"],
            currency=session["currency"],
            status="requires_payment_method",
            livemode=self.is_live,
            metadata=session["metadata"],
        )
        self._tell("payment_intent.payment_failed", payment)

    def arrives(self, session: Row, *, arrived: bool = True) -> None:
        """A bank payment ends."""
        payment = self.payments[session["payment_intent"]]
        payment["status"] = "succeeded" if arrived else "requires_payment_method"
        if arrived:
            session["payment_status"] = "paid"
            self._book(payment, "payment")
        self._tell(f"checkout.session.async_payment_{'succeeded' if arrived else 'failed'}", session)

    def _book(self, payment: Row, kind: str) -> None:
        """The money is in the account's balance, less a fee. The charge knows the payer, as a real one does."""
        amount = payment["amount"]
        charge = wire.example(
            wire.named("charge"),
            id=f"ch_{payment['id']}",
            amount=amount,
            currency=payment["currency"],
            payment_intent=payment["id"],
            billing_details={"name": "Somebody Else", "email": "payer@example.test", "phone": None, "address": None},
            metadata={},
            paid=True,
            status="succeeded",
            livemode=self.is_live,
        )
        fee = amount * 29 // 1000 + 200
        entry = wire.example(
            wire.named("balance_transaction"),
            id=f"txn_{len(self.balance) + 1}",
            amount=amount,
            fee=fee,
            net=amount - fee,
            currency=payment["currency"],
            type=kind,
            source=charge,
            created=self.now,
        )
        self.balance.append(entry)

    def dispute(self, payment_id: str, status: str = "needs_response") -> Row:
        payment = self.payments[payment_id]
        details = wire.example(wire.named("dispute_evidence_details"), due_by=self.now + 7 * 86400)
        made = wire.example(
            wire.named("dispute"),
            id=f"dp_{len(self.disputes) + 1}",
            amount=payment["amount"],
            currency=payment["currency"],
            payment_intent=payment_id,
            status=status,
            livemode=self.is_live,
            evidence_details=details,
            metadata={},
            created=self.now,
        )
        self.disputes.append(made)
        self._tell("charge.dispute.created", made)
        return made

    def session(self, name: str) -> Row:
        found = [one for one in self.sessions if one["id"] == name]
        if not found:
            raise NotKnown("No such checkout session")
        return found[0]

    @staticmethod
    def found(rows: dict[str, Row], name: str) -> Row:
        if name not in rows:
            raise NotKnown(f"No such object: {name}")
        return rows[name]

    def _tell(self, kind: str, about: Row) -> None:
        event = wire.example(
            wire.named("event"),
            id=f"evt_{self.own}{len(self.told) + 1}",
            type=kind,
            created=self.now,
            data={"object": dict(about)},
            livemode=self.is_live,
        )
        wire.must_be_an_event(event)
        self.told.append(event)
        self.on_told(event)

    def paid_total(self) -> int:
        """All that payers really paid, in what Stripe counts in."""
        return sum(payment["amount"] for payment in self.payments.values() if payment["status"] == "succeeded")

    def payable(self) -> list[str]:
        """Links through which somebody could pay this moment, by a new page or by one that stands open."""
        open_pages = [one["payment_link"] for one in self.sessions if one["status"] == "open"]
        used = {one["payment_link"] for one in self.sessions if one["status"] == "complete"}
        fresh = [name for name, link in self.links.items() if link["active"] and name not in used]
        return sorted({*fresh, *open_pages})
