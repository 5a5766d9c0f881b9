"""The outermost wall. Everything that reaches the app passes here: whose page is asking, under which sign-in, how fast.

A Reflex page addresses its state by a token it chose itself. The gate replaces that token by an HMAC of it and the
sign-in, so a token without its cookie leads nowhere.
"""

import asyncio
import hashlib
import hmac
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from trova_app import routes
from trova_app.logs import access
from trova_app.settings import settings
from trova_app.web.ahead import files_ahead
from trova_app.web.cookies import secret_in
from trova_app.web.headers import OF_PARTS, PARTS, script_hashes, standing_headers
from trova_app.web.limits import Message, Receive, Send, limited
from trova_app.web.who import who_quietly

Scope = dict[str, Any]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

EVENTS = "/_event"
CLOSED = ("/_upload", "/_all_routes", "/auth-codespace")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_TOKEN = 100
SOCKETS = 1000  # open at once under one sign-in, or from one network address without any


def header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def addressed(token: str, secret: str) -> str:
    """The address of the state that belongs to this token under this sign-in."""
    return hmac.new(settings().key(), f"{secret}\n{token}".encode(), hashlib.sha256).hexdigest()


class Gate:
    def __init__(
        self, inner: Asgi, pages: Path, waiting: Callable[[str], int], line_ended: Callable[[str], None]
    ) -> None:
        """`waiting`: how many events of the state at this address were read and not begun. `line_ended` is told the
        address of a page whose socket has closed, for whatever reason."""
        origin = settings().origin
        self._inner = inner
        self._origins = routes.own_origins(origin)
        self._headers = standing_headers(origin, script_hashes(pages))
        self._headers_of_parts = [pair for pair in self._headers if pair[0] in OF_PARTS]
        self._waiting, self._line_ended = waiting, line_ended
        self._pages = built_pages(pages)
        self._ahead = files_ahead(pages)
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._inner(scope, receive, send)

    # -- pages, posts, files

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.monotonic()
        status = 0

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = {name.lower(): value for name, value in message.get("headers", [])}
                kind = given.get(b"content-type", b"")
                standing = self._headers_of_parts if kind.startswith(PARTS) else self._headers
                added = [pair for pair in standing if pair[0] not in given]
                if kind.startswith(b"text/html") and scope["path"] not in self._pages:
                    added += [(b"link", files) for of, files in self._ahead if of.fullmatch(scope["path"])]
                message = {**message, "headers": [*message.get("headers", []), *added]}
            await send(message)

        refusal = self._refusal(scope)
        if refusal:
            await plain(with_headers, refusal)
        else:
            inside = f"{scope['path']}/" if scope["path"] in self._pages else scope["path"]
            await self._inner({**scope, "path": inside}, receive, with_headers)
        access(scope["method"], scope["path"], status, time.monotonic() - started)

    def _refusal(self, scope: Scope) -> int:
        """The status of a refused request, 0 for one that may pass."""
        path = scope["path"]
        if path.startswith(CLOSED):
            return 404
        if path.startswith(EVENTS):
            return 403  # events come by websocket only
        from_elsewhere = header(scope, b"origin") not in self._origins
        if scope["method"] not in SAFE and not path.startswith(routes.HOOKS) and from_elsewhere:
            return 403
        return 0

    # -- the events' socket

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        token = asked.get("token", "")
        is_ours = scope["path"].startswith(EVENTS) and header(scope, b"origin") in self._origins
        if not is_ours or not 0 < len(token) <= LONGEST_TOKEN or asked.get("transport") != "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        secret = await self._living(secret_in(header(scope, b"cookie")))
        key = secret or str((scope.get("client") or ("",))[0])
        if self._open[key] >= SOCKETS:
            await send({"type": "websocket.close", "code": 1013})
            return
        self._open[key] += 1
        address = addressed(token, secret)
        try:
            query = urlencode({**asked, "token": address}).encode()
            frames = limited(receive, send, partial(self._waiting, address))
            await self._inner({**scope, "query_string": query}, frames, send)
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]
            self._line_ended(address)

    async def _living(self, secret: str) -> str:
        """The secret of a sign-in that still holds, else "": an ended one is nobody and must not find its old state."""
        return secret if secret and await asyncio.to_thread(who_quietly, secret) else ""


def built_pages(pages: Path) -> frozenset[str]:
    """Addresses that are a folder of the build; asked for with a slash, they are answered without a redirect."""
    return frozenset(f"/{page.parent.relative_to(pages)}" for page in pages.rglob("index.html") if page.parent != pages)


async def plain(send: Send, status: int) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")],
        }
    )
    await send({"type": "http.response.body", "body": b""})
