"""POST /imports: one file, or a pasted text, on its way in. Files never travel by the events' socket.

The body is the file itself (no multipart form), its name percent-encoded in the header `X-File-Name`; the sign-in
cookie says whose it is. Nothing is read out of it here beyond its first bytes: the answer is
`201 {"file": TOKEN, "name": NAME}`, and the page hands that token to a handler of its own, whose service reads the file
by `waiting_files.waiting_file` as the same person. Otherwise `{"sentence": ...}` says what to do, with 403 without a
sign-in, role or own origin, 413 above 10 MB, 422 for what is no list, 503 while too many are being read.

The gate has refused a post from another origin before it comes here; it is looked at again, as with every file.
"""

import asyncio
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from trova_app import routes
from trova_app.domain.permissions import Permission
from trova_app.domain.refusals import NotAllowed, Refusal, SignedOut
from trova_app.services import waiting_files
from trova_app.services.waiting_files import LARGEST
from trova_app.settings import settings
from trova_app.web.cookies import secret_in
from trova_app.web.who import who_quietly
from trova_app.wiring import run_act, writing

PATH = "/imports"
AT_ONCE = 4  # files being read at the same time, so that nobody fills the memory
TOO_LARGE = f"This file is larger than {LARGEST // 1_000_000} MB. Split it and import the parts."
PATIENCE = 120.0
"""Seconds for one file; places are few, and nobody may hold one for ever."""
BUSY = "Several files are coming in at this moment. Please choose yours again."

_reading = 0


async def _body(request: Request) -> bytes | None:
    """None for a body above the limit; it is not read to its end then."""
    told = request.headers.get("content-length", "0")
    if told.isdigit() and int(told) > LARGEST:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _no(status: int, sentence: str) -> Response:
    return JSONResponse({"sentence": sentence}, status_code=status)


async def post_file(request: Request) -> Response:
    global _reading
    secret = secret_in(request.headers.get("cookie", ""))
    is_ours = request.headers.get("origin", "") in routes.own_origins(settings().origin)
    who = await asyncio.to_thread(who_quietly, secret) if is_ours and secret else None
    if who is None:
        return _no(403, "Please sign in again, then choose the file.")
    if not who.may(Permission.IMPORT):
        return _no(403, "Your role may not import files. Ask the practice's owner.")
    if _reading >= AT_ONCE:
        return _no(503, BUSY)
    _reading += 1
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _body(request)
    except TimeoutError:
        return _no(408, "The file came too slowly. Please choose it again.")
    finally:
        _reading -= 1
    if body is None:
        return _no(413, TOO_LARGE)
    return await writing(_keep, secret, unquote(request.headers.get("x-file-name", "")[:1000]), body)


def _keep(secret: str, name: str, body: bytes) -> Response:
    try:
        token = run_act(secret, waiting_files.keep_file, True, {"name": name, "data": body})
    except (SignedOut, NotAllowed) as refusal:
        return _no(403, refusal.sentence)
    except Refusal as refusal:
        return _no(422, refusal.sentence)
    return JSONResponse({"file": token, "name": name}, status_code=201)


ROUTES = [Route(PATH, post_file, methods=["POST"])]
"""Mounted beside the other HTTP routes, before the pages."""
