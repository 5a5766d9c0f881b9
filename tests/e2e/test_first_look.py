"""What somebody sees who opens Trova for the first time."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import on_desktop_and_tablet


def test_the_demo_says_how_to_sign_in(stranger: Page, axe) -> None:
    stranger.goto("/sign-in")
    expect(stranger.get_by_text("clinician@demo.trova.test")).to_be_visible()
    axe(stranger)


@on_desktop_and_tablet
def test_a_session_of_ones_own_practice_opens_for_completion_without_a_barrier(own_practice, open_as, axe) -> None:
    page = open_as(own_practice.owner)
    page.goto(f"/appointments/{own_practice.appointments[0]}/complete")
    expect(page.get_by_role("radio", name="Online Payment")).to_be_visible()
    axe(page)


@pytest.mark.parametrize("who", ["page", "reception"])
def test_the_demos_people_are_signed_in(who: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(who)
    page.goto("/appointments")
    expect(page).to_have_url(re.compile(r"/appointments"))
    page.get_by_role("banner").get_by_role("button", name="Jacaranda Psychology").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_a_page_with_an_id_in_its_address_names_its_own_files_at_once(stranger: Page) -> None:
    ask = stranger.request
    files = re.findall(r"<(/assets/[^>]+)>; rel=modulepreload", ask.get("/appointments/1/complete").headers["link"])
    assert any("complete" in file for file in files)
    assert [ask.get(file).status for file in files] == [200] * len(files)
    in_the_page = re.findall(r'href="(/assets/[^"]+)"', ask.get("/appointments/1/complete").text())
    assert in_the_page and not set(files) & set(in_the_page)
    assert "link" in ask.get("/pay/not-a-token").headers
    for own in ("/clients", "/clients/new", "/sign-in"):
        assert "link" not in ask.get(own).headers, own
