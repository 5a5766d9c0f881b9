"""Where a payer's press on Pay leads: to the gateway's page, a fresh one where they are good for one visit only. On the
way the browser is told which invoice to come back to, as the gateway is not."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager

import structlog
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from trova_app import routes
from trova_app.domain.gateways import GatewayTrouble, LinkSpec, OpensLate, TooManyPages
from trova_app.outside import Outside, asked_outside, outside
from trova_app.services import links
from trova_app.services.pay_page import WayToPay, payable_request, way_to_pay
from trova_app.services.ports import Desk
from trova_app.web.cookies import remember_payer
from trova_app.wiring import unit_of_work

PATH = f"{routes.PAY}/{{token}}/now"
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
UnitOfWork = Callable[..., AbstractContextManager[tuple[Session, Desk]]]

log = structlog.get_logger()


async def press(request: Request) -> Response:
    """To the gateway's page, or back to our own, which says how things stand."""
    token = str(request.path_params["token"])
    way = await asyncio.to_thread(_way, token)
    target = way.url if way else ""
    if way and not target:
        at_hand = await asyncio.to_thread(outside)
        target = await asked_outside(where_to_pay, at_hand, unit_of_work, token)
    answer = RedirectResponse(target or routes.pay(token), status_code=303, headers=PRIVATE)
    if way and target:
        remember_payer(answer, way.request_uuid, token)
    return answer


def _way(token: str) -> WayToPay | None:
    with unit_of_work(writes=False) as (db, _desk):
        return way_to_pay(db, token=token)


def where_to_pay(at_hand: Outside, act: UnitOfWork, token: str) -> str:
    """A fresh page of the gateway's; "" where there is nothing to pay at this moment, or nowhere. The gateway is asked
    with no transaction open."""
    found = _asked(at_hand, act, token)
    if found is None:
        return ""
    gateway, spec, request_id = found
    try:
        return gateway.press(spec)
    except TooManyPages as trouble:
        with act() as (db, desk):
            links.used_up(db, desk, request_id, trouble.sentence)
        return ""
    except (GatewayTrouble, ValueError) as trouble:
        log.warning("no page to pay on", error=type(trouble).__name__)
        return ""


def _asked(at_hand: Outside, act: UnitOfWork, token: str) -> tuple[OpensLate, LinkSpec, int] | None:
    with act() as (db, desk):
        request = payable_request(db, token)
        if request is None:
            return None
        try:
            gateway = at_hand.gateway_of(db, desk, request)
        except GatewayTrouble:
            return None
        instance = at_hand.endpoint(db, request.provider).public_id
        if not isinstance(gateway, OpensLate):
            return None
        return gateway, links.spec_of(db, desk, request, instance), request.id or 0


ROUTES = [Route(PATH, press, methods=["GET"])]
