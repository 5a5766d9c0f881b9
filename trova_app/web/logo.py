"""The practice's logo: posted by a plain form, as files never travel by the events' socket, and shown to its people.

The gate has refused a post from another origin before it comes here.
"""

import asyncio
import base64
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from trova_app import routes
from trova_app.domain.refusals import Refusal, SignedOut
from trova_app.services import practices
from trova_app.services.logos import LARGEST
from trova_app.settings import settings
from trova_app.web.cookies import secret_in
from trova_app.wiring import run_act, writing

PATH = f"{routes.SETTINGS}/logo"
LARGEST_FORM = LARGEST + 8 * 1024  # the fields and boundaries round the picture
TOO_LARGE, WRONG, CHANGED, SAVED = "large", "wrong", "changed", "saved"


async def _body(request: Request) -> bytes | None:
    """None for a body above the limit; it is not read to its end then."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return None
    return body


async def _form(request: Request, body: bytes) -> dict[str, Any]:
    """The posted fields; none of a body that is no multipart form."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        async with Request(request.scope, receive).form(max_files=1, max_fields=4) as form:
            return {name: await _value(value) for name, value in form.items()}
    except Exception:
        return {}


async def _value(given: UploadFile | str) -> bytes | str:
    return given if isinstance(given, str) else await given.read()


def _is_ours(request: Request) -> bool:
    return request.headers.get("origin", "") in routes.own_origins(settings().origin)


def _back(what: str) -> Response:
    return RedirectResponse(f"{routes.SETTINGS}?logo={what}", status_code=303)


async def post_logo(request: Request) -> Response:
    """Keeps the picture, or takes the present one away where `remove` is among the fields."""
    secret = secret_in(request.headers.get("cookie", ""))
    if not _is_ours(request) or not secret:
        return Response(status_code=403)
    body = await _body(request)
    if body is None:
        return _back(TOO_LARGE)
    form = await _form(request, body)
    picture = b"" if "remove" in form else form.get("logo")
    if "remove" not in form and not picture:
        return _back(WRONG)
    return _back(await writing(_keep, secret, form.get("version"), picture))


def _keep(secret: str, version: object, picture: object) -> str:
    known = int(version) if isinstance(version, str) and version.isascii() and version.isdigit() else 0
    try:
        run_act(secret, practices.save_settings, True, {"version": known, "logo": picture})
    except SignedOut:
        return CHANGED
    except Refusal as refusal:
        faults = dict(getattr(refusal, "faults", ()))
        if "logo" not in faults:
            return CHANGED
        return TOO_LARGE if isinstance(picture, bytes) and len(picture) > LARGEST else WRONG
    return SAVED


async def get_logo(request: Request) -> Response:
    """The present picture, for those who may change it; 404 for everybody else and where there is none."""
    found = await asyncio.to_thread(_present, secret_in(request.headers.get("cookie", "")))
    if found is None:
        return Response(status_code=404)
    mime, picture = found
    return Response(picture, media_type=mime, headers={"Cache-Control": "private, no-cache"})


def _present(secret: str) -> tuple[str, bytes] | None:
    try:
        url = run_act(secret, practices.settings_of, False, {}).logo
    except Refusal:
        return None
    if not url:
        return None
    head, _, data = url.partition(";base64,")
    return head.removeprefix("data:"), base64.b64decode(data)


ROUTES = [
    Route(PATH, post_logo, methods=["POST"]),
    Route(PATH, get_logo, methods=["GET"]),
]
"""Mounted beside the other HTTP routes, before the pages."""
