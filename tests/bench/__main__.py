"""`python -m tests.bench [--quick]`: every benchmark in one run, so that its figures may be compared with each other.

Times differ from machine to machine and from minute to minute; ratios between pages measured in shuffled, interleaved
rounds of one run differ much less. Nothing here passes or fails.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.bench import inside, pages, places
from tests.bench.arrivals import arrivals, two_served
from tests.bench.crowd import Floors, crowds
from tests.bench.gateway import beside_a_silent_gateway
from tests.bench.imports import beside_an_import
from tests.bench.pages import Desk, Keys, Peer
from tests.bench.report import Report, middle, percentile
from tests.contract import stand_in
from tests.network import far_away
from tests.redis_server import redis_served
from tests.served import PASSWORD, ServedApp, free_port
from trova_app.models import CompletionDraft
from trova_app.settings import ROOT
from trova_app.web.passwords import hash_password

OURS, LOCAL, SOCKET = "Trova", "hand-written page", "raw websocket"
SLOWDOWN = 4
WEB_FOLDER = ".web-bench"
EMAIL = "bench@example.test"


@contextmanager
def peers_served() -> Iterator[Floors]:
    """The floors' origin, served by the same server program as the app."""
    port = free_port()
    words = ["--interface", "asgi", "--port", str(port), "--log-level", "error", "tests.bench.peers:app"]
    process = subprocess.Popen([sys.executable, "-m", "granian", *words], cwd=ROOT)
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=40)) as client:
            client.get(f"http://127.0.0.1:{port}/local?rows=1").raise_for_status()
        yield Floors(f"http://localhost:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def app_served(**env: str) -> Iterator[ServedApp]:
    """The real app with data of its own."""
    data = Path(tempfile.mkdtemp(prefix="trova-bench-"))
    served = ServedApp(data, REFLEX_WEB_WORKDIR=os.environ.get("TROVA_BENCH_WEB", WEB_FOLDER), **env)
    try:
        yield served.start()
    finally:
        served.stop()
        served.engine.dispose()
        shutil.rmtree(data, ignore_errors=True)


def open_forms(served: ServedApp, sizes: list[int], typists: int = 0) -> tuple[dict[int, str], dict[int, list[Desk]]]:
    """By number of lines: the path of an open session's completion page; and as many desks of the most
    lines, and of the least above one, as there are typists."""
    from tests import builders as a

    with served.act() as (db, _):
        practice = a.a_practice(db, number_prefix="BEN", default_payment_type="other")
        member = a.a_member(db, practice, email=EMAIL, password_hash=hash_password(PASSWORD))
        client = a.a_client(db, practice)

        services = {n: a.a_service(db, practice, lines=n, name=f"Psychotherapy, {n} lines") for n in sizes}

        def desk(count: int) -> Desk:
            over = datetime.now(UTC) - timedelta(hours=1)
            made = int(a.an_appointment(db, client, services[count], member, ends=over).id or 0)
            return Desk(f"/appointments/{made}/complete", made)

        desks = {count: [desk(count) for _ in range(typists)] for count in (sizes[1], sizes[-1])}
        return {count: desk(count).path for count in sizes}, desks


def keystrokes(report: Report, browser: Browser, peers: list[Peer], sizes: list[int], rounds: int, keys: int) -> None:
    """Every peer at every size in every round, in another order each time."""
    seen: defaultdict[tuple[str, int], list[Keys]] = defaultdict(list)
    for _ in range(rounds):
        order = [(peer, rows) for peer in peers for rows in sizes]
        random.shuffle(order)
        for peer, rows in order:
            seen[peer.name, rows].append(pages.press_keys(browser, peer, rows, keys))
    for rows in sizes:
        local_floor = [ms for run in seen[LOCAL, rows] for ms in run.local]
        socket_floor = [ms for run in seen[SOCKET, rows] for ms in run.confirmed]
        for peer in peers:
            _say_keys(report, peer.name, rows, seen[peer.name, rows], local_floor, socket_floor)


def _against(times: list[float], floor: list[float], name: str) -> str:
    ratio = middle(times, pages.CLOCK) / middle(floor, pages.CLOCK)
    return f"{ratio:.2f} x {name}, p95 {percentile(times, 95) / percentile(floor, 95):.2f} x"


def _say_keys(
    report: Report, name: str, rows: int, runs: list[Keys], local_floor: list[float], socket_floor: list[float]
) -> None:
    where = f"{name}, {rows} rows"
    local = [ms for run in runs for ms in run.local]
    confirmed = [ms for run in runs for ms in run.confirmed]
    if name != SOCKET:
        ratio = _against(local, local_floor, LOCAL)
        report.spread(f"Key to the page's own total: {where}", local, step=pages.CLOCK, compared=ratio)
    if name != LOCAL:
        ratio = _against(confirmed, socket_floor, SOCKET)
        report.spread(f"Key to the confirmed total: {where}", confirmed, step=pages.CLOCK, compared=ratio)
        report.spread(f"Of that between frame out and frame in: {where}", [ms for run in runs for ms in run.away])
        count = sum(run.count for run in runs)
        up, down = sum(sum(run.up) for run in runs), sum(sum(run.down) for run in runs)
        frames = sum(len(run.up) + len(run.down) for run in runs) / count
        report.say(f"Bytes a key up / down: {where}", f"{up / count:.0f} / {down / count:.0f}", "B",
                   compared=f"{frames:.1f} frames")  # fmt: skip
    if silent := sum(run.silent for run in runs):
        report.say(f"Keys without a new total in 10 s: {where}", float(silent), "keys")


def loads(report: Report, browser: Browser, peers: list[Peer], rows: int, rounds: int) -> None:
    seen: defaultdict[str, list[pages.Load]] = defaultdict(list)
    for _ in range(rounds):
        for peer in random.sample(peers, len(peers)):
            seen[peer.name].append(pages.first_load(browser, peer, rows))
    floors = {name: percentile([load.confirmed_ms for load in seen[name]], 50) for name in seen}
    for peer in peers:
        found = seen[peer.name]
        ratio = f"{floors[peer.name] / floors[SOCKET]:.2f} x {SOCKET}"
        times = [load.confirmed_ms for load in found]
        report.spread(f"First confirmed edit: {peer.name}, {rows} rows", times, compared=ratio)
    last = seen[OURS][-1]
    parts = f"{last.script_kb:.0f} script, {last.style_kb:.0f} style, {last.files} files, {last.compressed} compressed"
    report.say("Scripts and styles of the completion page, compressed, on the wire", last.script_kb + last.style_kb,
               "kB", compared=parts)  # fmt: skip


def slow_paints(report: Report, browser: Browser, peers: list[Peer], rows: int, keys: int) -> None:
    """A tablet: every figure is on the screen with the next paint."""
    for peer in peers:
        painted = pages.paint_slowly(browser, peer, rows, keys, SLOWDOWN)
        report.spread(f"Key to the next paint, processor {SLOWDOWN} x slower: {peer.name}, {rows} rows", painted)


def losses(
    report: Report, playwright: Playwright, served: ServedApp, ours: Peer, desks: dict[int, list[Desk]], times: int
) -> None:
    for round_trip in (0, 80, 300):
        with far_away(served.port, round_trip) as port:
            browser = pages.open_browser(playwright, {served.port: port} if round_trip else None)
            _say_distance(report, browser, ours, min(desks), round_trip)
            for rows, those in desks.items():
                kept, shown = pages.type_fast(browser, ours, those, rows, times, round_trip)
                lost, moved = sum(k.lost for k in kept), sum(k.caret_moved for k in kept)
                saved = [_saved_texts(served, desk.appointment_id) for desk in those]
                missing = sum(a != b for a, b in zip(chain(*shown), chain(*saved), strict=True))
                what = f"Characters lost of {len(kept)} x 20: {round_trip} ms away, {rows} rows"
                report.say(what, float(lost), "chars", n=len(kept),
                           compared=f"caret moved {moved}, lines not saved {missing}")  # fmt: skip
            browser.close()


def _say_distance(report: Report, browser: Browser, ours: Peer, rows: int, round_trip: int) -> None:
    """From afar the page's own total must come as soon as ever, the confirmed one after the round trip."""
    keys = pages.press_keys(browser, ours, rows, 10)
    report.spread(f"Key to the page's own total: {round_trip} ms away, {rows} rows", keys.local)
    report.spread(f"Key to the confirmed total: {round_trip} ms away, {rows} rows", keys.confirmed)
    if min(keys.confirmed) < round_trip:
        raise RuntimeError("The delay is not in between: an answer came sooner than it can have travelled.")


def _saved_texts(served: ServedApp, appointment_id: int) -> list[str]:
    with served.act(writes=False) as (db, _):
        return pages.texts_kept_on_the_server(db.get_one(CompletionDraft, appointment_id).form)


def money_arrives(report: Report, count: int) -> None:
    """In one process, then across two with Redis between them."""
    with peers_served() as floor, sync_playwright() as playwright:
        browser = pages.open_browser(playwright)
        with app_served() as served:
            arrivals(report, browser, "one process", served, served, floor.origin, count)
        data = Path(tempfile.mkdtemp(prefix="trova-bench-"))
        folder = os.environ.get("TROVA_BENCH_WEB", WEB_FOLDER)
        with redis_served() as redis, two_served(data, redis, REFLEX_WEB_WORKDIR=folder) as (here, there):
            arrivals(report, browser, "two processes, Redis between", here, there, floor.origin, count)
        shutil.rmtree(data, ignore_errors=True)
        browser.close()


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="one short round up to 50 rows: does it still run?")
    quick = asked.parse_args().quick
    report = Report()
    sizes = [1, 5, 50] if quick else [1, 5, 50, 200]
    with app_served() as served, peers_served() as floor, sync_playwright() as playwright:
        paths, desks = open_forms(served, sizes, 5)
        ours = Peer(OURS, served.url, paths, served.cookie_of(EMAIL))
        floors = [Peer(LOCAL, floor.origin, {n: f"/local?rows={n}" for n in sizes}),
                  Peer(SOCKET, floor.origin, {n: f"/socket?rows={n}" for n in sizes})]  # fmt: skip
        browser = pages.open_browser(playwright)
        keystrokes(report, browser, [ours, *floors], sizes, 1 if quick else 5, 10 if quick else 20)
        loads(report, browser, [ours, *floors], sizes[2], 1 if quick else 5)
        slow_paints(report, browser, [ours, floors[0]], sizes[-1], 10 if quick else 40)
        browser.close()
        losses(report, playwright, served, ours, desks, 1 if quick else 20)
        crowds(report, served, floor, [20] if quick else [120, 480], 5 if quick else 20)
        inside.printing(report, 3 if quick else 20)
        inside.finishing(report, served, 5 if quick else 40)
        inside.finding_codes(report, served, 2 if quick else 20)
        inside.finding_clients(report, served, 5 if quick else 40)
        beside_an_import(report, served, 2_000 if quick else 50_000, 5 if quick else 20)
    with app_served() as served, sync_playwright() as playwright:  # with data of its own: others measure beside it
        places.lists(report, served, *((2_000, 1_000, 3) if quick else (200_000, 100_000, 20)))
        browser = pages.open_browser(playwright)
        places.week(report, browser, served, 50 if quick else 500, 1 if quick else 5)
        places.first_loads(report, browser, served, 1 if quick else 5)
        browser.close()
    with stand_in.served() as stripe, app_served(TROVA_STRIPE_API_BASE=stripe.url) as served:
        beside_a_silent_gateway(report, served, stripe, 3 if quick else 6, 1 if quick else 2)
    money_arrives(report, 5 if quick else 20)
    print("\n" + report.table())
    return 0


if __name__ == "__main__":
    sys.exit(main())
