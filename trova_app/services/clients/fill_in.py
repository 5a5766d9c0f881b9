"""What is filled in about a client, and a client made anew."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session, select

from trova_app.domain.invoices import PaymentType
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, Refusal
from trova_app.models import Client, Scheme
from trova_app.services.arguments import Fields, a_version, folded
from trova_app.services.clients.find import ClientProfile, find_client, profile_of, search_text_of
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for

LONGEST_NAME = 120
PAYMENT_TYPES = ("", *(kind.value for kind in PaymentType))

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


def add(db: Session, desk: Desk, who: Principal, **given: object) -> ClientProfile:
    """A new client of the given fields, as `fill_in` takes them; both names are needed. Raises `FieldFaults`."""
    who.must(Permission.EDIT_CLIENTS)
    values = _read(desk, db, who, {"first_name": "", "last_name": ""} | given)
    client = Client(practice_id=who.practice_id, first_name="", last_name="", version=0, created_at=desk.now())
    return _keep(db, desk, who, client, values)


def fill_in(
    db: Session, desk: Desk, who: Principal, *, client_id: object, version: object, **given: object
) -> ClientProfile:
    """Changes the given fields only: first_name, last_name, email, phone, birth_date, address, default_payment_type,
    scheme (by name; a new one is added to the practice), scheme_option, member_number, dependant_code, main_member.
    Raises `FieldFaults`, or `ChangedElsewhere` where `version` is no longer the newest."""
    who.must(Permission.EDIT_CLIENTS)
    client = find_client(db, who, client_id, lock=True)
    if client.version != a_version(version):
        raise ChangedElsewhere(
            "Somebody changed this client in the meantime. Nothing was overwritten; please look again."
        )
    return _keep(db, desk, who, client, _read(desk, db, who, given))


def _keep(db: Session, desk: Desk, who: Principal, client: Client, values: dict[str, Any]) -> ClientProfile:
    if "scheme" in values:
        client.scheme_id = scheme_named(db, who.practice_id, values.pop("scheme"))
    for name, value in values.items():
        setattr(client, name, value)
    return changed(db, desk, who, client)


def changed(db: Session, desk: Desk, who: Principal, client: Client) -> ClientProfile:
    """After every act on a client: the next version, found by the search, told to open pages."""
    client.search_text = search_text_of(client)
    client.version += 1
    db.add(client)
    db.flush()
    desk.tell(who.practice_id)
    return profile_of(db, desk, who, client)


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
