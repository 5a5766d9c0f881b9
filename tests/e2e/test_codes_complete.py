"""Codes complete as they are typed, from what the practice charges and has billed."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.builders import a_service
from tests.e2e.earlier import another_session, billed
from tests.e2e.stories import House, Line, cell, eventually, figure, open_form, press
from tests.e2e.test_grid_keys import lines
from trova_app.models import Practice


def with_an_intake(house: House) -> int:
    """An open session in a practice that also offers an intake."""
    session = house.session()
    with house.served.act() as (db, _):
        a_service(db, db.get_one(Practice, house.practice_id), price=1800, name="Intake 90 min", code="86211")
    return session


def offered(page: Page):
    return page.get_by_role("listbox", name="What you charge").get_by_role("option")


def test_a_code_fills_in_words_and_price_by_key(served, open_as) -> None:
    house = House(served)
    session = with_an_intake(house)
    page = open_as(house.owner)
    open_form(page, session)
    box = cell(page, "Code")
    box.fill("")
    box.press_sequentially("8621")
    expect(offered(page)).to_have_count(1)
    expect(offered(page).first).to_contain_text("Intake 90 min")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(offered(page).first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "rate-0")
    box.press("Enter")
    expect(cell(page, "Description")).to_have_value("Intake 90 min")
    expect(cell(page, "Unit price")).to_have_value("1\u00a0800,00")
    expect(cell(page, "Code")).to_have_value("86211")
    expect(cell(page, "Code")).to_be_focused()
    expect(offered(page)).to_have_count(0)
    expect(figure(page, "total")).to_have_text("R\u00a01\u00a0800,00")
    house.wait_until_kept(session, "Intake 90 min")


def test_a_code_is_found_by_words_and_taken_by_a_click(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, with_an_intake(house))
    box = cell(page, "Code")
    box.fill("")
    box.press_sequentially("intake")
    offered(page).first.click()
    expect(cell(page, "Code")).to_have_value("86211")
    expect(cell(page, "Unit price")).to_have_value("1\u00a0800,00")


def test_what_is_typed_stays_unless_a_choice_is_taken(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, with_an_intake(house))
    box = cell(page, "Code")
    box.fill("")
    box.press_sequentially("862")
    expect(offered(page)).to_have_count(2)
    box.press("Escape")
    expect(offered(page)).to_have_count(0)
    expect(box).to_have_value("862")
    box.press_sequentially("0")
    expect(offered(page)).to_have_count(1)
    box.press("Enter")
    lines(page, 2)
    expect(cell(page, "Code", 1)).to_have_value("8620")
    expect(cell(page, "Description", 1)).to_have_value("Psychotherapy 60 min")
    expect(offered(page)).to_have_count(0)


@pytest.mark.parametrize("by", ["Enter", "Tab"])
def test_a_code_typed_in_full_fills_a_new_line_and_no_other(served, open_as, by: str) -> None:
    house = House(served)
    session = with_an_intake(house)
    page = open_as(house.owner)
    open_form(page, session)
    press(page, "Add line item")
    lines(page, 2)
    box = cell(page, "Code", 2)
    box.press_sequentially("86211")
    box.press(by)
    expect(cell(page, "Description", 2)).to_have_value("Intake 90 min")
    expect(cell(page, "Unit price", 2)).to_have_value("1\u00a0800,00")
    lines(page, 3 if by == "Enter" else 2)
    expect(cell(page, "Code", 3) if by == "Enter" else cell(page, "Description", 2)).to_be_focused()
    cell(page, "Code", 1).fill("86211")
    cell(page, "Code", 1).press("Tab")
    eventually(lambda: house.kept(session)["lines"][0]["code"], lambda code: code == "86211")
    expect(cell(page, "Description", 1)).to_have_value("Psychotherapy 60 min")


def test_keys_that_come_before_the_list_choose_from_it_when_it_is_here(served, open_as) -> None:
    house = House(served)
    session = with_an_intake(house)
    page = open_as(house.owner)
    line = Line(page)
    open_form(page, session)
    cell(page, "Code").fill("")
    cell(page, "Code").press_sequentially("862")
    expect(offered(page)).to_have_count(2)
    line.hears(False)
    cell(page, "Code").press_sequentially("11")
    cell(page, "Code").press("ArrowDown")
    cell(page, "Code").press("Enter")
    expect(cell(page, "Description")).to_have_value("Psychotherapy 60 min")
    line.hears(True)
    expect(cell(page, "Description")).to_have_value("Intake 90 min")
    expect(offered(page)).to_have_count(0)
    lines(page, 1)

    line.hears(False)
    search = page.get_by_role("combobox", name="Add diagnosis")
    search.press_sequentially("f41.1")
    search.press("Enter")
    line.hears(True)
    expect(page.get_by_role("button", name="Remove diagnosis F41.1")).to_be_visible()
    expect(search).to_have_value("")
    expect(search).to_be_focused()


def test_marks_go_round_with_the_arrows_and_escape_leaves_what_was_typed(served, open_as) -> None:
    """With no word from the server."""
    house = House(served)
    page = open_as(house.owner)
    line = Line(page)
    open_form(page, with_an_intake(house))
    box = cell(page, "Code")
    box.fill("")
    box.press_sequentially("862")
    expect(page.get_by_role("listbox", name="What you charge")).to_have_attribute("data-for", "862")
    expect(offered(page)).to_have_count(2)
    line.hears(False)
    for key, n in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowDown", 0), ("ArrowUp", 1)):
        box.press(key)
        expect(offered(page).nth(n)).to_have_attribute("aria-selected", "true")
        expect(offered(page).nth(1 - n)).to_have_attribute("aria-selected", "false")
        expect(box).to_have_attribute("aria-activedescendant", f"rate-{n}")
    box.press("Escape")
    expect(offered(page)).to_have_count(0)
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("862")


def test_another_list_keeps_its_marks_once_a_form_was_open(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, with_an_intake(house))
    cell(page, "Code").fill("8")
    expect(offered(page).first).to_be_visible()
    page.get_by_role("link", name="Calendar", exact=True).click()
    press(page, "New appointment")
    dialog = page.get_by_role("dialog")
    box = dialog.get_by_role("combobox", name="Client")
    clients = dialog.get_by_role("listbox", name="Clients").get_by_role("option")
    box.press_sequentially("mok")
    expect(clients.first).to_have_attribute("aria-selected", "true")
    box.press("Tab")
    box.press("End")
    box.press_sequentially("o")
    expect(clients.first).to_be_visible()
    expect(clients.first).to_have_attribute("aria-selected", "true")


def test_prices_of_the_clients_scheme_come_first(served, open_as) -> None:
    house = House(served)
    first = house.session(ended=timedelta(days=30), insured=True)
    billed(house, first, price_1="980")
    page = open_as(house.owner)
    open_form(page, another_session(house, first))
    box = cell(page, "Code")
    box.fill("")
    box.press_sequentially("86205")
    expect(offered(page)).to_have_count(2)
    expect(offered(page).nth(0)).to_contain_text("980,00")
    expect(offered(page).nth(0)).to_contain_text("Khanya Medical")
    expect(offered(page).nth(1)).to_contain_text("your services")


def test_a_changed_price_says_what_it_was(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session())
    expect(page.get_by_text("was R")).to_have_count(0)
    cell(page, "Unit price").fill("1300")
    expect(page.get_by_text("was R\u00a01\u00a0250,00")).to_be_visible()
    cell(page, "Unit price").fill("1 250,00")
    expect(page.get_by_text("was R")).to_have_count(0)
