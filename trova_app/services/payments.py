"""Money received. A payment is a row; what an invoice has been paid is always the sum of its rows, never a mark.

Gateways bring facts (`ingest`), people record what they took in hand (`record_manual`). The order and number of times a
fact arrives make no difference: its row goes from pending over failed to succeeded and never back.
"""

import uuid
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib import import_module
from typing import Any, cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from trova_app.domain.documents import DocumentContent
from trova_app.domain.gateways import DisputeFact, Fact, PaymentFact, RefundFact, RequestFact, why_not_online
from trova_app.domain.invoices import METHOD_WORDS, DocumentStatus, PaymentMethod
from trova_app.domain.refusals import Refusal
from trova_app.models import Invoice, Mode, Payment, PaymentRequest, Practice, RequestState
from trova_app.services import documents, mailing, outbox, timeline
from trova_app.services.balances import paid_minor as _paid_of_invoice
from trova_app.services.gateway_accounts import GatewayChoice, gateway_for
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for

GATEWAY = "Payment gateway"
LIVE_STATES = (RequestState.CREATING, RequestState.ACTIVE, RequestState.CLOSING)
RANK = {"pending": 0, "failed": 1, "succeeded": 2}
BY_HAND = tuple(method for method in PaymentMethod if method is not PaymentMethod.ONLINE)


class Result(StrEnum):
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fact; `why` for people who look into a quarantined one."""

    result: Result
    why: str = ""


def paid_minor(db: Session, invoice_id: int) -> int:
    """The sum of the invoice's succeeded payments, in minor units."""
    query = select(func.sum(Payment.amount_minor)).where(Payment.invoice_id == invoice_id, Payment.state == "succeeded")
    return int(db.exec(query).one() or 0)


def paid_expression() -> Any:
    """SQL for lists: the same sum for the invoice of the surrounding query."""
    return _paid_of_invoice()


def open_request(db: Session, desk: Desk, invoice: Invoice, then: dict[str, Any]) -> None:
    """Asks for a link over what is still due. The worker opens it and then sends the letter `then`: the payload of a
    `letter` job, {document_id, kind: invoice|receipt|insurer, recipient, key}, or {} for none. Raises `Refusal` where
    the amount cannot be paid online; nothing is stored then."""
    invoice_id = cast(int, invoice.id)
    due = invoice.total_minor - paid_minor(db, invoice_id)
    gateway = gateway_for(db, desk, invoice.practice_id)
    if reason := _why_no_link(gateway, due, invoice.currency):
        raise Refusal(reason, "payment_type")
    if _live_request(db, invoice_id):
        _letter(db, desk, invoice, then)
        return
    request = PaymentRequest(
        practice_id=invoice.practice_id,
        invoice_id=invoice_id,
        request_uuid=str(uuid.uuid4()),
        provider=gateway.provider,
        account_ref=gateway.account_ref,
        amount_minor=due,
        currency=invoice.currency,
        created_at=desk.now(),
        changed_at=desk.now(),
    )
    db.add(request)
    db.flush()
    outbox.enqueue(
        db,
        desk,
        practice_id=invoice.practice_id,
        invoice_id=invoice_id,
        kind="open_link",
        key=f"link/{request.request_uuid}",
        payload={"request_id": request.id, "then": then},
    )


def _why_no_link(gateway: GatewayChoice, due: int, currency: str) -> str:
    if not gateway.provider:
        return gateway.problem or "No payment gateway is connected, so there can be no payment link."
    if due <= 0:
        return "Nothing is due on this invoice, so there is nothing to pay online."
    reason = why_not_online(due, currency)
    return f"{reason} Choose Other Payment for this session." if reason else ""


def _live_request(db: Session, invoice_id: int) -> PaymentRequest | None:
    return db.exec(
        select(PaymentRequest).where(
            PaymentRequest.invoice_id == invoice_id, col(PaymentRequest.state).in_(LIVE_STATES)
        )
    ).first()


