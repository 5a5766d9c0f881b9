"""Clients: the list, one client's profile, and what is filled in about them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.diagnoses import tidy_code, warnings_for
from trova_app.domain.invoices import PaymentType
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotFound, Refusal
from trova_app.models import Client, ClientDiagnosis, Scheme
from trova_app.services.arguments import Fields, a_page_size, a_version, an_id, folded, like, search_words
from trova_app.services.balances import owed_by
from trova_app.services.cursors import cursor_of, place_in
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for

MOST_DIAGNOSES = 12
LONGEST_NAME = 120
LONGEST_SEARCH_TEXT = 400  # an index holds it
CODE = re.compile(r"[A-Z0-9.]{3,10}", re.ASCII)
PAYMENT_TYPES = ("", *(kind.value for kind in PaymentType))


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One line of the list. `balance` is "" where nothing is owed."""

    id: int
    name: str
    email: str
    phone: str
    payer: str
    balance: str


@dataclass(frozen=True, slots=True)
class ClientPage:
    rows: tuple[ClientRow, ...]
    next_after: str = ""


@dataclass(frozen=True, slots=True)
class ClientProfile:
    """Everything kept about a client. `diagnoses` holds (code, description) in order, for those who may see them."""

    id: int
    version: int
    first_name: str
    last_name: str
    email: str
    phone: str
    birth_date: str
    address: str
    default_payment_type: str
    scheme: str
    scheme_option: str
    member_number: str
    dependant_code: str
    main_member: str
    status: str
    balance: str
    diagnoses: tuple[tuple[str, str], ...] = ()
    diagnosis_warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def search_text_of(client: Client) -> str:
    """What the lists' search looks through."""
    return folded(f"{client.first_name} {client.last_name} {client.email}")[:LONGEST_SEARCH_TEXT]


def list_clients(
    db: Session, desk: Desk, who: Principal, *, search: object = "", after: object = "", limit: object = 50
) -> ClientPage:
    """Clients by name; `search` are words of name or mail address, all to be found."""
    who.must(Permission.SEE_APPOINTMENTS)
    size, place = a_page_size(limit), place_in("clients", after)
    key: Any = sa.tuple_(col(Client.search_text), col(Client.id))
    query: Any = (
        sa.select(Client, col(Scheme.name).label("scheme_name"))
        .outerjoin(Scheme, col(Scheme.id) == Client.scheme_id)
        .where(col(Client.practice_id) == who.practice_id)
        .where(*(col(Client.search_text).like(like(word), escape="!") for word in search_words(search)))
        .order_by(col(Client.search_text), col(Client.id))
    )
    if place is not None:
        query = query.where(key > sa.tuple_(sa.literal(place[0]), sa.literal(place[1])))
    found = db.execute(query.limit(size + 1)).all()
    style = style_for(db, desk, who.practice_id)
    owed = _owed(db, who, [row.Client.id for row in found])
    rows = tuple(_row(style, row.Client, row.scheme_name, owed) for row in found[:size])
    last = found[size - 1].Client if len(found) > size else None
    return ClientPage(rows, cursor_of("clients", last.search_text, last.id) if last else "")


def _owed(db: Session, who: Principal, client_ids: list[int]) -> dict[int, int]:
    return owed_by(db, who.practice_id, client_ids) if who.may(Permission.SEE_BILLING) else {}


def _row(style: PracticeStyle, client: Client, scheme_name: str | None, owed: dict[int, int]) -> ClientRow:
    key = int(client.id or 0)
    return ClientRow(
        id=key,
        name=f"{client.first_name} {client.last_name}".strip(),
        email=client.email,
        phone=client.phone,
        payer=scheme_name or "private",
        balance=style.amount(owed[key]) if key in owed else "",
    )


def find(db: Session, desk: Desk, who: Principal, *, client_id: object) -> ClientProfile:
    who.must(Permission.SEE_APPOINTMENTS)
    return _profile(db, desk, who, _one(db, who, client_id))


def _one(db: Session, who: Principal, client_id: object, *, lock: bool = False) -> Client:
    """`NotFound` for another practice's client as for none."""
    query = select(Client).where(Client.id == an_id(client_id, "client"), Client.practice_id == who.practice_id)
    found = db.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).first()
    if found is None:
        raise NotFound("client")
    return found


def _profile(db: Session, desk: Desk, who: Principal, client: Client) -> ClientProfile:
    style, key = style_for(db, desk, who.practice_id), int(client.id or 0)
    owed = _owed(db, who, [key])
    listed = _diagnoses(db, client) if who.may(Permission.SEE_DIAGNOSES) else []
    scheme = db.get(Scheme, client.scheme_id) if client.scheme_id else None
    return ClientProfile(
        id=key,
        version=client.version,
        first_name=client.first_name,
        last_name=client.last_name,
        email=client.email,
        phone=client.phone,
        birth_date=client.birth_date.isoformat() if client.birth_date else "",
        address=client.address,
        default_payment_type=client.default_payment_type,
        scheme=scheme.name if scheme else "",
        scheme_option=client.scheme_option,
        member_number=client.member_number,
        dependant_code=client.dependant_code,
        main_member=client.main_member,
        status=client.status,
        balance=style.amount(owed[key]) if key in owed else "",
        diagnoses=tuple((row.code, row.description) for row in listed),
        diagnosis_warnings=tuple(warnings_for([row.code for row in listed])),
    )


