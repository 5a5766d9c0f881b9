"""What a page posts as it goes and finds the form finished, by somebody else or in another tab: kept for its writer,
and shown to nobody else, as what waited for an answer is (`kept_texts`)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlmodel import Session, col, select

from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.lines import money
from trova_app.domain.permissions import Principal
from trova_app.models import Payment
from trova_app.services.billing.void import form_of
from trova_app.services.form_acts import Said, cells_of_fill
from trova_app.services.form_words import field_words
from trova_app.services.forms import LINE_CELLS, MOST_LINES, TEXT_NAMES, Form, Rules, as_typed
from trova_app.services.kept_texts import keep_late_cells
from trova_app.services.ports import Desk
from trova_app.services.sums import read_after
from trova_app.services.working_copy import Case, working_copy

BLOCK, CODE = "block ", "code "
COUNTED = ("qty.", "price.", "off.", "tax.", "invoice_off", "cash")
LONGEST_NAME = 40


class Typed(NamedTuple):
    """`mine`: the texts the box has had there. `rev`: its place among the page's edits, None after all of them."""

    name: str
    text: str
    mine: list[str]
    rev: int | None


def keep_late(
    db: Session, desk: Desk, who: Principal, *, case: Case, told: Sequence[Typed], acts: Iterable[Said], order: object
) -> bool:
    """`order`: the ids of the page's lines from above. What the document, or the form that stays, says as well is left
    out. True when that is all of it."""
    places = _ids(order)
    stands = _as_it_stands(db, desk, case, places)
    numbers = {line_id: n for n, line_id in enumerate(places, start=1)}
    late = [
        ((cell.name, _words(cell.name, numbers), cell.text), cell.mine)
        for cell in _last_of_each(told, acts)
        if cell.text.strip() and not _says(stands, case.rules, cell)
    ]
    keep_late_cells(db, desk, who, appointment_id=case.appointment.id or 0, cells=late)
    return not late


def _ids(order: object) -> list[str]:
    listed = order[:MOST_LINES] if isinstance(order, list) else []
    return [one for one in listed if isinstance(one, str) and len(one) <= LONGEST_NAME]


def _last_of_each(told: Sequence[Typed], acts: Iterable[Said]) -> list[Typed]:
    """What each box said last, by a key or by an act, and what acts would have added beside the boxes."""
    done = [cell for act in acts for cell in _texts_in(act)]
    known = [cell for cell in told if _is_of_a_form(cell.name)]
    in_order = sorted([*done, *known], key=lambda cell: (cell.rev is None, cell.rev or 0))
    return list({cell.name: cell._replace(text=as_typed(cell.text)) for cell in in_order}.values())


def _texts_in(act: Said) -> Iterator[Typed]:
    if act.name == "fill":
        yield from (Typed(name, text, [had], act.rev) for name, text, had in cells_of_fill(act.args) if text != had)
    elif act.name == "paste":
        yield Typed(BLOCK + act.key, act.args[1], [], act.rev)
    elif act.name == "add_code":
        yield Typed(CODE + act.args[0][:LONGEST_NAME], act.args[0], [], act.rev)


def _is_of_a_form(name: str) -> bool:
    cell, _, line_id = name.partition(".")
    is_known = name in TEXT_NAMES or (cell in LINE_CELLS and line_id != "")
    return is_known and name != "keep" and len(name) <= LONGEST_NAME


def _words(name: str, places: dict[str, int]) -> str:
    if name.startswith(BLOCK):
        return "A pasted block"
    return "Diagnosis added" if name.startswith(CODE) else field_words(name, places)


def _as_it_stands(db: Session, desk: Desk, case: Case, places: list[str]) -> Form:
    """The document as a form, its lines named as the page's are in their order; without one, the saved form."""
    if case.invoice is None or case.invoice.status == DocumentStatus.DRAFT:
        return working_copy(db, desk, case).form
    form = form_of(db, desk, case, case.invoice)
    own = [line.id for line in form.lines]
    ids = places + own[len(places) :]
    query = select(Payment).where(Payment.invoice_id == case.invoice.id, Payment.provider == "manual")
    paid = db.exec(query.order_by(col(Payment.id))).first()
    texts = form.texts
    if paid is not None:
        style = case.rules.style
        cash = money(paid.amount_minor, style.places, "", style.group, style.point)
        day, reference = paid.received_on.isoformat(), paid.reference
        texts = replace(texts, cash=cash, method=paid.method, received_on=day, reference=reference)
    lines = tuple(replace(line, id=line_id) for line, line_id in zip(form.lines, ids, strict=False))
    return replace(form, texts=texts, lines=lines)


def _says(form: Form, rules: Rules, cell: Typed) -> bool:
    name, text = cell.name, cell.text.strip()
    if name.startswith(CODE):
        return any(code == text for code, _ in form.diagnoses)
    if name.startswith(BLOCK):
        there = {said for _, said in form.pairs()}
        return all(part.strip() in there for row in text.splitlines() for part in row.split("\t"))
    said = dict(form.pairs()).get(name)
    if said is None or said.strip() == text or not name.startswith(COUNTED):
        return said is not None and said.strip() == text
    now, then = (read_after(one, rules, None).reading for one in (form, form.with_text(name, text)))
    is_same = now.totals == then.totals and now.form.lines == then.form.lines and now.form.cash == then.form.cash
    return is_same and not then.faults
