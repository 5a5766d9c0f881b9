"""The diagnoses on a client's page. Mixed into `ClientPage`, which has the client itself."""

from typing import TYPE_CHECKING, Any

from trova_app.domain.diagnoses import not_chosen
from trova_app.domain.refusals import Refusal
from trova_app.services import clients, code_search
from trova_app.services.clients import ClientProfile
from trova_app.state.code_box import CodeBox
from trova_app.state.drawn import Code
from trova_app.state.marks import handler
from trova_app.wiring import act, ask


class ClientDiagnoses(CodeBox, mixin=True):
    """The box is never drawn anew: with each code that was added the page takes `code_words` out of it."""

    diagnosis_fault: str = ""
    code_words: str = ""
    _words: str = ""  # in the box

    if TYPE_CHECKING:  # what `ClientPage` has
        shown: ClientProfile | None

        async def _read(self) -> None: ...

    async def _codes_for(self, words: str) -> list[Code]:
        self._hear(words)
        if not self.shown or not self.shown.may_see_diagnoses:
            return []
        return [Code(one.code, one.description) for one in await ask(code_search.codes_for, words=words)]

    @handler
    async def add_code(self, code: str) -> None:
        await self._take(code)

    async def _take(self, code: object) -> None:
        if await self._diagnose(clients.add_diagnosis, code=code):
            self._shut_codes()
            self.code_words, self._words, self.diagnosis_fault = self._words, "", ""
            self.code_face += 1

    @handler
    async def leave_codes(self, words: str) -> None:
        """The box was left. A code typed in full is taken, of anything else it is said that it is not chosen yet."""
        if not self.shown or not isinstance(words, str):
            return
        self._hear(words)
        if code := await self._in_full(words):
            await self._take(code)
            return
        self._shut_codes()
        self.diagnosis_fault = not_chosen(words)

    @handler
    async def remove_code(self, code: str) -> None:
        await self._diagnose(clients.remove_diagnosis, code=code)

    @handler
    async def move_code(self, code: str, by: int) -> None:
        await self._diagnose(clients.move_diagnosis, code=code, by=by)

    async def _diagnose(self, service: Any, **kw: object) -> bool:
        if not self.shown:
            return False
        try:
            await act(service, client_id=self.shown.id, **kw)
        except Refusal as refusal:
            self.diagnosis_fault = getattr(refusal, "faults", [("", refusal.sentence)])[0][1]
            return False
        self.diagnosis_fault = not_chosen(self._words)
        await self._read()
        return True

    def _hear(self, words: object) -> None:
        """What is said of the words in the box stands until they are others."""
        if words != self._words:
            self._words, self.diagnosis_fault = (words if isinstance(words, str) else ""), ""

    def _forget_codes(self) -> None:
        self._shut_codes()
        self.code_words, self._words, self.diagnosis_fault = "", "", ""
