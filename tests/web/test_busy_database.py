"""While another program has the database to itself (SQLite: an import at the command line), everybody can read."""

import os
from contextlib import ExitStack
from datetime import datetime, timedelta

from sqlmodel import col, select

from tests.served import STATE, ServedApp
from trova_app.domain.permissions import Role
from trova_app.models import SignIn

PROBE = f"{STATE}.tests___web___inside____probe"
WAITING = (os.cpu_count() or 1) + 6  # more than there are threads for what is only read


def test_whoever_wants_to_write_waits_and_whoever_reads_does_not(served: ServedApp) -> None:
    cookie = served.let_in(served.a_practice_with(Role.OWNER)[0])
    with ExitStack() as open_pages:
        writers = [open_pages.enter_context(served.tab(cookie)) for _ in range(WAITING)]
        for tab in writers:
            tab.hydrate()
        with served.act() as (db, _):
            db.connection()  # begins, and so keeps out everybody else who writes
            for tab in writers:
                tab.send(f"{PROBE}.team")
            with served.tab(cookie) as reader:
                assert reader.hydrate()
                reader.send(f"{PROBE}.role")
                assert reader.until(lambda seen: PROBE in seen, timeout=10)[PROBE]["text_rx_state_"] == "owner"
        for tab in writers:
            assert tab.until(lambda seen: PROBE in seen)[PROBE]["text_rx_state_"] == "team changed"


def test_that_somebody_is_there_is_noted_without_keeping_them(served: ServedApp) -> None:
    """The note is due once a minute; it waits for the database, the person does not."""
    cookie = served.let_in(served.a_practice_with(Role.OWNER)[0])
    with served.act() as (db, desk):
        row = db.exec(select(SignIn).order_by(col(SignIn.created_at).desc())).first()
        row.last_seen_at = earlier = desk.now() - timedelta(minutes=20)
        key = row.id_hash
        db.add(row)
    with served.tab(cookie) as tab:
        with served.act() as (db, _):
            db.connection()
            tab.hydrate()
            tab.send(f"{PROBE}.role")
            assert tab.until(lambda seen: PROBE in seen, timeout=10)[PROBE]["text_rx_state_"] == "owner"
        for _ in range(1000):
            if seen_at(served, key) > earlier:
                break
            assert tab.is_open()
        assert seen_at(served, key) > earlier


def seen_at(served: ServedApp, key: str) -> datetime:
    with served.act(writes=False) as (db, _):
        return db.get_one(SignIn, key).last_seen_at
