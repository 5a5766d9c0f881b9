"""Documents given out: their content is frozen in the act that gives them out; the PDF follows from it."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, func, select

from trova_app.domain import claims
from trova_app.domain.documents import (
    BankDetail,
    ClientDetails,
    DocumentContent,
    DocumentDiagnosis,
    DocumentKind,
    DocumentLine,
    DocumentMode,
    DocumentPayment,
    Logo,
    PracticeDetails,
    PractitionerDetails,
    Reference,
    SchemeDetails,
    TaxRow,
)
from trova_app.domain.invoices import METHOD_WORDS, PaymentMethod, PaymentType, Series, number_text
from trova_app.domain.money import MoneyStyle, style_of
from trova_app.models import (
    Appointment,
    Client,
    Document,
    Invoice,
    InvoiceDiagnosis,
    InvoiceLine,
    InvoiceTax,
    Member,
    Payment,
    Practice,
)
from trova_app.services.clients.custom_fields import printed
from trova_app.services.forms import CLIENT_TEXTS, FormTexts
from trova_app.services.numbers import take_number
from trova_app.services.ports import Desk
from trova_app.services.practice_style import percent_text, thousandths_text
from trova_app.services.typed_amounts import price_text

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class Parts:
    """An invoice's rows in order, as stored or as they would be."""

    lines: Sequence[InvoiceLine]
    taxes: Sequence[InvoiceTax]
    diagnoses: Sequence[InvoiceDiagnosis]
    payments: Sequence[Payment] = ()


def give_out(
    db: Session, desk: Desk, invoice: Invoice, kind: DocumentKind, *, texts: FormTexts | None = None
) -> Document:
    """Freezes a document of this invoice as of now. Receipts are numbered in their own series and count up;
    an invoice has one invoice document. `texts`: the billing details on the completion form, where they are at hand;
    later documents take them from the first one."""
    position = 1 + db.exec(select(func.count()).where(Document.invoice_id == invoice.id, Document.kind == kind)).one()
    number = invoice.number_text if kind != "receipt" else _receipt_number(db, invoice)
    content = content_of(db, desk, invoice, kind, number=number, texts=texts)
    document = Document(
        practice_id=invoice.practice_id,
        invoice_id=cast(int, invoice.id),
        kind=kind,
        position=position,
        number_text=number,
        content=content.to_json(),
        fingerprint=content.fingerprint(),
        created_at=desk.now(),
    )
    db.add(document)
    db.flush()
    return document


def _receipt_number(db: Session, invoice: Invoice) -> str:
    number = take_number(db, invoice.practice_id, Series.RECEIPT)
    return number_text(db.get_one(Practice, invoice.practice_id).number_prefix, Series.RECEIPT, number)


def content_of(
    db: Session,
    desk: Desk,
    invoice: Invoice,
    kind: DocumentKind,
    *,
    number: str | None,
    texts: FormTexts | None = None,
    parts: Parts | None = None,
) -> DocumentContent:
    """Everything the document prints, from the stored rounded parts; nothing is computed again."""
    practice = db.get_one(Practice, invoice.practice_id)
    earlier = first_content(db, invoice)
    parts = parts or stored_parts(db, invoice)
    paid = sum(p.amount_minor for p in parts.payments)
    issue_date = invoice.issue_date or desk.today(practice.time_zone)
    if kind == "receipt":
        issue_date = desk.today(practice.time_zone)
    is_claim = invoice.payment_type == PaymentType.INSURANCE
    is_tax_invoice = earlier.is_tax_invoice if earlier else practice.charges_tax
    money = earlier.money if earlier else style_of(invoice.currency, practice.country)
    due = max(0, invoice.total_minor - paid)
    return DocumentContent(
        kind=kind,
        title=_title(kind, is_tax_invoice),
        number=number,
        issue_date=issue_date.isoformat(),
        mode=cast(DocumentMode, invoice.mode),
        currency=invoice.currency,
        practice=earlier.practice if earlier else practice_details(practice),
        practitioner=earlier.practitioner if earlier else _practitioner(db, invoice),
        client=earlier.client if earlier else _client(db, invoice, texts),
        scheme=earlier.scheme if earlier else _scheme(db, invoice, texts),
        lines=tuple(_line(line, money, is_tax_invoice, kind) for line in parts.lines),
        subtotal=invoice.subtotal_minor,
        discount=invoice.discount_minor,
        total=invoice.total_minor,
        paid=paid,
        due=due,
        due_date=invoice.due_date.isoformat() if invoice.due_date and kind == "invoice" else None,
        submit_by=claims.submit_by(min(line.service_date for line in parts.lines)).isoformat() if is_claim else None,
        is_tax_invoice=is_tax_invoice,
        prices_include_tax=invoice.prices_include_tax,
        taxes=_taxes(parts, money) if is_tax_invoice else (),
        money=money,
        diagnoses=_diagnoses(parts) if kind != "receipt" else (),
        references=earlier.references if earlier else _references(db, invoice),
        payments=tuple(_payment(p) for p in parts.payments) if kind != "insurer_invoice" else (),
        pay_url=_pay_url(desk, invoice) if kind == "invoice" and due > 0 else None,
    )


def first_content(db: Session, invoice: Invoice) -> DocumentContent | None:
    """The invoice's first document: later ones repeat its names, numbers, currency's writing and tax
    status, whatever the profile says by then."""
    query = select(Document.content).where(Document.invoice_id == invoice.id).order_by(col(Document.id)).limit(1)
    found = db.exec(query).first()
    return DocumentContent.from_json(found) if found else None


