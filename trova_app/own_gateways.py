"""A practice's own gateway: the client made from its stored key, kept for as long as the process lives."""

from functools import lru_cache
from typing import Any, cast

from sqlmodel import Session

from trova_app.domain.gateways import Gateway, NewEndpoint, WebhookSetUp
from trova_app.services.gateway_accounts import Connection
from trova_app.settings import Settings, settings


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


def instance_of(db: Session) -> str:
    """This installation's name at Stripe, made on first need; also what its links carry."""
    from trova_app.outside import outside

    return outside().endpoint(db, "stripe").public_id
