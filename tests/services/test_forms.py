"""The working copy as it is kept: every character as it was typed."""

import json
from dataclasses import asdict, replace

from hypothesis import given
from hypothesis import strategies as st

from trova_app.services.forms import Form, FormLine, FormTexts

TYPED = st.text(max_size=12)
LINES = st.builds(FormLine, id=st.integers(1, 9).map(str), date=TYPED, code=TYPED, text=TYPED, price=TYPED, dx=TYPED)
FORMS = st.builds(
    Form,
    lines=st.lists(LINES, max_size=4).map(tuple),
    texts=st.builds(FormTexts, cash=TYPED, reference=TYPED),
    diagnoses=st.lists(st.tuples(TYPED, TYPED), max_size=2).map(tuple),
    profile=st.lists(st.tuples(TYPED, TYPED), max_size=2).map(tuple),
)


@given(FORMS)
def test_a_form_comes_back_from_where_it_was_kept_as_it_was_typed(form: Form) -> None:
    assert Form.from_json(form.to_json()) == form
    assert json.loads(form.to_json()) == json.loads(json.dumps(asdict(form)))


def test_half_characters_and_control_characters_are_not_typed() -> None:
    form = Form(lines=(FormLine("1"),), texts=FormTexts())
    assert form.with_text("text.1", "a\ud83d\x00b \U0001f600").lines[0].text == "ab \U0001f600"


def test_a_line_that_changed_is_kept_as_it_is_now() -> None:
    form = Form(lines=(FormLine("1", text="Psychotherapy"), FormLine("2", text="Report")), texts=FormTexts())
    form.to_json()
    changed = form.with_text("text.1", 'Psychotherapy, "90 min" \N{EM DASH} \u2028')
    assert Form.from_json(changed.to_json()) == changed != form
    assert Form.from_json(replace(form).to_json()) == form
