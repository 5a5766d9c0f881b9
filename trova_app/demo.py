"""The demo practice: invented people, appointments around today, and bills made by the acts of the real thing."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from trova_app import demo_people, wiring
from trova_app.demo_bills import bill_the_past
from trova_app.domain.appointments import AppointmentState
from trova_app.domain.lines import Line, gross_of
from trova_app.domain.permissions import Principal, Role
from trova_app.models import (
    Appointment,
    CareService,
    Client,
    ClientDiagnosis,
    Member,
    Mode,
    Practice,
    Scheme,
    SchemeRate,
    ServiceLine,
    TaxRate,
)
from trova_app.services.clients import keyed
from trova_app.services.ports import Desk
from trova_app.services.scheme_rates import search_text_of
from trova_app.web.passwords import hash_password

PASSWORD = "trova-demo"  # noqa: S105  (shown on the demo's sign-in page)
ROOMS, VIDEO = "Rosebank rooms", "Video call"

Row = TypeVar("Row")

# (working days from today, hour, client, service)
COMING = (
    (1, 9, "thandi", "Psychotherapy 60 min"),
    (1, 11, "zoe", "Psychotherapy 60 min"),
    (2, 10, "naledi", "Psychological assessment"),
    (3, 14, "bartholomew", "Couples therapy 75 min"),
    (5, 9, "maria", "Psychotherapy 60 min"),
    (6, 16, "tom", "Psychotherapy 30 min"),
)
OPEN = (
    (-1, 9, "nomvula", "Psychotherapy 60 min"),
    (-1, 10, "sipho", "Psychotherapy 60 min"),
    (-1, 12, "maria", "Psychotherapy 60 min"),
    (-1, 15, "bartholomew", "Couples therapy 75 min"),
    (-2, 9, "kagiso", "Intake 90 min"),
    (-2, 11, "naledi", "Psychological assessment"),
    (-2, 16, "fatima", "Psychotherapy 30 min"),
    (-3, 10, "keshav", "Psychotherapy 60 min"),
)
MISSED = (
    (-4, 9, "tom", "Psychotherapy 60 min"),
    (-9, 14, "lerato", "Psychotherapy 60 min"),
    (-14, 8, "zoe", "Group session"),
)
CANCELLED = (
    (-3, 8, "jan", "Psychotherapy 60 min"),
    (-8, 12, "aisha", "Group session"),
    (2, 15, "pieter", "Intake 90 min"),
)


class RealPractice(Exception):
    """The demo's password is public: it is never put beside a practice that is not a demo."""


def seed() -> bool:
    """Makes the demo practice where it is missing; True when it was made now."""
    with wiring.unit_of_work() as (db, desk):
        return seed_into(db, desk, hash_password)


def seed_into(db: Session, desk: Desk, hashed: Callable[[str], str]) -> bool:
    """The same in a given transaction. `hashed` turns the password into what is kept."""
    if db.exec(select(Member.id).where(Member.email == demo_people.OWNER["email"])).first():
        return False
    if db.exec(select(Practice.id).where(Practice.mode != Mode.DEMO)).first():
        raise RealPractice("This database has a practice of its own, so the demo stays out of it.")
    house = House(db, desk, hashed(PASSWORD))
    _near_today(house)
    for offsets, state in ((COMING, "scheduled"), (OPEN, "scheduled"), (MISSED, "missed"), (CANCELLED, "cancelled")):
        for days, hour, client, service in offsets:
            house.appointment(client, service, house.at(days, hour), state)
    bill_the_past(house)
    desk.wake()
    return True


