"""Sessions that repeat, on both databases: made ahead, changed from the middle on, and on nights the clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given as a_case
from hypothesis import settings
from hypothesis import strategies as st
from sqlmodel import col, select

from tests import builders as a
from tests.services.test_calendar import House, stored
from trova_app.domain.appointments import AppointmentState, Tab, tab_of
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.domain.series import Rhythm, Unit, carried
from trova_app.models import Appointment, AppointmentSeries, Practice, TimelineEntry
from trova_app.services import (
    bookings,
    clients,
    series,
    series_changes,
    series_undo,
    standing,
)
from trova_app.services.series import RHYTHMS, days_of, span_on

JOBURG = ZoneInfo("Africa/Johannesburg")


@pytest.fixture
def house(database) -> House:
    with database.act() as (db, _desk):
        return House(db)


def weekly(database, house, **given) -> int:
    """Booked for Thursdays at ten; the first session's id."""
    wanted = house.booking(starts="2026-03-19T10:00", repeats="week") | given
    return database.do(bookings.book, house.who, **wanted).id


def sessions(database, house) -> list[Appointment]:
    with database.act() as (db, _desk):
        query = select(Appointment).where(Appointment.practice_id == house.practice.id)
        return list(db.exec(query.order_by(col(Appointment.starts_at), col(Appointment.id))))


def on_the_wall(some, zone=JOBURG) -> list[str]:
    return [f"{one.starts_at.astimezone(zone):%Y-%m-%d %H:%M}" for one in some]


def change(database, house, act, session, scope, version=1, **given):
    return database.do(act, house.who, appointment_id=session, version=version, scope=scope, **given)


def test_a_weekly_session_is_made_a_year_ahead_and_then_by_itself(database, house, clock):
    weekly(database, house)
    made = sessions(database, house)
    assert on_the_wall(made)[:3] == ["2026-03-19 10:00", "2026-03-26 10:00", "2026-04-02 10:00"]
    assert len(made) == 53 and {one.ends_at - one.starts_at for one in made} == {timedelta(hours=1)}
    clock.advance(days=31)
    with database.act() as (db, desk):
        series.extend(db, desk, int(made[0].series_id or 0))
    assert len(sessions(database, house)) == 57
    with database.act() as (db, desk):
        series.extend(db, desk, int(made[0].series_id or 0))
    assert len(sessions(database, house)) == 57  # asked twice, made once


def test_a_series_ends_on_its_last_day(database, house):
    done = database.do(
        bookings.book, house.who, **house.booking(starts="2026-03-19T10:00", repeats="week2", until="2026-04-30")
    )
    assert on_the_wall(sessions(database, house)) == [
        "2026-03-19 10:00", "2026-04-02 10:00", "2026-04-16 10:00", "2026-04-30 10:00",
    ]  # fmt: skip
    assert done.sentence.endswith("every 2 weeks on Thursday, until 30 Apr 2026: 4 sessions.")


@pytest.mark.parametrize("given", [{"repeats": "hourly"}, {"repeats": 7}, {"repeats": "week", "until": "2026-03-18"},
                                   {"repeats": "week", "until": "soon"}])  # fmt: skip
def test_a_rhythm_that_is_none_books_nothing(database, house, given):
    with pytest.raises(FieldFaults):
        weekly(database, house, **given)
    assert sessions(database, house) == []


def test_a_series_does_not_begin_years_back_and_a_single_session_may(database, house):
    for wrong in ("2006-03-19T10:00", "2000-01-03T10:00", "2026-02-17T10:00"):
        with pytest.raises(FieldFaults) as refused:
            weekly(database, house, starts=wrong)
        assert [field for field, _ in refused.value.faults] == ["starts"]
    assert sessions(database, house) == []
    weekly(database, house, starts="2006-03-19T10:00", repeats="")
    weekly(database, house, starts="2026-02-18T10:00", until="2026-03-31")  # four weeks ago
    assert len(sessions(database, house)) == 1 + 6
    ids = [int(one.id or 0) for one in sessions(database, house)]
    with pytest.raises(FieldFaults):
        change(database, house, series_changes.move, ids[6], "following", starts="2006-03-25T10:00")


