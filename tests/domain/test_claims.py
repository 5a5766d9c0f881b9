"""The law's list and the law's clocks for an account to a medical scheme."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from trova_app.domain.claims import (
    ClaimFacts,
    ClaimLine,
    correct_by,
    missing_for_claim,
    scheme_answers_by,
    submit_by,
)

SESSION = ClaimLine("Individual psychotherapy, 60 min", date(2026, 3, 2), "86205", ("F41.1",))
WHOLE = ClaimFacts(
    member_name="Mokoena T",
    patient_name="Mokoena Lerato",
    scheme_name="Karoo Health",
    member_number="004512",
    practice_number="0860001",
    practitioner_name="Nomsa Dube",
    practitioner_number="PS 0101010",
    lines=(SESSION,),
)


def test_a_complete_account_lacks_nothing() -> None:
    assert missing_for_claim(WHOLE) == []


@pytest.mark.parametrize(
    "field",
    [
        "member_name",
        "patient_name",
        "scheme_name",
        "member_number",
        "practice_number",
        "practitioner_name",
        "practitioner_number",
    ],
)
@pytest.mark.parametrize("blank", ["", "   "])
def test_each_thing_the_law_lists_is_asked_for_by_itself(field: str, blank: str) -> None:
    (missing,) = missing_for_claim(replace(WHOLE, **{field: blank}))
    assert missing.field == field
    assert missing.line is None
    assert missing.sentence.endswith(".")


@pytest.mark.parametrize(
    ("field", "blank"),
    [
        ("diagnosis_codes", ()),
        ("diagnosis_codes", (" ",)),
        ("tariff_code", ""),
        ("service_date", None),
        ("description", ""),
    ],
)
def test_every_line_carries_its_own_codes_and_date(field: str, blank: object) -> None:
    facts = replace(WHOLE, lines=(SESSION, replace(SESSION, **{field: blank})))
    (missing,) = missing_for_claim(facts)
    assert (missing.field, missing.line) == (field, 2)
    assert missing.sentence.startswith("Line 2: ")


def test_an_account_without_lines_asks_for_one() -> None:
    assert [missing.field for missing in missing_for_claim(replace(WHOLE, lines=()))] == ["lines"]


def test_what_is_missing_is_listed_in_the_laws_order() -> None:
    fields = [missing.field for missing in missing_for_claim(ClaimFacts(lines=(ClaimLine(),)))]
    assert fields[0] == "member_name"
    assert fields[-4:] == ["diagnosis_codes", "tariff_code", "service_date", "description"]
    assert len(fields) == 11


@pytest.mark.parametrize(
    ("service", "last_day"),
    [
        (date(2026, 1, 1), date(2026, 5, 31)),
        (date(2026, 1, 31), date(2026, 5, 31)),
        (date(2026, 2, 28), date(2026, 6, 30)),
        (date(2026, 8, 15), date(2026, 12, 31)),
        (date(2026, 9, 1), date(2027, 1, 31)),
        (date(2026, 10, 31), date(2027, 2, 28)),
        (date(2027, 10, 31), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 4, 30)),
    ],
)
def test_an_account_is_accepted_until_the_end_of_the_fourth_month_after_the_service(
    service: date, last_day: date
) -> None:
    assert submit_by(service) == last_day


def test_the_last_day_to_submit_is_always_the_last_of_a_month() -> None:
    every_day = (date(2026, 1, 1) + timedelta(days=n) for n in range(800))
    assert all((submit_by(day) + timedelta(days=1)).day == 1 for day in every_day)


def test_the_scheme_has_thirty_days_and_a_correction_sixty() -> None:
    assert scheme_answers_by(date(2026, 3, 2)) == date(2026, 4, 1)
    assert correct_by(date(2026, 3, 2)) == date(2026, 5, 1)
