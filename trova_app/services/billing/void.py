"""Void and correct: an issued document is never changed. It is withdrawn, its link is closed, and where it was only
wrong a new Draft with the same lines takes its place; the number stays used."""

from typing import Any

from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.documents import DocumentContent
from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.lines import money
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.models import CompletionDraft, Invoice, InvoiceDiagnosis, InvoiceLine
from trova_app.services import timeline
from trova_app.services.billing.draft import checked, write_draft
from trova_app.services.billing.find import find_invoice, find_issued
from trova_app.services.billing.finish import Finished
from trova_app.services.documents import first_content, own_member_name
from trova_app.services.forms import Form, FormLine, FormTexts
from trova_app.services.payment_requests import Reason, close_request, locked_invoice
from trova_app.services.payments import paid_minor
from trova_app.services.ports import Desk
from trova_app.services.practice_style import percent_text, quantity_text, style_for, thousandths_text
from trova_app.services.typed_amounts import price_text
from trova_app.services.working_copy import Case, find_case

LONGEST_REASON = 200


def void_invoice(db: Session, desk: Desk, who: Principal, *, invoice_id: int, reason: object) -> Finished:
    """Withdraws an issued document for good. Its session stands under Open again, with the form as it was billed; a
    missed one stays missed.
    Raises `Refusal` while money stands on it, `FieldFaults` beside the reason."""
    case, invoice = _withdrawn(db, desk, who, invoice_id, reason, "Voided")
    if case is not None:
        appointment = case.appointment
        what = f"{invoice.number_text} voided"
        if appointment.state != AppointmentState.MISSED:
            what += ", session reopened"
            appointment.state, appointment.completed_at = AppointmentState.SCHEDULED, None
        appointment.version += 1
        db.flush()
        timeline.note(
            db, desk, practice_id=who.practice_id, who=who.name, what=what, appointment_id=appointment.id,
        )  # fmt: skip
    return Finished(invoice_id, invoice.number_text, f"{invoice.number_text} is void.")


def correct_invoice(db: Session, desk: Desk, who: Principal, *, invoice_id: int, reason: object) -> Finished:
    """Withdraws the document and puts a Draft of the same lines in its place, to be put right and issued under a
    number of its own. The answer leads to the Draft."""
    case, invoice = _withdrawn(db, desk, who, invoice_id, reason, "Corrected")
    if case is None or case.appointment.id is None:
        raise Refusal("This document has no session to make a new one from. Void it instead.")
    fresh = find_case(db, who, case.appointment.id)
    kept = db.get_one(CompletionDraft, case.appointment.id)
    made = checked(Form.from_json(kept.form), fresh.rules, desk.today(fresh.practice.time_zone))
    draft = write_draft(db, desk, fresh, made, who.member_id)
    what = f"Draft in place of {invoice.number_text}"
    timeline.note(db, desk, practice_id=who.practice_id, who=who.name, what=what, invoice_id=draft.id)
    words = f"{invoice.number_text} is void. This Draft has the same lines; put them right and send it."
    return Finished(int(draft.id or 0), "", words)


def _withdrawn(
    db: Session, desk: Desk, who: Principal, invoice_id: int, reason: object, done: str
) -> tuple[Case | None, Invoice]:
    """What both begin with. The session is locked before its document, as finishing does."""
    who.must(Permission.BILL)
    known = find_invoice(db, who, invoice_id)
    case = find_case(db, who, known.appointment_id, lock=True) if known.appointment_id else None
    locked_invoice(db, int(known.id or 0))
    invoice = find_issued(db, who, invoice_id)
    why = _reason(reason)
    _must_have_no_money(db, desk, invoice)
    invoice.status, invoice.void_reason = DocumentStatus.VOID, why
    invoice.version += 1
    db.flush()
    timeline.note(
        db, desk, practice_id=who.practice_id, who=who.name, what=f"{done}: {why}", invoice_id=invoice.id
    )  # fmt: skip
    close_request(db, desk, invoice, Reason.VOIDED)
    if case is not None:
        _rebuild_working_copy(db, desk, who, case, invoice)
    desk.tell(who.practice_id)
    desk.point("void: done")
    return case, invoice


