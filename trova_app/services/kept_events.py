"""A kept event: whom it is about, and what it says taken into the books."""

import json
from collections.abc import Sequence
from typing import Any, cast

from sqlmodel import Session, col, select

from trova_app.domain.gateways import DisputeFact, Fact, RefundFact, RequestFact
from trova_app.models import Payment, PaymentRequest, ProviderEvent, RequestState
from trova_app.services import payments
from trova_app.services.outcomes import Outcome, Result
from trova_app.services.payment_requests import OFF, enqueue_about
from trova_app.services.ports import Desk
from trova_app.services.review_items import ask_a_person

SET_ASIDE = "set_aside"


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
    for fact, outcome in zip(facts, outcomes, strict=True):
        if outcome.result is Result.QUARANTINED:
            _ask_about(db, desk, row, fact, outcome.why)


def _taken(db: Session, desk: Desk, row: ProviderEvent, fact: Fact) -> Outcome:
    if _is_anothers(db, row, fact):
        return Outcome(Result.QUARANTINED, payments.WRONG["wrong_account"])
    if not isinstance(fact, RequestFact):
        return payments.ingest(db, desk, fact, row.id)
    request = db.exec(select(PaymentRequest).where(PaymentRequest.request_uuid == fact.request_uuid)).first()
    is_open = request is not None and request.state == RequestState.ACTIVE
    if request is not None and is_open and (fact.state == "inactive") != (request.last_error == OFF):
        enqueue_about(db, desk, request, "check_link", f"check/{request.request_uuid}/event/{row.id}")
    return Outcome(Result.APPLIED)


def _ask_about(db: Session, desk: Desk, row: ProviderEvent, fact: Fact, why: str) -> None:
    """A refund or dispute that is not what it should be waits for a person, once however often it is told. Of payments
    `payments.ingest` has asked."""
    name, what = _fact_name(fact), "refund" if isinstance(fact, RefundFact) else "dispute"
    if row.practice_id is None or not name:
        return
    known = (Payment.provider == row.provider, Payment.provider_payment_id == payment_named(fact))
    payment = db.exec(select(Payment).where(*known, Payment.practice_id == row.practice_id)).first()
    ask_a_person(
        db,
        desk,
        practice_id=row.practice_id,
        kind=SET_ASIDE,
        about=f"{row.provider}/{name}",
        sentence=f"A gateway's notice about a {what} was not taken in. {why}",
        invoice_id=payment.invoice_id if payment else None,
        event_id=row.id,
    )


def _is_anothers(db: Session, row: ProviderEvent, fact: Fact) -> bool:
    """It names the payment of a practice, and another practice's own account tells it."""
    named = (Payment.provider == row.provider, Payment.provider_payment_id == payment_named(fact))
    owner = db.exec(select(Payment.practice_id).where(*named)).first()
    return row.through is not None and owner is not None and owner != row.through


def _state_after(outcomes: list[Outcome]) -> tuple[str, str]:
    for outcome in outcomes:
        if outcome.result is Result.QUARANTINED:
            return "quarantined", outcome.why
    return ("done" if outcomes else "ignored"), ""


def _fact_name(fact: Fact) -> str:
    """The gateway's name for a refund or a dispute; "" for anything else."""
    if isinstance(fact, RefundFact):
        return fact.provider_refund_id
    return fact.provider_dispute_id if isinstance(fact, DisputeFact) else ""


def payment_named(fact: Fact) -> str:
    return fact.provider_payment_id if isinstance(fact, RefundFact | DisputeFact) else ""
