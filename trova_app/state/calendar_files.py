"""Calendars of other programs: one's own sessions read there, and theirs read here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.permissions import Permission
from trova_app.domain.refusals import Refusal
from trova_app.services import bookings, calendar_feeds, calendar_subscriptions
from trova_app.services.calendar_feeds import FeedState
from trova_app.services.calendar_subscriptions import Subscribed
from trova_app.settings import settings
from trova_app.state.faults import faults_of
from trova_app.state.live import Live
from trova_app.state.marks import handler
from trova_app.wiring import act, ask


@dataclass(frozen=True, slots=True)
class Colleague:
    id: int
    name: str


class CalendarFiles(rx.State):
    """`address`: one's own, shown this once after it was made. `face` goes up when the form is to be empty again."""

    is_open: bool = False
    feed: FeedState | None = None
    address: str = ""
    may_subscribe: bool = False
    subscribed: list[Subscribed] = []
    practitioners: list[Colleague] = []
    faults: dict[str, str] = {}
    face: int = 0
    _version: int = -1

    @handler
    async def open(self) -> None:
        self.address, self.faults = "", {}
        await self._read()
        self.is_open = True

    @handler
    def close(self, is_open: bool) -> None:
        if is_open is not True:
            self.is_open, self.address = False, ""

    @handler(quiet=True)
    async def refresh(self) -> None:
        live = await self.get_state(Live)
        if self.is_open and live.version != self._version:
            await self._read()

    @handler
    async def make(self, form: dict[str, Any]) -> None:
        initials = isinstance(form, Mapping) and bool(form.get("initials"))
        token = await act(calendar_feeds.make_feed, shows_initials=initials)
        self.address = f"{settings().origin}{routes.FEEDS}{token}.ics"
        await self._read()

    @handler
    async def revoke(self) -> None:
        await act(calendar_feeds.revoke_feed)
        self.address = ""
        await self._read()

    @handler
    async def subscribe(self, form: dict[str, Any]) -> None:
        """A refusal stands beside its field, and nothing typed is lost."""
        if not isinstance(form, Mapping):
            return
        try:
            await act(
                calendar_subscriptions.subscribe,
                address=form.get("address", ""),
                practitioner_id=form.get("practitioner_id", ""),
                adds_clients=bool(form.get("adds_clients")),
            )
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            return
        self.faults = {}
        self.face += 1
        await self._read()

    @handler
    async def check_now(self, subscription_id: int) -> None:
        await act(calendar_subscriptions.check_now, subscription_id=subscription_id)
        await self._read()

    @handler
    async def unsubscribe(self, subscription_id: int) -> None:
        await act(calendar_subscriptions.unsubscribe, subscription_id=subscription_id)
        await self._read()

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        self.feed = await ask(calendar_feeds.own_feed)
        self.may_subscribe = await ask(_may_subscribe)
        if self.may_subscribe:
            self.subscribed = list(await ask(calendar_subscriptions.subscriptions))
            desired = await ask(bookings.choices)
            self.practitioners = [Colleague(key, name) for key, name in desired.practitioners]


def _may_subscribe(_db: Any, _desk: Any, who: Any) -> bool:
    return bool(who.may(Permission.IMPORT))
