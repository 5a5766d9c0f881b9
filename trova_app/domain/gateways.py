"""Payment gateways by shape, and the plain values that cross: a link to open, a link opened, a fact about money.

What a gateway is told is in `LinkSpec` and `RefundSpec`, and nothing there names a person or says anything about
health. What a gateway tells is facts: each is what stands, never a change, so hearing one again or late does no harm.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

from trova_app.domain.money import CURRENCIES

PaymentFactState = Literal["pending", "succeeded", "failed", "declined"]
RefundFactState = Literal["pending", "succeeded", "failed"]
DisputeFactState = Literal["open", "won", "lost"]
RefundReason = Literal["duplicate", "fraudulent", "requested_by_customer"]
FactState = PaymentFactState

# Decimals a gateway of Stripe's kind counts in, where they differ from ISO 4217 or end in forced zeros
# (docs.stripe.com/currencies). Value: (decimals sent, what the sent number must be divisible by).
STRIPE_DECIMALS = {"JPY": (0, 1), "KWD": (3, 10), "UGX": (2, 100), "ISK": (2, 100)}
LARGEST_SENT = 99_999_999  # eight digits
SMALLEST_SENT = {"USD": 50, "EUR": 50, "GBP": 30, "AUD": 50, "NZD": 50, "CAD": 50, "CHF": 50, "JPY": 50}

CANNOT_CANCEL = frozenset({"paystack"})
"""Providers whose page, once it was opened there, nobody can make unpayable: it takes test keys only."""
PAGES_LAST = timedelta(days=60)
"""For how long after its link was closed a page is asked about that may still be paid. Paystack does not say how long
it keeps one."""


@dataclass(frozen=True)
class Capabilities:
    """What a gateway can do; the screen offers nothing it cannot."""

    refunds: bool = True
    partial_refunds: bool = True
    cancel_link: bool = True
    """A link can be made unpayable, also where its page is open. Where it cannot, the payer only gets to it through our
    own page, and after it is closed it is asked about for `PAGES_LAST`."""
    async_methods: bool = False
    """Payments may take days: pending first, then succeeded or failed."""
    durable_link: bool = True
    """The link stays good until it is closed."""
    list_payments: bool = True
    """`list_facts` tells what happened, so that the books are right without a single webhook."""
    list_changes: bool = True
    """It also tells what became of something later. Where it does not, what is not final is asked about by name."""
    list_fees: bool = False
    """What it keeps for itself of each payment can be read: it is a `FeeBook` too."""


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
    """Where the payer is sent afterwards. It stands in the gateway's own pages, so it opens nothing."""

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
    """`url`: where to pay, "" where each visit begins a page of its own (`OpensLate`)."""

    provider_ref: str
    url: str


@dataclass(frozen=True)
class LinkRef:
    """A link that was opened: the gateway's name for it, ours, and what was asked for."""

    provider_ref: str
    request_uuid: str
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class RefundSpec:
    """Money to give back, in minor units; all or part of one payment. `refund_uuid` and key are stored before."""

    refund_uuid: str
    idempotency_key: str
    provider_payment_id: str
    amount_minor: int
    currency: str
    reason: RefundReason
    instance: str
    practice: str
    request_uuid: str

    def reference(self) -> dict[str, str]:
        return {
            "trova_instance": self.instance,
            "trova_practice": self.practice,
            "trova_request": self.request_uuid,
            "trova_refund": self.refund_uuid,
        }


@dataclass(frozen=True)
class PaymentFact:
    """What a gateway says about money for one request. `declined` is a card's no: the payer may try again.
    `account_ref`, in all facts: the gateway's own account, unless the event names another."""

    provider: str
    account_ref: str
    provider_payment_id: str
    instance: str
    request_uuid: str
    amount_minor: int
    currency: str
    state: PaymentFactState
    is_live: bool
    when: datetime | None = None


