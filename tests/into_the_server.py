"""Imported into every server the tests start, before anything else: what it asks of the simulated gateway is noted.

With TROVA_TESTS_SLOW, in milliseconds, it begins with everything a page asks only after so long: a browser story that
looks without waiting then fails on a quick machine, too.
"""

import asyncio
import os
import time
from typing import Any

from reflex.app import EventNamespace

from tests.contract.every_request import watch_here

watch_here()

if slow := int(os.environ.get("TROVA_TESTS_SLOW", "0")):
    at_once = EventNamespace.on_event
    turns: dict[str, asyncio.Lock] = {}

    async def later(self: EventNamespace, sid: str, data: Any) -> None:
        turn, due = turns.setdefault(sid, asyncio.Lock()), time.monotonic() + slow / 1000

        async def in_turn() -> None:
            async with turn:  # first come, first served
                await asyncio.sleep(due - time.monotonic())
                await at_once(self, sid, data)

        under_way.add(task := asyncio.create_task(in_turn()))
        task.add_done_callback(under_way.discard)

    under_way: set[asyncio.Task[None]] = set()
    EventNamespace.on_event = later  # type: ignore[method-assign]
