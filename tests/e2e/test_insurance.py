"""Insurance Payment: a claim, never a link."""

from datetime import date

from playwright.sync_api import Page, expect

from tests.e2e.conftest import on_desktop_and_tablet
from tests.e2e.stories import House, answer, choose, eventually, finished, open_form, press, status


@on_desktop_and_tablet
def test_an_insurer_invoice_is_claimed_by_mail_and_paid_by_the_scheme(served, open_as, stranger: Page) -> None:
    house = House(served)
    session = house.session(insured=True, first_name="Naledi", last_name="Khumalo")
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Insurance")
    expect(page.get_by_label("Member number")).to_have_value("0081234567")
    expect(page.get_by_role("button", name="Request payment")).to_have_count(0)
    press(page, "Generate invoice")
    invoice_id = finished(page)
    expect(status(page)).to_have_text("Ready to claim")
    expect(page.get_by_label("Pay address")).to_have_count(0)
    assert house.letters(invoice_id) == [] and house.links(invoice_id) == []

    answer(page, "Mail to insurer")
    expect(status(page)).to_have_text("Sent")
    letters = eventually(lambda: house.letters(invoice_id))
    assert [(mail.kind, mail.recipient) for mail in letters] == [("insurer", "claims@khanya.example")]
    assert "/pay/" not in letters[0].text + letters[0].html

    today = page.evaluate("new Date().toLocaleDateString('sv-SE', {timeZone: 'Africa/Johannesburg'})")
    answer(page, "Mark as paid", Date_received=today, Reference="ERA 2026-117")
    expect(status(page)).to_have_text("Paid")
    row = house.payments(invoice_id)[0]
    assert (row.amount_minor, row.method, row.reference) == (125_000, "medical_aid", "ERA 2026-117")
    assert row.received_on == date.fromisoformat(today)
    assert house.links(invoice_id) == []

    stranger.goto(f"/pay/{house.only_invoice(session).pay_token}")
    expect(stranger.get_by_text("There is no invoice under this address.")).to_be_visible()
    expect(stranger.get_by_text("Khumalo")).to_have_count(0)


def test_what_a_claim_still_needs_is_said_and_filled_in_on_the_form(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Insurance")
    missing = page.get_by_text("Before you finish").locator("..")
    expect(missing).to_contain_text("membership number")
    page.get_by_label("Medical scheme").fill("Khanya Medical")
    page.get_by_label("Member number").fill("0089999999")
    expect(missing).not_to_contain_text("membership number")
    press(page, "Generate invoice")
    finished(page)
    expect(status(page)).to_have_text("Ready to claim")
