"""Settings, Payments: the practice's own gateway account."""

import asyncio
from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import own_gateways, routes
from trova_app.domain.gateways import GatewayTrouble
from trova_app.domain.refusals import NotAllowed, Refusal
from trova_app.outside import outside
from trova_app.services import gateway_accounts, gateway_disconnect, gateway_health, practices, sweep
from trova_app.services.gateway_accounts import PROVIDERS
from trova_app.services.gateway_health import GatewayHealth
from trova_app.settings import settings
from trova_app.state.faults import faults_of
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.state.notices import say
from trova_app.wiring import act, ask, unit_of_work

LEFT_BEHIND = "Its webhook could not be removed there; please remove it in the dashboard."
KEY_REFUSED = "{name} did not accept this key. Copy it again from {name}'s dashboard, and see that it is still valid."
CANNOT_TEST = "A test payment needs an amount this gateway can charge."


class GatewayPage(rx.State):
    """The key typed is never kept here: it goes from the form to the gateway and, encrypted, to the database."""

    shown: GatewayHealth | None = None
    problem: str = ""
    faults: dict[str, str] = {}
    trouble: str = ""
    test_url: str = ""
    test_trouble: str = ""
    is_asking: bool = False  # whether the question before disconnecting is open
    _version: int = -1

    @handler
    async def load(self) -> None:
        self.faults, self.is_asking = {}, False
        self.trouble = self.test_url = self.test_trouble = ""
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
            account = await asyncio.to_thread(own_gateways.tried_key, settings(), wanted.provider, wanted.key)
            await act(gateway_accounts.connect, **typed, account_ref=account)
        except NotAllowed:
            raise
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            return rx.set_focus(refusal.field) if refusal.field else None
        except GatewayTrouble as trouble:
            refused = KEY_REFUSED.format(name=PROVIDERS[wanted.provider])
            self.faults = {"key": refused if trouble.is_permanent else trouble.sentence}
            return rx.set_focus("key")
        await say(self, f"{PROVIDERS[wanted.provider]} is connected.")
        await self._read()
        return None

    @handler
    async def connect_webhooks(self) -> None:
        self.trouble = ""
        try:
            plan = await act(gateway_accounts.webhook_plan)
            if not plan.by_hand:
                name = await asyncio.to_thread(_endpoint_name, plan.connection.practice_id)
                made = await asyncio.to_thread(own_gateways.endpoint_made, plan.connection, plan.url, name)
                await act(gateway_accounts.webhooks_connected, endpoint_ref=made.endpoint_ref, secret=made.secret)
                await say(self, "Webhooks are connected.")
        except (GatewayTrouble, Refusal) as trouble:
            self.trouble = trouble.sentence
        await self._read()

    @handler
    async def test_payment(self) -> None:
        """In test mode only: no real money."""
        self.test_trouble = self.test_url = ""
        try:
            held = await ask(gateway_accounts.connected)
            if "_test_" not in held.key:
                return
            currency = (await ask(practices.settings_of)).currency
            back = f"{settings().origin}{routes.PAYMENT_SETTINGS}"
            self.test_url = await asyncio.to_thread(own_gateways.test_link, held, currency, back)
        except (GatewayTrouble, Refusal) as trouble:
            self.test_trouble = trouble.sentence
        except ValueError:
            self.test_trouble = CANNOT_TEST

    @handler
    async def check_now(self) -> None:
        await say(self, await act(sweep.check_payments_now))

    @handler
    def question(self, is_open: bool) -> None:
        self.is_asking = is_open is True

    @handler
    async def disconnect(self) -> None:
        self.is_asking = False
        self.trouble = self.test_url = self.test_trouble = ""
        left_behind = await self._endpoint_stays()
        sentence = await act(gateway_disconnect.disconnect)
        await say(self, f"{sentence} {LEFT_BEHIND}" if left_behind else sentence, is_problem=left_behind)
        await self._read()

    async def _endpoint_stays(self) -> bool:
        """Takes our webhook away at the gateway; a gateway that does not answer must not hold anybody."""
        try:
            held = await ask(gateway_accounts.connected)
            await asyncio.to_thread(own_gateways.endpoint_gone, held)
        except NotAllowed:
            raise
        except (GatewayTrouble, Refusal):
            return True
        return False

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        try:
            self.shown, self.problem = await ask(gateway_health.health), ""
        except NotAllowed as refusal:
            self.shown, self.problem = None, refusal.sentence


def _endpoint_name(practice_id: int) -> str:
    """Ours among the account's webhooks: this installation and this practice."""
    with unit_of_work() as (db, _desk):
        return f"{outside().endpoint(db, 'stripe').public_id}/{practice_id}"


@restores(routes.PAYMENT_SETTINGS)
async def restore(root: Any, _params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(GatewayPage)
    await state._read()
