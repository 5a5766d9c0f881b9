"""The search for ICD-10 codes in the completion form. Mixed into `Completion`, which has the form itself."""

import asyncio
from typing import TYPE_CHECKING, Any

from trova_app.domain.refusals import Refusal
from trova_app.services import completion
from trova_app.services.billing.draft import diagnosis_not_chosen
from trova_app.services.forms import Form
from trova_app.state.code_box import CodeBox, described
from trova_app.state.drawn import Code
from trova_app.state.marks import handler
from trova_app.wiring import ask


class DiagnosisBox(CodeBox, mixin=True):
    if TYPE_CHECKING:  # what `Completion` has
        _id: int
        _form: Form | None
        problems: dict[str, str]

        def _remember(self, name: str = "") -> None: ...
        async def _restructured(self) -> Any: ...

    async def _codes_for(self, words: str) -> list[Code]:
        found = await ask(completion.find_codes, appointment_id=self._id, words=words)
        return [Code(d.code, d.description) for d in found]

    @handler
    async def leave_codes(self, words: str):
        """The box was left. A code typed in full is taken, of anything else it is said that it is not chosen yet."""
        if self._form is None or not isinstance(words, str):
            return None
        code = await self._in_full(words)
        self._shut_codes()
        if not code:
            self._say_of_diagnosis(diagnosis_not_chosen(self._form.with_text("diagnosis", words)))
            return None
        try:
            found = await asyncio.to_thread(described, code)
            self._remember()
            self._form = self._form.with_diagnosis(found.code, found.description).with_text("diagnosis", "")
        except Refusal as refused:
            self._say_of_diagnosis(refused.sentence)
            return None
        self.code_face += 1
        self._say_of_diagnosis("")
        return await self._restructured()

    def _say_of_diagnosis(self, sentence: str) -> None:
        if self.problems.get("diagnosis") != sentence:
            self.problems = self.problems | {"diagnosis": sentence}
