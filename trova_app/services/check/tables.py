"""Rules over every table, read off the tables themselves, so that a new table is under them at once."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from trova_app.services.check.breaches import Breach, Invariant


def whole_numbers(db: Session) -> Iterator[Breach]:
    """SQLite keeps what it is given; PostgreSQL's columns hold nothing but whole numbers."""
    if db.get_bind().dialect.name != "sqlite":
        return
    for table in SQLModel.metadata.sorted_tables:
        for column in (c for c in table.columns if isinstance(c.type, sa.Integer)):
            key = next(iter(table.primary_key.columns))
            query = sa.select(key).where(sa.func.typeof(column).not_in(("integer", "null")))
            for (row_id,) in db.execute(query):
                is_key = isinstance(row_id, int)
                yield Breach(
                    Invariant.WHOLE_NUMBERS, table.name, row_id if is_key else 0, f"{column.name} is no whole number."
                )


def one_practice(db: Session) -> Iterator[Breach]:
    """No row points to a row of another practice."""
    for table in SQLModel.metadata.sorted_tables:
        for key in table.foreign_keys if "practice_id" in table.c else ():
            theirs = key.column.table.alias("theirs")
            if "practice_id" not in theirs.c:
                continue
            query = (
                sa.select(next(iter(table.primary_key.columns)))
                .join_from(table, theirs, key.parent == theirs.c[key.column.name])
                .where(table.c.practice_id != theirs.c.practice_id)
            )
            for (row_id,) in db.execute(query):
                words = f"Its {key.parent.name} leads to another practice's {key.column.table.name}."
                yield Breach(Invariant.ONE_PRACTICE, table.name, row_id if isinstance(row_id, int) else 0, words)
