"""What was made or billed since a merge, and goes back with what it was made from when the merge is undone."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.models import Appointment, AppointmentSeries, Client, Invoice


def give_back(db: Session, kept: Client, other: Client, merged_at: datetime) -> None:
    """The other client's own rows of before the merge are back already."""
    _series(db, kept, other, merged_at)
    _sessions(db, kept, other)
    _bills(db, kept, other)
    db.expire_all()


def _series(db: Session, kept: Client, other: Client, merged_at: datetime) -> None:
    """Series that were split off the other's: they have the same `created_at`, and none of kept's older sessions."""
    theirs = sa.select(col(AppointmentSeries.created_at)).where(col(AppointmentSeries.client_id) == other.id)
    older = (col(Appointment.client_id) == kept.id) & (col(Appointment.created_at) <= merged_at)
    own = sa.select(col(Appointment.series_id)).where(older, col(Appointment.series_id).is_not(None))
    split = col(AppointmentSeries.created_at).in_(theirs) & col(AppointmentSeries.id).not_in(own)
    _give(db, AppointmentSeries, kept, other, split)


def _sessions(db: Session, kept: Client, other: Client) -> None:
    series = sa.select(col(AppointmentSeries.id)).where(col(AppointmentSeries.client_id) == other.id)
    _give(db, Appointment, kept, other, col(Appointment.series_id).in_(series))


def _bills(db: Session, kept: Client, other: Client) -> None:
    sessions = sa.select(col(Appointment.id)).where(col(Appointment.client_id) == other.id)
    _give(db, Invoice, kept, other, col(Invoice.appointment_id).in_(sessions))


def _give(db: Session, table: type[Any], kept: Client, other: Client, which: Any) -> None:
    query = sa.update(table).where(table.client_id == kept.id, which).values(client_id=other.id)
    db.execute(query.execution_options(synchronize_session=False))
