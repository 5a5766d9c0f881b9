"""A slow network, one that is silent for a while, and one that breaks: no key is lost, and the cursor stays."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stories import House, cell, eventually, figure, open_form, press
from tests.e2e.typists import (
    RECONNECTING,
    caret,
    everything_is_kept,
    in_database,
    put_caret,
    says,
    shown,
    type_at,
)

TEXT = "Psychotherapy 60 min"
MIDDLE = 13
WORDS = " with the family, and a talk with the school,"
HALVES = WORDS[:20], WORDS[20:]
WITH_WORDS = TEXT[:MIDDLE] + WORDS + TEXT[MIDDLE:]


def a_form(house: House, page: Page) -> int:
    session = house.session()
    open_form(page, session)
    return session


def lines(page: Page, count: int) -> None:
    expect(page.get_by_role("table", name="Line items").locator("tbody tr")).to_have_count(count)


def types_while_answers_arrive(house: House, page: Page, session: int) -> None:
    """In the middle of a text, right after a price, a quantity and a code: their answers come while it is typed."""
    cell(page, "Unit price").fill("1 300,00")
    cell(page, "Quantity").fill("2")
    cell(page, "Code").fill("86206")
    box = cell(page, "Description")
    type_at(page, box, MIDDLE, WORDS)
    assert caret(box) == MIDDLE + len(WORDS)
    expect(box).to_have_value(WITH_WORDS)
    expect(figure(page, "total")).to_have_text("R\u00a02\u00a0600,00")
    everything_is_kept(house, session, page)
    assert in_database(house, session)["text.1"] == WITH_WORDS
    assert caret(box) == MIDDLE + len(WORDS)


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_the_steps_of_a_small_screen_wait_for_no_network(served, network, open_far) -> None:
    house = House(served)
    page = open_far(house.owner)
    a_form(house, page)
    network.silence()
    press(page, "Continue")
    cell(page, "Quantity").fill("2")
    press(page, "Continue")
    expect(page.get_by_label("Client's mail address")).to_be_visible()
    expect(figure(page, "total")).to_have_text("R\u00a02\u00a0500,00")
    press(page, "Back")
    expect(cell(page, "Quantity")).to_be_visible()
    network.mend()
    says(page, "Saved")


@pytest.mark.parametrize("round_trip", [pytest.param(80, marks=pytest.mark.soak), 300])
def test_typing_in_the_middle_of_a_text_while_answers_arrive_loses_nothing(
    served, network, open_far, round_trip
) -> None:
    house = House(served)
    page = open_far(house.owner)
    session = a_form(house, page)
    network.far(round_trip)
    types_while_answers_arrive(house, page, session)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("round_trip", [0, 80, 300])
def test_a_hundred_times_at_each_distance_nothing_is_lost(served, network, open_far, round_trip) -> None:
    house = House(served)
    page = open_far(house.owner)
    for _ in range(100):
        network.far(0)
        session = a_form(house, page)
        network.far(round_trip)
        types_while_answers_arrive(house, page, session)


def test_lines_come_and_go_while_somebody_types(served, network, open_far) -> None:
    house = House(served)
    page = open_far(house.owner)
    session = a_form(house, page)
    network.far(300)
    press(page, "Add line item")
    box = cell(page, "Description")
    type_at(page, box, MIDDLE, HALVES[0])
    lines(page, 2)
    page.keyboard.type(HALVES[1])
    assert caret(box) == MIDDLE + len(WORDS)
    press(page, "Remove line 2")
    type_at(page, cell(page, "Code"), 5, "-0")
    lines(page, 1)
    page.keyboard.type("A")
    everything_is_kept(house, session, page)
    assert (shown(page)["text.1"], shown(page)["code.1"]) == (WITH_WORDS, "86205-0A")


def test_keys_typed_ahead_into_the_next_line_arrive_there(served, network, open_far) -> None:
    house = House(served)
    page = open_far(house.owner)
    session = a_form(house, page)
    network.far(300)
    put_caret(cell(page, "Description"), len(TEXT))
    page.keyboard.press("Enter")
    page.keyboard.type("Report", delay=10)
    lines(page, 2)
    page.keyboard.type(" to the school", delay=10)
    expect(cell(page, "Description", 2)).to_have_value("Report to the school")
    expect(cell(page, "Description", 1)).to_have_value(TEXT)
    everything_is_kept(house, session, page)


def test_keys_typed_ahead_survive_a_break_that_loses_the_line(served, network, open_far) -> None:
    house = House(served)
    page = open_far(house.owner)
    session = a_form(house, page)
    network.silence()
    put_caret(cell(page, "Description"), len(TEXT))
    page.keyboard.press("Enter")
    page.keyboard.type("Report to the school")
    network.cut()
    network.mend()
    lines(page, 2)
    expect(cell(page, "Description", 2)).to_have_value("Report to the school")
    everything_is_kept(house, session, page)
    lines(page, 2)


def test_a_break_in_the_middle_of_a_word_loses_nothing(served, network, open_far) -> None:
    house = House(served)
    page = open_far(house.owner)
    session = a_form(house, page)
    network.far(80)
    box = cell(page, "Description")
    type_at(page, box, MIDDLE, HALVES[0][:8])
    network.silence()  # these keys leave the browser and never arrive
    page.keyboard.type(HALVES[0][8:])
    network.cut()
    page.keyboard.type(HALVES[1])
    expect(page.get_by_text(RECONNECTING)).to_be_visible()
    says(page, "Saving")
    network.mend()
    everything_is_kept(house, session, page)
    expect(page.get_by_text(RECONNECTING)).to_be_hidden()
    expect(box).to_have_value(WITH_WORDS)
    assert caret(box) == MIDDLE + len(WORDS)
    assert in_database(house, session)["text.1"] == WITH_WORDS


def test_what_is_typed_back_to_the_first_text_during_a_break_is_kept_too(served, network, open_far) -> None:
    house = House(served)
    page = open_far(house.owner)
    session = a_form(house, page)
    cell(page, "Description").fill("Something else")
    house.wait_until_kept(session, "Something else")
    network.silence()
    cell(page, "Description").fill(TEXT)
    network.cut()
    network.mend()
    everything_is_kept(house, session, page)
    assert in_database(house, session)["text.1"] == TEXT


def test_a_break_does_not_put_an_old_text_over_a_colleagues(served, network, open_far, open_as) -> None:
    house = House(served)
    page, colleague = open_far(house.owner), open_as(house.colleague())
    session = a_form(house, page)
    network.silence()
    cell(page, "Code").fill("86206")
    network.cut()
    open_form(colleague, session)
    cell(colleague, "Description").fill("Psychotherapy, by telephone")
    house.wait_until_kept(session, "Psychotherapy, by telephone")
    network.mend()
    expect(cell(page, "Description")).to_have_value("Psychotherapy, by telephone")
    expect(cell(page, "Code")).to_have_value("86206")
    house.wait_until_kept(session, "Psychotherapy, by telephone", "86206")
    everything_is_kept(house, session, page)


def test_what_a_colleague_wrote_in_the_same_box_during_a_break_is_asked_about(
    served, network, open_far, open_as
) -> None:
    house = House(served)
    page, colleague = open_far(house.owner), open_as(house.colleague())
    session = a_form(house, page)
    network.silence()
    cell(page, "Description").fill("Psychotherapy, at the rooms")
    network.cut()
    open_form(colleague, session)
    cell(colleague, "Description").fill("Psychotherapy, by telephone")
    house.wait_until_kept(session, "Psychotherapy, by telephone")
    network.mend()
    differs = page.get_by_role("table", name="What differs")
    expect(differs).to_contain_text("Psychotherapy, by telephone")
    expect(differs).to_contain_text("Psychotherapy, at the rooms")
    says(page, "Not saved")
    press(page, "Keep mine")
    house.wait_until_kept(session, "Psychotherapy, at the rooms")
    everything_is_kept(house, session, page)


def test_what_was_typed_while_cut_off_does_not_pass_for_an_answer_to_a_colleagues_edit(
    served, network, open_far, open_as
) -> None:
    house = House(served)
    page, colleague = open_far(house.owner), open_as(house.colleague())
    session = a_form(house, page)
    open_form(colleague, session)
    network.cut()
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    cell(page, "Description").fill("Psychotherapy, at the rooms")
    cell(colleague, "Description").fill("Psychotherapy, by telephone")
    house.wait_until_kept(session, "Psychotherapy, by telephone")
    network.mend()
    expect(page.get_by_role("table", name="What differs")).to_contain_text("Psychotherapy, by telephone")
    press(page, "Take theirs")
    expect(cell(page, "Description")).to_have_value("Psychotherapy, by telephone")


def test_a_colleagues_edit_of_the_same_line_takes_no_key_and_not_the_cursor(served, network, open_far, open_as) -> None:
    house = House(served)
    page, colleague = open_far(house.owner), open_as(house.colleague())
    session = a_form(house, page)
    open_form(colleague, session)
    network.far(300)
    box = cell(page, "Description")
    type_at(page, box, MIDDLE, HALVES[0])
    cell(colleague, "Quantity").fill("3")
    while cell(page, "Quantity").input_value() != "3":
        page.keyboard.type("x")
        page.wait_for_timeout(15)
    page.keyboard.type(HALVES[1])
    typed = box.input_value()
    assert typed.replace("x", "") == WITH_WORDS.replace("x", "")
    everything_is_kept(house, session, page)
    expect(box).to_have_value(typed)
    assert caret(box) == typed.index(HALVES[1]) + len(HALVES[1])


def test_a_restart_takes_nothing_from_a_form_that_was_come_to_by_a_link(served, open_as, restart) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    page.goto(f"/appointments/{session}")
    page.get_by_role("button", name="Mark Session Complete").click()
    box = cell(page, "Description")
    expect(box).to_be_visible()
    page.evaluate("window.stayed = true")
    put_caret(box, MIDDLE)
    served.kill()
    page.keyboard.type(WORDS)
    restart()
    everything_is_kept(house, session, page)
    expect(box).to_have_value(WITH_WORDS)
    assert caret(box) == MIDDLE + len(WORDS)
    assert page.evaluate("window.stayed")
    page.reload()
    expect(box).to_have_value(WITH_WORDS)


def test_a_tick_during_a_break_is_kept(served, network, open_far) -> None:
    house = House(served)
    page = open_far(house.owner)
    session = a_form(house, page)
    network.silence()
    page.get_by_label("Keep in the profile").uncheck()
    network.cut()
    network.mend()
    eventually(lambda: house.kept(session).get("texts", {}).get("keep"), lambda keep: keep == "")
    expect(page.get_by_label("Keep in the profile")).not_to_be_checked()
    says(page, "Saved")


def test_looking_for_a_diagnosis_leaves_nothing_unsaved(served, open_as) -> None:
    house = House(served)
    page = open_as(house.owner)
    session = a_form(house, page)
    cell(page, "Code").fill("86206")
    says(page, "Saved")
    page.get_by_role("combobox", name="Add diagnosis").press_sequentially("anx")
    expect(page.get_by_role("listbox", name="ICD-10 codes").get_by_role("option").first).to_be_visible()
    everything_is_kept(house, session, page)


def test_figures_that_stay_apart_are_both_shown_with_the_reason(served, network, open_far) -> None:
    house = House(served)
    page = open_far(house.owner)
    session = a_form(house, page)
    cell(page, "Unit price").fill("200,00")
    for settled in (figure(page, "total"), page.get_by_label("Total, line 1")):
        expect(settled).to_have_text("R\u00a0200,00")
        expect(settled).to_have_attribute("data-state", "confirmed")
    says(page, "Saved")
    network.silence()
    cell(page, "Unit price").fill("99,00")
    expect(figure(page, "total")).to_have_text("R\u00a099,00")
    words = "The server has R\u00a0200,00. Your last edits have not reached it yet."
    apart = page.get_by_text(words).filter(visible=True)
    expect(apart).to_be_visible()
    of_the_line = page.get_by_role("row").get_by_text("The server has R\u00a0200,00")
    expect(of_the_line).to_be_visible()
    expect(page.get_by_text("No answer yet. What you typed stays on this page.")).to_be_visible()
    network.mend()
    expect(apart).to_be_hidden()
    for settled in (figure(page, "total"), page.get_by_label("Total, line 1")):
        expect(settled).to_have_attribute("data-state", "confirmed")
    everything_is_kept(house, session, page)


def test_a_figure_is_late_after_a_wait_of_its_own(served, network, open_far) -> None:
    house = House(served)
    page = open_far(house.owner)
    a_form(house, page)
    page.get_by_role("button", name="Add line item").click()
    cell(page, "Unit price", 2).fill("10,00")
    expect(figure(page, "total")).to_have_attribute("data-state", "confirmed")
    network.silence()
    page.evaluate(
        """() => {
          window.late = [];
          const told = (changes) => late.push(changes.map(({ target }) => target.ariaLabel).filter(Boolean));
          new MutationObserver(told).observe(document.forms.lines, { subtree: true, attributeFilter: ["data-late"] });
        }"""
    )
    cell(page, "Unit price").fill("99,00")
    page.wait_for_timeout(800)
    cell(page, "Unit price", 2).fill("98,00")
    lines = eventually(
        lambda: [name for batch in page.evaluate("late") if (name := [one for one in batch if "line" in one])],
        lambda batches: len(batches) == 2,
    )
    assert lines == [["Total, line 1"], ["Total, line 2"]]
    network.mend()
    for n in (1, 2):
        expect(page.get_by_label(f"Total, line {n}")).not_to_have_attribute("data-late", "")


def test_the_page_speaks_of_the_connection_in_plain_words(served, network, open_far) -> None:
    house = House(served)
    page = open_far(house.owner)
    session = a_form(house, page)
    network.cut()
    expect(page.get_by_role("status").get_by_text(RECONNECTING)).to_be_visible()
    words = page.locator("body").inner_text().lower()
    assert not [
        word for word in ("websocket", "ws:", "localhost", "cannot connect", "server is reachable") if word in words
    ]
    network.mend()
    expect(page.get_by_text(RECONNECTING)).to_be_hidden()
    cell(page, "Code").fill("86206")
    everything_is_kept(house, session, page)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_a_minute_without_network_loses_nothing(served, network, open_far) -> None:
    """Nobody is told that it is away: the browser finds out by itself."""
    house = House(served)
    page = open_far(house.owner)
    session = a_form(house, page)
    network.silence()
    box = cell(page, "Description")
    put_caret(box, MIDDLE)
    for n in range(60):
        page.keyboard.type(str(n % 10))
        page.wait_for_timeout(1000)
    network.cut()
    page.wait_for_timeout(2000)
    network.mend()
    everything_is_kept(house, session, page)
    expect(box).to_have_value(TEXT[:MIDDLE] + "0123456789" * 6 + TEXT[MIDDLE:])
    assert caret(box) == MIDDLE + 60
