"""What is done to lines and diagnoses while the line is silent, or as its answer is lost, is done once."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from tests.builders import a_service
from tests.e2e.conftest import CUT_OFF
from tests.e2e.stories import House, Line, cell, choose, eventually, figure, open_form, press
from tests.e2e.test_grid_keys import a_form_with, descriptions, lines
from tests.e2e.test_grid_paste import paste_into
from tests.e2e.typists import RECONNECTING, Questions, everything_is_kept, put_caret, says
from trova_app.models import CompletionDraft, Practice

NOT_THROUGH = "The connection was cut before the button got through."


@pytest.fixture
def house(served) -> House:
    return House(served)


@pytest.fixture
def session(house: House) -> int:
    return house.session(diagnosis=("F41.1", "Generalized anxiety disorder"))


@pytest.fixture
def page(house: House, session: int, open_far) -> Page:
    """At the form, with two lines."""
    page: Page = open_far(house.owner)
    a_form_with(page, session, "One", "Two")
    says(page, "Saved")
    return page


def kept_lines(house: House, session: int) -> list[str]:
    return [line["text"] for line in house.kept(session)["lines"]]


def kept_aside(house: House, session: int) -> str:
    return house.read(select(CompletionDraft.aside).where(CompletionDraft.appointment_id == session))[0]


def test_lines_changed_while_the_line_is_silent_are_changed_when_it_is_back(house, session, page, network) -> None:
    asked = Questions(page)
    asked.leave = False
    network.silence()
    press(page, "Duplicate line 1")
    cell(page, "Description", 2).press("Alt+ArrowUp")
    cell(page, "Unit price", 2).fill("400")
    paste_into(page, cell(page, "Quantity", 2), "3\n4")
    press(page, "Remove diagnosis F41.1")
    says(page, "Saving")
    page.get_by_role("link", name="Billing").first.click()
    asked.are("confirm")
    network.cut()
    expect(page.get_by_text(RECONNECTING)).to_be_visible()
    press(page, "Add line item")
    network.mend()
    lines(page, 4)
    assert descriptions(page) == ["One", "Two", "One", ""]
    everything_is_kept(house, session, page)
    assert [cell(page, "Quantity", n).input_value() for n in (1, 2, 3)] == ["1", "3", "4"]
    expect(page.get_by_role("button", name="Remove diagnosis F41.1")).to_be_hidden()


@pytest.mark.parametrize("restarts", [False, True])
def test_what_was_done_and_not_answered_is_not_done_twice(
    served, house, session, page, network, console, restarts
) -> None:
    console.allow(*CUT_OFF)
    network.far(1600)
    press(page, "Duplicate line 2")
    cell(page, "Description", 1).press("Alt+ArrowDown")
    eventually(lambda: kept_lines(house, session), lambda texts: texts == ["Two", "One", "Two"])
    network.cut()
    lines(page, 2)
    if restarts:
        served.kill()
        served.start()
    network.far(0)
    network.mend()
    lines(page, 3)
    assert descriptions(page) == ["Two", "One", "Two"]
    everything_is_kept(house, session, page)


def test_what_was_typed_after_an_act_that_was_not_answered_stands(house, session, page, network) -> None:
    """In a line that is drawn anew by the answer, and in cells that a late paste would fill."""
    network.far(1600)
    paste_into(page, cell(page, "Quantity", 1), "3\t500")
    eventually(lambda: house.kept(session)["lines"], lambda kept: kept[0]["qty"] == "3")
    network.silence()
    cell(page, "Description", 1).fill("Typed over a silent line")
    paste_into(page, cell(page, "Unit price", 2), "700\n800")
    cell(page, "Unit price", 2).fill("900")
    press(page, "Undo")
    press(page, "Duplicate line 1")
    network.cut()
    network.far(0)
    network.mend()
    lines(page, 4)
    everything_is_kept(house, session, page)
    assert descriptions(page) == ["Typed over a silent line", "Typed over a silent line", "Two", ""]
    prices = [cell(page, "Unit price", n).input_value() for n in (3, 4)]
    assert prices == ["900", "800"] and cell(page, "Quantity", 2).input_value() == "3"
    told = page.get_by_test_id("told")
    expect(told).to_contain_text("Line duplicated.")
    expect(told).to_contain_text("The connection was cut before Undo got through.")


def test_what_was_typed_behind_an_act_that_was_not_answered_outlives_the_server(
    served, house, session, page, network, console
) -> None:
    """Into a box that the act has filled, too: its text there is nobody else's."""
    console.allow(*CUT_OFF)
    network.far(1600)
    paste_into(page, cell(page, "Quantity", 1), "3\t500")
    eventually(lambda: house.kept(session)["lines"], lambda kept: kept[0]["qty"] == "3")
    network.silence()
    cell(page, "Description", 1).fill("Typed over a silent line")
    cell(page, "Quantity", 1).fill("4")
    network.cut()
    served.kill()
    served.start()
    network.far(0)
    network.mend()
    expect(cell(page, "Unit price", 1)).to_have_value("500")
    everything_is_kept(house, session, page)
    assert descriptions(page) == ["Typed over a silent line", "Two"]
    assert cell(page, "Quantity", 1).input_value() == "4"


