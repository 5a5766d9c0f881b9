"""The invoice contract a second time, written with Decimal and Fraction: slow, obvious, and independent of `lines`."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from trova_app.domain.lines import Line


def cents(amount: Decimal, places: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def less(amount: Decimal, discount: int, rate: int, places: int) -> Decimal:
    """The discount on an amount in major units, held between nothing and the amount."""
    wanted = Decimal(discount).scaleb(-places) + cents(amount * Decimal(rate).scaleb(-4), places)
    return min(max(wanted, Decimal(0)), max(amount, Decimal(0)))


def shares_of(discount: Decimal, nets: list[Decimal], rates: list[int], places: int) -> list[Decimal]:
    """Everybody gets the whole cents of the fair part; the cents left go out one by one to whoever misses most."""
    whole, cent = Fraction(sum(nets)), Decimal(1).scaleb(-places)
    if whole <= 0:
        return [Decimal(0) for _ in nets]
    fair = [Fraction(discount) * Fraction(n) / whole for n in nets]
    parts = [(f * 10**places) // 1 * cent for f in fair]
    waiting = list(range(len(nets)))
    while sum(parts) != discount:
        best = max(waiting, key=lambda i: (fair[i] - Fraction(parts[i]), rates[i], nets[i], -i))
        waiting.remove(best)
        parts[best] += cent
    return parts


def tax_of(amount: Decimal, rate: int, inclusive: bool, places: int) -> Decimal:
    percent = Fraction(rate, 1000)
    exact = Fraction(amount) * percent / (100 + percent if inclusive else 100) * 10**places
    size = (abs(exact) + Fraction(1, 2)) // 1
    return Decimal(size if exact >= 0 else -size).scaleb(-places)


def exact_totals(
    lines: list[Line], discount: int, discount_rate: int, inclusive: bool, places: int
) -> dict[str, int | list[int]]:
    """The named parts of `lines.Totals`, in minor units."""
    with localcontext() as context:
        context.prec = 80
        gross = [cents(Decimal(li.quantity).scaleb(-3) * Decimal(li.unit_price).scaleb(-4), places) for li in lines]
        offs = [less(g, li.discount, li.discount_rate, places) for g, li in zip(gross, lines, strict=True)]
        nets = [g - off for g, off in zip(gross, offs, strict=True)]
        subtotal = sum(nets, Decimal(0))
        off = less(subtotal, discount, discount_rate, places)
        shares = shares_of(off, nets, [li.tax_rate for li in lines], places)
        groups: dict[int, Decimal] = {}
        for line, net, share in zip(lines, nets, shares, strict=True):
            groups[line.tax_rate] = groups.get(line.tax_rate, Decimal(0)) + net - share
        taxes = {rate: tax_of(amount, rate, inclusive, places) for rate, amount in groups.items()}
        bases = {rate: amount - (taxes[rate] if inclusive else 0) for rate, amount in groups.items()}
        tax = sum(taxes.values(), Decimal(0))
        net = sum(bases.values(), Decimal(0))

        def minor(amount: Decimal) -> int:
            return int(amount.scaleb(places))

        rates = sorted(groups)
        return {
            "gross": list(map(minor, gross)),
            "discounts": list(map(minor, offs)),
            "nets": list(map(minor, nets)),
            "subtotal": minor(subtotal),
            "discount": minor(off),
            "shares": list(map(minor, shares)),
            "rates": rates,
            "bases": [minor(bases[r]) for r in rates],
            "taxes": [minor(taxes[r]) for r in rates],
            "net": minor(net),
            "tax": minor(tax),
            "total": minor(net + tax),
        }
