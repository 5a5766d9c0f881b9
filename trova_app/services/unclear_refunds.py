"""Refunds the gateway tells of that may be what a person wrote down while it could not be asked, or may be others.

They are kept with what the gateway says and not counted, as is one that would make more go back than came. What can be
told without asking is settled at once, also when it is told later; for the rest a person says in Billing, To decide,
what it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import Invoice, Payment, Refund, RefundState, ReviewItem
from trova_app.services import timeline, written_refunds
from trova_app.services.balances import left_of
from trova_app.services.payment_requests import FRESH, GATEWAY
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for
from trova_app.services.review_items import ask_a_person, open_again, settled_itself

KIND = "refund_unclear"
ALL, ANOTHER = "all", "another"
MOST_WAYS = 20
QUESTION = (
    "The gateway tells of a refund of {amount}{of}, made on {day}. It cannot be told which of the refunds written down"
    " here it is, or whether it is another one, so it is not counted beside them yet. Compare them with the gateway's"
    " own pages, and do not give it back again. Where it is among them in a way that is not offered here, mark this as"
    " done."
)
TOO_MUCH = (
    "The gateway tells of a refund of {amount}{of}, made on {day}. With what stands here as given back it would be more"
    " than came, so it is not counted yet. Take back on the invoice what was written down and never made; this one is"
    " counted then. Where all of it went back, mark this as done."
)
CHOOSE = "Choose what it is."
CHANGED = "What was written down has changed meanwhile. Look again, and choose what it is."


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that a refund may be. `key`: the ids of the entries it would take the place of, `ALL` for all of them
    though they are over another amount, or `ANOTHER`."""

    key: str
    words: str


def settle(db: Session, desk: Desk, payment: Payment) -> None:
    """All that can be told of a payment's unclear refunds without asking; about the rest a person is asked. Where
    nothing written down is left to be told of, they are others, whatever was said of them, as far as they fit. Beside
    one that a person said is among what was written down, in other amounts, nothing is sure. The payment is locked."""
    while rows := db.exec(_uncounted(cast(int, payment.id)), execution_options=FRESH).all():
        told, written = unclear(db, cast(int, payment.id)), _written(db, payment)
        if not written:
            if (row := next((row for row in rows if fits(db, payment, row)), None)) is None:
                _ask_about(db, desk, told, TOO_MUCH)
                return
            _count(db, desk, row)
        elif len(told) == len(rows) and (match := written_refunds.sure_match(told, written)):
            for row in match[0]:
                _answered(db, desk, row)
            written_refunds.take_place(db, desk, *match)
        else:
            _ask_about(db, desk, told, QUESTION)
            return


def fits(db: Session, payment: Payment, row: Refund) -> bool:
    """Whether no more than came went back with it. What is only wanted is held back once money is gone."""
    standing = (RefundState.PENDING, RefundState.SUCCEEDED)
    query = select(func.sum(Refund.amount_minor)).where(
        Refund.payment_id == payment.id, col(Refund.is_counted), col(Refund.state).in_(standing)
    )
    others = query if row.id is None else query.where(Refund.id != row.id)
    return row.amount_minor + int(db.exec(others).one() or 0) <= payment.amount_minor


def settle_anew(db: Session, desk: Desk, payment: Payment) -> None:
    """An entry was taken back: what a person said of the others, while it stood, is asked again. The payment is
    locked."""
    keys = [f"{KIND}/{row.refund_uuid}" for row in db.exec(_uncounted(cast(int, payment.id)))]
    open_again(db, desk, payment.practice_id, col(ReviewItem.key).in_(keys))
    settle(db, desk, payment)


def unclear(db: Session, payment_id: int) -> Sequence[Refund]:
    """Those of a payment that nobody has said anything about, in the order in which they were made."""
    said = select(ReviewItem.id).where(
        col(ReviewItem.key) == f"{KIND}/" + col(Refund.refund_uuid), col(ReviewItem.state) == "resolved"
    )
    return db.exec(_uncounted(payment_id).where(~said.exists()), execution_options=FRESH).all()


def _uncounted(payment_id: int) -> SelectOfScalar[Refund]:
    """SQL: those of a payment that are not counted, in the order in which they were made."""
    query = select(Refund).where(
        Refund.payment_id == payment_id, col(Refund.is_counted).is_(False), col(Refund.state) != RefundState.FAILED
    )
    return query.order_by(col(Refund.created_at), col(Refund.id))


def has_failed(db: Session, desk: Desk, row: Refund) -> None:
    """There is nothing to count, whatever it was."""
    _answered(db, desk, row)
    row.is_counted = True


def _written(db: Session, payment: Payment) -> list[Refund]:
    query = select(Refund).where(Refund.payment_id == payment.id).order_by(col(Refund.id))
    return [row for row in db.exec(query, execution_options=FRESH) if written_refunds.is_one(row)]


