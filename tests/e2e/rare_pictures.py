"""What seldom waits for somebody: a payment link made with another key, money of another currency, and a crowd in the
calendar at one hour, of many practitioners and of one."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

from sqlmodel import select

from tests import builders as a
from tests.e2e.form_pictures import LONG
from tests.e2e.payers import asked_to_pay, loses_its_link, pays
from tests.e2e.stories import House
from tests.e2e.test_calendar_by_hand import MONDAY, at
from trova_app import routes
from trova_app.models import CareService, Member, Practice

T = TypeVar("T")
TEAM = 9
GROUP = 14


def _crowd(house: House) -> None:
    """On Monday all of a team have somebody at nine; on Tuesday one of them has a group, and two with long names."""
    with house.served.act() as (db, _desk):
        practice = db.get_one(Practice, house.practice_id)
        service = db.exec(select(CareService).where(CareService.practice_id == practice.id)).one()
        owner = db.exec(select(Member).where(Member.email == house.owner)).one()
        team = [a.a_member(db, practice, name=f"Dr {n} {LONG}", email=f"{n}.{house.owner}") for n in range(TEAM)]
        wanted = [(at(0, 9), one) for one in team] + [(at(1, 13), owner)] * GROUP + [(at(1, 9), owner)] * 2
        for n, (starts, who) in enumerate(wanted):
            client = a.a_client(db, practice, last_name=LONG if starts == at(1, 9) else f"Dlamini {n}")
            a.an_appointment(db, client, service, who, ends=starts + timedelta(hours=1), starts_at=starts)


def of_the_rare(house: House, crowded: House, make: Callable[..., T]) -> Iterator[T]:
    """`make`: how a scene is made."""
    lost, foreign, less = (asked_to_pay(house, last_name=name) for name in ("Dlamini", "Nkosi", LONG))
    loses_its_link(house, lost)
    pays(house, less, 100_000)
    pays(house, foreign, currency="usd")
    yield make("billing-to-decide", house.owner, routes.BILLING)
    yield make("document-lost-link", house.owner, routes.invoice(lost.id))
    yield make("pay-held-back", "", lost.pay)
    yield make("payments-settings-lost-link", house.owner, routes.PAYMENT_SETTINGS)
    _crowd(crowded)
    for view in ("week", "day"):
        for name, day in (("team", MONDAY), ("group", MONDAY + timedelta(days=1))):
            address = f"{routes.CALENDAR}?view={view}&date={day.isoformat()}"
            yield make(f"calendar-{view}-{name}", crowded.owner, address)
