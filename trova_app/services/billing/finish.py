"""Finishing a session: the appointment Completed and its document in Billing, in one transaction, or nothing at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.invoices import PaymentMethod, PaymentType
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.models import CompletionDraft, Invoice, Member
from trova_app.services import mailing, payments, timeline
from trova_app.services.billing.addresses import must_be_address
from trova_app.services.billing.draft import Checked, checked, must_be_seen, rate_faults, write_draft
from trova_app.services.billing.issue import issue
from trova_app.services.billing.keep import keep_in_profile
from trova_app.services.documents import give_out
from trova_app.services.forms import taken_from_page
from trova_app.services.gateway_accounts import gateway_for
from trova_app.services.kept_texts import keep_unanswered
from trova_app.services.ports import Desk
from trova_app.services.tax_rates import terms_of
from trova_app.services.working_copy import Case, find_case, must_be_completable, save, working_copy


class ClosingAct(StrEnum):
    """The closing buttons."""

    SAVE_DRAFT = "save_draft"
    REQUEST_PAYMENT = "request_payment"
    SEND_INVOICE = "send_invoice"
    SEND_RECEIPT = "send_receipt"
    BILL_INSURER = "bill_insurer"


BUTTONS: dict[PaymentType, tuple[ClosingAct, ...]] = {
    PaymentType.ONLINE: (ClosingAct.SAVE_DRAFT, ClosingAct.REQUEST_PAYMENT),
    PaymentType.OTHER: (ClosingAct.SAVE_DRAFT, ClosingAct.SEND_INVOICE, ClosingAct.SEND_RECEIPT),
    PaymentType.INSURANCE: (ClosingAct.BILL_INSURER,),
}
"""Which closing acts each payment type has; an insurer's invoice never has a payment link."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of it: the document's page and one sentence about what was done."""

    invoice_id: int
    number_text: str
    sentence: str


def finish(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    appointment_id: int,
    version: int,
    act: str,
    submitted: Mapping[str, Any],
    seen: object,
) -> Finished:
    """Finalizes the form as the page shows it. `version`: of the working copy the page was built on; `seen`: the total
    that was on the screen. Raises `FieldFaults`, `ChangedElsewhere` or `Refusal`; then nothing has happened."""
    who.must(Permission.COMPLETE)
    case = find_case(db, who, appointment_id, lock=True)
    must_be_completable(case.appointment, case.invoice, desk.now())
    form = taken_from_page(working_copy(db, desk, case).form, submitted)
    made = checked(form, case.rules, desk.today(case.practice.time_zone))
    faults = rate_faults(made, terms_of(db, case.practice))
    if faults:
        raise FieldFaults(faults)
    chosen = _must_belong(act, made.payment_type)
    if chosen is not ClosingAct.SAVE_DRAFT:
        who.must(Permission.BILL)
    must_be_seen(made, case.rules, seen)
    desk.point("finish: checked")
    save(db, desk, who, appointment_id=appointment_id, version=version, form=form)
    return _ACTS[chosen](db, desk, who, case, made)


def _must_belong(act: object, payment_type: PaymentType) -> ClosingAct:
    if act not in [button.value for button in BUTTONS[payment_type]]:
        raise Refusal("That button does not belong to this payment type. Please choose again.")
    return ClosingAct(str(act))


def _completed(db: Session, desk: Desk, who: Principal, case: Case, made: Checked) -> Invoice:
    """The appointment Completed with its Draft: what every closing act begins with."""
    appointment = case.appointment
    invoice = write_draft(db, desk, case, made, who.member_id)
    if appointment.state == AppointmentState.MISSED:
        what = "Fee for the missed session billed"
        timeline.note(
            db, desk, practice_id=who.practice_id, who=who.name, what=what,
            invoice_id=invoice.id, appointment_id=appointment.id,
        )  # fmt: skip
    elif appointment.state != AppointmentState.COMPLETED:
        appointment.state, appointment.completed_at = AppointmentState.COMPLETED, desk.now()
        appointment.version += 1
        db.add(appointment)
        timeline.note(
            db, desk, practice_id=who.practice_id, who=who.name, what="Session completed",
            invoice_id=invoice.id, appointment_id=appointment.id,
        )  # fmt: skip
    keep_in_profile(db, desk, who, case, made.form)
    desk.tell(who.practice_id)
    desk.point("finish: completed")
    return invoice


def save_draft(db: Session, desk: Desk, who: Principal, case: Case, made: Checked) -> Finished:
    """Save and Review: a Draft in Billing; nothing is sent and no number is used."""
    invoice = _completed(db, desk, who, case, made)
    _note(db, desk, who, invoice, "Draft saved")
    return _finished(invoice, "Saved as a Draft. Nothing was sent.")


def request_payment(db: Session, desk: Desk, who: Principal, case: Case, made: Checked) -> Finished:
    """Issue and ask the client to pay online. The link, then the letter, follow from the outbox."""
    gateway = gateway_for(db, desk, who.practice_id)
    if not gateway.provider:
        raise Refusal(gateway.problem, field="payment_type")
    email = must_be_address(made.form.texts.client_email)
    invoice = _issued(db, desk, who, case, made)
    document = give_out(db, desk, invoice, "invoice", texts=made.form.texts)
    letter = mailing.letter_payload(document, "invoice", email)
    if made.due == 0:
        _letter(db, desk, invoice, letter)
        return _finished(invoice, f"Invoice {invoice.number_text} is paid in full and on its way to {email}.")
    payments.open_request(db, desk, invoice, then=letter)
    desk.point("finish: link wanted")
    return _finished(invoice, f"Invoice {invoice.number_text} is on its way to {email}, with a link to pay.")


def send_invoice(db: Session, desk: Desk, who: Principal, case: Case, made: Checked) -> Finished:
    """Send: issue, and mail the invoice."""
    email = must_be_address(made.form.texts.client_email)
    invoice = _issued(db, desk, who, case, made)
    document = give_out(db, desk, invoice, "invoice", texts=made.form.texts)
    _letter(db, desk, invoice, mailing.letter_payload(document, "invoice", email))
    return _finished(invoice, f"Invoice {invoice.number_text} is on its way to {email}.")


def send_receipt(db: Session, desk: Desk, who: Principal, case: Case, made: Checked) -> Finished:
    """Send Receipt: issue, record the money (all of it, unless an amount was entered) and mail a receipt."""
    email = must_be_address(made.form.texts.client_email)
    invoice = _issued(db, desk, who, case, made)
    if made.due > 0 and not made.parsed.cash:
        _received(db, desk, who, case, invoice, made, made.due)
    give_out(db, desk, invoice, "invoice", texts=made.form.texts)
    receipt = give_out(db, desk, invoice, "receipt")
    _letter(db, desk, invoice, mailing.letter_payload(receipt, "receipt", email))
    return _finished(invoice, f"Receipt {receipt.number_text} is on its way to {email}.")


def bill_insurer(db: Session, desk: Desk, who: Principal, case: Case, made: Checked) -> Finished:
    """Generate invoice: numbered and ready to claim. Nothing is sent and there is never a payment link."""
    invoice = _issued(db, desk, who, case, made)
    document = give_out(db, desk, invoice, "insurer_invoice", texts=made.form.texts)
    mailing.render(db, desk, document)
    return _finished(invoice, f"Invoice {invoice.number_text} is ready to claim.")


def _issued(db: Session, desk: Desk, who: Principal, case: Case, made: Checked) -> Invoice:
    """Completed, numbered, the working copy gone, and what was paid at the desk recorded."""
    invoice = _completed(db, desk, who, case, made)
    issue(db, desk, who, case.practice, invoice)
    kept = db.get(CompletionDraft, case.appointment.id)
    if kept is not None:
        _note_unanswered(db, desk, who, invoice, keep_unanswered(db, desk, kept, made.form))
        db.delete(kept)
    if made.parsed.cash:
        _received(db, desk, who, case, invoice, made, made.parsed.cash)
    desk.point("finish: issued")
    return invoice


def _note_unanswered(db: Session, desk: Desk, who: Principal, invoice: Invoice, waiting: list[int]) -> None:
    """For whoever closed the page on "Which should stay?" and finds the form gone. `waiting`: members."""
    others = [member for member in waiting if member != who.member_id]
    if not others:
        return
    what = "Left open which text should stay in this form"
    what += "; what they typed last is not in the document, and is kept for them"
    for name in db.exec(select(Member.name).where(col(Member.id).in_(others)).order_by(col(Member.id))).all():
        timeline.note(db, desk, practice_id=who.practice_id, who=name, what=what, invoice_id=invoice.id)


def _received(
    db: Session, desk: Desk, who: Principal, case: Case, invoice: Invoice, made: Checked, amount: int
) -> None:
    is_other = made.payment_type is PaymentType.OTHER
    known = {m.value for m in PaymentMethod}
    if is_other and made.form.texts.method not in known:
        raise FieldFaults([("method", "Choose how the money came.")])
    payments.record_manual(
        db,
        desk,
        invoice=invoice,
        amount_minor=amount,
        method=PaymentMethod(made.form.texts.method) if is_other else PaymentMethod.CASH,
        received_on=made.received_on,
        reference=made.form.texts.reference.strip() if is_other else "",
        member_id=who.member_id,
    )
    _note(db, desk, who, invoice, f"Payment of {case.rules.style.show(amount)} recorded")


def _letter(db: Session, desk: Desk, invoice: Invoice, payload: dict[str, Any]) -> None:
    mailing.enqueue_letter(db, desk, invoice=invoice, payload=payload)


def _note(db: Session, desk: Desk, who: Principal, invoice: Invoice, what: str) -> None:
    timeline.note(db, desk, practice_id=who.practice_id, who=who.name, what=what, invoice_id=invoice.id)


def _finished(invoice: Invoice, sentence: str) -> Finished:
    return Finished(cast(int, invoice.id), invoice.number_text, sentence)


_ACTS: dict[ClosingAct, Callable[[Session, Desk, Principal, Case, Checked], Finished]] = {
    ClosingAct.SAVE_DRAFT: save_draft,
    ClosingAct.REQUEST_PAYMENT: request_payment,
    ClosingAct.SEND_INVOICE: send_invoice,
    ClosingAct.SEND_RECEIPT: send_receipt,
    ClosingAct.BILL_INSURER: bill_insurer,
}
