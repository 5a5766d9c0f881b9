"""What waits for a person's decision, and the decisions: give a credit back, count it for an invoice, say what a refund
is, or leave it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotFound, Refusal
from trova_app.models import Client, Invoice, Payment, Refund, ReviewItem
from trova_app.services import lost_links, refund_jobs, refunds, timeline, unclear_refunds
from trova_app.services.arguments import Fields, an_id
from trova_app.services.balances import due_minor as due_of_invoice
from trova_app.services.balances import left_of, stands_of
from trova_app.services.counted_again import ask_where_it_belongs
from trova_app.services.gateway_accounts import goes_back_by_hand
from trova_app.services.payment_requests import FRESH, bring_in_line, due_minor, locked_invoice
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for
from trova_app.services.refund_facts import WAITS, after_change
from trova_app.services.unclear_refunds import Way

CREDITS = ("credit", "wrong_amount")
DECISIONS = ("apply", "count", "refund", "ignore")
MOST = 200
LINKS = ("link_changed", lost_links.KIND, "webhook_left")
NOT_MONEY_HERE = ("wrong_amount", "wrong_mode", "wrong_account", "unknown_request")
NOT_KEPT = (
    "This money is not kept here, so it is neither counted nor given back from here. Deal with it in the gateway's own"
    " pages, then mark this as done."
)
LESS_WENT_BACK = "{amount} less was given back than was written down"
DECIDED = "Somebody has decided this already."


@dataclass(frozen=True, slots=True)
class Target:
    """An open invoice of the same client that the credit fits into."""

    id: int
    words: str


@dataclass(frozen=True, slots=True)
class ReviewText:
    """One item. `decisions`: what this person may choose, the likeliest first; `amount`: what of the money is left, ""
    where it is not about money kept here; `targets`: where it can be counted, its own invoice first; `ways`: what a
    refund may be."""

    id: int
    kind: str
    sentence: str
    when: str
    invoice_id: int | None
    number: str
    client_name: str
    amount: str
    decisions: tuple[str, ...]
    targets: tuple[Target, ...]
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    item_id: int
    sentence: str


def open_items(db: Session, desk: Desk, who: Principal) -> tuple[ReviewText, ...]:
    """What is about money first, then what is about links; the oldest first, at most 200."""
    who.must(Permission.SEE_BILLING)
    style = style_for(db, desk, who.practice_id)
    query: Any = (
        sa.select(ReviewItem, Payment, Invoice, Client)
        .outerjoin(Payment, col(Payment.id) == ReviewItem.payment_id)
        .outerjoin(Invoice, col(Invoice.id) == ReviewItem.invoice_id)
        .outerjoin(Client, col(Client.id) == Invoice.client_id)
        .where(col(ReviewItem.practice_id) == who.practice_id, col(ReviewItem.state) == "open")
        .order_by(sa.case((col(ReviewItem.kind).in_(LINKS), 1), else_=0), col(ReviewItem.id))
        .limit(MOST)
    )
    return tuple(_text(db, desk, style, who, *row) for row in db.execute(query))


def how_many(db: Session, _desk: Desk, who: Principal) -> int:
    """All that wait, also where they are more than `open_items` tells."""
    who.must(Permission.SEE_BILLING)
    return db.exec(
        select(func.count()).where(ReviewItem.practice_id == who.practice_id, ReviewItem.state == "open")
    ).one()


def _text(
    db: Session,
    desk: Desk,
    style: PracticeStyle,
    who: Principal,
    item: ReviewItem,
    payment: Payment | None,
    invoice: Invoice | None,
    client: Client | None,
) -> ReviewText:
    movable = _movable(db, item, payment, invoice)
    may = _may_decide(who)
    targets = tuple(_targets(db, style, payment, invoice, movable)) if may and _is_credit(item, payment) else ()
    money = style.in_currency(payment.currency) if payment else style
    is_unclear = may and payment is not None and item.kind == unclear_refunds.KIND
    ways = unclear_refunds.ways(db, money, item, payment) if is_unclear and payment else ()
    return ReviewText(
        id=int(item.id or 0),
        kind=item.kind,
        sentence=item.sentence,
        when=short(style.day(item.created_at)),
        invoice_id=item.invoice_id,
        number=invoice.number_text if invoice else "",
        client_name=f"{client.first_name} {client.last_name}".strip() if client else "",
        amount=money.amount(movable) if movable else "",
        decisions=tuple(_decisions(movable > 0 and _goes_back(db, desk, payment), targets, ways)) if may else (),
        targets=targets,
        ways=ways,
    )


def _may_decide(who: Principal) -> bool:
    return who.may(Permission.BILL) and who.may(Permission.RECORD_PAYMENT)


def _goes_back(db: Session, desk: Desk, payment: Payment | None) -> bool:
    """From here, with one press; else how it went back is said on the invoice."""
    return payment is not None and (payment.provider == "manual" or not goes_back_by_hand(db, desk, payment))


def _decisions(may_go_back: bool, targets: tuple[Target, ...], ways: tuple[Way, ...]) -> Iterator[str]:
    if targets:
        yield "apply"
    if ways:
        yield "count"
    if may_go_back:
        yield "refund"
    yield "ignore"


def _is_not_kept(item: ReviewItem) -> bool:
    """It is about money that stands in no books here: of another currency, another account, test instead of real."""
    return item.kind in NOT_MONEY_HERE and item.payment_id is None


def _is_credit(item: ReviewItem, payment: Payment | None) -> bool:
    return item.kind in CREDITS and payment is not None and payment.is_credit


def _movable(db: Session, item: ReviewItem, payment: Payment | None, invoice: Invoice | None) -> int:
    """What a decision can move, in minor units: all that is left of a credit, the surplus of a payment that was too
    much, a refund that did not go through."""
    if payment is None or invoice is None:
        return 0
    left = left_of(db, cast(int, payment.id))
    if _is_credit(item, payment):
        return left
    if item.kind == "refund_failed":
        return min(left, _failed_minor(db, item))
    return max(0, min(left, -due_minor(db, invoice))) if item.kind == "overpaid" else 0


def _failed_minor(db: Session, item: ReviewItem) -> int:
    """What the refund that did not go through was over."""
    uuid = item.key.partition("/")[2]
    return db.exec(select(Refund.amount_minor).where(Refund.refund_uuid == uuid)).first() or 0


def _targets(
    db: Session, style: PracticeStyle, payment: Payment | None, invoice: Invoice | None, amount: int
) -> Iterator[Target]:
    if payment is None or invoice is None or not amount or _is_going_back(db, payment):
        return
    query: Any = (
        sa.select(Invoice, due_of_invoice())
        .where(*_same_books(invoice), due_of_invoice() >= amount)
        .order_by(sa.case((col(Invoice.id) == invoice.id, 0), else_=1), col(Invoice.id).desc())
        .limit(20)
    )
    style = style.in_currency(payment.currency)
    for found, owed in db.execute(query):
        yield Target(int(found.id), f"{found.number_text} ({style.amount(int(owed))} due)")


def _is_going_back(db: Session, payment: Payment) -> bool:
    """A refund on its way may still fail, and one may be another than was written down: what is left of the payment is
    not certain yet."""
    going = select(Refund.id).where(Refund.payment_id == payment.id, col(Refund.state).in_(("wanted", "pending")))
    return db.exec(going).first() is not None or bool(unclear_refunds.unclear(db, cast(int, payment.id)))


def _same_books(invoice: Invoice) -> tuple[Any, ...]:
    """The same client's issued invoices of the same currency, real ones with real ones only."""
    return (
        col(Invoice.practice_id) == invoice.practice_id,
        col(Invoice.client_id) == invoice.client_id,
        col(Invoice.currency) == invoice.currency,
        col(Invoice.mode) == invoice.mode,
        col(Invoice.status) == DocumentStatus.ISSUED,
    )


