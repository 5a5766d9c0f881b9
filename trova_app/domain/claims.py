"""What the law asks of an account that is sent to a South African medical scheme, and its clocks.

Sources: Medical Schemes Act 131 of 1998, section 59, and its Regulations 5 and 6 (GN R1262 of 1999). An appeal ruling
of 2013 held that a missing practice number alone does not defeat a lawful claim, so everything here warns and
nothing blocks.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_TO_SUBMIT = 4
DAYS_TO_ANSWER = 30
DAYS_TO_CORRECT = 60


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One service on the account. Diagnosis codes primary first."""

    description: str = ""
    service_date: date | None = None
    tariff_code: str = ""
    diagnosis_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What is known when an insurer's invoice is about to be issued. Empty text means not known."""

    member_name: str = ""
    patient_name: str = ""
    scheme_name: str = ""
    member_number: str = ""
    practice_number: str = ""
    practitioner_name: str = ""
    practitioner_number: str = ""
    lines: tuple[ClaimLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing the law's list asks for and the account lacks. `line` counts from 1; None is the whole account."""

    field: str
    sentence: str
    line: int | None = None


REQUIRED_OF_THE_ACCOUNT = (
    ("member_name", "Add the main member's surname and initials to the client."),
    ("patient_name", "Add the client's surname and first name."),
    ("scheme_name", "Choose the client's medical scheme."),
    ("member_number", "Add the client's membership number."),
    ("practice_number", "Add the practice number under Settings."),
    ("practitioner_name", "Name the practitioner who treated the client."),
    ("practitioner_number", "Add the practitioner's own registration number under Settings."),
)
"""Regulation 5 (a) to (e), in its order."""

REQUIRED_OF_EACH_LINE = (
    ("diagnosis_codes", "add a diagnosis code (ICD-10)."),
    ("tariff_code", "add a tariff code."),
    ("service_date", "add the date of the service."),
    ("description", "say what was done."),
)
"""Regulation 5 (f) to (h): codes, date of each service, nature of each service."""


def missing_for_claim(facts: ClaimFacts) -> list[Missing]:
    """What Regulation 5 asks for and `facts` lack, in the law's order, the account first. Warnings, never a block."""
    return [*_missing_of_account(facts), *_missing_of_lines(facts.lines)]


def _missing_of_account(facts: ClaimFacts) -> Iterator[Missing]:
    for field, sentence in REQUIRED_OF_THE_ACCOUNT:
        if not getattr(facts, field).strip():
            yield Missing(field, sentence)


def _missing_of_lines(lines: tuple[ClaimLine, ...]) -> Iterator[Missing]:
    if not lines:
        yield Missing("lines", "Add at least one line item: a scheme pays for services, line by line.")
    for number, line in enumerate(lines, start=1):
        for field, sentence in REQUIRED_OF_EACH_LINE:
            if _is_blank(getattr(line, field)):
                yield Missing(field, f"Line {number}: {sentence}", number)


def _is_blank(known: str | date | tuple[str, ...] | None) -> bool:
    if isinstance(known, str):
        return not known.strip()
    if isinstance(known, tuple):
        return not any(code.strip() for code in known)
    return known is None


def submit_by(service_date: date) -> date:
    """The last day a scheme must accept the account: the end of the fourth month after the service (Regulation 6)."""
    months = service_date.year * 12 + service_date.month - 1 + MONTHS_TO_SUBMIT
    year, month = months // 12, months % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])


def scheme_answers_by(received_on: date) -> date:
    """The day by which the scheme must pay, or say what is wrong: 30 days from receipt (s 59(2), Regulation 6)."""
    return received_on + timedelta(days=DAYS_TO_ANSWER)


def correct_by(told_on: date) -> date:
    """The last day to send a corrected account: 60 days after the scheme said what was wrong (Regulation 6)."""
    return told_on + timedelta(days=DAYS_TO_CORRECT)
