"""Each practice bills in a currency with decimals of its own, and writes it as its country does."""

import pytest

from trova_app.domain.money import (
    CURRENCIES,
    MoneyStyle,
    UnknownCurrency,
    places_of,
    style_of,
)


@pytest.mark.parametrize("currency", ["zar", "XXX", "", "BTC", "ZAR ", None, 710])
def test_a_currency_outside_the_list_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        places_of(currency)
    with pytest.raises(UnknownCurrency):
        style_of(currency, "ZA")


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
