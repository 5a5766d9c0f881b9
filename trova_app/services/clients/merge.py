"""Two records of one person made one, and apart again.

Appointments and invoices go over, so the balance does; documents stay as they were given out. Where both records have
something, the kept one's stands. What came over is written down, and undoing takes back exactly that.
"""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound, Refusal
from trova_app.models import Client, ClientMerge, ClientStatus, ContactKind, CustomValue
from trova_app.services.arguments import an_id
from trova_app.services.clients import merged_since
from trova_app.services.clients.diagnoses import MOST_DIAGNOSES, add_code
from trova_app.services.clients.entries import note
from trova_app.services.clients.fill_in import changed
from trova_app.services.clients.find import ClientProfile, diagnoses_of, find_client, must_stand_alone
from trova_app.services.clients.reach import MOST, keep_reaches, reaches_of
from trova_app.services.ports import Desk

ABOUT_THE_RECORD = frozenset(
    {
        "client_diagnosis",
        "client_contact",
        "client_consent",
        "custom_value",
        "client_entry",
        "client_merge",
        "two_people",
    }
)
"""What is not simply carried over: it is put together, or belongs to the record itself."""
SINGLE = (
    "birth_date",
    "id_number",
    "address",
    "default_payment_type",
)
GUARDIAN = ("guardian_name", "guardian_relation", "guardian_address", "guardian_pays")
SCHEME = ("scheme_id", "scheme_option", "member_number", "dependant_code", "main_member")
"""Each filled together or not at all, and taken back so: half of one person's and half of another's is nobody's."""


@dataclass(slots=True)
class Moved:
    """What came over: ids of rows by table, columns filled with their text, values and codes added."""

    rows: dict[str, list[int]] = field(default_factory=dict)
    filled: dict[str, Any] = field(default_factory=dict)
    reaches: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    external_id: str = ""
    status: str = ClientStatus.ACTIVE

    @property
    def words(self) -> str:
        """ "3 appointments, 1 invoice"."""
        counts = ((len(self.rows.get(table, ())), table) for table in ("appointment", "invoice"))
        return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in counts)


def merge(db: Session, desk: Desk, who: Principal, *, client_id: object, other_id: object) -> ClientProfile:
    """The other client becomes part of this one. Raises `NotFound`, or `Refusal` where that cannot be."""
    who.must(Permission.MERGE_CLIENTS)
    kept, other = _both(db, who, client_id, other_id)
    moved = Moved(external_id=other.external_id, status=other.status)
    _fill(db, kept, other, moved)
    _add_diagnoses(db, desk, kept, other, moved)
    _add_values(db, kept, other, moved)
    row = ClientMerge(
        practice_id=who.practice_id,
        kept_id=int(kept.id or 0),
        merged_id=int(other.id or 0),
        merged_at=desk.now(),
        merged_by=who.member_id,
    )
    db.add(row)
    db.flush()  # the guard on issued invoices asks for it
    moved.rows = {table: _carry(db, table, other, kept) for table in _tables()}
    row.moved = json.dumps({name: getattr(moved, name) for name in Moved.__slots__})
    other.status, other.version = ClientStatus.MERGED, other.version + 1
    note(db, desk, who, kept, f"Record {other.id} was merged into this one: {moved.words}.")
    note(db, desk, who, other, f"Merged into record {kept.id}.")
    db.add(other)
    return changed(db, desk, who, kept)


def undo_merge(db: Session, desk: Desk, who: Principal, *, merge_id: object) -> ClientProfile:
    """Takes back what came over and was not changed since; the other client is there again."""
    who.must(Permission.MERGE_CLIENTS)
    wanted = an_id(merge_id, "merge")
    query = select(ClientMerge).where(ClientMerge.id == wanted, ClientMerge.practice_id == who.practice_id)
    row = db.exec(query.with_for_update()).first()
    if row is None:
        raise NotFound("merge")
    if row.undone_at is not None:
        raise Refusal("This merge was undone already.")
    kept, other = _locked(db, who, row.kept_id, row.merged_id)
    if kept.status == ClientStatus.MERGED:
        raise Refusal("This client was merged into another one since. Undo that merge first.")
    moved = Moved(**json.loads(row.moved))
    _take_back(db, kept, moved)
    for table, ids in moved.rows.items():
        _carry(db, table, kept, other, ids)
    merged_since.give_back(db, kept, other, row.merged_at)
    other.status, other.external_id, other.version = moved.status, moved.external_id, other.version + 1
    row.undone_at = desk.now()
    note(db, desk, who, kept, f"The merge with record {other.id} was undone.")
    note(db, desk, who, other, f"The merge into record {kept.id} was undone.")
    db.add_all([other, row])
    return changed(db, desk, who, kept)


def _name(client: Client) -> str:
    return f"{client.first_name} {client.last_name}".strip()


def _both(db: Session, who: Principal, client_id: object, other_id: object) -> tuple[Client, Client]:
    kept, other = _locked(db, who, client_id, other_id)
    if kept.id == other.id:
        raise Refusal("Choose another client to merge with.")
    for client in (kept, other):
        must_stand_alone(client)
    return kept, other


