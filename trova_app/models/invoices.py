"""Invoices with every rounded part stored, their numbers, documents and timeline."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from trova_app.domain.invoices import DocumentStatus, PaymentType, Series
from trova_app.models.base import SQLModel, at, key, minor, of, one_of, words


class Invoice(SQLModel, table=True):
    """A Draft or an issued document. After issue only `status` (to void), the claim's marks and `version` may change;
    triggers of the first migration refuse the rest."""

    __tablename__ = "invoice"
    __table_args__ = (
        one_of("status", DocumentStatus),
        one_of("payment_type", PaymentType),
        sa.CheckConstraint("total_minor >= 0", name="total"),
        sa.CheckConstraint("(status = 'draft') = (number IS NULL)", name="number_when_issued"),
        sa.UniqueConstraint("practice_id", "number"),
        sa.Index(
            "uq_invoice_appointment_id_live",
            "appointment_id",
            unique=True,
            sqlite_where=sa.text("status <> 'void'"),
            postgresql_where=sa.text("status <> 'void'"),
        ),
        sa.Index("ix_invoice_practice_id_id", "practice_id", "id"),
    )

    id: int | None = key()
    practice_id: int = of("practice.id", index=False)
    appointment_id: int | None = of("appointment.id", nullable=True)
    client_id: int = of("client.id")
    payment_type: str
    status: str = DocumentStatus.DRAFT
    number: int | None = None
    number_text: str = ""
    issue_date: date | None = None
    due_date: date | None = None
    currency: str = Field(max_length=3)
    mode: str
    service_name: str = ""
    service_date: date
    prices_include_tax: bool
    rounding: str = "line half-up, tax once per rate"
    subtotal_minor: int = minor()
    discount_minor: int = minor()
    net_minor: int = minor()
    tax_minor: int = minor()
    total_minor: int = minor()
    pay_token: str = Field(unique=True)
    submitted_on: date | None = None  # to the insurer
    void_reason: str = ""
    version: int = 1
    created_at: datetime = at(nullable=False)
    created_by: int = of("member.id", index=False)


class InvoiceLine(SQLModel, table=True):
    """Amounts in minor units; quantity in thousandths; unit price in ten-thousandths; rates in thousandths of a
    percent. `icd_codes`: the line's ICD-10 codes in order, separated by a space."""

    __tablename__ = "invoice_line"
    __table_args__ = (sa.UniqueConstraint("invoice_id", "position"),)

    id: int | None = key()
    practice_id: int = of("practice.id", index=False)
    invoice_id: int = of("invoice.id", index=False)
    position: int
    service_date: date
    code: str = ""
    description: str = words()
    quantity: int = Field(sa_type=sa.BigInteger)
    unit_price: int = Field(sa_type=sa.BigInteger)
    gross_minor: int = minor()
    discount_minor: int = minor()
    discount_rate: int = 0
    net_minor: int = minor()
    share_minor: int = minor()  # of the invoice's discount
    tax_rate: int = 0
    icd_codes: str = ""


class InvoiceTax(SQLModel, table=True):
    __tablename__ = "invoice_tax"
    __table_args__ = (sa.UniqueConstraint("invoice_id", "rate"),)

    id: int | None = key()
    practice_id: int = of("practice.id", index=False)
    invoice_id: int = of("invoice.id", index=False)
    rate: int
    base_minor: int = minor()
    tax_minor: int = minor()


class InvoiceDiagnosis(SQLModel, table=True):
    __tablename__ = "invoice_diagnosis"
    __table_args__ = (sa.UniqueConstraint("invoice_id", "position"),)

    id: int | None = key()
    practice_id: int = of("practice.id", index=False)
    invoice_id: int = of("invoice.id", index=False)
    position: int
    code: str = Field(max_length=16)
    description: str = words()


class NumberSeries(SQLModel, table=True):
    """The next number of a series; taken in the issuing transaction, so a rolled-back issue leaves no gap."""

    __tablename__ = "number_series"
    __table_args__ = (one_of("series", Series),)

    practice_id: int = Field(foreign_key="practice.id", primary_key=True)
    series: str = Field(primary_key=True, max_length=16)
    next_number: int = 1


class Document(SQLModel, table=True):
    """A document as it was given out: its content frozen at that moment, its PDF and the PDF's SHA-256 once rendered.
    `content` never changes (trigger); the PDF is written once."""

    __tablename__ = "document"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('invoice', 'receipt', 'insurer_invoice')", name="kind"),
        sa.UniqueConstraint("invoice_id", "kind", "position"),
    )

    id: int | None = key()
    practice_id: int = of("practice.id")
    invoice_id: int = of("invoice.id", index=False)
    kind: str
    position: int = 1  # receipts: one for each payment mailed
    number_text: str = ""
    content: str = words()
    fingerprint: str = ""
    pdf: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    pdf_sha256: str = ""
    created_at: datetime = at(nullable=False)


class TimelineEntry(SQLModel, table=True):
    """Who did what when, for the invoice's and the appointment's page. Append only (trigger)."""

    __tablename__ = "timeline_entry"

    id: int | None = key()
    practice_id: int = of("practice.id")
    invoice_id: int | None = of("invoice.id", nullable=True)
    appointment_id: int | None = of("appointment.id", nullable=True)
    happened_at: datetime = at(nullable=False)
    who: str
    what: str = words()
