"""Refunds that a person made in the pages of a former key's account, and wrote down here while the gateway could not be
asked. Once it tells of them, what it tells takes the place of what was written down, so that money counts once."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations

from sqlmodel import Session

from trova_app.domain.gateways import RefundFact
from trova_app.domain.invoices import PaymentMethod
from trova_app.models import Refund
from trova_app.services import timeline
from trova_app.services.payment_requests import GATEWAY
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for

BEFOREHAND = timedelta(days=7)  # who writes down first gives back soon; a later refund is another one
MOST_PARTS = 10  # a thousand sums; nobody writes one refund down in so many entries
IN_SEVERAL_WAYS = (
    "It is over {amount}, and it cannot be told which of the refunds written down here it is made of. Compare them with"
    " the gateway's own pages: where it is among them, in other amounts, mark this as done. Where it is one of its own,"
    " it is not counted here; do not give it back again."
)
ONE_THERE = "What was written down as given back in parts, {parts}, is one refund of {whole} at the gateway"


def is_one(row: Refund) -> bool:
    """Written down by a person, and the gateway has not told of it."""
    return row.provider_refund_id == row.refund_uuid and row.method == PaymentMethod.ONLINE


def that_may_be(rows: Sequence[Refund], fact: RefundFact) -> list[Refund]:
    """Those of a payment's refunds that may be what the gateway tells of, oldest first. One that was wanted here is
    told by our name for it; only where its answer was lost before the key was replaced may a person have found it. One
    that was made long after an entry is not what the entry is about."""
    ours = [row for row in rows if not row.provider_refund_id and row.refund_uuid == fact.refund_uuid]
    if fact.state == "failed" or (fact.refund_uuid and not any(row.unknown_to for row in ours)):
        return []
    written = [row for row in rows if is_one(row)]
    return [row for row in written if fact.when is None or fact.when - row.created_at <= BEFOREHAND]


def in_parts(rows: Sequence[Refund], fact: RefundFact) -> list[tuple[Refund, ...]]:
    """The sets of two or more that add up to what the gateway tells of, one for each way to add it up: of entries over
    the same amount the oldest. Where they are too many to try, two sets that stand for "nobody can tell"."""
    written = [row for row in that_may_be(rows, fact) if row.amount_minor < fact.amount_minor]
    if sum(row.amount_minor for row in written) < fact.amount_minor:
        return []
    if len(written) > MOST_PARTS:
        return [(), ()]
    found: dict[tuple[int, ...], tuple[Refund, ...]] = {}
    for size in range(2, len(written) + 1):
        for some in combinations(written, size):
            amounts = [row.amount_minor for row in some]
            if sum(amounts) == fact.amount_minor:
                found.setdefault(tuple(sorted(amounts)), some)
    return list(found.values())


def as_one(db: Session, desk: Desk, parts: Sequence[Refund]) -> Refund:
    """The oldest becomes the whole, with what was noted to each; the others go, and the invoice's timeline says so."""
    whole, rest = parts[0], parts[1:]
    style = style_for(db, desk, whole.practice_id).in_currency(whole.currency)
    amounts = " + ".join(style.amount(row.amount_minor) for row in parts)
    whole.amount_minor = sum(row.amount_minor for row in parts)
    whole.reference = "; ".join(dict.fromkeys(row.reference for row in parts if row.reference))
    whole.note = "\n".join(dict.fromkeys(row.note for row in parts if row.note))
    whole.changed_at = desk.now()
    for row in rest:
        db.delete(row)
    db.flush()
    what = ONE_THERE.format(parts=amounts, whole=style.amount(whole.amount_minor))
    timeline.note(
        db, desk, practice_id=whole.practice_id, who=GATEWAY, what=what, invoice_id=whole.invoice_id
    )  # fmt: skip
    desk.tell(whole.practice_id)
    return whole