@dataclass(frozen=True)
class RefundFact:
    """Money given back, from the app (`refund_uuid`) or elsewhere (""). A refund names its payment; `instance` and
    `request_uuid` are "" where somebody gave it back without us. `when`: when it was made there, not when it was
    told."""

    provider: str
    account_ref: str
    provider_refund_id: str
    provider_payment_id: str
    refund_uuid: str
    instance: str
    request_uuid: str
    amount_minor: int
    currency: str
    state: RefundFactState
    reason: str
    is_live: bool
    when: datetime | None = None


@dataclass(frozen=True)
class DisputeFact:
    """A payer's objection at their bank. `status` is the gateway's own word, `state` what it means for the money: an
    unknown word is open. It names its payment; our references are not on it."""

    provider: str
    account_ref: str
    provider_dispute_id: str
    provider_payment_id: str
    amount_minor: int
    currency: str
    status: str
    state: DisputeFactState
    evidence_due_at: datetime | None
    is_live: bool
    when: datetime | None = None
    instance: str = ""
    request_uuid: str = ""


@dataclass(frozen=True)
class RequestFact:
    """Whether a link can be paid at all. Says nothing about why: it may be used up, closed by us or by somebody."""

    provider: str
    account_ref: str
    provider_ref: str
    instance: str
    request_uuid: str
    amount_minor: int
    currency: str
    state: Literal["active", "inactive"]
    is_live: bool
    when: datetime | None = None


Fact = PaymentFact | RefundFact | DisputeFact | RequestFact


@dataclass(frozen=True)
class Closed:
    """Nobody can pay through the link any more, and nobody has. `has_open_pages`: but for somebody who has opened it
    before, at a gateway that cannot cancel that."""

    has_open_pages: bool = False


@dataclass(frozen=True)
class AlreadyPaid:
    """Nobody can pay through the link any more, but somebody has, or a bank payment through it is on its way."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Incoming:
    """What a gateway's list told: one event with its facts, as a webhook would have brought it."""

    event: "GatewayEvent"
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Page:
    """Some of what happened. `cursor` leads to more, None at the end; `newest` is the latest moment on this page."""

    items: tuple[Incoming, ...]
    cursor: str | None
    newest: datetime | None


@dataclass(frozen=True)
class GatewayEvent:
    """An event as a gateway sent it. `body` is JSON of the few fields we keep: ids, amounts, states, our references."""

    event_id: str
    type: str
    account_ref: str
    is_live: bool
    body: str


@dataclass(frozen=True)
class NewEndpoint:
    """A webhook endpoint made at the gateway. `secret` is told only once."""

    endpoint_ref: str
    secret: str


class BadEvent(ValueError):
    """The event is not from the gateway, too old, or not readable. Nothing of it may be kept."""


