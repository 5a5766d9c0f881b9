"""What is measured in the browser: keys to totals, bytes, the first load, and whether what was typed is still there."""

import json
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, Playwright

from tests.e2e.browser import launch_options

PROBE = (Path(__file__).parent / "probe.js").read_text()
BETWEEN_KEYS = 120  # ms, somebody who types well
CLOCK = 0.1  # ms, the step in which a page's clock goes
HELD = 60  # ms that a finger stays on a key; the driver's next command waits as long
WARM_UP = 4  # keys that are not counted
TYPED = "abcdefghijklmnopqrst"


@dataclass(frozen=True)
class Peer:
    """A page to measure: `paths` by number of rows; `cookie` where it needs a sign-in."""

    name: str
    origin: str
    paths: dict[int, str]
    cookie: str = ""

    def cell(self, rows: int, column: str) -> str:
        """A box in the middle of the grid."""
        return f"{column}.{rows // 2 + 1}"


@dataclass
class Keys:
    """Of one visit: ms to the page's own total and to the confirmed one, bytes of each frame of the socket, and `away`:
    ms from a key's frame leaving the browser to the next one coming in (network and server, without the page)."""

    local: list[float] = field(default_factory=list)
    confirmed: list[float] = field(default_factory=list)
    silent: int = 0
    up: list[int] = field(default_factory=list)
    down: list[int] = field(default_factory=list)
    away: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.local) + self.silent


def open_browser(playwright: Playwright, instead: dict[int, int] | None = None) -> Browser:
    """`instead`: connections to a port of localhost go to another one, the page's address stays as it is."""
    return playwright.chromium.launch(**launch_options(playwright.chromium.executable_path, instead))


