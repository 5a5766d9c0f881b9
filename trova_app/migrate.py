"""Brings the database to the newest tables, one process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from trova_app.settings import ROOT

LOCK = 8_717_025  # any number that only our migrations use


class NewerDatabase(RuntimeError):
    """The database was made by a newer Trova; an older one must not touch it."""


def _config(connection: sa.Connection) -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One migration at a time: SQLite by its write lock (BEGIN IMMEDIATE), PostgreSQL by an advisory lock."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
        yield connection
        connection.commit()


def migrate(engine: sa.Engine, to: str = "head") -> bool:
    """True when something changed. Raises `NewerDatabase` for a schema this version does not know."""
    with _alone(engine) as connection:
        config = _config(connection)
        script = ScriptDirectory.from_config(config)
        present = MigrationContext.configure(connection).get_current_revision()
        if present and present not in {r.revision for r in script.walk_revisions()}:
            raise NewerDatabase("This database was made by a newer Trova. Please update Trova first.")
        if to == "head" and present == script.get_current_head():
            return False
        command.upgrade(config, to)
        return True


def step_back(engine: sa.Engine, to: str = "base") -> None:
    with _alone(engine) as connection:
        command.downgrade(_config(connection), to)


def is_current(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present == ScriptDirectory(str(ROOT / "alembic")).get_current_head()