def _title(kind: DocumentKind, is_tax_invoice: bool) -> str:
    if kind == "receipt":
        return "Receipt"
    return "Tax invoice" if is_tax_invoice else "Invoice"


def practice_details(practice: Practice) -> PracticeDetails:
    bank = (
        ("Bank", practice.bank_name),
        ("Account name", practice.bank_account_name),
        ("Account number", practice.bank_account_number),
        ("Branch code", practice.bank_branch_code),
    )
    logo = Logo(base64.b64encode(practice.logo).decode(), practice.logo_mime) if practice.logo else None
    return PracticeDetails(
        name=practice.name,
        address=tuple(practice.address.splitlines()),
        phone=practice.phone,
        email=practice.email,
        practice_number=practice.practice_number,
        tax_number=practice.tax_number if practice.charges_tax else "",
        logo=logo,
        bank_details=tuple(BankDetail(label, value) for label, value in bank if value),
    )


def _practitioner(db: Session, invoice: Invoice) -> PractitionerDetails:
    appointment = db.get(Appointment, invoice.appointment_id) if invoice.appointment_id else None
    member = db.get_one(Member, appointment.practitioner_id if appointment else invoice.created_by)
    return PractitionerDetails(member.name, member.qualification, member.council_number, member.practice_number)


def _client(db: Session, invoice: Invoice, texts: FormTexts | None) -> ClientDetails:
    client = db.get_one(Client, invoice.client_id)
    return ClientDetails(
        name=f"{client.first_name} {client.last_name}",
        birth_date=client.birth_date.isoformat() if client.birth_date else None,
        address=tuple(client.address.splitlines()),
        email=texts.client_email.strip() if texts else client.email,
    )


def _references(db: Session, invoice: Invoice) -> tuple[Reference, ...]:
    """Whom the account is for, where that is not the client, and the practice's own fields that print."""
    client = db.get_one(Client, invoice.client_id)
    relation = f" ({client.guardian_relation})" if client.guardian_relation else ""
    pays = client.guardian_pays and client.guardian_name
    account = (Reference("Account to", f"{client.guardian_name}{relation}"),) if pays else ()
    return (*account, *(Reference(name, value) for name, value in printed(db, client)))


def _scheme(db: Session, invoice: Invoice, texts: FormTexts | None) -> SchemeDetails | None:
    if (
        texts is None
        or invoice.payment_type != PaymentType.INSURANCE
        or not any(getattr(texts, name).strip() for name in CLIENT_TEXTS if name != "client_email")
    ):
        return None
    client = db.get_one(Client, invoice.client_id)
    return SchemeDetails(
        name=texts.scheme.strip(),
        option=texts.scheme_option.strip(),
        member_name=texts.main_member.strip() or own_member_name(client),
        member_number=texts.member_number.strip(),
        dependant_code=texts.dependant_code.strip(),
    )


def own_member_name(client: Client) -> str:
    """The client as main member, surname first."""
    return f"{client.last_name} {client.first_name[:1]}"


def stored_parts(db: Session, invoice: Invoice) -> Parts:
    def rows(table: type[Row], order: Any) -> Sequence[Row]:
        return db.exec(select(table).where(sa.column("invoice_id") == invoice.id).order_by(col(order))).all()

    payments = select(Payment).where(
        Payment.invoice_id == invoice.id, Payment.state == "succeeded", col(Payment.is_credit).is_(False)
    )
    return Parts(
        lines=rows(InvoiceLine, InvoiceLine.position),
        taxes=rows(InvoiceTax, InvoiceTax.rate),
        diagnoses=rows(InvoiceDiagnosis, InvoiceDiagnosis.position),
        payments=db.exec(payments.order_by(col(Payment.id))).all(),
    )


def _line(line: InvoiceLine, style: MoneyStyle, is_tax_invoice: bool, kind: DocumentKind) -> DocumentLine:
    return DocumentLine(
        service_date=line.service_date.isoformat(),
        code=line.code,
        description=line.description,
        quantity=thousandths_text(line.quantity, style.point),
        unit_price=price_text(line.unit_price, style.places, style.group, style.point),
        total=line.net_minor,
        discount=line.discount_minor,
        tax_rate=percent_text(line.tax_rate, style.point) if is_tax_invoice else "",
        icd=tuple(line.icd_codes.split()) if kind != "receipt" else (),  # a receipt needs no diagnosis
    )


def _taxes(parts: Parts, style: MoneyStyle) -> tuple[TaxRow, ...]:
    return tuple(TaxRow(percent_text(row.rate, style.point), row.base_minor, row.tax_minor) for row in parts.taxes)


def _diagnoses(parts: Parts) -> tuple[DocumentDiagnosis, ...]:
    return tuple(DocumentDiagnosis(row.code, row.description) for row in parts.diagnoses)


def _payment(payment: Payment) -> DocumentPayment:
    words = METHOD_WORDS[PaymentMethod(payment.method)]
    return DocumentPayment(payment.received_on.isoformat(), words, payment.amount_minor, payment.reference)


def _pay_url(desk: Desk, invoice: Invoice) -> str | None:
    return f"{desk.origin}/pay/{invoice.pay_token}" if invoice.payment_type == PaymentType.ONLINE else None
