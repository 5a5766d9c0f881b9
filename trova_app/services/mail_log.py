"""Letters as they went out: the row, with its Message-ID, is there before the first try and tells what became of it."""

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from sqlmodel import Session, select

from trova_app.domain.documents import DocumentContent
from trova_app.domain.invoices import DocumentStatus, GivenBack
from trova_app.models import Document, Invoice, Mail, Mode, Practice
from trova_app.services import timeline
from trova_app.services.balances import due_minor, given_back
from trova_app.services.letters import Letter, insurer_letter, invoice_letter, receipt_letter
from trova_app.services.outbox import Job
from trova_app.services.ports import Desk

NAMES = {"invoice": "Invoice", "receipt": "Receipt", "insurer": "Claim"}
MAILED = {"invoice": "Invoice mailed", "receipt": "Receipt mailed", "insurer": "Claim mailed to the insurer"}
HERE = " (kept in the Outbox: no mail leaves this installation)"
TROVA = "Trova"
GONE = ("sent", "captured")
HELD_BACK = "It was not sent: the document was void by then."


@dataclass(frozen=True, slots=True)
class WantedMail:
    """A letter ready to be handed over. `is_over`: it went out before, or its invoice is void by now."""

    mail_id: int
    message_id: str
    sender_name: str
    reply_to: str
    recipient: str
    subject: str
    text: str
    html: str
    document_id: int
    is_over: bool
    stays_here: bool


def prepare(db: Session, desk: Desk, job: Job) -> WantedMail:
    """The letter of this job under the Message-ID of its first try. What it asks for is of this moment: a mail server
    may have been away for hours, and the money has come or the document was withdrawn since."""
    document = db.get_one(Document, job.payload["document_id"])
    practice = db.get_one(Practice, document.practice_id)
    row = db.exec(select(Mail).where(Mail.key == job.key)).first() or _begun(db, desk, job, document)
    went_out = row.state in GONE
    is_void = _is_void(db, document)
    if is_void and not went_out:
        _held_back(db, desk, row)
    elif not went_out:
        letter = _letter(db, row.kind, document)
        row.subject, row.text, row.html = letter.subject, letter.text, letter.html
        row.state, row.error = "waiting", ""  # also where it was refused: a person asked to try again
    db.flush()
    return WantedMail(
        mail_id=cast(int, row.id),
        message_id=row.message_id,
        sender_name=practice.sender_name or practice.name,
        reply_to=practice.email,
        recipient=row.recipient,
        subject=row.subject,
        text=row.text,
        html=row.html,
        document_id=cast(int, document.id),
        is_over=went_out or is_void,
        stays_here=Mode.DEMO in (desk.mode, practice.mode),
    )


def _is_void(db: Session, document: Document) -> bool:
    query = select(Invoice.status).where(Invoice.id == document.invoice_id)
    return db.exec(query).first() == DocumentStatus.VOID


def _held_back(db: Session, desk: Desk, row: Mail) -> None:
    if row.error == HELD_BACK:
        return
    row.state, row.error = "refused", HELD_BACK
    _note(db, desk, row, f"{NAMES[row.kind]} not mailed: it was void by then")


def _begun(db: Session, desk: Desk, job: Job, document: Document) -> Mail:
    letter = _letter(db, job.payload["kind"], document)
    row = Mail(
        practice_id=document.practice_id,
        invoice_id=document.invoice_id,
        document_id=document.id,
        key=job.key,
        message_id=f"{desk.new_token()}@{urlsplit(desk.origin).hostname or 'localhost'}",
        kind=job.payload["kind"],
        recipient=job.payload["recipient"],
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        created_at=desk.now(),
    )
    db.add(row)
    return row


def _letter(db: Session, kind: str, document: Document) -> Letter:
    """A letter asks for what is due when it is written; the document it carries stays as it was given out."""
    content = DocumentContent.from_json(document.content)
    if kind == "invoice":
        due, back = db.exec(select(due_minor(), given_back()).where(Invoice.id == document.invoice_id)).one()
        return invoice_letter(content, content.pay_url, 0 if back else max(0, due), given_back=GivenBack(back))
    return receipt_letter(content) if kind == "receipt" else insurer_letter(content)


def went_out(db: Session, desk: Desk, wanted: WantedMail, *, captured: bool) -> None:
    """Notes it on the mail and on the invoice's timeline, once."""
    row = db.exec(select(Mail).where(Mail.id == wanted.mail_id).with_for_update()).one()
    if row.state in GONE:
        return
    row.state, row.error, row.sent_at = ("captured" if captured else "sent"), "", desk.now()
    _note(db, desk, row, MAILED[row.kind] + (HERE if captured else ""))


def was_refused(db: Session, desk: Desk, wanted: WantedMail, reason: str) -> None:
    row = db.get_one(Mail, wanted.mail_id)
    row.state, row.error = "refused", reason
    _note(db, desk, row, f"{NAMES[row.kind]} could not be mailed. Look at the Outbox.")


def _note(db: Session, desk: Desk, row: Mail, what: str) -> None:
    timeline.note(db, desk, practice_id=row.practice_id, who=TROVA, what=what, invoice_id=row.invoice_id)
    desk.tell(row.practice_id)
