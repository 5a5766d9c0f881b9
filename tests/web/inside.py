"""States that exist only in the tests' server: one handler of each kind the guard has to tell apart."""

from trova_app import front_end

front_end.prepare_environment()

import asyncio  # noqa: E402
from collections.abc import Mapping  # noqa: E402
from typing import Any  # noqa: E402

import reflex as rx  # noqa: E402
from reflex.istate.manager.memory import StateManagerMemory  # noqa: E402
from sqlmodel import Session  # noqa: E402

from trova_app.domain.permissions import Permission, Principal  # noqa: E402
from trova_app.group_commit import act_together  # noqa: E402
from trova_app.services.ports import Desk  # noqa: E402
from trova_app.state import live, strangers  # noqa: E402
from trova_app.state.autosave import tab_in_hand  # noqa: E402
from trova_app.state.marks import handler, restores  # noqa: E402
from trova_app.wiring import act, ask  # noqa: E402

strangers.STAYS = 1.0


def my_role(_db: Session, _desk: Desk, who: Principal) -> str:
    return str(who.role)


def change_team(_db: Session, _desk: Desk, who: Principal) -> str:
    who.must(Permission.TEAM)
    return "team changed"


def change_something(_db: Session, desk: Desk, who: Principal) -> None:
    desk.tell(who.practice_id)


class Probe(rx.State):
    text: str = ""

    @handler
    async def role(self) -> None:
        self.text = await ask(my_role)

    @handler
    async def team(self) -> None:
        self.text = await act(change_team)

    @handler
    async def change(self) -> None:
        await act(change_something)

    @handler
    def take(self, amount: int) -> None:
        self.text = f"took a {type(amount).__name__}"

    @handler
    def break_down(self, words: str) -> None:
        raise RuntimeError(f"broke at {words}")

    @handler(background=True)
    async def later(self) -> None:
        role = await ask(my_role)
        async with self:
            self.text = f"later as {role}"

    @handler(quiet=True)
    def look(self) -> None:
        self.text = "looked"

    @handler(typing=True)
    async def type(self) -> None:
        self.text = "typed"

    @handler(typing=True)
    async def keep(self) -> None:
        self.text = f"kept as {await act_together(my_role)}"

    @handler(typing=True, quiet=True)
    def glance(self) -> None:
        self.text = "glanced"

    @handler
    def count(self) -> None:
        self.text = f"{len(asyncio.all_tasks())} at work"

    @handler
    async def rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.text = "rested"

    @handler
    def waits(self, tab: str) -> None:
        running = live.app()
        assert running is not None
        self.text = f"{len(running.event_processor._token_queues.get(tab, ()))} waiting"

    @handler(public=True)
    def where(self) -> None:
        self.text = f"at {tab_in_hand()}"

    @handler
    def holds(self, tab: str) -> None:
        running = live.app()
        assert running is not None and isinstance(running.state_manager, StateManagerMemory)
        self.text = "held" if tab in running.state_manager.states else "gone"

    @handler
    def chain(self) -> Any:
        return Probe.role

    @rx.event
    def bare(self) -> None:
        self.text = "a handler without a mark ran"

    def helper(self) -> None:
        self.text = "a helper ran"


@restores("/sign-in")
async def restore(root: Any, params: Mapping[str, Any], secret: str) -> None:
    (await root.get_state(Probe)).text = "restored"
