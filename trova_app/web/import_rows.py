"""The rows of an import that have something to look at, as a sheet, for those who may import."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trova_app.domain.refusals import Refusal
from trova_app.services import file_imports
from trova_app.web.cookies import secret_in
from trova_app.web.documents import HEADERS
from trova_app.wiring import run_act

PATH = "/documents/imports/{import_id}.csv"


async def import_rows(request: Request) -> Response:
    """404 for an import that is not there, is another practice's, or is not this person's to see."""
    secret = secret_in(request.headers.get("cookie", ""))
    return await asyncio.to_thread(_rows, secret, request.path_params["import_id"])


def _rows(secret: str, import_id: str) -> Response:
    try:
        page = run_act(secret, file_imports.lines_of, False, {"import_id": import_id})
    except Refusal:
        return Response(status_code=404, headers=HEADERS)
    shown = {"Content-Disposition": 'attachment; filename="rows-to-look-at.csv"'}
    return Response(page, media_type="text/csv; charset=utf-8", headers=HEADERS | shown)


ROUTES = [Route(PATH, import_rows, methods=["GET"])]
"""Mounted beside the other HTTP routes, before the pages."""
