"""The completion form with long names, faults in every box and no network: nothing is cut off, and no words lie on
others."""

import re
from itertools import product

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES
from tests.e2e.stories import House, cell, choose, eventually, figure, open_form, press, to_step
from tests.e2e.test_everybody_can_use_it import LONG, TOO_WIDE
from tests.e2e.test_scheme_prices import with_an_old_price
from tests.e2e.test_what_a_key_moves import BOTTOMS, TYPE

WIDTHS = (1440, 1024, 768, 390)
STEPS = ("Payment type", "Line items", "Finalize")

# Pairs of words and boxes, of the lines and of what says something about them, that lie on each other.
ON_EACH_OTHER = """() => {
  const words = (box) => {
    const range = document.createRange();
    range.selectNodeContents(box);
    return (box.matches(".presence") ? box : range).getBoundingClientRect();  // which ends in dots where it is too long
  };
  const said = ".fault, .error, .was, .apart, h1, .form-heading p, .presence, .saved > *, .calm, .notice";
  const all = [...document.querySelectorAll(`.completion :is(input, .btn, .icon-btn, output, .stepper a), ${said}`)]
    .filter((box) => box.checkVisibility({ visibilityProperty: true }))
    .map((box) => [box, box.matches(`output, ${said}`) ? words(box) : box.getBoundingClientRect()])
    .filter(([box, at]) => at.width > 1);
  const bar = ([box]) => box.closest(".closing") !== null;
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const name = (box) => box.textContent || box.ariaLabel || box.name;
  const outside = all.filter(([, at]) => at.left < 0 || at.right > innerWidth).map(([box]) => `outside: ${name(box)}`);
  return [...outside, ...all.flatMap((one, n) => all.slice(n + 1)
    .filter((other) => bar(one) === bar(other) && !one[0].contains(other[0]) && !other[0].contains(one[0]))
    .filter((other) => over(one[1], other[1]))
    .map((other) => `${name(one[0])} over ${name(other[0])}`))];
}"""
CUT_OFF = """() => [...document.querySelectorAll(".completion :is(input, .chip > span)")]
  .filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth)
  .map((box) => box.value ?? box.textContent)"""
BUTTON_ROWS = """() => new Set([...document.querySelectorAll(".closing .btn")].filter((one) => one.checkVisibility())
  .map((one) => Math.round(one.getBoundingClientRect().top))).size"""
# What of the open list, or of the words and prices in it, is beside the screen or cut.
CUT_OFF_CHOICES = """asked => [...document.querySelectorAll("[role=listbox]")].filter((list) => list.checkVisibility())
  .flatMap((list) => [list, ...list.querySelectorAll("*")])
  .map((part) => [part, part.getBoundingClientRect()])
  .filter(([part, at]) => at.left < 0 || at.right > asked || part.scrollWidth > Math.max(part.clientWidth, at.width))
  .map(([part, at]) => `${part.id || part.textContent}: ${at.left} to ${at.right}`)"""
ABOVE_THE_BAR = """box => box.getBoundingClientRect().bottom <=
  document.querySelector(".closing").getBoundingClientRect().top"""
LEFT_EDGES = """() => new Set([...document.querySelectorAll("tr.line .fault")]
  .filter((one) => one.checkVisibility()).map((one) => Math.round(one.getBoundingClientRect().left))).size"""


DATE_CUT_OFF = """box => {
  const whole = box.cloneNode();
  whole.style.cssText = "width: max-content; contain: none; position: absolute";
  box.after(whole);
  const missing = whole.offsetWidth - box.offsetWidth;
  whole.remove();
  return missing;
}"""


SMALLEST_LETTERS = """() => Math.min(...[...document.querySelectorAll("main .input")]
  .filter((box) => box.checkVisibility()).map((box) => parseFloat(getComputedStyle(box).fontSize)), 99)"""


def wide(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1024 if width == 768 else 844})


def test_under_a_finger_a_long_name_and_a_long_diagnosis_are_no_wider_than_the_screen_and_letters_are_large(
    served, open_browser, sign_ins
) -> None:
    """Safari enlarges the page for a box whose letters are below 16 px."""
    house = House(served)
    page = open_browser(storage_state=sign_ins(house.owner), has_touch=True, is_mobile=True)
    open_form(page, house.session(insured=True, **LONG))
    for width in (320, 360, 390, 640, 767, 768, 1024, 1199, 1200, 1366):
        page.set_viewport_size({"width": width, "height": 740})
        to_step(page, STEPS[0])
        choose(page, "Insurance")
        for step in STEPS:
            to_step(page, step)
            assert page.evaluate(TOO_WIDE, width) <= 0, (width, step)
            assert page.evaluate(SMALLEST_LETTERS) >= 16, (width, step)
        to_step(page, "Line items")
        expect(page.get_by_role("list", name="Diagnosis")).to_contain_text(LONG["diagnosis"][1])
        assert page.evaluate(CUT_OFF) == [], width
        assert page.evaluate(ON_EACH_OTHER) == [], width
        assert cell(page, "Date").evaluate(DATE_CUT_OFF) <= 0, width
        for box in (cell(page, "Date"), page.get_by_role("button", name="Remove line 1")):
            at = box.bounding_box()
            assert at
            assert at["x"] + at["width"] <= width