def test_what_was_typed_into_a_box_before_an_act_filled_it_here_is_asked_of_nobody(
    served, house, session, page, network, console
) -> None:
    """The answer to the act came, the key's did not."""
    console.allow(*CUT_OFF)
    network.far(300)
    paste_into(page, cell(page, "Quantity", 1), "3\t500")
    cell(page, "Quantity", 1).fill("4")
    network.far(1600)
    expect(cell(page, "Unit price", 1)).to_have_value("500")
    network.silence()
    cell(page, "Quantity", 1).fill("45")
    network.cut()
    served.kill()
    served.start()
    network.far(0)
    network.mend()
    everything_is_kept(house, session, page)
    assert cell(page, "Quantity", 1).input_value() == "45"
    expect(page.get_by_role("table", name="What differs")).to_be_hidden()


def test_what_was_typed_into_a_line_that_is_gone_is_shown(served, house, session, page, network, open_as, console):
    """Somebody else has removed it, and the server has begun anew."""
    console.allow(*CUT_OFF)
    other = open_as(house.colleague())
    open_form(other, session)
    network.silence()
    cell(page, "Description", 1).fill("Typed over a silent line")
    press(other, "Remove line 1")
    eventually(lambda: kept_lines(house, session), lambda texts: texts == ["Two"])
    network.cut()
    served.kill()
    served.start()
    network.mend()
    expect(page.get_by_role("table", name="What you typed")).to_contain_text("Typed over a silent line")
    everything_is_kept(house, session, page)
    press(page, "Dismiss")
    expect(page.get_by_role("table", name="What you typed")).to_be_hidden()


def test_an_act_and_somebody_elses_text_in_the_same_line_are_put_together(house, session, page, open_as) -> None:
    other = open_as(house.colleague())
    line = Line(other)
    open_form(other, session)
    line.hears(False)
    paste_into(page, cell(page, "Quantity", 1), "3\t500")
    says(page, "Saved")
    cell(other, "Description", 1).fill("Theirs")
    line.hears(True)
    expect(cell(page, "Description", 1)).to_have_value("Theirs")
    expect(cell(other, "Unit price", 1)).to_have_value("500")
    says(other, "Saved")
    assert kept_lines(house, session) == ["Theirs", "Two"]
    for each in (page, other):
        expect(each.get_by_role("table", name="What differs")).to_be_hidden()


