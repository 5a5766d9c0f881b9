"""What every table shares: constraint names (so that migrations can name them), money columns, word columns."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def key() -> Any:
    return Field(default=None, primary_key=True)


def of(target: str, *, index: bool = True, nullable: bool = False) -> Any:
    """A foreign key to `target` ("table.column"); indexed, because every query filters by one."""
    return Field(foreign_key=target, index=index, nullable=nullable, **({"default": None} if nullable else {}))


def minor(default: int | None = 0) -> Any:
    """An amount in the currency's minor unit, as a whole number."""
    return Field(default=default, sa_type=sa.BigInteger)


def words(default: str = "") -> Any:
    return Field(default=default, sa_type=sa.Text)


def one_of(column: str, choices: type[StrEnum]) -> sa.CheckConstraint:
    """The database refuses any other word in this column; words, not native enums, so that adding one is no DDL."""
    listed = ", ".join(f"'{choice.value}'" for choice in choices)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


def at(*, nullable: bool = True, index: bool = False) -> Any:
    """A moment, aware, stored as UTC."""
    return Field(nullable=nullable, index=index, **({"default": None} if nullable else {}))


__all__ = ["SQLModel", "datetime", "key", "of", "minor", "words", "one_of", "at"]
