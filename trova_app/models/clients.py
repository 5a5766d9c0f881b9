"""Clients, their medical schemes and diagnoses."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from trova_app.models.base import SQLModel, at, key, of, words


class Scheme(SQLModel, table=True):
    """A medical aid (insurer) as this practice knows it."""

    __tablename__ = "scheme"
    __table_args__ = (sa.UniqueConstraint("practice_id", "name"),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    name: str
    claim_email: str = ""
    is_active: bool = True
    version: int = 1


class SchemeRate(SQLModel, table=True):
    """What a scheme pays for a code from a day on, until the next day given for that code. Unit price in
    ten-thousandths of the major unit. `search_text`: code and words in lower case without accents."""

    __tablename__ = "scheme_rate"
    __table_args__ = (sa.UniqueConstraint("scheme_id", "code", "valid_from"),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    scheme_id: int = of("scheme.id", index=False)
    code: str = Field(max_length=20)
    description: str = words()
    unit_price: int = Field(sa_type=sa.BigInteger)
    valid_from: date
    search_text: str = ""


class Client(SQLModel, table=True):
    """The person treated. `search_text`: names and address in lower case without accents, for the lists' search."""

    __tablename__ = "client"
    __table_args__ = (
        sa.Index("ix_client_practice_id_search_text", "practice_id", "search_text"),
        sa.Index(
            "uq_client_practice_id_external_id",
            "practice_id",
            "external_id",
            unique=True,
            sqlite_where=sa.text("external_id <> ''"),
            postgresql_where=sa.text("external_id <> ''"),
        ),
    )

    id: int | None = key()
    practice_id: int = of("practice.id")
    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""
    birth_date: date | None = None
    address: str = words()
    default_payment_type: str = ""  # "" = none chosen: the last used, else the practice's default
    scheme_id: int | None = of("scheme.id", nullable=True)
    scheme_option: str = ""
    member_number: str = ""
    dependant_code: str = ""
    main_member: str = ""  # surname and initials of the principal member, where it is somebody else
    status: str = "active"
    external_id: str = ""
    search_text: str = ""
    version: int = 1
    created_at: datetime = at(nullable=False)


class ClientDiagnosis(SQLModel, table=True):
    __tablename__ = "client_diagnosis"
    __table_args__ = (sa.UniqueConstraint("client_id", "code"),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    client_id: int = of("client.id")
    position: int
    code: str = Field(max_length=16)
    description: str = words()