def test_what_waits_for_the_connection_is_shown(house, session, page, network, axe) -> None:
    waiting = page.locator(".on-the-way")
    expect(waiting).to_be_hidden()
    network.silence()
    press(page, "Duplicate line 1")
    put_caret(cell(page, "Description", 2), 3)
    page.keyboard.press("Enter")
    page.keyboard.type("Report to the school")
    page.keyboard.press("Tab")
    expect(waiting.get_by_role("listitem")).to_have_text(["a line duplicated", "a new line: Report to the school"])
    axe(page)
    network.cut()
    network.mend()
    lines(page, 4)
    expect(waiting).to_be_hidden()
    assert descriptions(page) == ["One", "One", "Two", "Report to the school"]


@pytest.mark.parametrize("by_key", [True, False])
def test_choices_made_over_a_silent_line_are_there_when_it_is_back(house, session, page, network, by_key) -> None:
    with house.served.act() as (db, _):
        a_service(db, db.get_one(Practice, house.practice_id), price=1800, name="Intake 90 min", code="86211")
    page.reload()
    lines(page, 2)
    code, search = cell(page, "Code", 2), page.get_by_role("combobox", name="Add diagnosis")
    code.press_sequentially("862")
    listed = page.get_by_role("listbox", name="What you charge")
    expect(listed).to_have_attribute("data-for", "862")
    rates = listed.get_by_role("option")
    expect(rates.filter(has_text="Intake")).to_be_visible()
    network.silence()
    if by_key:
        for _ in range(rates.all_inner_texts().index(rates.filter(has_text="Intake").inner_text()) + 1):
            code.press("ArrowDown")
        code.press("Enter")
    else:
        rates.filter(has_text="Intake").click()
    expect(rates).to_have_count(0)
    expect(cell(page, "Description", 2)).to_have_value("Intake 90 min")
    expect(figure(page, "total")).to_have_text("R\u00a03\u00a0050,00")
    says(page, "Saving")
    network.cut()
    network.mend()
    everything_is_kept(house, session, page)

    search.press_sequentially("sleep")
    listed = page.get_by_role("listbox", name="ICD-10 codes")
    expect(listed).to_have_attribute("data-for", "sleep")
    found = listed.get_by_role("option")
    expect(found.first).to_contain_text("leep")
    network.silence()
    if by_key:
        search.press("Enter")
    else:
        found.first.click()
    expect(found).to_have_count(0)
    expect(search).to_have_value("")
    page.keyboard.type("grief")
    network.cut()
    network.mend()
    expect(page.get_by_role("button", name="Remove diagnosis")).to_have_count(2)
    expect(search).to_have_value("grief")
    everything_is_kept(house, session, page)
    assert descriptions(page) == ["One", "Intake 90 min"]


def test_a_choice_made_as_the_page_goes_is_kept(house, session, page) -> None:
    with house.served.act() as (db, _):
        a_service(db, db.get_one(Practice, house.practice_id), price=1800, name="Intake 90 min", code="86211")
    dead_line(page, session)
    page.evaluate("window.lineGoesOn()")
    cell(page, "Code", 2).press_sequentially("86211")
    rates = page.get_by_role("listbox", name="What you charge").get_by_role("option")
    expect(rates).to_have_count(1)
    page.evaluate("window.deadLine()")
    rates.click()
    page.close(run_before_unload=False)
    eventually(lambda: kept_lines(house, session), lambda texts: texts == ["One", "Intake 90 min"])
    assert house.kept(session)["lines"][1]["price"] == "1\u00a0800,00"


