"""Paystack: a second real gateway, for where Stripe does not serve practices, such as South Africa.

NOT VERIFIED AGAINST THE LIVE SERVICE. Written from Paystack's public API description and tested against a stand-in made
from it. What is different from Stripe and what follows from it:

- A transaction's page is good for one payment and cannot be closed by us: its public API has no call for that
  (docs/decisions/0017). So the link is an address of our own (`open`), and each visit to it begins a transaction
  (`press`), after a look whether an earlier one was paid. A page that was open when its link was closed may still be
  paid for a while, so it is asked about by its reference for weeks, and NO LINK IS OPENED WITH A LIVE KEY; an account
  that had one before is still looked through.
- Lists know an entry by the day it was made, not by when it changed: refunds and disputes that are not final are read
  again by their payment.
- A transaction is known by our reference, `<request>-<n>` for the n-th press. There is no idempotency key: the
  reference is one, as Paystack refuses it a second time.
- Paystack wants a mail address. It gets an invented one of ours, never the client's.
- Events carry no time, so an old one cannot be told from a new one. Their facts say what stands, so hearing one again
  does no harm. They are signed with the account's own key: HMAC-SHA512 of the raw body.

Amounts are whole subunits (cents).
"""

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from trova_app.adapters import paystack_facts as told
from trova_app.adapters.paystack_calls import TRIES, Calls, Duplicate, NotThere
from trova_app.domain.gateways import (
    AlreadyPaid,
    BadEvent,
    Capabilities,
    Closed,
    Fact,
    GatewayEvent,
    GatewayTrouble,
    Incoming,
    LinkRef,
    LinkSpec,
    OpenedLink,
    Page,
    RefundFact,
    RefundSpec,
    TooManyPages,
    sent_amount,
)

CURRENCIES = frozenset({"ZAR", "USD"})
MOST_PRESSES = 50
PER_PAGE = 100
MARGIN = timedelta(days=3)  # transactions are listed by when they were begun, which may be well before they were paid
LISTS = ("/transaction", "/refund", "/dispute")
ALREADY = "This has been paid already, or a payment of it is on its way."
TOO_MANY = (
    "The way to pay was opened too many times without being paid, so it is offered no more. Correct the invoice to ask"
    " anew, or take the payment another way."
)
ONLY_TEST = "Paystack cannot close a payment page that is already open, so nothing is asked for with a live key."
NOT_OFFERED = "Paystack is offered here for ZAR and USD."
NOT_OURS = "Paystack does not know this payment."
REQUEST = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class PaystackLinks:
    """One account. `address` points it at another server that speaks Paystack's API, `pause` waits between the at most
    `tries` tries of a call."""

    name = "paystack"
    account_ref = ""
    signature_header = "x-paystack-signature"
    key_mark = ""
    capabilities = Capabilities(cancel_link=False, list_changes=False)

    def __init__(
        self, key: str, address: str = "", pause: Callable[[float], None] = time.sleep, tries: int = TRIES
    ) -> None:
        self.is_live = key.startswith("sk_live_")
        self._calls = Calls(key, address, pause, tries)

    def check_key(self) -> str:
        """One harmless call. Paystack does not say whose account it is: ""."""
        self._calls.get("/transaction", perPage=1)
        return ""

    def open(self, spec: LinkSpec) -> OpenedLink:
        """Nothing is made before somebody presses Pay, so there is no address yet. Raises ValueError for what cannot be
        charged, `GatewayTrouble` with a live key."""
        reference_of(spec.request_uuid, 1)
        self._must_not_be_live()
        if spec.currency not in CURRENCIES:
            raise ValueError(NOT_OFFERED)
        sent_amount(spec.amount_minor, spec.currency)
        return OpenedLink(spec.request_uuid, "")

    def press(self, spec: LinkSpec) -> str:
        """The address of a page at Paystack, for one payment of this request. Raises `GatewayTrouble`."""
        self._must_not_be_live()
        presses = self._presses(spec.request_uuid)
        if any(told.is_paid_or_on_its_way(press) for press in presses):
            raise GatewayTrouble(ALREADY, is_permanent=False)
        for n in range(len(presses) + 1, MOST_PRESSES + 1):
            try:
                made = self._calls.post_again("/transaction/initialize", transaction_params(spec, n))
            except Duplicate:
                continue  # its answer was lost: nobody ever had that page's address
            return str(made["data"]["authorization_url"])
        raise TooManyPages(TOO_MANY, is_permanent=True)

    def _must_not_be_live(self) -> None:
        if self.is_live:
            raise GatewayTrouble(ONLY_TEST, is_permanent=True)

    def open_again(self, spec: LinkSpec, *, is_last_look: bool) -> OpenedLink:
        return self.open(spec)

    def find(self, request_uuid: str) -> OpenedLink | None:
        """Always None: the link is our own, so its name is never forgotten."""
        return None

    def _presses(self, request_uuid: str) -> list[dict[str, Any]]:
        """The transactions begun for one request, the earliest first."""
        found: list[dict[str, Any]] = []
        for n in range(1, MOST_PRESSES + 1):
            press = self._transaction(reference_of(request_uuid, n))
            if press is None:
                break
            found.append(press)
        return found

    def _transaction(self, reference: str) -> dict[str, Any] | None:
        try:
            about = self._calls.get(f"/transaction/verify/{reference}").get("data")
        except NotThere:
            return None
        return about if isinstance(about, dict) else None

    def close(self, link: LinkRef) -> Closed | AlreadyPaid:
        """Paystack cannot close a page. Our own page leads there no more; what was paid is told, and whether somebody
        may have a page open."""
        presses = self._presses(link.request_uuid)
        paid = _payments(presses)
        return AlreadyPaid(tuple(paid)) if paid else Closed(has_open_pages=bool(presses))

    def read(self, link: LinkRef) -> list[Fact]:
        payments = _payments(self._presses(link.request_uuid))
        return [*payments, told.request_fact(link, is_live=self.is_live, is_paid=bool(payments))]

    def read_payment(self, provider_payment_id: str) -> list[Fact]:
        about = self._transaction(provider_payment_id) if told.REFERENCE.fullmatch(provider_payment_id) else None
        payment = told.payment_fact(about or {})
        if payment is None or about is None:
            return []
        refunds = [told.refund_fact(one) for one in self._refunds(about["id"], provider_payment_id)]
        disputes = self._all("/dispute", transaction=str(about["id"]))
        return [payment, *filter(None, refunds), *filter(None, map(told.dispute_fact, disputes))]

    def _refunds(self, transaction_id: int, reference: str) -> list[dict[str, Any]]:
        rows = self._all("/refund", transaction=str(transaction_id))
        return [row for row in rows if told.is_refund_of(row, transaction_id, reference)]

    def _all(self, path: str, **query: str) -> list[dict[str, Any]]:
        rows, page = [], 1
        while page:
            said = self._calls.get(path, perPage=PER_PAGE, page=page, **query)
            rows += told.rows_of(said)
            page = page + 1 if told.has_more(said, page) else 0
        return rows

    def list_facts(self, since: datetime, cursor: str | None) -> Page:
        """Transactions, then refunds, then disputes. `cursor`: "<which list>:<page>"."""
        which, page = (int(part) for part in (cursor or "0:1").split(":"))
        start = (since - MARGIN).strftime("%Y-%m-%dT%H:%M:%SZ")
        said = self._calls.get(LISTS[which], perPage=PER_PAGE, page=page, **{"from": start})
        items = [one for row in told.rows_of(said) if (one := self._incoming(which, row))]
        moments = [fact.when for one in items for fact in one.facts if fact.when]
        return Page(tuple(items), _next(which, page, told.has_more(said, page)), max(moments, default=None))

    def _incoming(self, which: int, row: dict[str, Any]) -> Incoming | None:
        fact = (told.payment_fact, told.refund_fact, told.dispute_fact)[which](row)
        if fact is None:
            return None
        return Incoming(told.listed_event(which, row), (fact,))

    def refund(self, spec: RefundSpec) -> RefundFact:
        """Looks first whether it was asked for already: our name for it stands in the note only the practice sees."""
        about = self._transaction(spec.provider_payment_id)
        if about is None:
            raise GatewayTrouble(NOT_OURS, is_permanent=True)
        note = told.note_of(spec.refund_uuid)
        for row in self._refunds(about["id"], spec.provider_payment_id):
            if row.get("merchant_note") == note:
                return told.must_be_refund(row, spec)
        body = {
            "transaction": spec.provider_payment_id,
            "amount": spec.amount_minor,
            "currency": spec.currency,
            "merchant_note": note,
        }
        return told.must_be_refund(self._calls.post_once("/refund", body).get("data"), spec)

    def parse_event(self, raw: bytes, header: str, secrets: tuple[str, ...], now: datetime) -> GatewayEvent:
        """`header`: x-paystack-signature; `secrets`: the account's keys. There is no time to check `now` against."""
        must_be_signed(raw, header, secrets)
        return told.read_event(raw)

    def facts_of(self, body: str) -> list[Fact]:
        return told.facts_of(body)

    def must_be_read(self, body: str) -> str:
        return told.must_be_read(body)


