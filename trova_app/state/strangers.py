"""What the server holds of a page that nobody ever signed in on goes soon after it was closed. Of a person's page it
stays as long as the sign-in may: what is typed there may not be saved yet."""

import time

import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory

STAYS = 300.0  # seconds; a line that was only cut is back sooner

_people: set[str] = set()
"""The pages, by the address of their state, that somebody signed in has spoken from."""
_closed: dict[str, float] = {}
"""The others that are closed: since when."""


def belongs_to_somebody(tab: str) -> None:
    _people.add(tab)


def forget_strangers(app: rx.App) -> None:
    states = app.state_manager
    if not isinstance(states, StateManagerMemory) or app.event_namespace is None:
        return
    now, is_open = time.monotonic(), app.event_namespace.token_to_sid
    held = {token.ident: token for _, token in states._token_expires_at.values()}
    _people.intersection_update(held)
    closed = held.keys() - _people - is_open.keys()
    for tab in _closed.keys() - closed:
        del _closed[tab]
    for tab in closed:
        if now - _closed.setdefault(tab, now) >= STAYS:
            states._token_expires_at[held[tab].cache_key] = (0.0, held[tab])
    states._purge_expired_tokens()  # but none that a handler has in hand
