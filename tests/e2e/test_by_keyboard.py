"""The plain case with the keyboard alone, and the steps on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stories import House, cell, choose, figure, finished, open_form, press, status

FOCUSED = "() => { const e = document.activeElement; return e.ariaLabel || e.innerText || e.name || '' }"
IS_SEEN = """e => [[e], [e, "::after"], [e.closest("label, li, tr") ?? e]].some(([on, part]) => {
  const style = getComputedStyle(on, part);
  return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
})"""


def tab_to(page: Page, *, role: str, name: str) -> None:
    """Tab until it has the focus, which can be seen."""
    wanted = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
    expect(wanted).to_be_visible()
    passed = []
    while not wanted.evaluate("e => e === document.activeElement"):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(FOCUSED).strip())
        assert len(passed) < 60, f"{name} is not to be reached with Tab: {passed}"
    assert wanted.evaluate(IS_SEEN), f"nothing shows that {name} has the focus"


def test_a_session_is_finished_with_the_keyboard_alone(served, open_as) -> None:
    house = House(served)
    session = house.session(first_name="Thandi", last_name="Mokoena")
    page = open_as(house.owner)
    page.goto("/appointments")
    tab_to(page, role="link", name="View Details, Thandi Mokoena")
    page.keyboard.press("Enter")
    tab_to(page, role="button", name="Mark Session Complete")
    page.keyboard.press("Enter")
    tab_to(page, role="radio", name="Online Payment")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Other Payment")).to_be_checked()
    tab_to(page, role="textbox", name="Quantity, line 1")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2")
    expect(figure(page, "total")).to_have_text("R\u00a02\u00a0500,00")
    tab_to(page, role="combobox", name="Add diagnosis")
    page.keyboard.type("F41.1")
    expect(page.get_by_role("option").filter(has_text="F41.1")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove diagnosis F41.1")).to_be_visible()
    expect(page.get_by_role("combobox", name="Add diagnosis")).to_be_focused()
    tab_to(page, role="button", name="Send")
    page.keyboard.press("Enter")
    finished(page)
    expect(status(page)).to_have_text("Sent")
    tab_to(page, role="button", name="Mark as paid")
    page.keyboard.press("Enter")
    question = page.get_by_role("dialog")
    expect(question).to_be_visible()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(page.get_by_role("button", name="Mark as paid")).to_be_focused()
    page.keyboard.press("Enter")
    expect(question).to_be_visible()
    tab_to(page, role="textbox", name="Reference")
    page.keyboard.type("EFT 4711")
    page.keyboard.press("Enter")
    expect(status(page)).to_have_text("Paid")
    assert house.only_invoice(session).total_minor == 250_000


@pytest.mark.parametrize("size", ["phone", "tablet upright"], indirect=True)
def test_below_the_width_of_a_tablet_the_form_is_walked_through_step_by_step(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    back, further = (page.get_by_role("button", name=words, exact=True) for words in ("Back", "Continue"))
    expect(back).to_be_disabled()
    expect(cell(page, "Quantity")).to_be_hidden()
    choose(page, "Other")
    further.click()
    expect(page.get_by_role("radio", name="Other Payment")).to_be_hidden()
    cell(page, "Quantity").fill("2")
    back.click()
    expect(page.get_by_role("radio", name="Other Payment")).to_be_checked()
    further.click()
    expect(cell(page, "Quantity")).to_have_value("2")
    further.click()
    expect(further).to_be_hidden()
    expect(cell(page, "Quantity")).to_be_hidden()
    expect(page.get_by_label("Client's mail address")).to_be_visible()
    expect(figure(page, "total")).to_have_text("R\u00a02\u00a0500,00")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    press(page, "Send")
    finished(page)
    expect(status(page)).to_have_text("Sent")


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_on_a_phone_the_closing_button_leads_back_to_what_is_missing(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    page.get_by_role("button", name="Continue").click()
    cell(page, "Quantity").fill("two")
    page.get_by_role("button", name="Continue").click()
    press(page, "Send")
    expect(cell(page, "Quantity")).to_be_visible()
    expect(cell(page, "Quantity")).to_be_focused()
    assert house.invoices(session) == []
