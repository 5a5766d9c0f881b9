"""Everything kept about one client, to be handed over when somebody asks what is known about them.

Gathered along the tables' own foreign keys: what names the client, then what names one of those appointments, invoices
or payments. A table added later comes along by itself. Secrets, search helps and what speaks of somebody else stay.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from trova_app.domain.permissions import Permission, Principal
from trova_app.services.clients.entries import note
from trova_app.services.clients.find import find_client
from trova_app.services.clients.persons import same_person
from trova_app.services.ports import Desk

HUBS = ("client", "appointment", "invoice", "payment")
"""What other rows hang on, in the order they hang on each other."""
STAYS = frozenset({"outbox", "two_people", "client_merge"})
"""Work under way, whose traces stand in the letters and payments; and what speaks of somebody else, as an undone merge
does."""
LEFT_OUT = frozenset(
    {
        "practice_id", "search_text", "name_key", "pay_token", "key", "lease_token", "pdf", "fingerprint", "url",
        "account_ref", "request_uuid", "refund_uuid", "event_id", "version",
    }
)  # fmt: skip
NAMED = {"member": "name", "care_service": "name", "scheme": "name", "custom_field": "name"}
"""What a row points at is given by its name, not by a number nobody outside can look up."""

Row = dict[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Records:
    """`tables`: rows by table, empty ones left out. `documents`: ids of the documents given out."""

    client_id: int
    name: str
    tables: dict[str, list[Row]]
    documents: tuple[int, ...]


def take_out(db: Session, desk: Desk, who: Principal, *, client_id: object) -> Records:
    """Raises `NotFound`. Who took it and when is noted in the client's record, which is part of what is taken."""
    for permission in (Permission.TAKE_OUT, Permission.SEE_DIAGNOSES, Permission.SEE_BILLING):
        who.must(permission)
    client = find_client(db, who, client_id)
    note(db, desk, who, client, "Everything kept about this client was taken out as one archive.")
    db.flush()
    found = _gathered(db, who.practice_id, same_person(db, client))
    names = _names(db, who.practice_id)
    tables = {name: [_plain(name, row, names) for row in rows] for name, rows in found.items() if rows}
    desk.tell(who.practice_id)
    documents = tuple(int(row["id"]) for row in found.get("document", ()))
    return Records(int(client.id or 0), f"{client.first_name} {client.last_name}".strip(), tables, documents)


def _gathered(db: Session, practice_id: int, client_ids: list[int]) -> dict[str, list[Any]]:
    known: dict[str, list[int]] = {"client": client_ids}
    for hub in HUBS[1:]:
        known[hub] = [row["id"] for row in _rows(db, practice_id, SQLModel.metadata.tables[hub], known)]
    return {
        table.name: list(_rows(db, practice_id, table, known))
        for table in SQLModel.metadata.sorted_tables
        if table.name not in STAYS
    }


def _rows(db: Session, practice_id: int, table: sa.Table, known: dict[str, list[int]]) -> Iterable[Any]:
    """The table's rows that are a client's own or hang on one of the known rows."""
    theirs = [table.c.id.in_(known["client"])] if table.name == "client" else []
    for column in table.c:
        theirs += [column.in_(known[to]) for to in _points_at(column) if to in known and to != table.name]
    if not theirs or "practice_id" not in table.c:
        return ()
    order = list(table.primary_key.columns)
    taken = [column for column in table.c if column.name not in LEFT_OUT]
    query = sa.select(*taken).where(table.c.practice_id == practice_id, sa.or_(*theirs)).order_by(*order)
    return db.execute(query).mappings().all()


def _points_at(column: Any) -> list[str]:
    return [key.column.table.name for key in column.foreign_keys]


def _names(db: Session, practice_id: int) -> dict[str, dict[int, str]]:
    tables = SQLModel.metadata.tables
    return {
        name: {
            row.id: str(getattr(row, column))
            for row in db.execute(sa.select(tables[name]).where(tables[name].c.practice_id == practice_id))
        }
        for name, column in NAMED.items()
    }


def _plain(table: str, row: Any, names: dict[str, dict[int, str]]) -> Row:
    plain: Row = {}
    for column in SQLModel.metadata.tables[table].c:
        if column.name not in row:
            continue
        value = row[column.name]
        named = next((to for to in _points_at(column) if to in NAMED), None)
        if named:
            plain[column.name.removesuffix("_id")] = names[named].get(value, "")
        else:
            plain[column.name] = value.isoformat() if isinstance(value, date | datetime) else value
    return plain
