"""How one practice writes money, days and times."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from trova_app.domain import lines
from trova_app.domain.documents import MONTHS
from trova_app.domain.money import MoneyStyle, style_of
from trova_app.domain.refusals import NotFound
from trova_app.models import Practice
from trova_app.services.ports import Desk

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NEAR_DAYS = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}
PRICE_PLACES = 4


@dataclass(frozen=True, slots=True)
class PracticeStyle:
    """`today` is the date on the practice's wall at the moment of the act."""

    zone: ZoneInfo
    money: MoneyStyle
    today: date
    country: str

    def in_currency(self, currency: str) -> "PracticeStyle":
        """The same for another currency than today's, for documents of an earlier one."""
        return replace(self, money=style_of(currency, self.country))

    def amount(self, minor: int) -> str:
        return self.money.show(minor)

    def price(self, unit_price: int) -> str:
        """Ten-thousandths of the major unit: two decimals where they say all, four where they do not."""
        step = 10 ** (PRICE_PLACES - self.money.places)
        if unit_price % step == 0:
            return self.amount(unit_price // step)
        style = self.money
        return lines.money(unit_price, PRICE_PLACES, style.symbol, style.group, style.point)

    def quantity(self, thousandths: int) -> str:
        return thousandths_text(thousandths, self.money.point)

    def percent(self, rate: int) -> str:
        """Thousandths of a percent."""
        return percent_text(rate, self.money.point)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def time(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%H:%M}"

    def day_words(self, day: date) -> str:
        """ "Today, Wednesday 18 March"; the year only where it is another one."""
        near = NEAR_DAYS.get((day - self.today).days)
        year = "" if day.year == self.today.year else f" {day.year}"
        words = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}{year}"
        return f"{near}, {words}" if near else words

    def moment_words(self, moment: datetime) -> str:
        """ "18 Mar 2026, 14:00", for timelines."""
        day = self.day(moment)
        return f"{short(day)}, {self.time(moment)}"


def short(day: date) -> str:
    """ "18 Mar 2026"."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def thousandths_text(n: int, point: str) -> str:
    """1500 -> "1,5"; 1000 -> "1"."""
    whole, part = divmod(n, 1000)
    decimals = f"{part:03d}".rstrip("0")
    return f"{whole}{point}{decimals}" if decimals else str(whole)


def quantity_text(n: int, point: str) -> str:
    """Thousandths as they stand in a box, where three decimals alone would be asked about: 1125 -> "1,1250"."""
    text = thousandths_text(n, point)
    return text + "0" if n > 1000 and n % 10 else text


def percent_text(rate: int, point: str) -> str:
    """A rate in thousandths of a percent as it is read: 15000 -> "15%", 15500 -> "15,5%" where amounts have a comma."""
    return f"{thousandths_text(rate, point)}%"


def style_for(db: Session, desk: Desk, practice_id: int) -> PracticeStyle:
    query = select(Practice.currency, Practice.country, Practice.time_zone).where(Practice.id == practice_id)
    found = db.exec(query).first()
    if found is None:
        raise NotFound("practice")
    currency, country, time_zone = found
    return PracticeStyle(ZoneInfo(time_zone), style_of(currency, country), desk.today(time_zone), country)
