"""Money that came and money that went back, as lists of the Billing section."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.domain.invoices import METHOD_WORDS, PaymentMethod
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Client, Invoice, Payment, Refund
from trova_app.services.arguments import like, search_words
from trova_app.services.cursors import latest_first
from trova_app.services.given_back import day_of, state_of
from trova_app.services.invoice_parts import payment_state
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for


@dataclass(frozen=True, slots=True)
class PaymentRow:
    id: int
    date: str
    client_name: str
    invoice_id: int | None
    invoice_number: str
    method: str
    amount: str
    fee: str
    """What the gateway kept for itself; "" where it is not known, or there is none."""
    state: str
    reference: str


@dataclass(frozen=True, slots=True)
class PaymentPage:
    rows: tuple[PaymentRow, ...]
    next_after: str = ""


@dataclass(frozen=True, slots=True)
class RefundRow:
    """One line of the table "Refunds". `problem` says what went wrong, "" while all is well."""

    id: int
    date: str
    invoice_id: int | None
    number: str
    client_name: str
    amount: str
    how: str
    state: str
    problem: str


@dataclass(frozen=True, slots=True)
class RefundPage:
    rows: tuple[RefundRow, ...]
    next_after: str = ""


def payments(
    db: Session, desk: Desk, who: Principal, *, search: object = "", after: object = "", limit: object = 50
) -> PaymentPage:
    """Money received, the latest recorded first. `search`: words of client, invoice number or reference."""
    who.must(Permission.SEE_BILLING)
    style = style_for(db, desk, who.practice_id)
    found, next_after = latest_first(db, _money(who, Payment, search), col(Payment.id), "payments", after, limit)
    return PaymentPage(tuple(_payment_row(style, *row) for row in found), next_after)


def refunds(
    db: Session, desk: Desk, who: Principal, *, search: object = "", after: object = "", limit: object = 50
) -> RefundPage:
    """Money that went back or is on its way, the latest first. `search`: words of client, number or reference."""
    who.must(Permission.SEE_BILLING)
    style = style_for(db, desk, who.practice_id)
    found, next_after = latest_first(db, _money(who, Refund, search), col(Refund.id), "refunds", after, limit)
    return RefundPage(tuple(_refund_row(style, *row) for row in found), next_after)


def _money(who: Principal, table: type[Payment] | type[Refund], search: object) -> Any:
    return (
        sa.select(table, Invoice, Client)
        .outerjoin(Invoice, col(Invoice.id) == table.invoice_id)
        .outerjoin(Client, col(Client.id) == Invoice.client_id)
        .where(col(table.practice_id) == who.practice_id, *found_by(search, table.reference))
    )


def found_by(search: object, other: Any) -> list[Any]:
    """SQL: each typed word stands in the client's name or address, the invoice's number or the column `other`."""
    return [
        sa.or_(
            col(Client.search_text).like(pattern, escape="!"),
            sa.func.lower(col(Invoice.number_text)).like(pattern, escape="!"),
            sa.func.lower(other).like(pattern, escape="!"),
        )
        for pattern in map(like, search_words(search))
    ]


def _payment_row(style: PracticeStyle, payment: Payment, invoice: Invoice | None, client: Client | None) -> PaymentRow:
    style = style.in_currency(payment.currency)
    return PaymentRow(
        id=int(payment.id or 0),
        date=short(payment.received_on),
        client_name=f"{client.first_name} {client.last_name}".strip() if client else "",
        invoice_id=payment.invoice_id,
        invoice_number=invoice.number_text if invoice else "",
        method=METHOD_WORDS[PaymentMethod(payment.method)],
        amount=style.amount(payment.amount_minor),
        fee=style.amount(payment.fee_minor) if payment.fee_minor is not None else "",
        state=payment_state(payment),
        reference=payment.reference,
    )


def _refund_row(style: PracticeStyle, row: Refund, invoice: Invoice | None, client: Client | None) -> RefundRow:
    return RefundRow(
        id=int(row.id or 0),
        date=day_of(style, row),
        invoice_id=row.invoice_id,
        number=invoice.number_text if invoice else "",
        client_name=f"{client.first_name} {client.last_name}".strip() if client else "",
        amount=style.in_currency(row.currency).amount(row.amount_minor),
        how=METHOD_WORDS[PaymentMethod(row.method)],
        state=state_of(row),
        problem=row.last_error,
    )
