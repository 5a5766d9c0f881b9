"""The table in docs/worked-examples.md is what the code does."""

import re
from pathlib import Path

import pytest

from tests.domain.exact import exact_totals
from trova_app.domain.lines import added_up, money, parsed
from trova_app.domain.money import places_of

PAGE = Path(__file__).parents[2] / "docs" / "worked-examples.md"
LINE = re.compile(r"(\S+) x (\S+)(?: less (\S+))? at (\S+)%")
ROWS = [[cell.strip() for cell in row.strip("|").split("|")] for row in PAGE.read_text().splitlines() if " x " in row]
ROWS = [row for row in ROWS if len(row) == 9]


def fields_of(lines: str, discount: str, prices: str, places: int) -> list[tuple[str, str]]:
    """The form somebody fills in to get the row."""
    fields = [("places", str(places)), ("inclusive", {"inclusive": "1", "exclusive": "0"}[prices]), ("point", ".")]
    for k, line in enumerate(lines.split(";")):
        quantity, price, off, tax = LINE.fullmatch(line.strip()).groups("")
        fields += [(f"qty.{k}", quantity), (f"price.{k}", price), (f"off.{k}", off), (f"tax.{k}", tax)]
    return [*fields, ("invoice_off", discount.strip("-"))]


def test_the_table_is_there() -> None:
    assert len(ROWS) == 23
    assert {row[3] for row in ROWS} == {"ZAR", "EUR", "JPY", "KWD"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[8])
def test_a_worked_example_holds(row: list[str]) -> None:
    lines, discount, prices, currency, *printed, _ = row
    places = places_of(currency)
    form = parsed(fields_of(lines, discount, prices, places))
    assert form is not None
    t = added_up(form)
    assert [money(n, places, "", "", ".") for n in (t.subtotal, t.discount, t.tax, t.total)] == printed
    again = exact_totals(form.lines, form.discount, form.discount_rate, form.inclusive, places)
    assert (again["subtotal"], again["discount"], again["tax"], again["total"]) == (
        t.subtotal,
        t.discount,
        t.tax,
        t.total,
    )
