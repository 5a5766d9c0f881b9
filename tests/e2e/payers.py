"""Invoices that clients were asked to pay online, and what payers and their gateway do about them.

Invoices are made by the services a page would call; what a gateway tells arrives as it would, signed, at the server's
own webhook address, so that open pages see it happen.
"""

import json
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
from sqlmodel import col, select

from tests.builders import principal
from tests.e2e.stories import House
from tests.giving_back import account_is_left, key_goes, written_down
from tests.paying import an_outside
from trova_app.adapters import signed_events
from trova_app.adapters.pdf import TypstPress
from trova_app.adapters.simulated import SimulatedGateway
from trova_app.domain.gateways import PaymentFact
from trova_app.domain.lines import shown
from trova_app.domain.permissions import Principal
from trova_app.models import Invoice, Member, OutboxRow, Payment, PaymentRequest, WebhookEndpoint
from trova_app.outside import Outside
from trova_app.services import billing, lost_links, payments, refunds
from trova_app.services.working_copy import find_case, working_copy
from trova_app.worker import Worker


@dataclass(frozen=True)
class Asked:
    """An issued invoice over R 1 250,00 unless its fields said otherwise."""

    id: int
    session: int
    number: str
    pay: str
    """The address in the client's letter."""


def owner_of(house: House) -> Principal:
    return principal(house.read(select(Member).where(Member.email == house.owner))[0])


def finish(house: House, session: int, act: str, *, waits: timedelta = timedelta(), **typed: str) -> Asked:
    """Presses one of the closing buttons. `typed`: fields of the form, such as payment_type="online"; `waits`: how long
    nothing of it leaves."""
    who = owner_of(house)
    with house.served.act() as (db, desk):
        desk.gateway = "simulated"
        case = find_case(db, who, session)
        copy = working_copy(db, desk, case)
        submitted = dict(copy.form.pairs()) | typed
        total = dict(shown(case.rules.pairs() + list(submitted.items())))["total"]
        done = billing.finish(
            db, desk, who, appointment_id=session, version=copy.version, act=act, submitted=submitted, seen=total
        )
        for row in db.exec(select(OutboxRow).where(OutboxRow.invoice_id == done.invoice_id)):
            row.due_at += waits
        invoice = db.get_one(Invoice, done.invoice_id)
        return Asked(done.invoice_id, session, done.number_text, f"/pay/{invoice.pay_token}")


def asked_to_pay(house: House, *, is_linked: bool = True, **client: Any) -> Asked:
    """`is_linked`: the link is made and the letter is out; else both wait, until `let_go`."""
    waits = timedelta() if is_linked else timedelta(hours=1)
    asked = finish(house, house.session(**client), "request_payment", waits=waits, payment_type="online")
    if is_linked:
        work(house)
    return asked


def let_go(house: House, asked: Asked) -> None:
    """What waited is due."""
    with house.served.act() as (db, desk):
        for row in db.exec(select(OutboxRow).where(OutboxRow.invoice_id == asked.id)):
            row.due_at = desk.now()
    work(house)


def work(house: House) -> None:
    """What waits in the outbox is done, here and now."""
    Worker(_outside(house.served.url), house.served.act).run_once()


@cache
def _outside(origin: str) -> Outside:
    press = TypstPress()
    gateway = SimulatedGateway(origin, "test")
    return an_outside(gateways={"simulated": gateway}, print_pdf=press.pdf, print_png=press.png)


def has_paid(house: House, asked: Asked, **given: Any) -> Payment:
    """It arrived before the story begins. `given` goes to the gateway's word about it: state, amount_minor ..."""
    link = house.links(asked.id)[-1]
    said = {
        "provider": link.provider,
        "account_ref": "",
        "provider_payment_id": f"sim_pi_{link.request_uuid}",
        "instance": "",
        "request_uuid": link.request_uuid,
        "amount_minor": link.amount_minor,
        "currency": link.currency,
        "state": "succeeded",
        "is_live": False,
    }
    with house.served.act() as (db, desk):
        payments.ingest(db, desk, PaymentFact(**(said | given)))
    work(house)
    return house.payments(asked.id)[-1]


