"""How a client is reached: several mail addresses and phones, and whose each is. One address gets the invoices."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.refusals import FieldFaults
from trova_app.models import Client, ClientContact, ContactKind
from trova_app.services.arguments import Fields

MOST = 5
FIRST = {ContactKind.MAIL: ("email", "email_whose"), ContactKind.PHONE: ("phone", "phone_whose")}
LONGEST_WHOSE = 40


@dataclass(frozen=True, slots=True)
class Reach:
    """A mail address or phone. `whose`: "" = the client's own."""

    value: str
    whose: str = ""


def reaches_of(db: Session, client: Client, kind: ContactKind) -> tuple[Reach, ...]:
    """The one that invoices or calls go to first; () where there is none at all."""
    value, whose = (getattr(client, name) for name in FIRST[kind])
    further = (Reach(row.value, row.whose) for row in _further(db, client, kind))
    return (*((Reach(value, whose),) if value else ()), *further)


def _further(db: Session, client: Client, kind: ContactKind) -> Sequence[ClientContact]:
    query = select(ClientContact).where(ClientContact.client_id == client.id, ClientContact.kind == kind)
    return db.exec(query.order_by(col(ClientContact.position), col(ClientContact.id))).all()


def read_reaches(form: Fields, kind: ContactKind, given: object, first: object = 0) -> tuple[Reach, ...]:
    """(value, whose) pairs as typed, blank ones left out; the one at `first` goes to the front. Faults stand at
    "mail_1", "phone_2" and so on."""
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) > MOST:
        form.fault(f"{kind}_1", f"Write at most {MOST} of these.")
        return ()
    read = [_reach(form, kind, number, pair) for number, pair in enumerate(given, start=1)]
    if type(first) is int and 0 <= first < len(read) and read[first].value:
        read.insert(0, read.pop(first))
    return tuple({one.value: one for one in reversed(read) if one.value}.values())[::-1]


def _reach(form: Fields, kind: ContactKind, number: int, pair: object) -> Reach:
    value, whose = pair if isinstance(pair, tuple) and len(pair) == 2 else (None, "")
    field = f"{kind}_{number}"
    text = form.mailbox(field, value) if kind is ContactKind.MAIL else form.line(field, value, most=40)
    return Reach(text, form.line(f"{field}_whose", whose, most=LONGEST_WHOSE))


def put_first(db: Session, client: Client, kind: ContactKind, value: str) -> None:
    """In place of the one that gets the invoices or calls; one known already moves up, and all stay. "" takes the only
    one away. Raises `FieldFaults` where there are others: the next one must not get the invoices unasked."""
    there = reaches_of(db, client, kind)
    known = next((one for one in there if one.value == value), None)
    if known is not None:
        keep_reaches(db, client, kind, (known, *(one for one in there if one is not known)))
    elif value or len(there) < 2:
        keep_reaches(db, client, kind, ((Reach(value), *there[1:]) if value else ()))
    else:
        raise FieldFaults([(FIRST[kind][0], "There are others. Choose on the client's page which one is used first.")])


def keep_reaches(db: Session, client: Client, kind: ContactKind, reaches: tuple[Reach, ...]) -> None:
    """These and no others; the first gets the invoices or the calls."""
    head = reaches[0] if reaches else Reach("")
    for name, text in zip(FIRST[kind], (head.value, head.whose), strict=True):
        setattr(client, name, text)
    db.exec(sa.delete(ClientContact).where(col(ClientContact.client_id) == client.id, col(ClientContact.kind) == kind))
    db.add_all(
        ClientContact(
            practice_id=client.practice_id,
            client_id=int(client.id or 0),
            kind=kind,
            position=position,
            value=one.value,
            whose=one.whose,
        )
        for position, one in enumerate(reaches[1:], start=2)
    )
    db.flush()
