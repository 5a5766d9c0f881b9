"""A client's record as a whole: two made one and apart again, put away, handed over; the practice's own fields."""

import io
import json
import zipfile

from playwright.sync_api import expect
from pypdf import PdfReader

from tests.e2e.stories import House, choose, finished, open_form, press
from tests.e2e.test_clients import edit, fact, new_client


def test_two_records_of_one_person_are_found_made_one_and_taken_apart_again(served, open_as, axe) -> None:
    house = House(served)
    house.session(first_name="Thandi", last_name="Nkosi", email="thandi@example.test")
    page = open_as(house.owner)
    page.goto("/clients/new")
    page.get_by_label("First name").fill("Thandi")
    page.get_by_label("Last name").fill("Nkosi")
    press(page, "Add client")
    expect(page.get_by_role("alert").get_by_role("link", name="Thandi Nkosi")).to_be_visible()
    axe(page)
    press(page, "Add as another person")
    expect(page.get_by_role("heading", name="Might be the same person")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Merge with Thandi Nkosi").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("thandi@example.test) becomes part of Thandi Nkosi")
    axe(page)
    question.get_by_role("button", name="Merge", exact=True).click()
    expect(question).to_be_hidden()
    expect(fact(page, "Mail address")).to_have_text("thandi@example.test")
    expect(page.get_by_role("link", name="Psychotherapy").or_(page.get_by_text("Psychotherapy 60 min"))).to_be_visible()
    page.get_by_role("button", name="Undo merge with Thandi Nkosi").click()
    expect(page.get_by_text("No appointments yet.")).to_be_visible()
    page.get_by_role("button", name="thandi@example.test: two people").click()
    expect(page.get_by_role("heading", name="Might be the same person")).to_have_count(0)


def test_who_is_put_away_stands_apart_in_the_list(served, open_as, axe) -> None:
    page = open_as(House(served).owner)
    new_client(page, "Pieter", "Botha")
    press(page, "Archive")
    expect(page.get_by_text("Archived", exact=True)).to_be_visible()
    page.goto("/clients")
    page.get_by_label("Search").fill("botha")
    expect(page.get_by_text("Nobody fits this search.")).to_be_visible()
    page.get_by_role("tab", name="Archived").click()
    page.get_by_role("link", name="Pieter Botha").click()
    press(page, "Bring back")
    expect(page.get_by_role("button", name="Archive")).to_be_visible()
    page.goto("/clients?tab=alike")
    expect(page.get_by_text("Nobody looks like somebody else.")).to_be_visible()
    axe(page)


def test_a_field_of_the_practices_own_prints_and_everything_is_handed_over(served, open_as, axe) -> None:
    house = House(served)
    session = house.session(first_name="Sipho", last_name="Zulu", email="sipho@example.test")
    page = open_as(house.owner)
    page.goto("/settings/clients")
    page.get_by_label("New field").fill("Authorisation no.")
    page.get_by_label("Show on invoice", exact=True).check()
    press(page, "Add field")
    expect(page.get_by_role("checkbox", name="Show on invoice: Authorisation no.")).to_be_checked()
    press(page, "Add field")
    expect(page.get_by_label("New field")).to_have_accessible_description("Enter the field's name.")
    axe(page)
    page.goto("/clients")
    page.get_by_role("link", name="Sipho Zulu").click()
    edit(page, "more fields")
    page.get_by_label("Authorisation no.").fill("PMB 77")
    press(page, "Save")
    expect(fact(page, "Authorisation no.")).to_contain_text("PMB 77")
    profile = page.url
    open_form(page, session)
    choose(page, "Other")
    press(page, "Send")
    finished(page)
    page.goto(profile)
    with page.expect_download() as waited:
        page.get_by_role("link", name="Download everything").click()
    with zipfile.ZipFile(io.BytesIO(waited.value.path().read_bytes())) as archive:
        (paper,) = [name for name in archive.namelist() if name.endswith(".pdf")]
        assert "PMB 77" in PdfReader(io.BytesIO(archive.read(paper))).pages[0].extract_text()
        everything = json.loads(archive.read("everything.json"))
    assert everything["custom_value"][0]["value"] == "PMB 77"
    expect(page.get_by_text("Everything kept about this client was taken out as one archive.")).to_be_visible()
