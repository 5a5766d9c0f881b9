"""The form for everybody: by ear, by keyboard, by finger, enlarged, on a phone with its keyboard open."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES
from tests.e2e.stories import House, cell, choose, figure, open_form, press, to_step
from tests.e2e.typists import says

STEPS = ("Payment type", "Line items", "Finalize")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

# What can be pressed or filled in, as large as a finger finds it: the label counts for the box inside it.
SMALL = """() => [...document.querySelectorAll('main :is(a, button, input, select, [role=option])')]
  .map(e => e.matches('[type=radio], [type=checkbox]') ? e.closest('label') : e)
  .filter(e => e && e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.type !== 'hidden')
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, box]) => box.width > 1 && (box.height < 43.5 || box.width < 43.5))
  .map(([e, box]) => [e.ariaLabel, e.name, e.innerText, box.width, box.height].join(' '))"""
# Against the width that was asked for: on a phone `innerWidth` grows with what stands on the page.
TOO_WIDE = "asked => document.scrollingElement.scrollWidth - asked"
LONG = {
    "first_name": "Nomvuyiseko Philippa",
    "last_name": "Langverwacht-Rautenbach van der Westhuizen",
    "diagnosis": ("F41.0", "Panic disorder [episodic paroxysmal anxiety]"),
}
# In the middle of the focused box one sees that box; otherwise what lies over it, or where the box is.
HIDDEN = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const seen = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const isSeen = document.activeElement === seen || document.activeElement.closest('label')?.contains(seen);
  return isSeen ? '' : `${document.activeElement.name} at ${Math.round(box.top)} of ${innerHeight}: ${seen?.className}`;
}"""


LINES_BY_EAR = """
- region "Line items":
  - heading "Line items" [level=2]
  - table "Line items":
    - rowgroup:
      - row:
        - cell:
          - textbox "Date, line 1"
        - cell:
          - combobox "Code, line 1"
        - cell:
          - textbox "Description, line 1": Psychotherapy 60 min
        - cell:
          - textbox "ICD-10, line 1"
        - cell:
          - textbox "Quantity, line 1"
        - cell:
          - textbox "Unit price, line 1"
        - cell:
          - textbox "Discount, line 1"
        - cell:
          - status "Total, line 1": R 1 250,00
        - cell:
          - button "Move line 1 up"
          - button "Move line 1 down"
          - button "Duplicate line 1"
          - button "Remove line 1"
      - row:
        - cell:
          - textbox "Description, line 2": Report to the school
        - cell:
          - status "Total, line 2": R 500,00
  - button "Add line item"
  - list "Diagnosis"
  - combobox "Add diagnosis"
  - textbox "Invoice discount"
  - textbox "Cash received"
"""
SUMS_BY_EAR = """
- term: Total
- definition:
  - status: R 1 750,00
- term: Amount due
- definition:
  - status: Amount due R 1 750,00
- button "Save and Review"
- button "Request payment"
"""
BY_EAR = f"""
- heading "Thandi Mokoena" [level=1]
- status: /Sav/
- navigation "Steps":
  - list:
    - listitem:
      - link "Payment type"
    - listitem:
      - link "Line items"
    - listitem:
      - link "Finalize"
- region "Payment type":
  - heading "Payment type" [level=2]
  - group "Payment type":
    - radio "Online Payment" [checked]
    - radio "Other Payment"
    - radio "Insurance Payment"
{LINES_BY_EAR.strip()}
- region "Finalize":
  - heading "Finalize" [level=2]
  - textbox "Client's mail address": thandi@example.test
  - checkbox "Keep in the profile" [checked]
  - button "Preview of what the client receives"
{SUMS_BY_EAR.strip()}
"""


def two_lines(page: Page, session: int) -> None:
    open_form(page, session)
    if not page.get_by_role("button", name="Add line item").is_visible():
        to_step(page, "Line items")
    press(page, "Add line item")
    cell(page, "Description", 2).fill("Report to the school")


def resized(page: Page, size: str) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})


