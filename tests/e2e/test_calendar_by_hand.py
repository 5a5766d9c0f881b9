"""A week of calendar work by mouse, by keyboard alone and by finger alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.stories import House, eventually, press
from trova_app.models import Appointment

HERE = ZoneInfo("Africa/Johannesburg")
MONDAY = datetime.now(HERE).date() + timedelta(days=14 - datetime.now(HERE).weekday())  # of the week after next


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of that week, Monday being 0."""
    return datetime.combine(MONDAY + timedelta(days=day), datetime.min.time(), HERE) + timedelta(
        hours=hour, minutes=minute
    )


def booked(house: House, starts: datetime, **client: str) -> int:
    """A session of an hour."""
    return house.session(ended=datetime.now(HERE) - starts - timedelta(hours=1), **client)


def in_calendar(page: Page) -> None:
    page.goto(f"/calendar?date={MONDAY.isoformat()}")
    expect(page.locator(".cal-block").first).to_be_visible()


def session(page: Page, name: str) -> Locator:
    return page.locator(".cal-block", has_text=name)


def starts(house: House, session_id: int) -> datetime:
    return house.appointment(session_id).starts_at.astimezone(HERE).replace(second=0, microsecond=0)


def stands_at(house: House, session_id: int, moment: datetime) -> None:
    """What the page tells may still be of the step before: two sessions can take the same hours."""
    eventually(lambda: starts(house, session_id), lambda seen: seen == moment)


def minutes(row: Appointment) -> int:
    return round((row.ends_at - row.starts_at) / timedelta(minutes=1))


def told(page: Page) -> Locator:
    return page.locator(".moved")


@pytest.fixture
def house(served) -> House:
    return House(served)


def place_of(page: Page, day: int, hour: float) -> tuple[float, float]:
    """Where that hour of that day is on the screen."""
    column = page.locator(".cal-sessions").nth(day).bounding_box()
    first = page.locator(".cal-board").get_attribute("data-from")
    tall = page.locator(".cal-hours li").first.bounding_box()
    assert column and tall and first
    return column["x"] + column["width"] / 2, column["y"] + (hour - int(first)) * tall["height"]


def test_a_session_is_dragged_to_another_day_lengthened_and_put_back(house, open_as) -> None:
    key = booked(house, at(0, 9), first_name="Thandi", last_name="Cele")
    page, other = open_as(house.owner), open_as(house.reception)
    in_calendar(page)
    in_calendar(other)
    page.mouse.move(*place_of(page, 0, 9.25))
    page.mouse.down()
    page.mouse.move(*place_of(page, 1, 10), steps=3)
    page.mouse.move(*place_of(page, 2, 11.25), steps=3)
    expect(page.locator(".cal-ghost")).to_have_text("11:00\N{EN DASH}12:00")
    page.mouse.up()
    expect(told(page)).to_contain_text("11:00\N{EN DASH}12:00")
    stands_at(house, key, at(2, 11))
    expect(page).to_have_url(re.compile("/calendar"))  # the drag opened nothing
    expect(other.locator(".cal-day").nth(2).locator(".cal-block")).to_have_count(1)  # the other screen follows
    x, y = place_of(page, 2, 12)
    page.mouse.move(x, y - 5)
    page.mouse.down()
    page.mouse.move(x, y + 28, steps=3)
    page.mouse.up()
    expect(told(page)).to_contain_text("11:00\N{EN DASH}12:30")
    assert minutes(house.appointment(key)) == 90
    press(page, "Undo")
    expect(told(page)).to_contain_text("11:00\N{EN DASH}12:00")
    assert minutes(house.appointment(key)) == 60


