"""Where a gateway sends payers back to. This address stands in the gateway's own pages and logs, so it opens nothing:
only in the browser that set out to pay from the invoice's page does it lead there again (`cookies.remember_payer`).

Anybody else reads the same few words, whether there is such a request or not.
"""

import asyncio

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from trova_app import routes
from trova_app.logs import frames
from trova_app.services.pay_page import came_back_to, is_to_be_asked
from trova_app.web.cookies import payer_in
from trova_app.web.plain import PRIVATE, document
from trova_app.wiring import unit_of_work, writing

PATH = f"{routes.PAY}/back/{{request_uuid}}"
WORDS = (
    "<h1>Thank you</h1>"
    '<p role="status">If you have paid, the practice is confirming your payment now. There is nothing more to do.</p>'
    '<p class="quiet">The letter from the practice has the link to your invoice, which shows how it stands.</p>'
)
MOST_LOOKED_FOR = 8
"""At once: nobody waits for it, so nothing else holds a flood back. What is left out, the next look at the account
finds."""
_looking: set[str] = set()

log = structlog.get_logger()


async def back(request: Request) -> Response:
    """Gateways add `?session=...` where the payer went through with it. It is no proof and is not even read."""
    request_uuid, token = str(request.path_params["request_uuid"]), payer_in(request)
    is_done = "session" in request.query_params
    if token:
        address = f"{routes.pay(token)}?session=back" if is_done else routes.pay(token)
        return RedirectResponse(address, status_code=303, headers=PRIVATE)
    answer = document("Payment", WORDS)
    if is_done and request_uuid not in _looking and len(_looking) < MOST_LOOKED_FOR:
        answer.background = BackgroundTask(_have_it_asked, request_uuid)
    return answer


async def _have_it_asked(request_uuid: str) -> None:
    """After the answer, which therefore tells nothing about what is found."""
    _looking.add(request_uuid)
    try:
        if await asyncio.to_thread(_is_to_be_asked, request_uuid):
            await writing(_came_back, request_uuid)
    except Exception as failure:
        log.error("a payer came back and the link could not be looked at", at=frames(failure))
    finally:
        _looking.discard(request_uuid)


def _is_to_be_asked(request_uuid: str) -> bool:
    with unit_of_work(writes=False) as (db, desk):
        return is_to_be_asked(db, desk, request_uuid=request_uuid)


def _came_back(request_uuid: str) -> None:
    with unit_of_work() as (db, desk):
        came_back_to(db, desk, request_uuid=request_uuid)


ROUTES = [Route(PATH, back, methods=["GET"])]
