"""Databases for the tests: SQLite always, PostgreSQL beside it unless `TROVA_TEST_DATABASES=sqlite` (make check)."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import settings

_DATA = tempfile.mkdtemp(prefix="trova-tests-")
os.environ.update(
    TROVA_MODE="test",
    TROVA_DATA_DIR=_DATA,
    TROVA_CHEAP_PASSWORDS="1",
    TROVA_SECRET_KEY="tests-only",
    TROVA_DATABASE_URL="",
)

from sqlmodel import Session  # noqa: E402

from tests import databases  # noqa: E402
from tests.contract import every_request  # noqa: E402
from trova_app.migrate import migrate  # noqa: E402
from trova_app.services.ports import Desk  # noqa: E402
from trova_app.wiring import make_engine, unit_of_work  # noqa: E402

if TYPE_CHECKING:
    from tests.contract.stand_in import StandIn

settings.register_profile("trova", deadline=None)  # a busy machine is not a defect
settings.load_profile("trova")
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
    """`TROVA_TEST_POSTGRES_URL` if set (of a superuser), else a server of our own from the wheel, gone at the end."""
    given = os.environ.get("TROVA_TEST_POSTGRES_URL")
    with nullcontext(given) if given else databases.own_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    name = databases.migrated(postgres_url)
    yield name
    databases.drop(postgres_url, name)


@pytest.fixture(scope="session")
def emptied_postgres(postgres_url: str, postgres_template: str) -> Iterator[databases.Emptied]:
    kept = databases.Emptied(postgres_url, postgres_template)
    yield kept
    kept.close()


BOTH = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]


def _here_or_skip(kind: str) -> None:
    if kind not in databases.KINDS:
        pytest.skip("only on the other database in this run")


def _a_file(template: Path, folder: Path) -> sa.Engine:
    made = make_engine(f"sqlite:///{shutil.copy(template, folder / 'trova.sqlite3')}")
    sa.event.listen(made, "connect", _need_not_outlive_a_power_cut)
    return _compiled_before(made)


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty database of each kind, already migrated."""
    _here_or_skip(request.param)
    if request.param == "sqlite":
        made = _a_file(request.getfixturevalue("sqlite_template"), tmp_path)
    else:
        made = _compiled_before(make_engine(request.getfixturevalue("emptied_postgres").fresh()))
    yield made
    _look_and_close(made)


@pytest.fixture(scope="module", params=BOTH)
def kept_engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """The same for all tests of a module, which leave it as they found it."""
    _here_or_skip(request.param)
    if request.param == "sqlite":
        made = _a_file(request.getfixturevalue("sqlite_template"), tmp_path_factory.mktemp("kept"))
        yield made
        made.dispose()
        return
    server, template = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_template")
    name = databases.new(server, template)
    made = make_engine(databases.with_database(server, name))
    yield made
    made.dispose()
    databases.drop(server, name)


_COMPILED: dict[str, tuple[sa.Dialect, Any]] = {}


def _compiled_before(made: sa.Engine) -> sa.Engine:
    """Statements compiled for one test's database serve the next one's: compiling takes longer than running them."""
    if made.dialect.name not in _COMPILED:
        made.connect().close()  # the dialect asks the server what it can do
        _COMPILED[made.dialect.name] = made.dialect, made._compiled_cache
    made.dialect, made._compiled_cache = _COMPILED[made.dialect.name]
    return made


def _need_not_outlive_a_power_cut(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


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


@pytest.fixture(scope="module")
def stand_in() -> Iterator["StandIn"]:
    """A server that speaks Stripe's API."""
    from tests.contract.stand_in import served  # here, as Stripe's own types take a second to read

    with served() as running:
        yield running


@pytest.fixture
def quick_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stripe's own client hardly pauses between its tries."""
    monkeypatch.setattr("stripe.HTTPClient.INITIAL_DELAY", 0.001)
    monkeypatch.setattr("stripe.HTTPClient.MAX_DELAY", 0.002)


@pytest.fixture
def stripes(stand_in: "StandIn", quick_tries: None) -> Iterator["StandIn"]:
    """Empty books; whatever a test did, nothing on the wire may have broken Stripe's description."""
    stand_in.clear()
    yield stand_in
    assert stand_in.breaches == []


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