def test_a_series_says_on_how_many_days_it_stands_against_others(database, house):
    with database.act() as (db, _desk):
        sipho = a.a_client(db, house.practice, first_name="Sipho")
        for week in (1, 3):
            house.session(db, datetime(2026, 3, 19, 8, 30, tzinfo=UTC) + timedelta(weeks=week), client=sipho)
    done = database.do(
        bookings.book, house.who, **house.booking(starts="2026-03-19T10:00", repeats="week", until="2026-05-01")
    )
    assert done.warnings == ("2 of 7 stand against other sessions: 26 Mar 2026, 9 Apr 2026.",)


# -- changed in the middle


def short_series(database, house) -> list[int]:
    weekly(database, house, until="2026-04-30")  # seven Thursdays
    return [int(one.id or 0) for one in sessions(database, house)]


def test_one_session_of_a_series_is_moved_alone(database, house):
    ids = short_series(database, house)
    change(database, house, series_changes.move, ids[2], "this", starts="2026-04-03T15:00")
    assert on_the_wall(sessions(database, house))[1:4] == ["2026-03-26 10:00", "2026-04-03 15:00", "2026-04-09 10:00"]


def test_this_and_the_following_sessions_move_and_the_earlier_ones_stay(database, house):
    ids = short_series(database, house)
    done = change(database, house, series_changes.move, ids[3], "following", starts="2026-04-10T11:30", minutes="45")
    found = sessions(database, house)
    assert [one.id for one in found] == ids
    assert on_the_wall(found) == [
        "2026-03-19 10:00", "2026-03-26 10:00", "2026-04-02 10:00", "2026-04-10 11:30", "2026-04-17 11:30",
        "2026-04-24 11:30", "2026-05-01 11:30",
    ]  # fmt: skip
    assert [int((one.ends_at - one.starts_at) / timedelta(minutes=1)) for one in found] == [60] * 3 + [45] * 4
    assert done.sentence == "Thandi Mokoena: 4 sessions, every week on Friday, until 1 May 2026."


def test_all_means_those_that_have_not_begun(database, house, clock):
    ids = short_series(database, house)
    clock.advance(days=10)  # two have taken place
    change(database, house, series_changes.move, ids[4], "all", starts="2026-04-15T09:00")  # the Wednesday before
    assert on_the_wall(sessions(database, house)) == [
        "2026-03-19 10:00", "2026-03-26 10:00", "2026-04-01 09:00", "2026-04-08 09:00", "2026-04-15 09:00",
        "2026-04-22 09:00", "2026-04-29 09:00",
    ]  # fmt: skip


def test_exceptions_stay_exceptions_when_the_series_is_moved(database, house):
    ids = short_series(database, house)
    change(database, house, series_changes.move, ids[4], "this", starts="2026-04-17T16:00")
    database.do(standing.cancel, house.who, appointment_id=ids[5], version=1, reason="Holiday")
    with database.act() as (db, desk):
        done = db.get_one(Appointment, ids[6])
        done.state = AppointmentState.COMPLETED
    change(database, house, series_changes.move, ids[3], "following", starts="2026-04-09T12:00")
    by_id = {one.id: one for one in sessions(database, house)}
    assert on_the_wall([by_id[n] for n in ids[3:]]) == [
        "2026-04-09 12:00", "2026-04-17 16:00", "2026-04-23 10:00", "2026-04-30 10:00",
    ]  # fmt: skip
    assert (by_id[ids[5]].state, by_id[ids[6]].state) == ("cancelled", "completed")
    assert len(by_id) == 7  # nothing was made in their place


def test_what_one_session_has_by_itself_is_not_carried_over_to_those_that_follow(database, house):
    ids = short_series(database, house)
    change(database, house, series_changes.move, ids[2], "this", starts="2026-04-03T15:00", minutes="90")
    change(database, house, series_changes.move, ids[2], "following", 2, starts="2026-04-03T15:00", place="Room 9")
    found = sessions(database, house)
    assert on_the_wall(found)[1:4] == ["2026-03-26 10:00", "2026-04-03 15:00", "2026-04-09 10:00"]
    assert [int((one.ends_at - one.starts_at) / timedelta(minutes=1)) for one in found] == [60] * 2 + [90] + [60] * 4
    assert [one.place for one in found] == [""] * 2 + ["Room 9"] * 5
    change(database, house, series_changes.move, ids[2], "following", 3, starts="2026-04-03T15:00", minutes="45")
    found = sessions(database, house)
    assert on_the_wall(found)[1:4] == ["2026-03-26 10:00", "2026-04-03 15:00", "2026-04-09 10:00"]
    assert [int((one.ends_at - one.starts_at) / timedelta(minutes=1)) for one in found] == [60] * 2 + [45] * 5


