"""Services: their lines by length, and what a new price does to sessions that are booked; said first, then chosen."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from tests import builders as a
from tests.conftest import NOON
from trova_app.domain.permissions import Role
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Appointment, CareService, Practice, Scheme, ServiceLine
from trova_app.services import catalogue, service_changes
from trova_app.services.appointments import page_of
from trova_app.services.bookings import choices
from trova_app.services.service_changes import AskAboutBooked
from trova_app.services.working_copy import save


def a_line(key: str = "1", price: str = "1300", **given) -> dict[str, str]:
    return {"id": key, "since": "", "code": "86205", "text": "Psychotherapy 60 min", "qty": "1", "price": price,
            "tax": ""} | given  # fmt: skip


@pytest.fixture
def ask(session):
    def act(service, who=None, **given):
        return session.database.do(service, who or session.who, **given)

    return act


@pytest.fixture
def own(session):
    """Saves the session's own service: at version 1, with one line, unless told otherwise."""

    def act(version=1, who=None, **given):
        typed = {"name": "Psychotherapy 60 min", "minutes": "60", "lines": [a_line()]} | given
        key = session.appointment.service_id
        return session.database.do(
            service_changes.save_service, who or session.who, service_id=key, version=version, **typed
        )

    return act


def prices(session) -> list[str]:
    return [line.price for line in session.form()[0].lines]


def another(session, ends=NOON + timedelta(days=3), **given) -> Appointment:
    with session.database.act() as (db, _):
        service = db.get_one(CareService, session.appointment.service_id)
        return a.an_appointment(db, session.client, service, session.member, ends=ends, **given)


# -- the list and a service


def test_the_list_says_what_a_service_is_and_how_many_sessions_are_booked(session, ask, own):
    another(session)
    another(session, state="cancelled")
    own(booked="change", minutes=50, tone="3", is_virtual=True, is_paid_in_advance=True)
    (row,) = ask(catalogue.list_services)
    assert (row.name, row.minutes, row.price, row.tone, row.is_virtual, row.is_paid_in_advance, row.booked) == (
        "Psychotherapy 60 min", 50, "R\u00a01\u00a0300,00", 3, True, True, 2
    )  # fmt: skip
    assert ask(catalogue.list_services, search="psycho 862") == (row,)
    assert ask(catalogue.list_services, search="zzz") == ask(catalogue.list_services, archived=True) == ()


def test_a_service_is_added_with_several_lines(ask, db):
    key = ask(
        service_changes.save_service,
        name=" Intake  90 min ",
        minutes="90",
        lines=[a_line(price="1650,00"), a_line("n", "150,1234", code="", text="Questionnaires", qty="1,5")],
    )
    shown = ask(catalogue.service_details, service_id=key)
    assert (shown.name, shown.price, shown.tone, shown.lengths) == ("Intake 90 min", "R\u00a01\u00a0875,19", -1, ())
    assert [(one.code, one.text, one.qty, one.price) for one in shown.lines] == [
        ("86205", "Psychotherapy 60 min", "1", "1\u00a0650,00"), ("", "Questionnaires", "1,5", "150,1234")
    ]  # fmt: skip
    assert db.get_one(CareService, key).price_minor == 187_519


def test_an_archived_service_is_offered_no_more_and_booked_sessions_keep_it(session, ask):
    key = {"service_id": session.appointment.service_id}
    ask(service_changes.archive_service, **key, version=1, archived=True)
    assert ask(catalogue.list_services) == () and len(ask(catalogue.list_services, archived=True)) == 1
    assert not ask(choices).services
    assert prices(session) == ["1\u00a0250,00"]
    ask(service_changes.archive_service, **key, version=2, archived=False)
    assert len(ask(catalogue.list_services)) == 1
    with pytest.raises(Refusal):
        ask(service_changes.archive_service, **key, version=3, archived="yes")


