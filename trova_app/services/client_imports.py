"""Clients out of another system's export. Nothing that stands in a profile is ever overwritten; gaps are filled."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlmodel import Session, col, select

from trova_app.domain.imports import ClientRow, ParsedFile
from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.models import Client, ClientStatus, Scheme
from trova_app.services.arguments import Fields, folded, is_hidden, one_line
from trova_app.services.clients import (
    CODE,
    LONGEST_NAME,
    MOST_DIAGNOSES,
    coded,
    found_anew,
    keyed,
    whose_now,
)
from trova_app.services.import_reports import ImportReport, Notes, Outcome, all_or_nothing, begin
from trova_app.services.import_writes import Writes
from trova_app.services.ports import Desk

LONGEST_TEXTS = {
    "first_name": LONGEST_NAME,
    "last_name": LONGEST_NAME,
    "phone": 40,
    "scheme": LONGEST_NAME,
    "scheme_option": LONGEST_NAME,
    "member_number": 40,
    "dependant_code": 10,
    "main_member": LONGEST_NAME,
    "external_id": 100,
}
FIELD_WORDS = {name: name.replace("_", " ") for name in (*LONGEST_TEXTS, "email", "address", "birth_date")}
SEVERAL = "Several clients have this name. Add a mail address, a date of birth or the other system's id."


IN_ONE_QUESTION = 500
READ_AHEAD = 200  # rows


def is_readable(text: str) -> bool:
    """Whether a row with this text can be kept at all, and a database be asked for it."""
    return not any(map(is_hidden, text))


@dataclass(slots=True)
class Register:
    """The practice's clients that some rows may speak of, by the other system's id and by name; kept up to date while
    rows are added."""

    writes: Writes
    by_external_id: dict[str, Client] = field(default_factory=dict)
    by_name: dict[str, list[Client]] = field(default_factory=dict)
    schemes: dict[str, int | None] = field(default_factory=dict)
    _asked: set[tuple[bool, str]] = field(default_factory=set)
    _known: set[int] = field(default_factory=set)

    def read(self, practice_id: int, names: Iterable[str], external_ids: Iterable[str]) -> None:
        """Whoever of the practice has one of these names or ids."""
        ids = {text for one in external_ids if (text := one_line(one))}
        for column, wanted in ((col(Client.name_key), set(map(folded, names))), (col(Client.external_id), ids)):
            is_id = wanted is ids
            new = [text for text in wanted if (is_id, text) not in self._asked and is_readable(text)]
            self._asked |= {(is_id, text) for text in new}
            for at in range(0, len(new), IN_ONE_QUESTION):
                self._read(practice_id, column.in_(new[at : at + IN_ONE_QUESTION]), is_id)

    def _read(self, practice_id: int, is_wanted: Any, by_id: bool) -> None:
        query = select(Client).where(Client.practice_id == practice_id, is_wanted).order_by(col(Client.id))
        query = query.where(col(Client.external_id) != "") if by_id else query
        db, found = self.writes.db, {}
        for client in db.exec(query).all():
            if client.status != ClientStatus.MERGED:
                found[client.id] = client
            elif by_id:
                kept = db.get_one(Client, whose_now(db, client))
                found[kept.id] = kept
                self.by_external_id.setdefault(client.external_id, kept)
        for client in self.writes.copies(one for key, one in found.items() if key not in self._known):
            self.add(client)

    def add(self, client: Client) -> None:
        self._known.add(int(client.id or 0))
        if client.external_id:
            self.by_external_id[client.external_id] = client
        self.by_name.setdefault(folded(f"{client.first_name} {client.last_name}"), []).append(client)

    def named(self, name: str) -> list[Client]:
        return self.by_name.get(folded(name), [])


def import_clients(
    db: Session, desk: Desk, who: Principal, *, parsed: ParsedFile[ClientRow], dry_run: bool = False
) -> ImportReport:
    """Keeps a file's clients, all or none. Safe to run twice: a client is known by the other system's id, else by name
    with mail address or date of birth."""
    begin(db, who)

    def keeper() -> Callable[[ClientRow, Notes], Outcome]:
        return client_keeper(desk, who, Register(Writes(db)), parsed.rows)

    return all_or_nothing(db, desk, who, parsed, keeper, is_dry_run=dry_run)


def client_keeper(
    desk: Desk, who: Principal, register: Register, rows: Sequence[ClientRow]
) -> Callable[[ClientRow, Notes], Outcome]:
    """What keeps each of these rows; it raises `Refusal` for one that cannot be kept."""
    names = (f"{row.first_name} {row.last_name}" for row in rows)
    register.read(who.practice_id, names, (row.external_id for row in rows))

    def keep(row: ClientRow, notes: Notes) -> Outcome:
        return _keep(desk, who, register, row, notes)

    return keep


def _keep(desk: Desk, who: Principal, register: Register, row: ClientRow, notes: Notes) -> Outcome:
    writes = register.writes
    values = _values(row)
    known = _known(register, values, row.birth_date)
    scheme = values.pop("scheme")
    values["scheme_id"] = None if known and known.scheme_id else _scheme_id(who, register, scheme)
    client = known or Client(practice_id=who.practice_id, status=row.status, created_at=desk.now(), **values)
    changed = _filled(register, client, values, notes) if known else False
    if not known:
        writes.add(keyed(client))
        register.add(client)
    added = _diagnosed(desk, writes, client, row, notes)
    if not known:
        return Outcome.IMPORTED
    if not (changed or added):
        return Outcome.UNCHANGED
    client.version += 1
    if not writes.is_trial:
        writes.db.add(found_anew(writes.db, client))
    return Outcome.UPDATED


def _values(row: ClientRow) -> dict[str, Any]:
    """The row's columns, the scheme by its name. Raises `FieldFaults`."""
    texts, faults = texts_of(row)
    if faults:
        raise FieldFaults(list(faults))
    return {**texts, "birth_date": row.birth_date}


