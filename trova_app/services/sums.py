"""The server's answer to a key: the same arithmetic as `domain/lines.py`, with each row read only when it changed."""

from dataclasses import dataclass

from trova_app.domain.lines import Reading, Row, Style, line_text, read_rows, row_in, sum_texts
from trova_app.services.forms import Form, FormLine, Rules


def _row(line: FormLine, style: Style) -> Row:
    texts = {f"{cell}.{line.id}": getattr(line, cell) for cell in ("qty", "price", "off", "tax")}
    return row_in(texts, line.id, style)


@dataclass(frozen=True, slots=True)
class Read:
    """A form as read: of the next one only the lines that differ have to be read. `fixed`: the rules as texts."""

    form: Form
    rules: Rules
    fixed: dict[str, str]
    reading: Reading


def read_after(form: Form, rules: Rules, before: Read | None) -> Read:
    """What `lines.reading` makes of the whole form. `before`: how it, or the form it came from, was read; a line that
    is the very object it was has the row it had."""
    if before is None or (before.rules is not rules and before.rules != rules):
        had, fixed, style = {}, dict(rules.pairs()), _style(rules)
    elif before.form is form:
        return before
    else:
        had = dict(zip(map(id, before.form.lines), before.reading.rows, strict=True))
        fixed, style = before.fixed, before.reading.style
    rows = [had.get(id(x)) or _row(x, style) for x in form.lines]
    texts = fixed | {"invoice_off": form.texts.invoice_off, "cash": form.texts.cash}
    return Read(form, rules, fixed, read_rows(rows, texts, style))


def _style(rules: Rules) -> Style:
    given = rules.style
    return Style(places=given.places, symbol=given.symbol, group=given.group, point=given.point)


def sums_in(read: Read) -> list[str]:
    """Subtotal, discount, tax, total, paid, due as texts; "" each while a figure cannot be read."""
    return [text for _, text in sum_texts(read.reading)]


def lines_in(read: Read) -> dict[str, str]:
    """Each line's total as text, "" while it cannot be read."""
    return {row.line_id: line_text(row, read.reading.style) for row in read.reading.rows}


def line_in(read: Read, line_id: str) -> str:
    return next((line_text(row, read.reading.style) for row in read.reading.rows if row.line_id == line_id), "")


def sums_of(form: Form, rules: Rules) -> list[str]:
    return sums_in(read_after(form, rules, None))