# -- filling in

READERS: dict[str, Callable[[Fields, str, object], Any]] = {
    "first_name": lambda form, name, given: form.line(name, given, most=LONGEST_NAME, needed="Enter the first name."),
    "last_name": lambda form, name, given: form.line(name, given, most=LONGEST_NAME, needed="Enter the last name."),
    "email": lambda form, name, given: form.mailbox(name, given),
    "phone": lambda form, name, given: form.line(name, given, most=40),
    "address": lambda form, name, given: form.paragraph(name, given, most=500),
    "default_payment_type": lambda form, name, given: form.choice(name, given, PAYMENT_TYPES, "Choose a payment type."),
    "scheme": lambda form, name, given: form.line(name, given, most=LONGEST_NAME),
    "scheme_option": lambda form, name, given: form.line(name, given, most=LONGEST_NAME),
    "member_number": lambda form, name, given: form.line(name, given, most=40),
    "dependant_code": lambda form, name, given: form.line(name, given, most=10),
    "main_member": lambda form, name, given: form.line(name, given, most=LONGEST_NAME),
}
"""How each field is read; every one of them may be left out of an act."""


def fill_in(
    db: Session, desk: Desk, who: Principal, *, client_id: object, version: object, **given: object
) -> ClientProfile:
    """Changes the given fields only: first_name, last_name, email, phone, birth_date, address, default_payment_type,
    scheme (by name; a new one is added to the practice), scheme_option, member_number, dependant_code, main_member.
    Raises `FieldFaults`, or `ChangedElsewhere` where `version` is no longer the newest."""
    who.must(Permission.EDIT_CLIENTS)
    client = _one(db, who, client_id, lock=True)
    if client.version != a_version(version):
        raise ChangedElsewhere(
            "Somebody changed this client in the meantime. Nothing was overwritten; please look again."
        )
    values = _read(desk, db, who, given)
    if "scheme" in values:
        client.scheme_id = scheme_named(db, who.practice_id, values.pop("scheme"))
    for name, value in values.items():
        setattr(client, name, value)
    client.search_text = search_text_of(client)
    client.version += 1
    db.add(client)
    db.flush()
    desk.tell(who.practice_id)
    return _profile(db, desk, who, client)


def _read(desk: Desk, db: Session, who: Principal, given: dict[str, object]) -> dict[str, Any]:
    form = Fields()
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name == "birth_date":
            values[name] = form.day(name, text, latest=style_for(db, desk, who.practice_id).today)
        elif name in READERS:
            values[name] = READERS[name](form, name, text)
        else:
            raise Refusal("That field is not part of a client's profile.")
    form.done()
    return values


def scheme_named(db: Session, practice_id: int, name: str) -> int | None:
    """The practice's scheme of that name however it is capitalised, added where it is new; None for no name."""
    if not name:
        return None
    query = select(Scheme).where(Scheme.practice_id == practice_id)
    known = next((scheme for scheme in db.exec(query) if folded(scheme.name) == folded(name)), None)
    if known is None:
        known = Scheme(practice_id=practice_id, name=name)
        db.add(known)
        db.flush()
    return known.id


# -- diagnoses


def _diagnoses(db: Session, client: Client) -> list[ClientDiagnosis]:
    query = select(ClientDiagnosis).where(ClientDiagnosis.client_id == client.id)
    return list(db.exec(query.order_by(col(ClientDiagnosis.position), col(ClientDiagnosis.id))))


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
    return _changed(db, desk, who, client)


def add_code(db: Session, desk: Desk, client: Client, code: str, description: str = "") -> bool:
    """False where the client has the code already."""
    listed = _diagnoses(db, client)
    if any(row.code == code for row in listed):
        return False
    if len(listed) >= MOST_DIAGNOSES:
        raise Refusal(f"A client has at most {MOST_DIAGNOSES} diagnoses. Remove one first.", "diagnosis")
    known = desk.codes.find(code) if desk.codes else None
    db.add(
        ClientDiagnosis(
            practice_id=client.practice_id,
            client_id=int(client.id or 0),
            position=max((row.position for row in listed), default=0) + 1,
            code=code,
            description=known.description if known else description,
        )
    )
    return True


def remove_diagnosis(db: Session, desk: Desk, who: Principal, *, client_id: object, code: object) -> ClientProfile:
    """Removes the code if it is there; invoices already made keep it."""
    client = _to_diagnose(db, who, client_id)
    for row in _diagnoses(db, client):
        if isinstance(code, str) and row.code == code:
            db.delete(row)
    return _changed(db, desk, who, client)


def _to_diagnose(db: Session, who: Principal, client_id: object) -> Client:
    who.must(Permission.EDIT_CLIENTS)
    who.must(Permission.SEE_DIAGNOSES)
    return _one(db, who, client_id, lock=True)


def _changed(db: Session, desk: Desk, who: Principal, client: Client) -> ClientProfile:
    client.version += 1
    db.add(client)
    db.flush()
    desk.tell(who.practice_id)
    return _profile(db, desk, who, client)
