"""What is typed on a client's page stays there, whatever is saved, moved or opened beside it meanwhile."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from tests.e2e.stories import House, Line, press, stays
from tests.e2e.test_clients import edit, fact
from trova_app.domain.permissions import Role
from trova_app.models import Member

NOT_CHOSEN = "The diagnosis \u201c{}\u201d is not added yet. Choose a code from the list, or empty the box."


@pytest.fixture
def house(served) -> House:
    return House(served)


@pytest.fixture
def page(house: House, open_as) -> Page:
    """A client with one diagnosis, F32.1."""
    session = house.session(diagnosis=("F32.1", "Moderate depressive episode"))
    page = open_as(house.owner)
    page.goto(f"/clients/{house.appointment(session).client_id}")
    expect(remover(page, "F32.1")).to_be_visible()
    return page


@pytest.fixture
def line(page: Page) -> Line:
    line = Line(page)
    page.reload()
    expect(remover(page, "F32.1")).to_be_visible()
    return line


@pytest.fixture
def namesake(house: House, page: Page) -> Locator:
    """The way to another client of the same name, whose phone is 083 555 0202."""
    house.session(phone="083 555 0202")
    page.reload()
    alike = page.locator("section").filter(has=page.get_by_role("heading", name="Might be the same person"))
    return alike.get_by_role("link")


def remover(page: Page, code: str) -> Locator:
    return page.get_by_role("button", name=f"Remove diagnosis {code}")


def codes(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Add diagnosis")


def add(page: Page, code: str) -> None:
    codes(page).fill(code)
    expect(page.get_by_role("option").first).to_contain_text(code)
    codes(page).press("Enter")


def typed_on_while_saved(page: Page, line: Line) -> Locator:
    """ "082 555" is saved, and "082 555 0101" stands in the box."""
    edit(page, "contact")
    phone = page.get_by_label("Phone 1", exact=True)
    phone.fill("082 555")
    line.hears(False)
    press(page, "Save")
    phone.fill("082 555 0101")
    line.hears(True)
    expect(page.get_by_text("Saved, without what you typed since. Please save again.")).to_be_visible()
    return phone


def test_words_for_a_diagnosis_typed_while_another_part_is_saved_stay_in_their_box(page: Page, line: Line) -> None:
    edit(page, "consent")
    page.get_by_label("Telling the medical aid the diagnosis", exact=True).check()
    line.hears(False)
    press(page, "Save")
    codes(page).click()
    page.keyboard.type("anx")
    line.hears(True)
    expect(page.locator("#consents").get_by_text("since")).to_be_visible()
    expect(page.get_by_role("link", name="Edit consent")).to_be_visible()
    page.wait_for_timeout(500)  # what follows the answer
    page.keyboard.type("iety")
    expect(codes(page)).to_have_value("anxiety")


def test_words_for_a_diagnosis_stay_while_another_one_is_moved_or_removed(page: Page) -> None:
    add(page, "F41.1")
    expect(remover(page, "F41.1")).to_be_visible()
    expect(codes(page)).to_have_value("")
    expect(codes(page)).to_be_focused()
    codes(page).press_sequentially("sleep")
    page.get_by_role("button", name="Move F41.1 up").click()
    expect(page.get_by_role("button", name="Move F32.1 up")).to_have_attribute("aria-disabled", "false")
    expect(codes(page)).to_have_value("sleep")
    remover(page, "F32.1").click()
    expect(remover(page, "F32.1")).to_have_count(0)
    expect(codes(page)).to_have_value("sleep")


def test_words_typed_before_the_chosen_diagnosis_is_there_stay_in_the_box(page: Page, line: Line) -> None:
    codes(page).fill("F41.1")
    expect(page.get_by_role("option").first).to_contain_text("F41.1")
    line.hears(False)
    codes(page).press("Enter")
    page.keyboard.type("sleep")
    line.hears(True)
    expect(remover(page, "F41.1")).to_be_visible()
    expect(codes(page)).to_have_value("sleep")
    expect(page.get_by_role("option").first).to_contain_text("Sleep")
    page.keyboard.type("ing")
    expect(codes(page)).to_have_value("sleeping")


def test_words_for_a_diagnosis_outlive_the_server(page: Page, restart) -> None:
    add(page, "F41.1")
    expect(remover(page, "F41.1")).to_be_visible()
    codes(page).press_sequentially("sleep")
    restart()
    add_to = page.get_by_role("option").first
    page.keyboard.type("l")
    page.keyboard.press("Backspace")
    expect(add_to).to_contain_text("Sleep")
    expect(codes(page)).to_have_value("sleep")


def test_words_that_were_not_chosen_are_pointed_out_and_not_left_without_a_word(page: Page, axe) -> None:
    edit(page, "contact")
    codes(page).press_sequentially("anxiety")
    found = page.get_by_role("listbox", name="ICD-10 codes").get_by_role("option")
    expect(found.first).to_be_visible()
    page.get_by_label("Phone 1", exact=True).fill("082 555 0101")
    expect(found).to_have_count(0)
    expect(codes(page)).to_have_accessible_description(NOT_CHOSEN.format("anxiety"))
    press(page, "Save")
    expect(fact(page, "Phone")).to_have_text("082 555 0101")
    expect(codes(page)).to_have_value("anxiety")
    expect(codes(page)).to_have_accessible_description(NOT_CHOSEN.format("anxiety"))
    axe(page)
    asked = stays(page)
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Billing", exact=True).click()
    assert asked == ["What you typed here is not saved yet. Leave anyway?"]
    expect(codes(page)).to_have_value("anxiety")

    codes(page).fill("f41.1")  # in full, and not chosen
    codes(page).press("Tab")
    expect(remover(page, "F41.1")).to_be_visible()
    expect(codes(page)).to_have_value("")
    expect(codes(page)).to_have_attribute("aria-invalid", "false")
    expect(codes(page)).not_to_be_focused()


def test_what_is_typed_into_a_part_while_it_is_saved_stays_in_its_box(page: Page, line: Line) -> None:
    phone = typed_on_while_saved(page, line)
    expect(phone).to_have_value("082 555 0101")
    press(page, "Save")
    expect(fact(page, "Phone")).to_have_text("082 555 0101")


def test_a_part_opened_while_another_is_saved_stays_open_with_what_is_typed_in_it(page: Page, line: Line) -> None:
    edit(page, "contact")
    page.get_by_label("Phone 1", exact=True).fill("082 555 0101")
    line.hears(False)
    press(page, "Save")
    page.once("dialog", lambda dialog: dialog.accept())  # it is not known to be saved yet
    page.get_by_role("link", name="Edit guardian or payer").click()
    line.hears(True)
    expect(fact(page, "Phone")).to_have_text("082 555 0101")
    page.get_by_label("Name", exact=True).fill("Thembi")
    page.wait_for_timeout(500)  # what follows the answer
    expect(page.get_by_label("Name", exact=True)).to_have_value("Thembi")


def test_a_part_is_not_left_for_another_nor_on_the_way_back_without_a_word(page: Page) -> None:
    edit(page, "contact")
    page.get_by_label("Phone 1", exact=True).fill("082 555 0101")
    for leave in (
        page.get_by_role("link", name="Edit guardian or payer").click,
        lambda: page.evaluate("history.back()"),
    ):
        with page.expect_event("dialog") as asked:
            page.once("dialog", lambda dialog: dialog.dismiss())
            leave()
        assert asked.value.message == "What you typed here is not saved yet. Leave anyway?"
        expect(page.get_by_label("Phone 1", exact=True)).to_have_value("082 555 0101")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_label("Phone 1", exact=True)).to_have_count(0)


def test_words_for_a_diagnosis_do_not_go_along_to_another_client(page: Page, namesake: Locator) -> None:
    codes(page).press_sequentially("anxiety")
    expect(page.get_by_role("option").first).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    namesake.click()
    expect(fact(page, "Phone")).to_have_text("083 555 0202")
    expect(codes(page)).to_have_value("")
    expect(codes(page)).to_have_attribute("aria-invalid", "false")
    page.go_back()
    expect(remover(page, "F32.1")).to_be_visible()
    expect(codes(page)).to_have_value("")


def test_a_client_goes_from_the_page_with_its_address(page: Page, line: Line, namesake: Locator) -> None:
    """What is pressed before the answer comes would be done to the other one."""
    expect(namesake).to_be_visible()
    line.hears(False)
    namesake.click()
    expect(codes(page)).to_have_count(0)
    line.hears(True)
    expect(fact(page, "Phone")).to_have_text("083 555 0202")
    expect(codes(page)).to_be_visible()
    page.goto(page.url.replace("/clients/", "/clients/00") + "/")
    expect(fact(page, "Phone")).to_have_text("083 555 0202")


def test_what_is_typed_into_a_part_does_not_go_along_to_the_same_part_of_another_client(
    page: Page, namesake: Locator
) -> None:
    namesake.click()
    expect(fact(page, "Phone")).to_have_text("083 555 0202")
    edit(page, "contact")
    namesake.click()
    expect(remover(page, "F32.1")).to_be_visible()
    edit(page, "contact")
    page.get_by_label("Phone 1", exact=True).fill("082 555 0101")
    page.once("dialog", lambda dialog: dialog.accept())
    page.evaluate("history.go(-2)")
    expect(remover(page, "F32.1")).to_have_count(0)
    expect(page.get_by_label("Phone 1", exact=True)).to_have_value("083 555 0202")


def test_a_part_opened_again_at_once_stays_open_with_what_is_typed_in_it(page: Page, line: Line) -> None:
    edit(page, "contact")
    phone = page.get_by_label("Phone 1", exact=True)
    phone.fill("082 555")
    line.hears(False)
    page.get_by_role("link", name="Cancel").click()
    expect(phone).to_have_count(0)
    page.get_by_role("link", name="Edit contact").click()
    expect(phone).to_have_value("")
    phone.fill("082 555 0101")
    line.hears(True)
    page.wait_for_timeout(1000)  # what follows the answers
    expect(phone).to_have_value("082 555 0101")
    press(page, "Save")
    expect(fact(page, "Phone")).to_have_text("082 555 0101")
    edit(page, "contact")
    expect(phone).to_have_value("082 555 0101")


def test_a_part_opened_again_shows_and_begins_with_what_others_wrote_meanwhile(house: House, page: Page, open_as):
    edit(page, "contact")
    page.get_by_role("link", name="Cancel").click()
    theirs = open_as(house.reception)
    theirs.goto(page.url)
    edit(theirs, "contact")
    theirs.get_by_label("Phone 1", exact=True).fill("083 555 0202")
    press(theirs, "Save")
    expect(fact(page, "Phone")).to_have_text("083 555 0202")
    edit(page, "contact")
    expect(page.get_by_label("Phone 1", exact=True)).to_have_value("083 555 0202")
    page.get_by_label("Phone 1", exact=True).fill("084 555 0303")
    press(page, "Save")
    expect(fact(page, "Phone")).to_have_text("084 555 0303")


def test_nobody_is_asked_about_their_own_text_by_a_server_that_begins_anew(page: Page, line: Line, restart) -> None:
    phone = typed_on_while_saved(page, line)
    expect(phone).to_be_focused()
    restart()
    page.get_by_label("Whose is phone 1").fill("Work")
    press(page, "Save")
    expect(fact(page, "Phone")).to_have_text("082 555 0101 (Work)")


def test_who_saves_a_part_of_a_client_that_was_merged_meanwhile_is_told_so(house: House, page: Page, open_as) -> None:
    session = house.session()
    edit(page, "contact")
    page.get_by_label("Phone 1", exact=True).fill("082 555 0101")
    theirs = open_as(house.owner)
    theirs.goto(f"/clients/{house.appointment(session).client_id}")
    theirs.get_by_role("button", name="Merge with Thandi Mokoena").click()
    theirs.get_by_role("dialog").get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_text("Became part of Thandi Mokoena.")).to_be_visible()
    press(page, "Save")
    expect(
        page.get_by_text("This client was merged into another one. Change it there, or undo the merge first.")
    ).to_be_visible()
    expect(page.get_by_label("Phone 1", exact=True)).to_have_value("082 555 0101")


def test_who_may_no_longer_change_clients_is_told_so_on_saving(house: House, page: Page, open_as) -> None:
    email = house.colleague(role=Role.CLINICIAN)
    theirs = open_as(email)
    theirs.goto(page.url)
    edit(theirs, "contact")
    theirs.get_by_label("Phone 1", exact=True).fill("082 555 0101")
    with house.served.act() as (db, _):
        member = db.exec(select(Member).where(Member.email == email)).one()
        member.role = Role.READ_ONLY
        db.add(member)
    press(theirs, "Save")
    expect(theirs.get_by_text("Your role may not change clients. Ask the practice's owner.")).to_be_visible()
    expect(theirs.get_by_label("Phone 1", exact=True)).to_have_value("082 555 0101")
