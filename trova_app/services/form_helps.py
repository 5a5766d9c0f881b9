"""What helps while a completion form is filled in: the practice's prices, what was billed before, the last session."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Invoice, InvoiceLine
from trova_app.services.gateway_accounts import gateway_for
from trova_app.services.last_time import last_invoice
from trova_app.services.ports import Desk
from trova_app.services.rates import Rate, price_book, rates_of, scheme_book
from trova_app.services.readiness import Billed, Facts
from trova_app.services.scheme_rates import has_rates, paying_scheme
from trova_app.services.tax_rates import terms_of
from trova_app.services.typed_amounts import price_text
from trova_app.services.working_copy import Case, find_case, working_copy

MOST_BILLED = 500  # lines of this client's documents; the newest ones
MONTH_FIRST = ("US",)  # countries that write 11/21/2025


@dataclass(frozen=True, slots=True)
class Helps:
    """`last_time`: the day of the client's last billed session (ISO), "" when there is none. `rates`: best first.
    `has_price_list`: the client's scheme pays and has one, so codes are looked for there too."""

    facts: Facts
    rates: tuple[Rate, ...]
    last_time: str
    month_first: bool
    has_price_list: bool = False

    def typed(self, price: int) -> str:
        """A price (ten-thousandths) as somebody here would type it."""
        style = self.facts.rules.style
        return price_text(price, style.places, style.group, style.point)

    def knowing(self, found: Sequence[Rate]) -> "Helps":
        """The same with prices that were found in the scheme's list since."""
        if not any(rate.is_listed for rate in found):
            return self
        return replace(self, facts=replace(self.facts, scheme_prices=self.facts.scheme_prices.knowing(found)))


def form_helps(db: Session, desk: Desk, who: Principal, *, appointment_id: int) -> Helps:
    """Raises `NotFound` for another practice's appointment."""
    who.must(Permission.COMPLETE)
    case = find_case(db, who, appointment_id)
    last = last_invoice(db, case)
    rates = rates_of(db, case)
    return Helps(
        facts=_facts(db, desk, who, case, rates),
        rates=rates,
        last_time=last.service_date.isoformat() if last else "",
        month_first=case.practice.country in MONTH_FIRST,
        has_price_list=has_rates(db, case.practice.id or 0, paying_scheme(case.client)),
    )


def _facts(db: Session, desk: Desk, who: Principal, case: Case, rates: tuple[Rate, ...]) -> Facts:
    return Facts(
        rules=case.rules,
        today=desk.today(case.practice.time_zone),
        client_name=f"{case.client.first_name} {case.client.last_name}".strip(),
        practice_number=case.practice.practice_number,
        practitioner_name=case.practitioner.name,
        practitioner_number=case.practitioner.practice_number or case.practitioner.council_number,
        online_problem=gateway_for(db, desk, who.practice_id).problem,
        currency=case.practice.currency,
        billed=_billed(db, case),
        prices=price_book(rates),
        service_day=case.service_day,
        is_paid_in_advance=case.service.is_paid_in_advance,
        terms=terms_of(db, case.practice),
        scheme_prices=scheme_book(db, case, _codes(db, desk, case, rates)),
    )


def _codes(db: Session, desk: Desk, case: Case, rates: tuple[Rate, ...]) -> set[str]:
    """The codes that stand on this form, and those the practice uses."""
    lines = working_copy(db, desk, case).form.lines
    return {line.code.strip() for line in lines} | {rate.code for rate in rates}


def _billed(db: Session, case: Case) -> tuple[Billed, ...]:
    """Lines of this client's other documents, Drafts too, the newest first."""
    query = (
        select(InvoiceLine, Invoice.number_text)
        .join(Invoice, col(Invoice.id) == InvoiceLine.invoice_id)
        .where(
            Invoice.practice_id == case.practice.id,
            Invoice.client_id == case.client.id,
            Invoice.status != DocumentStatus.VOID,
            Invoice.appointment_id != case.appointment.id,
        )
        .order_by(col(Invoice.id).desc())
        .limit(MOST_BILLED)
    )
    return tuple(Billed(line.service_date, line.code, line.description, number) for line, number in db.exec(query))
