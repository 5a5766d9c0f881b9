"""The server goes away and comes back in the middle of a word."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import CUT_OFF, on_desktop_and_tablet
from tests.e2e.stories import House, cell, choose, figure, finished, open_form, press, status

BEFORE, WITHOUT, AFTER = "Psychotherapy with ", "family and a school, ", "at the rooms"


def caret(box: Locator) -> int:
    return box.evaluate("box => document.activeElement === box ? box.selectionStart : -1")


def mark(page: Page, box: Locator) -> None:
    """So that a page loaded again, or a box drawn anew, would be noticed."""
    page.evaluate("window.stayed = true")
    box.evaluate("box => { box.stayed = true }")


def is_the_same(page: Page, box: Locator) -> bool:
    return page.evaluate("window.stayed === true") and box.evaluate("box => box.stayed === true")


@on_desktop_and_tablet
def test_a_power_cut_in_the_middle_of_a_word_loses_no_character(served, open_as, console) -> None:
    console.allow(*CUT_OFF)
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    expect(page.get_by_role("button", name="Send Receipt")).to_be_visible()
    box = cell(page, "Description")
    mark(page, box)
    box.fill("")
    page.keyboard.type(BEFORE)
    served.kill()
    page.keyboard.type(WITHOUT)
    expect(page.get_by_text("Reconnecting. What you typed stays on this page.")).to_be_visible()
    served.start()
    page.keyboard.type(AFTER)
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    house.wait_until_kept(session, BEFORE + WITHOUT + AFTER)
    expect(page.get_by_text("Reconnecting. What you typed stays on this page.")).to_be_hidden()
    expect(box).to_have_value(BEFORE + WITHOUT + AFTER)
    assert caret(box) == len(BEFORE + WITHOUT + AFTER) - 3
    assert is_the_same(page, box)
    press(page, "Send Receipt")
    finished(page)
    expect(status(page)).to_have_text("Paid")
    expect(page.get_by_text(BEFORE + WITHOUT + AFTER)).to_be_visible()


def test_figures_typed_while_the_server_is_away_add_up_and_are_kept(served, open_as, console) -> None:
    console.allow(*CUT_OFF)
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    expect(page.get_by_role("button", name="Send Receipt")).to_be_visible()
    mark(page, cell(page, "Quantity"))
    served.kill()
    cell(page, "Quantity").fill("2")
    page.get_by_label("Invoice discount", exact=True).fill("10%")
    expect(figure(page, "total")).to_have_text("R\u00a02\u00a0250,00")
    served.start()
    house.wait_until_kept(session, "2", "10%")
    expect(figure(page, "total")).to_have_attribute("data-state", "confirmed")
    assert is_the_same(page, cell(page, "Quantity"))
    press(page, "Send Receipt")
    finished(page)
    expect(figure(page, "total")).to_have_text("R\u00a02\u00a0250,00")


def test_a_reload_before_it_is_saved_loses_nothing_the_server_has_heard(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    for n in range(3):
        open_form(page, session)
        cell(page, "Description").fill(f"{BEFORE}{WITHOUT}{n}")
        expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "Saving")
        page.reload()
        expect(cell(page, "Description")).to_have_value(f"{BEFORE}{WITHOUT}{n}")
        house.wait_until_kept(session, f"{BEFORE}{WITHOUT}{n}")


def test_a_reload_after_a_pause_in_typing_shows_every_character(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    cell(page, "Description").fill("")
    page.keyboard.type(BEFORE + WITHOUT)
    house.wait_until_kept(session, BEFORE + WITHOUT)
    page.reload()
    cell(page, "Description").press("End")
    page.keyboard.type(AFTER)
    house.wait_until_kept(session, BEFORE + WITHOUT + AFTER)
    page.reload()
    expect(cell(page, "Description")).to_have_value(BEFORE + WITHOUT + AFTER)
