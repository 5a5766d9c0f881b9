"""Whatever people do with a series, and in whatever order: what took place stays, and no day has two sessions."""

import random
from datetime import UTC, timedelta

import pytest
from sqlmodel import col, select

from tests.services.test_calendar import House
from trova_app.domain.appointments import AppointmentState
from trova_app.models import Appointment, AppointmentSeries
from trova_app.services import bookings, series, series_changes, series_undo, standing

ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe")
STEPS = 12


class Work:
    """One practice with one series, and somebody at work in it."""

    def __init__(self, database, seed: int) -> None:
        self.database, self.any = database, random.Random(seed)
        with database.act() as (db, _desk):
            self.house = House(db, name=f"Practice {seed}", time_zone=self.any.choice(ZONES))
        self.undo = None
        self.done: dict[int, tuple] = {}
        rhythm = self.any.choice(("week", "week2", "date", "weekday"))
        day = database.clock.now().date() + timedelta(days=self.any.randint(-20, 20))
        until = self.any.choice(("", f"{day + timedelta(days=300)}"))
        starts = f"{day}T{self.any.randint(0, 23):02d}:{self.any.choice((0, 15, 30)):02d}"
        booked = self.house.booking(starts=starts, repeats=rhythm, until=until)
        database.do(bookings.book, self.house.who, **booked)

    def rows(self) -> list[Appointment]:
        with self.database.act() as (db, _desk):
            query = select(Appointment).where(Appointment.practice_id == self.house.practice.id)
            return list(db.exec(query.order_by(col(Appointment.id))))

    def step(self) -> None:
        waiting = [row for row in self.rows() if row.state == AppointmentState.SCHEDULED]
        one = self.any.choice(waiting) if waiting else None
        act = self.any.choice((self.move, self.move, self.cancel, self.complete, self.later, self.put_back))
        if one is not None:
            act(one)

    def move(self, one: Appointment) -> None:
        day = one.starts_at.astimezone(UTC).date() + timedelta(days=self.any.randint(-9, 33))
        scope = self.any.choice(("this", "following", "all"))
        starts = f"{day}T{self.any.randint(0, 23):02d}:30"
        given = {"appointment_id": one.id, "version": one.version, "scope": scope, "starts": starts}
        before = self.kept()
        done = self.database.do(series_changes.move, self.house.who, **given, minutes="45")
        self.undo = (done, before) if hasattr(done.before, "rest_id") else None

    def cancel(self, one: Appointment) -> None:
        given = {"appointment_id": one.id, "version": one.version, "scope": self.any.choice(("this", "following"))}
        before = self.kept()
        done = self.database.do(series_changes.cancel, self.house.who, **given, reason="Away")
        self.undo = (done, before) if done.before else None

    def complete(self, one: Appointment) -> None:
        with self.database.act() as (db, _desk):
            row = db.get_one(Appointment, one.id)
            row.state = AppointmentState.COMPLETED
        self.done[one.id] = (one.starts_at, one.ends_at, one.practitioner_id, one.place, one.version)
        self.undo = None

    def later(self, _one: Appointment) -> None:
        self.database.clock.advance(days=self.any.randint(1, 40))
        with self.database.act() as (db, desk):
            own = select(AppointmentSeries.id).where(AppointmentSeries.practice_id == self.house.practice.id)
            for key in db.exec(own).all():
                series.extend(db, desk, int(key or 0))
        self.undo = None

    def put_back(self, one: Appointment) -> None:
        if self.undo is None:
            gone = [row for row in self.rows() if row.state == AppointmentState.CANCELLED]
            if gone:
                self.database.do(standing.put_on_again, self.house.who, appointment_id=gone[0].id)
            return
        (done, before), self.undo = self.undo, None
        given = {"appointment_id": done.id, "version": done.version, "before": done.before}
        self.database.do(series_undo.put_back, self.house.who, **given)
        assert self.kept() == before

    def kept(self) -> list[tuple]:
        return [(row.id, row.starts_at, row.ends_at, str(row.state), row.series_id, row.planned_day)
                for row in self.rows()]  # fmt: skip

    def must_hold(self) -> None:
        rows = self.rows()
        for row in rows:
            if row.id in self.done:
                assert row.state == AppointmentState.COMPLETED
                assert self.done[row.id] == (
                    row.starts_at, row.ends_at, row.practitioner_id, row.place, row.version
                )  # fmt: skip
        days = [(row.series_id, row.planned_day) for row in rows if row.series_id]
        assert len(days) == len(set(days))
        assert self.done.keys() <= {row.id for row in rows}
        with self.database.act() as (db, desk):
            for one in db.exec(
                select(AppointmentSeries).where(col(AppointmentSeries.practice_id) == self.house.practice.id)
            ):
                own = {row.planned_day for row in rows if row.series_id == one.id}
                today = desk.today(one.time_zone)
                due = series.days_of(one, max(today, one.first_day), min(one.made_to, today + timedelta(days=300)))
                assert set(due) <= own, "a day of the rhythm is missing"


def works(database, seed: int) -> None:
    one = Work(database, seed)
    one.must_hold()
    for _ in range(STEPS):
        one.step()
        one.must_hold()


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_done_with_a_series_nothing_that_took_place_changes(database, seed):
    works(database, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 100))
def test_whatever_is_done_with_a_series_nothing_that_took_place_changes_over_and_over(database, seed):
    works(database, seed)
