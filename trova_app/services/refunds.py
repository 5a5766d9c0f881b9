"""Money given back. What may go back of a payment is what came less what went or is on its way, never more.

A payment by link goes back through its gateway: the row and its key stand before the gateway is asked (`refund_jobs`).
What was taken by hand goes back by hand and is recorded. Refunds made at the gateway itself arrive as
facts (`refund_facts`).
"""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import cast, get_args

from sqlmodel import Session, select

from trova_app.domain.gateways import RefundReason, exactly_sent
from trova_app.domain.invoices import METHOD_WORDS, PaymentMethod
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound, Refusal
from trova_app.models import Dispute, DisputeState, Payment, Practice, Refund, RefundState
from trova_app.services import outbox, told_refunds, unclear_refunds
from trova_app.services.arguments import Fields, an_id
from trova_app.services.balances import left_of
from trova_app.services.gateway_accounts import goes_back_by_hand
from trova_app.services.money_by_hand import BY_HAND
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for
from trova_app.services.refund_facts import after_change, locked_payment, refund_key
from trova_app.services.refund_facts import note as noted
from trova_app.services.typed_amounts import typed_amount
from trova_app.services.written_refunds import settle_unknown

__all__ = ["REASON_WORDS", "Refunded", "find_payment", "refund", "refund_key"]

REASON_WORDS: dict[str, str] = {
    "requested_by_customer": "Asked for by the client",
    "duplicate": "Paid twice",
    "fraudulent": "Not paid by the client (fraud)",
}
assert set(REASON_WORDS) == set(get_args(RefundReason))
NOT_ARRIVED = "Only a payment that has arrived can be given back."
LEFT = (
    "Trova has no key of the gateway account it came through, so it cannot give it back. Give it back in the gateway's"
    " own pages or by hand, then record on the invoice how."
)
CAN_BE_ASKED = (
    "The gateway of this payment can be asked again. Nothing was recorded and nothing was sent. What went back in"
    " the gateway's own pages shows here by itself; look at the invoice before you give more back."
)
UNCLEAR = (
    "The gateway tells of a refund of this payment that may be what was written down here, or another one. Say in"
    " Billing, To decide, what it is; then see what is left."
)
DISPUTED = (
    "The payer has objected to this payment at their bank, which decides now. Answer there; a refund beside it could "
    "give the money back twice."
)


@dataclass(frozen=True, slots=True)
class Refunded:
    """What was done, in a sentence. `state`: wanted (the gateway is being asked) or succeeded."""

    id: int
    invoice_id: int | None
    amount_minor: int
    state: str
    sentence: str


def refund(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    payment_id: object,
    amount: object = "",
    reason: object = "requested_by_customer",
    note: object = "",
    method: object = "",
    given_on: object = "",
    reference: object = "",
    told: object = "",
    seen: object = None,
) -> Refunded:
    """Gives back `amount` as typed, "" for all that is left. `reason`: one of `REASON_WORDS`; `note` stays in the
    practice. `method`, `given_on` (an ISO day) and `reference` count for payments taken by hand, which went back by
    hand. `told`: the key of one of `AlreadyTold.answers`, where the gateway has told of what may be it. `seen`: what
    the person saw as left of the payment, None where nobody looked; where it is less by now, as after a second press,
    nothing is given back. Raises `Refusal`s, beside the field at fault; `AlreadyTold` until that is answered."""
    who.must(Permission.BILL)
    who.must(Permission.RECORD_PAYMENT)
    payment = find_payment(db, who, payment_id)
    style = style_for(db, desk, who.practice_id).in_currency(payment.currency)
    left = _refundable(db, payment)
    if seen is not None and seen != style.amount(left):
        raise Refusal(f"{style.amount(left)} of it is left by now. Nothing was given back; look and try again.")
    minor = typed_amount(amount, left, style, "what is left of this payment")
    fields = Fields()
    row = Refund(
        practice_id=payment.practice_id,
        payment_id=cast(int, payment.id),
        invoice_id=payment.invoice_id,
        refund_uuid=str(uuid.uuid4()),
        provider=payment.provider,
        amount_minor=minor,
        currency=payment.currency,
        reason=fields.choice("reason", reason, REASON_WORDS, "Choose why it is given back."),
        note=fields.paragraph("note", note, most=500),
        requested_by=who.member_id,
        created_at=desk.now(),
        changed_at=desk.now(),
    )
    if _must_go_by_hand(db, desk, payment, method):
        return _by_hand(db, desk, who, payment, row, style, fields, (method, given_on, reference), told)
    return _through_the_gateway(db, desk, who, payment, row, style, fields)


