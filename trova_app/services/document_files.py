"""Who may open a given-out document, and the keeping of its PDF: printed once, then always the same bytes."""

import hashlib
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.documents import DocumentContent
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound
from trova_app.models import Document, Invoice
from trova_app.services.arguments import an_id
from trova_app.services.ports import Desk

WHAT = "document"


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A document ready to be given to a reader; `pdf` is None until it is printed."""

    id: int
    kind: str
    number_text: str
    content: DocumentContent
    pdf: bytes | None

    @property
    def filename(self) -> str:
        return f"{self.number_text or self.kind}.pdf"


def for_member(db: Session, desk: Desk, who: Principal, *, document_id: object) -> DocumentFile:
    """A document of the person's practice. What shows a diagnosis is only for those who may see diagnoses. `NotFound`
    for every other one, the same whether it is absent, foreign or not theirs to see."""
    who.must(Permission.SEE_BILLING)
    query = select(Document).where(Document.id == an_id(document_id, WHAT), Document.practice_id == who.practice_id)
    found = _file(db.exec(query).first())
    if shows_diagnosis(found.content) and not who.may(Permission.SEE_DIAGNOSES):
        raise NotFound(WHAT)
    return found


def for_payer(db: Session, desk: Desk, *, document_id: object, token: object) -> DocumentFile:
    """A client's document of the invoice behind the pay token; never the insurer's copy, never another invoice's."""
    if not isinstance(token, str) or not token or not (token.isascii() and token.isprintable()):
        raise NotFound(WHAT)
    query = (
        select(Document)
        .join(Invoice, col(Invoice.id) == Document.invoice_id)
        .where(
            Document.id == an_id(document_id, WHAT),
            Invoice.pay_token == token,
            col(Document.kind).in_(("invoice", "receipt")),
        )
    )
    return _file(db.exec(query).first())


def for_worker(db: Session, document_id: int) -> DocumentFile:
    return _file(db.get(Document, document_id))


def _file(row: Document | None) -> DocumentFile:
    if row is None:
        raise NotFound(WHAT)
    content = DocumentContent.from_json(row.content)
    return DocumentFile(cast(int, row.id), row.kind, row.number_text, content, row.pdf)


def shows_diagnosis(content: DocumentContent) -> bool:
    return bool(content.diagnoses) or any(line.icd for line in content.lines)


def keep_pdf(db: Session, document_id: int, pdf: bytes) -> bytes:
    """Stores the PDF unless one is stored already; returns the one that stands."""
    db.exec(
        sa.update(Document)
        .where(col(Document.id) == document_id, col(Document.pdf).is_(None))
        .values(pdf=pdf, pdf_sha256=hashlib.sha256(pdf).hexdigest())
    )
    kept = db.exec(select(Document.pdf).where(Document.id == document_id)).one()
    assert kept is not None
    return kept
