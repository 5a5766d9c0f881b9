"""Payment gateways by shape, and the plain values that cross: a link to open, a link opened, a fact about money.

What a gateway is told is in `LinkSpec`, and nothing there names a person or says anything about health.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from trova_app.domain.money import CURRENCIES

FactState = Literal["pending", "succeeded", "failed", "declined"]

# Decimals a gateway of Stripe's kind counts in, where they differ from ISO 4217 or end in forced zeros
# (docs.stripe.com/currencies). Value: (decimals sent, what the sent number must be divisible by).
STRIPE_DECIMALS = {"JPY": (0, 1), "KWD": (3, 10)}
LARGEST_SENT = 99_999_999  # eight digits
SMALLEST_SENT = {"USD": 50, "EUR": 50, "GBP": 30, "AUD": 50, "NZD": 50, "CAD": 50, "CHF": 50, "JPY": 50}


@dataclass(frozen=True)
class LinkSpec:
    """One link to pay exactly this amount, in minor units, once. A pure function of the stored request, so that a
    second try under the same key is word for word the first."""

    request_uuid: str
    idempotency_key: str
    amount_minor: int
    currency: str
    label: str
    """ "Invoice INV-0042": the only words the payer sees at the gateway."""
    instance: str
    practice: str
    invoice: str
    return_url: str

    def reference(self) -> dict[str, str]:
        """Our names for it, carried by everything that follows from the link."""
        return {
            "trova_instance": self.instance,
            "trova_practice": self.practice,
            "trova_invoice": self.invoice,
            "trova_request": self.request_uuid,
        }


@dataclass(frozen=True)
class OpenedLink:
    provider_ref: str
    url: str


@dataclass(frozen=True)
class PaymentFact:
    """What a gateway says about money for one request. `declined` is a card's no: the payer may try again."""

    provider: str
    account_ref: str
    provider_payment_id: str
    instance: str
    request_uuid: str
    amount_minor: int
    currency: str
    state: FactState
    is_live: bool


@dataclass(frozen=True)
class GatewayEvent:
    """An event as a gateway sent it. `body` is JSON of the few fields we keep: ids, amounts, states, our references."""

    event_id: str
    type: str
    account_ref: str
    is_live: bool
    body: str


class BadEvent(ValueError):
    """The event is not from the gateway, too old, or not readable. Nothing of it may be kept."""


class GatewayTrouble(Exception):
    """The gateway did not do it. `is_permanent`: the same call cannot succeed. `sentence` names no person."""

    def __init__(self, sentence: str, *, is_permanent: bool) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.is_permanent = is_permanent


class Gateway(Protocol):
    """Makes links to pay and tells what became of them. `name` is the provider as stored with requests."""

    name: str

    def open(self, spec: LinkSpec) -> OpenedLink:
        """Opens the link, or returns the one already opened under the same key. Raises `GatewayTrouble`."""
        ...

    def find(self, request_uuid: str) -> OpenedLink | None:
        """The open link of this request, for when its key may have been forgotten. Raises `GatewayTrouble`."""
        ...

    def read(self, provider_ref: str) -> list[PaymentFact]:
        """What is known of the link's payments, by asking. Raises `GatewayTrouble`."""
        ...

    def parse_event(self, raw: bytes, header: str, secrets: tuple[str, ...], now: datetime) -> GatewayEvent:
        """Checks the signature and keeps what we need. Raises `BadEvent`."""
        ...

    def facts_of(self, body: str) -> list[PaymentFact]:
        """The facts in a kept event's body; none for an event that does not concern us."""
        ...


def sent_amount(minor: int, currency: str) -> int:
    """Our minor units as the whole number a gateway is sent. ValueError with a sentence where it cannot be charged
    exactly as it stands."""
    if currency not in CURRENCIES:
        raise ValueError(f"Online payment in {currency} is not offered.")
    decimals, step = STRIPE_DECIMALS.get(currency, (CURRENCIES[currency], 1))
    sent: int = minor * 10 ** (decimals - CURRENCIES[currency])
    if sent % step:
        raise ValueError(f"Online payment in {currency} needs an amount that ends in 0.")
    if sent < SMALLEST_SENT.get(currency, 1):
        raise ValueError("The amount is too small to be paid online.")
    if sent > LARGEST_SENT:
        raise ValueError("The amount is too large to be paid online in one payment.")
    return sent


def kept_amount(sent: int, currency: str) -> int:
    """A gateway's whole number as our minor units. ValueError for a currency we do not bill in or a fraction."""
    if currency not in CURRENCIES or type(sent) is not int:
        raise ValueError(f"{currency!r} is not a currency we bill in")
    decimals, _ = STRIPE_DECIMALS.get(currency, (CURRENCIES[currency], 1))
    top: int = sent * 10 ** CURRENCIES[currency]
    kept, rest = divmod(top, 10**decimals)
    if rest:
        raise ValueError(f"{sent} has more decimals than {currency}")
    return int(kept)


def why_not_online(minor: int, currency: str) -> str:
    """The reason an amount cannot be paid online, as a sentence for the person; "" where it can."""
    try:
        sent_amount(minor, currency)
    except ValueError as reason:
        return str(reason)
    return ""
