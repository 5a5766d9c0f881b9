"""What a page posts as it goes and finds the form finished, by somebody else or in another tab: kept for its writer,
and shown to nobody else, as what waited for an answer is (`kept_texts`)."""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlmodel import Session, col, select

from trova_app.domain.diagnoses import tidy_code
from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.lines import money
from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import Payment
from trova_app.services.billing.draft import typed_codes
from trova_app.services.billing.void import form_of
from trova_app.services.form_acts import Said, cells_of_fill
from trova_app.services.form_helps import MONTH_FIRST
from trova_app.services.form_words import field_words
from trova_app.services.forms import (
    LINE_CELLS,
    LONGEST_TYPED,
    MOST_LINES,
    TEXT_NAMES,
    Form,
    FormLine,
    FormTexts,
    Rules,
    as_typed,
)
from trova_app.services.kept_texts import keep_late_cells
from trova_app.services.paste import paste
from trova_app.services.ports import Desk
from trova_app.services.sums import Read, read_after
from trova_app.services.working_copy import Case, working_copy

BLOCK, CODE = "block ", "code "
COUNTED = ("qty.", "price.", "off.", "tax.", "invoice_off", "cash")
LONGEST_NAME = 40
NOT_OF_A_DOCUMENT = ("keep", "diagnosis")  # a tick, and words to look a diagnosis up by


class Typed(NamedTuple):
    """`mine`: the texts the box has had there. `rev`: its place among the page's edits, None after all of them."""

    name: str
    text: str
    mine: list[str]
    rev: int | None


@dataclass(frozen=True, slots=True)
class _Standing:
    """The document as a form, or the form that stays. `said`: those of its fields that the page's names mean, too."""

    form: Form
    said: dict[str, str]
    rules: Rules
    read: Read


def keep_late(
    db: Session, desk: Desk, who: Principal, *, case: Case, told: Sequence[Typed], acts: Iterable[Said], order: object
) -> bool:
    """`order`: the ids of the page's lines from above. What the document, or the form that stays, says as well is left
    out. True when that is all of it."""
    done = list(acts)
    lines, blocks = _after_pasting(case, _ids(order), done)
    stands = _as_it_stands(db, desk, case, lines)
    numbers = {line_id: n for n, line_id in enumerate(lines, start=1)}
    cells = _in_order(told, done)
    newest: dict[str, float] = {}
    for cell in (*cells, *(part for parts in blocks.values() for part in parts)):
        newest[cell.name] = max(newest.get(cell.name, _at(cell)), _at(cell))

    def is_late(cell: Typed) -> bool:
        put = blocks.get(cell.name)
        parts = [cell] if put is None else [part for part in put if _at(part) == newest[part.name]]
        return cell.text.strip() != "" and not all(_says(stands, part) for part in parts)

    late = [cell for cell in {cell.name: cell for cell in cells}.values() if is_late(cell)]
    keep_late_cells(
        db,
        desk,
        who,
        appointment_id=case.appointment.id or 0,
        cells=[(cell.name, _words(cell.name, numbers), cell.text) for cell in late],
        earlier={(cell.name, text) for cell in cells for text in (*cell.mine, cell.text)},
    )
    return not late


def keep_of_gone_lines(
    db: Session, desk: Desk, who: Principal, *, appointment_id: int, told: Sequence[Typed], form: Form, order: object
) -> None:
    """What was typed into lines that are not in the open form any more, as far as it says anything new."""
    numbers = {line_id: n for n, line_id in enumerate(_ids(order), start=1)}
    there = {line.id for line in form.lines}
    late = [
        cell
        for cell in _in_order(told, [])
        if cell.name not in TEXT_NAMES and cell.name.partition(".")[2] not in there
        if cell.text.strip() != "" and cell.text not in cell.mine[:1]
    ]
    cells = [(cell.name, _words(cell.name, numbers), cell.text) for cell in late]
    keep_late_cells(db, desk, who, appointment_id=appointment_id, cells=cells, earlier=set())


def _at(cell: Typed) -> float:
    return math.inf if cell.rev is None else cell.rev


def _ids(order: object) -> list[str]:
    listed = order[:MOST_LINES] if isinstance(order, list) else []
    return list(dict.fromkeys(one for one in listed if isinstance(one, str) and len(one) <= LONGEST_NAME))