@lru_cache(maxsize=READ_AHEAD)
def texts_of(row: ClientRow) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """The row's texts, read as strictly as a form, and what is wrong with them. Remembered for a moment: they are read
    ahead, so that no transaction lasts for it."""
    form = Fields()
    texts = {name: form.line(name, getattr(row, name), most=most) for name, most in LONGEST_TEXTS.items()}
    texts["email"] = form.mailbox("email", row.email)
    texts["address"] = form.paragraph("address", row.address, most=500)
    if not texts["first_name"] and not texts["last_name"]:
        form.fault("first_name", "This row has no name.")
    return texts, tuple(form.faults)


def _scheme_id(who: Principal, register: Register, name: str) -> int | None:
    """The practice's scheme of that name however it is capitalised, added where it is new; None for no name."""
    if not name:
        return None
    if not register.schemes:
        query = select(Scheme).where(Scheme.practice_id == who.practice_id)
        register.schemes = {folded(one.name): one.id for one in register.writes.db.exec(query)}
    if folded(name) not in register.schemes:
        scheme = Scheme(practice_id=who.practice_id, name=name)
        register.writes.add(scheme)
        register.schemes[folded(name)] = register.writes.numbered(scheme)
    return register.schemes[folded(name)]


def _known(register: Register, values: dict[str, Any], birth_date: date | None) -> Client | None:
    """The client this row speaks of, None for a new one. Raises `Refusal` where it could be several."""
    external_id, email = values["external_id"], values["email"]
    if external_id in register.by_external_id:
        return register.by_external_id[external_id]
    namesakes = register.named(f"{values['first_name']} {values['last_name']}")
    same = [client for client in namesakes if _may_be(client, external_id, email, birth_date)]
    if len(same) > 1:
        certain = [client for client in same if email and client.email == email]
        if len(certain) != 1:
            raise Refusal(SEVERAL, "first_name")
        return certain[0]
    return same[0] if same else None


def _may_be(client: Client, external_id: str, email: str, birth_date: date | None) -> bool:
    """Of the same name: nothing speaks against it, and something for it or nothing to compare."""
    if external_id and client.external_id:
        return False  # the other system knows them as two
    if birth_date and client.birth_date:
        return birth_date == client.birth_date
    if email and client.email:
        return email == client.email
    return not (email or birth_date) or not (client.email or client.birth_date)


def _filled(register: Register, client: Client, values: dict[str, Any], notes: Notes) -> bool:
    """Fills what is empty; says where the file has something else."""
    gaps = {}
    for name, value in values.items():
        kept = getattr(client, name)
        if value and not kept:
            gaps[name] = value
        elif value and value != kept and name in FIELD_WORDS:
            notes.add(name, f"The {FIELD_WORDS[name]} in the file is another one. The profile was kept as it is.")
    register.writes.change(client, gaps)
    if client.external_id:
        register.by_external_id[client.external_id] = client
    return bool(gaps)


def _diagnosed(desk: Desk, writes: Writes, client: Client, row: ClientRow, notes: Notes) -> bool:
    added = False
    for code in row.diagnoses:
        if not CODE.fullmatch(code):
            notes.add("diagnoses", "One of the diagnoses is not a code such as F41.1. It was left out.")
            continue
        writes.numbered(client)
        try:
            found = coded(writes.db, desk, client, code)
        except Refusal:
            notes.add("diagnoses", f"A client has at most {MOST_DIAGNOSES} diagnoses. The rest was left out.")
            break
        if found is not None:
            writes.add_code(client, found)
            added = True
    return added
