"""An Excel workbook (.xlsx) into rows of cells, read as a stream: its first visible sheet only, within limits on what
it unpacks to. It may declare no entities."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from xml.parsers import expat  # noqa: S407  (no declarations are let through, see `_events`)

from trova_app.adapters.import_tables import MAX_BYTES, Unreadable
from trova_app.adapters.workbook_cells import MOST_COLUMNS, Look, cell_of, known_format, own_format, place_of
from trova_app.domain.imports import Cell

MOST_UNPACKED = 80_000_000  # bytes of all parts read; an honest price list of 20,000 rows has some 5 million
MOST_PARTS = 2_000
MOST_TEXTS = 400_000
ZIP = b"PK\x03\x04"

DAMAGED = "This workbook is damaged. Open it, save it again as .xlsx, and choose that file."
TOO_MUCH = "This workbook unpacks to far more than a list has. Save only the list as CSV, and choose that file."
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


def workbook_rows(data: bytes, longest: int) -> Iterator[tuple[int, list[Cell]]]:
    """Each row's number and cells; texts that many cells share are cut after `longest` letters. Raises `Unreadable`."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"This file is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        with Workbook(io.BytesIO(data)) as book:
            if len(book.infolist()) > MOST_PARTS:
                raise Unreadable(TOO_MUCH)
            part, is_1904 = _first_sheet(book)
            first_day = date(1904, 1, 1) if is_1904 else date(1899, 12, 30)
            look = Look(_texts(book, longest), _formats(book), first_day)
            yield from _rows(_events(_part(book, part)), look)
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


def _texts(book: Workbook, longest: int) -> list[str]:
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
            texts.append("".join(held).strip()[:longest])  # as cells give it, so that all of them share it
            held.clear()
            if len(texts) > MOST_TEXTS:
                raise Unreadable(TOO_MUCH)
    return texts


def _formats(book: Workbook) -> list[str]:
    """For each style of a cell, its format (see `known_format`)."""
    if "xl/styles.xml" not in book.namelist():
        return []
    own: dict[str, str] = {}
    kinds: list[str] = []
    in_cells = False
    for kind, name, given in _events(_part(book, "xl/styles.xml")):
        if kind == "start" and name == "numFmt":
            own[given["numFmtId"]] = own_format(given.get("formatCode", ""))
        elif name == "cellXfs":
            in_cells = kind == "start"
        elif kind == "start" and name == "xf" and in_cells:
            kinds.append(known_format(int(given.get("numFmtId", "0")), own))
    return kinds


def _rows(events: Iterable[Event], look: Look) -> Iterator[tuple[int, list[Cell]]]:
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
            place = place_of(given.get("r", ""), len(cells))
            if place < MOST_COLUMNS:
                cells[place] = cell_of("".join(held), given, look)
        elif name in ("v", "t"):
            is_value = kind == "start"
