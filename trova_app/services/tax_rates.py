"""The practice's tax rates: by name, each from a day on until the next of that name begins.

A rate's name ends with its percentage ("VAT 15%"); what stands before it ("VAT") is the tax, whose rates follow one
another. The standard tax's rates are all standard. No document is changed by anything here: each carries its own rates.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sqlmodel import Session, col, func, select

from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.lines import Style as Writing
from trova_app.domain.lines import tax_cell
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import FieldFaults, NotFound, Refusal
from trova_app.models import Invoice, InvoiceLine, Practice, ServiceLine, TaxRate
from trova_app.services.arguments import Fields, an_id, folded
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for

ENDS_WITH_PERCENT = re.compile(r"\s*[0-9]+([.,][0-9]+)?\s*%$")
LONGEST_NAME = 40
MOST_RATES = 100
YEARS_AHEAD = 10


@dataclass(frozen=True, slots=True)
class RateText:
    """`when`: "now", "later" or "over"; `until` is "" while no end is set; `is_used`: documents or services have it."""

    id: int
    name: str
    percent: str
    since: str
    until: str
    when: str
    is_standard: bool
    is_used: bool


@dataclass(frozen=True, slots=True)
class Term:
    """A rate in thousandths of a percent and its days; `valid_to` is None while no end is set."""

    rate: int
    valid_from: date
    valid_to: date | None


R = TypeVar("R", TaxRate, Term)


def tax_of(name: str) -> str:
    """ "VAT 15.5%" -> "VAT": what its rates have in common."""
    return ENDS_WITH_PERCENT.sub("", name).strip() or name.strip()


def in_force(rates: Iterable[R], day: date) -> list[R]:
    return [one for one in rates if one.valid_from <= day and (one.valid_to is None or day <= one.valid_to)]


def rate_on(rates: Iterable[TaxRate], day: date, wanted: int) -> int | None:
    """What a line of that rate is taxed at on a day: at the same where it is in force then, else at what that tax is
    then; None where there is no such tax on the day. 0 is always 0."""
    rates = list(rates)
    present = in_force(rates, day)
    if wanted == 0 or any(one.rate == wanted for one in present):
        return wanted
    taxes = {folded(tax_of(one.name)) for one in rates if one.rate == wanted}
    return next((one.rate for one in present if folded(tax_of(one.name)) in taxes), None)


def standard_rate(db: Session, practice: Practice, day: date) -> int:
    """The standard tax rate in force on a day in thousandths of a percent; 0 for a practice that charges no tax."""
    if not practice.charges_tax:
        return 0
    return next((rate.rate for rate in tax_rates_on(db, practice, day) if rate.is_standard), 0)


def terms_of(db: Session, practice: Practice) -> tuple[Term, ...]:
    """What the practice's lines may be taxed at, and when; none where it charges no tax."""
    rates = tax_rates_of(db, practice) if practice.charges_tax else []
    return tuple(Term(one.rate, one.valid_from, one.valid_to) for one in rates)


def tax_rates_on(db: Session, practice: Practice, day: date) -> list[TaxRate]:
    """Rates in force on that day; a rate is data with its days, never a constant."""
    return in_force(tax_rates_of(db, practice), day)


def tax_rates_of(db: Session, practice: Practice) -> list[TaxRate]:
    return list(db.exec(select(TaxRate).where(TaxRate.practice_id == practice.id).order_by(col(TaxRate.rate).desc())))


# -- what there is


def rates_of(db: Session, desk: Desk, who: Principal) -> tuple[RateText, ...]:
    """The standard tax first, then by name; of each the latest rate first."""
    who.must(Permission.SETTINGS)
    style = style_for(db, desk, who.practice_id)
    listed = sorted(_all(db, who), key=lambda one: one.valid_from, reverse=True)
    listed.sort(key=lambda one: (not one.is_standard, folded(tax_of(one.name))))
    return tuple(_text(db, style, one) for one in listed)


