"""A table of unknown origin into rows of cells: CSV, text pasted from a spreadsheet, or an Excel workbook (.xlsx).

Whatever the bytes are, the answer is a `Sheet` or `Unreadable` with a sentence for the person. A workbook is read as a
stream, its first visible sheet only, within limits on what it unpacks to; it may declare no entities.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Context, DecimalException
from typing import Any
from xml.parsers import expat  # noqa: S407  (no declarations are let through, see `_events`)

from trova_app.adapters.import_tables import MAX_BYTES, Unreadable, text_of
from trova_app.domain.imports import Cell, Sheet

MOST_ROWS = 20_000
MOST_COLUMNS = 100
LONGEST_CELL = 1_000
MOST_UNPACKED = 80_000_000  # bytes of all parts read; an honest price list of 20,000 rows has some 5 million
LONGEST_NUMBER = 30  # places before or after the point; no price, code or day has as many
MOST_PARTS = 2_000
MOST_TEXTS = 400_000
ZIP = b"PK\x03\x04"
SEPARATORS = "\t;,|"
LOOKED_AT = 20  # rows that tell the separator

DAMAGED = "This workbook is damaged. Open it, save it again as .xlsx, and choose that file."
TOO_MUCH = "This workbook unpacks to far more than a list has. Save only the list as CSV, and choose that file."
EMPTY = "There is nothing in this list."
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    LookupError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    EOFError,
)
"""What reading a workbook that is none, or is damaged or locked, can raise."""


def read_sheet(data: bytes, most_rows: int = MOST_ROWS) -> Sheet:
    """Raises `Unreadable`."""
    sheet = Sheet(tuple(_within(_workbook(data) if data.startswith(ZIP) else _table(text_of(data)), most_rows)))
    if not sheet.rows:
        raise Unreadable(EMPTY)
    return sheet


def _within(rows: Iterable[tuple[int, list[Cell]]], most_rows: int) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """The rows that hold anything, up to the limits."""
    kept = 0
    for number, cells in rows:
        cut = tuple(cell.strip()[:LONGEST_CELL] if isinstance(cell, str) else cell for cell in cells[:MOST_COLUMNS])
        while cut and cut[-1] == "":
            cut = cut[:-1]
        if cut:
            kept += 1
            if kept > most_rows:
                raise Unreadable(f"A list may have up to {most_rows:,} rows. Split it and read the rest after.")
            yield number, cut


# -- text


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


# -- workbooks


def _workbook(data: bytes) -> Iterator[tuple[int, list[Cell]]]:
    if len(data) > MAX_BYTES:
        raise Unreadable(f"This file is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        with Workbook(io.BytesIO(data)) as book:
            if len(book.infolist()) > MOST_PARTS:
                raise Unreadable(TOO_MUCH)
            part, is_1904 = _first_sheet(book)
            yield from _rows(_events(_part(book, part)), _texts(book), _formats(book), is_1904)
    except BROKEN:
        raise Unreadable(DAMAGED) from None


class Workbook(zipfile.ZipFile):
    """Its parts unpack to `MOST_UNPACKED` bytes together; `unpacked`: those read so far."""

    unpacked = 0


def _part(book: Workbook, name: str) -> Iterator[bytes]:
    """A part's bytes; never more than are left for it, whatever the archive says of itself."""
    with book.open(name) as stream:
        while chunk := stream.read(65_536):
            book.unpacked += len(chunk)
            if book.unpacked > MOST_UNPACKED:
                raise Unreadable(TOO_MUCH)
            yield chunk


Event = tuple[str, str, dict[str, str]]


def _events(chunks: Iterable[bytes]) -> Iterator[Event]:
    """("start", name, attributes), ("end", name, {}) and ("text", words, {}) of an XML part, names without their
    namespace. A document type is refused: entities are how small files become large ones."""
    found: list[Event] = []
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def plain(name: str) -> str:
        return name.rpartition("}")[2]

    def refuse(*_given: Any) -> None:
        raise Unreadable(DAMAGED)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, given: found.append(
        ("start", plain(name), {plain(key): text for key, text in given.items()})
    )
    parser.EndElementHandler = lambda name: found.append(("end", plain(name), {}))
    parser.CharacterDataHandler = lambda words: found.append(("text", words, {}))
    for chunk in chunks:
        parser.Parse(chunk, False)
        yield from found
        found.clear()
    parser.Parse(b"", True)
    yield from found


