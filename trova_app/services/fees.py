"""What gateways keep for themselves of each payment, read once a night.

An account's turn is a row of its own beside the sweep's, so that of many workers one reads. A fee in another currency
than its payment's (the account is settled in another) is left out: Billing adds nothing up that is not alike.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session, col, select

from trova_app.domain.gateways import FeeFact
from trova_app.models import Payment, SweepTurn
from trova_app.services import bookmarks
from trova_app.services.bookmarks import Bookmark
from trova_app.services.ports import Desk
from trova_app.services.sweep_turns import FARTHEST, Account, turn_of

NIGHT = timedelta(hours=24)
SOON = timedelta(hours=1)
OVERLAP = timedelta(days=3)  # a bank payment is booked after it was made


def _key(account: Account) -> str:
    """Another key may be another account's, whose fees nobody has read."""
    return f"fees/{account.key}/{account.key_mark}" if account.key_mark else f"fees/{account.key}"


def is_due(db: Session, desk: Desk, account: Account) -> bool:
    """Looked at without a write lock first: most looks find nothing."""
    turn = db.get(SweepTurn, _key(account))
    return turn is None or turn.taken_at is None or desk.now() - turn.taken_at >= NIGHT


def take_turn(db: Session, desk: Desk, account: Account) -> Bookmark | None:
    """Where to read; None where another worker has just taken the turn. It comes again in an hour unless `finished` is
    told."""
    turn, now = turn_of(db, _key(account)), desk.now()
    if turn.taken_at is not None and now - turn.taken_at < NIGHT:
        return None
    turn.taken_at = now - NIGHT + SOON
    return bookmarks.opened(turn, max((turn.last_sweep_at or now - FARTHEST) - OVERLAP, now - FARTHEST))


def finished(db: Session, desk: Desk, account: Account) -> None:
    turn = turn_of(db, _key(account))
    turn.taken_at = turn.last_sweep_at = desk.now()


def read_to(db: Session, account: Account, mark: Bookmark) -> None:
    """In one transaction with the fees up to there."""
    bookmarks.lay(db, _key(account), mark)


def start_over(db: Session, account: Account) -> None:
    bookmarks.forget(db, _key(account))


def take_in(db: Session, desk: Desk, account: Account, fees: Sequence[FeeFact]) -> None:
    """Each fee to its payment. Payments that are not ours, or another practice's, are none of this account's."""
    known = {fee.provider_payment_id: fee for fee in fees}
    query = select(Payment).where(
        Payment.provider == account.provider, col(Payment.provider_payment_id).in_(list(known))
    )
    if account.practice_id is not None:
        query = query.where(Payment.practice_id == account.practice_id)
    for payment in db.exec(query):
        fee = known[payment.provider_payment_id]
        if fee.currency == payment.currency and payment.fee_minor != fee.fee_minor:
            payment.fee_minor = fee.fee_minor
            desk.tell(payment.practice_id)
