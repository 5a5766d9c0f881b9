"""The pace of one page, on a clock that moves only when told."""

import asyncio
from typing import Any

import pytest

from trova_app.web.limits import BURST, FLOOD, LARGEST, RATE, limited


class Line:
    """A socket that always has another frame; `slept` is how long its reader was made to wait."""

    def __init__(self, text: str = "x") -> None:
        self.text = text
        self.now = 0.0
        self.slept = 0.0
        self.sent: list[dict[str, Any]] = []
        self.next = limited(self._receive, self._send, clock=lambda: self.now, sleep=self._sleep)

    async def _receive(self) -> dict[str, Any]:
        return {"type": "websocket.receive", "text": self.text}

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def _sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += seconds

    def read(self, frames: int) -> list[str]:
        async def all_of_them() -> list[str]:
            return [(await self.next())["type"] for _ in range(frames)]

        return asyncio.run(all_of_them())


def test_a_quick_typist_never_waits() -> None:
    line = Line()
    for _ in range(60):
        line.read(20)
        line.now += 1
    assert line.slept == 0


def test_beyond_a_burst_frames_come_at_the_honest_pace() -> None:
    line = Line()
    line.read(int(BURST))
    assert line.slept == 0
    line.read(100)
    assert line.slept == pytest.approx(100 / RATE)


def test_a_flood_that_never_pauses_is_closed() -> None:
    line = Line()
    kinds = line.read(int(BURST) + FLOOD + 1)
    assert set(kinds[:-1]) == {"websocket.receive"} and kinds[-1] == "websocket.disconnect"
    assert line.sent == [{"type": "websocket.close", "code": 1009}]


def test_a_giant_frame_is_closed_at_once() -> None:
    assert Line("x" * LARGEST).read(1) == ["websocket.receive"]
    assert Line("x" * (LARGEST + 1)).read(1) == ["websocket.disconnect"]