def test_another_hour_for_a_session_on_a_day_of_its_own_leaves_the_others_on_their_day(database, house):
    ids = short_series(database, house)
    change(database, house, series_changes.move, ids[4], "this", starts="2026-04-17T10:00")
    done = change(database, house, series_changes.move, ids[4], "following", 2, starts="2026-04-17T11:00")
    assert on_the_wall(sessions(database, house))[3:] == [
        "2026-04-09 10:00", "2026-04-17 11:00", "2026-04-23 11:00", "2026-04-30 11:00",
    ]  # fmt: skip
    assert done.sentence == "Thandi Mokoena: 3 sessions, every week on Thursday, until 30 Apr 2026."
    back = {"appointment_id": done.id, "version": done.version, "before": done.before}
    database.do(series_undo.put_back, house.who, **back)
    assert on_the_wall(sessions(database, house))[3:] == [
        "2026-04-09 10:00", "2026-04-17 10:00", "2026-04-23 10:00", "2026-04-30 10:00",
    ]  # fmt: skip


def test_a_session_of_its_own_that_goes_to_another_day_takes_those_that_follow_there(database, house):
    ids = short_series(database, house)
    change(database, house, series_changes.move, ids[4], "this", starts="2026-04-17T15:00")
    change(database, house, series_changes.move, ids[4], "following", 2, starts="2026-04-15T12:00")
    assert on_the_wall(sessions(database, house))[3:] == [
        "2026-04-09 10:00", "2026-04-15 12:00", "2026-04-22 12:00", "2026-04-29 12:00",
    ]  # fmt: skip


def test_each_session_that_moves_with_the_series_says_so_in_its_timeline(database, house):
    ids = short_series(database, house)
    change(database, house, series_changes.move, ids[5], "following", starts="2026-04-24T11:00")
    assert timeline_of(database, ids[6]) == ["Moved from 30 Apr 2026, 10:00 to 1 May 2026, 11:00"]
    assert timeline_of(database, ids[4]) == []


def timeline_of(database, session_id) -> list[str]:
    with database.act() as (db, _desk):
        query = select(TimelineEntry.what).where(TimelineEntry.appointment_id == session_id)
        return list(db.exec(query.order_by(col(TimelineEntry.id))))


def test_moving_the_last_session_again_and_again_makes_no_further_year(database, house):
    weekly(database, house)
    last = sessions(database, house)[-1]
    for week in range(1, 4):
        day = f"{last.starts_at.astimezone(JOBURG) + timedelta(days=week):%Y-%m-%dT%H:%M}"
        change(database, house, series_changes.move, last.id, "following", week, starts=day)
    assert len(sessions(database, house)) == 53


def test_a_session_put_on_again_after_the_end_of_its_series_moves_without_beginning_it_anew(database, house):
    weekly(database, house)
    ids = [int(one.id or 0) for one in sessions(database, house)]
    change(database, house, series_changes.cancel, ids[10], "following", reason="Therapy has ended")
    again = database.do(standing.put_on_again, house.who, appointment_id=ids[20])
    done = change(database, house, series_changes.move, ids[20], "following", again.version, starts="2026-08-06T11:00")
    assert done.sentence == "Thandi Mokoena: 1 session, every week on Thursday, until 6 Aug 2026."
    assert sum(one.state == "scheduled" for one in sessions(database, house)) == 11
    with database.act() as (db, _desk):
        ends = [one.until for one in db.exec(select(AppointmentSeries).order_by(col(AppointmentSeries.id)))]
    assert ends == [date(2026, 5, 27), date(2026, 8, 6)]


