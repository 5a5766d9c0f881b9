"""Stripe Payment Links, one for each payment request: the only module that speaks to Stripe.

The client is told everything that Stripe's own defaults leave open: a bare one waits 80 s and does not try twice.
Stripe learns the amount, one neutral line ("Invoice INV-0042") and our own references; no name, no service, no code.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import stripe

from trova_app.adapters import signed_events
from trova_app.domain.gateways import (
    AlreadyPaid,
    BadEvent,
    Capabilities,
    Closed,
    Fact,
    FeePage,
    GatewayEvent,
    GatewayTrouble,
    Incoming,
    LinkRef,
    LinkSpec,
    NewEndpoint,
    OpenedLink,
    Page,
    PaymentFactState,
    RefundFact,
    RefundSpec,
    exactly_sent,
    kept_amount,
    sent_amount,
)

T = TypeVar("T")

CONNECT_SECONDS, ANSWER_SECONDS = 4, 10
RETRIES = 2
MOST_LINKS_LOOKED_AT = 1000
INACTIVE = "This payment request was replaced or settled. Please use the newest message from your practice."
NO_ANSWER = "Stripe did not answer. We will try again."
BUSY = "Stripe asked us to wait. We will try again."
KEY_REFUSED = (
    "Stripe did not accept the key. Put in a valid restricted key, under Settings, Payments or as STRIPE_API_KEY, and"
    " try again."
)
REFUSED = "Stripe refused to do this."
UNKNOWN = "Stripe does not know this under the present key. If the key is of another account, put the former one back."
NOT_READ = "Stripe did not let us see what its link asks for, so it was not sent. Try again for a new one."
NOT_THE_SAME = "Stripe's link is not over the amount of the invoice, so it was not sent."
STILL_OPEN = "Somebody is just paying through this link. We will look again."
ENDED_INTENTS: dict[str, PaymentFactState] = {
    "succeeded": "succeeded",
    "requires_payment_method": "failed",
    "canceled": "failed",
}


class StripeLinks:
    """The mode is the key's. `api_base` points the client at another server that speaks Stripe's API, `http` is another
    way to speak to it than with our time limits. `account_ref` is put on every fact: "" for the account of the
    installation's key. `retries`: how often the client asks again by itself. Safe to share over threads."""

    name = "stripe"
    capabilities = Capabilities(async_methods=True, list_fees=True)
    signature_header = "stripe-signature"

    def __init__(
        self,
        key: str,
        api_base: str = "",
        account_ref: str = "",
        http: stripe.HTTPClient | None = None,
        retries: int = RETRIES,
    ) -> None:
        stripe.enable_telemetry = False
        stripe.set_app_info("Trova")
        self.account_ref = account_ref
        self.is_live = "_live_" in key
        self.key_mark = hashlib.sha256(f"trova {key}".encode()).hexdigest()[:16]
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": api_base} if api_base else None,
            max_network_retries=retries,
            http_client=http or stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
        )

    def open(self, spec: LinkSpec) -> OpenedLink:
        """Raises `GatewayTrouble`; permanent only where Stripe has definitely said no. A link that it made but does
        not let us read back is closed at once, since nobody will be given its address, else named in the trouble."""
        params = link_params(spec)
        options = _under(spec.idempotency_key)
        link = _asking(lambda: self._client.v1.payment_links.create(params, options))
        return self._read_back(OpenedLink(link.id, link.url), spec, may_wait=True)

    def open_again(self, spec: LinkSpec, *, is_last_look: bool) -> OpenedLink:
        found = self.find(spec.request_uuid)
        return self._read_back(found, spec, may_wait=not is_last_look) if found else self.open(spec)

    def _read_back(self, link: OpenedLink, spec: LinkSpec, *, may_wait: bool) -> OpenedLink:
        """What the payer will be asked, before anybody is given the address. `may_wait`: a next try can look again."""
        try:
            lines = _asking(lambda: self._client.v1.payment_links.line_items.list(link.provider_ref, {"limit": 2}))
            if not _is_over(lines.data, spec):
                raise GatewayTrouble(NOT_THE_SAME, is_permanent=True)
        except GatewayTrouble as trouble:
            if may_wait and not trouble.is_permanent:
                raise
            sentence = trouble.sentence if trouble.is_permanent else NOT_READ
            left_open = self._left_open(link.provider_ref)
            raise GatewayTrouble(sentence, is_permanent=True, left_open=left_open) from None
        return link

    def _left_open(self, link_id: str) -> str:
        """Makes the link unpayable. Its id where it is not known to be, "" else."""
        try:
            _asking(lambda: self._client.v1.payment_links.update(link_id, {"active": False}))
        except GatewayTrouble:
            return link_id
        return ""

    def find(self, request_uuid: str) -> OpenedLink | None:
        """Looks through the account's newest active links for the one that carries our reference."""
        return _asking(lambda: self._find(request_uuid))

    def _find(self, request_uuid: str) -> OpenedLink | None:
        page = self._client.v1.payment_links.list({"active": True, "limit": 100})
        for seen, link in enumerate(page.auto_paging_iter()):
            if seen >= MOST_LINKS_LOOKED_AT:
                return None
            if link.to_dict().get("metadata", {}).get("trova_request") == request_uuid:
                return OpenedLink(link.id, link.url)
        return None

    def close(self, link: LinkRef) -> Closed | AlreadyPaid:
        """In this order: no new visit can begin, then visits that stand open end, then we look at what is left."""
        _asking(lambda: self._client.v1.payment_links.update(link.provider_ref, {"active": False}))
        for session in _asking(lambda: list(self._sessions(link, status="open"))):
            self._end(session["id"])
        left = _asking(lambda: list(self._sessions(link)))
        if any(session.get("status") == "open" for session in left):
            raise GatewayTrouble(STILL_OPEN, is_permanent=False)
        facts = tuple(_asking(lambda: self._session_facts(left)))
        return AlreadyPaid(facts) if any(_may_be_money(fact) for fact in facts) else Closed()

    def _end(self, session_id: str) -> None:
        """A visit that has just been completed cannot be ended; the look that follows sees it."""
        try:
            _asking(lambda: self._client.v1.checkout.sessions.expire(session_id))
        except GatewayTrouble as trouble:
            if not trouble.is_permanent:
                raise

    def read(self, link: LinkRef) -> list[Fact]:
        """The facts of all checkout sessions of the link, then whether it is active."""
        return _asking(lambda: self._session_facts(self._sessions(link)) + self._link_facts(link))

    def _sessions(self, link: LinkRef, **wanted: Any) -> Iterator[dict[str, Any]]:
        asked: Any = {"payment_link": link.provider_ref, "limit": 100} | wanted
        for session in self._client.v1.checkout.sessions.list(asked).auto_paging_iter():
            yield session.to_dict()

    def _session_facts(self, sessions: Any) -> list[Fact]:
        """A complete session that is unpaid is on its way, or was: only its payment knows."""
        facts = []
        for session in sessions:
            kept = signed_events.kept_of(session)
            if kept.get("status") != "complete":
                continue
            state = signed_events.SESSION_STATES["checkout.session.completed"].get(str(kept.get("payment_status")))
            if state == "pending" and isinstance(kept.get("payment_intent"), str):
                intent = self._client.v1.payment_intents.retrieve(kept["payment_intent"])
                state = ENDED_INTENTS.get(intent.status, "pending")
            facts += [self._told().payment(kept, state)] if state else []
        return [fact for fact in facts if fact]

    def _link_facts(self, link: LinkRef) -> list[Fact]:
        found = self._client.v1.payment_links.retrieve(link.provider_ref).to_dict()
        fact = self._told().link(signed_events.kept_of(found))
        return [fact] if fact else []

    def _told(self) -> signed_events.Teller:
        return signed_events.Teller(self.name, self.account_ref, self.is_live)

    def read_payment(self, provider_payment_id: str) -> list[Fact]:
        return _asking(lambda: self._read_payment(provider_payment_id))

    def _read_payment(self, payment: str) -> list[Fact]:
        intent = signed_events.kept_of(self._client.v1.payment_intents.retrieve(payment).to_dict())
        state = {"succeeded": "succeeded", "processing": "pending"}.get(str(intent.get("status")))
        facts: list[Fact | None] = [self._told().payment(intent, state)] if state else []  # type: ignore[arg-type]
        for refund in self._client.v1.refunds.list({"payment_intent": payment, "limit": 100}).auto_paging_iter():
            facts.append(self._told().refund(signed_events.kept_of(refund.to_dict())))
        for dispute in self._client.v1.disputes.list({"payment_intent": payment, "limit": 100}).auto_paging_iter():
            facts.append(self._told().dispute(signed_events.kept_of(dispute.to_dict())))
        return [fact for fact in facts if fact]

    def list_facts(self, since: datetime, cursor: str | None) -> Page:
        return _asking(lambda: self._list_facts(since, cursor))

    def _list_facts(self, since: datetime, cursor: str | None) -> Page:
        asked: Any = {"types": list(signed_events.EVENTS), "created": {"gte": int(since.timestamp())}, "limit": 100}
        page = self._client.v1.events.list(asked | ({"starting_after": cursor} if cursor else {}))
        events = [event.to_dict() for event in page.data]
        newest = max((event["created"] for event in events), default=0)
        return Page(
            items=tuple(incoming for event in events if (incoming := self._incoming(event))),
            cursor=events[-1]["id"] if page.has_more and events else None,
            newest=datetime.fromtimestamp(newest, UTC) if newest else None,
        )

    def list_fees(self, since: datetime, cursor: str | None) -> FeePage:
        return _asking(lambda: self._list_fees(since, cursor))

    def _list_fees(self, since: datetime, cursor: str | None) -> FeePage:
        """From the account's balance: its entries name a charge, and that names the payment. Nothing else is kept."""
        asked: Any = {"created": {"gte": int(since.timestamp())}, "expand": ["data.source"], "limit": 100}
        page = self._client.v1.balance_transactions.list(asked | ({"starting_after": cursor} if cursor else {}))
        entries = [entry.to_dict() for entry in page.data]
        return FeePage(
            fees=tuple(fee for entry in entries if (fee := signed_events.fee_of(entry))),
            cursor=entries[-1]["id"] if page.has_more and entries else None,
        )

    def _incoming(self, event: dict[str, Any]) -> Incoming | None:
        try:
            kept = signed_events.kept_event(event, self.account_ref)
        except BadEvent:
            return None
        return Incoming(kept, tuple(self.facts_of(kept.body)))

    def refund(self, spec: RefundSpec) -> RefundFact:
        params = refund_params(spec)
        options = _under(spec.idempotency_key)
        made = _asking(lambda: self._client.v1.refunds.create(params, options))
        fact = self._told().refund(signed_events.kept_of(made.to_dict()))
        if fact is None:
            raise GatewayTrouble(NO_ANSWER, is_permanent=False)
        return fact

    def parse_event(self, raw: bytes, header: str, secrets: tuple[str, ...], now: datetime) -> GatewayEvent:
        signed_events.must_be_signed(raw, header, secrets, now)
        return signed_events.read_event(raw, self.account_ref)

    def facts_of(self, body: str) -> list[Fact]:
        return signed_events.facts_of(self.name, body)

    def must_be_read(self, body: str) -> str:
        return signed_events.must_be_read(body)

    # Setting up

    def check_key(self) -> str:
        """The account's id. Asks for links first: a key that may not read them is of no use here."""
        _asking(lambda: self._client.v1.payment_links.list({"limit": 1}))
        try:
            account: str = _asking(lambda: self._client.v1.accounts.retrieve_current()).id
        except GatewayTrouble as trouble:
            if not trouble.is_permanent:
                raise
            return ""  # a restricted key need not be able to
        return account

    def endpoints_of(self, instance: str) -> dict[str, str]:
        return _asking(lambda: self._endpoints_of(instance))

    def _endpoints_of(self, instance: str) -> dict[str, str]:
        page = self._client.v1.webhook_endpoints.list({"limit": 100})
        known = [(one.id, one.url, one.to_dict().get("metadata") or {}) for one in page.auto_paging_iter()]
        return {ref: url for ref, url, metadata in known if metadata.get("trova_instance") == instance}

    def make_endpoint(self, url: str, instance: str, idempotency_key: str) -> NewEndpoint:
        params, options = endpoint_params(url, instance), _under(idempotency_key)
        made = _asking(lambda: self._client.v1.webhook_endpoints.create(params, options))
        return NewEndpoint(made.id, str(made.secret))

    def remove_endpoint(self, endpoint_ref: str) -> None:
        try:
            _asking(lambda: self._client.v1.webhook_endpoints.delete(endpoint_ref))
        except GatewayTrouble as trouble:
            if not trouble.is_permanent or trouble.sentence.startswith(KEY_REFUSED):
                raise


