"""Help is one press away wherever somebody is stuck, and names where to ask when it does not help."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES
from tests.e2e.stories import House, press


def topic(page: Page, title: str):
    return page.get_by_role("heading", level=2, name=title)


def test_from_a_page_with_nothing_on_it_the_topic_that_helps_is_one_press_away(served, open_as, axe) -> None:
    house = House(served)
    page = open_as(house.owner)
    page.goto("/billing?tab=payments")
    page.get_by_role("link", name="How this works: Mark an invoice as paid").click()
    expect(page).to_have_url(re.compile("/help#mark-as-paid$"))
    expect(topic(page, "Mark an invoice as paid")).to_be_in_viewport()
    picture = page.get_by_role("img", name=re.compile("^The question Mark as paid"))
    picture.scroll_into_view_if_needed()
    page.wait_for_function("picture => picture.complete && picture.naturalWidth > 0", arg=picture.element_handle())
    for size, scheme in (("desktop", "light"), ("phone", "dark")):
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_class(re.compile(rf"\b{scheme}\b"))
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_word_leaves_the_topics_that_speak_of_it(served, open_as) -> None:
    page = open_as(House(served).owner)
    page.goto("/appointments")
    page.locator("[popovertarget=more]").click()
    page.get_by_role("navigation", name="More").get_by_role("link", name="Help").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Help")  # the page before has such a box, too
    search = page.get_by_label("Search", exact=True)
    search.fill("medical aid")
    expect(topic(page, "Sign in and out")).to_be_hidden()
    expect(topic(page, "Bill a medical aid")).to_be_visible()
    topics = page.get_by_role("navigation", name="Topics")
    expect(topics.get_by_role("link", name="Sign in and out")).to_be_hidden()
    search.fill("whales in the sea")
    expect(page.get_by_text("Nothing here has all of these words.")).to_be_visible()
    search.fill("")
    expect(topic(page, "Sign in and out")).to_be_visible()
    topics.get_by_role("link", name="Keep a Draft and finish it later").click()
    expect(topic(page, "Keep a Draft and finish it later")).to_be_in_viewport()


def test_the_practice_says_where_to_ask_and_everybody_finds_it(served, open_as) -> None:
    house = House(served)
    owner = open_as(house.owner)
    owner.goto("/settings")
    box = owner.get_by_label("Support address")
    box.fill("http://help.example.test")
    press(owner, "Save settings")
    expect(box).to_have_accessible_description(re.compile("Enter a mail address, or the address of a page"))
    box.fill("help@example.test")
    press(owner, "Save settings")
    expect(owner.get_by_text("Saved.")).to_be_visible()
    reception = open_as(house.reception)
    reception.goto("/help")
    ask = reception.get_by_role("main").get_by_role("link", name="Ask for support")
    expect(ask).to_have_attribute("href", "mailto:help@example.test")
    reception.locator("[popovertarget=more]").click()
    in_menu = reception.get_by_role("navigation", name="More").get_by_role("link", name="Ask for support")
    expect(in_menu).to_have_attribute("href", "mailto:help@example.test")


def test_where_there_is_nothing_to_show_help_is_offered(served, open_as, console) -> None:
    console.allow("status of 404")
    page = open_as(House(served).owner)
    for path in ("/no-such-page", "/appointments/0", "/billing/0", "/clients/0"):
        page.goto(path)
        expect(page.get_by_role("heading", name="Not here")).to_be_visible()
        expect(page.get_by_role("main").get_by_role("link", name="Help")).to_have_attribute("href", "/help")


@pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)
def test_somebody_who_cannot_sign_in_reads_the_help_from_there(stranger, axe, size) -> None:
    page = stranger
    page.goto("/sign-in")
    page.get_by_role("link", name="Help").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Help")
    expect(page.get_by_role("navigation", name="Main")).to_have_count(0)
    page.get_by_label("Search", exact=True).fill("refund")
    expect(topic(page, "Book and move sessions")).to_be_hidden()
    expect(page.locator(".help-topic:visible").first).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Sign in", exact=True).click()
    expect(page.get_by_label("Password")).to_be_visible()
    axe(page)


@pytest.mark.parametrize("size", ["desktop", "tablet upright", "phone"], indirect=True)
@pytest.mark.parametrize("who", ["owner", "nobody"])
def test_until_it_is_known_who_reads_the_help_it_has_nobodys_bar_and_nothing_moves_then(
    served, open_as, stranger, size, who
) -> None:
    page = open_as(House(served).owner) if who == "owner" else stranger
    answers: list[bool] = []
    page.route_web_socket(re.compile("/_event"), lambda line: line.connect_to_server() if answers else None)
    page.goto("/help")
    expect(page.get_by_role("banner")).to_have_text("Trova")
    before = page.get_by_role("main").bounding_box()
    answers.append(True)
    page.reload()
    ways = page.get_by_role("navigation", name="Main")
    expect(ways if who == "owner" else page.get_by_role("link", name="Sign in")).to_be_visible()
    expect(ways).to_have_count(1 if who == "owner" else 0)
    assert page.get_by_role("main").bounding_box() == before