def _reason(typed: object) -> str:
    text = " ".join(typed.split()) if isinstance(typed, str) else ""
    if not text or len(text) > LONGEST_REASON or not text.isprintable():
        raise FieldFaults([("reason", f"Say why in up to {LONGEST_REASON} characters; it stays with the document.")])
    return text


def _must_have_no_money(db: Session, desk: Desk, invoice: Invoice) -> None:
    paid = paid_minor(db, int(invoice.id or 0))
    if paid > 0:
        amount = style_for(db, desk, invoice.practice_id).in_currency(invoice.currency).amount(paid)
        raise Refusal(f"{amount} was paid on {invoice.number_text}. Give it back under Payments first, then try again.")


# -- the form as it was billed


def _rebuild_working_copy(db: Session, desk: Desk, who: Principal, case: Case, invoice: Invoice) -> None:
    row = db.get(CompletionDraft, case.appointment.id)
    if row is None:
        row = CompletionDraft(
            appointment_id=int(case.appointment.id or 0),
            practice_id=who.practice_id,
            version=0,
            saved_at=desk.now(),
            saved_by=who.member_id,
        )
    row.form, row.version = form_of(db, desk, case, invoice).to_json(), row.version + 1
    row.saved_at, row.saved_by = desk.now(), who.member_id
    db.add(row)
    db.flush()


def form_of(db: Session, desk: Desk, case: Case, invoice: Invoice) -> Form:
    """The form that comes to this document: lines, discounts, diagnoses and whom it was made out to."""
    diagnoses = _in_order(db, InvoiceDiagnosis, invoice)
    codes = " ".join(row.code for row in diagnoses)
    form = Form(
        lines=(),
        texts=_texts(db, desk, case, invoice),
        diagnoses=tuple((row.code, row.description) for row in diagnoses),
    )
    for line in _in_order(db, InvoiceLine, invoice):
        form = form.with_line(_typed(case, line, codes))
    return form


def _in_order(db: Session, table: Any, invoice: Invoice) -> list[Any]:
    return list(db.exec(select(table).where(table.invoice_id == invoice.id).order_by(col(table.position))))


def _typed(case: Case, line: InvoiceLine, codes: str) -> FormLine:
    style = case.rules.style
    return FormLine(
        id="",
        date=line.service_date.isoformat(),
        code=line.code,
        text=line.description,
        qty=quantity_text(line.quantity, style.point),
        price=price_text(line.unit_price, style.places, style.group, style.point),
        off=_off(case, line.discount_minor, line.discount_rate),
        tax=thousandths_text(line.tax_rate, "."),
        dx="" if line.icd_codes == codes else line.icd_codes,
    )


def _off(case: Case, minor: int, rate: int = 0) -> str:
    style = case.rules.style
    if rate:
        return percent_text(rate * 10, style.point)
    return money(minor, style.places, "", style.group, style.point) if minor else ""


def _texts(db: Session, desk: Desk, case: Case, invoice: Invoice) -> FormTexts:
    content = first_content(db, invoice)
    return FormTexts(
        payment_type=invoice.payment_type,
        invoice_off=_off(case, invoice.discount_minor),
        received_on=desk.today(case.practice.time_zone).isoformat(),
        client_email=content.client.email if content else case.client.email,
        **_scheme_texts(case, content),
    )


def _scheme_texts(case: Case, content: DocumentContent | None) -> dict[str, str]:
    made = content.scheme if content else None
    client = case.client
    is_own = made is not None and made.member_name == own_member_name(client)
    return {
        "scheme": made.name if made else case.scheme.name if case.scheme else "",
        "scheme_option": made.option if made else client.scheme_option,
        "member_number": made.member_number if made else client.member_number,
        "dependant_code": made.dependant_code if made else client.dependant_code,
        "main_member": made.member_name if made and not is_own else client.main_member,
    }
