"""What the client or the insurer will receive, while the form is still open."""

from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session

from trova_app.domain.documents import DocumentContent, DocumentKind
from trova_app.domain.invoices import PaymentType
from trova_app.domain.permissions import Permission, Principal
from trova_app.services.billing.draft import Checked, checked, drafted, parts_of
from trova_app.services.documents import content_of
from trova_app.services.ports import Desk
from trova_app.services.working_copy import Case, find_case, must_be_completable, working_copy


def preview(db: Session, desk: Desk, who: Principal, *, appointment_id: int) -> DocumentContent:
    """The document as it would be issued now, from the saved working copy, built by the same code as the
    document; nothing is written. Raises `FieldFaults` like finishing does."""
    who.must(Permission.COMPLETE)
    case = find_case(db, who, appointment_id)
    must_be_completable(case.appointment, case.invoice, desk.now())
    made = checked(working_copy(db, desk, case).form, case.rules, desk.today(case.practice.time_zone))
    with db.no_autoflush:
        invoice = drafted(desk, replace(case, invoice=None), made, who.member_id)
        parts = parts_of(invoice, made)
        content = content_of(db, desk, invoice, _kind(made), number=None, texts=made.form.texts, parts=parts)
    return _as_if_issued(content, made, desk, case)


def _kind(made: Checked) -> DocumentKind:
    return "insurer_invoice" if made.payment_type is PaymentType.INSURANCE else "invoice"


def _as_if_issued(content: DocumentContent, made: Checked, desk: Desk, case: Case) -> DocumentContent:
    due_on = desk.today(case.practice.time_zone) + timedelta(days=case.practice.payment_terms_days)
    is_claim = made.payment_type is PaymentType.INSURANCE
    due_date = None if is_claim else due_on.isoformat()
    return replace(content, paid=made.parsed.cash, due=made.due, due_date=due_date, pay_url=None)