def test_a_series_is_given_to_a_colleague_from_the_middle_on(database, house):
    with database.act() as (db, _desk):
        other = a.a_member(db, house.practice, Role.CLINICIAN, name="Dr Bongani Sithole")
    ids = short_series(database, house)
    change(
        database, house, series_changes.move, ids[5], "following",
        starts="2026-04-23T10:00", practitioner_id=str(other.id), place="Room 9",
    )  # fmt: skip
    found = sessions(database, house)
    assert [one.practitioner_id for one in found] == [house.member.id] * 5 + [other.id] * 2
    assert [one.place for one in found][4:] == ["", "Room 9", "Room 9"]


def test_a_session_with_a_colleague_or_in_another_room_keeps_them_when_the_series_is_moved(database, house):
    with database.act() as (db, _desk):
        other = a.a_member(db, house.practice, Role.CLINICIAN, name="Dr Bongani Sithole")
        third = a.a_member(db, house.practice, Role.CLINICIAN, name="Dr Carla Meyer")
    ids = short_series(database, house)
    cover = {"practitioner_id": str(other.id), "place": "Room 2"}
    change(database, house, series_changes.move, ids[4], "this", starts="2026-04-16T10:00", **cover)
    change(
        database, house, series_changes.move, ids[2], "all",
        starts="2026-04-02T11:00", practitioner_id=str(third.id), place="Room 9",
    )  # fmt: skip
    found = sessions(database, house)
    assert {one.starts_at.astimezone(JOBURG).hour for one in found} == {11}
    assert [one.practitioner_id for one in found] == [third.id] * 4 + [other.id] + [third.id] * 2
    assert [one.place for one in found] == ["Room 9"] * 4 + ["Room 2"] + ["Room 9"] * 2


def test_sessions_that_wait_to_be_completed_stay_where_they_took_place(database, house, clock):
    ids = short_series(database, house)
    clock.advance(days=17)  # three have taken place, none is completed
    change(database, house, series_changes.move, ids[0], "following", starts="2026-03-20T10:00")
    assert on_the_wall(sessions(database, house)) == [
        "2026-03-20 10:00", "2026-03-26 10:00", "2026-04-02 10:00", "2026-04-10 10:00", "2026-04-17 10:00",
        "2026-04-24 10:00", "2026-05-01 10:00",
    ]  # fmt: skip
    version = stored(database, ids[0]).version
    change(database, house, series_changes.cancel, ids[0], "following", version, reason="Booked twice")
    assert [one.state for one in sessions(database, house)] == ["cancelled"] + ["scheduled"] * 2 + ["cancelled"] * 4


def test_a_series_that_was_moved_is_put_back_as_it_was(database, house, clock):
    weekly(database, house)
    ids = [int(one.id or 0) for one in sessions(database, house)]
    change(database, house, series_changes.move, ids[4], "this", starts="2026-04-17T16:00")
    before = on_the_wall(sessions(database, house))
    clock.advance(days=15)
    done = change(database, house, series_changes.move, ids[3], "following", starts="2026-04-13T08:00")
    assert len(sessions(database, house)) == 54
    back = database.do(
        series_undo.put_back, house.who, appointment_id=done.id, version=done.version, before=done.before
    )
    assert on_the_wall(sessions(database, house)) == before
    assert len({one.series_id for one in sessions(database, house)}) == 1
    assert back.sentence == "Thandi Mokoena: as before, every week on Thursday."
    with database.act() as (db, desk):
        for one in db.exec(select(AppointmentSeries)):
            series.extend(db, desk, int(one.id or 0))
    assert on_the_wall(sessions(database, house))[:53] == before
    assert on_the_wall(sessions(database, house))[53:] == ["2027-03-25 10:00", "2027-04-01 10:00"]


def test_a_series_in_which_somebody_changed_a_session_since_is_not_put_back(database, house):
    ids = short_series(database, house)
    done = change(database, house, series_changes.move, ids[3], "following", starts="2026-04-10T08:00")
    change(database, house, series_changes.cancel, ids[5], "this", 2, reason="Ill")
    before = on_the_wall(sessions(database, house))
    with pytest.raises(Refusal):
        database.do(series_undo.put_back, house.who, appointment_id=done.id, version=done.version, before=done.before)
    assert on_the_wall(sessions(database, house)) == before


