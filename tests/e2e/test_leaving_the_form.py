"""Leaving, reloading, closing the lid: what is not saved is asked about or posted, and what is saved is not."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stories import House, cell, open_form, press
from tests.e2e.typists import Questions, caret, everything_is_kept, in_database, put_caret

TEXT = "Psychotherapy 60 min"
WORDS = ", with the family"
WAY_BACK = "Back to the session"

OLD_ROWS = """() => {
  window.seen = [];
  const look = () => {
    const text = document.querySelector("[name^='text.']")?.value;
    if (text && !window.seen.includes(text)) window.seen.push(text);
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}"""
STORED = """async () => {
  const databases = await indexedDB.databases();
  return [document.cookie, ...Object.entries(localStorage).flat(), ...Object.entries(sessionStorage).flat(),
    ...databases.map(one => one.name), ...(await caches.keys())];
}"""


def types(page: Page, words: str = WORDS) -> None:
    put_caret(cell(page, "Description"), len(TEXT))
    page.keyboard.type(words)


def test_nobody_is_asked_when_everything_is_saved(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    questions = Questions(page)
    open_form(page, session)
    types(page)
    everything_is_kept(house, session, page)
    page.reload()
    expect(cell(page, "Description")).to_have_value(TEXT + WORDS)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Clients").click()
    page.wait_for_url("**/clients")
    assert questions.asked == []


def test_a_reload_is_asked_about_while_something_is_unsent_and_staying_keeps_everything(
    served, network, open_far
) -> None:
    house = House(served)
    session = house.session()
    page = open_far(house.owner)
    questions = Questions(page)
    questions.leave = False
    open_form(page, session)
    page.evaluate("window.stayed = true")
    network.silence()
    types(page)
    page.evaluate("location.reload()")
    questions.are("beforeunload")
    network.mend()
    everything_is_kept(house, session, page)
    page.keyboard.type(" and the school")  # the line is still there
    everything_is_kept(house, session, page)
    expect(cell(page, "Description")).to_have_value(TEXT + WORDS + " and the school")
    assert page.evaluate("window.stayed")


def test_somebody_who_reloads_in_the_middle_of_a_word_finds_every_key(served, network, open_far) -> None:
    house = House(served)
    session = house.session()
    page = open_far(house.owner)
    questions = Questions(page)
    open_form(page, session)
    network.far(300)
    for n in range(3):
        types(page, str(n))
        page.reload()
        expect(cell(page, "Description")).to_have_value(TEXT + "210"[2 - n :])
    everything_is_kept(house, session, page)
    assert questions.asked == ["beforeunload"] * 3


def test_a_page_that_goes_posts_what_its_line_cannot_carry_any_more(served, open_as) -> None:
    """The events' line is dead and the page does not know it; an ordinary request still goes through."""
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    page.add_init_script(Path(__file__).with_name("dead_line.js").read_text())
    Questions(page)
    open_form(page, session)
    page.evaluate("window.deadLine()")
    types(page)
    page.goto("/appointments")
    house.wait_until_kept(session, TEXT + WORDS)
    open_form(page, session)
    expect(cell(page, "Description")).to_have_value(TEXT + WORDS)
    everything_is_kept(house, session, page)


def test_a_form_left_at_once_and_opened_at_once_shows_what_was_typed(served, network, open_far) -> None:
    house = House(served)
    session = house.session()
    page = open_far(house.owner)
    page.goto(f"/appointments/{session}")
    press(page, "Mark Session Complete")
    for n in range(3):
        expect(cell(page, "Description")).to_be_visible()
        network.far(300)
        types(page, str(n))
        page.go_back()
        press(page, "Mark Session Complete")
        expect(cell(page, "Description")).to_have_value(TEXT + "210"[2 - n :])
        network.far(0)
    everything_is_kept(house, session, page)


def test_a_form_that_was_left_by_a_full_load_shows_nothing_of_then_until_it_was_read(
    served, network, open_far, open_as
) -> None:
    """What would be typed into its boxes meanwhile was typed upon what nobody has any more."""
    house = House(served)
    session = house.session()
    page, other = open_far(house.owner), open_as(house.colleague())
    open_form(page, session)
    types(page)
    everything_is_kept(house, session, page)
    page.goto(f"/appointments/{session}")
    expect(page.get_by_role("button", name="Mark Session Complete")).to_be_visible()
    open_form(other, session)
    cell(other, "Description").fill("By telephone")
    house.wait_until_kept(session, "By telephone")
    network.far(1000)
    page.evaluate(OLD_ROWS)
    press(page, "Mark Session Complete")
    page.wait_for_url("**/complete")
    network.far(0)
    expect(cell(page, "Description")).to_have_value("By telephone")
    assert page.evaluate("window.seen") == ["By telephone"]


def test_leaving_for_another_form_at_once_keeps_both(served, open_as) -> None:
    house = House(served)
    sessions = house.session(), house.session()
    page = open_as(house.owner)
    for session in sessions:
        page.goto(f"/appointments/{session}")
        press(page, "Mark Session Complete")
        types(page)
        page.go_back()
        expect(page).to_have_url(re.compile(f"/appointments/{session}$"))  # one navigation at a time
    for session in sessions:
        house.wait_until_kept(session, TEXT + WORDS)


def test_a_link_waits_for_the_save_and_asks_when_there_is_none(served, network, open_far) -> None:
    house = House(served)
    session = house.session()
    page = open_far(house.owner)
    questions = Questions(page)
    questions.leave = False
    page.goto(f"/appointments/{session}")
    press(page, "Mark Session Complete")
    expect(cell(page, "Description")).to_be_visible()
    network.silence()
    types(page)
    page.evaluate("history.back()")
    questions.are("confirm")
    expect(cell(page, "Description")).to_have_value(TEXT + WORDS)
    network.mend()
    everything_is_kept(house, session, page)
    page.evaluate("history.back()")
    page.wait_for_url(f"**/appointments/{session}")
    assert questions.asked == ["confirm"]


def test_a_lid_closed_in_the_middle_of_a_word_loses_nothing(served, network, open_far) -> None:
    house = House(served)
    session = house.session()
    page = open_far(house.owner)
    open_form(page, session)
    told = page.context.new_cdp_session(page)
    types(page, WORDS[:5])
    network.silence()
    types_on = WORDS[5:]
    page.keyboard.type(types_on)
    told.send("Page.setWebLifecycleState", {"state": "frozen"})
    network.cut()
    served_while_asleep = in_database(house, session) if house.kept(session) else {}
    assert served_while_asleep.get("text.1", "") != TEXT + WORDS
    network.mend()
    told.send("Page.setWebLifecycleState", {"state": "active"})
    everything_is_kept(house, session, page)
    expect(cell(page, "Description")).to_have_value(TEXT + WORDS)
    assert caret(cell(page, "Description")) == len(TEXT + WORDS)


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_a_phone_turned_to_something_else_has_posted_what_it_could(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    page.add_init_script(Path(__file__).with_name("dead_line.js").read_text())
    open_form(page, session)
    page.get_by_role("link", name="Line items").click()
    page.evaluate("window.deadLine()")
    types(page)
    page.evaluate("window.away()")
    house.wait_until_kept(session, TEXT + WORDS)
    expect(cell(page, "Description")).to_have_value(TEXT + WORDS)


def test_nothing_that_was_typed_stays_in_the_browser(served, open_as) -> None:
    house = House(served)
    session = house.session(insured=True, first_name="Nomvula", last_name="Dlamini")
    page = open_as(house.owner)
    open_form(page, session)
    types(page)
    page.get_by_role("radio", name="Insurance Payment").check(force=True)
    page.get_by_label("Member number").fill("0098765432")
    everything_is_kept(house, session, page)
    words = " ".join(page.evaluate(STORED))
    assert "token" in words  # the page's own address is all there is
    for personal in (TEXT, "family", "0098765432", "Nomvula", "Dlamini", "F41", "1 250", "1\u00a0250"):
        assert personal not in words
    assert "Dlamini" not in page.request.get(page.url).text()
