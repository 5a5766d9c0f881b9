"""The completion form while it is open. The page holds what is typed, the database holds what is saved; in between
stands only this working copy, which any reload, restart or reconnect brings back."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.lines import shown
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotAllowed, NotFound, Refusal, SignedOut
from trova_app.services import billing, completion
from trova_app.services.completion import FormPage, Numbers
from trova_app.services.forms import LINE_CELLS, TEXT_NAMES, Form, Rules
from trova_app.state.marks import handler, restores
from trova_app.state.notices import say
from trova_app.wiring import act, ask, new_desk

SUMS = ("subtotal", "discount", "tax", "total", "paid", "due")
SAVE_AFTER = 0.4  # seconds after the last key
LATER_CELLS = ("date", "code", "text", "dx")  # cells whose faults only the server knows
FIELDS = (
    "payment_type",
    "client_email",
    "scheme",
    "scheme_option",
    "member_number",
    "dependant_code",
    "main_member",
    "method",
    "received_on",
    "reference",
    "diagnosis",
    "lines",
)


@dataclass(frozen=True)
class Row:
    """One line as drawn: texts are first values only, the page's boxes keep what is typed."""

    id: str
    n: int
    date: str
    code: str
    text: str
    qty: str
    price: str
    off: str
    tax: str
    dx: str
    date_fault: str = ""
    code_fault: str = ""
    text_fault: str = ""
    dx_fault: str = ""


@dataclass(frozen=True)
class Code:
    code: str
    words: str


@dataclass(frozen=True)
class Difference:
    field: str
    theirs: str
    mine: str


