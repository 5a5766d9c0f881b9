"""A table of unknown origin into rows of cells: CSV, text pasted from a spreadsheet, or an Excel workbook (.xlsx).

Whatever the bytes are, the answer is a `Sheet` or `Unreadable` with a sentence for the person.
"""

import csv
import io
from collections.abc import Iterable, Iterator

from trova_app.adapters.import_tables import MAX_CELL, Unreadable, text_of
from trova_app.adapters.workbook_cells import MOST_COLUMNS
from trova_app.adapters.workbooks import ZIP, workbook_rows
from trova_app.domain.imports import Cell, Sheet

MOST_ROWS = 20_000
SEPARATORS = "\t;,|"
LOOKED_AT = 20  # rows that tell the separator
EMPTY = "There is nothing in this list."


def read_sheet(data: bytes, most_rows: int = MOST_ROWS, longest: int = MAX_CELL) -> Sheet:
    """Texts are cut after `longest` letters. Raises `Unreadable`."""
    rows = workbook_rows(data, longest) if data.startswith(ZIP) else _table(text_of(data))
    sheet = Sheet(tuple(_within(rows, most_rows, longest)))
    if not sheet.rows:
        raise Unreadable(EMPTY)
    return sheet


def _within(
    rows: Iterable[tuple[int, list[Cell]]], most_rows: int, longest: int
) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """The rows that hold anything, up to the limits."""
    kept = 0
    for number, cells in rows:
        cut = tuple(cell.strip()[:longest] if isinstance(cell, str) else cell for cell in cells[:MOST_COLUMNS])
        while cut and cut[-1] == "":
            cut = cut[:-1]
        if cut:
            kept += 1
            if kept > most_rows:
                raise Unreadable(f"A list may have up to {most_rows:,} rows. Split it and read the rest after.")
            yield number, cut


def _table(text: str) -> Iterator[tuple[int, list[Cell]]]:
    if text[:4].casefold() == "sep=":
        text = text.partition("\n")[2]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    number = 0
    while True:
        number += 1
        try:
            yield number, list(next(reader))
        except StopIteration:
            return
        except csv.Error:
            raise Unreadable(f"Row {number} is damaged: look for a quotation mark that is never closed.") from None


def _separator(text: str) -> str:
    """The one that parts most rows into the same number of cells, more than one; a comma where none does."""

    def agreed(separator: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            widths = [len(cells) for cells, _ in zip(reader, range(LOOKED_AT), strict=False) if len(cells) > 1]
        except csv.Error:
            return 0, 0
        most = max(set(widths), key=widths.count, default=0)
        return widths.count(most), most

    best = max(SEPARATORS, key=agreed)
    return best if agreed(best) > (0, 0) else ","