def link_params(spec: LinkSpec) -> Any:
    """What Stripe is asked: a pure function of the stored request. ValueError where the amount cannot be charged."""
    price = {
        "currency": spec.currency.lower(),
        "unit_amount": sent_amount(spec.amount_minor, spec.currency),
        "product_data": {"name": spec.label},
    }
    return {
        "line_items": [{"quantity": 1, "price_data": price}],
        "restrictions": {"completed_sessions": {"limit": 1}},
        "submit_type": "pay",
        "customer_creation": "if_required",
        "metadata": spec.reference(),
        "payment_intent_data": {"description": spec.label, "metadata": spec.reference()},
        "after_completion": {
            "type": "redirect",
            "redirect": {"url": f"{spec.return_url}?session={{CHECKOUT_SESSION_ID}}"},
        },
        "inactive_message": INACTIVE,
    }


def _is_over(lines: list[Any], spec: LinkSpec) -> bool:
    """What the payer will be asked is read back before anything is mailed."""
    try:
        shown = [(kept_amount(line.amount_total, line.currency.upper()), line.currency.upper()) for line in lines]
    except ValueError:
        return False
    return shown == [(spec.amount_minor, spec.currency)]


def refund_params(spec: RefundSpec) -> Any:
    """A pure function of the stored refund. ValueError where a part cannot be given back exactly."""
    return {
        "payment_intent": spec.provider_payment_id,
        "amount": exactly_sent(spec.amount_minor, spec.currency),
        "reason": spec.reason,
        "metadata": spec.reference(),
    }