def given_back(house: House, asked: Asked, amount: str = "", **given: str) -> None:
    """The practice has refunded the newest payment, in part or ("") whole; `given`: how, where it was by hand."""
    with house.served.act() as (db, desk):
        refunds.refund(db, desk, owner_of(house), payment_id=house.payments(asked.id)[-1].id, amount=amount, **given)
    work(house)


# -- what the gateway tells while somebody looks on


def tells(house: House, kind: str, **about: Any) -> None:
    """One event of a kind of Stripe's about an object with these fields."""
    raw = json.dumps(
        {
            "id": f"sim_evt_{uuid.uuid4().hex}",
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "livemode": False,
            "data": {"object": {"livemode": False, "currency": "zar", "metadata": {}} | about},
        }
    ).encode()
    endpoint = house.read(select(WebhookEndpoint).where(WebhookEndpoint.provider == "simulated"))[0]
    signed = {"stripe-signature": signed_events.signature(raw, endpoint.secret, datetime.now(UTC))}
    address = f"{house.served.url}/hooks/simulated/{endpoint.public_id}"
    assert httpx.post(address, content=raw, headers=signed).status_code == 200


def pays(
    house: House, asked: Asked, amount_minor: int | None = None, *, status: str = "paid", currency: str = "zar"
) -> None:
    """The payer completes the gateway's page. `status` "unpaid": by a bank payment that takes days."""
    link = house.links(asked.id)[-1]
    tells(
        house,
        "checkout.session.completed",
        id=f"sim_cs_{link.request_uuid}",
        object="checkout.session",
        payment_intent=f"sim_pi_{link.request_uuid}",
        payment_status=status,
        currency=currency,
        amount_total=link.amount_minor if amount_minor is None else amount_minor,
        metadata=_reference(house, link),
    )


def _reference(house: House, link: PaymentRequest) -> dict[str, str]:
    endpoint = house.read(select(WebhookEndpoint).where(WebhookEndpoint.provider == "simulated"))[0]
    return {"trova_request": link.request_uuid, "trova_instance": endpoint.public_id}


def objects(house: House, payment: Payment, status: str = "needs_response", until: datetime | None = None) -> None:
    """The payer objects at their bank, or the bank has decided ("won", "lost")."""
    kind = "created" if status == "needs_response" else "closed"
    tells(
        house,
        f"charge.dispute.{kind}",
        id=f"sim_dp_{payment.id}",
        object="dispute",
        amount=payment.amount_minor,
        payment_intent=payment.provider_payment_id,
        status=status,
        evidence_details={"due_by": int(until.timestamp())} if until else None,
    )


def fails_to_refund(house: House, asked: Asked) -> None:
    """The gateway takes back its word about the newest refund."""
    refund = house.refunds(asked.id)[-1]
    tells(
        house,
        "refund.failed",
        id=refund.provider_refund_id,
        object="refund",
        amount=refund.amount_minor,
        payment_intent=house.payments(asked.id)[-1].provider_payment_id,
        status="failed",
    )


def writes_down(house: House, payment: Payment, *amounts: str) -> None:
    """Somebody made these refunds in the account's own pages while its key was away."""
    key_goes(house.served.act, payment)
    written_down(house.served.act, owner_of(house), payment, *amounts)


def gives_back_there(house: House, payment: Payment, amount_minor: int, name: str = "1") -> None:
    """The gateway tells of a refund made in its own pages."""
    tells(
        house,
        "refund.created",
        id=f"sim_re_{payment.id}_{name}",
        object="refund",
        amount=amount_minor,
        payment_intent=payment.provider_payment_id,
        status="succeeded",
        created=int(time.time()),
    )


def loses_its_account(house: House, payment: Payment) -> None:
    """It came through an account of which there is no key here any more."""
    account_is_left(house.served.act, payment)


def loses_its_link(house: House, asked: Asked) -> None:
    """Its link was made with a key of Stripe's that is not the present one."""
    with house.served.act() as (db, desk):
        newest = select(PaymentRequest).where(PaymentRequest.invoice_id == asked.id).order_by(col(PaymentRequest.id))
        request = db.exec(newest).all()[-1]
        request.provider, request.provider_ref = "stripe", "plink_lost"
        db.flush()
        assert lost_links.lost(db, desk, request.request_uuid)