def test_the_end_of_a_series_is_cancelled_and_no_more_are_made(database, house, clock):
    first = weekly(database, house)
    ids = [int(one.id or 0) for one in sessions(database, house)]
    done = change(database, house, series_changes.cancel, ids[2], "following", reason="Therapy has ended")
    states = [one.state for one in sessions(database, house)]
    assert states == ["scheduled"] * 2 + ["cancelled"] * 51
    assert done.sentence == "Thandi Mokoena: 51 sessions are cancelled."
    clock.advance(days=100)
    with database.act() as (db, desk):
        series.extend(db, desk, int(stored(database, first).series_id or 0))
    assert len(sessions(database, house)) == 53


def test_the_end_of_a_series_that_was_cancelled_is_put_on_again_at_once(database, house, clock):
    weekly(database, house)
    ids = [int(one.id or 0) for one in sessions(database, house)]
    change(database, house, series_changes.cancel, ids[5], "this", reason="Ill")
    done = change(database, house, series_changes.cancel, ids[2], "following", reason="Therapy has ended")
    back = {"appointment_id": done.id, "version": done.version, "before": done.before}
    undone = database.do(series_undo.put_back, house.who, **back)
    assert undone.sentence == "Thandi Mokoena: as before, every week on Thursday."
    found = sessions(database, house)
    assert [one.id for one in found if one.state == "cancelled"] == [ids[5]]
    assert (found[5].cancel_reason, found[6].cancel_reason) == ("Ill", "")
    assert timeline_of(database, ids[6]) == [
        "Cancelled: Therapy has ended", "Put back with its series, every week on Thursday",
    ]  # fmt: skip
    with pytest.raises(Refusal):
        database.do(series_undo.put_back, house.who, **back)  # once only
    clock.advance(days=31)
    with database.act() as (db, desk):
        series.extend(db, desk, int(found[0].series_id or 0))
    assert len(sessions(database, house)) == 57


def test_a_cancelled_series_in_which_one_was_put_on_again_is_not_put_back(database, house):
    ids = short_series(database, house)
    done = change(database, house, series_changes.cancel, ids[2], "all", reason="Moved away")
    assert done.sentence == "Thandi Mokoena: 7 sessions are cancelled."
    database.do(standing.put_on_again, house.who, appointment_id=ids[4])
    with pytest.raises(Refusal):
        database.do(series_undo.put_back, house.who, appointment_id=done.id, version=done.version, before=done.before)
    assert [one.state for one in sessions(database, house)].count("cancelled") == 6


def test_one_session_of_a_series_is_cancelled_and_does_not_come_back(database, house, clock):
    ids = short_series(database, house)
    change(database, house, series_changes.cancel, ids[1], "this", reason="Ill")
    clock.advance(days=40)
    with database.act() as (db, desk):
        series.extend(db, desk, int(stored(database, ids[0]).series_id or 0))
    assert [one.state for one in sessions(database, house)] == ["scheduled", "cancelled"] + ["scheduled"] * 5


def test_of_two_people_who_change_one_series_the_later_one_is_told(database, house):
    ids = short_series(database, house)
    change(database, house, series_changes.move, ids[3], "following", starts="2026-04-10T11:30")
    for act, given in ((series_changes.move, {"starts": "2026-04-16T08:00"}), (series_changes.cancel, {"reason": "x"})):
        with pytest.raises(ChangedElsewhere):
            change(database, house, act, ids[4], "following", **given)


@pytest.mark.parametrize("scope", ["", None, "some", 3])
def test_what_a_change_is_meant_for_must_be_said(database, house, scope):
    ids = short_series(database, house)
    with pytest.raises(Refusal):
        change(database, house, series_changes.move, ids[0], scope, starts="2026-04-10T11:30")


@pytest.mark.parametrize("role", list(Role))
def test_who_may_change_a_series_and_another_practices_is_none(database, role):
    with database.act() as (db, _desk):
        house, elsewhere = House(db, role=role), House(db, name="Elsewhere")
        session, theirs = house.session(db), elsewhere.session(db)
    for act, given in ((series_changes.move, {"starts": "2026-03-18T12:00"}), (series_changes.cancel, {"reason": "x"})):
        if may(role, Permission.BOOK):
            with pytest.raises(NotFound):
                change(database, house, act, theirs.id, "all", **given)
            change(database, house, act, session.id, "following", **given)  # of no series: this one alone
        else:
            with pytest.raises(NotAllowed):
                change(database, house, act, session.id, "this", **given)


