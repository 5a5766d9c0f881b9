"""A practice and its owner, a payment whose key is gone; and an open session to finish, with the people around it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests import builders as a
from tests.conftest import Database
from tests.giving_back import adds_up, key_goes, paid_online
from tests.paying import Case
from trova_app.domain.lines import shown
from trova_app.domain.permissions import Principal, Role
from trova_app.models import Appointment, Client, Member, Payment, Practice
from trova_app.services import billing
from trova_app.services.forms import Form
from trova_app.services.working_copy import find_case, working_copy


@pytest.fixture
def practice(database: Database) -> Practice:
    with database.act() as (db, _desk):
        return a.a_practice(db)


@pytest.fixture
def who(database: Database, practice: Practice) -> Principal:
    with database.act() as (db, _desk):
        return a.principal(a.a_member(db, practice))


@pytest.fixture
def paid(database: Database) -> Iterator[tuple[Case, Payment]]:
    """R 1 250,00 by link; then the key of its account was replaced."""
    case, payment = paid_online(database)
    key_goes(database.act, payment)
    yield case, payment
    adds_up(database)


@dataclass
class OpenSession:
    """One practice, one client, one session that has taken place; `finish(act, **typed)` presses a closing button."""

    database: Database
    practice: Practice
    member: Member
    client: Client
    appointment: Appointment
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def who(self) -> Principal:
        return a.principal(self.member)

    @property
    def id(self) -> int:
        assert self.appointment.id is not None
        return self.appointment.id

    def as_role(self, role: Role) -> Principal:
        return Principal(self.who.member_id, self.who.practice_id, role, self.who.name)

    def form(self) -> tuple[Form, int]:
        with self.database.act(writes=False) as (db, desk):
            copy = working_copy(db, desk, find_case(db, self.who, self.id))
            return copy.form, copy.version

    def finish(self, act: str, *, who: Principal | None = None, seen: str | None = None, desk=None, **typed: str):
        """`typed`: field names with _ for the point, such as price_1="900", payment_type="other"."""
        form, version = self.form()
        names = dict(form.pairs())
        given = {self._name(key, names): text for key, text in typed.items()}
        submitted = names | given
        with self.database.act(desk) as (db, desk):
            rules = find_case(db, self.who, self.id).rules
            sums = dict(shown(rules.pairs() + list(submitted.items())))
            return billing.finish(
                db, desk, who or self.who, appointment_id=self.id, version=version, act=act, submitted=submitted,
                seen=sums["total"] if seen is None else seen,
            )  # fmt: skip

    @staticmethod
    def _name(key: str, names: dict[str, str]) -> str:
        head, _, tail = key.rpartition("_")
        return f"{head}.{tail}" if tail.isdigit() and f"{head}.{tail}" in names else key


@pytest.fixture
def session(database: Database) -> OpenSession:
    with database.act() as (db, _desk):
        practice = a.a_practice(db)
        member = a.a_member(db, practice)
        scheme = a.a_scheme(db, practice)
        client = a.a_client(db, practice, scheme_id=scheme.id, member_number="KM 123456", dependant_code="01")
        a.a_diagnosis(db, client)
        appointment = a.an_appointment(db, client, a.a_service(db, practice), member)
    return OpenSession(database, practice, member, client, appointment)
