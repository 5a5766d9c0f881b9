"""Line items, discounts and diagnoses: what the page adds up is what the invoice says."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import on_desktop_and_tablet
from tests.e2e.stories import House, cell, choose, figure, finished, open_form, press

SUMS = ("subtotal", "discount", "total", "paid", "amount-due")


def sums(page: Page) -> dict[str, str]:
    """As shown; a discount may be written with or without its minus."""
    return {name: figure(page, name).inner_text().lstrip("-\u2212") for name in SUMS}


def add_line(page: Page, n: int, words: str, quantity: str, price: str, discount: str = "") -> None:
    press(page, "Add line item")
    cell(page, "Description", n).fill(words)
    cell(page, "Quantity", n).fill(quantity)
    cell(page, "Unit price", n).fill(price)
    cell(page, "Discount", n).fill(discount)


@on_desktop_and_tablet
def test_lines_and_discounts_come_to_the_same_on_the_page_and_on_the_invoice(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    press(page, "Add line item")
    cell(page, "Description", 2).fill("Report")
    for name in ("subtotal", "total", "amount-due"):  # it counts as nothing yet
        expect(figure(page, name)).to_have_text("R\u00a01\u00a0250,00")
        expect(figure(page, name)).to_have_attribute("data-state", "confirmed")
    press(page, "Send Receipt")
    expect(page.get_by_test_id("problem")).to_have_text("Please look at the marked field.")
    expect(cell(page, "Unit price", 2)).to_be_focused()
    for name, text in {"Unit price": "333,33", "Quantity": "1,5", "Discount": "10%"}.items():
        cell(page, name, 2).fill(text)
    add_line(page, 3, "Travel", "37", "4,7875", "0,01")
    add_line(page, 4, "By mistake", "1", "99")
    expect(page.get_by_label("Total, line 2")).to_have_text("R\u00a0450,00")
    press(page, "Move line 3 up")
    expect(cell(page, "Description", 2)).to_have_value("Travel")
    press(page, "Remove line 4")
    expect(cell(page, "Description", 4)).to_have_count(0)
    page.get_by_label("Invoice discount", exact=True).fill("5%")
    page.get_by_label("Cash received", exact=True).fill("100")
    expect(figure(page, "total")).to_have_attribute("data-state", "confirmed")
    expect(figure(page, "subtotal")).to_have_text("R\u00a01\u00a0877,13")
    typed = sums(page)
    assert typed["discount"] == "R\u00a093,86" and typed["amount-due"] == "R\u00a01\u00a0683,27"

    press(page, "Send Receipt")
    finished(page)
    expect(figure(page, "total")).to_have_text(typed["total"])
    assert sums(page) == typed
    rows = page.get_by_role("table", name="Line items").get_by_role("row")
    expect(rows).to_have_count(4)
    expect(rows.nth(2)).to_contain_text("Travel")
    expect(rows.nth(3)).to_contain_text("Report")
    invoice = house.only_invoice(session)
    assert (invoice.subtotal_minor, invoice.discount_minor, invoice.total_minor) == (187_713, 9_386, 178_327)


@pytest.mark.parametrize("inclusive", [True, False])
def test_tax_comes_to_the_same_on_the_page_and_on_the_invoice(served, open_as, inclusive: bool) -> None:
    house = House(served, charges_tax=True, prices_include_tax=inclusive)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    add_line(page, 2, "Report", "3", "333,33")
    page.get_by_label("Tax, line 2").select_option("0")
    page.get_by_label("Invoice discount", exact=True).fill("33,33")
    expect(figure(page, "total")).to_have_attribute("data-state", "confirmed")
    wanted = {name: figure(page, name).inner_text() for name in ("subtotal", "total", "amount-due")}
    tax = figure(page, "tax").inner_text()
    assert tax not in ("", "R\u00a00,00")
    press(page, "Send")
    finished(page)
    expect(page.get_by_text(tax, exact=True).first).to_be_visible()
    assert {name: figure(page, name).inner_text() for name in wanted} == wanted


def test_diagnoses_are_found_by_words_and_by_code_and_taken_off_again(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    box = page.get_by_role("combobox", name="Add diagnosis")
    box.press_sequentially("lower back")
    page.get_by_role("option").filter(has_text="M54.5").click()
    expect(page.get_by_role("button", name="Remove diagnosis M54.5")).to_be_visible()
    box.press_sequentially("f41.1")
    expect(page.get_by_role("option").filter(has_text="F41.1")).to_be_visible()
    box.press("Enter")
    expect(page.get_by_role("button", name="Remove diagnosis F41.1")).to_be_visible()
    press(page, "Remove diagnosis M54.5")
    expect(page.get_by_role("button", name="Remove diagnosis M54.5")).to_have_count(0)
    add_line(page, 2, "Report", "1", "100")
    cell(page, "ICD-10", 2).fill("Z73.0")
    box.fill("z63.0")  # in full, and not chosen
    press(page, "Send")
    finished(page)
    document = page.get_by_role("article", name="The document")
    expect(document).to_contain_text("Generalized anxiety disorder")
    expect(document).to_contain_text("Z63.0")
    expect(document).not_to_contain_text("M54.5")
    rows = page.get_by_role("table", name="Line items").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("F41.1")
    expect(rows.nth(2)).to_contain_text("Z73.0")
    expect(rows.nth(2)).not_to_contain_text("F41.1")


def test_words_that_are_no_diagnosis_add_none(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    box = page.get_by_role("combobox", name="Add diagnosis")
    box.press_sequentially("qqqq zzzz")
    expect(page.get_by_role("option")).to_have_count(0)
    box.press("Enter")
    expect(page.get_by_role("button", name="Remove diagnosis")).to_have_count(0)
    box.fill("f32")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)


def test_words_that_were_not_chosen_are_kept_and_not_passed_over(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    box = page.get_by_role("combobox", name="Add diagnosis")
    told = "The diagnosis “anxiety” is not added yet. Choose a code from the list, or empty the box."
    codes = page.get_by_role("listbox", name="ICD-10 codes").get_by_role("option")
    box.press_sequentially("anxiety")
    expect(codes.first).to_be_visible()
    box.press("Tab")
    expect(codes).to_have_count(0)
    expect(box).to_have_accessible_description(told)
    expect(page.locator(".ready-items").get_by_text(told)).to_be_visible()
    house.wait_until_kept(session, "anxiety")
    page.reload()
    expect(box).to_have_value("anxiety")
    press(page, "Save and Review")
    expect(page.get_by_test_id("problem")).to_have_text("Please look at the marked field.")
    expect(box).to_be_focused()
    expect(box).to_have_accessible_description(told)
    expect(codes.first).to_be_visible()
    assert house.invoices(session) == []

    box.fill("F41.1")
    cell(page, "Description").click()
    expect(page.get_by_role("button", name="Remove diagnosis F41.1")).to_be_visible()
    expect(box).to_have_value("")
    expect(box).to_have_attribute("aria-invalid", "false")
    expect(cell(page, "Description")).to_be_focused()
    press(page, "Save and Review")
    finished(page)
