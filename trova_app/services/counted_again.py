"""Money that had gone and counts as received again: an entry that was taken back, a dispute that was won after all."""

from typing import cast

from sqlmodel import Session, col

from trova_app.domain.invoices import DocumentStatus
from trova_app.models import Invoice, Payment, ReviewItem
from trova_app.services.balances import left_of
from trova_app.services.payment_requests import due_minor
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for
from trova_app.services.review_items import ask_anew, open_again

CREDIT = "{what}. It is kept as a credit, as {number} {why}."
SURPLUS = "{what}, so {surplus} more than was due has come for {number}."


def ask_where_it_belongs(
    db: Session, desk: Desk, payment: Payment, amount_minor: int, was_due: int, *, what: str
) -> None:
    """Money beyond what is due is a question for a person, as it is when it arrives: a credit where it settles nothing,
    else a surplus. `amount_minor`: what counts again by now; `was_due`: while it did not; `what`: the question's first
    words, which say how it came about. The invoice and the payment are locked."""
    if payment.invoice_id is None:
        return
    invoice = db.get_one(Invoice, payment.invoice_id)
    is_issued = invoice.status == DocumentStatus.ISSUED
    surplus = max(0, -due_minor(db, invoice)) - max(0, -was_due)  # another refund may count in its place by now
    settles_nothing = was_due <= 0 and left_of(db, cast(int, payment.id)) == amount_minor
    if payment.is_credit or not is_issued or settles_nothing:
        payment.is_credit = True
        db.flush()
        about_it = col(ReviewItem.payment_id) == payment.id, col(ReviewItem.kind).in_(("credit", "wrong_amount"))
        if open_again(db, desk, payment.practice_id, *about_it):
            return
        why = "was paid since" if is_issued else "is void"
        kind, sentence = "credit", CREDIT.format(what=what, number=invoice.number_text, why=why)
    elif surplus > 0:
        more = style_for(db, desk, payment.practice_id).in_currency(payment.currency).amount(surplus)
        kind, sentence = "overpaid", SURPLUS.format(what=what, surplus=more, number=invoice.number_text)
    else:
        return
    ask_anew(
        db, desk, practice_id=payment.practice_id, kind=kind, about=str(payment.id), sentence=sentence,
        invoice_id=invoice.id, payment_id=payment.id,
    )  # fmt: skip
