"""Appointments out of another system's export or calendar. What was completed here is never touched again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlmodel import Session, col, select

from trova_app.domain.imports import AppointmentRow, ParsedFile
from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.models import Appointment, CareService, Client, Member
from trova_app.services.arguments import Fields, folded, one_line
from trova_app.services.client_imports import IN_ONE_QUESTION, READ_AHEAD, SEVERAL, Register, is_readable
from trova_app.services.clients import LONGEST_NAME, keyed
from trova_app.services.import_reports import ImportReport, Notes, Outcome, all_or_nothing, begin
from trova_app.services.import_writes import Writes
from trova_app.services.known_appointments import STATES, brought_up, mark_of
from trova_app.services.ports import Desk

UNNAMED_SERVICE = "Imported session"
TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "mx", "miss"})


@dataclass(slots=True)
class Diary:
    """What rows are compared with: clients, services, practitioners and appointments of the practice."""

    clients: Register
    create_missing: bool
    services: dict[str, CareService]
    practitioners: list[Member]
    by_external_id: dict[str, Appointment] = field(default_factory=dict)
    by_time: dict[tuple[int, datetime], list[Appointment]] = field(default_factory=dict)
    by_listed_time: dict[tuple[int, datetime], list[Appointment]] = field(default_factory=dict)
    _known: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, writes: Writes, practice_id: int, create_missing: bool) -> "Diary":
        services = writes.db.exec(select(CareService).where(CareService.practice_id == practice_id))
        members = select(Member).where(Member.practice_id == practice_id, col(Member.is_practitioner).is_(True))
        members = members.where(col(Member.disabled_at).is_(None))
        return cls(
            clients=Register(writes),
            create_missing=create_missing,
            services={folded(service.name): service for service in writes.copies(services)},
            practitioners=writes.copies(writes.db.exec(members.order_by(col(Member.id)))),
        )

    @property
    def writes(self) -> Writes:
        return self.clients.writes

    def read(self, practice_id: int, rows: Sequence[AppointmentRow]) -> None:
        """Appointments that are, or that a list had, within these rows' time, those that carry the other system's id,
        and the clients they may be of."""
        if not rows:
            return
        names, ids = (row.client_name for row in rows), (row.client_external_id for row in rows)
        self.clients.read(practice_id, names, ids)
        starts = [row.starts_at for row in rows]
        for when in (col(Appointment.starts_at), col(Appointment.listed_at)):
            self.take(practice_id, when.between(min(starts), max(starts)))
        known = list({text for row in rows if (text := one_line(row.external_id)) and is_readable(text)})
        for at in range(0, len(known), IN_ONE_QUESTION):
            these = col(Appointment.external_id).in_(known[at : at + IN_ONE_QUESTION])
            self.take(practice_id, (col(Appointment.external_id) != "") & these)

    def take(self, practice_id: int, is_wanted: Any) -> None:
        query = select(Appointment).where(Appointment.practice_id == practice_id, is_wanted)
        found = self.writes.db.exec(query.order_by(col(Appointment.id))).all()
        for appointment in self.writes.copies(one for one in found if one.id not in self._known):
            self._known.add(int(appointment.id or 0))
            self.add(appointment)

    def add(self, appointment: Appointment) -> None:
        if appointment.external_id:
            self.by_external_id[appointment.external_id] = appointment
        self.by_time.setdefault((appointment.client_id, appointment.starts_at), []).append(appointment)
        if appointment.listed_at:
            self.by_listed_time.setdefault((appointment.client_id, appointment.listed_at), []).append(appointment)

    def same(self, client_id: int, starts_at: datetime, external_id: str) -> Appointment | None:
        """The one the row may mean that has no id, or says none: the list had it at that time, or it is then."""
        place = client_id, starts_at
        known: list[Appointment] = [*self.by_listed_time.get(place, ()), *self.by_time.get(place, ())]
        for present in known:
            if not (present.external_id and external_id):
                return present
        return None


def import_appointments(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    parsed: ParsedFile[AppointmentRow],
    dry_run: bool = False,
    create_missing: bool = False,
) -> ImportReport:
    """Keeps a file's appointments, all or none. Sessions that took place stand under Open, to be completed here. Safe
    to run twice: an appointment is known by the other system's id, else by client and start, also where it was moved
    here since; one that was changed here stays. `create_missing` adds unknown clients, and unknown services without a
    price."""
    begin(db, who)

    def keeper() -> Callable[[AppointmentRow, Notes], Outcome]:
        return appointment_keeper(desk, who, Diary.of(Writes(db), who.practice_id, create_missing), parsed.rows)

    return all_or_nothing(db, desk, who, parsed, keeper, is_dry_run=dry_run)


def appointment_keeper(
    desk: Desk, who: Principal, diary: Diary, rows: Sequence[AppointmentRow]
) -> Callable[[AppointmentRow, Notes], Outcome]:
    """What keeps each of these rows; it raises `Refusal` for one that cannot be kept."""
    diary.read(who.practice_id, rows)

    def keep(row: AppointmentRow, notes: Notes) -> Outcome:
        return _keep(desk, who, diary, row, notes)

    return keep


def _keep(desk: Desk, who: Principal, diary: Diary, row: AppointmentRow, notes: Notes) -> Outcome:
    texts = _texts(row)
    known = diary.by_external_id.get(texts["external_id"]) if texts["external_id"] else None
    if known is not None:
        return brought_up(desk, diary.writes, known, row, texts, notes)
    if not diary.practitioners:
        raise Refusal("Nobody in this practice treats clients. Add a practitioner under Settings.", "practitioner_name")
    client = _client(desk, who, diary, texts, notes)
    client_id = diary.writes.numbered(client)
    present = diary.same(client_id, row.starts_at, texts["external_id"])
    if present is not None:
        return brought_up(desk, diary.writes, present, row, texts, notes)
    appointment = Appointment(
        practice_id=who.practice_id,
        client_id=client_id,
        service_id=diary.writes.numbered(_service(who, diary, row, texts, notes)),
        practitioner_id=_practitioner(who, diary, texts["practitioner_name"], notes),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        place=texts["place"],
        note=texts["note"],
        state=STATES[row.status],
        external_id=texts["external_id"],
        external_mark=mark_of(row.starts_at, row.ends_at, STATES[row.status]),
        listed_at=row.starts_at,
        created_at=desk.now(),
    )
    diary.writes.add(appointment)
    diary.add(appointment)
    return Outcome.IMPORTED


def _texts(row: AppointmentRow) -> dict[str, str]:
    texts, faults = texts_of(row)
    if faults:
        raise FieldFaults(list(faults))
    return texts


@lru_cache(maxsize=READ_AHEAD)
def texts_of(row: AppointmentRow) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """The row's texts, read as strictly as a form, and what is wrong with them. Remembered for a moment: they are read
    ahead, so that no transaction lasts for it."""
    form = Fields()
    texts = {
        "client_name": form.line("client_name", row.client_name, most=2 * LONGEST_NAME),
        "client_external_id": form.line("client_external_id", row.client_external_id, most=100),
        "client_email": form.mailbox("client_email", row.client_email),
        "service_name": form.line("service_name", row.service_name, most=LONGEST_NAME),
        "practitioner_name": form.line("practitioner_name", row.practitioner_name, most=LONGEST_NAME),
        "place": form.line("place", row.place, most=200),
        "note": form.paragraph("note", row.note, most=5000),
        "external_id": form.line("external_id", row.external_id, most=200),
    }
    if row.ends_at <= row.starts_at:
        form.fault("ends_at", "The appointment must end after it starts.")
    return texts, tuple(form.faults)


# -- who and what it is


def client_of(desk: Desk, who: Principal, diary: Diary, row: AppointmentRow) -> int:
    """Whom a row means. Raises `Refusal` for nobody and for several."""
    return diary.writes.numbered(_client(desk, who, diary, _texts(row), Notes([])))


def service_of(who: Principal, diary: Diary, row: AppointmentRow) -> int:
    """What a row means, added without a price where it is not known."""
    adding = replace(diary, create_missing=True)
    return diary.writes.numbered(_service(who, adding, row, _texts(row), Notes([])))


def _client(desk: Desk, who: Principal, diary: Diary, texts: dict[str, str], notes: Notes) -> Client:
    """By the other system's id, else by name; of several with one name the one with this mail address."""
    if texts["client_external_id"] in diary.clients.by_external_id:
        return diary.clients.by_external_id[texts["client_external_id"]]
    email = texts["client_email"]
    namesakes = [c for c in diary.clients.named(texts["client_name"]) if not (email and c.email) or c.email == email]
    same = [client for client in namesakes if email and client.email == email] or namesakes
    if len(same) > 1:
        raise Refusal(SEVERAL, "client_name")
    if same:
        return same[0]
    if not diary.create_missing or not texts["client_name"]:
        raise Refusal("This client is not known here. Import the clients first, or add unknown ones.", "client_name")
    notes.add("client_name", "This client was not known and has been added. Complete the profile.")
    return _new_client(desk, who, diary, texts)


