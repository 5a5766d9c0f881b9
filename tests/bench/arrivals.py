"""From a gateway's signed webhook to "Paid" in the Billing page that somebody else has open: in one process, and across
two with Redis between them, where one hears the webhook and the other serves the page. Beside it, in the same browser,
the least it could take: a bare server that pushes a word to a page when it is told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page
from sqlmodel import col, select

from tests import builders as a
from tests.bench.report import Report, percentile
from tests.paying import an_invoice
from tests.served import ServedApp
from trova_app import routes
from trova_app.adapters import signed_events
from trova_app.adapters.simulated import SimulatedGateway
from trova_app.models import Invoice, OutboxRow, PaymentRequest, Practice
from trova_app.services import links, payments, webhook_endpoints

EMAIL = "at-the-desk@example.test"
PATIENCE, PAUSE = 60.0, 0.05
WATCH = """([row, word]) => {
  const is_there = () => [...document.querySelectorAll("tr, li, output")].some(
    (one) => one.textContent.includes(row) && one.textContent.includes(word));
  window.seen_ = new Promise((seen) => {
    const watch = new MutationObserver(() => {
      if (!is_there()) return;
      watch.disconnect();
      seen(performance.timeOrigin + performance.now());
    });
    watch.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}"""


class Desk:
    """A practice whose invoices were all asked for by link; somebody has Billing open at `there`."""

    def __init__(self, here: ServedApp, there: ServedApp, count: int) -> None:
        self.here, self.there = here, there
        with here.act() as (db, _):
            practice = a.a_practice(db, number_prefix="PAY")
            a.a_member(db, practice, email=EMAIL)
            practice_id = int(practice.id or 0)
        for _ in range(count):
            with here.act() as (db, desk):
                case = an_invoice(db, desk, db.get_one(Practice, practice_id))
                payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then={})
        self._until_nothing_waits()

    def _until_nothing_waits(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with self.here.act(writes=False) as (db, _):
                if db.exec(select(OutboxRow.id).where(col(OutboxRow.done_at).is_(None))).first() is None:
                    return
            threading.Event().wait(PAUSE)
        raise RuntimeError("The worker did not come to an end.")

    def arrivals(self, browser: Browser) -> Iterator[float]:
        """ms from each webhook to "Paid" on the page, one after the other."""
        with self.here.act(writes=False) as (db, _):
            numbers = {
                request.request_uuid: db.get_one(Invoice, request.invoice_id).number_text
                for request in db.exec(select(PaymentRequest).order_by(col(PaymentRequest.id)))
            }
        with _page(browser, self.there.url, routes.BILLING, self.there.let_in(EMAIL)) as page:
            page.get_by_text(next(iter(numbers.values()))).first.wait_for()
            page.wait_for_load_state("networkidle")
            for request_uuid, number in numbers.items():
                yield _taken(page, number, "Paid", self._webhook(request_uuid))
                self._until_nothing_waits()

    def _webhook(self, request_uuid: str) -> Callable[[httpx.Client], httpx.Response]:
        """Signed now, as the gateway would."""
        with self.here.act(writes=False) as (db, desk):
            endpoint = webhook_endpoints.endpoint_of(db, "simulated")
            request = db.exec(select(PaymentRequest).where(PaymentRequest.request_uuid == request_uuid)).one()
            assert endpoint and request.state == "active"
            spec = links.spec_of(db, desk, request, endpoint.public_id)
            url, secret = f"{self.here.url}/hooks/simulated/{endpoint.public_id}", endpoint.secret
        now = datetime.now(UTC)
        raw = SimulatedGateway(self.here.url, "test").said(spec, "pay", now)
        headers = {"stripe-signature": signed_events.signature(raw, secret, now)}
        return lambda client: client.post(url, content=raw, headers=headers)


@contextmanager
def _page(browser: Browser, origin: str, path: str, cookie: str = "") -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-ZA")
    if cookie:
        context.add_cookies([{"name": "trova", "value": cookie, "url": origin, "httpOnly": True}])
    page = context.new_page()
    page.goto(origin + path)
    try:
        yield page
    finally:
        context.close()


def _taken(page: Page, row: str, word: str, post: Callable[[httpx.Client], httpx.Response]) -> float:
    """By the machine's one clock: both ends run on it."""
    with httpx.Client() as client:
        page.evaluate(WATCH, [row, word])
        began = time.time() * 1000
        post(client).raise_for_status()
        return float(page.evaluate("() => window.seen_")) - began


def floor(browser: Browser, origin: str, count: int) -> list[float]:
    with _page(browser, origin, "/told") as page:
        page.locator("output[data-is-listening]").wait_for(state="attached")
        return [
            _taken(page, str(n), "Paid", lambda client, n=n: client.post(f"{origin}/told", content=f"{n} Paid"))  # type: ignore[misc]
            for n in range(count)
        ]


@contextmanager
def two_served(data: Path, redis: str, **env: str) -> Iterator[tuple[ServedApp, ServedApp]]:
    """One that hears webhooks and works, one that only serves pages, on the same data."""
    with ExitStack() as ends:
        made = [
            ServedApp(data, TROVA_REDIS_URL=redis, TROVA_EMBEDDED_WORKER=works, TROVA_OPEN_CHECK_SECONDS="3600", **env)
            for works in ("1", "0")
        ]
        for one in made:
            ends.callback(one.engine.dispose)
            ends.callback(one.stop)
            one.start()
        yield made[0], made[1]


def arrivals(
    report: Report, browser: Browser, where: str, here: ServedApp, there: ServedApp, floor_origin: str, count: int
) -> None:
    bare = floor(browser, floor_origin, count)
    times = list(Desk(here, there, count).arrivals(browser))
    least = report.spread(f"Webhook to a word pushed by a bare server, beside: {where}", bare)
    ratio = f"{percentile(times, 50) / least:.1f} x, p95 {percentile(times, 95) / percentile(bare, 95):.1f} x"
    report.spread(f"Webhook to Paid in another person's open Billing: {where}", times, compared=ratio)
