"""Each step of the tables goes down and up again with rows in every table, on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel, select

from trova_app import demo
from trova_app.migrate import ROOT, is_current, migrate, step_back
from trova_app.models import WebhookEndpoint
from trova_app.services.check import check

STEPS = [step.revision for step in ScriptDirectory(str(ROOT / "alembic")).walk_revisions()]  # the newest first
WORDS = {
    "kind": {"client_consent": "billing", "client_contact": "mail", "file_import": "clients", "mail": "invoice",
             "review_item": "wrong_amount"},
    "state": {}, "mode": {"gateway_account": "test"}, "provider": {}, "rhythm": {"appointment_series": "weekly"},
    "what": {"imported": "client"},
}  # fmt: skip
"""By column and table, where not every word will do."""


VALUES = {"INTEGER": 1, "BIGINT": 1, "BOOLEAN": True, "BLOB": b"x", "DATE": date(2026, 3, 18),
          "DATETIME": datetime(2026, 3, 18, tzinfo=UTC)}  # fmt: skip
"""By type; a word otherwise."""


def a_value(connection: sa.Connection, column: sa.Column[Any]) -> Any:
    if column.foreign_keys:
        of = next(iter(column.foreign_keys)).column
        return connection.execute(sa.select(of).order_by(of)).scalars().first()
    if column.name in WORDS:
        return WORDS[column.name].get(column.table.name, "simulated" if column.name == "provider" else "received")
    kind = str(column.type).partition("(")[0]
    return VALUES.get(kind, "x")


def fill(connection: sa.Connection) -> None:
    """A row for every table that has none."""
    for table in SQLModel.metadata.sorted_tables:
        if connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one():
            continue
        needed = [c for c in table.c if not c.nullable and c.default is None and c.server_default is None]
        own = [c for c in needed if not (c.primary_key and str(c.type) == "INTEGER")]
        connection.execute(sa.insert(table).values({c.name: a_value(connection, c) for c in own}))


@pytest.fixture
def full(database):
    with database.act() as (db, desk):
        demo.seed_into(db, desk, lambda password: f"hash of {password}")
        db.flush()
        fill(db.connection())
    return database


def rows(database) -> dict[str, int]:
    with database.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        count = sa.select(sa.func.count())
        return {name: connection.execute(count.select_from(sa.table(name))).scalar_one() for name in tables}


def test_every_table_has_a_row_to_begin_with(full):
    assert [name for name, number in rows(full).items() if not number] == []


def test_every_step_goes_down_and_up_again_with_rows_in_every_table(full):
    before = rows(full)
    for step in [*STEPS[1:], "base"]:
        step_back(full.engine, to=step)
    assert set(rows(full)) <= {"alembic_version"}
    assert migrate(full.engine)
    assert is_current(full.engine)
    assert set(rows(full)) == set(before)


@pytest.mark.parametrize("step", STEPS[1:-1])
def test_what_was_there_before_a_step_is_there_after_it_was_undone_and_done_again(full, step):
    before = rows(full)
    step_back(full.engine, to=step)
    kept = set(rows(full))
    assert migrate(full.engine)
    after = rows(full)
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    with full.act(writes=False) as (db, _):
        assert [one for one in check(db) if one.table == "invoice"] == []


def test_a_webhook_secret_that_was_replaced_before_it_had_an_end_gets_one(database):
    step_back(database.engine, to="0023")
    with database.engine.begin() as connection:
        for name, earlier in (("a", "sealed"), ("b", "")):
            values = f"('{name}', 'stripe', 's', '{earlier}')"
            connection.exec_driver_sql(
                f"INSERT INTO webhook_endpoint (public_id, provider, secret, earlier_secret) VALUES {values}"  # noqa: S608
            )
    assert migrate(database.engine)
    with database.act(writes=False) as (db, _):
        until = {one.public_id: one.earlier_until for one in db.exec(select(WebhookEndpoint))}
    assert until["b"] is None and until["a"] is not None
    assert timedelta(hours=24) < until["a"] - datetime.now(UTC) <= timedelta(hours=25)
