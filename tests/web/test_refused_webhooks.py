"""What no gateway sent, or not just now, or too much of it, or about somebody else: refused, no row, and not a word of
it in the log, neither of the body nor of the signature. On the real server, with its access log; Paystack's own are in
`test_paystack_served.py`."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlmodel import col, select

from tests import builders as a
from tests.contract import stand_in
from tests.paying import an_invoice, an_outside, webhooks_set_up
from tests.served import ServedApp
from trova_app import wiring
from trova_app.adapters import signed_events
from trova_app.adapters.simulated import SimulatedGateway
from trova_app.domain.gateways import LinkSpec, NewEndpoint
from trova_app.domain.permissions import Role
from trova_app.models import Invoice, Member, Payment, PaymentRequest, Practice, ProviderEvent, WebhookEndpoint
from trova_app.services import gateway_accounts, links, payments
from trova_app.services.ports import Desk
from trova_app.settings import settings
from trova_app.web.webhooks import LARGEST_BODY

SECRET, ANOTHERS = "whsec_ours", "whsec_anothers"
STALE = timedelta(seconds=301)


@dataclass
class Door:
    """Where one gateway's events come in, and how they are signed. `raw`: an event about a link of the practice's, as
    that gateway tells it, with `canary` in the payer's own words."""

    served: ServedApp
    path: str
    secret: str
    raw: bytes
    canary: str
    payment: str
    practice_id: int

    def sign(self, raw: bytes | None = None, secret: str | None = None, *, ago: timedelta = timedelta()) -> str:
        at = datetime.now(UTC) - ago
        return signed_events.signature(self.raw if raw is None else raw, self.secret if secret is None else secret, at)

    def deliver(self, header: str, raw: Any = None, path: str = "") -> int:
        headers = {"stripe-signature": header.encode(), "content-type": b"application/json"}
        content = self.raw if raw is None else raw
        return httpx.post(self.served.url + (path or self.path), content=content, headers=headers).status_code

    def rows(self) -> list[Any]:
        """Every event and payment that names this one, in any practice."""
        with self.served.act(writes=False) as (db, _desk):
            told = db.exec(select(ProviderEvent.id).where(col(ProviderEvent.body).contains(self.payment))).all()
            paid = db.exec(select(Payment.id).where(Payment.practice_id == self.practice_id)).all()
            return [*told, *paid]

    def said(self) -> str:
        return self.served.said()


def a_door(served: ServedApp, provider: str) -> Door:
    owner = served.a_practice_with(Role.OWNER)[0]
    desk = Desk(clock=wiring.SystemClock(), mode="test", origin="https://practice.example", vault=wiring.vault())
    with wiring.unit_of_work(desk, on=served.engine) as (db, _):
        member = db.exec(select(Member).where(Member.email == owner)).one()
        if provider == "stripe":
            _connected(db, desk, member)
        case = an_invoice(db, desk, db.get_one(Practice, member.practice_id))
        payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then={})
        request = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == case.invoice_id)).one()
        assert request.provider == provider
        installation = an_outside(endpoint_key=settings().key()).endpoint(db, provider)
        own = db.exec(select(WebhookEndpoint).where(WebhookEndpoint.practice_id == case.practice_id)).first()
        endpoint, secret = (own, SECRET) if own else (installation, installation.secret)
        spec = links.spec_of(db, desk, request, installation.public_id)
        path = f"/hooks/{provider}/{endpoint.public_id}"
    canary = f"canary-{uuid.uuid4().hex[:12]}"
    raw, payment = an_event(spec, canary)
    return Door(served, path, secret, raw, canary, payment, case.practice_id)


def _connected(db: Any, desk: Desk, member: Member) -> None:
    who = a.principal(member)
    gateway_accounts.connect(db, desk, who, provider="stripe", key="rk_test_12345678")
    webhooks_set_up(db, desk, who, NewEndpoint("we_1", SECRET))


def an_event(spec: LinkSpec, canary: str) -> tuple[bytes, str]:
    told = json.loads(SimulatedGateway("http://localhost:3000", "test").said(spec, "pay", datetime.now(UTC)))
    about = told["data"]["object"]
    about["customer_details"] = {"email": f"{canary}@example.test", "name": canary}
    return json.dumps(told).encode(), about["payment_intent"]


