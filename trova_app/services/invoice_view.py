"""One invoice or receipt with everything around it, as texts ready to draw."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from trova_app.domain.claims import submit_by
from trova_app.domain.documents import DocumentContent
from trova_app.domain.invoices import METHOD_WORDS, DocumentStatus, PaymentMethod, PaymentType
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound
from trova_app.models import (
    Client,
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
from trova_app.services.arguments import an_id
from trova_app.services.balances import invoice_label, is_refunded, left_of, paid_minor, refunded_minor
from trova_app.services.billing.claim import claim_address
from trova_app.services.document_files import shows_diagnosis
from trova_app.services.given_back import DisputeText, RefundText, disputes_of, has_open_dispute, refunds_of
from trova_app.services.mailing import client_address
from trova_app.services.payment_requests import LIVE_STATES
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for

Row = TypeVar("Row", bound=SQLModel)

PAYMENT_TYPE_WORDS = {
    PaymentType.ONLINE: "Online Payment",
    PaymentType.OTHER: "Other Payment",
    PaymentType.INSURANCE: "Insurance Payment",
}
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
    """`left`: what of it this person may give back, "" where nothing; `is_by_hand`: it goes back by hand too."""

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


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """`acts` names what this person may do next, the most likely first: finish, reopen, mail_to_insurer, mark_paid,
    mark_submitted, mail_again, correct, void.
    `letter_email`: where the client's newest letter went; `claim_email`: the scheme's address, "" where it is no claim.
    `is_refunded`: paid in full and given back in full. Empty dates: ""."""

    id: int
    version: int
    number: str
    label: str
    status: str
    mode: str
    payment_type: str
    payment_type_words: str
    client_id: int
    client_name: str
    letter_email: str
    claim_email: str
    service_name: str
    service_date: str
    issue_date: str
    due_date: str
    submitted_on: str
    submit_by: str
    void_reason: str
    appointment_id: int | None
    lines: tuple[LineText, ...]
    diagnoses: tuple[tuple[str, str], ...]
    subtotal: str
    discount: str
    taxes: tuple[TaxText, ...]
    tax: str
    total: str
    paid: str
    refunded: str
    due: str
    is_paid: bool
    is_refunded: bool
    payments: tuple[PaymentText, ...]
    refunds: tuple[RefundText, ...]
    disputes: tuple[DisputeText, ...]
    documents: tuple[DocumentText, ...]
    link: LinkText | None
    mails: tuple[MailText, ...]
    timeline: tuple[EntryText, ...]
    pay_url: str
    acts: tuple[str, ...]


def invoice_view(db: Session, desk: Desk, who: Principal, *, invoice_id: object) -> InvoiceView:
    """`NotFound` for another practice's invoice as for none."""
    who.must(Permission.SEE_BILLING)
    invoice, client, paid, refunded, went_back = _found(db, who, an_id(invoice_id, "document"))
    style = style_for(db, desk, who.practice_id).in_currency(invoice.currency)
    due = max(0, invoice.total_minor - paid)
    came = _rows(db, Payment, invoice, Payment.id)
    is_settled = went_back and _received(came) >= invoice.total_minor
    lines = _rows(db, InvoiceLine, invoice, InvoiceLine.position)
    sees = who.may(Permission.SEE_DIAGNOSES)
    is_claim = invoice.payment_type == PaymentType.INSURANCE
    claim_email = claim_address(db, invoice) if is_claim else ""
    letter_email = client_address(db, invoice) or client.email
    link = _link(db, style, invoice)
    is_payable = invoice.status == DocumentStatus.ISSUED and due > 0 and link is not None and link.state in LIVE_STATES
    return InvoiceView(
        id=int(invoice.id or 0),
        version=invoice.version,
        number=invoice.number_text,
        label=invoice_label(invoice, paid, style.today, is_refunded=went_back).value,
        status=invoice.status,
        mode=invoice.mode,
        payment_type=invoice.payment_type,
        payment_type_words=PAYMENT_TYPE_WORDS[PaymentType(invoice.payment_type)],
        client_id=invoice.client_id,
        client_name=f"{client.first_name} {client.last_name}".strip(),
        letter_email=letter_email,
        claim_email=claim_email,
        service_name=invoice.service_name,
        service_date=short(invoice.service_date),
        issue_date=short(invoice.issue_date) if invoice.issue_date else "",
        due_date=short(invoice.due_date) if invoice.due_date else "",
        submitted_on=short(invoice.submitted_on) if invoice.submitted_on else "",
        submit_by=short(submit_by(min(line.service_date for line in lines))) if is_claim and lines else "",
        void_reason=invoice.void_reason,
        appointment_id=invoice.appointment_id,
        lines=tuple(_line(style, line, sees) for line in lines),
        diagnoses=_diagnoses(db, invoice) if sees else (),
        subtotal=style.amount(invoice.subtotal_minor),
        discount=style.amount(-invoice.discount_minor) if invoice.discount_minor else "",
        taxes=tuple(_tax(style, row) for row in _rows(db, InvoiceTax, invoice, InvoiceTax.rate) if row.rate),
        tax=style.amount(invoice.tax_minor),
        total=style.amount(invoice.total_minor),
        paid=style.amount(paid),
        refunded=style.amount(refunded) if refunded else "",
        due=style.amount(due),
        is_paid=invoice.status == DocumentStatus.ISSUED and due == 0,
        is_refunded=is_settled,
        payments=tuple(_payment(db, style, who, row) for row in came),
        refunds=refunds_of(db, style, int(invoice.id or 0)),
        disputes=disputes_of(db, style, int(invoice.id or 0)),
        documents=tuple(_documents(db, invoice, sees, claim_email, letter_email)),
        link=link,
        mails=tuple(_mails(db, style, invoice)),
        timeline=_timeline(db, style, invoice),
        pay_url=f"{desk.origin}/pay/{invoice.pay_token}" if is_payable else "",
        acts=tuple(_acts(who, invoice, due, is_expected=not _went_back(came, invoice, due, refunded))),
    )


