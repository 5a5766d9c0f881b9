"""The plain case: three clicks from the Open tab, without scrolling, on a tablet."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.stories import House, finished, status

tablet = pytest.mark.parametrize("size", ["tablet"], indirect=True)


def click_without_scrolling(target: Locator) -> None:
    expect(target).to_be_in_viewport(ratio=1)
    target.click()
    assert target.page.evaluate("window.scrollY") == 0


@tablet
@pytest.mark.parametrize(
    ("payment_type", "insured", "closing", "word"),
    [
        ("online", False, "Request payment", "Sent"),
        ("other", False, "Send Receipt", "Paid"),
        ("insurance", True, "Generate invoice", "Ready to claim"),
    ],
)
def test_a_plain_session_is_finished_with_three_clicks(
    served, open_as, payment_type: str, insured: bool, closing: str, word: str
) -> None:
    house = House(served, default_payment_type=payment_type)
    session = house.session(insured=insured, first_name="Thandi", last_name="Mokoena")
    page = open_as(house.owner)
    page.goto("/appointments")
    click_without_scrolling(page.get_by_role("link", name="View Details, Thandi Mokoena"))
    click_without_scrolling(page.get_by_role("button", name="Mark Session Complete"))
    click_without_scrolling(page.get_by_role("button", name=closing, exact=True))
    assert finished(page) == house.only_invoice(session).id
    expect(status(page)).to_have_text(word)
