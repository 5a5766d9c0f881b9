"""A scheme's price list, from the list to the unit price in the form."""

from datetime import date

from playwright.sync_api import Page, expect
from sqlmodel import select

from tests.builders import a_rate
from tests.e2e.stories import House, cell, figure, open_form
from trova_app.models import Appointment, Client, Scheme

LAST_YEAR, THIS_YEAR = date(2020, 1, 1), date(2025, 1, 1)


def with_a_list(house: House) -> int:
    session = house.session(insured=True)
    with house.served.act() as (db, _):
        client = db.get_one(Client, db.get_one(Appointment, session).client_id)
        scheme = db.exec(select(Scheme).where(Scheme.id == client.scheme_id)).one()
        a_rate(db, scheme, price=910, since=LAST_YEAR)
        a_rate(db, scheme, price=980, since=THIS_YEAR)
        a_rate(db, scheme, "86207", 1430, THIS_YEAR, "Psychotherapy 71 to 80 min")
    return session


def offered(page: Page):
    return page.get_by_role("listbox", name="What you charge").get_by_role("option")


def test_the_schemes_price_stands_in_the_form_and_completes_a_code(served, open_as) -> None:
    house = House(served)
    session = with_a_list(house)
    page = open_as(house.owner)
    open_form(page, session)
    expect(cell(page, "Unit price")).to_have_value("980,00")
    expect(page.get_by_text("Khanya Medical", exact=True).first).to_be_visible()
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
    expect(cell(page, "Unit price")).to_have_value("1\u00a0430,00")
    expect(figure(page, "total")).to_have_text("R\u00a01\u00a0430,00")
    cell(page, "Unit price").fill("1500")
    expect(page.get_by_text("Khanya Medical: R\u00a01\u00a0430,00")).to_be_visible()
    house.wait_until_kept(session, "1500")
