"""The other pages with much in them: lists of 200,000 appointments and 100,000 invoices, a calendar week of 500
sessions, and each page's first load."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from tests import builders as a
from tests import paying
from tests.bench.inside import taken_ms
from tests.bench.report import Report
from tests.served import PASSWORD, ServedApp
from trova_app import routes
from trova_app.domain.appointments import Tab
from trova_app.models import Appointment, Client, Invoice, Payment, Practice
from trova_app.services import appointments, billing_lists, calendar, money_lists
from trova_app.web.passwords import hash_password

HOUR = timedelta(hours=1)
ALL_AT_ONCE = 1_000
FRAMES = """() => {
  let last = performance.now(), longest = 0, count = 0;
  const frame = (now) => {
    longest = Math.max(longest, now - last); last = now; count += 1;
    window.frames_ = { longest, count };
    requestAnimationFrame(frame);
  };
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(frame); });
}"""


def put(db: Any, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, ALL_AT_ONCE)):
        db.execute(sa.insert(table), some)


def lists(report: Report, served: ServedApp, sessions: int, documents: int, runs: int) -> None:
    """One practice of many years: the pages of its lists, their counts, and searches that find many, one and nobody."""
    with served.act() as (db, desk):
        practice = a.a_practice(db, number_prefix="YEARS")
        who = _filled(db, desk, practice, sessions, documents)
    now = datetime.now(UTC)
    asked: dict[str, Callable[..., Any]] = {"Counts of the appointment lists": appointments.counts}
    for tab in Tab:
        asked[f"Appointments, {tab.value}: first page"] = _with(appointments.page_of, tab=tab.value)
    for words in ("mokoena", "person 000123", "zzzz"):
        asked[f"Appointments, completed: search for {words}"] = _with(
            appointments.page_of, tab=Tab.COMPLETED.value, search=words
        )
    asked["Counts of the billing lists"] = billing_lists.counts
    asked["Invoices: first page"] = billing_lists.invoices
    asked["Invoices, overdue: first page"] = _with(billing_lists.invoices, status="Overdue")
    asked["Invoices: search for one number"] = _with(billing_lists.invoices, search="YEARS-050000")
    asked["Payments: first page"] = money_lists.payments
    asked["Calendar: a week"] = _with(calendar.calendar, view="week", day=now.date().isoformat())
    for what, service in asked.items():
        with served.act(writes=False) as (db, desk):
            times = [taken_ms(lambda s=service: s(db, desk, who)) for _ in range(runs)]  # type: ignore[misc]  # noqa: B023
        report.spread(what, times, compared=f"{sessions:,} appointments, {documents:,} invoices")


def _with(service: Callable[..., Any], **given: object) -> Callable[..., Any]:
    return lambda db, desk, who: service(db, desk, who, **given)


def _filled(db: Any, desk: Any, practice: Practice, sessions: int, documents: int) -> Any:
    """Most of it lies in the past and is billed; 1 in 50 is still to come or open."""
    case = paying.an_invoice(db, desk, practice)
    first = db.get_one(Invoice, case.invoice_id)
    booked = db.get_one(Appointment, first.appointment_id)
    someone = db.get_one(Client, first.client_id).model_dump(exclude={"id"})
    put(db, Client, (someone | {"search_text": f"person {n:06d} mokoena"} for n in range(5_000)))
    clients = db.exec(sa.select(sa.func.min(Client.id)).where(Client.practice_id == practice.id)).scalar_one()
    one, now = booked.model_dump(exclude={"id"}), datetime.now(UTC).replace(minute=0, second=0, microsecond=0)

    def session(n: int) -> dict[str, Any]:
        starts = now - HOUR * n / 4 + HOUR * 24 * 30
        state = "scheduled" if starts > now or n % 500 == 0 else ("missed" if n % 40 == 1 else "completed")
        times = {
            "starts_at": starts,
            "ends_at": starts + HOUR,
            "completed_at": starts if state == "completed" else None,
        }
        return one | times | {"state": state, "client_id": clients + n % 5_000}

    put(db, Appointment, (session(n) for n in range(sessions)))
    bill = first.model_dump(exclude={"id"})

    def document(n: int) -> dict[str, Any]:
        day = now.date() - timedelta(days=n // 40)
        number = {"number": n + 2, "number_text": f"YEARS-{n:06d}", "pay_token": f"bench-{n}", "appointment_id": None}
        return (
            bill | number | {"issue_date": day, "due_date": day + timedelta(days=14), "client_id": clients + n % 5_000}
        )

    put(db, Invoice, (document(n) for n in range(documents)))
    ids = db.execute(sa.select(sa.func.min(Invoice.id)).where(Invoice.pay_token == "bench-0")).scalar_one()
    paid = {"practice_id": practice.id, "amount_minor": first.total_minor, "currency": "ZAR", "method": "bank_transfer",
            "created_at": now, "received_on": now.date()}  # fmt: skip
    put(db, Payment, (paid | {"invoice_id": ids + n, "provider_payment_id": f"bench-{n}"}
                      for n in range(documents) if n % 20))  # fmt: skip
    return case.owner


def week(report: Report, browser: Browser, served: ServedApp, sessions: int, rounds: int) -> None:
    """A week of 25 practitioners, three of them at work at any time, so that nearly every session is drawn: from the
    click to the first session on the screen, and a session dragged by a day."""
    with served.act() as (db, desk):
        practice = a.a_practice(db, number_prefix="WEEK")
        email = f"week.{desk.new_token()[:8]}@example.test"
        people = [a.a_member(db, practice, email=email, password_hash=hash_password(PASSWORD))]
        people += [a.a_member(db, practice, name=f"Dr {n}", email=f"{n}.{email}") for n in range(24)]
        client, service = a.a_client(db, practice), a.a_service(db, practice)
        monday = _monday()
        for n in range(sessions):
            of_day = n // 5
            starts = datetime.combine(monday + timedelta(days=n % 5), datetime.min.time(), UTC)
            starts += timedelta(hours=5, minutes=20 * (of_day // 3))
            ends = starts + timedelta(minutes=20)
            a.an_appointment(db, client, service, people[of_day % 25], ends=ends, starts_at=starts)
    shown, gaps, settled = [], [], []
    for _ in range(rounds):
        page = _page(browser, served, email)
        page.goto(f"{served.url}{routes.APPOINTMENTS}")
        page.wait_for_load_state("networkidle")
        page.evaluate("() => { window.began_ = performance.now() }")
        page.goto(f"{served.url}{routes.CALENDAR}?date={monday.isoformat()}", wait_until="commit")
        shown.append(page.evaluate(FIRST_BLOCK))
        expect(page.locator(".cal-block:not(.cal-stack)").nth(sessions * 9 // 10)).to_be_attached()
        longest, took = _dragged(page)
        gaps.append(longest)
        settled.append(took)
        page.context.close()
    report.spread(f"Calendar week of {sessions} sessions: to the first session on the screen, fresh browser", shown)
    report.spread(f"Calendar week of {sessions} sessions: longest frame of a drag", gaps)
    report.spread(f"Calendar week of {sessions} sessions: from letting go until it is kept", settled)


FIRST_BLOCK = """() => new Promise((tell) => {
  const painted = () => requestAnimationFrame(() => tell(performance.now()));
  const look = () => document.querySelector('.cal-block') ? painted() : setTimeout(look, 4);
  look();
})"""
KEPT = """() => new Promise((tell) => {
  const began = performance.now();
  const said = () => document.querySelector('.moved')?.textContent;
  const look = () => said() ? tell(performance.now() - began)
    : performance.now() - began > 10000 ? tell(null) : setTimeout(look, 4);
  look();
})"""


def _monday() -> date:
    today = datetime.now(UTC).date()
    return today + timedelta(days=14 - today.weekday())


def _dragged(page: Page) -> tuple[float, float]:
    """ms of the longest frame while a session follows the pointer, and from letting go until the server has kept it."""
    block = page.locator(".cal-block:not(.cal-stack):visible").first.bounding_box()
    columns = page.locator(".cal-sessions")
    target = columns.nth(5).bounding_box()
    assert block and target
    x, y = block["x"] + block["width"] / 2, block["y"] + block["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 8, steps=3)
    page.evaluate(FRAMES)
    page.mouse.move(target["x"] + 20, y + 40, steps=40)
    seen = page.evaluate("() => window.frames_")
    page.mouse.up()
    took = page.evaluate(KEPT)
    if took is None:
        raise RuntimeError("The session that was dragged was not kept within 10 s.")
    return float(seen["longest"]), float(took)


PAGES = {
    routes.APPOINTMENTS: "Upcoming",
    routes.CALENDAR: "New appointment",
    routes.BILLING: "Invoices",
    routes.CLIENTS: "New client",
    routes.SERVICES: "New service",
    routes.SETTINGS: "Save settings",
}
"""By address: what stands there once the page is drawn."""


def first_loads(report: Report, browser: Browser, served: ServedApp, rounds: int) -> None:
    """Empty cache to what the page is for, and kB of script and style on the wire."""
    with served.act() as (db, desk):
        email = f"first.{desk.new_token()[:8]}@example.test"
        a.a_member(db, a.a_practice(db, number_prefix="FIRST"), email=email, password_hash=hash_password(PASSWORD))
    for address, words in PAGES.items():
        times, weight = [], 0.0
        for _ in range(rounds):
            page = _page(browser, served, email)
            told = page.context.new_cdp_session(page)
            told.send("Network.enable")
            kinds: dict[str, str] = {}
            sizes: dict[str, float] = {}
            told.on("Network.responseReceived", lambda e, k=kinds: k.update({e["requestId"]: e["response"]["url"]}))
            told.on("Network.loadingFinished", lambda e, s=sizes: s.update({e["requestId"]: e["encodedDataLength"]}))
            page.goto(served.url + address, wait_until="commit")
            page.get_by_text(words).first.wait_for()
            times.append(float(page.evaluate("() => performance.now()")))
            page.wait_for_load_state("networkidle")
            weight = sum(sizes.get(r, 0) for r, url in kinds.items() if url.partition("?")[0].endswith((".js", ".css")))
            page.context.close()
        report.spread(f"First load: {address}", times, compared=f"{weight / 1000:.0f} kB of script and style")


def _page(browser: Browser, served: ServedApp, email: str) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-ZA")
    context.add_cookies([{"name": "trova", "value": served.let_in(email), "url": served.url, "httpOnly": True}])
    return context.new_page()
