"""One invoice or receipt with everything around it, as texts ready to draw."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.domain.claims import submit_by
from trova_app.domain.invoices import DocumentStatus, GivenBack, PaymentType
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound
from trova_app.models import Client, Invoice, InvoiceLine, InvoiceTax, Payment
from trova_app.services.arguments import an_id
from trova_app.services.balances import due_minor, given_back, invoice_label, paid_minor, refunded_minor
from trova_app.services.billing.claim import claim_address
from trova_app.services.given_back import DisputeText, RefundText, disputes_of, refunds_of
from trova_app.services.invoice_parts import (
    DocumentText,
    EntryText,
    LineText,
    LinkText,
    MailText,
    PaymentText,
    TaxText,
    diagnoses_of,
    documents_of,
    line_text,
    link_of,
    mails_of,
    payment_text,
    rows_of,
    tax_text,
    timeline_of,
)
from trova_app.services.mailing import client_address
from trova_app.services.payment_requests import LIVE_STATES
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short, style_for

PAYMENT_TYPE_WORDS = {
    PaymentType.ONLINE: "Online Payment",
    PaymentType.OTHER: "Other Payment",
    PaymentType.INSURANCE: "Insurance Payment",
}


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """`acts` names what this person may do next, the most likely first: finish, reopen, mail_to_insurer, mark_paid,
    mark_submitted, mail_again, correct, void.
    `letter_email`: where the client's newest letter went; `claim_email`: the scheme's address, "" where it is no claim.
    `is_given_back`: paid in full once and given back since, in part or whole: nobody is expected to pay what is due by
    the figures. Empty dates: ""."""

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
    is_given_back: bool
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
    invoice, client, paid, refunded, due, went_back = _found(db, who, an_id(invoice_id, "document"))
    style = style_for(db, desk, who.practice_id).in_currency(invoice.currency)
    came = rows_of(db, Payment, invoice, Payment.id)
    is_given_back = due > 0 and went_back != GivenBack.NOTHING
    lines = rows_of(db, InvoiceLine, invoice, InvoiceLine.position)
    sees = who.may(Permission.SEE_DIAGNOSES)
    is_claim = invoice.payment_type == PaymentType.INSURANCE
    claim_email = claim_address(db, invoice) if is_claim else ""
    letter_email = client_address(db, invoice) or client.email
    link = link_of(db, desk, style, invoice)
    is_payable = invoice.status == DocumentStatus.ISSUED and due > 0 and link is not None and link.state in LIVE_STATES
    return InvoiceView(
        id=int(invoice.id or 0),
        version=invoice.version,
        number=invoice.number_text,
        label=invoice_label(invoice, paid, style.today, given_back=went_back).value,
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
        lines=tuple(line_text(style, line, sees) for line in lines),
        diagnoses=diagnoses_of(db, invoice) if sees else (),
        subtotal=style.amount(invoice.subtotal_minor),
        discount=style.amount(-invoice.discount_minor) if invoice.discount_minor else "",
        taxes=tuple(tax_text(style, row) for row in rows_of(db, InvoiceTax, invoice, InvoiceTax.rate) if row.rate),
        tax=style.amount(invoice.tax_minor),
        total=style.amount(invoice.total_minor),
        paid=style.amount(paid),
        refunded=style.amount(refunded) if refunded else "",
        due=style.amount(due),
        is_paid=invoice.status == DocumentStatus.ISSUED and due == 0,
        is_given_back=is_given_back,
        payments=tuple(payment_text(db, desk, style, who, row) for row in came),
        refunds=refunds_of(db, style, who, int(invoice.id or 0)),
        disputes=disputes_of(db, style, int(invoice.id or 0)),
        documents=tuple(documents_of(db, invoice, sees, claim_email, letter_email)),
        link=link,
        mails=tuple(mails_of(db, style, invoice)),
        timeline=timeline_of(db, style, invoice),
        pay_url=f"{desk.origin}/pay/{invoice.pay_token}" if is_payable else "",
        acts=tuple(_acts(who, invoice, due, is_expected=not is_given_back)),
    )


def _found(db: Session, who: Principal, invoice_id: int) -> tuple[Invoice, Client, int, int, int, str]:
    query: Any = (
        sa.select(Invoice, Client, paid_minor(), refunded_minor(), due_minor(), given_back())
        .join(Client, col(Client.id) == Invoice.client_id)
        .where(col(Invoice.id) == invoice_id, col(Invoice.practice_id) == who.practice_id)
    )
    found = db.execute(query).first()
    if found is None:
        raise NotFound("document")
    return found[0], found[1], int(found[2]), int(found[3]), max(0, int(found[4])), found[5]


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
