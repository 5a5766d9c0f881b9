"""What was typed and not saved when a page went: the page posts it as it goes, as its socket may be closed by then.

The gate has refused a post from another origin before it comes here.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trova_app.domain.refusals import Refusal
from trova_app.services.arguments import an_id
from trova_app.web.cookies import secret_in
from trova_app.web.gate import LONGEST_TOKEN, addressed
from trova_app.web.who import who_quietly
from trova_app.wiring import SIGN_IN

PATH = "/forms/unsaved"
LARGEST = 256 * 1024  # bytes; browsers send a quarter of it from a page that goes
Hear = Callable[[str, int, object, object], Awaitable[None]]

_hear: list[Hear] = []


def on_post(hear: Hear) -> None:
    """Who takes it in: (the address of the page's state, appointment, cells, the page's count of edits)."""
    _hear[:] = [hear]


async def _body(request: Request) -> dict[str, Any]:
    """Empty for what is too large or no JSON object."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return {}
    try:
        given = json.loads(body)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


async def keep(request: Request) -> Response:
    """204 when it is saved, 422 for what no form could say. The state that is told is one of the sender's own."""
    secret = secret_in(request.headers.get("cookie", ""))
    if not secret or await asyncio.to_thread(who_quietly, secret) is None:
        return Response(status_code=403)
    given = await _body(request)
    token = given.get("token")
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN:
        return Response(status_code=422)
    SIGN_IN.set(secret)
    try:
        appointment_id = an_id(given.get("form"), "session")
        for hear in _hear:
            await hear(addressed(token, secret), appointment_id, given.get("cells"), given.get("rev"))
    except Refusal:
        return Response(status_code=422)
    return Response(status_code=204)


ROUTES = [Route(PATH, keep, methods=["POST"])]
"""Mounted beside the other HTTP routes, before the pages."""
