"""The form: what it shows while somebody types, and the sentence beside a cell that needs another look."""

import pytest

from tests.domain.exact import exact_totals
from tests.domain.random_forms import forms
from trova_app.domain.lines import Line, Parsed, added_up, bare, money, number, parsed, shown, style_in

Fields = list[tuple[str, str]]
STYLE = [("places", "2"), ("inclusive", "0"), ("symbol", "R"), ("group", " "), ("point", ","), ("earlier", "0")]
KWD = [("places", "3"), ("symbol", "KWD "), ("group", ","), ("point", ".")]
YEN = [("places", "0"), ("symbol", "Y"), ("group", ","), ("point", ".")]
SESSION = [("date.a", "2026-11-02"), ("code.a", "86200"), ("text.a", "Session <b>"), ("qty.a", "1"),
           ("price.a", "1 250,00"), ("off.a", ""), ("tax.a", "15")]  # fmt: skip
REPORT = [("qty.b", "2,5"), ("price.b", "400"), ("off.b", "10%"), ("tax.b", "0")]
FORM = [*STYLE, *SESSION, *REPORT, ("dx", "F41.1"), ("payment_type", "other"), ("invoice_off", "50"), ("cash", "100")]
SUMS = ("subtotal", "discount", "tax", "total", "paid", "due")


def with_texts(*changes: tuple[str, str], form: Fields = FORM) -> Fields:
    """The form with some texts typed over."""
    typed = dict(changes)
    return [(name, typed.pop(name, text)) for name, text in form] + list(typed.items())


def faults(fields: Fields) -> dict[str, str]:
    return {name.removeprefix("fault."): text for name, text in shown(fields) if name.startswith("fault.")}


def test_a_form_shows_every_line_and_every_sum() -> None:
    assert shown(FORM) == [
        ("line.a", "R 1 250,00"),
        ("line.b", "R 900,00"),
        ("subtotal", "R 2 150,00"),
        ("discount", "R 50,00"),
        ("tax", "R 183,14"),
        ("total", "R 2 283,14"),
        ("paid", "R 100,00"),
        ("due", "R 2 183,14"),
    ]


def test_a_form_says_what_will_be_billed() -> None:
    assert parsed(FORM) == Parsed(
        ids=["a", "b"],
        lines=[
            Line(quantity=1000, unit_price=12_500_000, discount=0, discount_rate=0, tax_rate=15_000),
            Line(quantity=2500, unit_price=4_000_000, discount=0, discount_rate=1000, tax_rate=0),
        ],
        discount=50_00,
        discount_rate=0,
        inclusive=False,
        places=2,
        earlier=0,
        cash=100_00,
    )


def test_prices_may_include_their_tax() -> None:
    texts = dict(shown(with_texts(("inclusive", "1"), ("invoice_off", ""))))
    assert (texts["total"], texts["tax"]) == ("R 2 150,00", "R 163,04")


def test_a_symbol_and_the_own_group_mark_are_read_in_amounts() -> None:
    fields = with_texts(("price.a", " R1\u00a0250,00 "), ("cash", "R 1"), ("group", "\u00a0"))
    assert dict(shown(fields))["line.a"] == "R\u00a01\u00a0250,00"


def test_lines_belong_together_by_their_id_and_not_by_their_place() -> None:
    mixed = [*STYLE, ("qty.a", "1"), ("qty.b", "2"), ("price.b", "20"), ("tax.a", "0"), ("price.a", "10")]
    assert shown(mixed)[:2] == [("line.a", "R 10,00"), ("line.b", "R 40,00")]


def test_lines_keep_the_order_of_the_page() -> None:
    form = parsed([*STYLE, *REPORT, *SESSION])
    assert form is not None and form.ids == ["b", "a"]


def test_a_faulty_cell_leaves_the_other_lines_shown_and_the_sums_open() -> None:
    fields = with_texts(("qty.a", "x"))
    texts = dict(shown(fields))
    assert (texts["line.a"], texts["line.b"]) == ("", "R 900,00")
    assert [texts[name] for name in SUMS] == [""] * 6
    assert list(faults(fields)) == ["qty.a"]
    assert parsed(fields) is None


EMPTY = [("qty.c", "1"), ("price.c", ""), ("off.c", ""), ("tax.c", "15")]


def sums(fields: Fields) -> dict[str, str]:
    return {name: text for name, text in shown(fields) if name in SUMS}