def ingest(db: Session, desk: Desk, fact: Fact) -> Outcome:
    """Takes one fact of any kind into the books; the same fact again changes nothing. Refunds and disputes have modules
    of their own, with the same rules: `services.refunds.ingest` and `services.disputes.ingest`."""
    if isinstance(fact, RefundFact | DisputeFact):
        name = "refunds" if isinstance(fact, RefundFact) else "disputes"
        taken: Outcome = import_module(f"trova_app.services.{name}").ingest(db, desk, fact)
        return taken
    if isinstance(fact, RequestFact):
        return Outcome(Result.IGNORED)
    return _payment(db, desk, fact)


def _payment(db: Session, desk: Desk, fact: PaymentFact) -> Outcome:
    """The request's row is locked, so facts about one link come one after the other."""
    query = select(PaymentRequest).where(PaymentRequest.request_uuid == fact.request_uuid)
    request = db.exec(query.with_for_update()).first()
    if request is None:
        return Outcome(Result.QUARANTINED, "There is no payment request of that name here.")
    invoice = db.get_one(Invoice, request.invoice_id)
    if why := _mismatch(request, invoice, fact):
        return Outcome(Result.QUARANTINED, why)
    if fact.state == "declined":
        return _declined(db, desk, invoice)
    payment = _raised(db, desk, request, fact)
    if payment is None:
        return Outcome(Result.UNCHANGED)
    _follow(db, desk, request, invoice, payment)
    desk.tell(invoice.practice_id)
    return Outcome(Result.APPLIED)


def _mismatch(request: PaymentRequest, invoice: Invoice, fact: PaymentFact) -> str:
    """Compared with what was asked for, not with today's invoice."""
    if (fact.provider, fact.account_ref) != (request.provider, request.account_ref):
        return "It comes from another account than the one the payment was requested through."
    if fact.is_live != (invoice.mode == Mode.LIVE):
        return "A test payment cannot settle a real invoice, nor a real one a test invoice."
    if (fact.amount_minor, fact.currency) != (request.amount_minor, request.currency):
        return "Its amount is not the amount that was requested."
    return ""


def _declined(db: Session, desk: Desk, invoice: Invoice) -> Outcome:
    _note(db, desk, invoice, "A card payment was declined. The link stays open.")
    desk.tell(invoice.practice_id)
    return Outcome(Result.APPLIED)


