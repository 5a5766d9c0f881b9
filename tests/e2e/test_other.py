"""Other Payment: cash, bank transfer or card machine."""

from playwright.sync_api import expect

from tests.e2e.conftest import on_desktop_and_tablet
from tests.e2e.stories import House, answer, choose, eventually, figure, finished, open_form, press, status
from trova_app.domain.invoices import DocumentStatus


def kinds_of_letters(house: House, invoice_id: int) -> list[str]:
    return [mail.kind for mail in eventually(lambda: house.letters(invoice_id))]


def test_save_and_review_of_another_payment_sends_nothing_either(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    press(page, "Save and Review")
    invoice_id = finished(page)
    expect(status(page)).to_have_text("Draft")
    assert house.only_invoice(session).status == DocumentStatus.DRAFT
    assert house.letters(invoice_id) == [] and house.payments(invoice_id) == []


@on_desktop_and_tablet
def test_send_mails_the_invoice_and_waits_for_the_money(served, open_as) -> None:
    house = House(served)
    session = house.session(email="thandi@example.test")
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    press(page, "Send")
    invoice_id = finished(page)
    expect(page.get_by_text("is on its way to thandi@example.test").first).to_be_visible()
    expect(status(page)).to_have_text("Sent")
    assert kinds_of_letters(house, invoice_id) == ["invoice"]
    assert house.links(invoice_id) == [] and house.payments(invoice_id) == []


@on_desktop_and_tablet
def test_send_receipt_takes_all_of_it_as_paid(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    press(page, "Send Receipt")
    invoice_id = finished(page)
    expect(status(page)).to_have_text("Paid")
    expect(figure(page, "amount-due")).to_have_text("R\u00a00,00")
    assert kinds_of_letters(house, invoice_id) == ["receipt"]
    assert [payment.amount_minor for payment in house.payments(invoice_id)] == [125_000]


def test_part_of_the_money_is_partly_paid_and_the_rest_is_marked_later(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    page.get_by_label("Cash received", exact=True).fill("500")
    expect(figure(page, "paid")).to_have_text("R\u00a0500,00")
    expect(figure(page, "amount-due")).to_have_text("R\u00a0750,00")
    press(page, "Send Receipt")
    invoice_id = finished(page)
    expect(status(page)).to_have_text("Partly paid")
    expect(figure(page, "amount-due")).to_have_text("R\u00a0750,00")

    answer(page, "Mark as paid", Reference="EFT 4711")
    expect(status(page)).to_have_text("Paid")
    expect(page.get_by_text("EFT 4711")).to_be_visible()
    rows = house.payments(invoice_id)
    assert [(row.amount_minor, row.method, row.reference) for row in rows] == [
        (50_000, "cash", ""),
        (75_000, "bank_transfer", "EFT 4711"),
    ]


def test_more_than_is_due_is_not_taken(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    press(page, "Send")
    invoice_id = finished(page)
    press(page, "Mark as paid")
    question = page.get_by_role("dialog")
    question.get_by_label("Amount").fill("1 250,01")
    question.get_by_role("button", name="Mark as paid").click()
    expect(question.get_by_label("Amount")).to_have_accessible_description(
        "Enter an amount up to R\u00a01\u00a0250,00 (what is still due)."
    )
    expect(question.get_by_label("Amount")).to_have_value("1 250,01")
    assert house.payments(invoice_id) == []
