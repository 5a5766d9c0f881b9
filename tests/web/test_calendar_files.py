"""Calendars between programs over real HTTP: ours read by its secret address, another one read by the worker."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.other_calendar import OtherCalendar, a_calendar, served_calendar
from tests.paying import ORIGIN, an_outside
from tests.services.test_calendar import House, add
from tests.services.test_calendar_subscriptions import TOMORROW, Drawer, event, sessions
from trova_app import logs, wiring
from trova_app.adapters.fetch_calendar import fetch
from trova_app.models import CalendarSubscription, OutboxRow
from trova_app.services import calendar_feeds, calendar_subscriptions
from trova_app.web import feeds
from trova_app.worker import Worker


@pytest.fixture
def house(database) -> House:
    with database.act() as (db, _desk):
        return House(db)


@pytest.fixture
def web(database, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(wiring, "engine", lambda: database.engine)
    monkeypatch.setattr(wiring, "clock", lambda: database.clock)
    with TestClient(Starlette(routes=feeds.ROUTES), base_url=ORIGIN) as client:
        yield client


def test_the_secret_address_is_read_without_a_sign_in_until_it_ends(database, house, web):
    add(database, house)
    token = database.do(calendar_feeds.make_feed, house.who)
    answer = web.get(f"/feeds/{token}.ics")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert answer.text.count("BEGIN:VEVENT") == 1 and "Thandi" not in answer.text
    assert answer.headers["x-robots-tag"] == "noindex" and "private" in answer.headers["cache-control"]
    again = web.get(f"/feeds/{token}.ics", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    add(database, house)
    assert web.get(f"/feeds/{token}.ics", headers={"If-None-Match": answer.headers["etag"]}).status_code == 200
    database.do(calendar_feeds.revoke_feed, house.who)
    gone = web.get(f"/feeds/{token}.ics")
    assert gone.status_code == web.get("/feeds/" + "x" * 43 + ".ics").status_code == 404
    assert gone.content == b""


def test_the_secret_address_does_not_stand_in_the_log(monkeypatch):
    lines: list[dict[str, object]] = []
    monkeypatch.setattr(
        logs.structlog, "get_logger", lambda _name: SimpleNamespace(info=lambda _e, **f: lines.append(f))
    )
    token = secrets.token_urlsafe(32)
    logs.access("GET", f"/feeds/{token}.ics", 200, 0.01)
    assert [line["path"] for line in lines] == ["/feeds/....ics"]


@pytest.fixture
def elsewhere() -> Iterator[OtherCalendar]:
    with served_calendar() as one:
        one.text = a_calendar(event())
        yield one


def test_the_worker_keeps_the_practice_in_step_with_another_calendar(database, house, elsewhere):
    def act(writes: bool = True):
        desk = database.desk()
        desk.vault = Drawer()
        return database.act(desk, writes)

    worker = Worker(an_outside(fetch_calendar=partial(fetch, allows_private=True)), act)
    with act() as (db, desk):
        key = calendar_subscriptions.subscribe(db, desk, house.who, address=elsewhere.url)
    assert worker.run_once() == 1
    (made,) = sessions(database, house)
    assert made.starts_at == TOMORROW

    def next_turn() -> str:
        database.clock.advance(minutes=31)
        assert worker.run_once() == 1  # one turn at a time, and each leaves the next
        with database.act() as (db, _desk):
            assert [row.dead_at for row in db.exec(select(OutboxRow))].count(None) == len(
                db.exec(select(OutboxRow)).all()
            )
            return db.get_one(CalendarSubscription, key).problem

    assert next_turn() == ""  # 304: nothing has changed
    elsewhere.down = True
    assert "does not answer" in next_turn()
    assert [one.state for one in sessions(database, house)] == ["scheduled"]
    elsewhere.down = False
    assert next_turn() == ""  # it answers again, and has not changed
    elsewhere.text = "<html>Sign in</html>"
    assert "no calendar under this address" in next_turn()
    elsewhere.text = a_calendar(event()).replace("END:VCALENDAR", "")
    assert "only in part" in next_turn()
    assert [one.state for one in sessions(database, house)] == ["scheduled"]
    elsewhere.text = a_calendar(event("2", starts=TOMORROW.replace(hour=15)))
    assert next_turn() == ""
    assert [one.state for one in sessions(database, house)] == ["cancelled", "scheduled"]
    elsewhere.text = a_calendar()
    assert next_turn() == ""
    assert [one.state for one in sessions(database, house)] == ["cancelled", "cancelled"]
    elsewhere.text = a_calendar(event("2", starts=TOMORROW.replace(hour=15)))
    assert next_turn() == ""
    assert [one.state for one in sessions(database, house)] == ["cancelled", "scheduled"]
    with database.act() as (db, desk):
        calendar_subscriptions.unsubscribe(db, desk, house.who, subscription_id=key)
    asked = elsewhere.asked
    assert next_turn() == ""
    database.clock.advance(minutes=60)
    assert (worker.run_once(), elsewhere.asked) == (0, asked)


def test_a_long_calendar_cut_off_in_the_middle_is_taken_in_once(database, house, elsewhere):
    days = [TOMORROW + timedelta(days=n) for n in range(45)]
    elsewhere.text = a_calendar(*(event(str(n), starts=day) for n, day in enumerate(days)))
    cuts = [2]

    def point(name: str) -> None:
        if name == "worker: some of a calendar taken in":
            cuts[0] -= 1
            if cuts[0] == 0:
                raise RuntimeError("the power is cut")

    def act(writes: bool = True):
        desk = database.desk()
        desk.vault, desk.point = Drawer(), point
        return database.act(desk, writes)

    worker = Worker(an_outside(fetch_calendar=partial(fetch, allows_private=True)), act)
    with act() as (db, desk):
        calendar_subscriptions.subscribe(db, desk, house.who, address=elsewhere.url)
    worker.run_once()
    assert len(sessions(database, house)) == 20
    database.clock.advance(minutes=31)
    worker.run_once()
    assert [one.starts_at for one in sessions(database, house)] == days
