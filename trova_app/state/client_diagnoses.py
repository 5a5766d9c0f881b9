"""The diagnoses on a client's page. Mixed into `ClientPage`, which has the client itself."""

from typing import TYPE_CHECKING, Any

from trova_app.domain.refusals import Refusal
from trova_app.services import clients, code_search
from trova_app.services.clients import ClientProfile
from trova_app.state.code_box import CodeBox
from trova_app.state.drawn import Code
from trova_app.state.marks import handler
from trova_app.wiring import act, ask


class ClientDiagnoses(CodeBox, mixin=True):
    diagnosis_fault: str = ""

    if TYPE_CHECKING:  # what `ClientPage` has
        shown: ClientProfile | None

        async def _read(self) -> None: ...

    async def _codes_for(self, words: str) -> list[Code]:
        self.diagnosis_fault = ""
        if not self.shown or not self.shown.may_see_diagnoses:
            return []
        return [Code(one.code, one.description) for one in await ask(code_search.codes_for, words=words)]

    async def _add_code(self, code: object) -> Any:
        await self._diagnose(clients.add_diagnosis, code=code)

    @handler
    async def remove_code(self, code: str) -> None:
        await self._diagnose(clients.remove_diagnosis, code=code)

    @handler
    async def move_code(self, code: str, by: int) -> None:
        await self._diagnose(clients.move_diagnosis, code=code, by=by)

    async def _diagnose(self, service: Any, **kw: object) -> None:
        if not self.shown:
            return
        try:
            await act(service, client_id=self.shown.id, **kw)
        except Refusal as refusal:
            self.diagnosis_fault = getattr(refusal, "faults", [("", refusal.sentence)])[0][1]
            return
        self.diagnosis_fault = ""
        self._shut_codes()
        self.code_face += 1
        await self._read()
