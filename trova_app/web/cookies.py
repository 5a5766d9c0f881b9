"""The sign-in cookie: HttpOnly, SameSite=Strict, and on https Secure with the `__Host-` prefix."""

from http.cookies import CookieError, SimpleCookie

from starlette.responses import Response

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
