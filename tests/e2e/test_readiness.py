"""The check-list before finishing: what is missing, what looks odd, and the way to each field."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.earlier import another_session, billed
from tests.e2e.stories import House, Line, cell, choose, finished, open_form, press, status


def check_list(page: Page):
    return page.locator(".ready")


def item(page: Page, words: str):
    return check_list(page).get_by_role("listitem").filter(has_text=words)


def test_a_missing_mail_address_is_needed_to_send_and_its_item_leads_to_the_field(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session(email=""))
    choose(page, "Other")
    missing = item(page, "There is no mail address to send it to.")
    expect(missing).to_contain_text("Needed")
    missing.get_by_role("button").click()
    expect(page.get_by_label("Client's mail address")).to_be_focused()
    page.keyboard.type("thandi@example.test")
    expect(missing).to_have_count(0)
    expect(check_list(page)).to_contain_text("Ready to finish")


def test_an_odd_amount_and_a_zero_total_are_pointed_out_and_hold_nobody_up(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session())
    choose(page, "Other")
    cell(page, "Unit price").fill("12500")
    odd = item(page, "Line 1 comes to R\u00a012\u00a0500,00, 10 times the usual R\u00a01\u00a0250,00.")
    expect(odd).to_contain_text("Check")
    odd.get_by_role("button").click()
    expect(cell(page, "Unit price")).to_be_focused()
    cell(page, "Unit price").fill("0")
    expect(odd).to_have_count(0)
    expect(item(page, "The total is R\u00a00,00.")).to_be_visible()
    cell(page, "Unit price").fill("1250")
    expect(check_list(page)).to_contain_text("Ready to finish")
    cell(page, "Unit price").fill("1250,125")
    expect(item(page, "more than 2 decimals")).to_be_visible()
    press(page, "Send")
    finished(page)
    expect(status(page)).to_have_text("Sent")


def test_the_same_service_twice_on_one_day_is_pointed_out_with_the_other_document(served, open_as) -> None:
    house = House(served)
    first = house.session(ended=timedelta(minutes=100))
    number = billed(house, first)
    page = open_as(house.owner)
    open_form(page, another_session(house, first, ended=timedelta(minutes=99)))
    twice = item(page, f"Line 1 was billed for this day already, in {number}.")
    expect(twice).to_contain_text("Check")
    twice.get_by_role("button").click()
    expect(cell(page, "Date")).to_be_focused()


def test_what_cannot_be_taken_is_needed_and_said_once_for_a_line(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session())
    cell(page, "Description").fill("")
    cell(page, "Unit price").fill("free")
    expect(check_list(page).get_by_role("listitem")).to_have_count(1)
    needed = item(page, "Line 1: Say what was done")
    expect(needed).to_contain_text("Needed")
    needed.get_by_role("button").click()
    expect(cell(page, "Description")).to_be_focused()


def test_nothing_is_called_ready_while_a_figure_cannot_be_read(served, open_as) -> None:
    """Also before the server has looked the form over, as when the line is silent."""
    house = House(served)
    page = open_as(house.owner)
    line = Line(page)
    open_form(page, house.session())
    choose(page, "Other")
    expect(check_list(page)).to_contain_text("Ready to finish")
    line.hears(False)
    cell(page, "Unit price").fill("abc")
    expect(check_list(page)).to_contain_text("A marked figure cannot be read yet.")
    cell(page, "Unit price").fill("1250")
    expect(check_list(page)).to_contain_text("Ready to finish")


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_on_a_phone_an_item_opens_the_step_its_field_is_on(served, open_browser, sign_ins) -> None:
    house = House(served)
    page = open_browser(storage_state=sign_ins(house.owner), has_touch=True, is_mobile=True)
    open_form(page, house.session())
    choose(page, "Insurance")
    press(page, "Continue")
    expect(cell(page, "Code")).to_be_visible()
    cell(page, "Code").fill("")
    press(page, "Continue")
    needed = item(page, "Line 1: add a tariff code.")
    needed.get_by_role("button").tap()
    expect(cell(page, "Code")).to_be_focused()
    press(page, "Continue")
    item(page, "membership number").get_by_role("button").tap()
    expect(page.get_by_label("Member number")).to_be_focused()


def test_readiness_has_no_barriers(served, open_as, axe) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session(email=""))
    choose(page, "Insurance")
    expect(item(page, "membership number")).to_be_visible()
    cell(page, "Code").fill("")
    cell(page, "Code").press_sequentially("86")
    expect(page.get_by_role("option").first).to_be_visible()
    axe(page)