def _raised(db: Session, desk: Desk, request: PaymentRequest, fact: PaymentFact) -> Payment | None:
    """The fact's payment row, made or moved up to the fact's state; None where it stands there or higher already."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = _row_of(db, desk, request, fact)
    made = db.exec(
        insert(Payment)
        .values(row.model_dump(exclude={"id"}))
        .on_conflict_do_nothing(index_elements=["provider", "provider_payment_id"])
        .returning(col(Payment.id))
    ).first()
    known = (Payment.provider == fact.provider, Payment.provider_payment_id == fact.provider_payment_id)
    payment = db.exec(select(Payment).where(*known).with_for_update()).one()
    if made is None and RANK[fact.state] <= RANK[payment.state]:
        return None
    payment.state, payment.received_on = fact.state, row.received_on
    db.flush()
    return payment


def _row_of(db: Session, desk: Desk, request: PaymentRequest, fact: PaymentFact) -> Payment:
    practice = db.get_one(Practice, request.practice_id)
    return Payment(
        practice_id=request.practice_id,
        invoice_id=request.invoice_id,
        request_id=request.id,
        provider=fact.provider,
        provider_payment_id=fact.provider_payment_id,
        amount_minor=fact.amount_minor,
        currency=fact.currency,
        method=PaymentMethod.ONLINE,
        state=fact.state,
        received_on=desk.today(practice.time_zone),
        created_at=desk.now(),
    )


def _follow(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, payment: Payment) -> None:
    if payment.state == "succeeded":
        _settled(db, desk, request, invoice, payment)
    elif payment.state == "pending":
        _note(db, desk, invoice, "A bank payment is on its way. It counts once it has arrived.")
    else:
        _note(db, desk, invoice, "A bank payment did not arrive.")


def _settled(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, payment: Payment) -> None:
    request.state, request.changed_at = RequestState.PAID, desk.now()
    amount = style_for(db, desk, invoice.practice_id).amount(payment.amount_minor)
    if invoice.status != DocumentStatus.ISSUED:
        _note(db, desk, invoice, f"{amount} was paid online although the invoice is void. It is kept as a credit.")
        return
    is_more = paid_minor(db, cast(int, invoice.id)) > invoice.total_minor
    _note(db, desk, invoice, f"{amount} paid online{', more than was due' if is_more else ''}")
    receipt = documents.give_out(db, desk, invoice, "receipt")
    recipient = DocumentContent.from_json(receipt.content).client.email
    if not recipient:
        _note(db, desk, invoice, "The receipt was not mailed: the client has no e-mail address.")
        return
    letter = {"document_id": receipt.id, "kind": "receipt", "recipient": recipient, "key": f"receipt/{payment.id}"}
    _letter(db, desk, invoice, letter)


def _letter(db: Session, desk: Desk, invoice: Invoice, letter: dict[str, Any]) -> None:
    if letter:
        mailing.enqueue_letter(db, desk, invoice=invoice, payload=letter)


def _note(db: Session, desk: Desk, invoice: Invoice, what: str) -> None:
    timeline.note(db, desk, practice_id=invoice.practice_id, who=GATEWAY, what=what, invoice_id=invoice.id)


def record_manual(
    db: Session,
    desk: Desk,
    *,
    invoice: Invoice,
    amount_minor: object,
    method: object,
    received_on: object,
    reference: object = "",
    member_id: int | None,
) -> Payment:
    """A payment taken by a person. Never more than is due: of two people at once the second is told so.
    `received_on`: a date not in the future. Raises `Refusal` beside the field at fault."""
    db.exec(select(Invoice.id).where(Invoice.id == invoice.id).with_for_update(key_share=True)).one()
    practice = db.get_one(Practice, invoice.practice_id)
    due = invoice.total_minor - paid_minor(db, cast(int, invoice.id))
    payment = Payment(
        practice_id=invoice.practice_id,
        invoice_id=invoice.id,
        provider="manual",
        provider_payment_id=f"manual_{uuid.uuid4().hex}",
        amount_minor=_amount_within(db, desk, invoice, amount_minor, due),
        currency=invoice.currency,
        method=_method_by_hand(method),
        received_on=_past_day(received_on, desk.today(practice.time_zone)),
        reference=_short_reference(reference),
        recorded_by=member_id,
        created_at=desk.now(),
    )
    db.add(payment)
    db.flush()
    desk.tell(invoice.practice_id)
    return payment


def _amount_within(db: Session, desk: Desk, invoice: Invoice, given: object, due: int) -> int:
    if type(given) is not int or given <= 0:
        raise Refusal("Enter the amount that was received.", "amount")
    if given > due:
        left = style_for(db, desk, invoice.practice_id).amount(max(due, 0))
        raise Refusal(f"Only {left} is still due. Enter that or less.", "amount")
    return given


def _method_by_hand(given: object) -> PaymentMethod:
    if given not in BY_HAND:
        words = ", ".join(METHOD_WORDS[method] for method in BY_HAND)
        raise Refusal(f"Choose how it was paid: {words}.", "method")
    return PaymentMethod(cast(str, given))


def _past_day(given: object, today: date) -> date:
    if type(given) is not date or given > today:
        raise Refusal("Enter the day the money was received, today at the latest.", "received_on")
    return given


def _short_reference(given: object) -> str:
    if not isinstance(given, str) or len(given) > 100 or not given.isprintable():
        raise Refusal("Write the reference in up to 100 characters on one line.", "reference")
    return given.strip()
