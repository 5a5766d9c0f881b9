"""A repeating session, changed in the middle: by mouse, and by finger alone."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from tests.e2e.stories import House, press
from tests.e2e.test_calendar_by_hand import HERE, MONDAY, at, finger, place_of, session, told
from trova_app.models import Appointment


def shown(page: Page, weeks: int) -> None:
    page.goto(f"/calendar?date={(MONDAY + timedelta(weeks=weeks)).isoformat()}")
    expect(page.locator(".cal-board")).to_be_visible()


def opened(page: Page, day: datetime) -> None:
    """The page of the session shown, once it is about that day and no longer about the one looked at before."""
    session(page, "Mokoena").get_by_role("link").click()
    expect(page.get_by_text(f"{day:%A} {day.day} {day:%B}").first).to_be_visible()


def planned(house: House) -> list[str]:
    query = select(Appointment).where(Appointment.practice_id == house.practice_id, Appointment.state == "scheduled")
    rows = house.read(query.order_by(col(Appointment.starts_at)))
    return [f"{row.starts_at.astimezone(HERE):%a %H:%M}" for row in rows]


def test_a_weekly_session_is_changed_from_the_middle_on(served, open_as, axe) -> None:
    house = House(served)
    page = open_as(house.owner)
    shown(page, 0)
    press(page, "New appointment")
    dialog = page.get_by_role("dialog", name="New appointment")
    dialog.get_by_role("combobox", name="Client").press_sequentially("moko")
    dialog.get_by_role("listbox", name="Clients").get_by_role("option").first.click()
    dialog.get_by_label("Service").select_option(index=1)
    dialog.get_by_label("Start").fill(f"{at(1, 10):%Y-%m-%dT%H:%M}")
    dialog.get_by_text("With whom, where, how long, how often").click()
    dialog.get_by_label("Repeats").select_option(label="Every week")
    dialog.get_by_label("Until").fill((MONDAY + timedelta(weeks=5, days=1)).isoformat())
    axe(page)
    press(page, "Book")
    expect(told(page)).to_contain_text("every week on Tuesday, until")
    assert planned(house) == ["Tue 10:00"] * 6
    shown(page, 2)
    expect(session(page, "Mokoena")).to_have_count(1)
    page.mouse.move(*place_of(page, 1, 10.25))
    page.mouse.down()
    page.mouse.move(*place_of(page, 2, 11), steps=3)
    page.mouse.move(*place_of(page, 2, 11.75), steps=3)
    page.mouse.up()
    axe(page)
    page.get_by_role("dialog", name="Which sessions?").get_by_role("button", name="This and following").click()
    expect(told(page)).to_contain_text("4 sessions, every week on Wednesday")
    expect(page.locator(".cal-day").nth(2).locator(".cal-block")).to_have_count(1)
    assert planned(house) == ["Tue 10:00"] * 2 + ["Wed 11:30"] * 4
    press(page, "Undo")
    expect(told(page)).to_contain_text("as before, every week on Tuesday")
    assert planned(house) == ["Tue 10:00"] * 6
    opened(page, at(1, 10) + timedelta(weeks=2))
    press(page, "Reschedule")
    asked = page.get_by_role("dialog", name="Reschedule")
    asked.get_by_label("Start").fill(f"{at(2, 11, 30) + timedelta(weeks=2):%Y-%m-%dT%H:%M}")
    asked.get_by_label("This and following").check()
    asked.get_by_role("button", name="Reschedule").click()
    expect(told(page)).to_contain_text("4 sessions, every week on Wednesday")
    assert planned(house) == ["Tue 10:00"] * 2 + ["Wed 11:30"] * 4
    shown(page, 4)
    opened(page, at(2, 11) + timedelta(weeks=4))
    press(page, "Cancel session")
    question = page.get_by_role("dialog", name="Cancel this session?")
    question.get_by_label("Reason").fill("The client is away")
    question.get_by_label("This and following").check()
    axe(page)
    question.get_by_role("button", name="Cancel session").click()
    expect(page.get_by_text("Cancelled: The client is away").first).to_be_visible()
    assert planned(house) == ["Tue 10:00"] * 2 + ["Wed 11:30"] * 2
    expect(told(page)).to_contain_text("2 sessions are cancelled")
    press(page, "Undo")
    expect(told(page)).to_contain_text("as before, every week on Wednesday")
    expect(page.get_by_role("button", name="Cancel session")).to_be_visible()
    assert planned(house) == ["Tue 10:00"] * 2 + ["Wed 11:30"] * 4


def tap(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).tap()


def day_tapped(page: Page, weeks: int, day: datetime) -> None:
    """The calendar of that week; on a phone the day is chosen, too."""
    shown(page, weeks)
    chosen = page.get_by_role("link", name=re.compile(f"^{day:%A} {day.day} {day:%B}.* sessions?$"))
    if chosen.is_visible():
        chosen.tap()
        expect(chosen).to_have_attribute("aria-current", "date")
    expect(session(page, "Mokoena").filter(visible=True)).to_have_count(1)


@pytest.mark.parametrize("size", ["tablet upright", "phone"], indirect=True)
def test_by_finger_alone_a_series_is_made_changed_and_called_off_in_parts(served, open_browser, sign_ins, size) -> None:
    house = House(served)
    page = open_browser(storage_state=sign_ins(house.owner), has_touch=True, is_mobile=True)
    tuesday = at(1, 10)
    shown(page, 0)
    tap(page, "New appointment")
    dialog = page.get_by_role("dialog", name="New appointment")
    dialog.get_by_role("combobox", name="Client").tap()
    page.keyboard.type("moko")
    dialog.get_by_role("listbox", name="Clients").get_by_role("option").first.tap()
    dialog.get_by_label("Service").select_option(index=1)
    dialog.get_by_label("Start").fill(f"{tuesday:%Y-%m-%dT%H:%M}")
    dialog.get_by_text("With whom, where, how long, how often").tap()
    dialog.get_by_label("Repeats").select_option(label="Every week")
    dialog.get_by_label("Until").fill((MONDAY + timedelta(weeks=4, days=1)).isoformat())
    tap(page, "Book")
    expect(told(page)).to_contain_text("every week on Tuesday, until")
    assert planned(house) == ["Tue 10:00"] * 5
    day_tapped(page, 1, tuesday + timedelta(weeks=1))
    held = session(page, "Mokoena").filter(visible=True)
    held.evaluate("one => one.scrollIntoView({ block: 'center' })")  # above what was told last
    block, hour = held.bounding_box(), page.locator(".cal-hours li").first.bounding_box()
    assert block and hour
    x, y = block["x"] + block["width"] / 2, block["y"] + 12
    with finger(page) as touch:
        touch("Start", x, y)
        expect(held).to_have_attribute("data-lifted", "true")
        touch("Move", x, y + 30)
        touch("Move", x, y + hour["height"])
        touch("End")
    which = page.get_by_role("dialog", name="Which sessions?")
    which.get_by_role("button", name="Only this one").tap()
    expect(told(page)).to_contain_text("11:00\N{EN DASH}12:00")
    assert planned(house) == ["Tue 10:00", "Tue 11:00", "Tue 10:00", "Tue 10:00", "Tue 10:00"]
    day_tapped(page, 2, tuesday + timedelta(weeks=2))
    session(page, "Mokoena").filter(visible=True).get_by_role("link").tap()
    tap(page, "Reschedule")
    asked = page.get_by_role("dialog", name="Reschedule")
    asked.get_by_label("Start").fill(f"{at(2, 14) + timedelta(weeks=2):%Y-%m-%dT%H:%M}")
    asked.get_by_label("This and following").tap()
    asked.get_by_role("button", name="Reschedule").tap()
    expect(told(page)).to_contain_text("3 sessions, every week on Wednesday")
    assert planned(house) == ["Tue 10:00", "Tue 11:00", "Wed 14:00", "Wed 14:00", "Wed 14:00"]
    day_tapped(page, 3, at(2, 14) + timedelta(weeks=3))
    session(page, "Mokoena").filter(visible=True).get_by_role("link").tap()
    tap(page, "Cancel session")
    question = page.get_by_role("dialog", name="Cancel this session?")
    question.get_by_label("Reason").fill("The client is away")
    question.get_by_role("button", name="Cancel session").tap()
    expect(page.get_by_text("Cancelled: The client is away").first).to_be_visible()
    assert planned(house) == ["Tue 10:00", "Tue 11:00", "Wed 14:00", "Wed 14:00"]
