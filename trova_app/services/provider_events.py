"""Where gateways' events arrive, and their first safe keeping: the row is there before the gateway is told so."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from trova_app.domain.gateways import DisputeFact, Fact, GatewayEvent, RefundFact, RequestFact
from trova_app.models import Payment, PaymentRequest, ProviderEvent, RequestState, WebhookEndpoint
from trova_app.services import outbox, payments
from trova_app.services.gateway_accounts import account_for, account_of_request
from trova_app.services.outcomes import Outcome, Result
from trova_app.services.payment_requests import LIVE_STATES, enqueue_about
from trova_app.services.ports import Desk
from trova_app.services.review_items import ask_a_person

PUBLIC_ID = re.compile(r"[0-9a-f]{32}")


def endpoint(db: Session, public_id: object) -> WebhookEndpoint | None:
    if not isinstance(public_id, str) or not PUBLIC_ID.fullmatch(public_id):
        return None
    return db.get(WebhookEndpoint, public_id)


def endpoint_of(db: Session, provider: str) -> WebhookEndpoint | None:
    """The installation's endpoint for this provider; its `public_id` is also our name at the gateway."""
    found = select(WebhookEndpoint).where(
        WebhookEndpoint.provider == provider, col(WebhookEndpoint.practice_id).is_(None)
    )
    return db.exec(found.order_by(WebhookEndpoint.public_id)).first()


def make_endpoint(db: Session, provider: str, public_id: str, secret: str) -> WebhookEndpoint:
    """The endpoint, made on first need. Two processes that start together give the same `public_id`, so one stands."""
    if (present := endpoint_of(db, provider)) is not None:
        return present
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"public_id": public_id, "practice_id": None, "provider": provider, "secret": secret}
    db.exec(insert(WebhookEndpoint).values(values).on_conflict_do_nothing())
    return db.get_one(WebhookEndpoint, public_id)


def receive(
    db: Session,
    desk: Desk,
    *,
    provider: str,
    instance: str,
    event: GatewayEvent,
    facts: Sequence[Fact],
    through: int | None = None,
    points_at: str = "",
) -> bool:
    """Keeps a verified event once and leaves it to the worker. False for one we have already, and for what is not ours:
    other software may use the same account, and its business leaves no row here. `through`: the practice whose own
    account told it, None for the installation's; `points_at`: the payment it only points at.

    Practices may share an account, and each hears of all its money. What is about a request that went through another
    connection than the one it came by is left to that one, which is asked at once: so nobody can speak of others'
    money, and nobody hears of it. Only between two accounts of one practice's that cannot be the same is it kept as
    quarantined, as is what names our installation but no request of ours; what names only a payment that is not known
    yet waits for it."""
    whose = _whose(db, desk, _Told(provider, instance, event, through), facts, points_at)
    if whose is None:
        return False
    event_row_id = _kept(db, desk, provider, event, whose, through)
    if event_row_id is None:
        return False
    if whose.state == "received" and whose.practice_id is not None:
        outbox.enqueue(
            db,
            desk,
            practice_id=whose.practice_id,
            invoice_id=whose.invoice_id,
            kind="ingest_event",
            key=f"event/{event_row_id}",
            payload={"event_id": event_row_id},
        )
    elif whose.kind and whose.practice_id is not None:
        ask_a_person(
            db,
            desk,
            practice_id=whose.practice_id,
            kind=whose.kind,
            about=f"{provider}/{event.event_id}",
            sentence=f"A gateway's notice was not taken in. {whose.why}",
            invoice_id=whose.invoice_id,
            event_id=event_row_id,
        )
    return True


def heard(db: Session, desk: Desk, practice_id: int | None) -> None:
    """A webhook of a practice's own account arrived, about whatever: its screen says when the last one did."""
    account = account_for(db, practice_id) if practice_id is not None else None
    if account is not None:
        account.last_event_at = desk.now()


@dataclass(frozen=True, slots=True)
class _Told:
    """An event, and the connection it came by."""

    provider: str
    instance: str
    event: GatewayEvent
    through: int | None


@dataclass(frozen=True, slots=True)
class _Whose:
    state: str
    practice_id: int | None = None
    invoice_id: int | None = None
    kind: str = ""
    why: str = ""


def _whose(db: Session, desk: Desk, told: _Told, facts: Sequence[Fact], points_at: str) -> _Whose | None:
    """None for what is nobody's here."""
    ours = next((fact for fact in facts if fact.request_uuid and fact.instance == told.instance), None)
    if ours is not None:
        return _of_request(db, desk, told, ours.request_uuid)
    payment = points_at or next((_payment_named(fact) for fact in facts if not fact.instance), "")
    if not payment:
        return None
    query = select(Payment).where(Payment.provider == told.provider, Payment.provider_payment_id == payment)
    known = db.exec(query).first()
    if known is None:
        return _Whose("received")
    request = db.get(PaymentRequest, known.request_id) if known.request_id else None
    return _of_request(db, desk, told, request.request_uuid) if request else None


def _payment_named(fact: Fact) -> str:
    return fact.provider_payment_id if isinstance(fact, RefundFact | DisputeFact) else ""


def _of_request(db: Session, desk: Desk, told: _Told, request_uuid: str) -> _Whose | None:
    request = db.exec(select(PaymentRequest).where(PaymentRequest.request_uuid == request_uuid)).first()
    if request is None:
        return _of_no_request(told)
    account = account_of_request(db, request)
    if (account.practice_id if account else None) == told.through:
        return _Whose("received", request.practice_id, request.invoice_id)
    if told.through not in (None, request.practice_id) or _may_be_one_account(request, told):
        _have_it_looked_at(db, desk, request, told)
        return None
    why = payments.WRONG["wrong_account"]
    return _Whose("quarantined", request.practice_id, request.invoice_id, "wrong_account", why)


