"""Clients out of another system's export. Nothing that stands in a profile is ever overwritten; gaps are filled."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from trova_app.domain.imports import ClientRow, ParsedFile
from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import Client, ClientStatus
from trova_app.services.arguments import Fields, folded
from trova_app.services.clients import (
    CODE,
    LONGEST_NAME,
    MOST_DIAGNOSES,
    add_code,
    found_anew,
    keyed,
    scheme_named,
    whose_now,
)
from trova_app.services.import_reports import ImportReport, Notes, Outcome, all_or_nothing, begin
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


@dataclass(slots=True)
class Register:
    """The practice's clients, by the other system's id and by name; kept up to date while rows are added."""

    by_external_id: dict[str, Client] = field(default_factory=dict)
    by_name: dict[str, list[Client]] = field(default_factory=dict)
    schemes: dict[str, int | None] = field(default_factory=dict)

    @classmethod
    def of(cls, db: Session, practice_id: int) -> "Register":
        register, merged = cls(), []
        for client in db.exec(select(Client).where(Client.practice_id == practice_id).order_by(col(Client.id))):
            merged.append(client) if client.status == ClientStatus.MERGED else register.add(client)
        for client in merged:
            if client.external_id:
                register.by_external_id.setdefault(client.external_id, db.get_one(Client, whose_now(db, client)))
        return register

    def add(self, client: Client) -> None:
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
    register = Register.of(db, who.practice_id)

    def keep(row: ClientRow, notes: Notes) -> Outcome:
        return _keep(db, desk, who, register, row, notes)

    return all_or_nothing(db, desk, who, parsed, keep, is_dry_run=dry_run)


def _keep(db: Session, desk: Desk, who: Principal, register: Register, row: ClientRow, notes: Notes) -> Outcome:
    values = _values(db, who, register, row)
    known = _known(register, values, row.birth_date)
    client = known or Client(practice_id=who.practice_id, status=row.status, created_at=desk.now(), **values)
    changed = _filled(register, client, values, notes) if known else False
    if not known:
        db.add(keyed(client))
        db.flush()
        register.add(client)
    added = _diagnosed(db, desk, client, row, notes)
    if not known:
        return Outcome.IMPORTED
    if not (changed or added):
        return Outcome.UNCHANGED
    client.version += 1
    db.add(found_anew(db, client))
    return Outcome.UPDATED


def _values(db: Session, who: Principal, register: Register, row: ClientRow) -> dict[str, Any]:
    """The row's columns, read as strictly as a form. Raises `FieldFaults`."""
    form = Fields()
    values: dict[str, Any] = {n: form.line(n, getattr(row, n), most=most) for n, most in LONGEST_TEXTS.items()}
    values["email"] = form.mailbox("email", row.email)
    values["address"] = form.paragraph("address", row.address, most=500)
    if not values["first_name"] and not values["last_name"]:
        form.fault("first_name", "This row has no name.")
    form.done()
    scheme = values.pop("scheme")
    if folded(scheme) not in register.schemes:
        register.schemes[folded(scheme)] = scheme_named(db, who.practice_id, scheme)
    return values | {"scheme_id": register.schemes[folded(scheme)], "birth_date": row.birth_date}


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
    changed = False
    for name, value in values.items():
        kept = getattr(client, name)
        if value and not kept:
            setattr(client, name, value)
            changed = True
        elif value and value != kept and name in FIELD_WORDS:
            notes.add(name, f"The {FIELD_WORDS[name]} in the file is another one. The profile was kept as it is.")
    if client.external_id:
        register.by_external_id[client.external_id] = client
    return changed


def _diagnosed(db: Session, desk: Desk, client: Client, row: ClientRow, notes: Notes) -> bool:
    added = False
    for code in row.diagnoses:
        if not CODE.fullmatch(code):
            notes.add("diagnoses", "One of the diagnoses is not a code such as F41.1. It was left out.")
            continue
        try:
            added = add_code(db, desk, client, code) or added
        except Refusal:
            notes.add("diagnoses", f"A client has at most {MOST_DIAGNOSES} diagnoses. The rest was left out.")
            break
    return added
