"""Bytes of unknown origin into rows of named cells.

Accepts UTF-8 with and without a byte order mark, UTF-16 and Windows-1252, separated by comma, semicolon, tab or bar.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from trova_app.adapters.import_columns import Columns, plain_heading
from trova_app.domain.imports import RowFault

MAX_BYTES = 10_000_000
MAX_ROWS = 20_000
MAX_FAULTS = 1_000
MAX_CELL = 1_000
MAX_NOTE = 10_000
ROWS_TO_FIND_HEADINGS = 10
SEPARATORS = ",;\t|"

NOT_TEXT = "This file is not text. Export it again as CSV, or as an iCalendar (.ics) file."
WORKBOOK = "This is a spreadsheet workbook. Open it and save it as CSV (UTF-8), then choose that file."
SIGNATURES = {
    b"PK\x03\x04": WORKBOOK,
    b"\xd0\xcf\x11\xe0": WORKBOOK,
    b"%PDF": "This is a PDF. Export the list again as CSV, or as an iCalendar (.ics) file.",
}
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Unreadable(Exception):
    """Nothing of the file can be used; the text is a sentence for the person who chose it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table: the text of each field its columns gave, blanks trimmed, empty ones left out."""

    row: int
    cells: dict[str, str]

    def get(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(slots=True)
class Table:
    """The rows under the headings; `fields` are those some column stands for."""

    fields: frozenset[str]
    records: list[Record] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)


def text_of(data: bytes) -> str:
    """The file's text, or Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"This file is larger than {MAX_BYTES // 1_000_000} MB. Export fewer years at a time.")
    for start, sentence in SIGNATURES.items():
        if data.startswith(start):
            raise Unreadable(sentence)
    text = _decoded(data)
    if not text.strip():
        raise Unreadable("This file is empty.")
    if _is_garbage(text):
        raise Unreadable(NOT_TEXT)
    return text


def _decoded(data: bytes) -> str:
    for encoding in _likely_encodings(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _likely_encodings(data: bytes) -> tuple[str, ...]:
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            return (encoding,)
    head = data[:1000]
    if head.count(0) > len(head) // 3:
        return ("utf-16-be" if head[0] == 0 else "utf-16-le",)
    return ("utf-8", "cp1252")


def _is_garbage(text: str) -> bool:
    """Text has no NUL, and hardly a control character other than tabs and line ends."""
    head = text[:20_000]
    odd = sum(1 for letter in head if letter < " " and letter not in "\t\r\n\f\v")
    return "\x00" in text or odd > len(head) // 200


def read_table(text: str, columns: Columns) -> Table:
    """The rows under the first line that looks like headings, or Unreadable."""
    if text[:4].casefold() == "sep=":
        text = text.partition("\n")[2]
    separator, heading_row = _shape(text, columns)
    lines = _numbered(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    headings = next(cells for row, cells in lines if row == heading_row and isinstance(cells, list))
    places = _places(headings, columns)
    table = Table(frozenset(places))
    _fill(table, lines, places, len(headings))
    return table


def _shape(text: str, columns: Columns) -> tuple[str, int]:
    """The separator and row under which most headings are known."""
    best = (0, "", 0)
    for separator in SEPARATORS:
        reader = _numbered(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        for row, cells in islice(reader, ROWS_TO_FIND_HEADINGS):
            known = len(_places(cells, columns)) if isinstance(cells, list) else 0
            if known > best[0]:
                best = (known, separator, row)
    if best[0] == 0:
        raise Unreadable("No heading in this file is known. The first row should name the columns, such as First name.")
    return best[1], best[2]


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str] | None]]:
    """Rows counted from 1, ending with None in place of cells where the file cannot be read further."""
    row = 0
    while True:
        row += 1
        try:
            yield row, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield row, None
            return


def _places(headings: list[str], columns: Columns) -> dict[str, list[int]]:
    """Which columns stand for each field, likeliest first."""
    plain = [plain_heading(heading) for heading in headings]
    found = {name: [plain.index(alias) for alias in aliases if alias in plain] for name, aliases in columns.items()}
    return {name: places for name, places in found.items() if places}


def _fill(
    table: Table, lines: Iterator[tuple[int, list[str] | None]], places: dict[str, list[int]], width: int
) -> None:
    for row, cells in lines:
        fault = _fault_of(row, cells, width, len(table.records))
        if fault is not None:
            table.faults.append(fault)
        if cells is None or len(table.records) >= MAX_ROWS or len(table.faults) >= MAX_FAULTS:
            return
        if fault is None and any(cell.strip() for cell in cells):
            _keep(table, Record(row, _cells(cells, places)))


def _keep(table: Table, record: Record) -> None:
    """Notes may be long and are cut; no name, address or code is, so a longer one is a damaged row."""
    if "note" in record.cells:
        record.cells["note"] = record.cells["note"][:MAX_NOTE]
    if any(len(text) > MAX_CELL for name, text in record.cells.items() if name != "note"):
        sentence = f"A cell of this row is longer than {MAX_CELL:,} letters: look for a missing quotation mark."
        table.faults.append(RowFault(record.row, "", sentence))
    else:
        table.records.append(record)


def _fault_of(row: int, cells: list[str] | None, width: int, rows_so_far: int) -> RowFault | None:
    if cells is None:
        return RowFault(
            row, "", "From this row on the file is damaged: look for a quotation mark that is never closed."
        )
    if rows_so_far >= MAX_ROWS and any(cells):
        return RowFault(row, "", f"Only the first {MAX_ROWS:,} rows were read. Split the file and read the rest after.")
    if any(cell.strip() for cell in cells[width:]):
        return RowFault(row, "", "This row has more cells than there are headings: put text with commas in quotes.")
    if 0 < len(cells) < width and "\n" in cells[-1]:
        return RowFault(row, "", "This row runs on over several lines: look for a quotation mark that is never closed.")
    return None


def _cells(cells: list[str], places: dict[str, list[int]]) -> dict[str, str]:
    read: dict[str, str] = {}
    for name, columns in places.items():
        said = [cells[column].strip() for column in columns if column < len(cells) and cells[column].strip()]
        if said:
            read[name] = ", ".join(said) if name == "address" else said[0]
    return read
