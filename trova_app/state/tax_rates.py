"""Settings, Practice: the tax rates."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app.domain.refusals import NotAllowed, Refusal
from trova_app.services import tax_rates
from trova_app.services.tax_rates import RateText
from trova_app.state.faults import faults_of
from trova_app.state.live import Live
from trova_app.state.marks import handler
from trova_app.wiring import act, ask

FIELDS = ("rate_name", "rate_percent", "rate_since")


class TaxRates(rx.State):
    rates: list[RateText] = []
    names: list[str] = []
    faults: dict[str, str] = {}  # by field; "" beside the list
    usual: str = ""
    """The tax the form begins with. It stays that while the page is open: a rate may be in the making."""
    _version: int = -1

    @handler
    async def load(self) -> None:
        self.faults = {}
        await self._read()

    @handler(quiet=True)
    async def refresh(self) -> None:
        if (await self.get_state(Live)).version != self._version:
            await self._read()

    @handler
    async def add(self, form: dict[str, Any]) -> Any:
        """A refusal stands beside its field, and nothing typed is lost."""
        if not isinstance(form, Mapping):
            return None
        name, rate, since = (form.get(field) for field in FIELDS)
        try:
            await act(tax_rates.add_rate, name=name, rate=rate, since=since)
        except NotAllowed:
            raise
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            first = next((field for field in FIELDS if field in self.faults), "")
            return rx.set_focus(first) if first else None
        self.faults = {}
        await self._read()
        return [rx.set_value(field, self.usual if field == "rate_name" else "") for field in FIELDS]

    @handler
    async def remove(self, rate_id: int) -> None:
        try:
            await act(tax_rates.remove_rate, rate_id=rate_id)
            self.faults = {}
        except NotAllowed:
            raise
        except Refusal as refusal:
            self.faults = faults_of(refusal)
        await self._read()

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        try:
            self.rates = list(await ask(tax_rates.rates_of))
        except NotAllowed:
            self.rates = []
        self.names = list(dict.fromkeys(rate.name for rate in self.rates))
        self.usual = self.usual or next(iter(self.names), "")
