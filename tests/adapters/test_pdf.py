import base64
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from tests.document_samples import (
    CLIENT,
    LINE,
    PAY_URL,
    PRACTICE,
    a_receipt,
    a_tax_invoice,
    an_insurer_invoice,
    an_invoice,
)
from trova_app.adapters.pdf import TypstPress
from trova_app.adapters.pdf_sheet import printable, sheet
from trova_app.domain.documents import BankDetail, DocumentContent, Logo

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def press() -> TypstPress:
    return TypstPress()


def pages_of(printed: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(printed)).pages]


def words_of(printed: bytes) -> str:
    return " ".join(pages_of(printed))


def codes_on(picture: bytes) -> list[str]:
    """What a phone's camera reads."""
    with Image.open(BytesIO(picture)) as page:
        return [code.text for code in zxingcpp.read_barcodes(page)]


def links_of(printed: bytes) -> list[str]:
    notes = [note.get_object() for page in PdfReader(BytesIO(printed)).pages for note in page.get("/Annots", [])]
    return [note["/A"]["/URI"] for note in notes if "/A" in note]


@pytest.mark.parametrize("make", [an_invoice, an_insurer_invoice, a_receipt, a_tax_invoice])
def test_a_document_printed_again_is_the_same_to_the_last_byte(make):
    assert TypstPress().pdf(make()) == TypstPress().pdf(make())


def test_an_invoice_says_who_owes_whom_how_much_for_what_and_until_when(press):
    words = words_of(press.pdf(an_invoice()))
    for printed in (
        "Invoice INV-0042",
        "Naidoo Psychology",
        "Suite 4, The Oaks",
        "Dr Anjali Naidoo",
        "Thandi Lerato Mokoena",
        "21 November 2025",
        "5 December 2025",
        "21 Nov 2025",
        "86205",
        "Psychotherapy 60 min",
        "Amount due R 1 250,00",
        "620 4411 8827",
        "Page 1 of 1",
    ):
        assert printed in words


@pytest.mark.parametrize("ppi", [96, 300], ids=["as a poor scan", "as printed"])
def test_the_code_on_the_paper_is_read_as_the_link_to_pay(press, ppi):
    assert codes_on(press.png(an_invoice(), ppi=ppi)) == [PAY_URL]


@pytest.mark.parametrize("content", [an_insurer_invoice(), an_invoice(paid=125000, due=0)], ids=["insurer", "paid"])
def test_paper_that_asks_for_nothing_online_carries_no_code(press, content):
    assert codes_on(press.png(content, ppi=150)) == []


def test_an_invoice_leads_to_the_payment_page(press):
    assert links_of(press.pdf(an_invoice())) == [PAY_URL]


def test_a_settled_invoice_asks_for_nothing(press):
    printed = press.pdf(an_invoice(paid=125000, due=0))
    assert "Paid R 1 250,00 received" in words_of(printed)
    assert "bank transfer" not in words_of(printed)
    assert links_of(printed) == []


def test_an_invoice_discounted_to_nothing_does_not_claim_to_be_paid(press):
    words = words_of(press.pdf(an_invoice(discount=125000, total=0, due=0)))
    assert "R 0,00 nothing to pay" in words
    assert "Paid" not in words


def test_an_insurer_invoice_carries_all_that_regulation_5_asks(press):
    words = words_of(press.pdf(an_insurer_invoice()))
    required = {
        "member": "Mokoena T L",
        "patient": "Thandi Lerato Mokoena",
        "scheme": "Khanya Medical",
        "membership number": "KM 884 201 77",
        "practice code number": "0861234",
        "practitioner's code number": "0861242",
        "registration number": "PS 0099123",
        "who treated": "Treated by Dr Anjali Naidoo",
        "diagnoses of the first service": "ICD-10 F41.1, F32.0",
        "tariff code": "86211",
        "other tariff code": "86205",
        "date of the first service": "14 Nov 2025",
        "date of the other service": "21 Nov 2025",
        "nature": "Psychotherapy 60 min",
        "cost": "1 250,00",
        "total": "R 2 500,00",
    }
    assert {name: text for name, text in required.items() if text not in words} == {}
    assert "Copy for the medical aid" in words
    assert "Dependant 01" in words
    assert "31 March 2026" in words


def test_an_insurer_invoice_never_offers_online_payment(press):
    content = an_insurer_invoice()
    object.__setattr__(content, "pay_url", PAY_URL)  # even if one got past the rule of the document
    printed = press.pdf(content)
    assert links_of(printed) == []
    assert "Pay online" not in words_of(printed)


def test_a_receipt_part_paid_says_what_came_in_and_what_is_still_due(press):
    words = words_of(press.pdf(a_receipt()))
    assert "Partly paid R 500,00 received · R 750,00 still due" in words
    assert "21 Nov 2025 Cash R 300,00" in words
    assert "Slip 4471" in words


def test_a_receipt_paid_in_full_says_paid(press):
    assert "Paid R 1 250,00 received" in words_of(press.pdf(a_receipt(paid=125000, due=0)))


def test_columns_for_discount_and_tax_appear_only_when_there_are_any(press):
    plain, taxed = words_of(press.pdf(an_invoice())), words_of(press.pdf(a_tax_invoice()))
    assert "Discount" not in plain
    assert "VAT" not in plain
    assert "Unit price Discount VAT Total" in taxed
    assert "−125,00" in taxed
    assert "Includes VAT R 146,74" in taxed
    assert "15% 978,26 146,74" in taxed
    assert "VAT no. 4120188821" in taxed


