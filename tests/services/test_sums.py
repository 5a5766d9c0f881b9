"""The short way to the sums says what the whole form says, for every form there may be."""

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.random_forms import HOSTILE
from trova_app.domain.lines import shown
from trova_app.domain.money import style_of
from trova_app.services.forms import Form, FormLine, FormTexts, Rules
from trova_app.services.sums import sums_of

FIGURES = st.one_of(
    st.sampled_from(["", "1", "1,5", "1 250,00", "10%", "100", "0", "R 12,30", *HOSTILE]), st.text(max_size=12)
)
LINES = st.lists(st.tuples(FIGURES, FIGURES, FIGURES, st.sampled_from(["0", "15", "abc"])), max_size=6)


@given(
    LINES,
    FIGURES,
    FIGURES,
    st.sampled_from([("ZAR", "ZA"), ("JPY", "JP"), ("KWD", "KW"), ("USD", "US")]),
    st.booleans(),
)
def test_the_short_way_says_what_the_whole_form_says(lines, off, cash, money, inclusive):
    form = Form(
        lines=tuple(FormLine(id=str(i), qty=q, price=p, off=o, tax=t) for i, (q, p, o, t) in enumerate(lines)),
        texts=FormTexts(invoice_off=off, cash=cash),
    )
    rules = Rules(style_of(*money), inclusive)
    whole = dict(shown(rules.pairs() + form.pairs()))
    assert sums_of(form, rules) == [whole[name] for name in ("subtotal", "discount", "tax", "total", "paid", "due")]
