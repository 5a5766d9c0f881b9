"""Numbers of invoices and receipts: each series of each practice from 1 on, without gaps."""

import re
from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.domain.invoices import Series
from trova_app.models import Document, Invoice, NumberSeries
from trova_app.services.check.breaches import Breach, Invariant


def numbers(db: Session) -> Iterator[Breach]:
    """From 1 to the one before the next, each once."""
    nexts = {(s.practice_id, s.series): s.next_number for s in db.execute(sa.select(NumberSeries.__table__))}  # type: ignore[attr-defined]
    taken: defaultdict[tuple[int, str], list[tuple[int, str, int]]] = defaultdict(list)
    for practice_id, series, number, table, row_id in [*_invoice_numbers(db), *_receipt_numbers(db)]:
        if number is None:
            yield Breach(Invariant.NUMBERS, table, row_id, "Its number is not of its series.")
        else:
            taken[practice_id, series].append((number, table, row_id))
    for practice_id, series in sorted(nexts.keys() | taken.keys()):
        yield from _gaps(practice_id, series, sorted(taken[practice_id, series]), nexts.get((practice_id, series), 1))


def _gaps(practice_id: int, series: str, taken: list[tuple[int, str, int]], next_number: int) -> Iterator[Breach]:
    last = 0
    for number, table, row_id in taken:
        if number == last:
            yield Breach(Invariant.NUMBERS, table, row_id, f"{series} number {number} was given twice.")
        elif number != last + 1:
            yield Breach(Invariant.NUMBERS, table, row_id, f"No {series} has the number before {number}.")
        last = number
    if next_number != last + 1:
        words = f"The next {series} number is {next_number}, the last one given {last}."
        yield Breach(Invariant.NUMBERS, "number_series", practice_id, words)


def _invoice_numbers(db: Session) -> Iterator[tuple[int, str, int | None, str, int]]:
    columns = (Invoice.practice_id, Invoice.number, Invoice.number_text, Invoice.id)
    for practice_id, number, text, row_id in db.execute(
        sa.select(*(col(c) for c in columns)).where(col(Invoice.number).is_not(None))
    ):
        is_printed = text.endswith(f"-{number:04d}")
        yield practice_id, Series.INVOICE, number if is_printed else None, "invoice", row_id


def _receipt_numbers(db: Session) -> Iterator[tuple[int, str, int | None, str, int]]:
    columns = (Document.practice_id, Document.number_text, Document.id)
    query = sa.select(*(col(c) for c in columns)).where(col(Document.kind) == "receipt")
    for practice_id, text, row_id in db.execute(query):
        found = re.search(r"-R([0-9]{4,})$", text)
        yield practice_id, Series.RECEIPT, int(found[1]) if found else None, "document", row_id