def test_a_rate_chosen_over_a_dead_line_covers_nobodys_text(house, session, page, open_as, console) -> None:
    """Somebody else has written other words meanwhile."""
    console.allow("409 (Conflict)")  # not all was taken
    dead_line(page, session)
    page.evaluate("window.lineGoesOn()")
    other = open_as(house.colleague())
    open_form(other, session)
    cell(page, "Code", 1).fill("")
    cell(page, "Code", 1).press_sequentially("86205")
    listed = page.get_by_role("listbox", name="What you charge")
    expect(listed).to_have_attribute("data-for", "86205")
    page.evaluate("window.deadLine()")
    listed.get_by_role("option").first.click()
    expect(cell(page, "Description", 1)).to_have_value("Psychotherapy 60 min")
    cell(other, "Description", 1).fill("Theirs")
    house.wait_until_kept(session, "Theirs")
    page.evaluate("window.away()")
    eventually(lambda: house.kept(session)["lines"][0]["code"], lambda code: code == "86205")
    assert kept_lines(house, session) == ["Theirs", "Two"]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_block_pasted_over_a_silent_line_is_asked_about_where_somebody_else_wrote(
    served, house, session, page, network, open_as, console, restarts
) -> None:
    console.allow(*CUT_OFF)
    other = open_as(house.colleague())
    open_form(other, session)
    network.silence()
    paste_into(page, cell(page, "Quantity", 1), "3\t500\n4\t600\n5\t700")
    cell(other, "Unit price", 1).fill("620")
    house.wait_until_kept(session, "620")
    network.cut()
    if restarts:
        served.kill()
        served.start()
    network.mend()
    asked = page.get_by_role("table", name="What differs")
    expect(asked.get_by_role("row")).to_have_count(2)
    expect(asked).to_contain_text("620")
    expect(asked).to_contain_text("500")
    lines(page, 3)
    press(page, "Take theirs")
    expect(asked).to_be_hidden()
    everything_is_kept(house, session, page)
    assert [cell(page, "Unit price", n).input_value() for n in (1, 2, 3)] == ["620", "600", "700"]
    assert [cell(page, "Quantity", n).input_value() for n in (1, 2, 3)] == ["3", "4", "5"]


def test_what_was_taken_back_over_a_dead_line_is_not_done_as_the_page_goes(house, session, page) -> None:
    dead_line(page, session)
    cell(page, "Description", 2).fill("Second")
    press(page, "Duplicate line 1")
    press(page, "Undo")
    press(page, "Remove line 2")
    press(page, "Undo")
    press(page, "Duplicate line 2")
    cell(page, "Description", 1).fill("First")
    press(page, "Undo")  # of the text
    page.close(run_before_unload=False)
    house.wait_until_kept(session, "First")
    assert kept_lines(house, session) == ["First", "Second", "Second"]


def test_an_act_is_done_once_while_a_question_is_open_and_the_server_begins_anew(
    served, house, session, page, network, open_as, console
) -> None:
    console.allow(*CUT_OFF)
    other = open_as(house.owner)
    open_form(other, session)
    network.silence()
    cell(other, "Description", 1).fill("Theirs")
    house.wait_until_kept(session, "Theirs")
    cell(page, "Description", 1).fill("Mine")
    network.mend()
    expect(page.get_by_role("table", name="What differs")).to_be_visible()
    press(page, "Duplicate line 2")
    lines(page, 3)
    eventually(lambda: kept_aside(house, session), lambda aside: aside.count("Two") == 3)  # agreed: one, mine: two
    served.kill()
    served.start()
    expect(page.get_by_text(RECONNECTING)).to_be_hidden()
    press(page, "Keep mine")
    everything_is_kept(house, session, page)
    assert descriptions(page) == ["Mine", "Two", "Two"]


def test_undo_goes_on_after_a_break_and_takes_back_nothing_typed_since(house, session, page, network) -> None:
    cell(page, "Unit price", 2).fill("300")
    expect(figure(page, "total")).to_have_attribute("data-state", "confirmed")
    network.silence()
    press(page, "Undo")
    cell(page, "Unit price", 2).fill("400")
    network.cut()
    network.mend()
    expect(page.get_by_test_id("told")).to_contain_text("The connection was cut before Undo got through.")
    everything_is_kept(house, session, page)
    expect(cell(page, "Unit price", 2)).to_have_value("400")
    for was in ("300", ""):
        press(page, "Undo")
        expect(cell(page, "Unit price", 2)).to_have_value(was)


