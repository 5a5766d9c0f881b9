"""Services: what a session comes to, and what a new price does to those that are booked."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stories import House, cell, open_form, press

PHONE = pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)


def in_line(page: Page, label: str, line: int = 1):
    return page.get_by_label(f"{label}, line {line}", exact=True)


@PHONE
def test_a_service_with_lines_by_length_is_added_and_found_again(served, open_as, axe, size) -> None:
    house = House(served)
    page = open_as(house.owner)
    page.goto("/services")
    expect(page.get_by_role("table", name="Services")).to_contain_text("R\u00a01\u00a0250,00")
    page.get_by_role("link", name="New service").click()
    press(page, "Add service")
    expect(page.get_by_text("Enter the service's name.")).to_be_visible()
    expect(page.get_by_text("Enter an amount such as")).to_be_visible()
    axe(page)
    page.get_by_label("Name").fill("Physiotherapy")
    page.get_by_label("Length, in minutes").fill("30")
    page.get_by_label("Virtual").check()
    for line, (since, code, price) in enumerate((("0", "72501", "310"), ("21", "72502", "1 250,50")), start=1):
        in_line(page, "From minutes", line).fill(since)
        in_line(page, "Code", line).fill(code)
        in_line(page, "Unit price", line).fill(price)
        if line == 1:
            press(page, "Add line")
            expect(in_line(page, "From minutes", 2)).to_be_focused()
    press(page, "Add service")
    expect(page.get_by_role("heading", name="Physiotherapy")).to_be_visible()
    expect(page.get_by_text("21 min and longer")).to_be_visible()
    expect(in_line(page, "Unit price", 2)).to_have_value("1\u00a0250,50")
    axe(page)
    page.goto("/services")
    page.get_by_label("Search").fill("72502")
    row = page.get_by_role("table", name="Services").get_by_role("row").filter(has_text="Physiotherapy")
    expect(row).to_contain_text("R\u00a01\u00a0250,50")
    expect(row).to_contain_text("Virtual")


def test_a_new_price_asks_what_becomes_of_booked_sessions(served, open_as) -> None:
    house = House(served)
    over, coming = house.session(), house.session(ended=-timedelta(days=2))
    service = house.appointment(over).service_id
    page = open_as(house.owner)
    page.goto(f"/services/{service}")
    in_line(page, "Unit price").fill("1300")
    press(page, "Save")
    question = page.get_by_role("dialog", name="2 booked sessions have the old price.")
    expect(question).to_contain_text("It was R\u00a01\u00a0250,00 and will be R\u00a01\u00a0300,00.")
    question.get_by_role("button", name="Keep the old price for them").click()
    expect(page.get_by_text("At an earlier price")).to_be_visible()
    page.goto(f"/appointments/{over}")
    expect(page.get_by_text("The price it was booked at")).to_be_visible()
    open_form(page, over)
    expect(cell(page, "Unit price")).to_have_value("1\u00a0250,00")
    page.goto(f"/services/{service}")
    press(page, "Use this price for all")
    expect(page.get_by_text("2 booked sessions have the present price now.")).to_be_visible()
    page.goto(f"/appointments/{coming}")
    expect(page.get_by_text("R\u00a01\u00a0300,00").first).to_be_visible()


def test_reception_sees_a_service_and_changes_nothing(served, open_as) -> None:
    house = House(served)
    service = house.appointment(house.session()).service_id
    page = open_as(house.reception)
    page.goto(f"/services/{service}")
    expect(page.get_by_text("Psychotherapy 60 min").first).to_be_visible()
    for name in ("Save", "Archive", "Add line"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    page.goto("/services")
    expect(page.get_by_role("link", name="New service")).to_have_count(0)
