"""What is filled in about a client, and a client made anew."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session, col, select

from trova_app.domain.invoices import PaymentType
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, Refusal
from trova_app.models import Client, ContactKind, Scheme
from trova_app.services.arguments import Fields, a_version, folded
from trova_app.services.clients.alike import must_be_nobody_known
from trova_app.services.clients.consents import keep_consents, read_consents
from trova_app.services.clients.custom_fields import keep_values, read_values
from trova_app.services.clients.entries import note
from trova_app.services.clients.find import ClientProfile, find_client, found_anew, keyed, must_stand_alone, profile_of
from trova_app.services.clients.reach import keep_reaches, put_first, reaches_of, read_reaches
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for

LONGEST_NAME = 120
PAYMENT_TYPES = ("", *(kind.value for kind in PaymentType))

Reader = Callable[[Fields, str, object], Any]


def _line(most: int = LONGEST_NAME, needed: str = "") -> Reader:
    return lambda form, name, given: form.line(name, given, most=most, needed=needed)


READERS: dict[str, Reader] = {
    "first_name": _line(needed="Enter the first name."),
    "last_name": _line(needed="Enter the last name."),
    "email": lambda form, name, given: form.mailbox(name, given),
    "phone": _line(40),
    "id_number": _line(40),
    "address": lambda form, name, given: form.paragraph(name, given, most=500),
    "guardian_name": _line(),
    "guardian_relation": _line(40),
    "guardian_address": lambda form, name, given: form.paragraph(name, given, most=500),
    "guardian_pays": lambda form, name, given: form.truth(name, given),
    "default_payment_type": lambda form, name, given: form.choice(name, given, PAYMENT_TYPES, "Choose a payment type."),
    "scheme": _line(),
    "scheme_option": _line(),
    "member_number": _line(40),
    "dependant_code": _line(10),
    "main_member": _line(),
}
"""How each field is read; every one of them may be left out of an act."""
ALONE = {"email": ContactKind.MAIL, "phone": ContactKind.PHONE}
LISTS = {"mails": ContactKind.MAIL, "phones": ContactKind.PHONE}
WORDS = {
    "email": "mail address",
    "mails": "mail addresses",
    "phones": "phones",
    "birth_date": "date of birth",
    "id_number": "ID number",
}


def add(db: Session, desk: Desk, who: Principal, *, despite: object = (), **given: object) -> ClientProfile:
    """A new client of the given fields, as `fill_in` takes them; both names are needed. Raises `FieldFaults`, or
    `LooksAlike` where there is somebody who might be the same: `despite` are the ids the person has seen."""
    who.must(Permission.EDIT_CLIENTS)
    client = Client(practice_id=who.practice_id, first_name="", last_name="", version=0, created_at=desk.now())
    values = _read(db, desk, who, client, {"first_name": "", "last_name": ""} | given)
    for name in ("first_name", "last_name", "email", "phone", "id_number", "birth_date"):
        setattr(client, name, values.get(name, getattr(client, name)))
    must_be_nobody_known(db, keyed(client), despite)
    db.add(client)
    db.flush()
    return _keep(db, desk, who, client, values, "Added.")


def fill_in(
    db: Session, desk: Desk, who: Principal, *, client_id: object, version: object, **given: object
) -> ClientProfile:
    """Changes the given fields only: those of `READERS`; `birth_date`; `scheme` by name, a new one is added to the
    practice; `mails` and `phones` as (value, whose) pairs, with `invoices_to` the place of the address that gets the
    invoices; `consents` as (is given, day) by kind; `custom` as texts by field. Raises `FieldFaults`, or
    `ChangedElsewhere` where `version` is no longer the newest."""
    who.must(Permission.EDIT_CLIENTS)
    client = find_client(db, who, client_id, lock=True)
    must_stand_alone(client)
    if client.version != a_version(version):
        raise ChangedElsewhere(
            "Somebody changed this client in the meantime. Nothing was overwritten; please look again."
        )
    return _keep(db, desk, who, client, _read(db, desk, who, client, given), "")


def _keep(db: Session, desk: Desk, who: Principal, client: Client, values: dict[str, Any], said: str) -> ClientProfile:
    values, names, sentences = dict(values), [], [said] if said else []
    if "scheme" in values:
        values["scheme_id"] = scheme_named(db, who.practice_id, values.pop("scheme"))
    today = style_for(db, desk, who.practice_id).today
    sentences += keep_consents(db, desk, who, client, values.pop("consents", {}), today)
    custom = keep_values(db, client, values.pop("custom", {}))
    for name, kind in LISTS.items():
        reaches = values.pop(name, None)
        if reaches is not None and reaches != reaches_of(db, client, kind):
            keep_reaches(db, client, kind, reaches)
            names.append(WORDS[name])
    for name, value in values.items():
        if value != getattr(client, name):
            put_first(db, client, ALONE[name], value) if name in ALONE else setattr(client, name, value)
            names.append(WORDS.get(name, name.removesuffix("_id").replace("_", " ")))
    if (names or custom) and not said:
        sentences.append(f"Changed: {', '.join([*names, *custom])}.")
    for sentence in sentences:
        note(db, desk, who, client, sentence)
    return changed(db, desk, who, client)


def changed(db: Session, desk: Desk, who: Principal, client: Client) -> ClientProfile:
    """After every act on a client: the next version, found by the search, told to open pages."""
    client.version += 1
    db.add(found_anew(db, client))
    db.flush()
    desk.tell(who.practice_id)
    return profile_of(db, desk, who, client)


def _read(db: Session, desk: Desk, who: Principal, client: Client, given: dict[str, object]) -> dict[str, Any]:
    form = Fields()
    values: dict[str, Any] = {}
    today = style_for(db, desk, who.practice_id).today
    for name, text in given.items():
        if name == "birth_date":
            values[name] = form.day(name, text, latest=today)
        elif name in LISTS:
            first = given.get("invoices_to", 0) if name == "mails" else 0
            values[name] = read_reaches(form, LISTS[name], text, first)
        elif name == "consents":
            values[name] = read_consents(form, text, today)
        elif name == "custom":
            values[name] = read_values(db, form, client, text)
        elif name in READERS:
            values[name] = READERS[name](form, name, text)
        elif name != "invoices_to":
            raise Refusal("That field is not part of a client's profile.")
    form.done()
    return values


def scheme_names(db: Session, desk: Desk, who: Principal) -> tuple[str, ...]:
    """The practice's schemes, to choose from."""
    who.must(Permission.SEE_APPOINTMENTS)
    query = select(Scheme.name).where(Scheme.practice_id == who.practice_id, col(Scheme.is_active))
    return tuple(db.exec(query.order_by(col(Scheme.name))))


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
