"""What was given out against what is stored: contents, fingerprints, printed files."""

import hashlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.models import Document, Invoice
from trova_app.services.check.breaches import Breach, Invariant, Row, batches, parsed_json
from trova_app.services.check.totals import StoredParts


def documents(db: Session) -> Iterator[Breach]:
    """What was given out is unchanged and prints what is stored."""
    query = sa.select(
        *Document.__table__.c["id", "kind", "number_text", "content", "fingerprint", "invoice_id"],  # type: ignore[attr-defined]
        *(col(c) for c in (Invoice.subtotal_minor, Invoice.discount_minor, Invoice.total_minor, Invoice.issue_date)),
        *(col(c) for c in (Invoice.payment_type, Invoice.currency, Invoice.mode, Invoice.pay_token)),
        col(Invoice.number_text).label("invoice_number"),
    ).join(Invoice, col(Invoice.id) == Document.invoice_id)
    for given_out in batches(db, query, col(Document.id)):
        parts = StoredParts.of(db, sorted({document.invoice_id for document in given_out}))
        for row in given_out:
            for invariant, words in _document(row, parts.lines[row.invoice_id], parts.taxes[row.invoice_id]):
                yield Breach(invariant, "document", row.id, words)


def _document(row: Row, lines: list[Row], taxes: list[Row]) -> Iterator[tuple[Invariant, str]]:
    if hashlib.sha256(row.content.encode()).hexdigest() != row.fingerprint:
        yield Invariant.TOTALS, "Its content is not the one its fingerprint was taken of."
    if row.kind != "receipt" and row.number_text != row.invoice_number:
        yield Invariant.NUMBERS, "Its number is not its invoice's."
    if (row.kind == "insurer_invoice") != (row.payment_type == "insurance") and row.kind != "receipt":
        yield Invariant.INSURER, "It is made out to the wrong payer."
    content = parsed_json(row.content)
    if not isinstance(content, dict):
        yield Invariant.TOTALS, "Its content cannot be read."
        return
    yield from ((Invariant.TOTALS, f"It prints another {what} than is stored.") for what in _misprints(row, content))
    if _lines_printed(content) != [(line.net_minor, line.discount_minor) for line in lines]:
        yield Invariant.TOTALS, "It prints other line amounts than are stored."
    if content.get("is_tax_invoice") and _taxes_printed(content) != [(t.base_minor, t.tax_minor) for t in taxes]:
        yield Invariant.TOTALS, "It prints other taxes than are stored."
    yield from _pay_url(row, content.get("pay_url"))


def _misprints(row: Row, content: dict[str, Any]) -> Iterator[str]:
    """Content leaves out what stands at its default: 0 and ""."""
    paid, total = content.get("paid", 0), content.get("total", 0)
    stored = {
        "number": row.number_text,
        "kind": row.kind,
        "currency": row.currency,
        "mode": row.mode,
        "subtotal": row.subtotal_minor,
        "discount": row.discount_minor,
        "total": row.total_minor,
        "due": max(0, total - paid),
    }
    if row.kind != "receipt" and row.issue_date:
        stored["issue_date"] = row.issue_date.isoformat()
    if row.kind != "insurer_invoice":
        stored["paid"] = sum(payment["amount"] for payment in content.get("payments", []))
    yield from (name for name, value in stored.items() if content.get(name, type(value)()) != value)


def _lines_printed(content: dict[str, Any]) -> list[tuple[int, int]]:
    return [(line["total"], line.get("discount", 0)) for line in content.get("lines", [])]


def _taxes_printed(content: dict[str, Any]) -> list[tuple[int, int]]:
    return [(row["base"], row["tax"]) for row in content.get("taxes", [])]


def _pay_url(row: Row, url: str | None) -> Iterator[tuple[Invariant, str]]:
    if url and row.kind == "insurer_invoice":
        yield Invariant.INSURER, "It asks the medical aid to pay online."
    elif url and not url.endswith(f"/pay/{row.pay_token}"):
        yield Invariant.ONE_PRACTICE, "Its link leads to another invoice."


def printed(db: Session) -> Iterator[Breach]:
    """A PDF is kept with its SHA-256, and is the one that was kept."""
    query = sa.select(*(col(c) for c in (Document.id, Document.pdf_sha256, Document.pdf)))
    for rows in batches(db, query, col(Document.id), size=100):
        for row in rows:
            if row.pdf_sha256 != (hashlib.sha256(row.pdf).hexdigest() if row.pdf is not None else ""):
                yield Breach(Invariant.TOTALS, "document", row.id, "Its PDF is not the one that was printed.")
