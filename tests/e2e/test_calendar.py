"""A session is booked from the calendar."""

import re
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect
from sqlmodel import select

from tests.e2e.conftest import on_desktop_and_tablet
from tests.e2e.stories import House, press
from trova_app.models import Appointment, Client


def on_the_wall(days: int, hour: int) -> str:
    """An hour of the day that comes so many days after today here, as a date and time box has it."""
    day = (datetime.now().astimezone() + timedelta(days=days)).date()
    return f"{day.isoformat()}T{hour:02d}:00"


def book(page: Page, client: str, starts: str) -> None:
    press(page, "New appointment")
    dialog = page.get_by_role("dialog", name="New appointment")
    dialog.get_by_role("combobox", name="Client").press_sequentially(client[:4])
    dialog.get_by_role("option", name=client).click()
    dialog.get_by_label("Service").select_option(label="Psychotherapy 60 min")
    dialog.get_by_label("Start").fill(starts)
    press(page, "Book")
    expect(dialog).to_be_hidden()


@on_desktop_and_tablet
def test_a_session_booked_in_three_fields_stands_in_the_calendar_and_on_upcoming(served, open_as, axe) -> None:
    house = House(served)
    client = house.read(select(Client).where(Client.practice_id == house.practice_id))[0]
    name = f"{client.first_name} {client.last_name}"
    page = open_as(house.reception)
    page.goto("/appointments")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Calendar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\d{4}$"))
    axe(page)
    starts = on_the_wall(8, 14)
    book(page, name, starts)
    expect(page.get_by_role("status").filter(has_text=f"{name} is booked for")).to_be_visible()
    page.get_by_label("Go to date").fill(starts[:10])
    session = page.get_by_role("link", name=re.compile(f"^14:00\N{EN DASH}15:00, {name}"))
    expect(session).to_be_visible()
    axe(page)
    made = house.read(select(Appointment).where(Appointment.practice_id == house.practice_id))[0]
    assert made.client_id == client.id and made.place == ""
    page.goto("/appointments?tab=upcoming")
    expect(page.get_by_role("link", name=f"View Details, {name}")).to_be_visible()
