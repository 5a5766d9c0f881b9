"""The wall as a person meets it, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import a_browser
from tests.served import PASSWORD, ServedApp
from trova_app.domain.permissions import Role

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    """A server without states of the tests' own: its pages must fit it."""
    app = ServedApp(tmp_path_factory.mktemp("house")).start()
    yield app
    app.stop()


@pytest.fixture
def person(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser of somebody who has not been here before."""
    opened = chromium.new_context()
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


def sign_in(page: Page, house: ServedApp, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_where_they_wanted(
    house: ServedApp, person: BrowserContext
) -> None:
    email = house.a_practice_with(Role.OWNER)[0]
    page = person.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{house.url}/appointments/1/complete?from=list")
    page.wait_for_url("**/sign-in?next=*")
    sign_in(page, house, email, "not the password")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    sign_in(page, house, email)
    page.wait_for_url("**/appointments/1/complete?from=list")
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)").find(email) == -1
    assert not [said for said in complaints if "Content Security Policy" in said or "Minified React error" in said]


def test_signing_out_in_one_tab_empties_the_others(house: ServedApp, person: BrowserContext) -> None:
    email = house.a_practice_with(Role.OWNER)[0]
    one, two = person.new_page(), person.new_page()
    one.goto(f"{house.url}/sign-in?next=/appointments/1/complete")
    sign_in(one, house, email)
    two.goto(f"{house.url}/appointments/1/complete")
    expect(two.get_by_text("There is no such").first).to_be_visible()
    cookie = next(c["value"] for c in person.cookies() if c["name"] == "trova")
    house.sign_out(cookie)
    for page in (one, two):
        page.wait_for_url("**/sign-in?next=*")


def test_a_cut_line_is_mentioned_calmly_and_mends_itself(house: ServedApp, person: BrowserContext) -> None:
    page = person.new_page()
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    page.goto(f"{house.url}/sign-in")
    page.get_by_label("E-mail").fill("half typed")
    house.kill()
    notice = page.get_by_text("Reconnecting. What you typed stays on this page.")
    expect(notice).to_be_visible(timeout=30_000)
    house.start()
    expect(notice).to_be_hidden(timeout=30_000)
    assert page.get_by_label("E-mail").input_value() == "half typed"
    assert len(loads) == 1
