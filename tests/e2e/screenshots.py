"""Pictures of the main pages at four sizes, light and dark, into `screenshots/`; those of the Help page, and the one in
the README.

`python -m tests.e2e.screenshots [part of a name ...] [@look-width ...]` takes only the pictures whose names hold one of
the parts, in those looks: `... document- @dark-390`.
"""

import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, StorageState, sync_playwright
from sqlmodel import col, select

from tests.contract import stand_in
from tests.contract.stand_in import StandIn
from tests.e2e import help_pictures
from tests.e2e.browser import launch_options
from tests.e2e.conftest import SIZES
from tests.e2e.demo_app import CLINICIAN, DemoApp
from tests.e2e.form_pictures import Forms, states
from tests.e2e.page_pictures import Scene, scenes
from tests.network import Network
from trova_app import routes
from trova_app.models import Appointment, Client, Invoice, PaymentRequest, ServiceLine
from trova_app.settings import ROOT

SHOTS = ROOT / "screenshots"
README = ROOT / "docs" / "images" / "completion.png"
LARGEST = 250_000  # bytes, for the picture in the README
SETTLED = 400  # ms without change before a picture is taken: fonts and the page's own fade


class Wanted:
    """What was asked for; everything, where nothing was."""

    def __init__(self, parts: list[str]) -> None:
        self._names = [part for part in parts if not part.startswith("@")]
        self._looks = [part for part in parts if part.startswith("@")]

    def has(self, name: str) -> bool:
        return not self._names or any(part in name for part in self._names)

    def looks(self) -> Iterator[tuple[str, str, int]]:
        """(light or dark, key of `SIZES`, its width)."""
        for look, (size, (width, _height)) in product(("light", "dark"), SIZES.items()):
            if not self._looks or f"@{look}-{width}" in self._looks:
                yield look, size, width


def addresses(demo: DemoApp, now: datetime | None = None) -> list[tuple[str, str]]:
    """(name of the picture, address) of every page worth a look. `now`: on the demo's own clock, where it has one."""
    with demo.act(writes=False) as (db, _desk):
        over = db.exec(
            select(Appointment.id)
            .where(Appointment.state == "scheduled", Appointment.ends_at < (now or datetime.now(UTC)))
            .order_by(col(Appointment.ends_at).desc())
        ).all()
        longest = db.exec(
            select(Appointment.id)
            .join(ServiceLine, col(ServiceLine.service_id) == Appointment.service_id)
            .where(col(Appointment.id).in_(over))
            .group_by(col(Appointment.id))
            .order_by(sa.func.count().desc())
        ).first()
        insured = db.exec(select(Client.id).where(col(Client.scheme_id).is_not(None))).first()
        issued = db.exec(select(Invoice.payment_type, Invoice.id).where(Invoice.status == "issued")).all()
        token = db.exec(
            select(Invoice.pay_token).join(PaymentRequest, col(PaymentRequest.invoice_id) == Invoice.id)
        ).first()
    tabs = ("upcoming", "open", "completed", "missed", "cancelled")
    return [
        ("sign-in", routes.SIGN_IN),
        *((f"appointments-{tab}", f"{routes.APPOINTMENTS}?tab={tab}") for tab in tabs),
        ("appointment", routes.appointment(over[0])),
        ("complete", routes.complete(over[0])),
        ("complete-more", routes.complete(longest)),
        *((f"billing-{tab}", f"{routes.BILLING}?tab={tab}") for tab in ("invoices", "payments", "refunds")),
        *((f"invoice-{payment_type}", routes.invoice(key)) for payment_type, key in dict(issued).items()),
        ("clients", routes.CLIENTS),
        ("client", routes.client(insured)),
        *((name, f"/{name}") for name in ("calendar", "services", "outbox", "settings", "help")),
        ("pay", routes.pay(token or "")),
    ]


def sign_in(page: Page, demo: DemoApp, email: str = CLINICIAN) -> None:
    page.goto(routes.SIGN_IN)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(demo.password_of(email))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: routes.SIGN_IN not in url, wait_until="commit")


def open_page(page: Page, address: str) -> bool:
    """False where there is no such page, or nothing on it."""
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        return False
    page.locator("h1").first.wait_for(state="attached")
    page.locator("[aria-busy=true]").first.wait_for(state="detached")
    page.wait_for_timeout(SETTLED)
    return True


def a_context(browser: Browser, demo: DemoApp, size: str, look: str, **given: object) -> BrowserContext:
    width, height = SIZES[size]
    return browser.new_context(
        base_url=demo.url,
        viewport={"width": width, "height": height},
        color_scheme=look,
        reduced_motion="reduce",
        locale="en-ZA",
        timezone_id="Africa/Johannesburg",
        **given,
    )


def take_all(browser: Browser, demo: DemoApp, wanted: Wanted) -> list[str]:
    """Takes them; the names of the pictures that could not be taken."""
    first = a_context(browser, demo, "desktop", "light")
    sign_in(first.new_page(), demo)
    known = first.storage_state()
    pages = [(name, address) for name, address in addresses(demo) if wanted.has(name)]
    missing: list[str] = []
    for look, size, width in wanted.looks():
        context = a_context(browser, demo, size, look, storage_state=known)
        page = context.new_page()
        for name, address in pages:
            picture = f"{name}-{look}-{width}.png"
            if open_page(page, address):
                page.screenshot(path=SHOTS / picture, full_page=True)
            else:
                missing.append(f"{picture} ({address})")
        context.close()
    return missing