@pytest.mark.parametrize(
    "typed", [(), ("qty.c", "3"), ("qty.c", "x"), ("price.c", " "), ("price.c", "R"), ("off.c", "5")]
)
def test_a_line_without_a_price_counts_as_nothing_yet(typed: tuple[str, str] | tuple[()]) -> None:
    fields = with_texts(*([typed] if typed else []), form=[*FORM, *EMPTY])
    assert sums(fields) == sums(FORM)
    assert dict(shown(fields))["line.c"] == ""
    assert faults(fields)["price.c"] == "Enter an amount such as 1 250,00."
    assert parsed(fields) is None


def test_with_another_fault_or_nothing_else_the_sums_stay_open() -> None:
    open_sums = dict.fromkeys(SUMS, "")
    assert sums(with_texts(("qty.a", "x"), form=[*FORM, *EMPTY])) == open_sums
    assert sums(with_texts(("cash", "x"), form=[*FORM, *EMPTY])) == open_sums
    assert sums([*STYLE, *EMPTY]) == open_sums
    assert sums(STYLE)["total"] == "R 0,00"


def test_while_a_line_has_no_price_no_limit_comes_of_the_others() -> None:
    """Somebody types a price anew: what was right a moment ago is not called too much."""
    fields = with_texts(("price.b", ""), ("invoice_off", "2000"))
    assert list(faults(fields)) == ["price.b"]


@pytest.mark.parametrize("text", ["", " ", "x", "-1", "0", "0,0001", "1,2345", "1e9", "R 2", "1" * 41, "\u0661"])
def test_a_quantity_is_a_number_above_zero(text: str) -> None:
    assert faults(with_texts(("qty.a", text))) == {"qty.a": "Enter a quantity above 0, such as 1 or 1,5."}


@pytest.mark.parametrize(
    ("text", "net"),
    [("1,25", "R 1 562,50"), ("0,333", "R 416,25"), ("1,3330", "R 1 666,25"), ("1.3330", "R 1 666,25"),
     ("1000", "R 1 250 000,00"), ("1 000", "R 1 250 000,00"), ("1,000.0", "R 1 250 000,00")],
)  # fmt: skip
def test_a_quantity_has_up_to_three_decimals(text: str, net: str) -> None:
    assert dict(shown(with_texts(("qty.a", text))))["line.a"] == net


@pytest.mark.parametrize(
    ("style", "text", "sentence"),
    [
        ([], "1,000", "Is this 1000 or 1,00? Write it without the comma, or with two decimals."),
        ([], "1.000", "Is this 1000 or 1,00? Write it without the point, or with two decimals."),
        ([("point", ".")], "1,000", "Is this 1000 or 1.00? Write it without the comma, or with two decimals."),
        ([], "1,333", "Is this 1333 or 1,333? Write it without the comma, or with four decimals."),
        (YEN, "1.333", "Is this 1333 or 1.333? Write it without the point, or with four decimals."),
        (KWD, "2.500", "Is this 2500 or 2.50? Write it without the point, or with two decimals."),
    ],
)
def test_a_quantity_that_reads_two_ways_is_asked_about(style: Fields, text: str, sentence: str) -> None:
    assert faults(with_texts(*style, ("qty.a", text)))["qty.a"] == sentence


def test_a_quantity_has_an_end() -> None:
    assert faults(with_texts(("qty.a", "1000000"), ("price.a", "1"))) == {}
    assert faults(with_texts(("qty.a", "1000000,001"))) == {"qty.a": "Enter a quantity up to 1 000 000."}


@pytest.mark.parametrize("text", ["", "x", "-1", "NaN", "12 50", "0,00001", "=1+1", " " * 41, "<b>1</b>"])
def test_a_price_is_an_amount(text: str) -> None:
    assert faults(with_texts(("price.a", text))) == {"price.a": "Enter an amount such as 1 250,00."}


@pytest.mark.parametrize(("style", "sentence"), [(KWD, "1,250.000"), (YEN, "1250")])
def test_the_example_is_in_the_own_currency(style: Fields, sentence: str) -> None:
    assert faults(with_texts(*style, ("price.a", "x")))["price.a"] == f"Enter an amount such as {sentence}."


def test_a_price_may_be_nothing() -> None:
    assert dict(shown(with_texts(("price.a", "0"))))["line.a"] == "R 0,00"


def test_a_price_has_an_end() -> None:
    assert faults(with_texts(("price.a", "999999999,9999"))) == {}
    assert faults(with_texts(("price.a", "1000000000"))) == {"price.a": "Enter a price below R 1 000 000 000,00."}


