"""Who else has the same form open is said, for as long as they have it open."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import SIZES
from tests.e2e.stories import House, cell, choose, open_form
from tests.e2e.test_everybody_can_use_it import LONG
from tests.e2e.test_form_fits import ON_EACH_OTHER
from tests.e2e.typists import says
from trova_app.domain.permissions import Role

BONGANI = "Dr Bongani Sithole"
OPEN_TOO = "this form open too"
GONE = 10_000  # ms


def who_else(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text=OPEN_TOO)


@pytest.fixture
def two(served, open_as) -> tuple[House, int, Page, Page]:
    """The owner's page and a colleague's, at one form and told of each other."""
    house = House(served)
    session = house.session()
    one, other = open_as(house.owner), open_as(house.colleague(BONGANI))
    open_form(one, session)
    expect(who_else(one)).to_have_count(0)
    open_form(other, session)
    expect(who_else(one)).to_have_text(f"{BONGANI} has {OPEN_TOO}.")
    expect(who_else(other)).to_be_visible()
    return house, session, one, other


PLACES = """() => [...document.querySelectorAll(".form-heading :is(h1, p:not(.presence)), .stepper, .choice")]
  .map((one) => Object.values(one.getBoundingClientRect().toJSON()).map(Math.round).join())"""


@pytest.mark.parametrize("size", list(SIZES), indirect=True)
def test_nothing_moves_as_somebody_comes_and_their_name_lies_on_nothing(served, open_as, axe) -> None:
    house = House(served)
    session = house.session(**LONG)
    one = open_as(house.owner)
    open_form(one, session)
    before = one.evaluate(PLACES)
    open_form(open_as(house.colleague("Dr Bongani Sithole-Nkosi van der Merwe")), session)
    expect(who_else(one)).to_be_visible()
    open_form(open_as(house.colleague("Dr Lerato Dube", Role.CLINICIAN)), session)
    expect(who_else(one)).to_contain_text("Dube")
    assert one.evaluate(PLACES) == before
    assert one.evaluate(ON_EACH_OTHER) == []
    choose(one, "Other")
    says(one, "Saved")
    one.evaluate("scrollTo(0, 0)")
    assert one.evaluate(PLACES) == before
    assert one.evaluate(ON_EACH_OTHER) == []
    axe(one)


def test_who_leaves_the_form_is_not_said_to_be_there_any_more(two) -> None:
    _, _, one, other = two
    other.get_by_role("navigation", name="Main").get_by_role("link", name="Clients").click()
    expect(who_else(one)).to_have_count(0, timeout=GONE)


def test_who_closes_their_window_is_not_said_to_be_there_any_more(two) -> None:
    house, session, one, other = two
    other.close()
    expect(who_else(one)).to_have_count(0, timeout=GONE)
    cell(one, "Description").fill("Typed alone")
    house.wait_until_kept(session, "Typed alone")
    says(one, "Saved")
    expect(who_else(one)).to_have_count(0)


def test_who_loads_their_page_again_was_never_gone(two) -> None:
    _, session, one, other = two
    one.evaluate("""() => {
      window.told = [];
      const tell = () => window.told.push(document.body.innerText.includes("this form open too"));
      new MutationObserver(tell).observe(document.body, { childList: true, subtree: true, characterData: true });
    }""")
    open_form(other, session)
    expect(who_else(other)).to_be_visible()
    one.wait_for_timeout(5000)
    expect(who_else(one)).to_have_text(f"{BONGANI} has {OPEN_TOO}.")
    assert all(one.evaluate("window.told"))


def test_who_comes_back_after_a_cut_line_is_said_to_be_there_again(served, network, open_far, open_as) -> None:
    house = House(served)
    session = house.session()
    one, far = open_as(house.owner), open_far(house.colleague(BONGANI))
    open_form(one, session)
    open_form(far, session)
    expect(who_else(one)).to_be_visible()
    network.cut()
    expect(who_else(one)).to_have_count(0, timeout=GONE)
    network.mend()
    expect(who_else(one)).to_have_text(f"{BONGANI} has {OPEN_TOO}.")
    expect(who_else(far)).to_be_visible()


def test_a_phone_that_sleeps_is_gone_as_soon_as_the_server_can_know(served, network, open_far, open_as) -> None:
    """The server asks each page every 15 s, and waits for its answer for 20 s (`front_end.py`)."""
    house = House(served)
    session = house.session()
    one, far = open_as(house.owner), open_far(house.colleague(BONGANI))
    open_form(one, session)
    open_form(far, session)
    expect(who_else(one)).to_be_visible()
    network.silence()
    expect(who_else(one)).to_have_count(0, timeout=45_000)


def test_ones_own_other_window_is_told_apart(served, open_as) -> None:
    house = House(served)
    session = house.session()
    one = open_as(house.owner)
    second, other = one.context.new_page(), open_as(house.colleague(BONGANI))
    open_form(one, session)
    open_form(second, session)
    expect(one.get_by_text("You have this form open in another window too.")).to_be_visible()
    open_form(other, session)
    expect(who_else(one)).to_have_text(f"{BONGANI} has {OPEN_TOO}, and so do you in another window.")
    second.close()
    expect(who_else(one)).to_have_text(f"{BONGANI} has {OPEN_TOO}.", timeout=GONE)
