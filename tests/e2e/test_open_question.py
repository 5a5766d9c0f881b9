"""A question about two texts stays open until it is answered; what was typed into a form that somebody else finished is
shown to whoever typed it."""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.stories import House, cell, choose, eventually, finished, open_form, press
from tests.e2e.test_two_people import OURS, THEIRS, both_have_typed
from tests.e2e.typists import RECONNECTING, Questions, in_database, says

AGAIN = 2500  # ms in which a page that wanted to save by itself would have


def question(page: Page) -> Locator:
    return page.get_by_role("table", name="What differs")


def is_still_asked(house: House, session: int, one: Page, two: Page) -> None:
    expect(question(two)).to_contain_text(THEIRS)
    two.wait_for_timeout(AGAIN)
    expect(question(two)).to_contain_text(THEIRS)
    expect(question(two)).to_contain_text(OURS)
    expect(cell(two, "Description")).to_have_value(OURS)
    says(two, "Not saved")
    assert in_database(house, session)["text.1"] == THEIRS
    expect(cell(one, "Description")).to_have_value(THEIRS)


def is_answered_with_mine(house: House, session: int, one: Page, two: Page) -> None:
    press(two, "Keep mine")
    says(two, "Saved")
    house.wait_until_kept(session, OURS)
    expect(question(two)).to_have_count(0)
    expect(cell(one, "Description")).to_have_value(OURS)
    two.reload()
    expect(cell(two, "Description")).to_have_value(OURS)
    two.wait_for_timeout(AGAIN)
    expect(question(two)).to_have_count(0)


def both_are_asked(served, open_as) -> tuple[House, int, Page, Page]:
    """The session, and the page of who saved first and of who is asked."""
    house = House(served)
    session = house.session()
    one, two = open_as(house.colleague()), open_as(house.owner)
    both_have_typed(house, session, one, two)
    return house, session, one, two


def test_an_open_question_survives_a_cut_line(served, network, open_far, open_as) -> None:
    house = House(served)
    session = house.session()
    one, two = open_as(house.colleague()), open_far(house.owner)
    both_have_typed(house, session, one, two)
    for _ in range(2):
        network.cut()
        expect(two.get_by_text(RECONNECTING)).to_be_visible()
        network.mend()
        expect(two.get_by_text(RECONNECTING)).to_be_hidden()
        is_still_asked(house, session, one, two)
    is_answered_with_mine(house, session, one, two)


def test_a_question_asked_after_a_cut_line_survives_the_next(served, network, open_far, open_as) -> None:
    house = House(served)
    session = house.session()
    one, two = open_as(house.colleague()), open_far(house.owner)
    open_form(one, session)
    open_form(two, session)
    for _ in range(2):
        network.cut()
        expect(two.get_by_text(RECONNECTING)).to_be_visible()
        cell(two, "Description").fill(OURS)
        cell(one, "Description").fill(THEIRS)
        house.wait_until_kept(session, THEIRS)
        network.mend()
        expect(two.get_by_text(RECONNECTING)).to_be_hidden()
        is_still_asked(house, session, one, two)
    is_answered_with_mine(house, session, one, two)


def test_an_open_question_survives_a_reload_which_is_asked_about(served, open_as) -> None:
    house, session, one, two = both_are_asked(served, open_as)
    questions = Questions(two)
    two.reload()
    is_still_asked(house, session, one, two)
    assert questions.asked == ["beforeunload"]
    is_answered_with_mine(house, session, one, two)


def test_an_open_question_survives_leaving_which_is_asked_about(served, open_as) -> None:
    house, session, one, two = both_are_asked(served, open_as)
    questions = Questions(two)
    two.get_by_role("navigation", name="Main").get_by_role("link", name="Clients").click()
    two.wait_for_url("**/clients")
    assert questions.asked == ["confirm"]
    open_form(two, session)
    is_still_asked(house, session, one, two)
    is_answered_with_mine(house, session, one, two)


def test_an_open_question_survives_a_power_cut(served, open_as, restart) -> None:
    house = House(served)
    session = house.session()
    one, two = open_as(house.colleague()), open_as(house.owner)
    Questions(two)
    both_have_typed(house, session, one, two)
    two.reload()  # the page itself knows of its text no more
    expect(question(two)).to_contain_text(OURS)
    two.wait_for_timeout(AGAIN)
    restart()
    expect(two.get_by_text(RECONNECTING)).to_be_hidden()
    is_still_asked(house, session, one, two)


def test_a_question_of_a_page_that_was_closed_is_asked_at_the_next_opening(served, open_as) -> None:
    house = House(served)
    session = house.session()
    one, two = open_as(house.colleague()), open_as(house.owner)
    both_have_typed(house, session, one, two)
    says(two, "Not saved")
    two.wait_for_timeout(AGAIN)
    two.close()
    assert in_database(house, session)["text.1"] == THEIRS
    two = open_as(house.owner)
    open_form(two, session)
    is_still_asked(house, session, one, two)
    press(two, "Take theirs")
    expect(cell(two, "Description")).to_have_value(THEIRS)
    says(two, "Saved")
    two.close()
    two = open_as(house.owner)
    open_form(two, session)
    two.wait_for_timeout(AGAIN)
    expect(question(two)).to_have_count(0)


