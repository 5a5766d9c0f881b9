"""Services, appointments and the working copy of a completion form."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from trova_app.domain.appointments import AppointmentState
from trova_app.models.base import SQLModel, at, key, minor, of, one_of, words


class CareService(SQLModel, table=True):
    """The priced thing a clinician offers. `price_minor`: what its lines come to at its usual length, kept for the
    lists. `edition`: which of its lines count; those of earlier editions stay for sessions booked at their price.
    `tone`: its colour in the calendar, None for whichever comes."""

    __tablename__ = "care_service"
    __table_args__ = (sa.UniqueConstraint("practice_id", "name"),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    name: str
    duration_minutes: int = 60
    price_minor: int = minor()
    is_virtual: bool = False
    is_paid_in_advance: bool = False
    tone: int | None = None
    is_active: bool = True
    edition: int = 1
    version: int = 1


class ServiceLine(SQLModel, table=True):
    """Quantity in thousandths, unit price in ten-thousandths of the major unit, tax rate in thousandths of a percent
    (None: the practice's standard rate of the day). `from_minutes`: for sessions of this length or longer, up to the
    next line that says so; None: for every session."""

    __tablename__ = "service_line"

    id: int | None = key()
    practice_id: int = of("practice.id")
    service_id: int = of("care_service.id")
    position: int
    code: str = ""
    description: str = words()
    quantity: int = Field(default=1000, sa_type=sa.BigInteger)
    unit_price: int = Field(default=0, sa_type=sa.BigInteger)
    tax_rate: int | None = None
    edition: int = 1
    from_minutes: int | None = None


class AppointmentSeries(SQLModel, table=True):
    """Sessions that repeat, on the wall clock of `time_zone`: from `first_day` on in a rhythm (services/series.py), at
    `at_minute` of the day, so many `minutes` long. Sessions are made up to `made_to`. A part of it that becomes one of
    its own keeps its `created_at`: by that they are known to belong together."""

    __tablename__ = "appointment_series"
    __table_args__ = (
        sa.CheckConstraint("at_minute BETWEEN 0 AND 1439", name="at_minute"),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
    )

    id: int | None = key()
    practice_id: int = of("practice.id")
    client_id: int = of("client.id")
    service_id: int = of("care_service.id", index=False)
    practitioner_id: int = of("member.id", index=False)
    place: str = ""
    rhythm: str
    first_day: date
    at_minute: int
    minutes: int
    time_zone: str
    until: date | None = None
    made_to: date
    created_at: datetime = at(nullable=False)


class Appointment(SQLModel, table=True):
    """The therapy session with its time and client. "Open" is not stored: it is scheduled with its end in the past.
    `service_edition`: the edition of its service whose price it keeps, None for the present one."""

    __tablename__ = "appointment"
    __table_args__ = (
        one_of("state", AppointmentState),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.Index("ix_appointment_practice_id_state_starts_at_id", "practice_id", "state", "starts_at", "id"),
        sa.Index("ix_appointment_practice_id_state_ends_at", "practice_id", "state", "ends_at"),
        sa.Index("ix_appointment_state_ends_at", "state", "ends_at"),
        sa.Index("uq_appointment_series_id_planned_day", "series_id", "planned_day", unique=True),
        sa.Index("ix_appointment_client_id_starts_at", "client_id", "starts_at"),
        sa.Index("ix_appointment_practice_id_listed_at", "practice_id", "listed_at"),
        sa.Index(
            "uq_appointment_practice_id_external_id",
            "practice_id",
            "external_id",
            unique=True,
            sqlite_where=sa.text("external_id <> ''"),
            postgresql_where=sa.text("external_id <> ''"),
        ),
    )

    id: int | None = key()
    practice_id: int = of("practice.id", index=False)
    client_id: int = of("client.id", index=False)
    service_id: int = of("care_service.id")
    practitioner_id: int = of("member.id")
    starts_at: datetime = at(nullable=False)
    ends_at: datetime = at(nullable=False)
    place: str = ""
    note: str = words()
    state: str = AppointmentState.SCHEDULED
    completed_at: datetime | None = at()
    cancel_reason: str = ""
    missed_fee_minor: int | None = minor(None)  # what a missed session costs; None: nothing
    series_id: int | None = None  # appointment_series.id; no foreign key, which SQLite adds to no table that is there
    planned_day: date | None = None  # the day it has in its series, wherever it was moved
    external_id: str = ""
    external_mark: str = ""  # what the other calendar or list said last about it
    listed_at: datetime | None = at()  # when the list it came from says that it begins, wherever it was moved here
    subscription_id: int | None = None  # calendar_subscription.id, where it came from there
    service_edition: int | None = None
    version: int = 1
    created_at: datetime = at(nullable=False)


class CompletionDraft(SQLModel, table=True):
    """The working copy: what stands in one appointment's completion form, as typed. `form` is JSON (services/forms.py);
    `version` goes up with every save. `aside`: what people typed that waits for an answer (services/open_question.py),
    JSON or "". `done_keys`: of acts it has in it, apart by blanks. It goes when the document is issued."""

    __tablename__ = "completion_draft"

    appointment_id: int = Field(foreign_key="appointment.id", primary_key=True)
    practice_id: int = of("practice.id")
    form: str = words()
    version: int = 1
    saved_at: datetime = at(nullable=False)
    saved_by: int = of("member.id", index=False)
    aside: str = words()
    done_keys: str = words()


class KeptTexts(SQLModel, table=True):
    """What a member typed into an appointment's form that was not saved when the form went: for this member alone,
    until they dismiss it. `cells`: JSON, a list of [name of the box, its field in words, text]."""

    __tablename__ = "kept_texts"
    __table_args__ = (sa.Index("ix_kept_texts_appointment_id_member_id", "appointment_id", "member_id"),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    appointment_id: int = of("appointment.id", index=False)
    member_id: int = of("member.id", index=False)
    cells: str = words()
    kept_at: datetime = at(nullable=False)
