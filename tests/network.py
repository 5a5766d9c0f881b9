"""A network in between, for browsers that speak to a server on this machine: far away, silent for a while, or cut."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

CHUNK = 65_536


class Network:
    """A TCP proxy on `port`. What is changed holds for what is sent from then on.

    far(round_trip_ms)   every byte is on its way for half of it, each way, in order
    silence()            what is sent waits in the network, and nobody is told
    cut()                open lines break, what was on its way is lost, new lines are refused
    mend()               as it was; what waited arrives
    """

    def __init__(self, there: int) -> None:
        self.port = 0
        self._there = there
        self._seconds = 0.0
        self._is_cut = False
        self._loop = asyncio.new_event_loop()
        self._passable = asyncio.Event()
        self._passable.set()
        self._lines: dict[asyncio.Task[Any], tuple[asyncio.StreamWriter, ...]] = {}

    def far(self, round_trip_ms: int) -> None:
        self._seconds = round_trip_ms / 2000

    def silence(self) -> None:
        self._loop.call_soon_threadsafe(self._passable.clear)

    def cut(self) -> None:
        self._is_cut = True
        self._do(self._break())

    def mend(self) -> None:
        self._is_cut = False
        self._loop.call_soon_threadsafe(self._passable.set)

    # -- inside its own thread

    def _do(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _break(self) -> None:
        lines = dict(self._lines)
        for task, writers in lines.items():
            for writer in writers:
                writer.transport.abort()
            task.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._lines[task] = (writer,)
        try:
            with suppress(OSError, asyncio.CancelledError):
                there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._there)
                self._lines[task] = (writer, there_writer)
                await asyncio.gather(self._carry(reader, there_writer), self._carry(there_reader, writer))
        finally:
            for end in self._lines.pop(task):
                end.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What arrives leaves after its time; what arrives meanwhile is on its way at the same time."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, chunk = await under_way.get()
                await asyncio.sleep(max(0.0, due - self._loop.time()))
                await self._passable.wait()
                if not chunk:
                    return
                writer.write(chunk)
                await writer.drain()

        delivering = asyncio.ensure_future(deliver())
        try:
            with suppress(ConnectionError):
                while chunk := await reader.read(CHUNK):
                    under_way.put_nowait((self._loop.time() + self._seconds, chunk))
            under_way.put_nowait((self._loop.time() + self._seconds, b""))
            with suppress(ConnectionError):
                await delivering
        finally:
            delivering.cancel()
            writer.close()

    @contextmanager
    def running(self) -> Iterator["Network"]:
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        server = self._do(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]

        async def end() -> None:
            server.close()
            await self._break()

        try:
            yield self
        finally:
            self._do(end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(10)
            self._loop.close()


@contextmanager
def far_away(port: int, round_trip_ms: int) -> Iterator[int]:
    """The port of a network to `port` on this machine."""
    with Network(port).running() as network:
        network.far(round_trip_ms)
        yield network.port
