"""Exact invoice arithmetic in whole numbers, and the reading and printing of its texts.

One source for both sides: the server runs this module, the page runs its translation (`trova_app/pure_js.py`), so what
the clinician sees while typing is what is issued. It stays inside the translator's subset: whole numbers, no imports
but dataclasses and lru_cache, ASCII only; marks and symbols that are not ASCII come in as data.

Units: quantity 1/1000; unit price 1/10000 of the major unit; discount rate 1/100 percent; tax rate 1/1000 percent;
every other amount in minor units of a currency with `places` decimals (0, 2 or 3).
"""

from dataclasses import dataclass
from functools import lru_cache

LONGEST_TEXT = 40
LARGEST_QUANTITY = 1_000_000
PRICE_LIMIT = 1_000_000_000  # major units, not reached
LARGEST_LINE = 1_000_000_000_000_000  # minor units: thousands of such lines still fit a 64-bit column


@dataclass(frozen=True, slots=True)
class Line:
    """One line item. `discount` and `discount_rate` add up; the form fills one of them."""

    quantity: int
    unit_price: int
    discount: int
    discount_rate: int
    tax_rate: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Every part that is printed, in minor units; lists by line, or by rate (`rates`, `bases`, `taxes`)."""

    gross: list[int]
    discounts: list[int]
    nets: list[int]
    subtotal: int
    discount: int
    shares: list[int]
    rates: list[int]
    bases: list[int]
    taxes: list[int]
    net: int
    tax: int
    total: int


# -- adding up


def half_up(n: int, d: int) -> int:
    """n / d to the nearest whole, halves away from zero; d > 0. The only rounding there is."""
    return (2 * n + d) // (2 * d) if n >= 0 else -((d - 2 * n) // (2 * d))


def clamp(n: int, high: int) -> int:
    """n held between 0 and high; 0 where high is negative."""
    return max(0, min(n, high))


def gross_of(line: Line, places: int) -> int:
    """Quantity times unit price, before any discount."""
    return half_up(line.quantity * line.unit_price, 10 ** (7 - places))


def reduction(amount: int, discount: int, rate: int) -> int:
    """The discount on an amount: never below 0, never above what it discounts."""
    return clamp(discount + half_up(amount * rate, 10_000), amount)


def spread(amount: int, nets: list[int], rates: list[int]) -> list[int]:
    """amount over the nets in whole units, sum kept: leftovers to the largest remainder, ties to the higher tax rate,
    then the larger net, then the first, so that the order of lines cannot change a total. 0 <= amount <= sum(nets)."""
    if amount == 0:
        return [0 for _ in nets]
    whole = max(1, sum(nets))
    parts = [amount * n // whole for n in nets]
    order = sorted(range(len(nets)), key=lambda i: (-(amount * nets[i] % whole), -rates[i], -nets[i]))
    for i in order[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def tax_on(amount: int, rate: int, inclusive: bool) -> int:
    """The tax within an inclusive amount, or on top of an exclusive one."""
    return half_up(amount * rate, 100_000 + rate if inclusive else 100_000)


def total_up(lines: list[Line], discount: int, discount_rate: int, inclusive: bool, places: int) -> Totals:
    """Lines and the invoice discount to totals."""
    gross = [gross_of(line, places) for line in lines]
    nets = [g - reduction(g, line.discount, line.discount_rate) for g, line in zip(gross, lines, strict=True)]
    return totals_of(gross, nets, [line.tax_rate for line in lines], discount, discount_rate, inclusive)


def totals_of(
    gross: list[int], nets: list[int], tax_rates: list[int], discount: int, discount_rate: int, inclusive: bool
) -> Totals:
    """The totals of lines whose amounts are known; tax once per rate, on what is left after both discounts.

    subtotal - discount (+ tax when exclusive) == total, and net + tax == total.
    """
    subtotal = sum(nets)
    off = reduction(subtotal, discount, discount_rate)
    shares = spread(off, nets, tax_rates)
    rates = sorted(set(tax_rates))
    taxed = [(rate, n - s) for rate, n, s in zip(tax_rates, nets, shares, strict=True)]
    groups = [(rate, sum([n for r, n in taxed if r == rate])) for rate in rates]
    taxes = [tax_on(amount, rate, inclusive) for rate, amount in groups]
    bases = [g[1] - tax if inclusive else g[1] for g, tax in zip(groups, taxes, strict=True)]
    net, tax = sum(bases), sum(taxes)
    return Totals(
        gross=gross,
        discounts=[g - n for g, n in zip(gross, nets, strict=True)],
        nets=nets,
        subtotal=subtotal,
        discount=off,
        shares=shares,
        rates=rates,
        bases=bases,
        taxes=taxes,
        net=net,
        tax=tax,
        total=net + tax,
    )


# -- numbers as texts


def only_digits(text: str) -> bool:
    """True for ASCII digits and for the empty text."""
    return all(c in "0123456789" for c in text)


def decimal_mark(text: str, point: str) -> str:
    """The mark before the decimals, "" without one: the last mark, if it stands once (a repeated one groups)."""
    marks = [c for c in text if c == "," or c == "." or c == point]
    if len(marks) == 0:
        return ""
    last = marks[len(marks) - 1]
    return last if len([c for c in marks if c == last]) == 1 else ""


def ungrouped(text: str) -> str | None:
    """The digits of a whole number, grouped by threes with one kind of mark or not at all; None for anything else."""
    marks = [c for c in [" ", ",", "."] if c in text]
    groups = text.split(marks[0]) if len(marks) > 0 else [text]
    if not all(only_digits(g) for g in groups):
        return None
    if len(marks) > 0 and (groups[0] == "" or len(groups[0]) > 3 or not all(len(g) == 3 for g in groups[1:])):
        return None
    return "".join(groups)


def number(text: str, places: int, point: str) -> int | None:
    """The number in units of 10**-places: "1 250,5" with 2 places is 125050. None for what is not a plain number that
    is not negative, has more decimals than places, or more than 12 whole digits."""
    text = text.strip(" ")
    mark = decimal_mark(text, point)
    pieces = text.split(mark) if mark != "" else [text, ""]
    whole, part = ungrouped(pieces[0]), pieces[1]
    if whole is None or not only_digits(part) or whole + part == "" or len(whole) > 12 or len(part) > places:
        return None
    scale: int = 10 ** (places - len(part))
    return int(whole + part) * scale


def is_ambiguous(text: str, places: int, point: str) -> bool:
    """True for a number like "1,250", which may group or have decimals; 3-place currencies write decimals so."""
    mark = decimal_mark(text, point)
    if mark == "" or (places == 3 and mark == point):
        return False
    pieces = text.split(mark)
    if not only_digits(pieces[0]) or not only_digits(pieces[1]) or pieces[0] == "" or len(pieces[1]) != 3:
        return False
    return len(pieces[0]) <= 3 and int(pieces[0]) > 0


def grouped(digits: str, group: str) -> str:
    """Digits by threes from the right."""
    first = len(digits) % 3
    rest = [digits[first + 3 * i : first + 3 * i + 3] for i in range(len(digits) // 3)]
    return group.join([g for g in [digits[:first]] + rest if g != ""])


def money(minor: int, places: int, symbol: str, group: str, point: str) -> str:
    """Minor units as the practice writes them: sign, symbol, whole grouped by threes, `places` decimals.

    Where numbers are grouped with a space, the same space stands behind the symbol.
    """
    digits = str(abs(minor)).rjust(places + 1, "0")
    whole, part = digits[: len(digits) - places], digits[len(digits) - places :]
    space = "" if symbol == "" or group in [",", ".", "'"] else group
    return ("-" if minor < 0 else "") + symbol + space + grouped(whole, group) + (point if places > 0 else "") + part


# -- cells of the form


@dataclass(frozen=True, slots=True)
class Style:
    """How the practice writes money."""

    places: int
    symbol: str
    group: str
    point: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What a text says: a value, or a discount rate, or a fault: the sentence that says what to do."""

    value: int
    rate: int
    fault: str


