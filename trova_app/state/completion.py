"""The completion form while it is open. The page holds what is typed, the database holds what is saved; in between
stands only this working copy, which any reload, restart or reconnect brings back."""

from collections.abc import Mapping
from typing import Any

from trova_app import routes
from trova_app.domain.refusals import ChangedElsewhere, NotAllowed, NotFound, Refusal
from trova_app.services import completion
from trova_app.services.completion import FormPage
from trova_app.services.forms import LINE_CELLS, TEXT_NAMES, Form, Rules
from trova_app.services.sums import Read, line_in, lines_in, read_after, sums_in
from trova_app.services.working_copy import MOST_KEYS
from trova_app.state import presence
from trova_app.state.acts import Acts
from trova_app.state.autosave import Autosave, tab_in_hand
from trova_app.state.diagnosis_box import DiagnosisBox
from trova_app.state.drawn import Code, Row
from trova_app.state.figures import Saving
from trova_app.state.finishing import FIELDS, Finishing
from trova_app.state.form_address import page_of, wanted_of
from trova_app.state.grid_acts import EMPTY
from trova_app.state.lost import Lost
from trova_app.state.marks import handler, leaves, restores
from trova_app.state.two_people import TwoPeople, plain
from trova_app.state.unsaved import Unsaved
from trova_app.wiring import ask

COUNTED_CELLS = ("qty.", "price.", "off.", "tax.")
LATER_CELLS = ("date", "code", "text", "dx", "tax")  # cells whose faults only the server knows


