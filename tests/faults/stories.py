"""What people and gateways do to one invoice, or to the account it is paid through. Each is done again by whoever does
not see it done, as people do, and as a gateway does with an event that nobody took."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select

from tests.faults.life import Life
from trova_app.adapters import signed_events
from trova_app.domain.lines import shown
from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import Appointment, Invoice
from trova_app.services import (
    billing,
    gateway_accounts,
    gateway_disconnect,
    gateway_health,
    gateway_webhooks,
    provider_events,
    refunds,
    trial_payments,
)
from trova_app.services.gateway_health import GatewayHealth
from trova_app.services.invoice_view import invoice_view
from trova_app.services.working_copy import find_case, working_copy

SESSION_STATE = "completed"


@dataclass
class Start:
    """Where a story begins. `events`: what Stripe has to tell, as it is sent."""

    who: Principal
    appointment_id: int
    invoice_id: int = 0
    events: list[str] = field(default_factory=list)


def finish(life: Life, start: Start) -> None:
    """Request payment."""
    with life.act(writes=False) as (db, desk):
        if db.get_one(Appointment, start.appointment_id).state == SESSION_STATE:
            return
        case = find_case(db, start.who, start.appointment_id)
        copy = working_copy(db, desk, case)
        submitted = dict(copy.form.pairs())
        total = dict(shown(case.rules.pairs() + list(submitted.items())))["total"]
    life.press(
        billing.finish, start.who, appointment_id=start.appointment_id, version=copy.version,
        act="request_payment", submitted=submitted, seen=total,
    )  # fmt: skip


def void(life: Life, start: Start) -> None:
    with life.act(writes=False) as (db, _desk):
        is_issued = db.get_one(Invoice, start.invoice_id).status == "issued"
    if is_issued:
        life.press(billing.void_invoice, start.who, invoice_id=start.invoice_id, reason="Wrong client")


def at_the_desk(amount: str) -> Callable[[Life, Start], None]:
    def taken(life: Life, start: Start) -> None:
        with life.act(writes=False) as (db, desk):
            shown = invoice_view(db, desk, start.who, invoice_id=start.invoice_id)
            if any(payment.is_by_hand for payment in shown.payments):
                return
        life.press(
            billing.mark_paid, start.who, invoice_id=start.invoice_id, amount=amount, method="cash",
            received_on="2026-03-18", mail_receipt=True, seen=shown.due,
        )  # fmt: skip

    return taken


def heard(life: Life, start: Start) -> None:
    """Stripe's webhook, which comes again until it was answered, and after that perhaps too."""
    gateway = life.outside.gateways["stripe"]
    for raw in start.events:
        event = signed_events.read_event(raw.encode())
        with life.act() as (db, desk):
            provider_events.receive(
                db, desk, provider="stripe", instance=life.outside.endpoint(db, "stripe").public_id, event=event,
                facts=gateway.facts_of(event.body), points_at=gateway.must_be_read(event.body),
            )  # fmt: skip


def looked(life: Life, _start: Start) -> None:
    life.sweep()


def given_back(life: Life, start: Start) -> None:
    with life.act(writes=False) as (db, desk):
        shown = invoice_view(db, desk, start.who, invoice_id=start.invoice_id)
        if shown.refunds:
            return
    (payment,) = shown.payments
    life.press(refunds.refund, start.who, payment_id=payment.id, amount="250", seen=payment.left)


def webhooks_wanted(life: Life, start: Start) -> None:
    shown = _settings(life, start)
    if not shown.has_webhooks and shown.webhooks_under_way is None:
        life.press(gateway_webhooks.ask_for_webhooks, start.who)


def left(life: Life, start: Start) -> None:
    if _settings(life, start).provider:
        life.press(gateway_disconnect.disconnect, start.who)


def tried(life: Life, start: Start) -> None:
    shown = _settings(life, start)
    if not shown.test_url and shown.test_under_way is None:
        life.press(
            trial_payments.ask_for_test_payment, start.who, return_path="/settings/payments", seen=shown.test_url
        )


def _settings(life: Life, start: Start) -> GatewayHealth:
    with life.act(writes=False) as (db, desk):
        return gateway_health.health(db, desk, start.who)


# How each begins


def requested(life: Life, start: Start, _books: Any) -> None:
    """The link is open, the letter is out."""
    finish(life, start)
    life.work()
    with life.act(writes=False) as (db, _desk):
        start.invoice_id = db.exec(select(Invoice.id).order_by(col(Invoice.id).desc())).first() or 0


def visited(life: Life, start: Start, books: Any) -> None:
    """Somebody has the page open."""
    requested(life, start, books)
    books.visit("plink_1")


def paid_there(life: Life, start: Start, books: Any) -> None:
    """Paid at Stripe, while another has the page open; nothing of it is known here."""
    requested(life, start, books)
    session, _other = books.visit("plink_1"), books.visit("plink_1")
    books.pay(session)
    start.events = [json.dumps(event) for event in books.told]


def paid_by_two(life: Life, start: Start, books: Any) -> None:
    requested(life, start, books)
    for session in (books.visit("plink_1"), books.visit("plink_1")):
        books.pay(session)
    start.events = [json.dumps(event) for event in books.told]


def paid_here(life: Life, start: Start, books: Any) -> None:
    paid_there(life, start, books)
    heard(life, start)
    life.work()
    start.events.clear()


def own_account(life: Life, start: Start, _books: Any) -> None:
    """The practice has its own account at Stripe."""
    key = "rk_test_51AbcDefGhi1Xyz"
    life.press(gateway_accounts.connect, start.who, provider="stripe", key=key, account_ref="acct_1")


def with_webhooks(life: Life, start: Start, books: Any) -> None:
    own_account(life, start, books)
    webhooks_wanted(life, start)
    life.work()


def nothing(_life: Life, _start: Start, _books: Any) -> None:
    """The session has taken place."""


@dataclass(frozen=True)
class Story:
    begin: Callable[[Life, Start, Any], None]
    acts: Callable[[Life, Start], None]

    def run(self, life: Life, start: Start) -> None:
        with suppress(Refusal):  # somebody did it meanwhile, and the person is told so
            self.acts(life, start)
        life.work()


STORIES: dict[str, Story] = {
    "payment is requested": Story(nothing, finish),
    "the invoice is voided": Story(visited, void),
    "the invoice is voided when it was just paid": Story(paid_there, void),
    "all of it is taken at the desk": Story(visited, at_the_desk("")),
    "a part is taken at the desk": Story(visited, at_the_desk("250")),
    "a webhook tells of a payment": Story(paid_there, heard),
    "webhooks tell of two payers": Story(paid_by_two, heard),
    "a sweep finds a payment": Story(paid_there, looked),
    "a part is given back": Story(paid_here, given_back),
    "webhooks are connected": Story(own_account, webhooks_wanted),
    "an account with webhooks is left": Story(with_webhooks, left),
    "an account is tried": Story(own_account, tried),
}
