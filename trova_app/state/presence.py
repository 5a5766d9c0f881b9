"""Who else has the same form open, and that somebody saved it: one line on the page, and a reason to look again.

Who fell asleep is gone once the server has waited for an answer in vain (`front_end.py`: within 35 s)."""

import asyncio

import reflex as rx

from trova_app.state import live

PRESENT: dict[int, dict[str, str]] = {}
"""appointment id -> tab -> the person's name. Only in memory: it says nothing that a restart could lose."""

AWAY = 3.0
"""Seconds after which a leaving is told: a page that is loaded anew, or whose line was cut for a moment, is back by
then."""


class Presence(rx.State):
    """`others`: the names in a sentence, "" while alone; `changed` goes up when one of them saved."""

    others: str = ""
    changed: int = 0


def enter(appointment_id: int, tab: str, name: str) -> None:
    """This tab shows this form now, and no other one. 0: none."""
    left = [known for known, tabs in PRESENT.items() if tab in tabs and known != appointment_id]
    for known in left:
        del PRESENT[known][tab]
        _soon(known, after=AWAY)
    if appointment_id:
        PRESENT.setdefault(appointment_id, {})[tab] = name
        _soon(appointment_id)


def line_ended(tab: str) -> None:
    """This page was closed, or sleeps, or its line was cut."""
    for appointment_id in [known for known, tabs in PRESENT.items() if tab in tabs]:
        _soon(appointment_id, after=AWAY)


def saved(appointment_id: int, tab: str) -> None:
    """The other tabs with this form look again."""
    if PRESENT.get(appointment_id, {}).keys() - {tab}:
        _soon(appointment_id, tab, has_changed=True)


def _soon(appointment_id: int, but: str = "", *, has_changed: bool = False, after: float = 0.0) -> None:
    if live.app() is not None:
        loop = asyncio.get_running_loop()
        loop.call_later(after, lambda: live.run(_tell(appointment_id, but, has_changed)))


async def _tell(appointment_id: int, but: str, has_changed: bool) -> None:
    tabs = PRESENT.get(appointment_id, {})
    connected = live.open_tabs()
    for gone in [tab for tab in tabs if tab not in connected]:
        del tabs[gone]
    if not tabs:
        PRESENT.pop(appointment_id, None)
    told = [_say(tab, _sentence(tabs, tab), has_changed) for tab in tabs if tab != but]
    await asyncio.gather(*told, return_exceptions=True)


async def _say(tab: str, others: str, has_changed: bool) -> None:
    app = live.app()
    assert app is not None
    async with app.modify_state(rx.BaseStateToken(ident=tab, cls=Presence)) as root:
        state = await root.get_state(Presence)
        if state.others != others:  # what is set is sent, also where it says the same
            state.others = others
        if has_changed:
            state.changed += 1


def _sentence(tabs: dict[str, str], tab: str) -> str:
    """One name each, also where somebody has the form open twice."""
    names = dict.fromkeys(name for other, name in tabs.items() if other != tab)
    others = [name for name in names if name != tabs[tab]]
    if not others:
        return "You have this form open in another window too." if names else ""
    listed = f"{' and '.join(others)} {'have' if len(others) > 1 else 'has'} this form open too"
    return f"{listed}, and so do you in another window." if tabs[tab] in names else f"{listed}."
