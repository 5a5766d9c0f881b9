"""The calendar's week and day, and booking in it, on both databases."""

from datetime import date, datetime, timedelta

import pytest

from tests import builders as a
from tests.conftest import NOON
from trova_app.domain.appointments import Tab
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import FieldFaults, NotAllowed
from trova_app.models import Appointment, CareService, Client
from trova_app.services import appointments, bookings, calendar


class House:
    """A practice with one practitioner, a client and a service of an hour."""

    def __init__(self, db, role=Role.OWNER, **practice) -> None:
        self.practice = a.a_practice(db, **practice)
        self.member = a.a_member(db, self.practice, role)
        self.client = a.a_client(db, self.practice)
        self.service = a.a_service(db, self.practice)
        self.who = a.principal(self.member)

    def session(self, db, starts=NOON, minutes=60, **given) -> Appointment:
        parts = {"client": self.client, "service": self.service, "member": self.member}
        client, service, member = (given.pop(name, part) for name, part in parts.items())
        ends = starts + timedelta(minutes=minutes)
        return a.an_appointment(db, client, service, member, ends=ends, starts_at=starts, **given)

    def booking(self, **given):
        wanted = {"client_id": self.client.id, "service_id": self.service.id, "starts": "2026-03-19T14:00"}
        return wanted | given


@pytest.fixture
def house(database) -> House:
    with database.act() as (db, _desk):
        return House(db)


def add(database, house, *args, **given) -> int:
    with database.act() as (db, _desk):
        return house.session(db, *args, **given).id


def stored(database, appointment_id) -> Appointment:
    with database.act() as (db, _desk):
        return db.get_one(Appointment, appointment_id)


def shown(page) -> dict[str, list[int]]:
    """By day: the sessions in the order they are drawn."""
    return {column.day: [block.id for block in column.blocks] for column in page.columns if column.blocks}


def crowd(database, house, *starts, each=25) -> None:
    """So many practitioners, each with somebody of their own at each of these hours."""
    with database.act() as (db, _desk):
        for n in range(each):
            member = a.a_member(
                db, house.practice, name=f"Dr {n:02d}", email=f"dr{n}@example.test", is_practitioner=True
            )
            for moment in starts:
                client = a.a_client(db, house.practice, last_name=f"No {n}")
                house.session(db, moment, member=member, client=client, place=f"Room {n}")