# -- deciding


def resolve(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    item_id: object,
    decision: object,
    invoice_id: object = "",
    reason: object = "",
    way: object = "",
) -> Resolved:
    """`decision`: "refund" gives the credit or the surplus back; "apply" counts the credit for `invoice_id`, "" for its
    own invoice; "count" counts a refund as what `way` says, a key of `ReviewText.ways`; "ignore" leaves all as it is,
    for a `reason` in a few words. Each item once: of two people the second is told so. Raises `Refusal`s."""
    who.must(Permission.BILL)
    who.must(Permission.RECORD_PAYMENT)
    if not isinstance(decision, str) or decision not in DECISIONS:
        raise Refusal("Choose what to do with it.", "decision")
    item, payment, target = _locked(db, who, item_id, invoice_id if decision == "apply" else "")
    if decision == "apply":
        sentence = _apply(db, desk, who, item, payment, target)
    elif decision == "count":
        sentence = _count(db, desk, who, item, payment, way)
    elif decision == "refund":
        sentence = _give_back(db, desk, who, item, payment)
    else:
        sentence = _leave(db, desk, who, item, reason)
    desk.tell(who.practice_id)
    return Resolved(cast(int, item.id), sentence)


def _locked(
    db: Session, who: Principal, item_id: object, target_id: object
) -> tuple[ReviewItem, Payment | None, Invoice | None]:
    """Item, payment and the invoice to count it for, locked: invoices by id, then the payment, then the item."""
    known = ReviewItem.id == an_id(item_id, "question"), ReviewItem.practice_id == who.practice_id
    item = db.exec(select(ReviewItem).where(*known)).first()
    if item is None:
        raise NotFound("question")
    wanted = an_id(target_id, "document") if target_id not in ("", None) else item.invoice_id
    here = select(Invoice.id).where(
        col(Invoice.id).in_({wanted, item.invoice_id}), Invoice.practice_id == who.practice_id
    )
    invoices = {found: locked_invoice(db, found) for found in sorted(i for i in db.exec(here) if i)}
    if wanted is not None and wanted not in invoices:
        raise NotFound("document")
    payment = refunds.find_payment(db, who, item.payment_id) if item.payment_id else None
    query = select(ReviewItem).where(ReviewItem.id == item.id).with_for_update()
    item = db.exec(query, execution_options=FRESH).one()
    if item.state != "open":
        raise ChangedElsewhere(DECIDED)
    return item, payment, invoices.get(wanted or 0)


