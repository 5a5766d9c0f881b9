"""The practice's settings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import ChangedElsewhere, NotAllowed, Refusal
from trova_app.services import practices
from trova_app.services.practices import PracticeSettings
from trova_app.state.faults import faults_of
from trova_app.state.frame import Frame
from trova_app.state.marks import handler, restores
from trova_app.state.tax_rates import TaxRates
from trova_app.wiring import act, ask

TEXTS = (
    "name",
    "address",
    "phone",
    "email",
    "practice_number",
    "council_number",
    "tax_number",
    "country",
    "currency",
    "time_zone",
    "bank_name",
    "bank_account_name",
    "bank_account_number",
    "bank_branch_code",
    "number_prefix",
    "sender_name",
    "support",
    "default_payment_type",
    "payment_terms_days",
    "idle_minutes",
)
TICKS = ("charges_tax", "prices_include_tax")


class SettingsPage(rx.State):
    shown: PracticeSettings | None = None  # without the logo's bytes: `logo` is only "" or "yes"
    problem: str = ""
    faults: dict[str, str] = {}
    saved: str = ""

    @handler
    async def load(self) -> None:
        await self._read()

    @handler
    async def save(self, form: dict[str, Any]) -> Any:
        """Every fault stands beside its field; what was typed stays in the page."""
        if not self.shown or not isinstance(form, Mapping):
            return None
        given = {name: form[name] for name in TEXTS if name in form} | {name: bool(form.get(name)) for name in TICKS}
        self.saved = ""
        try:
            kept = await act(practices.save_settings, version=self.shown.version, **given)
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            if isinstance(refusal, ChangedElsewhere):
                await self._read(keep_faults=True)
            first = next((name for name in self.faults if name), "")
            return rx.set_focus(first) if first else None
        self.shown, self.faults, self.saved = _without_logo(kept), {}, "Saved."
        await (await self.get_state(Frame))._read()
        return None

    async def _read(self, *, keep_faults: bool = False) -> None:
        try:
            self.shown, self.problem = _without_logo(await ask(practices.settings_of)), ""
        except NotAllowed as refusal:
            self.shown, self.problem = None, refusal.sentence
        if not keep_faults:
            self.faults, self.saved = {}, ""


def _without_logo(settings: PracticeSettings) -> PracticeSettings:
    return replace(settings, logo="yes" if settings.logo else "")


@restores(routes.SETTINGS)
async def restore(root: Any, _params: Mapping[str, Any], _secret: str) -> None:
    await (await root.get_state(SettingsPage))._read()
    await (await root.get_state(TaxRates))._read()
