"""A scheme's new price list: read from a sheet, shown before anything is kept, then kept as a whole or not at all."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.imports import Cell, RowFault, Sheet
from trova_app.domain.lines import PRICE_LIMIT, Style, price_cell
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, Refusal
from trova_app.models import Scheme, SchemeRate
from trova_app.services.arguments import Fields, a_version, folded, is_hidden
from trova_app.services.paste import day_of
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for
from trova_app.services.scheme_clients import Affected, affected_clients
from trova_app.services.scheme_rates import LONGEST_CODE, is_latest, search_text_of
from trova_app.services.schemes import find_scheme

LONGEST_TEXT = 300
MOST_SHOWN = 200
MOST_FAULTS = 500
FARTHEST = timedelta(days=5 * 366)
EARLIEST = date(2000, 1, 1)
PRICE_SCALE = 10_000
ALL_AT_ONCE = 500  # rows of one statement

HEADS = {
    "code": "code,tariff,tariff code,procedure code,procedure,item code,billing code,nappi,nappi code,kode,tariefkode",
    "text": "description,descriptor,service,item,details,treatment,name,long description,beskrywing,omskrywing",
    "price": "price,rate,amount,tariff amount,tariff rate,scheme rate,unit price,fee,cost,value,prys,tarief,bedrag",
    "since": "valid from,effective,effective date,effective from,from,start date,date,vanaf",
}
_COLUMN_OF = {word: column for column, words in HEADS.items() for word in words.split(",")}
NAME_COLUMNS = "Name the columns in the first row: Code, Description and Price."


class Outcome(StrEnum):
    FAULT = "fault"
    CHANGED = "changed"
    NEW = "new"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One row of the list. `was`: what holds on that day so far, "" for nothing."""

    row: int
    code: str
    text: str
    price: str
    was: str
    outcome: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class RatePreview:
    """What would happen. `lines`: faults first, then changes, then the rest, as many as are worth looking at; `left`:
    codes of the present list that are not in this one. `may_keep`: there is no fault, and something to keep.
    `version`: of the scheme as it was looked at."""

    counts: dict[str, int]
    lines: tuple[PreviewLine, ...]
    more: int
    left: int
    first_day: str
    affected: Affected
    may_keep: bool
    version: int


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


def preview_rates(
    db: Session, desk: Desk, who: Principal, *, scheme_id: object, sheet: Sheet, valid_from: object
) -> RatePreview:
    """What keeping the list would do; keeps nothing."""
    who.must(Permission.CATALOGUE)
    scheme = find_scheme(db, who, scheme_id)
    style = style_for(db, desk, who.practice_id)
    read = read_rates(sheet, style, a_first_day(style, valid_from))
    present = _present(db, scheme, read.rates)
    lines = [_fault_line(fault) for fault in read.faults]
    lines += sorted((_line(rate, present, style) for rate in read.rates), key=_pressing)
    counts = Counter(line.outcome for line in lines)
    first_day = min((rate.valid_from for rate in read.rates), default=style.today)
    return RatePreview(
        counts={outcome.value: counts[outcome.value] for outcome in Outcome},
        lines=tuple(lines[:MOST_SHOWN]),
        more=max(0, len(lines) - MOST_SHOWN),
        left=_left(db, scheme, first_day, {rate.code for rate in read.rates}),
        first_day=short(first_day),
        affected=affected_clients(db, desk, who, scheme_id=scheme.id, since=first_day),
        may_keep=not read.faults and counts[Outcome.NEW] + counts[Outcome.CHANGED] > 0,
        version=scheme.version,
    )