def _of_no_request(told: _Told) -> _Whose | None:
    """A question for the practice it names, where its own account told it."""
    if told.through is not None and named_in(told.event.body).get("trova_practice", "") not in ("", str(told.through)):
        return None
    known = told.through
    return _Whose("quarantined", known, None, "unknown_request" if known else "", payments.NO_REQUEST)


def _may_be_one_account(request: PaymentRequest, told: _Told) -> bool:
    """Not every key tells whose account it is: then "" stands for its name."""
    names = {name for name in (request.account_ref, told.event.account_ref) if name}
    return request.provider == told.provider and len(names) < 2


def _have_it_looked_at(db: Session, desk: Desk, request: PaymentRequest, told: _Told) -> None:
    """Through the connection it was asked for by; not once it is over, and whoever tells of it how often: one look at
    a time, at most one a minute."""
    if request.provider == told.provider and request.state in LIVE_STATES:
        minute = desk.now().strftime("%Y-%m-%dT%H:%M")
        enqueue_about(db, desk, request, "check_link", f"check/{request.request_uuid}/told elsewhere/{minute}")


def _kept(
    db: Session, desk: Desk, provider: str, event: GatewayEvent, whose: _Whose, through: int | None
) -> int | None:
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = ProviderEvent(
        practice_id=whose.practice_id,
        through=through,
        provider=provider,
        account_ref=event.account_ref if through is None else f"practice {through}",
        event_id=event.event_id,
        type=event.type,
        is_live=event.is_live,
        body=event.body,
        state=whose.state,
        error=whose.why,
        received_at=desk.now(),
    )
    kept = db.exec(
        insert(ProviderEvent)
        .values(row.model_dump(exclude={"id"}))
        .on_conflict_do_nothing(index_elements=["provider", "account_ref", "event_id"])
        .returning(col(ProviderEvent.id))
    ).first()
    return None if kept is None else cast(int, kept[0])


def request_of(db: Session, event: ProviderEvent) -> PaymentRequest | None:
    """The request whose gateway told the event: the one it names, or that of the payment it names."""
    named = named_in(event.body).get("trova_request")
    if named:
        return db.exec(select(PaymentRequest).where(PaymentRequest.request_uuid == str(named))).first()
    payment = _payment_in(about_in(event.body))
    query = (
        select(PaymentRequest)
        .join(Payment, col(Payment.request_id) == PaymentRequest.id)
        .where(Payment.provider == event.provider, Payment.provider_payment_id == payment)
    )
    return db.exec(query).first()


def about_in(body: str) -> dict[str, Any]:
    """What a kept event is about, as its gateway calls it: Stripe's "object" or Paystack's "data"."""
    held = json.loads(body)
    return cast(dict[str, Any], held.get("object") or held.get("data") or {})


def named_in(body: str) -> dict[str, str]:
    """Our own names in a kept event."""
    return about_in(body).get("metadata") or {}


def _payment_in(about: dict[str, Any]) -> str:
    """The payment a refund or dispute names, by the gateway's name for it; "" for none."""
    inside = about.get("transaction")
    reference = inside.get("reference") if isinstance(inside, dict) else about.get("transaction_reference")
    return str(about.get("payment_intent") or reference or "")


def settle(db: Session, desk: Desk, event_row_id: int, facts: Sequence[Fact]) -> None:
    """Takes the event's facts into the books, in one transaction with the event's own state. What an event says of a
    link's own state is only a reason to look: the link may be off because it was just paid."""
    row = db.exec(select(ProviderEvent).where(ProviderEvent.id == event_row_id).with_for_update()).one()
    if row.state != "received":
        return
    row.attempts += 1
    outcomes = [_taken(db, desk, row, fact) for fact in facts]
    if any(outcome.result is Result.EARLY for outcome in outcomes):
        row.practice_id = None  # it waits for its payment, which lets it in
        return
    row.state, row.error = _state_after(outcomes)
    if row.state == "quarantined" and row.practice_id is not None:
        desk.tell(row.practice_id)


def _taken(db: Session, desk: Desk, row: ProviderEvent, fact: Fact) -> Outcome:
    if _is_anothers(db, row, fact):
        return Outcome(Result.QUARANTINED, payments.WRONG["wrong_account"])
    if not isinstance(fact, RequestFact):
        return payments.ingest(db, desk, fact, row.id)
    request = db.exec(select(PaymentRequest).where(PaymentRequest.request_uuid == fact.request_uuid)).first()
    if request is not None and fact.state == "inactive" and request.state == RequestState.ACTIVE:
        enqueue_about(db, desk, request, "check_link", f"check/{request.request_uuid}/event/{row.id}")
    return Outcome(Result.APPLIED)


def _is_anothers(db: Session, row: ProviderEvent, fact: Fact) -> bool:
    """It names the payment of a practice, and another practice's own account tells it."""
    named = (Payment.provider == row.provider, Payment.provider_payment_id == _payment_named(fact))
    owner = db.exec(select(Payment.practice_id).where(*named)).first()
    return row.through is not None and owner is not None and owner != row.through


def _state_after(outcomes: list[Outcome]) -> tuple[str, str]:
    for outcome in outcomes:
        if outcome.result is Result.QUARANTINED:
            return "quarantined", outcome.why
    return ("done" if outcomes else "ignored"), ""