def to_lines(page: Page, house: House, width: int) -> None:
    """The lines of a new session's form, in a window of this width."""
    wide(page, width)
    open_form(page, house.session())
    if width < 1024:
        to_step(page, "Line items")


@pytest.mark.parametrize("width", WIDTHS)
def test_faults_and_notes_of_a_line_stand_below_each_other(served, open_as, width: int) -> None:
    house = House(served)
    page = open_as(house.owner)
    to_lines(page, house, width)
    press(page, "Add line item")
    cell(page, "Unit price").fill("1 400,00")
    expect(page.locator(".was")).to_be_visible()
    cell(page, "Quantity").fill("two")
    expect(page.locator("tr.line").first).to_contain_text("Enter a quantity above 0")
    assert page.evaluate(ON_EACH_OTHER) == []
    cell(page, "Quantity").fill("1")
    cell(page, "Discount").fill("5000")
    expect(page.locator("tr.line").first).to_contain_text("Enter a discount up to")
    assert page.evaluate(ON_EACH_OTHER) == []
    for name, text in {"Quantity": "two", "Unit price": "12e5", "Discount": "half"}.items():
        cell(page, name).fill(text)
    expect(page.locator("tr.line").first.locator(".fault:visible")).to_have_count(3)
    assert page.evaluate(ON_EACH_OTHER) == []
    assert page.evaluate(LEFT_EDGES) == 1
    expect(page.locator("tr.line").nth(1).locator(".fault:visible")).to_have_count(0)  # nothing was typed there yet


@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_cut_line_says_lies_over_nothing_and_is_said_once(served, network, open_far, width: int) -> None:
    house = House(served)
    page = open_far(house.owner)
    to_lines(page, house, width)
    press(page, "Add line item")
    expect(cell(page, "Description", 2)).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    network.cut()
    cell(page, "Unit price").fill("1 400,00")
    expect(page.get_by_text("What you typed stays on this page.")).to_have_count(1)
    expect(page.get_by_text("Reconnecting. What you typed stays on this page.")).to_be_visible()
    expect(page.get_by_role("row").get_by_text("The server has R\u00a01 250,00")).to_be_visible()
    page.wait_for_timeout(3_500)  # by then the form says it too where nothing else does
    expect(page.get_by_text("What you typed stays on this page.").filter(visible=True)).to_have_count(1)
    assert page.evaluate(ON_EACH_OTHER) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_save_that_is_under_way_moves_nothing(served, network, open_far, width: int) -> None:
    house = House(served)
    page = open_far(house.owner)
    to_lines(page, house, width)
    place = "() => document.querySelector('.stepper').getBoundingClientRect().top"
    before = page.evaluate(place)
    network.silence()
    cell(page, "Description").fill("Psychotherapy, at the rooms")
    expect(page.locator("[data-saved=Saving]")).to_be_attached()
    assert page.evaluate(place) == before