# -- two records of one person


def split_and_grown(database, house, clock, who_else) -> None:
    """Two months on, with sessions made since, some of which are a series of their own by now."""
    for split in (10, 54):
        clock.advance(days=31)
        with database.act() as (db, desk):
            for one in db.exec(select(AppointmentSeries)).all():
                series.extend(db, desk, int(one.id or 0))
        theirs = [one for one in sessions(database, house) if one.service_id == who_else]
        day = f"{theirs[split].starts_at.astimezone(JOBURG) + timedelta(days=1):%Y-%m-%dT%H:%M}"
        change(database, house, series_changes.move, theirs[split].id, "following", theirs[split].version, starts=day)


def test_a_series_goes_back_whole_when_a_merge_is_undone(database, house, clock):
    with database.act() as (db, _desk):
        sipho = a.a_client(db, house.practice, first_name="Sipho", last_name="Nkosi", email="s@example.test")
        pairs = a.a_service(db, house.practice, name="Couples")
        hers, his, theirs = int(house.client.id), int(sipho.id), int(pairs.id)
    weekly(database, house)
    weekly(database, house, client_id=his, service_id=theirs)
    database.do(clients.merge, house.who, client_id=hers, other_id=his)
    split_and_grown(database, house, clock, theirs)
    alone = weekly(database, house, starts="2026-06-19T10:00", service_id=theirs)  # hers, since the merge
    (merge,) = database.do(clients.merges_of, house.who, client_id=hers)
    database.do(clients.undo_merge, house.who, merge_id=merge.id)
    clock.advance(days=31)
    with database.act() as (db, desk):
        for one in db.exec(select(AppointmentSeries)).all():
            series.extend(db, desk, int(one.id or 0))
    new = stored(database, alone).series_id
    found = sessions(database, house)
    assert {one.client_id for one in found if one.service_id == theirs and one.series_id != new} == {his}
    assert {one.client_id for one in found if one.service_id != theirs or one.series_id == new} == {hers}
    with database.act() as (db, _desk):
        whose = [(one.client_id, one.service_id) for one in db.exec(select(AppointmentSeries))]
    assert sorted(whose) == sorted([(hers, house.service.id), (hers, theirs)] + [(his, theirs)] * 3)


# -- months


def test_a_series_on_the_31st_that_becomes_one_on_the_30th_has_no_gaps(database, house):
    first = weekly(database, house, starts="2026-03-31T10:00", repeats="date", until="2026-12-31")
    assert [day[5:10] for day in on_the_wall(sessions(database, house))] == ["03-31", "05-31", "07-31", "08-31",
                                                                             "10-31", "12-31"]  # fmt: skip
    change(database, house, series_changes.move, first, "following", starts="2026-03-30T10:00")
    assert [day[5:10] for day in on_the_wall(sessions(database, house))] == [
        f"{month:02d}-30" for month in range(3, 13)
    ]


def test_a_monthly_series_moved_to_the_31st_says_which_sessions_have_no_such_day(database, house):
    first = weekly(database, house, starts="2026-03-30T10:00", repeats="date", until="2027-01-30")
    ids = [int(one.id or 0) for one in sessions(database, house)]
    done = change(database, house, series_changes.move, first, "following", starts="2026-03-31T10:00")
    assert done.warnings == (
        "4 sessions have no such day and are cancelled: 30 Apr 2026, 30 Jun 2026, 30 Sep 2026 \u2026.",
    )
    assert timeline_of(database, ids[1]) == ["Cancelled: The new rhythm has no such day"]
    gone = [one for one in sessions(database, house) if one.state == "cancelled"]
    assert [day[5:10] for day in on_the_wall(gone)] == ["04-30", "06-30", "09-30", "11-30"]