def _text(db: Session, style: PracticeStyle, one: TaxRate) -> RateText:
    is_over = one.valid_to is not None and one.valid_to < style.today
    return RateText(
        id=int(one.id or 0),
        name=tax_of(one.name),
        percent=style.percent(one.rate),
        since=short(one.valid_from),
        until=short(one.valid_to) if one.valid_to else "",
        when="over" if is_over else "later" if one.valid_from > style.today else "now",
        is_standard=one.is_standard,
        is_used=bool(_used_by(db, one)),
    )


def _all(db: Session, who: Principal) -> list[TaxRate]:
    return list(db.exec(select(TaxRate).where(TaxRate.practice_id == who.practice_id)))


def _used_by(db: Session, one: TaxRate) -> str:
    """What has it: "Documents", "A service" or ""."""
    lines = select(InvoiceLine.id).where(
        InvoiceLine.practice_id == one.practice_id,
        InvoiceLine.tax_rate == one.rate,
        col(InvoiceLine.service_date) >= one.valid_from,
    )
    if one.valid_to is not None:
        lines = lines.where(col(InvoiceLine.service_date) <= one.valid_to)
    if db.exec(lines.limit(1)).first():
        return "Documents"
    services = select(ServiceLine.id).where(
        ServiceLine.practice_id == one.practice_id, ServiceLine.tax_rate == one.rate
    )
    return "A service" if db.exec(services.limit(1)).first() else ""


# -- changing


def add_rate(db: Session, desk: Desk, who: Principal, *, name: object, rate: object, since: object) -> int:
    """A rate of a tax from a day on, until the tax's next rate begins; a name that is not there yet begins a tax of its
    own, the standard one where there is none. `rate`: percent as typed. Raises `FieldFaults`."""
    who.must(Permission.SETTINGS)
    practice = _locked(db, who)
    style = style_for(db, desk, who.practice_id)
    new = _read(style, practice, name, rate, since)
    there = _all(db, who)
    if len(there) >= MOST_RATES:
        raise Refusal(f"A practice has at most {MOST_RATES} tax rates. Remove one first.")
    same = sorted(
        (one for one in there if folded(tax_of(one.name)) == folded(tax_of(new.name))), key=lambda one: one.valid_from
    )
    if not same:
        _must_differ(style, new, there)
    new.is_standard = _is_standard(same) if same else new.rate > 0 and not _is_standard(there)
    _fit_in(db, style, new, same)
    db.add(new)
    db.flush()
    desk.tell(who.practice_id)
    return int(new.id or 0)


def _must_differ(style: PracticeStyle, new: TaxRate, there: list[TaxRate]) -> None:
    """A line has its tax by the percentage: a tax of its own needs one that no other has, from its first day on."""
    for one in there:
        if one.rate == new.rate and (one.valid_to is None or new.valid_from <= one.valid_to):
            words = (
                f"Use {tax_of(one.name)}: it has {style.percent(one.rate)} already, and lines and documents show only"
            )
            raise FieldFaults([("rate_name", f"{words} the percentage.")])


def _is_standard(rates: list[TaxRate]) -> bool:
    return any(one.is_standard for one in rates)


def _locked(db: Session, who: Principal) -> Practice:
    """Two people changing the rates do it one after the other."""
    return db.exec(select(Practice).where(Practice.id == who.practice_id).with_for_update()).one()


