"""Two people change one series at the same moment, on both databases: one is first, the other is told or comes after
them. Nothing is made twice, and nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import permutations
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import col, select

from tests.services.test_calendar import House
from trova_app.domain.refusals import ChangedElsewhere, Refusal
from trova_app.models import Appointment
from trova_app.services import bookings, moving, series_changes


@dataclass(frozen=True)
class Act:
    """What somebody does with the session of that place in the series."""

    service: Any
    at: int
    scope: str
    given: tuple[tuple[str, str], ...]


def move(at: int, scope: str, starts: str) -> Act:
    return Act(series_changes.move, at, scope, (("starts", starts),))


def cancel(at: int, scope: str) -> Act:
    return Act(series_changes.cancel, at, scope, (("reason", "The practitioner is away"),))


PAIRS = {
    "both move the same session and what follows": (
        move(2, "following", "2026-04-03T15:00"), move(2, "following", "2026-04-01T09:00")
    ),
    "one moves what follows, one what follows later": (
        move(2, "following", "2026-04-03T15:00"), move(4, "following", "2026-04-15T08:00")
    ),
    "one moves all, one what follows": (move(3, "all", "2026-04-10T15:00"), move(1, "following", "2026-03-25T08:00")),
    "one moves what follows, one cancels it": (move(2, "following", "2026-04-03T15:00"), cancel(3, "following")),
    "one moves all, one a single session": (move(0, "all", "2026-03-20T15:00"), move(4, "this", "2026-04-18T08:00")),
    "one cancels, one moves a single session": (cancel(2, "following"), move(4, "this", "2026-04-18T08:00")),
    "both move one session": (move(3, "this", "2026-04-10T15:00"), move(3, "this", "2026-04-11T15:00")),
}  # fmt: skip


class Series:
    """Seven Thursdays at ten in a practice of their own; everybody acts on what they saw at the beginning."""

    def __init__(self, database) -> None:
        self.database = database
        with database.act() as (db, _desk):
            self.house = House(db)
        until = {"repeats": "week", "until": "2026-04-30"}
        database.do(bookings.book, self.house.who, **self.house.booking(starts="2026-03-19T10:00") | until)
        self.ids = [one.id for one in self.sessions()]
        self.seen = database.do(moving.times_of, self.house.who, appointment_id=self.ids[0]).series

    def sessions(self) -> list[Appointment]:
        with self.database.act() as (db, _desk):
            query = select(Appointment).where(Appointment.practice_id == self.house.practice.id)
            return list(db.exec(query.order_by(col(Appointment.id))))

    def do(self, act: Act) -> str:
        given = dict(act.given) | {"scope": act.scope, "seen": self.seen}
        try:
            self.database.do(act.service, self.house.who, appointment_id=self.ids[act.at], version=1, **given)
        except Refusal as told:
            assert isinstance(told, ChangedElsewhere) or "is cancelled, so it stays where it is" in told.sentence
            return "told"
        return "done"

    def diary(self) -> list[tuple[Any, ...]]:
        """When each session is, and whether it takes place, in the order they were made."""
        return [(one.starts_at, one.ends_at, one.state, one.planned_day) for one in self.sessions()]


def at_once(series: Series, acts: tuple[Act, ...]) -> list[str]:
    ready = Barrier(len(acts))

    def press(act: Act) -> str:
        ready.wait()
        return series.do(act)

    with ThreadPoolExecutor(len(acts)) as people:
        return list(people.map(press, acts))


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("first", [0, 1])
def test_of_two_who_change_one_series_at_once_one_is_told_or_comes_after_the_other(database, pair, first):
    acts = PAIRS[pair] if first == 0 else PAIRS[pair][::-1]
    series = Series(database)
    answers = at_once(series, acts)
    assert "done" in answers
    one_after_the_other = {}
    for order in permutations(zip(acts, answers, strict=True)):
        twin = Series(database)
        if [twin.do(act) for act, _ in order] == [answer for _, answer in order]:
            one_after_the_other[tuple(act.at for act, _ in order)] = twin.diary()
    assert series.diary() in one_after_the_other.values()
    days = [one.planned_day for one in series.sessions() if one.planned_day]
    assert len(series.sessions()) == 7 and len(days) == len(set(days))


@pytest.mark.parametrize("pair", [name for name, acts in PAIRS.items() if "single" not in name])
def test_whoever_comes_second_to_a_series_that_was_parted_is_told_in_either_order(database, pair):
    for acts in permutations(PAIRS[pair]):
        assert [Series(database).do(acts[0])] == ["done"]
        series = Series(database)
        assert [series.do(act) for act in acts] == ["done", "told"]