def _locked(db: Session, who: Principal, *ids: object) -> list[Client]:
    """In the given order; locked in the order of their ids, so that two merges never wait for each other."""
    found = {key: find_client(db, who, key, lock=True) for key in sorted({an_id(one, "client") for one in ids})}
    return [found[an_id(one, "client")] for one in ids]


# -- rows that go over as they are


def _tables() -> list[str]:
    """Appointments, invoices and whatever else names a client."""
    tables = SQLModel.metadata.sorted_tables
    return [table.name for table in tables if "client_id" in table.c and table.name not in ABOUT_THE_RECORD]


def _carry(db: Session, table: str, source: Client, to: Client, ids: list[int] | None = None) -> list[int]:
    """All of the source's rows, or those of `ids` that are still the source's; their ids."""
    rows = SQLModel.metadata.tables[table]
    mine = rows.c.client_id == source.id if ids is None else (rows.c.client_id == source.id) & rows.c.id.in_(ids)
    carried = sa.update(rows).where(mine).values(client_id=to.id).returning(rows.c.id)
    found = sorted(db.execute(carried.execution_options(synchronize_session=False)).scalars())
    db.expire_all()
    return found


# -- what is put together


def _fill(db: Session, kept: Client, other: Client, moved: Moved) -> None:
    """Gaps are filled; other mail addresses and phones stand behind the kept one's."""
    guardian = GUARDIAN if not any(getattr(kept, name) for name in GUARDIAN) else ()
    names = [*SINGLE, *guardian, *(SCHEME if kept.scheme_id is None and not kept.member_number else ())]
    for name in names:
        value = getattr(other, name)
        if value and not getattr(kept, name):
            setattr(kept, name, value)
            moved.filled[name] = _plain(value)
    if other.external_id and not kept.external_id:
        other.external_id, external_id = "", other.external_id
        db.add(other)
        db.flush()  # no two may have it at once
        kept.external_id = moved.filled["external_id"] = external_id
    for kind in ContactKind:
        there = reaches_of(db, kept, kind)
        values = {one.value for one in there}
        more = [one for one in reaches_of(db, other, kind) if one.value not in values][: MOST - len(there)]
        moved.reaches[kind] = [one.value for one in more]
        keep_reaches(db, kept, kind, (*there, *more))


def _add_diagnoses(db: Session, desk: Desk, kept: Client, other: Client, moved: Moved) -> None:
    for row in diagnoses_of(db, other):
        if len(diagnoses_of(db, kept)) < MOST_DIAGNOSES and add_code(db, desk, kept, row.code, row.description):
            moved.codes.append(row.code)
            db.flush()


def _values(db: Session, client: Client) -> dict[int, CustomValue]:
    query = select(CustomValue).where(CustomValue.client_id == client.id)
    return {row.field_id: row for row in db.exec(query)}


def _add_values(db: Session, kept: Client, other: Client, moved: Moved) -> None:
    there = _values(db, kept)
    for field_id, row in _values(db, other).items():
        if field_id not in there:
            db.add(
                CustomValue(
                    practice_id=kept.practice_id, client_id=int(kept.id or 0), field_id=field_id, value=row.value
                )
            )
            moved.values[str(field_id)] = row.value


def _take_back(db: Session, kept: Client, moved: Moved) -> None:
    """Only what is still as it came; what somebody changed since stays."""
    as_came = {name for name, value in moved.filled.items() if _plain(getattr(kept, name)) == value}
    for group in (GUARDIAN, SCHEME):
        if not {name for name in moved.filled if name in group} <= as_came:
            as_came -= set(group)
    for name in as_came:
        setattr(kept, name, Client.model_fields[name].get_default())
    for kind in ContactKind:
        gone = set(moved.reaches.get(kind, ()))
        there = reaches_of(db, kept, kind)
        came_first = {there[0].value} & gone if there and len(gone) < len(there) else set()
        keep_reaches(db, kept, kind, tuple(one for one in there if one.value not in gone - came_first))
    for row in diagnoses_of(db, kept):
        if row.code in moved.codes:
            db.delete(row)
    for field_id, value_row in _values(db, kept).items():
        if value_row.value == moved.values.get(str(field_id)):
            db.delete(value_row)
    db.add(kept)
    db.flush()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


# -- what is said of it


@dataclass(frozen=True, slots=True)
class MergeText:
    """A client that became part of this one."""

    id: int
    name: str


def merges_of(db: Session, desk: Desk, who: Principal, *, client_id: object) -> tuple[MergeText, ...]:
    """The latest first; for those who may merge."""
    who.must(Permission.SEE_APPOINTMENTS)
    if not who.may(Permission.MERGE_CLIENTS):
        return ()
    client = find_client(db, who, client_id)
    query = (
        select(ClientMerge.id, Client)
        .join(Client, col(Client.id) == ClientMerge.merged_id)
        .where(ClientMerge.kept_id == client.id, col(ClientMerge.undone_at).is_(None))
        .order_by(col(ClientMerge.id).desc())
    )
    return tuple(MergeText(int(key or 0), _name(other)) for key, other in db.exec(query))
