"""The search for ICD-10 codes in the completion form. Mixed into `Completion`, which has the form itself."""

import asyncio
from typing import TYPE_CHECKING, Any

from trova_app.domain.refusals import Refusal
from trova_app.services import completion
from trova_app.services.forms import Form
from trova_app.state.code_box import CodeBox
from trova_app.state.drawn import Code
from trova_app.wiring import ask, new_desk


class DiagnosisBox(CodeBox, mixin=True):
    if TYPE_CHECKING:  # what `Completion` has
        _id: int
        _form: Form | None
        problems: dict[str, str]

        def _remember(self, name: str = "") -> None: ...
        async def _restructured(self) -> Any: ...

    async def _codes_for(self, words: str) -> list[Code]:
        found = await ask(completion.find_codes, appointment_id=self._id, words=words)
        if self.problems.get("diagnosis"):
            self.problems = self.problems | {"diagnosis": ""}
        return [Code(d.code, d.description) for d in found]

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
        self._shut_codes()
        self.code_face += 1
        return await self._restructured()


def _described(code: object):
    return completion.described_code(new_desk(), code)
