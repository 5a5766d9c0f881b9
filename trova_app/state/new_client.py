"""A client made anew."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import Refusal
from trova_app.services import clients
from trova_app.services.clients import Alike, LooksAlike
from trova_app.state.faults import faults_of
from trova_app.state.marks import handler
from trova_app.wiring import act

BOXES = ("first_name", "last_name", "email", "phone", "birth_date")


class NewClient(rx.State):
    """What is typed stays in the page; here are only the sentences beside it, and who might be the same."""

    faults: dict[str, str] = {}
    alike: list[Alike] = []

    @handler
    def load(self) -> None:
        self.faults, self.alike = {}, []

    @handler(quiet=True)
    def leave(self) -> None:
        """Nothing about a client stays in a page that is no longer shown."""
        self.faults, self.alike = {}, []

    @handler
    async def save(self, form: dict[str, Any]) -> Any:
        """Pressed again over those who look alike, it is somebody else."""
        if not isinstance(form, Mapping):
            return None
        given = {name: form[name] for name in BOXES if name in form}
        try:
            added = await act(clients.add, **given, despite=[one.id for one in self.alike])
        except LooksAlike as alike:
            self.alike, self.faults = list(alike.known), {}
            return None
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            first = next((name for name in self.faults if name), "")
            return rx.set_focus(first) if first else None
        self.faults, self.alike = {}, []
        return rx.redirect(routes.client(added.id))
