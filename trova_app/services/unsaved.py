"""What a page posts as it goes: the texts and acts it does not know to be saved, put into the working copy."""

from collections.abc import Iterable
from contextlib import suppress

from sqlmodel import Session

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.services.billing.save import save_form
from trova_app.services.completion import described_code
from trova_app.services.form_acts import NOT_AGAIN, Around, Said, done_later, is_there, puts, said_in
from trova_app.services.form_helps import form_helps
from trova_app.services.forms import MOST_LINES, Form
from trova_app.services.last_time import last_time
from trova_app.services.late_texts import Typed, is_of_a_document, keep_late, keep_of_gone_lines
from trova_app.services.open_question import keep_question, open_question
from trova_app.services.ports import Desk
from trova_app.services.working_copy import find_case, must_be_completable, standard_tax, working_copy

MOST_CELLS = 5000  # fields on the largest form


def save_unsaved(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    appointment_id: object,
    cells: object,
    lines: object = (),
    acts: object = (),
    order: object = (),
    goes: object = False,
) -> bool:
    """What a page posted as it went: `acts` as `said_in` takes them, lists of [name, text, the texts the box has had
    there, its place among the page's edits], and the ids of lines that were begun there, to be made where they are not
    yet, with cells that have no place. Acts that were done are not done again. Where another text stands by now it is a
    newer one, somebody else's or of the same person's next page, and stays; where this person was asked which of the
    two should, the question has the last words. A page that is only hidden asks it itself; for one that `goes` it is
    asked at the next opening, and what was typed into a line that is not there any more is kept for this person. So is
    all of a form that is finished by now, or cannot be completed any more (`keep_late`; `order`: the ids of the page's
    lines). True when all was saved."""
    who.must(Permission.COMPLETE)
    case = find_case(db, who, appointment_id, lock=True)
    acts_told = {act.key: act for act in said_in(acts) if act.name not in NOT_AGAIN}
    told, keys, last = _typed(cells), list[str](), None
    try:
        must_be_completable(case.appointment, case.invoice, desk.now())
    except Refusal:
        return keep_late(db, desk, who, case=case, told=told, acts=acts_told.values(), order=order)
    copy = working_copy(db, desk, case)
    posted, wanted, tax = _Posted(copy.form), case.appointment.id or 0, standard_tax(db, case)
    if acts_told:
        helps, has_tax = form_helps(db, desk, who, appointment_id=wanted), case.practice.charges_tax
        for act in acts_told.values():
            posted.take(cell for cell in told if cell.rev is not None and cell.rev < act.rev)
            told = [cell for cell in told if cell.rev is None or cell.rev >= act.rev]
            try:
                if act.name == "last_time" and last is None:
                    last = last_time(db, desk, who, appointment_id=wanted)
                diagnosis = described_code(desk, act.args[0]) if act.name == "add_code" else None
                around = Around(helps, tax, has_tax, act.key, last, diagnosis)
                if act.key in copy.done_keys:
                    posted.know(act, around)
                elif posted.do(act, around):
                    keys.append(act.key)
            except Refusal:
                posted.is_all = False
    posted.take(cell for cell in told if cell.rev is not None)
    posted.begin(lines, tax)
    posted.take(cell for cell in told if cell.rev is None)
    if posted.form != copy.form:
        done_keys = tuple(keys)
        save_form(db, desk, who, appointment_id=wanted, version=copy.version, form=posted.form, done_keys=done_keys)
    _ask_with(db, desk, who, wanted, posted, goes=goes is True)
    if goes is True:
        mine = [act.args[0] for act in acts_told.values() if act.name == "remove"]
        told = [cell for cell in posted.left if cell.name.partition(".")[2] not in mine]
        keep_of_gone_lines(db, desk, who, appointment_id=wanted, told=told, form=posted.form, order=order)
    return posted.is_all


