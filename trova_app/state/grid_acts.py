"""What people know from a spreadsheet, for the completion form: undo, duplicate, reorder, paste, "same as last time";
and the check-list before finishing. Mixed into `Completion`, which has the form itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import reflex as rx

from trova_app import routes
from trova_app.services.form_helps import Helps, form_helps
from trova_app.services.forms import Form
from trova_app.services.history import History, texts_differ, what_changed
from trova_app.services.readiness import Item, check_list, price_notes, scheme_prices
from trova_app.state.marks import handler
from trova_app.wiring import ask

STEP_OF = {"payment_type": 1} | dict.fromkeys(
    ("lines", "diagnosis", "invoice_off", "cash", "method", "received_on", "reference"), 2
)
PAGES = {"settings": routes.SETTINGS}
EMPTY = History()
Saving = Any  # what a handler returns so that the save that is owed begins: an event, or None when nothing is owed


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
    scheme_offer: str = ""  # whose prices could be put in, where lines have others
    was: dict[str, str] = {}  # line id -> whose its price is, or what it was
    ready: list[ReadyItem] = []
    ready_errors: int = 0
    no_link: bool = False  # why not stands in the check-list
    last_time: str = ""  # the day of this client's last billed session
    opened: str = ""
    opening: int = 0

    # In tuples: what stands in one is handed out as it is, a frozen value by itself would be wrapped and watched.
    _steps: tuple[History, ...] = (EMPTY,)
    _known: tuple[Helps, ...] = ()

    if TYPE_CHECKING:  # what `Completion` has
        _id: int
        _form: Form | None
        _standard_tax: str
        _faults: dict[str, str]
        _stamps: dict[str, int]
        fields_face: int
        step: int
        charges_tax: bool

        async def _restructured(self) -> Saving: ...

    # -- undo and redo

    def _plain(self) -> Form | None:
        """The form itself, not the state's watching copy of it: steps are kept for long."""
        return getattr(self._form, "__wrapped__", self._form)

    def _remember(self, name: str = "") -> None:
        """Call before the form changes: in the field `name`, or as a whole."""
        form = self._plain()
        if form is None:
            return
        history = self._steps[0].noted(form, name)
        if history is not self._steps[0]:
            self._steps = (history,)
        if self.told:
            self.told = ""
        if not self.can_undo or self.can_redo:
            self.can_undo, self.can_redo = True, False

    def _keep_steps(self, history: History, present: Form) -> None:
        self._steps = (history,)
        self.can_undo, self.can_redo = history.can_undo(present), history.can_redo(present)

    def _forget_helps(self) -> None:
        self._steps, self.can_undo, self.can_redo = (EMPTY,), False, False
        self._known = ()
        self.told, self.last_time, self.opened, self.scheme_offer = "", "", "", ""
        self.was, self.ready, self.ready_errors, self.no_link, self.opening = {}, [], 0, False, 0

    async def _travel(self, *, back: bool) -> Saving:
        before = self._plain()
        if before is None:
            return None
        history = self._steps[0]
        found = history.undone(before) if back else history.redone(before)
        history, after = found or (history, before)
        self._keep_steps(history, after)
        if found is None:
            self.told = f"There is nothing to {'undo' if back else 'redo'} any more."
            return None
        self.fields_face += texts_differ(before, after)
        return await self._show_lines(
            before, after, f"{'Undone' if back else 'Redone'}: {what_changed(before, after)}."
        )

    async def _become(self, form: Form, told: str) -> Saving:
        """Another structure, as one step that can be undone."""
        before = self._plain()
        if before is None or form == before:
            return None
        self._remember()
        return await self._show_lines(before, form, told)

    async def _show_lines(self, before: Form, after: Form, told: str) -> Saving:
        self._draw_anew(before, after)
        self._form = after
        saving = await self._restructured()
        self.told = told
        return saving

    def _draw_anew(self, before: Form, after: Form) -> None:
        """The boxes of lines that say something else by anything but their keys; all others keep what they show."""
        was = {line.id: line for line in before.lines}
        for line in after.lines:
            if was.get(line.id, line) != line:
                self._stamps[line.id] = self._stamps.get(line.id, 0) + 1

    # -- readiness

    async def _fetch_helps(self) -> None:
        self._known = (await ask(form_helps, appointment_id=self._id),)
        self.last_time = self._known[0].last_time
        self._look_over()

    def _look_over(self) -> None:
        """The check-list and what changed prices were, for the form as it is; sent only where they differ."""
        form = self._plain()
        if form is None or not self._known:
            return
        facts = self._known[0].facts
        ready = [_ready(item) for item in check_list(form, facts, self._read_last[0])]
        was = price_notes(form, facts)
        if ready != self.ready:
            self.ready, self.ready_errors = ready, sum(item.is_error for item in ready)
            self.no_link = any(item.is_error and item.field == "payment_type" for item in ready)
        if was != self.was:
            self.was = was
        offer = facts.scheme_prices.scheme if scheme_prices(form, facts) else ""
        if offer != self.scheme_offer:
            self.scheme_offer = offer

    @handler
    def open_field(self, name: str):
        """The step on which the field stands, and the cursor in it."""
        if not isinstance(name, str) or len(name) > 60:
            return
        self.step = 2 if "." in name else STEP_OF.get(name, 3)
        self.opened, self.opening = name, self.opening + 1


def _ready(item: Item) -> ReadyItem:
    return ReadyItem(item.sentence, item.weight == "error", item.field, PAGES.get(item.page, ""))
