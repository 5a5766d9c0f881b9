"""One client's profile as it stands."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from trova_app.domain.diagnoses import warnings_for
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound
from trova_app.models import Client, ClientDiagnosis, Scheme
from trova_app.services.arguments import an_id, folded
from trova_app.services.balances import owed_by
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for

LONGEST_SEARCH_TEXT = 400  # an index holds it


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
    may_edit: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def search_text_of(client: Client) -> str:
    """What the lists' search looks through."""
    return folded(f"{client.first_name} {client.last_name} {client.email}")[:LONGEST_SEARCH_TEXT]


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


def profile_of(db: Session, desk: Desk, who: Principal, client: Client) -> ClientProfile:
    style, key = style_for(db, desk, who.practice_id), int(client.id or 0)
    owed = owed_to(db, who, [key])
    listed = diagnoses_of(db, client) if who.may(Permission.SEE_DIAGNOSES) else []
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
        may_edit=who.may(Permission.EDIT_CLIENTS),
    )


def owed_to(db: Session, who: Principal, client_ids: list[int]) -> dict[int, int]:
    """What each of them owes in minor units, for those who may see billing."""
    return owed_by(db, who.practice_id, client_ids) if who.may(Permission.SEE_BILLING) else {}


def diagnoses_of(db: Session, client: Client) -> list[ClientDiagnosis]:
    """In order, the primary one first."""
    query = select(ClientDiagnosis).where(ClientDiagnosis.client_id == client.id)
    return list(db.exec(query.order_by(col(ClientDiagnosis.position), col(ClientDiagnosis.id))))
