"""A payment by link is given back, in part and then whole, by somebody who may."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.payers import asked_to_pay, gives_back_there, has_paid, loses_its_account
from tests.e2e.stories import House, eventually, figure, fill_in, in_billing, press, status

ALL, PART, REST = "R\u00a01\u00a0250,00", "R\u00a0400,00", "R\u00a0850,00"


def ask_refund(page: Page) -> None:
    page.get_by_role("button", name="Refund, Online payment").click()
    expect(page.get_by_role("dialog")).to_contain_text("It goes back the way it came.")


def refund(page: Page) -> None:
    question = page.get_by_role("dialog")
    question.get_by_role("button", name="Refund", exact=True).click()
    expect(question).to_be_hidden()


def test_an_online_payment_is_given_back_in_part_and_then_the_rest(served, open_as, axe) -> None:
    house = House(served)
    asked = asked_to_pay(house, first_name="Lerato", last_name="Dlamini")
    has_paid(house, asked)
    page, reception = open_as(house.owner), open_as(house.reception)
    reception.goto(f"/billing/{asked.id}")
    expect(status(reception)).to_have_text("Paid")
    page.goto(f"/billing/{asked.id}")

    ask_refund(page)
    question = page.get_by_role("dialog")
    expect(question.get_by_label("Amount")).to_have_value(ALL)
    question.get_by_label("Note").fill("Half of the session fell away")
    question.get_by_label("Amount").fill("1 250,01")
    question.get_by_role("button", name="Refund", exact=True).click()
    expect(question.get_by_label("Amount")).to_have_accessible_description(re.compile(f"up to {ALL}"))
    expect(question.get_by_label("Note")).to_have_value("Half of the session fell away")
    axe(page)
    question.get_by_label("Amount").fill("400")
    refund(page)
    expect(page.get_by_text(f"The refund of {PART} is on its way.")).to_be_visible()
    expect(status(page)).to_have_text("Partly refunded")
    expect(figure(page, "refunded")).to_have_text(PART)
    expect(page.get_by_text("Half of the session fell away")).to_be_visible()
    expect(page.get_by_label("Pay address")).to_have_count(0)

    ask_refund(page)
    expect(question.get_by_label("Amount")).to_have_value(REST)
    refund(page)
    expect(status(page)).to_have_text("Refunded")
    expect(figure(page, "refunded")).to_have_text(ALL)
    expect(figure(page, "amount-due")).to_have_count(0)
    expect(page.get_by_role("button", name="Refund, Online payment")).to_have_count(0)
    axe(page)
    assert [(row.amount_minor, row.state) for row in house.refunds(asked.id)] == [
        (40_000, "succeeded"),
        (85_000, "succeeded"),
    ]

    # Who may take payments but not bill sees it all happen, and has no button for it.
    expect(status(reception)).to_have_text("Refunded")
    expect(reception.get_by_role("heading", name="Refunds")).to_be_visible()
    for act in ("Refund", "Correct", "Void", "Mail again"):
        expect(reception.get_by_role("button", name=act)).to_have_count(0)

    page.goto("/billing?tab=refunds")
    rows = page.get_by_role("table", name="Refunds").get_by_role("row").filter(has_text="Lerato Dlamini")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Given back")
    expect(rows.first).to_contain_text(REST)
    axe(page)
    page.goto("/billing")
    row = in_billing(page, asked.number)
    expect(row).to_contain_text("Refunded")
    expect(row.get_by_role("cell").nth(6)).to_have_text(ALL)


def test_what_was_paid_in_cash_goes_back_by_hand_is_written_down_and_can_be_taken_back(served, open_as, axe) -> None:
    house = House(served)
    page = open_as(house.owner)
    asked = asked_to_pay(house)
    page.goto(f"/billing/{asked.id}")
    press(page, "Mark as paid")
    question = page.get_by_role("dialog")
    question.get_by_label("Method").select_option("cash")
    question.get_by_role("button", name="Mark as paid").click()
    expect(status(page)).to_have_text("Paid")
    page.get_by_role("button", name="Refund, Cash").click()
    expect(question).to_contain_text("Give it back by hand, then record it here.")
    fill_in(page, "Record refund", Reference="Till 7")
    expect(page.get_by_text(f"{ALL} given back, recorded.")).to_be_visible()
    expect(status(page)).to_have_text("Refunded")
    rows = eventually(lambda: house.refunds(asked.id))
    assert [(row.method, row.reference, row.amount_minor) for row in rows] == [("cash", "Till 7", 125_000)]

    # It was another client's: the entry is taken back, and stays to be seen.
    page.get_by_role("button", name=f"Take back, Cash of {ALL}").click()
    expect(question).to_contain_text("written down and never made")
    question.get_by_role("button", name="Take back").click()
    expect(question.get_by_label("Why")).to_have_accessible_description(re.compile("Say why in a few words."))
    axe(page)
    fill_in(page, "Take back", Why="Another client's")
    expect(page.get_by_text(f"{ALL} is counted as received again.")).to_be_visible()
    expect(status(page)).to_have_text("Paid")
    expect(figure(page, "refunded")).to_have_count(0)
    expect(page.get_by_text("Taken back: Another client's").first).to_be_visible()
    expect(page.get_by_role("button", name="Take back")).to_have_count(0)
    expect(page.get_by_role("button", name="Refund, Cash")).to_be_visible()


def test_who_writes_down_what_the_gateway_has_told_of_says_whether_it_is_the_same(served, open_as, axe) -> None:
    house = House(served)
    page = open_as(house.owner)
    asked = asked_to_pay(house)
    payment = has_paid(house, asked)
    gives_back_there(house, payment, 30_000)
    eventually(lambda: house.refunds(asked.id))
    loses_its_account(house, payment)
    page.goto(f"/billing/{asked.id}")
    question = page.get_by_role("dialog")

    def write_down(reference: str) -> None:
        page.get_by_role("button", name="Refund, Online payment").click()
        question.get_by_label("Amount").fill("300")
        question.get_by_label("Reference").fill(reference)
        question.get_by_role("button", name="Record refund").click()
        expect(question.get_by_role("alert").first).to_contain_text("already told of a refund of R\u00a0300,00 on")

    write_down("re_7731")
    axe(page)
    question.get_by_role("button", name="Record refund").click()
    same = question.get_by_role("radio", name="It is the same refund: R\u00a0300,00 on")
    expect(same).to_have_accessible_description("Choose one of these.")
    expect(question.get_by_label("Reference")).to_have_value("re_7731")
    same.check()
    question.get_by_role("button", name="Record refund").click()
    expect(page.get_by_text("Nothing was added: R\u00a0300,00 stands here already")).to_be_visible()
    expect(figure(page, "refunded")).to_have_text("R\u00a0300,00")
    expect(page.get_by_text("re_7731")).to_be_visible()

    write_down("re_7732")
    question.get_by_role("radio", name="It is another one: R\u00a0300,00 more went back").check()
    question.get_by_role("button", name="Record refund").click()
    expect(figure(page, "refunded")).to_have_text("R\u00a0600,00")
