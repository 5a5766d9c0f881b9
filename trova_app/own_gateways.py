"""A practice's own gateway: the client made from its stored key, kept for as long as the process lives."""

import uuid
from functools import lru_cache
from typing import Any, Protocol, cast, runtime_checkable

from trova_app.domain.gateways import SMALLEST_SENT, Gateway, LinkSpec, NewEndpoint, WebhookSetUp, kept_amount
from trova_app.services.gateway_accounts import Connection
from trova_app.settings import Settings, settings

TEST_AMOUNT = 2000  # R 20,00: above what gateways take at least in the currencies we know


@runtime_checkable
class OpensLate(Protocol):
    """A gateway whose pages are good for one visit: its link is `/pay/{token}/now`, and each visit there begins one."""

    def press(self, spec: LinkSpec) -> str:
        """Where to send the payer. Raises `GatewayTrouble`."""
        ...


@lru_cache(maxsize=256)
def _made(provider: str, key: str, address: str, account_ref: str) -> Any:
    if provider == "stripe":
        from trova_app.adapters.stripe_links import StripeLinks

        return StripeLinks(key, address, account_ref)
    if provider == "paystack":
        from trova_app.adapters.paystack import PaystackLinks

        return PaystackLinks(key, address)
    raise ValueError(f"{provider!r} is no gateway")


def gateway_with(chosen: Settings, provider: str, key: str, account_ref: str = "") -> Gateway:
    address = chosen.stripe_api_base if provider == "stripe" else chosen.paystack_api_base
    return cast(Gateway, _made(provider, key, address, account_ref))


def tried_key(chosen: Settings, provider: str, key: str) -> str:
    """One harmless call with the key; the account's name at the gateway, "" where the key may not read it. Raises
    `GatewayTrouble`."""
    return cast(WebhookSetUp, gateway_with(chosen, provider, key)).check_key()


def endpoint_made(held: Connection, url: str, instance: str) -> NewEndpoint:
    """Tells the gateway where to send its events, in place of what we told it before. Raises `GatewayTrouble`."""
    gateway = gateway_with(settings(), held.provider, held.key, held.account_ref)
    return cast(WebhookSetUp, gateway).connect_webhooks(url, instance)


def endpoint_gone(held: Connection) -> None:
    """Raises `GatewayTrouble`."""
    if held.endpoint_ref:
        gateway = gateway_with(settings(), held.provider, held.key, held.account_ref)
        cast(WebhookSetUp, gateway).disconnect_webhooks(held.endpoint_ref)


def test_link(held: Connection, currency: str, return_url: str) -> str:
    """The address of a link over the smallest amount, for somebody to try with the gateway's test card. Its events are
    nobody's: it carries no reference of ours. Raises `GatewayTrouble`, or ValueError where it cannot be charged."""
    name = str(uuid.uuid4())
    spec = LinkSpec(
        request_uuid=name,
        idempotency_key=f"trova/test/{name}",
        amount_minor=kept_amount(SMALLEST_SENT.get(currency, TEST_AMOUNT), currency),
        currency=currency,
        label="Test payment",
        instance="test payment",
        practice=str(held.practice_id),
        invoice="none",
        return_url=return_url,
    )
    gateway = gateway_with(settings(), held.provider, held.key, held.account_ref)
    return gateway.press(spec) if isinstance(gateway, OpensLate) else gateway.open(spec).url
