"""The completion form's page: everything it shows beside the working copy, read in one go."""

from dataclasses import dataclass
from typing import cast

from sqlmodel import Session, col, select

from trova_app.domain.diagnoses import Diagnosis, is_well_formed, tidy_code
from trova_app.domain.documents import MONTHS
from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, Refusal
from trova_app.models import Scheme, TaxRate, TimelineEntry
from trova_app.services.billing.find import find_invoice
from trova_app.services.billing.issue import issued_words
from trova_app.services.code_search import codes_for
from trova_app.services.forms import Rules
from trova_app.services.gateway_accounts import gateway_for
from trova_app.services.open_question import Question, open_question
from trova_app.services.ports import Desk
from trova_app.services.practice_style import percent_text, style_for, thousandths_text
from trova_app.services.working_copy import (
    Case,
    WorkingCopy,
    find_case,
    must_be_completable,
    standard_tax,
    working_copy,
)

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class FormPage:
    """The form with its heading and choices, ready to draw."""

    appointment_id: int
    copy: WorkingCopy
    rules: Rules
    client_name: str
    service_name: str
    when: str
    practitioner: str
    today: str
    charges_tax: bool
    standard_tax: str
    tax_choices: tuple[tuple[str, str], ...]  # (value, words)
    schemes: tuple[str, ...]
    online_problem: str
    is_draft: bool
    may_bill: bool
    me: str
    question: Question | None  # what this person has not answered about it


def form_page(db: Session, desk: Desk, who: Principal, *, appointment_id: int) -> FormPage:
    """Raises `NotFound` for another practice's, `Refusal` where there is nothing to complete."""
    who.must(Permission.COMPLETE)
    case = find_case(db, who, appointment_id)
    try:
        must_be_completable(case.appointment, case.invoice, desk.now())
    except ChangedElsewhere as billed:
        raise ChangedElsewhere(f"{billed.sentence} {_completed_by(db, desk, who, case)}".strip()) from billed
    return FormPage(
        appointment_id=cast(int, case.appointment.id),
        copy=working_copy(db, desk, case),
        rules=case.rules,
        client_name=_name(case),
        service_name=case.service.name,
        when=when_words(case),
        practitioner=case.practitioner.name,
        today=desk.today(case.practice.time_zone).isoformat(),
        charges_tax=case.practice.charges_tax,
        standard_tax=standard_tax(db, case),
        tax_choices=_tax_choices(db, case),
        schemes=_schemes(db, who),
        online_problem=gateway_for(db, desk, who.practice_id).problem,
        is_draft=case.invoice is not None and case.invoice.status == DocumentStatus.DRAFT,
        may_bill=who.may(Permission.BILL),
        me=who.name,
        question=open_question(db, who, case.appointment.id),
    )


def _completed_by(db: Session, desk: Desk, who: Principal, case: Case) -> str:
    """A sentence, "" where nothing says who it was."""
    if case.invoice is None:
        return ""
    query = select(TimelineEntry).where(
        TimelineEntry.practice_id == who.practice_id,
        TimelineEntry.invoice_id == case.invoice.id,
        TimelineEntry.what == issued_words(case.invoice),
    )
    found = db.exec(query).first()
    if found is None:
        return ""
    when = style_for(db, desk, who.practice_id).moment_words(found.happened_at)
    return f"{'You' if found.who == who.name else found.who} completed it on {when}."


def appointment_of_draft(db: Session, desk: Desk, who: Principal, *, invoice_id: int) -> int:
    """The appointment whose form a Draft in Billing shows; 0 for a document that is no Draft."""
    invoice = find_invoice(db, who, invoice_id)
    return invoice.appointment_id or 0 if invoice.status == DocumentStatus.DRAFT else 0


def _name(case: Case) -> str:
    return f"{case.client.first_name} {case.client.last_name}".strip()


def when_words(case: Case) -> str:
    """Fri 21 Nov 14:00-15:00, on the practice's clock."""
    start, end = case.appointment.starts_at.astimezone(case.zone), case.appointment.ends_at.astimezone(case.zone)
    day = f"{DAYS[start.weekday()]} {start.day} {MONTHS[start.month - 1][:3]}"
    return f"{day} {start:%H:%M}\u2013{end:%H:%M}"


def _tax_choices(db: Session, case: Case) -> tuple[tuple[str, str], ...]:
    """Every rate the practice has had, for lines may be dated back; 0 is always among them. A rate that was not in
    force on the line's day is told at the line."""
    found = set(db.exec(select(TaxRate.rate).where(TaxRate.practice_id == case.practice.id))) | {0}
    point = case.rules.style.point
    return tuple((thousandths_text(rate, "."), percent_text(rate, point)) for rate in sorted(found, reverse=True))


def _schemes(db: Session, who: Principal) -> tuple[str, ...]:
    query = (
        select(Scheme.name)
        .where(Scheme.practice_id == who.practice_id, col(Scheme.is_active))
        .order_by(col(Scheme.name))
    )
    return tuple(db.exec(query))


def find_codes(db: Session, desk: Desk, who: Principal, *, appointment_id: int, words: object) -> list[Diagnosis]:
    """ICD-10 codes for what was typed into an appointment's form."""
    who.must(Permission.SEE_DIAGNOSES)
    find_case(db, who, appointment_id)
    return codes_for(db, desk, who, words=words)


def described_code(desk: Desk, code: object) -> Diagnosis:
    """The code with its title; free-typed well-formed codes pass without one."""
    tidy = tidy_code(code) if isinstance(code, str) and len(code) <= 20 else ""
    if not is_well_formed(tidy):
        raise Refusal("Enter an ICD-10 code such as F41.1, or words such as anxiety.", field="diagnosis")
    known = desk.codes.find(tidy) if desk.codes is not None else None
    return Diagnosis(tidy, known.description if known else "")
