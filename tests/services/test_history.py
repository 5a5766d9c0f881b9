"""Undo and redo bring back exactly what was there."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from trova_app.services.forms import Form, FormLine, FormTexts, id_by_act
from trova_app.services.grid_edits import duplicated, put_at
from trova_app.services.history import MOST_STEPS, History, what_changed
from trova_app.services.paste import paste

START = Form(
    lines=(FormLine(id="1", text="One", price="100"), FormLine(id="2", text="Two", price="200")),
    texts=FormTexts(payment_type="other", keep="on"),
    diagnoses=(("F41.1", "Generalized anxiety disorder"),),
)


def said(form: Form) -> list[tuple[str, ...]]:
    """What a person sees: all but the ids."""
    lines = [(x.date, x.code, x.text, x.qty, x.price, x.off, x.tax, x.dx) for x in form.lines]
    return [*lines, (form.texts.payment_type, form.texts.invoice_off), *form.diagnoses]


KEY, NUMBERS = "abcdefghij", count()


def key() -> str:
    """Of a new act."""
    return f"key{next(NUMBERS):07d}"


def added(form: Form) -> Form:
    return form.with_new_line("0", f"p00{key()}")


def changed(form: Form, kind: int, n: int) -> tuple[Form, str]:
    """One edit of a person: (the form after it, the field it was in)."""
    line = form.lines[n % len(form.lines)] if form.lines else None
    if kind == 0 or line is None:
        return added(form), ""
    if kind == 1:
        return form.with_text(f"text.{line.id}", f"words {n}"), f"text.{line.id}"
    if kind == 2:
        return form.without_line(line.id), ""
    if kind == 3:
        return duplicated(form, line.id, key()), ""
    if kind == 4:
        return put_at(form, line.id, n), ""
    if kind == 5:
        return form.with_text("invoice_off", str(n)), "invoice_off"
    return form.with_texts([(f"code.{line.id}", "86205"), (f"price.{line.id}", str(n))]), ""


edits = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5)), min_size=1, max_size=25)
few = st.sampled_from([1, 3])  # of one line: so two people, or one of them twice, come to the same text
edits_of_two = st.lists(st.tuples(st.booleans(), st.integers(0, 6), few), min_size=1, max_size=25)


@given(edits)
def test_undoing_everything_leads_back_and_redoing_everything_leads_forward(steps: list[tuple[int, int]]) -> None:
    form, history = START, History()
    for kind, n in steps:
        after, name = changed(form, kind, n)
        history, form = history.noted(form, name), after
    end = said(form)
    while found := history.undone(form):
        history, form = found
    assert said(form) == said(START)
    while found := history.redone(form):
        history, form = found
    assert said(form) == end


def test_the_keys_of_one_text_are_one_step() -> None:
    form, history = START, History()
    for text in ("T", "Te", "Tea"):
        history = history.noted(form, "text.1")
        form = form.with_text("text.1", text)
    found = history.undone(form)
    assert found is not None and said(found[1]) == said(START)


def test_another_field_between_makes_three_steps() -> None:
    form, history = START, History()
    for name, text in (("text.1", "a"), ("price.1", "5"), ("text.1", "ab")):
        history, form = history.noted(form, name), form.with_text(name, text)
    assert len(history.past) == 3


def test_typing_after_an_undo_forgets_what_could_be_redone() -> None:
    history, form = History().noted(START), START.without_line("1")
    found = history.undone(form)
    assert found is not None
    history, form = found
    assert history.can_redo(form)
    assert not history.noted(form, "text.2").can_redo(form.with_text("text.2", "x"))


def test_only_so_many_steps_are_kept() -> None:
    form, history = START, History()
    for n in range(MOST_STEPS + 20):
        history, form = history.noted(form, ""), form.with_text("text.1", str(n))
    assert len(history.past) == MOST_STEPS


def test_the_tick_about_the_profile_is_no_step() -> None:
    history = History().noted(START)
    form = START.with_text("keep", "")
    assert not history.can_undo(form)
    found = history.undone(form.without_line("1"))
    assert found is not None and found[1].texts.keep == ""


def test_what_changed_is_said_in_words() -> None:
    assert what_changed(START, START.without_line("1")) == "1 line"
    assert what_changed(START, START.with_text("price.2", "5")) == "line 2"
    both = START.with_text("price.1", "5").with_text("price.2", "5")
    assert what_changed(START, both) == "2 lines"
    assert what_changed(START, put_at(START, "2", 0)) == "the order"
    assert what_changed(START, START.with_text("cash", "5")) == "a field"
    assert what_changed(START, START.without_diagnosis("F41.1")) == "diagnoses"


def test_a_line_is_put_where_it_was_dropped_and_strange_places_are_the_ends() -> None:
    three = START.with_line(FormLine(id="", text="Three"))
    assert [x.text for x in put_at(three, "1", 1).lines] == ["Two", "One", "Three"]
    assert [x.text for x in put_at(three, "3", -7).lines] == ["Three", "One", "Two"]
    assert [x.text for x in put_at(three, "1", 99).lines] == ["Two", "Three", "One"]
    assert put_at(three, "9", 0) is three and put_at(three, "1", "0") is three


def test_a_duplicate_stands_behind_its_line_with_an_id_of_its_own() -> None:
    form, new = duplicated(START, "1", KEY), id_by_act(KEY)
    assert [(x.id, x.text) for x in form.lines] == [("1", "One"), (new, "One"), ("2", "Two")]
    assert duplicated(START, "nine", KEY) is START


def test_words_in_the_box_for_a_diagnosis_are_no_step() -> None:
    searched = START.with_text("diagnosis", "anxiety")
    history = History().noted(START, "diagnosis")
    assert not history.can_undo(searched)
    longer = searched.with_text("price.1", "5")
    found = history.noted(searched, "price.1").undone(longer)
    assert found is not None
    assert (found[1].lines[0].price, found[1].texts.diagnosis) == ("100", "anxiety")


def test_undoing_a_paste_tells_all_the_lines_that_went_or_changed() -> None:
    one = START.without_line("2")
    pasted = paste(one, "text.1", "One\t\t1\t100\n" + "\n".join(f"Row {n}\t1\t10" for n in range(199)), key()).form
    assert len(pasted.lines) == 200
    assert what_changed(pasted, one) == "200 lines"  # the first has a quantity now
    longer = one
    for _ in range(199):
        longer = added(longer)
    assert what_changed(longer, one) == what_changed(one, longer) == "199 lines"


def test_no_more_lines_are_told_than_there_are() -> None:
    three = START.with_line(FormLine(id="", text="Three"))
    other = put_at(put_at(three, "3", 0), "1", 9).with_text("text.2", "Other")
    assert [x.text for x in other.lines] == ["Three", "Other", "One"]
    assert what_changed(three, other) == what_changed(other, three) == "3 lines"


@given(edits)
def test_what_changed_never_tells_of_more_lines_than_either_form_has(steps: list[tuple[int, int]]) -> None:
    form = START
    for kind, n in steps:
        form, _ = changed(form, kind, n)
    for said_of in (what_changed(START, form), what_changed(form, START)):
        number, _, unit = said_of.partition(" ")
        assert not unit.startswith("line") or int(number) <= max(len(START.lines), len(form.lines))


def undone(history: History, form: Form) -> tuple[History, Form]:
    found = history.undone(form)
    assert found is not None
    return found


def test_steps_go_on_where_somebody_else_has_edited_another_cell() -> None:
    history, mine = History().noted(START, "text.1"), START.with_text("text.1", "Mine")
    both = mine.with_text("price.2", "7").with_line(FormLine("p0123456789ab", text="Theirs"))
    history, back = undone(history.with_theirs(mine, both), both)
    assert back == both.with_text("text.1", "One")
    found = history.redone(back)
    assert found is not None and found[1] == both


def test_what_somebody_else_has_written_over_mine_is_not_taken_back() -> None:
    history, mine = History().noted(START, "price.1"), START.with_text("price.1", "150")
    history, mine = history.noted(mine, "text.1"), mine.with_text("text.1", "Mine")
    both = mine.with_text("text.1", "Theirs")
    _, back = undone(history.with_theirs(mine, both), both)
    assert back == both.with_text("price.1", "100")  # the step before
    alone = History().noted(START, "text.1").with_theirs(mine, both)
    assert not alone.can_undo(both.with_text("price.1", "100"))


def test_a_text_of_theirs_stands_in_every_step_also_where_one_of_mine_was_the_same() -> None:
    history, mine = History(), START
    for name, text in (("price.1", "900"), ("text.1", "Mine"), ("price.1", "950")):
        history, mine = history.noted(mine, name), mine.with_text(name, text)
    both = mine.with_text("price.1", "900")
    history, back = undone(history.with_theirs(mine, both), both)
    assert back == both.with_text("text.1", "One")
    assert not history.can_undo(back)


def test_what_was_typed_over_theirs_goes_back_to_theirs() -> None:
    history, mine = History().noted(START, "text.1"), START.with_text("text.1", "Mine")
    both = mine.with_text("text.1", "Theirs")
    history = history.with_theirs(mine, both).noted(both, "text.1")
    history, back = undone(history, both.with_text("text.1", "Mine again"))
    assert back == both
    assert not history.can_undo(back)


def test_behind_my_own_texts_that_were_kept_stands_theirs() -> None:
    history, mine = History(), START
    for name, text in (("price.1", "150"), ("text.2", "Mine"), ("price.1", "160")):
        history, mine = history.noted(mine, name), mine.with_text(name, text)
    history = history.with_mine_kept(START, START.with_text("price.1", "900"))
    prices = []
    while found := history.undone(mine):
        history, mine = found
        prices.append((mine.lines[0].price, mine.lines[1].text))
    assert prices == [("150", "Mine"), ("150", "Two"), ("900", "Two")]


def test_a_line_i_removed_against_their_edit_comes_back_with_it() -> None:
    theirs = START.with_text("price.1", "900")
    history = History().noted(START).with_mine_kept(START, theirs)
    assert undone(history, START.without_line("1"))[1] == theirs


def test_a_line_i_removed_comes_back_to_its_place_among_theirs() -> None:
    mine = START.without_line("1")
    history, both = History().noted(START), mine.with_line(FormLine("p0123456789ab", text="Theirs"))
    _, back = undone(history.with_theirs(mine, both), both)
    assert [line.text for line in back.lines] == ["One", "Two", "Theirs"]


def test_a_line_of_mine_in_which_they_have_written_stays() -> None:
    mine = added(START)
    new = mine.lines[-1].id
    both = mine.with_text(f"text.{new}", "Theirs")
    assert not History().noted(START).with_theirs(mine, both).can_undo(both)
    typed = mine.with_text(f"text.{new}", "Mine")
    history, both = History().noted(START).noted(mine, f"text.{new}"), typed.with_text(f"qty.{new}", "4")
    history, back = undone(history.with_theirs(typed, both), both)
    assert back == both.with_text(f"text.{new}", "")
    assert not history.can_undo(back)


def test_a_line_they_have_removed_does_not_come_back() -> None:
    mine = START.with_text("text.1", "Mine")
    both = mine.without_line("1")
    assert not History().noted(START).with_theirs(mine, both).can_undo(both)


def test_a_line_i_removed_and_took_back_from_them_is_as_they_have_it() -> None:
    mine = START.without_line("1")
    both = START.with_text("text.1", "")
    assert not History().noted(START).with_theirs(mine, both).can_undo(both)


def test_lines_i_moved_go_back_and_theirs_stay_where_they_are() -> None:
    three = START.with_line(FormLine("3", text="Three"))
    mine = put_at(three, "3", 0)
    both = mine.with_line(FormLine("p0123456789ab", text="Theirs"))
    _, back = undone(History().noted(three).with_theirs(mine, both), both)
    assert [line.text for line in back.lines] == ["One", "Two", "Three", "Theirs"]


@given(edits_of_two)
def test_nothing_another_person_wrote_is_undone_however_their_edits_fall_between(
    steps: list[tuple[bool, int, int]],
) -> None:
    """Back to the beginning and forward again. `theirs`: what they wrote last in each field."""
    form, history, theirs = START, History(), dict[str, str]()
    for is_mine, kind, n in steps:
        after, name = changed(form, kind, n)
        if is_mine:
            history = history.noted(form, name)
        else:
            known = dict(form.pairs())
            theirs |= {field: text for field, text in after.pairs() if known.get(field) != text}
            removed = {line.id for line in form.lines} - {line.id for line in after.lines}
            theirs = {field: text for field, text in theirs.items() if field.partition(".")[2] not in removed}
            history = history.with_theirs(form, after)
        form = after
    while found := history.undone(form):
        history, form = found
        assert len({line.id for line in form.lines}) == len(form.lines)
    here = dict(form.pairs())
    assert {field: here.get(field) for field in theirs} == theirs
