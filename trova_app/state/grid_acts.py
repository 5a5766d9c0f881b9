"""What people know from a spreadsheet, for the completion form: undo, duplicate, reorder, paste, "same as last time";
and the check-list before finishing. Mixed into `Completion`, which has the form itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.services.billing.draft import checked
from trova_app.services.form_helps import Helps, form_helps
from trova_app.services.forms import Form
from trova_app.services.grid_edits import duplicated, filled, put_at
from trova_app.services.history import History, texts_differ, what_changed
from trova_app.services.last_time import last_time
from trova_app.services.paste import paste
from trova_app.services.rates import Rate
from trova_app.services.readiness import Item, changed_prices, check_list
from trova_app.state.marks import handler
from trova_app.wiring import ask

STEP_OF = {"payment_type": 1} | dict.fromkeys(
    ("lines", "diagnosis", "invoice_off", "cash", "method", "received_on", "reference"), 2
)
PAGES = {"settings": routes.SETTINGS}
EMPTY = History()


@dataclass(frozen=True)
class ReadyItem:
    """One line of the check-list. `href`: where else it is put right, "" for a field of this form."""

    sentence: str
    is_error: bool
    field: str
    href: str


class GridActs(rx.State, mixin=True):
    can_undo: bool = False
    can_redo: bool = False
    told: str = ""  # what an act on lines did, for everybody to read and hear
    was: dict[str, str] = {}  # line id -> what its changed price was
    ready: list[ReadyItem] = []
    ready_errors: int = 0
    last_time: str = ""  # the day of this client's last billed session
    opened: str = ""
    opening: int = 0

    _history: History = EMPTY
    _helps: Helps | None = None

    if TYPE_CHECKING:  # what `Completion` has
        _id: int
        _form: Form | None
        _standard_tax: str
        _faults: dict[str, str]
        fields_face: int
        step: int

        async def _restructured(self) -> None: ...

    # -- undo and redo

    def _remember(self, name: str = "") -> None:
        """Call before the form changes: in the field `name`, or as a whole."""
        if self._form is None:
            return
        self._history = self._history.noted(self._form, name)
        if self.told:
            self.told = ""
        if not self.can_undo or self.can_redo:
            self.can_undo, self.can_redo = True, False

    def _forget_steps(self) -> None:
        """Steps before somebody else's edits would take those back, too."""
        self._history, self.can_undo, self.can_redo = EMPTY, False, False

    def _forget_helps(self) -> None:
        self._forget_steps()
        self._helps, self.told, self.last_time, self.opened = None, "", "", ""
        self.was, self.ready, self.ready_errors, self.opening = {}, [], 0, 0

    @handler
    async def undo(self):
        await self._travel("Undone", back=True)

    @handler
    async def redo(self):
        await self._travel("Redone", back=False)

    async def _travel(self, word: str, *, back: bool) -> None:
        if self._form is None:
            return
        found = self._history.undone(self._form) if back else self._history.redone(self._form)
        if found is None:
            self.can_undo, self.can_redo = self._history.can_undo(self._form), self._history.can_redo(self._form)
            return
        before = self._form
        self._history, self._form = found
        self.fields_face += texts_differ(before, self._form)
        self.can_undo, self.can_redo = self._history.can_undo(self._form), self._history.can_redo(self._form)
        self.told = f"{word}: {what_changed(before, self._form)}."
        await self._restructured()

    async def _become(self, form: Form, told: str) -> None:
        """Another structure, as one step that can be undone."""
        self._remember()
        self._form = form
        await self._restructured()
        self.told = told

    # -- lines

    @handler
    async def duplicate_line(self, line_id: str):
        if self._form is None:
            return
        form = duplicated(self._form, line_id)
        if form is not self._form:
            await self._become(form, "Line duplicated.")

    @handler
    async def put_line(self, line_id: str, place: int):
        """To `place`, counted from 0 in the order without this line."""
        if self._form is None:
            return
        form = put_at(self._form, line_id, place)
        if form.lines != self._form.lines:
            await self._become(form, "Line moved.")

    @handler
    async def paste_block(self, name: str, block: str):
        if self._form is None or self._helps is None:
            return
        try:
            made = paste(self._form, name, block, tax=self._standard_tax, month_first=self._helps.month_first)
        except Refusal as refused:
            self.told = refused.sentence
            return
        faults = dict(_text_faults(made.form, made.names, self._helps)) | dict(made.faults)
        self._faults = self._faults | faults
        await self._become(made.form, f"{made.sentence} {_look_at(len(faults))}".strip())

    async def _fill(self, line_id: str, rate: Rate) -> None:
        """A chosen code with its words and its price, as typed here."""
        if self._form is None or self._helps is None:
            return
        form = filled(self._form, line_id, code=rate.code, text=rate.text, price=self._helps.typed(rate.price))
        if form is not self._form:
            await self._become(form, f"{rate.text}, {self._helps.typed(rate.price)}.")

    @handler
    async def same_as_last_time(self):
        if self._form is None:
            return
        try:
            last = await ask(last_time, appointment_id=self._id)
            form = last.into(self._form)
        except Refusal as refused:
            self.told = refused.sentence
            return
        count = len(form.lines)
        await self._become(form, f"{count} line{'' if count == 1 else 's'} as billed last time, dated to this session.")

    # -- readiness

    async def _fetch_helps(self) -> None:
        self._helps = await ask(form_helps, appointment_id=self._id)
        self.last_time = self._helps.last_time
        self._look_over()

    def _look_over(self) -> None:
        """The check-list and what changed prices were, for the form as it is; sent only where they differ."""
        if self._form is None or self._helps is None:
            return
        ready = [_ready(item) for item in check_list(self._form, self._helps.facts)]
        was = changed_prices(self._form, self._helps.facts)
        if ready != self.ready:
            self.ready, self.ready_errors = ready, sum(item.is_error for item in ready)
        if was != self.was:
            self.was = was

    @handler
    def open_field(self, name: str):
        """The step on which the field stands, and the cursor in it."""
        if not isinstance(name, str) or len(name) > 60:
            return
        self.step = 2 if "." in name else STEP_OF.get(name, 3)
        self.opened, self.opening = name, self.opening + 1


def _ready(item: Item) -> ReadyItem:
    return ReadyItem(item.sentence, item.weight == "error", item.field, PAGES.get(item.page, ""))


def _text_faults(form: Form, names: frozenset[str], helps: Helps) -> list[tuple[str, str]]:
    """Faults of pasted cells that the page's own arithmetic does not know."""
    try:
        checked(form, helps.facts.rules, helps.facts.today)
    except FieldFaults as refused:
        return [(name, text) for name, text in refused.faults if name in names and _is_ours(name)]
    return []


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in ("date", "code", "text", "dx")


def _look_at(count: int) -> str:
    if not count:
        return ""
    return "Please look at the marked cell." if count == 1 else f"Please look at the {count} marked cells."