def _found(db: Session, who: Principal, invoice_id: int) -> tuple[Invoice, Client, int, int, bool]:
    query: Any = (
        sa.select(Invoice, Client, paid_minor(), refunded_minor(), is_refunded())
        .join(Client, col(Client.id) == Invoice.client_id)
        .where(col(Invoice.id) == invoice_id, col(Invoice.practice_id) == who.practice_id)
    )
    found = db.execute(query).first()
    if found is None:
        raise NotFound("document")
    return found[0], found[1], int(found[2]), int(found[3]), found[4]


def _rows(db: Session, table: type[Row], invoice: Invoice, order: Any) -> list[Row]:
    return list(db.exec(select(table).where(table.invoice_id == invoice.id).order_by(col(order))))  # type: ignore[attr-defined]


def _line(style: PracticeStyle, line: InvoiceLine, sees: bool) -> LineText:
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
    return f"{style.quantity(rate)}%" if rate else ""


def _diagnoses(db: Session, invoice: Invoice) -> tuple[tuple[str, str], ...]:
    listed = _rows(db, InvoiceDiagnosis, invoice, InvoiceDiagnosis.position)
    return tuple((row.code, row.description) for row in listed)


def _tax(style: PracticeStyle, row: InvoiceTax) -> TaxText:
    return TaxText(_rate(style, row.rate), style.amount(row.base_minor), style.amount(row.tax_minor))


def _received(came: list[Payment]) -> int:
    return sum(row.amount_minor for row in came if row.state == "succeeded" and not row.is_credit)


def _went_back(came: list[Payment], invoice: Invoice, due: int, refunded: int) -> bool:
    """Paid in full once, and given back since, in part or whole: what is due now nobody is expected to pay."""
    return due > 0 and refunded > 0 and _received(came) >= invoice.total_minor


