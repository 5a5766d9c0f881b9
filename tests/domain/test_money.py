"""Money is whole minor units of one currency, and refuses everything else."""

from decimal import Decimal

import pytest

from trova_app.domain.money import (
    CURRENCIES,
    MixedCurrencies,
    Money,
    MoneyStyle,
    UnknownCurrency,
    minor_from_decimal,
    places_of,
    style_of,
)

R100 = Money(100_00, "ZAR")


def test_money_adds_and_subtracts() -> None:
    assert R100 + Money(1, "ZAR") == Money(100_01, "ZAR")
    assert R100 - Money(150_00, "ZAR") == Money(-50_00, "ZAR")
    assert Money(-100_00, "ZAR") == -R100


def test_money_knows_its_size() -> None:
    assert Money.zero("JPY").is_zero and not R100.is_zero
    assert (-R100).is_negative and not R100.is_negative and not Money.zero("ZAR").is_negative
    assert R100.is_positive and not Money.zero("ZAR").is_positive


def test_money_compares_within_its_currency() -> None:
    assert Money(1, "ZAR") < R100 <= R100 and Money(99_99, "ZAR") < R100 and R100 >= R100
    assert max(Money(1, "ZAR"), R100) is R100


def test_two_currencies_are_never_equal() -> None:
    assert Money(100, "USD") != Money(100, "EUR")
    assert Money(0, "USD") != Money(0, "EUR")


@pytest.mark.parametrize("act", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_two_currencies_never_meet(act: str) -> None:
    with pytest.raises(MixedCurrencies):
        getattr(R100, act)(Money(100, "USD"))


@pytest.mark.parametrize("other", [1, 1.0, "1", None, Decimal(1), True])
def test_money_meets_money_only(other: object) -> None:
    with pytest.raises(TypeError):
        R100 + other  # type: ignore[operator]
    with pytest.raises(TypeError):
        other > R100  # type: ignore[operator]  # noqa: B015


@pytest.mark.parametrize("minor", [1.0, 0.1, True, False, "100", None, Decimal(1)])
def test_money_is_whole_minor_units(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "ZAR")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["zar", "XXX", "", "BTC", "ZAR ", None, 710])
def test_a_currency_outside_the_list_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        Money(1, currency)
    with pytest.raises(UnknownCurrency):
        style_of(currency, "ZA")


def test_money_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        R100.minor = 1  # type: ignore[misc]


def test_currencies_have_their_own_decimals() -> None:
    assert {places_of(c) for c in CURRENCIES} == {0, 2, 3}
    assert (places_of("ZAR"), places_of("JPY"), places_of("KWD")) == (2, 0, 3)


@pytest.mark.parametrize(
    ("currency", "country", "minor", "text"),
    [
        ("ZAR", "ZA", 125000, "R\u00a01\u00a0250,00"),
        ("ZAR", "ZA", -125000, "-R\u00a01\u00a0250,00"),
        ("ZAR", "ZA", 0, "R\u00a00,00"),
        ("ZAR", "ZA", 5, "R\u00a00,05"),
        ("ZAR", "ZA", 99999, "R\u00a0999,99"),
        ("USD", "US", 123456789, "$1,234,567.89"),
        ("USD", "ZA", 100, "US$\u00a01,00"),
        ("AUD", "AU", 100000, "$1,000.00"),
        ("NZD", "AU", 100, "NZ$1.00"),
        ("CAD", "CA", 100, "$1.00"),
        ("GBP", "GB", 125000, "\u00a31,250.00"),
        ("EUR", "DE", 125000, "\u20ac1.250,00"),
        ("EUR", "FR", 125000, "\u20ac\u202f1\u202f250,00"),
        ("EUR", "IE", 125000, "\u20ac1,250.00"),
        ("CHF", "CH", 125000, "CHF 1'250.00"),
        ("CHF", "ZA", 125000, "CHF\u00a01\u00a0250,00"),
        ("JPY", "JP", 1250, "\u00a51,250"),
        ("KWD", "KW", 1250000, "KWD 1,250.000"),
        ("KWD", "KW", -1, "-KWD 0.001"),
        ("EUR", "XX", 125000, "\u20ac\u00a01\u00a0250.00"),
    ],
)
def test_a_practice_sees_its_own_way_of_writing_money(currency: str, country: str, minor: int, text: str) -> None:
    assert style_of(currency, country).show(minor) == text


def test_a_style_is_plain_data() -> None:
    assert style_of("ZAR", "ZA") == MoneyStyle(symbol="R", group="\u00a0", point=",", places=2)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("1250", "ZAR", 125000), ("1250.50", "ZAR", 125050), ("1250.500", "ZAR", 125050), ("-0.01", "ZAR", -1),
     ("1250", "JPY", 1250), ("1.5E+3", "JPY", 1500), ("0.001", "KWD", 1), ("0", "ZAR", 0)],
)  # fmt: skip
def test_a_decimal_becomes_minor_units(amount: str, currency: str, minor: int) -> None:
    assert minor_from_decimal(Decimal(amount), currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("0.001", "ZAR"), ("0.5", "JPY"), ("0.0001", "KWD"), ("NaN", "ZAR"), ("Infinity", "ZAR"), ("1E+999999", "ZAR")],
)
def test_a_decimal_with_too_many_digits_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="amount|decimals"):
        minor_from_decimal(Decimal(amount), currency)


@pytest.mark.parametrize("amount", [1.5, 1, "1", None])
def test_only_a_decimal_is_taken_for_one(amount: Decimal) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        minor_from_decimal(amount, "ZAR")
