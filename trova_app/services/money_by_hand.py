"""Money that a person took in hand, as a row beside the payments by link."""

import uuid
from datetime import date
from typing import cast

from sqlmodel import Session, select

from trova_app.domain.invoices import METHOD_WORDS, PaymentMethod
from trova_app.domain.refusals import Refusal
from trova_app.models import Invoice, Payment, Practice
from trova_app.services import timeline
from trova_app.services.payment_requests import bring_in_line, due_minor, locked_invoice
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for
from trova_app.services.review_items import ask_a_person

BY_HAND = tuple(method for method in PaymentMethod if method is not PaymentMethod.ONLINE)


def record_manual(
    db: Session,
    desk: Desk,
    *,
    invoice: Invoice,
    amount_minor: object,
    method: object,
    received_on: object,
    reference: object = "",
    member_id: int | None,
) -> Payment:
    """A payment taken by a person. Never more than is due: of two people at once the second is told so. Only where the
    client paid by the link in the same moment is the money in hand kept as well, as a credit for a person to decide
    about. A link over more than is then due is closed. `received_on`: a date not in the future. Raises `Refusal`
    beside the field at fault."""
    invoice_id = cast(int, invoice.id)
    locked_invoice(db, invoice_id)
    practice = db.get_one(Practice, invoice.practice_id)
    due = due_minor(db, invoice)
    is_credit = due <= 0 and was_paid_by_link(db, invoice_id)
    payment = Payment(
        practice_id=invoice.practice_id,
        invoice_id=invoice.id,
        provider="manual",
        provider_payment_id=f"manual_{uuid.uuid4().hex}",
        amount_minor=_amount_within(db, desk, invoice, amount_minor, invoice.total_minor if is_credit else due),
        currency=invoice.currency,
        method=_method_by_hand(method),
        received_on=_past_day(received_on, desk.today(practice.time_zone)),
        reference=_short_reference(reference),
        is_credit=is_credit,
        recorded_by=member_id,
        created_at=desk.now(),
    )
    db.add(payment)
    db.flush()
    if is_credit:
        _ask_about_money_in_hand(db, desk, invoice, payment)
    bring_in_line(db, desk, invoice)
    desk.tell(invoice.practice_id)
    return payment


def was_paid_by_link(db: Session, invoice_id: int) -> bool:
    """Whether it was the link, and nothing taken by hand, that paid the invoice."""
    query = select(Payment.provider).where(Payment.invoice_id == invoice_id, Payment.state == "succeeded")
    providers = set(db.exec(query))
    return bool(providers) and "manual" not in providers


def _ask_about_money_in_hand(db: Session, desk: Desk, invoice: Invoice, payment: Payment) -> None:
    amount = style_for(db, desk, invoice.practice_id).in_currency(invoice.currency).amount(payment.amount_minor)
    why = f"although {invoice.number_text} had just been paid online"
    sentence = f"{amount} was taken by hand {why}. It is kept as a credit."
    timeline.note(db, desk, practice_id=invoice.practice_id, who="Trova", what=sentence, invoice_id=invoice.id)
    ask_a_person(
        db, desk, practice_id=invoice.practice_id, kind="credit", about=str(payment.id), sentence=sentence,
        invoice_id=invoice.id, payment_id=payment.id,
    )  # fmt: skip


def _amount_within(db: Session, desk: Desk, invoice: Invoice, given: object, most: int) -> int:
    if type(given) is not int or given <= 0:
        raise Refusal("Enter the amount that was received.", "amount")
    if given > most:
        left = style_for(db, desk, invoice.practice_id).in_currency(invoice.currency).amount(max(most, 0))
        raise Refusal(f"Only {left} is still due. Enter that or less.", "amount")
    return given


def _method_by_hand(given: object) -> PaymentMethod:
    if given not in BY_HAND:
        words = ", ".join(METHOD_WORDS[method] for method in BY_HAND)
        raise Refusal(f"Choose how it was paid: {words}.", "method")
    return PaymentMethod(cast(str, given))


def _past_day(given: object, today: date) -> date:
    if type(given) is not date or given > today:
        raise Refusal("Enter the day the money was received, today at the latest.", "received_on")
    return given


def _short_reference(given: object) -> str:
    if not isinstance(given, str) or len(given) > 100 or not given.isprintable():
        raise Refusal("Write the reference in up to 100 characters on one line.", "reference")
    return given.strip()