class Completion(rx.State):
    # what is drawn
    refusal: str = ""
    billed: str = ""
    client_name: str = ""
    heading: str = ""
    practitioner: str = ""
    back: str = ""
    rows: list[Row] = []
    texts: dict[str, str] = {}
    style: list[str] = ["2", "0", "", "", ".", "0"]
    payment_type: str = ""
    diagnoses: list[Code] = []
    warnings: list[str] = []
    charges_tax: bool = False
    tax_choices: list[Code] = []
    schemes: list[str] = []
    online_problem: str = ""
    is_draft: bool = False
    may_bill: bool = True
    today: str = ""
    # what changes while it is typed
    confirmed: list[str] = []
    saved: str = ""
    problem: str = ""
    problems: dict[str, str] = dict.fromkeys(FIELDS, "")
    face: int = 0
    asked: str = ""
    marks: int = 0
    structure: int = 0
    step: int = 1
    found: list[Code] = []
    active: int = -1
    code_face: int = 0
    conflict: list[Difference] = []
    conflict_with: str = ""
    is_previewing: bool = False
    preview_version: int = 0

    _id: int = 0
    _form: Form | None = None
    _rules: Rules | None = None
    _numbers: Numbers | None = None
    _version: int = 0
    _standard_tax: str = "0"
    _is_dirty: bool = False
    _is_waiting: bool = False
    _was_restored: bool = False
    _faults: dict[str, str] = {}
    _done: int = 0

    # -- coming and coming back

    @handler
    async def load(self) -> None:
        """Arriving by a link mounts fresh boxes; after a reload or reconnect the restorer has already been here."""
        wanted = await _wanted(getattr(self, "aid", ""), getattr(self, "iid", ""))
        if self._was_restored and self._id == wanted:
            self._was_restored = False
            return
        await self._read(wanted)
        self.face += 1

    async def _read(self, appointment_id: int) -> None:
        """Clears everything first: a refused read must not leave the last client's form on the page."""
        same_and_dirty = self._id == appointment_id and self._is_dirty and self._form is not None
        kept = (self._form, self._version) if same_and_dirty else None
        self._clear(appointment_id)
        if not appointment_id:
            return
        try:
            page = await ask(completion.form_page, appointment_id=appointment_id)
        except (ChangedElsewhere, NotFound, NotAllowed, Refusal) as refused:
            self.refusal = refused.sentence
            return
        self._show(page)
        if kept and kept[0] is not None and page.copy.version == kept[1]:
            self._form, self._is_dirty = kept[0], True
            self._draw()

    def _clear(self, appointment_id: int) -> None:
        self.refusal = self.billed = self.client_name = self.heading = self.problem = self.saved = ""
        self.rows, self.diagnoses, self.warnings, self.found, self.conflict = [], [], [], [], []
        self.texts, self.problems, self.confirmed = {}, dict.fromkeys(FIELDS, ""), []
        self.is_previewing, self.step, self.active, self._done, self.marks = False, 1, -1, 0, 0
        self._id, self._form, self._rules, self._version = appointment_id, None, None, 0
        self._is_dirty, self._faults = False, {}
        self.back = routes.appointment(appointment_id)

    def _show(self, page: FormPage) -> None:
        self.client_name = page.client_name
        self.heading = f"{page.service_name} · {page.when}"
        self.practitioner = page.practitioner
        self.charges_tax, self.today = page.charges_tax, page.today
        self.tax_choices = [Code(value, words) for value, words in page.tax_choices]
        self.schemes, self.online_problem = list(page.schemes), page.online_problem
        self.is_draft, self.may_bill = page.is_draft, page.may_bill
        self.style = [text for _, text in page.rules.pairs()]
        self._rules, self._numbers, self._standard_tax = page.rules, page.numbers, page.standard_tax
        self._form, self._version = page.copy.form, page.copy.version
        self.saved = "Saved" if page.copy.version else ""
        self.preview_version = page.copy.version
        self._draw()

    def _draw(self) -> None:
        """Rows and texts again from the working copy; mounted boxes keep what they show."""
        form = self._form
        if form is None:
            return
        self.rows = [
            Row(
                id=line.id,
                **{cell: getattr(line, cell) for cell in LINE_CELLS},
                n=n,
                **{f"{cell}_fault": self._faults.get(f"{cell}.{line.id}", "") for cell in LATER_CELLS},
            )
            for n, line in enumerate(form.lines, start=1)
        ]
        self.texts = {name: getattr(form.texts, name) for name in TEXT_NAMES}
        self.payment_type = form.texts.payment_type
        self.diagnoses = [Code(code, words) for code, words in form.diagnoses]
        self.structure += 1
        self._add_up()

    def _add_up(self) -> None:
        """The server's own figures: the whole answer to a key."""
        if self._form is None or self._rules is None or self._numbers is None:
            return
        sums = dict(shown(self._rules.pairs() + self._form.pairs()))
        confirmed = [sums[name] for name in SUMS]
        if confirmed != self.confirmed:
            self.confirmed = confirmed
        found = completion.warnings(self._form, self._numbers, self._form.texts.payment_type)
        if found != self.warnings:
            self.warnings = found

    # -- typing

    @handler
    def edit(self, name: str, value: str):
        """One field as now typed."""
        if self._form is None or not isinstance(name, str) or name in ("", "keep"):
            return None
        self._form = self._form.with_text(name, value)
        if name == "payment_type":
            self.payment_type = self._form.texts.payment_type
        self._forget_fault(name)
        self._add_up()
        return self._save_soon()

    @handler
    def tick_keep(self, is_ticked: bool):
        if self._form is None:
            return None
        self._form = self._form.with_text("keep", "on" if is_ticked is True else "")
        return self._save_soon()

    @handler(quiet=True)
    def say_again(self, cells: list[list[str]]):
        """After every (re)connect: the boxes that show something else than was drawn."""
        if self._form is None:
            return None
        known = dict(self._form.pairs())
        pairs = [(name, text) for name, text in _pairs(cells) if name in known and name != "keep"]
        form = self._form.with_texts(pairs)
        if form == self._form:
            return None
        self._form = form
        self._draw()
        return self._save_soon()

    def _forget_fault(self, name: str) -> None:
        if self.problem:
            self.problem = ""
        if self.problems.get(name):
            self.problems = self.problems | {name: ""}
        if self._faults.pop(name, None):
            self._draw()

    def _save_soon(self):
        """Marks the form unsaved; one background save at a time waits for the typing to pause."""
        self._is_dirty = True
        if self.saved != "Saving":
            self.saved = "Saving"
        if self._is_waiting:
            return None
        self._is_waiting = True
        return Completion.flush

    @handler(background=True, quiet=True)
    async def flush(self) -> None:
        while True:
            await asyncio.sleep(SAVE_AFTER)
            async with self:
                before = self._form
                await self._save()
                if self._form is before or self.conflict:
                    self._is_waiting = False
                    return

    async def _save(self) -> bool:
        """True when the database has what the form says. The tab waits for it: a few milliseconds."""
        if self._form is None or not self._is_dirty or self.conflict:
            return not self.conflict
        try:
            copy = await act(billing.save_form, appointment_id=self._id, version=self._version, form=self._form)
        except ChangedElsewhere as refused:
            await self._meet(refused)
            return False
        except SignedOut:
            raise
        except Refusal as refused:
            self.saved, self.problem = "Not saved", refused.sentence
            return False
        except Exception:
            self.saved = "Not saved"
            self.problem = "This could not be saved just now. It stays on this page and is tried again."
            self._is_waiting = False
            return False
        self._version, self.preview_version = copy.version, copy.version
        self._is_dirty, self.saved = False, "Saved"
        return True

    # -- lines

    @handler
    async def add_line(self):
        if self._form is None:
            return None
        new = self._form.with_line()
        self._form = new.with_text(f"tax.{new.lines[-1].id}", self._standard_tax)
        return await self._restructured()

    @handler
    async def remove_line(self, line_id: str):
        if self._form is None:
            return None
        self._form = self._form.without_line(str(line_id))
        return await self._restructured()

    @handler
    async def move_line(self, line_id: str, by: int):
        if self._form is None or by not in (-1, 1):
            return None
        self._form = self._form.moved(str(line_id), by)
        return await self._restructured()

    async def _restructured(self) -> None:
        """Lines and diagnoses are saved before they are answered."""
        self._is_dirty = True
        self._draw()
        await self._save()

    # -- diagnoses

    @handler
    async def find_codes(self, words: str):
        """While a code or words are typed."""
        found = await ask(completion.find_codes, appointment_id=self._id, words=words)
        self.found = [Code(d.code, d.description) for d in found]
        self.active = 0 if found else -1
        if self.problems.get("diagnosis"):
            self.problems = self.problems | {"diagnosis": ""}

    @handler
    async def code_key(self, key: str):
        if key == "Escape":
            self.found, self.active = [], -1
        elif key in ("ArrowDown", "ArrowUp") and self.found:
            self.active = (self.active + (1 if key == "ArrowDown" else -1)) % len(self.found)
        elif key == "Enter" and 0 <= self.active < len(self.found):
            await self._add_code(self.found[self.active].code)

    @handler
    async def add_code(self, code: str):
        await self._add_code(code)

    async def _add_code(self, code: object) -> None:
        if self._form is None:
            return
        try:
            found = await asyncio.to_thread(_described, code)
            self._form = self._form.with_diagnosis(found.code, found.description)
        except Refusal as refused:
            self.problems = self.problems | {"diagnosis": refused.sentence}
            return
        self.found, self.active = [], -1
        self.code_face += 1
        await self._restructured()

    @handler
    async def remove_code(self, code: str):
        if self._form is not None:
            self._form = self._form.without_diagnosis(str(code))
            await self._restructured()

    # -- steps, preview

    @handler
    def go(self, step: int):
        self.step = step if step in (1, 2, 3) else 1

    @handler
    async def toggle_preview(self):
        await self._save()
        self.is_previewing = not self.is_previewing

    # -- two people

    async def _meet(self, refused: ChangedElsewhere) -> None:
        """Somebody else's version stands in the database; the person sees both and decides."""
        try:
            page = await ask(completion.form_page, appointment_id=self._id)
        except Refusal as gone:
            self.refusal = gone.sentence
            return
        mine = self._form
        assert mine is not None
        self.conflict_with = refused.sentence
        self.conflict = [Difference(*d) for d in completion.differences(mine, page.copy.form)]
        self.saved = "Not saved"
        if not self.conflict:  # both wrote the same
            self._version, self._is_dirty, self.saved = page.copy.version, False, "Saved"

    @handler
    async def take_theirs(self):
        self._is_dirty, self._is_waiting = False, False
        await self._read(self._id)
        self.face += 1

    @handler
    async def keep_mine(self):
        page = await ask(completion.form_page, appointment_id=self._id)
        self._version, self.conflict, self.conflict_with = page.copy.version, [], ""
        self._is_waiting = False
        await self._save()

    # -- finishing

    @handler
    async def finish(self, act_name: str, fields: list[list[str]], seen: str):
        """The whole form as the page shows it, with the total that was seen."""
        if self._done:
            return rx.redirect(routes.invoice(self._done))
        self.problem, self.problems, self._faults = "", dict.fromkeys(FIELDS, ""), {}
        submitted = dict(_pairs(fields))
        try:
            done = await act(
                billing.finish,
                appointment_id=self._id,
                version=self._version,
                act=act_name,
                submitted=submitted,
                seen=seen,
            )
        except FieldFaults as refused:
            return self._mark(refused.faults)
        except ChangedElsewhere as refused:
            return await self._overtaken(refused)
        except Refusal as refused:
            self.problem = refused.sentence
            if refused.field in self.problems:
                self.problems = self.problems | {refused.field: refused.sentence}
            return None
        self._done, self._is_dirty = done.invoice_id, False
        await say(self, done.sentence)
        return rx.redirect(routes.invoice(done.invoice_id))

    def _mark(self, faults: list[tuple[str, str]]):
        """Each sentence beside its field, the first field focused."""
        self._faults = {name: text for name, text in faults if "." in name}
        self.problems = self.problems | {name: text for name, text in faults if name in self.problems}
        count = len(faults)
        self.problem = (
            "Please look at the marked field." if count == 1 else f"Please look at the {count} marked fields."
        )
        self._draw()
        self.marks += 1
        first = faults[0][0]
        self.step = 1 if first == "payment_type" else 2

    async def _overtaken(self, refused: ChangedElsewhere) -> None:
        self._is_dirty = True
        await self._meet(refused)
        if not self.conflict and not self.refusal:
            self.problem = "Please press the button again."


def _described(code: object):
    return completion.described_code(new_desk(), code)


def _pairs(given: object) -> list[tuple[str, Any]]:
    """(name, text) pairs from the page, whatever was sent."""
    listed = given[:5000] if isinstance(given, list) else []
    return [(p[0], p[1]) for p in listed if isinstance(p, list | tuple) and len(p) == 2 and isinstance(p[0], str)]


def _number(text: object) -> int:
    """The id in the address, 0 for anything that is none."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 16 else 0


async def _wanted(aid: object, iid: object) -> int:
    """The appointment whose form this address shows: its own page, or the page of its Draft in Billing. 0: none."""
    if aid:
        return _number(aid)
    try:
        return await ask(completion.appointment_of_draft, invoice_id=_number(iid))
    except Refusal:
        return 0


@restores("/appointments/[aid]/complete")
@restores("/billing/[iid]")
async def bring_back(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    """Before the page is shown again: the same lines with the same ids, so that every box stays as it is."""
    state = await root.get_state(Completion)
    await state._read(await _wanted(params.get("aid"), params.get("iid")))
    state._was_restored = True
    state.asked = secrets.token_hex(4)
