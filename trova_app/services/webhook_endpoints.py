"""Where gateways' events arrive: one endpoint of the installation for each provider, and one of each practice's own
account."""

import re
from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from trova_app.models import WebhookEndpoint
from trova_app.services.gateway_accounts import account_for
from trova_app.services.ports import Desk

ONCE_A_MINUTE = timedelta(minutes=1)
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


def heard(db: Session, desk: Desk, public_id: str) -> None:
    """A webhook arrived here, about whatever: the screen says when the last one did. The installation's own, where many
    may arrive at once, notes it once a minute."""
    at = db.get_one(WebhookEndpoint, public_id)
    if at.practice_id is None:
        if at.heard_at is None or desk.now() - at.heard_at >= ONCE_A_MINUTE:
            at.heard_at = desk.now()
    elif (account := account_for(db, at.practice_id)) is not None:
        account.last_event_at = desk.now()


def is_refusal_news(at: WebhookEndpoint, desk: Desk) -> bool:
    """Whether that something was refused here is to be written down: of a flood once a minute, and nothing of it."""
    return at.refused_at is None or desk.now() - at.refused_at >= ONCE_A_MINUTE


def refused(db: Session, desk: Desk, public_id: str) -> None:
    db.get_one(WebhookEndpoint, public_id).refused_at = desk.now()


def last_heard(db: Session, provider: str) -> datetime | None:
    """By the installation's own endpoint."""
    present = endpoint_of(db, provider)
    return present.heard_at if present else None


def url_of(db: Session, origin: str, provider: str) -> str:
    """Where the installation's own gateway reports; "" before the first look made the place."""
    present = endpoint_of(db, provider)
    return f"{origin}/hooks/{provider}/{present.public_id}" if present else ""
