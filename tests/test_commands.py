"""`trova practice`, `trova user` and `trova import`, as they are typed; on both databases."""

import pytest
import typer
from sqlmodel import func, select
from typer.testing import CliRunner

from tests import builders as a
from trova_app import wiring
from trova_app.commands import imports, practice, user
from trova_app.domain.permissions import Role
from trova_app.models import Appointment, CareService, Client, ClientDiagnosis, Member, Practice
from trova_app.services import client_imports
from trova_app.services.import_reports import CLASHES
from trova_app.web.passwords import is_password

GOOD_PASSWORD = "quiet river under stones"


@pytest.fixture
def trova(database, monkeypatch):
    """Runs `trova ...` on the test's database: (exit code, output, errors)."""
    app = typer.Typer()
    app.add_typer(practice.app, name="practice")
    app.add_typer(user.app, name="user")
    app.add_typer(imports.app, name="import")
    monkeypatch.setattr(wiring, "engine", lambda: database.engine)
    runner = CliRunner()

    def run(*words: str, typed: str = "") -> tuple[int, str, str]:
        found = runner.invoke(app, list(words), input=typed)
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.exit_code, found.stdout, found.stderr

    return run


@pytest.fixture
def owned(database) -> Practice:
    with database.act() as (db, _desk):
        practice = a.a_practice(db)
        a.a_member(db, practice, Role.OWNER, email="owner@example.test")
    return practice


def how_many(database, table) -> int:
    with database.act(writes=False) as (db, _desk):
        return db.exec(select(func.count()).select_from(table)).one()


# -- practice new


def test_a_new_practice_says_how_to_add_its_owner(trova, db):
    code, said, _ = trova("practice", "new", "Jacaranda & Söhne", "--country", "de")
    made = db.exec(select(Practice)).one()
    assert (code, made.name, made.country, made.currency) == (0, "Jacaranda & Söhne", "DE", "EUR")
    assert f"trova user add EMAIL --role owner --practice {made.id}" in said


@pytest.mark.parametrize(
    ("words", "code"), [(("J", "--country", "XX"), 1), (("", "--country", "ZA"), 1), (("J",), 2), ((), 2)]
)
def test_a_practice_that_cannot_be_made_says_why(trova, words, code, database):
    found, _, errors = trova("practice", "new", *words)
    assert (found, bool(errors)) == (code, True)
    assert how_many(database, Practice) == 0


# -- user add


def test_a_new_person_signs_in_with_the_password_that_was_typed(trova, owned, db):
    code, said, _ = trova(
        "user", "add", "Anna.Smit@Example.test", "--role", "clinician", typed=f"{GOOD_PASSWORD}\n" * 2
    )
    made = db.exec(select(Member).where(Member.role == "clinician")).one()
    assert (code, made.email, made.name, made.practice_id) == (0, "anna.smit@example.test", "Anna Smit", owned.id)
    assert is_password(made.password_hash, GOOD_PASSWORD)
    assert GOOD_PASSWORD not in said


def test_a_password_comes_from_standard_input_or_is_made(trova, owned, db):
    trova(
        "user",
        "add",
        "a@example.test",
        "--role",
        "biller",
        "--name",
        "Ann",
        "--password-stdin",
        typed=GOOD_PASSWORD + "\n",
    )
    _, said, _ = trova("user", "add", "b@example.test", "--role", "owner", "--generate-password")
    hashes = dict(db.exec(select(Member.email, Member.password_hash)).all())
    assert is_password(hashes["a@example.test"], GOOD_PASSWORD)
    made = said.rstrip().rpartition(" ")[2]
    assert len(made) >= 20
    assert is_password(hashes["b@example.test"], made)


@pytest.mark.parametrize(
    ("words", "typed", "code"),
    [
        (("x@example.test", "--role", "owner", "--password-stdin"), "short\n", 1),
        (("x@example.test", "--role", "owner", "--password-stdin"), "", 1),
        (("x@example.test", "--role", "owner", "--password-stdin"), "aaaaaaaaaaaaaa\n", 1),
        (("x@example.test", "--role", "admin", "--generate-password"), "", 1),
        (("no address", "--role", "owner", "--generate-password"), "", 1),
        (("owner@example.test", "--role", "owner", "--generate-password"), "", 1),
        (("x@example.test", "--role", "owner", "--practice", "999", "--generate-password"), "", 1),
        (("x@example.test", "--role", "owner", "--password-stdin", "--generate-password"), "", 2),
        (("x@example.test", "--generate-password"), "", 2),
        (("x@example.test", "--role", "owner", "--practice", "first"), "", 2),
    ],
)
def test_a_person_who_cannot_be_added_is_not_and_the_reason_is_said(trova, owned, words, typed, code, database):
    found, _, errors = trova("user", "add", *words, typed=typed)
    assert (found, bool(errors)) == (code, True)
    assert how_many(database, Member) == 1


def test_with_several_practices_one_has_to_be_chosen(trova, owned, database):
    trova("practice", "new", "Second", "--country", "ZA")
    code, _, errors = trova("user", "add", "x@example.test", "--role", "owner", "--generate-password")
    assert (code, "--practice" in errors) == (2, True)
    code, said, _ = trova(
        "user", "add", "x@example.test", "--role", "owner", "--generate-password", "--practice", str(owned.id)
    )
    assert (code, f"practice {owned.id} " in said) == (0, True)


