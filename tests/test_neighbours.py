"""What travels between the processes of an installation, and what is made of anything else that arrives."""

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.redis_server import redis_served
from trova_app import neighbours, wiring
from trova_app.services.ports import Desk


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Desk]:
    """Everything passed on to this process's own pages and worker."""
    desks: list[Desk] = []
    monkeypatch.setattr(neighbours, "after_commit", desks.append)
    monkeypatch.setattr(neighbours, "_RETURNED", [lambda: desks.append("everybody")])
    return desks


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    words: list[dict[str, Any]] = []
    monkeypatch.setattr(neighbours, "_speaker", lambda: SimpleNamespace(say=lambda **what: words.append(what)))
    return words


def a_message(**given: Any) -> bytes:
    return json.dumps({"from": "another", "practices": [3], "paid": [], "work": False, "all": False} | given).encode()


def a_desk(*practices: int, kind: type[Desk] = Desk, work: bool = False) -> Desk:
    own = wiring.new_desk()
    return kind(own.clock, own.mode, own.origin, changed_practices=set(practices), woke_worker=work)


def test_a_change_elsewhere_is_told_here_like_a_change_of_our_own(heard):
    neighbours.take(a_message(practices=[3, 7], work=True))
    (desk,) = heard
    assert (desk.changed_practices, desk.woke_worker) == ({3, 7}, True)


def test_what_was_heard_is_not_passed_on_again(said):
    wiring.after_commit(a_desk(3, kind=neighbours.Heard, work=True))
    assert said == []
    wiring.after_commit(a_desk(3))
    assert said == [{"practices": [3], "paid": [], "work": False, "all": False}]


def test_a_payment_is_said_elsewhere_too_and_no_word_about_it_travels(said, heard):
    desk = a_desk(3)
    desk.announce(3, "R 1 250,00 was paid online for KHA-0001.")
    wiring.after_commit(desk)
    (what,) = said
    assert what == {"practices": [3], "paid": [3], "work": False, "all": False}
    neighbours.take(a_message(**what))
    (told,) = heard
    assert told.news == [(3, "A payment has come in.")]
    said.clear()
    neighbours._committed(told)
    assert said == []


def test_a_process_of_the_version_before_is_still_heard(heard):
    neighbours.take(json.dumps({"from": "another", "practices": [3], "work": False, "all": False}).encode())
    assert [(desk.changed_practices, desk.news) for desk in heard] == [({3}, [])]


def test_an_act_that_changed_nothing_others_see_says_nothing(said):
    wiring.after_commit(a_desk())
    assert said == []


def test_a_change_of_very_many_practices_asks_all_pages_again(said, heard):
    wiring.after_commit(a_desk(*range(1, 1000)))
    (what,) = said
    assert (len(what["practices"]), what["all"]) == (neighbours.MOST, True)
    message = a_message(**what)
    assert len(message) < neighbours.LARGEST
    neighbours.take(message)
    assert heard[-1] == "everybody"


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\xff", b"null", b"[]", b"3", b"{}", b"[" * 4000, b"{" * 100_000,
        a_message(practices="3"), a_message(practices=None), a_message(practices=[[3]]), b'{"from": "x"}',
        a_message(paid=3), a_message(paid=None), a_message(paid=["3"], practices=[]),
    ],
)  # fmt: skip
def test_what_is_no_message_of_ours_changes_nothing(heard, raw):
    neighbours.take(raw)
    assert [(desk.changed_practices, desk.news) for desk in heard] in ([], [(set(), [])])


def test_our_own_words_are_not_taken_for_anothers(heard):
    with redis_served() as address:
        line = neighbours.redis.Redis.from_url(address).pubsub()
        line.subscribe(neighbours._channel())
        line.get_message(timeout=5)
        neighbours.Speaker(address).say(practices=[3], work=False, all=False)
        raw = line.get_message(timeout=5)["data"]
        line.close()
    assert json.loads(raw)["practices"] == [3]
    neighbours.take(raw)
    assert heard == []