def test_a_last_wednesday_that_is_the_fourth_too_stays_a_last_one_when_its_length_changes(database, house):
    weekly(database, house, starts="2026-04-29T10:00", repeats="weekday", until="2026-09-30")
    ids = [int(one.id or 0) for one in sessions(database, house)]
    change(database, house, series_changes.move, ids[1], "following", starts="2026-05-27T10:00", minutes="90")
    days = [day[5:10] for day in on_the_wall(sessions(database, house))]
    assert days == ["04-29", "05-27", "06-24", "07-29", "08-26", "09-30"]
    assert rule_of(database, ids[1]) == "FREQ=MONTHLY;BYDAY=-1WE"


def test_the_last_wednesday_stays_the_last_one_also_where_it_is_the_fourth(database, house):
    weekly(database, house, starts="2026-04-16T10:00", repeats="weekday", until="2026-08-31")
    ids = [int(one.id or 0) for one in sessions(database, house)]
    change(database, house, series_changes.move, ids[3], "all", starts="2026-07-29T10:00")
    days = [day[5:10] for day in on_the_wall(sessions(database, house))]
    assert days == ["04-29", "05-27", "06-24", "07-29", "08-26"]
    assert rule_of(database, ids[0]) == "FREQ=MONTHLY;BYDAY=-1WE"


def test_a_monthly_series_moved_into_the_next_month_ends_with_its_last_session(database, house):
    first = weekly(database, house, starts="2026-06-15T10:00", repeats="date", until="2026-11-15")
    change(database, house, series_changes.move, first, "following", starts="2026-07-20T10:00")
    days = [day[5:10] for day in on_the_wall(sessions(database, house))]
    assert days == ["07-20", "08-20", "09-20", "10-20", "11-20", "12-20"]


def rule_of(database, session_id) -> str:
    with database.act() as (db, _desk):
        one = db.get_one(AppointmentSeries, db.get_one(Appointment, session_id).series_id)
        return RHYTHMS[one.rhythm].rule(one.first_day)


# -- the clocks


def test_a_practice_that_moves_to_another_time_zone_moves_a_series_on_its_new_clock(database, house):
    ids = short_series(database, house)
    with database.act() as (db, _desk):
        db.get_one(Practice, house.practice.id).time_zone = "Europe/London"
    london = ZoneInfo("Europe/London")
    assert on_the_wall(sessions(database, house), london)[:3] == [
        "2026-03-19 08:00",
        "2026-03-26 08:00",
        "2026-04-02 09:00",
    ]  # what was booked keeps its moment
    change(database, house, series_changes.move, ids[2], "following", starts="2026-04-02T14:00")
    assert on_the_wall(sessions(database, house), london) == [
        "2026-03-19 08:00", "2026-03-26 08:00", *(f"2026-04-{day} 14:00" for day in ("02", "09", "16", "23", "30")),
    ]  # fmt: skip


ZONES = ("Africa/Johannesburg", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago",
         "Pacific/Apia", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "Asia/Tehran")  # fmt: skip
FIRST_DAYS = st.dates(date(2009, 1, 1), date(2030, 1, 1)) | st.sampled_from(
    [date(2024, 2, 29), date(2027, 12, 31), date(2026, 1, 31), date(2011, 12, 16), date(2026, 3, 29)]
)


def a_series(zone, rhythm, first, minute, minutes, until=None) -> AppointmentSeries:
    return AppointmentSeries(
        practice_id=1, client_id=1, service_id=1, practitioner_id=1, rhythm=rhythm, first_day=first, at_minute=minute,
        minutes=minutes, time_zone=zone, until=until, made_to=first, created_at=datetime.now(UTC),
    )  # fmt: skip


def as_a_calendar_has_it(one: AppointmentSeries, to: date) -> list[tuple[datetime, datetime]]:
    """The same series as an event of a calendar file, read by a library of its own."""
    zone = ZoneInfo(one.time_zone)
    event = icalendar.Event()
    begins = datetime.combine(one.first_day, datetime.min.time()) + timedelta(minutes=one.at_minute)
    event.add("uid", "1")
    event.add("dtstart", begins.replace(tzinfo=zone))
    event.add("duration", timedelta(minutes=one.minutes))
    event.add("rrule", icalendar.vRecur.from_ical(RHYTHMS[one.rhythm].rule(one.first_day)))
    calendar = icalendar.Calendar()
    calendar.add_component(event)
    end = datetime.combine(to, datetime.max.time(), zone)
    found = recurring_ical_events.of(calendar).between(begins.replace(tzinfo=zone), end)
    spans = [(item["DTSTART"].dt.astimezone(UTC), item["DTEND"].dt) for item in found]
    return sorted((start, start + timedelta(minutes=one.minutes)) for start, _ in spans)


