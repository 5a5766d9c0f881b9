"""A served demo practice, people signed in to it, and a watch over what their browsers say.

    def test_...(page):                     the demo's clinician, signed in
    def test_...(reception):                the demo's reception, signed in
    def test_...(stranger):                 nobody
    def test_...(own_practice, open_as):    open_as(own_practice.owner): a practice of the test's own
    @on_desktop_and_tablet                  the test once at each size (from tests.e2e.conftest)
    console.allow("part of a message")      what the browser may complain of in this test
    stripe                                  what the served app takes for Stripe, with its books
    restart()                               the server is killed and comes back; pages stay open
    network, open_far(email)                a browser whose way to the server is `network` (see tests/network.py)

Sign out only in a practice of your own: the demo's sign-ins are shared by all tests of a run.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    StorageState,
    WebError,
    expect,
)

from tests.contract import stand_in
from tests.contract.every_request import must_name_nobody
from tests.contract.stand_in import StandIn
from tests.e2e.browser import LOOPBACK, NoBrowser, launch_options
from tests.e2e.demo_app import AT_RECEPTION, CLINICIAN, DATA, DemoApp, OwnPractice
from tests.network import Network

SIZES = {"desktop": (1440, 900), "tablet": (1024, 768), "tablet upright": (768, 1024), "phone": (390, 844)}
WAIT = 15_000  # ms, for a machine that is busy with other things
CUT_OFF = ("WebSocket connection to", "ERR_CONNECTION_REFUSED", "ERR_INTERNET_DISCONNECTED")
BREACHES = "axe.run({ resultTypes: ['violations'] }).then(all => all.violations)"
FREE_SCHEMES = ("data", "blob", "about", "chrome-error")

on_desktop_and_tablet = pytest.mark.parametrize("size", ["desktop", "tablet"], indirect=True)

OpenAs = Callable[[str], Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith("tests/e2e/"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def stripe() -> Iterator[StandIn]:
    """What the served app takes for Stripe, once a practice has connected an account of its own."""
    with stand_in.served() as one:
        one.books.now = int(time.time())
        yield one


@pytest.fixture(scope="session")
def served(stripe: StandIn) -> Iterator[DemoApp]:
    """The demo practice; when all is done, its books are checked."""
    shutil.rmtree(DATA, ignore_errors=True)
    app = DemoApp(TROVA_STRIPE_API_BASE=stripe.url, TROVA_PRIVATE_CALENDARS="1")
    app.seed()
    app.start()
    expect.set_options(timeout=WAIT)
    yield app
    app.stop()
    must_name_nobody(app.engine, stripe.noted)
    books = app.trova("check")
    assert books.returncode == 0, f"The tests left books that do not add up:\n{books.stdout}{books.stderr}"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict, browser_type: BrowserType) -> dict:
    try:
        return {**browser_type_launch_args, **launch_options(browser_type.executable_path)}
    except NoBrowser as problem:
        pytest.exit(str(problem), returncode=1)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict, served: DemoApp) -> dict:
    here = {"base_url": served.url, "locale": "en-ZA", "timezone_id": "Africa/Johannesburg"}
    return {**browser_context_args, **here, "reduced_motion": "reduce"}


class Console:
    """What the browsers of one test complained of: errors, refused by the content policy, asked of other machines."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._allowed: list[str] = []

    def allow(self, *parts: str) -> None:
        self._allowed.extend(parts)

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._said)
        context.on("weberror", self._threw)
        context.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            where = message.location
            self.faults.append(f"{message.text} ({where.get('url', '')}:{where.get('lineNumber', '')})")

    def _threw(self, error: WebError) -> None:
        self.faults.append(f"thrown: {error.error}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in FREE_SCHEMES and parts.hostname not in LOOPBACK:
            self.faults.append(f"asked another machine: {parts.scheme}://{parts.hostname}")

    def left(self) -> list[str]:
        return [fault for fault in self.faults if not any(part in fault for part in self._allowed)]


@pytest.fixture
def console() -> Iterator[Console]:
    watched = Console()
    yield watched
    assert not watched.left(), "The browser complained:\n" + "\n".join(watched.left())


@pytest.fixture
def size(request: pytest.FixtureRequest) -> str:
    """A key of `SIZES`."""
    return getattr(request, "param", "desktop")


@pytest.fixture(scope="session")
def sign_ins(browser: Browser, served: DemoApp) -> Callable[[str], StorageState]:
    """What a person's browser keeps of their sign-in, made once a session each."""
    kept: dict[str, StorageState] = {}

    def of(email: str) -> StorageState:
        if email not in kept:
            through_the_door = email in (CLINICIAN, AT_RECEPTION)
            kept[email] = _signed_in_by_form(browser, served, email) if through_the_door else _let_in(served, email)
        return kept[email]

    return of


def _signed_in_by_form(browser: Browser, served: DemoApp, email: str) -> StorageState:
    context = browser.new_context(base_url=served.url)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(served.password_of(email))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url, wait_until="commit")
    kept = context.storage_state()
    context.close()
    return kept


