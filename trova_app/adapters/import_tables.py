"""Bytes of unknown origin into rows of named cells.

Accepts UTF-8 with and without a byte order mark, UTF-16 and Windows-1252, separated by comma, semicolon, tab or bar.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from trova_app.adapters.import_columns import Columns, plain_heading
from trova_app.domain.imports import Column, RowFault

MAX_BYTES = 10_000_000
MAX_ROWS = 50_000
MAX_FAULTS = 1_000
MAX_CELL = 1_000
MAX_NOTE = 10_000
ROWS_TO_FIND_HEADINGS = 10
SEPARATORS = ",;\t|"
ROWS_OF_SAMPLES = 40
MOST_SAMPLES = 3
LONGEST_SAMPLE = 60

NO_HEADING = "No heading in this file is known. The first row should name the columns, such as First name."
NOT_TEXT = "This file is not text. Export it again as CSV, or as an iCalendar (.ics) file."
SIGNATURES = {
    b"\xd0\xcf\x11\xe0": "This workbook is of an old kind or locked. Save it as .xlsx or CSV, and choose that file.",
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
    columns: tuple[Column, ...] = ()
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


Line = tuple[int, list[str] | None]
Lines = Callable[[], Iterator[Line]]
"""The rows of a list from its beginning, as often as asked; None in place of cells where it cannot be read further."""


def lines_of(text: str) -> tuple[Lines, ...]:
    """The text parted in each way it may have been meant."""
    if text[:4].casefold() == "sep=":
        text = text.partition("\n")[2]
    return tuple(partial(_parted, text, separator) for separator in SEPARATORS)


def _parted(text: str, separator: str) -> Iterator[Line]:
    return _numbered(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def read_table(readings: Sequence[Lines], columns: Columns, fields: Sequence[str] | None = None) -> Table:
    """The rows under the first line that looks like headings; under the first one at all where none does. `fields`
    says what each column is instead of its heading. Raises Unreadable."""
    lines, heading_row = _shape(readings, columns)
    rest = lines()
    headings = next(cells for row, cells in rest if row == heading_row and isinstance(cells, list))
    places = _places(headings, columns, fields)
    samples = [cells for row, cells in islice(lines(), ROWS_OF_SAMPLES) if cells and row > heading_row]
    table = Table(frozenset(places), _columns(headings, places, samples))
    _fill(table, rest, places, len(headings))
    return table


def _shape(readings: Sequence[Lines], columns: Columns) -> tuple[Lines, int]:
    """The reading and the row under which most headings are known; else the row with most cells."""
    best: tuple[int, int, Lines | None, int] = (0, 0, None, 0)
    for lines in readings:
        for row, cells in islice(lines(), ROWS_TO_FIND_HEADINGS):
            said = [cell for cell in cells or () if cell.strip()]
            known = len(_places(cells, columns)) if cells else 0
            if (known, len(said)) > best[:2] and (known > best[0] or best[0] == 0):
                best = (known, len(said), lines, row)
    if best[2] is None:
        raise Unreadable(NO_HEADING)
    return best[2], best[3]


def _numbered(reader: Iterator[list[str]]) -> Iterator[Line]:
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


def _places(headings: list[str], columns: Columns, fields: Sequence[str] | None = None) -> dict[str, list[int]]:
    """Which columns stand for each field, likeliest first."""
    plain = [plain_heading(heading) for heading in headings]
    if fields is None:
        found = {name: [plain.index(alias) for alias in aliases if alias in plain] for name, aliases in columns.items()}
    else:
        chosen = list(zip(fields, plain, range(len(plain)), strict=False))
        found = {
            name: [at for _, at in sorted((_rank(word, aliases), at) for field, word, at in chosen if field == name)]
            for name, aliases in columns.items()
        }
    return {name: places for name, places in found.items() if places}


def _rank(word: str, aliases: tuple[str, ...]) -> int:
    return aliases.index(word) if word in aliases else len(aliases)


def _columns(headings: list[str], places: dict[str, list[int]], rows: Sequence[list[str]]) -> tuple[Column, ...]:
    field_at = {at: name for name, found in reversed(places.items()) for at in found}
    return tuple(
        Column(heading.strip()[:LONGEST_SAMPLE], _samples(at, rows), field_at.get(at, ""))
        for at, heading in enumerate(headings)
    )


def _samples(at: int, rows: Sequence[list[str]]) -> tuple[str, ...]:
    said = (" ".join(cells[at].split())[:LONGEST_SAMPLE] for cells in rows if at < len(cells) and cells[at].strip())
    return tuple(islice(dict.fromkeys(said), MOST_SAMPLES))


def _fill(table: Table, lines: Iterator[Line], places: dict[str, list[int]], width: int) -> None:
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
