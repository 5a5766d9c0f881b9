"""Refunds that a person made in the pages of a former key's account, and wrote down here while the gateway could not be
asked. Once it tells of them, what it tells takes the place of what was written down, so that money counts once."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.gateways import RefundFact
from trova_app.domain.invoices import PaymentMethod
from trova_app.models import Refund, RefundState, ReviewItem
from trova_app.services import timeline
from trova_app.services.payment_requests import GATEWAY
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short, style_for
from trova_app.services.review_items import settled_itself

BEFOREHAND = timedelta(days=7)  # who writes down first gives back soon; of a later refund nobody can be sure
MOST_PARTS = 10  # a thousand sums; nobody writes one refund down in so many entries
ONE_THERE = "What was written down as given back in parts, {written}, is one refund of {told} at the gateway"
PARTS_THERE = "What was written down as one refund, {written}, was given back in parts at the gateway, {told}"
PART_THERE = "{told} of what was written down as given back, {written}, is a refund of its own at the gateway"
SAME_THERE = "The refund of {told} at the gateway is the one that was written down on {day}"
OTHERWISE_THERE = "What was written down as given back, {written}, is a refund of {told} at the gateway"


def is_one(row: Refund) -> bool:
    """Written down by a person and not taken back, and the gateway has not told of it."""
    is_told = row.provider_refund_id != row.refund_uuid
    return not is_told and row.method == PaymentMethod.ONLINE and row.taken_back_at is None


def may_be_told(rows: Sequence[Refund], fact: RefundFact) -> bool:
    """Whether the gateway may be telling of what was written down among a payment's refunds. One that was wanted here
    is told by our name for it; only where its answer was lost before the key was replaced may a person have
    found it."""
    ours = [row for row in rows if not row.provider_refund_id and row.refund_uuid == fact.refund_uuid]
    if fact.refund_uuid and not any(row.unknown_to for row in ours):
        return False
    return any(is_one(row) for row in rows)


def sure_match(
    told: Sequence[Refund], written: Sequence[Refund]
) -> tuple[tuple[Refund, ...], tuple[Refund, ...]] | None:
    """The first of what the gateway tells that can only be what was written down, both oldest first: over the same
    amount, or one made of the other in one way. None where nothing is sure."""
    for one in told:
        if same := [row for row in written if _is_near(one, row) and row.amount_minor == one.amount_minor]:
            return (one,), (same[0],)
    for one in told:
        if len(ways := sums([row for row in written if _is_near(one, row)], one.amount_minor)) == 1:
            return (one,), ways[0]
    for row in written:
        if len(ways := sums([one for one in told if _is_near(one, row)], row.amount_minor)) == 1:
            return ways[0], (row,)
    return None


def _is_near(told: Refund, written: Refund) -> bool:
    """Made long after an entry it may still be what the entry is about, but only a person can say so."""
    return told.created_at - written.created_at <= BEFOREHAND


def sums(rows: Sequence[Refund], total: int) -> list[tuple[Refund, ...]]:
    """The sets of two or more that add up to it, in minor units, one for each way to add it up: of those over the same
    amount the oldest. Where they are too many to try, two empty sets that stand for "nobody can tell"."""
    parts = [row for row in rows if row.amount_minor < total]
    if sum(row.amount_minor for row in parts) < total:
        return []
    if len(parts) > MOST_PARTS:
        return [(), ()]
    found: dict[tuple[int, ...], tuple[Refund, ...]] = {}
    for size in range(2, len(parts) + 1):
        for some in combinations(parts, size):
            amounts = [row.amount_minor for row in some]
            if sum(amounts) == total:
                found.setdefault(tuple(sorted(amounts)), some)
    return list(found.values())


def take_place(
    db: Session, desk: Desk, told: Sequence[Refund], written: Sequence[Refund], who: str = GATEWAY, *,
    is_all: bool = False,
) -> None:  # fmt: skip
    """What the gateway tells counts, with what was noted to the entries, and these go. Of one entry that is over more
    than is told, the rest stays, as it is still to be told of; not where that `is_all`. The invoice's timeline says so,
    but not where a gateway just tells of the one refund that was written down."""
    amounts = [entry.amount_minor for entry in written]
    rest = 0 if is_all else sum(amounts) - sum(row.amount_minor for row in told)
    _note(db, desk, told, written, who, has_rest=rest > 0)
    for row in told:
        row.is_counted, row.state, row.changed_at = True, RefundState.SUCCEEDED, desk.now()
        row.given_on, row.requested_by = written[0].given_on, written[0].requested_by
        row.reason = written[0].reason
        row.reference = "; ".join(dict.fromkeys(entry.reference for entry in written if entry.reference))
        row.note = "\n".join(dict.fromkeys(entry.note for entry in written if entry.note))
    for entry in written:
        if rest > 0:
            entry.amount_minor, entry.changed_at = rest, desk.now()
        else:
            db.delete(entry)
    db.flush()
    for row in told:
        if row.amount_minor not in amounts:
            settle_unknown(db, desk, row)
    desk.tell(told[0].practice_id)


def _note(
    db: Session, desk: Desk, told: Sequence[Refund], written: Sequence[Refund], who: str, *, has_rest: bool
) -> None:  # fmt: skip
    first = told[0]
    style = style_for(db, desk, first.practice_id).in_currency(first.currency)
    words = SAME_THERE
    if len(written) > 1:
        words = ONE_THERE
    elif has_rest:
        words = PART_THERE
    elif len(told) > 1:
        words = PARTS_THERE
    elif who == GATEWAY:
        return
    elif first.amount_minor != written[0].amount_minor:
        words = OTHERWISE_THERE
    what = words.format(
        told=" + ".join(style.amount(row.amount_minor) for row in told),
        written=" + ".join(style.amount(row.amount_minor) for row in written),
        day=short(style.day(written[0].created_at)),
    )
    timeline.note(db, desk, practice_id=first.practice_id, who=who, what=what, invoice_id=first.invoice_id)


def settle_unknown(db: Session, desk: Desk, given: Refund) -> None:
    """What went back by hand, or in the pages of a former key's account, answers one question about a refund of as much
    that the gateway could not make and that had been asked for by then."""
    asked = sa.and_(col(ReviewItem.key) == "refund_failed/" + col(Refund.refund_uuid), col(ReviewItem.state) == "open")
    query = (
        select(Refund.refund_uuid)
        .join(ReviewItem, asked)
        .where(
            Refund.payment_id == given.payment_id,
            Refund.unknown_to != "",
            Refund.amount_minor == given.amount_minor,
            col(Refund.created_at) <= given.created_at,
        )
    )
    if (answered := db.exec(query.order_by(col(Refund.id)).limit(1)).first()) is not None:
        given.answered = answered
        settled_itself(db, desk, kind="refund_failed", about=answered)
