"""Where gateways report: verify, keep, say thank you. What it means for the books follows in the worker."""

import asyncio

import sqlalchemy as sa
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trova_app import wiring
from trova_app.domain.gateways import BadEvent
from trova_app.outside import Outside, outside
from trova_app.services import provider_events
from trova_app.wiring import unit_of_work

PATH = "/hooks/stripe/{endpoint_id}"
LARGEST_BODY = 1024 * 1024

log = structlog.get_logger()


async def receive(request: Request) -> Response:
    """200 only once the event is committed, so that the gateway sends it again otherwise; 503 while the database is
    away; 400 for what is not the gateway's; 404 where nothing can arrive."""
    raw = await body_of(request, LARGEST_BODY)
    if raw is None:
        return Response(status_code=413)
    header = request.headers.get("stripe-signature", "")
    at_hand = await asyncio.to_thread(outside)
    status = await asyncio.to_thread(_received, at_hand, request.path_params["endpoint_id"], raw, header)
    return Response(status_code=status)


async def body_of(request: Request, most: int) -> bytes | None:
    """The raw body, None as soon as it is longer than `most` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


def _received(at_hand: Outside, endpoint_id: str, raw: bytes, header: str) -> int:
    try:
        return _kept(at_hand, endpoint_id, raw, header)
    except BadEvent as refusal:
        log.info("event refused", reason=str(refusal))
        return 400
    except sa.exc.SQLAlchemyError as failure:
        log.error("event not kept", error=type(failure).__name__)
        return 503


def _kept(at_hand: Outside, endpoint_id: str, raw: bytes, header: str) -> int:
    """The write lock is taken only for an event whose signature fits."""
    with unit_of_work(writes=False) as (db, _desk):
        endpoint = provider_events.endpoint(db, endpoint_id)
        provider, secrets = (endpoint.provider, at_hand.secrets(endpoint)) if endpoint else ("", ())
    if not secrets or provider not in at_hand.gateways:
        return 404
    gateway = at_hand.gateways[provider]
    event = gateway.parse_event(raw, header, secrets, wiring.clock().now())
    facts = gateway.facts_of(event.body)
    with unit_of_work() as (db, desk):
        provider_events.receive(db, desk, provider=provider, instance=endpoint_id, event=event, facts=facts)
    return 200


routes = [Route(PATH, receive, methods=["POST"])]
