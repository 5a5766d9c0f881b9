"""Settings, Client fields: what the practice keeps about each client in words of its own."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import NotAllowed, Refusal
from trova_app.services import clients
from trova_app.services.clients import FieldText
from trova_app.state.faults import faults_of
from trova_app.state.marks import handler, restores
from trova_app.state.one_list import OneList
from trova_app.wiring import act, ask


class ClientFields(OneList, rx.State):
    fields: list[FieldText] = []
    faults: dict[str, str] = {}
    face: int = 0  # goes up when the form is to be empty again

    @handler
    async def load(self) -> None:
        self.faults = {}
        await self._read()

    @handler
    async def add(self, form: dict[str, Any]) -> Any:
        if not isinstance(form, Mapping):
            return None
        on_invoice = form.get("shows_on_invoice") in (True, "on", "true")
        try:
            await act(clients.add_field, name=form.get("name"), shows_on_invoice=on_invoice)
        except NotAllowed:
            raise
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            return rx.set_focus("name")
        self.faults = {}
        self.face += 1
        await self._read()
        return None

    @handler
    async def print_it(self, field_id: int, on_invoice: bool) -> None:
        await self._change(field_id, shows_on_invoice=on_invoice)

    @handler
    async def put_away(self, field_id: int) -> None:
        await self._change(field_id, is_active=False)

    @handler
    async def bring_back(self, field_id: int) -> None:
        await self._change(field_id, is_active=True)

    async def _change(self, field_id: object, **given: object) -> None:
        await act(clients.change_field, field_id=field_id, **given)
        await self._read()

    async def _fetch(self) -> None:
        self.fields = list(await ask(clients.fields_of))

    def _empty(self) -> None:
        self.fields = []


@restores(routes.CLIENT_FIELDS)
async def restore(root: Any, _params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(ClientFields)
    await state._read()