def endpoint_params(url: str, instance: str) -> Any:
    """Events are written in the version that is pinned here, whatever the account's own is."""
    return {
        "url": url,
        "enabled_events": list(signed_events.EVENTS),
        "api_version": stripe.api_version,
        "metadata": {"trova_instance": instance},
    }


def _under(key: str) -> Any:
    return {"idempotency_key": key}


def _may_be_money(fact: Fact) -> bool:
    return getattr(fact, "state", "") in ("succeeded", "pending")


def _asking(call: Callable[[], T]) -> T:
    """Tells what will pass from what will not. Stripe's own sentences stay out: they may quote what was sent."""
    try:
        return call()
    except (stripe.AuthenticationError, stripe.PermissionError) as refusal:
        raise GatewayTrouble(_with_id(KEY_REFUSED, refusal), is_permanent=True) from None
    except stripe.RateLimitError as refusal:
        raise GatewayTrouble(_with_id(BUSY, refusal), is_permanent=False) from None
    except stripe.IdempotencyError as refusal:
        raise GatewayTrouble(_with_id(REFUSED, refusal), is_permanent=True) from None
    except stripe.InvalidRequestError as refusal:
        if refusal.http_status == 404 or refusal.code == "resource_missing":
            raise GatewayTrouble(_with_id(UNKNOWN, refusal), is_permanent=True, is_lost=True) from None
        raise GatewayTrouble(_with_id(_with_code(REFUSED, refusal), refusal), is_permanent=True) from None
    except stripe.StripeError as failure:
        raise GatewayTrouble(_with_id(NO_ANSWER, failure), is_permanent=False) from None


def _with_code(sentence: str, refusal: stripe.StripeError) -> str:
    return f"{sentence} Its reason: {refusal.code}." if refusal.code else sentence


def _with_id(sentence: str, refusal: stripe.StripeError) -> str:
    """Stripe's own number for the call, for asking Stripe about it."""
    return f"{sentence} ({refusal.request_id})" if refusal.request_id else sentence
