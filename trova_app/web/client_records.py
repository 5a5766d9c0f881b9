"""Everything about one client as one file, for those who may take it out: a request somebody makes about themselves."""

import asyncio
import csv
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from trova_app.domain.refusals import Refusal
from trova_app.domain.spreadsheets import inert
from trova_app.jobs.documents import print_and_keep
from trova_app.outside import outside
from trova_app.services import document_files
from trova_app.services.clients.take_out import Records, Row, take_out
from trova_app.web.cookies import secret_in
from trova_app.web.documents import HEADERS
from trova_app.wiring import run_act, unit_of_work, writing

PATH = "/documents/clients/{client_id}.zip"
OUR_OWN = frozenset({"same-origin", "none"})
IN_MEMORY = 8 * 2**20  # beyond it the file is on disk
PIECE = 256 * 1024
ABOUT = """Everything kept about {name}

everything.json   all of it, as a program reads it
tables/           the same for a spreadsheet, one file each
documents/        what was given out, as it was printed

Amounts whose name ends in "minor" are in cents. Times are UTC.
"""


async def client_records(request: Request) -> Response:
    """For our own pages alone: no other site's link brings it about. 404 for a client that is not there, is another
    practice's, or is not this person's to take out."""
    if request.headers.get("sec-fetch-site", "same-origin") not in OUR_OWN:
        return Response(status_code=403, headers=HEADERS)
    secret = secret_in(request.headers.get("cookie", ""))
    records = await writing(_records, secret, request.path_params["client_id"])
    if records is None:
        return Response(status_code=404, headers=HEADERS)
    file = await asyncio.get_running_loop().run_in_executor(_PACKERS, _packed, records)
    shown = {"Content-Disposition": f'attachment; filename="client-{records.client_id}.zip"'}
    return StreamingResponse(_pieces(file), media_type="application/zip", headers=HEADERS | shown)


def _pieces(file: Any) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _records(secret: str, client_id: str) -> Records | None:
    try:
        return run_act(secret, take_out, True, {"client_id": client_id})
    except Refusal:
        return None


_PACKERS = ThreadPoolExecutor(2, thread_name_prefix="packers")
"""A file of hundreds of documents keeps nobody waiting but who asks for another one."""


def _packed(records: Records) -> Any:
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (closed once it was sent)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _write(archive, records)
    file.seek(0)
    return file


def _write(archive: zipfile.ZipFile, records: Records) -> None:
    archive.writestr("README.txt", ABOUT.format(name=records.name))
    archive.writestr("everything.json", json.dumps(records.tables, ensure_ascii=False, indent=1))
    for name, rows in records.tables.items():
        archive.writestr(f"tables/{name}.csv", "\ufeff" + _csv(rows))
    for document_id in records.documents:
        filename, pdf = _pdf(document_id)
        archive.writestr(f"documents/{filename}", pdf)


def _pdf(document_id: int) -> tuple[str, bytes]:
    with unit_of_work(writes=False) as (db, _desk):
        file = document_files.for_worker(db, document_id)
    pdf = file.pdf or print_and_keep(outside(), unit_of_work, file.id, file.content)
    return f"{document_id}-{file.kind}-{re.sub(r'[^A-Za-z0-9.-]', '_', file.filename)}", pdf


def _csv(rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(
        {name: inert(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows
    )
    return text.getvalue()


ROUTES = [Route(PATH, client_records, methods=["GET"])]
"""Mounted beside the other HTTP routes, before the pages."""
