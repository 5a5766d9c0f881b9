"""The lines on a phone and a tablet: cards and two-line rows, everything by touch, nothing too small or hidden."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stories import House, cell, open_form, press, to_step
from tests.e2e.test_everybody_can_use_it import LONG, TOO_WIDE
from tests.e2e.test_grid_keys import descriptions, lines
from tests.e2e.test_grid_paste import paste_into

LEAST = 44  # px
# What a finger is to press or type into, and is smaller than it: a box with its label, where the label is pressed too.
TOO_SMALL = """least => [...document.querySelectorAll(".completion :is(button, a[href], input, select, summary)")]
  .filter((one) => one.type !== "hidden" && one.checkVisibility({ visibilityProperty: true }))
  .map((one) => one.matches("[type=radio], [type=checkbox]") ? one.closest("label") : one)
  .filter((one) => one.offsetHeight < least || (one.matches("button, a") && one.offsetWidth < least))
  .map((one) => `${one.ariaLabel ?? one.name ?? one.textContent}: ${one.offsetWidth} x ${one.offsetHeight}`)"""


@pytest.fixture
def touched(served, open_browser, sign_ins) -> Page:
    """The form's lines under a finger: three of them."""
    house = House(served)
    page = open_browser(storage_state=sign_ins(house.owner), has_touch=True, is_mobile=True)
    open_form(page, house.session(**LONG))
    if page.viewport_size and page.viewport_size["width"] < 1024:
        press(page, "Continue")
    assert paste_into(page, cell(page, "Description"), "One\t1\t100\nTwo\t1\t12 500,00\nThree\t1\tfree")
    lines(page, 3)
    return page


@pytest.mark.parametrize("size", ["phone", "tablet upright", "tablet"], indirect=True)
def test_lines_are_duplicated_moved_and_removed_by_touch(touched: Page) -> None:
    touched.get_by_role("button", name="Duplicate line 1").tap()
    lines(touched, 4)
    touched.get_by_role("button", name="Move line 4 up").tap()
    expect(cell(touched, "Description", 3)).to_have_value("Three")
    touched.get_by_role("button", name="Remove line 2").tap()
    lines(touched, 3)
    assert descriptions(touched) == ["One", "Three", "Two"]
    touched.get_by_role("button", name="Undo").tap()
    lines(touched, 4)


@pytest.mark.parametrize("size", ["phone", "tablet upright", "tablet"], indirect=True)
def test_every_target_of_a_line_has_room_for_a_finger_and_nothing_scrolls_sideways(touched: Page) -> None:
    targets = touched.locator(".lines-frame").locator("button:visible, input:visible").all()
    small = [
        (target.get_attribute("aria-label"), box)
        for target in targets
        if (box := target.bounding_box()) and box["height"] < LEAST
    ]
    assert small == []
    narrow = [
        target.get_attribute("aria-label")
        for target in touched.locator(".lines-frame button:visible").all()
        if (box := target.bounding_box()) and box["width"] < LEAST
    ]
    assert narrow == []
    size = touched.viewport_size
    assert size
    assert touched.evaluate(TOO_WIDE, size["width"]) <= 0


@pytest.mark.parametrize("size", ["phone", "tablet upright", "tablet", "desktop"], indirect=True)
def test_the_handle_for_a_pointer_is_not_shown(touched: Page) -> None:
    expect(touched.locator(".line-grip").first).to_be_hidden()


@pytest.mark.parametrize("size", ["phone", "tablet upright", "tablet", "desktop"], indirect=True)
def test_every_target_of_the_form_has_room_for_a_finger(touched: Page) -> None:
    for step in ("Payment type", "Line items", "Finalize"):
        to_step(touched, step)
        assert touched.evaluate(TOO_SMALL, LEAST) == [], step


@pytest.mark.parametrize("size", ["phone", "tablet upright", "tablet"], indirect=True)
def test_the_boxes_of_a_line_do_not_lie_on_each_other(touched: Page) -> None:
    parts = touched.locator("tr.line").nth(1).locator("input:visible, button:visible, output:visible").all()
    boxes = [box for part in parts if (box := part.bounding_box())]
    assert len(boxes) == len(parts) > 8
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            apart_x = one["x"] + one["width"] <= other["x"] + 1 or other["x"] + other["width"] <= one["x"] + 1
            apart_y = one["y"] + one["height"] <= other["y"] + 1 or other["y"] + other["height"] <= one["y"] + 1
            assert apart_x or apart_y, (one, other)


@pytest.mark.parametrize("size", ["phone", "tablet upright"], indirect=True)
def test_the_lines_under_a_finger_have_no_barriers(touched: Page, axe) -> None:
    axe(touched)
