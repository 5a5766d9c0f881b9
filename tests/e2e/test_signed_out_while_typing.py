"""A sign-in ends while something typed is not saved: the page covers itself and keeps it until its person is back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.stories import House, cell, choose, eventually, finished, open_form, press
from tests.e2e.test_time_out import end_sign_ins, let_them_idle
from tests.e2e.typists import Questions, caret, everything_is_kept, in_database, put_caret, says, shown
from tests.network import Network

TEXT = "Psychotherapy 60 min"
WORDS = " and much more"
AWAY, BACK = (
    f"""() => {{
      Object.defineProperty(document, "visibilityState", {{ value: "{state}", configurable: true }});
      document.dispatchEvent(new Event("visibilitychange"));
    }}"""
    for state in ("hidden", "visible")
)
"""The page is turned away from, as for another tab, and looked at again."""
OUT, OTHER = "You are signed out", "Somebody else is signed in"


def cover(page: Page, name: str = OUT) -> Locator:
    return page.get_by_role("dialog", name=name)


def sign_in(page: Page, house: House, email: str = "", password: str = "") -> None:
    email = email or house.owner
    question = page.get_by_role("dialog")
    question.get_by_label("E-mail").fill(email)
    question.get_by_label("Password").fill(password or house.served.password_of(email))
    question.get_by_role("button", name="Sign in").click()


def cookie_of(page: Page) -> str:
    return next(one["value"] for one in page.context.cookies() if one["name"] == "trova")


def by_hand(page: Page) -> None:
    page.keyboard.type(WORDS, delay=30)


def offline(page: Page, house: House, network: Network) -> None:
    network.cut()
    by_hand(page)
    let_them_idle(house)
    network.mend()


def lid_opened(page: Page, house: House, network: Network) -> None:
    lid = page.context.new_cdp_session(page)
    lid.send("Page.setWebLifecycleState", {"state": "frozen"})
    network.cut()
    let_them_idle(house)
    lid.send("Page.setWebLifecycleState", {"state": "active"})
    by_hand(page)
    network.mend()  # what is asked at the sign-in page before anything is typed is no loss


def after_a_pause(page: Page, house: House, network: Network) -> None:
    let_them_idle(house)
    by_hand(page)


def in_another_tab(page: Page, house: House, network: Network) -> None:
    by_hand(page)
    house.served.sign_out(cookie_of(page))


def over_a_silent_line(page: Page, house: House, network: Network) -> None:
    network.silence()
    by_hand(page)
    house.served.sign_out(cookie_of(page))
    network.mend()


End = Callable[[Page, House, Network], None]


@pytest.fixture
def typing(served, network, open_far) -> tuple[House, int, Page, Questions]:
    """A form with the cursor at the end of its description, all of it saved."""
    house = House(served)
    session = house.session(first_name="Thandi", last_name="Mokoena")
    page = open_far(house.owner)
    questions = Questions(page)
    questions.leave = False
    open_form(page, session)
    page.evaluate("window.stayed = true")
    put_caret(cell(page, "Description"), len(TEXT))
    page.keyboard.type(".")
    everything_is_kept(house, session, page)
    return house, session, page, questions


def cut_off(typing: tuple[House, int, Page, Questions], network: Network) -> tuple[House, int, Page, Questions]:
    """The same, and the sign-in ended with something unsent on the page."""
    house, _, page, _ = typing
    offline(page, house, network)
    expect(cover(page)).to_be_visible()
    return typing


@pytest.mark.parametrize("end", [offline, lid_opened, after_a_pause, in_another_tab, over_a_silent_line])
def test_who_signs_in_again_finds_every_character_and_the_cursor(typing, network, end: End) -> None:
    house, session, page, questions = typing
    end(page, house, network)
    expect(cover(page)).to_be_visible()
    expect(page.get_by_text("Mokoena").first).not_to_be_visible()
    expect(cell(page, "Description")).not_to_be_visible()
    sign_in(page, house)
    expect(cover(page)).to_have_count(0)
    expect(cell(page, "Description")).to_have_value(f"{TEXT}.{WORDS}")
    assert caret(cell(page, "Description")) == len(f"{TEXT}.{WORDS}")
    everything_is_kept(house, session, page)
    page.keyboard.type("!")
    everything_is_kept(house, session, page)
    assert in_database(house, session)["text.1"] == f"{TEXT}.{WORDS}!"
    assert questions.asked == [] and page.evaluate("window.stayed")


def test_lines_begun_meanwhile_come_too(typing, network) -> None:
    house, session, page, _ = typing
    network.cut()
    page.keyboard.press("Enter")
    page.keyboard.type("A second line")
    let_them_idle(house)
    network.mend()
    expect(cover(page)).to_be_visible()
    sign_in(page, house)
    expect(cell(page, "Description", 2)).to_have_value("A second line")
    everything_is_kept(house, session, page)
    assert sorted(text for n, text in shown(page).items() if n.startswith("text.")) == ["A second line", TEXT + "."]


def test_who_signs_in_in_another_tab_finds_it_on_coming_back(typing, network, served) -> None:
    house, session, page, _ = cut_off(typing, network)
    cookie = {"name": "trova", "value": served.let_in(house.owner), "url": served.url, "httpOnly": True}
    page.context.add_cookies([cookie | {"sameSite": "Strict"}])
    page.evaluate(BACK)
    expect(cover(page)).to_have_count(0)
    everything_is_kept(house, session, page)


def test_another_persons_sign_in_neither_saves_nor_shows_it(typing, network) -> None:
    house, session, page, questions = cut_off(typing, network)
    colleague = house.colleague()
    sign_in(page, house, colleague)
    expect(cover(page, OTHER)).to_be_visible()
    expect(cell(page, "Description")).not_to_be_visible()
    page.wait_for_timeout(4000)  # longer than a page waits until it asks again
    assert in_database(house, session)["text.1"] == TEXT + "."
    sign_in(page, house)  # its own person comes
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(cell(page, "Description")).to_have_value(f"{TEXT}.{WORDS}")
    everything_is_kept(house, session, page)


def test_another_person_goes_on_with_the_form_as_it_is_saved(typing, network) -> None:
    house, session, page, questions = cut_off(typing, network)
    sign_in(page, house, house.colleague())
    expect(cover(page, OTHER)).to_be_visible()
    questions.leave = True
    page.get_by_role("button", name="Leave without it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(cell(page, "Description")).to_have_value(TEXT + ".")
    questions.are("confirm")
    says(page, "Saved")
    assert in_database(house, session)["text.1"] == TEXT + "."


@pytest.mark.parametrize("is_of_the_practice", [True, False])
def test_its_person_finds_it_where_the_form_was_finished_while_somebody_else_was_signed_in(
    typing, network, served, open_as, is_of_the_practice
) -> None:
    house, session, page, questions = cut_off(typing, network)
    colleague = house.colleague()
    other = open_as(colleague)
    open_form(other, session)
    choose(other, "Other")
    says(other, "Saved")
    press(other, "Send")
    finished(other)
    sign_in(page, house, colleague if is_of_the_practice else House(served).owner)
    expect(cover(page, OTHER)).to_be_visible()
    expect(page.get_by_text(WORDS.strip())).to_have_count(0)
    sign_in(page, house)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("table", name="What you typed")).to_contain_text(f"{TEXT}.{WORDS}")
    press(page, "Dismiss")
    expect(page.get_by_role("table", name="What you typed")).to_have_count(0)
    assert questions.asked == []


def test_somebody_of_another_practice_in_between_takes_nothing_from_it(typing, network, served) -> None:
    house, session, page, questions = cut_off(typing, network)
    sign_in(page, house, House(served).owner)
    expect(cover(page, OTHER)).to_be_visible()
    page.wait_for_timeout(1000)
    sign_in(page, house)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(cell(page, "Description")).to_have_value(f"{TEXT}.{WORDS}")
    everything_is_kept(house, session, page)
    assert questions.asked == []


def test_a_page_that_goes_is_not_posted_under_another_name(typing, network, served, console) -> None:
    """The line is silent, so the page does not know yet who is signed in in its browser by now."""
    console.allow("status of 403")
    house, session, page, _ = typing
    network.silence()
    by_hand(page)
    served.sign_out(cookie_of(page))
    cookie = {"name": "trova", "value": served.let_in(house.colleague()), "url": served.url, "httpOnly": True}
    page.context.add_cookies([cookie | {"sameSite": "Strict"}])
    refused: list[int] = []
    page.on("response", lambda answer: "/forms/unsaved" in answer.url and refused.append(answer.status))
    page.evaluate(AWAY)
    network.mend()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert eventually(lambda: page.wait_for_timeout(20) or refused) == [403]
    page.evaluate(BACK)
    expect(cover(page, OTHER)).to_be_visible()
    assert in_database(house, session)["text.1"] == TEXT + "."


def test_a_wrong_password_is_said_beside_its_field_and_the_next_try_is_heard(typing, network) -> None:
    house, session, page, _ = cut_off(typing, network)
    sign_in(page, house, password="not the password")
    password = cover(page).get_by_label("Password")
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(password).to_have_accessible_description(re.compile("do not belong together"))
    expect(password).to_be_focused()
    sign_in(page, house)
    expect(cover(page)).to_have_count(0)
    everything_is_kept(house, session, page)


def test_a_line_that_is_cut_at_the_sign_in_says_so(typing, network) -> None:
    house, session, page, _ = cut_off(typing, network)
    network.cut()
    sign_in(page, house)
    expect(cover(page).get_by_text("There is no connection just now.")).to_be_visible()
    network.mend()
    sign_in(page, house)
    expect(cover(page)).to_have_count(0)
    everything_is_kept(house, session, page)


def test_by_keyboard_alone(typing, network) -> None:
    house, session, page, _ = cut_off(typing, network)
    expect(cover(page).get_by_label("E-mail")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Escape")
    expect(cover(page)).to_be_visible()
    expect(cover(page).get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(house.owner)
    page.keyboard.press("Tab")
    page.keyboard.type(house.served.password_of(house.owner))
    page.keyboard.press("Enter")
    expect(cover(page)).to_have_count(0)
    expect(cell(page, "Description")).to_be_focused()
    everything_is_kept(house, session, page)


def test_the_way_back_leads_nowhere_until_it_is_decided(typing, network) -> None:
    house, session, page, questions = typing
    page.goto("/appointments")
    page.goto(f"/appointments/{session}")
    press(page, "Mark Session Complete")
    expect(cell(page, "Description")).to_have_value(TEXT + ".")
    put_caret(cell(page, "Description"), len(TEXT) + 1)
    offline(page, house, network)
    expect(cover(page)).to_be_visible()
    page.evaluate("history.back()")
    page.wait_for_timeout(500)
    expect(cover(page)).to_be_visible()
    page.wait_for_url(f"**/appointments/{session}/complete")
    sign_in(page, house)
    expect(cell(page, "Description")).to_have_value(f"{TEXT}.{WORDS}")
    everything_is_kept(house, session, page)
    page.evaluate("history.back()")
    page.wait_for_url(f"**/appointments/{session}")
    assert questions.asked == []


def test_who_leaves_without_it_is_asked_and_signs_in_as_ever(typing, network) -> None:
    house, session, page, questions = cut_off(typing, network)
    press(page, "Leave without it")
    questions.are("confirm")
    expect(cover(page)).to_be_visible()
    questions.leave = True
    press(page, "Leave without it")
    page.wait_for_url(re.compile(r"/sign-in\?next="), wait_until="commit")
    questions.are("confirm", "confirm")


def test_a_reload_of_a_covered_page_is_asked_about(typing, network) -> None:
    house, session, page, questions = cut_off(typing, network)
    page.evaluate("location.reload()")
    questions.are("beforeunload")
    sign_in(page, house)
    expect(cover(page)).to_have_count(0)
    everything_is_kept(house, session, page)


def test_with_nothing_unsent_the_page_leaves_for_the_sign_in_page(typing) -> None:
    house, session, page, questions = typing
    end_sign_ins(house)
    page.wait_for_url(re.compile(r"/sign-in\?next="), wait_until="commit")
    assert questions.asked == []


def test_who_types_while_the_page_is_about_to_leave_keeps_it_here(typing) -> None:
    house, session, page, questions = typing
    under_way: list[Route] = []
    page.route(re.compile(r"/sign-in\?next="), lambda route: under_way.append(route))
    end_sign_ins(house)
    eventually(lambda: page.wait_for_timeout(20) or under_way)
    by_hand(page)
    expect(cover(page)).to_be_visible()
    sign_in(page, house)
    expect(cell(page, "Description")).to_have_value(f"{TEXT}.{WORDS}")
    everything_is_kept(house, session, page)
    assert questions.asked == []


@pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)
def test_it_has_no_barrier(served, network, open_far, size, axe) -> None:
    house = House(served)
    session = house.session()
    page = open_far(house.owner)
    open_form(page, session)
    network.cut()
    choice = page.get_by_role("radio", name="Other Payment")
    choice.check(force=True)
    let_them_idle(house)
    network.mend()
    expect(cover(page)).to_be_visible()
    sign_in(page, house, password="not the password")
    expect(cover(page).get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_class(re.compile(rf"\b{scheme}\b"))
        axe(page)
