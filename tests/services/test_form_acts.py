"""Acts as pages tell of them: which are taken, in which order, and what of lines that are gone."""

from datetime import date
from typing import Any

import pytest

from trova_app.domain.money import style_of
from trova_app.domain.refusals import Refusal
from trova_app.services.form_acts import MOST_AGAIN, Around, done, puts, said_in
from trova_app.services.form_helps import Helps
from trova_app.services.forms import Form, FormLine, FormTexts, Rules
from trova_app.services.readiness import Facts

KEY = "abcdefghij"
LINE = "p0123456789ab"


@pytest.fixture
def around() -> Around:
    facts = Facts(Rules(style_of("ZAR", "ZA"), inclusive=False), today=date(2026, 3, 18))
    return Around(Helps(facts, (), "", month_first=False), tax="15", charges_tax=True, key=KEY)


def a_form(*texts: str) -> Form:
    form = Form(lines=(), texts=FormTexts())
    for text in texts:
        form = form.with_line(FormLine("", text=text))
    return form


def an_act(rev: Any, name: str = "add", *args: Any) -> list[Any]:
    return [name, list(args or [LINE]), KEY, rev]


def test_as_many_acts_are_taken_at_once_as_a_page_says():
    said = said_in([an_act(rev) for rev in range(MOST_AGAIN + 1)])
    assert [act.rev for act in said] == list(range(MOST_AGAIN))


def test_acts_told_out_of_order_are_taken_in_their_order():
    assert [act.rev for act in said_in([an_act(7), an_act(2), an_act(5)])] == [2, 5, 7]


@pytest.mark.parametrize(
    "given",
    [
        None,
        "add",
        [an_act("1")],
        [an_act(True)],
        [an_act(1, "delete", "1")],
        [an_act(1, "move", "1", "1")],
        [["add", LINE, KEY, 1]],
        [["add", [LINE], KEY[1:], 1]],
        [["add", [LINE], "ab-defghij", 1]],
        [["add", [LINE], KEY]],
    ],
)
def test_what_no_page_says_is_not_taken(given):
    assert said_in(given) == []


@pytest.mark.parametrize(
    ("name", "args"), [("duplicate", ["7"]), ("move", ["7", 1]), ("put", ["7", 0]), ("paste", ["qty.7", "3\t4"])]
)
def test_an_act_on_a_line_that_is_gone_says_so(around, name, args):
    with pytest.raises(Refusal, match="That line is not on this form any more"):
        done(a_form("One", "Two"), name, args, around)


def test_a_line_that_is_gone_may_be_removed_again(around):
    form = a_form("One", "Two")
    assert done(form, "remove", ["7"], around).form == form


def test_what_an_act_has_put_into_lines_is_known_also_where_it_was_done_before(around):
    form = a_form("One", "Two").with_text("text.2", "Report").with_text("qty.2", "3")
    assert puts(form, "paste", ["text.2", "Report\t3"], around) == {("text.2", "Report"), ("qty.2", "3")}
    assert puts(form, "move", ["2", -1], around) == set()


def test_an_act_that_would_make_a_line_twice_is_refused(around):
    form = done(a_form("One"), "paste", ["text.1", "One\t1\nTwo\t1"], around).form.without_line("1")
    with pytest.raises(Refusal, match="done already"):
        done(form, "paste", [f"text.{form.lines[0].id}", "One\t1\nTwo\t1"], around)


def test_a_line_is_added_once_and_at_the_standard_tax(around):
    form = done(a_form("One"), "add", [LINE], around).form
    assert [(line.id, line.tax) for line in form.lines] == [("1", "0"), (LINE, "15")]
    assert done(form, "add", [LINE], around).form == form
    assert done(form, "add", ["7"], around).form == form


def test_a_line_moves_by_one_and_no_further(around):
    form = a_form("One", "Two", "Three")
    assert [line.text for line in done(form, "move", ["1", 1], around).form.lines] == ["Two", "One", "Three"]
    assert done(form, "move", ["1", 2], around).form == form
