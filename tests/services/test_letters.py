import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.document_samples import (
    ANXIETY,
    CLIENT,
    LINE,
    PAY_URL,
    PRACTICE,
    SCHEME,
    a_receipt,
    an_insurer_invoice,
    an_invoice,
)
from trova_app.domain.invoices import GivenBack
from trova_app.domain.money import MoneyStyle
from trova_app.services.letters import Letter, insurer_letter, invoice_letter, receipt_letter

CLINICAL = {"scheme": SCHEME, "diagnoses": (ANXIETY,), "lines": (replace(LINE, icd=("F41.1",)),), "note": "Trauma work"}


def letters(**changes: object) -> list[Letter]:
    return [
        invoice_letter(an_invoice(**changes), PAY_URL),
        receipt_letter(a_receipt(**changes)),
        insurer_letter(an_insurer_invoice(**changes)),
    ]


class Reading(HTMLParser):
    """What a mail program shows: the words, the places links go to, and the tags used."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.links, self.tags = "", [], set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.words += f" {data}"


def test_an_invoice_letter_says_what_is_due_until_when_and_where_to_pay():
    letter = invoice_letter(an_invoice(), PAY_URL)
    assert letter.subject == "Invoice INV-0042 from Naidoo Psychology"
    for shown in (letter.text, Reading(letter.html).words):
        for words in (
            "Dear Thandi Lerato Mokoena",
            "R\u00a01\u00a0250,00",
            "5 December 2025",
            "21 November 2025",
            PAY_URL,
        ):
            assert words in shown
    assert Reading(letter.html).links == [PAY_URL]


def test_a_receipt_letter_thanks_for_what_came_in_and_tells_what_is_still_due():
    letter = receipt_letter(a_receipt())
    assert letter.subject == "Receipt R-0017 from Naidoo Psychology"
    assert "Received: R\u00a0500,00" in letter.text
    assert "Still due: R\u00a0750,00" in letter.text
    assert "Still due" not in receipt_letter(a_receipt(paid=125000, due=0)).text


def test_an_insurer_letter_carries_no_payment_link_and_names_no_patient():
    letter = insurer_letter(an_insurer_invoice())
    assert "R\u00a02\u00a0500,00" in letter.text
    assert "31 March 2026" in letter.text
    for part in (letter.subject, letter.text, letter.html):
        assert not re.search(r"https?://|Mokoena|KM 884|1989", part)


def test_no_letter_tells_what_the_person_was_treated_for():
    for letter in letters(**CLINICAL):
        for part in (letter.subject, letter.text, letter.html):
            assert not re.search(r"F41|anxiety|psychotherapy|86205|Trauma|Khanya|KM 884", part, re.IGNORECASE)


def test_a_subject_names_no_client():
    assert all("Mokoena" not in letter.subject for letter in letters())


@pytest.mark.parametrize("mode", ["demo", "test"])
def test_a_letter_that_is_not_real_says_so_in_subject_and_body(mode):
    for letter in letters(mode=mode):
        assert letter.subject.startswith(f"[{mode.upper()}] ")
        assert "not real" in letter.text
        assert "not real" in letter.html


def test_a_real_letter_carries_no_mark():
    assert all("[" not in letter.subject and "not real" not in letter.text for letter in letters())


def test_money_in_letters_is_written_as_the_practice_writes_it():
    letter = invoice_letter(an_invoice(money=MoneyStyle("$", ",", ".")), PAY_URL)
    assert "Amount due: $1,250.00" in letter.text


def test_names_with_markup_are_shown_as_they_are_written():
    name = "<script>alert(1)</script> & \"Sons\" <img src=x onerror='1'>"
    practice = replace(PRACTICE, name=name, phone="<b>", email="")
    for letter in letters(client=replace(CLIENT, name=name), practice=practice):
        reading = Reading(letter.html)
        assert name in reading.words
        assert reading.tags.isdisjoint({"script", "img", "b"})


def test_a_name_with_line_breaks_stays_on_one_line_of_the_subject():
    for letter in letters(practice=replace(PRACTICE, name="Naidoo\r\nBcc: all@example.org\u2028x\x00")):
        assert letter.subject.endswith("from Naidoo Bcc: all@example.org x")
        assert "\nBcc:" not in letter.text


def test_a_subject_never_starts_an_encoded_word():
    for letter in letters(practice=replace(PRACTICE, name="=?utf-8?q?a=0D=0ABcc:_x?=")):
        assert "=?" not in letter.subject


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/pay/1", "https://naidoo.example/ pay"])
def test_only_a_web_address_is_offered_as_a_place_to_pay(url):
    with pytest.raises(ValueError, match="web address"):
        invoice_letter(an_invoice(), url)


def test_a_settled_invoice_offers_no_payment():
    letter = invoice_letter(an_invoice(paid=125000, due=0), PAY_URL)
    assert PAY_URL not in letter.text + letter.html
    assert "nothing left to pay" in letter.text


def test_a_letter_asks_for_what_is_due_by_now_not_for_what_was_when_the_invoice_was_given_out():
    paid = invoice_letter(an_invoice(), PAY_URL, 0)
    assert "This invoice is paid." in paid.text and "This invoice is paid." in Reading(paid.html).words
    assert PAY_URL not in paid.text + paid.html and "Due by" not in paid.text
    assert "Amount due: R\u00a0250,00" in invoice_letter(an_invoice(), PAY_URL, 25000).text


def test_a_letter_does_not_ask_again_for_money_that_was_given_back():
    letter = invoice_letter(an_invoice(), PAY_URL, 0, given_back=GivenBack.ALL)
    assert "was given back" in letter.text and "is paid" not in letter.text and PAY_URL not in letter.text
    letter = invoice_letter(an_invoice(), PAY_URL, 0, given_back=GivenBack.PART)
    assert "A part of what was paid" in letter.text and "is paid" not in letter.text and PAY_URL not in letter.text


def test_without_a_pay_url_the_letter_points_to_the_document():
    for absent in (None, ""):
        assert "ways to pay are on the attached document" in invoice_letter(an_invoice(), absent).text


def test_a_draft_is_never_sent():
    with pytest.raises(ValueError, match="draft"):
        invoice_letter(an_invoice(number=None), PAY_URL)


def test_an_insurers_copy_is_never_sent_with_a_clients_letter():
    with pytest.raises(ValueError, match="insurer_invoice"):
        invoice_letter(an_insurer_invoice(), PAY_URL)
    with pytest.raises(ValueError, match="insurer_invoice"):
        insurer_letter(an_invoice())
