"""Whether the process lives, and whether it can work. Nothing about anybody."""

import asyncio

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from trova_app import routes
from trova_app.migrate import is_current
from trova_app.wiring import engine


async def live(_request: Request) -> Response:
    return JSONResponse({"live": True}, headers={"cache-control": "no-store"})


def _database_state() -> str:
    """ "ready", "behind" (migrations are missing) or "down"."""
    try:
        return "ready" if is_current(engine()) else "behind"
    except sa.exc.SQLAlchemyError:
        return "down"


async def ready(_request: Request) -> Response:
    database = await asyncio.to_thread(_database_state)
    is_ready = database == "ready"
    return JSONResponse(
        {"ready": is_ready, "database": database},
        status_code=200 if is_ready else 503,
        headers={"cache-control": "no-store"},
    )


ROUTES = [Route(routes.HEALTH_LIVE, live), Route(routes.HEALTH_READY, ready)]
