"""The first safe keeping of a gateway's event: the row is there before the gateway is told so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from trova_app.domain.gateways import Fact, GatewayEvent, PaymentFact
from trova_app.domain.money import CURRENCIES
from trova_app.models import Payment, PaymentRequest, Practice, ProviderEvent
from trova_app.services import outbox, payments
from trova_app.services.gateway_accounts import account_of_request
from trova_app.services.kept_events import named_in, payment_named
from trova_app.services.payment_requests import LIVE_STATES, enqueue_about
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for
from trova_app.services.review_items import ask_a_person

NOT_ASKED_HERE = (
    "{amount} came online for a payment request that is not here. It may have been asked for after the copy of the data"
    " was made that is in use again. Look it up in the gateway's own pages: record it as a payment by hand, or give it"
    " back there. Then mark this as done."
)


def receive(
    db: Session,
    desk: Desk,
    *,
    provider: str,
    instance: str,
    event: GatewayEvent,
    facts: Sequence[Fact],
    through: int | None = None,
    points_at: str = "",
) -> bool:
    """Keeps a verified event once and leaves it to the worker. False for one we have already, and for what is not ours:
    other software may use the same account, and its business leaves no row here. `through`: the practice whose own
    account told it, None for the installation's; `points_at`: the payment it only points at.

    Practices may share an account, and each hears of all its money. What is about a request that went through another
    connection than the one it came by is left to that one, which is asked at once: so nobody can speak of others'
    money, and nobody hears of it. Only between two accounts of one practice's that cannot be the same is it kept as
    quarantined, as is what names our installation but no request of ours; what names only a payment that is not known
    yet waits for it."""
    whose = _whose(db, desk, _Told(provider, instance, event, through), facts, points_at)
    if whose is None:
        return False
    event_row_id = _kept(db, desk, provider, event, whose, through)
    if event_row_id is None:
        return False
    if whose.state == "received" and whose.practice_id is not None:
        outbox.enqueue(
            db,
            desk,
            practice_id=whose.practice_id,
            invoice_id=whose.invoice_id,
            kind="ingest_event",
            key=f"event/{event_row_id}",
            payload={"event_id": event_row_id},
        )
    elif whose.kind and whose.practice_id is not None:
        ask_a_person(
            db,
            desk,
            practice_id=whose.practice_id,
            kind=whose.kind,
            about=_about(provider, event, whose, facts),
            sentence=_sentence(db, desk, whose, facts),
            invoice_id=whose.invoice_id,
            event_id=event_row_id,
        )
    return True


@dataclass(frozen=True, slots=True)
class _Told:
    """An event, and the connection it came by."""

    provider: str
    instance: str
    event: GatewayEvent
    through: int | None


@dataclass(frozen=True, slots=True)
class _Whose:
    state: str
    practice_id: int | None = None
    invoice_id: int | None = None
    kind: str = ""
    why: str = ""


def _whose(db: Session, desk: Desk, told: _Told, facts: Sequence[Fact], points_at: str) -> _Whose | None:
    """None for what is nobody's here."""
    ours = next((fact for fact in facts if fact.request_uuid and fact.instance == told.instance), None)
    if ours is not None:
        return _of_request(db, desk, told, ours.request_uuid, facts)
    payment = points_at or next((payment_named(fact) for fact in facts if not fact.instance), "")
    if not payment:
        return None
    query = select(Payment).where(Payment.provider == told.provider, Payment.provider_payment_id == payment)
    known = db.exec(query).first()
    if known is None:
        return _Whose("received")
    request = db.get(PaymentRequest, known.request_id) if known.request_id else None
    return _of_request(db, desk, told, request.request_uuid) if request else None


