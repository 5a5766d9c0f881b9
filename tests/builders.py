"""The least a test needs, the rest defaulted. Each adds to `db` and flushes, so that ids are there."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, func, select

from tests.conftest import NOON
from trova_app.domain.permissions import Principal, Role
from trova_app.models import (
    Appointment,
    CareService,
    Client,
    ClientDiagnosis,
    Member,
    Practice,
    Scheme,
    SchemeRate,
    ServiceLine,
    TaxRate,
)
from trova_app.services.arguments import folded
from trova_app.services.scheme_rates import search_text_of


def _kept(db: Session, row: Any) -> Any:
    db.add(row)
    db.flush()
    return row


def a_practice(db: Session, **given: Any) -> Practice:
    practice = _kept(
        db,
        Practice(
            **{
                "name": "Khanya Practice",
                "practice_number": "0861234",
                "address": "12 Protea Road\nRosebank\n2196",
                "email": "hello@khanya.example",
                "number_prefix": "KHA",
                "created_at": NOON - timedelta(days=400),
            }
            | given
        ),
    )
    _kept(
        db, TaxRate(practice_id=practice.id, name="VAT 15%", rate=15000, is_standard=True, valid_from=date(2018, 4, 1))
    )
    _kept(db, TaxRate(practice_id=practice.id, name="No VAT", rate=0, valid_from=date(2018, 4, 1)))
    return practice


def a_member(db: Session, practice: Practice, role: Role = Role.OWNER, **given: Any) -> Member:
    count = db.exec(select(func.count()).where(Member.practice_id == practice.id)).one()
    return _kept(
        db,
        Member(
            **{
                "practice_id": practice.id,
                "email": f"{role.value}.{practice.id}.{count}@example.test",
                "name": "Dr Anisha Naidoo",
                "role": role,
                "password_hash": "!",
                "qualification": "Clinical psychologist",
                "council_number": "PS 0123456",
                "practice_number": "0867654",
                "is_practitioner": True,
                "created_at": NOON - timedelta(days=400),
            }
            | given
        ),
    )


def principal(member: Member) -> Principal:
    assert member.id is not None
    return Principal(member.id, member.practice_id, Role(member.role), member.name)


def a_scheme(db: Session, practice: Practice, name: str = "Khanya Medical", **given: Any) -> Scheme:
    return _kept(
        db, Scheme(**{"practice_id": practice.id, "name": name, "claim_email": "claims@khanya.example"} | given)
    )


def a_client(db: Session, practice: Practice, **given: Any) -> Client:
    names = {"first_name": "Thandi", "last_name": "Mokoena", "email": "thandi@example.test"} | given
    return _kept(
        db,
        Client(
            **{
                "practice_id": practice.id,
                "search_text": f"{names['first_name']} {names['last_name']}".lower(),
                "name_key": folded(f"{names['first_name']} {names['last_name']}"),
                "created_at": NOON - timedelta(days=300),
            }
            | names
        ),
    )


def a_diagnosis(
    db: Session,
    client: Client,
    code: str = "F41.1",
    description: str = "Generalized anxiety disorder",
    position: int = 1,
) -> ClientDiagnosis:
    return _kept(
        db,
        ClientDiagnosis(
            practice_id=client.practice_id, client_id=client.id, position=position, code=code, description=description
        ),
    )


def a_service(
    db: Session,
    practice: Practice,
    price: int = 1250,
    name: str = "Psychotherapy 60 min",
    code: str = "86205",
    lines: int = 1,
) -> CareService:
    """`price` in whole units of the currency, for each line."""
    service = _kept(
        db, CareService(practice_id=practice.id, name=name, duration_minutes=60, price_minor=price * 100 * lines)
    )
    for position in range(1, lines + 1):
        _kept(
            db,
            ServiceLine(
                practice_id=practice.id,
                service_id=service.id,
                position=position,
                code=code,
                description=name,
                unit_price=price * 10_000,
            ),
        )
    return service


def an_appointment(
    db: Session,
    client: Client,
    service: CareService,
    member: Member,
    ends: datetime = NOON - timedelta(hours=1),
    **given: Any,
) -> Appointment:
    """Over by default: it stands on Open."""
    return _kept(
        db,
        Appointment(
            **{
                "practice_id": client.practice_id,
                "client_id": client.id,
                "service_id": service.id,
                "practitioner_id": member.id,
                "starts_at": ends - timedelta(hours=1),
                "ends_at": ends,
                "place": "Rosebank rooms",
                "created_at": NOON - timedelta(days=30),
            }
            | given
        ),
    )


def a_rate(
    db: Session,
    scheme: Scheme,
    code: str = "86205",
    price: int = 980,
    since: date = date(2026, 1, 1),
    text: str = "Psychotherapy 51 to 60 min",
) -> SchemeRate:
    """A line of the scheme's price list; `price` in whole units of the currency."""
    return _kept(
        db,
        SchemeRate(
            practice_id=scheme.practice_id,
            scheme_id=scheme.id,
            code=code,
            description=text,
            unit_price=price * 10_000,
            valid_from=since,
            search_text=search_text_of(code, text),
        ),
    )
