"""What only a person can decide: money that came but was not asked for like this, a refund that failed, a dispute."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.e2e.payers import (
    asked_to_pay,
    fails_to_refund,
    given_back,
    gives_back_there,
    has_paid,
    loses_its_link,
    objects,
    pays,
    writes_down,
)
from tests.e2e.stories import House, in_billing, status

LESS, ALL = "R\u00a01\u00a0000,00", "R\u00a01\u00a0250,00"


def to_decide(page: Page) -> Locator:
    return page.get_by_role("region", name="To decide").get_by_role("listitem")


def decide(page: Page, item: Locator, act: str, yes: str, **fields: str) -> None:
    item.get_by_role("button", name=re.compile(f"^{act}, ")).click()
    question = page.get_by_role("dialog")
    for label, text in fields.items():
        question.get_by_label(label).fill(text)
    question.get_by_role("button", name=yes, exact=True).click()
    expect(question).to_be_hidden()


def test_payments_of_a_wrong_amount_wait_for_a_person_who_counts_refunds_or_leaves_them(served, open_as, axe) -> None:
    house = House(served)
    counted, refunded, left = (asked_to_pay(house, last_name=name) for name in ("Dlamini", "Nkosi", "Adams"))
    page, reception = open_as(house.owner), open_as(house.reception)
    page.goto("/billing")
    expect(in_billing(page, "Dlamini")).to_be_visible()
    for asked in (counted, refunded, left):
        pays(house, asked, 100_000)
    expect(to_decide(page)).to_have_count(3)
    item = to_decide(page).filter(has_text=f"{LESS} was paid online for {counted.number}, where {ALL} was asked for.")
    expect(in_billing(page, "Dlamini")).to_contain_text("Sent")
    axe(page)
    reception.goto("/billing")
    expect(to_decide(reception)).to_have_count(3)
    expect(to_decide(reception).get_by_role("button")).to_have_count(0)

    decide(page, item, "Count for an invoice", "Count for it")
    expect(in_billing(page, "Dlamini")).to_contain_text("Partly paid")
    expect(to_decide(page)).to_have_count(2)

    decide(page, to_decide(page).filter(has_text=refunded.number), "Refund", "Refund")
    expect(to_decide(page)).to_have_count(1)
    page.get_by_role("button", name="Leave as it is").click()
    question = page.get_by_role("dialog")
    question.get_by_role("button", name="Leave as it is").click()
    expect(question.get_by_label("Why")).to_have_accessible_description("Say it in a few words.")
    axe(page)
    question.get_by_label("Why").fill("Counts for December")
    question.get_by_role("button", name="Leave as it is").click()
    expect(to_decide(page)).to_have_count(0)
    expect(page.get_by_text("Left as it is.")).to_be_visible()
    expect(to_decide(reception)).to_have_count(0)

    page.goto(f"/billing/{left.id}")
    expect(page.get_by_text("Left as it is: Counts for December")).to_be_visible()
    expect(page.get_by_text("Kept as a credit").first).to_be_visible()
    page.goto("/billing?tab=refunds")
    expect(page.get_by_role("row").filter(has_text=refunded.number)).to_contain_text(LESS)


def test_a_refund_that_the_gateway_takes_back_is_somebodys_to_look_at(served, open_as) -> None:
    house = House(served)
    asked = asked_to_pay(house)
    has_paid(house, asked)
    given_back(house, asked)
    page = open_as(house.owner)
    page.goto("/billing")
    expect(in_billing(page, asked.number)).to_contain_text("Refunded")
    fails_to_refund(house, asked)
    expect(to_decide(page)).to_contain_text(f"The refund of {ALL} on {asked.number} did not go through.")
    expect(in_billing(page, asked.number)).to_contain_text("Paid")
    decide(page, to_decide(page), "Refund", "Refund")
    expect(in_billing(page, asked.number)).to_contain_text("Refunded")
    expect(to_decide(page)).to_have_count(0)


def test_a_person_says_whether_a_refund_the_gateway_tells_of_is_what_was_written_down(served, open_as, axe) -> None:
    house = House(served)
    written, another = (asked_to_pay(house, last_name=name) for name in ("Dlamini", "Nkosi"))
    page, reception = open_as(house.owner), open_as(house.reception)
    reception.goto("/billing")
    for asked in (written, another):
        payment = has_paid(house, asked)
        writes_down(house, payment, "500")
        gives_back_there(house, payment, 30_000)
    page.goto("/billing")
    expect(to_decide(page)).to_have_count(2)
    expect(to_decide(reception)).to_have_count(2)
    expect(to_decide(reception).get_by_role("button")).to_have_count(0)
    item = to_decide(page).filter(has_text=f"a refund of R\u00a0300,00 on {written.number}")
    expect(item).to_contain_text("do not give it back again")

    item.get_by_role("button", name="Count it").click()
    question = page.get_by_role("dialog", name="Count it")
    question.get_by_role("button", name="Count it").click()
    part = question.get_by_role("radio", name="A part of R\u00a0500,00 written down on")
    expect(part).to_have_accessible_description("Choose what it is.")
    axe(page)
    part.check()
    question.get_by_role("button", name="Count it").click()
    expect(question).to_be_hidden()
    expect(page.get_by_text("R\u00a0300,00 is counted once, as what was written down.")).to_be_visible()
    expect(to_decide(page)).to_have_count(1)

    item = to_decide(page).filter(has_text=another.number)
    item.get_by_role("button", name="Count it").click()
    question.get_by_role("radio", name="Another refund: R\u00a0300,00 more was given back").check()
    question.get_by_role("button", name="Count it").click()
    expect(to_decide(page)).to_have_count(0)
    expect(in_billing(page, written.number)).to_contain_text("R\u00a0500,00")
    expect(in_billing(page, another.number)).to_contain_text("R\u00a0800,00")
    gives_back_there(house, house.payments(written.id)[-1], 20_000, "rest")
    page.goto(f"/billing/{written.id}")
    expect(page.get_by_text("R\u00a0300,00 of what was written down as given back")).to_be_visible()
    expect(page.get_by_text("Not counted")).to_have_count(0)
    expect(to_decide(reception)).to_have_count(0)


def test_an_open_dispute_stands_in_the_list_and_on_its_invoice_until_the_bank_has_decided(served, open_as, axe) -> None:
    house = House(served)
    asked = asked_to_pay(house)
    payment = has_paid(house, asked)
    page = open_as(house.owner)
    page.goto("/billing")
    expect(in_billing(page, asked.number)).to_contain_text("Paid")
    objects(house, payment, until=datetime.now(UTC) + timedelta(days=9))
    expect(in_billing(page, asked.number)).to_contain_text("Disputed")
    expect(to_decide(page)).to_contain_text(f"The payer objected to {ALL} for {asked.number} at their bank.")
    axe(page)

    page.goto(f"/billing/{asked.id}")
    warning = page.locator("aside").get_by_text(f"The payer objected to {ALL} at their bank.").first
    expect(warning).to_contain_text("Answer with your evidence at the gateway by")
    expect(page.get_by_role("button", name="Refund, Online payment")).to_have_count(0)
    axe(page)
    objects(house, payment, "lost")
    expect(status(page)).to_have_text("Sent")
    expect(page.get_by_text(f"The bank decided for the payer: {ALL} was taken back.")).to_be_visible()
    expect(page.get_by_role("heading", name="Disputes")).to_be_visible()
    expect(page.get_by_text("Answer with your evidence")).to_have_count(0)
    page.goto("/billing")
    expect(in_billing(page, asked.number)).to_contain_text("Sent")
    expect(in_billing(page, asked.number)).not_to_contain_text("Disputed")
    expect(to_decide(page)).to_have_count(0)


def test_the_invoice_of_a_link_made_with_another_key_leads_to_what_there_is_to_decide(served, open_as) -> None:
    house = House(served)
    asked = asked_to_pay(house)
    loses_its_link(house, asked)
    page = open_as(house.owner)
    page.goto(f"/billing/{asked.id}")
    way = page.get_by_role("link", name="Billing, To decide")
    expect(way.locator("..")).to_contain_text("What can be done stands in Billing, To decide.")
    way.click()
    expect(to_decide(page)).to_contain_text(f"The payment link of {asked.number}")