class GatewayTrouble(Exception):
    """The gateway did not do it. `is_permanent`: the same call cannot succeed. `is_lost`: what was asked about is not
    known under the present key, or there is no key to ask with. `left_open`: the gateway's name for a link that it made
    in this try all the same, and that may still be open; "" where there is none. `sentence` names no person."""

    def __init__(self, sentence: str, *, is_permanent: bool, is_lost: bool = False, left_open: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.is_permanent = is_permanent
        self.is_lost = is_lost
        self.left_open = left_open


class TooManyPages(GatewayTrouble):
    """So many pages were begun for one link that it begins no more."""


class Gateway(Protocol):
    """Makes links to pay and tells what became of them. `name` is the provider as stored with requests. Every call
    outside raises `GatewayTrouble` where it was not done, or not known to be done."""

    name: str
    account_ref: str
    is_live: bool
    key_mark: str
    """Tells one key of the installation's from another, without giving it away; "" where there is none."""
    capabilities: Capabilities
    signature_header: str
    """The request header that signs an event, in lower case."""

    def open(self, spec: LinkSpec) -> OpenedLink:
        """Opens the link, or returns the one already opened under the same key."""
        ...

    def open_again(self, spec: LinkSpec, *, is_last_look: bool) -> OpenedLink:
        """The same where it was asked for before: an open link of this request, if there is one, looked at like a new
        one. On the last look one that cannot be looked at is closed, or named in the trouble, which is permanent."""
        ...

    def find(self, request_uuid: str) -> OpenedLink | None:
        """The open link of this request, to close it where its key may have been forgotten."""
        ...

    def close(self, link: LinkRef) -> Closed | AlreadyPaid:
        """Makes the link unpayable, also for somebody who has its page open (but see `Closed`), then looks once more
        whether it was paid. Doing it again does no harm."""
        ...

    def read(self, link: LinkRef) -> list[Fact]:
        """What is known of the link and its payments, by asking; the link's own state comes last."""
        ...

    def read_payment(self, provider_payment_id: str) -> list[Fact]:
        """A payment with its refunds and disputes, by asking: what stands now. [] for one that is not ours."""
        ...

    def list_facts(self, since: datetime, cursor: str | None) -> Page:
        """What happened in the whole account since then; page by page, in no particular order."""
        ...

    def refund(self, spec: RefundSpec) -> RefundFact:
        """Gives money back, or tells what became of the refund already wanted under the same key."""
        ...

    def parse_event(self, raw: bytes, header: str, secrets: tuple[str, ...], now: datetime) -> GatewayEvent:
        """Checks the signature against every secret and keeps what we need. Raises `BadEvent`."""
        ...

    def facts_of(self, body: str) -> list[Fact]:
        """The facts in a kept event's body; none for an event that does not concern us."""
        ...

    def must_be_read(self, body: str) -> str:
        """The payment an event only points at: its truth has to be asked for with `read_payment`. "" for others."""
        ...


@dataclass(frozen=True)
class FeeFact:
    """What a gateway kept for itself of one payment. It may be in another currency than the payment: the gateway's
    account's."""

    provider_payment_id: str
    fee_minor: int
    currency: str


@dataclass(frozen=True)
class FeePage:
    """`cursor` leads to more, None at the end."""

    fees: tuple[FeeFact, ...]
    cursor: str | None


class FeeBook(Protocol):
    """A gateway that tells its fees."""

    def list_fees(self, since: datetime, cursor: str | None) -> FeePage:
        """The fees of all payments that were booked since then."""
        ...


class WebhookSetUp(Protocol):
    """A gateway that can be told by its API where to send its events."""

    def check_key(self) -> str:
        """One harmless call with the key; the account's name at the gateway."""
        ...

    def endpoints_of(self, instance: str) -> dict[str, str]:
        """What stands there under this name of ours: the gateway's names for them, and where they report."""
        ...

    def make_endpoint(self, url: str, instance: str, idempotency_key: str) -> NewEndpoint:
        """Makes the endpoint, or tells of the one already made under the same key."""
        ...

    def remove_endpoint(self, endpoint_ref: str) -> None:
        """Takes the endpoint away; one that is gone already is fine."""
        ...


@runtime_checkable
class OpensLate(Protocol):
    """A gateway whose pages are good for one visit: each press on Pay (`/pay/{token}/now`) begins one."""

    def press(self, spec: LinkSpec) -> str:
        """Where to send the payer. Raises `GatewayTrouble`: `TooManyPages` where there will be no further one."""
        ...


def sent_amount(minor: int, currency: str) -> int:
    """Our minor units as the whole number a gateway is sent. ValueError with a sentence where it cannot be charged
    exactly as it stands."""
    sent = exactly_sent(minor, currency)
    if sent < SMALLEST_SENT.get(currency, 1):
        raise ValueError("The amount is too small to be paid online.")
    if sent > LARGEST_SENT:
        raise ValueError("The amount is too large to be paid online in one payment.")
    return sent


def exactly_sent(minor: int, currency: str) -> int:
    """The same without the limits of a charge: a part of one may be given back that could not be charged alone."""
    if currency not in CURRENCIES:
        raise ValueError(f"Online payment in {currency} is not offered.")
    decimals, step = STRIPE_DECIMALS.get(currency, (CURRENCIES[currency], 1))
    sent: int = minor * 10 ** (decimals - CURRENCIES[currency])
    if sent % step:
        raise ValueError(f"Online payment in {currency} needs an amount that ends in 0.")
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
