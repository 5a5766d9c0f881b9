"""A sheet of prices read: which column is which, each row's code, words, price and first day, and what cannot be."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from trova_app.domain.imports import Cell, RowFault, Sheet
from trova_app.domain.lines import PRICE_LIMIT, Style, price_cell
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.services.arguments import Fields, folded, is_hidden
from trova_app.services.paste import day_of
from trova_app.services.practice_style import PracticeStyle
from trova_app.services.scheme_rates import LONGEST_CODE

LONGEST_TEXT = 300
MOST_FAULTS = 500
FARTHEST = timedelta(days=5 * 366)
EARLIEST = date(2000, 1, 1)
PRICE_SCALE = 10_000

HEADS = {
    "code": "code,tariff,tariff code,procedure code,procedure,item code,billing code,nappi,nappi code,kode,tariefkode",
    "text": "description,descriptor,service,item,details,treatment,name,long description,beskrywing,omskrywing",
    "price": "price,rate,amount,tariff amount,tariff rate,scheme rate,unit price,fee,cost,value,prys,tarief,bedrag",
    "since": "valid from,effective,effective date,effective from,from,start date,date,vanaf",
}
_COLUMN_OF = {word: column for column, words in HEADS.items() for word in words.split(",")}
NAME_COLUMNS = "Name the columns in the first row: Code, Description and Price."
TWO_PRICES = ("price", "price")
ONE_PRICE = "Two columns could be the price. Keep the one that is valid from the day given."


@dataclass(frozen=True, slots=True)
class NewRate:
    row: int
    code: str
    text: str
    price: int
    valid_from: date


@dataclass(frozen=True, slots=True)
class ReadList:
    rates: tuple[NewRate, ...]
    faults: tuple[RowFault, ...]


def a_first_day(style: PracticeStyle, given: object) -> date:
    """The day from which a list holds: given as a date or its ISO text. Raises `FieldFaults` at `valid_from`."""
    form = Fields()
    day = form.day("valid_from", given, latest=style.today + FARTHEST)
    if day is None or day < EARLIEST:
        raise FieldFaults(form.faults or [("valid_from", "Enter the day from which these prices hold.")])
    return day


def read_rates(sheet: Sheet, style: PracticeStyle, valid_from: date) -> ReadList:
    """The list's prices and what cannot be read, row by row. A row may name a day of its own."""
    columns, rows = _columns(sheet)
    if columns == TWO_PRICES:
        return ReadList((), (RowFault(rows[0][0], "", ONE_PRICE),))
    if not {"code", "price"} <= set(columns):
        return ReadList((), (RowFault(rows[0][0] if rows else 0, "", NAME_COLUMNS),))
    rates: list[NewRate] = []
    faults: list[RowFault] = []
    for number, cells in rows:
        if len(faults) >= MOST_FAULTS:
            faults.append(RowFault(number, "", "From here on nothing was read: too much before it is wrong."))
            break
        known = dict(zip(columns, cells, strict=False))
        try:
            rates.append(_rate(number, known, style, valid_from))
        except Refusal as refused:
            faults.append(RowFault(number, refused.field, refused.sentence))
    faults += _contradictions(rates, style)
    return ReadList(tuple(_once(rates)), tuple(sorted(faults, key=lambda fault: fault.row)))


def _columns(sheet: Sheet) -> tuple[tuple[str, ...], Sequence[tuple[int, tuple[Cell, ...]]]]:
    """A name for each column ("" for one that says nothing here), and the rows under the headings. Without headings:
    the code first, the price last, its words between."""
    for at, (_, cells) in enumerate(sheet.rows[:10]):
        heads = [_COLUMN_OF.get(_head(cell), "") for cell in cells]
        once = ["" if head in heads[:place] else head for place, head in enumerate(heads)]
        if {"code", "price"} <= set(once):
            if heads.count("price") > 1:
                return TWO_PRICES, sheet.rows[at : at + 1]
            return tuple(once), sheet.rows[at + 1 :]
    width = max((len(cells) for _, cells in sheet.rows), default=0)
    if width < 2:
        return (), sheet.rows
    return ("code", *(["text"] if width > 2 else []), *[""] * (width - 3), "price"), sheet.rows


