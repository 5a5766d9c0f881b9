"""Documents as files: for the practice's people by their sign-in, for a payer by the token in their letter."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trova_app.domain.documents import DocumentContent
from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import Refusal
from trova_app.jobs.documents import print_and_keep
from trova_app.outside import outside
from trova_app.services import billing, document_files
from trova_app.services.document_files import DocumentFile
from trova_app.web.cookies import secret_in
from trova_app.wiring import unit_of_work, who_is, writing

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


async def pdf(request: Request) -> Response:
    """The same 404 for a document that is absent, another practice's or not this person's to see."""
    token = request.query_params.get("token", "")
    file = await asyncio.to_thread(_file, request.path_params["document_id"], token, _cookie(request))
    if file is None:
        return Response(status_code=404, headers=HEADERS)
    shown = {"Content-Disposition": f'inline; filename="{_ascii(file.filename)}"'}
    return Response(file.pdf or await writing(_printed, file), media_type="application/pdf", headers=HEADERS | shown)


async def preview(request: Request) -> Response:
    """The document as it would be given out now, from the working copy of a completion form."""
    picture = await asyncio.to_thread(_preview, request.path_params["appointment_id"], _cookie(request))
    if picture is None:
        return Response(status_code=404, headers=HEADERS)
    return Response(picture, media_type="image/png", headers=HEADERS)


def _cookie(request: Request) -> str:
    return secret_in(request.headers.get("cookie", ""))


def _ascii(filename: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in filename)


def _file(document_id: str, token: str, secret: str) -> DocumentFile | None:
    try:
        return _file_for_payer(document_id, token) if token else _file_for_member(document_id, secret)
    except Refusal:
        return None


def _printed(file: DocumentFile) -> bytes:
    return print_and_keep(outside(), unit_of_work, file.id, file.content)


def _file_for_payer(document_id: str, token: str) -> DocumentFile:
    with unit_of_work(writes=False) as (db, desk):
        return document_files.for_payer(db, desk, document_id=document_id, token=token)


def _file_for_member(document_id: str, secret: str) -> DocumentFile | None:
    who = who_is(secret)
    if who is None:
        return None
    with unit_of_work(writes=False) as (db, desk):
        return document_files.for_member(db, desk, who, document_id=document_id)


def _preview(appointment_id: str, secret: str) -> bytes | None:
    who = who_is(secret)
    content = _previewed(who, appointment_id) if who else None
    return outside().print_png(content) if content else None


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _previewed(who: Principal, appointment_id: str) -> DocumentContent | None:
    try:
        with unit_of_work(writes=False) as (db, desk):
            return billing.preview(db, desk, who, appointment_id=_id(appointment_id))
    except Refusal:
        return None


routes = [
    Route("/documents/{document_id}.pdf", pdf, methods=["GET"]),
    Route("/documents/preview/{appointment_id}.png", preview, methods=["GET"]),
]
