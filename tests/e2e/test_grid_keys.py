"""The grid by keyboard: as in a spreadsheet, without a round trip, and never in the way of typing."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.stories import House, cell, figure, open_form, press


def lines(page: Page, count: int) -> None:
    expect(page.get_by_role("table", name="Line items").locator("tbody tr")).to_have_count(count)


def a_form_with(page: Page, session: int, *descriptions: str) -> None:
    """The form with these lines, all typed and drawn."""
    open_form(page, session)
    cell(page, "Description").fill(descriptions[0])
    for n, words in enumerate(descriptions[1:], start=2):
        press(page, "Add line item")
        cell(page, "Description", n).fill(words)


def descriptions(page: Page) -> list[str]:
    boxes = page.get_by_role("table", name="Line items").locator("input[name^='text.']")
    return [box.input_value() for box in boxes.all()]


def test_enter_and_the_arrows_go_to_the_same_column_of_the_next_line(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    a_form_with(page, house.session(), "One", "Two", "Three")
    cell(page, "Quantity", 1).focus()
    page.keyboard.press("Enter")
    expect(cell(page, "Quantity", 2)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(cell(page, "Quantity", 3)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+Enter")
    expect(cell(page, "Quantity", 1)).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(cell(page, "Quantity", 1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(cell(page, "Unit price", 1)).to_be_focused()
    lines(page, 3)


def test_enter_on_the_last_line_adds_one_and_typing_goes_on_in_it(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    cell(page, "Description").click()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("Report to the school")
    lines(page, 2)
    expect(cell(page, "Description", 2)).to_have_value("Report to the school")
    expect(cell(page, "Description", 1)).to_have_value("Psychotherapy 60 min")
    expect(cell(page, "Description", 2)).to_be_focused()
    house.wait_until_kept(session, "Report to the school")


def test_escape_puts_back_what_the_box_said_and_the_sums_follow(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session())
    before = figure(page, "total").inner_text()
    cell(page, "Unit price").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("99")
    expect(figure(page, "total")).not_to_have_text(before)
    page.keyboard.press("Escape")
    expect(cell(page, "Unit price")).to_have_value("1\u00a0250,00")
    expect(figure(page, "total")).to_have_text(before)
    expect(cell(page, "Unit price")).to_be_focused()


def test_alt_and_the_arrows_move_the_line_and_the_cursor_goes_with_it(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    a_form_with(page, house.session(), "One", "Two", "Three")
    cell(page, "Description", 1).focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(cell(page, "Description", 2)).to_have_value("One")
    expect(cell(page, "Description", 2)).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(cell(page, "Description", 3)).to_be_focused()
    assert descriptions(page) == ["Two", "Three", "One"]
    page.keyboard.press("Alt+ArrowUp")
    expect(cell(page, "Description", 2)).to_have_value("One")


def test_a_line_is_duplicated_by_key_and_by_button(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    a_form_with(page, house.session(), "One", "Two")
    cell(page, "Description", 1).focus()
    page.keyboard.press("Control+d")
    lines(page, 3)
    assert descriptions(page) == ["One", "One", "Two"]
    press(page, "Duplicate line 3")
    lines(page, 4)
    assert descriptions(page) == ["One", "One", "Two", "Two"]
    expect(page.get_by_test_id("told")).to_have_text("Line duplicated.")


def test_removing_a_line_leaves_the_cursor_in_the_line_that_takes_its_place(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    a_form_with(page, house.session(), "One", "Two", "Three")
    page.get_by_role("button", name="Remove line 2").focus()
    page.keyboard.press("Enter")
    lines(page, 2)
    expect(page.get_by_role("button", name="Remove line 2")).to_be_focused()
    assert descriptions(page) == ["One", "Three"]
    page.keyboard.press("Enter")
    lines(page, 1)
    expect(page.get_by_role("button", name="Remove line 1")).to_be_focused()
    page.keyboard.press("Enter")
    lines(page, 0)
    expect(page.get_by_role("button", name="Add line item")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("Report to the school")  # not waiting for the line
    lines(page, 1)
    expect(cell(page, "Description", 1)).to_be_focused()
    expect(cell(page, "Description", 1)).to_have_value("Report to the school")
    page.get_by_role("button", name="Add line item").focus()
    page.keyboard.press("Space")
    page.keyboard.type("Travel")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    lines(page, 2)
    expect(cell(page, "Quantity", 2)).to_be_focused()
    expect(cell(page, "Quantity", 2)).to_have_value("3")
    assert descriptions(page) == ["Report to the school", "Travel"]


def test_a_line_is_dragged_by_its_handle(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    a_form_with(page, house.session(), "One", "Two", "Three")
    handle = page.locator(".line-grip").first.bounding_box()
    target = cell(page, "Description", 3).bounding_box()
    assert handle and target
    page.mouse.move(handle["x"] + 8, handle["y"] + 12)
    page.mouse.down()
    page.mouse.move(handle["x"] + 8, target["y"] + 8, steps=4)
    expect(page.locator(".drop-line")).to_be_visible()
    page.mouse.move(handle["x"] + 8, target["y"] + target["height"], steps=4)
    page.mouse.up()
    expect(cell(page, "Description", 3)).to_have_value("One")
    expect(page.locator(".drop-line")).to_have_count(0)
    assert descriptions(page) == ["Two", "Three", "One"]


def test_keys_still_edit_text_as_everywhere(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session())
    box = cell(page, "Description")
    box.click()
    page.keyboard.press("Home")
    page.keyboard.press("Control+Shift+ArrowRight")
    page.keyboard.type("Talk,")
    expect(box).to_have_value(re.compile("^Talk, ?60 min$"))
    page.keyboard.press("Control+z")
    expect(box).not_to_have_value(re.compile("Talk, ?60 min"))
    expect(box).to_be_focused()
    lines(page, 1)


def test_the_codes_of_a_diagnosis_keep_their_own_keys(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session())
    page.get_by_role("combobox", name="Add diagnosis").press_sequentially("f41.1")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove diagnosis F41.1")).to_be_visible()
    lines(page, 1)
