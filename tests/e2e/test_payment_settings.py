"""Settings, Payments: the practice's own account at Stripe, from the key to leaving it again."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.contract.stand_in import StandIn
from tests.e2e.stories import House, choose, eventually, finished, open_form, press

KEY = "rk_test_51AbcDefGhi1Xyz"


def health(page: Page, what: str) -> Locator:
    """The words beside one line of "Health"."""
    return page.get_by_role("term").filter(has_text=what).locator("+ dd")


def connect(page: Page, key: str) -> None:
    page.get_by_label("Key").fill(key)
    press(page, "Connect")


def test_a_key_that_does_not_fit_is_refused_beside_its_field_and_stays_there(served, open_as, axe) -> None:
    page = open_as(House(served).owner)
    page.goto("/settings/payments")
    expect(page.get_by_text("The simulated gateway is used. No money moves.")).to_be_visible()
    field = page.get_by_label("Key")
    for key, sentence in {
        "my key": "Enter a restricted key from Stripe's dashboard",
        "pk_test_51AbcDefGhi1Xyz": "That is the public key.",
        "rk_live_51AbcDefGhi1Xyz": "This is a live key, and this practice is not live yet.",
        "rk_test_wrong51AbcDefGhi": "Stripe did not accept this key.",
    }.items():
        connect(page, key)
        expect(field).to_have_accessible_description(re.compile(re.escape(sentence)))
        expect(field).to_have_value(key)
        expect(field).to_be_focused()
        expect(field).to_have_attribute("type", "password")
    axe(page)


def test_an_own_account_is_connected_tried_looked_through_and_left(served, open_as, stripe: StandIn, axe) -> None:
    house = House(served)
    page = open_as(house.owner)
    page.goto("/settings/payments")
    connect(page, KEY)
    expect(page.get_by_text("Stripe is connected.")).to_be_visible()
    expect(page.get_by_text("ends in 1Xyz")).to_be_visible()
    expect(page.locator("main").get_by_text("Test", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("ends in 1Xyz")).to_be_visible()
    assert KEY not in page.content() and KEY[8:-4] not in page.content()
    expect(health(page, "Webhooks")).to_contain_text(
        "cannot receive webhooks; payments are looked up every few minutes"
    )
    expect(page.get_by_role("button", name="Connect webhooks")).to_have_count(0)
    axe(page)

    press(page, "Check payments now")
    expect(page.get_by_text("Payments are being checked.")).to_be_visible()
    expect(health(page, "Looking up payments")).to_have_text("Last successful check just now")
    press(page, "Test payment")
    expect(page.get_by_role("link", name="https://pay.stripe.test/plink_")).to_be_visible()

    asked = finished_online(page, house)
    (link,) = eventually(lambda: house.links(asked), lambda links: links and links[0].state == "active")
    assert (link.provider, stripe.links[link.provider_ref]["active"]) == ("stripe", True)

    page.goto("/settings/payments")
    expect(health(page, "Open payment links")).to_have_text("1 link")
    press(page, "Disconnect")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Open payment links are closed first, and the key is forgotten.")
    axe(page)
    question.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Stripe is disconnected. One open link is being closed there")).to_be_visible()
    expect(page.get_by_label("Key")).to_have_value("")
    old, new = eventually(
        lambda: house.links(asked), lambda links: [one.state for one in links] == ["closed", "active"]
    )
    assert (stripe.links[old.provider_ref]["active"], new.provider) == (False, "simulated")


def finished_online(page: Page, house: House) -> int:
    """A session is billed by link; its invoice."""
    open_form(page, house.session())
    choose(page, "Online")
    press(page, "Request payment")
    return finished(page)


def test_a_key_that_the_gateway_takes_no_longer_is_said_with_the_last_time_it_did(
    served, open_as, stripe: StandIn
) -> None:
    page = open_as(House(served).owner)
    page.goto("/settings/payments")
    connect(page, KEY)
    expect(health(page, "Looking up payments")).to_have_text("Not checked yet")
    press(page, "Check payments now")
    expect(health(page, "Looking up payments")).to_have_text("Last successful check just now")
    stripe.switches.extend([401] * 12)
    press(page, "Check payments now")
    expect(health(page, "Looking up payments")).to_contain_text("Last successful check just now. Since then:")
    stripe.switches.clear()
    press(page, "Check payments now")
    expect(health(page, "Looking up payments")).to_have_text("Last successful check just now")


def test_only_the_owner_sees_how_clients_pay(served, open_as) -> None:
    page = open_as(House(served).reception)
    page.goto("/settings/payments")
    expect(
        page.get_by_text("Your role may not change the practice's settings. Ask the practice's owner.")
    ).to_be_visible()
    expect(page.get_by_label("Key")).to_have_count(0)
