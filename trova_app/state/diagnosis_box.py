"""The search for ICD-10 codes in the completion form. Mixed into `Completion`, which has the form itself."""

import asyncio
from typing import TYPE_CHECKING, Any

import reflex as rx

from trova_app.domain.refusals import Refusal
from trova_app.services import completion
from trova_app.services.forms import Form
from trova_app.state.drawn import Code
from trova_app.state.marks import handler
from trova_app.wiring import ask, new_desk


class DiagnosisBox(rx.State, mixin=True):
    """`active`: the marked choice, -1 for none."""

    found: list[Code] = []
    active: int = -1
    code_face: int = 0

    if TYPE_CHECKING:  # what `Completion` has
        _id: int
        _form: Form | None
        problems: dict[str, str]

        def _remember(self, name: str = "") -> None: ...
        async def _restructured(self) -> Any: ...

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
            return await self._add_code(self.found[self.active].code)
        return None

    @handler
    async def add_code(self, code: str):
        return await self._add_code(code)

    async def _add_code(self, code: object):
        if self._form is None:
            return None
        try:
            found = await asyncio.to_thread(_described, code)
            self._remember()
            self._form = self._form.with_diagnosis(found.code, found.description)
        except Refusal as refused:
            self.problems = self.problems | {"diagnosis": refused.sentence}
            return None
        self.found, self.active = [], -1
        self.code_face += 1
        return await self._restructured()

    @handler
    async def remove_code(self, code: str):
        if self._form is None:
            return None
        self._remember()
        self._form = self._form.without_diagnosis(str(code))
        return await self._restructured()


def _described(code: object):
    return completion.described_code(new_desk(), code)
