"""A practice leaves its gateway: no new link goes through it, the open ones are closed and refunds
under way are given back, then its key is forgotten. Where a page that is open cannot be cancelled, the key stays for as
long as somebody may still pay there."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.gateways import CANNOT_CANCEL, PAGES_LAST
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import Dispute, GatewayAccount, OutboxRow, Payment, PaymentRequest, Refund, RefundState
from trova_app.services import gateway_webhooks, trial_payments
from trova_app.services.gateway_accounts import NOT_CONNECTED, PROVIDERS, account_for, end
from trova_app.services.gateway_webhooks import removal_key
from trova_app.services.payment_requests import LIVE_STATES, close_requests_of, is_through
from trova_app.services.ports import Desk

PAGES_STAY = (
    f"Pages that are open there cannot be closed: for up to {PAGES_LAST.days} days Trova goes on asking whether one was"
    " paid, then {name}'s key is forgotten."
)


def disconnect(db: Session, desk: Desk, who: Principal) -> str:
    """What follows, as a sentence. The account ends first, so that what is still due gets its new link elsewhere."""
    who.must(Permission.SETTINGS)
    account = account_for(db, who.practice_id, lock=True)
    if account is None:
        raise Refusal(NOT_CONNECTED)
    removing = gateway_webhooks.ask_for_removal(db, desk, account)
    trial_payments.no_longer_wanted(db, desk, account)
    end(db, desk, account)
    closing = close_requests_of(db, desk, who.practice_id, account)
    name = PROVIDERS[account.provider]
    if _forget(db, desk, account):
        return f"{name} is disconnected and its key is forgotten."
    if account.provider in CANNOT_CANCEL:
        return f"{name} is disconnected. {PAGES_STAY.format(name=name)}"
    if closing == 0 and removing:
        return f"{name} is disconnected. Its webhook is being removed there; the key is forgotten after that."
    if closing == 0:
        waits = "A payment, a refund or a link there is not finished yet"
        return f"{name} is disconnected. {waits}; the key is forgotten after that."
    links = "One open link is" if closing == 1 else f"{closing} open links are"
    return f"{name} is disconnected. {links} being closed there; the key is forgotten after that."


def forget_keys(db: Session, desk: Desk) -> int:
    """Keys of accounts that were disconnected and are not needed any more; how many were forgotten."""
    query = select(GatewayAccount).where(
        col(GatewayAccount.disconnected_at).is_not(None), GatewayAccount.key_encrypted != ""
    )
    return sum(_forget(db, desk, account) for account in db.exec(query))


def _needs_key(db: Session, desk: Desk, account: GatewayAccount) -> bool:
    """Whether its webhooks are still there, a link asked for through this account is not closed yet or its page may
    still be paid, money through it, either way, has not arrived, or something it told has not been taken in."""
    of_practice, waits = PaymentRequest.practice_id == account.practice_id, col(OutboxRow.done_at).is_(None)
    live = select(PaymentRequest).where(of_practice, col(PaymentRequest.state).in_(LIVE_STATES))
    closing = (
        select(PaymentRequest)
        .join(OutboxRow, col(OutboxRow.invoice_id) == PaymentRequest.invoice_id)
        .where(of_practice, waits, OutboxRow.kind == "close_link")
        .where(col(OutboxRow.key).like("close/" + col(PaymentRequest.request_uuid) + "%"))
    )
    refunding = (
        select(PaymentRequest)
        .join(Payment, col(Payment.request_id) == PaymentRequest.id)
        .join(Refund, col(Refund.payment_id) == Payment.id)
        .join(OutboxRow, col(OutboxRow.key) == "refund/" + col(Refund.refund_uuid))
        .where(of_practice, waits)
    )
    going = col(Refund.state) == RefundState.PENDING
    arriving = (
        select(PaymentRequest)
        .join(Payment, col(Payment.request_id) == PaymentRequest.id)
        .join(Refund, sa.and_(going, col(Refund.payment_id) == Payment.id), isouter=True)
        .where(of_practice, sa.or_(col(Payment.state) == "pending", col(Refund.id).is_not(None)))
    )
    telling = (
        select(PaymentRequest)
        .join(OutboxRow, col(OutboxRow.invoice_id) == PaymentRequest.invoice_id)
        .where(of_practice, waits, OutboxRow.kind == "ingest_event")
    )
    paying = select(PaymentRequest).where(
        of_practice, PaymentRequest.url != "", col(PaymentRequest.changed_at) > desk.now() - PAGES_LAST
    )
    objecting = (
        select(PaymentRequest)
        .join(Payment, col(Payment.request_id) == PaymentRequest.id)
        .join(Dispute, col(Dispute.payment_id) == Payment.id)
        .where(of_practice, Dispute.state == "open")
    )
    if account.endpoint_public_id and _is_undone(db, removal_key(account)):
        return True
    if trial_payments.closing(db, account.id):
        return True
    late = (paying, objecting) if account.provider in CANNOT_CANCEL else ()
    queries = (live, closing, refunding, arriving, telling, *late)
    return any(is_through(db, one, account) for query in queries for one in db.exec(query))


def _is_undone(db: Session, key: str) -> bool:
    undone = (OutboxRow.key == key, col(OutboxRow.done_at).is_(None))
    return db.exec(select(OutboxRow.id).where(*undone)).first() is not None


def _forget(db: Session, desk: Desk, account: GatewayAccount) -> bool:
    db.flush()
    if _needs_key(db, desk, account):
        return False
    account.key_encrypted = ""
    db.add(account)
    db.flush()
    return True