def _count(db: Session, desk: Desk, row: Refund, who: str = GATEWAY) -> str:
    """As another refund; the sentence that the timeline says."""
    _answered(db, desk, row)
    row.is_counted, row.changed_at = True, desk.now()
    db.flush()
    done = "was given back" if row.state == RefundState.SUCCEEDED else "is on its way back"
    amount = style_for(db, desk, row.practice_id).in_currency(row.currency).amount(row.amount_minor)
    what = f"{amount} {done}"
    if row.requested_by is None:  # nobody asked for it here
        written_refunds.settle_unknown(db, desk, row)
        what = f"{what} from the gateway's own pages"
    if who != GATEWAY:
        what = f"{what}, beside what was written down"
    timeline.note(db, desk, practice_id=row.practice_id, who=who, what=what, invoice_id=row.invoice_id)
    return what


def _answered(db: Session, desk: Desk, row: Refund) -> None:
    settled_itself(db, desk, kind=KIND, about=row.refund_uuid)


def _ask_about(db: Session, desk: Desk, told: Sequence[Refund], question: str) -> None:
    for row in told:
        _ask(db, desk, row, question)


def _ask(db: Session, desk: Desk, row: Refund, question: str) -> None:
    style = style_for(db, desk, row.practice_id).in_currency(row.currency)
    invoice = db.get(Invoice, row.invoice_id) if row.invoice_id else None
    of = f" on {invoice.number_text}" if invoice else ""
    sentence = question.format(amount=style.amount(row.amount_minor), of=of, day=short(style.day(row.created_at)))
    ask_a_person(
        db, desk, practice_id=row.practice_id, kind=KIND, about=row.refund_uuid, sentence=sentence,
        invoice_id=row.invoice_id, payment_id=row.payment_id,
    )  # fmt: skip


# -- what a person says


def ways(db: Session, style: PracticeStyle, item: ReviewItem, payment: Payment) -> tuple[Way, ...]:
    """What it may be, the likeliest first; `style` in the payment's currency."""
    row = _asked_about(db, item, payment)
    if row is None:
        return ()
    written, left = _written(db, payment), left_of(db, row.payment_id)
    found = list(islice(_among_written(style, written, row), MOST_WAYS))
    surplus = row.amount_minor - sum(entry.amount_minor for entry in written)
    if 0 < surplus <= left or (surplus < 0 and len(written) == 1):
        found.append(Way(ALL, f"All that was written down, in a wrong amount: {_entries(style, written)}"))
    if row.amount_minor <= left:
        found.append(Way(ANOTHER, f"Another refund: {style.amount(row.amount_minor)} more was given back"))
    return tuple(found)


def _asked_about(db: Session, item: ReviewItem, payment: Payment) -> Refund | None:
    uuid = item.key.partition("/")[2]
    return next((row for row in unclear(db, cast(int, payment.id)) if row.refund_uuid == uuid), None)


def _among_written(style: PracticeStyle, written: Sequence[Refund], row: Refund) -> Iterator[Way]:
    for entry in written:
        if entry.amount_minor == row.amount_minor:
            yield Way(_key(entry), _entry(style, entry))
    for some in written_refunds.sums(written, row.amount_minor):
        if some:
            yield Way(_key(*some), _entries(style, some))
    for entry in written:
        if entry.amount_minor > row.amount_minor:
            yield Way(_key(entry), f"A part of {_entry(style, entry)}")


def _key(*entries: Refund) -> str:
    return "+".join(str(entry.id) for entry in entries)


def _entries(style: PracticeStyle, entries: Sequence[Refund]) -> str:
    return " + ".join(_entry(style, entry) for entry in entries)


def _entry(style: PracticeStyle, entry: Refund) -> str:
    words = f"{style.amount(entry.amount_minor)} written down on {short(style.day(entry.created_at))}"
    return f"{words} ({entry.reference})" if entry.reference else words


def decided(
    db: Session, desk: Desk, who: Principal, item: ReviewItem, payment: Payment, way: object
) -> str:  # fmt: skip
    """Counts it as a person says it is: `way` is the key of a `Way`. The sentence for that person. The payment is
    locked. Raises `Refusal`s."""
    row = _asked_about(db, item, payment)
    style = style_for(db, desk, payment.practice_id).in_currency(payment.currency)
    if row is None or not isinstance(way, str) or not way:
        raise Refusal(CHOOSE, "way")
    if way not in [one.key for one in ways(db, style, item, payment)]:
        raise Refusal(CHANGED, "way")
    if way == ANOTHER:
        return f"{_count(db, desk, row, who.name)}."
    written, ids = _written(db, payment), way.split("+")
    entries = written if way == ALL else [entry for entry in written if str(entry.id) in ids]
    written_refunds.take_place(db, desk, [row], entries, who.name, is_all=way == ALL)
    return f"{style.amount(row.amount_minor)} is counted once, as what was written down."
