"""One client: the profile, and what there was."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import NotFound
from trova_app.services import client_history, clients
from trova_app.services.client_history import PastAppointment, PastInvoice
from trova_app.services.clients import ClientProfile
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.wiring import ask


class ClientPage(rx.State):
    shown: ClientProfile | None = None
    appointments: list[PastAppointment] = []
    invoices: list[PastInvoice] = []
    problem: str = ""
    _id: object = 0
    _version: int = -1

    @handler
    async def load(self) -> None:
        await self._open(getattr(self, "cid", ""))

    @handler(quiet=True)
    async def refresh(self) -> None:
        live = await self.get_state(Live)
        if self.shown and live.version != self._version:
            await self._read()

    @handler(quiet=True)
    def leave(self) -> None:
        """Nothing about a client stays in a page that is no longer shown."""
        self._clear()

    async def _open(self, given: object) -> None:
        if given != self._id:
            self._clear()
        self._id = given
        await self._read()

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        try:
            self.shown, self.problem = await ask(clients.find, client_id=self._id), ""
        except NotFound as refusal:
            self._clear()
            self.problem = refusal.sentence
            return
        self.appointments = list(await ask(client_history.appointments_of, client_id=self._id))
        self.invoices = list(await ask(client_history.invoices_of, client_id=self._id))

    def _clear(self) -> None:
        self.shown, self.appointments, self.invoices, self.problem, self._id = None, [], [], "", 0


@restores(f"{routes.CLIENTS}/[cid]")
async def restore(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(ClientPage)
    await state._open(params.get("cid", ""))
