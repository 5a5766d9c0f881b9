"""A client made anew."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import Refusal
from trova_app.services import clients
from trova_app.state.faults import faults_of
from trova_app.state.marks import handler
from trova_app.wiring import act

BOXES = ("first_name", "last_name", "email", "phone", "birth_date")


class NewClient(rx.State):
    """What is typed stays in the page; here are only the sentences beside it."""

    faults: dict[str, str] = {}

    @handler
    def load(self) -> Any:
        self.faults = {}
        return rx.set_focus(BOXES[0])

    @handler
    async def save(self, form: dict[str, Any]) -> Any:
        if not isinstance(form, Mapping):
            return None
        try:
            added = await act(clients.add, **{name: form[name] for name in BOXES if name in form})
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            first = next((name for name in self.faults if name), "")
            return rx.set_focus(first) if first else None
        self.faults = {}
        return rx.redirect(routes.client(added.id))
