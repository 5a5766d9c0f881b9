import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.document_samples import a_receipt, a_tax_invoice, an_insurer_invoice, an_invoice
from trova_app.domain.documents import DocumentContent, amount_text, long_date, money_text, short_date
from trova_app.domain.money import MoneyStyle, style_of

RAND = MoneyStyle()
DOLLAR = MoneyStyle("$", ",", ".")


@pytest.mark.parametrize("make", [an_invoice, an_insurer_invoice, a_receipt, a_tax_invoice])
def test_a_document_read_back_is_the_document_that_was_issued(make):
    content = make(note='Line one\nLine "two" ü 王')
    assert DocumentContent.from_json(content.to_json()) == content


def test_the_same_document_has_the_same_fingerprint_whatever_the_order_of_its_stored_fields():
    content = an_insurer_invoice()
    shuffled = json.dumps(dict(reversed(json.loads(content.to_json()).items())))
    assert DocumentContent.from_json(shuffled).fingerprint() == content.fingerprint()


@pytest.mark.parametrize(
    "change",
    [{"total": 125001}, {"note": "x"}, {"number": "INV-0043"}, {"mode": "demo"}, {"money": DOLLAR}, {"number": None}],
)
def test_any_change_of_what_is_printed_changes_the_fingerprint(change):
    assert an_invoice(**change).fingerprint() != an_invoice().fingerprint()


def test_fingerprints_of_documents_already_issued_stay_as_they_are():
    """Stored beside issued documents: when this fails, a field or default was changed that must not be."""
    assert an_invoice().fingerprint() == "d184620ac9f722cb8039438ef30654667f4305392ca926dd40195939a1a3bec7"


def test_a_document_takes_no_fractions_of_a_cent():
    with pytest.raises(TypeError):
        an_invoice(total=1250.5).to_json()


@pytest.mark.parametrize(
    "change",
    [{"total": 12.5}, {"total": "125000"}, {"kind": "statement"}, {"lines": {}}, {"surprise": 1}, {"practice": None}],
)
def test_a_stored_document_that_was_tampered_with_is_refused(change):
    stored = json.loads(an_invoice().to_json()) | change
    with pytest.raises(ValueError, match=r"Expected|has no"):
        DocumentContent.from_json(json.dumps(stored))


def test_a_stored_document_without_its_total_is_refused():
    stored = json.loads(an_invoice().to_json())
    del stored["total"]
    with pytest.raises(ValueError, match="total"):
        DocumentContent.from_json(json.dumps(stored))


def test_an_insurer_invoice_cannot_carry_a_pay_url():
    with pytest.raises(ValueError, match="no pay url"):
        an_insurer_invoice(pay_url="https://naidoo.example/pay/1")


@pytest.mark.parametrize(
    ("minor", "style", "shown"),
    [
        (125000, RAND, "R 1 250,00"),
        (5, RAND, "R 0,05"),
        (-125000, RAND, "-R 1 250,00"),
        (123456789012, RAND, "R 1 234 567 890,12"),
        (125000, DOLLAR, "$1,250.00"),
        (125000, MoneyStyle("JPY ", ",", ".", 0), "JPY 125,000"),
        (0, RAND, "R 0,00"),
    ],
)
def test_money_is_written_as_the_practice_writes_it(minor, style, shown):
    assert money_text(minor, style).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(("currency", "country"), [("ZAR", "ZA"), ("USD", "ZA"), ("USD", "US"), ("EUR", "DE")])
@given(minor=st.integers(-(10**12), 10**12))
def test_paper_and_screen_write_an_amount_the_same_way(currency, country, minor):
    style = style_of(currency, country)
    assert money_text(minor, style) == style.show(minor).replace(" ", "\u00a0")


def test_money_never_breaks_over_two_lines():
    assert " " not in money_text(123456789012, RAND)


@given(st.integers(-(10**15), 10**15), st.integers(0, 3))
def test_no_amount_loses_a_cent_on_paper(minor, places):
    style = replace(RAND, places=places)
    digits = "".join(c for c in amount_text(minor, style) if c in "-0123456789")
    assert int(digits) == minor


def test_dates_are_written_in_words():
    assert long_date("2025-11-21") == "21 November 2025"
    assert short_date("2025-09-01") == "1 Sep 2025"
    with pytest.raises(ValueError, match="2025-02-30|day"):
        long_date("2025-02-30")
