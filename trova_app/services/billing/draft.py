"""The Draft: an unnumbered invoice whose lines and sums are those of the completion form."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import cast

import sqlalchemy as sa
from sqlmodel import Session

from trova_app.domain.diagnoses import not_chosen, tidy_code
from trova_app.domain.invoices import PaymentType
from trova_app.domain.lines import Parsed, Totals
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.models import Invoice, InvoiceDiagnosis, InvoiceLine, InvoiceTax
from trova_app.services.documents import Parts
from trova_app.services.forms import LONGEST_TEXT, Form, FormLine, Rules
from trova_app.services.ports import Desk
from trova_app.services.sums import Read, read_after
from trova_app.services.tax_rates import Term, in_force
from trova_app.services.working_copy import Case

OLDEST_YEARS = 5
LONGEST_CODE = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """A form without faults: its numbers, its sums, and the lines' days and codes in the same order."""

    form: Form
    parsed: Parsed
    totals: Totals
    days: tuple[date, ...]
    icd: tuple[tuple[str, ...], ...]
    payment_type: PaymentType
    received_on: date

    @property
    def due(self) -> int:
        return self.totals.total - self.parsed.earlier - self.parsed.cash


def checked(form: Form, rules: Rules, today: date, before: Read | None = None) -> Checked:
    """Reads the whole form. Raises `FieldFaults` with a sentence for each field that cannot be taken as typed."""
    read = read_after(form, rules, before).reading
    faults = list(read.faults)
    days, day_faults = _days(form, today)
    faults += day_faults + _text_faults(form) + _whole_form_faults(form)
    received_on = _day(form.texts.received_on, today) if form.texts.payment_type == PaymentType.OTHER else today
    if received_on is None:
        faults.append(("received_on", "Enter the day the money came, today or earlier."))
    if faults or received_on is None:
        raise FieldFaults(_in_page_order(form, faults))
    return Checked(
        form=form,
        parsed=read.form,
        totals=read.totals,
        days=tuple(days),
        icd=tuple(_codes_of(line, form) for line in form.lines),
        payment_type=PaymentType(form.texts.payment_type),
        received_on=received_on,
    )


def rate_faults(made: Checked, terms: tuple[Term, ...]) -> list[tuple[str, str]]:
    """A line is taxed at a rate the practice has on that day, or at none."""
    known = {day: {0, *(term.rate for term in in_force(terms, day))} for day in made.days}
    lines = zip(made.form.lines, made.parsed.lines, made.days, strict=True)
    words = "Choose a tax rate that was in force on the day of the service."
    return [(f"tax.{line.id}", words) for line, parsed, day in lines if parsed.tax_rate not in known[day]]


def _in_page_order(form: Form, faults: list[tuple[str, str]]) -> list[tuple[str, str]]:
    order = {name: n for n, (name, _) in enumerate(form.pairs())}
    return sorted(faults, key=lambda fault: order.get(fault[0], len(order)))


@lru_cache(maxsize=1_000)
def _day(text: str, today: date) -> date | None:
    """The day, when it is one, not in the future and not more than five years back."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if today.year - OLDEST_YEARS <= day.year and day <= today else None


def _days(form: Form, today: date) -> tuple[list[date], list[tuple[str, str]]]:
    days = [_day(line.date, today) for line in form.lines]
    sentence = "Enter the day of the service, today or earlier."
    return [d for d in days if d], [(f"date.{x.id}", sentence) for x, d in zip(form.lines, days, strict=True) if not d]


def _text_faults(form: Form) -> list[tuple[str, str]]:
    faults = []
    for line in form.lines:
        if not line.text.strip():
            faults.append((f"text.{line.id}", "Say what was done, such as Psychotherapy 60 min."))
        elif len(line.text) > LONGEST_TEXT:
            faults.append((f"text.{line.id}", f"Shorten this to {LONGEST_TEXT} characters; it has {len(line.text)}."))
        if len(line.code) > LONGEST_CODE:
            faults.append((f"code.{line.id}", f"Shorten this to {LONGEST_CODE} characters; it has {len(line.code)}."))
        if line.dx and any(not re.fullmatch(r"[A-Z0-9.]{3,10}", tidy_code(code)) for code in typed_codes(line.dx)):
            faults.append((f"dx.{line.id}", "Enter ICD-10 codes such as F41.1, with a space between two."))
    for name in (
        "client_email",
        "scheme",
        "scheme_option",
        "member_number",
        "dependant_code",
        "main_member",
        "reference",
    ):
        if len(getattr(form.texts, name)) > 200:
            faults.append((name, "Shorten this to 200 characters."))
    return faults


def _whole_form_faults(form: Form) -> list[tuple[str, str]]:
    faults = []
    if not form.lines:
        faults.append(("lines", "Add at least one line item."))
    if form.texts.payment_type not in {p.value for p in PaymentType}:
        faults.append(("payment_type", "Choose how this session is paid."))
    if sentence := diagnosis_not_chosen(form):
        faults.append(("diagnosis", sentence))
    return faults


def diagnosis_not_chosen(form: Form) -> str:
    """A sentence where words stand in the box for a diagnosis that are none of the form's codes, else ""."""
    return not_chosen(form.texts.diagnosis, [code for code, _ in form.diagnoses])


