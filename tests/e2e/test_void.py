"""An issued invoice with a payment link is withdrawn, or put right: nobody can pay the old one any more."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.payers import asked_to_pay, has_paid
from tests.e2e.stories import House, cell, eventually, fill_in, finished, press, status


def test_a_void_invoice_says_so_to_whoever_has_its_page_open_and_its_link_closes(
    served, open_as, stranger: Page, axe
) -> None:
    house = House(served)
    asked = asked_to_pay(house, first_name="Lerato", last_name="Dlamini")
    stranger.goto(asked.pay)
    pay = stranger.get_by_role("link", name=re.compile("^Pay "))
    expect(pay).to_be_visible()
    press_on_pay, gateway_page = pay.get_attribute("href"), house.links(asked.id)[-1].url
    page = open_as(house.owner)
    page.goto(f"/billing/{asked.id}")

    press(page, "Void")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("its payment link closes, and the session opens again")
    question.get_by_role("button", name="Void invoice").click()
    expect(question.get_by_label("Reason")).to_have_accessible_description(re.compile("^Say why"))
    axe(page)
    fill_in(page, "Void invoice", Reason="Billed to the wrong client")
    expect(status(page)).to_have_text("Void")
    expect(page.get_by_text("Void: Billed to the wrong client")).to_be_visible()
    expect(page.get_by_text("The payment link is closed.")).to_be_visible()
    expect(page.get_by_test_id("amount-due")).to_have_count(0)
    expect(page.get_by_label("Pay address")).to_have_count(0)
    axe(page)

    expect(stranger.get_by_role("heading", name="Withdrawn")).to_be_visible()
    expect(pay).to_have_count(0)
    stranger.goto(press_on_pay or "")  # as from a page that was left open without a connection
    expect(stranger.get_by_role("heading", name="Withdrawn")).to_be_visible()
    stranger.goto(gateway_page)
    expect(stranger.get_by_text("This payment request was replaced or settled.")).to_be_visible()
    expect(stranger.get_by_role("button", name="Pay", exact=True)).to_have_count(0)
    axe(stranger)

    page.goto("/appointments?tab=open")
    expect(page.get_by_role("link", name="View Details, Lerato Dlamini")).to_be_visible()
    assert [link.state for link in house.links(asked.id)] == ["closed"]


def test_a_wrong_invoice_is_corrected_by_a_draft_that_takes_its_place(served, open_as, stranger: Page) -> None:
    house = House(served)
    asked = asked_to_pay(house, email="lerato@example.test")
    stranger.goto(asked.pay)
    page = open_as(house.owner)
    page.goto(f"/billing/{asked.id}")
    press(page, "Correct")
    fill_in(page, "Make the Draft", Reason="Two hours, not one")
    expect(cell(page, "Quantity")).to_have_value("1")
    expect(status(page)).to_have_text("Draft")
    expect(stranger.get_by_role("heading", name="Withdrawn")).to_be_visible()
    cell(page, "Quantity").fill("2")
    press(page, "Request payment")
    expect(status(page)).to_have_text("Sent")
    old, new = house.invoices(asked.session)
    assert finished(page) == new.id
    assert (old.status, new.number, new.total_minor) == ("void", 2, 250_000)

    expect(stranger.get_by_role("heading", name="Replaced")).to_be_visible()
    eventually(lambda: [link.state for link in house.links(int(new.id))], lambda states: states == ["active"])
    stranger.goto(f"/pay/{new.pay_token}")
    expect(stranger.get_by_role("link", name="Pay R\u00a02\u00a0500,00")).to_be_visible()


def test_an_invoice_on_which_money_stands_is_not_withdrawn_and_the_way_is_said(served, open_as) -> None:
    house = House(served)
    asked = asked_to_pay(house)
    has_paid(house, asked)
    page = open_as(house.owner)
    page.goto(f"/billing/{asked.id}")
    press(page, "Void")
    question = fill_in(page, "Void invoice", Reason="A mistake")
    expect(question.get_by_role("alert").filter(has_text="Give it back under Payments first")).to_be_visible()
    expect(question.get_by_label("Reason")).to_have_value("A mistake")
    assert house.only_invoice(asked.session).status == "issued"