@contextmanager
def visit(browser: Browser, peer: Peer, rows: int, *, arrived: bool = True) -> Iterator[tuple[Page, CDPSession]]:
    """The page in a browser that has never seen it. `arrived`: with its grid ready to type in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-ZA")
    if peer.cookie:
        context.add_cookies([{"name": "trova", "value": peer.cookie, "url": peer.origin, "httpOnly": True}])
    page = context.new_page()
    page.add_init_script(PROBE)
    told = context.new_cdp_session(page)
    told.send("Network.enable")
    try:
        if arrived:
            page.goto(peer.origin + peer.paths[rows])
            page.locator(f'[name="{peer.cell(rows, "price")}"]').wait_for()
            page.wait_for_load_state("networkidle")
        yield page, told
    finally:
        context.close()


# -- keys to totals


def press_keys(browser: Browser, peer: Peer, rows: int, count: int) -> Keys:
    """Keys in a price, each of which changes the total."""
    seen = Keys()
    with visit(browser, peer, rows) as (page, told):
        _take_in_hand(page, peer.cell(rows, "price"))
        for n in range(WARM_UP + count):
            if n == WARM_UP:
                _listen(told, seen)
            _press_next(page, n, HELD)
            took = page.evaluate(f"() => bench.settled({BETWEEN_KEYS})")
            if n >= WARM_UP:
                _note(seen, took)
        page.wait_for_timeout(600)  # the last save's frames belong to the keys
    return seen


def paint_slowly(browser: Browser, peer: Peer, rows: int, count: int, slowdown: int) -> list[float]:
    """ms from a key to the next paint, on a tablet's screen with a processor `slowdown` times slower. Paints within
    16 ms are counted as 16."""
    with visit(browser, peer, rows) as (page, told):
        page.set_viewport_size({"width": 1024, "height": 768})
        _take_in_hand(page, peer.cell(rows, "price"))
        told.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
        page.evaluate("() => bench.paints()")
        for n in range(count):
            _press_next(page, n)
            page.evaluate(f"() => bench.settled({BETWEEN_KEYS})")
        page.wait_for_timeout(1000)
        painted = page.evaluate("() => bench.paints()")
        told.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return [*map(float, painted), *[16.0] * (count - len(painted))]


def _press_next(page: Page, n: int, held: float = 0) -> None:
    """The n-th key in a price of three digits: a digit, then Delete of the one behind it, and from the start again when
    all are other ones. So hardly a price comes twice, and nothing that remembers one is faster for it."""
    if n % 6 == 0:
        page.keyboard.press("Home", delay=held)
    page.keyboard.press(str(random.randint(1, 9)) if n % 2 == 0 else "Delete", delay=held)


def _take_in_hand(page: Page, name: str) -> None:
    """A price of 100 in a box in the middle of the screen, saved: without that, what fills a box leaves it at the very
    edge, or under what stands there, where no one types."""
    box = page.locator(f'[name="{name}"]')
    box.evaluate("(box) => box.scrollIntoView({ block: 'center' })")
    box.fill("100")
    page.wait_for_timeout(1000)


def _note(seen: Keys, took: list[float] | None) -> None:
    if took is None:
        seen.silent += 1
        return
    seen.local.append(took[0])
    seen.confirmed.append(took[1])


def _listen(told: CDPSession, seen: Keys) -> None:
    left: list[float] = []

    def sent(event: dict[str, Any]) -> None:
        seen.up.append(_size(event))
        left[:] = left or [event["timestamp"]]

    def received(event: dict[str, Any]) -> None:
        seen.down.append(_size(event))
        if left:
            seen.away.append((event["timestamp"] - left.pop()) * 1000)

    told.on("Network.webSocketFrameSent", sent)
    told.on("Network.webSocketFrameReceived", received)


def _size(event: dict[str, Any]) -> int:
    return len(event["response"]["payloadData"].encode())


# -- the first load


@dataclass(frozen=True)
class Load:
    """kB of scripts and styles as they came over the wire, how many of the files were compressed; ms until an edit was
    taken by the page and by the server."""

    script_kb: float
    style_kb: float
    files: int
    compressed: int
    local_ms: float
    confirmed_ms: float


def first_load(browser: Browser, peer: Peer, rows: int) -> Load:
    with visit(browser, peer, rows, arrived=False) as (page, told):
        answers: dict[str, dict[str, Any]] = {}
        sizes: dict[str, float] = {}
        told.on("Network.responseReceived", lambda e: answers.update({e["requestId"]: e["response"]}))
        told.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
        page.goto(peer.origin + peer.paths[rows], wait_until="commit")
        local, confirmed = page.evaluate("(name) => bench.firstEdit(name)", peer.cell(rows, "price"))
        page.wait_for_load_state("networkidle")
    of = {kind: [r for r, a in answers.items() if _path(a["url"]).endswith(kind)] for kind in (".js", ".css")}
    files = of[".js"] + of[".css"]
    script, style = (sum(sizes.get(r, 0) for r in of[kind]) / 1000 for kind in (".js", ".css"))
    compressed = sum("content-encoding" in {name.lower() for name in answers[r]["headers"]} for r in files)
    return Load(script, style, len(files), compressed, local, confirmed)


def _path(url: str) -> str:
    return url.partition("?")[0]


# -- is what was typed still there?


@dataclass(frozen=True)
class Kept:
    """Of 20 characters typed 30 ms apart into the middle of a description."""

    lost: int
    caret_moved: bool


@dataclass(frozen=True)
class Desk:
    """An open form of its own for one typist: `path`, and the appointment it is of."""

    path: str
    appointment_id: int


def type_fast(
    browser: Browser, peer: Peer, desks: list[Desk], rows: int, times: int, round_trip: int
) -> tuple[list[Kept], list[list[str]]]:
    """A typist at every desk, all at once, writes `times` texts one after the other, each into the next line. What was
    kept of each, and by desk the descriptions that stand in the page once all of it has had the time to be saved."""
    kept = []
    with ExitStack() as visits:
        at = [replace(peer, paths={rows: desk.path}) for desk in desks]
        typists = [visits.enter_context(visit(browser, one, rows))[0] for one in at]
        for n in range(times):
            name = f"text.{n % rows + 1}"
            before = [_into_the_middle(page, name) for page in typists]
            _write(typists)
            typists[0].wait_for_timeout(200 + 2 * round_trip)
            kept += [_kept(page, text) for page, text in zip(typists, before, strict=True)]
        typists[0].wait_for_timeout(2000 + 3 * round_trip)
        return kept, [page.evaluate(TEXTS) for page in typists]


TEXTS = "() => [...document.querySelectorAll('[name^=\"text.\"]')].map((box) => box.value)"


def _into_the_middle(page: Page, name: str) -> str:
    """Puts the caret there. The text as it was."""
    box = page.locator(f'[name="{name}"]')
    box.focus()
    return str(
        box.evaluate("(box) => (box.setSelectionRange(box.value.length >> 1, box.value.length >> 1), box.value)")
    )


def _write(typists: list[Page]) -> None:
    for letter in TYPED:
        next_at = time.monotonic() + 0.03
        for page in typists:
            page.keyboard.press(letter)
        time.sleep(max(0.0, next_at - time.monotonic()))


def _kept(page: Page, before: str) -> Kept:
    shown, caret = page.evaluate("() => [document.activeElement.value, document.activeElement.selectionStart]")
    middle = len(before) // 2
    return Kept(lost_of(shown, before[:middle] + TYPED + before[middle:]), caret != middle + len(TYPED))


def lost_of(shown: str, wanted: str) -> int:
    """How many of the wanted characters do not stand there in their order."""
    row = [0] * (len(wanted) + 1)
    for have in shown:
        above = row[:]
        for i, want in enumerate(wanted, start=1):
            row[i] = above[i - 1] + 1 if have == want else max(above[i], row[i - 1])
    return len(wanted) - row[-1]


def texts_kept_on_the_server(form: str) -> list[str]:
    """The descriptions of a working copy, line by line."""
    return [line["text"] for line in json.loads(form)["lines"]]
