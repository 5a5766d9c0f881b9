"""The life of a payment request: creating -> active -> closing -> closed, or paid, or failed.

A link asks for exactly what is due. Whatever makes that untrue closes it: void, money taken by hand, a bank payment
that did not arrive, another gateway. Where something is still due afterwards, a new one is opened. Callers hold the
invoice's row; the order of locks is always invoice, request, outbox row.
"""

import uuid
from enum import StrEnum
from typing import Any, cast

from sqlmodel import Session, col, func, select

from trova_app.domain.gateways import why_not_online
from trova_app.domain.invoices import DocumentStatus, PaymentType
from trova_app.domain.refusals import Refusal
from trova_app.models import (
    GatewayAccount,
    Invoice,
    Mode,
    Payment,
    PaymentRequest,
    RequestState,
)
from trova_app.services import mailing, outbox, timeline
from trova_app.services.balances import due_minor as due_of_invoice
from trova_app.services.balances import is_settled
from trova_app.services.gateway_accounts import GatewayChoice, account_of_request, gateway_for
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for

LIVE_STATES = (RequestState.CREATING, RequestState.ACTIVE, RequestState.CLOSING)
GATEWAY = "Payment gateway"
FRESH = {"populate_existing": True}  # what was read before the lock was ours may be old
ASKED_WITH = "asked_with"
"""In the opening job's payload: the mark of the one key whose account may have made the link, null where none has."""
OPEN_PAGES = (
    "A page of this link that somebody had opened before may still be paid there for a while: the gateway cannot close"
    " it. Such money comes up in Billing, To decide."
)
OPEN_PAGES_NOTE = (
    'A page of it that was open already may still be paid there for a while; such money comes up under "To decide".'
)
GIVEN_BACK = "What is missing was given back after it had been paid, so it is not asked for again."
MORE_DUE = "{due} is due, more than the {expected} that did not arrive. Agree with the client how it is paid."
OFF = "It was switched off at the gateway, so nobody can pay through it until it is switched on again there."
"""The trouble of a link that stands open here and is off there: nobody is sent to it."""


class Reason(StrEnum):
    """Why a link is closed, as stored and as the timeline says it."""

    VOIDED = "the invoice is void"
    SETTLED = "the invoice was paid another way"
    PART_PAID = "a part was paid another way"
    NOT_ARRIVED = "a bank payment through it did not arrive"
    OTHER_GATEWAY = "the payment gateway changed"
    SWITCHED_OFF = "it was switched off in the account it was made with"
    NEVER_GIVEN = "nobody was ever given its address"
    MADE_SURE = "its own account could be asked again, and nobody can pay through it any more"


def locked_invoice(db: Session, invoice_id: int) -> Invoice:
    """Everything about one invoice's money happens one after the other."""
    query = select(Invoice).where(Invoice.id == invoice_id).with_for_update(key_share=True)
    return db.exec(query, execution_options=FRESH).one()


def locked_request(db: Session, request_id: int) -> tuple[PaymentRequest, Invoice]:
    """The request and its invoice, both locked, in that order of locks which everybody keeps."""
    invoice_id = db.exec(select(PaymentRequest.invoice_id).where(PaymentRequest.id == request_id)).one()
    invoice = locked_invoice(db, invoice_id)
    query = select(PaymentRequest).where(PaymentRequest.id == request_id).with_for_update()
    return db.exec(query, execution_options=FRESH).one(), invoice


def due_minor(db: Session, invoice: Invoice) -> int:
    """What is due, in minor units; below 0 where more came than was due. The rule: `balances`."""
    return int(db.exec(select(due_of_invoice()).select_from(Invoice).where(Invoice.id == invoice.id)).one())


def pending_minor(db: Session, invoice_id: int) -> int:
    """Bank payments on their way."""
    query = select(func.sum(Payment.amount_minor)).where(Payment.invoice_id == invoice_id, Payment.state == "pending")
    return int(db.exec(query).one() or 0)


def live_request(db: Session, invoice_id: int) -> PaymentRequest | None:
    query = select(PaymentRequest).where(
        PaymentRequest.invoice_id == invoice_id, col(PaymentRequest.state).in_(LIVE_STATES)
    )
    return db.exec(query.with_for_update(), execution_options=FRESH).first()


