"""Sessions are moved, lengthened, cancelled, missed with a fee and put on again, on both databases."""

from datetime import datetime, timedelta

import pytest

from tests import builders as a
from tests.conftest import NOON
from tests.services.test_calendar import House, add, stored
from trova_app.domain.appointments import Tab
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Client
from trova_app.services import appointments, billing, moving, standing
from trova_app.services.check import check


@pytest.fixture
def house(database) -> House:
    with database.act() as (db, _desk):
        return House(db)


def move(database, house, appointment_id, starts="2026-03-20T09:30", version=1, **given):
    return database.do(
        moving.move, given.pop("who", house.who), appointment_id=appointment_id, version=version, starts=starts, **given
    )


def what_happened(database, house, appointment_id) -> list[str]:
    return [
        entry.what for entry in database.do(appointments.details, house.who, appointment_id=appointment_id).timeline
    ]


def test_a_moved_session_keeps_its_length_and_the_timeline_says_from_where(database, house):
    session = add(database, house, minutes=75)
    done = move(database, house, session)
    made = stored(database, session)
    assert made.starts_at == datetime.fromisoformat("2026-03-20T09:30+02:00")
    assert made.ends_at - made.starts_at == timedelta(minutes=75)
    assert done.sentence == "Thandi Mokoena: Friday 20 March, 09:30\u201310:45."
    assert what_happened(database, house, session) == ["Moved from 18 Mar 2026, 12:00 to 20 Mar 2026, 09:30"]


def test_a_session_is_lengthened_and_given_to_a_colleague(database, house):
    with database.act() as (db, _desk):
        other = a.a_member(db, house.practice, Role.CLINICIAN, name="Dr Bongani Sithole")
    session = add(database, house)
    move(database, house, session, "2026-03-18T12:00", minutes=90, practitioner_id=str(other.id), place="Room 2")
    made = stored(database, session)
    assert (made.practitioner_id, made.place, made.ends_at - made.starts_at) == (
        other.id, "Room 2", timedelta(minutes=90),
    )  # fmt: skip
    assert what_happened(database, house, session) == ["90 minutes long, now with Dr Bongani Sithole, place: Room 2"]


def test_of_two_people_who_move_one_session_the_later_one_is_told_where_it_is(database, house):
    session = add(database, house)
    move(database, house, session)
    with pytest.raises(ChangedElsewhere, match="it is on Friday 20 March, 09:30"):
        move(database, house, session, "2026-03-21T15:00")
    assert stored(database, session).starts_at == datetime.fromisoformat("2026-03-20T09:30+02:00")


def test_undo_puts_a_session_back_where_it_was_unless_somebody_moved_it_since(database, house):
    session = add(database, house, place="Room 1")
    done = move(database, house, session, minutes=30, place="Room 2")
    back = {"appointment_id": session, "version": done.version, "before": done.before}
    undone = database.do(moving.put_back, house.who, **back)
    made = stored(database, session)
    assert (made.starts_at, made.ends_at, made.place) == (NOON, NOON + timedelta(hours=1), "Room 1")
    assert undone.before is not None and undone.before.place == "Room 2"
    with pytest.raises(ChangedElsewhere):
        database.do(moving.put_back, house.who, **back)


def test_a_session_laid_down_where_it_was_is_not_changed(database, house):
    session = add(database, house)
    done = move(database, house, session, "2026-03-18T12:00")
    assert (done.version, done.before, what_happened(database, house, session)) == (1, None, [])


@pytest.mark.parametrize("state", ["completed", "missed", "cancelled"])
def test_what_no_longer_waits_stays_where_it_is(database, house, state):
    session = add(database, house, state=state)
    with pytest.raises(Refusal, match=state):
        move(database, house, session)
    with pytest.raises(Refusal, match=state):
        database.do(standing.cancel, house.who, appointment_id=session, version=1, reason="No")


