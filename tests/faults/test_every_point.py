"""Whatever is cut off at whatever moment of a story about money, it ends as if nothing had happened: one link, one
payment, one receipt, nothing lost and nothing doubled, here and at Stripe."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.contract.stand_in import HANG
from tests.faults.ground import BETWEEN_ROUNDS, Ground, Run, ground, in_turn
from tests.faults.points import Fault, Points
from tests.faults.process import ENDED, ended_at
from tests.faults.stories import STORIES

Way = Callable[[Run, int, str, Points], None]

SHORT = (2.0, 0.3)
TRIES = 3
CALLS = ("before GET", "before POST", "before DELETE")


@pytest.fixture
def begun(database, stand_in, story, tmp_path: Path) -> Ground:
    stand_in.clear()
    return ground(database, stand_in, STORIES[story], tmp_path)


def undisturbed(begun: Ground) -> tuple[Points, dict]:
    """The points of the story when nothing goes wrong, and how it ends then."""
    points = Points()
    with begun.run() as run:
        run.story.run(run.life(points, engine=run.engine), run.start)
        run.recover()
        return points, run.ending()


# The ways to fail. Each lives the story up to its point and leaves the rest to the recovery.


def by_fault(run: Run, at: int, _story: str, _points: Points) -> None:
    """Something breaks, and the process lives on."""

    def broken() -> None:
        raise Fault

    points = Points(at, broken)
    with suppress(Fault):
        run.story.run(run.life(points, engine=run.engine), run.start)
    assert len(points.reached) > at


def by_end_of_process(run: Run, at: int, story: str, _points: Points) -> None:
    assert ended_at(at, run.url, run.stand_in.url, run.book, run.clock.now(), story, run.start) == ENDED


def by_standstill(run: Run, at: int, _story: str, points: Points) -> None:
    """A process stops moving. When its lease is over another one does the work, and then it moves on where it stood; if
    it stands within a transaction, it moves on while the other one waits for it."""
    stands, moves_on = threading.Event(), threading.Event()

    def stand_still() -> None:
        stands.set()
        moves_on.wait(60)

    life = run.life(Points(at, stand_still))

    first = threading.Thread(target=run.story.run, args=(life, run.start))
    first.start()
    assert stands.wait(60)
    if points.inside[at]:
        run.clock.advance(minutes=BETWEEN_ROUNDS)
        second = threading.Thread(target=run.once_more, args=(run.life(engine=run.engine),))
        second.start()
        moves_on.set()
        second.join()
    else:
        run.recover()
        moves_on.set()
    first.join()
    life.end()


def by_silence(run: Run, at: int, _story: str, points: Points) -> None:
    """Stripe does what it is asked and never answers, however often it is asked."""
    calls = [name for name in points.reached[:at] if name.startswith(CALLS)]
    run.stand_in.switches[:] = [""] * len(calls) + [HANG] * TRIES
    run.story.run(run.life(time_limits=SHORT, engine=run.engine), run.start)


WAYS: list[Way] = [by_fault, by_end_of_process, by_standstill, by_silence]


def chances(points: Points) -> list[tuple[Way, int]]:
    """Every way at every point; silence is Stripe's, so it comes at calls only."""
    return [
        (way, at)
        for at, name in enumerate(points.reached)
        for way in WAYS
        if way is not by_silence or name.startswith(CALLS)
    ]


def failures(begun: Ground, story: str, points: Points, ending: dict, chosen: list[tuple[Way, int]]) -> list[str]:
    """What came out otherwise, in a line each."""
    found = []
    for way, at in chosen:
        where = f"{way.__name__} at {at}, {points.reached[at]}"
        with begun.run() as run:
            try:
                way(run, at, story, points)
                run.recover()
                came = run.ending()
            except Exception as failure:
                found.append(f"{where}: {type(failure).__name__} {failure}")
                continue
            found += [
                f"{where}: {key} {came[key]} instead of {ending[key]}" for key in came if came[key] != ending[key]
            ]
            if not may_repeat(way, points, at) and len(run.mails()) > came["Message-IDs"]:
                found.append(f"{where}: a letter went out twice")
    return found


def may_repeat(way: Way, points: Points, at: int) -> bool:
    """Whether a mail is out that nothing here tells of yet: only then may it go out again, under the same name. Who
    stands still before handing it over cannot know either that another one did it meanwhile."""
    begins = "before the mail" if way is by_standstill else "after the mail"
    started = [n for n, name in enumerate(points.reached) if name == begins]
    if way is by_standstill:
        started = [n - 2 for n in started]  # the commit that made sure the job is still its own
    noted = [n for n, name in enumerate(points.reached) if name == "before the commit of send_letter"]
    return any(start <= at <= min(n for n in noted if n > start) for start in started)


@pytest.mark.parametrize(("story", "engine"), in_turn(STORIES), indirect=["engine"])
def test_some_points_of_each_story(begun, story):
    points, ending = undisturbed(begun)
    chosen = random.Random(story).sample(chances(points), 2)
    found = failures(begun, story, points, ending, chosen)
    assert not found, "\n".join(found)


@pytest.mark.soak
@pytest.mark.parametrize("story", STORIES)
def test_every_way_to_fail_at_every_point(begun, story):
    points, ending = undisturbed(begun)
    found = failures(begun, story, points, ending, chances(points))
    assert not found, "\n".join(found)
