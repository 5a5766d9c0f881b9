"""A session's page: what its client lacks for billing is filled in there, for good or for this session only."""

from playwright.sync_api import expect
from sqlmodel import select

from tests.e2e.stories import House, choose, finished, press, status
from trova_app.models import Client, InvoiceDiagnosis


def test_what_is_for_this_session_only_is_on_its_document_and_not_in_the_profile(served, open_as, axe) -> None:
    house = House(served)
    session = house.session(email="", phone="082 555 0101")
    page = open_as(house.owner)
    page.goto(f"/appointments/{session}")
    needed = page.get_by_role("heading", name="Still needed for billing")
    expect(needed).to_be_visible()
    press(page, "Fill in the client's contact")
    expect(page.get_by_label("Phone")).to_have_value("082 555 0101")
    tick = page.get_by_label("Keep in the profile").first
    expect(tick).to_be_checked()
    tick.click()
    expect(page.get_by_label("Phone")).to_be_disabled()
    page.get_by_label("Mail address").fill("mother at home")
    press(page, "Save for this session")
    expect(page.get_by_text("Enter one address such as name@example.com.")).to_be_visible()
    axe(page)
    page.get_by_label("Mail address").fill("mother@example.test")
    press(page, "Save for this session")
    contact = page.locator("dd").filter(has_text="mother@example.test")
    expect(contact).to_contain_text("this session only")
    expect(needed).to_be_hidden()
    page.get_by_label("Add diagnosis").fill("F32.0")
    press(page, "Add")
    expect(page.get_by_role("listitem").filter(has_text="F32.0")).to_contain_text("this session only")

    press(page, "Mark Session Complete")
    choose(page, "Other")
    expect(page.get_by_label("Client's mail address")).to_have_value("mother@example.test")
    expect(page.get_by_label("Keep in the profile")).not_to_be_checked()
    expect(page.get_by_role("button", name="Remove diagnosis F32.0")).to_be_visible()
    press(page, "Send")
    invoice = finished(page)
    expect(status(page)).to_have_text("Sent")
    codes = house.read(select(InvoiceDiagnosis.code).where(InvoiceDiagnosis.invoice_id == invoice))
    assert codes == ["F32.0"]
    client = house.read(select(Client).where(Client.id == house.appointment(session).client_id))[0]
    assert (client.email, client.phone) == ("", "082 555 0101")


def test_what_is_kept_in_the_profile_is_there_the_next_time(served, open_as) -> None:
    house = House(served)
    session = house.session(email="")
    page = open_as(house.owner)
    page.goto(f"/appointments/{session}")
    press(page, "Fill in the client's contact")
    page.get_by_label("Mail address").fill("thandi@example.test")
    press(page, "Save in the profile")
    expect(page.get_by_role("heading", name="Still needed for billing")).to_be_hidden()
    expect(page.get_by_text("this session only")).to_be_hidden()
    client = house.read(select(Client).where(Client.id == house.appointment(session).client_id))[0]
    assert client.email == "thandi@example.test"