def typed_codes(text: str) -> list[str]:
    return [code for code in re.split(r"[\s,;]+", text) if code]


def _codes_of(line: FormLine, form: Form) -> tuple[str, ...]:
    """The line's own codes where it has some, else all of the form's, in order."""
    own = [tidy_code(code) for code in typed_codes(line.dx)] if line.dx else []
    return tuple(dict.fromkeys(own)) or tuple(code for code, _ in form.diagnoses)


def must_be_seen(checked: Checked, rules: Rules, seen: object) -> None:
    """The total the person saw is the total that is finalized; any difference refuses."""
    ours = rules.style.show(checked.totals.total)
    if seen != ours:
        raise Refusal(
            f"The page showed {str(seen)[:40] or 'no total'}, the lines come to {ours}. Nothing was done; "
            "please check the lines and press the button again."
        )


def drafted(desk: Desk, case: Case, made: Checked, by: int) -> Invoice:
    """The appointment's Draft in line with the form; not yet stored."""
    invoice = case.invoice or Invoice(
        practice_id=cast(int, case.practice.id),
        appointment_id=case.appointment.id,
        client_id=case.appointment.client_id,
        payment_type=made.payment_type,
        currency=case.practice.currency,
        mode=case.practice.mode,
        service_date=made.days[0],
        prices_include_tax=made.parsed.inclusive,
        pay_token=desk.new_token(),
        created_at=desk.now(),
        created_by=by,
    )
    totals = made.totals
    invoice.client_id = case.appointment.client_id  # two records may have been merged, or taken apart, since
    invoice.payment_type = made.payment_type
    invoice.currency = case.practice.currency
    invoice.service_name = case.service.name
    invoice.service_date = made.days[0]
    invoice.prices_include_tax = made.parsed.inclusive
    invoice.subtotal_minor, invoice.discount_minor = totals.subtotal, totals.discount
    invoice.net_minor, invoice.tax_minor, invoice.total_minor = totals.net, totals.tax, totals.total
    return invoice


def parts_of(invoice: Invoice, made: Checked) -> Parts:
    """Its rows, not yet stored; `invoice_id` is 0 until the invoice is."""
    return Parts(_line_rows(invoice, made), _tax_rows(invoice, made), _diagnosis_rows(invoice, made))


def write_draft(db: Session, desk: Desk, case: Case, made: Checked, by: int) -> Invoice:
    """Makes the appointment's Draft, or brings the present one in line with the form."""
    invoice = drafted(desk, case, made, by)
    db.add(invoice)
    db.flush()
    remove_parts(db, cast(int, invoice.id))
    parts = parts_of(invoice, made)
    db.add_all([*parts.lines, *parts.taxes, *parts.diagnoses])
    db.flush()
    return invoice


def remove_parts(db: Session, invoice_id: int) -> None:
    for table in (InvoiceLine, InvoiceTax, InvoiceDiagnosis):
        db.execute(sa.delete(table).where(sa.column("invoice_id") == invoice_id))


def _line_rows(invoice: Invoice, made: Checked) -> list[InvoiceLine]:
    totals = made.totals
    return [
        InvoiceLine(
            practice_id=invoice.practice_id,
            invoice_id=invoice.id or 0,
            position=i + 1,
            service_date=made.days[i],
            code=typed.code.strip(),
            description=typed.text.strip(),
            quantity=line.quantity,
            unit_price=line.unit_price,
            gross_minor=totals.gross[i],
            discount_minor=totals.discounts[i],
            discount_rate=line.discount_rate,
            net_minor=totals.nets[i],
            share_minor=totals.shares[i],
            tax_rate=line.tax_rate,
            icd_codes=" ".join(made.icd[i]),
        )
        for i, (typed, line) in enumerate(zip(made.form.lines, made.parsed.lines, strict=True))
    ]


def _tax_rows(invoice: Invoice, made: Checked) -> list[InvoiceTax]:
    parts = zip(made.totals.rates, made.totals.bases, made.totals.taxes, strict=True)
    return [
        InvoiceTax(
            practice_id=invoice.practice_id, invoice_id=invoice.id or 0, rate=rate, base_minor=base, tax_minor=tax
        )
        for rate, base, tax in parts
    ]


def _diagnosis_rows(invoice: Invoice, made: Checked) -> list[InvoiceDiagnosis]:
    """The form's codes in order, then codes that only a line names."""
    listed = dict(made.form.diagnoses)
    for codes in made.icd:
        for code in codes:
            listed.setdefault(code, "")
    return [
        InvoiceDiagnosis(
            practice_id=invoice.practice_id, invoice_id=invoice.id or 0, position=i, code=code, description=words
        )
        for i, (code, words) in enumerate(listed.items(), start=1)
    ]