class Completion(Acts, DiagnosisBox, TwoPeople, Lost, Finishing, Autosave, Unsaved, Saving):
    # what is drawn
    refusal: str = ""
    billed: str = ""
    client_name: str = ""
    heading: str = ""
    practitioner: str = ""
    back: str = ""
    form_of: int = 0  # the appointment
    form_at: str = ""  # the page it was read for; another page draws nothing of it
    rows: list[Row] = []
    texts: dict[str, str] = {}
    style: list[str] = ["2", "0", "", "", ".", "0"]
    payment_type: str = ""
    diagnoses: list[Code] = []
    charges_tax: bool = False
    tax_choices: list[Code] = []
    schemes: list[str] = []
    online_problem: str = ""
    is_draft: bool = False
    may_bill: bool = True
    today: str = ""
    # what changes while it is typed
    fields_face: int = 0
    structure: int = 0
    known_rev: int = 0  # the form was drawn with the page's edits up to this one
    is_previewing: bool = False

    _id: int = 0
    _held: tuple[Form | None] = (None,)
    _read_last: tuple[Read | None] = (None,)
    _aside: dict[int, tuple[Form, Form | None]] = {}  # appointment -> a form that could not be saved when it was left
    _stamps: dict[str, int] = {}
    _held_rules: tuple[Rules | None] = (None,)
    _version: int = 0
    _standard_tax: str = "0"
    _is_dirty: bool = False
    _was_restored: bool = False

    @property
    def _form(self) -> Form | None:
        """The form as typed. Held in a tuple, which Reflex hands out as it is; all else it wraps at each access."""
        return self._held[0]

    @_form.setter
    def _form(self, form: Form | None) -> None:
        self._held = (form,)

    @property
    def _rules(self) -> Rules | None:
        return self._held_rules[0]

    # -- coming and coming back

    @handler
    async def load(self) -> None:
        """Arriving by a link; after a reload or reconnect the restorer has already been here."""
        aid, iid = getattr(self, "aid", ""), getattr(self, "iid", "")
        wanted = await wanted_of(aid, iid)
        self.form_at = page_of(aid, iid)
        if self._was_restored and self._id == wanted:
            self._was_restored = False
            return
        await self._read(wanted)
        self._ask()

    @handler(quiet=True)
    async def leave(self) -> None:
        """A form that is left goes from the page: drawn at the next arrival before `load` has answered, it would take
        typing that the fresh boxes then do not have."""
        await self._leave()

    async def _leave(self) -> None:
        presence.enter(0, tab_in_hand(), "")
        self.form_at = ""
        await self._put_aside()
        self._clear(0)

    async def _put_aside(self) -> None:
        """Saves the form that is about to be left; one that cannot be saved waits for the next time it is opened."""
        if self._is_dirty and self._form is not None and not await self._save():
            await self._keep_question()
            self._aside[self._id] = (self._form, plain(self._base))

    async def _read(self, appointment_id: int) -> None:
        """Clears everything first: a refused read must not leave the last client's form on the page."""
        await self._hear_of_saving()
        is_same = self._id == appointment_id
        stamps = dict(self._stamps) if is_same else {}
        lost = list(self.lost) if self.lost_of == appointment_id else []
        steps, before = (self._steps, plain(self._form)) if is_same and self._form is not None else ((EMPTY,), None)
        open_acts = self._open_acts if is_same and self._is_dirty else ()
        if is_same and self._is_dirty:
            unsaved, base = self._held[0], plain(self._base)
        else:
            await self._put_aside()
            unsaved, base = self._aside.pop(appointment_id, (None, None))
        self._order = [line.id for line in before.lines] if before is not None else []
        self._clear(appointment_id)
        presence.enter(0, tab_in_hand(), "")  # whoever may not see this form is not seen at it, either
        if not appointment_id:
            return
        try:
            page = await ask(completion.form_page, appointment_id=appointment_id)
        except (ChangedElsewhere, NotFound, NotAllowed, Refusal) as refused:
            self.lost, self.lost_of = lost, appointment_id
            await self._is_gone(refused.sentence, unsaved, base)
            return
        except Exception:  # the database is away: the next try finds what was typed
            if unsaved is not None:
                self._aside[appointment_id] = (unsaved, base)
            raise
        if unsaved is None and page.question is not None and not is_same:
            base, unsaved = page.question
        self._kept = (page.question,) if unsaved is not None and page.question is not None else ()
        self.lost, self.lost_of = lost, appointment_id if lost else 0
        self._stamps = stamps  # the same keys as before, so that boxes in which somebody types stay as they are
        self._show(page)
        self._open_acts = open_acts
        self._done_keys = (*page.copy.done_keys, *(act.key for act in open_acts))[-MOST_KEYS:]
        await self._fetch_helps()
        presence.enter(appointment_id, tab_in_hand(), page.me)
        if unsaved is not None and base is not None:
            self._base, self._form, self._is_dirty = base, unsaved, True
            await self._join(page.copy)
        self._steps = steps
        await self._steps_with_theirs(before)
        await self._find_kept(appointment_id)

    def _clear(self, appointment_id: int) -> None:
        self.refusal = self.billed = self.client_name = self.heading = self.problem = self.saved = ""
        self.rows, self.diagnoses, self.conflict = [], [], []
        self._shut_codes()
        self.texts, self.problems, self.confirmed = {}, dict.fromkeys(FIELDS, ""), []
        self.is_previewing, self.step, self._done, self.marks = False, 1, 0, 0
        self._id, self._form, self._version = appointment_id, None, 0
        self._held_rules, self._read_last = (None,), (None,)
        self.line = []  # the total of a line of the form before
        self._is_dirty, self._faults, self._stamps = False, {}, {}
        self._base = self._theirs = None
        self._touching, self._kept = (), ()
        self.lost, self.lost_of, self.refused_of = [], 0, 0
        self._rev = self.saved_rev = self.known_rev = 0
        self._done_keys, self._open_acts, self._put = (), (), ()
        self._is_refused = False
        self._forget_helps()
        self.back = routes.appointment(appointment_id)

    def _show(self, page: FormPage) -> None:
        self.client_name = page.client_name
        self.form_of = page.appointment_id
        self.heading = f"{page.service_name} · {page.when}"
        self.practitioner = page.practitioner
        self.charges_tax, self.today = page.charges_tax, page.today
        self.tax_choices = [Code(value, words) for value, words in page.tax_choices]
        self.schemes, self.online_problem = list(page.schemes), page.online_problem
        self.is_draft, self.may_bill = page.is_draft, page.may_bill
        self.style = [text for _, text in page.rules.pairs()]
        self._held_rules, self._standard_tax = (page.rules,), page.standard_tax
        self._form, self._base, self._version = page.copy.form, page.copy.form, page.copy.version
        self._saved_by = page.copy.saved_by
        self.saved = "Saved" if page.copy.version else ""
        self.preview_version = page.copy.version
        self._draw()

    def _draw(self) -> None:
        """Rows and texts again from the working copy; mounted boxes keep what they show."""
        form, rules = self._form, self._rules
        if form is None or rules is None:
            return
        totals, self.line = lines_in(read_after(form, rules, self._read_last[0])), []
        self.rows = [
            Row(
                id=line.id,
                **{cell: getattr(line, cell) for cell in LINE_CELLS},
                total=totals[line.id],
                n=n,
                stamp=self._stamps.get(line.id, 0),
                **{f"{cell}_fault": self._faults.get(f"{cell}.{line.id}", "") for cell in LATER_CELLS},
            )
            for n, line in enumerate(form.lines, start=1)
        ]
        self.texts = {name: getattr(form.texts, name) for name in TEXT_NAMES}
        self.payment_type = form.texts.payment_type
        self.diagnoses = [Code(code, words) for code, words in form.diagnoses]
        self.structure, self.known_rev = self.structure + 1, self._rev
        self._add_up()

    def _add_up(self, *, look_over: bool = True) -> None:
        """The server's own figures: the whole answer to a key."""
        form, rules = self._form, self._rules
        if form is None or rules is None:
            return
        read = read_after(form, rules, self._read_last[0])
        self._read_last = (read,)
        confirmed = sums_in(read)
        if confirmed != self.get_value("confirmed"):
            self.confirmed = confirmed
        if look_over:
            self._look_over()

    # -- typing

    @handler(typing=True)
    def edit(self, name: str, value: str, rev: int):
        """One field as now typed. `rev`: the page's count of its edits, so that "Saved" speaks of this very one."""
        if self._form is None or self._is_asking or not isinstance(name, str) or not self._is_news(rev):
            return None
        if name in ("", "keep"):  # a box that is not of the form; and the tick, which `tick_keep` tells and saves
            self._count(rev)
            self.saved_rev = self.saved_rev if name or self._is_dirty else self._rev
            return None
        self._remember(name)
        self._form = self._form.with_text(name, value)
        self._count(rev)
        if name == "payment_type":
            self.payment_type = self._form.texts.payment_type
        self._forget_fault(name)
        if self.conflict:
            self._show_question()
        self._add_up(look_over=name == "payment_type")
        if name.startswith(COUNTED_CELLS) and self._read_last[0]:
            line_id = name.partition(".")[2]
            self.line = [line_id, line_in(self._read_last[0], line_id)]
        return self._save_soon()

    @handler
    def tick_keep(self, is_ticked: bool):
        if self._form is None or self._is_asking:  # the page is about to say it with the rest
            return None
        self._form = self._form.with_text("keep", "on" if is_ticked is True else "")
        return self._save_soon()

    def _forget_fault(self, name: str) -> None:
        """With each key, so it reads them as they are: Reflex wraps whatever can change, at each access."""
        if self.problem:
            self.problem = ""
        if (problems := self.get_value("problems")).get(name):
            self.problems = problems | {name: ""}
        if name in (faults := self.get_value("_faults")):
            self._faults = {other: fault for other, fault in faults.items() if other != name}
            self._draw()

    async def _restructured(self) -> None:
        """Lines and diagnoses are saved before they are answered."""
        self._is_dirty = True
        self._draw()
        self._show_question()
        return None if await self._save() else self._save_soon()

    # -- preview

    @handler
    async def toggle_preview(self):
        await self._save()
        self.is_previewing, self.preview_version = not self.is_previewing, self._version


PAGES = "/appointments/[aid]/complete", "/billing/[iid]"


@leaves(*PAGES)
async def leave_form(root: Any) -> None:
    """The page was loaded anew at another address, and said nothing as it went. What only it had of a finished form
    stays for the next opening: nothing else has it."""
    state = await root.get_state(Completion)
    if state.form_at:
        lost, of = list(state.lost), state.lost_of
        await state._leave()
        state.lost, state.lost_of = lost, of


@restores(PAGES[0])
@restores(PAGES[1])
async def bring_back(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    """Before the page is shown again: the same lines with the same ids, so that every box stays as it is."""
    state = await root.get_state(Completion)
    aid, iid = params.get("aid"), params.get("iid")
    state.form_at = page_of(aid, iid)
    await state._read(await wanted_of(aid, iid))
    state._was_restored = True
    state._ask()
