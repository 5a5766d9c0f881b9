"""How what Stripe has to tell reaches the endpoints that were made there: real POSTs, signed with each endpoint's own
secret, again until they are answered with 2xx. With switches for what goes wrong on the way."""

import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx
import stripe

Row = dict[str, Any]
DUPLICATE = "duplicate"
"""Each twice, at the same time."""
REORDER = "reorder"
"""Held until `release`, then the last one first."""
NEVER = "never deliver"
TRIES, PAUSE = 60, 0.1  # Stripe tries for three days


@dataclass
class Post:
    """`endpoints`: as the account holds them now. `roads`: where an address on the internet lies on this machine; one
    that is not among them is nowhere. `slow`: seconds each is on its way. `answers`: (event, status) of every try, 0
    where nobody answered."""

    endpoints: Callable[[], Iterable[Row]]
    roads: dict[str, str] = field(default_factory=dict)
    switch: str = ""
    slow: float = 0
    answers: list[tuple[str, int]] = field(default_factory=list)
    _held: list[Callable[[], None]] = field(default_factory=list)
    _under_way: list[threading.Thread] = field(default_factory=list)

    def clear(self) -> None:
        self.settle()
        self.switch, self.slow = "", 0
        for kept in (self.roads, self.answers, self._held):
            kept.clear()

    def take(self, event: Row) -> None:
        """To every endpoint that asked for its kind, in the version of the API that it was made for."""
        for endpoint in self.endpoints():
            if event["type"] in endpoint["enabled_events"] and self.switch != NEVER:
                body = json.dumps(event | {"api_version": endpoint["api_version"] or event.get("api_version")})
                self._hand_over(lambda to=endpoint, raw=body: self._carry(event["id"], to["url"], to["secret"], raw))

    def _hand_over(self, carry: Callable[[], None]) -> None:
        if self.switch == REORDER:
            self._held.append(carry)
            return
        for _ in range(2 if self.switch == DUPLICATE else 1):
            carrier = threading.Thread(target=carry, daemon=True)
            self._under_way.append(carrier)
            carrier.start()

    def release(self) -> None:
        """From now on at once."""
        self.switch = ""
        while self._held:
            self._held.pop()()

    def settle(self) -> None:
        """Until all that is under way was taken, or given up."""
        while self._under_way:
            self._under_way.pop().join()

    def _carry(self, event_id: str, url: str, secret: str, body: str) -> None:
        time.sleep(self.slow)
        for _ in range(TRIES):
            status = self._tried(url, secret, body)
            self.answers.append((event_id, status))
            if 200 <= status < 300:
                return
            time.sleep(PAUSE)

    def _tried(self, url: str, secret: str, body: str) -> int:
        road = next((url.replace(public, here, 1) for public, here in self.roads.items() if url.startswith(public)), "")
        signature = stripe.WebhookSignature.generate_signature_header(body, secret)
        try:
            return httpx.post(road, content=body, headers={"stripe-signature": signature}).status_code
        except httpx.TransportError:
            return 0
