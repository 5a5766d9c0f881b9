"""The end of a server while acts wait for their turn to write (SQLite)."""

import threading
import time

import pytest
import sqlalchemy as sa

from trova_app import wiring
from trova_app.services.ports import Desk
from trova_app.wiring import SystemClock, end_writing, make_engine, unit_of_work


@pytest.fixture
def engine(tmp_path, monkeypatch):
    monkeypatch.setattr(wiring, "_gives_up_at", float("inf"))
    made = make_engine(f"sqlite:///{tmp_path / 'trova.sqlite3'}")
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE written (n INTEGER)")
    yield made
    made.dispose()


def act(engine, n):
    with unit_of_work(Desk(clock=SystemClock(), mode="test", origin=""), on=engine) as (db, _):
        db.connection().exec_driver_sql(f"INSERT INTO written VALUES ({n})")


def written(engine):
    with engine.connect().execution_options(writes=False) as connection:
        return connection.execute(sa.text("SELECT count(*) FROM written")).scalar_one()


def waiting(engine, acts):
    """Acts in threads, behind another program that has the database to itself; how they ended, one word each."""
    ended = []

    def one(n):
        try:
            act(engine, n)
            ended.append("written")
        except TimeoutError:
            ended.append("given up")

    threads = [threading.Thread(target=one, args=(n,)) for n in range(acts)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    return threads, ended


def test_what_waits_when_the_server_ends_is_given_some_seconds_and_then_given_up(engine, monkeypatch):
    other = make_engine(str(engine.url))
    monkeypatch.setattr(wiring, "LAST_WRITES", 0.2)
    with other.begin():
        threads, ended = waiting(engine, 6)
        end_writing()
        time.sleep(0.4)
    for thread in threads:
        thread.join(timeout=10)
    assert sorted(ended) == ["given up"] * 5 + ["written"]  # the one that was at the file already
    assert written(engine) == 1
    other.dispose()


def test_what_gets_its_turn_in_time_is_written(engine):
    other = make_engine(str(engine.url))
    with other.begin():
        threads, ended = waiting(engine, 6)
        end_writing()
    for thread in threads:
        thread.join(timeout=10)
    assert ended == ["written"] * 6 and written(engine) == 6
    other.dispose()
