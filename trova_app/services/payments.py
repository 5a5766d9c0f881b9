"""Money received. A payment is a row; what an invoice has been paid is always the sum of its rows, never a mark.

Gateways bring facts (`ingest`), people record what they took in hand (`money_by_hand`). The order and number of times a
fact arrives make no difference: its row goes from pending over failed to succeeded and never back.
"""

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from trova_app.domain.gateways import DisputeFact, Fact, PaymentFact, RefundFact, RequestFact
from trova_app.domain.invoices import PaymentMethod
from trova_app.domain.money import CURRENCIES
from trova_app.models import Invoice, Mode, Payment, PaymentRequest, Practice, RequestState
from trova_app.services import disputes, early_events, refund_facts
from trova_app.services.balances import paid_of as paid_minor
from trova_app.services.money_by_hand import record_manual, was_paid_by_link
from trova_app.services.outcomes import Outcome, Result
from trova_app.services.payment_requests import OFF, due_minor, locked_request, open_request
from trova_app.services.ports import Desk
from trova_app.services.review_items import ask_a_person, ask_anew, settled_itself
from trova_app.services.settlement import follow, note, style_of

__all__ = ["ingest", "open_request", "paid_minor", "record_manual", "was_paid_by_link"]

RANK = {"pending": 0, "failed": 1, "succeeded": 2}
NO_REQUEST = "There is no payment request of that name here."
WRONG = {
    "wrong_account": "It comes from another account than the one the payment was requested through.",
    "wrong_mode": "A test payment cannot settle a real invoice, nor a real one a test invoice.",
    "wrong_amount": "Its amount is not the amount that was requested.",
}


def ingest(db: Session, desk: Desk, fact: Fact, event_id: int | None = None) -> Outcome:
    """Takes one fact of any kind into the books; the same fact again changes nothing. Refunds and disputes have modules
    of their own, with the same rules."""
    if isinstance(fact, RefundFact):
        return refund_facts.ingest(db, desk, fact)
    if isinstance(fact, DisputeFact):
        return disputes.ingest(db, desk, fact)
    known = db.exec(select(PaymentRequest.id).where(PaymentRequest.request_uuid == fact.request_uuid)).first()
    if known is None:
        return Outcome(Result.QUARANTINED, NO_REQUEST)
    request, invoice = locked_request(db, known)
    if isinstance(fact, RequestFact):
        return _link_told(db, desk, request, invoice, fact)
    return _payment(db, desk, request, invoice, fact, event_id)


def _payment(
    db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, fact: PaymentFact, event_id: int | None
) -> Outcome:
    """Invoice and request are locked, so facts about one invoice come one after the other."""
    if kind := _mismatch(request, invoice, fact) or _taken_name(db, request, fact):
        return _set_aside(db, desk, request, invoice, fact, kind, event_id)
    if fact.state == "declined":
        return _declined(db, desk, request, invoice, fact)
    was_due = due_minor(db, invoice)
    payment = _raised(db, desk, request, fact)
    if payment is None:
        return Outcome(Result.UNCHANGED)
    follow(db, desk, request, invoice, payment, was_due)
    early_events.release(db, desk, payment)
    desk.tell(invoice.practice_id)
    desk.point("ingest: taken in")
    return Outcome(Result.APPLIED)


def _mismatch(request: PaymentRequest, invoice: Invoice, fact: PaymentFact) -> str:
    """Compared with what was asked for, not with today's invoice. The kind of the question it leaves, "" for none."""
    if (fact.provider, fact.account_ref) != (request.provider, request.account_ref):
        return "wrong_account"
    if fact.is_live != (invoice.mode == Mode.LIVE):
        return "wrong_mode"
    if (fact.amount_minor, fact.currency) != (request.amount_minor, request.currency):
        return "wrong_amount"
    return ""


def _taken_name(db: Session, request: PaymentRequest, fact: PaymentFact) -> str:
    """A payment of another request keeps its name: who signs events of one account says nothing about others'."""
    known = (Payment.provider == fact.provider, Payment.provider_payment_id == fact.provider_payment_id)
    owner = db.exec(select(Payment.request_id).where(*known)).first()
    return "wrong_account" if owner is not None and owner != request.id else ""


