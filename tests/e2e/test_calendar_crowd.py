"""A practice of 25 practitioners: everybody's week can be read, and leads to the day in which each has a column."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from tests import builders as a
from tests.e2e.stories import House
from tests.e2e.test_calendar_by_hand import MONDAY, at
from trova_app.models import CareService, Member, Practice

TEAM = 25
LEAST = 44  # px a finger needs


@pytest.fixture(scope="module")
def house(served) -> House:
    """On Monday all of them have somebody at nine and at ten, on Wednesday three at nine; everybody in a room. On
    Friday there are two at nine, and half an hour at noon."""
    house = House(served)
    with served.act() as (db, _):
        practice = db.get_one(Practice, house.practice_id)
        service = db.exec(select(CareService).where(CareService.practice_id == practice.id)).one()
        db.exec(select(Member).where(Member.email == house.reception)).one().is_practitioner = False
        for n in range(TEAM):
            email = f"dr{n}.{practice.id}@example.test"
            member = a.a_member(db, practice, name=f"Dr Number {n:02d}", email=email)
            client = a.a_client(db, practice, first_name="Naledi", last_name=f"Dlamini {n:02d}")
            for starts in [at(0, 9), at(0, 10), *([at(2, 9)] if n < 3 else [])]:
                ends = starts + timedelta(hours=1)
                a.an_appointment(db, client, service, member, ends=ends, starts_at=starts, place=f"Room {n}")
            if n < 3:
                starts, long = (at(4, 9), 60) if n < 2 else (at(4, 12), 30)
                a.an_appointment(db, client, service, member, ends=starts + timedelta(minutes=long), starts_at=starts)
    return house


def stacks(page: Page):
    return page.get_by_role("link", name=f"+{TEAM - 1} more, {TEAM} sessions from")


def opened(page: Page) -> None:
    page.goto(f"/calendar?date={MONDAY.isoformat()}")
    expect(stacks(page)).to_have_count(2)


def is_wide_enough(page: Page) -> None:
    for one in stacks(page).all():
        box = one.bounding_box()
        assert box and box["width"] >= LEAST and box["height"] >= LEAST, box


@pytest.mark.parametrize("size", ["desktop", "tablet", "tablet upright", "phone"], indirect=True)
def test_of_a_crowd_the_week_says_how_many_and_a_finger_opens_the_day(open_browser, sign_ins, house, axe, size) -> None:
    page = open_browser(storage_state=sign_ins(house.owner), has_touch=True, color_scheme="dark")
    opened(page)
    is_wide_enough(page)
    axe(page)
    stacks(page).first.tap()
    expect(page.locator(".cal-day")).to_have_count(TEAM + 1)  # and the owner, who has nobody
    expect(page.get_by_role("link", name="Naledi Dlamini 00").first).to_be_in_viewport(ratio=1)
    last = page.get_by_role("link", name=f"Naledi Dlamini {TEAM - 1:02d}").first
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    hours = page.locator(".cal-hours").bounding_box()
    assert hours and 0 <= hours["x"] < page.viewport_size["width"] / 2  # they stay in sight beside the last column
    axe(page)


def test_of_a_crowd_the_keys_find_the_stack_and_open_the_day(open_as, house, axe) -> None:
    page = open_as(house.owner)
    opened(page)
    axe(page)
    page.locator(".cal-block").first.get_by_role("link").focus()
    page.keyboard.press("ArrowDown")
    expect(stacks(page).first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".cal-day")).to_have_count(TEAM + 1)  # and the owner


@pytest.mark.parametrize("size", ["tablet", "tablet upright"], indirect=True)
def test_of_two_at_once_a_finger_finds_each_and_an_eye_reads_who_it_is(open_browser, sign_ins, house, size) -> None:
    page = open_browser(storage_state=sign_ins(house.owner), has_touch=True)
    opened(page)
    friday = page.locator(".cal-day").nth(4).get_by_role("link")
    expect(friday).to_have_count(3)
    for one in friday.all():
        name = one.locator(".cal-name")
        room, words = one.bounding_box(), name.bounding_box()
        assert room and words and min(room["width"], room["height"]) >= LEAST and words["width"] >= LEAST, (room, words)
        name.click(trial=True)  # nothing lies over it
        expect(one).to_have_attribute("title", re.compile("^Naledi Dlamini 0"))
