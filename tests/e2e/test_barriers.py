"""No page has a barrier that axe knows of: desktop and phone, light and dark."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES
from tests.e2e.stories import House, cell, eventually, finished, open_form, press, status, to_step

LOOKS = [(size, scheme) for size in ("desktop", "phone") for scheme in ("light", "dark")]


@pytest.fixture
def no_barrier(axe) -> Callable[[Page], None]:
    """`no_barrier(page)`: in every look of the page as it is now."""

    def check(page: Page) -> None:
        for size, scheme in LOOKS:
            width, height = SIZES[size]
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            expect(page.locator("html")).to_have_class(re.compile(rf"\b{scheme}\b"))
            axe(page)
        page.set_viewport_size({"width": 1440, "height": 900})

    return check


def steps(page: Page) -> Iterator[str]:
    """Through the steps of the form, one after the other."""
    for name in ("Payment type", "Line items", "Finalize"):
        to_step(page, name)
        yield name


def finish(page: Page, session: int, payment_type: str, closing: str, cash: str = "") -> int:
    open_form(page, session)
    page.get_by_role("radio", name=f"{payment_type} Payment").check(force=True)
    if cash:
        page.get_by_label("Cash received", exact=True).fill(cash)
    press(page, closing)
    return finished(page)


def test_the_lists_and_the_places_around_them(open_browser, open_as, no_barrier, console) -> None:
    console.allow("status of 404")
    page = open_browser()
    page.goto("/sign-in")
    expect(page.get_by_label("E-mail")).to_be_visible()
    no_barrier(page)
    page.goto("/sign-in?problem=1")
    expect(page.get_by_role("alert")).to_be_visible()
    no_barrier(page)
    page = open_as("clinician@demo.trova.test")
    for tab in ("upcoming", "open", "completed", "missed", "cancelled"):
        page.goto(f"/appointments?tab={tab}")
        expect(page.get_by_role("tab", name=tab.capitalize(), exact=True)).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("link", name="View Details").first).to_be_visible()
        no_barrier(page)
    for tab in ("invoices", "payments", "refunds"):
        page.goto(f"/billing?tab={tab}")
        expect(page.get_by_role("tab", name=tab.capitalize(), exact=True)).to_have_attribute("aria-selected", "true")
        no_barrier(page)
    for path, heading in (
        ("/clients", "Clients"),
        ("/outbox", "Outbox"),
        ("/settings", "Settings"),
        ("/settings/payments", "Settings"),
        ("/no-such-page", "Not here"),
    ):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        no_barrier(page)
    page.goto("/clients")
    page.get_by_role("table", name="Clients").get_by_role("link").first.click()
    page.wait_for_url("**/clients/*")
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    no_barrier(page)


def test_details_and_questions(served, open_as, no_barrier) -> None:
    house = House(served)
    session = house.session(insured=True)
    page = open_as(house.owner)
    page.goto(f"/appointments/{session}")
    press(page, "Mark Session Missed")
    expect(page.get_by_role("dialog")).to_be_visible()
    no_barrier(page)
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    no_barrier(page)
    press(page, "Edit the client's contact")
    expect(page.get_by_label("Phone")).to_be_visible()
    no_barrier(page)
    page.goto("/appointments/0")
    expect(page.get_by_role("heading", name="Not here")).to_be_visible()
    no_barrier(page)


@pytest.mark.parametrize("payment_type", ["Online", "Other", "Insurance"])
def test_the_form_in_each_payment_type(served, open_as, no_barrier, payment_type: str) -> None:
    house = House(served, charges_tax=True)
    session = house.session(email="")
    page = open_as(house.owner)
    open_form(page, session)
    page.get_by_role("radio", name=f"{payment_type} Payment").check(force=True)
    for _ in steps(page):
        no_barrier(page)
    page.get_by_role("link", name="Line items").click()
    cell(page, "Quantity").fill("two")
    cell(page, "Description").fill("")
    expect(cell(page, "Quantity")).to_have_attribute("aria-invalid", "true")
    box = page.get_by_role("combobox", name="Add diagnosis")
    box.press_sequentially("anx")
    expect(page.get_by_role("listbox", name="ICD-10 codes").get_by_role("option").first).to_be_visible()
    no_barrier(page)
    box.press("Escape")
    page.get_by_role("link", name="Finalize").click()
    closing = {"Online": "Request payment", "Other": "Send", "Insurance": "Generate invoice"}[payment_type]
    press(page, closing)
    expect(page.get_by_test_id("problem")).to_have_text(re.compile("Please look at"))
    for _ in steps(page):
        no_barrier(page)


def test_a_document_in_each_state_and_what_the_client_sees(served, open_browser, open_as, no_barrier) -> None:
    house = House(served)
    page, client = open_as(house.owner), open_browser()
    cases = [
        ("Online", "Save and Review", "", "Draft"),
        ("Online", "Request payment", "", "Sent"),
        ("Other", "Send Receipt", "500", "Partly paid"),
        ("Other", "Send Receipt", "", "Paid"),
        ("Insurance", "Generate invoice", "", "Ready to claim"),
    ]
    for payment_type, closing, cash, word in cases:
        session = house.session(insured=payment_type == "Insurance")
        invoice_id = finish(page, session, payment_type, closing, cash)
        expect(status(page)).to_have_text(word)
        if word not in ("Draft", "Ready to claim"):
            eventually(lambda invoice_id=invoice_id: house.letters(invoice_id))
        no_barrier(page)
        client.goto(f"/pay/{house.only_invoice(session).pay_token}")
        expect(client.get_by_role("heading", level=1)).to_be_visible()
        no_barrier(client)
    for act in ("Mark as paid", "Mail to insurer", "Mark as submitted", "Mail again"):
        press(page, act)
        expect(page.get_by_role("dialog")).to_be_visible()
        no_barrier(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