def _set_aside(
    db: Session,
    desk: Desk,
    request: PaymentRequest,
    invoice: Invoice,
    fact: PaymentFact,
    kind: str,
    event_id: int | None,
) -> Outcome:
    """Never counts by itself: a person is asked once it is there, not about a card that was declined or money that may
    still fail: both can come again under the same name. Money in the invoice's own currency is kept, as a credit."""
    if fact.state != "succeeded":
        return Outcome(Result.QUARANTINED, WRONG[kind])
    payment_id = None
    if kind == "wrong_amount" and fact.amount_minor and fact.currency == invoice.currency:
        payment = _raised(db, desk, request, fact)
        if payment is not None:
            payment.is_credit = True
            payment_id = payment.id
    sentence = f"A payment for {invoice.number_text} was not counted. {WRONG[kind]}"
    if payment_id is not None:
        sentence = _not_as_asked(db, desk, request, invoice, fact)
    elif kind == "wrong_amount" and fact.currency != invoice.currency:
        sentence = _other_money(db, desk, request, invoice, fact)
    is_new = ask_a_person(
        db,
        desk,
        practice_id=request.practice_id,
        kind=kind,
        about=f"{fact.provider}/{fact.provider_payment_id}",
        sentence=sentence,
        invoice_id=invoice.id,
        payment_id=payment_id,
        event_id=event_id,
    )
    if is_new:
        note(db, desk, invoice, sentence)
    return Outcome(Result.QUARANTINED, WRONG[kind])


def _not_as_asked(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, fact: PaymentFact) -> str:
    style = style_of(db, desk, invoice)
    came, asked = style.amount(fact.amount_minor), style.amount(request.amount_minor)
    return f"{came} was paid online for {invoice.number_text}, where {asked} was asked for. It is kept as a credit."


def _other_money(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, fact: PaymentFact) -> str:
    """Money of another currency never stands in the invoice's books, so it is dealt with where it lies."""
    style = style_of(db, desk, invoice)
    came = style.in_currency(fact.currency).amount(fact.amount_minor) if fact.currency in CURRENCIES else fact.currency
    asked = style.amount(request.amount_minor)
    return (
        f"{came} came online for {invoice.number_text}, where {asked} was asked for. Money of another currency is"
        " neither counted nor given back from here: give it back in the gateway's own pages, or record what it was"
        " worth with a payment by hand. Then mark this as done."
    )


def _link_told(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, fact: RequestFact) -> Outcome:
    """A link we hold open and the gateway has switched off, though nobody paid: somebody did that there. Switched on
    again the question has settled itself."""
    is_news = (fact.state == "inactive") != (request.last_error == OFF)
    if not is_news or request.state != RequestState.ACTIVE or fact.is_live != (invoice.mode == Mode.LIVE):
        return Outcome(Result.UNCHANGED)
    if fact.state == "active":
        request.last_error = ""
        settled_itself(db, desk, kind="link_changed", about=request.request_uuid)
        desk.tell(invoice.practice_id)
        return Outcome(Result.APPLIED)
    about = select(Payment.id).where(Payment.request_id == request.id, Payment.state != "failed")
    if db.exec(about).first() is not None:
        return Outcome(Result.UNCHANGED)
    sentence = (
        f"The payment link of {invoice.number_text} was switched off at the gateway, so nobody can pay through it. "
        "Switch it on again there, or correct the invoice here to send a new link."
    )
    request.last_error = OFF
    ask_anew(
        db, desk, practice_id=invoice.practice_id, kind="link_changed", about=request.request_uuid, sentence=sentence,
        invoice_id=invoice.id, payment_id=None,
    )  # fmt: skip
    desk.tell(invoice.practice_id)
    return Outcome(Result.APPLIED)


def _declined(db: Session, desk: Desk, request: PaymentRequest, invoice: Invoice, fact: PaymentFact) -> Outcome:
    """A note and nothing else; not once it was paid, and once for each payment attempted at the gateway."""
    if request.state == RequestState.PAID:
        return Outcome(Result.UNCHANGED)
    note(db, desk, invoice, "A card payment was declined. The link stays open.")
    desk.tell(invoice.practice_id)
    return Outcome(Result.APPLIED)


def _raised(db: Session, desk: Desk, request: PaymentRequest, fact: PaymentFact) -> Payment | None:
    """The fact's payment row, made or moved up to the fact's state; None where it stands there or higher already."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = _row_of(db, desk, request, fact)
    made = db.exec(
        insert(Payment)
        .values(row.model_dump(exclude={"id"}))
        .on_conflict_do_nothing(index_elements=["provider", "provider_payment_id"])
        .returning(col(Payment.id))
    ).first()
    known = (Payment.provider == fact.provider, Payment.provider_payment_id == fact.provider_payment_id)
    payment = db.exec(select(Payment).where(*known).with_for_update()).one()
    if made is None and RANK[fact.state] <= RANK[payment.state]:
        return None
    payment.state, payment.received_on = fact.state, row.received_on
    db.flush()
    return payment


def _row_of(db: Session, desk: Desk, request: PaymentRequest, fact: PaymentFact) -> Payment:
    practice = db.get_one(Practice, request.practice_id)
    return Payment(
        practice_id=request.practice_id,
        invoice_id=request.invoice_id,
        request_id=request.id,
        provider=fact.provider,
        provider_payment_id=fact.provider_payment_id,
        amount_minor=fact.amount_minor,
        currency=fact.currency,
        method=PaymentMethod.ONLINE,
        state=fact.state,
        received_on=desk.today(practice.time_zone),
        created_at=fact.when or desk.now(),
    )
