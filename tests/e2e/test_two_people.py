"""Two people, or one person twice, at the same form."""

from playwright.sync_api import Page, expect

from tests.e2e.stories import House, Line, cell, choose, eventually, finished, open_form, press
from tests.e2e.typists import says

OURS, THEIRS = "Psychotherapy, at the rooms", "Psychotherapy, by telephone"


def both_have_typed(house: House, session: int, one: Page, two: Page) -> None:
    """Both type in the same box; `one` is saved first, of which `two` has not heard yet while typing, and is told."""
    line = Line(two)
    open_form(one, session)
    open_form(two, session)
    line.hears(False)
    cell(one, "Description").fill(THEIRS)
    house.wait_until_kept(session, THEIRS)
    cell(two, "Description").fill(OURS)
    line.hears(True)
    differs = two.get_by_role("table", name="What differs")
    expect(differs).to_contain_text(THEIRS)
    expect(differs).to_contain_text(OURS)
    expect(two.get_by_role("alert").filter(has_text="saved this form in the meantime")).to_be_visible()
    expect(cell(two, "Description")).to_have_value(OURS)


def test_the_later_of_two_people_keeps_their_own_after_seeing_both(served, open_as) -> None:
    house = House(served)
    session = house.session()
    one, two = open_as(house.colleague("Dr Bongani Sithole")), open_as(house.owner)
    both_have_typed(house, session, one, two)
    expect(two.get_by_text("Dr Bongani Sithole saved this form in the meantime")).to_be_visible()
    press(two, "Keep mine")
    says(two, "Saved")  # what goes over a `Line` goes on only while a page is waited for
    house.wait_until_kept(session, OURS)
    expect(two.get_by_role("table", name="What differs")).to_have_count(0)
    expect(cell(two, "Description")).to_have_value(OURS)
    choose(two, "Other")
    press(two, "Send")
    finished(two)
    expect(one.get_by_text("This session is already billed")).to_be_visible()
    assert house.only_invoice(session).number == 1


def test_the_later_of_two_tabs_takes_the_others_after_seeing_both(served, open_as) -> None:
    house = House(served)
    session = house.session()
    one = open_as(house.owner)
    two = one.context.new_page()
    both_have_typed(house, session, one, two)
    press(two, "Take theirs")
    expect(cell(two, "Description")).to_have_value(THEIRS)
    cell(two, "Code").fill("86206")
    says(two, "Saved")
    house.wait_until_kept(session, THEIRS, "86206")


def test_a_double_click_on_the_closing_button_makes_one_invoice(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    page.get_by_role("button", name="Send Receipt").dblclick()
    invoice_id = finished(page)
    expect(page.get_by_text("Receipt").first).to_be_visible()
    assert house.only_invoice(session).number == 1
    assert len(house.payments(invoice_id)) == 1
    assert [mail.kind for mail in eventually(lambda: house.letters(invoice_id))] == ["receipt"]