def agrees(zone, rhythm, first, minute, minutes) -> None:
    one = a_series(zone, rhythm, first, minute, minutes)
    to = first + timedelta(days=400)
    days = [first, *days_of(one, first, to)]
    spans = [span_on(one, day) for day in days]
    assert spans == as_a_calendar_has_it(one, to)
    for day, (start, end) in zip(days, spans, strict=True):
        assert end - start == timedelta(minutes=minutes)  # as long on any night
        shown = start.astimezone(ZoneInfo(zone))
        skipped = shown.replace(tzinfo=None) != datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
        assert not skipped or shown.date() in (day, day + timedelta(days=1))
        now = end - timedelta(seconds=1)
        assert tab_of(AppointmentState.SCHEDULED, end, now) is Tab.UPCOMING
        assert tab_of(AppointmentState.SCHEDULED, end, end) is Tab.OPEN


@a_case(st.sampled_from(ZONES), st.sampled_from(sorted(RHYTHMS)), FIRST_DAYS, st.integers(0, 1439), st.integers(5, 240))
@settings(max_examples=40, deadline=None)
def test_a_series_is_on_the_days_and_times_any_calendar_has(zone, rhythm, first, minute, minutes):
    agrees(zone, rhythm, first, minute, minutes)


@pytest.mark.soak
@a_case(st.sampled_from(ZONES), st.sampled_from(sorted(RHYTHMS)), FIRST_DAYS, st.integers(0, 1439), st.integers(5, 240))
@settings(max_examples=5000, deadline=None)
def test_a_series_is_on_the_days_and_times_any_calendar_has_over_and_over(zone, rhythm, first, minute, minutes):
    agrees(zone, rhythm, first, minute, minutes)


def test_ten_o_clock_stays_ten_o_clock_when_summer_begins_and_ends(database):
    with database.act() as (db, _desk):
        house = House(db, time_zone="Europe/Berlin")
    weekly(database, house)
    berlin = ZoneInfo("Europe/Berlin")
    found = sessions(database, house)
    assert {f"{one.starts_at.astimezone(berlin):%a %H:%M}" for one in found} == {"Thu 10:00"}
    assert {one.starts_at.astimezone(UTC).hour for one in found} == {8, 9}
    assert {one.ends_at - one.starts_at for one in found} == {timedelta(hours=1)}


def test_the_last_day_of_the_year_is_that_day_from_the_first_to_the_last_zone(database):
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # UTC+14 and UTC-11
        with database.act() as (db, _desk):
            house = House(db, time_zone=zone, name=zone)
        booked = house.booking(starts="2026-10-31T23:30", repeats="date", until="2027-01-31")
        database.do(bookings.book, house.who, **booked)
        days = [f"{one.starts_at.astimezone(ZoneInfo(zone)):%m-%d %H:%M}" for one in sessions(database, house)]
        assert days == ["10-31 23:30", "12-31 23:30", "01-31 23:30"]


@a_case(FIRST_DAYS, st.integers(-20, 20), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_a_moved_series_keeps_its_rhythm(first, by, n):
    now = first + timedelta(days=by)
    for rhythm in (Rhythm(Unit.WEEK, 2), Rhythm(Unit.SAME_DATE), Rhythm(Unit.SAME_WEEKDAY)):
        old = a_series("UTC", "week2" if rhythm.unit is Unit.WEEK else str(rhythm.unit.value), first, 600, 60)
        days = list(days_of(old, first, first + timedelta(days=2000)))[: n + 1]
        rule = a_series("UTC", old.rhythm, now, 600, 60)
        wanted = {now, *days_of(rule, now - timedelta(days=1), now + timedelta(days=2100))}
        assert carried(first, rhythm, first, now) == now
        assert {carried(day, rhythm, first, now) for day in days} - {None} <= wanted