def test_a_line_has_an_end() -> None:
    sentence = "Enter a smaller quantity or price: a line goes up to R 10 000 000 000 000,00."
    assert faults(with_texts(("qty.a", "10000"), ("price.a", "999999999"))) == {}
    assert faults(with_texts(("qty.a", "1000000"), ("price.a", "999999999"))) == {"price.a": sentence}


@pytest.mark.parametrize(
    ("style", "name", "text", "sentence"),
    [
        ([], "price.a", "1,250", "Is this 1250 or 1,25? Write it without the comma, or with two decimals."),
        ([], "price.a", "1.250", "Is this 1250 or 1,25? Write it without the point, or with two decimals."),
        ([], "price.a", "R 1,255", "Is this 1255 or 1,255? Write it without the comma, or with four decimals."),
        ([], "off.a", "1,200", "Is this 1200 or 1,20? Write it without the comma, or with two decimals."),
        ([], "invoice_off", "1.250", "Is this 1250 or 1,25? Write it without the point, or with two decimals."),
        ([], "cash", "1.250", "Is this 1250 or 1,25? Write it without the point, or with two decimals."),
        ([("point", ".")], "cash", "1,250", "Is this 1250 or 1.25? Write it without the comma, or with two decimals."),
        (YEN, "price.a", "1,250", "Is this 1250 or 1.25? Write it without the comma."),
        (YEN, "cash", "1,250", "Is this 1250 or 1.25? Write it without the comma."),
        (KWD, "price.a", "1,250", "Is this 1250 or 1.25? Write it without the comma, or with two decimals."),
    ],
)
def test_an_amount_that_reads_two_ways_is_asked_about(style: Fields, name: str, text: str, sentence: str) -> None:
    assert faults(with_texts(*style, (name, text)))[name] == sentence


def test_three_decimals_are_plain_where_the_currency_has_three() -> None:
    fields = [*KWD, ("qty.a", "1"), ("price.a", "1.250"), ("tax.a", "0"), ("cash", "1.250")]
    assert dict(shown(fields))["due"] == "KWD 0.000"


@pytest.mark.parametrize("text", ["1250,01", "101%", "100,01%", "1,234%", "x", "-1", "%", "10%%", "1e2", "0" * 41])
def test_a_line_discount_is_at_most_the_price(text: str) -> None:
    sentence = "Enter a discount up to R 1 250,00 (the line's price), or a percentage up to 100%."
    assert faults(with_texts(("off.a", text))) == {"off.a": sentence}


@pytest.mark.parametrize(
    ("text", "net"),
    [("", "R 1 250,00"), (" ", "R 1 250,00"), ("0", "R 1 250,00"), ("250", "R 1 000,00"), ("R 250,50", "R 999,50"),
     ("10%", "R 1 125,00"), ("12,5 %", "R 1 093,75"), ("33.33%", "R 833,37"), ("100%", "R 0,00"), ("1250", "R 0,00")],
)  # fmt: skip
def test_a_line_discount_is_an_amount_or_a_percentage(text: str, net: str) -> None:
    assert dict(shown(with_texts(("off.a", text))))["line.a"] == net


def test_a_discount_on_a_line_not_yet_known_is_only_read() -> None:
    asked = {"qty.a": "Enter a quantity above 0, such as 1 or 1,5."}
    assert faults(with_texts(("qty.a", ""), ("off.a", "9999"))) == asked
    wanted = asked | {"off.a": "Enter a discount such as 100 or 10%."}
    assert faults(with_texts(("qty.a", ""), ("off.a", "x"))) == wanted


@pytest.mark.parametrize("text", ["2150,01", "101%", "x", " " * 41])
def test_an_invoice_discount_is_at_most_the_subtotal(text: str) -> None:
    sentence = "Enter a discount up to R 2 150,00 (the subtotal), or a percentage up to 100%."
    assert faults(with_texts(("invoice_off", text))) == {"invoice_off": sentence}


def test_an_invoice_discount_may_be_everything() -> None:
    texts = dict(shown(with_texts(("invoice_off", "100%"), ("cash", ""))))
    assert (texts["discount"], texts["total"]) == ("R 2 150,00", "R 0,00")


@pytest.mark.parametrize("text", ["x", "-5", " " * 41, "1,234,56"])
def test_cash_is_an_amount(text: str) -> None:
    assert faults(with_texts(("cash", text))) == {"cash": "Enter an amount such as 1 250,00."}


