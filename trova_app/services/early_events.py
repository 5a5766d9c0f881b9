"""Refunds and disputes that were told of before the payment they are about: they name only the payment, so until that
is known nobody can say whether they concern us. They wait in `provider_event`, of no practice, and are let in then."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.models import Payment, ProviderEvent
from trova_app.services import outbox
from trova_app.services.ports import Desk

LONGEST_WAIT = timedelta(days=7)
TOLD_AGAIN = timedelta(days=35)  # gateways tell of up to 30 days when they are looked through
NOTHING = "{}"


def release(db: Session, desk: Desk, payment: Payment) -> None:
    """Lets in what waited for this payment, unless another practice's account told it."""
    waiting = select(ProviderEvent).where(
        *_waiting(),
        sa.or_(col(ProviderEvent.through).is_(None), col(ProviderEvent.through) == payment.practice_id),
        ProviderEvent.provider == payment.provider,
        col(ProviderEvent.body).contains(f'"{payment.provider_payment_id}"', autoescape=True),
    )
    for event in db.exec(waiting):
        event.practice_id = payment.practice_id
        outbox.enqueue(
            db,
            desk,
            practice_id=payment.practice_id,
            invoice_id=payment.invoice_id,
            kind="ingest_event",
            key=f"event/{event.id}/let in",
            payload={"event_id": event.id},
        )


def give_up(db: Session, desk: Desk) -> None:
    """What has waited long enough is somebody else's: other software may use the same account. Its name alone stays
    for as long as a look through the account may tell of it again. What a job has looked at names a request of ours:
    that stays."""
    old = sa.update(ProviderEvent).where(*_waiting(), col(ProviderEvent.received_at) < desk.now() - LONGEST_WAIT)
    db.exec(old.values(state="ignored"))
    is_nobodys = sa.and_(col(ProviderEvent.practice_id).is_(None), col(ProviderEvent.attempts) == 0)
    others = sa.and_(is_nobodys, col(ProviderEvent.state) == "ignored")
    db.exec(sa.update(ProviderEvent).where(others, col(ProviderEvent.body) != NOTHING).values(body=NOTHING))
    db.exec(sa.delete(ProviderEvent).where(others, col(ProviderEvent.received_at) < desk.now() - TOLD_AGAIN))


def _waiting() -> tuple[sa.ColumnElement[bool], ...]:
    return (col(ProviderEvent.state) == "received", col(ProviderEvent.practice_id).is_(None))
