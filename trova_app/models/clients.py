"""Clients, their medical schemes and diagnoses."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from trova_app.models.base import SQLModel, at, key, of, one_of, words


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


class ClientStatus(StrEnum):
    ACTIVE = "active"
    ARCHIVED = "archived"
    MERGED = "merged"  # into another (`ClientMerge`); everything that was theirs stands there


class Client(SQLModel, table=True):
    """The person treated. `search_text`: names, addresses, phones and member number in lower case without accents, for
    the lists' search; `name_key`: the names alone, to find who might be the same. `email` and `phone` are the ones that
    invoices and calls go to; what else they are reached by stands in `ClientContact`."""

    __tablename__ = "client"
    __table_args__ = (
        sa.Index("ix_client_practice_id_status_search_text_id", "practice_id", "status", "search_text", "id"),
        sa.Index("ix_client_practice_id_name_key", "practice_id", "name_key"),
        sa.Index("ix_client_practice_id_id_number", "practice_id", "id_number"),
        sa.Index("ix_client_practice_id_email", "practice_id", "email"),
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
    email_whose: str = ""  # "" = their own
    phone: str = ""
    phone_whose: str = ""
    birth_date: date | None = None
    id_number: str = ""  # or a passport's
    address: str = words()
    guardian_name: str = ""
    guardian_relation: str = ""
    guardian_address: str = words()
    guardian_pays: bool = False  # documents name them as the one the account is for
    default_payment_type: str = ""  # "" = none chosen: the last used, else the practice's default
    scheme_id: int | None = of("scheme.id", nullable=True)
    scheme_option: str = ""
    member_number: str = ""
    dependant_code: str = ""
    main_member: str = ""  # surname and initials of the principal member, where it is somebody else
    status: str = ClientStatus.ACTIVE
    external_id: str = ""
    search_text: str = ""
    name_key: str = ""
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


class ContactKind(StrEnum):
    MAIL = "mail"
    PHONE = "phone"


class ClientContact(SQLModel, table=True):
    """A further mail address or phone, and whose it is."""

    __tablename__ = "client_contact"
    __table_args__ = (one_of("kind", ContactKind),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    client_id: int = of("client.id")
    kind: str
    position: int
    value: str
    whose: str = ""


class ClientConsent(SQLModel, table=True):
    """What a client agreed to or took back, and on which day; the latest of a kind holds. Append only (trigger)."""

    __tablename__ = "client_consent"

    id: int | None = key()
    practice_id: int = of("practice.id")
    client_id: int = of("client.id")
    kind: str
    is_given: bool
    given_on: date
    noted_by: int = of("member.id", index=False)
    noted_at: datetime = at(nullable=False)


class CustomField(SQLModel, table=True):
    """A field the practice keeps about each client in words of its own."""

    __tablename__ = "custom_field"
    __table_args__ = (sa.UniqueConstraint("practice_id", "name"),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    name: str
    position: int
    shows_on_invoice: bool = False
    is_active: bool = True


class CustomValue(SQLModel, table=True):
    __tablename__ = "custom_value"
    __table_args__ = (sa.UniqueConstraint("client_id", "field_id"),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    client_id: int = of("client.id")
    field_id: int = of("custom_field.id")
    value: str = words()


class ClientEntry(SQLModel, table=True):
    """Who did what to a client's record, and when. Append only (trigger)."""

    __tablename__ = "client_entry"

    id: int | None = key()
    practice_id: int = of("practice.id")
    client_id: int = of("client.id")
    happened_at: datetime = at(nullable=False)
    who: str
    what: str = words()


class ClientMerge(SQLModel, table=True):
    """Two clients made one. `moved` (JSON) is what came from the one to the other, so that it can go back."""

    __tablename__ = "client_merge"

    id: int | None = key()
    practice_id: int = of("practice.id")
    kept_id: int = of("client.id")
    merged_id: int = of("client.id")
    merged_at: datetime = at(nullable=False)
    merged_by: int = of("member.id", index=False)
    moved: str = words("{}")
    undone_at: datetime | None = at()


class TwoPeople(SQLModel, table=True):
    """Two clients that look alike and are not the same; `client_id` is the lower of the two."""

    __tablename__ = "two_people"
    __table_args__ = (sa.UniqueConstraint("client_id", "other_id"),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    client_id: int = of("client.id")
    other_id: int = of("client.id")