def test_cash_is_at_most_the_total() -> None:
    assert faults(with_texts(("cash", "2283,14"))) == {}
    assert faults(with_texts(("cash", "2283,15"))) == {"cash": "Enter at most R 2 283,14 (the total)."}


def test_cash_is_at_most_what_is_still_due() -> None:
    fields = with_texts(("earlier", "200000"), ("cash", "300"))
    assert faults(fields) == {"cash": "Enter at most R 283,14 (what is still due)."}
    assert dict(shown(with_texts(("earlier", "200000"), ("cash", "283,14"))))["due"] == "R 0,00"


def test_what_was_paid_before_never_blocks_a_smaller_total() -> None:
    texts = dict(shown(with_texts(("earlier", "300000"), ("cash", ""))))
    assert (texts["paid"], texts["due"]) == ("R 3 000,00", "-R 716,86")


@pytest.mark.parametrize("text", ["", "x", "-1", "101", "15%", "1,2345", "0" * 41])
def test_a_tax_rate_is_a_percentage(text: str) -> None:
    assert faults(with_texts(("tax.a", text))) == {"tax.a": "Enter a tax rate from 0 to 100, such as 15."}


def test_faults_stand_in_the_order_of_the_page() -> None:
    fields = with_texts(("qty.a", ""), ("price.b", ""), ("invoice_off", "x"), ("cash", "x"))
    assert list(faults(fields)) == ["qty.a", "price.b", "invoice_off", "cash"]


def test_no_fault_is_hidden_behind_another() -> None:
    fields = with_texts(("qty.a", ""), ("price.a", ""), ("off.a", "x"), ("tax.a", "x"))
    assert list(faults(fields)) == ["qty.a", "price.a", "off.a", "tax.a"]


@pytest.mark.parametrize(
    "hidden", ["places", "inclusive", "symbol", "group", "point", "earlier", "cash", "invoice_off"]
)
@pytest.mark.parametrize("text", [None, "", "9", "-1", "x", "\u0661", "\U0001f600" * 50, "1e9", "9" * 400])
def test_a_hidden_field_that_is_missing_or_strange_breaks_nothing(hidden: str, text: str | None) -> None:
    fields = [pair for pair in FORM if pair[0] != hidden] + ([(hidden, text)] if text is not None else [])
    texts = dict(shown(fields))
    assert set(SUMS) <= set(texts)
    assert max(len(t) for t in texts.values()) < 150
    form = parsed(fields)
    assert form is None or (form.places == 2 and form.earlier >= 0)


def test_a_line_without_its_other_cells_is_asked_for_them() -> None:
    assert list(faults([*STYLE, ("qty.a", "1")])) == ["price.a"]
    assert shown([])[0] == ("subtotal", "0.00")


def is_unpriced(fields: Fields, line_id: str) -> bool:
    texts = dict(fields)
    return "qty." + line_id in texts and bare(texts.get("price." + line_id, ""), style_in(texts)) == ""


def without_unpriced(fields: Fields) -> Fields:
    """[] where no line is left."""
    left = [(name, text) for name, text in fields if not is_unpriced(fields, name.partition(".")[2])]
    return left if any(name.startswith("qty.") for name, _ in left) else []


def test_what_is_shown_is_what_is_read() -> None:
    good = 0
    for fields in forms(seed=5, n=600):
        texts, form = dict(shown(fields)), parsed(fields)
        assert (form is None) == any(name.startswith("fault.") for name in texts)
        if form is None:
            assert {texts[name] for name in SUMS} == {""} or any(is_unpriced(fields, name[12:]) for name in texts)
        if priced := without_unpriced(fields):
            assert parsed(priced) is None or sums(fields) == sums(priced)
        if form is not None:
            good += 1
            t = added_up(form)
            given = dict(fields)
            style = (given.get("symbol", "")[:8], given.get("group", "")[:1], given.get("point", ".")[:1])
            assert texts["total"] == money(t.total, form.places, *style)
            assert texts["due"] == money(t.total - form.earlier - form.cash, form.places, *style)
            assert form.cash == 0 or form.cash + form.earlier <= t.total
            again = exact_totals(form.lines, form.discount, form.discount_rate, form.inclusive, form.places)
            assert again["total"] == t.total
    assert good > 200


def test_an_amount_typed_plainly_is_the_amount_billed() -> None:
    form = parsed(with_texts(("cash", "1 234,5")))
    assert form is not None and form.cash == number("1234.50", 2, ".")