def fault(sentence: str) -> Cell:
    return Cell(value=0, rate=0, fault=sentence)


def value(n: int) -> Cell:
    return Cell(value=n, rate=0, fault="")


# A key changes one text of a form, and one amount stands in many places: what was read or written before is not again.
# Nothing remembered tells whose it is, and cells are cut before they are read, so it stays small.


@lru_cache(maxsize=10_000)
def in_style(minor: int, style: Style) -> str:
    return money(minor, style.places, style.symbol, style.group, style.point)


def spaced(text: str, style: Style) -> str:
    """The text with plain spaces for the practice's group character (commas and points are read as they are)."""
    plain = style.group in [",", "."] or style.group not in text
    return (text if plain else "".join([" " if c == style.group else c for c in text])).strip(" ")


def bare(text: str, style: Style) -> str:
    """The text without spaces around it and without the currency symbol in front."""
    text, symbol = spaced(text, style), spaced(style.symbol, style)
    return text[len(symbol) :].strip(" ") if text.startswith(symbol) else text


def example(style: Style) -> str:
    """1250 as an amount nobody can misread: where there are no decimals, without a group mark."""
    return money(1250 * 10**style.places, style.places, "", style.group if style.places > 0 else "", style.point)


def doubt(text: str, decimals: int, style: Style) -> str:
    """The question to ask about an ambiguous number, and the two ways to write it plainly, with up to so many decimals
    (0 where it has none)."""
    mark = decimal_mark(text, style.point)
    pieces = text.split(mark)
    whole, part = pieces[0], pieces[1]
    name = "comma" if mark == "," else "point" if mark == "." else "mark"
    short = part[:2] if part[2:] == "0" else part
    question = "Is this " + whole + part + " or " + whole + style.point + short + "? Write it without the " + name
    if decimals == 0:
        return question + "."
    if decimals == 4 and len(short) == 3:
        return question + ", or with four decimals."
    return question + ", or with two decimals."