@pytest.mark.parametrize("width", [1440, 1024, 768])
def test_what_the_payer_is_billed_under_can_be_read(served, open_as, width: int) -> None:
    house = House(served)
    page = open_as(house.owner)
    wide(page, width)
    open_form(page, house.session(email="nomvuyiseko.langverwacht@example.test"))
    choose(page, "Insurance")
    to_step(page, "Finalize")
    for name, text in {
        "Medical scheme": "Government Employees Medical",
        "Option": "Emerald Value, network",
        "Member number": "UMS-2209-118-4",
        "Main member": "Nomvuyiseko Langverwacht",
    }.items():
        page.get_by_label(name, exact=True).fill(text)
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("taxed", [False, True], ids=["no tax", "tax"])
def test_the_sums_of_a_large_document_and_the_buttons_stand_in_one_row(served, open_as, taxed: bool) -> None:
    house = House(served, charges_tax=taxed)
    page = open_as(house.owner)
    open_form(page, house.session())
    for way, amount in product(("Online", "Other"), ("1250", "250000", "999999,99")):
        choose(page, way)
        cell(page, "Unit price").evaluate(TYPE, amount)
        expect(figure(page, "total")).to_have_attribute("data-state", "confirmed")
        for width in (1024, 1199, 1200, 1366, 1440):
            wide(page, width)
            assert page.evaluate(BOTTOMS) == 1, (way, amount, width)
            assert page.evaluate(BUTTON_ROWS) == 1, (way, amount, width)
            assert page.evaluate(ON_EACH_OTHER) == [], (way, amount, width)


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
@pytest.mark.parametrize("taxed", [False, True], ids=["no tax", "tax"])
def test_a_line_can_be_read_on_a_small_desk(served, open_browser, sign_ins, taxed: bool, touch: bool) -> None:
    house = House(served, charges_tax=taxed)
    given = {"has_touch": True, "is_mobile": True} if touch else {}
    page = open_browser(storage_state=sign_ins(house.owner), viewport={"width": 1440, "height": 844}, **given)
    open_form(page, house.session(insured=True))
    cell(page, "Unit price").fill("1 000 000,00")
    expect(figure(page, "total")).to_have_attribute("data-state", "confirmed")
    for width in (1024, 1112, 1199, 1200, 1366):
        page.set_viewport_size({"width": width, "height": 768})
        assert page.evaluate(CUT_OFF) == [], width
        assert page.evaluate(ON_EACH_OTHER) == [], width
        assert cell(page, "Date").evaluate(DATE_CUT_OFF) <= 0, width


@pytest.mark.parametrize("taxed", [False, True], ids=["no tax", "tax"])
def test_a_list_of_codes_lies_within_the_screen(served, open_browser, sign_ins, taxed: bool) -> None:
    house = House(served, charges_tax=taxed)
    session, _ = with_an_old_price(house)
    page = open_browser(storage_state=sign_ins(house.owner), has_touch=True, is_mobile=True)
    open_form(page, session)
    for width in (320, 390, 500, 640, 700, 767, 768, 900, 1023, 1024):
        page.set_viewport_size({"width": width, "height": 844})
        to_step(page, "Line items")
        for box, typed, name in (
            (cell(page, "Code"), "86", "What you charge"),
            (page.get_by_role("combobox", name="Add diagnosis"), "anx", "ICD-10 codes"),
        ):
            box.fill("")
            box.press_sequentially(typed)
            page.get_by_role("listbox", name=name).get_by_role("option").first.wait_for()
            assert page.evaluate(CUT_OFF_CHOICES, width) == [], (width, typed)
            box.fill("")
            box.blur()


def test_a_list_of_codes_opens_above_the_closing_buttons(served, open_browser, sign_ins) -> None:
    house = House(served)
    session, _ = with_an_old_price(house)
    page = open_browser(storage_state=sign_ins(house.owner), has_touch=True, is_mobile=True)
    page.set_viewport_size({"width": 390, "height": 844})
    open_form(page, session)
    to_step(page, "Line items")
    bar = page.locator(".closing")
    for box, typed, name in (
        (cell(page, "Code"), "86", "What you charge"),
        (page.get_by_role("combobox", name="Add diagnosis"), "anx", "ICD-10 codes"),
    ):
        box.tap()
        page.evaluate(
            """bar => { const at = document.activeElement.getBoundingClientRect();
          scrollBy({ top: at.bottom - bar.getBoundingClientRect().top + 4, behavior: "instant" }) }""",
            bar.element_handle(),
        )
        box.fill("")
        box.press_sequentially(typed)
        listed = page.get_by_role("listbox", name=name)
        listed.get_by_role("option").first.wait_for()
        top = bar.bounding_box()["y"]
        eventually(listed.bounding_box, lambda at, top=top: at["y"] + at["height"] <= top)
        assert box.bounding_box()["y"] > 0


@pytest.mark.parametrize("taxed", [False, True], ids=["no tax", "tax"])
def test_the_bar_of_a_short_form_stands_at_the_bottom(served, open_as, taxed: bool) -> None:
    house = House(served, charges_tax=taxed)
    page = open_as(house.owner)
    open_form(page, house.session())
    to_step(page, "Line items")
    below = "e => innerHeight - e.getBoundingClientRect().bottom"
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        page.mouse.wheel(0, 5_000)
        bottom = 0 if width >= 640 else 60
        eventually(lambda: page.locator(".closing").evaluate(below), lambda left, at=bottom: abs(left - at) < 1)


