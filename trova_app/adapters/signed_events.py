"""Events in Stripe's form: their signature, the few fields of them we keep, and the facts in those.

Signature (docs.stripe.com/webhooks/signatures): the header holds `t=<unix seconds>` and one or more `v1=<hex>`, each
the HMAC-SHA256 of "<t>.<body>" under one of the endpoint's secrets.
"""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from trova_app.domain.gateways import BadEvent, FactState, GatewayEvent, PaymentFact, kept_amount

TOLERANCE_SECONDS = 300
KEPT: tuple[str, ...] = ("id", "object", "amount", "amount_total", "created", "currency", "livemode")
KEPT += ("payment_intent", "payment_link", "payment_status", "status")
OURS = ("trova_instance", "trova_practice", "trova_invoice", "trova_request")
SESSION_STATES: dict[str, dict[str, FactState]] = {
    "checkout.session.completed": {"paid": "succeeded", "unpaid": "pending"},
    "checkout.session.async_payment_succeeded": {"paid": "succeeded"},
    "checkout.session.async_payment_failed": {"unpaid": "failed"},
}
DECLINED = "payment_intent.payment_failed"
DECLINED_STATE: FactState = "declined"


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


def read_event(raw: bytes) -> GatewayEvent:
    """The event with only the fields we need: no name, address or e-mail of the payer stays. Raises `BadEvent`."""
    try:
        event = json.loads(raw)
        about = event["data"]["object"]
        kept: dict[str, Any] = {"type": _text(event["type"]), "account": _text(event.get("account") or "")}
        kept["object"] = kept_of(about)
        kept["livemode"] = event["livemode"] is True
        return GatewayEvent(
            event_id=_text(event["id"]),
            type=kept["type"],
            account_ref=kept["account"],
            is_live=kept["livemode"],
            body=json.dumps(kept, sort_keys=True),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadEvent("not an event") from None


def kept_of(about: dict[str, Any]) -> dict[str, Any]:
    """The whitelisted fields; an expanded object is reduced to its id."""
    kept = {name: _plain(about[name]) for name in KEPT if name in about}
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


def facts_of(provider: str, body: str) -> list[PaymentFact]:
    """What a kept event says about money for a request of ours; nothing for other events and other people's objects."""
    event = json.loads(body)
    about = event["object"]
    state = DECLINED_STATE if event["type"] == DECLINED else _session_state(event["type"], about)
    fact = state and fact_of(provider, event["account"], event["livemode"], about, state)
    return [fact] if fact else []


def _session_state(event_type: str, session: dict[str, Any]) -> FactState | None:
    return SESSION_STATES.get(event_type, {}).get(session.get("payment_status", ""))


def fact_of(
    provider: str, account_ref: str, is_live: bool, about: dict[str, Any], state: FactState
) -> PaymentFact | None:
    """The fact in a kept checkout session or payment intent; None without our reference or an amount we understand."""
    reference = about["metadata"]
    is_session = about.get("object") == "checkout.session"
    payment = about.get("payment_intent") if is_session else about.get("id")
    sent = about.get("amount_total") if is_session else about.get("amount")
    if "trova_request" not in reference or not isinstance(payment, str) or type(sent) is not int:
        return None
    currency = str(about.get("currency", "")).upper()
    try:
        amount = kept_amount(sent, currency)
    except ValueError:
        amount = 0  # never what was asked for, so it is set aside and looked at
    return PaymentFact(
        provider=provider,
        account_ref=account_ref,
        provider_payment_id=payment,
        instance=reference.get("trova_instance", ""),
        request_uuid=reference["trova_request"],
        amount_minor=amount,
        currency=currency,
        state=state,
        is_live=is_live,
    )
