"""The simulated gateway's page: the payer chooses what happens, and it is reported as a real gateway would report it,
by a signed event to our own webhook address. There is no field for a card anywhere. Absent in live mode."""

import asyncio
from html import escape

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from trova_app import wiring
from trova_app.adapters import signed_events
from trova_app.adapters.simulated import SimulatedGateway
from trova_app.outside import outside
from trova_app.routes import own_origins, pay
from trova_app.services import links, webhook_endpoints
from trova_app.services.links import SimulatedPage
from trova_app.settings import settings
from trova_app.web.webhooks import body_of
from trova_app.wiring import unit_of_work, writing

PATH = "/sim/pay/{request_uuid}"
STYLE_PATH = "/sim/pay.css"
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
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff"}
CSS = """
@font-face { font-family: "Inter"; src: url("/fonts/inter-latin-wght-normal.woff2") format("woff2");
  font-weight: 100 900; font-display: swap }
:root { color-scheme: light dark; --ink: #172122; --ground: #fbfcfc; --sheet: #ffffff; --quiet: #556264;
  --accent: #0b5d5a; --on-accent: #ffffff; --line: #e1e7e7; --warn: #7a4b00; --warn-soft: #fdf3dc }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eded; --ground: #0d1314; --sheet: #141c1d; --quiet: #a3b2b3; --accent: #6cd0c7;
    --on-accent: #062423; --line: #283435; --warn: #f2c572; --warn-soft: #33270f }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 Inter, system-ui, sans-serif }
.banner { padding: 4px 16px; text-align: center; font-size: 13px; color: var(--warn);
  border-bottom: 1px solid var(--line);
  background: repeating-linear-gradient(135deg, var(--warn-soft) 0 14px, transparent 14px 28px), var(--sheet) }
main { max-width: 440px; margin: 48px auto; padding: 32px; background: var(--sheet);
  border: 1px solid var(--line); border-radius: 12px }
h1 { margin: 0 0 4px; font-size: 20px }
p { margin: 0 0 16px }
.quiet { color: var(--quiet) }
.amount { margin: 16px 0; font-size: 32px; font-weight: 600; font-variant-numeric: tabular-nums }
button, .back { display: block; width: 100%; min-height: 44px; margin: 0 0 12px; padding: 10px 16px; font: inherit;
  font-weight: 600; text-align: center; text-decoration: none; color: var(--accent); background: transparent;
  border: 1px solid var(--accent); border-radius: 8px; cursor: pointer }
button.first { color: var(--on-accent); background: var(--accent) }
button:focus-visible, .back:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
@media (max-width: 480px) { main { margin: 0; border: 0; border-radius: 0; min-height: 100vh } }
"""


async def show(request: Request) -> Response:
    page = await asyncio.to_thread(_page, request.path_params["request_uuid"])
    if page is None:
        return Response(status_code=404, headers=PRIVATE)
    declined = "declined" in request.query_params and page.state == "open"
    return HTMLResponse(_html(page, DECLINED if declined else SAYS[page.state]), headers=PRIVATE)


async def choose(request: Request) -> Response:
    """Only from our own page: another site must not be able to pay in somebody's name, not even pretended money."""
    if request.headers.get("origin", "") not in own_origins(settings().origin):
        return Response(status_code=403, headers=PRIVATE)
    page = await asyncio.to_thread(_page, request.path_params["request_uuid"])
    if page is None:
        return Response(status_code=404, headers=PRIVATE)
    answer = await _answer(request)
    if answer not in {name for name, _ in CHOICES[page.state]}:
        return RedirectResponse(pay(page.pay_token), status_code=303, headers=PRIVATE)
    status = await _report(request.scope["app"], page, answer)
    if status != 200:
        return Response("Trova could not note this just now. Please try again.", status_code=503, headers=PRIVATE)
    target = f"/sim/pay/{page.spec.request_uuid}?declined" if answer == "decline" else pay(page.pay_token)
    return RedirectResponse(target, status_code=303, headers=PRIVATE)


async def style(_request: Request) -> Response:
    return Response(CSS, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


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


def _html(page: SimulatedPage, says: str) -> str:
    buttons = "".join(
        f'<button name="answer" value="{name}"{" class=first" if n == 0 else ""}>{escape(words)}</button>'
        for n, (name, words) in enumerate(CHOICES[page.state])
    )
    form = f'<form method="post" action="/sim/pay/{escape(page.spec.request_uuid)}">{buttons}</form>'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>Simulated payment</title><link rel="stylesheet" href="{STYLE_PATH}"></head><body>'
        '<aside class="banner" aria-label="About this page">Demonstration. No money moves.</aside><main>'
        f'<h1>{escape(page.practice_name)}</h1><p class="quiet">{escape(page.spec.label)}</p>'
        f'<p class="amount">{escape(page.amount)}</p><p role="status">{escape(says)}</p>'
        f'{form if buttons else ""}<a class="back" href="{escape(pay(page.pay_token))}">Back to the invoice</a>'
        "</main></body></html>"
    )


def routes_for(mode: str) -> list[Route]:
    """None in live mode: what is not mounted cannot be reached."""
    if mode == "live":
        return []
    return [
        Route(STYLE_PATH, style, methods=["GET"]),
        Route(PATH, show, methods=["GET"]),
        Route(PATH, choose, methods=["POST"]),
    ]


routes = routes_for(settings().mode)