# -- what is typed


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "1,5"}, "minutes"),
        ({"minutes": 10_000}, "minutes"),
        ({"tone": "8"}, "tone"),
        ({"tone": "red"}, "tone"),
        ({"is_virtual": "yes"}, "is_virtual"),
        ({"is_paid_in_advance": 1}, "is_paid_in_advance"),
        ({"lines": []}, "lines"),
        ({"lines": "abc"}, "lines"),
        ({"lines": [1, 2]}, "lines"),
        ({"lines": None}, "lines"),
        ({"lines": [a_line()] * 41}, "lines"),
        ({"lines": [a_line(price="")]}, "price.1"),
        ({"lines": [a_line(price="free")]}, "price.1"),
        ({"lines": [a_line(price="1,250")]}, "price.1"),
        ({"lines": [a_line(price=12)]}, "price.1"),
        ({"lines": [a_line(price="999999999", qty="1000000")]}, "price.1"),
        ({"lines": [a_line(qty="0")]}, "qty.1"),
        ({"lines": [a_line(), a_line("2", qty="x")]}, "qty.2"),
        ({"lines": [a_line(code="x" * 21)]}, "code.1"),
        ({"lines": [a_line(text="x" * 301)]}, "text.1"),
        ({"lines": [a_line(text=7)]}, "text.1"),
        ({"lines": [a_line(since="-5")]}, "since.1"),
        ({"lines": [a_line(since="1441")]}, "since.1"),
        ({"lines": [{}]}, "qty."),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_nothing_is_saved(session, own, db, given, fault):
    with pytest.raises(FieldFaults) as refused:
        own(booked="change", **given)
    assert fault in [name for name, _ in refused.value.faults]
    kept = db.get_one(CareService, session.appointment.service_id)
    assert (kept.version, kept.name, kept.edition, kept.price_minor) == (1, "Psychotherapy 60 min", 1, 125_000)
    assert [line.unit_price for line in db.exec(select(ServiceLine))] == [12_500_000]


def test_two_services_never_have_one_name(ask, own):
    ask(service_changes.save_service, name="Intake", minutes=90, lines=[a_line()])
    with pytest.raises(FieldFaults, match="marked fields") as refused:
        own(booked="change", name="INTAKE")
    assert refused.value.faults == [("name", "There is a service of this name already; it may be archived.")]


def test_a_line_is_taxed_at_a_rate_in_force_or_at_the_standard_one(session, own, ask, db):
    with session.database.act() as (inner, _):
        practice = inner.get_one(Practice, session.practice.id)
        practice.charges_tax, practice.tax_number = True, "4000"
        inner.add(practice)
    own(booked="change", lines=[a_line(), a_line("2", tax="0"), a_line("3", tax="15")])
    assert [line.tax_rate for line in db.exec(select(ServiceLine).order_by(col(ServiceLine.id)))] == [None, 0, 15_000]
    assert ask(catalogue.service_details, service_id=session.appointment.service_id).tax_choices[0] == ("", "Standard")
    with pytest.raises(FieldFaults) as refused:
        own(version=2, booked="change", lines=[a_line(tax="14")])
    assert refused.value.faults == [("tax.1", "Choose a tax rate that is in force.")]


def test_of_two_people_changing_a_service_the_second_is_told(own):
    own(booked="change")
    with pytest.raises(ChangedElsewhere):
        own(booked="change", name="Other")
    for version in (None, "1", 0, -1):
        with pytest.raises(Refusal):
            own(version=version)


# -- booked sessions


def test_a_new_price_is_not_saved_before_somebody_chose_what_becomes_of_booked_sessions(session, own, db):
    another(session)
    another(session)
    with session.database.act() as (inner, desk):
        save(inner, desk, session.who, appointment_id=session.id, version=0, form=session.form()[0])
    with pytest.raises(AskAboutBooked) as asked:
        own()
    question = asked.value
    assert question.sentence == "2 booked sessions have the old price."
    assert (question.counts.present, question.counts.begun) == (2, 1)
    assert (question.was, question.will_be) == ("R\u00a01\u00a0250,00", "R\u00a01\u00a0300,00")
    assert db.get_one(CareService, session.appointment.service_id).version == 1
    for garbage in (None, "all", 7, True, ["keep"]):
        with pytest.raises(AskAboutBooked):
            own(booked=garbage)


