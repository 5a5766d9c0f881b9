"""Refunds and disputes as they are shown: in Billing, and with the invoice they are about."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.domain.invoices import METHOD_WORDS, PaymentMethod
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Client, Dispute, Invoice, Payment, Refund
from trova_app.services.arguments import a_page_size, like, search_words
from trova_app.services.cursors import cursor_of, place_in
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for
from trova_app.services.refunds import REASON_WORDS

STATE_WORDS = {"wanted": "Being asked for", "pending": "On its way", "succeeded": "Given back", "failed": "Failed"}
DISPUTE_WORDS = {"open": "Open", "won": "Won", "lost": "Lost"}


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


@dataclass(frozen=True, slots=True)
class RefundText:
    date: str
    how: str
    amount: str
    state: str
    why: str
    problem: str


@dataclass(frozen=True, slots=True)
class DisputeText:
    """`until`: the day by which evidence must be in, "" where there is none or it is decided."""

    date: str
    amount: str
    is_open: bool
    state: str
    until: str


def refunds(
    db: Session, desk: Desk, who: Principal, *, search: object = "", after: object = "", limit: object = 50
) -> RefundPage:
    """Money that went back or is on its way, the latest first. `search`: words of client, number or reference."""
    who.must(Permission.SEE_BILLING)
    style, size, place = style_for(db, desk, who.practice_id), a_page_size(limit), place_in("refunds", after)
    query: Any = (
        sa.select(Refund, Invoice, Client)
        .outerjoin(Invoice, col(Invoice.id) == Refund.invoice_id)
        .outerjoin(Client, col(Client.id) == Invoice.client_id)
        .where(col(Refund.practice_id) == who.practice_id, *(_has_word(word) for word in search_words(search)))
        .order_by(col(Refund.id).desc())
    )
    if place is not None:
        query = query.where(col(Refund.id) < place[1])
    found = db.execute(query.limit(size + 1)).all()
    rows = tuple(_row(style, *row) for row in found[:size])
    return RefundPage(rows, cursor_of("refunds", "", rows[-1].id) if len(found) > size else "")


def _has_word(word: str) -> Any:
    pattern = like(word)
    return sa.or_(
        col(Client.search_text).like(pattern, escape="!"),
        sa.func.lower(col(Invoice.number_text)).like(pattern, escape="!"),
        sa.func.lower(col(Refund.reference)).like(pattern, escape="!"),
    )


def _row(style: PracticeStyle, row: Refund, invoice: Invoice | None, client: Client | None) -> RefundRow:
    return RefundRow(
        id=int(row.id or 0),
        date=_day(style, row),
        invoice_id=row.invoice_id,
        number=invoice.number_text if invoice else "",
        client_name=f"{client.first_name} {client.last_name}".strip() if client else "",
        amount=style.in_currency(row.currency).amount(row.amount_minor),
        how=METHOD_WORDS[PaymentMethod(row.method)],
        state=STATE_WORDS[row.state],
        problem=row.last_error,
    )


def _day(style: PracticeStyle, row: Refund) -> str:
    return short(row.given_on or style.day(row.created_at))


def refunds_of(db: Session, style: PracticeStyle, invoice_id: int) -> tuple[RefundText, ...]:
    """An invoice's refunds in their order; `style` in its currency."""
    query = sa.select(Refund).where(col(Refund.invoice_id) == invoice_id).order_by(col(Refund.id))
    return tuple(_text(style, row) for row in db.execute(query).scalars())


def _text(style: PracticeStyle, row: Refund) -> RefundText:
    why = [REASON_WORDS.get(row.reason, ""), row.reference, row.note]
    return RefundText(
        date=_day(style, row),
        how=METHOD_WORDS[PaymentMethod(row.method)],
        amount=style.amount(row.amount_minor),
        state=STATE_WORDS[row.state],
        why=" \u00b7 ".join(part for part in why if part),
        problem=row.last_error,
    )


def disputes_of(db: Session, style: PracticeStyle, invoice_id: int) -> tuple[DisputeText, ...]:
    query: Any = sa.select(Dispute).join(Payment, col(Payment.id) == Dispute.payment_id)
    found = db.execute(query.where(col(Payment.invoice_id) == invoice_id).order_by(col(Dispute.id))).scalars()
    return tuple(
        DisputeText(
            date=short(style.day(row.created_at)),
            amount=style.amount(row.amount_minor),
            is_open=row.state == "open",
            state=DISPUTE_WORDS[row.state],
            until=short(style.day(row.evidence_due_at)) if row.state == "open" and row.evidence_due_at else "",
        )
        for row in found
    )


def has_open_dispute(db: Session, payment_id: int) -> bool:
    query = sa.select(Dispute.id).where(col(Dispute.payment_id) == payment_id, col(Dispute.state) == "open")  # type: ignore[call-overload]
    return db.execute(query.limit(1)).first() is not None
