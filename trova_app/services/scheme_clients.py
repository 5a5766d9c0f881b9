"""Which clients a scheme's new price list is about: those it pays for who have sessions still to be billed."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.invoices import PaymentType
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Appointment, Client, CompletionDraft, Scheme
from trova_app.services.arguments import an_id
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for

MOST_NAMED = 100
STARTS_AT: Any = col(Appointment.starts_at)


@dataclass(frozen=True, slots=True)
class AffectedClient:
    """`begun`: sessions whose form somebody has begun; they keep the prices they have."""

    id: int
    name: str
    next: str
    sessions: int
    begun: int


@dataclass(frozen=True, slots=True)
class Affected:
    """`clients` and `sessions` count all of them; `named` are the first by their next session."""

    clients: int = 0
    sessions: int = 0
    begun: int = 0
    named: tuple[AffectedClient, ...] = ()


def affected_clients(db: Session, desk: Desk, who: Principal, *, scheme_id: object, since: date) -> Affected:
    """Clients for whom the scheme pays, with sessions on or after the day that are not completed: open or to come."""
    who.must(Permission.SEE_APPOINTMENTS)
    style = style_for(db, desk, who.practice_id)
    first = datetime.combine(since, time(), style.zone)
    count, begun = sa.func.count(col(Appointment.id)), sa.func.count(col(CompletionDraft.appointment_id))
    soonest = sa.func.min(STARTS_AT, type_=STARTS_AT.type)
    query = (
        sa.select(Client, soonest, count, begun)
        .join(Appointment, col(Appointment.client_id) == Client.id)
        .join(Scheme, col(Scheme.id) == Client.scheme_id)
        .outerjoin(CompletionDraft, col(CompletionDraft.appointment_id) == Appointment.id)
        .where(
            col(Client.practice_id) == who.practice_id,
            col(Client.scheme_id) == an_id(scheme_id, "scheme"),
            col(Client.default_payment_type).in_(("", PaymentType.INSURANCE.value)),
            col(Appointment.state) == AppointmentState.SCHEDULED,
            first <= STARTS_AT,
        )
        .group_by(col(Client.id))
        .order_by(soonest, col(Client.id))
    )
    rows = db.execute(query).all()
    named = tuple(
        AffectedClient(client.id, f"{client.first_name} {client.last_name}".strip(), style.moment_words(next_), n, kept)
        for client, next_, n, kept in rows[:MOST_NAMED]
    )
    return Affected(len(rows), sum(row[2] for row in rows), sum(row[3] for row in rows), named)
