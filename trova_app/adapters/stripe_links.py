"""Stripe Payment Links, one for each payment request: the only module that speaks to Stripe.

The client is told everything that Stripe's own defaults leave open: a bare one waits 80 s and does not try twice.
Stripe learns the amount, one neutral line ("Invoice INV-0042") and our own references; no name, no service, no code.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import stripe

from trova_app.adapters import signed_events
from trova_app.domain.gateways import (
    GatewayEvent,
    GatewayTrouble,
    LinkSpec,
    OpenedLink,
    PaymentFact,
    kept_amount,
    sent_amount,
)

T = TypeVar("T")

CONNECT_SECONDS, ANSWER_SECONDS = 4, 10
RETRIES = 2
MOST_LINKS_LOOKED_AT = 1000
INACTIVE = "This payment request was replaced or settled. Please use the newest message from your practice."
NO_ANSWER = "Stripe did not answer. We will try again."
BUSY = "Stripe asked us to wait. We will try again."
KEY_REFUSED = "Stripe did not accept the key in STRIPE_API_KEY. Put in a valid restricted key and try again."
REFUSED = "Stripe refused to make this payment link."
NOT_THE_SAME = "Stripe's link is not over the amount of the invoice, so it was not sent."


class StripeLinks:
    """Raises ValueError for a live key: links cannot be closed after an edit yet, so no real money may move.

    `api_base` points the client at another server that speaks Stripe's API. `account_ref` is "" for the key's own
    account. Safe to share over threads.
    """

    name = "stripe"
    account_ref = ""

    def __init__(self, key: str, api_base: str = "") -> None:
        if "_live_" in key:
            raise ValueError("Live Stripe keys are not accepted yet: links could not be closed after an edit.")
        stripe.enable_telemetry = False
        stripe.set_app_info("Trova")
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": api_base} if api_base else None,
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
        )

    def open(self, spec: LinkSpec) -> OpenedLink:
        """Raises `GatewayTrouble`; permanent only where Stripe has definitely said no."""
        params = link_params(spec)
        options: Any = {"idempotency_key": spec.idempotency_key}
        link = _asking(lambda: self._client.v1.payment_links.create(params, options))
        lines = _asking(lambda: self._client.v1.payment_links.line_items.list(link.id, {"limit": 2}))
        _must_be_over(lines.data, spec)
        return OpenedLink(link.id, link.url)

    def find(self, request_uuid: str) -> OpenedLink | None:
        """Looks through the account's newest active links for the one that carries our reference."""
        return _asking(lambda: self._find(request_uuid))

    def _find(self, request_uuid: str) -> OpenedLink | None:
        page = self._client.v1.payment_links.list({"active": True, "limit": 100})
        for seen, link in enumerate(page.auto_paging_iter()):
            if seen >= MOST_LINKS_LOOKED_AT:
                return None
            if link.to_dict().get("metadata", {}).get("trova_request") == request_uuid:
                return OpenedLink(link.id, link.url)
        return None

    def read(self, provider_ref: str) -> list[PaymentFact]:
        """The facts of all checkout sessions of the link, by asking."""
        return _asking(lambda: self._read(provider_ref))

    def _read(self, provider_ref: str) -> list[PaymentFact]:
        page = self._client.v1.checkout.sessions.list({"payment_link": provider_ref, "limit": 100})
        facts = [_session_fact(session.to_dict()) for session in page.auto_paging_iter()]
        return [fact for fact in facts if fact]

    def parse_event(self, raw: bytes, header: str, secrets: tuple[str, ...], now: datetime) -> GatewayEvent:
        signed_events.must_be_signed(raw, header, secrets, now)
        return signed_events.read_event(raw)

    def facts_of(self, body: str) -> list[PaymentFact]:
        return signed_events.facts_of(self.name, body)


def link_params(spec: LinkSpec) -> Any:
    """What Stripe is asked: a pure function of the stored request. ValueError where the amount cannot be charged."""
    price = {
        "currency": spec.currency.lower(),
        "unit_amount": sent_amount(spec.amount_minor, spec.currency),
        "product_data": {"name": spec.label},
    }
    return {
        "line_items": [{"quantity": 1, "price_data": price}],
        "restrictions": {"completed_sessions": {"limit": 1}},
        "submit_type": "pay",
        "customer_creation": "if_required",
        "metadata": spec.reference(),
        "payment_intent_data": {"description": spec.label, "metadata": spec.reference()},
        "after_completion": {
            "type": "redirect",
            "redirect": {"url": f"{spec.return_url}?session={{CHECKOUT_SESSION_ID}}"},
        },
        "inactive_message": INACTIVE,
    }


def _must_be_over(lines: list[Any], spec: LinkSpec) -> None:
    """What the payer will be asked is read back before anything is mailed."""
    shown = [(kept_amount(line.amount_total, line.currency.upper()), line.currency.upper()) for line in lines]
    if shown != [(spec.amount_minor, spec.currency)]:
        raise GatewayTrouble(NOT_THE_SAME, is_permanent=True)


def _session_fact(session: dict[str, Any]) -> PaymentFact | None:
    """A complete session as a fact. One that is complete and unpaid is on its way, or was, which its events tell."""
    kept = signed_events.kept_of(session)
    if kept.get("status") != "complete":
        return None
    state = signed_events.SESSION_STATES["checkout.session.completed"].get(kept.get("payment_status", ""))
    return state and signed_events.fact_of("stripe", "", kept["livemode"] is True, kept, state)


def _asking(call: Callable[[], T]) -> T:
    """Tells what will pass from what will not. Stripe's own sentences stay out: they may quote what was sent."""
    try:
        return call()
    except (stripe.AuthenticationError, stripe.PermissionError) as refusal:
        raise GatewayTrouble(_with_id(KEY_REFUSED, refusal), is_permanent=True) from None
    except stripe.RateLimitError as refusal:
        raise GatewayTrouble(_with_id(BUSY, refusal), is_permanent=False) from None
    except stripe.IdempotencyError as refusal:
        raise GatewayTrouble(_with_id(REFUSED, refusal), is_permanent=True) from None
    except stripe.InvalidRequestError as refusal:
        raise GatewayTrouble(_with_id(_with_code(REFUSED, refusal), refusal), is_permanent=True) from None
    except stripe.StripeError as failure:
        raise GatewayTrouble(_with_id(NO_ANSWER, failure), is_permanent=False) from None


def _with_code(sentence: str, refusal: stripe.StripeError) -> str:
    return f"{sentence} Its reason: {refusal.code}." if refusal.code else sentence


def _with_id(sentence: str, refusal: stripe.StripeError) -> str:
    """Stripe's own number for the call, for asking Stripe about it."""
    return f"{sentence} ({refusal.request_id})" if refusal.request_id else sentence
