"""A client's diagnoses, in order: what a new form starts with."""

import re

from sqlmodel import Session

from trova_app.domain.diagnoses import tidy_code
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.models import Client, ClientDiagnosis
from trova_app.services.arguments import Fields
from trova_app.services.clients.entries import note
from trova_app.services.clients.fill_in import changed
from trova_app.services.clients.find import ClientProfile, diagnoses_of, find_client, must_stand_alone
from trova_app.services.ports import Desk

MOST_DIAGNOSES = 12
CODE = re.compile(r"[A-Z0-9.]{3,10}", re.ASCII)


def add_diagnosis(
    db: Session, desk: Desk, who: Principal, *, client_id: object, code: object, description: object = ""
) -> ClientProfile:
    """Adds a code behind the others, with WHO's words where the code is known. A code WHO does not have is kept too:
    what to make of it is said in the profile's warnings."""
    client = _to_diagnose(db, who, client_id)
    form = Fields()
    words = form.line("description", description, most=500)
    form.done()
    tidy = tidy_code(code) if isinstance(code, str) and len(code) <= 40 else ""
    if not CODE.fullmatch(tidy):
        raise FieldFaults([("diagnosis", "Enter an ICD-10 code such as F41.1, or choose one from the list.")])
    add_code(db, desk, client, tidy, words)
    return _done(db, desk, who, client)


def add_code(db: Session, desk: Desk, client: Client, code: str, description: str = "") -> bool:
    """False where the client has the code already."""
    row = coded(db, desk, client, code, description)
    if row is not None:
        db.add(row)
    return row is not None


def coded(db: Session, desk: Desk, client: Client, code: str, description: str = "") -> ClientDiagnosis | None:
    """The row to be added, None where the client has the code already."""
    listed = diagnoses_of(db, client)
    if any(row.code == code for row in listed):
        return None
    if len(listed) >= MOST_DIAGNOSES:
        raise Refusal(f"A client has at most {MOST_DIAGNOSES} diagnoses. Remove one first.", "diagnosis")
    known = desk.codes.find(code) if desk.codes else None
    return ClientDiagnosis(
        practice_id=client.practice_id,
        client_id=int(client.id or 0),
        position=max((row.position for row in listed), default=0) + 1,
        code=code,
        description=known.description if known else description,
    )


def remove_diagnosis(db: Session, desk: Desk, who: Principal, *, client_id: object, code: object) -> ClientProfile:
    """Removes the code if it is there; invoices already made keep it."""
    client = _to_diagnose(db, who, client_id)
    for row in diagnoses_of(db, client):
        if isinstance(code, str) and row.code == code:
            db.delete(row)
    return _done(db, desk, who, client)


def move_diagnosis(
    db: Session, desk: Desk, who: Principal, *, client_id: object, code: object, by: object
) -> ClientProfile:
    """One place up (`by` -1) or down (1); the first is the primary one."""
    client = _to_diagnose(db, who, client_id)
    listed = diagnoses_of(db, client)
    at = next((n for n, row in enumerate(listed) if isinstance(code, str) and row.code == code), None)
    if at is not None and type(by) is int and abs(by) == 1 and 0 <= at + by < len(listed):
        listed[at], listed[at + by] = listed[at + by], listed[at]
        for position, row in enumerate(listed, start=1):
            row.position = position
            db.add(row)
    return _done(db, desk, who, client)


def _done(db: Session, desk: Desk, who: Principal, client: Client) -> ClientProfile:
    note(db, desk, who, client, "Changed: diagnoses.")
    return changed(db, desk, who, client)


def _to_diagnose(db: Session, who: Principal, client_id: object) -> Client:
    who.must(Permission.EDIT_CLIENTS)
    who.must(Permission.SEE_DIAGNOSES)
    client = find_client(db, who, client_id, lock=True)
    must_stand_alone(client)
    return client
