"""Random invoices and random forms, the same for the same seed: for Python, for its translation and for the browser."""

import random
from collections.abc import Iterator

from trova_app.domain.lines import Line

Invoice = tuple[list[Line], int, int, bool, int]  # the arguments of total_up
Fields = list[tuple[str, str]]

RATES = [0, 0, 15_000, 15_000, 20_000, 5_500, 7_725, 100_000]
STYLES = [  # places, symbol, group, point
    ("2", "R", "\u00a0", ","),
    ("2", "R", "\u00a0", ","),
    ("2", "$", ",", "."),
    ("2", "\u20ac", ".", ","),
    ("2", "CHF ", "'", "."),
    ("0", "\u00a5", ",", "."),
    ("3", "KWD ", ",", "."),
]
HOSTILE = [
    "", " ", "-", "--5", "+5", "-5", "0", "00", ".", ",", ",5", "5,", "NaN", "Infinity", "1e9", "0x10", "1_000", "=1+1",
    "1,2,3", "12 50", "1  250", "1,250", "1.250", "999.125", "0,125", "1 250", "1 250,50", "1,250.50", "1.250,50",
    "1,250,000", "1.250.000", "1 250 000", "1,250.000,5", "12,50.50", "101%", "100%", "10 %", "12,5%", "%", "10%%",
    "\u0661\u0662\u0663", "\uff11\uff12", "\u00b2", "\u2155", "1\u00a0250,50", "1\u202f250", "R 5", "R5", "$ 5", "5 R",
    "<b>1</b>", "\U0001f600", "1\U0001f600", "1\u0301", "\x00", "1\n", "\t1", "9" * 12, "9" * 13, "9" * 40,
    "1" + "0" * 40, " " * 41, "0" * 38 + "1,5", "null", "undefined", "True", "1'250.50", "1\u2019250", "\u22125",
    "1000000", "1000000,001",
]  # fmt: skip


def invoices(seed: int, n: int) -> Iterator[Invoice]:
    """n invoices: small and huge amounts, many halves, few rates so that ties are common,
    now and then a negative line."""
    dice = random.Random(seed)
    for _ in range(n):
        places = dice.choice([0, 2, 2, 2, 3])
        lines = [_line(dice) for _ in range(dice.choice([0, 1, 2, 3, 3, 5, 12]))]
        discount = dice.choice([0, 1, 7, 100, dice.randrange(10**6), 10**14])
        rate = dice.choice([0, 0, 1000, 3333, dice.randrange(10_001), 12_000])
        yield lines, discount, rate, dice.random() < 0.5, places


def _line(dice: random.Random) -> Line:
    return Line(
        quantity=dice.choice([1, 1, 1, 1, 1, 1, 1, 1, 1, -1])
        * dice.choice([1000, 1000, 2000, 1500, 333, 1, dice.randrange(1, 10**9 + 1)]),
        unit_price=dice.choice([0, 5000, 10_000, 12_505_000, 3_333, dice.randrange(10**8), dice.randrange(10**13)]),
        discount=dice.choice([0, 0, 1, 50, dice.randrange(10**6)]),
        discount_rate=dice.choice([0, 0, 1000, 3333, dice.randrange(10_001)]),
        tax_rate=dice.choice(RATES),
    )


def forms(seed: int, n: int) -> Iterator[Fields]:
    """n forms as (name, text) pairs in page order; about half hold something to refuse."""
    dice = random.Random(seed)
    for _ in range(n):
        yield _form(dice, strange=dice.choice([0, 0, 3, 12]))


def _form(dice: random.Random, strange: int) -> Fields:
    """`strange`: percent of texts that are replaced by a hostile one."""
    places, symbol, group, point = dice.choice(STYLES)
    earlier = dice.choice(["0", "0", "0", str(dice.randrange(10**4)), "", "x"])
    fields = [("places", places), ("inclusive", dice.choice("01")), ("symbol", symbol), ("group", group)]
    fields += [("point", point), ("earlier", earlier), ("payment_type", "online"), ("dx", "F41.1")]
    for k in range(dice.choice([0, 1, 1, 2, 3, 5])):
        fields += _line_fields(dice, f"{dice.randrange(10**6)}{k}", places, group, point)
    off = dice.choice(["", "", "1", "10%", f"0{point}5%"])
    cash = dice.choice(["", "", "0", "1", str(dice.randrange(1000))])
    fields += [("invoice_off", off), ("cash", cash)]
    fields = [(name, _hostile(dice) if dice.randrange(100) < strange else text) for name, text in fields]
    if strange and dice.randrange(4) == 0:
        fields.remove(dice.choice(fields))
    if strange and dice.randrange(8) == 0:
        fields.append((dice.choice(fields)[0], _hostile(dice)))
    return fields


def _line_fields(dice: random.Random, line_id: str, places: str, group: str, point: str) -> Fields:
    quantity = dice.choice(["1", "2", "10", f"1{point}5", f"0{point}333", "1000000"])
    price = _amount(dice, places, group, point)
    off = dice.choice(["", "", "0", "1", "10%", "100%", f"12{point}5 %", f"33{point}33%"])
    tax = dice.choice(["0", "15", f"15{point}5", f"7{point}725"])
    return [
        (f"date.{line_id}", "2026-11-02"), (f"code.{line_id}", "86200"), (f"text.{line_id}", _hostile(dice)),
        (f"qty.{line_id}", quantity), (f"price.{line_id}", price), (f"off.{line_id}", off), (f"tax.{line_id}", tax),
    ]  # fmt: skip


def _amount(dice: random.Random, places: str, group: str, point: str) -> str:
    """An amount above 1 as somebody may write it: plain or grouped, with or without decimals."""
    whole = dice.choice([dice.randrange(1, 1000), dice.randrange(1, 10**5), dice.randrange(1, 10**9)])
    part = point + str(dice.randrange(100)).rjust(2, "0") if places != "0" else ""
    mark = dice.choice(["", " ", group])
    text = f"{whole:,}".replace(",", mark) if part or mark == " " else str(whole)
    return text + part


def _hostile(dice: random.Random) -> str:
    if dice.randrange(3):
        return dice.choice(HOSTILE)
    alphabet = "0123456789" * 3 + " ,.,.%-'\u00a0\U0001f600e"
    return "".join(dice.choice(alphabet) for _ in range(dice.randrange(1, 14)))


def numbers(seed: int, n: int) -> Iterator[tuple[str, int, str]]:
    """n texts with decimals and point, for `number` and `is_ambiguous`."""
    dice = random.Random(seed)
    for _ in range(n):
        yield _hostile(dice), dice.choice([0, 2, 3, 4]), dice.choice([",", ".", "'", ""])


def small_shares(seed: int, n: int) -> Iterator[tuple[int, list[int], list[int]]]:
    """n arguments of `spread` with few cents, where remainders tie all the time."""
    dice = random.Random(seed)
    for _ in range(n):
        nets = [dice.randrange(7) for _ in range(dice.randrange(1, 6))]
        yield dice.randint(0, sum(nets)), nets, [dice.choice([0, 15_000]) for _ in nets]
