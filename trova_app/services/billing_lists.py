"""The Billing section: invoices and payments as lists, and how many there are of each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.domain.invoices import DocumentStatus, GivenBack, Label, PaymentType
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import Client, Invoice, Payment, Refund
from trova_app.services.balances import given_back, invoice_label, is_disputed, paid_minor, refunded_minor
from trova_app.services.cursors import latest_first
from trova_app.services.invoice_view import InvoiceView, invoice_view
from trova_app.services.money_lists import PaymentPage, PaymentRow, RefundPage, RefundRow, found_by, payments, refunds
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for

__all__ = [
    "BillingCounts",
    "InvoicePage",
    "InvoiceRow",
    "InvoiceView",
    "PaymentPage",
    "PaymentRow",
    "RefundPage",
    "RefundRow",
    "counts",
    "invoice_view",
    "invoices",
    "payments",
    "refunds",
]


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One line of the table "Invoices", columns in its order. `number` is "" for a Draft; `refunded` is "" where
    nothing went back; `is_disputed`: a payer's bank is deciding."""

    id: int
    number: str
    client_name: str
    service_name: str
    date: str
    total: str
    paid: str
    refunded: str
    label: str
    is_disputed: bool
    appointment_id: int | None


@dataclass(frozen=True, slots=True)
class InvoicePage:
    rows: tuple[InvoiceRow, ...]
    next_after: str = ""


@dataclass(frozen=True, slots=True)
class BillingCounts:
    """How many invoices carry each label, and how many rows each tab has."""

    labels: dict[Label, int]
    invoices: int
    payments: int
    refunds: int


def label_expression(today: date) -> Any:
    """SQL: the label of the invoice in the surrounding query; the same rule as `domain.invoices.label_of`."""
    status, total, due = col(Invoice.status), col(Invoice.total_minor), col(Invoice.due_date)
    is_claim, paid = col(Invoice.payment_type) == PaymentType.INSURANCE.value, paid_minor()
    return sa.case(
        (status == DocumentStatus.DRAFT.value, Label.DRAFT.value),
        (status == DocumentStatus.VOID.value, Label.VOID.value),
        (paid >= total, Label.PAID.value),
        (sa.and_(paid > 0, given_back() == GivenBack.PART.value), Label.PARTLY_REFUNDED.value),
        (paid > 0, Label.PARTLY_PAID.value),
        (given_back() == GivenBack.ALL.value, Label.REFUNDED.value),
        (sa.and_(is_claim, col(Invoice.submitted_on).is_(None)), Label.READY_TO_CLAIM.value),
        (is_claim, Label.SENT.value),
        (due < today, Label.OVERDUE.value),
        else_=Label.SENT.value,
    )


def invoices(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    search: object = "",
    status: object = "",
    after: object = "",
    limit: object = 50,
) -> InvoicePage:
    """The newest first. `search`: words of number, client or service, all to be found; `status`: a label such as
    "Overdue", "" for every one."""
    who.must(Permission.SEE_BILLING)
    style = style_for(db, desk, who.practice_id)
    query: Any = (
        sa.select(Invoice, Client, paid_minor(), refunded_minor(), given_back(), is_disputed())
        .join(Client, col(Client.id) == Invoice.client_id)
        .where(col(Invoice.practice_id) == who.practice_id, *found_by(search, Invoice.service_name))
    )
    if status != "":
        query = query.where(label_expression(style.today) == _a_label(status).value)
    found, next_after = latest_first(db, query, col(Invoice.id), "invoices", after, limit)
    return InvoicePage(tuple(_invoice_row(style, *row) for row in found), next_after)


def _a_label(given: object) -> Label:
    try:
        return Label(str(given))
    except ValueError:
        raise Refusal("There is no such status. Choose one from the list.") from None


def _invoice_row(
    style: PracticeStyle,
    invoice: Invoice,
    client: Client,
    paid: int,
    refunded: int,
    went_back: str,
    disputed: bool,
) -> InvoiceRow:
    style = style.in_currency(invoice.currency)
    return InvoiceRow(
        id=int(invoice.id or 0),
        number=invoice.number_text,
        client_name=f"{client.first_name} {client.last_name}".strip(),
        service_name=invoice.service_name,
        date=short(invoice.issue_date or invoice.service_date),
        total=style.amount(invoice.total_minor),
        paid=style.amount(int(paid)),
        refunded=style.amount(refunded) if refunded else "",
        label=invoice_label(invoice, int(paid), style.today, given_back=went_back).value,
        is_disputed=bool(disputed),
        appointment_id=invoice.appointment_id,
    )


def counts(db: Session, desk: Desk, who: Principal) -> BillingCounts:
    """Every label is there, in the screen's order."""
    who.must(Permission.SEE_BILLING)
    today = style_for(db, desk, who.practice_id).today
    labelled = (
        sa.select(label_expression(today).label("label")).where(col(Invoice.practice_id) == who.practice_id).subquery()
    )
    found = db.execute(sa.select(labelled.c.label, sa.func.count()).group_by(labelled.c.label))
    labels = dict.fromkeys(Label, 0) | {Label(label): number for label, number in found}
    return BillingCounts(labels, sum(labels.values()), _count(db, who, Payment), _count(db, who, Refund))


def _count(db: Session, who: Principal, table: type[Payment] | type[Refund]) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(col(table.practice_id) == who.practice_id)
    return int(db.execute(query).scalar_one())