def test_booked_sessions_keep_the_old_price_or_take_the_new_one_as_chosen(session, own, ask):
    own(booked="keep")
    assert prices(session) == ["1\u00a0250,00"]
    booked_later = another(session, ends=NOON - timedelta(minutes=1))
    first, session.appointment = session.appointment, booked_later
    assert prices(session) == ["1\u00a0300,00"]
    session.appointment = first
    shown = ask(catalogue.service_details, service_id=first.service_id)
    assert (shown.booked.present, shown.booked.earlier) == (1, 1)
    own(version=2, booked="keep", lines=[a_line(price="1400")])
    assert prices(session) == ["1\u00a0250,00"]
    own(version=3, booked="change", lines=[a_line(price="1500")])
    assert prices(session) == ["1\u00a0500,00"]
    session.appointment = booked_later
    assert prices(session) == ["1\u00a0500,00"]


@pytest.mark.parametrize("state", ["missed", "cancelled"])
def test_a_session_put_on_again_has_the_price_that_was_kept_for_it(session, own, state):
    off = another(session, state=state)
    done = another(session, state="completed")
    own(booked="keep")
    with session.database.act() as (db, _):
        assert db.get_one(Appointment, done.id).service_edition is None
        db.get_one(Appointment, off.id).state = "scheduled"
    session.appointment = off
    assert prices(session) == ["1\u00a0250,00"]


def test_with_nothing_booked_a_cancelled_session_keeps_its_price_too_until_told_otherwise(session, own, ask):
    with session.database.act() as (db, _):
        db.get_one(Appointment, session.id).state = "cancelled"
    own()
    assert prices(session) == ["1\u00a0250,00"]
    ask(service_changes.use_present_price, service_id=session.appointment.service_id, version=2)
    assert prices(session) == ["1\u00a0300,00"]


def test_the_lists_show_the_price_a_session_was_booked_at(session, own, ask):
    own(booked="keep")
    another(session, ends=NOON - timedelta(minutes=1))
    rows = ask(page_of, tab="open").rows
    assert [row.amount_text for row in rows] == ["R\u00a01\u00a0300,00", "R\u00a01\u00a0250,00"]


def test_sessions_that_keep_an_earlier_price_take_the_present_one_when_told(session, own, ask, db):
    own(booked="keep")
    own(version=2, booked="keep", lines=[a_line(price="1400")])
    assert len(list(db.exec(select(ServiceLine)))) == 2  # the edition nobody was booked at is gone
    done = ask(service_changes.use_present_price, service_id=session.appointment.service_id, version=3)
    assert done == "1 booked session has the present price now."
    assert prices(session) == ["1\u00a0400,00"]
    db.expire_all()
    db.rollback()
    assert [line.unit_price for line in db.exec(select(ServiceLine))] == [14_000_000]


def test_a_form_somebody_has_begun_keeps_what_it_says_whatever_is_chosen(session, own):
    form, _ = session.form()
    with session.database.act() as (db, desk):
        save(db, desk, session.who, appointment_id=session.id, version=0, form=form.with_text("price.1", "999"))
    own(booked="change")
    assert prices(session) == ["999"]


def test_a_change_of_anything_but_the_lines_asks_nobody(own, session, ask):
    same = [a_line(price="1 250,00")]
    own(lines=same, name="Talk", minutes="50", tone="1", is_virtual=True)
    shown = ask(catalogue.service_details, service_id=session.appointment.service_id)
    assert (shown.name, shown.minutes, shown.tone, shown.is_virtual, shown.version) == ("Talk", 50, 1, True, 2)


