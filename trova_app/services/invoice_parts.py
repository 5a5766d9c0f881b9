"""The parts of an invoice and what stands around it, as texts ready to draw. Refunds and disputes: `given_back`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, select

from trova_app.domain.documents import DocumentContent
from trova_app.domain.gateways import PAGES_LAST
from trova_app.domain.invoices import METHOD_WORDS, PaymentMethod
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import (
    Document,
    Invoice,
    InvoiceDiagnosis,
    InvoiceLine,
    InvoiceTax,
    Mail,
    OutboxRow,
    Payment,
    PaymentRequest,
    RequestState,
    TimelineEntry,
)
from trova_app.services.balances import left_of
from trova_app.services.document_files import shows_diagnosis
from trova_app.services.gateway_accounts import goes_back_by_hand
from trova_app.services.given_back import has_open_dispute
from trova_app.services.payment_requests import OPEN_PAGES
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short

Row = TypeVar("Row", bound=SQLModel)

DOCUMENT_WORDS = {"invoice": "Invoice", "receipt": "Receipt", "insurer_invoice": "Invoice for the insurer"}
LETTER_WORDS = {"invoice": "Invoice", "receipt": "Receipt", "insurer": "Claim"}
MAIL_WORDS = {"waiting": "Waiting", "captured": "Kept in the Outbox", "sent": "Sent", "refused": "Refused"}
LINK_WORDS = {
    RequestState.CREATING: "Being made",
    RequestState.ACTIVE: "Open for payment",
    RequestState.CLOSING: "Being closed",
    RequestState.CLOSED: "Closed",
    RequestState.PAID: "Paid",
    RequestState.FAILED: "Could not be made",
}
PAYMENT_WORDS = {"pending": "On its way", "succeeded": "Received", "failed": "Failed"}
CREDIT = "Kept as a credit"


@dataclass(frozen=True, slots=True)
class LineText:
    """`discount` is "" where there is none; `icd` is "" for roles that may not see diagnoses."""

    date: str
    code: str
    description: str
    quantity: str
    unit_price: str
    discount: str
    total: str
    tax_rate: str
    icd: str


@dataclass(frozen=True, slots=True)
class TaxText:
    rate: str
    base: str
    tax: str


@dataclass(frozen=True, slots=True)
class PaymentText:
    """`left`: what of it this person may give back, "" where nothing; `is_by_hand`: it goes back by hand, as it
    came so, or its gateway account was left or is another key's."""

    id: int
    is_by_hand: bool
    method_key: str
    left: str
    date: str
    method: str
    amount: str
    state: str
    reference: str


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document given out and where it is mailed; open it at /documents/{id}.pdf. Those that show diagnoses are left
    out for roles that may not see them."""

    id: int
    kind: str
    words: str
    number: str
    is_printed: bool
    recipient: str


@dataclass(frozen=True, slots=True)
class LinkText:
    """The newest payment link. `problem` says what went wrong, "" while all is well."""

    state: str
    words: str
    url: str
    amount: str
    problem: str


@dataclass(frozen=True, slots=True)
class MailText:
    words: str
    recipient: str
    state: str
    when: str
    problem: str


@dataclass(frozen=True, slots=True)
class EntryText:
    when: str
    who: str
    what: str


def rows_of(db: Session, table: type[Row], invoice: Invoice, order: Any) -> list[Row]:
    return list(db.exec(select(table).where(table.invoice_id == invoice.id).order_by(col(order))))  # type: ignore[attr-defined]


def line_text(style: PracticeStyle, line: InvoiceLine, sees: bool) -> LineText:
    return LineText(
        date=short(line.service_date),
        code=line.code,
        description=line.description,
        quantity=style.quantity(line.quantity),
        unit_price=style.price(line.unit_price),
        discount=style.amount(-line.discount_minor) if line.discount_minor else "",
        total=style.amount(line.net_minor),
        tax_rate=_rate(style, line.tax_rate),
        icd=line.icd_codes if sees else "",
    )


def _rate(style: PracticeStyle, rate: int) -> str:
    return style.percent(rate) if rate else ""


def diagnoses_of(db: Session, invoice: Invoice) -> tuple[tuple[str, str], ...]:
    listed = rows_of(db, InvoiceDiagnosis, invoice, InvoiceDiagnosis.position)
    return tuple((row.code, row.description) for row in listed)


def tax_text(style: PracticeStyle, row: InvoiceTax) -> TaxText:
    return TaxText(_rate(style, row.rate), style.amount(row.base_minor), style.amount(row.tax_minor))


def payment_state(row: Payment) -> str:
    """Where it stands, in the screen's words."""
    return CREDIT if row.is_credit and row.state == "succeeded" else PAYMENT_WORDS[row.state]


