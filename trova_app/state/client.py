"""One client: the profile, what is filled in about it, and what there was."""

from collections.abc import Mapping, Sequence
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import ChangedElsewhere, NotFound, Refusal
from trova_app.services import client_history, clients
from trova_app.services.client_history import PAGE, PastAppointment, PastInvoice
from trova_app.services.clients import Alike, ClientProfile, MergeText
from trova_app.state.client_diagnoses import ClientDiagnoses
from trova_app.state.client_parts import PARTS, fields_of, given_by, texts_of, typed_in
from trova_app.state.client_record import ClientRecord
from trova_app.state.drawn import Difference
from trova_app.state.edits import Edit, Field, differences
from trova_app.state.faults import faults_of
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.state.one_page import OnePage, stands_at
from trova_app.wiring import act, ask

AT_THIS_MOMENT = "Somebody changed this client at this moment. Nothing was overwritten; please save again."
TYPED_ON = "Saved, without what you typed since. Please save again."
MORE = 50


@stands_at(f"{routes.CLIENTS}/[cid]")
class ClientPage(ClientDiagnoses, ClientRecord, OnePage, rx.State):
    """Which part is being filled in stands in the page's address, with the version it began with: a server that comes
    back draws the same boxes, so what was typed into them stays."""

    shown: ClientProfile | None = None
    appointments: list[PastAppointment] = []
    invoices: list[PastInvoice] = []
    has_more: dict[str, bool] = {}
    alike: list[Alike] = []
    merges: list[MergeText] = []
    schemes: list[str] = []
    problem: str = ""
    editing: str = ""
    boxes: dict[str, str] = {}  # what the boxes of the part begin with
    faults: dict[str, str] = {}
    differences: list[Difference] = []
    saved: str = ""  # the part saved last, and how often one was
    saves: int = 0
    theirs: dict[str, str] = {}  # the others' texts taken last, and how often some were
    takes: int = 0
    _edit: Edit | None = None
    _touching: list[str] = []  # boxes both wrote in
    _limits: dict[str, int] = {}

    @handler
    async def load(self) -> None:
        await self._open(getattr(self, "cid", ""), self.router.url.query_parameters)

    @handler
    async def show_more(self, what: str) -> None:
        if what in ("appointments", "invoices"):
            self._limits = self._limits | {what: self._limits.get(what, PAGE) + MORE}
            await self._read()

    # -- filling in

    @handler
    async def save(self, form: dict[str, Any]) -> Any:
        """Keeps the part that is being filled in. A refusal stands beside its field; what others changed meanwhile is
        put together with what was typed, and where both wrote in one field both texts are shown first."""
        edit = self._edit
        if edit is None or not isinstance(form, Mapping):
            return None
        await self._read()
        if not self.shown:
            return None
        fields, mine = fields_of(self.shown, edit.part), typed_in(self.shown, edit.part, form)
        theirs = texts_of(self.shown, edit.part)
        both = edit.changed_by_both(fields, mine, theirs) if edit.version != self.shown.version else []
        if both and self.shown.may_edit:  # who may not any more is told so below
            self._ask(edit, both, mine, theirs)
            return None
        given = given_by(edit.part, edit.put_together(fields, mine, theirs))
        try:
            await act(clients.fill_in, client_id=self.shown.id, version=self.shown.version, **given)
        except ChangedElsewhere:
            await self._read()
            self.faults = {"": AT_THIS_MOMENT}
            return None
        except Refusal as refusal:
            self.faults, self.differences = faults_of(refusal), []
            return _focus(self.faults)
        await self._read()
        if not self.shown:
            return None
        self._begin(Edit(edit.part, self.shown.version, texts_of(self.shown, edit.part)))
        self.saved, self.saves = edit.part, self.saves + 1
        return None

    @handler
    def typed_on(self) -> None:
        """The page keeps the form open, as something was typed into it while it was being saved."""
        self.faults = {"": TYPED_ON} if self._edit else {}

    def _ask(self, edit: Edit, both: Sequence[Field], mine: dict[str, str], theirs: dict[str, str]) -> None:
        assert self.shown
        self.differences, self.faults = differences(both, mine, theirs), {}
        self._touching = [box for one in both for box in one.boxes]
        edit.seen, edit.version = theirs, self.shown.version

    @handler
    def take_theirs(self) -> None:
        """The boxes both wrote in get the others' texts; the rest stays as typed."""
        if self._edit:
            self.theirs = {box: self._edit.seen.get(box, "") for box in self._touching}
            self.takes += 1
            self._edit.base = {**self._edit.base, **self.theirs}
        self.differences, self._touching = [], []

    def _begin(self, edit: Edit | None) -> None:
        self._edit, self.editing = edit, edit.part if edit else ""
        self.boxes = texts_of(self.shown, edit.part) if edit and self.shown else {}
        self.faults, self.differences, self.theirs, self._touching = {}, [], {}, []

    # -- reading

    async def _open(self, given: object, asked: Mapping[str, Any]) -> None:
        if given != self._id:
            self._clear()
        self._id = given
        await self._read()
        part = str(asked.get("edit", ""))
        if not part:
            # The address has closed the form. `editing` stays: the same part may have been opened again since.
            self._edit, self.faults, self.differences, self.theirs, self._touching = None, {}, [], {}, []
        elif not self._edit or self._edit.part != part:
            may = self.shown if self.shown and self.shown.may_edit and part in PARTS else None
            self._begin(_begun(may, part, str(asked.get("v", ""))) if may else None)

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        try:
            self.shown, self.problem = await ask(clients.find, client_id=self._id), ""
        except NotFound as refusal:
            self._clear()
            self.problem = refusal.sentence
            return
        await self._read_around()
        if self.editing:
            self.boxes = texts_of(self.shown, self.editing)

    async def _read_around(self) -> None:
        whose = {"client_id": self._id}
        lists = {"appointments": client_history.appointments_of, "invoices": client_history.invoices_of}
        for name, service in lists.items():
            limit = self._limits.get(name, PAGE)
            rows = list(await ask(service, **whose, limit=limit + 1))
            setattr(self, name, rows[:limit])
            self.has_more = self.has_more | {name: len(rows) > limit}
        self.alike = list(await ask(clients.who_is_alike, **whose))
        self.merges = list(await ask(clients.merges_of, **whose))
        self.schemes = list(await ask(clients.scheme_names))

    def _clear(self) -> None:
        self.shown, self.appointments, self.invoices, self.problem, self._id = None, [], [], "", 0
        self.alike, self.merges, self.has_more, self._limits = [], [], {}, {}
        self._begin(None)
        self.saved = ""
        self._forget_codes()
        self._shut_questions()


def _focus(boxes: Mapping[str, str]) -> Any:
    """On the first of these boxes; one of the practice's own fields has no name the page could find it by."""
    first = next((box for box in boxes if box), "")
    return rx.set_focus(first) if first and not first.startswith("custom_") else None


def _begun(shown: ClientProfile, part: str, version: str) -> Edit:
    """An edit that began before the present version, in a state that is gone, no longer knows what it began with."""
    is_current = version == str(shown.version)
    base = texts_of(shown, part) if is_current or not version else {}
    return Edit(part, shown.version if base else 0, base)


@restores(f"{routes.CLIENTS}/[cid]")
async def restore(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(ClientPage)
    await state._open(params.get("cid", ""), params)