def test_moving_onto_another_session_is_done_and_said(database, house):
    with database.act() as (db, _desk):
        sipho = a.a_client(db, house.practice, first_name="Sipho", last_name="Nkosi")
        house.session(db, NOON + timedelta(days=1), client=sipho)
    session = add(database, house)
    done = move(database, house, session, "2026-03-19T12:30")
    assert done.warnings == ("Dr Anisha Naidoo is with Sipho Nkosi then.",)


def test_a_time_the_clocks_skip_is_the_hour_after_and_said(database):
    with database.act() as (db, _desk):
        house = House(db, time_zone="Europe/Berlin")
    session = add(database, house)
    done = move(database, house, session, "2026-03-29T02:30")
    assert stored(database, session).starts_at == datetime.fromisoformat("2026-03-29T01:30+00:00")
    assert done.warnings == ("The clocks skip 02:30 that night, so it is 03:30.",)


def test_in_the_hour_shown_twice_a_session_that_stays_is_not_moved_by_an_hour(database):
    with database.act() as (db, _desk):
        house = House(db, time_zone="Europe/Berlin")
    second = datetime.fromisoformat("2026-10-25T01:30+00:00")  # the second 02:30 of that night
    session = add(database, house, second)
    move(database, house, session, "2026-10-25T02:30", minutes=45)
    made = stored(database, session)
    assert (made.starts_at, made.ends_at) == (second, second + timedelta(minutes=45))


@pytest.mark.parametrize("starts", ["", None, 5, "2026-03-20T99:99"])
@pytest.mark.parametrize("more", [{}, {"minutes": "long"}, {"practitioner_id": "x"}, {"place": 7}])
def test_nothing_moves_to_nowhere(database, house, starts, more):
    session = add(database, house)
    with pytest.raises(FieldFaults):
        move(database, house, session, starts, **more)
    assert stored(database, session).starts_at == NOON


# -- cancelled


def test_a_cancelled_session_stands_under_cancelled_with_its_reason(database, house):
    session = add(database, house, NOON + timedelta(days=1))
    done = database.do(standing.cancel, house.who, appointment_id=session, version=1, reason="  The client is ill ")
    assert done.sentence.endswith("is cancelled.")
    shown = database.do(appointments.details, house.who, appointment_id=session)
    assert (shown.tab, shown.reason, shown.may_reschedule) == (Tab.CANCELLED, "The client is ill", False)
    assert shown.timeline[0].what == "Cancelled: The client is ill"


@pytest.mark.parametrize("reason", ["", " ", None, 3, "x" * 201])
def test_a_cancellation_says_why(database, house, reason):
    session = add(database, house)
    with pytest.raises(FieldFaults):
        database.do(standing.cancel, house.who, appointment_id=session, version=1, reason=reason)
    assert stored(database, session).state == "scheduled"


def test_a_session_cancelled_by_mistake_is_put_on_again(database, house):
    session = add(database, house, NOON + timedelta(days=1))
    database.do(standing.cancel, house.who, appointment_id=session, version=1, reason="Ill")
    database.do(standing.put_on_again, house.who, appointment_id=session)
    shown = database.do(appointments.details, house.who, appointment_id=session)
    assert (shown.tab, shown.reason, shown.may_put_on_again) == (Tab.UPCOMING, "", False)
    with pytest.raises(ChangedElsewhere):
        database.do(standing.put_on_again, house.who, appointment_id=session)


# -- missed with a fee


def fee_of(session, text="625,00"):
    return session.database.do(standing.mark_missed, session.who, appointment_id=session.id, fee=text)


def test_a_fee_for_a_missed_session_goes_through_the_same_form_to_the_same_documents(session):
    with session.database.act() as (db, _desk):
        db.get_one(Client, session.client.id).default_payment_type = "insurance"
    assert fee_of(session) == 62500
    form, _ = session.form()
    assert [(line.text, line.price, line.code) for line in form.lines] == [
        ("Missed session: Psychotherapy 60 min", "625,00", "")
    ]
    assert form.texts.payment_type == "other"  # no scheme pays for it
    done = session.finish("send_invoice", payment_type="other")
    shown = session.database.do(appointments.details, session.who, appointment_id=session.id)
    assert (shown.tab, shown.invoice.total, shown.may_complete) == (Tab.MISSED, "R\u00a0625,00", False)
    assert done.number_text and not list(_breaches(session))


