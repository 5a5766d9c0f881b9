"""Imports from other systems, all or nothing and as often as you like; on both databases."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import func, select

from tests import builders as a
from tests.conftest import NOON
from trova_app.domain.imports import AppointmentRow, Attendance, ClientRow, ClientStanding, ParsedFile, RowFault
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import NotAllowed
from trova_app.models import Appointment, CareService, Client, ClientDiagnosis, Scheme
from trova_app.services import imports
from trova_app.services.imports import Outcome

THANDI = ClientRow(
    row=2, first_name="Thandi", last_name="Mokoena", email="Thandi@Example.test", phone="082 555 0101",
    birth_date=date(1984, 3, 21), scheme="Khanya Medical", scheme_option="Classic", member_number="900123",
    dependant_code="01", main_member="Mokoena S", diagnoses=("F41.1", "F32.1"), address="7 Fig Tree Lane\n2193",
    external_id="C-1",
)  # fmt: skip
PIETER = ClientRow(row=3, first_name="Pieter", last_name="van Wyk", email="pieter@example.test")


def clients(database, who, *rows, dry_run=False, faults=(), asks=False):
    parsed = ParsedFile(tuple(rows), tuple(faults), asks)
    return database.do(imports.import_clients, who, parsed=parsed, dry_run=dry_run)


def outcomes(report) -> dict[Outcome, int]:
    return dict(Counter(line.outcome for line in report.lines))


def how_many(db, table) -> int:
    return db.exec(select(func.count()).select_from(table)).one()


def test_everything_the_file_says_of_a_client_is_kept(database, who, db):
    report = clients(database, who, THANDI, replace(PIETER, status=ClientStanding.ARCHIVED))
    assert (report.is_saved, outcomes(report)) == (True, {Outcome.IMPORTED: 2})
    kept = db.exec(select(Client).where(Client.external_id == "C-1")).one()
    assert (kept.email, kept.phone, kept.birth_date, kept.member_number) == (
        "thandi@example.test", "082 555 0101", date(1984, 3, 21), "900123",
    )  # fmt: skip
    assert (kept.scheme_option, kept.dependant_code, kept.main_member) == ("Classic", "01", "Mokoena S")
    assert kept.search_text == "thandi mokoena thandi@example.test 0825550101 900123"
    assert db.get(Scheme, kept.scheme_id).name == "Khanya Medical"
    codes = db.exec(select(ClientDiagnosis.code).order_by(ClientDiagnosis.position)).all()
    assert codes == ["F41.1", "F32.1"]
    assert db.exec(select(Client.status).where(Client.last_name == "van Wyk")).one() == "archived"
    assert database.desks[-1].changed_practices == {who.practice_id}


def test_a_file_imported_twice_changes_nothing_the_second_time(database, who, db):
    rows = (
        THANDI,
        PIETER,
        ClientRow(row=4, first_name="Sipho", last_name="Nkosi"),
        replace(PIETER, row=5, first_name="Ann"),
    )
    clients(database, who, *rows)
    report = clients(database, who, *rows)
    assert outcomes(report) == {Outcome.UNCHANGED: 4}
    assert how_many(db, Client) == 4


ODD_IDS = ["A\u00a012", "Zoe\u0308-1", "A  12", " A\t12 ", "\u2003A-1"]
"""With a no-break space, an accent apart from its letter, two spaces, a tab, a wide space."""


@pytest.mark.parametrize("odd", ODD_IDS)
def test_a_client_is_known_again_by_an_id_however_it_is_written(database, who, odd, db):
    clients(database, who, replace(THANDI, external_id=odd))
    married = replace(THANDI, external_id=odd, last_name="Khumalo", email="", birth_date=None)
    assert outcomes(clients(database, who, married)) == {Outcome.UNCHANGED: 1}
    assert how_many(db, Client) == 1


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(database, who, db):
    report = clients(database, who, THANDI, PIETER, dry_run=True)
    assert (report.is_saved, report.is_dry_run, outcomes(report)) == (False, True, {Outcome.IMPORTED: 2})
    assert [how_many(db, table) for table in (Client, Scheme, ClientDiagnosis)] == [0, 0, 0]
    assert database.desks[-1].changed_practices == set()


def test_one_row_that_cannot_be_kept_keeps_all_others_out(database, who, db):
    report = clients(database, who, THANDI, replace(PIETER, first_name="x" * 10_000))
    assert (report.is_saved, report.is_refused) == (False, True)
    assert [(line.row, line.outcome, line.field) for line in report.lines] == [
        (2, Outcome.IMPORTED, ""),
        (3, Outcome.REFUSED, "first_name"),
    ]
    assert "Shorten this to 120 characters" in report.lines[1].sentence
    assert how_many(db, Client) == 0


def test_what_the_reader_left_out_keeps_all_others_out_and_what_it_noted_does_not(database, who, db):
    noted = RowFault(2, "phone", "Look at this.", left_out=False)
    report = clients(database, who, THANDI, faults=[RowFault(4, "first_name", "This row has no name."), noted])
    assert not report.is_saved
    assert [(line.row, line.sentence) for line in report.notes] == [(2, "Look at this.")]
    assert clients(database, who, THANDI, faults=[noted]).is_saved


def test_a_file_whose_dates_can_be_read_two_ways_is_asked_about_first(database, who, db):
    report = clients(database, who, THANDI, asks=True)
    assert (report.is_saved, report.lines[0].row, report.lines[0].field) == (False, 0, "day_first")


def test_an_empty_file_is_kept_as_nothing(database, who):
    report = clients(database, who)
    assert (report.lines, report.is_saved) == ((), True)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("first_name", "a\x00b"), ("last_name", "\ud800"), ("email", "no address"), ("member_number", "1" * 41),
        ("address", "🌿" * 501), ("scheme", "x" * 121), ("external_id", "x" * 101), ("dependant_code", "0\n1"),
    ],
)  # fmt: skip
def test_texts_are_read_as_strictly_as_on_a_form(database, who, field, given):
    report = clients(database, who, replace(THANDI, **{field: given}))
    assert [(line.outcome, line.field) for line in report.lines] == [(Outcome.REFUSED, field)]


def test_emoji_and_long_names_are_kept_as_they_are(database, who, db):
    name = "👩🏽‍⚕️" * 20
    assert clients(database, who, ClientRow(row=2, first_name=name, last_name="N" * 120)).is_saved
    assert db.exec(select(Client.first_name)).one() == name


def test_gaps_of_a_known_client_are_filled_and_what_stands_there_is_kept(database, who, practice, db):
    with database.act() as (work, _desk):
        known = a.a_client(work, practice, email="thandi@example.test", phone="011 000").id
    report = clients(database, who, THANDI)
    assert outcomes(report) == {Outcome.UPDATED: 1}
    assert [line.field for line in report.notes] == ["phone"]
    client = db.get(Client, known)
    assert (client.phone, client.member_number, client.external_id, client.version) == ("011 000", "900123", "C-1", 2)


@pytest.mark.parametrize(
    ("known", "row", "is_same"),
    [
        ({"external_id": "C-1", "email": ""}, {"external_id": "C-1", "first_name": "T", "last_name": "M"}, True),
        ({"external_id": "C-9"}, {}, False),
        ({"external_id": "C-9"}, {"external_id": ""}, True),
        ({}, {"external_id": "", "birth_date": None}, True),
        ({}, {"external_id": "", "birth_date": None, "email": "other@example.test"}, False),
        ({"birth_date": date(1984, 3, 21), "email": "old@example.test"}, {"external_id": ""}, True),
        ({"birth_date": date(2010, 1, 1)}, {"external_id": ""}, False),
        ({"email": "", "birth_date": None}, {"external_id": "", "email": "", "birth_date": None}, True),
        ({"email": "", "birth_date": None}, {"external_id": "", "email": "", "birth_date": date(1984, 3, 21)}, True),
        ({"email": "", "birth_date": date(1984, 3, 21)}, {"external_id": "", "birth_date": None}, False),
        ({"first_name": "Lindiwe"}, {"external_id": ""}, False),
        ({"first_name": "THANDI", "last_name": "Mokoená"}, {"external_id": ""}, True),
    ],
)
def test_two_rows_are_one_person_by_id_else_by_name_with_mail_or_birth_date(
    database, who, practice, known, row, is_same, db
):
    with database.act() as (work, _desk):
        a.a_client(work, practice, **{"email": "thandi@example.test", "birth_date": None} | known)
    assert clients(database, who, replace(THANDI, **row)).is_saved
    assert how_many(db, Client) == (1 if is_same else 2)


def test_namesakes_that_cannot_be_told_apart_are_refused(database, who, practice):
    with database.act() as (work, _desk):
        for _ in range(2):
            a.a_client(work, practice, email="")
    report = clients(database, who, ClientRow(row=2, first_name="Thandi", last_name="Mokoena"))
    assert "Several clients have this name" in report.lines[0].sentence


def test_a_family_with_one_mail_address_stays_a_family(database, who, db):
    mail = "family@example.test"
    rows = [
        ClientRow(row=n, first_name=name, last_name="Sithole", email=mail)
        for n, name in enumerate(["Naledi", "Palesa"], 2)
    ]
    for _ in range(2):
        clients(database, who, *rows)
    assert how_many(db, Client) == 2


def test_a_code_that_is_none_is_left_out_with_a_note(database, who, db):
    report = clients(database, who, replace(THANDI, diagnoses=("F41.1", "anxiety!", "Z63.0")))
    assert (report.is_saved, [line.field for line in report.notes]) == (True, ["diagnoses"])
    assert db.exec(select(ClientDiagnosis.code).order_by(ClientDiagnosis.position)).all() == ["F41.1", "Z63.0"]


def test_more_codes_than_a_claim_carries_are_cut_with_a_note(database, who, db):
    report = clients(database, who, replace(THANDI, diagnoses=tuple(f"F{n}" for n in range(10, 30))))
    assert (report.is_saved, len(report.notes), how_many(db, ClientDiagnosis)) == (True, 1, 12)


# -- appointments

SESSION = AppointmentRow(
    row=2, starts_at=NOON - timedelta(days=1), ends_at=NOON - timedelta(hours=23), client_name="Thandi Mokoena",
    service_name="Psychotherapy 60 min", practitioner_name="Dr. Anisha Naidoo", place="Rosebank", external_id="A-1",
    note="Quiet room",
)  # fmt: skip


@pytest.fixture
def house(database, practice, who):
    """A client and a service the files know."""
    with database.act() as (db, _desk):
        return a.a_client(db, practice), a.a_service(db, practice)


def sessions(database, who, *rows, dry_run=False, create=False):
    parsed = ParsedFile(tuple(rows))
    return database.do(imports.import_appointments, who, parsed=parsed, dry_run=dry_run, create_missing=create)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Attendance.SCHEDULED, "scheduled"),
        (Attendance.ARRIVED, "scheduled"),
        (Attendance.MISSED, "missed"),
        (Attendance.CANCELLED, "cancelled"),
    ],
)
def test_a_session_is_kept_with_all_the_file_says(database, who, house, status, state, db):
    assert sessions(database, who, replace(SESSION, status=status)).is_saved
    kept = db.exec(select(Appointment)).one()
    assert (kept.client_id, kept.service_id, kept.practitioner_id) == (house[0].id, house[1].id, who.member_id)
    assert (kept.starts_at, kept.ends_at, kept.place, kept.note, kept.state) == (
        SESSION.starts_at, SESSION.ends_at, "Rosebank", "Quiet room", state,
    )  # fmt: skip


def test_appointments_imported_twice_change_nothing_the_second_time(database, who, house, db):
    rows = (SESSION, replace(SESSION, row=3, external_id="", starts_at=NOON, ends_at=NOON + timedelta(hours=1)))
    sessions(database, who, *rows)
    assert outcomes(sessions(database, who, *rows)) == {Outcome.UNCHANGED: 2}
    assert how_many(db, Appointment) == 2


@pytest.mark.parametrize("odd", ODD_IDS)
def test_a_session_and_its_client_are_known_again_by_ids_however_they_are_written(database, who, house, odd, db):
    clients(database, who, replace(PIETER, external_id=odd))
    row = replace(SESSION, external_id=odd, client_external_id=odd, client_name="Somebody Else")
    sessions(database, who, row)
    later = replace(row, starts_at=NOON, ends_at=NOON + timedelta(hours=1))
    assert outcomes(sessions(database, who, later)) == {Outcome.UPDATED: 1}
    assert db.exec(select(Appointment.starts_at)).one() == NOON


def test_two_clients_at_the_same_time_are_both_kept(database, who, house, practice, db):
    with database.act() as (work, _desk):
        a.a_client(work, practice, first_name="Zoë", last_name="Müller", email="zoe@example.test")
    sessions(database, who, SESSION, replace(SESSION, row=3, client_name="zoe muller", external_id="A-2"))
    assert how_many(db, Appointment) == 2


def test_a_session_that_moved_or_fell_through_follows_the_file(database, who, house, db):
    sessions(database, who, SESSION)
    later = replace(SESSION, starts_at=NOON, ends_at=NOON + timedelta(hours=1), status=Attendance.CANCELLED)
    report = sessions(database, who, later)
    assert outcomes(report) == {Outcome.UPDATED: 1}
    (note,) = report.notes
    assert note.sentence == "Moves from 17 Mar 2026, 12:00 to 18 Mar 2026, 12:00. Becomes cancelled."
    kept = db.exec(select(Appointment)).one()
    assert (kept.starts_at, kept.state, kept.version) == (NOON, "cancelled", 2)


def moved_here(database, **values) -> None:
    """As somebody does it on a page."""
    with database.act() as (work, _desk):
        kept = work.exec(select(Appointment)).one()
        for name, value in values.items():
            setattr(kept, name, value)
        kept.version += 1


HOUR = timedelta(hours=1)
HERE = {"starts_at": NOON + 5 * HOUR, "ends_at": NOON + 6 * HOUR}


@pytest.mark.parametrize("again", [SESSION, replace(SESSION, starts_at=NOON, ends_at=NOON + HOUR)])
def test_a_session_rescheduled_here_stays_there_whatever_the_list_says(database, who, house, again, db):
    sessions(database, who, SESSION)
    moved_here(database, **HERE)
    report = sessions(database, who, again)
    assert (outcomes(report), len(report.notes)) == ({Outcome.UNCHANGED: 1}, 1)
    assert report.notes[0].sentence == "This session was changed here. It stays on 18 Mar 2026, 17:00 to 18:00."
    assert db.exec(select(Appointment.starts_at)).one() == HERE["starts_at"]


WITHOUT_ID = replace(SESSION, external_id="")


@pytest.mark.parametrize("away", [HERE, {**HERE, "external_id": "A-1"}, {**HERE, "state": "completed"}])
def test_a_list_without_ids_knows_a_session_again_wherever_it_was_moved_here(database, who, house, away, db):
    sessions(database, who, WITHOUT_ID)
    moved_here(database, **away)
    for _ in range(2):
        report = sessions(database, who, WITHOUT_ID)
        assert (outcomes(report), len(report.notes)) == ({Outcome.UNCHANGED: 1}, 1)
        assert "It stays on" in report.notes[0].sentence or "already completed" in report.notes[0].sentence
    assert db.exec(select(Appointment.starts_at)).one() == HERE["starts_at"]


def test_what_was_booked_by_hand_at_the_time_a_listed_session_left_is_not_taken_for_it(database, who, house, db):
    sessions(database, who, WITHOUT_ID)
    moved_here(database, **HERE)
    with database.act() as (work, _desk):
        member = work.get_one(a.Member, who.member_id)
        by_hand = a.an_appointment(work, house[0], house[1], member, ends=WITHOUT_ID.ends_at)
        by_hand.starts_at = WITHOUT_ID.starts_at
    later = replace(WITHOUT_ID, status=Attendance.CANCELLED)
    assert outcomes(sessions(database, who, later)) == {Outcome.UNCHANGED: 1}
    assert db.exec(select(Appointment.state)).all() == ["scheduled", "scheduled"]


def test_a_list_leads_a_session_again_once_both_agree(database, who, house, db):
    sessions(database, who, SESSION)
    moved_here(database, **HERE)
    assert outcomes(sessions(database, who, replace(SESSION, **HERE))) == {Outcome.UNCHANGED: 1}
    later = replace(SESSION, starts_at=NOON + 7 * HOUR, ends_at=NOON + 8 * HOUR)
    assert outcomes(sessions(database, who, later)) == {Outcome.UPDATED: 1}
    assert db.exec(select(Appointment.starts_at)).one() == later.starts_at


def test_a_session_moved_here_and_back_again_follows_the_list(database, who, house, db):
    sessions(database, who, SESSION)
    moved_here(database, **HERE)
    moved_here(database, starts_at=SESSION.starts_at, ends_at=SESSION.ends_at)
    assert outcomes(sessions(database, who, replace(SESSION, ends_at=SESSION.ends_at - HOUR / 6))) == {
        Outcome.UPDATED: 1
    }
    assert db.exec(select(Appointment.ends_at)).one() == SESSION.ends_at - HOUR / 6


def test_a_gap_of_a_session_that_stays_is_filled_all_the_same(database, who, house, db):
    sessions(database, who, replace(SESSION, place=""))
    moved_here(database, **HERE)
    assert outcomes(sessions(database, who, SESSION)) == {Outcome.UPDATED: 1}
    assert db.exec(select(Appointment.starts_at, Appointment.place)).one() == (HERE["starts_at"], "Rosebank")


def test_no_list_leads_a_session_that_another_calendar_leads(database, who, house, db):
    sessions(database, who, replace(SESSION, external_id=""))
    moved_here(database, subscription_id=7, external_mark="said by the calendar", external_id="calendar")
    report = sessions(database, who, replace(SESSION, external_id="", status=Attendance.CANCELLED))
    assert "follows another calendar" in report.notes[0].sentence
    assert db.exec(select(Appointment.state, Appointment.external_mark)).one() == ("scheduled", "said by the calendar")


@pytest.mark.parametrize("state", ["completed", "missed", "cancelled"])
def test_what_was_finished_here_is_never_touched_by_a_file(database, who, house, state, db):
    sessions(database, who, SESSION)
    with database.act() as (work, _desk):
        work.exec(select(Appointment)).one().state = state
    report = sessions(database, who, replace(SESSION, starts_at=NOON, ends_at=NOON + timedelta(hours=1)))
    assert (outcomes(report), len(report.notes)) == ({Outcome.UNCHANGED: 1}, 1)
    assert db.exec(select(Appointment.starts_at, Appointment.state)).one() == (SESSION.starts_at, state)


@pytest.mark.parametrize(
    ("changed", "field"), [({"client_name": "Nobody Known"}, "client_name"), ({"service_name": "New"}, "service_name")]
)
def test_unknown_clients_and_services_are_refused_unless_they_may_be_added(database, who, house, changed, field):
    report = sessions(database, who, replace(SESSION, **changed))
    assert [(line.outcome, line.field) for line in report.lines] == [(Outcome.REFUSED, field)]
    assert kept_sessions(database) == 0
    report = sessions(database, who, replace(SESSION, **changed), create=True)
    assert (report.is_saved, [line.field for line in report.notes]) == (True, [field])
    assert kept_sessions(database) == 1


def kept_sessions(database) -> int:
    with database.act(writes=False) as (db, _desk):
        return how_many(db, Appointment)


def test_what_is_added_has_no_price_and_is_added_once(database, who, house, db):
    rows = [
        replace(SESSION, row=n, external_id=f"A-{n}", client_name="Lerato Grace Mahlangu", service_name=name)
        for n, name in enumerate(["Play Therapy", "play  therapy", ""], start=2)
    ]
    assert sessions(database, who, *rows, create=True).is_saved
    made = db.exec(
        select(CareService.name, CareService.price_minor, CareService.duration_minutes).order_by(CareService.id)
    ).all()
    assert made[1:] == [("Play Therapy", 0, 60), ("Imported session", 0, 60)]
    added = db.exec(select(Client).where(Client.first_name == "Lerato Grace")).one()
    assert (added.last_name, added.search_text) == ("Mahlangu", "lerato grace mahlangu")


def test_a_dry_run_of_appointments_adds_nobody(database, who, db):
    report = sessions(database, who, SESSION, dry_run=True, create=True)
    assert (outcomes(report), report.is_saved) == ({Outcome.IMPORTED: 1}, False)
    assert [how_many(db, table) for table in (Appointment, Client, CareService)] == [0, 0, 0]


def test_a_client_is_found_by_id_before_name_and_by_mail_among_namesakes(database, who, house, practice, db):
    with database.act() as (work, _desk):
        twin = a.a_client(work, practice, email="twin@example.test").id
        other = a.a_client(work, practice, first_name="T", last_name="M", external_id="C-7").id
    report = sessions(database, who, SESSION)
    assert "Several clients have this name" in report.lines[0].sentence
    sessions(
        database, who,
        replace(SESSION, client_email="twin@example.test"),
        replace(SESSION, row=3, external_id="A-2", client_external_id="C-7"),
    )  # fmt: skip
    assert db.exec(select(Appointment.client_id).order_by(Appointment.id)).all() == [twin, other]


def test_a_namesake_with_another_mail_address_is_somebody_else(database, who, house):
    report = sessions(database, who, replace(SESSION, client_email="other@example.test"))
    assert report.lines[0].field == "client_name"


def test_an_unknown_practitioner_is_pointed_out_where_there_are_several(database, who, house, practice):
    with database.act() as (work, _desk):
        a.a_member(work, practice, Role.CLINICIAN, name="Bongani Mthembu")
    report = sessions(database, who, replace(SESSION, practitioner_name="Dr Who"))
    assert [line.field for line in report.notes] == ["practitioner_name"]
    assert sessions(database, who, replace(SESSION, external_id="A-2", practitioner_name="B. Mthembu")).notes


def test_no_session_is_given_to_somebody_who_has_left(database, who, house, practice, db):
    with database.act() as (work, _desk):
        work.get_one(a.Member, who.member_id).is_practitioner = False
        gone = a.a_member(work, practice, Role.CLINICIAN, name="Bongani Mthembu")
        gone.disabled_at = NOON
        here = a.a_member(work, practice, Role.CLINICIAN, name="Zanele Khumalo").id
    report = sessions(database, who, replace(SESSION, practitioner_name="Bongani Mthembu"))
    assert (report.is_saved, db.exec(select(Appointment.practitioner_id)).one()) == (True, here)


def test_a_practice_without_practitioners_cannot_take_appointments(database, practice, house, who):
    with database.act() as (work, _desk):
        for member in work.exec(select(a.Member)):
            member.is_practitioner = False
    assert sessions(database, who, SESSION).lines[0].field == "practitioner_name"


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("note", "x" * 5001),
        ("place", "x" * 10_000),
        ("client_name", "a\x00"),
        ("ends_at", SESSION.starts_at),
        ("external_id", "\ud800"),
    ],
)
def test_appointments_are_read_as_strictly_as_on_a_form(database, who, house, field, given):
    report = sessions(database, who, replace(SESSION, **{field: given}))
    assert [(line.outcome, line.field) for line in report.lines] == [(Outcome.REFUSED, field)]


def test_another_practices_people_are_never_found_nor_changed(database, who, house, db):
    with database.act() as (work, _desk):
        other = a.a_practice(work, name="Elsewhere")
        stranger = a.principal(a.a_member(work, other))
    assert sessions(database, stranger, SESSION).lines[0].field == "client_name"
    assert clients(database, stranger, THANDI).is_saved
    assert sorted(db.exec(select(Client.practice_id)).all()) == [who.practice_id, stranger.practice_id]


@pytest.mark.parametrize("role", Role)
def test_only_roles_the_permission_table_grants_it_import_files(database, practice, house, role):
    with database.act() as (db, _desk):
        who = a.principal(a.a_member(db, practice, role, email="somebody@example.test"))
    for act, row in ((clients, THANDI), (sessions, SESSION)):
        if may(role, Permission.IMPORT):
            assert act(database, who, row).is_saved
        else:
            with pytest.raises(NotAllowed):
                act(database, who, row)
