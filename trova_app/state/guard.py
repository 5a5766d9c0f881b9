"""Deny by default: every event of every page comes by here before its handler, background ones included.

A State's public methods can all be called by anybody who can open the socket, with any arguments. So only handlers
marked with `@handler` run, only for people whose sign-in holds at this moment.
"""

import asyncio
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import reflex as rx
import structlog
from reflex.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext

from trova_app import routes
from trova_app.domain.permissions import Principal
from trova_app.logs import frames
from trova_app.state.live import LOOK_BY, MOMENT, SEEN, TABS, Live, Sighting, Tab
from trova_app.state.marks import LEAVERS, RESTORERS, handler, restores
from trova_app.state.notices import Notices
from trova_app.state.one_page import forget_others
from trova_app.state.strangers import belongs_to_somebody
from trova_app.web.cookies import secret_in
from trova_app.web.who import who_quietly
from trova_app.wiring import SIGN_IN, who_is

__all__ = ["FRAMEWORK", "Guard", "handler", "restores"]

log = structlog.get_logger()

_ROOT = "reflex___state____state"
HYDRATE = f"{_ROOT}.hydrate_and_load"
ON_LOAD = f"{_ROOT}.reflex___state____on_load_internal_state.on_load_internal"
FRAMEWORK = frozenset(
    {
        HYDRATE,
        ON_LOAD,
        f"{_ROOT}.reflex___state____on_load_internal_state.set_is_hydrated",
        f"{_ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
    }
)
"""Reflex's own events that pages cannot do without. None of them shows or changes anything of a practice."""


def _method(name: str) -> Any:
    found = RegistrationContext.get().event_handlers.get(name)
    return found.handler.fn if found else None


class Guard(Middleware):
    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """None lets the event through."""
        context = EventContext.get()
        route = context.router_data or state.router_data  # a chained event carries none of its own
        method = _method(event.name)
        is_quiet = event.name in FRAMEWORK or getattr(method, "trova_quiet", False)
        secret = _secret_in(route.get("headers", {}).get("cookie", ""))
        if getattr(method, "trova_typing", False):
            who = await _who_types(secret, is_quiet)
        else:
            who = await _who(secret, is_quiet)
        SIGN_IN.set(secret if who else "")
        if who:
            TABS[context.token] = Tab(who.practice_id, secret)
            belongs_to_somebody(context.token)
        if event.name == HYDRATE and who is None and not routes.is_public(route.get("pathname", "")):
            return StateUpdate(events=Event.from_event_type(Live.leave()))  # what the page shows stays until it leaves
        if event.name in FRAMEWORK:
            await self._before_page(state, event.name, route, who, secret)
            return None
        fence = getattr(method, "trova_fence", "")
        if fence == "public" or (fence == "guarded" and who):
            await self._restore_once(state, route, who, secret)
            return None
        if who:
            log.warning("an event without a mark was refused")
            return StateUpdate()
        return StateUpdate(events=Event.from_event_type(Live.leave()))

    async def _before_page(
        self, state: BaseState, name: str, route: Mapping[str, Any], who: Principal | None, secret: str
    ) -> None:
        if name == ON_LOAD:
            (await state.get_state(Notices))._arrive()
        if name != HYDRATE:
            return
        live = await state.get_state(Live)
        live.ended, live.member = False, who.member_id if who else 0
        live._is_known = True
        await forget_others(state, route.get("pathname", ""))
        await _leave_others(state, route, who)
        await _restore(state, route, who, secret)

    async def _restore_once(
        self, state: BaseState, route: Mapping[str, Any], who: Principal | None, secret: str
    ) -> None:
        """A page that was left open may speak to a state made anew; then the page's state comes back first."""
        live = await state.get_state(Live)
        if not live._is_known:
            live._is_known = True
            await _restore(state, route, who, secret)


_secret_in = lru_cache(maxsize=2_000)(secret_in)  # the same few headers come with every event


async def _who(secret: str, is_quiet: bool) -> Principal | None:
    return await asyncio.to_thread(who_quietly if is_quiet else who_is, secret) if secret else None


async def _who_types(secret: str, is_quiet: bool) -> Principal | None:
    """For handlers that only work on what this page holds already: whoever was let in a moment ago still is. What they
    save is asked for again in its own transaction, and a sign-out is known at once."""
    sighting = SEEN.get(secret)
    if sighting is not None and time.monotonic() <= sighting.until:
        return sighting.who
    who = await _who(secret, is_quiet)
    if who is not None and not is_quiet:  # what a page does by itself must not stand for the person's being there
        now = time.monotonic()
        SEEN[secret] = Sighting(who, now + MOMENT, now + LOOK_BY)
    return who


async def _leave_others(state: BaseState, route: Mapping[str, Any], who: Principal | None) -> None:
    for leaver, routes_of in LEAVERS.items() if who else ():
        if route.get("pathname", "") not in routes_of:
            try:
                await leaver(state._get_root_state())
            except Exception as failure:
                log.error("a page could not be left", at=frames(failure))


async def _restore(state: BaseState, route: Mapping[str, Any], who: Principal | None, secret: str) -> None:
    """Runs the page's restorers. A failure must not keep the page from being shown."""
    for restorer in RESTORERS.get(route.get("pathname", ""), []) if who else []:
        try:
            await restorer(state._get_root_state(), route.get("query", {}), secret)
        except Exception as failure:
            log.error("a page could not be restored", at=frames(failure))
