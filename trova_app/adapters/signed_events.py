"""Stripe's objects and events: their signature, the few fields of them we keep, and the facts in those.

Signature (docs.stripe.com/webhooks/signatures): the header holds `t=<unix seconds>` and one or more `v1=<hex>`, each
the HMAC-SHA256 of "<t>.<body>" under one of the endpoint's secrets.
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from trova_app.domain.gateways import (
    BadEvent,
    DisputeFact,
    DisputeFactState,
    Fact,
    FeeFact,
    GatewayEvent,
    PaymentFact,
    PaymentFactState,
    RefundFact,
    RefundFactState,
    RequestFact,
    kept_amount,
)

TOLERANCE_SECONDS = 300
KEPT: tuple[str, ...] = ("id", "object", "amount", "amount_total", "created", "currency", "livemode", "active")
KEPT += ("charge", "payment_intent", "payment_link", "payment_status", "reason", "status")
OURS = ("trova_instance", "trova_practice", "trova_invoice", "trova_request", "trova_refund")
SESSION_STATES: dict[str, dict[str, PaymentFactState]] = {
    "checkout.session.completed": {"paid": "succeeded", "unpaid": "pending"},
    "checkout.session.async_payment_succeeded": {"paid": "succeeded"},
    "checkout.session.async_payment_failed": {"unpaid": "failed"},
}
EXPIRED = "checkout.session.expired"  # an unfinished visit ended: the link stays as it is
DECLINED = "payment_intent.payment_failed"
DECLINED_STATE: PaymentFactState = "declined"
LINK_UPDATED = "payment_link.updated"
REFUND_EVENTS = ("refund.created", "refund.updated", "refund.failed")
REFUND_STATES: dict[str, RefundFactState] = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}
DISPUTE_EVENTS = ("charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed")
DISPUTE_STATES: dict[str, DisputeFactState] = {
    "lost": "lost",
    "won": "won",
    "warning_closed": "won",
    "prevented": "won",
}
INCOME = ("charge", "payment")
"""Entries of a balance that are money coming in: by card, or by anything else."""
ONLY_POINTERS = ("charge.refunded", "charge.dispute.funds_reinstated")
"""They say that something changed; what, has to be read."""
EVENTS = (*SESSION_STATES, EXPIRED, DECLINED, LINK_UPDATED, *REFUND_EVENTS, *DISPUTE_EVENTS, *ONLY_POINTERS)
"""The 14 types we ask for, by webhook and by list."""


def signature(raw: bytes, secret: str, at: datetime) -> str:
    """The header for a body signed at this moment."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},v1={_digest(raw, seconds, secret)}"


def must_be_signed(raw: bytes, header: str, secrets: tuple[str, ...], now: datetime) -> None:
    """Raises `BadEvent` unless one signature fits one secret and was made within five minutes of now either way."""
    parts = [part.partition("=") for part in header.split(",")]
    seconds = next((value for name, _, value in parts if name.strip() == "t"), "")
    given = [value for name, _, value in parts if name.strip() == "v1"]
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        raise BadEvent("no time in the signature")
    wanted = [_digest(raw, seconds, secret) for secret in secrets if secret]
    if not any(hmac.compare_digest(one.encode(), other.encode()) for one in wanted for other in given):
        raise BadEvent("the signature does not fit")
    if abs(now.timestamp() - int(seconds)) > TOLERANCE_SECONDS:
        raise BadEvent("the signature is too old")


def _digest(raw: bytes, seconds: str, secret: str) -> str:
    return hmac.new(secret.encode(), seconds.encode() + b"." + raw, hashlib.sha256).hexdigest()


def read_event(raw: bytes, account_ref: str = "") -> GatewayEvent:
    """The event with only the fields we need: no name, address or e-mail of the payer stays. `account_ref`: whose it
    is where it does not say. Raises `BadEvent`."""
    try:
        return kept_event(json.loads(raw), account_ref)
    except (ValueError, RecursionError):
        raise BadEvent("not an event") from None


