"""What is pointed out before finishing: errors that would be refused, warnings that hold nobody up."""

from dataclasses import replace
from datetime import date

import pytest

from trova_app.domain.money import style_of
from trova_app.services.forms import Form, FormLine, FormTexts, Rules
from trova_app.services.rates import Rate, price_book
from trova_app.services.readiness import Billed, Facts, Item, check_list, price_notes
from trova_app.services.tax_rates import Term

RATES = (Rate("86205", "Psychotherapy 60 min", 12_500_000),)
FACTS = Facts(
    rules=Rules(style=style_of("ZAR", "ZA"), inclusive=True),
    today=date(2026, 3, 18),
    client_name="Thandi Mokoena",
    practice_number="0861234",
    practitioner_name="Dr A. Naidoo",
    practitioner_number="0867654",
    prices=price_book(RATES),
)
LINE = FormLine(id="1", date="2026-03-18", code="86205", text="Psychotherapy 60 min", price="1 250,00")
AGAIN = replace(LINE, id="")
FORM = Form(
    lines=(LINE,),
    texts=FormTexts(payment_type="other", client_email="thandi@example.test", received_on="2026-03-18"),
    diagnoses=(("F41.1", "Generalized anxiety disorder"),),
)


def form(payment_type: str = "other", **cells: str) -> Form:
    made = FORM.with_text("payment_type", payment_type)
    for name, text in cells.items():
        made = made.with_text(name.replace("_1", ".1") if name.endswith("_1") else name, text)
    return made


def found(of: Form, facts: Facts = FACTS) -> list[tuple[str, str]]:
    return [(item.weight.value, item.field) for item in check_list(of, facts)]


def sentences(of: Form, facts: Facts = FACTS) -> str:
    return " ".join(item.sentence for item in check_list(of, facts))


def insured(**cells: str) -> Form:
    return form("insurance", scheme="Khanya Medical", member_number="KM 1", **cells)


@pytest.mark.parametrize("ready", [form(), form("online"), insured()])
def test_a_plain_session_is_ready(ready: Form) -> None:
    assert check_list(ready, FACTS) == ()


@pytest.mark.parametrize(
    ("typed", "is_told"), [("anxiety", True), ("F43.2", True), (" ", False), ("f411", False), ("F41.1 ", False)]
)
def test_words_in_the_box_for_a_diagnosis_that_are_none_of_its_codes_are_an_error(typed: str, is_told: bool) -> None:
    wanted = f"The diagnosis “{typed}” is not added yet. Choose a code from the list, or empty the box."
    assert check_list(form(diagnosis=typed), FACTS) == ((Item("error", wanted, "diagnosis"),) if is_told else ())


def test_no_address_is_an_error_where_something_is_mailed() -> None:
    assert found(form(client_email="")) == [("error", "client_email")]
    assert found(form("online", client_email=" ")) == [("error", "client_email")]
    assert found(form("online", client_email="nobody")) == [("error", "client_email")]
    assert found(insured(client_email="")) == []


def test_why_online_is_not_available_is_said_for_online_only() -> None:
    closed = replace(FACTS, online_problem="No payment gateway is connected.")
    assert found(form("online"), closed) == [("error", "payment_type")]
    assert "No payment gateway is connected." in sentences(form("online"), closed)
    assert found(form(), closed) == []


def test_an_amount_the_gateway_cannot_charge_exactly_is_said_before_it_is_asked_for() -> None:
    rules = Rules(style=style_of("KWD", "ZA"), inclusive=True)
    dinars = replace(FACTS, rules=rules, currency="KWD", prices=price_book(()))
    assert found(form("online", price_1="5,124"), dinars) == [("error", "payment_type")]
    assert "needs an amount that ends in 0" in sentences(form("online", price_1="5,124"), dinars)
    assert found(form("online", price_1="5,120"), dinars) == []
    assert found(form("other", price_1="5,124"), dinars) == []
    dollars = replace(FACTS, currency="USD")
    assert "too small to be paid online" in sentences(form("online", price_1="0,40"), dollars)


def test_a_line_taxed_at_a_rate_of_another_day_is_said_before_it_is_refused() -> None:
    changed = Term(15_000, date(2018, 4, 1), date(2026, 3, 10)), Term(16_000, date(2026, 3, 11), None)
    taxed = replace(FACTS, terms=changed)
    assert found(form(tax_1="16"), taxed) == found(form(date_1="2026-03-10", tax_1="15"), taxed) == []
    assert found(form(tax_1="0"), taxed) == found(form(tax_1="0")) == []
    assert found(form(date_1="2026-03-10", tax_1="16"), taxed) == [("error", "tax.1")]
    assert sentences(form(tax_1="15"), taxed) == (
        "Line 1: Choose a tax rate that was in force on the day of the service."
    )
    assert found(form(tax_1="16")) == [("error", "tax.1")]  # the practice charges no tax