def _read(style: PracticeStyle, practice: Practice, name: object, rate: object, since: object) -> TaxRate:
    form = Fields()
    tax = ENDS_WITH_PERCENT.sub("", form.line("rate_name", name, most=LONGEST_NAME)).strip()
    if not tax and not form.faults:
        form.fault("rate_name", "Enter the tax's name, such as VAT.")
    money = style.money
    writing = Writing(places=money.places, symbol=money.symbol, group=money.group, point=money.point)
    typed = rate.strip().removesuffix("%").strip() if isinstance(rate, str) else ""
    cell = tax_cell(typed, writing)
    if not typed or cell.fault:
        form.fault("rate_percent", cell.fault or "Enter a tax rate from 0 to 100, such as 15.")
    latest = style.today.replace(day=1, year=style.today.year + YEARS_AHEAD)
    day = form.day("rate_since", since, latest=latest)
    if day is None and all(field != "rate_since" for field, _ in form.faults):
        form.fault("rate_since", "Enter the day the rate begins.")
    form.done()
    assert day is not None
    return TaxRate(
        practice_id=int(practice.id or 0), name=f"{tax} {style.percent(cell.value)}", rate=cell.value, valid_from=day
    )


def _fit_in(db: Session, style: PracticeStyle, new: TaxRate, same: list[TaxRate]) -> None:
    """Ends the rate before it, and itself where the next one begins. What documents were issued by stays as it was."""
    day, tax = new.valid_from, tax_of(new.name)
    if any(one.valid_from == day for one in same):
        raise FieldFaults([("rate_since", f"{tax} has a rate from that day on already. Remove that one first.")])
    following = next((one.valid_from for one in same if one.valid_from > day), None)
    new.valid_to = following - timedelta(days=1) if following else None
    before = next(iter(in_force(same, day)), None)
    if before is None:
        return
    if before.rate == new.rate:
        raise FieldFaults([("rate_percent", f"{tax} is {style.percent(new.rate)} on that day already.")])
    billed = _last_billed(db, before, day)
    if billed:
        words = f"Documents were issued at {style.percent(before.rate)} for services up to {short(billed)}."
        raise FieldFaults([("rate_since", f"{words} Choose a later day.")])
    before.valid_to = day - timedelta(days=1)
    db.add(before)


def _last_billed(db: Session, rate: TaxRate, since: date) -> date | None:
    """The last service of that day or later that an issued document taxes at the rate."""
    query = (
        select(func.max(InvoiceLine.service_date))
        .join(Invoice, col(Invoice.id) == InvoiceLine.invoice_id)
        .where(
            InvoiceLine.practice_id == rate.practice_id,
            InvoiceLine.tax_rate == rate.rate,
            col(InvoiceLine.service_date) >= since,
            Invoice.status == DocumentStatus.ISSUED,
        )
    )
    if rate.valid_to is not None:
        query = query.where(col(InvoiceLine.service_date) <= rate.valid_to)
    return db.exec(query).first()


def remove_rate(db: Session, desk: Desk, who: Principal, *, rate_id: object) -> None:
    """Removes a rate nothing has; the tax's rate before it goes on in its place. Raises `NotFound` or `Refusal`."""
    who.must(Permission.SETTINGS)
    practice = _locked(db, who)
    there = _all(db, who)
    wanted = an_id(rate_id, "tax rate")
    rate = next((one for one in there if one.id == wanted), None)
    if rate is None:
        raise NotFound("tax rate")
    words = f"{tax_of(rate.name)} {style_for(db, desk, who.practice_id).percent(rate.rate)}"
    used = _used_by(db, rate)
    if used:
        raise Refusal(f"{used} {'have' if used == 'Documents' else 'has'} {words}, so it stays.")
    tax, before = folded(tax_of(rate.name)), rate.valid_from - timedelta(days=1)
    previous = next((one for one in there if folded(tax_of(one.name)) == tax and one.valid_to == before), None)
    is_needed = rate.is_standard and practice.charges_tax and rate in in_force(there, desk.today(practice.time_zone))
    if is_needed and previous is None:
        raise Refusal(f"Tax is charged by {words}. Add the rate that follows it, or untick Charge tax first.")
    if previous is not None:
        previous.valid_to = rate.valid_to
        db.add(previous)
    db.delete(rate)
    db.flush()
    desk.tell(who.practice_id)
