"""The sweep: the truth is asked for again every few minutes, so that the books are right without a single webhook.


Three looks at each gateway account: jobs of requests that stand between two states are due again; the open links are
asked one by one; and everything that happened in the account since the last look is taken in as if it had arrived. All
of it goes through the same `payments.ingest`, so what is known already changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.gateways import LinkRef
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import (
    GatewayAccount,
    Payment,
    PaymentRequest,
    Refund,
    RefundState,
    RequestState,
    SweepTurn,
)
from trova_app.services import bookmarks, early_events, lost_links, outbox, refund_jobs, trial_payments
from trova_app.services.gateway_accounts import (
    account_for,
    account_of_request,
    forget_earlier_secrets,
    gateway_for,
    is_installations,
    own_mark,
)
from trova_app.services.links import ref_of
from trova_app.services.payment_requests import LIVE_STATES, close_key, enqueue_about, make_sure_key, open_key
from trova_app.services.ports import Desk
from trova_app.services.refunds import refund_key
from trova_app.services.sweep_turns import BETWEEN, Account, Turn, ended, turn_of
from trova_app.services.webhook_endpoints import last_heard

STUCK = timedelta(minutes=10)
SLICES = 10
MOST_LINKS = 300


@dataclass(frozen=True, slots=True)
class SweepStatus:
    """For the screen: when money was last looked for with success, and what was in the way since; when the gateway last
    told something by itself."""

    last_sweep_at: datetime | None
    last_sweep_error: str
    last_event_at: datetime | None


def accounts(db: Session, providers: tuple[str, ...]) -> list[Account]:
    """The installation's gateways, also one that is gone while links through it are open, and every account of a
    practice's own that is connected, or has been left with something through it still open: its key stays until that
    has ended."""
    is_open = sa.or_(col(GatewayAccount.disconnected_at).is_(None), col(GatewayAccount.key_encrypted) != "")
    own = db.exec(select(GatewayAccount).where(is_open).order_by(col(GatewayAccount.id))).all()
    here = [Account(provider, provider) for provider in (*providers, *_gone(db, providers))]
    return here + [_of(account) for account in own]


def _gone(db: Session, providers: tuple[str, ...]) -> list[str]:
    """Those whose key was taken away: each look then says so."""
    query = select(PaymentRequest.provider).where(
        col(PaymentRequest.state).in_(LIVE_STATES),
        col(PaymentRequest.provider).not_in((*providers, "simulated")),
        is_installations(),
    )
    return sorted(set(db.exec(query)))


def _of(account: GatewayAccount) -> Account:
    return Account(f"account/{account.id}", account.provider, account.practice_id, account.id)


def revive(db: Session, desk: Desk, account: Account) -> None:
    """Requests that have stood between two states for a while: their job is due again, or is made anew. So are refunds
    whose gateway was away for longer than they were tried. What a person said of a link is made sure of, with each key
    that may know it; a test payment's link that could not be closed is tried again. Events that waited in vain for
    their payment are put away."""
    for request in _requests(db, account, BETWEEN):
        if desk.now() - request.changed_at < STUCK:
            continue
        is_opening = request.state == RequestState.CREATING
        kind, key = ("open_link", open_key(request)) if is_opening else ("close_link", close_key(request))
        if not enqueue_about(db, desk, request, kind, key):
            outbox.revive(db, desk, key)
    for request in lost_links.lost_ones(db, account.provider, account.practice_id):
        if desk.now() - request.changed_at >= STUCK and _through(db, request) == account.account_id:
            outbox.revive(db, desk, close_key(request))
    mark = own_mark(db.get_one(GatewayAccount, account.account_id)) if account.account_id else account.key_mark
    for request in lost_links.to_make_sure_of(db, account.provider, account.practice_id, mark) if mark else ():
        if _through(db, request) == account.account_id:
            _make_sure(db, desk, request, make_sure_key(request, mark))
    for refund in _wanted_refunds(db, account):
        if desk.now() - refund.changed_at >= STUCK and outbox.revive_worn_out(db, desk, refund_key(refund)):
            refund_jobs.ask_whether_to_go_on(db, desk, refund)
    for row in trial_payments.closing(db, account.account_id) if account.account_id else ():
        if row.dead_at is not None and desk.now() - row.dead_at >= STUCK:
            outbox.revive(db, desk, row.key)
    early_events.give_up(db, desk)
    forget_earlier_secrets(db, desk.now())


def _make_sure(db: Session, desk: Desk, request: PaymentRequest, key: str) -> None:
    if not enqueue_about(db, desk, request, "close_link", key) and desk.now() - request.changed_at >= STUCK:
        outbox.revive(db, desk, key)


def _wanted_refunds(db: Session, account: Account) -> list[Refund]:
    query = (
        select(Refund, PaymentRequest)
        .join(Payment, col(Payment.id) == Refund.payment_id)
        .join(PaymentRequest, col(PaymentRequest.id) == Payment.request_id)
        .where(Refund.provider == account.provider, Refund.state == RefundState.WANTED)
    )
    if account.practice_id is not None:
        query = query.where(Refund.practice_id == account.practice_id)
    found = db.exec(query.order_by(col(Refund.id)))
    return [refund for refund, request in found if _through(db, request) == account.account_id]


def open_links(db: Session, desk: Desk, turn: Turn) -> list[LinkRef]:
    """The open links to ask about now: all of them in a full look, else a tenth each minute."""
    minute = int(desk.now().timestamp()) // 60
    refs = []
    for request in _requests(db, turn.account, (RequestState.ACTIVE,)):
        is_its_turn = turn.is_full or (request.id or 0) % SLICES == minute % SLICES
        ref = ref_of(request)
        refs += [ref] if ref and is_its_turn else []
    return refs[:MOST_LINKS]


def _requests(db: Session, account: Account, states: tuple[RequestState, ...]) -> list[PaymentRequest]:
    query = select(PaymentRequest).where(
        PaymentRequest.provider == account.provider, col(PaymentRequest.state).in_(states)
    )
    if account.practice_id is not None:
        query = query.where(PaymentRequest.practice_id == account.practice_id)
    found = db.exec(query.order_by(col(PaymentRequest.id)))
    return [request for request in found if _through(db, request) == account.account_id]


def _through(db: Session, request: PaymentRequest) -> int | None:
    own = account_of_request(db, request)
    return own.id if own else None


def finished(db: Session, desk: Desk, turn: Turn, newest: datetime | None, problem: str = "") -> None:
    """The account has been looked through up to `newest` (None where the next turn reads on); `problem`: but for
    this. Where somebody wants it read anew since the turn began, the next one does. Raises `TurnLost`."""
    row, account = ended(db, turn)
    for kept in (row, account):
        if kept is not None:
            kept.last_sweep_at, kept.last_sweep_error = desk.now(), problem
            if kept.events_cursor == turn.cursor:
                kept.events_cursor = max(filter(None, (newest, turn.cursor)), default=None)
    _tell(desk, turn)


def failed(db: Session, desk: Desk, turn: Turn, sentence: str, *, is_permanent: bool = False) -> None:
    """The next turn tries again, or a person who asks for it. Raises `TurnLost`."""
    both = ended(db, turn)
    if is_permanent:
        bookmarks.forget(db, turn.account.key)
    for kept in both:
        if kept is not None:
            kept.last_sweep_error = sentence
    _tell(desk, turn)


def _tell(desk: Desk, turn: Turn) -> None:
    if turn.account.practice_id is not None:
        desk.tell(turn.account.practice_id)


# -- for people


def check_payments_now(db: Session, desk: Desk, who: Principal) -> str:
    """The worker looks the practice's gateway through at once; the sentence for the person."""
    who.must(Permission.SEE_BILLING)
    account = _account_of(db, desk, who.practice_id)
    if account is None:
        return "No payment gateway is connected, so there is nothing to check."
    turn_of(db, account.key).taken_at = None
    desk.wake()
    return "Payments are being checked. What is found shows here by itself."


def sweep_status(db: Session, desk: Desk, who: Principal) -> SweepStatus:
    who.must(Permission.SEE_BILLING)
    own = account_for(db, who.practice_id)
    if own is not None:
        return status_of(own)
    account = _account_of(db, desk, who.practice_id)
    return status_of_installation(db, account.provider) if account else SweepStatus(None, "", None)


def status_of_installation(db: Session, provider: str) -> SweepStatus:
    """Of the installation's own gateway; the last webhook there, about whatever."""
    row, last = db.get(SweepTurn, provider), last_heard(db, provider)
    return SweepStatus(row.last_sweep_at, row.last_sweep_error, last) if row else SweepStatus(None, "", last)


def status_of(own: GatewayAccount) -> SweepStatus:
    """Of a practice's own account; the last webhook there, about whatever."""
    return SweepStatus(own.last_sweep_at, own.last_sweep_error, own.last_event_at)


def _account_of(db: Session, desk: Desk, practice_id: int) -> Account | None:
    own = account_for(db, practice_id)
    if own is not None:
        return _of(own)
    provider = gateway_for(db, desk, practice_id).provider
    return Account(provider, provider) if provider else None
