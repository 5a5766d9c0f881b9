"""One's sessions in another program, and another program's sessions here."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.stories import House, press
from tests.e2e.test_calendar_by_hand import at, booked, in_calendar, session
from tests.other_calendar import OtherCalendar, a_calendar, event, served_calendar


@pytest.fixture
def elsewhere() -> Iterator[OtherCalendar]:
    with served_calendar() as one:
        yield one


def test_sessions_are_shown_to_another_program_until_the_address_ends(served, open_as, axe) -> None:
    house = House(served)
    booked(house, at(1, 10), first_name="Thandi", last_name="Cele")
    page = open_as(house.owner)
    in_calendar(page)
    press(page, "Other calendars")
    dialog = page.get_by_role("dialog", name="Other calendars")
    dialog.get_by_role("button", name="Make an address").click()
    address = dialog.get_by_test_id("feed-address").inner_text()
    axe(page)
    answer = httpx.get(address)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.text.count("BEGIN:VEVENT") == 1 and "Cele" not in answer.text
    dialog.get_by_role("button", name="End it").click()
    expect(dialog.get_by_test_id("feed-address")).to_have_count(0)
    expect(dialog.get_by_role("button", name="Make an address")).to_be_visible()
    assert httpx.get(address).status_code == 404
    token = address.rpartition("/")[2].removesuffix(".ics")
    assert token not in served.said()


def test_another_programs_sessions_stand_here_and_follow_it(served, open_as, axe, elsewhere) -> None:
    house = House(served)
    booked(house, at(1, 10), first_name="Thandi", last_name="Cele")
    elsewhere.text = a_calendar(event("1", "Thandi Cele", at(2, 14)), event("2", "Dentist", at(2, 16)))
    page, other = open_as(house.owner), open_as(house.reception)
    in_calendar(page)
    in_calendar(other)
    press(page, "Other calendars")
    dialog = page.get_by_role("dialog", name="Other calendars")
    field = dialog.get_by_label("Address of the other calendar")
    field.fill("my calendar")
    dialog.get_by_role("button", name="Read it from now on").click()
    expect(dialog.get_by_text("Paste an address that begins with https://")).to_be_visible()
    axe(page)
    field.fill(elsewhere.url)
    dialog.get_by_role("button", name="Read it from now on").click()
    expect(dialog.get_by_text(re.compile("Read .*, and every half hour"))).to_be_visible()
    expect(dialog.get_by_text("1 event names nobody known here")).to_be_visible()
    expect(session(other, "Thandi Cele")).to_have_count(2)
    axe(page)
    elsewhere.text = a_calendar(event("1", "Thandi Cele", at(3, 9)))
    dialog.get_by_role("button", name="Check 127.0.0.1 now").click()
    expect(dialog.get_by_text("1 event names nobody known here")).to_have_count(0)
    expect(other.locator(".cal-day").nth(3).locator(".cal-block")).to_have_count(1)
    dialog.get_by_role("button", name="Stop reading 127.0.0.1").click()
    expect(dialog.get_by_text("every half hour")).to_have_count(0)
    expect(session(other, "Thandi Cele")).to_have_count(2)
