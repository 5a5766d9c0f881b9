"""The simulated gateway: the way from link to receipt without money. It never stands in live mode.

It keeps the books of its own process only; what it has to tell arrives as an event, signed and shaped as Stripe's.
"""

import json
import uuid
from datetime import datetime
from typing import Any

from trova_app.adapters import signed_events
from trova_app.domain.gateways import GatewayEvent, LinkSpec, OpenedLink, PaymentFact, sent_amount

ANSWERS = {
    "pay": ("checkout.session.completed", "paid"),
    "slow": ("checkout.session.completed", "unpaid"),
    "arrived": ("checkout.session.async_payment_succeeded", "paid"),
    "failed": ("checkout.session.async_payment_failed", "unpaid"),
}


class SimulatedGateway:
    """Links to our own page `/sim/pay/<request>`, where the payer chooses what is to happen. Raises ValueError in live
    mode: pretended money must never meet a real invoice."""

    name = "simulated"

    def __init__(self, origin: str, mode: str) -> None:
        if mode == "live":
            raise ValueError("The simulated gateway does not run in live mode.")
        self._origin = origin
        self._said: dict[str, list[str]] = {}

    def open(self, spec: LinkSpec) -> OpenedLink:
        sent_amount(spec.amount_minor, spec.currency)
        return self._link(spec.request_uuid)

    def find(self, request_uuid: str) -> OpenedLink | None:
        return self._link(request_uuid)

    def _link(self, request_uuid: str) -> OpenedLink:
        return OpenedLink(f"sim_link_{request_uuid}", f"{self._origin}/sim/pay/{request_uuid}")

    def read(self, provider_ref: str) -> list[PaymentFact]:
        """What was done on the link's page since this process started."""
        return [fact for body in self._said.get(provider_ref, []) for fact in self.facts_of(body)]

    def parse_event(self, raw: bytes, header: str, secrets: tuple[str, ...], now: datetime) -> GatewayEvent:
        signed_events.must_be_signed(raw, header, secrets, now)
        return signed_events.read_event(raw)

    def facts_of(self, body: str) -> list[PaymentFact]:
        return signed_events.facts_of(self.name, body)

    def said(self, spec: LinkSpec, answer: str, now: datetime) -> bytes:
        """The event that follows from what the payer chose (pay, decline, slow, arrived, failed), and a note of it in
        the books. Raises ValueError for another answer."""
        raw = json.dumps(self._event(spec, answer, int(now.timestamp()))).encode()
        if answer != "decline":
            event = signed_events.read_event(raw)
            self._said.setdefault(self._link(spec.request_uuid).provider_ref, []).append(event.body)
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
