"""That a series goes on for as long as it should: why no more of its sessions are made, and the monthly job that makes
them looked after."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.models import AppointmentSeries, CareService, Client, ClientStatus, Member, OutboxRow, SweepTurn
from trova_app.services import outbox
from trova_app.services.ports import Desk
from trova_app.services.sweep_turns import turn_of

KIND = "extend_series"
BEHIND = timedelta(days=300)  # sessions are made a year ahead once a month: one with fewer was forgotten
DAY = timedelta(days=1)
TURN = "series"


def goes_on(series: AppointmentSeries) -> bool:
    """Whether there may be sessions that are not made yet."""
    return series.until is None or series.until > series.made_to


def why_stopped(db: Session, series: AppointmentSeries) -> str:
    """Why no more sessions are made for now, "" where they are: nobody is booked for what could not be booked today."""
    if db.get_one(Client, series.client_id).status != ClientStatus.ACTIVE:
        return "the client is archived"
    if not db.get_one(CareService, series.service_id).is_active:
        return "the service is not offered any more"
    practitioner = db.get_one(Member, series.practitioner_id)
    if practitioner.disabled_at is not None or not practitioner.is_practitioner:
        return f"{practitioner.name} treats nobody here any more"
    return ""


def ask_for_more(db: Session, desk: Desk, series: AppointmentSeries, due: datetime) -> None:
    """The worker makes the next sessions then."""
    outbox.enqueue(
        db,
        desk,
        practice_id=series.practice_id,
        kind=KIND,
        key=f"{KIND}:{series.id}:{due.date().isoformat()}",
        payload={"series_id": series.id},
        due_at=due,
    )


def is_due(db: Session, desk: Desk) -> bool:
    """Whether a series is behind, once a day; needs no write lock."""
    turn = db.get(SweepTurn, TURN)
    if turn is not None and turn.taken_at is not None and desk.now() - turn.taken_at < DAY:
        return False
    return db.exec(select(AppointmentSeries.id).where(*_behind(desk)).limit(1)).first() is not None


def revive(db: Session, desk: Desk) -> None:
    """The job of each series that is behind is due again where it stopped, and made anew where there is none."""
    turn_of(db, TURN).taken_at = desk.now()
    waiting = db.exec(select(OutboxRow).where(OutboxRow.kind == KIND, col(OutboxRow.done_at).is_(None))).all()
    keys = {row.key.rpartition(":")[0]: row for row in waiting}
    for series in db.exec(select(AppointmentSeries).where(*_behind(desk)).order_by(col(AppointmentSeries.id))):
        row = keys.get(f"{KIND}:{series.id}")
        if row is None:
            ask_for_more(db, desk, series, desk.now())
        elif row.dead_at is not None:
            outbox.revive(db, desk, row.key)


def _behind(desk: Desk) -> tuple[Any, ...]:
    to = col(AppointmentSeries.made_to)
    goes_on = sa.or_(col(AppointmentSeries.until).is_(None), col(AppointmentSeries.until) > to)
    return to < (desk.now() + BEHIND).date(), goes_on
