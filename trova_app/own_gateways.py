"""A practice's own gateway: the client made from its stored key, kept for as long as the process lives."""

from functools import lru_cache
from typing import Any, cast

from trova_app.domain.gateways import Gateway, WebhookSetUp
from trova_app.settings import Settings

ASKED_ONCE: dict[str, dict[str, int]] = {"stripe": {"retries": 0}, "paystack": {"tries": 1}}


def _new(provider: str, key: str, address: str, **given: Any) -> Any:
    if provider == "stripe":
        from trova_app.adapters.stripe_links import StripeLinks

        return StripeLinks(key, address, **given)
    if provider == "paystack":
        from trova_app.adapters.paystack import PaystackLinks

        return PaystackLinks(key, address, **given)
    raise ValueError(f"{provider!r} is no gateway")


@lru_cache(maxsize=256)
def _kept(provider: str, key: str, address: str, account_ref: str) -> Any:
    return _new(provider, key, address, **({"account_ref": account_ref} if provider == "stripe" else {}))


def gateway_with(chosen: Settings, provider: str, key: str, account_ref: str = "") -> Gateway:
    return cast(Gateway, _kept(provider, key, _address(chosen, provider), account_ref))


def tried_key(chosen: Settings, provider: str, key: str) -> str:
    """One harmless look with the key; the account's name at the gateway, "" where the key may not read it. Somebody
    waits for it, so each call is made once; and a key that was only typed is not kept. Raises `GatewayTrouble`."""
    gateway = _new(provider, key, _address(chosen, provider), **ASKED_ONCE.get(provider, {}))
    return cast(WebhookSetUp, gateway).check_key()


def _address(chosen: Settings, provider: str) -> str:
    return chosen.stripe_api_base if provider == "stripe" else chosen.paystack_api_base
