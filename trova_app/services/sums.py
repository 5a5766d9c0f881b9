"""The server's answer to a key: the same arithmetic as `domain/lines.py`, with each row read only when it changed."""

from functools import lru_cache

from trova_app.domain.lines import Reading, Row, Style, read_rows, row_in, sum_texts
from trova_app.services.forms import Form, FormLine, Rules


@lru_cache(maxsize=20_000)
def _row(line_id: str, qty: str, price: str, off: str, tax: str, style: Style) -> Row:
    """A pure function of its texts, so rows read before are not read again; nothing in it tells whose they are."""
    texts = {"qty." + line_id: qty, "price." + line_id: price, "off." + line_id: off, "tax." + line_id: tax}
    return row_in(texts, line_id, style)


def _read(line: FormLine, style: Style) -> Row:
    return _row(line.id, line.qty, line.price, line.off, line.tax, style)


def reading_of(form: Form, rules: Rules) -> Reading:
    """What `lines.reading` makes of the whole form."""
    given = rules.style
    style = Style(places=given.places, symbol=given.symbol, group=given.group, point=given.point)
    texts = dict(rules.pairs()) | {"invoice_off": form.texts.invoice_off, "cash": form.texts.cash}
    return read_rows([_read(line, style) for line in form.lines], texts, style)


def sums_of(form: Form, rules: Rules) -> list[str]:
    """Subtotal, discount, tax, total, paid, due as texts; "" each while a figure cannot be read."""
    return [text for _, text in sum_texts(reading_of(form, rules))]
