"""What somebody typed, was asked about and closed the page on, while another person finished the form: they find it
again, and nobody else does, until they dismiss it."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import SIZES
from tests.e2e.stories import House, Line, cell, choose, fill_in, finished, open_form, press
from tests.e2e.test_open_question import AGAIN, both_are_asked, question
from tests.e2e.test_two_people import OURS
from tests.e2e.typists import Questions, says
from trova_app.domain.permissions import Role

KEPT, HERE = "It is kept for you, and shown to nobody else, until you dismiss it.", "It is on this page only"


def typed(page: Page) -> Locator:
    return page.get_by_role("table", name="What you typed")


def is_shown(page: Page) -> None:
    expect(typed(page)).to_contain_text(OURS)
    expect(typed(page).get_by_role("row")).to_have_count(2)
    expect(page.get_by_text(KEPT)).to_be_visible()
    expect(page.get_by_text(HERE)).to_have_count(0)


def sends(page: Page) -> int:
    choose(page, "Other")
    says(page, "Saved")
    press(page, "Send")
    return finished(page)


def closed_and_finished(served, open_as) -> tuple[House, int, int, Page]:
    """`two` was asked and has closed the page, `one` has finished: the session, its document, and the page of `one`."""
    house, session, one, two = both_are_asked(served, open_as)
    two.wait_for_timeout(AGAIN)
    two.close()
    return house, session, sends(one), one


@pytest.mark.parametrize("wide", ["desktop", "phone"])
def test_what_was_left_open_is_found_again_by_whoever_typed_it(served, open_as, axe, wide) -> None:
    house, session, invoice, _ = closed_and_finished(served, open_as)
    page = open_as(house.owner)
    width, height = SIZES[wide]
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/appointments?tab=completed")
    page.get_by_role("link", name="Mokoena").first.click()
    page.wait_for_url(f"**/appointments/{session}")
    is_shown(page)
    axe(page)
    page.goto(f"/billing/{invoice}")
    is_shown(page)
    expect(page.get_by_text("and is kept for them")).to_be_visible()
    axe(page)
    page.locator(f"dd a[href='/appointments/{session}']").click()
    page.wait_for_url(f"**/appointments/{session}")
    is_shown(page)
    page.emulate_media(color_scheme="dark")
    axe(page)
    page.goto(f"/appointments/{session}/complete")
    expect(page.get_by_text("This session is already billed")).to_be_visible()
    is_shown(page)
    axe(page)
    page.get_by_role("link", name="Back to the session").click()
    page.wait_for_url(f"**/appointments/{session}")
    is_shown(page)
    page.reload()
    is_shown(page)
    press(page, "Dismiss")
    expect(typed(page)).to_have_count(0)
    for address in (f"/appointments/{session}", f"/billing/{invoice}", f"/appointments/{session}/complete"):
        page.goto(address)
        expect(page.locator("h1").first).to_be_visible()
        page.wait_for_timeout(500)
        expect(typed(page)).to_have_count(0)


def test_nobody_else_finds_what_was_left_open(served, open_as) -> None:
    house, session, invoice, one = closed_and_finished(served, open_as)
    reader = house.colleague("Lerato Dube", Role.READ_ONLY)
    for page in (one, open_as(house.reception), open_as(reader)):
        for address in (f"/appointments/{session}", f"/billing/{invoice}"):
            page.goto(address)
            expect(page.get_by_text("Session completed")).to_be_visible()
            expect(page.get_by_text(OURS)).to_have_count(0)
            expect(page.get_by_text(KEPT)).to_have_count(0)


def test_a_page_that_was_open_meanwhile_shows_it_once_and_dismisses_all_of_it(served, open_as) -> None:
    house, session, one, two = both_are_asked(served, open_as)
    two.wait_for_timeout(AGAIN)
    invoice = sends(one)
    expect(two.get_by_text("This session is already billed")).to_be_visible()
    is_shown(two)
    two.reload()
    is_shown(two)
    press(two, "Dismiss")
    expect(typed(two)).to_have_count(0)
    for address in (f"/appointments/{session}/complete", f"/billing/{invoice}"):
        two.goto(address)
        expect(two.get_by_text("Back to the session").or_(two.get_by_text("Session completed"))).to_be_visible()
        two.wait_for_timeout(500)
        expect(typed(two)).to_have_count(0)


def test_what_only_the_page_has_is_kept_beside_it(served, open_as) -> None:
    house, session, one, two = both_are_asked(served, open_as)
    two.wait_for_timeout(AGAIN)
    line = Line(two)
    two.reload()
    expect(question(two)).to_contain_text(OURS)
    line.hears(False)
    sends(one)
    cell(two, "Unit price").fill("777")
    line.hears(True)
    expect(two.get_by_text("This session is already billed")).to_be_visible()
    for _ in range(2):
        expect(typed(two)).to_contain_text(OURS)
        expect(typed(two)).to_contain_text("777")
        expect(typed(two).get_by_role("row")).to_have_count(3)
        expect(two.get_by_text(KEPT)).to_be_visible()
        two.goto(f"/appointments/{session}")
    press(two, "Dismiss")
    expect(typed(two)).to_have_count(0)


def test_in_a_draft_that_takes_the_documents_place_it_is_still_there(served, open_as) -> None:
    house, session, _, one = closed_and_finished(served, open_as)
    press(one, "Correct")
    fill_in(one, "Make the Draft", Reason="Wrong day")
    expect(cell(one, "Description")).to_be_visible()
    page = open_as(house.owner)
    page.goto(f"/billing/{house.invoices(session)[-1].id}")
    expect(cell(page, "Description")).to_be_visible()
    is_shown(page)
    open_form(page, session)
    is_shown(page)


def test_what_a_page_posts_after_the_form_was_finished_is_found_again(served, open_as, console) -> None:
    """The page's line is dead, so it does not know that somebody else has finished."""
    console.allow("status of 409")
    house = House(served)
    session = house.session(first_name="Thandi", last_name="Mokoena")
    one, two = open_as(house.colleague()), open_as(house.owner)
    two.add_init_script(Path(__file__).with_name("dead_line.js").read_text())
    Questions(two)
    open_form(one, session)
    open_form(two, session)
    press(two, "Add line item")
    expect(cell(two, "Description", 2)).to_be_visible()
    cell(two, "Description", 2).fill("Report")
    cell(two, "Unit price", 2).fill("100")
    says(two, "Saved")
    two.evaluate("window.deadLine()")
    cell(two, "Description", 2).fill(OURS)
    invoice = sends(one)
    two.goto("/appointments")
    for address in (f"/appointments/{session}", f"/billing/{invoice}", f"/appointments/{session}/complete"):
        two.goto(address)
        is_shown(two)
        expect(typed(two)).to_contain_text("Description, line 2")
        one.goto(address)
        expect(one.get_by_text("Session completed").or_(one.get_by_text("already billed")).first).to_be_visible()
        expect(one.get_by_text(OURS)).to_have_count(0)
    press(two, "Dismiss")
    expect(typed(two)).to_have_count(0)


