"""The lists of appointments, which keep themselves up to date."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.e2e.conftest import on_desktop_and_tablet
from tests.e2e.stories import House, choose, figure, fill_in, finished, press
from trova_app.domain.appointments import AppointmentState


def tab_counts(page: Page) -> dict[str, str]:
    return {
        name: page.get_by_role("tab", name=name, exact=True).locator(".count").inner_text()
        for name in ("Upcoming", "Open", "Completed", "Missed", "Cancelled")
    }


@on_desktop_and_tablet
def test_each_tab_says_how_many_and_shows_them(served, open_as) -> None:
    house = House(served)
    house.session(ended=timedelta(hours=-3), first_name="Upton", last_name="Comrie")
    for n in (1, 2):
        house.session(ended=timedelta(hours=n), first_name="Wayde", last_name=f"Opperman {n}")
    house.session(state=AppointmentState.CANCELLED, first_name="Calvin", last_name="Offord")
    page = open_as(house.owner)
    page.goto("/appointments")
    expect(page.get_by_role("tab", name="Open", exact=True)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("link", name="View Details")).to_have_count(2)
    counts = {"Upcoming": "1", "Open": "2", "Completed": "0", "Missed": "0", "Cancelled": "1"}
    assert tab_counts(page) == counts
    page.get_by_role("tab", name="Cancelled", exact=True).click()
    expect(page).to_have_url("/appointments?tab=cancelled")
    expect(page.get_by_role("link", name="View Details, Calvin Offord")).to_be_visible()
    page.get_by_role("tab", name="Upcoming", exact=True).click()
    page.get_by_role("link", name="View Details, Upton Comrie").click()
    expect(page.get_by_role("heading", name="Upton Comrie")).to_be_visible()
    expect(page.get_by_role("button", name="Mark Session Complete")).to_have_count(0)
    expect(page.get_by_text("Psychotherapy 60 min").first).to_be_visible()


def test_a_session_that_ends_comes_to_an_open_screen_by_itself(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    page.goto("/appointments")
    expect(page.get_by_text("Nothing open.")).to_be_visible()
    page.evaluate("window.stayed = true")
    house.session(ended=timedelta(seconds=-2), first_name="Ayanda", last_name="Cele")
    expect(page.get_by_role("link", name="View Details, Ayanda Cele")).to_be_visible()
    assert tab_counts(page)["Open"] == "1"
    assert page.evaluate("window.stayed") is True


@on_desktop_and_tablet
def test_a_session_nobody_came_to_is_marked_missed(served, open_as) -> None:
    house = House(served)
    session = house.session(first_name="Kagiso", last_name="Molefe")
    page = open_as(house.owner)
    page.goto("/appointments")
    page.get_by_role("link", name="View Details, Kagiso Molefe").click()
    press(page, "Mark Session Missed")
    question = page.get_by_role("dialog")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_be_hidden()
    assert house.appointment(session).state == AppointmentState.SCHEDULED
    press(page, "Mark Session Missed")
    question.get_by_role("button", name="Mark as missed").click()
    expect(question).to_be_hidden()
    expect(page.get_by_role("button", name="Mark Session Complete")).to_have_count(0)
    page.goto("/appointments?tab=missed")
    expect(page.get_by_role("link", name="View Details, Kagiso Molefe")).to_be_visible()
    assert tab_counts(page) == {"Upcoming": "0", "Open": "0", "Completed": "0", "Missed": "1", "Cancelled": "0"}
    assert house.invoices(session) == []


def test_a_missed_session_with_a_fee_is_billed_with_the_form_every_session_is_billed_with(served, open_as) -> None:
    house = House(served)
    session = house.session(first_name="Kagiso", last_name="Molefe")
    page = open_as(house.owner)
    page.goto(f"/appointments/{session}")
    press(page, "Mark Session Missed")
    fill_in(page, "Mark as missed", Fee="450")
    page.wait_for_url("**/complete")
    expect(figure(page, "total")).to_have_text("R\u00a0450,00")
    choose(page, "Other")
    press(page, "Send Receipt")
    finished(page)
    expect(figure(page, "total")).to_have_text("R\u00a0450,00")
    assert house.appointment(session).state == AppointmentState.MISSED
    assert house.only_invoice(session).total_minor == 45_000


def test_a_few_letters_find_a_client(served, open_as) -> None:
    house = House(served)
    house.session(first_name="Nomvula", last_name="Zwane")
    house.session(first_name="Johan", last_name="Botha")
    page = open_as(house.owner)
    page.goto("/appointments")
    expect(page.get_by_role("link", name="View Details")).to_have_count(2)
    search = page.get_by_label("Search")
    search.press_sequentially("zwa")
    expect(page.get_by_role("link", name="View Details")).to_have_count(1)
    expect(page.get_by_role("link", name="View Details, Nomvula Zwane")).to_be_visible()
    search.fill("nobody of that name")
    expect(page.get_by_text("Nothing fits this search.")).to_be_visible()
    search.fill("")
    expect(page.get_by_role("link", name="View Details")).to_have_count(2)
