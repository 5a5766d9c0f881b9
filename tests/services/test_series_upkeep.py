"""That a series goes on for as long as it should, and no longer, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from tests.paying import a_worker, an_outside
from tests.services.test_calendar import House
from tests.services.test_series import change, sessions, weekly
from trova_app.models import CareService, Client, Member, OutboxRow
from trova_app.services import moving, outbox, outbox_page, series_changes, series_upkeep
from trova_app.sweeper import Sweeper


@pytest.fixture
def house(database) -> House:
    with database.act() as (db, _desk):
        return House(db)


STOPS = {
    "the client is archived": (Client, "client", {"status": "archived"}, {"status": "active"}),
    "the service is not offered any more": (CareService, "service", {"is_active": False}, {"is_active": True}),
    "Dr Anisha Naidoo treats nobody here any more": (
        Member, "member", {"disabled_at": datetime(2026, 3, 18, tzinfo=UTC)}, {"disabled_at": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", STOPS)
def test_no_sessions_are_made_that_could_not_be_booked_until_they_can_again(database, house, clock, why):
    table, name, gone, back = STOPS[why]

    def becomes(values) -> None:
        with database.act() as (db, _desk):
            for field, value in values.items():
                setattr(db.get_one(table, getattr(house, name).id), field, value)

    first = weekly(database, house)
    becomes(gone)
    extended(database, clock, days=31)
    assert len(sessions(database, house)) == 53
    assert database.do(moving.times_of, house.who, appointment_id=first + 9).series == (
        f"every week on Thursday; no more sessions are made, as {why}"
    )
    done = change(database, house, series_changes.move, first + 9, "following", starts="2026-05-22T10:00")
    assert done.warnings == (f"No more sessions are made, as {why}.",)
    assert len(sessions(database, house)) == 53
    becomes(back)
    extended(database, clock, days=31)
    days = [one.starts_at for one in sessions(database, house)]
    assert len(days) == 61 and len(set(days)) == 61  # and none twice


def extended(database, clock, days) -> None:
    """So many days later, what the worker was asked for."""
    clock.advance(days=days)
    a_worker(database).run_once()


def test_a_series_whose_monthly_job_was_lost_goes_on(database, house, clock):
    weekly(database, house)
    weekly(database, house, starts="2026-03-20T10:00", until="2026-04-30")  # needs none
    before = len(sessions(database, house))
    with database.act() as (db, _desk):
        (lost,) = db.exec(select(OutboxRow).where(OutboxRow.kind == "extend_series"))
        db.delete(lost)
    assert not wakes(database)
    clock.advance(days=70)
    assert wakes(database) and not wakes(database)
    a_worker(database).run_once()
    assert len(sessions(database, house)) == before + 10
    clock.advance(days=2)
    assert not wakes(database)


def test_a_series_whose_monthly_job_stopped_goes_on_and_a_person_reads_what_stopped(database, house, clock):
    weekly(database, house)
    assert database.do(outbox_page.waiting, house.who) == []
    clock.advance(days=70)
    with database.act() as (db, desk):
        (job,) = outbox.claim(db, desk, limit=1, lease_seconds=60)
        outbox.bury(db, desk, job, "The disk was full.")
    assert [one.what for one in database.do(outbox_page.waiting, house.who)] == ["Next sessions of a series"]
    assert wakes(database)
    a_worker(database).run_once()
    assert len(sessions(database, house)) == 63


def wakes(database) -> bool:
    """Whether the sweep found a series to go on with."""
    with database.act(writes=False) as (db, desk):
        is_due = series_upkeep.is_due(db, desk)
    Sweeper(an_outside(), database.act).sweep()
    return is_due