def test_an_open_page_of_the_session_shows_it_as_it_comes_and_a_phone_that_comes_back_shows_it_once(
    served, open_as, console
) -> None:
    console.allow("status of 409")
    house = House(served)
    session = house.session(first_name="Thandi", last_name="Mokoena")
    one, two, third = open_as(house.colleague()), open_as(house.owner), open_as(house.owner)
    two.add_init_script(Path(__file__).with_name("dead_line.js").read_text())
    open_form(one, session)
    open_form(two, session)
    two.evaluate("window.deadLine()")
    cell(two, "Description").fill(OURS)
    sends(one)
    third.goto(f"/appointments/{session}")
    expect(third.get_by_text("Session completed")).to_be_visible()
    for _ in range(2):
        with two.expect_response("**/forms/unsaved"):
            two.evaluate("window.away()")
    is_shown(third)
    two.evaluate("window.lineGoesOn()")
    expect(two.get_by_text("This session is already billed")).to_be_visible()
    is_shown(two)


def test_what_changed_nothing_while_a_question_was_open_is_not_posted(served, open_as) -> None:
    house, session, one, two = both_are_asked(served, open_as)
    two.add_init_script(Path(__file__).with_name("dead_line.js").read_text())
    two.reload()
    expect(question(two)).to_contain_text(OURS)
    cell(two, "Description").focus()
    two.keyboard.press("Alt+ArrowUp")
    expect(two.locator(".on-the-way")).to_have_count(0)
    cell(two, "Description").press("End")
    two.keyboard.type("!")
    two.wait_for_timeout(500)
    with two.expect_request("**/forms/unsaved") as posted:
        two.evaluate("window.away()")
    told = posted.value.post_data_json
    assert told["acts"] == []
    assert [(name, text) for name, text, *_ in told["cells"]] == [("text.1", OURS + "!")]