def _must_go_by_hand(db: Session, desk: Desk, payment: Payment, method: object) -> bool:
    """Raises `Refusal` where it came through a gateway and the person did not say how it went back, and where they did
    and the gateway can be asked by now: what is written down as done must not become a second refund there."""
    if not goes_back_by_hand(db, desk, payment):
        if method:
            raise Refusal(CAN_BE_ASKED)
        return False
    if payment.provider != "manual" and not method:
        raise Refusal(LEFT)
    return True


def find_payment(db: Session, who: Principal, payment_id: object) -> Payment:
    """The payment, locked with its invoice. `NotFound` for another practice's."""
    known = select(Payment).where(Payment.id == an_id(payment_id, "payment"), Payment.practice_id == who.practice_id)
    payment = db.exec(known).first()
    if payment is None:
        raise NotFound("payment")
    return locked_payment(db, payment)


def _refundable(db: Session, payment: Payment) -> int:
    if payment.state != "succeeded":
        raise Refusal(NOT_ARRIVED)
    disputed = select(Dispute.id).where(Dispute.payment_id == payment.id, Dispute.state == DisputeState.OPEN)
    if db.exec(disputed).first() is not None:
        raise Refusal(DISPUTED)
    if unclear_refunds.unclear(db, cast(int, payment.id)):
        raise Refusal(UNCLEAR)
    left = left_of(db, cast(int, payment.id))
    if left <= 0:
        raise Refusal("All of this payment has been given back already.")
    return left


def _through_the_gateway(
    db: Session, desk: Desk, who: Principal, payment: Payment, row: Refund, style: PracticeStyle, fields: Fields
) -> Refunded:
    try:
        exactly_sent(row.amount_minor, row.currency)
    except ValueError:
        fields.fault("amount", "The gateway can only give back an amount that ends in 0.")
    fields.done()
    db.add(row)
    db.flush()
    outbox.enqueue(
        db,
        desk,
        practice_id=row.practice_id,
        invoice_id=row.invoice_id,
        kind="refund",
        key=refund_key(row),
        payload={"refund_id": row.id},
    )
    amount = style.amount(row.amount_minor)
    noted(db, desk, row, f"Refund of {amount} asked for ({REASON_WORDS[row.reason].lower()})", who.name)
    desk.tell(who.practice_id)
    desk.point("refund: wanted")
    sentence = f"The refund of {amount} is on its way. Banks usually take 5 to 10 days."
    return Refunded(cast(int, row.id), row.invoice_id, row.amount_minor, row.state, sentence)


def _by_hand(
    db: Session,
    desk: Desk,
    who: Principal,
    payment: Payment,
    row: Refund,
    style: PracticeStyle,
    fields: Fields,
    given: tuple[object, object, object],
    told: object,
) -> Refunded:
    row.method, row.given_on, row.reference = _hand_fields(db, desk, payment, fields, given)
    row.provider_refund_id, row.state = row.refund_uuid, RefundState.SUCCEEDED
    fields.done()
    if row.method == PaymentMethod.ONLINE and (same := told_refunds.same_as(db, style, row, told)):
        told_refunds.join(db, desk, style, same, row, who.name)
        return Refunded(cast(int, same.id), same.invoice_id, same.amount_minor, same.state, _stands(style, same))
    db.add(row)
    db.flush()
    amount = style.amount(row.amount_minor)
    how = METHOD_WORDS[PaymentMethod(row.method)].lower()
    noted(db, desk, row, f"{amount} given back by {how} ({REASON_WORDS[row.reason].lower()})", who.name)
    settle_unknown(db, desk, row)
    after_change(db, desk, payment)
    return Refunded(cast(int, row.id), row.invoice_id, row.amount_minor, row.state, f"{amount} given back, recorded.")


def _stands(style: PracticeStyle, row: Refund) -> str:
    return f"Nothing was added: {style.amount(row.amount_minor)} stands here already, as the gateway told of it."


def _hand_fields(
    db: Session, desk: Desk, payment: Payment, fields: Fields, given: tuple[object, object, object]
) -> tuple[str, date | None, str]:
    method, day, reference = given
    today = desk.today(db.get_one(Practice, payment.practice_id).time_zone)
    ways = BY_HAND if payment.provider == "manual" else (*BY_HAND, PaymentMethod.ONLINE)
    chosen = fields.choice("method", method or payment.method, ways, "Choose how it was given back.")
    found = fields.day("given_on", day, latest=today) or today
    if found < payment.received_on:
        fields.fault("given_on", f"The money came on {payment.received_on.isoformat()}; it cannot go back earlier.")
    return chosen, found, fields.line("reference", reference, most=100)
