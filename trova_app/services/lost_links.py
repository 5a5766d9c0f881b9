"""Links the gateway does not know under the present key: the installation's key was replaced by another account's, or
taken away, while links made with it were open. They can be neither closed nor looked at, yet somebody may pay through
them. So nobody is sent there, a person is asked, and with the former key back all goes on by itself. A link that a
person says is switched off is believed, as nobody here can look; each key that comes is asked for it once, closes it
and tells what was paid. One whose name was never heard, or that was of no use when it was made, needs no person's word:
its address is in nobody's hands, so nobody can pay through it, and it is closed and asked for in the same way."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from trova_app.models import Invoice, OutboxRow, PaymentRequest, RequestState, ReviewItem
from trova_app.services import outbox
from trova_app.services.gateway_accounts import PROVIDERS
from trova_app.services.payment_requests import Reason, close_key, locked_request, note_closed, renew
from trova_app.services.ports import Desk
from trova_app.services.review_items import ask_again, settled_itself

KIND = "link_lost"
UNSEEN = (Reason.SWITCHED_OFF, Reason.NEVER_GIVEN)
STATES = (RequestState.ACTIVE, RequestState.CLOSING, RequestState.PAID)
QUESTION = (
    "The payment link of {number} was made with another key of {gateway} than the present one. Trova can neither close"
    " it nor see whether somebody pays through it, and sends nobody there. With the former key back it goes on by"
    " itself. Else switch the link off in the former account's own pages, then mark this as done."
)
ON_INVOICE = (
    "This link was made with another key of {gateway} than the present one, so it can be neither closed nor looked at."
    " Until that is settled somebody may still pay through it. What can be done stands in Billing, To decide."
)


def lost(db: Session, desk: Desk, request_uuid: str) -> bool:
    """The gateway does not know this link any more, or there is none to ask. False for one nobody can lose money by."""
    request, invoice = _locked(db, request_uuid)
    if request.state not in STATES or request.provider == "simulated":
        return False
    gateway = PROVIDERS.get(request.provider, request.provider)
    request.last_error, request.changed_at = ON_INVOICE.format(gateway=gateway), desk.now()
    ask_again(
        db, desk, practice_id=request.practice_id, kind=KIND, about=request_uuid, invoice_id=invoice.id,
        sentence=QUESTION.format(number=invoice.number_text, gateway=gateway),
    )  # fmt: skip
    return True


def found(db: Session, desk: Desk, request_uuid: str) -> None:
    """The gateway knows it (again)."""
    if not is_lost(db, request_uuid):
        return
    request, _ = _locked(db, request_uuid)
    request.last_error, request.changed_at = "", desk.now()
    settled_itself(db, desk, kind=KIND, about=request_uuid)
    desk.tell(request.practice_id)


def given_up(db: Session, desk: Desk, request_uuid: str) -> None:
    """A person says that they switched it off where it was made. What is still due gets a link through the present
    key."""
    request, invoice = _locked(db, request_uuid)
    untold = outbox.withdraw(db, desk, close_key(request))
    request.last_error, request.changed_at = "", desk.now()
    if request.state in (RequestState.ACTIVE, RequestState.CLOSING):
        _closed_unseen(db, desk, request, invoice, Reason.SWITCHED_OFF, untold.payload if untold else {})


def never_given(db: Session, desk: Desk, request_uuid: str, payload: dict[str, Any]) -> bool:
    """A link to close that the gateway may have made under another key, and whose address was never stored: nobody has
    it. A question would only hold up the next link, so there is none, but its row stays to find the link by. False for
    a link that was given out. `payload`: the closing job's, or the opening one's where it was to be asked for anew."""
    request, invoice = _locked(db, request_uuid)
    if request.url or request.state != RequestState.CLOSING:
        return False
    lost(db, desk, request_uuid)
    settled_itself(db, desk, kind=KIND, about=request_uuid)
    request.last_error, request.changed_at = "", desk.now()
    _closed_unseen(db, desk, request, invoice, Reason.NEVER_GIVEN, payload)
    desk.tell(request.practice_id)
    return True


def _closed_unseen(
    db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, reason: Reason, payload: dict[str, Any]
) -> None:
    request.state, request.closed_reason = RequestState.CLOSED, reason
    db.flush()
    note_closed(db, desk, invoice, request)
    renew(db, desk, invoice, payload.get("then", {}))


def is_given_up(request: PaymentRequest) -> bool:
    """Closed though no gateway said so: on a person's word, or as nobody has its address."""
    return request.state == RequestState.CLOSED and request.closed_reason in UNSEEN


def is_left_open(request: PaymentRequest) -> bool:
    """The gateway made its link, but did not let us see that it is what was asked for: nobody was given its address."""
    return request.state == RequestState.FAILED and bool(request.provider_ref)


def to_make_sure_of(db: Session, provider: str, practice_id: int | None, key_mark: str) -> list[PaymentRequest]:
    """Those given up or left open, of one practice or of all, that this key has not answered for yet."""
    query = select(ReviewItem.key).where(ReviewItem.kind == KIND, ReviewItem.state == "resolved")
    answered = db.exec(query if practice_id is None else query.where(ReviewItem.practice_id == practice_id))
    uuids = [key.partition("/")[2] for key in answered]
    tried = select(OutboxRow.id).where(
        col(OutboxRow.key) == sa.literal("close/") + col(PaymentRequest.request_uuid) + sa.literal(f"/{key_mark}"),
        col(OutboxRow.done_at).is_not(None),
    )
    given_up = sa.and_(
        col(PaymentRequest.request_uuid).in_(uuids),
        col(PaymentRequest.state) == RequestState.CLOSED,
        col(PaymentRequest.closed_reason).in_(UNSEEN),
    )
    left_open = sa.and_(col(PaymentRequest.state) == RequestState.FAILED, col(PaymentRequest.provider_ref).is_not(None))
    wanted = select(PaymentRequest).where(
        PaymentRequest.provider == provider, sa.or_(given_up, left_open), ~tried.exists()
    )
    if practice_id is not None:
        wanted = wanted.where(PaymentRequest.practice_id == practice_id)
    return list(db.exec(wanted.order_by(col(PaymentRequest.id))))


def is_lost(db: Session, request_uuid: str) -> bool:
    known = select(ReviewItem.id).where(ReviewItem.key == f"{KIND}/{request_uuid}", ReviewItem.state == "open")
    return db.exec(known).first() is not None


def lost_ones(db: Session, provider: str, practice_id: int | None) -> list[PaymentRequest]:
    """Of one practice, or of all. Found by their questions: they are few, and requests are many."""
    query = select(ReviewItem.key).where(ReviewItem.kind == KIND, ReviewItem.state == "open")
    asked = db.exec(query if practice_id is None else query.where(ReviewItem.practice_id == practice_id))
    uuids = [key.partition("/")[2] for key in asked]
    named = select(PaymentRequest).where(col(PaymentRequest.request_uuid).in_(uuids))
    return list(db.exec(named.where(PaymentRequest.provider == provider))) if uuids else []


def how_many(db: Session, practice_id: int | None = None) -> int:
    """Of one practice, or of all."""
    query = select(func.count()).where(ReviewItem.kind == KIND, ReviewItem.state == "open")
    return db.exec(query if practice_id is None else query.where(ReviewItem.practice_id == practice_id)).one()


def _locked(db: Session, request_uuid: str) -> tuple[PaymentRequest, Invoice]:
    known = select(PaymentRequest.id).where(PaymentRequest.request_uuid == request_uuid)
    return locked_request(db, db.exec(known).one() or 0)
