"""Adding up: every printed part fits, whatever the lines, and in whatever order they stand."""

from dataclasses import asdict
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.exact import exact_totals
from tests.domain.random_forms import Invoice, invoices
from trova_app.domain.lines import Line, clamp, gross_of, half_up, spread, tax_on, total_up

settings.register_profile("domain", deadline=None, max_examples=150)
settings.load_profile("domain")

RATES = st.sampled_from([0, 5_500, 15_000, 20_000, 100_000])
LINES = st.builds(
    Line,
    quantity=st.integers(1, 10**9) | st.sampled_from([1000, 1500, 333]),
    unit_price=st.integers(0, 10**13) | st.sampled_from([10_000, 5_000, 3_333]),
    discount=st.integers(0, 10**7) | st.just(0),
    discount_rate=st.integers(0, 10_000) | st.just(0),
    tax_rate=RATES,
)
INVOICES = st.tuples(
    st.lists(LINES, max_size=8),
    st.integers(0, 10**12) | st.integers(0, 300),
    st.integers(0, 10_000) | st.just(0),
    st.booleans(),
    st.sampled_from([0, 2, 3]),
)


@given(INVOICES)
def test_the_printed_parts_add_up(invoice: Invoice) -> None:
    t = total_up(*invoice)
    inclusive = invoice[3]
    assert [g - d for g, d in zip(t.gross, t.discounts, strict=True)] == t.nets
    assert sum(t.nets) == t.subtotal
    assert sum(t.shares) == t.discount
    assert (sum(t.bases), sum(t.taxes)) == (t.net, t.tax)
    assert t.net + t.tax == t.total
    assert t.subtotal - t.discount + (0 if inclusive else t.tax) == t.total


@given(INVOICES)
def test_a_discount_is_never_more_than_what_it_discounts(invoice: Invoice) -> None:
    t = total_up(*invoice)
    assert all(0 <= d <= g for d, g in zip(t.discounts, t.gross, strict=True))
    assert 0 <= t.discount <= t.subtotal
    assert all(0 <= s <= n for s, n in zip(t.shares, t.nets, strict=True))
    assert min([t.total, t.net, t.tax, *t.bases, *t.taxes]) >= 0


@given(INVOICES, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_total(invoice: Invoice, dice: object) -> None:
    lines, *rest = invoice
    turned = list(lines)
    dice.shuffle(turned)  # type: ignore[attr-defined]
    by_invoice = ("subtotal", "discount", "rates", "bases", "taxes", "net", "tax", "total")
    first, second = asdict(total_up(lines, *rest)), asdict(total_up(turned, *rest))
    assert [first[name] for name in by_invoice] == [second[name] for name in by_invoice]


@given(INVOICES)
def test_decimals_and_fractions_agree_to_the_last_digit(invoice: Invoice) -> None:
    assert asdict(total_up(*invoice)) == exact_totals(*invoice)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_decimals_and_fractions_agree_on_random_invoices(seed: int) -> None:
    for invoice in invoices(seed, 500):
        assert asdict(total_up(*invoice)) == exact_totals(*invoice)


@given(INVOICES)
def test_inclusive_prices_are_paid_as_they_stand(invoice: Invoice) -> None:
    lines, discount, rate, _, places = invoice
    inside, on_top = total_up(lines, discount, rate, True, places), total_up(lines, discount, rate, False, places)
    assert inside.total == inside.subtotal - inside.discount == on_top.net
    assert inside.tax <= on_top.tax


@given(st.integers(0, 10**12), RATES)
def test_tax_taken_out_and_put_on_again_is_the_same_tax(amount: int, rate: int) -> None:
    with_tax = amount + tax_on(amount, rate, inclusive=False)
    assert tax_on(with_tax, rate, inclusive=True) == tax_on(amount, rate, inclusive=False)


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**9))
def test_halves_go_away_from_zero(n: int, d: int) -> None:
    off = Fraction(half_up(n, d)) - Fraction(n, d)
    assert abs(off) <= Fraction(1, 2)
    assert abs(off) < Fraction(1, 2) or (off > 0) == (n > 0)


@pytest.mark.parametrize(("n", "d", "whole"), [(5, 10, 1), (-5, 10, -1), (4, 10, 0), (-4, 10, 0), (15, 10, 2)])
def test_rounding_by_example(n: int, d: int, whole: int) -> None:
    assert half_up(n, d) == whole


@pytest.mark.parametrize(("n", "high", "held"), [(-1, 5, 0), (0, 5, 0), (5, 5, 5), (6, 5, 5), (3, -5, 0)])
def test_a_discount_is_held(n: int, high: int, held: int) -> None:
    assert clamp(n, high) == held


@pytest.mark.parametrize(
    ("amount", "nets", "rates", "shares"),
    [
        (10_00, [10_00, 10_00, 10_00], [0, 0, 0], [3_34, 3_33, 3_33]),
        (10_00, [10_00, 10_00, 10_00], [0, 15_000, 0], [3_33, 3_34, 3_33]),
        (1, [50, 50], [0, 15_000], [0, 1]),
        (1, [50, 50], [15_000, 0], [1, 0]),
        (1_00, [1_00, 2_00], [15_000, 0], [33, 67]),
        (2, [1, 3], [0, 0], [0, 2]),  # the same remainder: the larger line gets the cent
        (2, [3, 1], [0, 0], [2, 0]),
        (0, [5, 5], [0, 0], [0, 0]),
        (0, [], [], []),
        (0, [0, 0], [0, 0], [0, 0]),
        (7, [0, 7], [15_000, 0], [0, 7]),
    ],
)
def test_an_invoice_discount_is_shared(amount: int, nets: list[int], rates: list[int], shares: list[int]) -> None:
    assert spread(amount, nets, rates) == shares


@pytest.mark.parametrize(("places", "gross"), [(0, 2), (2, 150), (3, 1500)])
def test_a_price_is_rounded_to_the_decimals_of_its_currency(places: int, gross: int) -> None:
    line = Line(quantity=1500, unit_price=10_000, discount=0, discount_rate=0, tax_rate=0)
    assert gross_of(line, places) == gross


def test_an_invoice_without_lines_is_nothing() -> None:
    t = total_up([], 100, 1000, False, 2)
    assert (t.subtotal, t.discount, t.tax, t.total, t.rates, t.shares) == (0, 0, 0, 0, [], [])


def test_a_negative_line_gets_no_discount_and_keeps_the_sums() -> None:
    back = Line(quantity=-1000, unit_price=100_0000, discount=5, discount_rate=1000, tax_rate=15_000)
    t = total_up([back], 100, 0, False, 2)
    assert (t.gross, t.discounts, t.discount, t.tax, t.total) == ([-100_00], [0], 0, -15_00, -115_00)
