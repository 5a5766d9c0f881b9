"""The practice, its tax rates, its team and who is signed in."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from trova_app.domain.permissions import Role
from trova_app.models.base import SQLModel, at, key, of, one_of, words


class Mode(StrEnum):
    DEMO = "demo"
    TEST = "test"
    LIVE = "live"


class Practice(SQLModel, table=True):
    __tablename__ = "practice"
    __table_args__ = (one_of("mode", Mode), sa.CheckConstraint("idle_minutes BETWEEN 15 AND 720", name="idle_minutes"))

    id: int | None = key()
    name: str
    mode: str = Mode.TEST
    country: str = Field(default="ZA", max_length=2)
    currency: str = Field(default="ZAR", max_length=3)
    time_zone: str = "Africa/Johannesburg"
    address: str = words()
    phone: str = ""
    email: str = ""
    practice_number: str = ""  # South Africa: the BHF practice code number
    council_number: str = ""
    charges_tax: bool = False
    tax_number: str = ""
    prices_include_tax: bool = True
    bank_name: str = ""
    bank_account_name: str = ""
    bank_account_number: str = ""
    bank_branch_code: str = ""
    number_prefix: str = "INV"
    sender_name: str = ""
    support: str = ""  # a mail address or an https address
    default_payment_type: str = "online"
    payment_terms_days: int = 14
    idle_minutes: int = 60
    logo: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    logo_mime: str = ""
    version: int = 1
    created_at: datetime = at(nullable=False)


class TaxRate(SQLModel, table=True):
    """A rate and the days it is in force; `rate` in thousandths of a percent (15 % = 15000)."""

    __tablename__ = "tax_rate"
    __table_args__ = (sa.CheckConstraint("rate BETWEEN 0 AND 100000", name="rate"),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    name: str
    rate: int
    is_standard: bool = False
    valid_from: date
    valid_to: date | None = None


class Member(SQLModel, table=True):
    """Somebody of the practice's team who signs in; clinicians also stand on documents."""

    __tablename__ = "member"
    __table_args__ = (one_of("role", Role),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    email: str = Field(unique=True)
    name: str
    role: str
    password_hash: str
    qualification: str = ""
    council_number: str = ""  # South Africa: HPCSA
    practice_number: str = ""  # the individual's own, in a group practice
    is_practitioner: bool = False
    disabled_at: datetime | None = at()
    created_at: datetime = at(nullable=False)


class SignIn(SQLModel, table=True):
    """One signed-in browser. Only the SHA-256 of the cookie's value is kept."""

    __tablename__ = "sign_in"

    id_hash: str = Field(primary_key=True, max_length=64)
    member_id: int = of("member.id")
    practice_id: int = of("practice.id")
    created_at: datetime = at(nullable=False)
    last_seen_at: datetime = at(nullable=False)
    expires_at: datetime = at(nullable=False)
    ended_at: datetime | None = at()


class SignInAttempt(SQLModel, table=True):
    """A failed try or one being looked at, for the throttle: hashes only, of the address typed and of the
    network address."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        sa.Index("ix_sign_in_attempt_account_hash_tried_at", "account_hash", "tried_at"),
        sa.Index("ix_sign_in_attempt_network_hash_tried_at", "network_hash", "tried_at"),
    )

    id: int | None = key()
    account_hash: str
    network_hash: str
    tried_at: datetime = at(nullable=False)
