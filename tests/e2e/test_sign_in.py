"""The wall as a person meets it, in a real browser."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import CUT_OFF
from tests.e2e.demo_app import DemoApp, OwnPractice
from tests.served import PASSWORD


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_where_they_wanted(
    own_practice: OwnPractice, stranger: Page
) -> None:
    wanted = f"/appointments/{own_practice.appointments[0]}/complete?from=list"
    stranger.goto(wanted)
    stranger.wait_for_url("**/sign-in?next=*")
    sign_in(stranger, own_practice.owner, "not the password")
    expect(stranger.get_by_role("alert")).to_contain_text("do not belong together")
    sign_in(stranger, own_practice.owner)
    stranger.wait_for_url(f"**{wanted}")
    assert stranger.evaluate("document.cookie") == ""
    kept = stranger.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    assert own_practice.owner not in kept


def test_signing_out_in_one_tab_empties_the_others(served: DemoApp, own_practice: OwnPractice, open_as) -> None:
    one = open_as(own_practice.owner)
    two = one.context.new_page()
    session = f"/appointments/{own_practice.appointments[0]}/complete"
    for page in (one, two):
        page.goto(session)
        expect(page.get_by_role("radio", name="Online Payment")).to_be_visible()
    served.sign_out(next(cookie["value"] for cookie in one.context.cookies() if cookie["name"] == "trova"))
    for page in (one, two):
        page.wait_for_url("**/sign-in?next=*")


def test_a_cut_line_is_mentioned_calmly_and_mends_itself(served: DemoApp, stranger: Page, console) -> None:
    console.allow(*CUT_OFF)
    stranger.goto("/sign-in")
    stranger.get_by_label("E-mail").fill("half typed")
    stranger.evaluate("window.stayed = true")
    served.kill()
    notice = stranger.get_by_text("Reconnecting. What you typed stays on this page.")
    expect(notice).to_be_visible()
    served.start()
    expect(notice).to_be_hidden()
    expect(stranger.get_by_label("E-mail")).to_have_value("half typed")
    assert stranger.evaluate("window.stayed")