def test_tax_on_top_of_prices_is_added_before_the_total(press):
    content = a_tax_invoice(prices_include_tax=False, subtotal=97826, total=112500)
    assert "Subtotal R 978,26 VAT R 146,74 Total R 1 125,00" in words_of(press.pdf(content))


@pytest.mark.parametrize("mode", ["demo", "test"])
def test_every_page_of_a_document_that_is_not_real_says_so(press, mode):
    pages = pages_of(press.pdf(an_invoice(mode=mode, lines=(LINE,) * 80)))
    assert len(pages) > 1
    assert all("DEMO - no real document" in page for page in pages)


def test_a_draft_says_that_it_is_not_issued(press):
    assert "Draft - not yet issued" in words_of(press.pdf(an_invoice(number=None)))


def test_a_real_document_carries_no_mark(press):
    words = words_of(press.pdf(an_invoice()))
    assert "DEMO" not in words
    assert "Draft" not in words


def test_two_hundred_lines_run_over_pages_that_each_repeat_the_headings(press):
    lines = tuple(replace(LINE, code=f"{86000 + index}") for index in range(200))
    pages = pages_of(press.pdf(an_invoice(lines=lines)))
    assert all(f"{86000 + index}" in " ".join(pages) for index in range(200))
    assert all("Description Qty Unit price Total" in page for page in pages[:-1])
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1]
    assert "Amount due R 1 250,00" in " ".join(pages)


@pytest.mark.parametrize(
    "name",
    [
        "*Bo_b* #panic() $x$ @ref",
        "= Heading `raw` //x /*y*/",
        "\\u{41} ]#[ <label> ~",
        '"; #read("/etc/passwd")',
        "-- ...",
    ],
)
def test_a_hostile_name_prints_literally(press, name):
    content = an_invoice(client=replace(CLIENT, name=name), note=name, lines=(replace(LINE, description=name),))
    words = words_of(press.pdf(content))
    assert words.count(" ".join(name.split())) == 3


@pytest.mark.parametrize(
    "name", ["王小明", "Thandi 😀 👩‍👩‍👧", "محمد", "नमस्ते", "\ue000\x00\x07", "\ud800", "e" + "\u0301" * 200, ""]
)
def test_a_name_in_any_script_never_stops_a_document(press, name):
    assert "INV-0042" in words_of(press.pdf(an_invoice(client=replace(CLIENT, name=name))))


def test_marks_that_would_reorder_text_are_left_out():
    assert printable("R 1\u202e000,00\u2066 a\r\nb\x00") == "R 1000,00 a  b"


def test_a_name_without_spaces_stays_in_its_column_and_loses_no_letter(press):
    name = "Wolfeschlegelsteinhausenbergerdorff" * 4
    words = words_of(press.pdf(an_invoice(client=replace(CLIENT, name=name))))
    assert name in words.replace(" ", "")
    assert name not in words


def test_a_long_practice_with_many_bank_details_prints(press):
    practice = replace(PRACTICE, name="Association " * 20, bank_details=(BankDetail("Label " * 10, "9" * 90),) * 12)
    assert "Amount due" in words_of(press.pdf(an_invoice(practice=practice)))


@pytest.mark.parametrize(
    "logo",
    [
        Logo(base64.b64encode(PNG).decode(), "image/png"),
        Logo(base64.b64encode(b"no picture").decode(), "image/png"),
        Logo("not base64", "image/jpeg"),
        Logo("", "image/png"),
        Logo(base64.b64encode(b"<svg/>").decode(), "image/svg+xml"),
    ],
)
def test_a_damaged_logo_never_holds_up_a_document(press, logo):
    content = an_invoice(practice=replace(PRACTICE, logo=logo))
    assert "INV-0042" in words_of(press.pdf(content))
    assert press.png(content).startswith(b"\x89PNG")


def test_a_good_logo_is_printed(press):
    content = an_invoice(practice=replace(PRACTICE, logo=Logo(base64.b64encode(PNG).decode(), "image/png")))
    assert len(PdfReader(BytesIO(press.pdf(content))).pages[0].images) == 1


def test_a_document_can_be_read_aloud_and_archived(press):
    printed = press.pdf(an_insurer_invoice())
    reader = PdfReader(BytesIO(printed))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.metadata.title == "Invoice INV-0042"
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert re.search(r"pdfuaid:part>1<", metadata)
    assert re.search(r"pdfaid:part>2<", metadata)
    assert re.search(r"pdfaid:conformance>A<", metadata)


def test_twenty_documents_print_at_once(press):
    documents = [an_invoice(number=f"INV-{index:04d}") for index in range(20)]
    with ThreadPoolExecutor(8) as threads:
        printed = list(threads.map(press.pdf, documents))
    for document, paper in zip(documents, printed, strict=True):
        assert f"Invoice {document.number}" in words_of(paper)


def test_each_page_can_be_previewed(press):
    content = an_invoice(lines=(LINE,) * 60)
    assert press.page_count(content) == len(pages_of(press.pdf(content))) > 1
    assert press.png(content, page=2).startswith(b"\x89PNG")
    assert press.png(content, page=1) != press.png(content, page=2)
    with pytest.raises(IndexError):
        press.png(content, page=99)


def test_the_sheet_repeats_no_figure_of_its_own(press):
    """What is printed are the issued figures, also where they do not add up: nothing is recomputed on paper."""
    content: DocumentContent = an_invoice(subtotal=111, total=222, due=333, discount=444)
    amounts = [row["amount"].replace("\u00a0", " ") for row in sheet(content)["totals"]]
    assert amounts == ["R 1,11", "−R 4,44", "R 2,22", "R 3,33"]
