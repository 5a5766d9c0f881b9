"""One button fills in what was billed for this client last time."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.e2e.earlier import another_session, billed
from tests.e2e.stories import House, cell, figure, open_form, press
from tests.e2e.test_grid_keys import descriptions, lines

ZONE = ZoneInfo("Africa/Johannesburg")


def test_the_last_sessions_lines_come_back_dated_to_this_one_and_can_be_undone(served, open_as) -> None:
    house = House(served)
    first = house.session(ended=timedelta(days=7), insured=True)
    billed(house, first, text_1="Psychotherapy with a report", price_1="1 480,50", qty_1="2", off_1="10%")
    second = another_session(house, first)
    page = open_as(house.owner)
    open_form(page, second)
    press(page, "Remove diagnosis F41.1")
    expect(page.get_by_role("button", name="Remove diagnosis F41.1")).to_have_count(0)
    press(page, "Same as last time")
    expect(cell(page, "Description")).to_have_value("Psychotherapy with a report")
    expect(cell(page, "Unit price")).to_have_value("1\u00a0480,50")
    expect(cell(page, "Quantity")).to_have_value("2")
    expect(cell(page, "Discount")).to_have_value("10%")
    expect(cell(page, "Date")).to_have_value(house.appointment(second).starts_at.astimezone(ZONE).date().isoformat())
    expect(figure(page, "total")).to_have_text("R\u00a02\u00a0664,90")
    expect(page.get_by_role("button", name="Remove diagnosis F41.1")).to_be_visible()
    house.wait_until_kept(second, "Psychotherapy with a report")
    press(page, "Undo")
    expect(cell(page, "Description")).to_have_value("Psychotherapy 60 min")
    lines(page, 1)


def test_a_first_session_has_no_such_button(served, open_as) -> None:
    house = House(served)
    billed(house, house.session())  # somebody else's
    page = open_as(house.owner)
    open_form(page, house.session())
    expect(page.get_by_role("button", name="Add line item")).to_be_visible()
    expect(page.get_by_role("button", name="Same as last time")).to_have_count(0)
    assert descriptions(page) == ["Psychotherapy 60 min"]