def amount_cell(text: str, decimals: int, style: Style) -> Cell:
    """An amount of money in units of 10**-decimals."""
    plain = bare(text, style)
    if plain != "" and len(plain) <= 12 and len(text) <= LONGEST_TEXT and only_digits(plain):
        return value(int(plain) * 10**decimals)  # as `number` reads it; most are written so
    if len(text) <= LONGEST_TEXT and is_ambiguous(plain, style.places, style.point):
        return fault(doubt(plain, decimals if style.places > 0 else 0, style))
    n = number(plain, decimals, style.point) if len(text) <= LONGEST_TEXT else None
    return fault("Enter an amount such as " + example(style) + ".") if n is None else value(n)


@lru_cache(maxsize=10_000)
def quantity_cell(text: str, style: Style) -> Cell:
    """A quantity in thousandths. It may be written with a fourth decimal, 0: "1,125" alone reads two ways."""
    plain = spaced(text, style)
    if len(text) <= LONGEST_TEXT and is_ambiguous(plain, 0, style.point):
        return fault(doubt(plain, 4, style))
    n = number(plain, 4, style.point) if len(text) <= LONGEST_TEXT else None
    if n is None or n == 0 or n % 10 > 0:
        return fault("Enter a quantity above 0, such as 1 or 1" + style.point + "5.")
    if n > LARGEST_QUANTITY * 10_000:
        return fault("Enter a quantity up to " + grouped(str(LARGEST_QUANTITY), style.group) + ".")
    return value(n // 10)


@lru_cache(maxsize=10_000)
def price_cell(text: str, style: Style) -> Cell:
    cell = amount_cell(text, 4, style)
    if cell.value >= PRICE_LIMIT * 10_000:
        return fault("Enter a price below " + in_style(PRICE_LIMIT * 10**style.places, style) + ".")
    return cell


@lru_cache(maxsize=10_000)
def tax_cell(text: str, style: Style) -> Cell:
    n = number(spaced(text, style), 3, style.point) if len(text) <= LONGEST_TEXT else None
    if n is None or n > 100_000:
        return fault("Enter a tax rate from 0 to 100, such as 15.")
    return value(n)


def percent_cell(text: str, style: Style) -> Cell:
    """ "10%" or "12,5 %" as a rate."""
    n = number(text[: len(text) - 1], 2, style.point)
    return fault("Enter a percentage up to 100%.") if n is None or n > 10_000 else Cell(value=0, rate=n, fault="")


def discount_cell(text: str, style: Style, limit: int, what: str) -> Cell:
    """ "" or `100` or `10%`, up to `limit`, the amount it discounts (-1 while that is not known)."""
    plain = bare(text, style)
    if plain == "" and len(text) <= LONGEST_TEXT:
        return value(0)
    percent = plain.endswith("%") and len(text) <= LONGEST_TEXT
    cell = percent_cell(plain, style) if percent else amount_cell(text, style.places, style)
    asks = cell.fault.startswith("Is this")
    if asks or (cell.fault == "" and (limit < 0 or cell.value <= limit)):
        return cell
    if limit < 0:
        return fault("Enter a discount such as 100 or 10%.")
    return fault("Enter a discount up to " + in_style(limit, style) + " (" + what + "), or a percentage up to 100%.")


def cash_cell(text: str, style: Style, limit: int, earlier: int) -> Cell:
    """Cash received, up to what is still due (`limit`; -1 while that is not known)."""
    cell = value(0) if bare(text, style) == "" and len(text) <= LONGEST_TEXT else amount_cell(text, style.places, style)
    if limit < 0 or cell.value <= limit:
        return cell
    what = "the total" if earlier == 0 else "what is still due"
    return fault("Enter at most " + in_style(limit, style) + " (" + what + ").")


# -- the form


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the form; `line` means nothing while it has faults. `price`: as typed, bare."""

    line_id: str
    line: Line
    price: str
    gross: int
    net: int
    faults: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the form says: lines in page order with their ids, the invoice discount, payments in minor units."""

    ids: list[str]
    lines: list[Line]
    discount: int
    discount_rate: int
    inclusive: bool
    places: int
    earlier: int
    cash: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A form as read: `form` means nothing while there are faults, `totals` while not `sums_are_known`."""

    style: Style
    rows: list[Row]
    form: Parsed
    totals: Totals
    faults: list[tuple[str, str]]


def style_in(texts: dict[str, str]) -> Style:
    """The form's style; what is missing or strange falls back to two places and a point."""
    places = texts.get("places", "2")
    return Style(
        places=int(places) if places in ["0", "2", "3"] else 2,
        symbol=texts.get("symbol", "")[:8],
        group=texts.get("group", "")[:1],
        point=texts.get("point", ".")[:1],
    )


def earlier_in(texts: dict[str, str]) -> int:
    """Minor units paid before; 0 for anything but up to 15 digits."""
    text = texts.get("earlier", "0")
    return int(text) if text != "" and len(text) <= 15 and only_digits(text) else 0


def too_large(style: Style) -> Cell:
    return fault("Enter a smaller quantity or price: a line goes up to " + in_style(LARGEST_LINE, style) + ".")


def cut(text: str) -> str:
    """As much of a cell's text as can count: the rest of one that is too long changes nothing."""
    return text[: LONGEST_TEXT + 1]


def row_in(texts: dict[str, str], line_id: str, style: Style) -> Row:
    quantity = quantity_cell(cut(texts.get("qty." + line_id, "")), style)
    price = price_cell(cut(texts.get("price." + line_id, "")), style)
    tax = tax_cell(cut(texts.get("tax." + line_id, "0")), style)
    line = Line(quantity=quantity.value, unit_price=price.value, discount=0, discount_rate=0, tax_rate=tax.value)
    gross = gross_of(line, style.places)
    price = too_large(style) if gross > LARGEST_LINE else price
    known = quantity.fault == "" and price.fault == ""
    off = discount_cell(texts.get("off." + line_id, ""), style, gross if known else -1, "the line's price")
    cells = [("qty.", quantity), ("price.", price), ("off.", off), ("tax.", tax)]
    return Row(
        line_id=line_id,
        line=Line(
            quantity=quantity.value,
            unit_price=price.value,
            discount=off.value,
            discount_rate=off.rate,
            tax_rate=tax.value,
        ),
        price=bare(texts.get("price." + line_id, ""), style),
        gross=gross,
        net=gross - reduction(gross, off.value, off.rate),
        faults=[(name + line_id, cell.fault) for name, cell in cells if cell.fault != ""],
    )


def read_rows(rows: list[Row], texts: dict[str, str], style: Style) -> Reading:
    """The form from its rows, read before, and its other fields."""
    faults = [f for row in rows for f in row.faults]
    inclusive = texts.get("inclusive", "0") == "1"
    earlier = earlier_in(texts)
    nets, tax_rates = [row.net for row in rows], [row.line.tax_rate for row in rows]
    subtotal = sum(nets) if len(faults) == 0 else -1
    off = discount_cell(texts.get("invoice_off", ""), style, subtotal, "the subtotal")
    totals = totals_of([row.gross for row in rows], nets, tax_rates, off.value, off.rate, inclusive)
    known = len(faults) == 0 and off.fault == ""
    cash = cash_cell(texts.get("cash", ""), style, max(0, totals.total - earlier) if known else -1, earlier)
    cells = [("invoice_off", off), ("cash", cash)]
    form = Parsed(
        ids=[row.line_id for row in rows],
        lines=[row.line for row in rows],
        discount=off.value,
        discount_rate=off.rate,
        inclusive=inclusive,
        places=style.places,
        earlier=earlier,
        cash=cash.value,
    )
    faults = faults + [(name, cell.fault) for name, cell in cells if cell.fault != ""]
    return Reading(style=style, rows=rows, form=form, totals=totals, faults=faults)


def reading(fields: list[tuple[str, str]]) -> Reading:
    """The whole form, read once for both `shown` and `parsed`. A line is there when its quantity field is."""
    texts = dict(fields)
    style = style_in(texts)
    rows = [row_in(texts, name[4:], style) for name, text in texts.items() if name.startswith("qty.")]
    return read_rows(rows, texts, style)


def is_begun(row: Row) -> bool:
    """A line counts as nothing until it has a price."""
    return row.price != ""


def sums_are_known(read: Reading) -> bool:
    """No fault but those of lines that count as nothing yet; where all of them do there is nothing to show. Without any
    fault every line has a price."""
    if len(read.faults) == 0:
        return True
    begun = [row for row in read.rows if is_begun(row)]
    waiting = sum([len(row.faults) for row in read.rows if not is_begun(row)])
    return len(read.faults) == waiting and (len(begun) > 0 or len(read.rows) == 0)


def sum_texts(read: Reading) -> list[tuple[str, str]]:
    """The six sums as the practice writes them, "" while they are not known."""
    t, known = read.totals, sums_are_known(read)
    paid = read.form.earlier + read.form.cash
    sums = [
        ("subtotal", t.subtotal),
        ("discount", t.discount),
        ("tax", t.tax),
        ("total", t.total),
        ("paid", paid),
        ("due", t.total - paid),
    ]
    return [(name, in_style(n, read.style) if known else "") for name, n in sums]


def line_text(row: Row, style: Style) -> str:
    """The line's total as the practice writes it, "" while it is not known."""
    return in_style(row.net, style) if len(row.faults) == 0 else ""


def page_texts(read: Reading) -> list[tuple[str, str]]:
    """What the page shows: a text for every line and for the six sums ("" while they are not known), then a sentence
    for every faulty field."""
    lines = [("line." + row.line_id, line_text(row, read.style)) for row in read.rows]
    return [pair for part in [lines, sum_texts(read), [("fault." + n, f) for n, f in read.faults]] for pair in part]


def shown(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The form's (name, text) pairs in page order to what the page shows."""
    return page_texts(reading(fields))


def parsed(fields: list[tuple[str, str]]) -> Parsed | None:
    """What the form says, None while any field is faulty."""
    read = reading(fields)
    return read.form if len(read.faults) == 0 else None


def added_up(form: Parsed) -> Totals:
    """The totals of a form without faults."""
    return total_up(form.lines, form.discount, form.discount_rate, form.inclusive, form.places)