def test_of_a_crowd_at_one_hour_one_is_drawn_and_the_others_are_counted_by_the_hour(database, house):
    crowd(database, house, NOON, NOON + timedelta(minutes=60))
    add(database, house, NOON + timedelta(hours=5))
    week = database.do(calendar.calendar, house.who, view="week", day="2026-03-18")
    day = next(column for column in week.columns if column.blocks)
    assert [(one.at // 60, one.lane, one.lanes) for one in day.blocks] == [
        (12, 0, 2), (13, 0, 2), (17, 0, 1)
    ]  # fmt: skip
    assert [(one.time, one.minutes, one.more, one.count, one.clashes) for one in day.stacks] == [
        ("12:00", 60, 24, 25, 0), ("13:00", 60, 24, 25, 0)
    ]  # fmt: skip
    assert (day.count, week.total) == (51, 51)
    by_practitioner = database.do(calendar.calendar, house.who, view="day", day="2026-03-18")
    assert len(by_practitioner.columns) == 26 and not any(one.stacks for one in by_practitioner.columns)
    assert sum(len(one.blocks) for one in by_practitioner.columns) == 51


def test_three_at_once_are_drawn_side_by_side_and_a_fourth_makes_a_crowd(database, house):
    crowd(database, house, NOON, each=3)
    week = database.do(calendar.calendar, house.who, view="week", day="2026-03-18")
    (day,) = (one for one in week.columns if one.blocks)
    assert [one.lanes for one in day.blocks] == [3, 3, 3]
    assert [(one.more, one.count) for one in day.stacks] == [(0, 3)]  # for a narrow column
    for _ in range(2):
        add(database, house, NOON + timedelta(minutes=30))  # the same practitioner, client and time: wanted twice
    week = database.do(calendar.calendar, house.who, view="week", day="2026-03-18")
    (stack,) = next(one for one in week.columns if one.blocks).stacks
    day_view = database.do(calendar.calendar, house.who, view="day", day="2026-03-18")
    assert sorted(one.lanes for one in day_view.columns) == [1, 1, 1, 2]  # a column is as wide as what lies in it
    assert (stack.more, stack.count, stack.clashes, stack.minutes) == (4, 5, 2, 60)


@pytest.mark.parametrize(
    ("sessions", "drawn"),
    [
        ([(0, 60), (0, 60)], [(0, 60, 30), (30, 30, 30)]),
        ([(0, 60), (30, 60)], [(0, 60, 30), (30, 60, 60)]),
        ([(0, 50), (0, 50), (60, 50)], [(0, 50, 30), (30, 30, 30), (0, 0, 0)]),  # the last is alone
        ([(0, 15), (15, 15)], [(0, 30, 30), (30, 30, 30)]),
        ([(0, 120), (0, 60), (60, 60)], [(0, 120, 30), (30, 30, 30), (60, 60, 60)]),
    ],
)
def test_in_a_narrow_column_of_two_at_once_each_can_be_read(database, house, sessions, drawn):
    for after, minutes in sessions:
        add(database, house, NOON + timedelta(minutes=after), minutes=minutes)
    week = database.do(calendar.calendar, house.who, view="week", day="2026-03-18")
    day = next(column for column in week.columns if column.blocks)
    noon = day.blocks[0].at
    assert [(one.top and one.top - noon, one.tall, one.seen) for one in day.blocks] == drawn and not day.stacks


def test_two_at_once_without_room_to_read_both_are_counted_in_a_narrow_column(database, house):
    for after in (0, 0, 45, 45):
        add(database, house, NOON + timedelta(minutes=after), minutes=45)
    week = database.do(calendar.calendar, house.who, view="week", day="2026-03-18")
    day = next(column for column in week.columns if column.blocks)
    assert [(one.lanes, one.crowded, one.seen) for one in day.blocks][:2] == [(2, True, 0)] * 2
    assert [(one.more, one.count) for one in day.stacks] == [(0, 2)]


def test_on_the_days_view_somebodys_own_column_is_the_first(database, house):
    with database.act() as (db, _desk):
        for name in ("Dr Aaron Adams", "Dr Zodwa Zulu"):
            a.a_member(db, house.practice, Role.CLINICIAN, name=name)
    day = database.do(calendar.calendar, house.who, view="day", day="2026-03-18")
    assert [column.title for column in day.columns] == ["Dr Anisha Naidoo", "Dr Aaron Adams", "Dr Zodwa Zulu"]


def test_a_week_runs_from_monday_to_sunday_and_shows_what_is_booked_in_it(database, house):
    on = {
        day: add(database, house, datetime.fromisoformat(f"{day}T12:00+02:00"))
        for day in ("2026-03-15", "2026-03-16", "2026-03-22", "2026-03-23")
    }
    week = database.do(calendar.calendar, house.who, day="2026-03-18")
    assert [column.day for column in week.columns] == [f"2026-03-{n}" for n in range(16, 23)]
    assert shown(week) == {day: [on[day]] for day in ("2026-03-16", "2026-03-22")}
    assert (week.title, week.before, week.after) == ("16 \u2013 22 March 2026", "2026-03-11", "2026-03-25")


def test_a_session_is_drawn_at_its_time_on_the_practices_wall(database, house):
    add(database, house, datetime.fromisoformat("2026-03-18T14:30+02:00"), 90)
    block = database.do(calendar.calendar, house.who, day="2026-03-18").columns[2].blocks[0]
    assert (block.at, block.minutes, block.time) == (14 * 60 + 30, 90, "14:30\u201316:00")


def test_cancelled_sessions_are_not_in_the_calendar_and_missed_ones_are(database, house):
    add(database, house, state="cancelled")
    missed = add(database, house, state="missed")
    assert shown(database.do(calendar.calendar, house.who)) == {"2026-03-18": [missed]}


def test_a_session_over_midnight_lies_in_both_days_and_moves_from_the_first(database, house):
    add(database, house, datetime.fromisoformat("2026-03-18T23:30+02:00"), 90)
    columns = database.do(calendar.calendar, house.who, day="2026-03-18").columns
    late, early = columns[2].blocks[0], columns[3].blocks[0]
    assert (late.at, late.minutes, late.may_move) == (23 * 60 + 30, 30, True)
    assert (early.at, early.minutes, early.may_move) == (0, 60, False)


def test_hours_outside_the_usual_ones_are_drawn_when_something_is_booked_there(database, house):
    quiet = database.do(calendar.calendar, house.who)
    assert (quiet.hours[0], quiet.hours[-1]) == ("07:00", "18:00")
    add(database, house, datetime.fromisoformat("2026-03-18T05:45+02:00"))
    add(database, house, datetime.fromisoformat("2026-03-18T20:30+02:00"))
    busy = database.do(calendar.calendar, house.who)
    assert (busy.from_hour, busy.hours[0], busy.hours[-1]) == (5, "05:00", "21:00")


def test_the_second_of_two_late_sessions_lies_within_what_is_drawn_also_where_it_is_drawn_lower(database, house):
    for _ in range(2):
        add(database, house, datetime.fromisoformat("2026-03-18T18:30+02:00"), 30)
    week = database.do(calendar.calendar, house.who, day="2026-03-18")
    second = week.columns[2].blocks[1]
    assert (second.top + second.tall, week.hours[-1]) == (19 * 60 + 30, "19:00")


def test_the_day_has_a_column_for_each_practitioner(database, house):
    with database.act() as (db, _desk):
        other = a.a_member(db, house.practice, Role.CLINICIAN, name="Dr Bongani Sithole")
        a.a_member(db, house.practice, Role.RECEPTION, name="Mpho Radebe", is_practitioner=False)
        own, theirs = house.session(db), house.session(db, member=other)
    day = database.do(calendar.calendar, house.who, view="day", day="2026-03-18")
    found = {column.title: [block.id for block in column.blocks] for column in day.columns}
    assert found == {"Dr Anisha Naidoo": [own.id], "Dr Bongani Sithole": [theirs.id]}
    one = database.do(calendar.calendar, house.who, view="day", day="2026-03-18", practitioner_id=str(other.id))
    assert shown(one) == {"2026-03-18": [theirs.id]} and one.filters == f"&with={other.id}"


def test_a_filter_shows_one_practitioner_or_one_place(database, house):
    with database.act() as (db, _desk):
        other = a.a_member(db, house.practice, Role.CLINICIAN, name="Dr Bongani Sithole")
        own = house.session(db)
        theirs = house.session(db, member=other, place="Sandton & Co")
    week = database.do(calendar.calendar, house.who, practitioner_id=other.id)
    assert shown(week) == {"2026-03-18": [theirs.id]}
    place = database.do(calendar.calendar, house.who, place="Sandton & Co")
    assert (shown(place), place.filters) == ({"2026-03-18": [theirs.id]}, "&place=Sandton%20%26%20Co")
    nobody = database.do(calendar.calendar, house.who, practitioner_id="99999", place="Nowhere")
    assert shown(nobody) == {"2026-03-18": [own.id, theirs.id]}


def test_what_is_wanted_twice_is_said_on_both_sessions_whatever_is_shown(database, house):
    with database.act() as (db, _desk):
        other = a.a_member(db, house.practice, Role.CLINICIAN, name="Dr Bongani Sithole")
        sipho = a.a_client(db, house.practice, first_name="Sipho", last_name="Nkosi")
        house.session(db, place="Room 1")
        house.session(db, NOON + timedelta(minutes=30), client=sipho, member=other, place="room 1")
        house.session(db, NOON + timedelta(minutes=90), client=sipho, member=other, place="Room 1")
    week = database.do(calendar.calendar, house.who, practitioner_id=house.member.id)
    assert week.columns[2].blocks[0].clash == "room 1 is taken by Sipho Nkosi then."
    both = database.do(calendar.calendar, house.who).columns[2].blocks
    taken = "Room 1 is taken by Thandi Mokoena then."
    assert [block.clash for block in both] == ["room 1 is taken by Sipho Nkosi then.", taken, ""]


def test_a_call_takes_up_no_room_and_a_missed_session_is_in_nobodys_way(database, house):
    with database.act() as (db, _desk):
        others = [a.a_member(db, house.practice, Role.CLINICIAN, name=name) for name in ("Dr B Sithole", "Dr C Botha")]
        sipho = a.a_client(db, house.practice, first_name="Sipho")
        house.session(db, place="Video call", member=others[0])
        house.session(db, place="Video call", member=others[1], client=sipho)
        house.session(db, state="missed", member=others[1], client=sipho)
    assert [block.clash for block in database.do(calendar.calendar, house.who).columns[2].blocks] == ["", "", ""]


# -- booking


def test_a_session_is_booked_with_client_service_and_start_and_stands_on_upcoming(database, house):
    done = database.do(bookings.book, house.who, **house.booking())
    assert done.sentence == "Thandi Mokoena is booked for Thursday 19 March, 14:00\u201315:00."
    assert done.warnings == ()
    rows = database.do(appointments.page_of, house.who, tab="upcoming").rows
    assert [(row.id, row.day, row.time) for row in rows] == [(done.id, "2026-03-19", "14:00")]


def test_a_past_session_may_be_entered_and_stands_on_open(database, house):
    done = database.do(bookings.book, house.who, **house.booking(starts="2026-03-02T09:00"))
    assert [row.id for row in database.do(appointments.page_of, house.who, tab="open").rows] == [done.id]
    assert database.do(appointments.details, house.who, appointment_id=done.id).tab == Tab.OPEN


def test_a_session_is_as_long_as_its_service_and_where_the_client_was_last(database, house):
    with database.act() as (write, _desk):
        house.session(write, NOON - timedelta(days=7), place="Room 2")
    done = database.do(bookings.book, house.who, **house.booking())
    made = stored(database, done.id)
    assert (made.ends_at - made.starts_at, made.place) == (timedelta(hours=1), "Room 2")
    other = database.do(bookings.book, house.who, **house.booking(minutes="45", place="At home"))
    chosen = stored(database, other.id)
    assert (chosen.ends_at - chosen.starts_at, chosen.place) == (timedelta(minutes=45), "At home")


def test_booking_over_another_session_is_done_and_said(database, house):
    database.do(bookings.book, house.who, **house.booking())
    again = database.do(bookings.book, house.who, **house.booking(starts="2026-03-19T14:30"))
    assert again.warnings == ("Thandi Mokoena has another session then.",)
    after = database.do(bookings.book, house.who, **house.booking(starts="2026-03-19T15:30"))
    assert after.warnings == ()


def test_what_cannot_be_booked_is_said_beside_each_field(database, house):
    with pytest.raises(FieldFaults) as refused:
        database.do(
            bookings.book, house.who, client_id=0, service_id="x", starts="tomorrow", practitioner_id="7", minutes="2"
        )
    fields = [field for field, _ in refused.value.faults]
    assert fields == ["client", "service", "starts", "practitioner", "minutes"]


@pytest.mark.parametrize("starts", [None, 7, "", "2026-02-30T10:00", "1999-01-01T10:00", "2026-03-18T25:00", ["x"]])
def test_a_start_that_is_none_is_never_taken(database, house, starts):
    with pytest.raises(FieldFaults):
        database.do(bookings.book, house.who, **house.booking(starts=starts))


def test_clients_are_found_by_a_few_letters_and_archived_ones_are_not_offered(database, house):
    with database.act() as (db, _desk):
        zoe = a.a_client(db, house.practice, first_name="Zo\u00eb", last_name="M\u00fcller", search_text="zoe muller")
        for status in ("archived", "merged"):
            a.a_client(db, house.practice, first_name="Zola", search_text="zola muller", status=status)
    assert [one.id for one in database.do(bookings.find_clients, house.who, words="M\u00dcLL zo")] == [zoe.id]
    assert database.do(bookings.find_clients, house.who, words="") == ()


def test_nobody_is_booked_who_was_archived_or_merged_and_nothing_that_is_not_offered(database, house):
    with database.act() as (db, _desk):
        db.get_one(Client, house.client.id).status = "merged"
        db.get_one(CareService, house.service.id).is_active = False
    with pytest.raises(FieldFaults) as refused:
        database.do(bookings.book, house.who, **house.booking())
    assert [field for field, _ in refused.value.faults] == ["client", "service"]


def test_another_practices_people_and_services_are_not_there(database, house):
    with database.act() as (db, _desk):
        other = House(db, name="Elsewhere")
        theirs = other.session(db)
    with pytest.raises(FieldFaults) as refused:
        database.do(
            bookings.book, house.who, client_id=other.client.id, service_id=other.service.id,
            starts="2026-03-19T14:00", practitioner_id=other.member.id,
        )  # fmt: skip
    assert [field for field, _ in refused.value.faults] == ["client", "service", "practitioner"]
    assert theirs.id not in [b.id for c in database.do(calendar.calendar, house.who).columns for b in c.blocks]


@pytest.mark.parametrize("role", list(Role))
def test_who_may_look_and_who_may_book(database, role):
    with database.act() as (db, _desk):
        house = House(db, role=role)
    page = database.do(calendar.calendar, house.who)
    assert page.may_book == may(role, Permission.BOOK) == (role is not Role.READ_ONLY)
    for act, given in (
        (bookings.book, house.booking()), (bookings.choices, {}), (bookings.find_clients, {"words": "mok"}),
    ):  # fmt: skip
        if page.may_book:
            database.do(act, house.who, **given)
        else:
            with pytest.raises(NotAllowed):
                database.do(act, house.who, **given)


@pytest.mark.parametrize("asked", [{}, {"view": 7, "day": "9999-99-99", "practitioner_id": [1], "place": {}}])
def test_whatever_is_asked_some_week_is_shown(database, house, asked):
    assert database.do(calendar.calendar, house.who, **asked).day == date(2026, 3, 18).isoformat()