def _let_in(served: DemoApp, email: str) -> StorageState:
    cookie = {
        "name": "trova",
        "value": served.let_in(email),
        "domain": "localhost",
        "path": "/",
        "expires": -1,
        "httpOnly": True,
        "secure": False,
        "sameSite": "Strict",
    }
    return {"cookies": [cookie], "origins": []}


@pytest.fixture
def open_browser(new_context: Callable[..., BrowserContext], console: Console, size: str) -> Callable[..., Page]:
    """A new browser of the test's size, watched; keyword arguments go to Playwright's `new_context`."""

    def opened(**given: object) -> Page:
        width, height = SIZES[size]
        context = new_context(**{"viewport": {"width": width, "height": height}} | given)
        context.set_default_timeout(WAIT)
        console.watch(context)
        return context.new_page()

    return opened


@pytest.fixture
def open_as(open_browser: Callable[..., Page], sign_ins: Callable[[str], StorageState]) -> OpenAs:
    """`open_as(email)`: a browser of its own, signed in."""
    return lambda email: open_browser(storage_state=sign_ins(email))


@pytest.fixture
def page(open_as: OpenAs) -> Page:
    """The demo's clinician."""
    return open_as(CLINICIAN)


@pytest.fixture
def context(page: Page) -> BrowserContext:
    """The clinician's browser."""
    return page.context


@pytest.fixture
def reception(open_as: OpenAs) -> Page:
    return open_as(AT_RECEPTION)


@pytest.fixture
def stranger(open_browser: Callable[..., Page]) -> Page:
    return open_browser()


@pytest.fixture
def own_practice(served: DemoApp) -> OwnPractice:
    """Two clients, an open appointment each. For other numbers: `served.own_practice(clients=1, appointments=5)`."""
    return served.own_practice()


@pytest.fixture
def restart(served: DemoApp, console: Console) -> Callable[[], None]:
    def power_cut() -> None:
        console.allow(*CUT_OFF)
        served.restart()

    return power_cut


@pytest.fixture(scope="session")
def far_browser(playwright: Playwright, served: DemoApp) -> Iterator[tuple[Browser, Network]]:
    """A browser of its own: for it, the server's address leads through the network."""
    own = playwright.chromium.executable_path
    with Network(served.port).running() as network:
        through = launch_options(own, {served.port: network.port})
        browser = playwright.chromium.launch(**through)
        yield browser, network
        browser.close()


@pytest.fixture
def network(far_browser: tuple[Browser, Network]) -> Iterator[Network]:
    """Fast and whole at the beginning of each test."""
    _, between = far_browser
    yield between
    between.mend()
    between.far(0)


@pytest.fixture
def open_far(
    far_browser: tuple[Browser, Network],
    network: Network,
    browser_context_args: dict,
    sign_ins: Callable[[str], StorageState],
    console: Console,
    size: str,
) -> Iterator[Callable[..., Page]]:
    """`open_far(email)`: as `open_as`, behind the network."""
    opened: list[BrowserContext] = []
    console.allow(*CUT_OFF, "Failed to load resource: net::ERR_")

    def open_as(email: str, **given: object) -> Page:
        width, height = SIZES[size]
        wanted = {"viewport": {"width": width, "height": height}, "storage_state": sign_ins(email)}
        context = far_browser[0].new_context(**browser_context_args | wanted | given)
        context.set_default_timeout(WAIT)
        console.watch(context)
        opened.append(context)
        return context.new_page()

    yield open_as
    network.mend()
    for context in opened:
        context.close()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """`axe(page)`: nothing on the page, as it is now, is against axe's rules."""

    def check(page: Page) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        found = page.evaluate(BREACHES)
        report = [f"{rule['id']}: {rule['help']}\n    {_places(rule)}" for rule in found]
        assert not found, f"{page.url}\n" + "\n".join(report)

    return check


def _places(rule: dict) -> str:
    return "\n    ".join(str(node["target"]) for node in rule["nodes"][:5])
