"""One client's profile as it stands."""

import re
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from trova_app.domain.diagnoses import warnings_for
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound, Refusal
from trova_app.models import Client, ClientDiagnosis, ClientStatus, ContactKind, Scheme
from trova_app.services.arguments import an_id, folded
from trova_app.services.balances import owed_by
from trova_app.services.clients.consents import ConsentText, consents_of
from trova_app.services.clients.custom_fields import CustomText, custom_texts
from trova_app.services.clients.entries import EntryText, entries_of
from trova_app.services.clients.persons import merge_into
from trova_app.services.clients.reach import Reach, reaches_of
from trova_app.services.clients.warnings import warnings_of
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for

LONGEST_SEARCH_TEXT = 400  # an index holds it
NOT_COMPACT = re.compile(r"[\W_]+")
AS_THEY_ARE = (
    "version",
    "first_name",
    "last_name",
    "email",
    "phone",
    "id_number",
    "address",
    "guardian_name",
    "guardian_relation",
    "guardian_address",
    "guardian_pays",
    "default_payment_type",
    "scheme_option",
    "member_number",
    "dependant_code",
    "main_member",
    "status",
)


@dataclass(frozen=True, slots=True)
class ClientProfile:
    """Everything kept about a client. `mails[0]` gets the invoices, `phones[0]` the calls. `diagnoses` holds (code,
    description) in order, for those who may see them. `warnings`: a sentence by the box to look at again. `merged_into`
    and `merged_name` name the client this one became part of."""

    id: int
    version: int
    first_name: str
    last_name: str
    email: str
    phone: str
    mails: tuple[Reach, ...]
    phones: tuple[Reach, ...]
    birth_date: str
    born: str
    id_number: str
    address: str
    guardian_name: str
    guardian_relation: str
    guardian_address: str
    guardian_pays: bool
    default_payment_type: str
    scheme: str
    scheme_option: str
    member_number: str
    dependant_code: str
    main_member: str
    status: str
    balance: str
    consents: tuple[ConsentText, ...] = ()
    custom: tuple[CustomText, ...] = ()
    warnings: dict[str, str] = field(default_factory=dict)
    diagnoses: tuple[tuple[str, str], ...] = ()
    diagnosis_warnings: tuple[str, ...] = ()
    history: tuple[EntryText, ...] = ()
    merged_into: int = 0
    merged_name: str = ""
    may_edit: bool = False
    may_see_diagnoses: bool = False
    may_merge: bool = False
    may_take_out: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def search_text_of(client: Client, *further: str) -> str:
    """What the lists' search looks through; `further`: other mail addresses and phones."""
    numbers = (compact(client.phone), compact(client.member_number))
    others = (text if "@" in text else compact(text) for text in further)
    words = (client.first_name, client.last_name, client.email, *numbers, *others)
    return folded(" ".join(words))[:LONGEST_SEARCH_TEXT]


def compact(text: str) -> str:
    """Letters and digits alone: "+27 82 555-0101" -> "27825550101"."""
    return NOT_COMPACT.sub("", folded(text))


def name_key_of(client: Client) -> str:
    return folded(f"{client.first_name} {client.last_name}")


def keyed(client: Client, *further: str) -> Client:
    """A client with what it is found by; `further`: other mail addresses and phones."""
    client.search_text, client.name_key = search_text_of(client, *further), name_key_of(client)
    return client


def found_anew(db: Session, client: Client) -> Client:
    """The same after something about a client changed."""
    return keyed(client, *(one.value for kind in ContactKind for one in reaches_of(db, client, kind)[1:]))


def find(db: Session, desk: Desk, who: Principal, *, client_id: object) -> ClientProfile:
    who.must(Permission.SEE_APPOINTMENTS)
    return profile_of(db, desk, who, find_client(db, who, client_id))


def find_client(db: Session, who: Principal, client_id: object, *, lock: bool = False) -> Client:
    """`NotFound` for another practice's client as for none."""
    query = select(Client).where(Client.id == an_id(client_id, "client"), Client.practice_id == who.practice_id)
    found = db.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).first()
    if found is None:
        raise NotFound("client")
    return found


def must_stand_alone(client: Client) -> None:
    """Nothing is changed in what became part of another client."""
    if client.status == ClientStatus.MERGED:
        raise Refusal("This client was merged into another one. Change it there, or undo the merge first.")


def profile_of(db: Session, desk: Desk, who: Principal, client: Client) -> ClientProfile:
    style, key = style_for(db, desk, who.practice_id), int(client.id or 0)
    owed = owed_to(db, who, [key])
    listed = diagnoses_of(db, client) if who.may(Permission.SEE_DIAGNOSES) else []
    scheme = db.get(Scheme, client.scheme_id) if client.scheme_id else None
    mails, phones = (reaches_of(db, client, kind) for kind in ContactKind)
    merge = merge_into(db, client)
    kept = db.get_one(Client, merge.kept_id) if merge else None
    return ClientProfile(
        id=key,
        **{name: getattr(client, name) for name in AS_THEY_ARE},
        mails=mails,
        phones=phones,
        birth_date=client.birth_date.isoformat() if client.birth_date else "",
        born=_born(client, style) if client.birth_date else "",
        scheme=scheme.name if scheme else "",
        balance=style.amount(owed[key]) if key in owed else "",
        consents=consents_of(db, client),
        custom=custom_texts(db, client),
        warnings=warnings_of(client, phones, style.country, style.today),
        diagnoses=tuple((row.code, row.description) for row in listed),
        diagnosis_warnings=tuple(warnings_for([row.code for row in listed])),
        history=entries_of(db, style, client),
        merged_into=int(kept.id or 0) if kept else 0,
        merged_name=f"{kept.first_name} {kept.last_name}".strip() if kept else "",
        may_edit=who.may(Permission.EDIT_CLIENTS) and client.status != ClientStatus.MERGED,
        may_see_diagnoses=who.may(Permission.SEE_DIAGNOSES),
        may_merge=who.may(Permission.MERGE_CLIENTS),
        may_take_out=who.may(Permission.TAKE_OUT),
    )


def _born(client: Client, style: PracticeStyle) -> str:
    """ "21 Mar 1984, 41 years old"."""
    assert client.birth_date
    born, today = client.birth_date, style.today
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return f"{short(born)}, {age} years old"


def owed_to(db: Session, who: Principal, client_ids: list[int]) -> dict[int, int]:
    """What each of them owes in minor units, for those who may see billing."""
    return owed_by(db, who.practice_id, client_ids) if who.may(Permission.SEE_BILLING) else {}


def diagnoses_of(db: Session, client: Client) -> list[ClientDiagnosis]:
    """In order, the primary one first."""
    query = select(ClientDiagnosis).where(ClientDiagnosis.client_id == client.id)
    return list(db.exec(query.order_by(col(ClientDiagnosis.position), col(ClientDiagnosis.id))))
