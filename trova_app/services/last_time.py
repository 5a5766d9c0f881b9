""" "Same as last time": the lines and diagnoses of this client's last billed session, for today's form."""

from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.lines import money
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import Invoice, InvoiceDiagnosis, InvoiceLine, TaxRate
from trova_app.services.forms import MOST_LINES, Form, FormLine, id_by_act
from trova_app.services.ports import Desk
from trova_app.services.practice_style import percent_text, quantity_text, thousandths_text
from trova_app.services.tax_rates import rate_on, standard_rate, tax_rates_of
from trova_app.services.typed_amounts import price_text
from trova_app.services.working_copy import Case, find_case


@dataclass(frozen=True, slots=True)
class LastTime:
    """Lines without ids, dated to this session's day; diagnoses as (code, description)."""

    lines: tuple[FormLine, ...]
    diagnoses: tuple[tuple[str, str], ...]

    def into(self, form: Form, key: str) -> Form:
        """The form with these lines and diagnoses in place of its own; everything else stays. `key`: of this act."""
        ids = [line.id for line in form.lines]
        ids += [id_by_act(key, n) for n in range(len(ids), MOST_LINES)]
        lines = tuple(replace(line, id=line_id) for line, line_id in zip(self.lines, ids, strict=False))
        return replace(form, lines=lines, diagnoses=self.diagnoses or form.diagnoses)


def last_invoice(db: Session, case: Case) -> Invoice | None:
    """The newest issued document of another session of this client; none of another currency."""
    query = (
        select(Invoice)
        .where(
            Invoice.practice_id == case.practice.id,
            Invoice.client_id == case.client.id,
            Invoice.status == DocumentStatus.ISSUED,
            Invoice.currency == case.practice.currency,
            col(Invoice.appointment_id).is_not(None),
            Invoice.appointment_id != case.appointment.id,
        )
        .order_by(col(Invoice.service_date).desc(), col(Invoice.id).desc())
    )
    return db.exec(query.limit(1)).first()


def last_time(db: Session, desk: Desk, who: Principal, *, appointment_id: int) -> LastTime:
    """Raises `Refusal` when nothing was billed for this client yet."""
    who.must(Permission.COMPLETE)
    case = find_case(db, who, appointment_id)
    invoice = last_invoice(db, case)
    if invoice is None:
        raise Refusal("Nothing was billed for this client yet, so there is nothing to repeat.")
    codes = db.exec(
        select(InvoiceDiagnosis)
        .where(InvoiceDiagnosis.invoice_id == invoice.id)
        .order_by(col(InvoiceDiagnosis.position))
    ).all()
    diagnoses = tuple((d.code, d.description) for d in codes) if who.may(Permission.SEE_DIAGNOSES) else ()
    return LastTime(_lines(db, case, invoice, " ".join(code for code, _ in diagnoses)), diagnoses)


def _lines(db: Session, case: Case, invoice: Invoice, all_codes: str) -> tuple[FormLine, ...]:
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).order_by(col(InvoiceLine.position))
    rates = tax_rates_of(db, case.practice)
    standard = standard_rate(db, case.practice, case.service_day)
    return tuple(_as_typed(case, line, rates, standard, all_codes) for line in db.exec(query))


def _as_typed(case: Case, line: InvoiceLine, rates: list[TaxRate], standard: int, all_codes: str) -> FormLine:
    """The line as somebody here would type it, at what its tax is on this day; a tax there is no more gives way to the
    standard one."""
    style = case.rules.style
    found = rate_on(rates, case.service_day, line.tax_rate) if case.practice.charges_tax else None
    rate = standard if found is None else found
    return FormLine(
        id="",
        date=case.service_day.isoformat(),
        code=line.code,
        text=line.description,
        qty=quantity_text(line.quantity, style.point),
        price=price_text(line.unit_price, style.places, style.group, style.point),
        off=_discount(case, line),
        tax=thousandths_text(rate, "."),
        dx="" if line.icd_codes == all_codes else line.icd_codes,
    )


def _discount(case: Case, line: InvoiceLine) -> str:
    style = case.rules.style
    if line.discount_rate:
        return percent_text(line.discount_rate * 10, style.point)
    return money(line.discount_minor, style.places, "", style.group, style.point) if line.discount_minor else ""
