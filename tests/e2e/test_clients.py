"""Clients: a new one, a profile filled in, and two people at the same profile."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stories import House, press, stays

on_each_size = pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)


def new_client(page: Page, first_name: str, last_name: str) -> None:
    page.goto("/clients")
    page.get_by_role("link", name="New client").click()
    page.get_by_label("First name").fill(first_name)
    page.get_by_label("Last name").fill(last_name)
    press(page, "Add client")
    expect(page.get_by_role("heading", name=f"{first_name} {last_name}")).to_be_visible()


def edit(page: Page, what: str) -> None:
    page.get_by_role("link", name=f"Edit {what}").click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()


def fact(page: Page, name: str):
    return page.get_by_role("term").filter(has_text=name).locator("+ dd").first


def test_a_new_client_is_added_filled_in_and_found_by_a_new_address(served, open_as, axe) -> None:
    page = open_as(House(served).owner)
    page.goto("/clients/new")
    press(page, "Add client")
    expect(page.get_by_label("First name")).to_have_accessible_description("Enter the first name.")
    new_client(page, "Zoë", "Adams")
    edit(page, "contact")
    expect(page.get_by_label("First name")).to_be_focused()
    page.get_by_label("Mail address 1", exact=True).fill("zoe@")
    page.get_by_label("Address", exact=True).fill("7 Fig Tree Lane\nParkhurst")
    press(page, "Save")
    expect(page.get_by_label("Mail address 1", exact=True)).to_have_accessible_description(
        "Enter one address such as name@example.com."
    )
    expect(page.get_by_label("Address", exact=True)).to_have_value("7 Fig Tree Lane\nParkhurst")
    axe(page)
    page.get_by_label("Mail address 1", exact=True).fill("zoe.adams@example.test")
    press(page, "Save")
    expect(fact(page, "Mail address")).to_have_text("zoe.adams@example.test")
    expect(page.get_by_role("link", name="Edit contact")).to_be_focused()
    axe(page)
    page.goto("/clients")
    page.get_by_label("Search").fill("zoe.adams@ex")
    expect(page.get_by_role("link", name="Zoë Adams")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_client_can_be_added_from_the_moment_on_at_which_somebody_hears_it(served, open_as) -> None:
    page = open_as(House(served).owner)
    page.route_web_socket(re.compile("/_event"), lambda line: None)  # nobody answers
    page.goto("/clients/new")
    expect(page.get_by_role("button", name="Add client")).to_be_disabled()
    page.get_by_label("First name").fill("Zoë")
    page.get_by_label("First name").press("Enter")
    expect(page).to_have_url(re.compile("/clients/new$"))
    expect(page.get_by_label("First name")).to_have_value("Zoë")


def test_two_people_at_one_profile_keep_what_both_wrote_and_are_asked_where_it_touches(served, open_as) -> None:
    house = House(served)
    mine = open_as(house.owner)
    new_client(mine, "Thabo", "Nkosi")
    theirs = open_as(house.reception)
    theirs.goto(mine.url)
    for page in (mine, theirs):
        edit(page, "contact")
    theirs.get_by_label("Phone 1", exact=True).fill("082 555 0101")
    press(theirs, "Save")
    expect(fact(theirs, "Phone")).to_have_text("082 555 0101")
    mine.get_by_label("Mail address 1", exact=True).fill("thabo@example.test")
    press(mine, "Save")
    expect(fact(mine, "Mail address")).to_have_text("thabo@example.test")
    expect(fact(mine, "Phone")).to_have_text("082 555 0101")

    for page in (mine, theirs):
        edit(page, "contact")
    theirs.get_by_label("Phone 1", exact=True).fill("083 555 0202")
    press(theirs, "Save")
    expect(fact(theirs, "Phone")).to_have_text("083 555 0202")
    mine.get_by_label("Phone 1", exact=True).fill("084 555 0303")
    mine.get_by_label("First name").fill("Thabiso")
    press(mine, "Save")
    told = mine.get_by_role("table", name="What differs").get_by_role("row").last
    expect(told).to_have_text("Phones083 555 0202084 555 0303")
    press(mine, "Take theirs")
    expect(mine.get_by_label("Phone 1", exact=True)).to_have_value("083 555 0202")
    expect(mine.get_by_label("First name")).to_have_value("Thabiso")
    press(mine, "Save")
    expect(mine.get_by_role("heading", name="Thabiso Nkosi")).to_be_visible()
    expect(fact(mine, "Phone")).to_have_text("083 555 0202")


def test_what_is_typed_into_a_profile_outlives_the_server(served, open_as, restart) -> None:
    page = open_as(House(served).owner)
    new_client(page, "Ayanda", "Cele")
    edit(page, "contact")
    page.get_by_label("Phone 1", exact=True).fill("082 555 0101")
    page.get_by_label("Address", exact=True).fill("12 Protea Road")
    restart()
    page.get_by_label("Mail address 1", exact=True).fill("ayanda@example.test")
    press(page, "Save")
    for said in ("12 Protea Road", "082 555 0101", "ayanda@example.test"):
        expect(page.get_by_role("definition").get_by_text(said, exact=True)).to_be_visible()


def test_a_page_with_something_typed_is_not_left_without_a_word(served, open_as) -> None:
    page = open_as(House(served).owner)
    new_client(page, "Bongani", "Mabaso")
    edit(page, "contact")
    page.get_by_label("Address", exact=True).fill("12 Protea Road")
    asked = stays(page)
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Billing", exact=True).click()
    expect(page.get_by_label("Address", exact=True)).to_have_value("12 Protea Road")
    assert asked == ["What you typed here is not saved yet. Leave anyway?"]
    press(page, "Save")
    expect(fact(page, "Address")).to_be_visible()
    page.get_by_role("link", name="Billing", exact=True).click()
    expect(page.get_by_role("heading", name="Billing", level=1)).to_be_visible()
    assert len(asked) == 1


@on_each_size
def test_a_profile_is_filled_in_from_end_to_end_by_hand_and_by_keyboard(served, open_as, axe, size) -> None:
    page = open_as(House(served).owner)
    new_client(page, "Nomsa", "Dlamini")
    edit(page, "contact")
    page.get_by_label("Mail address 1", exact=True).fill("nomsa@example.test")
    page.get_by_label("Mail address 2", exact=True).fill("mother@example.test")
    page.get_by_label("Whose is mail address 2").fill("Mother")
    page.get_by_role("radio", name="Invoices go to mail address 2").check()
    page.get_by_label("Phone 1", exact=True).fill("011 55")
    page.get_by_label("ID or passport number").fill("7503305044088")
    axe(page)
    press(page, "Save")
    expect(fact(page, "Mail address")).to_contain_text("mother@example.test (Mother)Invoices")
    expect(fact(page, "Phone")).to_contain_text("does not look like a phone number")
    expect(fact(page, "ID number")).to_contain_text("a digit must be wrong")

    edit(page, "guardian or payer")
    page.get_by_label("Name", exact=True).fill("Thembi Dlamini")
    page.get_by_label("The account is for them: documents name them").check()
    press(page, "Save")
    expect(page.get_by_text("Documents name them as the one the account is for.")).to_be_visible()

    edit(page, "consent")
    page.get_by_label("Telling the medical aid the diagnosis", exact=True).check()
    axe(page)
    press(page, "Save")
    expect(page.locator("#consents").get_by_text("since")).to_be_visible()

    codes = page.get_by_role("combobox", name="Add diagnosis")
    for words in ("F41.1", "F32.1"):
        codes.press_sequentially(words)
        expect(page.get_by_role("option").first).to_contain_text(words)
        codes.press("Enter")
        expect(page.get_by_role("button", name=f"Remove diagnosis {words}")).to_be_visible()
    page.get_by_role("button", name="Move F32.1 up").press("Enter")
    listed = page.get_by_role("list").filter(has=page.get_by_role("button", name="Remove diagnosis F32.1"))
    expect(listed.get_by_role("listitem").first).to_contain_text("F32.1")

    edit(page, "billing")
    page.get_by_label("Payment type").select_option("Insurance Payment")
    press(page, "Save")
    expect(fact(page, "Payment type")).to_have_text("Insurance Payment")
    expect(page.get_by_text("Changed: default payment type.")).to_be_visible()
    axe(page)


def test_reception_fills_in_how_to_reach_people_and_sees_no_diagnosis(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    new_client(page, "Lerato", "Mokoena")
    codes = page.get_by_role("combobox", name="Add diagnosis")
    codes.press_sequentially("F41.1")
    expect(page.get_by_role("option").first).to_contain_text("F41.1")
    codes.press("Enter")
    expect(page.get_by_role("button", name="Remove diagnosis F41.1")).to_be_visible()
    desk = open_as(house.reception)
    desk.goto(page.url)
    edit(desk, "contact")
    desk.get_by_label("Phone 1", exact=True).fill("082 555 0101")
    press(desk, "Save")
    expect(fact(desk, "Phone")).to_have_text("082 555 0101")
    expect(desk.get_by_role("heading", name="Diagnosis")).to_have_count(0)
    for hidden in ("F41.1", "Merge with another client", "Download everything"):
        expect(desk.get_by_text(hidden)).to_have_count(0)
    assert "F41" not in desk.content()