def take_scenes(browser: Browser, demo: DemoApp, wanted: Wanted) -> list[str]:
    """The pages in the states that `page_pictures` makes; the names of the pictures that could not be taken."""
    chosen = [scene for scene in scenes(demo) if wanted.has(scene.name)]
    known = {email: _signed_in(browser, demo, email) for email in {scene.email for scene in chosen} if email}
    missing = []
    for look, size, width in wanted.looks():
        people = {email: a_context(browser, demo, size, look, storage_state=known.get(email)) for email in ("", *known)}
        for scene in chosen:
            page = people[scene.email].new_page()
            picture = f"{scene.name}-{look}-{width}.png"
            try:
                _take(page, scene, SHOTS / picture)
            except Error as problem:
                missing.append(f"{picture} ({problem.message.splitlines()[0]})")
            page.close()
        for context in people.values():
            context.close()
    return missing


def _signed_in(browser: Browser, demo: DemoApp, email: str) -> StorageState:
    context = a_context(browser, demo, "desktop", "light")
    sign_in(context.new_page(), demo, email)
    known = context.storage_state()
    context.close()
    return known


def _take(page: Page, scene: Scene, file: Path) -> None:
    page.set_default_timeout(10_000)
    page.goto(scene.address)
    page.locator("h1").first.wait_for(state="attached")
    page.locator(".skeletons").wait_for(state="detached")
    scene.do(page)
    page.wait_for_timeout(SETTLED)
    page.screenshot(path=file, full_page=scene.is_whole)


def take_forms(playwright: Playwright, browser: Browser, demo: DemoApp, wanted: Wanted) -> None:
    """The completion form's states, behind a network that can be cut."""
    if not wanted.has("form-1"):
        return
    first = a_context(browser, demo, "desktop", "light")
    sign_in(first.new_page(), demo)
    known, forms = first.storage_state(), Forms(demo)
    with Network(demo.port).running() as network:
        far = playwright.chromium.launch(
            **launch_options(playwright.chromium.executable_path, {demo.port: network.port})
        )
        for look, size, width in wanted.looks():
            page = a_context(far, demo, size, look, storage_state=known).new_page()
            page.on("dialog", lambda dialog: dialog.accept())
            another = partial(a_context, browser, demo, size, look, storage_state=known)
            for name, is_whole in states(forms, page, network, another):
                page.wait_for_timeout(SETTLED)
                page.screenshot(path=SHOTS / f"{name}-{look}-{width}.png", full_page=is_whole and width < 1024)
            page.context.close()
        far.close()


def take_readme(browser: Browser, demo: DemoApp, now: datetime) -> int:
    """The completion form at desktop size, light; its size in bytes."""
    context = a_context(browser, demo, "desktop", "light")
    page = context.new_page()
    sign_in(page, demo)
    found = dict(addresses(demo, now))["complete-more"]
    if not open_page(page, found):
        raise SystemExit(f"{found} does not open.")
    README.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=README)
    context.close()
    return README.stat().st_size


def take_help(browser: Browser, demo: DemoApp, now: datetime, wanted: Wanted) -> list[str]:
    """Those of the Help page; what came out too large for one."""
    known, pages = _signed_in(browser, demo, CLINICIAN), dict(addresses(demo, now))
    session = int(pages["appointment"].rsplit("/", 1)[1])
    shots = help_pictures.shots(demo, session, pages["complete-more"])
    chosen = [shot for shot in shots if wanted.has(f"help-{shot.topic.key}")]
    sizes = {file.name: file.stat().st_size for file in help_pictures.take(browser, demo, known, chosen, SETTLED)}
    return [f"{name} within {help_pictures.LARGEST} bytes" for name, n in sizes.items() if n > help_pictures.LARGEST]


def in_working_hours() -> datetime:
    """Twenty to three on the last Thursday in South Africa: what people read shows a day at work, whenever the pictures
    are taken."""
    here = datetime.now(ZoneInfo("Africa/Johannesburg"))
    day = here - timedelta(days=(here.weekday() - 3) % 7)
    return day.replace(hour=14, minute=40, second=0, microsecond=0)


def served(data: Path, stripe: str, **env: str) -> DemoApp:
    shutil.rmtree(data, ignore_errors=True)
    demo = DemoApp(data, TROVA_STRIPE_API_BASE=stripe, **env)
    demo.seed()
    return demo.start()


def main(parts: list[str]) -> int:
    SHOTS.mkdir(exist_ok=True)
    with stand_in.served() as stripe:
        return _main(Wanted(parts), stripe)


def _main(wanted: list[str], stripe: StandIn) -> int:
    stripe.books.now = int(time.time())
    data = ROOT / "build" / "screenshots"
    now = in_working_hours()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options(playwright.chromium.executable_path))
        demo = served(data, stripe.url, TROVA_TEST_CLOCK=now.isoformat())
        try:
            missing = take_help(browser, demo, now, wanted)
            size = take_readme(browser, demo, now)
        finally:
            demo.stop()
        demo = served(data, stripe.url)
        try:
            missing += take_all(browser, demo, wanted)
            missing += take_scenes(browser, demo, wanted)
            take_forms(playwright, browser, demo, wanted)
        finally:
            demo.stop()
        browser.close()
    print(f"{len(list(SHOTS.glob('*.png')))} pictures in {SHOTS.name}/, the README's has {size} bytes")
    print("\n".join(f"could not be taken: {name}" for name in missing) or "All pages were there.")
    return 0 if size <= LARGEST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
