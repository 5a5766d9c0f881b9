"""The simulated gateway's page: the payer chooses what happens, and it is reported as a real gateway would report it,
by a signed event to our own webhook address. There is no field for a card anywhere. Absent in live mode."""

import asyncio
from html import escape

import httpx
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from trova_app import wiring
from trova_app.adapters import signed_events
from trova_app.adapters.simulated import SimulatedGateway
from trova_app.outside import outside
from trova_app.routes import own_origins, pay_back
from trova_app.services import links, webhook_endpoints
from trova_app.services.links import SimulatedPage
from trova_app.settings import settings
from trova_app.web.plain import PRIVATE, document
from trova_app.web.webhooks import body_of
from trova_app.wiring import unit_of_work, writing

PATH = "/sim/pay/{request_uuid}"
LARGEST_FORM = 1024
CHOICES = {
    "open": (("pay", "Pay"), ("decline", "Decline"), ("slow", "Pay by slow bank transfer")),
    "pending": (("arrived", "The transfer arrives"), ("failed", "The transfer fails")),
    "paid": (),
    "closed": (),
}
SAYS = {
    "open": "Choose what is to happen. No card is needed and none is asked for.",
    "pending": "A bank transfer is on its way. Choose how it ends.",
    "paid": "This has been paid.",
    "closed": "This payment request was replaced or settled. Please use the newest message from your practice.",
}
DECLINED = "The card was declined. Nothing was paid; you may try again."
BANNER = "Demonstration. No money moves."


async def show(request: Request) -> Response:
    page = await asyncio.to_thread(_page, request.path_params["request_uuid"])
    if page is None:
        return Response(status_code=404, headers=PRIVATE)
    declined = "declined" in request.query_params and page.state == "open"
    return document("Simulated payment", _main(page, DECLINED if declined else SAYS[page.state]), banner=BANNER)


async def choose(request: Request) -> Response:
    """Only from our own page: another site must not be able to pay in somebody's name, not even pretended money."""
    if request.headers.get("origin", "") not in own_origins(settings().origin):
        return Response(status_code=403, headers=PRIVATE)
    page = await asyncio.to_thread(_page, request.path_params["request_uuid"])
    if page is None:
        return Response(status_code=404, headers=PRIVATE)
    answer = await _answer(request)
    if answer not in {name for name, _ in CHOICES[page.state]}:
        return RedirectResponse(pay_back(page.spec.request_uuid), status_code=303, headers=PRIVATE)
    status = await _report(request.scope["app"], page, answer)
    if status != 200:
        return Response("Trova could not note this just now. Please try again.", status_code=503, headers=PRIVATE)
    request_uuid = page.spec.request_uuid
    declined, back = f"/sim/pay/{request_uuid}?declined", f"{pay_back(request_uuid)}?session=sim_cs_{request_uuid}"
    return RedirectResponse(declined if answer == "decline" else back, status_code=303, headers=PRIVATE)


async def _answer(request: Request) -> str:
    body = await body_of(request, LARGEST_FORM)
    name, _, value = (body or b"").decode("ascii", "replace").partition("=")
    return value if name == "answer" else ""


def _page(request_uuid: str) -> SimulatedPage | None:
    with unit_of_work(writes=False) as (db, desk):
        endpoint = webhook_endpoints.endpoint_of(db, "simulated")
        if endpoint is None:  # it is made before the first link is
            return None
        return links.simulated_page(db, desk, request_uuid=request_uuid, instance=endpoint.public_id)


def _signed(page: SimulatedPage, answer: str) -> tuple[str, bytes, str]:
    """(address, body, signature)."""
    gateway = outside().gateway("simulated")
    assert isinstance(gateway, SimulatedGateway)
    now = wiring.clock().now()
    raw = gateway.said(page.spec, answer, now)
    with unit_of_work() as (db, _desk):
        endpoint = outside().endpoint(db, "simulated")
        return f"/hooks/simulated/{endpoint.public_id}", raw, signed_events.signature(raw, endpoint.secret, now)


async def _report(app: ASGIApp, page: SimulatedPage, answer: str) -> int:
    path, raw, signature = await writing(_signed, page, answer)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=settings().origin) as client:
        reply = await client.post(path, content=raw, headers={"stripe-signature": signature})
    return reply.status_code


def _main(page: SimulatedPage, says: str) -> str:
    buttons = "".join(
        f'<button name="answer" value="{name}"{" class=first" if n == 0 else ""}>{escape(words)}</button>'
        for n, (name, words) in enumerate(CHOICES[page.state])
    )
    form = f'<form method="post" action="/sim/pay/{escape(page.spec.request_uuid)}">{buttons}</form>'
    back = escape(pay_back(page.spec.request_uuid))
    return (
        f'<h1>{escape(page.practice_name)}</h1><p class="quiet">{escape(page.spec.label)}</p>'
        f'<p class="amount">{escape(page.amount)}</p><p role="status">{escape(says)}</p>'
        f'{form if buttons else ""}<a class="back" href="{back}">Back to the invoice</a>'
    )


def routes_for(mode: str) -> list[Route]:
    """None in live mode: what is not mounted cannot be reached."""
    if mode == "live":
        return []
    return [
        Route(PATH, show, methods=["GET"]),
        Route(PATH, choose, methods=["POST"]),
    ]


routes = routes_for(settings().mode)
