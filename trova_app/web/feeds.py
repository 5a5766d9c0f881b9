"""A practitioner's calendar for other programs, by its secret address alone."""

import asyncio
import hashlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trova_app import routes
from trova_app.adapters.write_calendar import written
from trova_app.services import calendar_feeds
from trova_app.wiring import unit_of_work

HEADERS = {
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


async def feed(request: Request) -> Response:
    """The same 404 for an address that is none and one that was revoked; 304 where nothing has changed since."""
    body = await asyncio.to_thread(_calendar, request.path_params["token"])
    if body is None:
        return Response(status_code=404, headers=HEADERS)
    headers = HEADERS | {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)


def _calendar(token: str) -> bytes | None:
    with unit_of_work(writes=False) as (db, desk):
        events = calendar_feeds.events_of(db, desk, token=token)
        return None if events is None else written(events)


ROUTES = [Route(routes.FEEDS + "{token}.ics", feed, methods=["GET", "HEAD"])]