def _breaches(session):
    with session.database.act(writes=False) as (db, desk):
        return check(db, desk.now())


def test_without_a_fee_a_missed_session_is_not_billed(session):
    assert fee_of(session, "") == 0
    with pytest.raises(Refusal, match="missed"):
        session.finish("save_draft")
    assert not session.database.do(appointments.details, session.who, appointment_id=session.id).may_complete


def test_a_draft_of_a_fee_that_is_taken_back_leaves_the_session_missed(session):
    fee_of(session)
    session.finish("save_draft", payment_type="other")
    session.database.do(billing.reopen, session.who, appointment_id=session.id)
    shown = session.database.do(appointments.details, session.who, appointment_id=session.id)
    assert (shown.tab, shown.may_complete, shown.may_put_on_again) == (Tab.MISSED, True, True)
    session.database.do(standing.put_on_again, session.who, appointment_id=session.id)
    shown = session.database.do(appointments.details, session.who, appointment_id=session.id)
    assert (shown.tab, shown.fee) == (Tab.OPEN, "")
    form, _ = session.form()
    assert [(line.text, line.price) for line in form.lines] == [("Psychotherapy 60 min", "1\u00a0250,00")]
    assert not list(_breaches(session))


def test_a_voided_fee_leaves_the_session_missed_and_a_billed_one_is_not_put_on_again(session):
    fee_of(session)
    done = session.finish("send_invoice", payment_type="other")
    with pytest.raises(Refusal, match=done.number_text):
        session.database.do(standing.put_on_again, session.who, appointment_id=session.id)
    session.database.do(billing.void_invoice, session.who, invoice_id=done.invoice_id, reason="Waived")
    assert session.database.do(appointments.details, session.who, appointment_id=session.id).tab == Tab.MISSED
    assert not list(_breaches(session))


@pytest.mark.parametrize("fee", ["0", "-5", "much", 7, [1]])
def test_a_fee_is_an_amount_above_nothing(session, fee):
    with pytest.raises(FieldFaults):
        fee_of(session, fee)
    assert stored(session.database, session.id).state == "scheduled"


# -- who may


@pytest.mark.parametrize("role", list(Role))
def test_who_may_move_and_cancel(database, role):
    with database.act() as (db, _desk):
        house = House(db, role=role)
        session = house.session(db)
        called_off = house.session(db, state="cancelled")
        missed = house.session(db, state="missed")
        over = house.session(db, NOON - timedelta(hours=3))
    acts = (
        (Permission.BOOK, moving.times_of, session, {}),
        (Permission.BOOK, moving.move, session, {"version": 1, "starts": "2026-03-20T10:00"}),
        (Permission.BOOK, standing.cancel, session, {"version": 2, "reason": "Ill"}),
        (Permission.BOOK, standing.put_on_again, called_off, {}),
        (Permission.COMPLETE, standing.put_on_again, missed, {}),
        (Permission.COMPLETE, standing.mark_missed, over, {}),
    )
    for permission, act, on, given in acts:
        if may(role, permission):
            database.do(act, house.who, appointment_id=on.id, **given)
        else:
            with pytest.raises(NotAllowed):
                database.do(act, house.who, appointment_id=on.id, **given)


def test_another_practices_session_is_none(database, house):
    with database.act() as (db, _desk):
        theirs = House(db, name="Elsewhere").session(db)
    for act, given in (
        (moving.move, {"version": 1, "starts": "2026-03-20T10:00"}), (moving.times_of, {}),
        (standing.cancel, {"version": 1, "reason": "Ill"}), (standing.put_on_again, {}), (standing.mark_missed, {}),
    ):  # fmt: skip
        for key in (theirs.id, 99999, "x", None):
            with pytest.raises(NotFound):
                database.do(act, house.who, appointment_id=key, **given)