def payment_text(db: Session, desk: Desk, style: PracticeStyle, who: Principal, row: Payment) -> PaymentText:
    payment_id = int(row.id or 0)
    may = who.may(Permission.BILL) and who.may(Permission.RECORD_PAYMENT) and not has_open_dispute(db, payment_id)
    left = left_of(db, payment_id) if may else 0
    return PaymentText(
        id=payment_id,
        is_by_hand=goes_back_by_hand(db, desk, row),
        method_key=row.method,
        left=style.amount(left) if left else "",
        date=short(row.received_on),
        method=METHOD_WORDS[PaymentMethod(row.method)],
        amount=style.amount(row.amount_minor),
        state=payment_state(row),
        reference=row.reference,
    )


def documents_of(db: Session, invoice: Invoice, sees: bool, claim: str, client: str) -> Iterator[DocumentText]:
    """`claim` and `client`: the addresses, by who reads that kind of document."""
    for row in rows_of(db, Document, invoice, Document.id):
        if sees or not shows_diagnosis(DocumentContent.from_json(row.content)):
            yield DocumentText(
                int(row.id or 0), row.kind, DOCUMENT_WORDS[row.kind], row.number_text, bool(row.pdf_sha256),
                claim if row.kind == "insurer_invoice" else client,
            )  # fmt: skip


def link_of(db: Session, desk: Desk, style: PracticeStyle, invoice: Invoice) -> LinkText | None:
    found = rows_of(db, PaymentRequest, invoice, PaymentRequest.id)
    if not found:
        return None
    newest = found[-1]
    state = RequestState(newest.state)
    is_over = newest.last_error == OPEN_PAGES and desk.now() - newest.changed_at > PAGES_LAST
    problem = "" if is_over else newest.last_error
    return LinkText(state.value, LINK_WORDS[state], newest.url, style.amount(newest.amount_minor), problem)


def mails_of(db: Session, style: PracticeStyle, invoice: Invoice) -> Iterator[MailText]:
    """Letters that were composed, then those still waiting for it; a stopped one says why."""
    composed = rows_of(db, Mail, invoice, Mail.id)
    for row in composed:
        when = style.moment_words(row.sent_at or row.created_at)
        yield MailText(LETTER_WORDS.get(row.kind, "Letter"), row.recipient, MAIL_WORDS[row.state], when, row.error)
    keys = {row.key for row in composed}
    for job in rows_of(db, OutboxRow, invoice, OutboxRow.id):
        if job.kind == "letter" and job.done_at is None and job.key not in keys:
            state = "Stopped" if job.dead_at else "Waiting"
            yield MailText("Letter", "", state, style.moment_words(job.created_at), job.last_error)


def timeline_of(db: Session, style: PracticeStyle, invoice: Invoice) -> tuple[EntryText, ...]:
    """The latest first."""
    listed = rows_of(db, TimelineEntry, invoice, TimelineEntry.id)
    latest = sorted(listed, key=lambda entry: (entry.happened_at, entry.id or 0), reverse=True)
    return tuple(EntryText(style.moment_words(row.happened_at), row.who, row.what) for row in latest)
