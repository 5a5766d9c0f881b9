"""How much one open page may send: frames are delayed to an honest rate, a flood or a giant frame closes the socket."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

RATE = 50.0  # frames a second
BURST = 200.0
FLOOD = 2000  # frames in a row that had to wait
MOST_WAITING = 200  # events of one page that were read and not begun; more of them stay in the network
LOOK_AGAIN = 0.05  # seconds
LARGEST = 65_536  # characters; a form of 200 lines has some 45,000


class Bucket:
    """Fills at `RATE` a second up to `BURST`; each frame takes one out."""

    def __init__(self, now: float) -> None:
        self._left = BURST
        self._at = now
        self.waited = 0

    def take(self, now: float) -> float:
        """Seconds this frame has to wait."""
        self._left = min(BURST, self._left + (now - self._at) * RATE) - 1
        self._at = now
        self.waited = self.waited + 1 if self._left < 0 else 0
        return max(0.0, -self._left / RATE)


def limited(
    receive: Receive,
    send: Send,
    waiting: Callable[[], int] = lambda: 0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Any = asyncio.sleep,
) -> Receive:
    """`receive` with the limits. What waits stays in the network, so a flood fills its sender's buffers, not ours.
    `waiting`: how many events of this page were read and not begun."""
    bucket = Bucket(clock())

    async def next_message() -> Message:
        message = await receive()
        if message["type"] != "websocket.receive":
            return message
        wait = bucket.take(clock())
        if wait:
            await sleep(wait)
        while waiting() >= MOST_WAITING:
            await sleep(LOOK_AGAIN)
        if bucket.waited > FLOOD or len(message.get("text") or message.get("bytes") or "") > LARGEST:
            await send({"type": "websocket.close", "code": 1009})
            return {"type": "websocket.disconnect", "code": 1009}
        return message

    return next_message
