"""Readiness: what to put right, and what to look at, before a session is finished with the chosen payment type.

Errors say what the closing buttons would refuse; warnings never hold anybody up. Pure: everything it needs to know
beside the form stands in `Facts`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache

from trova_app.domain.claims import ClaimFacts, ClaimLine, Missing, missing_for_claim
from trova_app.domain.diagnoses import warnings_for
from trova_app.domain.gateways import why_not_online
from trova_app.domain.invoices import PaymentType
from trova_app.domain.lines import Style, price_cell
from trova_app.domain.money import MoneyStyle
from trova_app.domain.refusals import FieldFaults
from trova_app.services.arguments import folded
from trova_app.services.billing.addresses import must_be_address
from trova_app.services.billing.draft import Checked, checked, rate_faults, typed_codes
from trova_app.services.forms import Form, FormLine, Rules
from trova_app.services.rates import PriceBook, SchemeBook, price_book
from trova_app.services.sums import Read
from trova_app.services.tax_rates import Term

MOST_ITEMS = 12
ODD = 3  # times what this service usually comes to


class Weight(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the check-list. `field`: the form's field it is about, "" for none; `page`: where else it is put
    right ("settings"), "" for here."""

    weight: Weight
    sentence: str
    field: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Billed:
    """A service billed for this client in another document."""

    day: date
    code: str
    text: str
    number_text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the form. Numbers are those an insurer's invoice needs from the practice; `currency` is what
    a gateway would be asked for."""

    rules: Rules
    today: date
    client_name: str = ""
    practice_number: str = ""
    practitioner_name: str = ""
    practitioner_number: str = ""
    online_problem: str = ""
    currency: str = ""
    billed: tuple[Billed, ...] = ()
    prices: PriceBook = field(default_factory=lambda: price_book(()))
    service_day: date = date.min
    is_paid_in_advance: bool = False
    scheme_prices: SchemeBook = field(default_factory=SchemeBook)
    terms: tuple[Term, ...] = ()

    def usual(self, line: FormLine) -> int | None:
        """What a line of this service usually comes to, in ten-thousandths: at the scheme's price where it has one."""
        listed = self.scheme_prices.of(line, self.service_day)
        if listed:
            return listed.price
        known = self.prices.of(line)
        return known.usual if known else None


def check_list(form: Form, facts: Facts, before: Read | None = None) -> tuple[Item, ...]:
    """Errors first, each kind in page order; a long list ends with how many more there are. `before`: see `checked`."""
    read = _read(form, facts, before)
    errors = list(_errors(form, facts, read))
    warned = {item.field for item in errors}
    found = _warnings(form, facts, read if isinstance(read, Checked) else None)
    warnings = [item for item in found if not item.field or item.field not in warned]
    return (*_shortened(errors, Weight.ERROR), *_shortened(warnings, Weight.WARNING))


def _shortened(items: list[Item], weight: Weight) -> list[Item]:
    items = list(dict.fromkeys(items))
    if len(items) <= MOST_ITEMS:
        return items
    more = items[MOST_ITEMS - 1 :]
    opens = next((item.field for item in more if item.field), "")
    return [*items[: MOST_ITEMS - 1], Item(weight, f"And {len(more)} more of this kind.", opens)]


# -- errors


def _read(form: Form, facts: Facts, before: Read | None) -> Checked | FieldFaults:
    """The form read once, as a closing button would."""
    try:
        return checked(form, facts.rules, facts.today, before)
    except FieldFaults as refused:
        return refused


def _errors(form: Form, facts: Facts, read: Checked | FieldFaults) -> Iterator[Item]:
    if isinstance(read, FieldFaults):
        yield from _faults(form, read.faults)
    else:
        yield from _faults(form, rate_faults(read, facts.terms))
    online, mailed = PaymentType.ONLINE.value, (PaymentType.ONLINE.value, PaymentType.OTHER.value)
    if form.texts.payment_type == online and facts.online_problem:
        yield _error(f"{facts.online_problem} Save and Review works, or choose another payment type.", "payment_type")
    elif form.texts.payment_type == online and isinstance(read, Checked):
        yield from _not_chargeable(read.due, facts.currency)
    if form.texts.payment_type in mailed:
        yield from _address(form)


def _not_chargeable(due: int, currency: str) -> Iterator[Item]:
    """What a gateway cannot charge exactly as it stands."""
    reason = why_not_online(due, currency) if due > 0 and currency else ""
    if reason:
        yield _error(f"{reason} Save and Review works, or choose another payment type.", "payment_type")


