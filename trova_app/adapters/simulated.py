"""The simulated gateway: the way from link to receipt without money. It never stands in live mode.

It keeps the books of its own process only; what it has to tell arrives as an event, signed and shaped as Stripe's.
"""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from trova_app.adapters import signed_events
from trova_app.domain.gateways import (
    AlreadyPaid,
    Capabilities,
    Closed,
    Fact,
    GatewayEvent,
    Incoming,
    LinkRef,
    LinkSpec,
    OpenedLink,
    Page,
    PaymentFact,
    RefundFact,
    RefundSpec,
    exactly_sent,
    sent_amount,
)

ANSWERS = {
    "pay": ("checkout.session.completed", "paid"),
    "slow": ("checkout.session.completed", "unpaid"),
    "arrived": ("checkout.session.async_payment_succeeded", "paid"),
    "failed": ("checkout.session.async_payment_failed", "unpaid"),
}
RANK = {"pending": 0, "failed": 1, "succeeded": 2}


class SimulatedGateway:
    """Links to our own page `/sim/pay/<request>`, where the payer chooses what is to happen. Raises ValueError in live
    mode: pretended money must never meet a real invoice. Whether a link is closed the page asks our own books."""

    name = "simulated"
    account_ref = ""
    is_live = False
    key_mark = ""
    capabilities = Capabilities(async_methods=True)
    signature_header = "stripe-signature"

    def __init__(self, origin: str, mode: str) -> None:
        if mode == "live":
            raise ValueError("The simulated gateway does not run in live mode.")
        self._origin = origin
        self._said: list[tuple[int, GatewayEvent]] = []

    def open(self, spec: LinkSpec) -> OpenedLink:
        sent_amount(spec.amount_minor, spec.currency)
        return self._link(spec.request_uuid)

    def open_again(self, spec: LinkSpec, *, is_last_look: bool) -> OpenedLink:
        return self.open(spec)

    def find(self, request_uuid: str) -> OpenedLink | None:
        return self._link(request_uuid)

    def _link(self, request_uuid: str) -> OpenedLink:
        return OpenedLink(f"sim_link_{request_uuid}", f"{self._origin}/sim/pay/{request_uuid}")

    def close(self, link: LinkRef) -> Closed | AlreadyPaid:
        facts = tuple(self.read(link))
        return AlreadyPaid(facts) if any(fact.state in ("succeeded", "pending") for fact in facts) else Closed()  # type: ignore[union-attr]

    def read(self, link: LinkRef) -> list[Fact]:
        """What was done on the link's page since this process started, as it stands now."""
        return [fact for fact in self._payments() if fact.request_uuid == link.request_uuid]

    def read_payment(self, provider_payment_id: str) -> list[Fact]:
        return [fact for fact in self._payments() if fact.provider_payment_id == provider_payment_id]

    def _payments(self) -> list[PaymentFact]:
        newest: dict[str, PaymentFact] = {}
        for _, event in self._said:
            for fact in self.facts_of(event.body):
                if isinstance(fact, PaymentFact) and fact.state in RANK:
                    known = newest.get(fact.provider_payment_id, fact)
                    newest[fact.provider_payment_id] = max(known, fact, key=lambda one: RANK[one.state])
        return list(newest.values())

    def list_facts(self, since: datetime, cursor: str | None) -> Page:
        told = [(at, event) for at, event in self._said if at >= int(since.timestamp())]
        newest = max((at for at, _ in told), default=0)
        items = tuple(Incoming(event, tuple(self.facts_of(event.body))) for _, event in told)
        return Page(items, None, datetime.fromtimestamp(newest, UTC) if newest else None)

    def refund(self, spec: RefundSpec) -> RefundFact:
        """Always given back, under a name made from ours: asking again is the same refund."""
        exactly_sent(spec.amount_minor, spec.currency)
        return RefundFact(
            provider=self.name,
            account_ref=self.account_ref,
            provider_refund_id=f"sim_re_{spec.refund_uuid}",
            provider_payment_id=spec.provider_payment_id,
            refund_uuid=spec.refund_uuid,
            instance=spec.instance,
            request_uuid=spec.request_uuid,
            amount_minor=spec.amount_minor,
            currency=spec.currency,
            state="succeeded",
            reason=spec.reason,
            is_live=False,
        )

    def parse_event(self, raw: bytes, header: str, secrets: tuple[str, ...], now: datetime) -> GatewayEvent:
        signed_events.must_be_signed(raw, header, secrets, now)
        return signed_events.read_event(raw)

    def facts_of(self, body: str) -> list[Fact]:
        return signed_events.facts_of(self.name, body)

    def must_be_read(self, body: str) -> str:
        return signed_events.must_be_read(body)

    def said(self, spec: LinkSpec, answer: str, now: datetime) -> bytes:
        """The event that follows from what the payer chose (pay, decline, slow, arrived, failed), and a note of it in
        the books. Raises ValueError for another answer."""
        seconds = int(now.timestamp())
        raw = json.dumps(self._event(spec, answer, seconds)).encode()
        self._said.append((seconds, signed_events.read_event(raw)))
        return raw

    def _event(self, spec: LinkSpec, answer: str, seconds: int) -> dict[str, Any]:
        if answer == "decline":
            kind, about = signed_events.DECLINED, self._intent(spec)
        elif answer in ANSWERS:
            kind, status = ANSWERS[answer]
            about = self._session(spec, status)
        else:
            raise ValueError("There is no such answer.")
        return {
            "id": f"sim_evt_{uuid.uuid4().hex}",
            "object": "event",
            "type": kind,
            "created": seconds,
            "livemode": False,
            "data": {"object": about},
        }

    def _session(self, spec: LinkSpec, status: str) -> dict[str, Any]:
        return {
            "id": f"sim_cs_{spec.request_uuid}",
            "object": "checkout.session",
            "payment_intent": f"sim_pi_{spec.request_uuid}",
            "payment_link": self._link(spec.request_uuid).provider_ref,
            "amount_total": sent_amount(spec.amount_minor, spec.currency),
            "currency": spec.currency.lower(),
            "payment_status": status,
            "status": "complete",
            "livemode": False,
            "metadata": spec.reference(),
        }

    def _intent(self, spec: LinkSpec) -> dict[str, Any]:
        return {
            "id": f"sim_pi_{spec.request_uuid}",
            "object": "payment_intent",
            "amount": sent_amount(spec.amount_minor, spec.currency),
            "currency": spec.currency.lower(),
            "status": "requires_payment_method",
            "livemode": False,
            "metadata": spec.reference(),
        }
