"""Fields the practice keeps about each client in words of its own, some of them printed on invoices."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import FieldFaults, NotFound, Refusal
from trova_app.models import Client, CustomField, CustomValue
from trova_app.services.arguments import Fields, an_id, folded
from trova_app.services.ports import Desk

MOST_FIELDS = 20
LONGEST_NAME = 40
LONGEST_VALUE = 200
ON_INVOICE_LONGEST = 60  # a line of the document


@dataclass(frozen=True, slots=True)
class FieldText:
    """A field as the practice set it up; `count` is how many clients have something in it."""

    id: int
    name: str
    shows_on_invoice: bool
    is_active: bool
    count: int


@dataclass(frozen=True, slots=True)
class CustomText:
    """A field with what one client has in it."""

    id: int
    name: str
    value: str
    shows_on_invoice: bool


def fields_of(db: Session, desk: Desk, who: Principal) -> tuple[FieldText, ...]:
    who.must(Permission.SETTINGS)
    query = (
        select(CustomField, func.count(col(CustomValue.id)))
        .outerjoin(CustomValue, col(CustomValue.field_id) == CustomField.id)
        .where(CustomField.practice_id == who.practice_id)
        .group_by(col(CustomField.id))
        .order_by(col(CustomField.is_active).desc(), col(CustomField.position), col(CustomField.id))
    )
    return tuple(
        FieldText(int(row.id or 0), row.name, row.shows_on_invoice, row.is_active, count)
        for row, count in db.exec(query)
    )


def add_field(db: Session, desk: Desk, who: Principal, *, name: object, shows_on_invoice: object = False) -> int:
    """Raises `FieldFaults`."""
    who.must(Permission.SETTINGS)
    there = _all(db, who)
    form = Fields()
    text = _name(form, name, there)
    on_invoice = form.truth("shows_on_invoice", shows_on_invoice)
    if sum(row.is_active for row in there) >= MOST_FIELDS:
        form.fault("name", f"A practice has at most {MOST_FIELDS} fields of its own. Put one away first.")
    form.done()
    position = max((row.position for row in there), default=0) + 1
    field = CustomField(practice_id=who.practice_id, name=text, position=position, shows_on_invoice=on_invoice)
    db.add(field)
    db.flush()
    desk.tell(who.practice_id)
    return int(field.id or 0)


def change_field(db: Session, desk: Desk, who: Principal, *, field_id: object, **given: object) -> None:
    """`name`, `shows_on_invoice`, `is_active`: what is given. A field put away keeps what clients have in it, and
    documents already given out keep what they print."""
    who.must(Permission.SETTINGS)
    there = _all(db, who)
    wanted = an_id(field_id, "field")
    field = next((row for row in there if row.id == wanted), None)
    if field is None:
        raise NotFound("field")
    form = Fields()
    for name, value in given.items():
        if name == "name":
            field.name = _name(form, value, [row for row in there if row is not field])
        elif name in ("shows_on_invoice", "is_active"):
            setattr(field, name, form.truth(name, value))
        else:
            raise Refusal("That is not part of a field.")
    form.done()
    db.add(field)
    db.flush()
    desk.tell(who.practice_id)


def _all(db: Session, who: Principal) -> list[CustomField]:
    query = select(CustomField).where(CustomField.practice_id == who.practice_id).with_for_update()
    return list(db.exec(query.order_by(col(CustomField.position), col(CustomField.id))))


def _name(form: Fields, given: object, others: list[CustomField]) -> str:
    text = form.line("name", given, most=LONGEST_NAME, needed="Enter the field's name.")
    if text and any(folded(row.name) == folded(text) for row in others):
        form.fault("name", "There is a field of this name already.")
    return text


# -- one client's


def custom_texts(db: Session, client: Client) -> tuple[CustomText, ...]:
    """The practice's fields in order, with what this client has in them."""
    query = (
        select(CustomField, CustomValue.value)
        .outerjoin(
            CustomValue, (col(CustomValue.field_id) == CustomField.id) & (col(CustomValue.client_id) == client.id)
        )
        .where(CustomField.practice_id == client.practice_id, col(CustomField.is_active))
        .order_by(col(CustomField.position), col(CustomField.id))
    )
    rows = db.exec(query)
    return tuple(CustomText(int(row.id or 0), row.name, value or "", row.shows_on_invoice) for row, value in rows)


def read_values(db: Session, form: Fields, client: Client, given: object) -> dict[int, str]:
    """Texts by field id; a field the practice does not have is refused. Faults stand at "custom_7"."""
    known = {one.id: one for one in custom_texts(db, client)}
    read: dict[int, str] = {}
    for key, text in given.items() if isinstance(given, Mapping) else ():
        if key not in known:
            raise FieldFaults([("", "One of these fields is no longer kept. Please load the page again.")])
        most = ON_INVOICE_LONGEST if known[key].shows_on_invoice else LONGEST_VALUE
        read[key] = form.line(f"custom_{key}", text, most=most)
    return read


def keep_values(db: Session, client: Client, values: Mapping[int, str]) -> list[str]:
    """The names of the fields that changed."""
    names = {one.id: (one.name, one.value) for one in custom_texts(db, client)}
    changed = {key: text for key, text in values.items() if text != names[key][1]}
    query = select(CustomValue).where(CustomValue.client_id == client.id)
    there = {row.field_id: row for row in db.exec(query)}
    for key, text in changed.items():
        row = there.get(key) or CustomValue(practice_id=client.practice_id, client_id=int(client.id or 0), field_id=key)
        row.value = text
        db.delete(row) if not text else db.add(row)
    db.flush()
    return [names[key][0] for key in changed]


def printed(db: Session, client: Client) -> tuple[tuple[str, str], ...]:
    """(name, value) of what stands on this client's invoices."""
    return tuple((one.name, one.value) for one in custom_texts(db, client) if one.shows_on_invoice and one.value)