def test_without_a_practice_nobody_can_be_added(trova):
    code, _, errors = trova("user", "add", "x@example.test", "--role", "owner", "--generate-password")
    assert (code, "trova practice new" in errors) == (1, True)


# -- import

CLIENTS = (
    "First name,Last name,Email,Date of birth\nThandi,Mokoena,thandi@example.test,1984-03-21\nZoë,Müller,,1999-08-21\n"
)
SESSIONS = "Client,Start,End,Service\nThandi Mokoena,2026-03-17 09:00,2026-03-17 10:00,Play therapy\n"


@pytest.fixture
def file(tmp_path):
    def written(text: str, name: str = "export.csv") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


def test_clients_are_imported_once_however_often_the_file_is(trova, owned, file, database):
    code, said, errors = trova("import", "clients", file(CLIENTS))
    assert (code, errors, "2 imported, 0 updated, 0 unchanged, 0 refused." in said) == (0, "", True)
    assert "2 unchanged" in trova("import", "clients", file(CLIENTS))[1]
    assert how_many(database, Client) == 2


def test_a_dry_run_keeps_nothing_and_says_so(trova, owned, file, database):
    code, said, _ = trova("import", "clients", file(CLIENTS), "--dry-run")
    assert (code, "dry run" in said, how_many(database, Client)) == (0, True, 0)


def test_a_row_that_cannot_be_kept_is_named_and_the_exit_code_is_one(trova, owned, file, database):
    code, said, errors = trova("import", "clients", file(CLIENTS + ",,nobody@example.test,\n"))
    assert (code, how_many(database, Client)) == (1, 0)
    assert "Row 4: This row has no name." in errors
    assert "Nothing was kept." in errors


def test_a_row_the_database_does_not_take_is_named_and_nothing_is_kept(trova, owned, file, database, monkeypatch):
    people = [f"Client{n},Number{n},I{n}" for n in range(4)]
    heads = "First name,Last name,Id"
    trova("import", "clients", file("\n".join([heads, "Thandi,Mokoena,I2"])))
    monkeypatch.setattr(client_imports, "one_line", lambda _text: "")  # as if another import had just added it
    code, said, errors = trova("import", "clients", file("\n".join([heads, *people])))
    assert (code, how_many(database, Client)) == (1, 1)
    assert errors.splitlines()[0] == f"Row 4: {CLASHES}"
    assert "Nothing was kept." in errors and "1 refused" in said


def test_dates_that_can_be_read_two_ways_are_asked_about(trova, owned, file, db):
    path = file("First name,Last name,Date of birth\nThandi,Mokoena,03/04/1984\n")
    assert trova("import", "clients", path)[0] == 1
    assert trova("import", "clients", path, "--day-first")[0] == 0
    assert db.exec(select(Client.birth_date)).one().isoformat() == "1984-04-03"


def test_appointments_add_what_is_missing_only_when_told_to(trova, owned, file, database):
    trova("import", "clients", file(CLIENTS))
    window = ("--since", "2026-01-01", "--until", "2027-01-01")
    code, _, errors = trova("import", "appointments", file(SESSIONS), *window)
    assert (code, "service is not known" in errors, how_many(database, Appointment)) == (1, True, 0)
    code, said, _ = trova("import", "appointments", file(SESSIONS), "--create-missing", *window)
    assert (code, "without a price" in said) == (0, True)
    assert (how_many(database, Appointment), how_many(database, CareService)) == (1, 1)


def test_diagnoses_come_with_the_words_of_their_code(trova, owned, file, db):
    assert trova("import", "clients", file("First name,Last name,ICD-10\nThandi,Mokoena,F41.1\n"))[0] == 0
    kept = db.exec(select(ClientDiagnosis.code, ClientDiagnosis.description)).one()
    assert kept == ("F41.1", "Generalized anxiety disorder")


def test_an_import_is_done_in_somebodys_name_who_may(trova, owned, file, database):
    with database.act() as (db, _desk):
        a.a_member(db, owned, Role.RECEPTION, email="reception@example.test")
    for member, code in (("owner@example.test", 0), ("reception@example.test", 1), ("nobody@example.test", 1)):
        assert trova("import", "clients", file(CLIENTS), "--member", member)[0] == code
    code, _, errors = trova("import", "clients", file(CLIENTS), "--member", "owner@example.test", "--practice", "999")
    assert (code, bool(errors)) == (1, True)


@pytest.mark.parametrize(
    "words", [("clients", "/no/such/file.csv"), ("clients",), ("people", "x"), ("appointments", ".")]
)
def test_a_command_that_makes_no_sense_is_wrong_usage(trova, owned, words):
    assert trova("import", *words)[0] == 2


def test_a_file_that_is_no_export_is_refused_and_not_crashed_on(trova, owned, tmp_path):
    path = tmp_path / "noise.csv"
    path.write_bytes(bytes(range(256)) * 40)
    code, _, errors = trova("import", "clients", str(path))
    assert (code, errors.startswith("The file: ")) == (1, True)


def test_help_stands_everywhere(trova):
    for words in (("practice",), ("user",), ("import",), ("practice", "new"), ("user", "add"), ("import", "clients")):
        code, said, _ = trova(*words, "--help")
        assert (code, "Usage" in said) == (0, True)