def test_what_the_law_asks_of_a_claim_is_listed_with_its_field() -> None:
    bare = form("insurance", code_1="").without_diagnosis("F41.1")
    assert found(bare, replace(FACTS, practice_number="")) == [
        ("warning", "scheme"),
        ("warning", "member_number"),
        ("warning", ""),
        ("warning", "diagnosis"),
        ("warning", "code.1"),
    ]
    pages = [item.page for item in check_list(bare, replace(FACTS, practice_number=""))]
    assert pages == ["", "", "settings", "", ""]


def test_many_lines_without_a_diagnosis_are_one_item() -> None:
    many = insured().without_diagnosis("F41.1")
    for day in range(1, 10):
        many = many.with_line(replace(AGAIN, date=f"2026-03-{day:02}"))
    assert [field for _, field in found(many)] == ["diagnosis"]


def test_a_faulty_line_is_one_error_with_its_number() -> None:
    items = check_list(form(text_1="", price_1="free", date_1=""), FACTS)
    assert [item.weight.value for item in items] == ["error"]
    assert items[0].sentence.startswith("Line 1: ")


def test_a_zero_total_is_a_warning() -> None:
    assert found(form(price_1="0")) == [("warning", "price.1")]
    assert "The total is R\u00a00,00." in sentences(form(price_1="0"))


def test_a_service_paid_in_advance_asks_what_has_come_in_until_something_is_entered() -> None:
    facts = replace(FACTS, is_paid_in_advance=True)
    for each in (form(), form("online")):
        assert found(each, facts) == [("warning", "cash")]
    assert found(form(cash="100"), facts) == found(insured(), facts) == found(form(), FACTS) == []
    assert found(form(price_1="0"), facts) == [("warning", "price.1")]


@pytest.mark.parametrize(
    ("price", "qty", "is_odd"), [("3750", "1", False), ("3750,01", "1", True), ("1250", "4", True)]
)
def test_more_than_three_times_the_usual_is_odd(price: str, qty: str, is_odd: bool) -> None:
    assert ("usual" in sentences(form(price_1=price, qty_1=qty))) is is_odd


@pytest.mark.parametrize(
    ("price", "off", "field"),
    [("416,67", "", ""), ("416,66", "", "price.1"), ("12,50", "", "price.1"), ("0", "", ""), ("1250", "99%", "off.1")],
)
def test_less_than_a_third_of_the_usual_is_odd(price: str, off: str, field: str) -> None:
    odd = [item for item in check_list(form(price_1=price, off_1=off), FACTS) if "usual" in item.sentence]
    assert [item.field for item in odd] == ([field] if field else [])


def test_an_unknown_service_has_no_usual_amount() -> None:
    assert check_list(form(code_1="11111", text_1="Something new", price_1="90000"), FACTS) == ()


def test_many_decimals_are_pointed_out() -> None:
    assert found(form(price_1="1250,125")) == [("warning", "price.1")]


def test_the_same_service_on_the_same_day_is_pointed_out_here_and_elsewhere() -> None:
    twice = FORM.with_line(AGAIN)
    assert check_list(twice, FACTS)[0].sentence == "Lines 1 and 2 are the same service on the same day."
    thrice = twice.with_line(AGAIN)
    assert [item.sentence for item in check_list(thrice, FACTS)] == [
        "Lines 1, 2 and 3 are the same service on the same day."
    ]
    many = thrice.with_line(AGAIN).with_line(AGAIN)
    assert check_list(many, FACTS)[0].sentence == "Lines 1, 2, 3 and 2 more are the same service on the same day."
    billed = replace(FACTS, billed=(Billed(date(2026, 3, 18), "86205", "Psychotherapy", "KHA-0007"),))
    assert check_list(FORM, billed)[0].sentence == "Line 1 was billed for this day already, in KHA-0007."
    other_day = replace(FACTS, billed=(Billed(date(2026, 3, 17), "86205", "Psychotherapy", "KHA-0007"),))
    assert check_list(FORM, other_day) == ()


def test_codes_that_schemes_reject_are_pointed_out() -> None:
    odd = FORM.with_diagnosis("S93.4", "Sprain").with_diagnosis("Q99.8", "")
    assert [field for _, field in found(odd)] == ["diagnosis", "diagnosis"]


def test_a_long_list_is_cut_and_says_so() -> None:
    many = FORM
    for _ in range(40):
        many = many.with_line(replace(AGAIN, text=""))
    errors = [item for item in check_list(many, FACTS) if item.weight == "error"]
    assert len(errors) == 12
    assert errors[-1] == Item(errors[0].weight, "And 29 more of this kind.", "text.13")  # the first of them


def test_a_changed_price_is_known_by_what_it_was() -> None:
    assert price_notes(form(), FACTS) == {}
    assert price_notes(form(price_1="1250"), FACTS) == {}
    assert price_notes(form(price_1="1300"), FACTS) == {"1": "was R\u00a01\u00a0250,00"}
    assert price_notes(form(price_1="free"), FACTS) == {}
    assert price_notes(form(price_1=""), FACTS) == {}
