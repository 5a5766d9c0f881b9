"""From any page to a session, a client or a document, and out of the practice again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.payers import finish
from tests.e2e.stories import House, Line, eventually, press


@pytest.fixture(scope="module")
def house(served) -> House:
    return House(served)


def open_settings(page: Page) -> None:
    """The page hears keys: what only the server knows stands in its bar. Before, the keys are the browser's own."""
    page.goto("/settings")
    expect(page.get_by_role("banner").get_by_role("button", name="Dr Anisha Naidoo")).to_be_visible()


def find_from_settings(page: Page) -> None:
    open_settings(page)
    page.keyboard.press("ControlOrMeta+k")
    expect(page.get_by_role("searchbox", name="Client, session or document")).to_be_focused()


def test_a_few_letters_and_enter_lead_to_what_was_meant(house: House, open_as, axe) -> None:
    session = house.session(last_name="Sibanda")
    billed = finish(house, house.session(last_name="Sibanda"), "send_invoice", payment_type="other")
    page = open_as(house.owner)
    find_from_settings(page)
    page.keyboard.type("siban")
    found = page.get_by_role("dialog", name="Find")
    expect(found.get_by_role("link")).to_have_count(4)  # the session, two clients, the invoice
    axe(page)
    page.keyboard.press("ArrowUp")
    expect(found.get_by_role("link", name=billed.number)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/billing/{billed.id}$"))
    expect(found).to_be_hidden()
    expect(page.get_by_role("heading", name=billed.number).first).to_be_visible()

    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("sibanda thandi")
    page.keyboard.press("Enter")  # before anything was answered
    expect(page).to_have_url(re.compile(rf"/appointments/{session}$"))

    expect(page.get_by_role("button", name="Mark Session Complete")).to_be_visible()  # not while one page makes way
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("nobody at all")
    expect(found.get_by_text("Nothing found. Try fewer letters.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(found).to_be_hidden()
    expect(page.get_by_role("button", name="Mark Session Complete")).to_be_visible()


def test_the_letters_typed_at_once_stay_when_the_finder_tells_that_it_is_open(house: House, open_as) -> None:
    """Browsers tell of it late; whoever is quick has typed by then, and the next letter must not replace the first."""
    page = open_as(house.owner)
    open_settings(page)
    selected = page.evaluate("""async () => {
      const box = document.getElementById("finder"), words = document.getElementById("finder-words");
      const told = new Promise((tell) => box.addEventListener("toggle", tell, {once: true}));
      document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "k", ctrlKey: true, bubbles: true}));
      words.value = "s";
      words.setSelectionRange(1, 1);
      await told;
      return [words.selectionStart, words.selectionEnd];
    }""")
    assert selected == [1, 1]


def test_enter_waits_for_what_all_the_letters_find(house: House, open_as) -> None:
    meant, _ = house.session(last_name="Abrahamson"), house.session(last_name="Abrahams")
    page = open_as(house.owner)
    line = Line(page)
    find_from_settings(page)
    page.keyboard.type("abra")
    expect(page.get_by_role("dialog", name="Find").get_by_role("link")).to_have_count(4)  # sessions and clients
    line.hears(False)
    page.keyboard.type("hams")
    eventually(lambda: page.evaluate("1") and any('"abrahams"' in frame for frame in line.asked))
    page.keyboard.type("on")
    page.keyboard.press("Enter")
    line.hears(True)
    expect(page).to_have_url(re.compile(rf"/appointments/{meant}$"))


def test_who_leaves_the_finder_before_it_answers_stays_where_they_are(house: House, open_as) -> None:
    house.session(last_name="Dlamini")
    page = open_as(house.owner)
    line = Line(page)
    find_from_settings(page)
    page.keyboard.type("dla")
    found = page.get_by_role("dialog", name="Find").get_by_role("link")
    expect(found).to_have_count(2)
    line.hears(False)
    page.keyboard.type("mini")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    eventually(lambda: page.evaluate("1") and any('"dlamini"' in frame for frame in line.asked))
    line.hears(True)
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("nobody at all")
    expect(found).to_have_count(0)
    expect(page).to_have_url(re.compile("/settings$"))


@pytest.mark.parametrize("size", ["desktop", "tablet upright", "phone"], indirect=True)
def test_who_is_here_the_other_places_and_the_way_out(house: House, open_as, axe, size: str) -> None:
    page: Page = open_as(house.colleague(f"Dr Way {size.title().replace(' ', '')}"))
    page.goto("/appointments")
    opener = page.get_by_role("banner").get_by_role("button", name=re.compile("Dr Way|More"))
    opener.click()
    expect(page.get_by_text("Khanya Practice").last).to_be_visible()
    more = page.get_by_role("navigation", name="More")
    expect(more.get_by_role("link", name="Outbox")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(more).to_be_hidden()
    opener.click()
    more.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    opener.click()
    press(page, "Sign out")
    page.wait_for_url("**/sign-in?*")
    expect(page.get_by_text(re.compile("You are signed out|Sign in to go on"))).to_be_visible()


def test_somebody_who_only_wants_to_look_enters_the_demo_with_one_press(stranger: Page, axe) -> None:
    stranger.goto("/sign-in?next=%2Fclients")
    expect(stranger.get_by_text("Sign in to go on where you were.")).to_be_visible()
    axe(stranger)
    press(stranger, "Enter as reception")
    stranger.wait_for_url("**/clients")
    expect(stranger.get_by_role("banner").get_by_text("Jacaranda Psychology").first).to_be_visible()