def _payments(presses: list[dict[str, Any]]) -> list[Fact]:
    return [fact for press in presses if (fact := told.payment_fact(press))]


def _next(which: int, page: int, has_more: bool) -> str | None:
    if has_more:
        return f"{which}:{page + 1}"
    return f"{which + 1}:1" if which + 1 < len(LISTS) else None


def reference_of(request_uuid: str, n: int) -> str:
    """ValueError for what is no request of ours: it becomes part of an address at Paystack."""
    if not REQUEST.fullmatch(request_uuid):
        raise ValueError("a request is named by a uuid")
    return f"{request_uuid}-{n}"


def transaction_params(spec: LinkSpec, n: int) -> dict[str, Any]:
    """What Paystack is asked: a pure function of the stored request and the number of the press."""
    reference = reference_of(spec.request_uuid, n)
    return {
        "email": f"{spec.request_uuid}@{_mail_domain(spec.return_url)}",
        "amount": spec.amount_minor,
        "currency": spec.currency,
        "reference": reference,
        "label": spec.label,
        "callback_url": f"{spec.return_url}?session={reference}",
        "metadata": {**spec.reference(), "cancel_action": spec.return_url},
    }


def _mail_domain(url: str) -> str:
    """Our own host where it can stand in a mail address, else a name nobody has."""
    host = urlsplit(url).hostname or ""
    return host if re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", host) else "example.com"


def must_be_signed(raw: bytes, header: str, secrets: tuple[str, ...]) -> None:
    """Raises `BadEvent` unless the signature fits one of the secrets."""
    wanted = [hmac.new(secret.encode(), raw, hashlib.sha512).hexdigest() for secret in secrets if secret]
    if not any(hmac.compare_digest(one.encode(), header.encode()) for one in wanted):
        raise BadEvent("the signature does not fit")
