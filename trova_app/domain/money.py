"""Amounts of money as values: whole minor units of one currency, and how a practice writes them.

Nothing here rounds: `trova_app.domain.lines.half_up` is the only rounding there is.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering

from trova_app.domain import lines

# Currencies a practice can bill in, with their decimals (ISO 4217).
CURRENCIES = {
    "ZAR": 2,
    "USD": 2,
    "EUR": 2,
    "GBP": 2,
    "AUD": 2,
    "NZD": 2,
    "CAD": 2,
    "CHF": 2,
    "JPY": 0,
    "KWD": 3,
    "UGX": 0,
    "ISK": 0,
}

NO_BREAK_SPACE = "\u00a0"
NARROW_SPACE = "\u202f"
SYMBOLS = {"ZAR": "R", "EUR": "\u20ac", "GBP": "\u00a3", "JPY": "\u00a5"}
DOLLARS = {"USD": "US", "AUD": "AU", "NZD": "NZ", "CAD": "CA"}  # "$" at home, "US$" elsewhere
ENGLISH, CONTINENTAL = (",", "."), (".", ",")
MARKS = {  # group and point by country
    "ZA": (NO_BREAK_SPACE, ","),
    "FR": (NARROW_SPACE, ","),
    "CH": ("'", "."),
} | dict.fromkeys(("GB", "US", "AU", "NZ", "CA", "IE", "JP", "KW"), ENGLISH)
MARKS |= dict.fromkeys(("DE", "NL", "BE", "IT", "ES", "GR"), CONTINENTAL)
MARKS |= dict.fromkeys(("AT", "PT", "FI"), (NO_BREAK_SPACE, ","))
ANYWHERE = (NO_BREAK_SPACE, ".")


class UnknownCurrency(ValueError):
    """The currency is not one a practice can bill in."""


class MixedCurrencies(ValueError):
    """Two amounts of different currencies met in one sum or comparison."""


def places_of(currency: str) -> int:
    """Decimals of a currency. UnknownCurrency for one we do not bill in."""
    if currency not in CURRENCIES:
        raise UnknownCurrency(f"{currency!r} is not a currency we bill in")
    return CURRENCIES[currency]


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """Whole minor units of one currency. Amounts of two currencies are never equal and never meet in a sum."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:  # a bool is an int to Python, a fraction of a cent is nothing to us
            raise TypeError(f"minor units are whole numbers, not {type(self.minor).__name__}")
        places_of(self.currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(0, currency)

    def _minor_of(self, other: "Money") -> int:
        if not isinstance(other, Money):
            raise TypeError(f"money meets money only, not {type(other).__name__}")
        if other.currency != self.currency:
            raise MixedCurrencies(f"{self.currency} and {other.currency}")
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._minor_of(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._minor_of(other)

    @property
    def is_zero(self) -> bool:
        return self.minor == 0

    @property
    def is_negative(self) -> bool:
        return self.minor < 0

    @property
    def is_positive(self) -> bool:
        return self.minor > 0


@dataclass(frozen=True, slots=True)
class MoneyStyle:
    """How a practice writes money: "R 1 250,00" has symbol R, a no-break space for group, a comma for point.

    An issued document leaves out of its JSON what is at its default, so these stay what they are.
    """

    symbol: str = "R"
    group: str = "\u00a0"
    point: str = ","
    places: int = 2

    def show(self, minor: int) -> str:
        """Minor units as text, by the same function the page uses."""
        return lines.money(minor, self.places, self.symbol, self.group, self.point)


def symbol_of(currency: str, country: str) -> str:
    """The sign before the amount, as people in that country know it."""
    if currency in DOLLARS:
        home = DOLLARS[currency]
        return "$" if country == home else f"{home}$"
    return SYMBOLS.get(currency, currency)


def style_of(currency: str, country: str) -> MoneyStyle:
    """The style of a currency in a country (ISO 3166 code); unknown countries group by spaces and write a point."""
    places = places_of(currency)
    group, point = MARKS.get(country, ANYWHERE)
    symbol = symbol_of(currency, country)
    if symbol == currency and not group.isspace():
        symbol += " "  # a code needs room before the digits: "CHF 1'250.00"
    return MoneyStyle(symbol, group, point, places)


def minor_from_decimal(amount: Decimal, currency: str) -> int:
    """Minor units of a decimal amount in major units. ValueError where it is not finite, above 15 whole digits or has
    more decimals than the currency."""
    if type(amount) is not Decimal or not amount.is_finite() or amount.adjusted() >= 15:
        raise ValueError(f"{amount!r} is not an amount")
    scale: int = 10 ** places_of(currency)
    top, bottom = amount.as_integer_ratio()
    if top * scale % bottom:
        raise ValueError(f"{amount} has more decimals than {currency}")
    return top * scale // bottom