def test_a_text_that_meets_another_ones_as_its_page_is_closed_is_asked_about(served, open_as, console) -> None:
    """The page could not tell of it before, nor hear of the other's; what it posts as it goes comes second."""
    console.allow("409 (Conflict)")  # not all was taken
    house = House(served)
    session = house.session()
    one, two = open_as(house.colleague()), open_as(house.owner)
    two.add_init_script(Path(__file__).with_name("dead_line.js").read_text())
    open_form(one, session)
    open_form(two, session)
    two.evaluate("window.deadLine()")
    cell(two, "Description").fill(OURS)
    cell(two, "Unit price").fill("77")
    cell(one, "Description").fill(THEIRS)
    house.wait_until_kept(session, THEIRS)
    two.close(run_before_unload=False)
    house.wait_until_kept(session, "77")
    two = open_as(house.owner)
    open_form(two, session)
    is_still_asked(house, session, one, two)
    expect(cell(two, "Unit price")).to_have_value("77")
    is_answered_with_mine(house, session, one, two)


def test_a_question_follows_both_texts_and_takes_nothing_else_away(served, open_as) -> None:
    house = House(served)
    session = house.session()
    one, two = open_as(house.colleague()), open_as(house.owner)
    both_have_typed(house, session, one, two)
    cell(two, "Code").fill("86206")
    cell(two, "Description").fill(OURS + ", long")
    expect(question(two)).to_contain_text(OURS + ", long")
    cell(one, "Description").fill(THEIRS + ", long")
    expect(question(two)).to_contain_text(THEIRS + ", long")
    press(two, "Take theirs")
    says(two, "Saved")
    house.wait_until_kept(session, THEIRS + ", long", "86206")
    expect(cell(two, "Code")).to_have_value("86206")
    expect(cell(two, "Description")).to_have_value(THEIRS + ", long")


def test_what_was_typed_into_a_form_that_somebody_finished_meanwhile_is_shown(
    served, network, open_far, open_as
) -> None:
    house = House(served)
    session = house.session()
    one, two = open_as(house.colleague("Dr Bongani Sithole")), open_far(house.owner)
    open_form(one, session)
    choose(one, "Other")
    open_form(two, session)
    expect(two.get_by_role("button", name="Send Receipt")).to_be_visible()
    network.cut()
    expect(two.get_by_text(RECONNECTING)).to_be_visible()
    cell(two, "Description").fill(OURS)
    cell(two, "Unit price").fill("777")
    says(one, "Saved")
    press(one, "Send")
    finished(one)
    network.mend()
    expect(two.get_by_text("This session is already billed")).to_be_visible()
    expect(two.get_by_text("Dr Bongani Sithole completed it on")).to_be_visible()
    typed = two.get_by_role("table", name="What you typed")
    expect(typed).to_contain_text(OURS)
    expect(typed).to_contain_text("777")
    expect(typed.get_by_role("row")).to_have_count(3)
    network.cut()
    expect(two.get_by_text(RECONNECTING)).to_be_visible()
    network.mend()
    expect(two.get_by_text(RECONNECTING)).to_be_hidden()
    two.wait_for_timeout(AGAIN)
    expect(typed).to_contain_text(OURS)
    expect(typed.get_by_role("row")).to_have_count(3)
    two.close()
    two = open_as(house.owner)
    two.goto(f"/appointments/{session}")
    typed = two.get_by_role("table", name="What you typed")
    expect(typed).to_contain_text(OURS)
    expect(typed.get_by_role("row")).to_have_count(3)
    press(two, "Dismiss")
    expect(typed).to_have_count(0)


def test_an_open_question_about_a_form_that_is_finished_leaves_both_texts_to_be_read(served, open_as) -> None:
    house = House(served)
    session = house.session()
    one, two = open_as(house.colleague()), open_as(house.owner)
    both_have_typed(house, session, one, two)
    choose(one, "Other")
    says(one, "Saved")
    press(one, "Send")
    finished(one)
    expect(two.get_by_text("This session is already billed")).to_be_visible()
    expect(two.get_by_role("table", name="What you typed")).to_contain_text(OURS)


def test_what_was_typed_into_a_draft_that_somebody_sent_meanwhile_is_shown_beside_its_document(
    served, network, open_far, open_as
) -> None:
    house = House(served)
    session = house.session()
    one, two = open_as(house.colleague()), open_far(house.owner)
    open_form(one, session)
    choose(one, "Other")
    press(one, "Save and Review")
    invoice = finished(one)
    for page in (one, two):
        page.goto(f"/billing/{invoice}")
        expect(cell(page, "Description")).to_be_visible()
    network.cut()
    expect(two.get_by_text(RECONNECTING)).to_be_visible()
    cell(two, "Description").fill(OURS)
    press(one, "Send")
    eventually(lambda: house.only_invoice(session).number)
    network.mend()
    expect(two.get_by_role("table", name="What you typed")).to_contain_text(OURS)
    press(two, "Dismiss")
    expect(two.get_by_role("table", name="What you typed")).to_have_count(0)
