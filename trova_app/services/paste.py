"""A block copied from a spreadsheet, put into the line items: by the words of its first row, else by position.

Texts are kept as they came, so that every fault can be shown beside its cell; only days are rewritten, because a date
box holds nothing but days.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from trova_app.domain.diagnoses import is_well_formed, tidy_code
from trova_app.domain.refusals import Refusal
from trova_app.services.arguments import folded
from trova_app.services.forms import LONGEST_TYPED, MOST_LINES, Form, FormLine, id_by_act

LONGEST_BLOCK = 60_000  # characters; a page cannot send more in one go
MOST_NAMED = 4  # headings that are told by name where their columns are left out
ORDER = ("date", "code", "text", "dx", "qty", "price", "off", "tax")
"""The columns as they stand on the page."""

HEADS = {
    "date": "date,day,service date,date of service,treatment date,datum",
    "code": "code,tariff,tariff code,procedure code,item code,nappi,nappi code,kode",
    "text": "description,service,item,line item,details,treatment,procedure,beskrywing",
    "dx": "icd,icd 10,icd10,icd code,icd 10 code,diagnosis,diagnosis code",
    "qty": "qty,quantity,units,number,no,hours,aantal",
    "price": "price,unit price,rate,amount,unit cost,fee,tariff amount,prys",
    "off": "discount,disc,off,less,afslag",
    "tax": "tax,vat,tax rate,vat rate,btw",
}
SUMS = frozenset(
    ("total", "sub total", "subtotal", "grand total", "amount due", "balance due", "total due", "totaal", "subtotaal")
)
"""What a row of a sum calls itself; it is no line."""

_COLUMN_OF = {word: column for column, words in HEADS.items() for word in words.split(",")}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Pasted:
    """The form with the block in it. `names`: the cells that were filled; `faults`: days that could not be read."""

    form: Form
    names: frozenset[str]
    faults: tuple[tuple[str, str], ...]
    sentence: str


def paste(
    form: Form,
    name: object,
    block: object,
    key: str,
    *,
    tax: str = "0",
    has_tax: bool = True,
    month_first: bool = False,
) -> Pasted:
    """Fills lines from the cell `name` (such as "text.3") on and adds what is missing. `key`: of this act;
    `tax`: of added lines; `has_tax`: whether the page has a column for it.

    Raises `Refusal` and changes nothing when there is no such cell, or when it is too much.
    """
    cell, _, line_id = name.partition(".") if isinstance(name, str) else ("", "", "")
    at = next((i for i, line in enumerate(form.lines) if line.id == line_id), None)
    if at is None or cell not in ORDER:
        raise Refusal("That field is not on this form any more. Paste into another one.")
    copied = _rows_of(block)
    columns, all_rows = read_columns(copied, cell, ORDER if has_tax else ORDER[:-1])
    rows = [row for n, row in enumerate(all_rows) if any(row) or at + n < len(form.lines)]
    sums = 0
    while len(rows) > 1 and _is_sum(columns, rows[-1]):
        rows, sums = rows[:-1], sums + 1
    if at + len(rows) > MOST_LINES:
        raise Refusal(
            f"A document has up to {MOST_LINES} lines; with these {len(rows)} it would have {at + len(rows)}. "
            "Nothing was pasted."
        )
    made = _placed(form, at, columns, rows, key, tax, month_first)
    heads = copied[0] if len(all_rows) < len(copied) else []
    added = len(made.form.lines) - len(form.lines)
    said = [_taken(len(rows), added), *_read_by(heads), *_left_out(columns, rows, heads), *_sums_left(sums)]
    return replace(made, sentence=" ".join(said))


def _rows_of(block: object) -> list[list[str]]:
    if not isinstance(block, str) or not block or len(block) > LONGEST_BLOCK:
        raise Refusal("That is too much to paste at once. Copy fewer rows. Nothing was pasted.")
    rows = cells_of(block)
    if not rows:
        raise Refusal("There was nothing to paste.")
    return rows


def cells_of(block: str) -> list[list[str]]:
    """Rows and cells of tab-separated text as spreadsheets copy it: a cell that holds a tab, a line end or a quote is
    quoted and its quotes are doubled. Empty rows at the end go."""
    rows: list[list[str]] = [[]]
    for text, end in _cells(block):
        rows[-1].append(_plain(text))
        if end == "\n":
            rows.append([])
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


_CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^\t\n]*))(\t|\n|\Z)')


def _cells(block: str) -> list[tuple[str, str]]:
    """(text, what ended it: a tab, a line end or "") of every cell in order."""
    text = block.replace("\r\n", "\n").replace("\r", "\n")
    found: list[tuple[str, str]] = []
    at = 0
    while at <= len(text):
        match = _CELL.match(text, at) or _UNQUOTED.match(text, at)
        assert match is not None  # the second pattern matches anywhere
        quoted, end = match.group(1), match.group(3)
        found.append((quoted.replace('""', '"') if quoted is not None else match.group(2), end))
        if not end:
            break
        at = match.end()
    return found


_UNQUOTED = re.compile(r"()?([^\t\n]*)(\t|\n|\Z)")


def _plain(text: str) -> str:
    """One line without control characters; what a box could hold if it were typed."""
    whole = (c for c in text.strip() if not "\ud800" <= c <= "\udfff")
    return "".join(c if c >= " " else " " for c in whole)[:LONGEST_TYPED]


# -- which column is which


def read_columns(
    rows: list[list[str]], cell: str, order: tuple[str, ...] = ORDER
) -> tuple[tuple[str, ...], list[list[str]]]:
    """A column name for each cell of a row ("" for one that has no place here), and the rows without their heading.
    `order`: the columns that are there."""
    width = max(len(row) for row in rows)
    heads = [_COLUMN_OF.get(_head(text), "") for text in rows[0]]
    named = [head for head in heads if head]
    if len(rows) > 1 and len(named) >= 2 and len(named) == len(set(named)) and 2 * len(named) >= len(heads):
        return _of_width(width, [head if head in order else "" for head in heads]), rows[1:]
    return _of_width(width, _by_position(rows, cell, order)), rows


def _of_width(width: int, columns: list[str]) -> tuple[str, ...]:
    return tuple((columns + [""] * width)[:width])


def _head(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", folded(text)).strip()


def _by_position(rows: list[list[str]], cell: str, order: tuple[str, ...]) -> list[str]:
    """The columns from `cell` on; the ICD-10 column is passed over where numbers fall on it, or no code while the block
    would end before the price."""
    columns = list(order[order.index(cell) :]) if cell in order else []
    if "dx" in columns[1:]:
        falls = [row[columns.index("dx")] for row in rows if len(row) > columns.index("dx")]
        is_short = "price" in columns and max(len(row) for row in rows) == columns.index("price")
        if any(map(_is_number, falls)) or (is_short and not any(map(_has_code, falls))):
            columns.remove("dx")
    return columns


_NUMBER = re.compile(r"[-+(]?[.,]?\d|[¼-¾⅐-⅞]|[^\W\d_]{0,3}\s*[-(]\s*\d|[^\W\d_]{1,3}\s+\d|[$€£¥]")
"""How a quantity or an amount begins, and no code does."""


def _is_number(text: str) -> bool:
    return _NUMBER.match(text) is not None


def _has_code(text: str) -> bool:
    return any(is_well_formed(tidy_code(code)) for code in re.split(r"[\s,;]+", text) if code)


def _is_sum(columns: tuple[str, ...], row: list[str]) -> bool:
    said = {column: text for column, text in zip(columns, row, strict=False) if column and text}
    return folded(said.get("text", "").rstrip(":")) in SUMS and not {"code", "date", "dx"} & said.keys()


# -- into the form


def _placed(
    form: Form, at: int, columns: tuple[str, ...], rows: list[list[str]], key: str, tax: str, month_first: bool
) -> Pasted:
    lines = list(form.lines)
    names: set[str] = set()
    faults: list[tuple[str, str]] = []
    for n, row in enumerate(rows):
        place = at + n
        base = lines[place] if place < len(lines) else FormLine(id_by_act(key, n), date=form.lines[-1].date, tax=tax)
        cells, unread = _cells_for(columns, row, month_first)
        line = replace(base, **cells)
        names |= {f"{column}.{line.id}" for column in cells}
        faults += [(f"date.{line.id}", f"“{text[:40]}” is not a day. Enter the day of the service.") for text in unread]
        lines[place:] = [line, *lines[place + 1 :]]
    return Pasted(replace(form, lines=tuple(lines)), frozenset(names), tuple(faults), "")


def _cells_for(columns: tuple[str, ...], row: list[str], month_first: bool) -> tuple[dict[str, str], list[str]]:
    """What one row says, and the days in it that are none. A blank stands where the line should keep what it has."""
    cells: dict[str, str] = {}
    unread: list[str] = []
    for column, text in zip(columns, row, strict=False):
        if not column or not text:
            continue
        if column == "date":
            day = day_of(text, month_first=month_first)
            unread += [] if day else [text]
            cells[column] = day.isoformat() if day else ""
        else:
            cells[column] = text.rstrip("% ") if column == "tax" else text
    return cells, unread


# -- what is said of it


def _taken(rows: int, added: int) -> str:
    pasted = f"{rows} row{'' if rows == 1 else 's'} pasted"
    return pasted + (f", {added} line{'' if added == 1 else 's'} added." if added else ".")


def _read_by(heads: list[str]) -> list[str]:
    return ["The first row was read as headings."] if heads else []


def _sums_left(count: int) -> list[str]:
    return ["The row with the total was left out." if count == 1 else f"{count} rows with totals were left out."] * (
        count > 0
    )


def _left_out(columns: tuple[str, ...], rows: list[list[str]], heads: list[str]) -> list[str]:
    """The columns that have texts and no place here, by their headings or, without any, by their number."""
    places = [n for n, column in enumerate(columns) if not column and any(row[n] for row in rows if n < len(row))]
    if not places:
        return []
    words = [heads[n][:40] for n in places if n < len(heads) and heads[n]]
    if len(words) == len(places) <= MOST_NAMED:
        return [f"Left out, as there is no such column here: {', '.join(f'“{one}”' for one in words)}."]
    if len(places) == 1:
        return ["1 column was left out: there is no place for it here."]
    return [f"{len(places)} columns were left out: there is no place for them here."]


def day_of(text: str, *, month_first: bool = False) -> date | None:
    """A day as people and spreadsheets write it: 2025-11-21, 21/11/2025, 21.11.25, 21 Nov 2025, Nov 21, 2025."""
    found = [_month(part) or part for part in re.findall(r"[0-9]+|[^\W\d_]+", text.strip().lower())][:4]
    found = [part for part in found if part.isdecimal() and part.isascii()]
    if len(found) != 3 or any(len(part) > 4 for part in found):
        return None
    if len(found[0]) == 4:
        year, month, day = found
    elif month_first or _month_stands_first(text):
        month, day, year = found
    else:
        day, month, year = found
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _month(word: str) -> str:
    return str(MONTHS.index(word[:3]) + 1) if word[:3] in MONTHS else ""


def _month_stands_first(text: str) -> bool:
    """ "Nov 21, 2025": a word before the day."""
    words = re.match(r"\s*([^\W\d_]+)", text)
    return words is not None and bool(_month(words.group(1).lower()))