def _first_sheet(book: Workbook) -> tuple[str, bool]:
    """The part of the first sheet that is not hidden, and whether days are counted from 1904."""
    is_1904, wanted = False, ""
    for kind, name, given in _events(_part(book, "xl/workbook.xml")):
        if kind == "start" and name == "workbookPr":
            is_1904 = given.get("date1904") in ("1", "true")
        if kind == "start" and name == "sheet" and not wanted and given.get("state", "visible") == "visible":
            wanted = given.get("id", "")
    for kind, name, given in _events(_part(book, "xl/_rels/workbook.xml.rels")):
        if kind == "start" and name == "Relationship" and given.get("Id") == wanted:
            target = given["Target"]
            return (target.lstrip("/") if target.startswith("/") else f"xl/{target}"), is_1904
    raise Unreadable(DAMAGED)


def _texts(book: Workbook) -> list[str]:
    """The texts cells refer to by number. Phonetic hints (rPh) are not part of them."""
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    texts: list[str] = []
    held: list[str] = []
    is_text = is_hint = False
    for kind, name, _ in _events(_part(book, "xl/sharedStrings.xml")):
        if kind == "text":
            if is_text and not is_hint:
                held.append(name)
        elif name == "t":
            is_text = kind == "start"
        elif name == "rPh":
            is_hint = kind == "start"
        elif name == "si" and kind == "end":
            texts.append("".join(held).strip()[:LONGEST_CELL])  # as cells give it, so that all of them share it
            held.clear()
            if len(texts) > MOST_TEXTS:
                raise Unreadable(TOO_MUCH)
    return texts


DAY_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Number formats every workbook knows by their number and that show days or times (ECMA-376, 18.8.30)."""


def _formats(book: Workbook) -> list[str]:
    """For each style of a cell: "day", zeros such as "0000" for numbers written to a fixed width, or ""."""
    if "xl/styles.xml" not in book.namelist():
        return []
    own: dict[str, str] = {}
    kinds: list[str] = []
    in_cells = False
    for kind, name, given in _events(_part(book, "xl/styles.xml")):
        if kind == "start" and name == "numFmt":
            own[given["numFmtId"]] = _format(given.get("formatCode", ""))
        elif name == "cellXfs":
            in_cells = kind == "start"
        elif kind == "start" and name == "xf" and in_cells:
            number = given.get("numFmtId", "0")
            kinds.append("day" if int(number) in DAY_FORMATS else own.get(number, ""))
    return kinds


def _format(code: str) -> str:
    shown = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", code)
    if re.fullmatch(r"0{2,20}", shown):
        return shown
    return "day" if re.search(r"[dmyhs]", shown.lower()) and "general" not in shown.lower() else ""


def _rows(
    events: Iterable[Event], texts: list[str], formats: list[str], is_1904: bool
) -> Iterator[tuple[int, list[Cell]]]:
    number, cells, given = 0, {}, {}  # type: int, dict[int, Cell], dict[str, str]
    held: list[str] = []
    is_value = False
    for kind, name, attributes in events:
        if kind == "text":
            if is_value:
                held.append(name)
        elif name == "row" and kind == "start":
            number, cells = int(attributes.get("r", number + 1)), {}
        elif name == "row":
            yield number, [cells.get(place, "") for place in range(max(cells, default=-1) + 1)]
        elif name == "c" and kind == "start":
            given, held = attributes, []
        elif name == "c":
            place = _place(given.get("r", ""), len(cells))
            if place < MOST_COLUMNS:
                cells[place] = _cell("".join(held), given, texts, formats, is_1904)
        elif name in ("v", "t"):
            is_value = kind == "start"


def _place(reference: str, following: int) -> int:
    """ "C7" is 2; a cell without a reference follows the one before."""
    letters = re.match(r"[A-Z]{1,3}", reference)
    if letters is None:
        return following
    place = 0
    for letter in letters.group():
        place = place * 26 + ord(letter) - 64
    return place - 1


def _cell(text: str, given: dict[str, str], texts: list[str], formats: list[str], is_1904: bool) -> Cell:
    kind = given.get("t", "n")
    if kind == "s":
        return texts[int(text)] if text else ""
    if kind != "n" or not text:
        return text
    try:
        number = Context(prec=15).create_decimal(text)  # what the spreadsheet itself counts with
    except DecimalException:
        return text
    if not number.is_finite() or abs(number.adjusted()) > LONGEST_NUMBER:
        return text  # nine letters of it may stand for a million digits
    style = int(given.get("s", "0"))
    shown = formats[style] if style < len(formats) else ""
    if shown == "day" and 1 <= number < 2_958_466:
        return (date(1904, 1, 1) if is_1904 else date(1899, 12, 30)) + timedelta(days=int(number))
    if shown not in ("", "day") and number == number.to_integral_value() and number >= 0:
        return str(int(number)).rjust(len(shown), "0")
    return number
