"""Every stored part of every invoice against its stored lines."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.domain.lines import Line, total_up
from trova_app.domain.money import CURRENCIES
from trova_app.models import Invoice, InvoiceLine, InvoiceTax
from trova_app.services.check.breaches import Breach, Invariant, Row, batches


def totals(db: Session) -> Iterator[Breach]:
    """Every stored part of every invoice, Draft and void too, is what its stored lines come to."""
    columns = [
        col(c)
        for c in (
            Invoice.id, Invoice.currency, Invoice.prices_include_tax, Invoice.subtotal_minor, Invoice.discount_minor,
            Invoice.net_minor, Invoice.tax_minor, Invoice.total_minor,
        )
    ]  # fmt: skip
    for invoices in batches(db, sa.select(*columns), col(Invoice.id)):
        parts = StoredParts.of(db, [invoice.id for invoice in invoices])
        for invoice in invoices:
            yield from _invoice_totals(invoice, parts.lines[invoice.id], parts.taxes[invoice.id])


@dataclass(frozen=True, slots=True)
class StoredParts:
    """Stored lines and tax rows by invoice, in their order."""

    lines: defaultdict[int, list[Row]]
    taxes: defaultdict[int, list[Row]]

    @classmethod
    def of(cls, db: Session, invoice_ids: Sequence[int]) -> "StoredParts":
        return cls(
            _by_invoice(db, InvoiceLine, InvoiceLine.position, invoice_ids),
            _by_invoice(db, InvoiceTax, InvoiceTax.rate, invoice_ids),
        )


def _by_invoice(db: Session, model: Any, order: Any, invoice_ids: Sequence[int]) -> defaultdict[int, list[Row]]:
    table = model.__table__
    query = sa.select(table).where(table.c.invoice_id.in_(invoice_ids)).order_by(col(order))
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in db.execute(query):
        found[row.invoice_id].append(row)
    return found


def _invoice_totals(invoice: Row, lines: list[Row], taxes: list[Row]) -> Iterator[Breach]:
    if invoice.currency not in CURRENCIES:
        yield Breach(Invariant.ONE_CURRENCY, "invoice", invoice.id, "Its currency is none a practice can bill in.")
        return
    figures = [invoice.discount_minor, *(n for x in lines for n in (x.quantity, x.unit_price, x.discount_minor))]
    if not all(type(n) is int for n in figures):
        return  # told by `whole_numbers`
    made = total_up(
        [_line(row) for row in lines],
        invoice.discount_minor,
        0,
        bool(invoice.prices_include_tax),
        CURRENCIES[invoice.currency],
    )
    for row, *parts in zip(lines, made.gross, made.discounts, made.nets, made.shares, strict=True):
        yield from _apart("invoice_line", row, ("gross_minor", "discount_minor", "net_minor", "share_minor"), parts)
    if [row.rate for row in taxes] != made.rates:
        yield Breach(Invariant.TOTALS, "invoice", invoice.id, "Its tax rows are not for its lines' rates.")
    else:
        for row, *parts in zip(taxes, made.bases, made.taxes, strict=True):
            yield from _apart("invoice_tax", row, ("base_minor", "tax_minor"), parts)
    sums = ("subtotal_minor", "discount_minor", "net_minor", "tax_minor", "total_minor")
    yield from _apart("invoice", invoice, sums, [made.subtotal, made.discount, made.net, made.tax, made.total])


def _line(row: Row) -> Line:
    """A line has its discount as an amount or as a rate; the amount stored is what either came to."""
    amount = 0 if row.discount_rate else row.discount_minor
    return Line(row.quantity, row.unit_price, amount, row.discount_rate, row.tax_rate)


def _apart(table: str, row: Row, names: Iterable[str], parts: Iterable[int]) -> Iterator[Breach]:
    for name, part in zip(names, parts, strict=True):
        stored = getattr(row, name)
        if stored != part:
            words = f"{name} is {stored}, the lines come to {part}."
            yield Breach(Invariant.TOTALS, table, row.id, words)
