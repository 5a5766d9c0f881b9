"""Stored texts that are read again: working copies and the outbox's wishes."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.models import CompletionDraft, Document, KeptTexts, OutboxRow
from trova_app.services.check.breaches import Breach, Invariant, batches, parsed_json
from trova_app.services.forms import Form
from trova_app.services.kept_texts import cells_in
from trova_app.services.open_question import all_questions


def working_copies(db: Session) -> Iterator[Breach]:
    """What was typed can be read again."""
    query = sa.select(col(CompletionDraft.appointment_id), col(CompletionDraft.form), col(CompletionDraft.aside))
    for rows in batches(db, query, col(CompletionDraft.appointment_id)):
        for row in rows:
            try:
                Form.from_json(row.form)
                all_questions(row.aside)
            except (ValueError, KeyError, TypeError):
                words = "What was typed cannot be read again."
                yield Breach(Invariant.WORKING_COPY, "completion_draft", row.appointment_id, words)


def texts_kept(db: Session) -> Iterator[Breach]:
    """So can what is kept for its writer."""
    for rows in batches(db, sa.select(col(KeptTexts.id), col(KeptTexts.cells)), col(KeptTexts.id)):
        for row in rows:
            try:
                cells_in(row.cells)
            except (ValueError, TypeError):
                yield Breach(Invariant.WORKING_COPY, "kept_texts", row.id, "What was typed cannot be read again.")


def wanted_letters(db: Session) -> Iterator[Breach]:
    """A job's document is of the job's own practice and invoice."""
    query = sa.select(*(col(c) for c in (OutboxRow.id, OutboxRow.practice_id, OutboxRow.invoice_id, OutboxRow.payload)))
    for rows in batches(db, query, col(OutboxRow.id)):
        payloads = {row.id: parsed_json(row.payload) for row in rows}
        wanted = {p["document_id"] for p in payloads.values() if isinstance(p, dict) and "document_id" in p}
        columns = (Document.id, Document.practice_id, Document.invoice_id)
        found = db.execute(sa.select(*(col(c) for c in columns)).where(col(Document.id).in_(wanted)))
        owners = {document_id: (practice_id, invoice_id) for document_id, practice_id, invoice_id in found}
        for row in rows:
            payload = payloads[row.id]
            if not isinstance(payload, dict):
                yield Breach(Invariant.OUTBOX, "outbox", row.id, "What it is to do cannot be read.")
            elif "document_id" in payload and owners.get(payload["document_id"]) != (row.practice_id, row.invoice_id):
                yield Breach(Invariant.ONE_PRACTICE, "outbox", row.id, "Its document is not of its own invoice.")
