"""Refunds from the worker's side: what to ask the gateway for, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlmodel import Session, select

from trova_app.domain.gateways import Fact, RefundFact, RefundReason, RefundSpec
from trova_app.domain.refusals import Refusal
from trova_app.models import Invoice, Payment, PaymentRequest, Refund, RefundState
from trova_app.services import outbox
from trova_app.services.outbox import Job
from trova_app.services.outcomes import Outcome, Result
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short, style_for
from trova_app.services.refund_facts import (
    NOT_DONE,
    WAITS,
    after_change,
    find_locked,
    ingest,
    refund_key,
    tell_of_failure,
)
from trova_app.services.review_items import ask_a_person, settled_itself

SURELY_WANTED = timedelta(minutes=10)  # nobody has lost patience yet and gone to the gateway's own pages
GIVEN_BACK_THERE = "Money of this payment was given back in the gateway's own pages meanwhile."
HELD_BACK = (
    "The refund of {amount}{of} was not sent: after it was asked for, money of the same payment was given back in the"
    " gateway's own pages or by an earlier try. Give it back again only if both are meant."
)
NO_ANSWER = (
    "The refund of {amount}{of} was asked for on {day}, and the gateway has not answered since. Trova goes on asking."
    " To give it back another way, look in the gateway's own pages that it has not gone back already, then mark this as"
    " done: Trova stops asking."
)
MADE_ELSEWHERE = (
    "The refund of {amount}{of} was not made: the payment came through another key of the gateway than the present one."
    " Give it back in the former account's own pages and record it with Refund on the invoice, or put the former key"
    " back and ask again."
)
MAY_BE_MADE = (
    "The refund of {amount}{of} was asked for with another key of the gateway than the present one, which does not know"
    " the payment, and was not answered: it may have gone back. Look in the former account's own pages; only where it"
    " has not, give it back there. Then record it with Refund on the invoice, or put the former key back."
)
JUST_ASKING = "The gateway is just being asked for it. Look again in a few minutes."


@dataclass(frozen=True, slots=True)
class WantedRefund:
    """`must_look_first`: it has waited, so the money may be gone by now: by an earlier try whose key the gateway has
    forgotten, or by a person in the gateway's own pages. `in_doubt`: earlier refunds of the payment that could not be
    asked about for a while; `heard_of`: what had been told of the payment when this one was wanted."""

    spec: RefundSpec
    wanted_at: datetime
    must_look_first: bool
    in_doubt: frozenset[str] = frozenset()
    heard_of: frozenset[str] = frozenset()


class GivenBackThere(Exception):
    """Money of the same payment was given back in the gateway's own pages since the refund was wanted here."""

    def __init__(self, refunds: list[RefundFact]) -> None:
        super().__init__("given back at the gateway")
        self.refunds = refunds


def request_of(db: Session, job: Job) -> PaymentRequest:
    """The request the payment came through: its account gives the money back."""
    payment = db.get_one(Payment, db.get_one(Refund, job.payload["refund_id"]).payment_id)
    return db.get_one(PaymentRequest, payment.request_id)


def wanted(db: Session, desk: Desk, job: Job, instance: str) -> WantedRefund | None:
    """The same for every try of the same refund; None for one that the gateway has told of already."""
    row, payment = find_locked(db, job.payload["refund_id"])
    if row.state != RefundState.WANTED:
        return None
    spec = RefundSpec(
        refund_uuid=row.refund_uuid,
        idempotency_key=f"trova/{instance}/{row.refund_uuid}/refund",
        provider_payment_id=payment.provider_payment_id,
        amount_minor=row.amount_minor,
        currency=row.currency,
        reason=cast(RefundReason, row.reason),
        instance=instance,
        practice=str(row.practice_id),
        request_uuid=request_of(db, job).request_uuid,
    )
    earlier = db.exec(select(Refund).where(Refund.payment_id == payment.id, Refund.id != row.id)).all()
    in_doubt = frozenset(one.refund_uuid for one in earlier if one.unknown_to)
    heard_of = frozenset(one.provider_refund_id for one in earlier if one.changed_at <= row.created_at)
    must_look_first = bool(in_doubt) or desk.now() - row.created_at > SURELY_WANTED
    return WantedRefund(spec, row.created_at, must_look_first, in_doubt, heard_of)