def test_nothing_but_numbers_of_practices_travels(said, database):
    from tests.paying import asked_to_pay

    asked_to_pay(database)
    assert said
    assert {name for what in said for name in what} == {"practices", "paid", "work", "all"}
    assert all(type(number) is int for what in said for number in what["practices"] + what["paid"])


@pytest.fixture
def nobody() -> Iterator[neighbours.Speaker]:
    yield neighbours.Speaker("redis://127.0.0.1:9/0", never)


def never(_seconds: float, _do: Callable[[], None]) -> None:
    """No further try by itself."""


def test_while_redis_is_away_a_commit_is_not_held_up_again_and_again(nobody, monkeypatch):
    tries: list[str] = []
    publish = nobody._client.publish
    monkeypatch.setattr(nobody._client, "publish", lambda *given: (tries.append("try"), publish(*given)))
    for _ in range(50):
        nobody.say(practices=[3], work=False, all=False)
    assert len(tries) == 1


def test_what_could_not_be_said_is_made_good_with_the_next_message_that_gets_through(monkeypatch):
    """The line to this process's listener may have stood all the while."""
    speaker = neighbours.Speaker("redis://127.0.0.1:9/0", never)
    through: list[dict[str, Any]] = []
    is_away = [True]

    def publish(_channel: str, raw: str) -> None:
        if is_away[0]:
            raise neighbours.redis.ConnectionError
        through.append(json.loads(raw))

    monkeypatch.setattr(speaker._client, "publish", publish)
    speaker.say(practices=[3], paid=[], work=False, all=False)
    speaker.say(practices=[4], paid=[], work=True, all=False)  # not even tried
    is_away[0] = False
    speaker._silent_until = 0.0
    for _ in range(2):
        speaker.say(practices=[5], paid=[], work=False, all=False)
    assert [(said["practices"], said["work"], said["all"]) for said in through] == [
        ([5], True, True),
        ([5], False, False),
    ]


def test_a_message_that_fails_while_an_earlier_one_is_made_good_is_made_good_too(monkeypatch):
    speaker = neighbours.Speaker("redis://127.0.0.1:9/0", never)
    through: list[bool] = []

    def publish(_channel: str, raw: str) -> None:
        through.append(json.loads(raw)["all"])
        if len(through) == 1:
            speaker._missed()  # another thread's, at the same time

    monkeypatch.setattr(speaker._client, "publish", publish)
    speaker._missed()
    for _ in range(3):
        speaker.say(practices=[5], paid=[], work=False, all=False)
    assert through == [True, True, False]


def test_what_could_not_be_said_is_said_as_soon_as_redis_is_back_though_nobody_changes_anything_more(monkeypatch):
    """Sooner after a hiccup, seldom while it is away, and never twice at a time."""
    coming: list[tuple[float, Callable[[], None]]] = []
    speaker = neighbours.Speaker("redis://127.0.0.1:9/0", lambda seconds, do: coming.append((seconds, do)))
    through: list[dict[str, Any]] = []
    is_away = [True]

    def publish(_channel: str, raw: str) -> None:
        if is_away[0]:
            raise neighbours.redis.TimeoutError
        through.append(json.loads(raw))

    monkeypatch.setattr(speaker._client, "publish", publish)
    for practice_id in (3, 4):
        speaker.say(practices=[practice_id], paid=[practice_id], work=True, all=False)
    pauses = []
    for _ in range(7):
        ((seconds, try_again),) = coming
        coming.clear()
        pauses.append(seconds)
        try_again()
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    is_away[0] = False
    ((_, try_again),) = coming
    coming.clear()
    try_again()
    assert [(said["practices"], said["work"], said["all"]) for said in through] == [([], True, True)]
    assert coming == []
    speaker.say(practices=[5], paid=[], work=False, all=False)  # at once: it is back
    assert through[-1]["practices"] == [5] and not through[-1]["all"]
