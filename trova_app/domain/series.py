"""How a session repeats: the rules people choose from, as RFC 5545 writes them, and what becomes of a day when a rule's
day is changed. A day that a month does not have is left out, as RFC 5545 has it."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_WEEKS = 12


class Unit(StrEnum):
    WEEK = "week"
    SAME_DATE = "date"  # every month on the 15th
    SAME_WEEKDAY = "weekday"  # every month on the third Wednesday; a fifth one is the last of its month


class Scope(StrEnum):
    """Which sessions of a series a change is meant for. `ALL`: those that have not begun yet, and the one in hand."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every so many weeks, or each month."""

    unit: Unit
    every: int = 1

    def rule(self, first: date) -> str:
        """RFC 5545's words for this rhythm from its first day on."""
        if self.unit is Unit.WEEK:
            return f"FREQ=WEEKLY;INTERVAL={self.every}"
        if self.unit is Unit.SAME_DATE:
            return f"FREQ=MONTHLY;BYMONTHDAY={first.day}"
        return f"FREQ=MONTHLY;BYDAY={_which(first)}{NAMES[first.weekday()]}"

    def words(self, first: date) -> str:
        """ "every 2 weeks on Wednesday"."""
        weekday = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[first.weekday()]
        if self.unit is Unit.WEEK:
            return f"every {'week' if self.every == 1 else f'{self.every} weeks'} on {weekday}"
        if self.unit is Unit.SAME_DATE:
            return f"every month on the {first.day}{_ending(first.day)}"
        which = ("last", "", "first", "second", "third", "fourth")[_which(first) + 1]
        return f"every month on the {which} {weekday}"


def _which(day: date) -> int:
    """The how-manieth of its weekday in the month; -1 for a fifth, which not every month has."""
    nth = (day.day - 1) // 7 + 1
    return nth if nth < 5 else -1


def _ending(n: int) -> str:
    return "th" if 10 < n % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")


def carried(day: date, rhythm: Rhythm, was: date, now: date) -> date | None:
    """Where the session planned for `day` goes when the one planned for `was` goes to `now`: as many days on, or to
    the same place in its own month. None: that month has no such day."""
    if rhythm.unit is Unit.WEEK:
        return day + (now - was)
    months = day.year * 12 + day.month - 1 + (now.year - was.year) * 12 + now.month - was.month
    year, month = divmod(months, 12)
    return _in_month(rhythm, now, year, month + 1)


def _in_month(rhythm: Rhythm, like: date, year: int, month: int) -> date | None:
    last = monthrange(year, month)[1]
    if rhythm.unit is Unit.SAME_DATE:
        return date(year, month, like.day) if like.day <= last else None
    nth = _which(like)
    if nth == -1:
        end = date(year, month, last)
        return end - timedelta(days=(end.weekday() - like.weekday()) % 7)
    begin = date(year, month, 1)
    return begin + timedelta(days=(like.weekday() - begin.weekday()) % 7 + 7 * (nth - 1))