def open_request(db: Session, desk: Desk, invoice: Invoice, then: dict[str, Any]) -> None:
    """Asks for a link over what is still due. The worker opens it and then sends the letter `then`: the payload of a
    `letter` job, {document_id, kind: invoice|receipt|insurer, recipient, key}, or {} for none. Raises `Refusal` where
    the amount cannot be paid online; nothing is stored then. Beside a link that stands it only sends the letter."""
    invoice_id = cast(int, invoice.id)
    locked_invoice(db, invoice_id)
    due = due_minor(db, invoice)
    gateway = gateway_for(db, desk, invoice.practice_id)
    reason = _wrong_mode(desk, gateway, invoice) or _why_no_link(
        gateway, due, pending_minor(db, invoice_id), invoice.currency
    )
    if reason:
        raise Refusal(reason, "payment_type")
    if live_request(db, invoice_id):
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
    payload = {"request_id": request.id, "then": then, ASKED_WITH: None}
    enqueue_about(db, desk, request, "open_link", open_key(request), payload)


def _wrong_mode(desk: Desk, gateway: GatewayChoice, invoice: Invoice) -> str:
    """Real money and pretended money never meet: the installation's own key is live only in live mode (a practice's own
    account has been held to the practice's mode before)."""
    if gateway.provider != desk.gateway or (desk.mode == Mode.LIVE) == (invoice.mode == Mode.LIVE):
        return ""
    return f"This is a {invoice.mode} invoice, and this installation's payment gateway is for {desk.mode} ones."


def _why_no_link(gateway: GatewayChoice, due: int, pending: int, currency: str) -> str:
    if not gateway.provider:
        return gateway.problem or "No payment gateway is connected, so there can be no payment link."
    if due <= 0:
        return "Nothing is due on this invoice, so there is nothing to pay online."
    if pending:
        return "A bank payment for this invoice is on its way. Wait for it before asking again."
    reason = why_not_online(due, currency)
    return f"{reason} Choose Other Payment for this session." if reason else ""


def open_key(request: PaymentRequest) -> str:
    return f"link/{request.request_uuid}"


def close_key(request: PaymentRequest) -> str:
    return f"close/{request.request_uuid}"


def make_sure_key(request: PaymentRequest, mark: str) -> str:
    """Of the job that closes a link which was given up, with the one key of this mark."""
    return f"{close_key(request)}/{mark}"


def enqueue_about(
    db: Session, desk: Desk, request: PaymentRequest, kind: str, key: str, payload: dict[str, Any] | None = None
) -> bool:
    return outbox.enqueue(
        db,
        desk,
        practice_id=request.practice_id,
        invoice_id=request.invoice_id,
        kind=kind,
        key=key,
        payload=payload or {"request_id": request.id},
    )


# -- closing


def bring_in_line(db: Session, desk: Desk, invoice: Invoice) -> None:
    """After money moved: a live link that asks for anything but what is due is closed. Call it with every change of
    what is paid on an invoice."""
    request = live_request(db, cast(int, invoice.id))
    due = due_minor(db, invoice)
    if request is not None and request.amount_minor != due:
        close_request(db, desk, invoice, Reason.PART_PAID if due > 0 else Reason.SETTLED)


def close_request(db: Session, desk: Desk, invoice: Invoice, reason: Reason) -> None:
    """From now on no new link can be made beside it; the worker makes it unpayable at the gateway and only then is it
    closed. One that the gateway was never asked for is closed at once."""
    request = _closable(db, cast(int, invoice.id))
    if request is None:
        return
    request.closed_reason, request.changed_at = reason, desk.now()
    desk.tell(invoice.practice_id)
    if request.state == RequestState.CLOSING:
        return
    untold = outbox.withdraw(db, desk, open_key(request))
    if untold is not None and request.state == RequestState.CREATING and not _was_asked(untold):
        request.state = RequestState.CLOSED
        note_closed(db, desk, invoice, request)
        renew(db, desk, invoice, untold.payload.get("then", {}))
        return
    request.state = RequestState.CLOSING
    payload = {"request_id": request.id, "then": untold.payload.get("then", {}) if untold else {}}
    enqueue_about(db, desk, request, "close_link", close_key(request), payload)
    desk.point("close: wanted")


