"""SQLite is told how full its tables are: once a day, and after an import."""

import sqlalchemy as sa

from tests import builders as a
from tests.services.test_file_imports import begun, kept
from trova_app.services import statistics


def known(database) -> dict[str, int]:
    """By index, how many rows SQLite takes it to have."""
    with database.engine.connect() as connection:
        if not connection.execute(sa.text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")).first():
            return {}
        rows = connection.execute(sa.text("SELECT idx, stat FROM sqlite_stat1 WHERE idx IS NOT NULL"))
        return {index: int(stat.split()[0]) for index, stat in rows}


def test_how_full_the_tables_are_is_looked_at_once_a_day(database, practice, clock):
    with database.act() as (db, desk):
        for _ in range(30):
            a.a_client(db, practice)
    with database.act() as (db, desk):
        is_sqlite = database.kind == "sqlite"
        assert statistics.is_due(db, desk) == is_sqlite
        statistics.renew(db, desk)
        assert not statistics.is_due(db, desk)
    if is_sqlite:
        assert known(database)["ix_client_practice_id_name_key"] == 30
        clock.advance(days=1)
        with database.act() as (db, desk):
            assert statistics.is_due(db, desk)


def test_after_an_import_the_new_rows_are_known(database, who):
    rows = "".join(f"Client{n},Number{n}\n" for n in range(40))
    kept(database, who, begun(database, who, f"First name,Last name\n{rows}"))
    if database.kind == "sqlite":
        assert known(database)["ix_client_practice_id_name_key"] == 40
