"""Where gateways' events arrive, and their first safe keeping: the row is there before the gateway is told so."""

import re
from typing import cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from trova_app.domain.gateways import GatewayEvent, PaymentFact
from trova_app.models import PaymentRequest, ProviderEvent, WebhookEndpoint
from trova_app.services import outbox, payments
from trova_app.services.payments import Outcome, Result
from trova_app.services.ports import Desk

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
    db: Session, desk: Desk, *, provider: str, instance: str, event: GatewayEvent, facts: list[PaymentFact]
) -> bool:
    """Keeps a verified event once and leaves it to the worker. False for one we have already. What is not ours is kept
    as ignored, what names our installation but no request of ours as quarantined."""
    ours = [fact for fact in facts if fact.instance == instance]
    request = _request_of(db, ours[0].request_uuid) if ours else None
    state, why = ("received", "") if request else _set_aside(bool(ours))
    event_row_id = _kept(db, desk, provider, event, request.practice_id if request else None, state, why)
    if event_row_id is None:
        return False
    if request:
        outbox.enqueue(
            db,
            desk,
            practice_id=request.practice_id,
            invoice_id=request.invoice_id,
            kind="ingest_event",
            key=f"event/{event_row_id}",
            payload={"event_id": event_row_id},
        )
    return True


def _set_aside(is_ours: bool) -> tuple[str, str]:
    return ("quarantined", "There is no payment request of that name here.") if is_ours else ("ignored", "")


def _request_of(db: Session, request_uuid: str) -> PaymentRequest | None:
    return db.exec(select(PaymentRequest).where(PaymentRequest.request_uuid == request_uuid)).first()


def _kept(
    db: Session, desk: Desk, provider: str, event: GatewayEvent, practice_id: int | None, state: str, why: str
) -> int | None:
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = ProviderEvent(
        practice_id=practice_id,
        provider=provider,
        account_ref=event.account_ref,
        event_id=event.event_id,
        type=event.type,
        is_live=event.is_live,
        body=event.body,
        state=state,
        error=why,
        received_at=desk.now(),
    )
    kept = db.exec(
        insert(ProviderEvent)
        .values(row.model_dump(exclude={"id"}))
        .on_conflict_do_nothing(index_elements=["provider", "account_ref", "event_id"])
        .returning(col(ProviderEvent.id))
    ).first()
    return None if kept is None else cast(int, kept[0])


def settle(db: Session, desk: Desk, event_row_id: int, facts: list[PaymentFact]) -> None:
    """Takes the event's facts into the books, in one transaction with the event's own state."""
    row = db.exec(select(ProviderEvent).where(ProviderEvent.id == event_row_id).with_for_update()).one()
    if row.state != "received":
        return
    row.attempts += 1
    outcomes = [payments.ingest(db, desk, fact) for fact in facts]
    row.state, row.error = _state_after(outcomes)
    if row.state == "quarantined" and row.practice_id is not None:
        desk.tell(row.practice_id)


def _state_after(outcomes: list[Outcome]) -> tuple[str, str]:
    for outcome in outcomes:
        if outcome.result is Result.QUARANTINED:
            return "quarantined", outcome.why
    return ("done" if outcomes else "ignored"), ""
