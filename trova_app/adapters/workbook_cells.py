"""What a cell of a workbook shows: by its number's format a day, a time of day or both, a code of a fixed width, or a
number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, DecimalException
from enum import StrEnum

from trova_app.domain.imports import Cell

MOST_COLUMNS = 100
LONGEST_NUMBER = 30  # places before or after the point; no price, code or day has as many
SECONDS = 24 * 60 * 60
LAST_DAY = 2_958_466
"""The number of the first day that no spreadsheet knows any more, 1 January of the year 10000."""


class Shows(StrEnum):
    """What a format shows of a number that counts days."""

    DAY = "day"
    CLOCK = "clock"
    BOTH = "both"


DAY_FORMATS = dict.fromkeys((*range(14, 18), *range(27, 37), *range(50, 59)), Shows.DAY) | dict.fromkeys(
    (*range(18, 22), *range(45, 48)), Shows.CLOCK
)
"""Number formats every workbook knows by their number (ECMA-376, 18.8.30), beside 22."""


@dataclass(frozen=True, slots=True)
class Look:
    """A workbook's shared texts, the format of each style of a cell, and the day that days are counted from."""

    texts: Sequence[str]
    formats: Sequence[str]
    first_day: date


def known_format(number: int, own: dict[str, str]) -> str:
    """A `Shows`, zeros such as "0000" for numbers written to a fixed width, or ""."""
    return Shows.BOTH if number == 22 else DAY_FORMATS.get(number) or own.get(str(number), "")


def own_format(code: str) -> str:
    """The same for a format a workbook brings along."""
    shown = re.sub(r'"[^"]*"|\[(?![hms]+\])[^\]]*\]|\\.', "", code.lower())
    if re.fullmatch(r"0{2,20}", shown):
        return shown
    if "general" in shown or not re.search(r"[dmyhs]", shown):
        return ""
    if not re.search(r"[hs]|\[m", shown):
        return Shows.DAY
    return Shows.BOTH if re.search(r"[dy]", shown) else Shows.CLOCK


def place_of(reference: str, following: int) -> int:
    """ "C7" is 2; a cell without a reference follows the one before."""
    letters = re.match(r"[A-Z]{1,3}", reference)
    if letters is None:
        return following
    place = 0
    for letter in letters.group():
        place = place * 26 + ord(letter) - 64
    return place - 1


def cell_of(text: str, given: dict[str, str], look: Look) -> Cell:
    """What stands in a cell, `given` being its attributes."""
    kind = given.get("t", "n")
    if kind == "s":
        return look.texts[int(text)] if text else ""
    if kind != "n" or not text:
        return text
    try:
        number = Context(prec=15).create_decimal(text)  # what the spreadsheet itself counts with
    except DecimalException:
        return text
    if not number.is_finite() or abs(number.adjusted()) > LONGEST_NUMBER:
        return text  # nine letters of it may stand for a million digits
    style = int(given.get("s", "0"))
    shown = look.formats[style] if style < len(look.formats) else ""
    if shown in tuple(Shows):
        return _when(number, shown, look.first_day)
    if shown and number == number.to_integral_value() and number >= 0:
        return str(int(number)).rjust(len(shown), "0")
    return number


def _when(number: Decimal, shown: str, first_day: date) -> Cell:
    """The day, the time of day or both, to the second; the number itself where it is none of them."""
    if 0 <= number < 1 and shown != Shows.DAY:
        seconds = round(number * SECONDS) % SECONDS
        return time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    if not 1 <= number < LAST_DAY:
        return number
    if shown == Shows.DAY or number == number.to_integral_value():
        return first_day + timedelta(days=int(number))
    return datetime.combine(first_day, time()) + timedelta(seconds=round(number * SECONDS))
