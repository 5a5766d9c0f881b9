"""The sign-in cookie: HttpOnly, SameSite=Strict, and on https Secure with the `__Host-` prefix. And the one by which a
payer who comes back from the gateway finds their invoice."""

from http.cookies import CookieError, SimpleCookie

from starlette.requests import Request
from starlette.responses import Response

from trova_app import routes
from trova_app.settings import settings


def cookie_name() -> str:
    return "__Host-trova" if settings().is_https else "trova"


def secret_in(header: str) -> str:
    """The sign-in's secret in a Cookie header, "" where there is none."""
    try:
        morsel = SimpleCookie(header).get(cookie_name())
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def set_cookie(response: Response, secret: str) -> None:
    response.set_cookie(cookie_name(), secret, path="/", secure=settings().is_https, httponly=True, samesite="strict")


def clear_cookie(response: Response) -> None:
    response.delete_cookie(cookie_name(), path="/", secure=settings().is_https, httponly=True, samesite="strict")


WHILE_PAYING = 3 * 60 * 60
"""Seconds. Who takes longer finds the link to the invoice in the letter."""


def payer_cookie() -> str:
    return "__Secure-trova-payer" if settings().is_https else "trova-payer"


def remember_payer(response: Response, request_uuid: str, token: str) -> None:
    """For the one address that this payment leads back to, and sent nowhere else. The pay token is enough: this browser
    was just on its page. Lax, as the way back is a link followed from another site."""
    response.set_cookie(
        payer_cookie(), token, max_age=WHILE_PAYING, path=routes.pay_back(request_uuid),
        secure=settings().is_https, httponly=True, samesite="lax",
    )  # fmt: skip


def payer_in(request: Request) -> str:
    """The pay token of whoever set out to pay from this browser, "" where nobody did."""
    return request.cookies.get(payer_cookie(), "")