def test_a_closing_button_pressed_over_a_silent_line_says_that_it_did_not_get_through(
    house, session, page, network
) -> None:
    choose(page, "Other")
    cell(page, "Unit price", 2).fill("300")
    says(page, "Saved")
    network.silence()
    press(page, "Send Receipt")
    network.cut()
    network.mend()
    problem = page.get_by_test_id("problem")
    expect(problem).to_contain_text(NOT_THROUGH)
    assert house.invoices(session) == []
    cell(page, "Unit price", 2).fill("400")
    expect(problem).to_be_empty()
    press(page, "Send Receipt")
    page.wait_for_url("**/billing/*")
    assert len(house.invoices(session)) == 1


def test_a_press_that_was_answered_is_not_spoken_of_after_a_break(house, session, page, network) -> None:
    choose(page, "Insurance")
    press(page, "Generate invoice")
    problem = page.get_by_test_id("problem")
    expect(problem).to_contain_text("Please look at the")
    cell(page, "Unit price", 2).fill("300")
    says(page, "Saved")
    expect(problem).to_be_empty()
    network.cut()
    expect(page.get_by_text(RECONNECTING)).to_be_visible()
    network.mend()
    expect(page.get_by_text(RECONNECTING)).to_be_hidden()
    everything_is_kept(house, session, page)
    expect(problem).to_be_empty()


def test_more_than_one_message_holds_is_said_in_several(house, session, page, network) -> None:
    open_form(page, session)
    block = "\n".join(f"1\t{'x' * 195}" for _ in range(150))
    network.silence()
    for n in (1, 2):
        paste_into(page, cell(page, "Quantity", n), block.replace("x", str(n)))
        press(page, "Duplicate line 1")
    network.cut()
    network.mend()
    lines(page, 153)
    everything_is_kept(house, session, page)


def dead_line(page: Page, session: int) -> None:
    """Nothing reaches the server by the page's line any more; what is posted does."""
    page.add_init_script(Path(__file__).with_name("dead_line.js").read_text())
    open_form(page, session)
    lines(page, 2)
    page.evaluate("window.deadLine()")


def does_a_few_things(page: Page) -> None:
    press(page, "Duplicate line 1")
    paste_into(page, cell(page, "Unit price", 2), "700\t5")
    cell(page, "Unit price", 2).fill("900")
    cell(page, "Description", 1).fill("First")
    put_caret(cell(page, "Description", 2), 3)
    page.keyboard.press("Enter")
    page.keyboard.type("Begun over a dead line")


def test_a_page_that_goes_has_posted_what_was_done(house, session, page, open_far) -> None:
    dead_line(page, session)
    does_a_few_things(page)
    page.close(run_before_unload=False)
    house.wait_until_kept(session, "Begun over a dead line")
    again = open_far(house.owner)
    open_form(again, session)
    lines(again, 4)
    assert descriptions(again) == ["First", "One", "Two", "Begun over a dead line"]
    assert [cell(again, "Unit price", n).input_value() for n in (3, 4)] == ["900", ""]
    everything_is_kept(house, session, again)


@pytest.mark.parametrize("way", ["goes on", "breaks", "restarts"])
def test_what_a_hidden_page_has_posted_is_not_done_again_when_it_goes_on(
    served, house, session, page, network, open_as, console, way
) -> None:
    """Somebody else has saved the form meanwhile, so the lines have other ids there."""
    console.allow(*CUT_OFF)
    other = open_as(house.colleague())
    open_form(other, session)
    dead_line(page, session)
    does_a_few_things(page)
    press(other, "Add line item")
    cell(other, "Description", 3).fill("Theirs")
    house.wait_until_kept(session, "Theirs")
    page.evaluate("window.away()")
    house.wait_until_kept(session, "Begun over a dead line")
    if way == "breaks":
        network.cut()
    if way == "restarts":
        served.kill()
        served.start()
    page.evaluate("window.lineGoesOn()")
    network.mend()
    lines(page, 5)
    everything_is_kept(house, session, page)
    assert descriptions(page) == ["First", "One", "Two", "Theirs", "Begun over a dead line"]
    assert cell(page, "Unit price", 3).input_value() == "900"