def _error(sentence: str, name: str) -> Item:
    return Item(Weight.ERROR, sentence, name)


def _warning(sentence: str, name: str = "", page: str = "") -> Item:
    return Item(Weight.WARNING, sentence, name, page)


def _faults(form: Form, faults: list[tuple[str, str]]) -> Iterator[Item]:
    """What cannot be taken as typed: one item for a line, with its first fault."""
    number = {line.id: n for n, line in enumerate(form.lines, start=1)}
    told: set[str] = set()
    for name, sentence in faults:
        _, _, line_id = name.partition(".")
        if line_id and line_id in told:
            continue
        told.add(line_id)
        yield _error(f"Line {number[line_id]}: {sentence}" if line_id in number else sentence, name)


def _address(form: Form) -> Iterator[Item]:
    if not form.texts.client_email.strip():
        yield _error("There is no mail address to send it to. Save and Review works without one.", "client_email")
        return
    try:
        must_be_address(form.texts.client_email)
    except FieldFaults as refused:
        yield _error(refused.faults[0][1], "client_email")


# -- warnings


def _warnings(form: Form, facts: Facts, made: Checked | None) -> Iterator[Item]:
    """`made`: None while the form has faults."""
    if made is not None:
        yield from _amounts(form, facts, made)
    yield from _twice(form, facts)
    codes = [code for code, _ in form.diagnoses]
    yield from (_warning(sentence, "diagnosis") for sentence in warnings_for(codes))
    for code, words in form.diagnoses:
        if not words:
            yield _warning(f"{code} is not in the code list. Check it before it is sent.", "diagnosis")
    if form.texts.payment_type == PaymentType.INSURANCE:
        yield from _claim(form, facts)


def _amounts(form: Form, facts: Facts, made: Checked) -> Iterator[Item]:
    style = facts.rules.style
    if made.totals.total == 0:
        yield _warning(f"The total is {style.show(0)}. Check the prices and discounts.", f"price.{form.lines[0].id}")
    has_nothing_come_in = made.due == made.totals.total > 0
    if facts.is_paid_in_advance and has_nothing_come_in and form.texts.payment_type != PaymentType.INSURANCE:
        yield _warning("This service is paid in advance, and nothing is entered as received. Has it come in?", "cash")
    for n, line in enumerate(form.lines, start=1):
        yield from _odd(n, line, made, facts)


def _odd(n: int, line: FormLine, made: Checked, facts: Facts) -> Iterator[Item]:
    """More than `ODD` times what this service usually comes to, or less than that part of it; a line that costs nothing
    is meant so."""
    style, numbers = facts.rules.style, made.parsed.lines[n - 1]
    usual = _in_minor(facts.usual(line) or 0, style.places)
    gross, net = made.totals.gross[n - 1], made.totals.nets[n - 1]
    if usual > 0 and gross > ODD * usual:
        times = gross // usual
        sentence = f"Line {n} comes to {style.show(gross)}, {times} times the usual {style.show(usual)}."
        yield _warning(sentence, f"{'qty' if numbers.quantity > 1000 * ODD else 'price'}.{line.id}")
    elif 0 < net < usual / ODD:
        sentence = f"Line {n} comes to {style.show(net)}; the usual is {style.show(usual)}."
        yield _warning(sentence, f"{'off' if gross * ODD >= usual else 'price'}.{line.id}")
    if numbers.unit_price % 10 ** (4 - style.places):
        yield _warning(f"Line {n} has a price with more than {style.places} decimals. Check it.", f"price.{line.id}")


def _in_minor(ten_thousandths: int, places: int) -> int:
    unit: int = 10 ** (4 - places)
    return ten_thousandths // unit


def _twice(form: Form, facts: Facts) -> Iterator[Item]:
    """The same service on the same day in another document of this client, or twice in this one."""
    elsewhere = {_service(b.day.isoformat(), b.code, b.text): b.number_text for b in reversed(facts.billed)}
    here: dict[tuple[str, str], list[int]] = {}
    for n, line in enumerate(form.lines, start=1):
        service = _service(line.date, line.code, line.text)
        if not all(service):
            continue
        if service in elsewhere:
            number = elsewhere[service] or "a Draft"
            yield _warning(f"Line {n} was billed for this day already, in {number}.", f"date.{line.id}")
        else:
            here.setdefault(service, []).append(n)
    for numbers in here.values():
        if len(numbers) > 1:
            last = form.lines[numbers[-1] - 1].id
            yield _warning(f"Lines {_listed(numbers)} are the same service on the same day.", f"text.{last}")


