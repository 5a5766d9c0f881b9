"""Two people at one form: what does not touch is put together, what does is asked about, nothing is lost silently."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trova_app.services.forms import Form, FormLine, FormTexts
from trova_app.services.merging import merge, with_theirs

BASE = Form(
    lines=(FormLine("1", price="100"), FormLine("2", price="200")),
    texts=FormTexts(payment_type="online"),
    diagnoses=(("F41.1", "Generalized anxiety disorder"),),
)


def test_edits_of_different_cells_are_put_together():
    both = merge(BASE, BASE.with_text("price.1", "150"), BASE.with_text("qty.1", "2"))
    assert (both.form.lines[0].price, both.form.lines[0].qty, both.touching) == ("150", "2", ())


def test_two_edits_of_one_cell_are_asked_about():
    both = merge(BASE, BASE.with_text("price.1", "150"), BASE.with_text("price.1", "160"))
    assert both.touching == ("price.1",)


def test_the_same_edit_on_both_sides_touches_nothing():
    edited = BASE.with_text("price.1", "150")
    assert merge(BASE, edited, edited).touching == ()


REPORT, TRAVEL = FormLine("p0123456789ab", text="Report"), FormLine("pzyxwvutsrqpo", text="Travel")


def test_lines_both_added_both_stay():
    mine, theirs = BASE.with_line(REPORT), BASE.with_line(TRAVEL)
    both = merge(BASE, mine, theirs)
    assert [line.text for line in both.form.lines[2:]] == ["Travel", "Report"]
    assert len({line.id for line in both.form.lines}) == 4


def test_a_line_that_its_page_posted_and_went_on_with_is_one_line():
    begun = BASE.with_new_line("15", "p0123456789ab")
    posted = begun.with_text("text.p0123456789ab", "Rep").with_text("qty.p0123456789ab", "2")
    both = merge(BASE, begun.with_text("text.p0123456789ab", "Report"), posted)
    assert both.form.lines[2:] == (FormLine("p0123456789ab", text="Report", qty="2", tax="15"),)
    assert both.touching == ()
    assert merge(BASE, begun, posted).form == posted


def test_a_line_removed_by_one_goes():
    assert [line.id for line in merge(BASE, BASE, BASE.without_line("1")).form.lines] == ["2"]
    assert [line.id for line in merge(BASE, BASE.without_line("1"), BASE).form.lines] == ["2"]


def test_a_line_removed_by_one_and_changed_by_the_other_is_asked_about_and_kept():
    both = merge(BASE, BASE.with_text("price.1", "150"), BASE.without_line("1"))
    assert both.touching
    assert "150" in [line.price for line in both.form.lines]


def test_a_line_i_removed_and_the_other_changed_is_asked_about_and_either_answer_holds():
    theirs = BASE.with_text("price.1", "150")
    both = merge(BASE, BASE.without_line("1"), theirs)
    assert both.touching == ("text.1",)
    assert [line.id for line in both.form.lines] == ["2"]
    assert with_theirs(both.form, theirs, both.touching).lines == theirs.lines


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (BASE.with_text("price.1", "150"), BASE.with_text("price.1", "160").with_line(TRAVEL)),
        (BASE.with_text("cash", "1"), BASE.with_text("cash", "2").with_text("qty.1", "3")),
        (BASE.without_line("1"), BASE.with_text("price.1", "160")),
        (BASE.with_text("price.1", "150"), BASE.without_line("1")),
        (BASE.with_line(REPORT).with_text("qty.2", "2"), BASE.with_line(TRAVEL).with_text("qty.2", "3")),
    ],
)
def test_what_is_not_answered_is_asked_again(mine, theirs):
    once = merge(BASE, mine, theirs)
    again = merge(once.agreed, once.form, theirs)
    assert again.touching == once.touching != ()
    assert (again.form, again.agreed) == (once.form, once.agreed)
    newer = theirs.with_text("invoice_off", "5")
    later = merge(once.agreed, once.form, newer)
    assert later.touching == once.touching
    assert len(later.form.lines) == len(once.form.lines)
    assert later.form.texts.invoice_off == "5"


def test_a_new_order_of_mine_stays():
    assert [line.id for line in merge(BASE, BASE.moved("1", 1), BASE).form.lines] == ["2", "1"]


def test_a_line_of_either_stays_in_its_place_among_the_others():
    mine, theirs = BASE.with_line(REPORT).moved(REPORT.id, -1), BASE.with_line(TRAVEL)
    ids = ["1", REPORT.id, "2", TRAVEL.id]
    assert [line.id for line in merge(BASE, mine, theirs).form.lines] == ids
    assert [line.id for line in merge(BASE, theirs, mine).form.lines] == ids
    turned = BASE.moved("1", 1)
    assert [line.id for line in merge(BASE, turned, mine).form.lines] == [REPORT.id, "2", "1"]


def test_diagnoses_of_both_stay():
    mine, theirs = BASE.with_diagnosis("F32.1", ""), BASE.with_diagnosis("G47.0", "").without_diagnosis("F41.1")
    assert [code for code, _ in merge(BASE, mine, theirs).form.diagnoses] == ["G47.0", "F32.1"]


EDITS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["qty.1", "price.1", "price.2", "text.2", "cash", "invoice_off"]),
            st.text("abc1", max_size=2),
        ),
        st.sampled_from(["add", "drop 1", "drop 2", "swap"]),
    ),
    max_size=5,
)


def _edited(form: Form, edits, whose: str) -> Form:
    for n, edit in enumerate(edits):
        if edit == "add":
            form = form.with_new_line("0", f"p{whose}{n:08d}")
        elif edit == "swap":
            form = form.moved(form.lines[0].id, 1) if form.lines else form
        elif isinstance(edit, str):
            form = form.without_line(edit[-1])
        elif edit[0] in dict(form.pairs()):
            form = form.with_text(*edit)
    return form


@given(EDITS, EDITS)
def test_ids_stay_unique_and_an_untouched_side_gives_the_other(mine, theirs):
    left, right = _edited(BASE, mine, "mine"), _edited(BASE, theirs, "your")
    both = merge(BASE, left, right).form
    assert len({line.id for line in both.lines}) == len(both.lines)
    assert merge(BASE, BASE, right).form == right
    assert merge(BASE, left, BASE).form == left