def _head(cell: Cell) -> str:
    """ "Rate 2026 (R)" is "rate"."""
    plain = re.sub(r"[^a-z]+", " ", folded(cell[:80])) if isinstance(cell, str) else ""
    words = [word for word in plain.split() if word not in ("r", "zar", "incl", "excl", "vat", "per", "unit")]
    return "unit price" if plain.split()[:2] == ["unit", "price"] else " ".join(words)


def _rate(row: int, known: dict[str, Cell], style: PracticeStyle, valid_from: date) -> NewRate:
    return NewRate(
        row=row,
        code=_code(known.get("code", "")),
        text=_words(known.get("text", "")),
        price=_price(known.get("price", ""), style),
        valid_from=_since(known.get("since", ""), style) or valid_from,
    )


def _code(cell: Cell) -> str:
    if isinstance(cell, Decimal) and cell == cell.to_integral_value() and 0 <= cell < 10**LONGEST_CODE:
        cell = str(int(cell))
    code = " ".join(cell.split()) if isinstance(cell, str) else ""
    if not code or len(code) > LONGEST_CODE or any(map(is_hidden, code)):
        raise Refusal(f"Enter a code of up to {LONGEST_CODE} characters, such as 86205.", "code")
    return code


def _words(cell: Cell) -> str:
    text = cell if isinstance(cell, str) else str(cell)
    text = " ".join("".join(" " if is_hidden(c) else c for c in text).split())
    if len(text) > LONGEST_TEXT:
        raise Refusal(f"Shorten the description to {LONGEST_TEXT} characters.", "text")
    return text


def _price(cell: Cell, style: PracticeStyle) -> int:
    """In ten-thousandths. A number of a workbook is exact; a text is read as the practice writes money."""
    if isinstance(cell, Decimal):
        scaled = cell * PRICE_SCALE
        if scaled == scaled.to_integral_value() and 0 <= scaled < PRICE_LIMIT * PRICE_SCALE:
            return int(scaled)
        raise Refusal(f"{cell} is no price: it has at most 4 decimals and is not negative.", "price")
    if not isinstance(cell, str):
        raise Refusal("A day stands where the price should be.", "price")
    money = style.money
    read = price_cell(cell, Style(places=money.places, symbol=money.symbol, group=money.group, point=money.point))
    if read.fault:
        said = f"“{cell[:40]}” is no price. " if cell else ""
        raise Refusal(f"{said}{read.fault}", "price")
    return read.value


def _since(cell: Cell, style: PracticeStyle) -> date | None:
    if cell == "":
        return None
    cell = cell.date() if isinstance(cell, datetime) else cell
    day = cell if isinstance(cell, date) else day_of(str(cell), month_first=style.country == "US")
    if day is None or not EARLIEST <= day <= style.today + FARTHEST:
        raise Refusal(f"“{str(cell)[:40]}” is not a day such as 2026-01-01.", "valid_from")
    return day


def _contradictions(rates: Sequence[NewRate], style: PracticeStyle) -> list[RowFault]:
    """A code that stands twice for one day, with two prices."""
    first: dict[tuple[str, date], NewRate] = {}
    faults = []
    for rate in rates:
        earlier = first.setdefault((rate.code, rate.valid_from), rate)
        if earlier.price != rate.price:
            sentence = f"{rate.code} has another price in row {earlier.row}: {style.price(earlier.price)}."
            faults.append(RowFault(rate.row, "price", sentence))
    return faults


def _once(rates: Sequence[NewRate]) -> list[NewRate]:
    return list({(rate.code, rate.valid_from): rate for rate in reversed(rates)}.values())[::-1]
