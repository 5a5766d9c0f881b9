"""Refunds from the worker's side: what to ask the gateway for, and what became of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlmodel import Session

from trova_app.domain.gateways import Fact, RefundFact, RefundReason, RefundSpec
from trova_app.models import Payment, PaymentRequest, Refund, RefundState
from trova_app.services.outbox import Job
from trova_app.services.outcomes import Outcome, Result
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for
from trova_app.services.refund_facts import after_change, find_locked, ingest, tell_of_failure

KEY_REMEMBERED = timedelta(hours=20)  # gateways keep an idempotency key for at least 24 hours


@dataclass(frozen=True, slots=True)
class WantedRefund:
    """`must_look_first`: an earlier try may have given the money back, and its key no longer says so."""

    spec: RefundSpec
    must_look_first: bool


def request_of(db: Session, job: Job) -> PaymentRequest:
    """The request the payment came through: its account gives the money back."""
    payment = db.get_one(Payment, db.get_one(Refund, job.payload["refund_id"]).payment_id)
    return db.get_one(PaymentRequest, payment.request_id)


def wanted(db: Session, desk: Desk, job: Job, instance: str) -> WantedRefund | None:
    """The same for every try of the same refund; None for one that the gateway has told of already."""
    row, payment = find_locked(db, job.payload["refund_id"])
    if row.state != RefundState.WANTED:
        return None
    spec = RefundSpec(
        refund_uuid=row.refund_uuid,
        idempotency_key=f"trova/{instance}/{row.refund_uuid}/refund",
        provider_payment_id=payment.provider_payment_id,
        amount_minor=row.amount_minor,
        currency=row.currency,
        reason=cast(RefundReason, row.reason),
        instance=instance,
        practice=str(row.practice_id),
        request_uuid=request_of(db, job).request_uuid,
    )
    return WantedRefund(spec, desk.now() - row.created_at > KEY_REMEMBERED)


def already_made(spec: RefundSpec, facts: list[Fact]) -> RefundFact | None:
    """This refund among what the gateway knows of the payment."""
    return next((f for f in facts if isinstance(f, RefundFact) and f.refund_uuid == spec.refund_uuid), None)


def answered(db: Session, desk: Desk, fact: RefundFact) -> str:
    """Takes the answer in. Why it cannot be taken, "" where it was."""
    outcome: Outcome = ingest(db, desk, fact)
    return outcome.why if outcome.result in (Result.QUARANTINED, Result.EARLY) else ""


def troubled(db: Session, desk: Desk, job: Job, sentence: str, *, is_permanent: bool) -> None:
    """Written to the row. For good: the money stays here, what was held for it may be given back another way, and a
    person is told."""
    row, payment = find_locked(db, job.payload["refund_id"])
    if row.state != RefundState.WANTED:
        return
    row.last_error, row.changed_at = sentence, desk.now()
    if is_permanent:
        row.state = RefundState.FAILED
        db.flush()
        amount = style_for(db, desk, row.practice_id).in_currency(row.currency).amount(row.amount_minor)
        tell_of_failure(db, desk, row, amount)
        after_change(db, desk, payment)
    desk.tell(row.practice_id)
