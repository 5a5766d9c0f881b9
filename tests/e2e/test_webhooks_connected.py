"""On a public address the practice's account at Stripe is told where to report, and what it tells shows at once."""

import shutil
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.contract.stand_in import StandIn
from tests.e2e import on_the_internet
from tests.e2e.demo_app import DATA, DemoApp
from tests.e2e.stories import House, eventually, press
from tests.e2e.test_payment_settings import KEY, connect, health
from tests.served import PASSWORD, free_port


def test_webhooks_are_connected_and_taken_away_with_the_account(
    open_browser: Callable[..., Page], stripe: StandIn, console, axe
) -> None:
    console.allow(f"asked another machine: https://{on_the_internet.HOST}")
    port = free_port()
    public = f"https://{on_the_internet.HOST}:{port}"
    data = DATA.with_name("e2e-https")
    shutil.rmtree(data, ignore_errors=True)
    app = DemoApp(data, TROVA_STRIPE_API_BASE=stripe.url, TROVA_BASE_URL=public)
    with on_the_internet.door(data, port, to=app.port):
        app.start()
        try:
            page = open_browser(ignore_https_errors=True)
            page.goto(f"{public}/sign-in?next=/settings/payments")
            page.get_by_label("E-mail").fill(House(app).owner)
            page.get_by_label("Password").fill(PASSWORD)
            press(page, "Sign in")
            connect(page, KEY)
            expect(health(page, "Webhooks")).to_contain_text("Webhooks are not connected")
            press(page, "Connect webhooks")
            expect(page.get_by_text("Webhooks are being connected. This page says so when they are.")).to_be_visible()
            expect(health(page, "Webhooks")).to_contain_text("payments show at once")
            expect(page.get_by_role("button", name="Connect webhooks again")).to_be_visible()
            axe(page)
            (endpoint,) = [one for one in stripe.books.endpoints.values() if one["url"].startswith(public)]
            assert endpoint["url"].startswith(f"{public}/hooks/stripe/")
            assert endpoint["secret"] not in page.content()

            press(page, "Disconnect")
            page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
            expect(page.get_by_text("Stripe is disconnected. Its webhook is being removed there")).to_be_visible()
            eventually(lambda: endpoint["id"] in stripe.books.endpoints, lambda stands: not stands)
        finally:
            app.stop()
