"""A block copied from a spreadsheet, pasted into the line items."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stories import House, cell, figure, open_form, press
from tests.e2e.test_grid_keys import descriptions, lines

PASTE = """(box, text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    return !box.dispatchEvent(event);
}"""


def paste_into(page: Page, box, block: str) -> bool:
    """True when the page took it; False where it is left to the browser."""
    box.focus()
    return box.evaluate("(box, text) => (" + PASTE + ")(box, text)", block)


@pytest.fixture
def form(served, open_as) -> Page:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session())
    return page


def told(page: Page):
    return page.get_by_test_id("told")


def test_rows_with_a_heading_find_their_columns_by_its_words(form: Page) -> None:
    block = (
        'Qty\tDescription\tPrice\tDate\r\n1\tIntake\t1 800,00\t2026-03-02\r\n2\t"Report, ""long"""\t450\t03/03/2026\r\n'
    )
    assert paste_into(form, cell(form, "Code"), block)
    lines(form, 2)
    assert descriptions(form) == ["Intake", 'Report, "long"']
    expect(cell(form, "Unit price", 1)).to_have_value("1 800,00")
    expect(cell(form, "Date", 2)).to_have_value("2026-03-03")
    expect(cell(form, "Quantity", 2)).to_have_value("2")
    expect(figure(form, "total")).to_have_text("R\u00a02\u00a0700,00")
    expect(told(form)).to_contain_text("2 rows pasted, 1 line added.")


def test_rows_without_a_heading_go_by_position_from_the_cell_on(form: Page) -> None:
    assert paste_into(form, cell(form, "Description"), "Intake\t1\t1800\nReport\t2\t450\t10%")
    lines(form, 2)
    expect(cell(form, "Unit price", 1)).to_have_value("1800")
    expect(cell(form, "Discount", 2)).to_have_value("10%")
    expect(cell(form, "Code", 1)).to_have_value("86205")
    expect(figure(form, "total")).to_have_text("R\u00a02\u00a0610,00")
    press(form, "Undo")
    lines(form, 1)
    expect(cell(form, "Description")).to_have_value("Psychotherapy 60 min")
    expect(told(form)).to_have_text("Undone: 2 lines.")


def test_what_cannot_be_taken_is_kept_as_typed_and_marked(form: Page) -> None:
    assert paste_into(form, cell(form, "Date"), "31 Nov\t86205\tIntake\t\tone\tfree")
    expect(cell(form, "Quantity")).to_have_value("one")
    expect(cell(form, "Unit price")).to_have_value("free")
    expect(form.get_by_text("Enter a quantity above 0").first).to_be_visible()
    expect(form.get_by_text("“31 Nov” is not a day.").first).to_be_visible()
    expect(cell(form, "Date")).to_have_attribute("aria-invalid", "true")
    expect(told(form)).to_contain_text("Please look at the marked cell.")


def test_a_single_value_pastes_as_everywhere(form: Page) -> None:
    assert not paste_into(form, cell(form, "Description"), "Just words")
    assert not paste_into(form, cell(form, "Unit price"), "450\r\n")
    lines(form, 1)


def test_too_many_rows_and_too_much_text_change_nothing_and_say_so(form: Page) -> None:
    assert paste_into(form, cell(form, "Description"), "\n".join(f"Row {n}\t1\t1" for n in range(250)))
    expect(told(form)).to_contain_text("up to 200 lines; with these 250 it would have 250. Nothing was")
    assert paste_into(form, cell(form, "Description"), "x\ty\n" * 40_000)
    expect(told(form)).to_contain_text("That is too much to paste at once.")
    lines(form, 1)
    expect(cell(form, "Description")).to_have_value("Psychotherapy 60 min")


def test_two_hundred_rows_fit(form: Page) -> None:
    assert paste_into(form, cell(form, "Description"), "\n".join(f"Row {n}\t1\t10" for n in range(1, 201)))
    lines(form, 200)
    expect(figure(form, "total")).to_have_text("R\u00a02\u00a0000,00")
    expect(cell(form, "Description", 200)).to_have_value("Row 200")
    cell(form, "Description", 200).focus()
    form.keyboard.press("Enter")
    expect(cell(form, "Description", 200)).to_be_focused()
