"""Settings, Practice: a tax rate is added ahead and in hindsight; each line is taxed at the rate of its day."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.e2e.stories import House, cell, choose, finished, open_form, press, status

WRONG_RATE = "Choose a tax rate that was in force on the day of the service."


def add_a_rate(page: Page, percent: str, since: datetime) -> None:
    page.get_by_label("Percent").fill(percent)
    page.get_by_label("From day").fill(since.strftime("%Y-%m-%d"))
    press(page, "Add a rate")


def test_each_line_is_taxed_at_the_rate_of_its_day(served, open_as, axe) -> None:
    house = House(served, charges_tax=True, tax_number="4012345678")
    now = datetime.now(UTC)
    before, today = house.session(ended=timedelta(days=30)), house.session()
    page = open_as(house.owner)
    page.goto("/settings")
    rates = page.get_by_role("list", name="Tax rates").get_by_role("listitem")
    expect(rates).to_have_count(2)
    add_a_rate(page, "\u0661\u0665", now + timedelta(days=2))
    expect(page.get_by_text("Enter a tax rate from 0 to 100, such as 15.")).to_be_visible()
    axe(page)
    add_a_rate(page, "15,5", now + timedelta(days=2))
    expect(rates.filter(has_text="VAT 15,5%")).to_contain_text("not yet")
    add_a_rate(page, "16", now - timedelta(days=10))
    expect(rates.filter(has_text="VAT 16%")).to_contain_text("standard")
    add_a_rate(page, "17", now + timedelta(days=1))
    expect(rates).to_have_count(5)
    rates.filter(has_text="VAT 17%").get_by_role("button", name="Remove").click()
    expect(rates).to_have_count(4)

    open_form(page, before)
    expect(cell(page, "Tax")).to_have_value("15")
    open_form(page, today)
    expect(cell(page, "Tax")).to_have_value("16")
    press(page, "Add line item")
    cell(page, "Description", 2).fill("Report")
    cell(page, "Unit price", 2).fill("500")
    cell(page, "Date", 2).fill((now - timedelta(days=30)).strftime("%Y-%m-%d"))
    expect(cell(page, "Tax", 2)).to_have_value("16")
    choose(page, "Other")
    needed = page.locator(".ready").get_by_role("listitem").filter(has_text=f"Line 2: {WRONG_RATE}")
    needed.get_by_role("button").click()
    expect(cell(page, "Tax", 2)).to_be_focused()
    press(page, "Send")
    expect(page.locator("tr.line").nth(1).locator("[id^='fault-tax.']")).to_have_text(WRONG_RATE)
    cell(page, "Tax", 2).select_option("15")
    expect(needed).to_have_count(0)
    press(page, "Send")
    invoice = finished(page)
    expect(status(page)).to_have_text("Sent")
    assert house.only_invoice(today).id == invoice

    page.goto("/settings")
    expect(rates.filter(has_text="VAT 16%")).to_contain_text("in use")
    add_a_rate(page, "16.5", now - timedelta(days=5))
    expect(page.get_by_text("Documents were issued at 16% for services up to")).to_be_visible()


def test_a_rate_in_the_making_stays_while_somebody_else_changes_the_first_tax(served, open_as) -> None:
    house = House(served)
    page, other = open_as(house.owner), open_as(house.owner)
    for one in (page, other):
        one.goto("/settings")
        expect(one.get_by_label("Tax", exact=True)).to_have_value("VAT")
    page.get_by_label("Percent").fill("16,25")
    page.get_by_label("From day").fill("2026-01-05")
    page.get_by_label("From day").focus()
    rates = page.get_by_role("list", name="Tax rates").get_by_role("listitem")
    other.get_by_role("button", name="Remove VAT 15%").click()
    expect(rates).to_have_count(1)
    expect(page.get_by_label("Tax", exact=True)).to_have_value("VAT")
    expect(page.get_by_label("Percent")).to_have_value("16,25")
    expect(page.get_by_label("From day")).to_have_value("2026-01-05")
    expect(page.get_by_label("From day")).to_be_focused()
    press(page, "Add a rate")
    expect(rates.filter(has_text="VAT 16,25%")).to_have_count(1)
    expect(page.get_by_label("Percent")).to_have_value("")
    expect(page.get_by_label("Tax", exact=True)).to_have_value("VAT")


def test_a_second_tax_of_the_same_percentage_is_refused_beside_its_field(served, open_as, axe) -> None:
    page = open_as(House(served).owner)
    page.goto("/settings")
    expect(page.get_by_role("list", name="Tax rates").get_by_role("listitem")).to_have_count(2)
    page.get_by_label("Tax", exact=True).fill("Exempt")
    add_a_rate(page, "0", datetime.now(UTC))
    name = page.get_by_label("Tax", exact=True)
    expect(name).to_have_accessible_description(re.compile("Use No VAT: it has 0% already"))
    expect(name).to_be_focused()
    expect(name).to_have_value("Exempt")
    expect(page.get_by_label("Percent")).to_have_value("0")
    axe(page)
