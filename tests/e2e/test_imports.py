"""A practice that comes from elsewhere: clients and calendar, looked at before they are kept, and taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import FilePayload, Page, expect
from sqlmodel import func, select

from tests.e2e.stories import House, finished, press
from trova_app.models import Appointment, Client
from trova_app.services.waiting_files import LARGEST
from trova_app.web.imports import TOO_LARGE

FEW, MANY, YEAR = 12, 500, 500


def clients_csv(count: int) -> str:
    rows = (f"Naledi {n:03d};Dlamini;naledi{n}@example.test;082 555 {n:04d}" for n in range(count))
    return "Voornaam;Surname;E-mail;Mobile\n" + "\n".join(rows) + "\n;;nobody@example.test;\n"


def calendar(count: int) -> bytes:
    """As many sessions spread over a year, the last of them yesterday."""
    last = (datetime.now(UTC) - timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    events = []
    for n in range(count):
        start = last - timedelta(minutes=350 * 24 * 60 // count * n)
        events += [
            "BEGIN:VEVENT", f"UID:{n}@calendar", f"SUMMARY:Naledi {n % MANY:03d} Dlamini - Psychotherapy 60 min",
            f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{start + timedelta(minutes=60):%Y%m%dT%H%M%SZ}", "END:VEVENT",
        ]  # fmt: skip
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""]).encode()


def paste(page: Page, text: str) -> None:
    page.get_by_text("Or paste rows from a spreadsheet").click()
    page.get_by_label("Pasted rows").fill(text)
    press(page, "Read the pasted rows")


def outcomes(page: Page):
    return page.get_by_test_id("outcomes")


def how_many(house: House, table: type) -> int:
    return house.read(select(func.count()).select_from(table).where(table.practice_id == house.practice_id))[0]


def import_clients(page: Page, count: int) -> None:
    page.goto("/clients")
    page.get_by_role("link", name="Import clients").click()
    paste(page, clients_csv(count))
    expect(outcomes(page)).to_contain_text(f"{count} new")
    press(page, f"Import {count} clients")
    expect(outcomes(page)).to_contain_text(f"{count} imported")


@pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)
def test_a_list_of_clients_is_looked_at_mapped_kept_and_taken_back(served, open_as, axe, size) -> None:
    house = House(served)
    page = open_as(house.owner)
    before = how_many(house, Client)
    page.goto("/import")
    expect(page.get_by_role("tab", name="Clients")).to_have_attribute("aria-selected", "true")
    axe(page)
    paste(page, clients_csv(FEW))
    expect(page.get_by_role("table", name="Rows of the list")).to_contain_text("This row has no name.")
    expect(page.get_by_label("Voornaam")).to_have_value("")
    axe(page)
    page.get_by_label("Voornaam").select_option("First name")
    expect(page.get_by_role("cell", name="Naledi 000 Dlamini").first).to_be_visible()
    expect(outcomes(page)).to_contain_text(f"{FEW} new")
    assert how_many(house, Client) == before
    press(page, f"Import {FEW} clients")
    expect(outcomes(page)).to_contain_text(f"{FEW} imported")
    axe(page)
    page.goto("/clients")
    page.get_by_label("Search").fill("naledi 003")
    expect(page.get_by_role("link", name="Naledi 003 Dlamini")).to_be_visible()
    page.goto("/import")
    page.get_by_role("link", name="Pasted rows").first.click()
    press(page, "Undo this import")
    press(page, "Undo the import")
    expect(page.get_by_text("Everything this import made and changed is taken back.")).to_be_visible()
    axe(page)
    assert how_many(house, Client) == before


def test_a_practice_arrives_with_its_clients_and_its_year_and_bills_the_first_session(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    import_clients(page, MANY)
    page.goto("/appointments")
    page.get_by_role("link", name="Import appointments").click()
    page.get_by_label("Choose a file").set_input_files(
        FilePayload(name="practice.ics", mimeType="text/calendar", buffer=calendar(YEAR))
    )
    expect(page.get_by_role("heading", name="practice.ics")).to_be_visible()
    page.get_by_label("Add clients and services that nobody knows here yet").check()
    expect(outcomes(page)).to_contain_text(f"{YEAR} new")
    press(page, f"Import {YEAR} appointments")
    expect(outcomes(page)).to_contain_text(f"{YEAR} imported")
    page.get_by_role("link", name="See the appointments").click()
    page.get_by_role("link", name="View Details, Naledi 000 Dlamini").first.click()
    press(page, "Mark Session Complete")
    page.get_by_role("textbox", name="Unit price, line 1").fill("900")
    page.get_by_role("textbox", name="Description, line 1").fill("Psychotherapy")
    expect(page.get_by_test_id("total")).to_contain_text("900,00")
    press(page, "Save and Review")
    finished(page)
    page.goto("/import")
    page.get_by_role("link", name="practice.ics").click()
    expect(page.get_by_text("can no longer be undone: Naledi 000 Dlamini")).to_be_visible()
    expect(page.get_by_role("button", name="Undo this import")).to_have_count(0)
    assert how_many(house, Appointment) == YEAR


def test_what_is_no_list_is_answered_with_a_sentence(served, open_as, console) -> None:
    console.allow("status of 422")  # how the browser tells of a refused file
    page = open_as(House(served).owner)
    page.goto("/import?kind=appointments")
    page.get_by_label("Choose a file").set_input_files(
        FilePayload(name="diary.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7 not a list")
    )
    expect(page.get_by_text("This is a PDF.")).to_be_visible()
    page.get_by_label("Choose a file").set_input_files(
        FilePayload(name="years.ics", mimeType="text/calendar", buffer=b"x" * (LARGEST + 1))
    )
    expect(page.get_by_text(TOO_LARGE)).to_be_visible()
    page.get_by_label("Choose a file").set_input_files(
        FilePayload(name="notes.csv", mimeType="text/csv", buffer=b"a,b\n1,2\n")
    )
    expect(page.get_by_text("No heading in this file is known.")).to_be_visible()
    expect(page.get_by_label("a", exact=True)).to_be_visible()
