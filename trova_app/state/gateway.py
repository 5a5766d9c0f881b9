"""Settings, Payments: the practice's own gateway account."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import own_gateways, routes
from trova_app.domain.gateways import GatewayTrouble
from trova_app.domain.refusals import NotAllowed, Refusal
from trova_app.outside import asked_outside
from trova_app.services import (
    gateway_accounts,
    gateway_connect,
    gateway_disconnect,
    gateway_health,
    gateway_webhooks,
    sweep,
    trial_payments,
)
from trova_app.services.gateway_accounts import PROVIDERS
from trova_app.services.gateway_health import GatewayHealth
from trova_app.settings import settings
from trova_app.state.faults import faults_of
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.state.notices import say
from trova_app.wiring import act, ask

KEY_REFUSED = "{name} did not accept this key. Copy it again from {name}'s dashboard, and see that it is still valid."
NOT_NOW = "{name} did not answer, so the key could not be tried. Nothing was changed. Try again."


def key_trouble(provider: str, trouble: GatewayTrouble) -> str:
    """Beside the key. Nothing tries it again by itself, as what was typed is not kept."""
    return (KEY_REFUSED if trouble.is_permanent else NOT_NOW).format(name=PROVIDERS[provider])


class GatewayPage(rx.State):
    """The key typed is never kept here: it goes from the form to the gateway and, encrypted, to the database."""

    shown: GatewayHealth | None = None
    problem: str = ""
    faults: dict[str, str] = {}
    trouble: str = ""
    test_trouble: str = ""
    is_asking: bool = False  # whether the question before disconnecting is open
    _version: int = -1

    @handler
    async def load(self) -> None:
        self.faults, self.is_asking = {}, False
        self.trouble = self.test_trouble = ""
        await self._read()

    @handler(quiet=True)
    async def refresh(self) -> None:
        live = await self.get_state(Live)
        if self.shown and live.version != self._version:
            await self._read()

    @handler
    async def connect(self, form: dict[str, Any]) -> Any:
        """Tries the key at the gateway first, with no transaction open, then stores it encrypted."""
        given = form if isinstance(form, Mapping) else {}
        typed = {"provider": given.get("provider"), "key": given.get("key")}
        self.faults, self.trouble = {}, ""
        try:
            wanted = await ask(gateway_accounts.key_to_check, **typed)
            account = await asked_outside(own_gateways.tried_key, settings(), wanted.provider, wanted.key)
            sentence = await act(gateway_connect.connect, **typed, account_ref=account)
        except NotAllowed:
            raise
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            return rx.set_focus(refusal.field) if refusal.field else None
        except GatewayTrouble as trouble:
            self.faults = {"key": key_trouble(wanted.provider, trouble)}
            return rx.set_focus("key")
        await say(self, sentence)
        await self._read()
        return None

    @handler
    async def connect_webhooks(self) -> None:
        """The worker asks the gateway; the page hears of it by itself."""
        self.trouble = ""
        try:
            sentence = await act(gateway_webhooks.ask_for_webhooks)
        except NotAllowed:
            raise
        except Refusal as refusal:
            self.trouble = refusal.sentence
        else:
            await say(self, sentence)
        await self._read()

    @handler
    async def test_payment(self) -> None:
        """In test mode only: no real money. The worker opens the link; the page hears of it by itself."""
        self.test_trouble = ""
        try:
            seen = self.shown.test_url if self.shown else ""
            await act(trial_payments.ask_for_test_payment, return_path=routes.PAYMENT_SETTINGS, seen=seen)
        except NotAllowed:
            raise
        except Refusal as refusal:
            self.test_trouble = refusal.sentence
        await self._read()

    @handler
    async def check_now(self) -> None:
        await say(self, await act(sweep.check_payments_now))

    @handler
    def question(self, is_open: bool) -> None:
        self.is_asking = is_open is True

    @handler
    async def disconnect(self) -> None:
        self.is_asking = False
        self.trouble = self.test_trouble = ""
        await say(self, await act(gateway_disconnect.disconnect))
        await self._read()

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        try:
            self.shown, self.problem = await ask(gateway_health.health), ""
        except NotAllowed as refusal:
            self.shown, self.problem = None, refusal.sentence


@restores(routes.PAYMENT_SETTINGS)
async def restore(root: Any, _params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(GatewayPage)
    await state._read()