@pytest.fixture(scope="module")
def doors(served: ServedApp, stripes: stand_in.StandIn) -> Iterator[dict[str, Door]]:
    made = {provider: a_door(served, provider) for provider in ("simulated", "stripe")}
    yield made
    stripes.clear()


@pytest.fixture(params=["stripe", "simulated"])
def door(request: pytest.FixtureRequest, doors: dict[str, Door]) -> Door:
    return doors[request.param]


def forged(door: Door) -> list[int]:
    good, changed = door.sign(), door.raw.replace(b"125000", b"1")
    assert changed != door.raw
    tries = [
        ("", door.raw),
        (door.sign(secret=""), door.raw),
        (door.sign(secret="guessed"), door.raw),
        (good[:-1], door.raw),
        (good, door.raw + b" "),
        (good, changed),
        ("t=1,v1=\u00e9", door.raw),
        (door.sign(b""), b""),
        (door.sign(b"[" * 50_000), b"[" * 50_000),
        (door.sign(b"\xff" + door.raw), b"\xff" + door.raw),
    ]
    return [door.deliver(*one) for one in tries]


def stale(door: Door) -> list[int]:
    return [door.deliver(door.sign(ago=STALE)), door.deliver(door.sign(ago=-STALE - timedelta(seconds=30)))]


def oversized(door: Door) -> list[int]:
    long = door.raw + b" " * LARGEST_BODY
    return [door.deliver(door.sign(long), long), door.deliver(door.sign(long), iter([long]))]


def foreign(door: Door) -> list[int]:
    """Signed by another's secret; ours, at an address that is nobody's, and at one that is no address."""
    return [
        door.deliver(door.sign(secret=ANOTHERS)),
        door.deliver(door.sign(), path=f"{urlsplit(door.path).path[:-32]}{'0' * 32}"),
        door.deliver(door.sign(), path=f"{door.path}%00"),
    ]


KINDS: list[tuple[Callable[[Door], list[int]], list[int]]] = [
    (forged, [400] * 10),
    (stale, [400] * 2),
    (oversized, [413] * 2),
    (foreign, [400, 404, 404]),
]


@pytest.mark.parametrize(("kind", "answers"), KINDS, ids=lambda given: getattr(given, "__name__", ""))
def test_it_is_refused_and_leaves_neither_a_row_nor_a_word_in_the_log(door: Door, kind, answers) -> None:
    assert kind(door) == answers
    assert door.rows() == []
    log = door.said()
    assert "path=/hooks/" in log
    for secret in (door.canary, door.payment, door.secret, door.sign()[-64:], "v1=", "customer_details", "125000"):
        assert secret not in log


def test_what_is_signed_well_but_about_another_practices_payment_is_refused_at_this_address(doors) -> None:
    """Each address knows its own secret only."""
    ours, theirs = doors["stripe"], doors["simulated"]
    assert theirs.deliver(theirs.sign(), path=ours.path) == 400
    assert ours.deliver(ours.sign(), path=theirs.path) == 400
    assert ours.rows() == theirs.rows() == []


def test_the_business_of_other_software_in_the_same_account_is_taken_and_leaves_no_row(door: Door) -> None:
    told = json.loads(door.raw)
    told["id"], told["data"]["object"]["metadata"] = f"evt_{uuid.uuid4().hex}", {"shop": "7"}
    raw = json.dumps(told).encode()
    assert door.deliver(door.sign(raw), raw) == 200
    assert door.rows() == []
    assert door.canary not in door.said()


@pytest.mark.parametrize("provider", ["simulated", "stripe"])
def test_the_same_event_as_its_gateway_signs_it_is_kept_once_and_the_log_stays_silent(served, provider) -> None:
    """Only so do the refusals above mean anything."""
    door = a_door(served, provider)
    assert [door.deliver(door.sign()) for _ in range(2)] == [200, 200]
    with served.act(writes=False) as (db, _desk):
        told = db.exec(select(ProviderEvent.id).where(col(ProviderEvent.body).contains(door.payment))).all()
    assert len(told) == 1
    log = door.said()
    assert door.canary not in log and door.payment not in log and door.secret not in log
