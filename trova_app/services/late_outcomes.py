"""What may still come of things that are over here. Where a gateway cannot cancel a page, one that was open when its
link was closed may still be paid; where its lists know an entry by the day it was made, a refund or a dispute that ends
late is in none of them. So each is asked about by its name: once an hour at first, then once a day; a page for as long
as it may be paid, a refund or a dispute until it is final.

It goes in rounds, of which a look does a part. A round's row beside the sweep's turn holds when it began, and in `page`
the last one that was asked about ("" between two rounds).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.gateways import PAGES_LAST, LinkRef
from trova_app.models import Dispute, Payment, PaymentRequest, Refund, RequestState, SweepTurn
from trova_app.services.gateway_accounts import account_of_request
from trova_app.services.ports import Desk
from trova_app.services.sweep_turns import Turn, turn_of

OVER = (RequestState.CLOSED, RequestState.PAID, RequestState.FAILED)
YOUNG = timedelta(days=3)
PAUSES = {"young": timedelta(hours=1), "old": timedelta(hours=20)}
MOST = 20  # of one kind and age in one look
START = "0"


@dataclass(frozen=True, slots=True)
class Late:
    """One to ask about: the `link` of a request, or the payment whose refunds and disputes are read again. `round` and
    `after`: where the round stands once it was asked about."""

    round: str
    after: str
    request_uuid: str = ""
    link: LinkRef | None = None
    provider_payment_id: str = ""


def pages(db: Session, desk: Desk, turn: Turn) -> list[Late]:
    """Links that were handed out and are closed, paid or given up, and whose pages may still be paid."""
    now, query = desk.now(), select(PaymentRequest).where(col(PaymentRequest.state).in_(OVER), PaymentRequest.url != "")
    changed = col(PaymentRequest.changed_at)
    query = query.where(PaymentRequest.provider == turn.account.provider, changed > now - PAGES_LAST)
    if turn.account.practice_id is not None:
        query = query.where(PaymentRequest.practice_id == turn.account.practice_id)
    parts = {"young": query.where(changed > now - YOUNG), "old": query.where(changed <= now - YOUNG)}
    found = []
    for age, part in parts.items():
        for request, row, after in _part(db, desk, turn, "pages", age, part, PaymentRequest):
            ref = LinkRef(
                request.provider_ref or request.request_uuid,
                request.request_uuid,
                request.amount_minor,
                request.currency,
            )
            found.append(Late(row, after, request.request_uuid, link=ref))
    return found


def changes(db: Session, desk: Desk, turn: Turn) -> list[Late]:
    """Payments with a refund or a dispute that is not final."""
    query = select(Payment).where(Payment.provider == turn.account.provider)
    if turn.account.practice_id is not None:
        query = query.where(Payment.practice_id == turn.account.practice_id)
    young = _undecided(desk.now() - YOUNG)
    parts = {"young": query.where(young), "old": query.where(_undecided(), ~young)}
    return [
        Late(row, after, provider_payment_id=payment.provider_payment_id)
        for age, part in parts.items()
        for payment, row, after in _part(db, desk, turn, "changes", age, part, Payment)
    ]


def _undecided(since: Any = None) -> sa.ColumnElement[bool]:
    refund = select(Refund.id).where(Refund.payment_id == Payment.id, Refund.state == "pending")
    dispute = select(Dispute.id).where(Dispute.payment_id == Payment.id, Dispute.state == "open")
    if since is not None:
        refund, dispute = refund.where(Refund.created_at > since), dispute.where(Dispute.created_at > since)
    return sa.or_(refund.exists(), dispute.exists())


def _part(
    db: Session, desk: Desk, turn: Turn, kind: str, age: str, query: Any, table: type[PaymentRequest] | type[Payment]
) -> list[tuple[Any, str, str]]:
    """This look's part of the round: each with the round's name, and where the round stands after it."""
    row = turn_of(db, f"late/{turn.account.key}/{kind}/{age}")
    if not row.page and not (turn.is_full or _is_time(desk, row, age)):
        return []
    if not row.page:
        row.taken_at, row.page = desk.now(), START
    found = db.exec(query.where(col(table.id) > int(row.page)).order_by(col(table.id)).limit(MOST)).all()
    end = str(found[-1].id) if len(found) == MOST else ""
    ours = _through(db, turn, found)
    if not ours:
        row.page = end
    return [(one, row.key, end if one is ours[-1] else str(one.id)) for one in ours]


def _is_time(desk: Desk, row: SweepTurn, age: str) -> bool:
    return row.taken_at is None or desk.now() - row.taken_at >= PAUSES[age]


def _through(db: Session, turn: Turn, found: Sequence[Any]) -> list[Any]:
    """Those that were asked for through this account."""
    ours = []
    for one in found:
        request = one if isinstance(one, PaymentRequest) else db.get(PaymentRequest, one.request_id or 0)
        account = account_of_request(db, request) if request else None
        if request is not None and (account.id if account else None) == turn.account.account_id:
            ours.append(one)
    return ours


def asked(db: Session, late: Late) -> None:
    """In one transaction with what it told: the round goes on after it."""
    turn_of(db, late.round).page = late.after
