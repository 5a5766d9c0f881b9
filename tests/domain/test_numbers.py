"""Numbers as people type them: read exactly, or refused; never guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.random_forms import STYLES
from trova_app.domain.lines import Style, bare, in_style, is_ambiguous, money, number

settings.register_profile("domain", deadline=None, max_examples=150)
settings.load_profile("domain")

EVERYWHERE = {  # two decimals, whichever point the practice has
    "1250": 125000, "1 250,50": 125050, "1,250.50": 125050, "1.250,50": 125050, "1250.50": 125050, "1250,50": 125050,
    "1 250.50": 125050, "1 250": 125000, "1 250 000": 125000000, "1,250,000": 125000000, "1.250.000": 125000000,
    "1.250.000,5": 125000050, "0": 0, "00": 0, "007": 700, "0,5": 50, ",5": 50, ".50": 50, "5,": 500, "5.": 500,
    "1,250.": 125000,
    " 12 ": 1200, "12,5": 1250, "999999999999": 99999999999900, "999 999 999 999,99": 99999999999999,
}  # fmt: skip
NOWHERE = [
    "", " ", "-", "--5", "+5", "-5", "NaN", "nan", "Infinity", "1e9", "1E9", "0x10", "1_000", "=1+1", "1,2,3", "1.2.3",
    "12 50", "1  250", "1 25", "1250 000", "12,50.50", "1250,300.50", "1 250.000,50", "1,250 000", "1.250.00", ",", ".",
    ",.", ".,", ",,", "1,,5", ",250,000", " ,250.5", "\u0661\u0662\u0663", "\uff11\uff12", "\u00b2", "\u2155",
    "\u0967",
    "5\u00a0000", "1\u202f250", "\u00a05", "\t5", "5\n", "\x00", "5\x00", "\U0001f600", "5\U0001f600", "5\u0301",
    "<b>5</b>", "<script>", "R5", "5R", "$5", "5%", "(5)", "5-", "'5", "5'000", "1/2", "null", "None", "true", "9" * 13,
    "9" * 40, "0" * 13, "1,234", "1.234", "0,125", "1,2345", "\u22125", "1\u066b5", "1,0000",
]  # fmt: skip


@pytest.mark.parametrize("point", [",", "."])
@pytest.mark.parametrize("text", EVERYWHERE)
def test_a_plain_number_is_read_whatever_the_practice_writes(text: str, point: str) -> None:
    assert number(text, 2, point) == EVERYWHERE[text]


@pytest.mark.parametrize("text", NOWHERE)
@pytest.mark.parametrize("point", [",", "."])
def test_anything_else_is_refused(text: str, point: str) -> None:
    assert number(text, 2, point) is None


@pytest.mark.parametrize(
    ("text", "places", "units"),
    [("1,5", 3, 1500), ("1,250", 3, 1250), ("0,333", 3, 333), ("0,3333", 3, None), ("0,3333", 4, 3333), ("5", 0, 5),
     ("5,", 0, 5), ("5,0", 0, None), ("1.250", 3, 1250)],
)  # fmt: skip
def test_a_number_has_as_many_decimals_as_its_cell(text: str, places: int, units: int | None) -> None:
    assert number(text, places, ",") == units


@given(st.text(max_size=45), st.sampled_from([0, 2, 3, 4]), st.sampled_from([",", "."]))
def test_no_text_breaks_the_reader(text: str, places: int, point: str) -> None:
    n = number(text, places, point)
    assert n is None or 0 <= n < 10 ** (12 + places)
    assert n is None or set(text) <= set("0123456789 ,.")


@given(st.text(alphabet="0123456789 ,.", max_size=9), st.sampled_from([0, 2, 3, 4]))
def test_a_number_read_has_the_digits_that_were_typed(text: str, places: int) -> None:
    n = number(text, places, ",")
    digits = "".join(c for c in text if c.isdigit())
    assert n is None or str(n).rstrip("0") == digits.lstrip("0").rstrip("0") or n == 0


@given(st.integers(0, 10**11), st.sampled_from(STYLES))
def test_what_is_printed_can_be_typed_again(minor: int, style: tuple[str, str, str, str]) -> None:
    places, symbol, group, point = style
    own = Style(places=int(places), symbol=symbol, group=group, point=point)
    typed = bare(in_style(minor, own), own)
    if is_ambiguous(typed, own.places, point):
        assert places == "0" and 1000 <= minor < 10**6
    else:
        assert number(typed, own.places, point) == minor


@pytest.mark.parametrize(
    ("text", "places", "point", "asks"),
    [
        ("1,250", 2, ",", True), ("1.250", 2, ",", True), ("1,250", 2, ".", True), ("1.250", 2, ".", True),
        ("12,250", 2, ",", True), ("999.999", 2, ",", True), ("012,250", 2, ",", True), ("1,250", 0, ".", True),
        ("1250,250", 2, ",", False), ("0,250", 2, ",", False), (",250", 2, ",", False), ("1,25", 2, ",", False),
        ("1,2500", 2, ",", False), ("1 250", 2, ",", False), ("1 250,500", 2, ",", False), ("1,250.50", 2, ",", False),
        ("1,250,000", 2, ",", False), ("1250", 2, ",", False), ("", 2, ",", False), ("a,250", 2, ",", False),
        ("1,25a", 2, ",", False), ("1.250", 3, ".", False), ("1,250", 3, ",", False), ("1,250", 3, ".", True),
        ("1.250", 3, ",", True),
    ],
)  # fmt: skip
def test_a_lone_mark_before_three_digits_is_asked_about(text: str, places: int, point: str, asks: bool) -> None:
    assert is_ambiguous(text, places, point) is asks


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((125000, 2, "R", "\u00a0", ","), "R\u00a01\u00a0250,00"),
        ((-125000, 2, "R", "\u00a0", ","), "-R\u00a01\u00a0250,00"),
        ((-1, 2, "$", ",", "."), "-$0.01"),
        ((0, 2, "R", " ", ","), "R 0,00"),
        ((100, 0, "\u00a5", ",", "."), "\u00a5100"),
        ((1000, 0, "\u00a5", ",", "."), "\u00a51,000"),
        ((0, 0, "\u00a5", ",", "."), "\u00a50"),
        ((7, 3, "KWD ", ",", "."), "KWD 0.007"),
        ((123456789, 2, "", " ", ","), "1 234 567,89"),
        ((100000, 2, "", "", "."), "1000.00"),
        ((10**20, 2, "$", ",", "."), "$1,000,000,000,000,000,000.00"),
    ],
)
def test_money_is_printed_as_the_practice_writes_it(args: tuple[int, int, str, str, str], text: str) -> None:
    assert money(*args) == text