def test_on_a_phone_the_sums_read_from_the_subtotal_to_the_amount_due(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    wide(page, 390)
    open_form(page, house.session())
    to_step(page, "Line items")
    seen = page.locator(".sums dt:visible").all()
    places = sorted((round(box["y"] / 20), box["x"], one.inner_text()) for one in seen if (box := one.bounding_box()))
    assert [words for *_, words in places] == ["Subtotal", "Discount", "Total", "Amount due"]


def test_the_way_to_more_is_on_the_screen_of_a_tablet(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    width, height = SIZES["tablet upright"]
    page.set_viewport_size({"width": width, "height": height})
    open_form(page, house.session())
    box = page.get_by_role("button", name="More").bounding_box()
    assert box
    assert box["y"] + box["height"] <= height


@pytest.mark.parametrize("screen", [(844, 390), (932, 430), (667, 375), (720, 450), (640, 300), (768, 561)], ids=str)
def test_all_ways_are_in_reach_on_a_low_screen(served, open_as, screen: tuple[int, int]) -> None:
    """A phone on its side; a desk enlarged twice is 720 by 450."""
    house = House(served)
    page = open_as(house.owner)
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    open_form(page, house.session())
    more = page.get_by_role("button", name="More")
    expect(more).to_be_in_viewport(ratio=0.99)
    page.mouse.wheel(0, 5_000)
    expect(more).to_be_in_viewport(ratio=0.99)
    clients = page.get_by_role("navigation", name="Main").get_by_role("link", name="Clients")
    clients.focus()
    expect(clients).to_be_in_viewport(ratio=0.99)
    more.click()
    for name in ("Services", "Search", "Help", "Sign out"):
        way = page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).locator("visible=true")
        expect(way).to_have_count(1)
        way.focus()
        expect(way).to_be_in_viewport(ratio=0.99)


def test_under_a_finger_buttons_keep_no_hover(served, open_browser, sign_ins) -> None:
    """A finger that has left is no pointer."""
    house = House(served)
    page = open_browser(
        storage_state=sign_ins(house.owner), viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    open_form(page, house.session())
    to_step(page, "Line items")
    back = page.get_by_role("button", name="Back")
    colour = "e => getComputedStyle(e).backgroundColor"
    page.emulate_media(reduced_motion="reduce")
    plain = back.evaluate(colour)
    back.hover()
    assert back.evaluate(colour) == plain
    expect(page.locator("meta[name=viewport]")).to_have_attribute("content", re.compile("interactive-widget"))


@pytest.mark.parametrize("screen", [(390, 844), (844, 390), (768, 1024), (1024, 768)], ids=str)
def test_a_line_added_by_a_finger_is_seen_and_brings_up_no_keyboard(
    served, open_browser, sign_ins, screen: tuple[int, int]
) -> None:
    house = House(served)
    given = {"viewport": {"width": screen[0], "height": screen[1]}, "has_touch": True, "is_mobile": True}
    page = open_browser(storage_state=sign_ins(house.owner), **given)
    open_form(page, house.session())
    to_step(page, "Line items")
    for line in (2, 3, 4, 5):
        page.get_by_role("button", name="Add line item").tap()
        description = cell(page, "Description", line)
        expect(description).to_be_in_viewport(ratio=0.99)
        eventually(lambda box=description: page.evaluate(ABOVE_THE_BAR, box.element_handle()))
        expect(page.locator("input:focus")).to_have_count(0)


def test_a_line_added_with_the_mouse_is_typed_into_at_once(served, network, open_far) -> None:
    house = House(served)
    page = open_far(house.owner)
    session = house.session()
    open_form(page, session)
    network.far(300)
    page.get_by_role("button", name="Add line item").click()
    page.keyboard.type("Report to the school")
    page.keyboard.press("Tab")
    expect(cell(page, "Description", 2)).to_have_value("Report to the school")
    expect(cell(page, "ICD-10", 2)).to_be_focused()
    page.get_by_role("button", name="Add line item").dblclick()
    expect(page.locator("tr.line")).to_have_count(4)


@pytest.mark.parametrize("width", [640, 700, 767, 768, 1023])
@pytest.mark.parametrize("kind", ["Online", "Other", "Insurance"])
def test_back_stands_in_one_row_with_the_closing_buttons(served, open_as, width: int, kind: str) -> None:
    house = House(served)
    page = open_as(house.owner)
    page.set_viewport_size({"width": width, "height": 900})
    open_form(page, house.session(insured=True))
    choose(page, kind)
    to_step(page, "Finalize")
    assert page.evaluate(BUTTON_ROWS) == 1
    assert page.evaluate(ON_EACH_OTHER) == []
    assert page.evaluate(TOO_WIDE, width) <= 0
