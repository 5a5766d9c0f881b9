"""A network in between: a TCP proxy that holds every byte for half a round trip, in order, each way."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 65_536


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """What arrives leaves `seconds` later; what arrives meanwhile is on its way at the same time."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            due, chunk = await under_way.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not chunk:
                return
            writer.write(chunk)
            await writer.drain()

    delivering = asyncio.ensure_future(deliver())
    try:
        with suppress(ConnectionError):
            while chunk := await reader.read(CHUNK):
                under_way.put_nowait((loop.time() + seconds, chunk))
        under_way.put_nowait((loop.time() + seconds, b""))
        with suppress(ConnectionError):
            await delivering
    finally:
        delivering.cancel()
        writer.close()


@contextmanager
def far_away(port: int, round_trip_ms: int) -> Iterator[int]:
    """The port of a proxy to `port` on this machine."""
    loop = asyncio.new_event_loop()
    opened: list[asyncio.Task[None]] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(asyncio.current_task())  # type: ignore[arg-type]
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        seconds = round_trip_ms / 2000
        with suppress(asyncio.CancelledError):
            await asyncio.gather(_carry(reader, there_writer, seconds), _carry(there_reader, writer, seconds))

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(accept, "127.0.0.1", 0), loop)
    server = starting.result(10)

    async def end() -> None:
        server.close()
        for task in opened:
            task.cancel()
        await asyncio.gather(*opened, return_exceptions=True)

    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
