"""What concerns every line of a long form is told where the person is, and moves nothing under their hands."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stories import House, cell, eventually, open_form, press, to_step
from tests.e2e.test_everybody_can_use_it import HIDDEN
from tests.e2e.test_grid_paste import paste_into
from tests.e2e.typists import says

SCREENS = [(1440, 900), (1024, 768), (768, 1024), (390, 844), (390, 420), (844, 390)]
WAITS = "No answer yet. What you typed stays on this page."
TOP = "() => document.activeElement.getBoundingClientRect().top"
# How far the word lies over the box in hand or a closing button, in pixels of height.
OVER = """word => {
  const at = word.getBoundingClientRect();
  const boxes = [document.activeElement, ...document.querySelectorAll(".closing .btn")];
  return Math.max(...boxes.map((one) => one.getBoundingClientRect())
    .filter((box) => box.left < at.right && at.left < box.right)
    .map((box) => Math.min(box.bottom, at.bottom) - Math.max(box.top, at.top)), 0);
}"""

IS_ON_TOP = """one => {
  const { left, top, bottom } = one.getBoundingClientRect();
  return [top + 3, bottom - 9].every((y) => one.contains(document.elementFromPoint(left + 9, y)));
}"""
# How far the bar lies over the box in hand.
OVER_HAND = """() => {
  const bar = document.querySelector(".closing");
  if (getComputedStyle(bar).position !== "sticky") return 0;
  return document.activeElement.getBoundingClientRect().bottom - bar.getBoundingClientRect().top;
}"""


def a_word(page: Page):
    return page.get_by_role("button", name="Two texts differ. Which should stay?")


def asked_at_the_last_line(house: House, session: int, page: Page, network, other: Page, lines: int) -> float:
    """Two people type into the same description; where its box was in the window as `page` was asked."""
    box = cell(page, "Description", lines)
    open_form(page, session)
    to_step(page, "Line items")
    if lines > 1:
        text = "\n".join(f"Session {n}\t1\t10" for n in range(1, lines + 1))
        paste_into(page, cell(page, "Description"), text)
        cell(page, "Description", lines).wait_for()
        says(page, "Saved")
    open_form(other, session)
    box.click()
    box.press("End")
    network.silence()
    page.keyboard.type(", mine")
    before = page.evaluate(TOP)
    expect(page.get_by_text(WAITS)).to_be_in_viewport(ratio=0.99)
    assert page.evaluate(TOP) == pytest.approx(before, abs=1)
    cell(other, "Description", lines).fill("By telephone")
    says(other, "Saved")
    house.wait_until_kept(session, "By telephone")
    network.mend()
    expect(page.get_by_role("table", name="What differs")).to_be_attached()
    return before


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_a_question_is_told_at_the_line_in_hand_and_moves_nothing(
    served, network, open_far, open_as, screen: tuple[int, int]
) -> None:
    house = House(served)
    page = open_far(house.owner, viewport={"width": screen[0], "height": screen[1]})
    other = open_as(house.colleague())
    before = asked_at_the_last_line(house, house.session(), page, network, other, 30)
    expect(a_word(page)).to_be_in_viewport(ratio=0.99)
    assert page.evaluate(TOP) == pytest.approx(before, abs=1)
    assert page.evaluate(HIDDEN) == ""
    assert a_word(page).evaluate(OVER) == 0
    page.keyboard.type(" still")  # the typing goes on
    expect(cell(page, "Description", 30)).to_have_value("Session 30, mine still")
    assert page.evaluate(TOP) == pytest.approx(before, abs=1)
    for line in (29, 28, 12, 30):
        cell(page, "Description", line).focus()
        # what comes into sight is laid out only now
        eventually(lambda: page.evaluate(HIDDEN), lambda hidden: hidden == "")
        assert a_word(page).evaluate(OVER) == 0, line
    expect(page.get_by_role("alert").filter(has_text="Which should stay?")).to_have_count(1)
    a_word(page).click()
    expect(page.get_by_role("table", name="What differs")).to_be_in_viewport()
    expect(a_word(page)).to_be_hidden()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Keep mine")).to_be_focused()
    press(page, "Keep mine")
    says(page, "Saved")
    expect(page.locator(".completion")).not_to_have_attribute("data-away", re.compile(""))


@pytest.mark.parametrize("screen", [(390, 420), (390, 844)], ids=str)
def test_a_question_about_the_only_line_leaves_it_where_it_is(
    served, network, open_far, open_as, screen: tuple[int, int]
) -> None:
    house = House(served)
    page = open_far(house.owner, viewport={"width": screen[0], "height": screen[1]})
    other = open_as(house.colleague())
    before = asked_at_the_last_line(house, house.session(), page, network, other, 1)
    page.wait_for_timeout(300)
    assert page.evaluate(TOP) == pytest.approx(before, abs=1)
    assert page.evaluate(HIDDEN) == ""
    ways = a_word(page).or_(page.get_by_role("button", name="Keep mine")).locator("visible=true")
    expect(ways.first).to_be_in_viewport()


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_what_waits_for_the_connection_is_seen_and_lies_over_nothing_in_hand(
    served, network, open_far, screen: tuple[int, int]
) -> None:
    house = House(served)
    page = open_far(house.owner)
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    open_form(page, house.session())
    to_step(page, "Line items")
    box = cell(page, "Description")
    box.click()
    network.silence()
    for n in range(1, 6):
        page.keyboard.press("Enter")
        page.keyboard.type(f"Report {n}")
    waiting = page.locator(".on-the-way")
    expect(waiting).to_contain_text("a new line: Report 5")
    expect(waiting).to_be_in_viewport(ratio=0.99)
    expect(waiting).to_be_visible()
    assert waiting.evaluate(IS_ON_TOP)
    expect(box).to_be_focused()
    page.wait_for_timeout(300)
    assert page.evaluate(OVER_HAND) <= 0
    network.mend()