def _apply(
    db: Session, desk: Desk, who: Principal, item: ReviewItem, payment: Payment | None, target: Invoice | None
) -> str:
    if payment is None or target is None or not _is_credit(item, payment):
        raise Refusal(NOT_KEPT if _is_not_kept(item) else "There is no credit to count.")
    amount = _applicable(db, desk, payment, target)
    own = db.get_one(Invoice, payment.invoice_id)
    _moved(db, payment, target)
    _resolved(db, desk, who, item, "apply")
    bring_in_line(db, desk, target)
    _note(db, desk, who, target.id, f"{amount} of credit counted for this invoice")
    if own.id != target.id:
        _note(db, desk, who, own.id, f"{amount} of credit counted for {target.number_text}")
    return f"{amount} is counted for {target.number_text}."


def _applicable(db: Session, desk: Desk, payment: Payment, target: Invoice) -> str:
    """The amount in words. Raises `Refusal` where it does not fit the invoice."""
    same = db.get_one(Invoice, payment.invoice_id)
    if db.exec(select(Invoice.id).where(Invoice.id == target.id, *_same_books(same))).first() is None:
        raise Refusal("Choose an open invoice of the same client.", "invoice_id")
    if unclear_refunds.unclear(db, cast(int, payment.id)):
        raise Refusal(refunds.UNCLEAR)
    if _is_going_back(db, payment):
        raise Refusal("A refund of this credit is on its way. Wait for it.")
    left, due = left_of(db, cast(int, payment.id)), due_minor(db, target)
    style = style_for(db, desk, payment.practice_id).in_currency(payment.currency)
    if not 0 < left <= due:
        still = style.amount(max(0, due))
        words = f"{style.amount(left)} does not fit: {still} is due on {target.number_text}."
        raise Refusal(f"{words} Choose another invoice, or give a part back first.", "invoice_id")
    return style.amount(left)


