"""Paystack's API over HTTP: timeouts, further tries of our own, and what its answers mean for us.

Not verified against the live service: written from Paystack's public API description.
"""

import random
import time
from collections.abc import Callable
from typing import Any

import httpx

from trova_app.domain.gateways import GatewayTrouble

ADDRESS = "https://api.paystack.co"
CONNECT_SECONDS, ANSWER_SECONDS = 4, 10
TRIES = 3
FIRST_PAUSE_SECONDS = 0.3
NO_ANSWER = "Paystack did not answer. We will try again."
BUSY = "Paystack asked us to wait. We will try again."
KEY_REFUSED = "Paystack did not accept the key. Put in a valid secret key under Settings, Payments."
REFUSED = "Paystack refused this."
UNREADABLE = "Paystack's answer could not be understood."


class NotThere(Exception):
    """Paystack knows nothing of that name."""


class Duplicate(Exception):
    """A transaction of that reference is there already."""


class Calls:
    """One account at Paystack. Safe to share over threads; `pause` waits between tries."""

    def __init__(
        self, key: str, address: str = "", pause: Callable[[float], None] = time.sleep, tries: int = TRIES
    ) -> None:
        self._pause, self._tries = pause, tries
        self._client = httpx.Client(
            base_url=address or ADDRESS,
            headers={"Authorization": f"Bearer {key}", "User-Agent": "Trova"},
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
        )

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """The whole answer. Raises `NotThere`, or `GatewayTrouble`."""
        return self._until_answered(lambda: self._client.get(path, params=query))

    def post_again(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """For what may be asked twice, as its reference tells the second from the first. Raises `Duplicate`."""
        return self._until_answered(lambda: self._client.post(path, json=body))

    def post_once(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """For what must not be asked again before looking whether it was done."""
        return _answer(self._sent(lambda: self._client.post(path, json=body)))

    def _until_answered(self, send: Callable[[], httpx.Response]) -> dict[str, Any]:
        for n in range(self._tries):
            try:
                return _answer(self._sent(send))
            except GatewayTrouble as trouble:
                if trouble.is_permanent or n == self._tries - 1:
                    raise
            self._pause(FIRST_PAUSE_SECONDS * 2**n * random.uniform(0.5, 1))  # noqa: S311 - chance to spread load
        raise AssertionError

    def _sent(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            return send()
        except httpx.HTTPError:
            raise GatewayTrouble(NO_ANSWER, is_permanent=False) from None


def _answer(reply: httpx.Response) -> dict[str, Any]:
    """Paystack's own sentences stay out: they may quote what was sent."""
    if reply.status_code == 429:
        raise GatewayTrouble(BUSY, is_permanent=False)
    if reply.status_code >= 500:
        raise GatewayTrouble(NO_ANSWER, is_permanent=False)
    if reply.status_code in (401, 403):
        raise GatewayTrouble(KEY_REFUSED, is_permanent=True)
    if reply.status_code == 404:
        raise NotThere
    said = _object(reply)
    if reply.is_success and said.get("status") is True:
        return said
    code = said.get("code")
    if code == "duplicate_reference":
        raise Duplicate
    if code == "transaction_not_found":
        raise NotThere
    reason = f" Its reason: {code}." if isinstance(code, str) and code.replace("_", "").isalnum() else ""
    raise GatewayTrouble(REFUSED + reason, is_permanent=True)


def _object(reply: httpx.Response) -> dict[str, Any]:
    try:
        said = reply.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise GatewayTrouble(UNREADABLE, is_permanent=False)
    return said