def _payment(db: Session, style: PracticeStyle, who: Principal, row: Payment) -> PaymentText:
    payment_id = int(row.id or 0)
    may = who.may(Permission.BILL) and who.may(Permission.RECORD_PAYMENT) and not has_open_dispute(db, payment_id)
    left = left_of(db, payment_id) if may else 0
    return PaymentText(
        id=payment_id,
        is_by_hand=row.provider == "manual",
        method_key=row.method,
        left=style.amount(left) if left else "",
        date=short(row.received_on),
        method=METHOD_WORDS[PaymentMethod(row.method)],
        amount=style.amount(row.amount_minor),
        state=CREDIT if row.is_credit and row.state == "succeeded" else PAYMENT_WORDS[row.state],
        reference=row.reference,
    )


def _documents(db: Session, invoice: Invoice, sees: bool, claim: str, client: str) -> Iterator[DocumentText]:
    """`claim` and `client`: the addresses, by who reads that kind of document."""
    for row in _rows(db, Document, invoice, Document.id):
        if sees or not shows_diagnosis(DocumentContent.from_json(row.content)):
            yield DocumentText(
                int(row.id or 0), row.kind, DOCUMENT_WORDS[row.kind], row.number_text, bool(row.pdf_sha256),
                claim if row.kind == "insurer_invoice" else client,
            )  # fmt: skip


def _link(db: Session, style: PracticeStyle, invoice: Invoice) -> LinkText | None:
    found = _rows(db, PaymentRequest, invoice, PaymentRequest.id)
    if not found:
        return None
    newest = found[-1]
    state = RequestState(newest.state)
    return LinkText(state.value, LINK_WORDS[state], newest.url, style.amount(newest.amount_minor), newest.last_error)


def _mails(db: Session, style: PracticeStyle, invoice: Invoice) -> Iterator[MailText]:
    """Letters that were composed, then those still waiting for it; a stopped one says why."""
    composed = _rows(db, Mail, invoice, Mail.id)
    for row in composed:
        when = style.moment_words(row.sent_at or row.created_at)
        yield MailText(LETTER_WORDS.get(row.kind, "Letter"), row.recipient, MAIL_WORDS[row.state], when, row.error)
    keys = {row.key for row in composed}
    for job in _rows(db, OutboxRow, invoice, OutboxRow.id):
        if job.kind == "letter" and job.done_at is None and job.key not in keys:
            state = "Stopped" if job.dead_at else "Waiting"
            yield MailText("Letter", "", state, style.moment_words(job.created_at), job.last_error)


def _timeline(db: Session, style: PracticeStyle, invoice: Invoice) -> tuple[EntryText, ...]:
    """The latest first."""
    listed = _rows(db, TimelineEntry, invoice, TimelineEntry.id)
    latest = sorted(listed, key=lambda entry: (entry.happened_at, entry.id or 0), reverse=True)
    return tuple(EntryText(style.moment_words(row.happened_at), row.who, row.what) for row in latest)


def _acts(who: Principal, invoice: Invoice, due: int, *, is_expected: bool) -> Iterator[str]:
    if invoice.status == DocumentStatus.DRAFT and who.may(Permission.COMPLETE):
        yield from ("finish", "reopen")
    if invoice.status != DocumentStatus.ISSUED:
        return
    is_claim = invoice.payment_type == PaymentType.INSURANCE
    if is_claim and who.may(Permission.BILL) and due > 0:
        yield "mail_to_insurer"
    may_record = due > 0 and who.may(Permission.RECORD_PAYMENT)
    if may_record and is_expected:
        yield "mark_paid"
    if is_claim and who.may(Permission.BILL) and invoice.submitted_on is None:
        yield "mark_submitted"
    if who.may(Permission.BILL):
        yield "mail_again"
    if may_record and not is_expected:
        yield "mark_paid"  # not the next thing to do
    if who.may(Permission.BILL):
        yield from ("correct", "void")
