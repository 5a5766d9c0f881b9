"""Signing in and out by plain form posts: a websocket cannot set a cookie, and a form works before any script does."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlencode

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from trova_app import routes
from trova_app.models import Member
from trova_app.services import sign_in
from trova_app.settings import settings
from trova_app.web import passwords
from trova_app.web.cookies import clear_cookie, secret_in, set_cookie
from trova_app.wiring import unit_of_work, writing

log = structlog.get_logger()

LARGEST_FORM = 16_384
WRONG = "1"
TOO_MANY = "wait"

_AFTER_END: list[Callable[[str], Awaitable[None]]] = []


def on_end(do: Callable[[str], Awaitable[None]]) -> None:
    """Registers what follows the end of a sign-in (its open pages are told and closed); called with its secret."""
    _AFTER_END.append(do)


async def _fields(request: Request) -> dict[str, str]:
    """The form's fields, the first of each name; none of a body that is too large or of another kind."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return {}
    read = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    return {name: values[0] for name, values in read.items()}


def _keyed(text: str) -> str:
    """A hash nobody can turn back without the installation's key (addresses are few enough to be guessed)."""
    return hmac.new(settings().key(), text.encode(), hashlib.sha256).hexdigest()


def _network(request: Request) -> str:
    """Where the request comes from; a forwarded address counts only behind as many proxies as are trusted."""
    hops = settings().trusted_proxy_hops
    forwarded = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
    if hops and len(forwarded) >= hops:
        return forwarded[-hops]
    return request.client.host if request.client else ""


def _begin(email: str, account: str, network: str) -> tuple[int | None, int | None, str | None]:
    """(the try, None for one too many; member id; their password's hash). It counts as a failure until it is given
    back."""
    with unit_of_work() as (db, desk):
        attempt = sign_in.take_a_try(db, desk.now(), account, network)
        member = sign_in.member_by_email(db, email) if attempt is not None else None
        return attempt, member.id if member else None, member.password_hash if member else None


def _open(member_id: int, password: str, attempt: int) -> str:
    """A new sign-in; its secret. The hash is renewed where today's parameters are stronger."""
    secret = secrets.token_urlsafe(32)
    with unit_of_work() as (db, desk):
        sign_in.give_back(db, attempt)
        member = db.get_one(Member, member_id)
        if passwords.is_outdated(member.password_hash):
            member.password_hash = passwords.hash_password(password)
            db.add(member)
        sign_in.open_sign_in(db, desk.now(), member, secret)
    return secret


def _give_back(attempt: int) -> None:
    with unit_of_work() as (db, _):
        sign_in.give_back(db, attempt)


def _end(secret: str) -> None:
    with unit_of_work() as (db, desk):
        sign_in.end_sign_in(db, desk.now(), secret)


def _back(problem: str, target: str) -> Response:
    """The same answer whoever the address belongs to."""
    asked = {"problem": problem} | ({"next": target} if target != routes.INDEX else {})
    return RedirectResponse(f"{routes.SIGN_IN}?{urlencode(asked)}", status_code=303)


def _held_back(target: str) -> Response:
    log.warning("sign-in held back")
    return _back(TOO_MANY, target)


async def post_sign_in(request: Request) -> Response:
    form = await _fields(request)
    email, password = form.get("email", "").strip().lower(), form.get("password", "")
    target = routes.within(form.get("next") or routes.INDEX)
    account, network = _keyed(email), _keyed(_network(request))
    if passwords.is_crowded():
        return _held_back(target)
    attempt, member_id, known = await writing(_begin, email, account, network)
    if attempt is None:
        return _held_back(target)
    try:
        is_right = await passwords.is_password_aside(known, password)
    except passwords.Crowded:
        await writing(_give_back, attempt)
        return _held_back(target)
    if not is_right or member_id is None:
        log.info("sign-in refused")
        return _back(WRONG, target)
    earlier = secret_in(request.headers.get("cookie", ""))
    response = RedirectResponse(target, status_code=303)
    set_cookie(response, await writing(_open, member_id, password, attempt))
    await _end_of(earlier)
    log.info("signed in", member=member_id)
    return response


async def _end_of(secret: str) -> None:
    """Ends it in the database first; from then on every event under it is refused, told or not."""
    if not secret:
        return
    await writing(_end, secret)
    for do in _AFTER_END:
        await do(secret)


async def post_sign_out(request: Request) -> Response:
    await _end_of(secret_in(request.headers.get("cookie", "")))
    response = RedirectResponse(f"{routes.SIGN_IN}?out=1", status_code=303)
    clear_cookie(response)
    log.info("signed out")
    return response


ROUTES = [
    Route(routes.POST_SIGN_IN, post_sign_in, methods=["POST"]),
    Route(routes.POST_SIGN_OUT, post_sign_out, methods=["POST"]),
]
