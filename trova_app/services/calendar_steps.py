"""One reading of another calendar, event by event: what becomes a session here, what is changed, what is left alone.

What was completed or missed here is never touched. What somebody here has moved, cancelled or put on again stays so
until the other calendar itself says something new about that event: `external_mark` keeps what it said last. Events
that were over when the calendar was first asked for are no sessions here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.imports import AppointmentRow, Attendance
from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import Appointment, CalendarSubscription
from trova_app.services.appointment_imports import Diary, client_of, service_of
from trova_app.services.booking_rules import written_down
from trova_app.services.import_writes import Writes
from trova_app.services.ports import Desk

AHEAD = timedelta(days=366)
CALLED_OFF = "Cancelled in the other calendar"
GONE = "No longer in the other calendar"
NOT_THERE = "gone"  # as a mark


def diary_of(db: Session, one: CalendarSubscription, rows: Sequence[AppointmentRow]) -> Diary:
    """What events are compared with: this practitioner's sessions of their time, and what was made of them before."""
    diary = Diary.of(Writes(db), one.practice_id, one.adds_clients)
    if rows:
        names, ids = (row.client_name for row in rows), (row.client_external_id for row in rows)
        diary.clients.read(one.practice_id, names, ids)
        starts = [row.starts_at for row in rows]
        near = col(Appointment.starts_at).between(min(starts), max(starts))
        diary.take(one.practice_id, near & (col(Appointment.practitioner_id) == one.member_id))
        keys = [key_of(one, row.external_id) for row in rows]
        diary.take(one.practice_id, (col(Appointment.external_id) != "") & col(Appointment.external_id).in_(keys))
    return diary


def key_of(one: CalendarSubscription, external_id: str) -> str:
    """Of this practitioner alone, for two may be invited to one event; the same when the calendar is read again after
    it was not for a while. Says nothing about anybody."""
    return f"calendar{one.member_id}:{sha256(external_id.encode()).hexdigest()[:40]}"


def _mark(row: AppointmentRow) -> str:
    said = (row.starts_at.isoformat(), row.ends_at.isoformat(), row.status.value, row.place, row.client_name)
    return sha256("\n".join(said).encode()).hexdigest()[:40]


@dataclass
class Step:
    db: Session
    desk: Desk
    who: Principal
    subscription: CalendarSubscription
    diary: Diary
    has_changed: bool = False

    def took(self, row: AppointmentRow) -> bool:
        """False for an event nobody here could be found for."""
        known = self.diary.by_external_id.get(key_of(self.subscription, row.external_id))
        if known is not None:
            self._follow(known, row)
            return True
        if row.status is Attendance.CANCELLED or row.ends_at <= self.subscription.created_at:
            return True  # never was a session here
        try:
            client_id = client_of(self.desk, self.who, self.diary, row)
        except Refusal:
            return False
        for present in self.diary.by_time.get((client_id, row.starts_at), []):
            if not present.external_id and present.practitioner_id == self.subscription.member_id:
                self._adopt(present, row)
                return True
        self._new(client_id, row)
        return True

    def _adopt(self, present: Appointment, row: AppointmentRow) -> None:
        """Booked in both: from now on it is one."""
        present.external_id, present.external_mark = key_of(self.subscription, row.external_id), _mark(row)
        present.subscription_id = self.subscription.id
        self.diary.add(present)
        self._keep(present)

    def _new(self, client_id: int, row: AppointmentRow) -> None:
        made = Appointment(
            practice_id=self.who.practice_id,
            client_id=client_id,
            service_id=service_of(self.who, self.diary, row),
            practitioner_id=self.subscription.member_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            place=row.place[:200],
            external_id=key_of(self.subscription, row.external_id),
            external_mark=_mark(row),
            subscription_id=self.subscription.id,
            created_at=self.desk.now(),
        )
        self._keep(made)
        self.diary.add(made)
        self._note(made, "Booked")

    def _follow(self, known: Appointment, row: AppointmentRow) -> None:
        """Only where the event itself has changed since it was read last, or is back again."""
        known.subscription_id = self.subscription.id
        self.db.add(known)
        if known.external_mark == _mark(row):
            return
        known.external_mark = _mark(row)
        is_back = known.state == AppointmentState.CANCELLED and known.cancel_reason in (GONE, CALLED_OFF)
        if row.status is Attendance.CANCELLED:
            if known.state == AppointmentState.SCHEDULED:
                self._cancel(known, CALLED_OFF)
        elif known.state == AppointmentState.SCHEDULED or is_back:
            self._bring(known, row, is_back)

    def _bring(self, known: Appointment, row: AppointmentRow, is_back: bool) -> None:
        was = (known.starts_at, known.ends_at, known.place, known.client_id)
        known.starts_at, known.ends_at = row.starts_at, row.ends_at
        known.place = row.place[:200] or known.place
        known.client_id = self._client_now(known, row)
        known.state, known.cancel_reason = AppointmentState.SCHEDULED, ""
        if is_back or was != (known.starts_at, known.ends_at, known.place, known.client_id):
            known.version += 1
            self._keep(known)
            self._note(known, "Put on again" if is_back else "Changed")

    def _client_now(self, known: Appointment, row: AppointmentRow) -> int:
        """Somebody else where the event names somebody else, and the session is still to come."""
        if row.starts_at <= self.desk.now():
            return known.client_id
        try:
            return client_of(self.desk, self.who, replace(self.diary, create_missing=False), row)
        except Refusal:
            return known.client_id

    def cancel_what_is_gone(self, present: set[str]) -> None:
        """Sessions to come that the other calendar has no longer."""
        query = select(Appointment).where(
            Appointment.practice_id == self.who.practice_id,
            Appointment.subscription_id == self.subscription.id,
            Appointment.state == AppointmentState.SCHEDULED,
            col(Appointment.starts_at) > self.desk.now(),
            col(Appointment.starts_at) < self.desk.now() + AHEAD - timedelta(days=1),
            Appointment.external_mark != NOT_THERE,
        )
        for one in self.db.exec(query).all():
            if one.external_id not in present:
                one.external_mark = NOT_THERE
                self._cancel(one, GONE)

    def _cancel(self, one: Appointment, why: str) -> None:
        one.state, one.cancel_reason = AppointmentState.CANCELLED, why
        one.version += 1
        self._keep(one)
        self._note(one, f"Cancelled: {why}")

    def _keep(self, one: Appointment) -> None:
        self.db.add(one)
        self.db.flush()
        self.has_changed = True

    def _note(self, one: Appointment, what: str) -> None:
        written_down(self.db, self.desk, self.who, one, f"{what} by the other calendar" if ":" not in what else what)