def kept_event(event: Any, account_ref: str = "") -> GatewayEvent:
    """The same from an event already decoded. Raises `BadEvent`."""
    try:
        kept: dict[str, Any] = {"type": _text(event["type"]), "account": _text(event.get("account") or account_ref)}
        kept["object"] = kept_of(event["data"]["object"])
        kept["livemode"] = event["livemode"] is True
        kept["created"] = _plain(event.get("created"))
        return GatewayEvent(
            event_id=_text(event["id"]),
            type=kept["type"],
            account_ref=kept["account"],
            is_live=kept["livemode"],
            body=json.dumps(kept, sort_keys=True),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadEvent("not an event") from None


def kept_of(about: dict[str, Any]) -> dict[str, Any]:
    """The whitelisted fields; an expanded object is reduced to its id."""
    kept = {name: _plain(about[name]) for name in KEPT if name in about}
    if isinstance(about.get("evidence_details"), dict):
        kept["due_by"] = _plain(about["evidence_details"].get("due_by"))
    metadata = about.get("metadata") or {}
    return kept | {"metadata": {name: _text(metadata[name]) for name in OURS if name in metadata}}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        value = value["id"]
    if value is not None and not isinstance(value, str | int):
        raise TypeError(type(value).__name__)
    return value if not isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 500 or not value.isprintable():
        raise TypeError("text")
    return value


def facts_of(provider: str, body: str) -> list[Fact]:
    """What a kept event says about money for a request of ours; nothing for other events and other people's objects."""
    event = json.loads(body)
    teller = Teller(provider, event["account"], event["livemode"], event.get("created"))
    fact = teller.fact(event["type"], event["object"])
    return [fact] if fact else []


def must_be_read(body: str) -> str:
    """The payment that an event only points at, "" for an event that says everything itself."""
    event = json.loads(body)
    payment = event["object"].get("payment_intent") if event["type"] in ONLY_POINTERS else ""
    return payment if isinstance(payment, str) else ""


def fee_of(entry: dict[str, Any]) -> FeeFact | None:
    """From an entry of the account's balance whose source is expanded; None for one that is about no payment, or in a
    currency we do not bill in."""
    charge, fee = entry.get("source"), entry.get("fee")
    if entry.get("type") not in INCOME or not isinstance(charge, dict) or type(fee) is not int or fee < 0:
        return None
    try:
        payment, currency = _plain(charge.get("payment_intent")), _text(entry["currency"]).upper()
        return FeeFact(payment, kept_amount(fee, currency), currency) if payment else None
    except (ValueError, KeyError, TypeError):
        return None


def moment(seconds: Any) -> datetime | None:
    """Unix seconds as a moment; None for anything else."""
    return datetime.fromtimestamp(seconds, UTC) if type(seconds) is int and 0 < seconds < 2**36 else None


class Teller:
    """Turns kept objects of one account into facts. `created`: of the event, in Unix seconds, for what has none of its
    own: an event about it may come days later, and a look knows no event."""

    def __init__(self, provider: str, account_ref: str, is_live: bool, created: Any = None) -> None:
        self._whose = {"provider": provider, "account_ref": account_ref, "is_live": is_live}
        self._created = created

    def fact(self, event_type: str, about: dict[str, Any]) -> Fact | None:
        """The one fact in an event; None where it concerns nothing of ours."""
        if event_type == DECLINED:
            return self.payment(about, DECLINED_STATE)
        if event_type in SESSION_STATES:
            state = SESSION_STATES[event_type].get(str(about.get("payment_status", "")))
            return self.payment(about, state) if state else None
        if event_type in REFUND_EVENTS:
            return self.refund(about)
        if event_type in DISPUTE_EVENTS:
            return self.dispute(about)
        return self.link(about) if event_type == LINK_UPDATED else None

    def payment(self, about: dict[str, Any], state: PaymentFactState) -> PaymentFact | None:
        """From a checkout session or a payment intent; None without our reference or an amount we understand."""
        is_session = about.get("object") == "checkout.session"
        payment = about.get("payment_intent") if is_session else about.get("id")
        money = self._money(about, "amount_total" if is_session else "amount")
        if "trova_request" not in about["metadata"] or not isinstance(payment, str) or money is None:
            return None
        return PaymentFact(**self._common(about, money), provider_payment_id=payment, state=state)

    def refund(self, about: dict[str, Any]) -> RefundFact | None:
        """None for a refund that names no payment: it is not of a link of ours."""
        money = self._money(about, "amount")
        if not isinstance(about.get("payment_intent"), str) or not isinstance(about.get("id"), str) or money is None:
            return None
        return RefundFact(
            **self._common(about, money),
            provider_refund_id=about["id"],
            provider_payment_id=about["payment_intent"],
            refund_uuid=about["metadata"].get("trova_refund", ""),
            state=REFUND_STATES.get(str(about.get("status")), "pending"),
            reason=str(about.get("reason") or ""),
        )

    def dispute(self, about: dict[str, Any]) -> DisputeFact | None:
        money = self._money(about, "amount")
        if not isinstance(about.get("payment_intent"), str) or not isinstance(about.get("id"), str) or money is None:
            return None
        return DisputeFact(
            **self._common(about, money),
            provider_dispute_id=about["id"],
            provider_payment_id=about["payment_intent"],
            status=str(about.get("status") or ""),
            state=DISPUTE_STATES.get(str(about.get("status")), "open"),
            evidence_due_at=moment(about.get("due_by")),
        )

    def link(self, about: dict[str, Any]) -> RequestFact | None:
        if "trova_request" not in about["metadata"] or not isinstance(about.get("id"), str):
            return None
        return RequestFact(
            **self._common(about, (0, "")),
            provider_ref=about["id"],
            state="active" if about.get("active") is True else "inactive",
        )

    def _common(self, about: dict[str, Any], money: tuple[int, str]) -> dict[str, Any]:
        reference = about["metadata"]
        return self._whose | {
            "instance": reference.get("trova_instance", ""),
            "request_uuid": reference.get("trova_request", ""),
            "amount_minor": money[0],
            "currency": money[1],
            "when": moment(about.get("created") or self._created),
        }

    @staticmethod
    def _money(about: dict[str, Any], field: str) -> tuple[int, str] | None:
        """(minor units, currency). What we cannot count in is 0: never what was asked for, so a person looks at it."""
        sent = about.get(field)
        if type(sent) is not int:
            return None
        currency = str(about.get("currency", "")).upper()
        try:
            return kept_amount(sent, currency), currency
        except ValueError:
            return 0, currency
