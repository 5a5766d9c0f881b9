"""Online Payment, from the Draft to the money."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import on_desktop_and_tablet
from tests.e2e.stories import House, cell, choose, eventually, figure, finished, in_billing, open_form, press, status
from trova_app.domain.appointments import AppointmentState
from trova_app.domain.invoices import DocumentStatus


@on_desktop_and_tablet
def test_save_and_review_makes_a_draft_and_sends_nothing(served, open_as) -> None:
    house = House(served)
    session = house.session(first_name="Lerato", last_name="Dlamini")
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Online")
    press(page, "Save and Review")
    invoice_id = finished(page)
    expect(status(page)).to_have_text("Draft")
    page.goto("/billing")
    expect(in_billing(page, "Lerato Dlamini")).to_contain_text("Draft")
    page.goto("/appointments?tab=completed")
    expect(page.get_by_role("link", name="View Details, Lerato Dlamini")).to_be_visible()
    page.goto("/appointments?tab=open")
    expect(page.get_by_text("Nothing open.")).to_be_visible()
    invoice = house.only_invoice(session)
    assert (invoice.id, invoice.status, invoice.number) == (invoice_id, DocumentStatus.DRAFT, None)
    assert house.letters(invoice_id) == [] and house.links(invoice_id) == []
    assert house.appointment(session).state == AppointmentState.COMPLETED


@pytest.mark.parametrize(
    ("currency", "price", "reason", "good"),
    [
        ("KWD", "5.124", "Online payment in KWD needs an amount that ends in 0.", "5.120"),
        ("USD", "0.49", "The amount is too small to be paid online.", "0.50"),
    ],
)
def test_request_payment_is_off_and_says_why_while_the_amount_cannot_be_charged_exactly(
    served, open_as, currency: str, price: str, reason: str, good: str
) -> None:
    house = House(served, currency=currency, country="US")
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Online")
    request = page.get_by_role("button", name="Request payment")
    cell(page, "Unit price").fill(price)
    expect(request).to_be_disabled()
    expect(request).to_have_accessible_description(re.compile(re.escape(reason)))
    expect(page.locator(".ready").get_by_text(reason)).to_be_visible()
    expect(page.get_by_role("button", name="Save and Review", exact=True)).to_be_enabled()
    cell(page, "Unit price").fill(good)
    expect(request).to_be_enabled()
    request.click()
    asked = house.links(finished(page))[0]
    assert (asked.currency, asked.amount_minor) == (currency, int(good.replace(".", "")))


def test_an_invoice_asked_for_online_is_paid_by_the_client_while_the_clinician_looks_on(
    served, open_as, stranger: Page, axe
) -> None:
    house = House(served)
    session = house.session(first_name="Sipho", last_name="Nkosi", email="sipho@example.test")
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Online")
    press(page, "Request payment")
    invoice_id = finished(page)
    expect(page.get_by_role("status").filter(has_text="is on its way to sipho@example.test").first).to_be_visible()
    expect(status(page)).to_have_text("Sent")

    letters = eventually(lambda: house.letters(invoice_id), lambda found: found and found[0].state == "captured")
    letter = letters[0]
    invoice, link = house.only_invoice(session), house.links(invoice_id)[0]
    assert link.url and letter.sent_at >= link.changed_at
    assert f"/pay/{invoice.pay_token}" in letter.text

    page.goto("/billing")
    row = in_billing(page, "Sipho Nkosi")
    expect(row).to_contain_text("Sent")
    page.evaluate("window.stayed = true")
    pay(stranger, f"/pay/{invoice.pay_token}", "R\u00a01\u00a0250,00", axe)
    expect(row).to_contain_text("Paid")
    assert page.evaluate("window.stayed") is True

    page.goto(f"/billing/{invoice_id}")
    expect(page.get_by_text("Pay page opened")).to_have_count(1)  # once, however often it was
    kinds = eventually(lambda: [mail.kind for mail in house.letters(invoice_id)], lambda kinds: len(kinds) > 1)
    assert kinds == ["invoice", "receipt"]
    assert [payment.amount_minor for payment in house.payments(invoice_id)] == [125_000]


def pay(page: Page, address: str, amount: str, axe: Callable[[Page], None]) -> None:
    """As the client does, from the letter's address to the thanks."""
    page.goto(address)
    expect(figure(page, "amount-due")).to_have_text(amount)
    page.get_by_role("link", name=re.compile("^Pay ")).click()
    page.wait_for_url("**/sim/pay/*")
    axe(page)
    page.get_by_role("button", name="Pay", exact=True).click()
    page.wait_for_url(f"**{address}*")
    expect(page.get_by_text("This invoice is paid. Thank you.")).to_be_visible()