def _moved(db: Session, payment: Payment, target: Invoice) -> None:
    payment.is_credit, payment.invoice_id = False, target.id
    db.exec(sa.update(Refund).where(col(Refund.payment_id) == payment.id).values(invoice_id=target.id))
    db.flush()


def _count(db: Session, desk: Desk, who: Principal, item: ReviewItem, payment: Payment | None, way: object) -> str:
    if payment is None or item.kind != unclear_refunds.KIND:
        raise Refusal("There is no refund to count.")
    invoice, payment_id = db.get(Invoice, payment.invoice_id), cast(int, payment.id)
    was_due, stood = due_minor(db, invoice) if invoice else 0, stands_of(db, payment_id)
    sentence = unclear_refunds.decided(db, desk, who, item, payment, way)
    _resolved(db, desk, who, item, "apply")
    unclear_refunds.settle(db, desk, payment)
    if (more := stands_of(db, payment_id) - stood) > 0:
        amount = style_for(db, desk, payment.practice_id).in_currency(payment.currency).amount(more)
        ask_where_it_belongs(db, desk, payment, more, was_due, what=LESS_WENT_BACK.format(amount=amount))
    after_change(db, desk, payment)
    return sentence


def _give_back(db: Session, desk: Desk, who: Principal, item: ReviewItem, payment: Payment | None) -> str:
    invoice = db.get(Invoice, item.invoice_id) if item.invoice_id else None
    amount = _movable(db, item, payment, invoice)
    if payment is None or not amount:
        raise Refusal(NOT_KEPT if _is_not_kept(item) else "Nothing of it is left to give back.")
    _resolved(db, desk, who, item, "refund")
    style = style_for(db, desk, payment.practice_id).in_currency(payment.currency)
    done = refunds.refund(
        db,
        desk,
        who,
        payment_id=payment.id,
        amount=style.amount(amount),
        reason="duplicate",
        method=payment.method if payment.provider == "manual" else "",
    )
    return done.sentence


def _leave(db: Session, desk: Desk, who: Principal, item: ReviewItem, reason: object) -> str:
    fields = Fields()
    item.reason = fields.line("reason", reason, most=200, needed="Say it in a few words.")
    if fields.faults:
        raise FieldFaults(fields.faults)
    _resolved(db, desk, who, item, "ignore")
    if item.kind == WAITS:
        refund_jobs.ended_by_hand(db, desk, item.key.partition("/")[2], item.reason)
    if item.kind == lost_links.KIND:
        lost_links.given_up(db, desk, item.key.partition("/")[2])
    is_money_here = item.kind in (*CREDITS, "overpaid") and not _is_not_kept(item)
    words = "Left as it is" if is_money_here else "Dealt with"
    _note(db, desk, who, item.invoice_id, f"{words}: {item.reason}")
    return f"{words}."


def _resolved(db: Session, desk: Desk, who: Principal, item: ReviewItem, decision: str) -> None:
    item.state, item.decision = "resolved", decision
    item.resolved_by, item.resolved_at = who.member_id, desk.now()
    db.flush()


def _note(db: Session, desk: Desk, who: Principal, invoice_id: int | None, what: str) -> None:
    if invoice_id is not None:
        timeline.note(db, desk, practice_id=who.practice_id, who=who.name, what=what, invoice_id=invoice_id)