def _of_request(db: Session, desk: Desk, told: _Told, request_uuid: str, facts: Sequence[Fact] = ()) -> _Whose | None:
    request = db.exec(select(PaymentRequest).where(PaymentRequest.request_uuid == request_uuid)).first()
    if request is None:
        return _of_no_request(db, told, facts)
    account = account_of_request(db, request)
    if (account.practice_id if account else None) == told.through:
        return _Whose("received", request.practice_id, request.invoice_id)
    if told.through not in (None, request.practice_id) or _may_be_one_account(request, told):
        _have_it_looked_at(db, desk, request, told)
        return None
    why = payments.WRONG["wrong_account"]
    return _Whose("quarantined", request.practice_id, request.invoice_id, "wrong_account", why)


def _of_no_request(db: Session, told: _Told, facts: Sequence[Fact]) -> _Whose | None:
    """A question for the practice it names: where its own account told it, or the installation's told of money; none
    about a payment that has not arrived. It was asked for after the copy of the database was made that is in use
    again."""
    named = named_in(told.event.body).get("trova_practice", "")
    if told.through is not None and named not in ("", str(told.through)):
        return None
    known = told.through
    if known is None and _money_in(facts) is not None:
        known = db.exec(select(Practice.id).where(Practice.id == _number(named))).first()
    is_asked = known is not None and all(one.state == "succeeded" for one in facts if isinstance(one, PaymentFact))
    return _Whose("quarantined", known, None, "unknown_request" if is_asked else "", payments.NO_REQUEST)


def _number(named: str) -> int:
    """0, which is nobody's, for what is no number of a practice."""
    return int(named) if named.isascii() and named.isdecimal() and len(named) < 10 else 0


def _may_be_one_account(request: PaymentRequest, told: _Told) -> bool:
    """Not every key tells whose account it is: then "" stands for its name."""
    names = {name for name in (request.account_ref, told.event.account_ref) if name}
    return request.provider == told.provider and len(names) < 2


def _have_it_looked_at(db: Session, desk: Desk, request: PaymentRequest, told: _Told) -> None:
    """Through the connection it was asked for by; not once it is over, and whoever tells of it how often: one look at
    a time, at most one a minute."""
    if request.provider == told.provider and request.state in LIVE_STATES:
        minute = desk.now().strftime("%Y-%m-%dT%H:%M")
        enqueue_about(db, desk, request, "check_link", f"check/{request.request_uuid}/told elsewhere/{minute}")


def _about(provider: str, event: GatewayEvent, whose: _Whose, facts: Sequence[Fact]) -> str:
    """The same money is asked about once, however many events tell of it."""
    came = _money_in(facts) if whose.kind == "unknown_request" else None
    return f"{provider}/{event.event_id if came is None else f'{came.provider_payment_id}/{whose.practice_id}'}"


def _sentence(db: Session, desk: Desk, whose: _Whose, facts: Sequence[Fact]) -> str:
    came = _money_in(facts)
    if whose.kind != "unknown_request" or came is None or whose.practice_id is None or came.currency not in CURRENCIES:
        return f"A gateway's notice was not taken in. {whose.why}"
    amount = style_for(db, desk, whose.practice_id).in_currency(came.currency).amount(came.amount_minor)
    return NOT_ASKED_HERE.format(amount=amount)


def _money_in(facts: Sequence[Fact]) -> PaymentFact | None:
    return next((one for one in facts if isinstance(one, PaymentFact) and one.state == "succeeded"), None)


def _kept(
    db: Session, desk: Desk, provider: str, event: GatewayEvent, whose: _Whose, through: int | None
) -> int | None:
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = ProviderEvent(
        practice_id=whose.practice_id,
        through=through,
        provider=provider,
        account_ref=event.account_ref if through is None else f"practice {through}",
        event_id=event.event_id,
        type=event.type,
        is_live=event.is_live,
        body=event.body,
        state=whose.state,
        error=whose.why,
        received_at=desk.now(),
    )
    kept = db.exec(
        insert(ProviderEvent)
        .values(row.model_dump(exclude={"id"}))
        .on_conflict_do_nothing(index_elements=["provider", "account_ref", "event_id"])
        .returning(col(ProviderEvent.id))
    ).first()
    return None if kept is None else cast(int, kept[0])
