"""Who else has the same form open, and that somebody saved it: one line on the page, and a reason to look again."""

import asyncio

import reflex as rx

from trova_app.state import live

PRESENT: dict[int, dict[str, str]] = {}
"""appointment id -> tab -> the person's name. Only in memory: it says nothing that a restart could lose."""

_tasks: set[asyncio.Task[None]] = set()


class Presence(rx.State):
    """`others`: the names in a sentence, "" while alone; `changed` goes up when one of them saved."""

    others: str = ""
    changed: int = 0


def enter(appointment_id: int, tab: str, name: str) -> None:
    """This tab shows this form now, and no other one. 0: none."""
    left = [known for known, tabs in PRESENT.items() if tab in tabs and known != appointment_id]
    for known in left:
        del PRESENT[known][tab]
        _soon(known, tab)
    if appointment_id:
        PRESENT.setdefault(appointment_id, {})[tab] = name
        _soon(appointment_id, "")


def saved(appointment_id: int, tab: str) -> None:
    """The other tabs with this form look again."""
    if PRESENT.get(appointment_id, {}).keys() - {tab}:
        _soon(appointment_id, tab, has_changed=True)


def _soon(appointment_id: int, but: str, *, has_changed: bool = False) -> None:
    if len(PRESENT.get(appointment_id, {})) == 0 or live.app() is None:
        return
    task = asyncio.create_task(_tell(appointment_id, but, has_changed))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _tell(appointment_id: int, but: str, has_changed: bool) -> None:
    tabs = PRESENT.get(appointment_id, {})
    connected = live.open_tabs()
    for gone in [tab for tab in tabs if tab not in connected]:
        del tabs[gone]
    told = [_say(tab, _sentence(tabs, tab), has_changed) for tab in tabs if tab != but]
    await asyncio.gather(*told, return_exceptions=True)
    if not tabs:
        PRESENT.pop(appointment_id, None)


async def _say(tab: str, others: str, has_changed: bool) -> None:
    app = live.app()
    assert app is not None
    async with app.modify_state(rx.BaseStateToken(ident=tab, cls=Presence)) as root:
        state = await root.get_state(Presence)
        state.others = others
        state.changed += int(has_changed)


def _sentence(tabs: dict[str, str], tab: str) -> str:
    """One name each, also where somebody has the form open twice."""
    names = list(dict.fromkeys(name for other, name in tabs.items() if other != tab))
    if not names:
        return ""
    if names == [tabs[tab]]:
        return "You have this form open in another window too."
    listed = " and ".join("you, in another window," if name == tabs[tab] else name for name in names)
    return f"{listed} {'have' if len(names) > 1 else 'has'} this form open too."