def already_made(wanted: WantedRefund, facts: list[Fact]) -> RefundFact | None:
    """This refund among what the gateway knows of the payment. Raises `GivenBackThere` where it is not there, but one
    that may well be meant to be the same: younger, and nobody wanted it here; or, after one that could not be asked
    about, any that nobody had heard of."""
    refunds = [fact for fact in facts if isinstance(fact, RefundFact)]
    for fact in refunds:
        if fact.refund_uuid == wanted.spec.refund_uuid:
            return fact
    if elsewhere := [fact for fact in refunds if _is_from_elsewhere(wanted, fact)]:
        raise GivenBackThere(elsewhere)
    return None


def _is_from_elsewhere(wanted: WantedRefund, fact: RefundFact) -> bool:
    """Every refund of ours carries our name. Gateways tell whole seconds; one that tells no time may be younger."""
    if fact.state == "failed" or fact.provider_refund_id in wanted.heard_of:
        return False
    is_younger = fact.when is None or fact.when >= wanted.wanted_at.replace(microsecond=0)
    return fact.refund_uuid in ("", *wanted.in_doubt) and (is_younger or bool(wanted.in_doubt))


def answered(db: Session, desk: Desk, fact: RefundFact) -> str:
    """Takes the answer in. Why it cannot be taken, "" where it was."""
    outcome: Outcome = ingest(db, desk, fact)
    return outcome.why if outcome.result in (Result.QUARANTINED, Result.EARLY) else ""


def held_back(db: Session, desk: Desk, job: Job, found: GivenBackThere) -> None:
    """Whether it is still to be given back is a person's question. What was found counts at once, so that nobody
    decides over money that is gone."""
    for fact in found.refunds:
        ingest(db, desk, fact)
    troubled(db, desk, job, GIVEN_BACK_THERE, is_permanent=True, question=HELD_BACK)


def ask_whether_to_go_on(db: Session, desk: Desk, row: Refund) -> None:
    """Nobody has answered for as long as we try. It goes on by itself; a person may end it."""
    style = style_for(db, desk, row.practice_id).in_currency(row.currency)
    invoice = db.get(Invoice, row.invoice_id) if row.invoice_id else None
    sentence = NO_ANSWER.format(
        amount=style.amount(row.amount_minor), of=f" on {invoice.number_text}" if invoice else "",
        day=short(style.day(row.created_at)),
    )  # fmt: skip
    ask_a_person(
        db, desk, practice_id=row.practice_id, kind=WAITS, about=row.refund_uuid, sentence=sentence,
        invoice_id=row.invoice_id, payment_id=row.payment_id,
    )  # fmt: skip


def ended_by_hand(db: Session, desk: Desk, refund_uuid: str, why: str) -> None:
    """A person ends a refund the gateway does not answer for; the money may be given back another way. What the gateway
    says of it later still counts. Raises `Refusal` while it is just being asked."""
    row, payment = find_locked(db, db.exec(select(Refund.id).where(Refund.refund_uuid == refund_uuid)).one() or 0)
    if row.state != RefundState.WANTED:
        return
    if outbox.is_in_hand(db, desk, refund_key(row)):
        raise Refusal(JUST_ASKING)
    outbox.withdraw(db, desk, refund_key(row))
    row.state, row.last_error, row.changed_at = RefundState.FAILED, f"Not asked for any more: {why}", desk.now()
    after_change(db, desk, payment)


def unknown(db: Session, desk: Desk, job: Job, sentence: str, *, key_mark: str) -> None:
    """The gateway does not know the payment under this key: it was another account's. An earlier try may have made it
    there."""
    row, _ = find_locked(db, job.payload["refund_id"])
    was_tried = job.attempts > 1 or row.last_error != ""
    if row.state == RefundState.WANTED:
        row.unknown_to = key_mark
    question = MAY_BE_MADE if was_tried else MADE_ELSEWHERE
    troubled(db, desk, job, sentence, is_permanent=True, question=question)


def troubled(db: Session, desk: Desk, job: Job, sentence: str, *, is_permanent: bool, question: str = NOT_DONE) -> None:
    """Written to the row. For good: the money stays here, what was held for it may be given back another way, and a
    person is told."""
    row, payment = find_locked(db, job.payload["refund_id"])
    if row.state != RefundState.WANTED:
        return
    row.last_error, row.changed_at = sentence, desk.now()
    if is_permanent:
        row.state = RefundState.FAILED
        db.flush()
        amount = style_for(db, desk, row.practice_id).in_currency(row.currency).amount(row.amount_minor)
        tell_of_failure(db, desk, row, amount, question)
        settled_itself(db, desk, kind=WAITS, about=row.refund_uuid)
        after_change(db, desk, payment)
    desk.tell(row.practice_id)