def test_the_form_reads_well_by_ear(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    session = house.session()
    two_lines(page, session)
    cell(page, "Unit price", 2).fill("500")
    expect(page.locator("main")).to_match_aria_snapshot(BY_EAR)
    resized(page, "phone")
    to_step(page, "Line items")
    expect(page.locator("main")).to_match_aria_snapshot(LINES_BY_EAR)
    to_step(page, "Finalize")
    expect(page.locator("main")).to_match_aria_snapshot(SUMS_BY_EAR)


def test_sums_are_announced_and_faults_are_read_with_their_box(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session())
    expect(page.get_by_role("status").filter(has_text="Amount due")).to_have_text("Amount due R\u00a01 250,00")
    for name in ("subtotal", "total"):
        expect(figure(page, name)).to_have_attribute("aria-live", "off")  # one voice for one change
    quantity = cell(page, "Quantity")
    quantity.fill("two")
    expect(quantity).to_have_accessible_description("Enter a quantity above 0, such as 1 or 1,5.")
    cell(page, "Description").fill("")
    choose(page, "Other")
    press(page, "Send Receipt")
    expect(cell(page, "Description")).to_have_attribute("aria-invalid", "true")
    expect(cell(page, "Description")).to_have_accessible_description(re.compile("."))


def test_no_barrier_at_any_size_by_day_or_by_night(served, open_as, axe) -> None:
    house = House(served, charges_tax=True)
    page = open_as(house.owner)
    two_lines(page, house.session(email=""))
    choose(page, "Insurance")  # it has the most boxes
    cell(page, "Quantity").fill("two")
    for size in SIZES:
        resized(page, size)
        for step in STEPS:
            to_step(page, step)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                expect(page.locator("html")).to_have_class(re.compile(rf"\b{scheme}\b"))
                axe(page)
            if page.viewport_size["width"] >= 1024:
                break  # all steps stand on one page


def test_enlarged_four_times_nothing_is_cut_off(served, open_as) -> None:
    house = House(served, charges_tax=True)
    page = open_as(house.owner)
    two_lines(page, house.session(**LONG))
    choose(page, "Insurance")  # it has the most boxes
    cell(page, "Unit price").fill("1 000 000,00")
    says(page, "Saved")  # what the answers add to the page stands
    page.set_viewport_size({"width": 320, "height": 256})
    for step in STEPS:
        to_step(page, step)
        expect(page.locator("section.step:visible")).to_have_count(1)
        assert page.evaluate(TOO_WIDE, 320) <= 0, step
        boxes = page.locator("form[name=lines] :is(input, select):visible")
        for n in range(boxes.count()):
            boxes.nth(n).focus()
            assert page.evaluate(HIDDEN) == ""


def test_still_pages_and_strong_colours_are_respected(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session())
    page.emulate_media(reduced_motion="reduce", forced_colors="active")
    moves = "() => document.getAnimations().filter(a => a.effect.getComputedTiming().activeDuration > 0).length"
    cell(page, "Quantity").fill("two")
    assert page.evaluate(moves) == 0
    chosen = page.locator(".choice:has(input:checked)")
    other = page.locator(".choice:not(:has(input:checked))").first
    style = "e => { const s = getComputedStyle(e); return [s.outlineStyle, s.borderTopWidth, s.outlineWidth].join() }"
    assert chosen.evaluate(style) != other.evaluate(style)
    cell(page, "Description").focus()
    assert cell(page, "Description").evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    here, elsewhere = (
        page.locator(".stepper a[aria-current=step]"),
        page.locator(".stepper a[aria-current=false]").first,
    )
    assert here.evaluate(style) != elsewhere.evaluate(style)


@pytest.mark.parametrize("looks", ["phone", "tablet upright", "tablet", "phone on its side"])
def test_everything_is_large_enough_for_a_finger(served, open_browser, sign_ins, looks: str) -> None:
    house = House(served, charges_tax=True)
    session = house.session(insured=True, **LONG)
    width, height = (SIZES | {"phone on its side": (844, 390)})[looks]
    page = open_browser(
        storage_state=sign_ins(house.owner), viewport={"width": width, "height": height}, has_touch=True, is_mobile=True
    )
    two_lines(page, session)
    to_step(page, "Payment type")
    choose(page, "Insurance")  # it has the most boxes
    for step in STEPS:
        to_step(page, step)
        assert page.evaluate(SMALL) == [], step
        assert page.evaluate(TOO_WIDE, width) <= 0, step


def test_figures_bring_up_the_number_keys(served, open_browser, sign_ins) -> None:
    house = House(served)
    page = open_browser(storage_state=sign_ins(house.owner), **PHONE)
    two_lines(page, house.session())
    for name in ("Quantity", "Unit price", "Discount"):
        expect(cell(page, name)).to_have_attribute("inputmode", "decimal")
    for name in ("Invoice discount", "Cash received"):
        expect(page.get_by_label(name, exact=True)).to_have_attribute("inputmode", "decimal")
    for name in ("Description", "Code"):
        assert cell(page, name).get_attribute("inputmode") in (None, "text")


def test_lines_are_cards_on_a_phone(served, open_browser, sign_ins) -> None:
    house = House(served)
    page = open_browser(storage_state=sign_ins(house.owner), **PHONE)
    two_lines(page, house.session())
    for n, line in enumerate(page.locator("tr.line").all(), start=1):
        card, text = line.bounding_box(), cell(page, "Description", n).bounding_box()
        assert card and text and card["width"] <= 390 and text["width"] > 0.8 * card["width"]
        for words in ("Date", "Code", "Description", "ICD-10", "Qty", "Unit price", "Discount", "Total"):
            expect(line.locator(".cell-words").get_by_text(words, exact=True)).to_be_visible()


@pytest.mark.parametrize("screen", [(390, 844), (390, 420), (844, 390), (1024, 768)], ids=str)
def test_the_sums_and_the_way_on_are_in_reach_and_over_no_box(served, open_browser, sign_ins, screen) -> None:
    """390 by 420: a phone with its keyboard open; 844 by 390: on its side."""
    house = House(served)
    page = open_browser(
        storage_state=sign_ins(house.owner),
        viewport={"width": screen[0], "height": screen[1]},
        has_touch=True,
        is_mobile=True,
    )
    two_lines(page, house.session())
    for step in STEPS:
        to_step(page, step)
        page.mouse.wheel(0, -5000)
        on = {"Finalize": "Back"}.get(step, "Continue") if screen[0] < 1024 else "Request payment"
        expect(page.get_by_role("button", name=on)).to_be_in_viewport(ratio=0.9)
        expect(figure(page, "total")).to_be_in_viewport(ratio=0.9)
        boxes = page.locator("form[name=lines] :is(input, select):visible")
        for n in range(boxes.count()):
            boxes.nth(n).focus()
            assert page.evaluate(HIDDEN) == ""