def _new_client(desk: Desk, who: Principal, diary: Diary, texts: dict[str, str]) -> Client:
    first, _, last = texts["client_name"].rpartition(" ")
    client = Client(
        practice_id=who.practice_id,
        first_name=(first or last)[:LONGEST_NAME],
        last_name=last[:LONGEST_NAME] if first else "",
        email=texts["client_email"],
        external_id=texts["client_external_id"],
        created_at=desk.now(),
    )
    diary.writes.add(keyed(client))
    diary.clients.add(client)
    return client


def _service(who: Principal, diary: Diary, row: AppointmentRow, texts: dict[str, str], notes: Notes) -> CareService:
    name = texts["service_name"] or UNNAMED_SERVICE
    if folded(name) in diary.services:
        return diary.services[folded(name)]
    if not diary.create_missing:
        raise Refusal("This service is not known here. Add it under Services, or add unknown ones.", "service_name")
    minutes = max(1, (row.ends_at - row.starts_at) // timedelta(minutes=1))
    service = CareService(practice_id=who.practice_id, name=name, duration_minutes=minutes)
    diary.writes.add(service)
    diary.services[folded(name)] = service
    notes.add("service_name", "This service was not known and has been added without a price. Set its price.")
    return service


def _practitioner(who: Principal, diary: Diary, name: str, notes: Notes) -> int:
    """By name, whatever the title; else the person who imports, else the practice's first."""
    for member in diary.practitioners:
        if name and _untitled(member.name) == _untitled(name):
            return int(member.id or 0)
    if name and len(diary.practitioners) > 1:
        notes.add("practitioner_name", "This practitioner is not known here. Check with whom the session is.")
    own = [member for member in diary.practitioners if member.id == who.member_id]
    return int((own or diary.practitioners)[0].id or 0)


def _untitled(name: str) -> str:
    return " ".join(word for word in folded(name).replace(".", " ").split() if word not in TITLES)
