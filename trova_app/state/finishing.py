"""The closing buttons of the completion form. Mixed into `Completion`, which has the form itself."""

from typing import TYPE_CHECKING, Any

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, Refusal
from trova_app.services import billing
from trova_app.state.acts import AGAIN_PLEASE
from trova_app.state.grid_acts import STEP_OF
from trova_app.state.marks import handler
from trova_app.state.notices import say
from trova_app.state.unsaved import pairs_in
from trova_app.wiring import act

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
"""Fields whose faults only the server knows, apart from those of a line."""


class Finishing(rx.State, mixin=True):
    problem: str = ""
    problems: dict[str, str] = dict.fromkeys(FIELDS, "")
    marks: int = 0
    step: int = 1  # the one a field was last opened on; which one is shown is the page's to say

    _faults: dict[str, str] = {}
    _done: int = 0

    if TYPE_CHECKING:  # what `Completion` has
        _id: int
        _version: int
        _is_asking: bool
        _is_dirty: bool
        structure: int
        conflict: list[Any]
        refusal: str
        heard_press: str

        async def _save(self) -> bool: ...
        async def _catch_up(self) -> bool: ...
        def _draw(self) -> None: ...

    @handler
    async def finish(self, act_name: str, fields: list[list[str]], seen: str, press: str):
        """The whole form as the page shows it, with the total that was seen. `press`: of this very one."""
        self.heard_press = press if isinstance(press, str) else ""
        if self._done:
            return rx.redirect(routes.invoice(self._done))
        if self._is_asking:
            self.problem = AGAIN_PLEASE
            return None
        if not await self._is_as_shown():
            return None
        self.problem, self.problems, self._faults = "", dict.fromkeys(FIELDS, ""), {}
        submitted = dict(pairs_in(fields))
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

    async def _is_as_shown(self) -> bool:
        """Only what the database has and the page shows is finished: an open question or a failed save comes first."""
        drawn = self.structure
        is_saved = await self._save()
        if self.conflict:
            self.problem = "Please choose between the two versions above first. Nothing was sent."
        elif is_saved and self.structure != drawn:
            self.problem = "Somebody else changed this form just now. Please look it over and press the button again."
        return is_saved and not self.conflict and self.structure == drawn

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
        self.step = 2 if "." in first else STEP_OF.get(first, 3)

    async def _overtaken(self, refused: ChangedElsewhere) -> None:
        """Somebody else saved, or finished, in the meantime: the person sees it before anything is sent."""
        if await self._catch_up() and not self.refusal:
            self.problem = "Somebody else changed this form just now. Please look it over and press the button again."
            await self._save()
