"""Where gateways report: verify, keep, say thank you. What it means for the books follows in the worker."""

import asyncio
from contextlib import suppress

import sqlalchemy as sa
import structlog
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trova_app import wiring
from trova_app.domain.gateways import BadEvent, Gateway, GatewayTrouble
from trova_app.domain.refusals import Refusal
from trova_app.models import WebhookEndpoint
from trova_app.outside import Outside, outside
from trova_app.services import gateway_accounts, provider_events, webhook_endpoints
from trova_app.services.ports import Desk
from trova_app.wiring import unit_of_work, writing

PATH = "/hooks/{provider:str}/{endpoint_id}"
LARGEST_BODY = 1024 * 1024

log = structlog.get_logger()


async def receive(request: Request) -> Response:
    """200 only once the event is committed, so that the gateway sends it again otherwise; 503 while the database is
    away; 400 for what is not the gateway's; 404 where nothing can arrive."""
    raw = await body_of(request, LARGEST_BODY)
    if raw is None:
        return Response(status_code=413)
    headers = dict(request.headers)
    at_hand = await asyncio.to_thread(outside)
    status = await writing(_received, at_hand, request.path_params["endpoint_id"], raw, headers)
    return Response(status_code=status)


async def body_of(request: Request, most: int) -> bytes | None:
    """The raw body, None as soon as it is longer than `most` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


def _received(at_hand: Outside, endpoint_id: str, raw: bytes, headers: dict[str, str]) -> int:
    try:
        return _kept(at_hand, endpoint_id, raw, headers)
    except BadEvent as refusal:
        log.info("event refused", reason=str(refusal))
        _note_refused(endpoint_id)
        return 400
    except sa.exc.SQLAlchemyError as failure:
        log.error("event not kept", error=type(failure).__name__)
        return 503


def _note_refused(endpoint_id: str) -> None:
    """For Settings and `trova doctor`. The write lock is taken once a minute at most, whoever sends whatever."""
    with suppress(sa.exc.SQLAlchemyError):
        with unit_of_work(writes=False) as (db, desk):
            endpoint = webhook_endpoints.endpoint(db, endpoint_id)
            is_news = endpoint is not None and webhook_endpoints.is_refusal_news(endpoint, desk)
        if is_news:
            with unit_of_work() as (db, desk):
                webhook_endpoints.refused(db, desk, endpoint_id)


def _kept(at_hand: Outside, endpoint_id: str, raw: bytes, headers: dict[str, str]) -> int:
    """The write lock is taken only for an event whose signature fits."""
    with unit_of_work(writes=False) as (db, desk):
        endpoint = webhook_endpoints.endpoint(db, endpoint_id)
        way = _way_in(at_hand, db, desk, endpoint) if endpoint else None
        provider, practice_id = (endpoint.provider, endpoint.practice_id) if endpoint else ("", None)
    if way is None:
        return 404
    gateway, secrets = way
    header = headers.get(gateway.signature_header, "")
    event = gateway.parse_event(raw, header, secrets, wiring.clock().now())
    if practice_id is not None and event.account_ref != gateway.account_ref:
        raise BadEvent("about another account")
    facts, points_at = gateway.facts_of(event.body), gateway.must_be_read(event.body)
    with unit_of_work() as (db, desk):
        webhook_endpoints.heard(db, desk, endpoint_id)
        provider_events.receive(
            db,
            desk,
            provider=provider,
            instance=at_hand.endpoint(db, provider).public_id,
            event=event,
            facts=facts,
            through=practice_id,
            points_at=points_at,
        )
    return 200


def _way_in(
    at_hand: Outside, db: Session, desk: Desk, endpoint: WebhookEndpoint
) -> tuple[Gateway, tuple[str, ...]] | None:
    """The gateway that reads this endpoint's events and what may have signed them; None where nothing can arrive."""
    try:
        secrets = at_hand.secrets(desk, endpoint)
        if endpoint.practice_id is None:
            gateway = at_hand.gateway(endpoint.provider)
        else:
            account = gateway_accounts.account_for(db, endpoint.practice_id)
            gateway = at_hand.gateway_through(desk, account) if account else None
    except (GatewayTrouble, Refusal):
        return None
    return (gateway, secrets) if secrets and gateway else None


routes = [Route(PATH, receive, methods=["POST"])]
