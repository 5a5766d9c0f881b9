"""Undo and redo over cells, lines and fields; a box that was typed into undoes its own typing first."""

from playwright.sync_api import expect

from tests.e2e.stories import House, cell, choose, figure, open_form, press
from tests.e2e.test_grid_keys import a_form_with, descriptions, lines


def test_a_removed_line_comes_back_with_all_it_said_and_goes_again(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    a_form_with(page, session, "One", "Two")
    cell(page, "Unit price", 2).fill("400")
    expect(figure(page, "total")).to_have_text("R\u00a01\u00a0650,00")
    press(page, "Remove line 2")
    lines(page, 1)
    press(page, "Undo")
    lines(page, 2)
    expect(cell(page, "Unit price", 2)).to_have_value("400")
    expect(figure(page, "total")).to_have_text("R\u00a01\u00a0650,00")
    press(page, "Redo")
    lines(page, 1)
    press(page, "Undo")
    expect(cell(page, "Description", 2)).to_have_value("Two")
    house.wait_until_kept(session, "Two", "400")


def test_typing_in_one_cell_is_one_step(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    box = cell(page, "Description")
    box.fill("")
    box.press_sequentially("Couples therapy", delay=20)
    cell(page, "Unit price").fill("1800")
    house.wait_until_kept(session, "1800")
    press(page, "Undo")
    expect(cell(page, "Unit price")).to_have_value("1\u00a0250,00")
    expect(cell(page, "Description")).to_have_value("Couples therapy")
    press(page, "Undo")
    expect(cell(page, "Description")).to_have_value("Psychotherapy 60 min")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    press(page, "Redo")
    press(page, "Redo")
    expect(cell(page, "Unit price")).to_have_value("1800")
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()
    expect(figure(page, "total")).to_have_attribute("data-state", "confirmed")


def test_by_key_the_box_undoes_its_own_typing_first_then_the_form(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    a_form_with(page, house.session(), "One", "Two")
    cell(page, "Code", 1).click()
    page.keyboard.press("Control+A")
    page.keyboard.type("Z")
    page.keyboard.press("Control+z")
    expect(cell(page, "Code", 1)).to_have_value("86205")
    page.keyboard.press("Control+z")
    expect(cell(page, "Description", 2)).to_have_value("")
    page.keyboard.press("Control+z")
    lines(page, 1)
    page.keyboard.press("Control+Shift+z")
    lines(page, 2)
    page.keyboard.press("Control+y")
    expect(cell(page, "Description", 2)).to_have_value("Two")


def test_the_cursor_stays_in_its_place_when_its_line_is_drawn_anew(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    a_form_with(page, house.session(), "One", "Two")
    cell(page, "Quantity", 2).fill("3")
    cell(page, "Unit price", 2).focus()
    page.keyboard.press("Control+z")
    expect(cell(page, "Quantity", 2)).to_have_value("1")
    expect(cell(page, "Unit price", 2)).to_be_focused()


def test_fields_beside_the_lines_and_diagnoses_are_undone_too(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session(insured=True))
    choose(page, "Other")
    page.get_by_label("Invoice discount").fill("10%")
    press(page, "Remove diagnosis F41.1")
    expect(page.get_by_role("button", name="Remove diagnosis F41.1")).to_have_count(0)
    press(page, "Undo")
    expect(page.get_by_role("button", name="Remove diagnosis F41.1")).to_be_visible()
    press(page, "Undo")
    expect(page.get_by_label("Invoice discount")).to_have_value("")
    expect(page.get_by_role("radio", name="Other Payment")).to_be_checked()
    expect(figure(page, "discount")).to_have_text("R\u00a00,00")


def test_nothing_of_one_form_can_be_undone_in_the_next(served, open_as) -> None:
    house = House(served)
    first, second = house.session(), house.session()
    page = open_as(house.owner)
    a_form_with(page, first, "One", "Two")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    open_form(page, second)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    cell(page, "Description").focus()
    page.keyboard.press("Control+z")
    assert descriptions(page) == ["Psychotherapy 60 min"]


def test_undo_takes_back_ones_own_acts_beside_a_colleague_and_none_of_theirs(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page, colleague = open_as(house.owner), open_as(house.colleague())
    a_form_with(page, session, "One", "Two")
    cell(page, "Unit price", 1).fill("900")
    cell(page, "Quantity", 1).fill("2")
    cell(page, "Description", 1).fill("Mine")
    house.wait_until_kept(session, "Mine", "900")
    open_form(colleague, session)
    cell(colleague, "Description", 1).fill("Theirs")
    cell(colleague, "Quantity", 2).fill("4")
    expect(cell(page, "Description", 1)).to_have_value("Theirs")
    expect(cell(page, "Quantity", 2)).to_have_value("4")
    press(page, "Undo")
    expect(page.get_by_test_id("told")).to_have_text("Undone: line 1.")
    expect(cell(page, "Quantity", 1)).to_have_value("1")
    press(page, "Undo")
    expect(cell(page, "Unit price", 1)).to_have_value("1\u00a0250,00")
    press(page, "Redo")
    expect(cell(page, "Unit price", 1)).to_have_value("900")
    press(page, "Undo")
    press(page, "Undo")
    expect(cell(page, "Description", 2)).to_have_value("")
    assert descriptions(page) == ["Theirs", ""]
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()  # the colleague has written in the line
    expect(cell(page, "Quantity", 2)).to_have_value("4")
    expect(cell(colleague, "Unit price", 1)).to_have_value("1\u00a0250,00")
    expect(cell(colleague, "Description", 1)).to_have_value("Theirs")
