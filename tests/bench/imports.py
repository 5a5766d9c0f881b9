"""Other people's typing and saving while 50,000 clients are looked through, kept and taken back by the same server."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from sqlmodel import col

from tests import builders as a
from tests.bench.crowd import Crowd, Task, crowd, seats
from tests.bench.report import Report
from tests.served import ServedApp
from trova_app.models import Client, FileImport, ImportState
from trova_app.services import file_imports, waiting_files

PEOPLE, LINES = 10, 5
PATIENCE = 900.0
SAVES_A_SECOND = 5


def a_list(rows: int) -> bytes:
    line = "Naledi{0},Dlamini{1},naledi{0}@example.test,082 {0:07d},1984-03-21,Khanya Medical,{0:09d},7 Fig Tree Lane\n"
    head = "First name,Last name,Email,Mobile,Date of birth,Scheme,Member number,Address\n"
    return (head + "".join(line.format(n, n % 977) for n in range(rows))).encode()


def beside_an_import(report: Report, served: ServedApp, rows: int, seconds: float) -> None:
    with served.act() as (db, desk):
        practice = a.a_practice(db, number_prefix="IMP")
        who = a.principal(a.a_member(db, practice))
        client = a.a_client(db, practice)
        token = waiting_files.keep_file(db, desk, who, name="clients.csv", data=a_list(rows))
    task = Task(served.url, seats(served, PEOPLE, LINES), seconds)
    _say(
        report, "with nothing else going on", crowd(task, served.process_id), _saves(served, client, lambda: False, 20)
    )
    with served.act() as (db, desk):
        number = file_imports.begin_import(db, desk, who, kind="clients", token=token)
    _beside(report, served, task, client, number, f"while {rows:,} rows are looked through", ImportState.READY)
    with served.act() as (db, desk):
        shown = file_imports.import_view(db, desk, who, import_id=number)
        file_imports.keep_import(db, desk, who, import_id=number, version=shown.version)
    _beside(report, served, task, client, number, f"while {rows:,} rows are imported", ImportState.DONE)
    with served.act() as (db, desk):
        file_imports.undo_import(db, desk, who, import_id=number)
    _beside(report, served, task, client, number, f"while {rows:,} rows are taken back", ImportState.UNDONE)


def _beside(
    report: Report, served: ServedApp, task: Task, client: Client, number: int, when: str, end: ImportState
) -> None:
    """People type for as long as a crowd lasts, and one client is saved again and again until it is through."""
    began = time.monotonic()

    def is_over() -> bool:
        if time.monotonic() - began > PATIENCE:
            raise RuntimeError(f"{when}: not through after {PATIENCE:.0f} s")
        with served.act(writes=False) as (db, _):
            return db.execute(sa.select(col(FileImport.state)).where(col(FileImport.id) == number)).scalar_one() == end

    with ThreadPoolExecutor(1) as beside:
        saving = beside.submit(_saves, served, client, is_over)
        seen = crowd(task, served.process_id)
        saves = saving.result()
    report.say(f"Until through, {when}", time.monotonic() - began, "s")
    _say(report, when, seen, saves)


def _saves(served: ServedApp, client: Client, is_over: Callable[[], bool], most: int = 10_000) -> list[float]:
    """ms a small save of another process takes, the wait for the database's one writer included."""
    taken: list[float] = []
    while len(taken) < most and not is_over():
        began = time.perf_counter()
        with served.act() as (db, _):
            db.execute(sa.update(Client).where(col(Client.id) == client.id).values(phone=str(len(taken))))
        taken.append((time.perf_counter() - began) * 1000)
        time.sleep(1 / SAVES_A_SECOND)
    return taken


def _say(report: Report, when: str, seen: Crowd, saves: list[float]) -> None:
    report.spread(f"Key to the confirmed total, {PEOPLE} people typing, {when}", seen.seen.answers)
    if saves:
        report.spread(f"Another's save, {when}", saves, compared=f"longest {max(saves):.0f} ms")
    if seen.seen.silent or seen.seen.shut:
        report.say(f"Keys without an answer in 10 s, {when}", float(seen.seen.silent), "keys")