# -- by length

BANDS = [
    a_line("1", "500", since="0", code="86203", text="up to 20 min"),
    a_line("2", "800", since="21", code="86204", text="21 to 40 min"),
    a_line("3", "1250", since="41", code="86205", text="41 min and longer"),
    a_line("4", "50", code="", text="Room"),
]


@pytest.mark.parametrize(
    ("minutes", "codes"),
    [(1, "86203"), (20, "86203"), (21, "86204"), (40, "86204"), (41, "86205"), (60, "86205"), (600, "86205")],
)
def test_the_code_follows_from_how_long_the_session_took(session, own, ask, minutes, codes):
    own(booked="change", lines=BANDS)
    session.appointment = another(
        session, ends=NOON - timedelta(minutes=1), starts_at=NOON - timedelta(minutes=1 + minutes)
    )
    assert [line.code for line in session.form()[0].lines] == [codes, ""]
    (row, *_) = ask(page_of, tab="open").rows
    total = {"86203": 550, "86204": 850, "86205": 1300}[codes]
    assert row.amount_text.replace("\u00a0", "") == f"R{total},00"


def test_a_session_shorter_than_any_length_takes_the_first(session, own):
    own(booked="change", lines=BANDS[1:])
    session.appointment = another(session, ends=NOON, starts_at=NOON - timedelta(minutes=5))
    assert [line.code for line in session.form()[0].lines] == ["86204", ""]


def test_a_service_says_what_each_length_comes_to(own, session, ask):
    own(booked="change", lines=BANDS)
    shown = ask(catalogue.service_details, service_id=session.appointment.service_id)
    assert [(one.words, one.price.replace("\u00a0", "")) for one in shown.lengths] == [
        ("up to 20 min", "R550,00"), ("21 to 40 min", "R850,00"), ("41 min and longer", "R1300,00")
    ]  # fmt: skip
    assert shown.price.replace("\u00a0", "") == "R1300,00"


def test_the_schemes_price_is_the_one_for_the_code_of_that_length(session, own):
    own(booked="change", lines=BANDS)
    with session.database.act() as (db, _):
        a.a_rate(db, db.get_one(Scheme, session.client.scheme_id), "86204", 700)
    session.appointment = another(session, ends=NOON, starts_at=NOON - timedelta(minutes=30))
    assert prices(session) == ["700,00", "50,00"]


# -- who may

ACTS = {
    service_changes.save_service: {"name": "X", "minutes": 60, "lines": [a_line()], "booked": "keep"},
    service_changes.archive_service: {"archived": True},
    service_changes.use_present_price: {},
}


@pytest.mark.parametrize("act", ACTS)
def test_changes_need_the_permission_and_the_practices_own_service(session, ask, database, act):
    key = {"service_id": session.appointment.service_id, "version": 1}
    with database.act() as (db, _):
        stranger = a.principal(a.a_member(db, a.a_practice(db, number_prefix="OTH")))
    for role in (Role.BILLER, Role.RECEPTION, Role.READ_ONLY):
        with pytest.raises(NotAllowed):
            ask(act, session.as_role(role), **key, **ACTS[act])
    for wrong in ({"service_id": 999}, {"service_id": "x"}):
        with pytest.raises(NotFound):
            ask(act, **key | wrong, **ACTS[act])
    with pytest.raises(NotFound):
        ask(act, stranger, **key, **ACTS[act])
    ask(act, session.as_role(Role.CLINICIAN), **key, **ACTS[act])


def test_another_practices_service_is_not_seen(session, ask, database):
    with database.act() as (db, _):
        stranger = a.principal(a.a_member(db, a.a_practice(db, number_prefix="OTH")))
    assert ask(catalogue.list_services, stranger) == ()
    with pytest.raises(NotFound):
        ask(catalogue.service_details, stranger, service_id=session.appointment.service_id)
