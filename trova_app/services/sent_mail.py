"""Letters as they were composed, for the Outbox page: the newest first, and one of them to read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from trova_app.domain.documents import DocumentContent
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound
from trova_app.models import Document, Mail
from trova_app.services.arguments import an_id
from trova_app.services.cursors import latest_first
from trova_app.services.document_files import shows_diagnosis
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for

NAMES = {"invoice": "Invoice", "receipt": "Receipt", "insurer": "Claim"}
STATES = {"waiting": "Waiting", "captured": "Kept here", "sent": "Sent", "refused": "Refused"}


@dataclass(frozen=True, slots=True)
class LetterRow:
    """`document_id`: the attached PDF, 0 for a role that may not see the diagnoses in it."""

    id: int
    what: str
    recipient: str
    subject: str
    state: str
    when: str
    problem: str
    invoice_id: int
    document_id: int
    document_number: str


@dataclass(frozen=True, slots=True)
class LetterPage:
    rows: tuple[LetterRow, ...]
    next_after: str = ""


@dataclass(frozen=True, slots=True)
class LetterText:
    """One letter to read. What stands in it is what the recipient reads."""

    row: LetterRow
    text: str


def letters(db: Session, desk: Desk, who: Principal, *, after: object = "", limit: object = 50) -> LetterPage:
    who.must(Permission.SEE_OUTBOX)
    found, next_after = latest_first(db, _letters(who), col(Mail.id), "letters", after, limit)
    return LetterPage(tuple(_rows(style_for(db, desk, who.practice_id), who, found)), next_after)


def letter(db: Session, desk: Desk, who: Principal, *, mail_id: object) -> LetterText:
    who.must(Permission.SEE_OUTBOX)
    found = db.exec(_letters(who).where(Mail.id == an_id(mail_id, "letter"))).first()
    if found is None:
        raise NotFound("letter")
    row = next(_rows(style_for(db, desk, who.practice_id), who, [found]))
    return LetterText(row, found[0].text)


def _letters(who: Principal) -> Any:
    return (
        select(Mail, Document)
        .join(Document, col(Document.id) == Mail.document_id, isouter=True)
        .where(Mail.practice_id == who.practice_id)
    )


def _rows(style: PracticeStyle, who: Principal, found: list[tuple[Mail, Document | None]]) -> Iterator[LetterRow]:
    for mail, document in found:
        yield LetterRow(
            id=int(mail.id or 0),
            what=NAMES.get(mail.kind, "Letter"),
            recipient=mail.recipient,
            subject=mail.subject,
            state=STATES[mail.state],
            when=style.moment_words(mail.sent_at or mail.created_at),
            problem=mail.error,
            invoice_id=mail.invoice_id or 0,
            document_id=int(document.id or 0) if document and _may_open(who, document) else 0,
            document_number=document.number_text if document else "",
        )


def _may_open(who: Principal, document: Document) -> bool:
    return who.may(Permission.SEE_DIAGNOSES) or not shows_diagnosis(DocumentContent.from_json(document.content))