class House:
    """The practice while it is furnished: its rows by short name, and its working days."""

    def __init__(self, db: Session, desk: Desk, password_hash: str) -> None:
        self.db, self.desk, self.now = db, desk, desk.now()
        began = self.now - timedelta(days=400)
        self.practice = self._kept(Practice(**demo_people.PRACTICE, created_at=began))
        self.id = int(self.practice.id or 0)
        self.zone = ZoneInfo(self.practice.time_zone)
        self.today = self.now.astimezone(self.zone).date()
        for name, rate, is_standard in (("VAT 15%", 15_000, True), ("No VAT", 0, False)):
            self._kept(
                TaxRate(practice_id=self.id, name=name, rate=rate, is_standard=is_standard, valid_from=date(2018, 4, 1))
            )
        members = [
            self._kept(Member(**given, practice_id=self.id, password_hash=password_hash, created_at=began))
            for given in (demo_people.OWNER, demo_people.RECEPTION)
        ]
        self.owner = members[0]
        self.who = Principal(int(self.owner.id or 0), self.id, Role.OWNER, self.owner.name)
        self.schemes = {
            n: self._kept(Scheme(practice_id=self.id, name=n, claim_email=m)) for n, m in demo_people.SCHEMES.items()
        }
        for scheme, rates in demo_people.PRICE_LISTS.items():
            self._price_list(self.schemes[scheme], rates)
        self.services = {name: self._service(name, offer) for name, offer in demo_people.SERVICES.items()}
        self.clients = {key: self._client(person, began) for key, person in demo_people.CLIENTS.items()}

    def _kept(self, row: Row) -> Row:
        self.db.add(row)
        self.db.flush()
        return row

    def _price_list(self, scheme: Scheme, rates: tuple[tuple[str, str, int], ...]) -> None:
        """Since the first of January, and a little less in the year before."""
        for year, percent in ((self.today.year - 1, 95), (self.today.year, 100)):
            for code, text, price in rates:
                self.db.add(
                    SchemeRate(
                        practice_id=self.id,
                        scheme_id=int(scheme.id or 0),
                        code=code,
                        description=text,
                        unit_price=price * percent // 100,
                        valid_from=date(year, 1, 1),
                        search_text=search_text_of(code, text),
                    )
                )
        self.db.flush()

    def _service(self, name: str, offer: demo_people.Offer) -> CareService:
        service = self._kept(self._new_service(name, offer))
        for position, (code, description, quantity, price) in enumerate(offer.lines, start=1):
            line = ServiceLine(
                practice_id=self.id, service_id=int(service.id or 0), position=position, code=code,
                description=description, quantity=quantity, unit_price=price,
            )  # fmt: skip
            self._kept(line)
            service.price_minor += gross_of(Line(quantity, price, 0, 0, 0), 2)
        return self._kept(service)

    def _new_service(self, name: str, offer: demo_people.Offer) -> CareService:
        kept = {"tone": offer.tone, "is_virtual": offer.is_virtual, "duration_minutes": offer.minutes}
        return CareService(practice_id=self.id, name=name, **kept)

    def _client(self, person: demo_people.Person, began: datetime) -> Client:
        scheme = self.schemes.get(person.scheme)
        mail = f"{person.mail}@mail.demo.trova.test" if person.mail else ""
        client = self._kept(
            keyed(
                Client(
                    practice_id=self.id,
                    first_name=person.first_name,
                    last_name=person.last_name,
                    email=mail,
                    phone=person.phone,
                    birth_date=date.fromisoformat(person.birth_date),
                    address=person.address,
                    scheme_id=scheme.id if scheme else None,
                    scheme_option=person.option,
                    member_number=person.member_number,
                    dependant_code=person.dependant_code,
                    main_member=person.main_member,
                    default_payment_type="insurance" if person.diagnoses else "",
                    created_at=began,
                )
            )  # fmt: skip
        )
        for position, (code, words) in enumerate(person.diagnoses, start=1):
            self._kept(
                ClientDiagnosis(
                    practice_id=self.id, client_id=int(client.id or 0), position=position, code=code, description=words
                )
            )
        return client

    def at(self, working_days: int, hour: int) -> datetime:
        """An hour on the practice's wall, so many working days from today."""
        return datetime.combine(self._working_day(working_days), time(hour), self.zone)

    def _working_day(self, count: int) -> date:
        day, step = self.today, timedelta(days=1 if count > 0 else -1)
        while count:
            day += step
            if day.weekday() < 5:
                count += -1 if step.days > 0 else 1
        return day

    def appointment(
        self, client: str, service: str, starts: datetime, state: str, place: str = ROOMS, note: str = ""
    ) -> Appointment:
        offered, treated = self.services[service], self.clients[client]
        return self._kept(
            Appointment(
                practice_id=self.id,
                client_id=int(treated.id or 0),
                service_id=int(offered.id or 0),
                practitioner_id=self.who.member_id,
                starts_at=starts,
                ends_at=starts + timedelta(minutes=offered.duration_minutes),
                state=state,
                created_at=starts - timedelta(days=20),
                place=place,
                note=note,
            )  # fmt: skip
        )


def _near_today(house: House) -> None:
    """Two sessions just over, one running, and what is left of the day, whatever the hour is now."""
    quarter = house.now.replace(minute=house.now.minute // 15 * 15, second=0, microsecond=0)
    scheduled = AppointmentState.SCHEDULED
    house.appointment(
        "thandi", "Psychotherapy 60 min", quarter - timedelta(minutes=75), scheduled, note="Prefers the quiet room"
    )
    house.appointment("pieter", "Intake 90 min", quarter - timedelta(hours=3), scheduled)
    house.appointment("lerato", "Psychotherapy 60 min", quarter, scheduled, place=VIDEO)
    for minutes, client in ((90, "aisha"), (165, "jan"), (240, "keshav")):
        house.appointment(client, "Psychotherapy 60 min", quarter + timedelta(minutes=minutes), scheduled)