def _after_pasting(case: Case, ids: list[str], acts: list[Said]) -> tuple[list[str], dict[str, list[Typed]]]:
    """The ids of the page's lines with its blocks in them, and what each block puts there, by the name it is kept
    under. A block that fits nowhere puts nothing."""
    form, blocks = Form(tuple(FormLine(line_id) for line_id in ids), FormTexts()), {}
    month_first = case.practice.country in MONTH_FIRST
    for act in acts:
        if act.name != "paste":
            continue
        with suppress(Refusal):
            name, block = act.args
            made = paste(form, name, block, act.key, has_tax=case.practice.charges_tax, month_first=month_first)
            form, put = made.form, dict(made.form.pairs())
            if made.names:
                blocks[BLOCK + act.key] = [Typed(name, put[name], [], act.rev) for name in made.names]
    return [line.id for line in form.lines], blocks


def _in_order(told: Sequence[Typed], acts: list[Said]) -> list[Typed]:
    """What each box said one after the other, by a key or an act, and what acts would have added beside the boxes."""
    done = [cell for act in acts for cell in _texts_in(act)]
    known = [cell for cell in told if is_of_a_document(cell.name)]
    return [
        cell._replace(text=_clean(cell), mine=[as_typed(text) for text in cell.mine])
        for cell in sorted([*done, *known], key=_at)
    ]


def _clean(cell: Typed) -> str:
    """A block is of many boxes, and as long as what a page may post."""
    return as_typed(cell.text, None if cell.name.startswith(BLOCK) else LONGEST_TYPED)


def _texts_in(act: Said) -> Iterator[Typed]:
    if act.name == "fill":
        yield from (Typed(name, text, [had], act.rev) for name, text, had in cells_of_fill(act.args) if text != had)
    elif act.name == "paste":
        yield Typed(BLOCK + act.key, act.args[1], [], act.rev)
    elif act.name == "add_code" and as_typed(act.args[0]) == act.args[0]:
        yield Typed(CODE + act.args[0][:LONGEST_NAME], act.args[0], [], act.rev)


def is_of_a_document(name: str) -> bool:
    """Whether it names a text that a document could say. Also a line's that is not on the page any more."""
    cell, _, line_id = name.partition(".")
    is_known = name in TEXT_NAMES or (cell in LINE_CELLS and line_id != "")
    return is_known and name not in NOT_OF_A_DOCUMENT and len(name) <= LONGEST_NAME and as_typed(name) == name


def _words(name: str, places: dict[str, int]) -> str:
    if name.startswith(BLOCK):
        return "A pasted block"
    return "Diagnosis added" if name.startswith(CODE) else field_words(name, places)


def _as_it_stands(db: Session, desk: Desk, case: Case, ids: list[str]) -> _Standing:
    """The document, its lines named as the page's are in their order where they are as many: otherwise nobody knows
    which is which. Without a document, the saved form."""
    if case.invoice is None or case.invoice.status == DocumentStatus.DRAFT:
        form = working_copy(db, desk, case).form
        return _Standing(form, dict(form.pairs()), case.rules, read_after(form, case.rules, None))
    form = form_of(db, desk, case, case.invoice)
    of = (Payment.practice_id == case.practice.id, Payment.invoice_id == case.invoice.id)
    query = select(Payment).where(*of, Payment.provider == "manual")
    paid = db.exec(query.order_by(col(Payment.id))).first()
    if paid is not None:
        style = case.rules.style
        cash = money(paid.amount_minor, style.places, "", style.group, style.point)
        day, reference = paid.received_on.isoformat(), paid.reference
        texts = replace(form.texts, cash=cash, method=paid.method, received_on=day, reference=reference)
        form = replace(form, texts=texts)
    is_known = len(ids) == len(form.lines)
    if is_known:
        lines = zip(form.lines, ids, strict=True)
        form = replace(form, lines=tuple(replace(line, id=line_id) for line, line_id in lines))
    said = {name: text for name, text in form.pairs() if is_known or name in TEXT_NAMES}
    return _Standing(form, said, case.rules, read_after(form, case.rules, None))


def _says(stands: _Standing, cell: Typed) -> bool:
    name, text, form = cell.name, cell.text.strip(), stands.form
    if name.startswith(CODE):
        return any(code == tidy_code(text) for code, _ in form.diagnoses)
    said = stands.said.get(name)
    if said is None or said.strip() == text:
        return said is not None
    if name.startswith("dx."):
        return _codes(said, form) == _codes(text, form)
    if not name.startswith(COUNTED):
        return False
    now, then = stands.read.reading, read_after(form.with_text(name, text), stands.rules, stands.read).reading
    is_same = now.totals == then.totals and now.form.lines == then.form.lines and now.form.cash == then.form.cash
    return is_same and not then.faults


def _codes(dx: str, form: Form) -> list[str]:
    """A line's own ICD-10 codes, where it has none all of the form's."""
    own = dict.fromkeys(tidy_code(code) for code in typed_codes(dx))
    return list(own) or [code for code, _ in form.diagnoses]
