"""Clients: a new one, a profile filled in, and two people at the same profile."""

from playwright.sync_api import Page, expect

from tests.e2e.stories import House, press


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
    page.get_by_label("Mail address").fill("zoe@")
    page.get_by_label("Address", exact=True).fill("7 Fig Tree Lane\nParkhurst")
    press(page, "Save")
    expect(page.get_by_label("Mail address")).to_have_accessible_description(
        "Enter one address such as name@example.com."
    )
    expect(page.get_by_label("Address", exact=True)).to_have_value("7 Fig Tree Lane\nParkhurst")
    axe(page)
    page.get_by_label("Mail address").fill("zoe.adams@example.test")
    press(page, "Save")
    expect(fact(page, "Mail address")).to_have_text("zoe.adams@example.test")
    expect(page.get_by_role("link", name="Edit contact")).to_be_focused()
    axe(page)
    page.goto("/clients")
    page.get_by_label("Search").fill("zoe.adams@ex")
    expect(page.get_by_role("link", name="Zoë Adams")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)


def test_two_people_at_one_profile_keep_what_both_wrote_and_are_asked_where_it_touches(served, open_as) -> None:
    house = House(served)
    mine = open_as(house.owner)
    new_client(mine, "Thabo", "Nkosi")
    theirs = open_as(house.reception)
    theirs.goto(mine.url)
    for page in (mine, theirs):
        edit(page, "contact")
    theirs.get_by_label("Phone").fill("082 555 0101")
    press(theirs, "Save")
    expect(fact(theirs, "Phone")).to_have_text("082 555 0101")
    mine.get_by_label("Mail address").fill("thabo@example.test")
    press(mine, "Save")
    expect(fact(mine, "Mail address")).to_have_text("thabo@example.test")
    expect(fact(mine, "Phone")).to_have_text("082 555 0101")

    for page in (mine, theirs):
        edit(page, "contact")
    theirs.get_by_label("Phone").fill("083 555 0202")
    press(theirs, "Save")
    expect(fact(theirs, "Phone")).to_have_text("083 555 0202")
    mine.get_by_label("Phone").fill("084 555 0303")
    mine.get_by_label("First name").fill("Thabiso")
    press(mine, "Save")
    told = mine.get_by_role("table", name="What differs").get_by_role("row").last
    expect(told).to_have_text("Phone083 555 0202084 555 0303")
    press(mine, "Take theirs")
    expect(mine.get_by_label("Phone")).to_have_value("083 555 0202")
    expect(mine.get_by_label("First name")).to_have_value("Thabiso")
    press(mine, "Save")
    expect(mine.get_by_role("heading", name="Thabiso Nkosi")).to_be_visible()
    expect(fact(mine, "Phone")).to_have_text("083 555 0202")
