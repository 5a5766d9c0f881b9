"""Letters wanted: outbox rows that the worker turns into mail."""

from typing import Any, cast

from sqlmodel import Session, col, func, select

from trova_app.models import Document, Invoice, OutboxRow
from trova_app.services import outbox
from trova_app.services.ports import Desk


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