def keep_rates(
    db: Session, desk: Desk, who: Principal, *, scheme_id: object, version: object, sheet: Sheet, valid_from: object
) -> str:
    """Keeps the whole list, or raises and keeps nothing. A price for the same code and day takes the other's place.
    Gives a sentence about what was done. `ChangedElsewhere` where the scheme is not as it was when the list was looked
    at (`version`)."""
    who.must(Permission.CATALOGUE)
    scheme = find_scheme(db, who, scheme_id, lock=True)
    if scheme.version != a_version(version):
        raise ChangedElsewhere("The scheme or its prices changed in the meantime. Nothing was kept; look once more.")
    style = style_for(db, desk, who.practice_id)
    read = read_rates(sheet, style, a_first_day(style, valid_from))
    if read.faults:
        raise Refusal(f"Nothing was kept: {_count(len(read.faults), 'row')} cannot be read. Correct the list first.")
    if not read.rates:
        raise Refusal("There are headings in this list and no price under them.")
    _write(db, scheme, read.rates)
    scheme.version += 1
    db.add(scheme)
    db.flush()
    desk.tell(who.practice_id)
    days = sorted({rate.valid_from for rate in read.rates})
    return f"{_count(len(read.rates), 'price')} of {scheme.name} kept, valid from {short(days[0])}."


def _write(db: Session, scheme: Scheme, rates: Sequence[NewRate]) -> None:
    known = {(row.code, row.valid_from): row for row in _rows_of(db, scheme)}
    fresh = []
    for rate in rates:
        words = {
            "description": rate.text,
            "unit_price": rate.price,
            "search_text": search_text_of(rate.code, rate.text),
        }
        row = known.get((rate.code, rate.valid_from))
        if row is None:
            key = {"practice_id": scheme.practice_id, "scheme_id": scheme.id, "code": rate.code}
            fresh.append(key | words | {"valid_from": rate.valid_from})
            continue
        for name, value in words.items():
            setattr(row, name, value)
        db.add(row)
    for at in range(0, len(fresh), ALL_AT_ONCE):
        db.execute(sa.insert(SchemeRate), fresh[at : at + ALL_AT_ONCE])


def _rows_of(db: Session, scheme: Scheme) -> Iterable[SchemeRate]:
    return db.exec(
        select(SchemeRate).where(SchemeRate.practice_id == scheme.practice_id, SchemeRate.scheme_id == scheme.id)
    )


def a_first_day(style: PracticeStyle, given: object) -> date:
    """The day from which a list holds: given as a date or its ISO text. Raises `FieldFaults` at `valid_from`."""
    form = Fields()
    day = form.day("valid_from", given, latest=style.today + FARTHEST)
    if day is None or day < EARLIEST:
        raise FieldFaults(form.faults or [("valid_from", "Enter the day from which these prices hold.")])
    return day


# -- what is shown

PRESSING = {Outcome.CHANGED.value: 0, Outcome.NEW.value: 1, Outcome.SAME.value: 2}


def _pressing(line: PreviewLine) -> tuple[int, int]:
    return PRESSING[line.outcome], line.row


def _fault_line(fault: RowFault) -> PreviewLine:
    return PreviewLine(fault.row, "", "", "", "", Outcome.FAULT.value, fault.sentence)


def _present(db: Session, scheme: Scheme, rates: Sequence[NewRate]) -> dict[str, list[SchemeRate]]:
    """Every price of the scheme by code."""
    found: dict[str, list[SchemeRate]] = {}
    for row in _rows_of(db, scheme) if rates else ():
        found.setdefault(row.code, []).append(row)
    return found


def _line(rate: NewRate, present: dict[str, list[SchemeRate]], style: PracticeStyle) -> PreviewLine:
    begun = [row for row in present.get(rate.code, []) if row.valid_from <= rate.valid_from]
    now = max(begun, key=lambda row: row.valid_from, default=None)
    if now is None:
        outcome = Outcome.NEW
    elif now.unit_price != rate.price or (now.valid_from == rate.valid_from and now.description != rate.text):
        outcome = Outcome.CHANGED
    else:
        outcome = Outcome.SAME
    was = style.price(now.unit_price) if now else ""
    return PreviewLine(rate.row, rate.code, rate.text, style.price(rate.price), was, outcome.value)


def _left(db: Session, scheme: Scheme, day: date, codes: set[str]) -> int:
    query = select(SchemeRate.code).where(
        SchemeRate.practice_id == scheme.practice_id,
        SchemeRate.scheme_id == scheme.id,
        col(SchemeRate.valid_from) <= day,
        is_latest(day),
    )
    return len(set(db.exec(query)) - codes)


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


# -- reading


TWO_PRICES = ("price", "price")
ONE_PRICE = "Two columns could be the price. Keep the one that is valid from the day given."


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
