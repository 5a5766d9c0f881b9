"""A block from a spreadsheet becomes lines: exactly what was copied, where it belongs, or nothing at all."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trova_app.domain.refusals import Refusal
from trova_app.services.forms import Form, FormLine, FormTexts, id_by_act
from trova_app.services.paste import cells_of, day_of, paste

FORM = Form(
    lines=(
        FormLine(id="1", date="2026-03-18", code="86205", text="Psychotherapy", qty="1", price="1 250,00"),
        FormLine(id="2", date="2026-03-18", text="Report", qty="1", price="450"),
    ),
    texts=FormTexts(payment_type="other"),
)
KEY = "abcdefghij"


def quoted(text: str) -> str:
    """As a spreadsheet copies a cell."""
    return '"' + text.replace('"', '""') + '"' if set('\t\n\r"') & set(text) else text


plain_cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs")), max_size=20)
any_cells = st.one_of(plain_cells, plain_cells.map(lambda text: f'{text}"{text}'))


@given(st.lists(st.lists(any_cells, min_size=2, max_size=6), min_size=1, max_size=8))
def test_every_cell_arrives_as_it_was_copied(rows: list[list[str]]) -> None:
    block = "\r\n".join("\t".join(quoted(text) for text in row) for row in rows) + "\r\n"
    wanted = list(rows)
    while wanted and not any(wanted[-1]):
        wanted.pop()
    assert cells_of(block) == wanted


@given(st.text(max_size=300), st.sampled_from(["date.1", "text.1", "tax.2", "qty.2", "dx.1"]))
def test_whatever_is_pasted_gives_a_form_within_its_limits_or_is_refused(block: str, name: str) -> None:
    try:
        made = paste(FORM, name, block, KEY)
    except Refusal:
        return
    assert 2 <= len(made.form.lines) <= 200
    assert len({line.id for line in made.form.lines}) == len(made.form.lines)
    assert all("\n" not in line.text and "\t" not in line.text for line in made.form.lines)


def test_a_cell_with_a_line_break_becomes_one_line() -> None:
    assert cells_of('"At the\nrooms"\t1\n') == [["At the rooms", "1"]]


def test_columns_go_by_position_and_codes_decide_about_icd10() -> None:
    without = paste(FORM, "text.1", "Intake\t2\t1800", KEY).form.lines[0]
    assert (without.text, without.dx, without.qty, without.price) == ("Intake", "", "2", "1800")
    with_codes = paste(FORM, "text.1", "Intake\tF41.1 Z63.0\t2\t1800", KEY).form.lines[0]
    assert (with_codes.dx, with_codes.qty, with_codes.price) == ("F41.1 Z63.0", "2", "1800")


@pytest.mark.parametrize(
    ("block", "read"),
    [
        ("Intake\tF41.1 GAD\t2\t1800", ("Intake", "F41.1 GAD", "2", "1800")),
        ("Intake\tnone\t2\t1800", ("Intake", "none", "2", "1800")),
        ("Intake\t\t2\t1800", ("Intake", "", "2", "1800")),
        ("Intake\t\t1800", ("Intake", "", "1", "1800")),
        ("Intake\t-1\t500\t0", ("Intake", "", "-1", "500")),
        ("Intake\t.5\t500", ("Intake", "", ".5", "500")),
        ("Intake\t½\t500\t10%", ("Intake", "", "½", "500")),
        ("Intake\tR 500", ("Intake", "", "R 500", "1 250,00")),
        ("Intake\tF41.1\t2", ("Intake", "F41.1", "2", "1 250,00")),
        ("Intake\tF41.1\t2\t1800\nReport\tnone\t1\t450", ("Intake", "F41.1", "2", "1800")),
        ("Intake\t2\t1800\nReport\t\t450", ("Intake", "", "2", "1800")),
    ],
)
def test_a_word_that_is_no_code_shifts_no_column(block: str, read: tuple[str, ...]) -> None:
    line = paste(FORM, "text.1", block, KEY).form.lines[0]
    assert (line.text, line.dx, line.qty, line.price) == read


def test_empty_rows_add_no_lines_and_a_total_is_no_line() -> None:
    made = paste(FORM, "text.1", "One\t1\t10\n\nThree\t1\t30\n\t\t\nFour\t1\t40\nTotal:\t\t80", KEY)
    assert [line.text for line in made.form.lines] == ["One", "Report", "Three", "Four"]
    assert made.sentence == "4 rows pasted, 2 lines added. The row with the total was left out."
    assert paste(FORM, "text.1", "Total\t1", KEY).form.lines[0].text == "Total"
    code = paste(FORM, "code.2", "1\tOne\n2\tTotal", KEY).form
    assert code.lines[2].text == "Total"


def test_a_heading_row_decides_about_the_columns_wherever_it_is_pasted() -> None:
    block = "Unit Price\tRemarks\tDESCRIPTION\tQty\n1800\tpaid late\tIntake\t2\n"
    made = paste(FORM, "qty.2", block, KEY)
    line = made.form.lines[1]
    assert (line.text, line.qty, line.price, line.date) == ("Intake", "2", "1800", "2026-03-18")
    assert made.form.lines[0] == FORM.lines[0]
    assert made.sentence == (
        "1 row pasted. The first row was read as headings. Left out, as there is no such column here: “Remarks”."
    )


def test_a_line_that_says_description_is_no_heading() -> None:
    made = paste(FORM, "text.1", "Description of the home\t1\t100\nReport\t1\t100", KEY)
    assert made.form.lines[0].text == "Description of the home"


def test_blanks_leave_what_stands_there() -> None:
    line = paste(FORM, "code.1", "\tIntake\t\t\t1800", KEY).form.lines[0]
    assert (line.code, line.text, line.qty, line.price) == ("86205", "Intake", "1", "1800")


def test_added_lines_have_the_day_and_the_tax_of_the_form() -> None:
    made = paste(FORM, "text.2", "One\t1\nTwo\t1\nThree\t1", KEY, tax="15")
    assert [line.text for line in made.form.lines] == ["Psychotherapy", "One", "Two", "Three"]
    assert [line.tax for line in made.form.lines] == ["0", "0", "15", "15"]
    assert made.form.lines[3].date == "2026-03-18"
    assert made.sentence == "3 rows pasted, 2 lines added."


def test_a_line_is_the_same_one_with_other_texts_and_an_added_one_is_the_acts_own() -> None:
    made = paste(FORM, "text.2", "One\t1\nTwo\t2\nThree\t3", KEY)
    new = [id_by_act(KEY, n) for n in (1, 2)]
    assert [line.id for line in made.form.lines] == ["1", "2", *new]
    assert made.names == {f"{cell}.{line}" for cell in ("text", "qty") for line in ("2", *new)}


def test_a_day_that_is_none_is_said_and_nothing_else_is_lost() -> None:
    made = paste(FORM, "date.1", "31/02/2026\t86205\tIntake", KEY)
    assert (made.form.lines[0].date, made.form.lines[0].text) == ("", "Intake")
    assert made.faults == (("date.1", "“31/02/2026” is not a day. Enter the day of the service."),)


@pytest.mark.parametrize(
    "text",
    ["2026-03-02", "2026/3/2", "02/03/2026", "2.3.26", "2 Mar 2026", "Mon 2 March 2026", "March 2, 2026", "2-Mar-26"],
)
def test_days_are_read_as_people_write_them(text: str) -> None:
    assert day_of(text) == date(2026, 3, 2)


def test_where_the_month_comes_first_it_does() -> None:
    assert day_of("03/02/2026", month_first=True) == date(2026, 3, 2)


@pytest.mark.parametrize("text", ["", "soon", "12", "2026-13-01", "1/2", "99999/1/1", "٢/٣/٢٠٢٦", "1/2/3/4"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert day_of(text) is None


@pytest.mark.parametrize("block", ["", "x\t1\n" * 20_000, None, 7, ["a"]])
def test_too_much_or_nothing_is_refused(block: object) -> None:
    with pytest.raises(Refusal, match="Nothing was pasted"):
        paste(FORM, "text.1", block, KEY)


def test_more_rows_than_a_document_has_are_refused_as_a_whole() -> None:
    with pytest.raises(Refusal, match="up to 200 lines; with these 200 it would have 201"):
        paste(FORM, "text.2", "x\t1\n" * 200, KEY)
    assert len(paste(FORM, "text.1", "x\t1\n" * 200, KEY).form.lines) == 200


@pytest.mark.parametrize("name", ["text.9", "total.1", "", None, "text", "qty."])
def test_a_cell_that_is_not_there_is_refused(name: object) -> None:
    with pytest.raises(Refusal):
        paste(FORM, name, "a\tb", KEY)


def test_too_many_rows_are_told_by_their_true_number() -> None:
    with pytest.raises(Refusal, match="up to 200 lines; with these 300 it would have 301. Nothing was pasted"):
        paste(FORM, "text.2", "x\t1\n" * 300, KEY)
    with pytest.raises(Refusal, match="with these 300 it would have 300"):
        paste(FORM, "text.1", "Description\tQty\n" + "x\t1\n" * 300, KEY)


@pytest.mark.parametrize(
    "block, said",
    [
        ("a\t1\t10\t\t0\tpaid\t\nb\t1\t10\t\t0\t\tx", "2 columns were left out: there is no place for them here."),
        ("a\t1\t10\t\t0\tpaid", "1 column was left out: there is no place for it here."),
        ("a\t1\t10\t\t0\t\t", ""),  # nothing stands in it
        ("x\t" * 60 + "x", "55 columns were left out: there is no place for them here."),
    ],
)
def test_columns_beyond_the_last_one_are_told(block: str, said: str) -> None:
    sentence = paste(FORM, "text.1", block, KEY).sentence
    assert sentence.partition(". ")[2] == said


def test_where_a_practice_charges_no_tax_there_is_no_column_for_it() -> None:
    by_place = paste(FORM, "qty.1", "1\t100\t\tpaid late", KEY, has_tax=False)
    assert by_place.form.lines[0].tax == "0"
    assert by_place.sentence.endswith("1 column was left out: there is no place for it here.")
    by_heading = paste(FORM, "qty.1", "Description\tVAT\nIntake\t15", KEY, has_tax=False)
    assert (by_heading.form.lines[0].text, by_heading.form.lines[0].tax) == ("Intake", "0")
    assert by_heading.sentence.endswith("Left out, as there is no such column here: “VAT”.")
