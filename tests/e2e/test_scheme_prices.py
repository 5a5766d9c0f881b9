"""A scheme's price list, from the file to the unit price in the form."""

from datetime import date

from playwright.sync_api import FilePayload, Page, expect
from sqlmodel import col, select

from tests.builders import a_rate
from tests.e2e.stories import House, cell, figure, open_form, press
from tests.workbooks import a_workbook
from trova_app.models import Appointment, Client, Scheme, SchemeRate, WaitingFile

LAST_YEAR = date(2020, 1, 1)
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def with_an_old_price(house: House) -> tuple[int, int]:
    """A session of somebody whose scheme paid R 910,00 so far; the session and the scheme."""
    session = house.session(insured=True)
    with house.served.act() as (db, _):
        client = db.get_one(Client, db.get_one(Appointment, session).client_id)
        scheme = db.exec(select(Scheme).where(Scheme.id == client.scheme_id)).one()
        a_rate(db, scheme, price=910, since=LAST_YEAR)
        return session, int(scheme.id or 0)


def choose(page: Page, name: str, data: bytes, kind: str = "text/csv") -> None:
    page.get_by_label("Choose a file").set_input_files(FilePayload(name=name, mimeType=kind, buffer=data))


def preview(page: Page):
    return page.get_by_test_id("preview")


def offered(page: Page):
    return page.get_by_role("listbox", name="What you charge").get_by_role("option")


def kept(house: House) -> list[tuple[str, int]]:
    query = select(SchemeRate).where(SchemeRate.practice_id == house.practice_id).order_by(col(SchemeRate.id))
    return [(row.code, row.unit_price) for row in house.read(query)]


def test_a_new_price_list_comes_to_the_right_unit_price_in_the_form(served, open_as, axe, console) -> None:
    console.allow("status of 422")  # how the browser tells of a refused file
    house = House(served)
    session, scheme = with_an_old_price(house)
    page = open_as(house.owner)
    open_form(page, session)
    expect(cell(page, "Unit price")).to_have_value("910,00")
    page.goto("/services?tab=schemes")
    page.get_by_role("table", name="Schemes").get_by_role("link", name="Khanya Medical").click()

    # a list with a fault is shown and cannot be kept
    choose(page, "wrong.csv", b"Code;Description;Price\n86205;Psychotherapy;980,00\n86207;Psychotherapy;free\n")
    expect(preview(page)).to_contain_text("free\u201d is no price")
    expect(page.get_by_role("button", name="Keep this price list")).to_be_disabled()
    axe(page)

    # what is no list at all is said beside the box
    choose(page, "scan.pdf", b"%PDF-1.7", "application/pdf")
    expect(page.get_by_role("alert").filter(has_text="This is a PDF")).to_be_visible()

    # the corrected workbook
    page.get_by_label("Valid from").fill("2025-01-01")
    rows = ["Tariff", "Description", "Rate 2025"], [86205, "Psychotherapy 51 to 60 min", 980]
    choose(page, "rates.xlsx", a_workbook(*rows, [86207, "Psychotherapy 71 to 80 min", 1430.5]), WORKBOOK)
    expect(preview(page)).to_contain_text("1 changed")
    expect(preview(page)).to_contain_text("1 client with 1 session to be billed from 1 Jan 2025 on.")
    assert kept(house) == [("86205", 9_100_000)]
    press(page, "Keep this price list")
    expect(page.get_by_text("2 prices of Khanya Medical kept, valid from 1 Jan 2025.")).to_be_visible()
    expect(page.get_by_role("table", name="Prices today")).to_contain_text("R\u00a01\u00a0430,50")
    assert kept(house) == [("86205", 9_100_000), ("86205", 9_800_000), ("86207", 14_305_000)]
    assert house.read(select(WaitingFile).where(WaitingFile.practice_id == house.practice_id)) == []

    # and the form
    open_form(page, session)
    expect(cell(page, "Unit price")).to_have_value("980,00")
    expect(page.locator(".was", has_text="Khanya Medical")).to_be_visible()
    box = cell(page, "Code")
    box.fill("")
    box.press_sequentially("8620")
    expect(offered(page)).to_have_count(3)
    expect(offered(page).nth(1)).to_contain_text("Khanya Medical's price since 1 Jan 2025")
    expect(offered(page).nth(2)).to_contain_text("your services")
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    expect(cell(page, "Code")).to_have_value("86207")
    expect(cell(page, "Description")).to_have_value("Psychotherapy 71 to 80 min")
    expect(cell(page, "Unit price")).to_have_value("1\u00a0430,50")
    expect(figure(page, "total")).to_have_text("R\u00a01\u00a0430,50")
    cell(page, "Unit price").fill("1500")
    expect(page.get_by_text("Khanya Medical: R\u00a01\u00a0430,50")).to_be_visible()
    house.wait_until_kept(session, "1500")

    # a price of one's own stays until somebody takes the scheme's
    page.reload()
    expect(cell(page, "Unit price")).to_have_value("1500")
    press(page, "Use Khanya Medical's prices")
    expect(cell(page, "Unit price")).to_have_value("1\u00a0430,50")
    expect(page.get_by_role("button", name="Use Khanya Medical's prices")).to_have_count(0)


def test_rows_pasted_from_a_spreadsheet_are_a_list_like_any_other(served, open_as) -> None:
    house = House(served)
    _, scheme = with_an_old_price(house)
    page = open_as(house.owner)
    page.goto(f"/services/schemes/{scheme}")
    page.get_by_text("Or paste rows from a spreadsheet").click()
    press(page, "Read the pasted rows")
    expect(page.get_by_text("Paste the rows into the box first.")).to_be_visible()
    page.get_by_label("Pasted rows").fill("86205\tPsychotherapy\t1 250,50\n86207\tLonger\t1 430,00")
    press(page, "Read the pasted rows")
    expect(preview(page)).to_contain_text("R\u00a01\u00a0250,50")
    press(page, "Keep this price list")
    expect(preview(page)).to_have_count(0)
    assert kept(house)[1:] == [("86205", 12_505_000), ("86207", 14_300_000)]
    page.get_by_role("button", name="Remove the list from").first.click()
    press(page, "Remove the list")
    expect(page.get_by_text("2 prices went with it.")).to_be_visible()
    assert kept(house) == [("86205", 9_100_000)]


def test_reception_sees_prices_and_changes_none(served, open_as) -> None:
    house = House(served)
    _, scheme = with_an_old_price(house)
    page = open_as(house.reception)
    page.goto(f"/services/schemes/{scheme}")
    expect(page.get_by_role("table", name="Prices today")).to_contain_text("R\u00a0910,00")
    for name in ("Save", "Archive", "Remove the list from 1 Jan 2020"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(page.get_by_label("Choose a file")).to_have_count(0)
