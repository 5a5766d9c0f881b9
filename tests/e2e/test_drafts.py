"""A Draft is left alone, found again in Billing, changed and sent; or taken back."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import on_desktop_and_tablet
from tests.e2e.stories import (
    House,
    answer,
    cell,
    choose,
    eventually,
    figure,
    finished,
    in_billing,
    open_form,
    press,
    status,
)
from trova_app.domain.appointments import AppointmentState


def saved_draft(page: Page, session: int) -> int:
    open_form(page, session)
    choose(page, "Other")
    press(page, "Save and Review")
    return finished(page)


@on_desktop_and_tablet
def test_a_draft_is_opened_from_billing_changed_and_sent(served, open_as) -> None:
    house = House(served)
    session = house.session(first_name="Zanele", last_name="Mthembu")
    page = open_as(house.owner)
    draft = saved_draft(page, session)
    page.goto("/appointments")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Billing").click()
    in_billing(page, "Zanele Mthembu").get_by_role("link").click()
    cell(page, "Quantity").fill("2")
    expect(figure(page, "total")).to_have_text("R\u00a02\u00a0500,00")
    press(page, "Send")
    assert finished(page) == draft
    expect(status(page)).to_have_text("Sent")
    expect(figure(page, "total")).to_have_text("R\u00a02\u00a0500,00")
    invoice = house.only_invoice(session)
    assert (invoice.total_minor, invoice.number) == (250_000, 1)
    assert [mail.kind for mail in eventually(lambda: house.letters(draft))] == ["invoice"]


def test_a_reopened_draft_stands_on_open_again_with_what_was_typed(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    cell(page, "Description").fill("Psychotherapy, by telephone")
    press(page, "Save and Review")
    finished(page)
    answer(page, "Reopen session")
    expect(page.get_by_role("button", name="Mark Session Complete")).to_be_visible()
    assert house.appointment(session).state == AppointmentState.SCHEDULED
    assert [invoice.status for invoice in house.invoices(session)] in ([], ["void"])
    page.get_by_role("button", name="Mark Session Complete").click()
    expect(cell(page, "Description")).to_have_value("Psychotherapy, by telephone")
