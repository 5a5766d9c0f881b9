"""The marks on handlers and restorers that the guard reads. What has no mark is refused."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, TypeVar, overload

import reflex as rx

Fence = Literal["guarded", "public"]
F = TypeVar("F", bound=Callable[..., Any])
Restorer = Callable[[Any, Mapping[str, Any], str], Awaitable[None]]

RESTORERS: dict[str, list[Restorer]] = {}

Leaver = Callable[[Any], Awaitable[None]]
LEAVERS: dict[Leaver, tuple[str, ...]] = {}
"""What each leaves: the routes it stands at."""


@overload
def handler(fn: F) -> F: ...
@overload
def handler(
    *, public: bool = ..., background: bool = ..., quiet: bool = ..., typing: bool = ...
) -> Callable[[F], F]: ...
def handler(
    fn: Any = None, *, public: bool = False, background: bool = False, quiet: bool = False, typing: bool = False
) -> Any:
    """Marks a method as one that pages may call, for signed-in people unless `public`.

    `quiet`: sent by the page by itself, not by a person, so it does not keep an idle sign-in alive. `typing`: comes
    with every key and shows nothing but what the page holds already, so a sign-in seen a moment ago does; what it reads
    or writes in the database goes through `ask` and `act`, which look for themselves.
    """

    def mark(method: Any) -> Any:
        method.trova_fence = "public" if public else "guarded"
        method.trova_quiet = quiet
        method.trova_typing = typing
        return rx.event(background=True)(method) if background else rx.event(method)

    return mark if fn is None else mark(fn)


def restores(route: str) -> Callable[[Restorer], Restorer]:
    """Marks `async def f(root, params, secret)` as what brings the state of the page at `route` (as registered, such as
    "/appointments/[aid]/complete") back before the page is shown again: after a restart, a reload, a lost connection.
    `root.get_state(...)` gives the page's state; `params` are the address's parts, as anybody may have typed them."""

    def keep(restorer: Restorer) -> Restorer:
        RESTORERS.setdefault(route, []).append(restorer)
        return restorer

    return keep


def leaves(*routes: str) -> Callable[[Leaver], Leaver]:
    """Marks `async def f(root)` as what puts the state of the page at `routes` away where another page is loaded anew
    in its tab: it was left without a word."""

    def keep(leaver: Leaver) -> Leaver:
        LEAVERS[leaver] = routes
        return leaver

    return keep
