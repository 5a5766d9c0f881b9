"""A paid invoice, and what gateways say when money goes back."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from tests.conftest import Database
from tests.paying import Case, a_fact, an_invoice, asked_to_pay
from trova_app.domain.gateways import DisputeFact, Fact, RefundFact
from trova_app.domain.permissions import Principal, Role
from trova_app.models import GatewayAccount, Invoice, Payment, PaymentRequest, Refund, ReviewItem, TimelineEntry
from trova_app.services import payments, refunds
from trova_app.services.check import Invariant, check
from trova_app.services.outcomes import Outcome
from trova_app.services.ports import Desk

BOOKED = ("payment", "refund", "review_item", "payment_request")
Act = Callable[[], AbstractContextManager[tuple[Session, Desk]]]


def adds_up(database: Database) -> None:
    """What `trova check` says of money."""
    with database.act(writes=False) as (db, _desk):
        found = check(db, database.clock.now())
        assert [one for one in found if one.table in BOOKED or one.invariant is Invariant.BALANCE] == []


def paid_online(database: Database, **given: Any) -> tuple[Case, Payment]:
    """R 1 250,00, asked for by link and arrived."""
    case = asked_to_pay(database, **given)
    with database.act() as (db, desk):
        request = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == case.invoice_id)).one()
        payments.ingest(db, desk, a_fact(request))
    return case, payment_of(database, case)


def paid_by_hand(database: Database, amount: int = 125000, **given: Any) -> tuple[Case, Payment]:
    with database.act() as (db, desk):
        case = an_invoice(db, desk, **given)
        payments.record_manual(
            db, desk, invoice=db.get_one(Invoice, case.invoice_id), amount_minor=amount, method="cash",
            received_on=desk.now().date(), member_id=case.owner.member_id,
        )  # fmt: skip
    return case, payment_of(database, case)


def payment_of(database: Database, case: Case) -> Payment:
    with database.act() as (db, _):
        return db.exec(select(Payment).where(Payment.invoice_id == case.invoice_id)).one()


def a_credit(database: Database, **given: Any) -> tuple[Case, Payment]:
    """The client paid by link after the invoice had become void."""
    case = asked_to_pay(database, **given)
    with database.act() as (db, desk):
        db.get_one(Invoice, case.invoice_id).status = "void"
        db.flush()
        request = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == case.invoice_id)).one()
        payments.ingest(db, desk, a_fact(request))
    return case, payment_of(database, case)


def give_back(database: Database, case: Case, payment: Payment, amount: str = "", **given: Any) -> Any:
    return database.do(refunds.refund, given.pop("who", case.owner), payment_id=payment.id, amount=amount, **given)


def key_goes(act: Act, payment: Payment) -> None:
    """A refund was asked for with no key of the payment's account any more."""
    with act() as (db, desk):
        given = {"practice_id": payment.practice_id, "payment_id": payment.id, "invoice_id": payment.invoice_id}
        given |= {"provider": payment.provider, "amount_minor": 1, "currency": payment.currency, "state": "failed"}
        given |= {"created_at": desk.now(), "changed_at": desk.now(), "refund_uuid": str(uuid.uuid4())}
        db.add(Refund(**given, unknown_to="none"))


def account_is_left(act: Act, payment: Payment) -> None:
    """It came through an account that the practice has left since, and its key is forgotten."""
    with act() as (db, desk):
        asked = db.get_one(PaymentRequest, payment.request_id).created_at
        given = {"practice_id": payment.practice_id, "provider": payment.provider, "mode": "test"}
        db.add(GatewayAccount(**given, connected_at=asked, disconnected_at=desk.now() + timedelta(seconds=1)))


def written_down(act: Act, who: Principal, payment: Payment, *amounts: str) -> None:
    """As given back in the account's own pages, while its key is away."""
    for amount in amounts:
        with act() as (db, desk):
            desk.gateway = ""
            given = {"payment_id": payment.id, "amount": amount, "method": "online", "reference": "dashboard"}
            refunds.refund(db, desk, who, **given)


def a_refund_fact(payment: Payment, state: str = "succeeded", **given: Any) -> RefundFact:
    """Made in the gateway's own pages unless `refund_uuid` is given."""
    said = {
        "provider": payment.provider,
        "account_ref": "",
        "provider_refund_id": "re_1",
        "provider_payment_id": payment.provider_payment_id,
        "refund_uuid": "",
        "instance": "",
        "request_uuid": "",
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "state": state,
        "reason": "requested_by_customer",
        "is_live": False,
    }
    return RefundFact(**(said | given))


def a_dispute_fact(payment: Payment, state: str = "open", **given: Any) -> DisputeFact:
    said = {
        "provider": payment.provider,
        "account_ref": "",
        "provider_dispute_id": "du_1",
        "provider_payment_id": payment.provider_payment_id,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "status": {"open": "needs_response"}.get(state, state),
        "state": state,
        "evidence_due_at": None,
        "is_live": False,
    }
    return DisputeFact(**(said | given))


def take_in(database: Database, *facts: Fact) -> list[Outcome]:
    outcomes = []
    for fact in facts:
        with database.act() as (db, desk):
            outcomes.append(payments.ingest(db, desk, fact))
    return outcomes


def as_role(who: Principal, role: Role) -> Principal:
    return Principal(who.member_id, who.practice_id, role, who.name)


def notes(db: Session) -> list[str]:
    return [entry.what for entry in db.exec(select(TimelineEntry).order_by(TimelineEntry.id))]  # type: ignore[arg-type]


def items(db: Session, kind: str = "") -> list[ReviewItem]:
    return [row for row in db.exec(select(ReviewItem)) if kind in ("", row.kind)]


def rows(db: Session) -> list[Refund]:
    return list(db.exec(select(Refund).order_by(Refund.id)))  # type: ignore[arg-type]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