def _was_asked(opening: outbox.Withdrawn) -> bool:
    """Whether the gateway may have made the link. The count of tries begins anew with a Retry."""
    return opening.attempts > 0 or opening.payload.get(ASKED_WITH) is not None


def _closable(db: Session, invoice_id: int) -> PaymentRequest | None:
    """The live one; else the newest that failed, as nobody knows for sure that the gateway has nothing of it."""
    if (live := live_request(db, invoice_id)) is not None:
        return live
    query = select(PaymentRequest).where(PaymentRequest.invoice_id == invoice_id)
    newest = db.exec(query.order_by(col(PaymentRequest.id).desc()).limit(1).with_for_update()).first()
    return newest if newest and newest.state == RequestState.FAILED else None


def note_closed(db: Session, desk: Desk, invoice: Invoice, request: PaymentRequest, but: str = "") -> None:
    """`but`: a sentence about what it does not end."""
    what = f"Payment link closed: {request.closed_reason}" if request.closed_reason else "Payment link closed"
    what = f"{what}. {but}" if but else what
    timeline.note(db, desk, practice_id=invoice.practice_id, who=GATEWAY, what=what, invoice_id=invoice.id)


def renew(db: Session, desk: Desk, invoice: Invoice, then: dict[str, Any], most: int | None = None) -> None:
    """After a link is closed: a new one over what is due now. The letter that waited for the old one goes with it, or
    by itself where there can be none: the address in it leads to our own page, which knows. No letter goes out for a
    void or a paid invoice, nor where what is missing was given back: that is asked for by nobody but a person. `most`:
    what was expected and did not arrive, in minor units; more is not asked for in its place."""
    due = due_minor(db, invoice)
    if invoice.status != DocumentStatus.ISSUED or due <= 0:
        return
    if invoice.payment_type != PaymentType.ONLINE:
        return
    if db.exec(select(is_settled()).select_from(Invoice).where(Invoice.id == invoice.id)).one():
        _note_no_link(db, desk, invoice, GIVEN_BACK)
        return
    if most is not None and due > most:
        style = style_for(db, desk, invoice.practice_id).in_currency(invoice.currency)
        _note_no_link(db, desk, invoice, MORE_DUE.format(due=style.amount(due), expected=style.amount(most)))
        return
    try:
        open_request(db, desk, invoice, then)
    except Refusal as refusal:
        _letter(db, desk, invoice, then)
        _note_no_link(db, desk, invoice, refusal.sentence)


def _note_no_link(db: Session, desk: Desk, invoice: Invoice, why: str) -> None:
    what = f"No new payment link: {why}"
    timeline.note(db, desk, practice_id=invoice.practice_id, who=GATEWAY, what=what, invoice_id=invoice.id)


def _letter(db: Session, desk: Desk, invoice: Invoice, letter: dict[str, Any]) -> None:
    if letter:
        mailing.enqueue_letter(db, desk, invoice=invoice, payload=letter)


def close_requests_of(db: Session, desk: Desk, practice_id: int, account: GatewayAccount | None) -> int:
    """Closes every live link that was asked for through this account (None: the installation's gateway), before its
    key goes; how many. Those still due get a new one through the gateway that is then connected."""
    query = select(PaymentRequest).where(
        PaymentRequest.practice_id == practice_id, col(PaymentRequest.state).in_(LIVE_STATES)
    )
    asked = [request for request in db.exec(query) if is_through(db, request, account)]
    for invoice_id in sorted({request.invoice_id for request in asked}):
        close_request(db, desk, locked_invoice(db, invoice_id), Reason.OTHER_GATEWAY)
    return len(asked)


def is_through(db: Session, request: PaymentRequest, account: GatewayAccount | None) -> bool:
    """Whether it was asked for through this account (None: the installation's)."""
    through = account_of_request(db, request)
    return (through.id if through else None) == (account.id if account else None)
