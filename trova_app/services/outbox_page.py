"""The Outbox page's list of what has not left yet: one line for each job that waits, is tried or has stopped."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound
from trova_app.models import Invoice, OutboxRow
from trova_app.services.arguments import an_id
from trova_app.services.ports import Desk
from trova_app.services.sent_mail import NAMES as LETTERS

WHAT = {
    "open_link": "Payment link",
    "letter": "Letter",
    "render_document": "Document",
    "ingest_event": "Payment notice",
    "refund": "Refund",
    "close_link": "Closing of a payment link",
    "check_link": "Check of a payment link",
    "connect_webhooks": "Connecting of webhooks",
    "remove_webhooks": "Removal of webhooks",
    "test_payment": "Test payment",
    "close_test_payment": "Closing of a test payment",
    "import_file": "Import",
}
WITHIN = {"extend_series": "Next sessions of a series", "read_calendar": "Another program's calendar"}
"""These leave nothing outside: they are shown where they have stopped."""
NAMES = WHAT | WITHIN


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One line of the Outbox page. `state`: waiting, trying, stopped (a person may try again)."""

    id: int
    what: str
    to_whom: str
    state: str
    tries: int
    problem: str
    due_at: datetime
    created_at: datetime
    invoice_id: int | None


def waiting(db: Session, desk: Desk, who: Principal) -> list[WaitingRow]:
    """What has not left yet, the stopped ones first; at most 200."""
    who.must(Permission.SEE_OUTBOX)
    query = (
        select(OutboxRow, Invoice.number_text)
        .join(Invoice, col(Invoice.id) == OutboxRow.invoice_id, isouter=True)
        .where(OutboxRow.practice_id == who.practice_id, col(OutboxRow.done_at).is_(None), _leaves())
        .order_by(col(OutboxRow.dead_at).is_(None), col(OutboxRow.id))
        .limit(200)
    )
    return [_waiting_row(row, number or "", desk) for row, number in db.exec(query)]


def _leaves() -> Any:
    """What really leaves the building, and whatever stopped."""
    return sa.or_(col(OutboxRow.kind).in_(WHAT), col(OutboxRow.dead_at).is_not(None))


def _waiting_row(row: OutboxRow, number: str, desk: Desk) -> WaitingRow:
    payload = json.loads(row.payload)
    what = LETTERS.get(payload.get("kind"), WHAT["letter"]) if row.kind == "letter" else NAMES.get(row.kind, row.kind)
    return WaitingRow(
        id=cast(int, row.id),
        what=f"{what} {number}".strip(),
        to_whom=str(payload.get("recipient", "")),
        state=_state_of(row, desk),
        tries=row.attempts,
        problem=row.last_error,
        due_at=row.due_at,
        created_at=row.created_at,
        invoice_id=row.invoice_id,
    )


def _state_of(row: OutboxRow, desk: Desk) -> str:
    if row.dead_at:
        return "stopped"
    return "trying" if row.leased_until and row.leased_until > desk.now() else "waiting"


def try_again(db: Session, desk: Desk, who: Principal, row_id: object) -> None:
    """Makes a waiting or stopped row due now, with a full count of attempts. A row in work or done is left alone."""
    who.must(Permission.SEE_OUTBOX)
    wanted = (OutboxRow.id == an_id(row_id, "letter"), OutboxRow.practice_id == who.practice_id)
    row = db.exec(select(OutboxRow).where(*wanted).with_for_update()).first()
    if row is None:
        raise NotFound("letter")
    if row.done_at or _state_of(row, desk) == "trying":
        return
    row.dead_at, row.attempts, row.due_at = None, 0, desk.now()
    desk.wake()
    desk.tell(who.practice_id)
