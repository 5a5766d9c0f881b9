"""Sessions that were billed before a story begins."""

from datetime import UTC, datetime, timedelta

from sqlmodel import select

from tests.builders import an_appointment, principal
from tests.e2e.stories import House
from trova_app.domain.lines import shown
from trova_app.models import Appointment, CareService, Client, Member
from trova_app.services import billing
from trova_app.services.working_copy import find_case, working_copy


def another_session(house: House, session: int, *, ended: timedelta = timedelta(minutes=30)) -> int:
    """One more of the same client, with the same service and practitioner."""
    with house.served.act() as (db, _):
        first = db.get_one(Appointment, session)
        client, service = db.get_one(Client, first.client_id), db.get_one(CareService, first.service_id)
        owner = db.get_one(Member, first.practitioner_id)
        return int(an_appointment(db, client, service, owner, ends=datetime.now(UTC) - ended).id or 0)


def billed(house: House, session: int, act: str = "send_invoice", **typed: str) -> str:
    """Finishes it; `typed` as in price_1="900". The document's number."""
    with house.served.act() as (db, desk):
        who = principal(db.exec(select(Member).where(Member.email == house.owner)).one())
        case = find_case(db, who, session)
        copy = working_copy(db, desk, case)
        given = {key.replace("_1", ".1") if key.endswith("_1") else key: text for key, text in typed.items()}
        submitted = dict(copy.form.pairs()) | {"payment_type": "other"} | given
        sums = dict(shown(case.rules.pairs() + list(submitted.items())))
        done = billing.finish(
            db, desk, who, appointment_id=session, version=copy.version, act=act, submitted=submitted,
            seen=sums["total"],
        )  # fmt: skip
        return done.number_text
