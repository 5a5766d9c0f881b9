"""Imports in the browser: looked through, kept a few rows at a time, undone while nothing of them was billed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import func, select

from tests import builders as a
from tests.adapters.test_sheets import bomb
from tests.conftest import NOON
from tests.paying import a_worker, an_invoice
from tests.workbooks import CLOCK, DAY, FOUR_DIGITS, MOMENT, a_workbook
from trova_app.adapters import import_tables
from trova_app.adapters.import_columns import APPOINTMENT_COLUMNS, CLIENT_COLUMNS
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Appointment, CareService, Client, ClientDiagnosis, FileImport, Imported, Scheme
from trova_app.services import client_imports, clients, file_imports, waiting_files
from trova_app.services.file_imports import FIELDS, ImportView, undoing, work
from trova_app.services.file_imports.task import task_of
from trova_app.services.import_reports import CLASHES

MINUTE = timedelta(minutes=1)
LIST = """First name,Last name,Email,Scheme,Diagnosis
Thandi,Mokoena,thandi@example.test,Khanya Medical,F41.1
Pieter,van Wyk,pieter@example.test,,
,,nobody@example.test,,
Sipho,Nkosi,not an address,Khanya Medical,
"""
DIARY = "\r\n".join(
    [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        *(
            f"BEGIN:VEVENT\r\nUID:{n}@x\r\nSUMMARY:Thandi Mokoena - Psychotherapy\r\n"
            f"DTSTART:202603{n:02d}T090000\r\nDTEND:202603{n:02d}T100000\r\nEND:VEVENT"
            for n in (2, 9, 23)
        ),
        "END:VCALENDAR",
    ]
)


def begun(database, who, text: str | bytes = LIST, kind: str = "clients") -> int:
    data = text if isinstance(text, bytes) else text.encode()
    token = database.do(waiting_files.keep_file, who, name="list.csv", data=data)
    number = database.do(file_imports.begin_import, who, kind=kind, token=token)
    a_worker(database).run_once()
    return number


def view(database, who, number: int) -> ImportView:
    return database.do(file_imports.import_view, who, import_id=number)


def kept(database, who, number: int) -> ImportView:
    database.do(file_imports.keep_import, who, import_id=number, version=view(database, who, number).version)
    a_worker(database).run_once()
    return view(database, who, number)


def undone(database, who, number: int) -> ImportView:
    database.do(file_imports.undo_import, who, import_id=number)
    a_worker(database).run_once()
    return view(database, who, number)


def counts(shown: ImportView) -> dict[str, int]:
    return {name: n for name, n in shown.counts.items() if n}


def how_many(db, table) -> int:
    return db.exec(select(func.count()).select_from(table)).one()


def test_every_field_of_the_reader_has_a_name_on_the_page():
    assert set(FIELDS["clients"]) == set(CLIENT_COLUMNS)
    assert set(FIELDS["appointments"]) == set(APPOINTMENT_COLUMNS)


def test_a_look_through_a_file_says_what_would_become_of_each_row_and_keeps_nothing(database, who, practice, db):
    with database.act() as (work_db, _):
        a.a_client(work_db, practice, first_name="Pieter", last_name="van Wyk", email="pieter@example.test")
    shown = view(database, who, begun(database, who))
    assert (shown.state, shown.may_keep) == ("ready", True)
    assert counts(shown) == {"imported": 2, "unchanged": 1, "refused": 1}
    assert [(column.heading, column.field) for column in shown.columns][:3] == [
        ("First name", "first_name"), ("Last name", "last_name"), ("Email", "email"),
    ]  # fmt: skip
    assert shown.columns[0].samples == "Thandi · Pieter · Sipho"
    first = shown.lines[0]
    assert (first.row, first.outcome, first.sentence) == ("4", "refused", "This row has no name.")
    assert (how_many(db, Client), how_many(db, Scheme), how_many(db, Imported)) == (1, 0, 0)


def test_the_rows_that_can_be_kept_are_kept_and_the_others_left_out(database, who, db):
    shown = kept(database, who, begun(database, who))
    assert (shown.state, counts(shown)) == ("done", {"imported": 3, "refused": 1, "scheme": 1})
    assert how_many(db, ClientDiagnosis) == 1
    assert db.exec(select(FileImport.data)).one() == b""


def test_a_column_is_read_as_the_person_says(database, who, db):
    number = begun(database, who, "Voornaam;Van;Pos\nThandi;Mokoena;thandi@example.test\n")
    assert not view(database, who, number).may_keep
    fields = ["first_name", "last_name", "email"]
    database.do(file_imports.choose_how, who, import_id=number, fields=fields)
    assert [column.field for column in view(database, who, number).columns] == fields
    a_worker(database).run_once()
    shown = kept(database, who, number)
    assert (shown.state, counts(shown)) == ("done", {"imported": 1})
    assert db.exec(select(Client.email)).one() == "thandi@example.test"


def test_dates_that_can_be_read_two_ways_are_asked_about_first(database, who, db):
    number = begun(database, who, "First name,Last name,Date of birth\nThandi,Mokoena,03/04/1984\n")
    shown = view(database, who, number)
    assert (shown.asks_day_first, shown.day_first, shown.may_keep) == (True, "", False)
    with pytest.raises(Refusal):
        database.do(file_imports.keep_import, who, import_id=number, version=shown.version)
    database.do(file_imports.choose_how, who, import_id=number, day_first=True)
    a_worker(database).run_once()
    kept(database, who, number)
    assert db.exec(select(Client.birth_date)).one().isoformat() == "1984-04-03"


def test_an_undone_import_leaves_the_practice_as_it_was(database, who, practice, db):
    with database.act() as (work_db, _):
        a.a_client(work_db, practice, email="thandi@example.test", scheme_id=None)
    before = db.exec(select(Client)).one().model_dump(exclude={"version"})
    db.rollback()
    number = begun(database, who)
    assert counts(kept(database, who, number)) == {"imported": 2, "updated": 1, "refused": 1, "scheme": 1}
    shown = undone(database, who, number)
    assert (shown.state, shown.stayed) == ("undone", ())
    assert db.exec(select(Client)).one().model_dump(exclude={"version", "search_text"}) == {
        name: value for name, value in before.items() if name != "search_text"
    }
    assert [how_many(db, table) for table in (Scheme, ClientDiagnosis, Imported)] == [0, 0, 0]


def test_an_undoing_lets_go_of_the_database_after_a_few_records(database, who, db, monkeypatch):
    rows = "".join(f"Client{n},Number{n}\n" for n in range(35))
    number = begun(database, who, f"First name,Last name\n{rows}")
    kept(database, who, number)
    monkeypatch.setattr(undoing, "LONGEST_HOLD", 0)  # as if each few of them took too long
    took, undo_some = [], undoing.undo_some

    def watched(*given):
        is_left = undo_some(*given)
        took.append(how_many(given[0], Client))
        return is_left

    monkeypatch.setattr(undoing, "undo_some", watched)
    assert (undone(database, who, number).state, took) == ("undone", [25, 15, 5, 0])
    assert how_many(db, Imported) == 0


def test_what_is_billed_while_an_import_is_taken_back_stays_and_stops_it(database, who, practice, db, monkeypatch):
    rows = "".join(f"Client{n},Number{n}\n" for n in range(100))
    number = begun(database, who, f"First name,Last name\n{rows}")
    kept(database, who, number)
    database.do(file_imports.undo_import, who, import_id=number)
    with database.act() as (work_db, desk):
        first = work_db.exec(select(Client).order_by(Client.id)).first()
        an_invoice(work_db, desk, practice, client_id=first.id, appointment_id=None)
    a_worker(database).run_once()
    shown = view(database, who, number)
    assert (shown.state, "Client0 Number0" in shown.problem, shown.may_undo) == ("stopped", True, False)
    assert db.exec(select(Client.first_name).order_by(Client.id)).first() == "Client0"


def test_what_was_changed_or_used_since_stays_and_is_named(database, who, practice, db):
    number = begun(database, who)
    kept(database, who, number)
    with database.act() as (work_db, desk):
        thandi, pieter, _sipho = work_db.exec(select(Client).order_by(Client.id)).all()
        clients.fill_in(work_db, desk, who, client_id=thandi.id, version=thandi.version, phone="082 555 0101")
        member = work_db.get_one(a.Member, who.member_id)
        a.an_appointment(work_db, pieter, a.a_service(work_db, practice), member)
    shown = undone(database, who, number)
    assert (shown.state, shown.stayed_count) == ("undone", 3)
    assert set(shown.stayed) == {
        "Pieter van Wyk is in use since, and stays.",
        "Thandi Mokoena was changed since, and stays.",
        "Khanya Medical is in use since, and stays.",
    }
    assert sorted(db.exec(select(Client.first_name))) == ["Pieter", "Thandi"]


def test_an_import_of_which_something_was_billed_is_not_undone(database, who, practice, db):
    number = begun(database, who)
    kept(database, who, number)
    with database.act() as (work_db, desk):
        pieter = work_db.exec(select(Client).where(Client.first_name == "Pieter")).one()
        an_invoice(work_db, desk, practice, client_id=pieter.id, appointment_id=None)
    shown = view(database, who, number)
    assert not shown.may_undo and "Pieter van Wyk" in shown.why_not
    with pytest.raises(Refusal, match="Pieter van Wyk"):
        database.do(file_imports.undo_import, who, import_id=number)
    assert how_many(db, Client) == 4


def test_a_calendar_with_people_nobody_knows_is_kept_once_they_are_to_be_added(database, who, db):
    number = begun(database, who, DIARY, "appointments")
    assert counts(view(database, who, number)) == {"refused": 3}
    database.do(file_imports.choose_how, who, import_id=number, create_missing=True)
    a_worker(database).run_once()
    assert how_many(db, Client) == 0
    db.rollback()
    assert counts(kept(database, who, number)) == {"imported": 3, "client": 1, "care_service": 1}
    assert (how_many(db, Client), how_many(db, Appointment)) == (1, 3)
    db.rollback()
    undone(database, who, number)
    assert [how_many(db, table) for table in (Appointment, Client, CareService)] == [0, 0, 0]


def test_a_list_brought_again_says_what_moves_and_leaves_what_was_moved_here(database, who, practice, db):
    heads = "Id,Client,Date,Start time,End time,Service\n"
    first, second = (f"X{n},Thandi Mokoena,2026-03-2{n},09:00,10:00,Psychotherapy 60 min\n" for n in (0, 1))
    with database.act() as (work_db, _):
        a.a_client(work_db, practice)
        a.a_service(work_db, practice)
    kept(database, who, begun(database, who, heads + first + second, "appointments"))
    with database.act() as (work_db, _):
        moved = work_db.exec(select(Appointment).where(Appointment.external_id == "X0")).one()
        moved.starts_at, moved.ends_at, moved.version = NOON, NOON + timedelta(hours=1), 2
    number = begun(database, who, heads + first + second.replace("10:00", "10:30"), "appointments")
    shown = view(database, who, number)
    assert [(line.outcome, line.sentence) for line in shown.lines] == [
        ("unchanged", "This session was changed here. It stays on 18 Mar 2026, 12:00 to 13:00."),
        ("updated", "Lasts 90 minutes instead of 60."),
    ]
    assert counts(kept(database, who, number)) == {"updated": 1, "unchanged": 1}
    assert db.exec(select(Appointment.starts_at).where(Appointment.external_id == "X0")).one() == NOON
    db.rollback()
    undone(database, who, number)
    assert {end - start for start, end in db.exec(select(Appointment.starts_at, Appointment.ends_at))} == {
        timedelta(hours=1)
    }


def test_a_list_without_ids_brought_again_adds_nothing_for_a_session_that_was_moved_here(database, who, practice, db):
    with database.act() as (work_db, _):
        a.a_client(work_db, practice)
        a.a_service(work_db, practice)
    rows = "".join(f"Thandi Mokoena,2026-03-{n},09:00,10:00,Psychotherapy 60 min\n" for n in (19, 20, 21))
    text = f"Client,Date,Start time,End time,Service\n{rows}"
    kept(database, who, begun(database, who, text, "appointments"))
    with database.act() as (work_db, _):
        moved = work_db.exec(select(Appointment).order_by(Appointment.starts_at)).first()
        moved.starts_at, moved.ends_at, moved.version = NOON, NOON + timedelta(hours=1), 2
    shown = view(database, who, begun(database, who, text, "appointments"))
    assert (counts(shown), shown.may_keep) == ({"unchanged": 3}, False)
    assert shown.lines[0].sentence == "This session was changed here. It stays on 18 Mar 2026, 12:00 to 13:00."
    longer = begun(database, who, text + "Thandi Mokoena,2026-03-22,09:00,10:00,Psychotherapy 60 min\n", "appointments")
    assert counts(kept(database, who, longer)) == {"imported": 1, "unchanged": 3}
    assert how_many(db, Appointment) == 4


def test_rows_that_became_impossible_since_the_look_are_counted_and_told(database, who, practice, db):
    with database.act() as (work_db, _):
        a.a_client(work_db, practice)
        a.a_service(work_db, practice)
    heads = "Client,Date,Start time,End time,Service\n"
    rows = "".join(f"{name},2026-03-20,09:00,10:00,Psychotherapy 60 min\n" for name in ("Thandi Mokoena", "Zoë Müller"))
    number = begun(database, who, heads + rows + "Nobody,,,,\n", "appointments")
    assert counts(view(database, who, number)) == {"imported": 1, "refused": 2}
    with database.act() as (work_db, _):
        a.a_client(work_db, practice, email="namesake@example.test")
        a.a_client(work_db, practice, first_name="Zoe", last_name="Muller", email="")
    shown = kept(database, who, number)
    assert counts(shown) == {"imported": 1, "refused": 2}
    said = {line.row: (line.outcome, line.sentence) for line in shown.lines}
    assert said["2"][0] == "refused" and said["2"][1].startswith("Several clients have this name")
    assert (said["3"], said["4"][0]) == (("imported", ""), "refused")
    assert said["2"][1] in database.do(file_imports.lines_of, who, import_id=number).decode()


def test_a_row_the_database_does_not_take_is_left_out_and_the_others_kept(database, who, db, monkeypatch):
    people = "First name,Last name,Id\n" + "".join(f"Client{n},Number{n},I{n}\n" for n in range(6))
    kept(database, who, begun(database, who, people.splitlines()[0] + "\nThandi,Mokoena,I3\n"))
    monkeypatch.setattr(client_imports, "one_line", lambda _text: "")  # as if another import had just added it
    shown = kept(database, who, begun(database, who, people))
    assert (shown.state, counts(shown)) == ("done", {"imported": 5, "refused": 1})
    assert [(line.row, line.sentence) for line in shown.lines if line.outcome == "refused"] == [("5", CLASHES)]
    assert db.exec(select(Client.first_name).order_by(Client.id)).all() == [
        "Thandi", "Client0", "Client1", "Client2", "Client4", "Client5"
    ]  # fmt: skip


def test_a_row_that_is_refused_leaves_nothing_behind(database, who, practice, db):
    with database.act() as (work_db, _):
        for email in ("one@example.test", "two@example.test"):
            a.a_client(work_db, practice, email=email)
    number = begun(database, who, "First name,Last name,Scheme\nThandi,Mokoena,Wrong Scheme\nPieter,van Wyk,\n")
    assert counts(kept(database, who, number)) == {"imported": 1, "refused": 1}
    assert how_many(db, Scheme) == 0


def test_an_import_that_only_added_something_beside_can_be_undone(database, who, practice, db):
    number = begun(database, who)
    kept(database, who, number)
    with database.act() as (work_db, _):
        work_db.execute(sa.delete(Imported).where(Imported.what == "client"))
        row = work_db.get_one(FileImport, number)
        row.report = row.report.replace('"imported": 3', '"imported": 0')
    assert view(database, who, number).may_undo
    undone(database, who, number)
    assert not view(database, who, number).may_undo


def test_a_worker_that_dies_between_two_batches_loses_and_repeats_nothing(database, who, db, monkeypatch):
    rows = "".join(f"Client{n},Number{n},c{n}@example.test\n" for n in range(12))
    number = begun(database, who, f"First name,Last name,Email\n{rows}")
    monkeypatch.setattr(work, "AT_ONCE", 5)
    worker = a_worker(database)
    database.do(file_imports.keep_import, who, import_id=number, version=view(database, who, number).version)
    (job,) = worker.claim(1)
    steps = []

    def dies(*given, **kw):
        steps.append(1)
        if len(steps) == 2:
            raise KeyboardInterrupt
        return keep_some(*given, **kw)

    keep_some = work.keep_some
    monkeypatch.setattr(work, "keep_some", dies)
    with pytest.raises(KeyboardInterrupt):
        worker.do(job)
    assert 0 < how_many(db, Client) < 12
    shown = view(database, who, number)
    assert (shown.state, shown.is_moving, shown.done, shown.total) == ("running", True, how_many(db, Client), 12)
    db.rollback()
    monkeypatch.setattr(work, "keep_some", keep_some)
    database.clock.advance(minutes=10)
    a_worker(database).run_once()
    assert counts(view(database, who, number)) == {"imported": 12}
    assert (how_many(db, Client), how_many(db, Imported)) == (12, 12)


def test_a_transaction_keeps_ten_rows_however_busy_the_machine(database, who, monkeypatch):
    """With one row each, what a transaction costs besides made an import fifty times as long."""
    rows = "".join(f"Client{n},Number{n},c{n}@example.test\n" for n in range(25))
    number = begun(database, who, f"First name,Last name,Email\n{rows}")
    monkeypatch.setattr(work, "LONGEST_HOLD", -1)  # as if the time were over at once
    worker, steps, keep_some = a_worker(database), [], work.keep_some
    monkeypatch.setattr(work, "keep_some", lambda *given: steps.append(keep_some(*given)) or steps[-1])
    database.do(file_imports.keep_import, who, import_id=number, version=view(database, who, number).version)
    worker.run_once()
    assert steps[:2] == [10, 20]


def test_a_list_looked_at_in_place_of_another_is_looked_through_too(database, who, db):
    first = begun(database, who)
    second = begun(database, who, "First name,Last name\nThandi,Mokoena\n")
    shown = view(database, who, second)
    assert (shown.state, counts(shown), len(db.exec(select(FileImport.id)).all())) == ("ready", {"imported": 1}, 1)
    database.do(file_imports.choose_how, who, import_id=second, fields=["first_name", ""])
    third = begun(database, who)
    assert (view(database, who, third).state, first <= second <= third) == ("ready", True)


def test_a_second_worker_and_an_earlier_choice_do_nothing(database, who, db):
    number = begun(database, who)
    with database.act(writes=False) as (work_db, desk):
        row = work_db.get_one(FileImport, number)
        assert task_of(work_db, desk, number, row.version - 1) is None
        task = task_of(work_db, desk, number, row.version)
    kept(database, who, number)
    with database.act() as (work_db, desk):
        assert work.keep_some(work_db, desk, task, (), 0) is None


@pytest.mark.parametrize("role", Role)
def test_only_roles_that_may_import_do_anything_with_one(database, who, practice, role):
    number = begun(database, who)
    kept(database, who, number)
    with database.act() as (db, _):
        other = a.principal(a.a_member(db, practice, role))
    acts = {
        file_imports.import_view: {"import_id": number},
        file_imports.recent_imports: {},
        file_imports.lines_of: {"import_id": number},
    }
    for service, given in acts.items():
        if may(role, Permission.IMPORT):
            database.do(service, other, **given)
        else:
            with pytest.raises(NotAllowed):
                database.do(service, other, **given)
    for service in () if may(role, Permission.IMPORT) else WITH_ONE:
        with pytest.raises(NotAllowed):
            database.do(service, other, import_id=number, **({"version": 2} if service is WITH_ONE[-1] else {}))


WITH_ONE = [
    file_imports.import_view, file_imports.lines_of, file_imports.choose_how, file_imports.cancel_import,
    file_imports.undo_import, file_imports.keep_import,
]  # fmt: skip


@pytest.mark.parametrize("service", WITH_ONE)
def test_an_import_that_waits_is_its_persons_alone(database, who, practice, service):
    number = begun(database, who)
    with database.act() as (db, _):
        other = a.principal(a.a_member(db, practice))
    given = {"version": 2} if service is file_imports.keep_import else {}
    with pytest.raises(NotFound):
        database.do(service, other, import_id=number, **given)
    assert database.do(file_imports.recent_imports, other) == ()
    kept(database, who, number)
    assert view(database, other, number).state == "done"


@pytest.mark.parametrize("service", WITH_ONE)
def test_no_other_practice_sees_or_touches_an_import(database, who, service):
    number = begun(database, who)
    with database.act() as (db, _):
        stranger = a.principal(a.a_member(db, a.a_practice(db, name="Elsewhere")))
    given = {"version": 2} if service is file_imports.keep_import else {}
    with pytest.raises(NotFound):
        database.do(service, stranger, import_id=number, **given)


def test_only_appointments_within_the_chosen_days_are_read(database, who):
    number = begun(database, who, DIARY, "appointments")
    database.do(file_imports.choose_how, who, import_id=number, create_missing=True, since="2026-03-09")
    database.do(file_imports.choose_how, who, import_id=number, until="2026-03-23")
    a_worker(database).run_once()
    a_worker(database).run_once()
    shown = view(database, who, number)
    assert (counts(shown), shown.since, shown.until) == ({"imported": 1}, "2026-03-09", "2026-03-23")


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [("", "2026-03-23", "since"), ("x", "2026-03-23", "since"), (7, "2026-03-23", "since"), ("2026-03-02", "", "until"),
     ("2026-03-02", "2026-03-02", "until"), ("2026-03-02", "2040-03-02", "until"),
     ("2026-03-02", "9999-12-31", "until")],
)  # fmt: skip
def test_days_that_cannot_be_are_refused_at_their_field(database, who, since, until, field):
    number = begun(database, who, DIARY, "appointments")
    with pytest.raises(FieldFaults) as refused:
        database.do(file_imports.choose_how, who, import_id=number, since=since, until=until)
    assert refused.value.faults[0][0] == field


@pytest.mark.parametrize("fields", [7, "first_name", ["nonsense"], [None], [["first_name"]], [""] * 1001])
def test_a_choice_of_columns_that_cannot_be_is_refused(database, who, fields):
    number = begun(database, who)
    with pytest.raises(Refusal):
        database.do(file_imports.choose_how, who, import_id=number, fields=fields)


def test_somebody_who_lost_the_role_stops_their_import(database, who, db):
    number = begun(database, who)
    version = view(database, who, number).version
    database.do(file_imports.keep_import, who, import_id=number, version=version)
    with database.act() as (work_db, _):
        work_db.execute(sa.update(a.Member).where(a.Member.id == who.member_id).values(role=Role.RECEPTION))
    a_worker(database).run_once()
    row = db.get_one(FileImport, number)
    assert (row.state, how_many(db, Client)) == ("stopped", 0) and row.problem.endswith(".")


def test_a_file_nobody_imported_is_forgotten_after_an_hour(database, who, db):
    begun(database, who)
    with database.act() as (work_db, desk):
        assert not file_imports.has_old(work_db, desk)
    database.clock.advance(hours=1)
    with database.act() as (work_db, desk):
        assert file_imports.has_old(work_db, desk)
        file_imports.forget_old(work_db, desk)
    assert how_many(db, FileImport) == 0


def test_what_is_said_of_single_rows_goes_after_a_month_and_the_numbers_stay(database, who, db):
    number = begun(database, who)
    done = kept(database, who, number)
    assert done.lines
    database.clock.advance(days=29)
    with database.act() as (work_db, desk):
        assert not file_imports.has_old(work_db, desk)
    database.clock.advance(days=1)
    with database.act() as (work_db, desk):
        assert file_imports.has_old(work_db, desk)
        file_imports.forget_old(work_db, desk)
        assert not file_imports.has_old(work_db, desk)
    shown = view(database, who, number)
    assert (shown.lines, counts(shown), shown.may_undo) == ((), counts(done), True)
    assert "Sipho" not in db.exec(select(FileImport.report)).one()


def test_an_import_that_fails_again_and_again_stops_and_says_so(database, who, db, monkeypatch):
    number = begun(database, who)
    version = view(database, who, number).version
    database.do(file_imports.keep_import, who, import_id=number, version=version)

    def breaks(*_given):
        raise ValueError("a defect")

    monkeypatch.setattr(work, "keep_some", breaks)
    for _ in range(6):
        a_worker(database).run_once()
        database.clock.advance(hours=1)
    shown = view(database, who, number)
    assert (shown.state, shown.may_undo, how_many(db, Client)) == ("stopped", False, 0)
    assert shown.problem.startswith("This did not come to an end")


def test_rows_to_look_at_come_as_a_sheet_that_runs_nothing(database, who):
    number = begun(database, who, 'First name,Last name\n=cmd|x,Moyo\n"",""\nAnn & Ben,Smit\n@Bo; =HYPERLINK(1),\n')
    text = database.do(file_imports.lines_of, who, import_id=number).decode("utf-8-sig")
    assert "'@Bo; '=HYPERLINK(1)" in text and "'=cmd|x Moyo" in text and "more than one person" in text


def test_an_excel_workbook_of_clients_is_read_like_a_list(database, who, db):
    heads = ("First name", "Last name", "Date of birth", "Member number")
    kept(database, who, begun(database, who, a_workbook(heads, ("Zoë", "Müller", ("30762", DAY), ("81", FOUR_DIGITS)))))
    (row,) = db.exec(select(Client))
    assert (row.first_name, row.last_name, row.member_number) == ("Zoë", "Müller", "0081")
    assert row.birth_date.isoformat() == "1984-03-21"


def test_an_excel_workbook_of_appointments_is_read_like_a_list(database, who, practice, db):
    with database.act() as (work_db, _):
        a.a_client(work_db, practice)
        a.a_service(work_db, practice)
    heads = ("Client", "Date", "Begin", "Duration", "Service", "Note")
    first, at_ten_to_nine = ("46100", DAY), ("0.368055555555556", CLOCK)
    whole = ("46101.6041666667", MOMENT)
    book = a_workbook(
        heads,
        ("Thandi Mokoena", first, at_ten_to_nine, 50, "Psychotherapy 60 min", "n" * 1_500),
        ("Thandi Mokoena", None, whole, ("0.0625", CLOCK), "Psychotherapy 60 min"),
        ("Thandi Mokoena", first, "whenever", 50, "Psychotherapy 60 min"),
    )
    number = begun(database, who, book, "appointments")
    assert [column.field for column in view(database, who, number).columns][:4] == ["client_name", "day", "", "minutes"]
    fields = ["client_name", "day", "start", "minutes", "service_name", "note"]
    database.do(file_imports.choose_how, who, import_id=number, fields=fields)
    a_worker(database).run_once()
    shown = kept(database, who, number)
    assert counts(shown) == {"imported": 2, "refused": 1}
    assert shown.lines[0].row == "4" and "whenever" in shown.lines[0].sentence
    times = db.exec(select(Appointment.starts_at, Appointment.ends_at).order_by(Appointment.starts_at)).all()
    assert [(start.isoformat()[:16], (end - start) // MINUTE) for start, end in times] == [
        ("2026-03-19T06:50", 50), ("2026-03-20T12:30", 90),
    ]  # fmt: skip
    assert len(db.exec(select(Appointment.note).order_by(Appointment.starts_at)).first()) == 1_500


NAMES = b"First name,Last name\n"
HOSTILE = {
    "a workbook that is none": (b"PK\x03\x04 no more than this", "damaged"),
    "a workbook that unpacks to far more": (bomb(), "unpacks to far more"),
    "a workbook for appointments": (a_workbook(("Client", "Start")), "no rows under them"),
    "nothing but headings": (NAMES, "no rows under them"),
    "no list at all": (b"Dear diary,\nit rained\n", "No heading in this file is known"),
    "a quotation mark that is never closed": (NAMES + b'"Ann,Smit\n' + b"x,y\n" * 40_000, "never closed"),
    "a cell without an end": (NAMES + b"A" * 5_000 + b",Smit\n", "longer than 1,000 letters"),
    "a calendar of clients": (DIARY.encode(), "Import it as appointments"),
    "a calendar that repeats for ever": (
        DIARY.replace("BEGIN:VEVENT", "BEGIN:VEVENT\r\nRRULE:FREQ=SECONDLY", 1).encode(), "",
    ),
    "control characters": (NAMES + b"\x01\x02\x03\x04,\x05\n" * 50, "not text"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_wrong_or_hostile_file_is_answered_with_a_clear_sentence(database, who, db, name):
    data, sentence = HOSTILE[name]
    shown = view(database, who, begun(database, who, data, "appointments" if "appointments" in name else "clients"))
    assert shown.state == "ready" and sentence in shown.lines[0].sentence
    assert all(line.sentence.endswith(".") or not line.sentence for line in shown.lines)
    assert not shown.may_keep


def test_more_rows_than_a_list_may_have_are_said_and_not_read(database, who, monkeypatch):
    monkeypatch.setattr(import_tables, "MAX_ROWS", 3)
    shown = view(database, who, begun(database, who, NAMES + b"Ann,Smit\nBen,Smit\nCil,Smit\nDan,Smit\n"))
    assert counts(shown)["imported"] == 3 and "Only the first 3 rows were read" in shown.lines[0].sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_names_arrive_whole_in_every_usual_encoding(database, who, db, encoding):
    number = begun(database, who, "First name,Last name\nZoë,Müller\n".encode(encoding))
    kept(database, who, number)
    assert db.exec(select(Client.first_name, Client.last_name)).one() == ("Zoë", "Müller")