def keep_lost(
    db: Session, desk: Desk, who: Principal, *, appointment_id: object, cells: list[list[object]], order: list[str]
) -> set[str]:
    """What only an open page has of a form that is finished by now, and of lines that are gone: kept as what a page
    posts as it goes. The names of what the page need not have any longer."""
    who.must(Permission.COMPLETE)
    case = find_case(db, who, appointment_id, lock=True)
    told = [cell for cell in _typed(cells) if is_of_a_document(cell.name)]
    try:
        must_be_completable(case.appointment, case.invoice, desk.now())
    except Refusal:
        keep_late(db, desk, who, case=case, told=told, acts=(), order=order)
        return {cell.name for cell in told}
    form, wanted = working_copy(db, desk, case).form, case.appointment.id or 0
    keep_of_gone_lines(db, desk, who, appointment_id=wanted, told=told, form=form, order=order)
    return {cell.name for cell in told if cell.name not in dict(form.pairs())}


def _ask_with(db: Session, desk: Desk, who: Principal, appointment_id: int, posted: "_Posted", *, goes: bool) -> None:
    """The last words of what waits for an answer, and what nobody is left to ask about."""
    question = open_question(db, who, appointment_id)
    if question is None and not goes:
        return
    agreed, mine = now = question or (posted.form, posted.form)
    for name, text, had, _ in posted.left:
        known = dict(mine.pairs()).get(name)
        if known in had:
            mine = mine.with_text(name, text)
        elif goes and known is not None and known == dict(agreed.pairs()).get(name) and had and had[0] != text:
            agreed, mine = agreed.with_text(name, had[0]), mine.with_text(name, text)
    if (agreed, mine) != now:
        keep_question(db, desk, who, appointment_id=appointment_id, question=(agreed, mine))


class _Posted:
    """The form as the post changes it. `left`: what it tells of boxes in which another text stands, or that are gone.
    `_done`: (field, text) of what its acts put there, which is nobody else's."""

    def __init__(self, form: Form) -> None:
        self.form, self.is_all = form, True
        self.left: list[Typed] = []
        self._done: set[tuple[str, str]] = set()

    def take(self, cells: Iterable[Typed]) -> None:
        known = dict(self.form.pairs())
        for cell in cells:
            name, text, mine, _ = cell
            if known.get(name) in mine or (name, known.get(name)) in self._done:
                self.form = self.form.with_text(name, text)
            elif known.get(name) != text:
                self.is_all = False
                self.left.append(cell)

    def do(self, act: Said, around: Around) -> bool:
        """False where its line is not here: the page may know what became of it, and does it itself if it goes on."""
        before = self.form
        if not is_there(before, act.name, act.args):
            self.is_all = False
            return False
        later = done_later(before, act, around)
        self.form = later.form
        self._done |= set(self.form.pairs()) - set(before.pairs())
        self.take(Typed(name, text, [had], act.rev) for name, text, had in later.cells)
        self._done |= {(name, text) for name, text, _ in later.cells}
        return True

    def know(self, act: Said, around: Around) -> None:
        """It has been done before, and the page may not have heard of it."""
        with suppress(Refusal):
            self._done |= puts(self.form, act.name, act.args, around)

    def begin(self, lines: object, tax: str) -> None:
        for line_id in lines[:MOST_LINES] if isinstance(lines, list) else []:
            if self.form.takes_line(line_id) and len(self.form.lines) < MOST_LINES:
                self.form = self.form.with_new_line(tax, line_id)


def _typed(cells: object) -> list[Typed]:
    """The cells a page tells of, whatever was sent."""
    listed = cells[:MOST_CELLS] if isinstance(cells, list) else []
    return [
        Typed(name, text, [one for one in mine if isinstance(one, str)], rev)
        for name, text, mine, rev in ((*cell, None)[:4] for cell in listed if isinstance(cell, list) and len(cell) > 2)
        if isinstance(name, str) and isinstance(text, str) and isinstance(mine, list)
        if rev is None or type(rev) is int
    ]