def _listed(numbers: list[int]) -> str:
    """ "1 and 2"; "1, 2 and 3"; "1, 2, 3 and 5 more"."""
    if len(numbers) > 4:
        return f"{', '.join(map(str, numbers[:3]))} and {len(numbers) - 3} more"
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _service(day: str, code: str, text: str) -> tuple[str, str]:
    return day, code.strip() or folded(text[:500])


CLAIM_FIELDS = {
    "member_name": "main_member",
    "scheme_name": "scheme",
    "member_number": "member_number",
    "diagnosis_codes": "diagnosis",
    "tariff_code": "code",
    "service_date": "date",
    "description": "text",
}
"""Where on the form the thing is put right that the law asks for."""
IN_SETTINGS = ("practice_number", "practitioner_name", "practitioner_number")


def _claim(form: Form, facts: Facts) -> Iterator[Item]:
    missing = missing_for_claim(_claim_facts(form, facts))
    no_code = [one for one in missing if one.field == "diagnosis_codes"]
    if form.lines and len(no_code) == len(form.lines) > 1:
        missing = [one for one in missing if one.field != "diagnosis_codes"]
        yield _warning("Add a diagnosis code (ICD-10): a scheme asks for one with each line.", "diagnosis")
    yield from (_claim_item(one, form) for one in missing)


def _claim_item(missing: Missing, form: Form) -> Item:
    if missing.field in IN_SETTINGS:
        return _warning(missing.sentence, page="settings")
    name = CLAIM_FIELDS.get(missing.field, "lines")
    in_line = missing.line is not None and name != "diagnosis"
    return _warning(missing.sentence, f"{name}.{form.lines[(missing.line or 1) - 1].id}" if in_line else name)


def _claim_facts(form: Form, facts: Facts) -> ClaimFacts:
    all_codes = tuple(code for code, _ in form.diagnoses)
    return ClaimFacts(
        member_name=form.texts.main_member.strip() or facts.client_name,
        patient_name=facts.client_name,
        scheme_name=form.texts.scheme,
        member_number=form.texts.member_number,
        practice_number=facts.practice_number,
        practitioner_name=facts.practitioner_name,
        practitioner_number=facts.practitioner_number,
        lines=tuple(
            ClaimLine(line.text, _day(line.date), line.code, tuple(typed_codes(line.dx)) or all_codes)
            for line in form.lines
        ),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def price_notes(form: Form, facts: Facts) -> dict[str, str]:
    """By line id, what to know about its price: whose it is where it is a scheme's, and what it was where it is another
    one now ("was R 1 250,00")."""
    return {line.id: words for line in form.lines if (words := _price_note(line, facts))}


def _price_note(line: FormLine, facts: Facts) -> str:
    style = facts.rules.style
    typed = _price(line.price, Style(style.places, style.symbol, style.group, style.point))
    if typed is None:
        return ""
    listed = facts.scheme_prices.of(line, facts.service_day)
    if listed is not None and listed.price == typed:
        return facts.scheme_prices.scheme
    if listed is not None:
        return f"{facts.scheme_prices.scheme}: {_shown(listed.price, style)}"
    known = facts.prices.of(line)
    return f"was {_shown(known.was, style)}" if known and typed != known.was else ""


@lru_cache(maxsize=10_000)
def _shown(ten_thousandths: int, style: MoneyStyle) -> str:
    """A price is shown at each look at the form, and is the same at the next."""
    return style.show(_in_minor(ten_thousandths, style.places))


def scheme_prices(form: Form, facts: Facts) -> dict[str, int]:
    """By line id, the scheme's price in ten-thousandths, for every line that has another one."""
    style = facts.rules.style
    written = Style(style.places, style.symbol, style.group, style.point)
    found = ((line, facts.scheme_prices.of(line, facts.service_day)) for line in form.lines)
    return {line.id: rate.price for line, rate in found if rate and _price(line.price, written) != rate.price}


@lru_cache(maxsize=10_000)
def _price(text: str, style: Style) -> int | None:
    """In ten-thousandths; None for no price. A pure function of its texts, so what was read is not read again."""
    cell = price_cell(text, style)
    return cell.value if cell.fault == "" else None
