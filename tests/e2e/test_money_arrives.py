"""A payment arrives while the people of the practice are at other things."""

from playwright.sync_api import Locator, Page, expect
from sqlmodel import col, select

from tests.e2e.payers import Asked, asked_to_pay, pays
from tests.e2e.stories import House, cell, eventually, in_billing, open_form, status
from trova_app.models import OutboxRow

AMOUNT = "R\u00a01\u00a0250,00"


def notice(page: Page, asked: Asked) -> Locator:
    return page.get_by_role("status").filter(has_text=f"{AMOUNT} was paid online for {asked.number}.")


def test_a_payment_shows_in_every_open_page_and_is_said_once(served, open_as, axe) -> None:
    house, elsewhere = House(served), House(served)
    asked = asked_to_pay(house, first_name="Lerato", last_name="Dlamini")
    billing, form, stranger = open_as(house.owner), open_as(house.reception), open_as(elsewhere.owner)
    billing.goto("/billing")
    expect(in_billing(billing, asked.number)).to_contain_text("Sent")
    form.goto("/appointments")
    stranger.goto("/appointments")
    expect(stranger.get_by_role("heading", name="Appointments")).to_be_visible()
    expect(form.get_by_role("heading", name="Appointments")).to_be_visible()

    pays(house, asked)
    for page in (billing, form):
        expect(notice(page, asked)).to_be_visible()
        expect(notice(page, asked)).not_to_contain_text("Dlamini")  # who sits beside may read it
    expect(in_billing(billing, asked.number)).to_contain_text("Paid")
    axe(billing)
    billing.get_by_role("button", name="Close").click()
    expect(notice(billing, asked)).to_have_count(0)

    pays(house, asked)  # a gateway may tell the same twice
    waiting = select(OutboxRow.id).where(OutboxRow.practice_id == house.practice_id, col(OutboxRow.done_at).is_(None))
    eventually(lambda: house.read(waiting), lambda rows: rows == [])
    form.goto(f"/billing/{asked.id}")
    expect(status(form)).to_have_text("Paid")
    for page in (billing, form, stranger):
        expect(notice(page, asked)).to_have_count(0)


def test_a_payment_that_arrives_takes_nothing_from_somebody_who_types(served, open_as) -> None:
    house = House(served)
    asked = asked_to_pay(house)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    box = cell(page, "Description")
    box.fill("Psychotherapy, ")
    pays(house, asked)
    expect(page.get_by_role("status").filter(has_text="was paid online")).to_be_visible()
    expect(box).to_be_focused()
    box.press_sequentially("by telephone")
    house.wait_until_kept(session, "Psychotherapy, by telephone")
    expect(box).to_have_value("Psychotherapy, by telephone")