def test_a_week_of_work_by_keyboard_alone(house, open_as) -> None:
    key = booked(house, at(1, 10), first_name="Thandi", last_name="Cele")
    page = open_as(house.owner)
    in_calendar(page)
    keys = page.keyboard
    page.locator(".cal-marker").focus()
    expect(page.locator(".cal-marker")).to_have_text(re.compile("New appointment, Monday .* 09:00"))
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("ArrowRight")
    expect(session(page, "Thandi Cele").get_by_role("link")).to_be_focused()
    keys.down("Alt")
    for step in ("ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowDown"):
        keys.press(step)
    keys.up("Alt")
    expect(told(page)).to_contain_text("10:30\N{EN DASH}11:45")
    stands_at(house, key, at(2, 10, 30))
    expect(session(page, "Thandi Cele").get_by_role("link")).to_be_focused()
    keys.press("Control+z")
    expect(told(page)).to_contain_text("10:00\N{EN DASH}11:00")
    stands_at(house, key, at(1, 10))
    keys.press("n")
    dialog = page.get_by_role("dialog", name="New appointment")
    expect(dialog.get_by_role("combobox", name="Client")).to_be_focused()
    keys.type("moko")
    expect(dialog.get_by_role("listbox", name="Clients").get_by_role("option")).to_have_count(1)
    keys.press("Enter")
    expect(dialog.get_by_label("Service")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.press("Tab")
    dialog.get_by_role("button", name="Book").focus()
    keys.press("Enter")
    expect(told(page)).to_contain_text("is booked for")
    expect(page.locator(".cal-block")).to_have_count(2)
    session(page, "Thandi Cele").get_by_role("link").focus()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Thandi Cele")).to_be_visible()


@contextmanager
def finger(page: Page) -> Iterator[object]:
    """Moves a real touch point; Playwright itself only taps."""
    cdp = page.context.new_cdp_session(page)

    def touch(kind: str, *point: float) -> None:
        points = [{"x": point[0], "y": point[1]}] if point else []
        cdp.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    yield touch
    cdp.detach()


def test_by_finger_alone_a_session_is_held_and_moved_and_a_day_is_chosen(house, open_browser, sign_ins) -> None:
    key = booked(house, at(0, 9), first_name="Thandi", last_name="Cele")
    page = open_browser(
        storage_state=sign_ins(house.owner), viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    in_calendar(page)
    assert page.locator(".cal-day:visible").count() == 1
    page.locator(".cal-board").scroll_into_view_if_needed()
    block = session(page, "Thandi Cele").bounding_box()
    hour = page.locator(".cal-hours li").first.bounding_box()
    assert block and hour
    x, y = block["x"] + 60, block["y"] + 12
    with finger(page) as touch:
        touch("Start", x, y)
        expect(session(page, "Thandi Cele")).to_have_attribute("data-lifted", "true")  # it was held, not swiped
        touch("Move", x, y + 30)
        touch("Move", x, y + hour["height"])
        touch("End")
    expect(told(page)).to_contain_text("10:00\N{EN DASH}11:00")
    stands_at(house, key, at(0, 10))
    page.get_by_role("link", name=re.compile("^Wednesday .* 0 sessions")).tap()
    expect(page.locator(".cal-day:visible")).to_have_count(1)
    expect(page.locator(".cal-block:visible")).to_have_count(0)
    page.get_by_role("link", name=re.compile("^Monday .* 1 session")).tap()
    session(page, "Thandi Cele").tap()
    press(page, "Reschedule")
    dialog = page.get_by_role("dialog", name="Reschedule")
    dialog.get_by_label("Start").fill(f"{at(3, 15):%Y-%m-%dT%H:%M}")
    dialog.get_by_role("button", name="Reschedule").tap()
    expect(told(page)).to_contain_text("15:00\N{EN DASH}16:00")
    stands_at(house, key, at(3, 15))


def held_and_carried(page: Page, block: Locator, start: tuple[float, float], *way: tuple[float, float]) -> None:
    with finger(page) as touch:
        touch("Start", *start)
        expect(block).to_have_attribute("data-lifted", "true")
        for point in way:
            touch("Move", *point)
        touch("End")


def test_a_week_of_work_by_finger_alone(house, open_browser, sign_ins) -> None:
    key = booked(house, at(0, 9), first_name="Thandi", last_name="Cele")
    page = open_browser(
        storage_state=sign_ins(house.owner), viewport={"width": 1024, "height": 768}, has_touch=True, is_mobile=True
    )
    in_calendar(page)
    expect(page.locator(".cal-day:visible")).to_have_count(7)
    page.touchscreen.tap(*place_of(page, 3, 11.25))  # a free hour
    dialog = page.get_by_role("dialog", name="New appointment")
    expect(dialog.get_by_label("Start")).to_have_value(f"{at(3, 11):%Y-%m-%dT%H:%M}")
    dialog.get_by_role("combobox", name="Client").tap()
    dialog.get_by_role("combobox", name="Client").press_sequentially("moko")  # the keyboard on the screen
    dialog.get_by_role("listbox", name="Clients").get_by_role("option").first.tap()
    dialog.get_by_label("Service").select_option(index=1)
    dialog.get_by_role("button", name="Book").tap()
    expect(told(page)).to_contain_text("is booked for")
    expect(page.locator(".cal-day").nth(3).locator(".cal-block")).to_have_count(1)

    cele = session(page, "Thandi Cele")
    held_and_carried(page, cele, place_of(page, 0, 9.25), place_of(page, 1, 10), place_of(page, 2, 11.25))
    expect(told(page)).to_contain_text("11:00\N{EN DASH}12:00")
    stands_at(house, key, at(2, 11))
    page.locator(".cal-hours li").nth(9).scroll_into_view_if_needed()  # near an edge a drag would scroll the page
    (x, ends), (_, wanted) = place_of(page, 2, 12), place_of(page, 2, 12.5)
    held_and_carried(page, cele, (x, ends - 8), (x, ends + 8), (x, wanted - 8))
    expect(told(page)).to_contain_text("11:00\N{EN DASH}12:30")
    assert minutes(house.appointment(key)) == 90
    page.get_by_role("button", name="Undo").tap()
    expect(told(page)).to_contain_text("11:00\N{EN DASH}12:00")

    cele.tap()
    page.get_by_role("button", name="Reschedule").tap()
    moving = page.get_by_role("dialog", name="Reschedule")
    moving.get_by_label("Start").fill(f"{at(4, 15):%Y-%m-%dT%H:%M}")  # the wheel of the screen
    moving.get_by_role("button", name="Reschedule").tap()
    expect(told(page)).to_contain_text("15:00\N{EN DASH}16:00")
    page.get_by_role("button", name="Cancel session").tap()
    question = page.get_by_role("dialog", name="Cancel this session?")
    question.get_by_label("Reason").fill("The client is away")
    question.get_by_role("button", name="Cancel session").tap()
    expect(page.get_by_text("Cancelled: The client is away").first).to_be_visible()
    in_calendar(page)
    page.get_by_role("link", name="Next week").tap()
    expect(page.locator(".cal-block")).to_have_count(0)
    page.get_by_role("link", name="Previous week").tap()
    expect(page.locator(".cal-day").nth(3).locator(".cal-block")).to_have_count(1)
    page.get_by_role("link", name="Day", exact=True).tap()
    expect(page.get_by_role("link", name="Day", exact=True)).to_have_attribute("aria-current", "true")
    expect(page.locator(".cal-day:visible")).not_to_have_count(7)


def test_of_two_people_who_move_one_session_the_later_sees_both_and_decides(house, open_as) -> None:
    key = booked(house, at(0, 9), first_name="Thandi", last_name="Cele")
    page, other = open_as(house.owner), open_as(house.reception)
    in_calendar(other)
    page.goto(f"/appointments/{key}")
    press(page, "Reschedule")
    dialog = page.get_by_role("dialog", name="Reschedule")
    dialog.get_by_label("Start").fill(f"{at(3, 15):%Y-%m-%dT%H:%M}")
    other.mouse.move(*place_of(other, 0, 9.25))
    other.mouse.down()
    other.mouse.move(*place_of(other, 1, 10), steps=3)
    other.mouse.move(*place_of(other, 2, 11.25), steps=3)
    other.mouse.up()
    expect(told(other)).to_contain_text("11:00\N{EN DASH}12:00")
    dialog.get_by_role("button", name="Reschedule").click()
    expect(
        dialog.get_by_text(re.compile("Somebody changed this session in the meantime: it is on Wednesday"))
    ).to_be_visible()
    expect(dialog.get_by_label("Start")).to_have_value(f"{at(3, 15):%Y-%m-%dT%H:%M}")
    stands_at(house, key, at(2, 11))
    dialog.get_by_role("button", name="Reschedule").click()
    expect(told(page)).to_contain_text("15:00\N{EN DASH}16:00")
    expect(other.locator(".cal-day").nth(3).locator(".cal-block")).to_have_count(1)
    stands_at(house, key, at(3, 15))
