"""What must leave the building leaves once, is tried again while that can help, and stays visible."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from tests import builders as a
from trova_app.domain.permissions import Role
from trova_app.domain.refusals import NotAllowed, NotFound
from trova_app.models import OutboxRow
from trova_app.services import outbox, outbox_page


@pytest.fixture
def practice_id(database) -> int:
    with database.act() as (db, _desk):
        return a.a_practice(db).id


def put(database, practice_id, key="k", **given):
    with database.act() as (db, desk):
        wanted = {"kind": "letter", "payload": {"kind": "invoice", "recipient": "t@example.test"}} | given
        return outbox.enqueue(db, desk, practice_id=practice_id, key=key, **wanted)


def take(database, limit=1, lease_seconds=60):
    with database.act() as (db, desk):
        return outbox.claim(db, desk, limit=limit, lease_seconds=lease_seconds)


def end(database, how, job, *more):
    with database.act() as (db, desk):
        how(db, desk, job, *more)


def row_of(db) -> OutboxRow:
    return db.exec(select(OutboxRow)).one()


def test_a_letter_wanted_twice_stands_in_the_outbox_once(database, practice_id, db):
    assert put(database, practice_id, "letter/1") is True
    assert put(database, practice_id, "letter/1", kind="open_link") is False
    assert row_of(db).kind == "letter"


def test_two_people_who_want_the_same_letter_at_once_get_one(database, practice_id, db):
    ready, added = threading.Barrier(2), []

    def want() -> None:
        ready.wait()
        added.append(put(database, practice_id, "letter/1"))

    people = [threading.Thread(target=want) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(added) == [False, True]
    assert row_of(db).key == "letter/1"


def test_a_wanted_letter_wakes_the_worker_and_a_repeated_one_does_not(database, practice_id):
    with database.act() as (db, desk):
        outbox.enqueue(db, desk, practice_id=practice_id, kind="letter", key="k", payload={})
        assert desk.woke_worker
    with database.act() as (db, desk):
        outbox.enqueue(db, desk, practice_id=practice_id, kind="letter", key="k", payload={})
        assert not desk.woke_worker


def test_nothing_is_in_the_outbox_when_the_act_that_wanted_it_failed(database, practice_id, db):
    with pytest.raises(ZeroDivisionError), database.act() as (act_db, desk):
        outbox.enqueue(act_db, desk, practice_id=practice_id, kind="letter", key="k", payload={})
        raise ZeroDivisionError
    assert db.exec(select(OutboxRow)).all() == []


def test_a_letter_for_tomorrow_waits_until_tomorrow(database, practice_id, clock):
    put(database, practice_id, due_at=clock.now() + timedelta(days=1))
    assert take(database) == []
    clock.advance(days=1)
    assert len(take(database)) == 1


def test_four_workers_never_do_the_same_job_twice(database, practice_id):
    for n in range(40):
        put(database, practice_id, f"letter/{n}")
    ready, done, lock = threading.Barrier(4), [], threading.Lock()

    def work() -> None:
        ready.wait()
        while jobs := take(database, limit=3):
            for job in jobs:
                end(database, outbox.finish, job)
                with lock:
                    done.append(job.key)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    while jobs := take(database, limit=40):  # rows another worker was just taking were passed over
        done.extend(job.key for job in jobs)
    assert sorted(done) == sorted(f"letter/{n}" for n in range(40))


def test_a_job_whose_worker_died_is_taken_over_when_its_lease_has_run_out(database, practice_id, clock, db):
    put(database, practice_id)
    (lost,) = take(database, lease_seconds=60)
    assert take(database) == []
    clock.advance(seconds=61)
    (again,) = take(database)
    assert (again.key, again.attempts) == (lost.key, 2)
    with pytest.raises(outbox.LeaseLost):
        end(database, outbox.finish, lost)
    assert row_of(db).done_at is None
    end(database, outbox.finish, again)
    db.rollback()
    assert row_of(db).done_at == clock.now()


@pytest.mark.parametrize("how", [outbox.retry_later, outbox.bury])
def test_a_worker_that_lost_its_job_cannot_put_it_aside(database, practice_id, clock, how):
    put(database, practice_id)
    (lost,) = take(database, lease_seconds=1)
    clock.advance(seconds=2)
    take(database)
    with pytest.raises(outbox.LeaseLost):
        end(database, how, lost, "no")


def test_a_job_that_failed_for_now_comes_back_after_a_pause(database, practice_id, clock, db):
    put(database, practice_id)
    end(database, outbox.retry_later, take(database)[0], "The mail server cannot be reached")
    assert take(database) == []
    assert row_of(db).last_error == "The mail server cannot be reached"
    clock.advance(seconds=5)
    assert take(database)[0].attempts == 2


def test_pauses_double_up_to_an_hour_and_half_of_each_is_left_to_chance():
    for attempts, whole in ((1, 5), (2, 10), (5, 80), (10, 2560), (11, 3600), (20, 3600)):
        pauses = [outbox.pause_after(attempts).total_seconds() for _ in range(200)]
        assert whole / 2 <= min(pauses) < max(pauses) <= whole


def test_all_tries_together_end_before_a_gateway_forgets_our_key():
    longest = sum((min(outbox.LONGEST_WAIT, outbox.FIRST_WAIT * 2**n) for n in range(outbox.MAX_ATTEMPTS)), timedelta())
    assert timedelta(hours=8) < longest < timedelta(hours=20)


def test_after_the_last_try_a_job_stops_and_waits_for_a_person(database, practice_id, clock, db):
    put(database, practice_id)
    for _ in range(outbox.MAX_ATTEMPTS):
        end(database, outbox.retry_later, take(database)[0], "no answer")
        clock.advance(hours=1)
    assert take(database) == []
    assert row_of(db).dead_at is not None


def test_a_job_that_takes_its_worker_down_each_time_stops_too(database, practice_id, clock, db):
    put(database, practice_id)
    for _ in range(outbox.MAX_ATTEMPTS):
        assert len(take(database, lease_seconds=1)) == 1
        clock.advance(seconds=2)
    assert take(database) == []
    assert row_of(db).dead_at is not None
    assert row_of(db).last_error == outbox.GAVE_UP


def member(database, practice_id, role=Role.RECEPTION):
    from trova_app.models import Practice

    with database.act() as (db, _desk):
        return a.principal(a.a_member(db, db.get_one(Practice, practice_id), role))


def test_the_outbox_page_says_what_waits_for_whom_and_why(database, practice_id):
    put(database, practice_id)
    end(database, outbox.bury, take(database)[0], "The mail server answered 550")
    put(database, practice_id, "link/1", kind="open_link", payload={"request_id": 1})
    stopped, waits = database.do(outbox_page.waiting, member(database, practice_id))
    assert (stopped.what, stopped.to_whom, stopped.state) == ("Invoice", "t@example.test", "stopped")
    assert (stopped.tries, stopped.problem) == (1, "The mail server answered 550")
    assert (waits.what, waits.state, waits.problem) == ("Payment link", "waiting", "")


def test_what_has_left_is_no_longer_waiting(database, practice_id):
    put(database, practice_id)
    who = member(database, practice_id)
    (job,) = take(database)
    assert database.do(outbox_page.waiting, who)[0].state == "trying"
    end(database, outbox.finish, job)
    assert database.do(outbox_page.waiting, who) == []


def test_trying_again_makes_a_stopped_letter_due_now(database, practice_id):
    put(database, practice_id)
    end(database, outbox.bury, take(database)[0], "no")
    who = member(database, practice_id)
    database.do(outbox_page.try_again, who, row_id=database.do(outbox_page.waiting, who)[0].id)
    assert database.desks[-1].woke_worker
    assert take(database)[0].attempts == 1


def test_trying_again_leaves_a_letter_that_is_just_being_sent_alone(database, practice_id):
    put(database, practice_id)
    (job,) = take(database)
    database.do(outbox_page.try_again, member(database, practice_id), row_id=job.id)
    assert take(database) == []
    end(database, outbox.finish, job)


def test_another_practice_sees_and_moves_nothing_of_ours(database, practice_id):
    put(database, practice_id)
    (job,) = take(database)
    with database.act() as (db, _desk):
        stranger = a.principal(a.a_member(db, a.a_practice(db)))
    assert database.do(outbox_page.waiting, stranger) == []
    with pytest.raises(NotFound):
        database.do(outbox_page.try_again, stranger, row_id=job.id)


@pytest.mark.parametrize("given", [None, "1; drop", -1, 2**63, 1.0, True, "9" * 40])
def test_a_row_that_cannot_be_is_not_found(database, practice_id, given):
    with pytest.raises(NotFound):
        database.do(outbox_page.try_again, member(database, practice_id), row_id=given)


def test_somebody_who_only_reads_bills_does_not_see_the_outbox(database, practice_id):
    who = member(database, practice_id, Role.READ_ONLY)
    for service, kw in ((outbox_page.waiting, {}), (outbox_page.try_again, {"row_id": 1})):
        with pytest.raises(NotAllowed):
            database.do(service, who, **kw)
