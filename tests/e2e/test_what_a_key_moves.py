"""What a key makes the browser do besides the key: docs/decisions/0016."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stories import House, cell, choose, figure, open_form
from tests.e2e.typists import shown

FEW = 20  # objects; the page has some 350
AMOUNTS = ("1", "9999,99", "99999,99", "999999,99")
OVER_EACH_OTHER = """() => {
  const words = (box) => {
    const range = document.createRange();
    range.selectNodeContents(box);
    return range.getBoundingClientRect();
  };
  const figures = ".closing output, .closing .figures, .cell-total output", others = ".closing .btn, .line-acts";
  const all = [...document.querySelectorAll(`${figures}, ${others}`)].filter((box) => box.checkVisibility())
    .map((box) => ({ box, at: box.matches(figures) ? words(box) : box.getBoundingClientRect() }))
    .filter(({ at }) => at.width);
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const outside = all.filter(({ at }) => at.left < 0 || at.right > innerWidth).map(({ box }) => box.textContent);
  const pairs = all.flatMap((one, n) => all.slice(n + 1)
    .filter((other) => !one.box.contains(other.box) && !other.box.contains(one.box) && over(one.at, other.at))
    .map((other) => `${one.box.textContent} over ${other.box.textContent || other.box.className}`));
  return [...outside, ...pairs];
}"""

TYPE = "(box, text) => { box.value = text; box.dispatchEvent(new Event('input', { bubbles: true })) }"
BOTTOMS = (
    "() => new Set([...document.querySelectorAll('.sums dd')].filter(one => one.checkVisibility())"
    ".map(one => Math.round(one.getBoundingClientRect().bottom))).size"
)


def laid_out(page: Page, keys: list[str]) -> list[list[int]]:
    """By key, from it until the server's answer stands: how many objects the browser laid out, each time it did; some
    350 are the whole page."""
    return [
        [event["args"]["beginData"]["totalObjects"] for event in events if event["name"] == "Layout"]
        for events in traced(page, keys)
    ]


def restyled(page: Page, keys: list[str]) -> list[int]:
    """By key, from it until the server's answer stands: for how many elements the browser worked out its styles."""
    return [
        sum(event["args"].get("elementCount", 0) for event in events if event["name"] == "UpdateLayoutTree")
        for events in traced(page, keys)
    ]


def traced(page: Page, keys: list[str]) -> list[list[dict[str, Any]]]:
    """By key, from it until the server's answer stands: what the browser did for its picture."""
    told = page.context.browser.new_browser_cdp_session()  # type: ignore[union-attr]
    seen: list[dict[str, Any]] = []
    ended: list[object] = []
    told.on("Tracing.dataCollected", lambda event: seen.extend(event["value"]))
    told.on("Tracing.tracingComplete", lambda event: ended.append(event))
    wanted = {"includedCategories": ["devtools.timeline", "blink.user_timing"]}
    told.send("Tracing.start", {"traceConfig": wanted, "transferMode": "ReportEvents"})
    for key in keys:
        page.evaluate("() => { performance.mark('a key') }")
        page.keyboard.press(key)
        expect(figure(page, "total")).to_have_attribute("data-state", "confirmed")
    told.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(20)
    found: list[list[dict[str, Any]]] = []
    for event in sorted(seen, key=lambda one: one.get("ts", 0)):
        if event["name"] == "a key":
            found.append([])
        elif found:
            found[-1].append(event)
    return found


# React tells whoever hears it of each time it has drawn something.
COUNT_DRAWN = """() => {
  window.drawn = 0;
  const hook = { supportsFiber: true, checkDCE() {}, inject: () => 1, onCommitFiberRoot: () => { window.drawn += 1; } };
  window.__REACT_DEVTOOLS_GLOBAL_HOOK__ = { ...hook, onCommitFiberUnmount() {}, onPostCommitFiberRoot() {} };
}"""


@pytest.mark.parametrize("way", ["Online", "Other", "Insurance"])
def test_a_key_and_its_answer_make_react_draw_nothing(served, open_as, way: str) -> None:
    """The words that tell of saving come with one key of several."""
    house = House(served)
    page = open_as(house.owner)
    page.add_init_script(f"({COUNT_DRAWN})()")
    open_form(page, house.session())
    choose(page, way)
    cell(page, "Unit price").fill("1000")
    cell(page, "Unit price").press("End")
    by_key = []
    for key in ["1", "Backspace"] * 4:
        before = page.evaluate("drawn")
        page.keyboard.press(key)
        expect(figure(page, "total")).to_have_attribute("data-state", "confirmed")
        by_key.append(page.evaluate("drawn") - before)
    assert page.evaluate("drawn") > 0
    assert min(by_key) == 0, by_key


@pytest.mark.parametrize("way", ["Online", "Other", "Insurance"])
def test_a_key_lays_out_its_own_figures_and_not_the_page(served, open_as, way: str) -> None:
    """The word "Saving" comes with one key of several, and moves more."""
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session())
    choose(page, way)
    cell(page, "Unit price").fill("1000")
    cell(page, "Unit price").press("End")
    keys = laid_out(page, ["1", "Backspace"] * 3)
    assert len(keys) == 6
    assert all(keys)
    assert min(max(objects) for objects in keys) <= FEW, keys


def test_the_words_that_tell_of_saving_restyle_nothing_but_themselves(served, open_as) -> None:
    """With them a node comes into the page: what asks the whole page with `:has()` works all of it out again then."""
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session())
    cell(page, "Unit price").fill("1000")
    cell(page, "Unit price").press("End")
    for key in ("1", "Backspace"):
        expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        [elements] = restyled(page, [key])
        assert 0 < elements <= FEW, elements


@pytest.mark.parametrize("width", [1440, 1024, 768, 390])
def test_amounts_of_any_length_stand_beside_each_other(served, open_as, width: int) -> None:
    house = House(served)
    page = open_as(house.owner)
    open_form(page, house.session())
    page.set_viewport_size({"width": width, "height": 900})
    for amount in AMOUNTS:
        cell(page, "Unit price").evaluate(TYPE, amount)
        expect(figure(page, "total"), amount).to_have_attribute("data-state", "confirmed")
        assert page.evaluate(OVER_EACH_OTHER) == [], amount
    if width >= 1024:
        cell(page, "Unit price").evaluate(TYPE, "18749,99")
        assert page.evaluate(BOTTOMS) == 1


def test_the_browser_takes_in_one_line_with_a_key_and_the_form_has_all_of_them(served, open_as) -> None:
    """What the browser's autofill reads with each key is the whole form of the box that is typed into."""
    house = House(served)
    page = open_as(house.owner)
    session = house.session()
    open_form(page, session)
    page.get_by_role("button", name="Add line item").click()
    expect(cell(page, "Unit price", 2)).to_be_visible()
    for n in (1, 2):
        cell(page, "Unit price", n).fill(f"{n}00")
        fields = cell(page, "Unit price", n).evaluate(
            "box => [...box.form.elements].map(one => one.name.split('.')[0])"
        )
        assert fields == ["date", "code", "text", "dx", "qty", "price", "off"]
    prices = [text for name, text in shown(page).items() if name.startswith("price.")]
    assert prices == ["100", "200"]
