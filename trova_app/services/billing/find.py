"""An invoice of this person's practice."""

from sqlmodel import Session, select

from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound, Refusal
from trova_app.models import Document, Invoice
from trova_app.services.arguments import an_id


def find_invoice(db: Session, who: Principal, invoice_id: object, *, lock: bool = False) -> Invoice:
    """`NotFound` for an absent one and for another practice's alike."""
    who.must(Permission.SEE_BILLING)
    query = select(Invoice).where(Invoice.id == an_id(invoice_id, "document"), Invoice.practice_id == who.practice_id)
    invoice = db.exec(query.with_for_update() if lock else query).first()
    if invoice is None:
        raise NotFound("document")
    return invoice


def find_issued(db: Session, who: Principal, invoice_id: object) -> Invoice:
    """The same, locked, and issued: what money and mail need."""
    invoice = find_invoice(db, who, invoice_id, lock=True)
    if invoice.status == DocumentStatus.DRAFT:
        raise Refusal("This is still a Draft. Finish it first.")
    if invoice.status == DocumentStatus.VOID:
        raise Refusal("This document is void.")
    return invoice


def document_of(db: Session, invoice: Invoice, *kinds: str) -> Document:
    """The newest document of one of these kinds. `NotFound` where there is none."""
    query = select(Document).where(Document.invoice_id == invoice.id)
    found = [d for d in db.exec(query) if d.kind in kinds]
    if not found:
        raise NotFound("document")
    return max(found, key=lambda d: d.id or 0)
