"""Letters wanted: outbox rows that the worker turns into mail."""

import json
from typing import Any, cast

from sqlmodel import Session, col, func, select

from trova_app.models import Document, Invoice, Mail, OutboxRow
from trova_app.services import outbox
from trova_app.services.documents import first_content
from trova_app.services.ports import Desk

TO_THE_CLIENT = ("invoice", "receipt")


def letter_payload(document: Document, kind: str, recipient: str, time: int = 1) -> dict[str, Any]:
    """What the worker needs for one letter. `time` counts the letters of this document to this address."""
    key = f"letter/{document.id}/{recipient}/{time}"
    return {"document_id": document.id, "kind": kind, "recipient": recipient, "key": key}


def enqueue_letter(db: Session, desk: Desk, *, invoice: Invoice, payload: dict[str, Any]) -> None:
    outbox.enqueue(
        db,
        desk,
        practice_id=invoice.practice_id,
        kind="letter",
        key=payload["key"],
        payload=payload,
        invoice_id=invoice.id,
    )


def letters_wanted(db: Session, document: Document, recipient: str) -> int:
    """How many letters of this document to this address were wanted so far."""
    start = f"letter/{document.id}/{recipient}/"
    query = select(func.count()).select_from(OutboxRow).where(col(OutboxRow.key).startswith(start, autoescape=True))
    return db.exec(query).one()


def client_address(db: Session, invoice: Invoice) -> str:
    """Where the invoice's newest letter to the client went or will go: an address corrected there stays corrected.
    Before the first letter the one on the invoice itself; "" where there is none."""
    wanted = select(OutboxRow.payload).where(OutboxRow.invoice_id == invoice.id).order_by(col(OutboxRow.id).desc())
    for payload in db.exec(wanted):
        given = json.loads(payload)
        letter = given.get("then") or given  # a letter may wait for its payment link
        if letter.get("kind") in TO_THE_CLIENT and letter.get("recipient"):
            return str(letter["recipient"])
    return _mailed_to(db, invoice) or _written_on(db, invoice)


def _mailed_to(db: Session, invoice: Invoice) -> str:
    query = select(Mail.recipient).where(Mail.invoice_id == invoice.id, col(Mail.kind).in_(TO_THE_CLIENT))
    return db.exec(query.order_by(col(Mail.id).desc()).limit(1)).first() or ""


def _written_on(db: Session, invoice: Invoice) -> str:
    content = first_content(db, invoice)
    return content.client.email if content else ""


def render(db: Session, desk: Desk, document: Document) -> None:
    """The PDF of a document that is not mailed at once."""
    outbox.enqueue(
        db,
        desk,
        practice_id=document.practice_id,
        kind="render_document",
        key=f"render/{document.id}",
        payload={"document_id": cast(int, document.id)},
        invoice_id=document.invoice_id,
    )
