"""What was typed or done and not saved when a page went: it posts this as it goes, as its socket may be closed by then.

The gate has refused a post from another origin before it comes here.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trova_app.domain.refusals import ChangedElsewhere, Refusal
from trova_app.logs import frames
from trova_app.services.arguments import an_id
from trova_app.services.unsaved import save_unsaved
from trova_app.web.cookies import secret_in
from trova_app.web.who import who_quietly
from trova_app.wiring import SIGN_IN, act

log = structlog.get_logger()

PATH = "/forms/unsaved"
LARGEST = 256 * 1024  # bytes; browsers send a quarter of it from a page that goes

_told: list[Callable[[int, str], None]] = []


def on_kept(tell: Callable[[int, str], None]) -> None:
    """Who hears that a form was saved: (appointment, the address of a page that knows already)."""
    _told[:] = [tell]


async def _body(request: Request) -> dict[str, Any]:
    """Empty for what is too large or no JSON object."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return {}
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


async def keep(request: Request) -> Response:
    """204 when all of it is saved, 409 where something newer stands or the form is finished (the texts are kept for
    their writer then; where something newer stands, of a page that `goes`), 422 for what no form could say."""
    secret = secret_in(request.headers.get("cookie", ""))
    who = await asyncio.to_thread(who_quietly, secret)
    if who is None:
        return Response(status_code=403)
    given = await _body(request)
    if given.get("by", who.member_id) != who.member_id:  # somebody else has signed in in this browser
        return Response(status_code=403)
    SIGN_IN.set(secret)
    try:
        appointment_id = an_id(given.get("form"), "session")
        told = {name: given.get(name) for name in ("cells", "lines", "acts", "order", "goes")}
        try:
            is_all = await act(save_unsaved, appointment_id=appointment_id, **told)
        except Refusal:
            raise
        except Exception as failure:  # an act that fails must not take what was typed with it
            log.error("a page's acts could not be done", at=frames(failure))
            await act(save_unsaved, appointment_id=appointment_id, **told | {"acts": ()})
            is_all = False
    except ChangedElsewhere:
        return Response(status_code=409)
    except Refusal:
        return Response(status_code=422)
    for tell in _told:
        tell(appointment_id, "")
    return Response(status_code=204 if is_all else 409)


ROUTES = [Route(PATH, keep, methods=["POST"])]
"""Mounted beside the other HTTP routes, before the pages."""
