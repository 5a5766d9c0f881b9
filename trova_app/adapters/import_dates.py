"""Dates and times as exports write them. Every problem is a ValueError whose text is a sentence for the person."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(MONTH_NAMES, start=1)}
NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", re.ASCII)
YEAR_FIRST = re.compile(r"(\d{4})([/.-]?)(\d{1,2})\2(\d{1,2})", re.ASCII)
DAY_MONTH_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([a-z]{3,9})\.?,?[ -](\d{4})", re.ASCII)
MONTH_NAME_DAY = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.ASCII)
WEEKDAY = re.compile(r"^(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?[,.]? ", re.ASCII)
CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?::(\d{2})(?:\.\d+)?)?\s*([ap])?\.?(?:m\.?)?", re.ASCII)
CLOCK_AT_END = re.compile(
    r"^(.*?\d)(?:,? at |[ ,T]+)(\d{1,2}(?:[:h.]\d{2}(?::\d{2})?)?\s*(?:[ap]\.?m\.?)?)$", re.ASCII | re.I
)
OFFSET = re.compile(r"\s*(?:\bUTC|\bGMT|Z|([+-]\d{2}):?(\d{2}))$", re.ASCII)
EARLIEST, LATEST = 1900, 2199
LONGEST = 80

TWO_READINGS = (
    "Dates such as 03/04/2026 can be read two ways. "
    "Say whether this file writes the day or the month first, and read it again."
)
MIXED = "Some dates in this file have the day first and some the month first. Make them alike and export it again."


def day_comes_first(texts: Iterable[str]) -> bool | None:
    """What the dates of a whole file show: True, False, or None where all of them can be read either way.

    Raises ValueError where some can only have the day first and others only the month.
    """
    shown = {order for text in texts for order in _orders_shown(text)}
    if shown == {True, False}:
        raise ValueError(MIXED)
    return next(iter(shown), None)


def is_two_way(text: str) -> bool:
    """Whether the date in this text depends on the order."""
    found = NUMERIC.match(text.strip())
    if not found:
        return False
    first, second = int(found[1]), int(found[3])
    return first <= 12 and second <= 12 and first != second


def _orders_shown(text: str) -> Iterable[bool]:
    found = NUMERIC.match(text.strip())
    if found and int(found[1]) > 12 >= int(found[3]):
        yield True
    if found and int(found[3]) > 12 >= int(found[1]):
        yield False


def read_date(text: str, day_first: bool | None) -> date:
    """A calendar day. `day_first` None is fine where the text itself leaves no doubt."""
    plain = WEEKDAY.sub("", " ".join(text[:LONGEST].casefold().split()))
    year, month, day = _parts(plain, day_first, text)
    if not EARLIEST <= year <= LATEST:
        raise ValueError(f"The year of “{_short(text)}” cannot be right.")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"“{_short(text)}” is not a day of the calendar.") from None


def _parts(plain: str, day_first: bool | None, text: str) -> tuple[int, int, int]:
    if found := YEAR_FIRST.fullmatch(plain):
        return int(found[1]), int(found[3]), int(found[4])
    if found := NUMERIC.fullmatch(plain):
        return _ordered(int(found[1]), int(found[3]), int(found[4]), day_first)
    if found := DAY_MONTH_NAME.fullmatch(plain):
        return int(found[3]), MONTHS.get(found[2][:3], 0), int(found[1])
    if found := MONTH_NAME_DAY.fullmatch(plain):
        return int(found[3]), MONTHS.get(found[1][:3], 0), int(found[2])
    raise ValueError(f"“{_short(text)}” is not a date that can be read. Write it as 2026-03-31, with the whole year.")


def _ordered(first: int, second: int, year: int, day_first: bool | None) -> tuple[int, int, int]:
    if day_first is None and first <= 12 and second <= 12 and first != second:
        raise ValueError(TWO_READINGS)
    if day_first is None:
        day_first = first > 12
    return (year, second, first) if day_first else (year, first, second)


def read_clock(text: str) -> time:
    """A time of day: 9:00, 09:00:00, 9 am, 2:30 PM, 14h30."""
    found = CLOCK.fullmatch(text.strip().casefold())
    if not found or (found[2] is None and found[4] is None):
        raise ValueError(f"“{_short(text)}” is not a time that can be read. Write it as 14:30.")
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found[4]:
        if not 1 <= hour <= 12:
            raise ValueError(f"“{_short(text)}” is not a time of day.")
        hour = hour % 12 + (12 if found[4] == "p" else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        raise ValueError(f"“{_short(text)}” is not a time of day.") from None


def has_day(text: str) -> bool:
    """Whether the text says the day too, and not only the time."""
    return CLOCK.fullmatch(text.strip().casefold()) is None


def read_moment(text: str, day_first: bool | None, zone: ZoneInfo) -> datetime:
    """A day with its time, in UTC. Without an offset of its own it is told by the clocks of `zone`."""
    plain = " ".join(text[:LONGEST].split())
    offset = OFFSET.search(plain)
    if offset and ":" in plain:
        naive = _naive(plain[: offset.start()], day_first)
        return datetime.fromisoformat(f"{naive.isoformat()}{offset[1] or '+00'}:{offset[2] or '00'}").astimezone(UTC)
    return to_utc(_naive(plain, day_first), zone)


def _naive(plain: str, day_first: bool | None) -> datetime:
    plain = re.sub(r"(:\d{2})\.\d+$", r"\1", plain)
    found = CLOCK_AT_END.match(plain)
    if not found:
        raise ValueError(f"“{_short(plain)}” does not say both a day and a time. Write it as 2026-03-31 14:30.")
    return datetime.combine(read_date(found[1], day_first), read_clock(found[2]))


def to_utc(naive: datetime, zone: ZoneInfo) -> datetime:
    """A time on the wall of `zone`, in UTC; of an hour that happens twice, the first."""
    moment = naive.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != naive.replace(fold=0):
        raise ValueError(
            f"{naive:%H:%M} did not happen on {naive:%Y-%m-%d}: the clocks went forward. Correct the time."
        )
    return moment


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
